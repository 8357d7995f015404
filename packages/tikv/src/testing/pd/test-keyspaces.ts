import type { Env } from '@orbit-ts/base'
import { KeyspaceState, type KeyspaceMeta } from '../../gen/keyspacepb.js'

/** Keyspaces of the test cluster; `DEFAULT` is always there and has id 0. */
export class TestKeyspaces {
  readonly #env: Env
  readonly #byName = new Map<string, KeyspaceMeta>()

  constructor(env: Env, names: readonly string[] = []) {
    this.#env = env
    this.create('DEFAULT')
    for (const name of names) this.create(name)
  }

  create(name: string, state: KeyspaceState = KeyspaceState.ENABLED): KeyspaceMeta {
    const nowSeconds = BigInt(Math.floor(this.#env.clock.nowMs() / 1000))
    const keyspace: KeyspaceMeta = {
      id: this.#byName.size,
      name,
      state,
      createdAt: nowSeconds,
      stateChangedAt: nowSeconds,
      config: new Map(),
      keyspaceIdentity: undefined,
    }
    this.#byName.set(name, keyspace)
    return keyspace
  }

  find(name: string): KeyspaceMeta | undefined {
    return this.#byName.get(name)
  }

  /** In the order of their ids; a limit of 0 gives all. */
  from(startId: number, limit: number): KeyspaceMeta[] {
    const all = [...this.#byName.values()].filter(({ id }) => (id ?? 0) >= startId)
    return limit === 0 ? all : all.slice(0, limit)
  }

  setState(id: number, state: KeyspaceState): KeyspaceMeta | undefined {
    const found = [...this.#byName.values()].find((keyspace) => keyspace.id === id)
    if (found === undefined) return undefined
    const changed = { ...found, state }
    this.#byName.set(found.name, changed)
    return changed
  }
}
