import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { vectorKeys } from '@orbit-ts/storage'
import { PARTITIONS, given, indexed, load, named, plain, sameAsExact } from './grouped-vectors.test.data.js'
import {
  buildFully,
  checkIndex,
  contents,
  countKeys,
  nearestIds,
  withVectors,
} from './vectors-database.test.data.js'
import { METRICS } from './vectors-input.js'
import { vectors } from './vectors.js'

describe('a partitioned index', () => {
  it('has everything in one partition, and searches are exact, until it is built', () =>
    withVectors([indexed], async (db) => {
      await load(db)
      const partitions = await checkIndex(db, 'v')
      assert.deepEqual(new Set(partitions.values()), new Set([0]))
      const plan = await db.vectors(indexed).explain({ vector: given[0] ?? [] })
      assert.deepEqual([plan.method, plan.reason], ['exact', 'the index has no centres yet; call buildIndex'])
      assert.deepEqual(await db.vectors(indexed).indexStatistics(), {
        kind: 'partitioned',
        state: 'empty',
        vectors: 400,
        unassigned: 400,
        partitions: [],
      })
    }))

  it('puts every vector next to those near it when it is built', () =>
    withVectors([indexed], async (db) => {
      await load(db)
      assert.deepEqual(await db.vectors(indexed).buildIndex(), {
        done: true,
        trained: true,
        partitions: PARTITIONS,
        moved: 400,
      })
      const partitions = await checkIndex(db, 'v')
      // 20 groups that lie apart: no partition has vectors of two.
      const groups = new Map<number, Set<number>>()
      for (const [id, partition] of partitions) {
        groups.set(partition, (groups.get(partition) ?? new Set()).add(Number(id.slice(1)) % 20))
      }
      assert.ok([...groups.values()].every((group) => group.size === 1))
      const statistics = await db.vectors(indexed).indexStatistics()
      assert.deepEqual([statistics.state, statistics.vectors, statistics.unassigned], ['ready', 400, 0])
      assert.equal(statistics.trainedOn, 400)
      assert.equal(statistics.advice, undefined)
      assert.equal(statistics.partitions.length, PARTITIONS)
      for (const { partition, vectors: size } of statistics.partitions) {
        assert.equal(size, [...partitions.values()].filter((each) => each === partition).length)
      }
      assert.deepEqual(await db.vectors(indexed).explain({ vector: given[0] ?? [], k: 3, where: { n: 1 } }), {
        collection: 'v',
        method: 'partitioned',
        reason: 'the index has all vectors',
        metric: 'l2',
        k: 3,
        partitions: PARTITIONS,
        probes: 'auto',
        filter: { n: 1 },
      })
    }))

  for (const metric of METRICS) {
    it(`gives what an exact search gives when all partitions are read, and almost that by default: ${metric}`, () => {
      const schema = vectors('v', { dimension: 8, metric, index: { kind: 'partitioned' } })
      return withVectors([schema], async (db) => {
        await load(db)
        await buildFully(db, 'v')
        await sameAsExact(db, PARTITIONS)
        let found = 0
        for (const vector of given.slice(0, 50)) {
          const exact = nearestIds(
            metric,
            vector,
            named.map((each) => [each.id, each.vector] as const),
            10,
          )
          const hits = await db.vectors(schema).search({ vector })
          found += hits.filter(({ id }) => exact.includes(id)).length
        }
        assert.ok(found >= 475, `${found} of 500`)
      })
    })
  }

  it('moves vectors that change, takes in new ones and lets go of deleted ones', () =>
    withVectors([indexed], async (db) => {
      await load(db)
      await buildFully(db, 'v')
      const before = await checkIndex(db, 'v')
      const session = db.vectors(indexed)
      await session.upsert({ id: 'v0', vector: given[1] ?? [] })
      await session.insert({ id: 'new', vector: given[1] ?? [] })
      assert.equal(await session.deleteMany(['v2', 'v3', 'none']), 2)
      const after = await checkIndex(db, 'v')
      assert.equal(after.size, 399)
      assert.equal(after.get('v0'), before.get('v1'))
      assert.equal(after.get('new'), before.get('v1'))
      assert.equal(after.has('v2'), false)
      const hits = await session.search({ vector: given[1] ?? [], k: 3, probes: 1 })
      assert.deepEqual(
        hits.map(({ id, distance }) => [id, distance]),
        [
          ['new', 0],
          ['v0', 0],
          ['v1', 0],
        ],
      )
    }))

  it('is seen by its own transaction as it is, written and built there', () =>
    withVectors([indexed], async (db) => {
      await db.transaction(async (tx) => {
        const session = tx.vectors(indexed)
        await session.insertMany(named)
        assert.equal((await session.buildIndex()).done, true)
        await session.upsert({ id: 'far', vector: new Float32Array(8).fill(100) })
        await session.delete('v5')
        const hits = await session.search({ vector: new Float32Array(8).fill(99), k: 1 })
        assert.deepEqual(
          hits.map(({ id }) => id),
          ['far'],
        )
        const [first] = await session.search({ vector: given[5] ?? [], k: 1 })
        assert.notEqual(first?.id, 'v5')
      })
      assert.equal((await checkIndex(db, 'v')).size, 400)
    }))

  it('leaves nothing of a build that is rolled back, and centres of another one are not mistaken for its', () =>
    withVectors([indexed], async (db) => {
      await load(db)
      const before = await contents(db, 'v')
      const tx = await db.begin()
      await tx.vectors(indexed).buildIndex()
      await tx.vectors(indexed).search({ vector: given[0] ?? [] })
      await tx.rollback()
      assert.deepEqual(await contents(db, 'v'), before)
      await db.vectors(indexed).buildIndex({ partitions: 5 })
      await checkIndex(db, 'v')
      await sameAsExact(db, 5)
    }))

  it('reads more partitions than asked for as long as there are too few vectors', () =>
    withVectors([indexed], async (db) => {
      await load(db)
      await buildFully(db, 'v')
      const session = db.vectors(indexed)
      for (const k of [1, 50, 399, 400, 1000]) {
        const hits = await session.search({ vector: given[0] ?? [], k, probes: 1 })
        assert.equal(hits.length, Math.min(k, 400))
        assert.equal(new Set(hits.map(({ id }) => id)).size, hits.length)
      }
    }))

  it('finds as many as there are that fit a filter, however few', () =>
    withVectors([indexed], async (db) => {
      await load(db)
      await buildFully(db, 'v')
      const session = db.vectors(indexed)
      const vector = given[0] ?? []
      for (const [where, count] of [
        [{ tens: 3 }, 10],
        [{ n: 377 }, 1],
        [{ n: { in: [1, 200, 399] } }, 3],
        [{ n: { gt: 400 } }, 0],
        [{}, 10],
      ] as const) {
        for (const probes of [{}, { probes: 1 }, { probes: PARTITIONS }]) {
          const hits = await session.search({ vector, where, ...probes })
          assert.equal(hits.length, count)
          if (count < 10) assert.deepEqual(hits, await session.search({ vector, where, exact: true }))
        }
      }
    }))

  it('probes as many partitions as the declaration or the search says', () => {
    const schema = vectors('v', {
      dimension: 8,
      metric: 'l2',
      index: { kind: 'partitioned', partitions: 10, probes: 2 },
    })
    return withVectors([schema], async (db) => {
      await load(db)
      assert.equal((await db.vectors(schema).buildIndex()).partitions, 10)
      const vector = given[0] ?? []
      assert.equal((await db.vectors(schema).explain({ vector })).probes, 2)
      assert.equal((await db.vectors(schema).explain({ vector, probes: 7 })).probes, 7)
      assert.equal((await db.vectors(schema).explain({ vector, probes: 500 })).probes, 10)
      assert.equal((await db.vectors(schema).buildIndex({ partitions: 'auto' })).partitions, PARTITIONS)
    })
  })
})

describe('an index declared for vectors that are there', () => {
  it('is filled step by step, while searches are exact and new vectors go right into it', () =>
    withVectors([plain], async (db) => {
      await load(db)
      await db.apply([indexed])
      const session = db.vectors(indexed)
      assert.equal((await checkIndex(db, 'v')).size, 0)
      const statistics = await session.indexStatistics()
      assert.deepEqual([statistics.state, statistics.vectors], ['incomplete', 0])
      assert.match(statistics.advice ?? '', /^build: /)
      const reason = 'the index does not have all vectors yet; call buildIndex'
      assert.equal((await session.explain({ vector: given[0] ?? [] })).reason, reason)

      await session.upsert({ id: 'v100', vector: given[3] ?? [] })
      await session.insert({ id: 'new', vector: given[3] ?? [] })
      await session.delete('v101')
      await session.delete('v399')
      assert.equal((await checkIndex(db, 'v')).size, 2)
      const hits = await session.search({ vector: given[3] ?? [], k: 3 })
      assert.deepEqual(
        hits.map(({ id }) => id),
        ['new', 'v100', 'v3'],
      )

      for (let done = false, calls = 0; !done; calls++) {
        ;({ done } = await session.buildIndex({ moveMax: 120 }))
        await checkIndex(db, 'v')
        await session.upsert({ id: `between${calls}`, vector: given[calls] ?? [] })
        await session.delete(`v${calls * 30}`)
        await sameAsExact(db, PARTITIONS)
      }
      const partitions = await checkIndex(db, 'v')
      assert.equal(partitions.size, await session.count())
      assert.ok(![...partitions.values()].includes(0))
      assert.equal((await session.indexStatistics()).state, 'ready')
    }))

  it('of an empty collection is complete once it is built', () =>
    withVectors([plain], async (db) => {
      await db.apply([indexed])
      assert.equal((await db.vectors('v').buildIndex()).done, true)
      assert.equal((await db.vectors('v').indexStatistics()).state, 'empty')
    }))

  it('is taken away with all its keys, and given again from the beginning', () =>
    withVectors([indexed], async (db) => {
      await load(db)
      await buildFully(db, 'v')
      const { id } = await db.describe('vectors', 'v')
      await db.apply([plain])
      for (const range of [
        vectorKeys.centroids(id, 1),
        vectorKeys.postings(id, 1),
        vectorKeys.assignments(id, 1),
      ]) {
        assert.equal(await countKeys(db, range), 0)
      }
      await sameAsExact(db, 1)
      await db.vectors('v').delete('v0')
      await db.apply([indexed])
      await buildFully(db, 'v')
      assert.equal((await checkIndex(db, 'v')).size, 399)
      await sameAsExact(db, PARTITIONS)
    }))

  it('keeps its partitions when only its settings change', () =>
    withVectors([indexed], async (db) => {
      await load(db)
      await buildFully(db, 'v')
      const before = await checkIndex(db, 'v')
      await db.apply([
        vectors('v', { dimension: 8, metric: 'l2', index: { kind: 'partitioned', probes: 3 } }),
      ])
      assert.deepEqual(await checkIndex(db, 'v'), before)
      assert.equal((await db.vectors('v').explain({ vector: given[0] ?? [] })).probes, 3)
    }))
})
