import { relationalKeys } from '@orbit-ts/storage'
import { storageId } from '../../../../models/relational/schema/table-definition.js'
import type { TransactionContext } from '../../../../txn/database-transaction.js'
import { loadCatalog } from '../../catalog/load-catalog.js'

/** Takes all rows away from tables, whose ids are forgotten where they are gone. */
export async function emptyTables(context: TransactionContext, ids: Set<number>): Promise<void> {
  const { tables } = await loadCatalog(context)
  const { storage } = context
  for (const id of ids) {
    const table = tables.find((each) => each.id === id)
    if (table === undefined) {
      ids.delete(id)
      continue
    }
    const keys: Uint8Array[] = []
    const data = relationalKeys.table(storageId(id, table.definition))
    for await (const chunk of storage.scan(data, { keysOnly: true }))
      for (const { key } of chunk) keys.push(key)
    for (const key of keys) storage.delete(key)
  }
}
