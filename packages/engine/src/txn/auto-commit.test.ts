import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestEnv } from '@orbit-ts/base'
import { LocalTransactions, openMemoryEngine } from '@orbit-ts/storage'
import { openDatabase } from '../database.js'
import { CollectionSession } from '../models/document/collection-session.js'
import { collection } from '../models/document/collection.js'
import { GraphSession } from '../models/graph/graph-session.js'
import { TableSession } from '../models/relational/table-session.js'
import { SeriesSession } from '../models/timeseries/series-session.js'
import { VectorSession } from '../models/vector/vector-session.js'

const notes = collection('notes', {})

for (const session of [TableSession, CollectionSession, GraphSession, VectorSession, SeriesSession]) {
  test(`${session.name}: what is an asynchronous iterable is named so, and nothing else is`, () => {
    const methods = Object.entries(Object.getOwnPropertyDescriptors(session.prototype))
    for (const [name, { value }] of methods) {
      const isGenerator = Object.prototype.toString.call(value) === '[object AsyncGeneratorFunction]'
      assert.equal(/^(scan|traverse)/.test(name), isGenerator, name)
    }
  })
}

test('methods that others look for are not there: a session can be awaited, printed and compared', async () => {
  await using db = await openDatabase({ storage: { kind: 'memory' }, schema: [notes] })
  const session = db.collection(notes)
  assert.equal(await Promise.resolve(session), session)
  assert.equal(JSON.stringify({ session }), '{"session":{}}')
  for (const name of ['then', 'toJSON', 'inspect', 'constructor']) {
    assert.equal(Reflect.get(session, name), undefined)
  }
})

test('a scan lasts as long as its reader does, beyond the life of a transaction', async () => {
  const env = new TestEnv()
  await using storage = await LocalTransactions.open(await openMemoryEngine({}, { env }), {
    env,
    transactionTimeoutMs: 1000,
  })
  const db = await openDatabase({ storage, schema: [notes], env })
  const ids = Array.from({ length: 600 }, (_, index) => `note ${String(index).padStart(3, '0')}`)
  await db.collection(notes).insertMany(ids.map((id) => ({ id })))
  const seen: unknown[] = []
  for await (const chunk of db.collection(notes).scan({})) {
    seen.push(...chunk.map(({ id }) => id))
    await env.advance(5000)
  }
  assert.deepEqual(seen, ids)
  assert.equal(storage.metrics().transactionsActive, 0)
})
