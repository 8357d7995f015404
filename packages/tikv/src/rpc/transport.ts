import type { Method } from './method.js'

/**
 * How messages reach a server: over HTTP/2 sockets, or by a call inside the process.
 *
 * Invariants, for every implementation:
 * 1. A failed call rejects with an `OrbitError` `RPC_FAILED`, `RPC_TIMEOUT`, `RPC_TLS`, `ABORTED`, after `close` also
 *    `CLIENT_CLOSED`; the details of the first two hold `status` (the number of a gRPC status) and `address`. A request that
 *    cannot be encoded is `INVALID_ARGUMENT`, one that is too large `LIMIT_EXCEEDED`.
 * 2. A call never outlives its timeout, nor a stream its connection.
 * 3. After `close()` every pending call has been rejected and no socket, timer or listener is left.
 */
export interface Transport {
  /** A connection to one server. Nothing is sent before the first call; a broken one reconnects by itself. */
  open(address: string): Channel
  close(): Promise<void>
}

export type ChannelState = 'idle' | 'connecting' | 'ready' | 'failed' | 'closed'

export interface Channel {
  readonly address: string
  readonly state: ChannelState
  unary<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    options: CallOptions,
  ): Promise<Response>
  /** Many answers to one request. Leaving the loop cancels the call. */
  serverStream<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    options: CallOptions,
  ): AsyncIterable<Response>
  /** Opens a stream of messages both ways. Failures, that of connecting included, arrive at `handlers.onEnd`. */
  duplex<Request, Response>(
    method: Method<Request, Response>,
    handlers: DuplexHandlers<Response>,
    options: StreamOptions,
  ): Duplex<Request>
  /** Pending calls fail with `error` (default: `RPC_FAILED`, `UNAVAILABLE`), later ones with `CLIENT_CLOSED`. */
  close(error?: Error): void
}

export type Metadata = Readonly<Record<string, string>>

export interface CallOptions {
  /** From now; sent to the server as `grpc-timeout`. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
  readonly metadata?: Metadata | undefined
}

export interface StreamOptions {
  readonly metadata?: Metadata | undefined
}

/** Callbacks, not an async iterator: a busy stream must not pay a promise for each message. */
export interface DuplexHandlers<Response> {
  onMessage(response: Response): void
  /** Called once. Without an error the server ended the stream in order. No message follows. */
  onEnd(error: Error | undefined): void
}

export interface Duplex<Request> {
  /** Queues the message; those of one turn of the event loop leave in one write. False when the stream has ended. */
  send(request: Request): boolean
  /** Bytes handed over that the peer has not taken yet. */
  readonly bufferedBytes: number
  /** No more requests will be sent. */
  end(): void
  /** Ends both directions at once; `onEnd` is called with `ABORTED`. */
  cancel(): void
}
