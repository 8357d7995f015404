/** What the tests of tables have in common: databases, and the audit of all that a table has stored. */
import assert from 'node:assert/strict'
import { TestEnv, toBinaryString, toHex } from '@orbit-ts/base'
import { relationalKeys } from '@orbit-ts/storage'
import { openDatabase, type Database, type ObjectSchema } from '../../database.js'
import { TableLayout, type TableRow } from './layout/table-layout.js'
import { rowDecoder } from './read/table-reader.js'
import type { TableDefinition } from './schema/table-definition.js'
import { openStore } from '../store.test.data.js'

export { openStore, refuses } from '../store.test.data.js'

export async function withDatabase(
  schema: readonly ObjectSchema[],
  work: (db: Database) => Promise<void>,
): Promise<void> {
  const storage = await openStore()
  try {
    // Clock and randomness of the data are those of the test.
    await work(await openDatabase({ storage, schema, env: new TestEnv() }))
  } finally {
    await storage.close()
  }
}

export async function layoutOf(db: Database, name: string): Promise<TableLayout> {
  const object = await db.describe('table', name)
  return TableLayout.of({ ...object, definition: object.definition as TableDefinition })
}

/** Everything that is stored of a table, as sorted lines of hexadecimal keys and values. */
export async function dump(db: Database, name: string): Promise<string[]> {
  const { id } = await layoutOf(db, name)
  const lines: string[] = []
  await using snapshot = await db.storage.snapshot()
  for await (const chunk of snapshot.scan(relationalKeys.table(id))) {
    for (const { key, value } of chunk) lines.push(`${toHex(key)} ${toHex(value)}`)
  }
  return lines
}

/** Asserts that each index has exactly the entries of the stored rows, and that nothing else is stored. */
export async function audit(db: Database, name: string): Promise<readonly TableRow[]> {
  const table = await layoutOf(db, name)
  const decode = rowDecoder(table)
  const rows: TableRow[] = []
  const stored = new Map<string, string>()
  await using snapshot = await db.storage.snapshot()
  for await (const chunk of snapshot.scan(relationalKeys.table(table.id))) {
    for (const { key, value } of chunk) stored.set(toBinaryString(key), toHex(value))
  }
  for await (const chunk of snapshot.scan(relationalKeys.rows(table.id))) {
    for (const { key, value } of chunk) rows.push(decode(relationalKeys.rowHandle(key), value, key))
  }
  const expected = new Set(rows.map(({ handle }) => toBinaryString(table.rowKey(handle))))
  for (const row of rows) {
    for (const index of table.indexes) {
      const entry = index.entry(row)
      if (entry === undefined) continue
      assert.equal(
        stored.get(toBinaryString(entry.key)),
        toHex(entry.value),
        `index ${index.name} has the entry of the row`,
      )
      expected.add(toBinaryString(entry.key))
    }
  }
  assert.equal(stored.size, expected.size, 'nothing is stored but rows and their entries')
  return rows
}
