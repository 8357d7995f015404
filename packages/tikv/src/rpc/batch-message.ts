import type { HealthFeedback } from '../gen/kvrpcpb.js'
import type { BatchCommandsRequest_Request, BatchCommandsResponse_Response } from '../gen/tikvpb.js'

type RequestCommand = NonNullable<BatchCommandsRequest_Request['cmd']>
type ResponseCommand = NonNullable<BatchCommandsResponse_Response['cmd']>

/** The name of a command inside a `BatchCommands` message; the same for its request and its response. */
export type BatchCase = RequestCommand['$case']

export type BatchedRequest<Case extends BatchCase> = Extract<RequestCommand, { $case: Case }>['value']
export type BatchedResponse<Case extends BatchCase> = Extract<ResponseCommand, { $case: Case }>['value']

/** Chosen by the client for each command of a stream. A `bigint` only when it is no safe integer. */
export type BatchId = number | bigint

/**
 * One command of a batch. Its message stays encoded: whoever sends it has the bytes from the method's `encodeRequest`
 * (so that what cannot be encoded fails alone), whoever receives it decodes them once, with the method it belongs to.
 */
export interface BatchItem {
  readonly id: BatchId
  /** Undefined for a command that this version does not know, and for an item without a command. */
  readonly batchCase: BatchCase | undefined
  readonly payload: Uint8Array
}

/** `tikvpb.BatchCommandsRequest`. */
export interface BatchRequest {
  readonly items: readonly BatchItem[]
  /** Unix time in nanoseconds; 0 when not given. */
  readonly clientSendTimeNs: bigint
}

/** `tikvpb.BatchCommandsResponse`: the answers to some of the commands that the stream was sent, in any order. */
export interface BatchResponse {
  readonly items: readonly BatchItem[]
  /** The use of the server's network threads in per cent of one CPU. */
  readonly transportLayerLoad: bigint
  readonly healthFeedback: HealthFeedback | undefined
  /** Unix time in nanoseconds; 0 when not given. */
  readonly serverSendTimeNs: bigint
}
