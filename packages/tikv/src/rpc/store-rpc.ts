import type { KvMethod } from './method.js'

/**
 * Calls to TiKV servers by address: pools connections, batches requests, and nothing of regions.
 *
 * Errors: those of the transport; `SERVER_BUSY` when too many calls to the store are under way; `CLIENT_CLOSED` after
 * `close`. An answer with a region error or a key error is an answer.
 */
export interface StoreRpc {
  call<Request, Response>(
    address: string,
    method: KvMethod<Request, Response>,
    request: Request,
    options: StoreCallOptions,
  ): Promise<Response>
  stream<Request, Response>(
    address: string,
    method: KvMethod<Request, Response>,
    request: Request,
    options: StoreCallOptions,
  ): AsyncIterable<Response>
  /** Whether the server says of itself that it serves (gRPC health); concurrent probes of one address share a call. */
  probe(address: string, timeoutMs: number): Promise<Liveness>
  /**
   * Drops the connections to an address: pending calls fail, the next call dials (and resolves the name) anew.
   * `usedAtMs` (monotonic): not those that were opened later, so that of many calls that fail together only the first
   * drops them.
   */
  closeAddress(address: string, usedAtMs?: number): void
  /** Connections, pending calls and queue lengths, for diagnostics. */
  describe(): readonly StoreConnections[]
  close(): Promise<void>
}

export type Liveness = 'reachable' | 'unreachable' | 'unknown'

export interface StoreCallOptions {
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
  /** The server that the one called passes the request on to (`tikv-forwarded-host`). */
  readonly forwardTo?: string | undefined
  /** False sends a call of its own although the method could be batched. Default true. */
  readonly batch?: boolean | undefined
}

export interface StoreConnections {
  readonly address: string
  readonly connections: readonly {
    readonly state: string
    readonly pendingCalls: number
    readonly bufferedBytes: number
  }[]
  readonly queued: number
}

/**
 * Sees every call to a store: may change the request, time it, answer it or fail it. Outermost first.
 * Given to the client (all calls) or to one transaction or snapshot (its calls).
 */
export type Interceptor = (call: InterceptedCall, next: () => Promise<unknown>) => Promise<unknown>

/** What an interceptor sees of a call. */
export interface InterceptedCall {
  readonly address: string
  readonly method: string
  readonly request: unknown
  readonly forwardTo: string | undefined
  readonly timeoutMs: number
}
