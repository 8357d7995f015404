import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDatabase } from '../database.js'
import { collection } from '../models/document/collection.js'
import { int4 } from '../models/relational/schema/column-types.js'
import { table } from '../models/relational/table.js'
import { SqlEngine } from '../lang/sql/session/sql-engine.js'
import { run } from '../lang/sql/session/test-session.test.data.js'

test('transactions that write to objects of more than one kind are counted once they have committed', async () => {
  const [rows, documents] = [table('rows', { id: int4().primaryKey() }), collection('documents')]
  await using db = await openDatabase({ storage: { kind: 'memory' }, schema: [rows, documents] })
  await db.table(rows).insert({ id: 1 })
  await db.transaction(async (tx) => {
    await tx.table(rows).insert({ id: 2 })
    await tx.collection(documents).insert({ a: 1 })
  })
  await assert.rejects(
    db.transaction(async (tx) => {
      await tx.collection(documents).insert({ a: 2 })
      await tx.table(rows).insert({ id: 2 })
    }),
    { code: 'RECORD_EXISTS' },
  )
  await db.transaction(async (tx) => {
    await tx.table(rows).insert({ id: 3 })
    await tx.collection(documents).find({})
  })
  await using session = await (await SqlEngine.open(db)).openSession()
  await run(session, 'insert into rows values (4); create table more (id int); insert into more values (1)')
  assert.equal(db.crossModelTransactions, 1)
})
