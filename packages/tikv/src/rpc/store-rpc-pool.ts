import { silentLogger, type Env, type Logger, type Timer } from '@orbit-ts/base'
import type { TiKVConfig } from '../config/tikv-config.js'
import { HealthCheckResponse_ServingStatus as ServingStatus } from '../gen/health.js'
import type { HealthFeedback } from '../gen/kvrpcpb.js'
import type { Telemetry } from '../telemetry/telemetry.js'
import { GrpcStatus } from './grpc-status.js'
import type { KvMethod } from './method.js'
import { healthMethods } from './methods.js'
import { ResolveLockCollapse } from './resolve-lock-collapse.js'
import { closedError, rpcError, statusOf } from './rpc-error.js'
import { StorePool, type StorePoolConfig } from './store-pool.js'
import type { Interceptor, Liveness, StoreCallOptions, StoreConnections, StoreRpc } from './store-rpc.js'
import type { Transport } from './transport.js'

export type PooledStoreRpcConfig = StorePoolConfig & Pick<TiKVConfig, 'idleTimeout'>

export interface PooledStoreRpcOptions {
  readonly env: Env
  /** Used, not closed. */
  readonly transport: Transport
  readonly config: PooledStoreRpcConfig
  readonly telemetry: Pick<
    Telemetry,
    'rpcSeconds' | 'rpcErrors' | 'batchSize' | 'connections' | 'pendingCalls'
  >
  readonly logger?: Logger | undefined
  /** Around every call (not around streams), outermost first. */
  readonly interceptors?: readonly Interceptor[] | undefined
  /** What a store says of its own health, in passing. */
  readonly onHealthFeedback?: ((address: string, feedback: HealthFeedback) => void) | undefined
}

/**
 * The calls of a client to its stores.
 *
 * Invariants:
 * 1. There is one pool per address, made at the first call and closed after `idleTimeout` without one.
 * 2. After `close` every pending call has failed with `CLIENT_CLOSED`, and so does every later one.
 */
export class PooledStoreRpc implements StoreRpc {
  readonly #options: PooledStoreRpcOptions
  readonly #logger: Logger
  readonly #pools = new Map<string, StorePool>()
  readonly #probes = new Map<string, Promise<Liveness>>()
  readonly #collapse: ResolveLockCollapse
  readonly #endMetrics: readonly (() => void)[]
  #idleTimer: Timer | undefined
  #closed = false

  constructor(options: PooledStoreRpcOptions) {
    this.#options = options
    this.#logger = options.logger ?? silentLogger
    this.#collapse = new ResolveLockCollapse(options.env)
    const { connections, pendingCalls } = options.telemetry
    this.#endMetrics = [
      connections.collect(() => this.#connectionSamples()),
      pendingCalls.collect(() =>
        Array.from(this.#pools, ([store, pool]) => ({ value: pool.calls, labels: { store } })),
      ),
    ]
  }

  call<Request, Response>(
    address: string,
    method: KvMethod<Request, Response>,
    request: Request,
    options: StoreCallOptions,
  ): Promise<Response> {
    const { interceptors = [] } = this.#options
    if (interceptors.length === 0) return this.#send(address, method, request, options)
    const { forwardTo, timeoutMs } = options
    const call = { address, method: method.name, request, forwardTo, timeoutMs }
    const run = (index: number): Promise<unknown> => {
      const interceptor = interceptors[index]
      if (interceptor === undefined) return this.#send(address, method, request, options)
      return interceptor(call, () => run(index + 1))
    }
    return run(0) as Promise<Response>
  }

  async *stream<Request, Response>(
    address: string,
    method: KvMethod<Request, Response>,
    request: Request,
    options: StoreCallOptions,
  ): AsyncGenerator<Response, void, undefined> {
    yield* this.#pool(address).stream(method, request, options)
  }

  probe(address: string, timeoutMs: number): Promise<Liveness> {
    let probe = this.#probes.get(address)
    if (probe === undefined) {
      probe = this.#probe(address, timeoutMs).finally(() => this.#probes.delete(address))
      this.#probes.set(address, probe)
    }
    return probe
  }

  closeAddress(address: string, usedAtMs = Infinity): void {
    const pool = this.#pools.get(address)
    if (pool === undefined || pool.openedMs > usedAtMs) return
    this.#pools.delete(address)
    pool.close(
      rpcError(GrpcStatus.UNAVAILABLE, 'the connections to this address were closed by the client', address),
    )
  }

  describe(): readonly StoreConnections[] {
    return Array.from(this.#pools.values(), (pool) => pool.describe())
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#idleTimer?.cancel()
    for (const end of this.#endMetrics) end()
    const pools = [...this.#pools.values()]
    this.#pools.clear()
    for (const pool of pools) pool.close(closedError('the client'))
    await Promise.all(this.#probes.values())
  }

  #send<Request, Response>(
    address: string,
    method: KvMethod<Request, Response>,
    request: Request,
    options: StoreCallOptions,
  ): Promise<Response> {
    if (this.#closed) return Promise.reject(closedError('the client'))
    const key = this.#collapse.key(address, method.path, request, options)
    if (key === undefined) return this.#pool(address).call(method, request, options)
    return this.#collapse.join(key, { method: method.name, address, options }, () =>
      this.#pool(address).call(method, request, { ...options, signal: undefined }),
    )
  }

  #pool(address: string): StorePool {
    const known = this.#pools.get(address)
    if (known !== undefined) return known
    if (this.#closed) throw closedError('the client')
    const { onHealthFeedback } = this.#options
    const pool = new StorePool({
      ...this.#options,
      address,
      onHealthFeedback: (feedback) => onHealthFeedback?.(address, feedback),
    })
    this.#pools.set(address, pool)
    this.#watchIdle()
    return pool
  }

  async #probe(address: string, timeoutMs: number): Promise<Liveness> {
    // A connection of its own: one of the pool may be the very thing that is broken, or waiting out a failure.
    const channel = this.#options.transport.open(address)
    try {
      const { status } = await channel.unary(healthMethods.check, { service: '' }, { timeoutMs })
      if (status === ServingStatus.SERVING) return 'reachable'
      return status === ServingStatus.NOT_SERVING ? 'unreachable' : 'unknown'
    } catch (error) {
      this.#logger.debug({ address, err: error }, 'the health probe of a store failed')
      // It answers, though not this question.
      return statusOf(error) === GrpcStatus.UNIMPLEMENTED ? 'unknown' : 'unreachable'
    } finally {
      channel.close()
    }
  }

  #watchIdle(): void {
    if (this.#idleTimer !== undefined) return
    const { env, config } = this.#options
    const { idleTimeout } = config
    this.#idleTimer = env.timers.set(() => {
      this.#idleTimer = undefined
      for (const [address, pool] of this.#pools) if (pool.idleMs() >= idleTimeout) this.closeAddress(address)
      if (this.#pools.size > 0) this.#watchIdle()
    }, idleTimeout / 2)
  }

  #connectionSamples(): { value: number; labels: { store: string; state: string } }[] {
    return [...this.#pools].flatMap(([store, pool]) => {
      const states = new Map<string, number>()
      for (const { channel } of pool.connections) {
        states.set(channel.state, (states.get(channel.state) ?? 0) + 1)
      }
      return Array.from(states, ([state, value]) => ({ value, labels: { store, state } }))
    })
  }
}
