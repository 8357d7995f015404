/** Searches that may use what is kept in memory, compared with the same ones that read everything from the store. */
import assert from 'node:assert/strict'
import { noteWrites } from '../../../cache/note-writes.js'
import { Catalog } from '../../../catalog/catalog.js'
import type { Database } from '../../../database.js'
import { TransactionContext, type DatabaseTransaction } from '../../../txn/database-transaction.js'
import { VectorSession } from '../vector-session.js'
import type { VectorHit } from '../vector-records.js'
import type { VectorSearch } from '../vector-queries.js'

/** The same collection in the same transaction, for which nothing is kept: nobody knows its transaction. */
export function unkept(db: Database, tx: DatabaseTransaction, name: string): VectorSession {
  const storage = noteWrites(tx.storage, (_, commit) => commit())
  return new VectorSession(new TransactionContext(storage, new Catalog(), db.env), name)
}

/** Every search gives, in this transaction, what it gives without anything kept. Returns what the last one gave. */
export async function checkSearches(
  db: Database,
  tx: DatabaseTransaction,
  name: string,
  searches: readonly VectorSearch[],
): Promise<VectorHit[]> {
  let last: VectorHit[] = []
  for (const search of searches) {
    last = await tx.vectors(name).search(search)
    assert.deepEqual(last, await unkept(db, tx, name).search(search))
  }
  return last
}
