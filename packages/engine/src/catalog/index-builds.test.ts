import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestEnv, hasCode } from '@orbit-ts/base'
import { internalKeys, type StorageProvider } from '@orbit-ts/storage'
import fc from 'fast-check'
import { openDatabase, type Database } from '../database.js'
import type { Model } from '../models/model.js'
import { MODELS } from '../models/models.js'
import { TransactionContext } from '../txn/database-transaction.js'
import { Catalog } from './catalog.js'
import type { CatalogObject, ObjectKind } from './catalog-object.js'
import { buildStep, type StepResult } from './index-builds.js'
import type { Indexed } from './index-status.js'
import {
  INDEXED_OBJECTS,
  openSmall,
  type IndexKind,
  type IndexedObject,
} from './indexed-objects.test.data.js'

const RECORDS = 95
/** Enough for ten records, not for the entries of all. */
const SIZE_MAX = 6000

interface Bench {
  readonly storage: StorageProvider
  readonly db: Database
  /** Another process on the same store. */
  reopen(index?: IndexKind): Promise<Database>
  unready(): Promise<Indexed['unready']>
}

async function withRecords(
  object: IndexedObject,
  values: readonly string[],
  work: (bench: Bench) => Promise<void>,
): Promise<void> {
  await using storage = await openSmall(SIZE_MAX)
  const reopen = (index?: IndexKind): Promise<Database> =>
    openDatabase({
      storage,
      env: new TestEnv(),
      stepRecordsMax: 10,
      ...(index === undefined ? {} : { schema: [object.schema(index)] }),
    })
  const db = await reopen('none')
  await object.prepare?.(db)
  for (let from = 0; from < values.length; from += 10) {
    const records = values.slice(from, from + 10).map((v, i) => ({ n: from + i, v }))
    await db.transaction((tx) => object.insert(tx, records))
  }
  const unready = async (): Promise<Indexed['unready']> => {
    const [only] = await db.objects()
    return (only?.definition as Indexed).unready
  }
  await work({ storage, db, reopen, unready })
}

const distinct = Array.from({ length: RECORDS }, (_, n) => `v${n}`)
const noteKey = async (db: Database): Promise<Uint8Array> => {
  const [only] = await db.objects()
  return internalKeys.fact(`build/${only?.id}`)
}

async function buildOneStep(db: Database): Promise<StepResult> {
  await using storage = await db.storage.begin()
  const [only] = await db.objects()
  const context = new TransactionContext(storage, new Catalog(), db.env)
  const modelOf = (kind: ObjectKind): Model<never, Indexed> => {
    const model: Model<never, unknown> = MODELS[kind]
    return model as Model<never, Indexed>
  }
  const result = await buildStep(context, modelOf, only?.id ?? 0, 10)
  await storage.commit()
  return result
}

/** Where the entries of the one index are. */
async function firstEntries(db: Database): Promise<{ start: Uint8Array; end: Uint8Array }> {
  const [only] = await db.objects()
  assert(only !== undefined)
  const model: Model<never, unknown> = MODELS[only.kind]
  const { builds } = model as Model<never, Indexed>
  const range = builds?.entries(only as CatalogObject<Indexed>, 1)
  assert(range?.start !== undefined && range.end !== undefined)
  return { start: range.start, end: range.end }
}

for (const object of INDEXED_OBJECTS) {
  for (const kind of ['plain', 'unique'] as const) {
    test(`${object.title}: a ${kind} index over more than a transaction takes is built in steps`, () =>
      withRecords(object, distinct, async ({ storage, db, unready }) => {
        const before = storage.metrics().transactionsCommitted
        assert.deepEqual((await db.apply([object.schema(kind)])).changed, ['records'])
        assert.ok(storage.metrics().transactionsCommitted - before >= RECORDS / 10)
        assert.equal(await unready(), undefined)
        assert.deepEqual(await object.find(db, 'v42'), { found: [42], usesIndex: true })
        await object.audit(db)
      }))
  }

  test(`${object.title}: an index over few records is built at once`, () =>
    withRecords(object, distinct.slice(0, 5), async ({ db, unready }) => {
      await db.apply([object.schema('unique')], { wait: false })
      assert.equal(await unready(), undefined)
      assert.deepEqual(await object.find(db, 'v4'), { found: [4], usesIndex: true })
      await object.audit(db)
    }))

  test(`${object.title}: while an index is built writers keep it, and queries do without it`, () =>
    withRecords(object, distinct, async ({ db, unready }) => {
      await db.apply([object.schema('plain')], { wait: false })
      assert.deepEqual(await unready(), { 1: { state: 'building' } })
      assert.deepEqual(await object.find(db, 'v42'), { found: [42], usesIndex: false })
      await db.transaction(async (tx) => {
        await object.insert(tx, [{ n: 200, v: 'new' }])
        await object.update(tx, 1, 'changed')
        await object.remove(tx, 2)
      })
      await db.resume()
      assert.equal(await unready(), undefined)
      assert.deepEqual(await object.find(db, 'new'), { found: [200], usesIndex: true })
      assert.deepEqual(await object.find(db, 'changed'), { found: [1], usesIndex: true })
      assert.deepEqual(await object.find(db, 'v2'), { found: [], usesIndex: true })
      await object.audit(db)
    }))

  test(`${object.title}: a build that was cut off goes on where it was, in the next process`, () =>
    withRecords(object, distinct, async ({ storage, db, reopen, unready }) => {
      await db.apply([object.schema('unique')], { wait: false })
      assert.equal(await buildOneStep(db), 'more')
      const round = db.resume()
      const closed = db.close()
      await assert.rejects(round, (error) => hasCode(error, 'ABORTED'))
      await closed
      assert.equal(storage.metrics().transactionsActive, 0)
      assert.deepEqual(await unready(), { 1: { state: 'building' } })
      // What the first step was at is not looked at again: its entries are gone, and stay so.
      const { start, end } = await firstEntries(db)
      await using snapshot = await storage.snapshot()
      const gone: Uint8Array[] = []
      for await (const chunk of snapshot.scan({ start, end }, { keysOnly: true }))
        gone.push(...chunk.map(({ key }) => key))
      assert.equal(gone.length, 10)
      await storage.write(gone.map((key) => ({ type: 'delete', key })))
      const next = await reopen('unique')
      await next.resume()
      assert.equal(await unready(), undefined)
      const found: number[] = []
      for (const [n, v] of distinct.entries()) {
        const answer = await object.find(next, v)
        assert.equal(answer.usesIndex, true)
        if (answer.found.length > 0) found.push(n)
      }
      assert.equal(found.length, RECORDS - 10)
    }))

  test(`${object.title}: opening does not wait for a build, and closing ends it`, () =>
    withRecords(object, distinct, async ({ storage, db, reopen, unready }) => {
      await db.apply([object.schema('plain')], { wait: false })
      const blocker = await storage.begin()
      await blocker.lock([await noteKey(db)])
      const second = await reopen()
      assert.deepEqual(await unready(), { 1: { state: 'building' } })
      await blocker.rollback()
      await second.resume()
      assert.equal(await unready(), undefined)
      await second.close()
      await (await reopen()).close()
      assert.equal(storage.metrics().transactionsActive, 0)
    }))

  test(`${object.title}: a value that is there twice leaves the index invalid, until it is declared again`, () =>
    withRecords(object, [...distinct.slice(0, 90), 'v3'], async ({ db, unready }) => {
      await assert.rejects(db.apply([object.schema('unique')]), (error) => {
        assert(hasCode(error, 'UNIQUE_VIOLATION'))
        assert.match(error.message, /records".*by_v".*is invalid/s)
        return true
      })
      const status = (await unready())?.[1]
      assert(status?.state === 'invalid')
      assert.equal(status.failure.code, 'UNIQUE_VIOLATION')
      // Nothing is left of it, and nobody keeps it.
      await object.audit(db)
      assert.deepEqual(await object.find(db, 'v4'), { found: [4], usesIndex: false })
      await db.transaction((tx) => object.insert(tx, [{ n: 300, v: 'v4' }]))
      await db.transaction(async (tx) => {
        await object.remove(tx, 300)
        await object.remove(tx, 3)
      })
      await db.apply([object.schema('unique')])
      assert.equal(await unready(), undefined)
      assert.deepEqual(await object.find(db, 'v4'), { found: [4], usesIndex: true })
      await object.audit(db)
    }))

  test(`${object.title}: an invalid index goes when it is no longer declared`, () =>
    withRecords(object, [...distinct.slice(0, 90), 'v3'], async ({ db, unready }) => {
      await assert.rejects(db.apply([object.schema('unique')]), (error) => hasCode(error, 'UNIQUE_VIOLATION'))
      assert.deepEqual((await db.apply([object.schema('none')])).changed, ['records'])
      assert.equal(await unready(), undefined)
      await object.audit(db)
    }))

  test(`${object.title}: an index that is dropped goes in steps, also before it was built`, () =>
    withRecords(object, distinct, async ({ storage, db, unready }) => {
      await db.apply([object.schema('plain')])
      const before = storage.metrics().transactionsCommitted
      await db.apply([object.schema('none')])
      assert.ok(storage.metrics().transactionsCommitted - before >= RECORDS / 10)
      await object.audit(db)
      await db.apply([object.schema('plain')], { wait: false })
      await db.apply([object.schema('none')])
      await db.resume()
      assert.equal(await unready(), undefined)
      await object.audit(db)
    }))

  for (const isolation of ['snapshot', 'read-committed'] as const) {
    test(`${object.title}: of two records with one value a ${isolation} writer takes none the other's entry`, () =>
      withRecords(object, distinct, async ({ db, unready }) => {
        await db.apply([object.schema('unique')], { wait: false })
        const write = (work: Parameters<Database['transaction']>[0]): Promise<unknown> =>
          db.transaction(work, { isolation })
        // The build is past r0 and r1. It is not at r50 and r60 yet, whose values are free for others so far.
        assert.equal(await buildOneStep(db), 'more')
        await write((tx) => object.update(tx, 1, 'v50'))
        await write((tx) => object.update(tx, 50, 'elsewhere'))
        await write((tx) => object.update(tx, 0, 'v60'))
        await write((tx) => object.remove(tx, 60))
        await db.resume()
        assert.equal(await unready(), undefined)
        assert.deepEqual(await object.find(db, 'v50'), { found: [1], usesIndex: true })
        assert.deepEqual(await object.find(db, 'v60'), { found: [0], usesIndex: true })
        await object.audit(db)
      }))
  }

  test(`${object.title}: whatever is written while an index is built, it is right in the end`, async () => {
    const write = fc.record({
      n: fc.integer({ min: 0, max: 39 }),
      v: fc.constantFrom('a', 'b', 'c', 'd'),
      isRemoval: fc.boolean(),
      pause: fc.integer({ min: 0, max: 20 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(write, { maxLength: 12 }), fc.boolean(), async (writes, isUnique) => {
        const values = distinct.slice(0, 40)
        await withRecords(object, values, async ({ db, unready }) => {
          await db.apply([object.schema(isUnique ? 'unique' : 'plain')], { wait: false })
          const built = db.resume()
          const gone = new Set<number>()
          for (const { n, v, isRemoval, pause } of writes) {
            for (let turn = 0; turn < pause; turn++) await Promise.resolve()
            if (gone.has(n)) continue
            if (isRemoval) gone.add(n)
            // Values repeat; that of the record itself makes them distinct where they must be.
            const value = isUnique ? `${v}${n}` : v
            await db.transaction((tx) => (isRemoval ? object.remove(tx, n) : object.update(tx, n, value)))
          }
          await built
          assert.equal(await unready(), undefined)
          await object.audit(db)
        })
      }),
      { numRuns: 12 },
    )
  })
}

test('who applies the same declaration waits for the build that it asks for', () => {
  const [object] = INDEXED_OBJECTS
  assert(object !== undefined)
  return withRecords(object, [...distinct, 'v7'], async ({ db, reopen, unready }) => {
    await db.apply([object.schema('unique')], { wait: false })
    const second = await reopen()
    await assert.rejects(second.apply([object.schema('unique')]), (error) =>
      hasCode(error, 'UNIQUE_VIOLATION'),
    )
    assert.equal((await unready())?.[1]?.state, 'invalid')
  })
})

test('indexes that are added while others are built are built after them', () => {
  const [object] = INDEXED_OBJECTS
  assert(object !== undefined)
  return withRecords(object, distinct, async ({ db, unready }) => {
    await db.apply([object.schema('plain')], { wait: false })
    // Another index of the same name: the one that is being built goes.
    await db.apply([object.schema('unique')], { wait: false })
    assert.deepEqual(await unready(), { 2: { state: 'building' } })
    await db.resume()
    assert.equal(await unready(), undefined)
    await object.audit(db)
  })
})

test('a step that does not fit a transaction is tried again with fewer records', async () => {
  const [object] = INDEXED_OBJECTS
  assert(object !== undefined)
  await withRecords(object, distinct, async ({ storage }) => {
    const db = await openDatabase({ storage, env: new TestEnv(), stepRecordsMax: 90 })
    await db.apply([object.schema('plain')])
    assert.deepEqual(await object.find(db, 'v90'), { found: [90], usesIndex: true })
    await object.audit(db)
  })
})

test('a database that is dropped while an index is built leaves nothing behind', async () => {
  const [object] = INDEXED_OBJECTS
  assert(object !== undefined)
  await withRecords(object, distinct, async ({ storage, db }) => {
    await db.apply([object.schema('plain')], { wait: false })
    await Promise.allSettled([db.resume(), db.drop('collection', 'records')])
    await db.resume()
    await using snapshot = await storage.snapshot()
    const keys: Uint8Array[] = []
    for await (const chunk of snapshot.scan({}, { keysOnly: true })) keys.push(...chunk.map(({ key }) => key))
    // What stays is the counter of object ids, and the catalog's version.
    assert.equal(keys.length, 2)
  })
})
