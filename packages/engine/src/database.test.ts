import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OrbitError, hasCode, type ErrorCode } from '@orbit-ts/base'
import type { StorageProvider } from '@orbit-ts/storage'
import { openDatabase, type Database } from './database.js'
import { collection } from './models/document/collection.js'
import { graph } from './models/graph/graph.js'
import { int4, text } from './models/relational/schema/column-types.js'
import { table } from './models/relational/table.js'
import { openStore } from './models/store.test.data.js'
import { series } from './models/timeseries/series.js'
import { vectors } from './models/vector/vectors.js'

const people = table('people', { id: int4().primaryKey(), name: text().notNull() })
const notes = collection<{ text: string }>('notes', { indexes: [{ path: 'text', unique: true }] })
const social = graph('social', { nodes: { Person: {} }, edges: { KNOWS: { from: 'Person', to: 'Person' } } })
const faces = vectors('faces', { dimension: 2, metric: 'l2' })
const steps = series('steps', { tags: ['person'], fields: { count: 'int' } })
const schema = [people, notes, social, faces, steps]

async function withDatabase(work: (db: Database, storage: StorageProvider) => Promise<void>): Promise<void> {
  await using storage = await openStore()
  await work(await openDatabase({ storage, schema }), storage)
}

function refuses(work: Promise<unknown>, code: ErrorCode, pattern = /./): Promise<void> {
  return assert.rejects(work, (error) => hasCode(error, code) && pattern.test(error.message))
}

/** A record in each of the five models. */
async function writeEverywhere(
  tx: Parameters<Parameters<Database['transaction']>[0]>[0],
  n: number,
): Promise<void> {
  await tx.table(people).insert({ id: n, name: `p${n}` })
  await tx.collection(notes).insert({ id: `n${n}`, text: `text ${n}` })
  await tx.graph(social).addNode({ id: `p${n}`, labels: ['Person'] })
  await tx.vectors(faces).upsert({ id: `f${n}`, vector: [n, n] })
  await tx.series(steps).append({ timestamp: n, tags: { person: 'p' }, fields: { count: n } })
}

async function counts(db: Database): Promise<number[]> {
  return [
    await db.table(people).count(),
    await db.collection(notes).count(),
    await db.graph(social).countNodes(),
    await db.vectors(faces).count(),
    await db.series(steps).count(),
  ]
}

async function keyCount(storage: StorageProvider): Promise<number> {
  await using snapshot = await storage.snapshot()
  let count = 0
  for await (const chunk of snapshot.scan({}, { keysOnly: true })) count += chunk.length
  return count
}

test('one transaction changes all five models, and an error in one takes all of it back', () =>
  withDatabase(async (db, storage) => {
    await db.transaction((tx) => writeEverywhere(tx, 1))
    assert.deepEqual(await counts(db), [1, 1, 1, 1, 1])
    const before = await keyCount(storage)
    await refuses(
      db.transaction(async (tx) => {
        await writeEverywhere(tx, 2)
        await tx.graph(social).addEdge({ type: 'KNOWS', from: 'p2', to: 'nobody' })
      }),
      'DANGLING_EDGE',
      /nobody/,
    )
    assert.deepEqual(await counts(db), [1, 1, 1, 1, 1])
    assert.equal(await keyCount(storage), before)
  }))

test('a savepoint takes back the writes of every model since', () =>
  withDatabase(async (db) => {
    await db.transaction(async (tx) => {
      await writeEverywhere(tx, 1)
      const savepoint = tx.savepoint()
      await writeEverywhere(tx, 2)
      tx.rollbackTo(savepoint)
    })
    assert.deepEqual(await counts(db), [1, 1, 1, 1, 1])
  }))

test('a closure that meets a conflict runs again, and each attempt begins afresh', () =>
  withDatabase(async (db) => {
    await db.table(people).insert({ id: 1, name: 'a' })
    let attempts = 0
    await db.transaction(async (tx) => {
      attempts++
      const row = await tx.table(people).get(1)
      if (attempts === 1) await db.table(people).update(1, { name: 'b' })
      await tx.table(people).update(1, { name: `${row?.name ?? ''}!` })
    })
    assert.equal(attempts, 2)
    assert.deepEqual(await db.table(people).get(1), { id: 1, name: 'b!' })
  }))

test('retries are bounded, and the last conflict names the object and the key', () =>
  withDatabase(async (db) => {
    await db.table(people).insert({ id: 1, name: 'a' })
    let attempts = 0
    const work = db.transaction(
      async (tx) => {
        attempts++
        await tx.table(people).get(1)
        await db.table(people).update(1, { name: String(attempts) })
        await tx.table(people).update(1, { name: 'mine' })
      },
      { attemptsMax: 3 },
    )
    await refuses(work, 'TRANSACTION_CONFLICT', /rel:table:people:row:1: [a-z-]+ with a transaction/)
    assert.equal(attempts, 3)
  }))

test('a race for a unique value ends with the error of the model, not of the storage', () =>
  withDatabase(async (db) => {
    const [one, two] = [await db.begin(), await db.begin()]
    await one.collection(notes).insert({ id: 'a', text: 'same' })
    await two.collection(notes).insert({ id: 'b', text: 'same' })
    const outcomes = await Promise.allSettled([one.commit(), two.commit()])
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['fulfilled', 'rejected'],
    )
    const reason: unknown = outcomes[1]?.status === 'rejected' ? outcomes[1].reason : undefined
    assert.ok(
      reason instanceof OrbitError && ['UNIQUE_VIOLATION', 'TRANSACTION_CONFLICT'].includes(reason.code),
      String(reason),
    )
    assert.equal(await db.collection(notes).count(), 1)
  }))

test('write skew is possible at snapshot isolation and refused at serializable', () =>
  withDatabase(async (db) => {
    const onDuty = async (isolation: 'snapshot' | 'serializable', base: number): Promise<string[]> => {
      await db.table(people).insertMany([
        { id: base, name: 'on' },
        { id: base + 1, name: 'on' },
      ])
      const [one, two] = [await db.begin({ isolation }), await db.begin({ isolation })]
      const where = { id: { gte: base, lte: base + 1 }, name: 'on' }
      assert.equal(await one.table(people).count(where), 2)
      assert.equal(await two.table(people).count(where), 2)
      await one.table(people).update(base, { name: 'off' })
      await two.table(people).update(base + 1, { name: 'off' })
      return (await Promise.allSettled([one.commit(), two.commit()])).map(({ status }) => status)
    }
    assert.deepEqual(await onDuty('snapshot', 10), ['fulfilled', 'fulfilled'])
    assert.deepEqual(await onDuty('serializable', 20), ['fulfilled', 'rejected'])
  }))

test('apply creates, changes and leaves alone', () =>
  withDatabase(async (db) => {
    assert.deepEqual(await db.apply(schema), {
      created: [],
      changed: [],
      unchanged: ['people', 'notes', 'social', 'faces', 'steps'],
    })
    const wider = table('people', { id: int4().primaryKey(), name: text().notNull(), city: text() })
    const cities = table('cities', { name: text().primaryKey() })
    assert.deepEqual(await db.apply([wider, cities]), {
      created: ['cities'],
      changed: ['people'],
      unchanged: [],
    })
    assert.equal((await db.describe('table', 'people')).version, 2)
    assert.deepEqual(
      (await db.objects('table')).map(({ name }) => name),
      ['cities', 'people'],
    )
    assert.equal((await db.objects()).length, 6)
  }))

test('apply changes all of its objects or none', () =>
  withDatabase(async (db) => {
    const cities = table('cities', { name: text().primaryKey() })
    const clashing = table('people', { id: text().primaryKey(), name: text().notNull() })
    await refuses(db.apply([cities, clashing]), 'SCHEMA_MISMATCH', /people/)
    await refuses(db.describe('table', 'cities'), 'OBJECT_NOT_FOUND')
  }))

test('a new index and a row that is written meanwhile do not miss each other', () =>
  withDatabase(async (db) => {
    const indexed = collection<{ text: string }>('notes', {
      indexes: [{ path: 'text', unique: true }, { path: 'size' }],
    })
    const writer = await db.begin()
    await writer.collection(notes).insert({ id: 'early', text: 'x' })
    await db.apply([indexed])
    // The writer knew the old definition, so it must not commit beside the new one.
    await refuses(writer.commit(), 'TRANSACTION_CONFLICT', /notes/)
  }))

test('a definition that changes waits for nobody it need not wait for', () =>
  withDatabase(async (db) => {
    const reader = await db.begin()
    assert.equal(await reader.table(people).count(), 0)
    await db.apply([table('people', { id: int4().primaryKey(), name: text().notNull(), city: text() })])
    assert.equal(await reader.table(people).count(), 0)
    await reader.rollback()
  }))

test('a dropped object and its data are gone, and its name is free for another', () =>
  withDatabase(async (db, storage) => {
    const empty = await keyCount(storage)
    await db.transaction((tx) => writeEverywhere(tx, 1))
    for (const { kind, name } of schema) await db.drop(kind, name)
    await refuses(db.table(people).count(), 'OBJECT_NOT_FOUND', /people/)
    assert.ok((await keyCount(storage)) < empty)
    await db.apply(schema)
    assert.deepEqual(await counts(db), [0, 0, 0, 0, 0])
    assert.equal(await keyCount(storage), empty)
  }))

test('names and kinds that do not exist are answered with the nearest', () =>
  withDatabase(async (db) => {
    await refuses(
      db.table('poeple').count(),
      'OBJECT_NOT_FOUND',
      /table "poeple" does not exist; did you mean "people"/,
    )
    await refuses(db.drop('graph', 'people'), 'OBJECT_NOT_FOUND')
    await refuses(
      db.apply([{ kind: 'tabel' as 'table', name: 'x', input: {} }]),
      'INVALID_ARGUMENT',
      /did you mean "table"/,
    )
    await refuses(db.apply([{ kind: 'table', name: '', input: people.input }]), 'SCHEMA_INVALID')
    await refuses(db.create(people), 'OBJECT_EXISTS')
    await refuses(db.create({ kind: 'table', name: '', input: people.input }), 'SCHEMA_INVALID')
    await refuses(db.create({ kind: 'table', name: 'a\u0000b', input: people.input }), 'SCHEMA_INVALID')
  }))

test('a scan outside a transaction has one of its own for as long as it runs', () =>
  withDatabase(async (db, storage) => {
    await db.table(people).insertMany(Array.from({ length: 600 }, (_, id) => ({ id, name: 'x' })))
    const seen: number[] = []
    for await (const chunk of db.table(people).scan()) {
      if (seen.length === 0) await db.table(people).deleteWhere({})
      seen.push(...chunk.map((row) => row.id))
    }
    assert.equal(seen.length, 600)
    assert.equal(await db.table(people).count(), 0)
    for await (const _ of db.table(people).scan()) break
    assert.equal(storage.metrics().transactionsActive, 0)
  }))

test('what the storage transaction writes beside the models commits with them', () =>
  withDatabase(async (db, storage) => {
    const key = Buffer.from('_beside')
    await db.transaction(async (tx) => {
      await writeEverywhere(tx, 1)
      tx.storage.put(key, Buffer.from('1'))
    })
    await using snapshot = await storage.snapshot()
    assert.equal((await snapshot.get(key))?.byteLength, 1)
  }))

test('an aborted signal stops a transaction and leaves nothing', () =>
  withDatabase(async (db) => {
    const controller = new AbortController()
    await refuses(
      db.transaction(
        async (tx) => {
          await writeEverywhere(tx, 1)
          controller.abort()
        },
        { signal: controller.signal },
      ),
      'ABORTED',
    )
    assert.deepEqual(await counts(db), [0, 0, 0, 0, 0])
  }))
