import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { defined, hasCode } from '@orbit-ts/base'
import { vectorKeys, type StorageProvider } from '@orbit-ts/storage'
import { openDatabase, type Database } from '../../../database.js'
import { openStore } from '../../store.test.data.js'
import {
  buildFully,
  clusteredVectors,
  countKeys,
  nearestIds,
  withVectors,
} from '../vectors-database.test.data.js'
import type { DatabaseTransaction } from '../../../txn/database-transaction.js'
import { vectors } from '../vectors.js'
import { VectorCache } from './vector-cache.js'
import { checkSearches } from './kept-vectors.test.data.js'

const plain = vectors('v', { dimension: 4, metric: 'l2' })
const indexed = vectors('v', { dimension: 4, metric: 'l2', index: { kind: 'partitioned' } })
const given = clusteredVectors(2000, { dimension: 4, clusters: 10, spread: 0.3, seed: 5 })
const named = given.map((vector, i) => ({ id: `v${String(i).padStart(4, '0')}`, vector, metadata: { i } }))
const query = [0.5, -0.5, 0.2, 1]

async function lanesOf(db: Database): Promise<number> {
  const { id } = await db.describe('vectors', 'v')
  return countKeys(db, vectorKeys.lanes(id))
}

function figures(db: Database): { hits: number; misses: number } {
  const { hits, misses } = db.caches.metrics().vectors
  return { hits, misses }
}

async function withStore(work: (storage: StorageProvider) => Promise<void>): Promise<void> {
  const storage = await openStore()
  try {
    await work(storage)
  } finally {
    await storage.close()
  }
}

describe('vectors kept in memory', () => {
  it('are read once, and again where they were changed', () =>
    withVectors([plain], async (db) => {
      await db.vectors(plain).insertMany(named)
      const all = named.map(({ id, vector }) => [id, vector] as const)
      const search = async (): Promise<string[]> =>
        (await db.vectors('v').search({ vector: query })).map(({ id }) => id)
      assert.deepEqual(await search(), nearestIds('l2', query, all, 10))
      assert.deepEqual(figures(db), { hits: 0, misses: 1 })
      const { sizeBytes, entries } = db.caches.metrics().vectors
      assert.equal(entries, 1)
      assert.ok(sizeBytes > 2000 * (4 * 4 + 5 + 4), String(sizeBytes))
      assert.deepEqual(await search(), nearestIds('l2', query, all, 10))
      assert.deepEqual(figures(db), { hits: 1, misses: 1 })
      // One comes, one goes, one moves: all of them nearest.
      const [nearest] = await search()
      await db.vectors('v').delete(defined(nearest, 'the nearest'))
      await db.vectors('v').upsert({ id: 'new', vector: query })
      await db.vectors('v').upsert({ id: 'v0003', vector: [0.5, -0.5, 0.2, 1.01] })
      const changed = new Map(all)
      changed.delete(defined(nearest, 'the nearest'))
      changed.set('new', Float32Array.from(query)).set('v0003', Float32Array.of(0.5, -0.5, 0.2, 1.01))
      assert.deepEqual(await search(), nearestIds('l2', query, changed, 10))
      assert.deepEqual(figures(db), { hits: 2, misses: 2 })
      await search()
      assert.deepEqual(figures(db), { hits: 3, misses: 2 })
    }))

  it('are given as copies', () =>
    withVectors([plain], async (db) => {
      await db.vectors(plain).insertMany(named.slice(0, 20))
      for (let round = 0; round < 3; round++) {
        const [hit] = await db.vectors(plain).search({ vector: query, k: 1, includeVectors: true })
        const found = defined(hit, 'hit')
        const item = defined(
          named.find(({ id }) => id === found.id),
          'item',
        )
        assert.deepEqual([found.metadata, found.vector], [item.metadata, item.vector])
        Object.assign(found.metadata, { i: 'changed' })
        found.vector?.fill(0)
      }
    }))

  it('are kept within the limit, and searched without where they are too many', () =>
    withStore(async (storage) => {
      await using db = await openDatabase({ storage, schema: [indexed], cache: { sizeBytes: 1024 * 1024 } })
      const { sizeMaxBytes } = db.caches.metrics().vectors
      assert.equal(sizeMaxBytes, (1024 * 1024 * 5) / 8)
      const blob = 'b'.repeat(300)
      const large = named.map((each) => ({ ...each, metadata: { blob } }))
      await db.vectors(indexed).insertMany(large)
      const expected = nearestIds(
        'l2',
        query,
        given.map((vector, i) => [named[i]?.id ?? '', vector] as const),
        10,
      )
      for (let round = 0; round < 2; round++) {
        const hits = await db.vectors('v').search({ vector: query, exact: true })
        assert.deepEqual(
          hits.map(({ id, metadata }) => [id, metadata]),
          expected.map((id) => [id, { blob }]),
        )
        assert.equal(db.caches.metrics().vectors.entries, 0)
      }
      await buildFully(db, 'v')
      const hits = await db.vectors('v').search({ vector: query, probes: 1000 })
      assert.deepEqual(
        hits.map(({ id }) => id),
        expected,
      )
      const { entries, sizeBytes } = db.caches.metrics().vectors
      assert.ok(entries > 10 && sizeBytes <= sizeMaxBytes, `${entries} entries of ${sizeBytes} bytes`)
    }))

  it('are not those of a collection that had the name before', () =>
    withVectors([plain], async (db) => {
      await db.vectors(plain).insertMany(named.slice(0, 20))
      await db.vectors('v').search({ vector: query })
      await db.drop('vectors', 'v')
      await db.apply([plain])
      assert.deepEqual(await db.vectors('v').search({ vector: query }), [])
      await db.vectors('v').upsert({ id: 'only', vector: query })
      const hits = await db.vectors('v').search({ vector: query })
      assert.deepEqual(
        hits.map(({ id }) => id),
        ['only'],
      )
    }))

  it('are not taken by a transaction that locks what it reads', () =>
    withVectors([plain], async (db) => {
      await db.vectors(plain).insertMany(named.slice(0, 20))
      const [hit] = await db.vectors('v').search({ vector: query, k: 1 })
      const before = figures(db)
      await using tx = await db.begin({ mode: 'pessimistic' })
      await tx.vectors('v').search({ vector: query, k: 1 })
      assert.deepEqual(figures(db), before)
      await using other = await db.begin({ lockWaitMs: 1 })
      const { id } = await db.describe('vectors', 'v')
      const key = vectorKeys.record(id, defined(hit, 'hit').id)
      await assert.rejects(other.storage.lock([key]), (error) => hasCode(error, 'LOCK_TIMEOUT'))
    }))

  it('are never what a transaction has not committed, however its searches and writes meet', () =>
    withVectors([indexed], async (db) => {
      await db.vectors(indexed).insertMany(named.slice(0, 30))
      await buildFully(db, 'v')
      for (let pause = 0; pause < 60; pause++) {
        // Something that has to be read again.
        await db.vectors('v').upsert({ id: 'v0001', vector: [pause, 0, 0, 0] })
        const tx = await db.begin()
        const searches = [{ exact: true }, { probes: 1000 }].map((how) =>
          tx.vectors('v').search({ vector: query, k: 100, ...how }),
        )
        for (let i = 0; i < pause; i++) await Promise.resolve()
        await tx.vectors('v').upsert({ id: 'v0002', vector: query, metadata: { pause } })
        await Promise.all(searches)
        await tx.rollback()
        await using other = await db.begin()
        await checkSearches(db, other, 'v', [
          { vector: query, k: 100, exact: true },
          { vector: query, k: 100, probes: 1000 },
        ])
      }
    }))

  it('are for those alone whose reads are of one snapshot and of nothing of their own', () =>
    withVectors([plain], async (db) => {
      await db.vectors(plain).insertMany(named.slice(0, 30))
      const { id } = await db.describe('vectors', 'v')
      const momentOf = ({ storage }: DatabaseTransaction): Promise<boolean> =>
        VectorCache.momentOf({ id, storage }).then((moment) => moment !== undefined)
      await using each = await db.begin({ isolation: 'read-committed' })
      assert.equal(await momentOf(each), false)
      await each.storage.refresh()
      assert.equal(await momentOf(each), true)
      await db.vectors('v').delete('v0002')
      const late = momentOf(each)
      await each.storage.refresh()
      assert.deepEqual([await late, await momentOf(each)], [false, true])

      for (const isolation of ['snapshot', 'serializable'] as const) {
        await using tx = await db.begin({ isolation })
        assert.equal(await momentOf(tx), true)
        const begun = momentOf(tx)
        VectorCache.noteChanges({ id, storage: tx.storage }, db.env, (touched) => touched.addId('v0003'))
        assert.deepEqual([await begun, await momentOf(tx)], [false, false])
      }
      await using unknown = await db.storage.begin()
      assert.equal(await VectorCache.momentOf({ id, storage: unknown }), undefined)
    }))

  for (const [what, schema] of [
    ['without an index', plain],
    ['with an index', indexed],
  ] as const) {
    it(`protect a serializable transaction as reading them would, ${what}`, () =>
      withVectors([schema, vectors('other', { dimension: 4 })], async (db) => {
        await db.vectors(schema).insertMany(named)
        if (schema === indexed) await buildFully(db, 'v')
        await db.vectors('v').search({ vector: query, probes: 1000 })
        const tx = await db.begin({ isolation: 'serializable' })
        const before = figures(db).hits
        await checkSearches(db, tx, 'v', [])
        await tx.vectors('v').search({ vector: query, probes: 1000 })
        assert.ok(figures(db).hits > before)
        await tx.vectors('other').upsert({ id: 'a', vector: query })
        await db.vectors('v').upsert({ id: 'new', vector: query })
        await assert.rejects(tx.commit(), (error) => hasCode(error, 'TRANSACTION_CONFLICT'))
      }))
  }
})

describe('lanes of changes', () => {
  it('make no two writers conflict, whatever they have read before', () =>
    withVectors([indexed], async (db) => {
      for (let round = 0; round < 3; round++) {
        const writers = await Promise.all(Array.from({ length: 20 }, () => db.begin()))
        for (const tx of writers) await tx.vectors('v').count()
        for (const [i, tx] of writers.entries()) {
          await tx.vectors('v').upsert({ id: `w${i}`, vector: [round, i, 0, 0] })
          await tx.commit()
        }
        await using tx = await db.begin()
        const hits = await checkSearches(db, tx, 'v', [{ vector: [0, 0, 0, 0], k: 100, exact: true }])
        assert.equal(hits.length, 20)
      }
    }))

  it('are used again by those who begin later', () =>
    withVectors([plain], async (db) => {
      for (let i = 0; i < 50; i++) await db.vectors('v').upsert({ id: `w${i}`, vector: query })
      assert.ok((await lanesOf(db)) <= 10, `${await lanesOf(db)} lanes`)
      await db.vectors('v').upsertMany([])
      await db.vectors('v').delete('none')
      const hits = await db.vectors('v').search({ vector: query, k: 100 })
      assert.equal(hits.length, 50)
    }))

  it('of databases that are gone go when there are many, and everything is read anew', () =>
    withStore(async (storage) => {
      await using db = await openDatabase({ storage, schema: [plain] })
      await db.vectors(plain).insertMany(named.slice(0, 50))
      // Each opens the store, writes and is gone.
      for (let i = 0; i < 260; i++) {
        const gone = await openDatabase({ storage })
        await gone.vectors('v').upsert({ id: `w${i}`, vector: [i, i, i, i] })
      }
      const search = { vector: query, k: 1000 }
      const old = await db.begin()
      const before = await checkSearches(db, old, 'v', [search])
      assert.equal(before.length, 310)
      assert.equal(await lanesOf(db), 261)
      await db.vectors('v').upsert({ id: 'new', vector: query })
      // Its own two, and the base.
      assert.equal(await lanesOf(db), 3)
      for (let round = 0; round < 2; round++) {
        await using tx = await db.begin()
        const [first, ...others] = await checkSearches(db, tx, 'v', [search])
        assert.deepEqual([first?.id, others.length], ['new', 310])
        assert.deepEqual(await checkSearches(db, old, 'v', [search]), before)
      }
      await old.rollback()
    }))
})
