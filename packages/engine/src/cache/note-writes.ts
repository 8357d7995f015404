import { relationalKeys, type CommitResult, type Transaction } from '@orbit-ts/storage'
import { isCatalogKey } from './is-catalog-key.js'

/** What a transaction has written, so far as cached results depend on it. */
export interface NotedWrites {
  /** Ids in keys of tables. What was undone since by a savepoint is still among them. */
  readonly tables: Set<number>
  /** Definitions or statistics. */
  hasDefinitions: boolean
}

export type CommitRunner = (writes: NotedWrites, commit: () => Promise<CommitResult>) => Promise<CommitResult>

/**
 * The transaction, with its writes noted and its commit run by `runCommit`. It stands before the transaction instead of
 * around it, so that whatever else a provider's transactions can do stays within reach.
 */
export function noteWrites(transaction: Transaction, runCommit: CommitRunner): Transaction {
  const writes: NotedWrites = { tables: new Set(), hasDefinitions: false }
  const note = (key: Uint8Array): void => {
    const table = relationalKeys.tableOf(key)
    if (table !== undefined) writes.tables.add(table)
    else if (isCatalogKey(key)) writes.hasDefinitions = true
  }
  const noting: Pick<Transaction, 'put' | 'insert' | 'delete' | 'commit'> = {
    put: (key, value) => {
      note(key)
      transaction.put(key, value)
    },
    insert: (key, value) => {
      note(key)
      transaction.insert(key, value)
    },
    delete: (key) => {
      note(key)
      transaction.delete(key)
    },
    commit: () => runCommit(writes, () => transaction.commit()),
  }
  const bound = new Map<string | symbol, unknown>(Object.entries(noting))
  return new Proxy(transaction, {
    get: (target, name) => {
      const known = bound.get(name)
      if (known !== undefined) return known
      const member: unknown = Reflect.get(target, name, target)
      if (typeof member !== 'function') return member
      // Its private fields are the transaction's own.
      const method: unknown = member.bind(target)
      bound.set(name, method)
      return method
    },
  })
}
