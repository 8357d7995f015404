/**
 * A factory for `runStorageConformance` that empties a store and uses it again, for providers that are slow to open.
 *
 * Invariants:
 * 1. A store goes back to the pool only when it is healthy, holds no key and nothing is open in it; any other one is
 *    disposed of.
 * 2. Only stores on the system's clock are used again: a test that moves time gets a new one.
 */
import { type Env, systemEnv } from '@orbit-ts/base'
import type { StorageProvider, WriteOperation } from '../../provider.js'
import type { ConformanceStore } from './conformance-options.js'

interface PooledStore {
  readonly store: ConformanceStore
  /** What is open now: the store's provider, or what its last `reopen` gave. */
  provider: StorageProvider
}

export class StorePool {
  readonly #open: (env: Env) => Promise<ConformanceStore>
  readonly #idle: PooledStore[] = []

  constructor(open: (env: Env) => Promise<ConformanceStore>) {
    this.#open = open
  }

  /** The factory to pass to `runStorageConformance`. */
  readonly factory = async (env: Env): Promise<ConformanceStore> => {
    const reusable = env === systemEnv
    const pooled = (reusable ? this.#idle.pop() : undefined) ?? (await this.#openNew(env))
    const { reopen } = pooled.store
    return {
      provider: pooled.provider,
      dispose: () => this.#giveBack(pooled, reusable),
      ...(reopen === undefined ? {} : { reopen: async () => (pooled.provider = await reopen()) }),
    }
  }

  /** Disposes of the stores that wait to be used again. Call it when all tests have run. */
  async close(): Promise<void> {
    for (const { store } of this.#idle.splice(0)) await store.dispose()
  }

  async #openNew(env: Env): Promise<PooledStore> {
    const store = await this.#open(env)
    return { store, provider: store.provider }
  }

  async #giveBack(pooled: PooledStore, reusable: boolean): Promise<void> {
    if (reusable && (await emptied(pooled.provider))) this.#idle.push(pooled)
    else await pooled.store.dispose()
  }
}

async function emptied(provider: StorageProvider): Promise<boolean> {
  if ((await provider.health()).status !== 'healthy' || provider.metrics().transactionsActive > 0)
    return false
  const deletes: WriteOperation[] = []
  const tx = await provider.begin()
  for await (const chunk of tx.scan({}, { keysOnly: true })) {
    deletes.push(...chunk.map(({ key }) => ({ type: 'delete', key }) as const))
  }
  await tx.rollback()
  if (deletes.length > 0) await provider.write(deletes)
  return provider.metrics().historyBytes === 0
}
