import { OrbitError, type Env } from '@orbit-ts/base'
import type { TiKVConfig } from '../config/tikv-config.js'
import type { HealthFeedback } from '../gen/kvrpcpb.js'
import type { Telemetry } from '../telemetry/telemetry.js'
import type { BatchEntry } from './batch/batch-entry.js'
import { BatchQueue } from './batch/batch-queue.js'
import type { BatchStream } from './batch/batch-stream.js'
import type { KvMethod } from './method.js'
import { statusName, statusOf } from './rpc-error.js'
import { StoreConnection, forwardMetadata } from './store-connection.js'
import type { StoreCallOptions, StoreConnections } from './store-rpc.js'
import type { CallOptions, Transport } from './transport.js'

export type StorePoolConfig = Pick<
  TiKVConfig,
  'grpcConnectionCount' | 'batchSizeMax' | 'batchWait' | 'batchOverloadThreshold' | 'storeConcurrencyMax'
>

export interface StorePoolOptions {
  readonly env: Env
  readonly address: string
  readonly transport: Transport
  readonly config: StorePoolConfig
  readonly telemetry: Pick<Telemetry, 'rpcSeconds' | 'rpcErrors' | 'batchSize'>
  readonly onHealthFeedback: (feedback: HealthFeedback) => void
}

/** A connection with this much unsent takes no more while it lasts. */
const UNSENT_MAX_BYTES = 256 * 1024 * 1024

/**
 * The connections to one store, and the calls to it.
 *
 * Invariants:
 * 1. Calls sent or queued are at most `storeConcurrencyMax`; one more is refused with `SERVER_BUSY`.
 * 2. Each batch and each unary call goes to the next connection in turn, past those that have just failed; when all have,
 *    it fails at once with the last failure.
 */
export class StorePool {
  /** Monotonic. */
  readonly openedMs: number
  readonly #options: StorePoolOptions
  readonly #connections: readonly StoreConnection[]
  readonly #queue: BatchQueue
  #calls = 0
  #next = 0
  #lastId = 0
  #lastUsedMs: number

  constructor(options: StorePoolOptions) {
    this.#options = options
    const { env, address, transport, config, telemetry, onHealthFeedback } = options
    this.openedMs = env.clock.monotonicMs()
    this.#lastUsedMs = this.openedMs
    const nextId = (): number => ++this.#lastId
    this.#connections = Array.from({ length: config.grpcConnectionCount }, (_, index) => {
      const channel = transport.open(address)
      return new StoreConnection({ env, channel, index, nextId, onHealthFeedback })
    })
    this.#queue = new BatchQueue({
      env,
      address,
      // Of 0, nothing new is queued.
      batchSizeMax: () => Math.max(1, config.batchSizeMax),
      waitMs: () => config.batchWait,
      overloadThreshold: () => config.batchOverloadThreshold,
      pick: (forwardTo) => this.#pick(forwardTo).stream(forwardTo),
      streams: () => this.#streams(),
      onQueued: () => (this.#calls += 1),
      onBatch: (size) => telemetry.batchSize.observe(size),
      onSettled: (entry, error) => this.#onSettled(entry, error),
    })
  }

  /** Calls sent or queued. */
  get calls(): number {
    return this.#calls
  }

  get connections(): readonly StoreConnection[] {
    return this.#connections
  }

  /** How long nobody has used it; 0 while a call is under way. */
  idleMs(): number {
    return this.#calls > 0 ? 0 : this.#options.env.clock.monotonicMs() - this.#lastUsedMs
  }

  call<Request, Response>(
    method: KvMethod<Request, Response>,
    request: Request,
    options: StoreCallOptions,
  ): Promise<Response> {
    const { batchSizeMax } = this.#options.config
    try {
      this.#admit()
      const { batchCase } = method
      if (batchCase === undefined || options.batch === false || batchSizeMax === 0) {
        return this.#unary(method, request, options)
      }
      return this.#queue.call(method, batchCase, request, options)
    } catch (error) {
      return Promise.reject(OrbitError.from(error))
    }
  }

  async *stream<Request, Response>(
    method: KvMethod<Request, Response>,
    request: Request,
    options: StoreCallOptions,
  ): AsyncGenerator<Response, void, undefined> {
    this.#admit()
    const connection = this.#begin(options)
    const startedMs = this.#options.env.clock.monotonicMs()
    let failure: Error | undefined
    try {
      yield* connection.channel.serverStream(method, request, callOptions(options))
    } catch (error) {
      failure = error as Error
      throw error
    } finally {
      connection.unaryCalls -= 1
      this.#finish(method.name, startedMs, failure)
    }
  }

  describe(): StoreConnections {
    return {
      address: this.#options.address,
      connections: this.#connections.map((connection) => ({
        state: connection.channel.state,
        pendingCalls: connection.pendingCalls,
        bufferedBytes: connection.bufferedBytes,
      })),
      queued: this.#queue.size,
    }
  }

  close(error: Error): void {
    this.#queue.close(error)
    for (const connection of this.#connections) connection.close(error)
  }

  #admit(): void {
    const { address, config } = this.#options
    const { storeConcurrencyMax } = config
    if (this.#calls < storeConcurrencyMax) return
    throw new OrbitError(
      'SERVER_BUSY',
      `${storeConcurrencyMax} calls to ${address} are under way; call less at once or raise storeConcurrencyMax`,
      { address, limit: storeConcurrencyMax },
    )
  }

  async #unary<Request, Response>(
    method: KvMethod<Request, Response>,
    request: Request,
    options: StoreCallOptions,
  ): Promise<Response> {
    const connection = this.#begin(options)
    const startedMs = this.#options.env.clock.monotonicMs()
    let failure: Error | undefined
    try {
      return await connection.channel.unary(method, request, callOptions(options))
    } catch (error) {
      failure = error as Error
      throw error
    } finally {
      connection.unaryCalls -= 1
      this.#finish(method.name, startedMs, failure)
    }
  }

  #begin(options: StoreCallOptions): StoreConnection {
    const connection = this.#pick(options.forwardTo)
    connection.unaryCalls += 1
    this.#calls += 1
    return connection
  }

  #pick(forwardTo: string | undefined): StoreConnection {
    const connections = this.#connections
    let best: StoreConnection | undefined
    let least = 3
    for (let i = 0; i < connections.length && least > 0; i++) {
      const connection = connections[(this.#next + i) % connections.length]
      if (connection === undefined || connection.bufferedBytes > UNSENT_MAX_BYTES) continue
      const badness = connection.badness(forwardTo)
      if (badness >= least) continue
      best = connection
      least = badness
    }
    this.#next = (this.#next + 1) % connections.length
    if (best !== undefined) return best
    const { address } = this.#options
    throw new OrbitError('SERVER_BUSY', `${address} does not take what is sent to it as fast as it comes`, {
      address,
      limit: UNSENT_MAX_BYTES,
    })
  }

  *#streams(): Iterable<BatchStream> {
    for (const connection of this.#connections) yield* connection.streams
  }

  #onSettled(entry: BatchEntry, error: Error | undefined): void {
    this.#finish(entry.call.method.name, entry.call.deadlineMs - entry.call.timeoutMs, error)
  }

  #finish(method: string, startedMs: number, error: Error | undefined): void {
    const { env, telemetry, address } = this.#options
    const nowMs = env.clock.monotonicMs()
    this.#calls -= 1
    this.#lastUsedMs = nowMs
    telemetry.rpcSeconds.observe((nowMs - startedMs) / 1000, { method, store: address })
    if (error !== undefined) telemetry.rpcErrors.add(1, { method, status: errorLabel(error) })
  }
}

function callOptions(options: StoreCallOptions): CallOptions {
  const { timeoutMs, signal, forwardTo } = options
  return { timeoutMs, signal, metadata: forwardMetadata(forwardTo) }
}

function errorLabel(error: Error): string {
  const status = statusOf(error)
  if (status !== undefined) return statusName(status)
  return error instanceof OrbitError ? error.code : 'INTERNAL'
}
