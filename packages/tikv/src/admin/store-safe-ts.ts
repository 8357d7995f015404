import { EMPTY_BYTES } from '@orbit-ts/base'
import type { ClientCore } from '../core/client-core.js'
import { tikvMethods } from '../rpc/methods.js'
import { MAX_TIMESTAMP, type Timestamp } from '../timestamp.js'
import { callStore, servingStores, type ServingStore } from './store-calls.js'

const FRESH_MS = 2000

/**
 * Up to which timestamp each store's replicas are complete: what stale reads may ask for. Asked for when it is wanted,
 * and at most once in 2 s; concurrent callers share one round.
 *
 * Invariants:
 * 1. What is known of a store never goes back. A store that does not answer keeps what was known of it.
 * 2. The minimum is 0 while nothing is known of some store.
 *
 * Equivalent in client-go: `KVStore.GetMinSafeTS`, `updateSafeTS`.
 */
export class StoreSafeTs {
  readonly #core: ClientCore
  readonly #known = new Map<bigint, Timestamp>()
  #stores: readonly ServingStore[] = []
  #askedAtMs: number | undefined
  #asking: Promise<void> | undefined

  constructor(core: ClientCore) {
    this.#core = core
  }

  /** By store id. @throws `PD_UNAVAILABLE` when the stores cannot be listed. */
  async byStore(): Promise<ReadonlyMap<bigint, Timestamp>> {
    await this.#refresh()
    return new Map(this.#stores.map(({ id }) => [id, this.#known.get(id) ?? 0n]))
  }

  /** The smallest of them; stores that report none have no replicas. 0: no stale read is safe. */
  async minimum(): Promise<Timestamp> {
    await this.#refresh()
    let least = MAX_TIMESTAMP
    for (const { id } of this.#stores) {
      const safeTs = this.#known.get(id)
      if (safeTs === undefined) return 0n
      if (safeTs !== 0n && safeTs < least) least = safeTs
    }
    return least === MAX_TIMESTAMP ? 0n : least
  }

  #refresh(): Promise<void> {
    const ageMs = this.#core.env.clock.monotonicMs() - (this.#askedAtMs ?? Number.NEGATIVE_INFINITY)
    if (ageMs < FRESH_MS) return Promise.resolve()
    this.#asking ??= this.#ask().finally(() => (this.#asking = undefined))
    return this.#asking
  }

  async #ask(): Promise<void> {
    const { closing, env } = this.#core
    const startedMs = env.clock.monotonicMs()
    this.#stores = await servingStores(this.#core, closing)
    await Promise.all(this.#stores.map((store) => this.#askStore(store)))
    this.#askedAtMs = startedMs
  }

  async #askStore(store: ServingStore): Promise<void> {
    const { config, closing, logger } = this.#core
    try {
      const keyRange = { startKey: EMPTY_BYTES, endKey: EMPTY_BYTES }
      const options = { timeoutMs: config.requestTimeout, signal: closing }
      const { safeTs } = await callStore(this.#core, store, tikvMethods.getStoreSafeTS, { keyRange }, options)
      const known = this.#known.get(store.id)
      // The largest number is that of a store without regions.
      if (safeTs !== MAX_TIMESTAMP && (known === undefined || safeTs > known))
        this.#known.set(store.id, safeTs)
      if (safeTs === MAX_TIMESTAMP && known === undefined) this.#known.set(store.id, 0n)
    } catch (error) {
      logger.debug({ err: error, store: String(store.id) }, 'a store did not tell its safe timestamp')
    }
  }
}
