/** Which foreign keys refer to a table is known without walking over the catalog, and never out of date. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { TestEnv, hasCode } from '@orbit-ts/base'
import { Catalog } from '../../../catalog/catalog.js'
import { openDatabase, type Database } from '../../../database.js'
import { int4 } from '../schema/column-types.js'
import { table } from '../table.js'
import { openStore } from '../table-database.test.data.js'

const parents = table('parents', { id: int4().primaryKey() })
const children = table('children', {
  id: int4().primaryKey(),
  parent: int4().references('parents', 'id', { onDelete: 'cascade' }),
})
const plain = table('children', { id: int4().primaryKey(), parent: int4() })

const isViolation = (error: unknown): boolean => hasCode(error, 'FOREIGN_KEY_VIOLATION')

async function withTables(
  work: (db: Database, second: Database) => Promise<void>,
  schema = [parents, children],
): Promise<void> {
  await using storage = await openStore()
  const db = await openDatabase({ storage, schema, env: new TestEnv() })
  await db.table(parents).insertMany([1, 2, 3, 4, 5].map((id) => ({ id })))
  // The same seed: what processes draw must not matter.
  await work(db, await openDatabase({ storage, env: new TestEnv() }))
}

/** How often the catalog is walked over while `work` runs. */
async function walks(t: TestContext, work: () => Promise<unknown>): Promise<number> {
  const list = t.mock.method(Catalog.prototype, 'list')
  await work()
  const count = list.mock.callCount()
  list.mock.restore()
  return count
}

test('transactions that delete rows do not each walk over the catalog', (t) =>
  withTables(async (db) => {
    await db.table(children).insert({ id: 1, parent: 3 })
    await db.table(parents).delete(1)
    assert.equal(await walks(t, () => db.table(parents).delete(2)), 0)
    assert.equal(await walks(t, () => db.table(parents).delete(3)), 0)
    assert.equal(await db.table(children).count(), 0)
  }))

test('a foreign key that another process adds or takes away counts from then on', () =>
  withTables(async (db, second) => {
    await db.table(children).insertMany([
      { id: 1, parent: 1 },
      { id: 2, parent: 2 },
    ])
    await db.table(parents).delete(1)
    assert.equal(await db.table(children).count(), 1)
    await second.apply([plain])
    await db.table(parents).delete(2)
    assert.equal(await db.table(children).count(), 1)
    await second.drop('table', 'children')
    await second.create(
      table('strict', { id: int4().primaryKey(), parent: int4().references('parents', 'id') }),
    )
    await second.table('strict').insert({ id: 1, parent: 3 })
    await assert.rejects(db.table(parents).delete(3), isViolation)
  }))

test('a change of the catalog that is rolled back leaves nothing of itself', () =>
  withTables(async (db) => {
    await db.table(parents).delete(1)
    const bad = table('bad', { id: int4().primaryKey(), parent: int4().references('nowhere', 'id') })
    const strict = table('strict', { id: int4().primaryKey(), parent: int4().references('parents', 'id') })
    await assert.rejects(db.apply([strict, bad]), (error) => hasCode(error, 'OBJECT_NOT_FOUND'))
    await db.table(parents).delete(2)
    await db.apply([strict])
    await db.table('strict').insert({ id: 1, parent: 3 })
    await assert.rejects(db.table(parents).delete(3), isViolation)
  }))

test('a transaction goes by the foreign keys of its snapshot, and one that changes them wins over it', () =>
  withTables(
    async (db, second) => {
      const tx = await db.begin()
      assert.equal(await tx.table(parents).count(), 5)
      await second.create(children)
      await second.table(children).insert({ id: 1, parent: 1 })
      // The row was referred to after the snapshot.
      await tx.table(parents).delete(1)
      await assert.rejects(tx.commit(), (error) => hasCode(error, 'TRANSACTION_CONFLICT'))
      await db.table(parents).delete(1)
      assert.equal(await db.table(children).count(), 0)
    },
    [parents],
  ))
