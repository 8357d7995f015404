import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { utf8 } from '@orbit-ts/base'
import { Catalog } from '../../../catalog/catalog.js'
import { TransactionContext } from '../../../txn/database-transaction.js'
import { OpenVectors } from '../open-vectors.js'
import { vectorModel } from '../vector-model.js'
import { withVectors } from '../vectors-database.test.data.js'
import { vectors } from '../vectors.js'
import { checkSearch } from './check-search.js'
import { MetadataFilter } from './metadata-filter.js'
import { NearestHeap } from './nearest-heap.js'

const points = vectors('points', { dimension: 1, metric: 'l2' })
const COUNT = 1000

/** Candidates `p0`, `p1`…, ranked by their number. */
function candidatesOf(count: number, countMax: number, rankMax?: number): NearestHeap {
  const candidates = new NearestHeap(countMax, rankMax)
  for (let i = 0; i < count; i++) candidates.offer(i, utf8(`p${i}`), 0)
  return candidates
}

/** A filter that lets through every vector whose number is a multiple of `every`. */
function withFilter(
  every: number,
  k: number,
  work: (filter: MetadataFilter, nearest: NearestHeap) => Promise<void>,
): Promise<void> {
  return withVectors([points], async (db) => {
    const given = Array.from({ length: COUNT }, (_, i) => ({
      id: `p${i}`,
      vector: [i],
      metadata: { fits: i % every === 0 },
    }))
    await db.vectors(points).insertMany(given)
    await using tx = await db.storage.begin()
    const context = new TransactionContext(tx, new Catalog(), db.env)
    const collection = new OpenVectors(context, await context.object(vectorModel, 'points'))
    const nearest = new NearestHeap(k)
    const search = checkSearch(collection, { vector: [0], k, where: { fits: true } })
    await work(new MetadataFilter(collection, search, nearest), nearest)
  })
}

const idsOf = (nearest: NearestHeap): string[] => nearest.sorted().map(({ id }) => id)

describe('MetadataFilter', () => {
  it('lets the nearest through that fit, and knows their share', () =>
    withFilter(10, 3, async (filter, nearest) => {
      assert.equal(await filter.take(candidatesOf(100, 1000), 1e6), true)
      assert.deepEqual(idsOf(nearest), ['p0', 'p10', 'p20'])
      assert.equal(filter.share, 0.1)
    }))

  it('keeps what was found before where it is nearer', () =>
    withFilter(10, 3, async (filter, nearest) => {
      nearest.offer(-1, utf8('before'), 0)
      nearest.offer(15, utf8('p15'), 0)
      nearest.offer(99, utf8('p99'), 0)
      assert.equal(await filter.take(candidatesOf(100, 1000, nearest.worstRank), 1e6), true)
      assert.deepEqual(idsOf(nearest), ['before', 'p0', 'p10'])
    }))

  it('gives up where so few fit that everything is better read in a row', () =>
    withFilter(1000, 2, async (filter) => {
      assert.equal(await filter.take(candidatesOf(900, 1000), 10_000), false)
    }))

  it('gives up where candidates had no room that might be nearer than what was found', () =>
    withFilter(1000, 1, async (filter, nearest) => {
      nearest.offer(500, utf8('p500'), 0)
      const candidates = candidatesOf(0, 3)
      for (const rank of [1, 2, 3, 4]) candidates.offer(rank, utf8(`p${rank}`), 0)
      assert.equal(await filter.take(candidates, 1e6), false)
      assert.deepEqual(idsOf(nearest), ['p500'])
    }))

  it('does not mind candidates without room that are farther than what was found', () =>
    withFilter(2, 1, async (filter, nearest) => {
      assert.equal(await filter.take(candidatesOf(10, 3), 1e6), true)
      assert.deepEqual(idsOf(nearest), ['p0'])
    }))
})
