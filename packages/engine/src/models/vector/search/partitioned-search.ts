import type { Moment } from '../cache/vector-cache.js'
import type { OpenVectors } from '../open-vectors.js'
import type { VectorHit } from '../vector-records.js'
import { searchExactly } from './exact-search.js'
import { MetadataFilter } from './metadata-filter.js'
import { NearestHeap } from './nearest-heap.js'
import { PartitionWalk } from './partition-walk.js'
import type { PartitionedPlan } from './plan-search.js'
import { readHits } from './read-hits.js'

/**
 * With probes left to `auto`: so many partitions in a row, of each generation, that have nothing nearer end a search.
 * Measured: a recall@10 of 0.95 and more on clustered data; see bench/vector-search.bench.js.
 */
const QUIET_PARTITIONS = 24
/** Vectors of one round whose metadata may be read. */
const CANDIDATES_MAX = 16_384

/** Compares the vectors of one partition after the other, the most promising first. */
export async function searchPartitions(
  collection: OpenVectors,
  plan: PartitionedPlan,
  moment: Moment | undefined,
): Promise<VectorHit[]> {
  const { search, probes } = plan
  const nearest = new NearestHeap(search.k)
  const walk = new PartitionWalk(collection, plan, moment)
  const filter = search.where === undefined ? undefined : new MetadataFilter(collection, search, nearest)
  // The fewer fit, the less it means that a partition has nothing nearer.
  const quietMax = (): number => (QUIET_PARTITIONS * plan.generations) / Math.sqrt(filter?.share ?? 1)
  let quiet = 0
  const isEnough = (): boolean =>
    nearest.isFull && (probes === 'auto' ? quiet >= quietMax() : walk.partitions >= probes)
  while (!walk.isComplete && !isEnough()) {
    const [partitions, changes] = [walk.partitions, nearest.changes]
    if (filter === undefined) {
      await walk.next(nearest)
    } else {
      const candidates = new NearestHeap(CANDIDATES_MAX, nearest.worstRank)
      await walk.next(candidates)
      if (!(await filter.take(candidates, walk.vectorsEstimated)))
        return searchExactly(collection, search, moment)
    }
    quiet = nearest.changes === changes ? quiet + walk.partitions - partitions : 0
  }
  const hits = await readHits(collection, search, nearest.sorted(), moment)
  return hits.filter((hit) => hit !== undefined)
}
