import { sharedAbort } from '../retry/shared-abort.js'
import { OrbitError, type Env, type Logger } from '@orbit-ts/base'
import type { TiKVConfig } from '../config/tikv-config.js'
import type { HealthFeedback } from '../gen/kvrpcpb.js'
import { StoreState as PdStoreState, type Store as StoreMeta } from '../gen/metapb.js'
import type { PdClient } from '../pd/pd-client.js'
import { abortable } from '../retry/abortable.js'
import { BackoffKinds } from '../retry/backoff-kind.js'
import type { Backoffer } from '../retry/backoffer.js'
import { tikvMethods } from '../rpc/methods.js'
import type { Liveness, StoreRpc } from '../rpc/store-rpc.js'
import type { Telemetry } from '../telemetry/telemetry.js'
import { BackgroundLoop } from './background-loop.js'
import { isRetriablePdError } from './pd-errors.js'
import { refusalOfOlder, type StoreVersion } from './store-version.js'
import { Store } from './store.js'

export interface StoreCacheOptions {
  readonly env: Env
  readonly logger: Logger
  readonly config: Pick<TiKVConfig, 'storeLivenessTimeout' | 'storesRefreshInterval'>
  readonly telemetry: Telemetry
  readonly pd: PdClient
  readonly rpc: StoreRpc
  /** Older stores are refused. Default: none is. */
  readonly minimumStoreVersion?: StoreVersion | undefined
}

/** How often the list of stores is asked for, to learn of new ones before a region is on them. */
const LIST_INTERVAL_MS = 10_000
const PROBE_INTERVAL_MS = 1000
/** How often a store that stays unreachable, and that no server names a leader, has its address asked for. */
const PROBE_RESOLVE_INTERVAL_MS = 30_000

/**
 * The stores of the cluster: addresses, labels, reachability.
 *
 * Invariants:
 * 1. One `Store` object per id, for the life of the cache.
 * 2. An address is asked of PD once at a time per store, and never on the path of a request that knows one.
 * 3. A store that a call could not reach is probed; while it does not answer, one loop per store probes it each second.
 * 4. When an address changes, the connections to the old one are closed and the new one is probed at once.
 * 5. A store that is too old is listed and watched, but not called; once PD tells of a newer version it is.
 * 6. After `close` no timer is left and PD is not asked any more.
 */
export class StoreCache {
  readonly #options: StoreCacheOptions
  readonly #stores = new Map<bigint, Store>()
  readonly #resolving = new Map<bigint, Promise<void>>()
  readonly #probing = new Map<bigint, BackgroundLoop>()
  /** Named the leader of a region while they cannot be reached. */
  readonly #namedLeaders = new Set<bigint>()
  readonly #closing = sharedAbort()
  readonly #loops: readonly BackgroundLoop[]
  readonly #resolveLoop: BackgroundLoop
  #checkAll = true
  #invalidations = 0

  constructor(options: StoreCacheOptions) {
    // Every call that fails at once has its store probed.
    this.#options = options
    const { env, config } = options
    const quarterMs = Math.max(1, config.storesRefreshInterval / 4)
    this.#resolveLoop = new BackgroundLoop({ env, intervalMs: quarterMs, run: () => this.#resolveMany() })
    this.#loops = [
      this.#resolveLoop,
      new BackgroundLoop({ env, intervalMs: quarterMs, run: () => this.#tickHealth() }),
      new BackgroundLoop({ env, intervalMs: LIST_INTERVAL_MS, run: () => this.#refreshList() }),
    ]
  }

  /** Starts what runs in the background. */
  start(): void {
    for (const loop of this.#loops) loop.start()
  }

  get(id: bigint): Store {
    let store = this.#stores.get(id)
    if (store === undefined) {
      store = new Store(id)
      this.#stores.set(id, store)
    }
    return store
  }

  /** How often a store's regions were given up all at once. */
  get invalidations(): number {
    return this.#invalidations
  }

  all(): IterableIterator<Store> {
    return this.#stores.values()
  }

  /** Returns when the address is known, or the store is known to be removed. */
  async resolve(backoffer: Backoffer, store: Store): Promise<void> {
    while (store.state === 'unresolved') {
      try {
        await abortable(this.resolveOnce(store), backoffer.signal)
      } catch (error) {
        if (!isRetriablePdError(error, backoffer.signal)) throw error
        await backoffer.backoff(BackoffKinds.pdRpc, OrbitError.from(error))
      }
    }
  }

  /** One question to PD, shared by all who ask it at the same time. */
  resolveOnce(store: Store): Promise<void> {
    let flight = this.#resolving.get(store.id)
    if (flight === undefined) {
      flight = this.#fetch(store).finally(() => this.#resolving.delete(store.id))
      this.#resolving.set(store.id, flight)
    }
    return flight
  }

  /** Has the address asked for again soon; it is used until then. */
  markNeedCheck(store: Store): void {
    if (store.state !== 'resolved') return
    store.state = 'needCheck'
    this.#checkAll = false
    this.#resolveLoop.trigger()
  }

  /** A call to the store failed: all regions loaded at `epoch` stop using it, at once. */
  invalidate(store: Store, epoch: number): void {
    if (store.epoch !== epoch) return
    store.epoch += 1
    store.health.markSlow()
    this.#invalidations += 1
    this.#options.logger.info(
      { store: store.label, address: store.address },
      'the regions of a store that does not answer are asked for again when they are used',
    )
    this.markNeedCheck(store)
  }

  /** Whether the store serves. When it does not, it is probed in the background until it does. */
  async checkLiveness(store: Store, signal: AbortSignal | undefined): Promise<Liveness> {
    const liveness = await abortable(this.#probe(store), signal)
    if (liveness !== 'reachable' && store.liveness === 'reachable') {
      store.liveness = liveness
      this.#startProbing(store)
    }
    return liveness
  }

  /** Another server says that this store leads, though it cannot be reached: it may have moved, and is looked for. */
  onNamedLeader(store: Store): void {
    if (this.#probing.has(store.id)) this.#namedLeaders.add(store.id)
  }

  onHealthFeedback(feedback: HealthFeedback): void {
    this.#stores
      .get(feedback.storeId)
      ?.health.report(feedback.slowScore, this.#options.env.clock.monotonicMs())
  }

  /** Every store that is not removed, as PD says now. */
  async list(signal?: AbortSignal): Promise<readonly Store[]> {
    const metas = await this.#options.pd.getAllStores({ signal: signal ?? this.#closing.signal })
    const stores: Store[] = []
    for (const meta of metas) {
      if (meta.state === PdStoreState.Tombstone || meta.address === '') continue
      const store = this.get(meta.id)
      this.#apply(store, meta)
      stores.push(store)
    }
    return stores
  }

  async close(): Promise<void> {
    this.#closing.abort(new OrbitError('CLIENT_CLOSED', 'the client was closed'))
    await Promise.all([...this.#loops, ...this.#probing.values()].map((loop) => loop.close()))
  }

  async #fetch(store: Store): Promise<void> {
    if (this.#closing.signal.aborted) throw new OrbitError('CLIENT_CLOSED', 'the client was closed')
    const meta = await this.#options.pd.getStore(store.id, { signal: this.#closing.signal })
    if (meta === undefined || meta.state === PdStoreState.Tombstone) {
      if (store.state !== 'unresolved') store.epoch += 1
      store.state = 'tombstone'
    } else if (meta.address === '') {
      throw new OrbitError('PD_REFUSED', `PD has no address for store ${store.label}`, { store: store.label })
    } else {
      this.#apply(store, meta)
    }
  }

  #apply(store: Store, meta: StoreMeta): void {
    const before = store.address
    store.update(meta)
    this.#applyVersion(store, meta)
    if (before === '' || before === store.address) return
    this.#options.logger.info({ store: store.label, before, now: store.address }, 'a store has moved')
    this.#options.rpc.closeAddress(before)
    this.#probing.get(store.id)?.trigger()
  }

  #applyVersion(store: Store, meta: StoreMeta): void {
    const refused = store.refusal !== undefined
    store.refusal = refusalOfOlder(meta, this.#options.minimumStoreVersion)
    if (store.refusal !== undefined && !refused)
      this.#options.logger.error({ store: store.label, err: store.refusal }, 'a store is too old to be used')
  }

  /** The stores in doubt after a trigger, all of them otherwise. */
  async #resolveMany(): Promise<void> {
    const everyone = this.#checkAll
    this.#checkAll = true
    for (const store of this.#stores.values()) {
      const due = everyone
        ? store.state === 'resolved' || store.state === 'needCheck'
        : store.state === 'needCheck'
      if (due) await this.#tryResolve(store)
    }
  }

  async #tryResolve(store: Store): Promise<void> {
    try {
      await this.resolveOnce(store)
    } catch (error) {
      if (!this.#closing.signal.aborted)
        this.#options.logger.warn({ store: store.label, err: error }, 'PD did not tell about a store')
    }
  }

  async #refreshList(): Promise<void> {
    try {
      await this.list()
    } catch (error) {
      if (!this.#closing.signal.aborted)
        this.#options.logger.warn({ err: error }, 'PD did not list the stores')
    }
  }

  async #probe(store: Store): Promise<Liveness> {
    const timeoutMs = this.#options.config.storeLivenessTimeout
    if (timeoutMs === 0) return 'unreachable'
    if (store.address === '' || store.state === 'tombstone') return 'unknown'
    try {
      return await abortable(this.#options.rpc.probe(store.address, timeoutMs), this.#closing.signal)
    } catch {
      return 'unreachable'
    }
  }

  #startProbing(store: Store): void {
    if (this.#closing.signal.aborted || this.#probing.has(store.id)) return
    const { env } = this.#options
    let resolvedAtMs = env.clock.monotonicMs()
    const loop = new BackgroundLoop({
      env,
      intervalMs: PROBE_INTERVAL_MS,
      run: async () => {
        const isNamed = this.#namedLeaders.delete(store.id)
        if (isNamed || env.clock.monotonicMs() - resolvedAtMs >= PROBE_RESOLVE_INTERVAL_MS) {
          resolvedAtMs = env.clock.monotonicMs()
          await this.#tryResolve(store)
        }
        if (store.state !== 'tombstone') store.liveness = await this.#probe(store)
        const ended = store.state === 'tombstone' || store.liveness === 'reachable'
        if (ended) this.#probing.delete(store.id)
        return ended
      },
    })
    this.#probing.set(store.id, loop.start())
  }

  async #tickHealth(): Promise<void> {
    for (const store of this.#stores.values()) {
      store.health.recover()
      if (store.health.needsReport(this.#options.env.clock.monotonicMs())) await this.#pullHealth(store)
      store.health.decay(this.#options.env.clock.monotonicMs())
      this.#options.telemetry.healthFeedback.set(store.health.reportedScore, { store: store.label })
    }
  }

  async #pullHealth(store: Store): Promise<void> {
    if (store.liveness !== 'reachable' || store.address === '') return
    try {
      const { healthFeedback } = await this.#options.rpc.call(
        store.address,
        tikvMethods.getHealthFeedback,
        { context: undefined },
        { timeoutMs: this.#options.config.storeLivenessTimeout, signal: this.#closing.signal },
      )
      if (healthFeedback !== undefined) this.onHealthFeedback(healthFeedback)
    } catch (error) {
      this.#options.logger.debug({ store: store.label, err: error }, 'a store did not report its health')
    }
  }
}
