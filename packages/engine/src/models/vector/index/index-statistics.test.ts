import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { buildFully, withVectors } from '../vectors-database.test.data.js'
import { vectors } from '../vectors.js'

describe('index statistics', () => {
  const small = vectors('s', { dimension: 2, metric: 'l2', index: { kind: 'partitioned' } })
  const spread = (from: number, count: number): { id: string; vector: number[] }[] =>
    Array.from({ length: count }, (_, i) => ({ id: `s${from + i}`, vector: [from + i, i % 7] }))

  it('advise to build once there is much, and to build again when much has changed', () =>
    withVectors([small], async (db) => {
      const session = db.vectors(small)
      await session.insertMany(spread(0, 4999))
      assert.equal((await session.indexStatistics()).advice, undefined)
      await session.insertMany(spread(4999, 1))
      assert.match((await session.indexStatistics()).advice ?? '', /^build: 5000 vectors are in no partition/)
      await session.buildIndex({ moveMax: 10 })
      assert.match((await session.indexStatistics()).advice ?? '', /^build: a build is under way/)
      await buildFully(db, 's')
      assert.equal((await session.indexStatistics()).advice, undefined)
      await session.insertMany(spread(5000, 5001))
      assert.match(
        (await session.indexStatistics()).advice ?? '',
        /^rebuild: there are 10001 vectors, and the centres were found for 5000/,
      )
    }))

  it('advise to build again when one partition has outgrown the others', () =>
    withVectors([small], async (db) => {
      const session = db.vectors(small)
      await session.insertMany(spread(0, 5000))
      await session.buildIndex({ partitions: 100 })
      await session.upsertMany(Array.from({ length: 3000 }, (_, i) => ({ id: `x${i}`, vector: [0, i % 7] })))
      assert.match(
        (await session.indexStatistics()).advice ?? '',
        /^rebuild: the largest partition has \d+ vectors, the mean is 80/,
      )
    }))
})
