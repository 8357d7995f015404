/** Stores in memory that managers are opened on, one after another or several at once. */
import { fromUtf8, OrbitError, TestEnv, utf8 } from '@orbit-ts/base'
import { entriesOf, openMemoryStore } from '../distributed/distributed-stores.test.suite.js'
import { FaultyStore } from '../distributed/faulty-provider.fake.js'
import { actorKeys } from '../keys/actor-keys.js'
import type { Transaction } from '../provider.js'
import { StorageManager, type StorageManagerConfig, type StoreRegistry } from './storage-manager.js'
import type { StoredObject } from './stored-object.js'

export const CART = { kind: 'actor', type: 'Cart', key: '7' } as const satisfies StoredObject

export const slot = (name: string): Uint8Array => actorKeys.state(CART, name)

export class ManagedStores implements AsyncDisposable {
  readonly env: TestEnv
  readonly stores: Readonly<Record<string, FaultyStore>>
  readonly #managers: StorageManager[] = []

  private constructor(env: TestEnv, stores: Readonly<Record<string, FaultyStore>>) {
    this.env = env
    this.stores = stores
  }

  /** `main`, with the assignments, `local` and `cluster`. */
  static async open(env = new TestEnv()): Promise<ManagedStores> {
    const stores: Record<string, FaultyStore> = {}
    for (const name of ['main', 'local', 'cluster']) {
      stores[name] = new FaultyStore(await openMemoryStore(env), env)
    }
    return new ManagedStores(env, stores)
  }

  /** @param slow that every transaction of this manager waits for before it begins, in any store */
  async manager(
    config: StorageManagerConfig = {},
    slow: () => Promise<void> = () => Promise.resolve(),
  ): Promise<StorageManager> {
    const manager = await StorageManager.open(this.#registry(slow), {
      strategy: { kind: 'Default', store: 'local' },
      env: this.env,
      recoveryIntervalMs: 0,
      resumeMigrations: false,
      ...config,
    })
    this.#managers.push(manager)
    return manager
  }

  store(name: string): FaultyStore {
    const store = this.stores[name]
    if (store === undefined) throw new OrbitError('INVALID_ARGUMENT', `no store ${name}`)
    return store
  }

  /** What a store holds of the object under test, as `slot=value`. */
  async stateIn(name: string): Promise<string[]> {
    await using tx = await this.store(name).provider.begin()
    const found: string[] = []
    for await (const chunk of tx.scan(actorKeys.states(CART.type, CART.key))) {
      found.push(...chunk.map(({ key, value }) => `${slotOf(key)}=${fromUtf8(value)}`))
    }
    return found
  }

  /** Keys of the manager that only belong to migrations under way. */
  async leftovers(): Promise<string[]> {
    const found: string[] = []
    for (const [name, { provider }] of Object.entries(this.stores)) {
      await using tx = await provider.begin()
      for (const entry of await entriesOf(tx)) {
        if (/^_manager\.[dm]\./.test(entry) || /^_distributed\.[^i]\./.test(entry))
          found.push(`${name}/${entry}`)
      }
    }
    return found
  }

  #registry(slow: () => Promise<void>): StoreRegistry {
    return {
      names: Object.keys(this.stores),
      get: (name) => {
        const store = new FaultyStore(this.store(name).provider, this.env)
        store.beforeBegin = slow
        return store.provider
      },
      nameFor: () => 'main',
      health: () => Promise.resolve({}),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const manager of this.#managers) await manager.close()
    for (const { provider } of Object.values(this.stores)) await provider.close()
  }
}

function slotOf(key: Uint8Array): string {
  return fromUtf8(key.subarray(actorKeys.state(CART, '').byteLength))
}

export async function numberIn(tx: Transaction, name: string): Promise<number> {
  const value = await tx.get(slot(name))
  return value === undefined ? 0 : Number(fromUtf8(value))
}

/** Adds one to a slot of the cart. */
export async function count(manager: StorageManager, name: string): Promise<void> {
  await manager.transact(
    async (tx) => {
      const cart = await tx.on(CART)
      cart.put(slot(name), utf8(String((await numberIn(cart, name)) + 1)))
    },
    { attemptsMax: 100 },
  )
}

export async function read(manager: StorageManager): Promise<string[]> {
  return manager.transact(async (tx) => {
    const found: string[] = []
    for await (const chunk of (await tx.on(CART)).scan({})) {
      found.push(...chunk.map(({ key, value }) => `${slotOf(key)}=${fromUtf8(value)}`))
    }
    return found
  })
}
