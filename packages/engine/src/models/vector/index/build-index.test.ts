import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { OrbitError } from '@orbit-ts/base'
import { vectorKeys } from '@orbit-ts/storage'
import { openDatabase } from '../../../database.js'
import { PARTITIONS, given, indexed, load, named, plain, sameAsExact } from '../grouped-vectors.test.data.js'
import { buildFully, checkIndex, contents, refuses, withVectors } from '../vectors-database.test.data.js'

describe('building an index', () => {
  it('goes on from call to call, and every search in between finds everything', () =>
    withVectors([indexed], async (db) => {
      await load(db)
      const session = db.vectors(indexed)
      const steps = []
      for (let done = false; !done;) {
        const step = await session.buildIndex({ moveMax: 150 })
        done = step.done
        steps.push([step.done, step.trained, step.moved])
        await checkIndex(db, 'v')
        await sameAsExact(db, PARTITIONS)
        const { state } = await session.indexStatistics()
        assert.equal(state, done ? 'ready' : 'building')
      }
      assert.deepEqual(steps, [
        [false, true, 150],
        [false, false, 150],
        [true, false, 100],
      ])
    }))

  it('to its end is one call of the database, in steps of as many records', () =>
    withVectors([indexed], async (first) => {
      await load(first)
      const db = await openDatabase({ storage: first.storage, env: first.env, stepRecordsMax: 150 })
      const before = db.metrics().transactionsCommitted
      assert.deepEqual(await db.buildIndex(indexed), {
        done: true,
        trained: true,
        partitions: PARTITIONS,
        moved: 400,
      })
      assert.equal(db.metrics().transactionsCommitted - before, 3)
      await checkIndex(db, 'v')
      // Goes on with a build that is under way.
      await db.vectors(indexed).buildIndex({ moveMax: 399 })
      assert.deepEqual(await db.buildIndex('v', { moveMax: 1 }), {
        done: true,
        trained: false,
        partitions: PARTITIONS,
        moved: 1,
      })
      const stopped = AbortSignal.abort()
      await refuses(db.buildIndex(indexed, { signal: stopped }), 'ABORTED', /stopped/)
      await refuses(db.buildIndex('none'), 'OBJECT_NOT_FOUND', /none/)
    }))

  it('anew keeps the old centres in use until the last vector has left them', () =>
    withVectors([indexed], async (db) => {
      await load(db)
      await buildFully(db, 'v')
      const session = db.vectors(indexed)
      assert.deepEqual(await session.buildIndex({ partitions: 7, moveMax: 399 }), {
        done: false,
        trained: true,
        partitions: 7,
        moved: 399,
      })
      await checkIndex(db, 'v')
      const halfway = await session.explain({ vector: given[0] ?? [], probes: 3 })
      assert.deepEqual([halfway.partitions, halfway.probes], [PARTITIONS + 7, 3 + 3])
      await sameAsExact(db, PARTITIONS)
      // New vectors go to the new centres, also while old ones are in use.
      await session.insert({ id: 'new', vector: given[0] ?? [] })
      assert.ok(((await checkIndex(db, 'v')).get('new') ?? 0) > PARTITIONS)
      assert.equal(await buildFully(db, 'v'), 1)
      const { partitions, state } = await session.indexStatistics()
      assert.deepEqual([state, partitions.length], ['ready', 7])
      await checkIndex(db, 'v')
      await sameAsExact(db, 7)
    }))

  it('makes no more partitions than there are different vectors', () =>
    withVectors([indexed], async (db) => {
      const one = Array.from({ length: 30 }, (_, i) => ({
        id: `v${i}`,
        vector: new Float32Array(8).fill(i % 3),
      }))
      await db.vectors(indexed).insertMany(one)
      assert.equal((await db.vectors(indexed).buildIndex({ partitions: 20 })).partitions, 3)
      await checkIndex(db, 'v')
    }))

  it('of nothing is done at once', () =>
    withVectors([indexed], async (db) => {
      const nothing = { done: true, trained: false, partitions: 0, moved: 0 }
      assert.deepEqual(await db.vectors(indexed).buildIndex(), nothing)
      await load(db)
      await buildFully(db, 'v')
      await db.vectors(indexed).deleteMany(named.map(({ id }) => id))
      assert.deepEqual(await db.vectors(indexed).buildIndex(), { ...nothing, partitions: PARTITIONS })
      assert.deepEqual(await db.vectors(indexed).search({ vector: given[0] ?? [] }), [])
      await db.vectors(indexed).insert({ id: 'a', vector: given[0] ?? [] })
      assert.equal((await db.vectors(indexed).search({ vector: given[0] ?? [] })).length, 1)
      await checkIndex(db, 'v')
    }))

  it('learns from a sample when that is wanted', () =>
    withVectors([indexed], async (db) => {
      await load(db)
      const built = await db.vectors(indexed).buildIndex({ sampleMax: 10 })
      assert.deepEqual(built, { done: true, trained: true, partitions: 10, moved: 400 })
      await sameAsExact(db, 10)
    }))

  it('is refused where it cannot be done', () =>
    withVectors([plain], async (db) => {
      await refuses(db.vectors('v').buildIndex(), 'INVALID_ARGUMENT', /"v": it has no index; declare index/)
      await refuses(db.vectors('v').indexStatistics(), 'INVALID_ARGUMENT', /it has no index/)
      await db.apply([indexed])
      const session = db.vectors('v')
      await refuses(session.buildIndex({ partitions: 0 }), 'INVALID_ARGUMENT', /partitions is 0/)
      await refuses(session.buildIndex({ sampleMax: 1.5 }), 'INVALID_ARGUMENT', /sampleMax is 1\.5/)
      await refuses(session.buildIndex({ moveMax: -1 }), 'INVALID_ARGUMENT', /moveMax is -1/)
      await refuses(session.buildIndex(3 as never), 'INVALID_ARGUMENT', /options are 3/)
      await refuses(
        session.buildIndex({ partition: 3 } as never),
        'INVALID_ARGUMENT',
        /"partition" is no option of buildIndex; did you mean "partitions"/,
      )
      await using tx = await db.begin({ isolation: 'read-committed' })
      await refuses(tx.vectors('v').buildIndex(), 'INVALID_ARGUMENT', /isolation level read-committed/)
    }))

  it('leaves nothing behind when it fails half-way', () =>
    withVectors([indexed], async (db) => {
      await load(db)
      const { id } = await db.describe('vectors', 'v')
      const [posting] = [vectorKeys.posting(id, 1, 0, 'v399')]
      await db.storage.write([{ type: 'put', key: posting, value: new Uint8Array(3) }])
      await db.storage.write([{ type: 'delete', key: vectorKeys.record(id, 'v7') }])
      const before = await contents(db, 'v')
      await db.transaction(async (tx) => {
        await assert.rejects(tx.vectors(indexed).buildIndex(), (error) => error instanceof OrbitError)
      })
      assert.deepEqual(await contents(db, 'v'), before)
    }))
})
