/** Foreign keys and indexes that are still being built. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestEnv, hasCode } from '@orbit-ts/base'
import { openDatabase, type Database } from '../../../database.js'
import { int4, text } from '../schema/column-types.js'
import { table } from '../table.js'
import { audit, openStore, refuses } from '../table-database.test.data.js'

const parents = table('parents', { id: int4().primaryKey(), code: text() })
const uniqueParents = table('parents', { id: int4().primaryKey(), code: text().unique() })
const children = table('children', { id: int4().primaryKey(), parent: int4() })
const referring = (onDelete: 'cascade' | 'restrict' | 'no action'): typeof children =>
  table('children', { id: int4().primaryKey(), parent: int4().references('parents', 'id', { onDelete }) })

async function withRows(work: (db: Database) => Promise<void>): Promise<void> {
  await using storage = await openStore()
  const db = await openDatabase({
    storage,
    schema: [parents, children],
    env: new TestEnv(),
    stepRecordsMax: 5,
  })
  const ids = Array.from({ length: 20 }, (_, id) => id)
  await db.table(parents).insertMany(ids.map((id) => ({ id, code: `c${id}` })))
  await db.table(children).insertMany(ids.slice(0, 12).map((id) => ({ id, parent: id % 6 })))
  await work(db)
}

for (const onDelete of ['cascade', 'restrict', 'no action'] as const) {
  test(`a foreign key (${onDelete}) holds while the index over its columns is built`, () =>
    withRows(async (db) => {
      await db.apply([referring(onDelete)], { wait: false })
      const check = async (id: number): Promise<void> => {
        if (onDelete === 'cascade') {
          assert.equal(await db.table(parents).delete(id), true)
          assert.equal(await db.table(children).count({ parent: id }), 0)
        } else {
          await refuses(db.table(parents).delete(id), 'FOREIGN_KEY_VIOLATION', /is still referred to/)
        }
      }
      await check(1)
      await db.resume()
      await check(2)
      await audit(db, 'children')
      assert.equal(await db.table(parents).delete(10), true)
    }))
}

test('a foreign key waits for the unique index that it refers to', () =>
  withRows(async (db) => {
    await db.apply([uniqueParents], { wait: false })
    const byCode = table('notes', { id: int4().primaryKey(), code: text().references('parents', 'code') })
    await refuses(db.create(byCode), 'SCHEMA_INVALID', /unique index "parents_code_key" is still being built/)
    await db.resume()
    await db.create(byCode)
    await refuses(
      db.table('notes').insert({ id: 1, code: 'none' }),
      'FOREIGN_KEY_VIOLATION',
      /is not in table "parents"/,
    )
    await db.table('notes').insert({ id: 1, code: 'c3' })
    assert.equal(
      await db
        .table(parents)
        .delete(3)
        .catch((error: unknown) => hasCode(error, 'FOREIGN_KEY_VIOLATION')),
      true,
    )
  }))
