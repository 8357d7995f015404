import type { BatchCase } from './batch-message.js'

/** How many messages travel each way. */
export type MethodKind = 'unary' | 'serverStream' | 'duplex'

/**
 * One gRPC method: its path and how its messages become bytes and back.
 * `decode…` may keep views into the bytes they are given: whoever reuses a buffer must copy it first.
 */
export interface Method<Request, Response> {
  /** For example `/tikvpb.Tikv/KvGet`. */
  readonly path: string
  readonly kind: MethodKind
  /** The last part of the path, as metrics and errors name it. */
  readonly name: string
  encodeRequest(request: Request): Uint8Array
  decodeRequest(bytes: Uint8Array): Request
  encodeResponse(response: Response): Uint8Array
  decodeResponse(bytes: Uint8Array): Response
}

/**
 * A method of the TiKV service. When `batchCase` is set, the request may travel inside a `BatchCommands` message,
 * under that case of its `cmd` oneof (the same name for request and response).
 */
export interface KvMethod<Request, Response> extends Method<Request, Response> {
  readonly batchCase: BatchCase | undefined
  /** Whether the method changes data: a lost answer then leaves its outcome unknown. */
  readonly writes: boolean
}
