import type { Method } from './method.js'
import type { Metadata } from './transport.js'

/**
 * The serving side of a transport: what a server (the test cluster's PD and stores) registers.
 * A handler refuses a call by throwing {@link RpcRefusal}; any other error becomes `INTERNAL`.
 */
export interface Service {
  readonly handlers: ReadonlyMap<string, Handler>
}

export interface CallContext {
  readonly metadata: Metadata
  /** Aborted when the caller gave up or the connection broke. */
  readonly signal: AbortSignal
  /** Who calls: a socket's address, or `in-process`. */
  readonly peer: string
}

export type Handler =
  | {
      readonly kind: 'unary'
      readonly method: Method<unknown, unknown>
      readonly handle: (request: unknown, context: CallContext) => Promise<unknown>
    }
  | {
      readonly kind: 'serverStream'
      readonly method: Method<unknown, unknown>
      readonly handle: (request: unknown, context: CallContext) => AsyncIterable<unknown>
    }
  | {
      readonly kind: 'duplex'
      readonly method: Method<unknown, unknown>
      /** Called when the stream opens; gives the receiver of its messages. */
      readonly handle: (responses: ServerDuplex<unknown>, context: CallContext) => ServerReceiver<unknown>
    }

export interface ServerDuplex<Response> {
  send(response: Response): void
  /** Ends the stream; with a refusal, with its status. */
  end(refusal?: RpcRefusal): void
  /** Breaks the stream as a lost connection does: the caller sees `UNAVAILABLE`. */
  destroy(): void
}

export interface ServerReceiver<Request> {
  onMessage(request: Request): void
  /** The caller ended its direction, or the stream broke. */
  onEnd(): void
}

/** Ends a call with a gRPC status. */
export class RpcRefusal extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.name = 'RpcRefusal'
    this.status = status
  }
}
