import { OrbitError } from '@orbit-ts/base'
import { plainBytes } from '../codec/plain-bytes.js'
import type { BatchCase, BatchedRequest, BatchedResponse } from './batch-message.js'
import type { KvMethod, Method, MethodKind } from './method.js'

/** How one message becomes bytes and back. */
export interface MessageCodec<T> {
  readonly encode: (message: T) => Uint8Array
  /** May keep views into `bytes`. */
  readonly decode: (bytes: Uint8Array) => T
}

/** What the generator writes for every message. */
interface GeneratedMessage<T> {
  encode(message: T): { finish(): Uint8Array }
  decode(bytes: Uint8Array): T
}

function generated<T>(message: GeneratedMessage<T>): MessageCodec<T> {
  return {
    encode: (value) => message.encode(value).finish(),
    decode: (bytes) => message.decode(plainBytes(bytes)),
  }
}

export type Codecs<Request, Response> = readonly [MessageCodec<Request>, MessageCodec<Response>]

export const codecs = <Request, Response>(
  request: GeneratedMessage<Request>,
  response: GeneratedMessage<Response>,
): Codecs<Request, Response> => [generated(request), generated(response)]

/** As {@link codecs}, with the client's half, which is hot, written by hand. */
export const hotCodecs = <Request, Response>(
  request: GeneratedMessage<Request>,
  encodeRequest: (request: Request) => Uint8Array,
  response: GeneratedMessage<Response>,
  decodeResponse: (bytes: Uint8Array) => Response,
): Codecs<Request, Response> => [
  { ...generated(request), encode: encodeRequest },
  { ...generated(response), decode: decodeResponse },
]

/** Decoders throw `PROTOCOL_VIOLATION` for bytes that are no such message. */
export function method<Request, Response>(
  path: string,
  kind: MethodKind,
  [request, response]: Codecs<Request, Response>,
): Method<Request, Response> {
  return {
    path,
    kind,
    name: path.slice(path.lastIndexOf('/') + 1),
    encodeRequest: request.encode,
    decodeRequest: (bytes) => decodeOf(path, request, bytes),
    encodeResponse: response.encode,
    decodeResponse: (bytes) => decodeOf(path, response, bytes),
  }
}

function decodeOf<T>(path: string, message: MessageCodec<T>, bytes: Uint8Array): T {
  try {
    return message.decode(bytes)
  } catch (cause) {
    const reason = cause instanceof OrbitError ? cause.reason : String(cause)
    throw new OrbitError(
      'PROTOCOL_VIOLATION',
      `a message of ${path} cannot be read: ${reason}`,
      { path },
      { cause },
    )
  }
}

export interface KvMethodOptions {
  readonly kind?: MethodKind
  /** Whether it changes data. */
  readonly writes?: boolean
}

/** A method of the TiKV service that cannot travel in a batch. */
export function kvMethod<Request, Response>(
  name: string,
  messages: Codecs<Request, Response>,
  { kind = 'unary', writes = false }: KvMethodOptions = {},
): KvMethod<Request, Response> {
  return { ...method(`/tikvpb.Tikv/${name}`, kind, messages), batchCase: undefined, writes }
}

/** A unary method of the TiKV service that may travel in a batch, under `batchCase`. */
export function batchedMethod<Case extends BatchCase>(
  name: string,
  batchCase: Case,
  messages: Codecs<BatchedRequest<Case>, BatchedResponse<Case>>,
  { writes = false }: { readonly writes?: boolean } = {},
): KvMethod<BatchedRequest<Case>, BatchedResponse<Case>> {
  return { ...method(`/tikvpb.Tikv/${name}`, 'unary', messages), batchCase, writes }
}
