/** A store that can be out of reach, or fail in the middle of a commit. */
import { OrbitError } from '@orbit-ts/base'
import type { StorageProvider, Transaction } from '../provider.js'
import { transact } from '../transaction/transact.js'
import type { Env } from '@orbit-ts/base'

/** `lost-before`: the commit is not there, `lost-after`: it is; either way the caller is not told. */
export type CommitFault = 'lost-before' | 'lost-after'

export class FaultyStore {
  readonly provider: StorageProvider
  isOut = false
  /** Every transaction waits for it before it begins. */
  beforeBegin: () => Promise<void> = () => Promise.resolve()
  /** For the next commits that write something, in order. */
  readonly commitFaults: (CommitFault | undefined)[] = []

  constructor(inner: StorageProvider, env: Env) {
    const requireReachable = (): void => {
      if (this.isOut) throw new OrbitError('STORAGE_UNAVAILABLE', 'the store is out of reach')
    }
    const overrides: Partial<StorageProvider> = {
      begin: async (options) => {
        requireReachable()
        await this.beforeBegin()
        return this.#faulty(await inner.begin(options), requireReachable)
      },
      snapshot: async (options) => {
        requireReachable()
        return inner.snapshot(options)
      },
      transact: (work, options = {}) =>
        transact(env, async (begun) => this.provider.begin(begun), work, options),
    }
    this.provider = withOverrides(inner, overrides)
  }

  #faulty(tx: Transaction, requireReachable: () => void): Transaction {
    let lost: OrbitError | undefined
    return withOverrides(tx, {
      get: async (key) => {
        requireReachable()
        return tx.get(key)
      },
      commit: async () => {
        if (this.isOut) await tx.rollback()
        requireReachable()
        const fault = this.commitFaults.shift()
        if (fault === undefined) return tx.commit()
        if (fault === 'lost-after') await tx.commit()
        else await tx.rollback()
        lost = new OrbitError('COMMIT_UNDETERMINED', 'the connection broke')
        throw lost
      },
      get status(): Transaction['status'] {
        return lost === undefined ? tx.status : 'undetermined'
      },
    })
  }
}

function withOverrides<T extends object>(target: T, overrides: Partial<T>): T {
  return new Proxy(target, {
    get(_, name) {
      const from: object = name in overrides ? overrides : target
      const value: unknown = Reflect.get(from, name, from)
      return typeof value === 'function' ? (value.bind(from) as unknown) : value
    },
  })
}
