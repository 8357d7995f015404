import type { OpenVectors } from '../open-vectors.js'
import type { VectorHit } from '../vector-records.js'
import { searchExactly } from './exact-search.js'
import { FilteredHits, type Examined } from './filtered-hits.js'
import { NearestHeap } from './nearest-heap.js'
import { PartitionWalk } from './partition-walk.js'
import type { PartitionedPlan } from './plan-search.js'
import { readHits } from './read-hits.js'

/**
 * Vectors compared for each one that is wanted, at least, unless the probes were given: with many results, or when few
 * vectors have the metadata asked for, the nearest are spread over more partitions.
 */
const VECTORS_PER_HIT = 50
/** Vectors of which the metadata is read at most, and for each one that is wanted, before everything is read. */
const CANDIDATES_MIN = 4096
const CANDIDATES_PER_HIT = 64
/** When not even this many results are enough, half of the partitions more are read. */
const GROWTH_MIN = 1.5
/** When more than this share of the partitions had to be read, reading everything is as fast, and exact. */
const EXACT_SHARE = 0.5

/** Compares the vectors of the nearest partitions, and of more while too few were found. */
export async function searchPartitions(collection: OpenVectors, plan: PartitionedPlan): Promise<VectorHit[]> {
  return plan.search.where === undefined ? searchAll(collection, plan) : searchFiltered(collection, plan)
}

async function searchAll(collection: OpenVectors, plan: PartitionedPlan): Promise<VectorHit[]> {
  const { search } = plan
  const nearest = new NearestHeap(search.k)
  const walk = new PartitionWalk(collection, plan, nearest)
  const vectorsMin = plan.isFixed ? 0 : search.k * VECTORS_PER_HIT
  await walk.readUpTo(plan.probes)
  while (!walk.isComplete && (!nearest.isFull || walk.vectors < vectorsMin)) {
    await walk.readUpTo(Math.ceil(walk.partitions * GROWTH_MIN))
  }
  const hits = await readHits(collection, search, nearest.sorted())
  return hits.filter((hit) => hit !== undefined)
}

/**
 * Reads metadata of the nearest first, so none is read of vectors that are out of the question. How many of them
 * have the metadata asked for tells how far to go: few need more partitions, very few need everything.
 */
async function searchFiltered(collection: OpenVectors, plan: PartitionedPlan): Promise<VectorHit[]> {
  const { search, order, isFixed } = plan
  const nearest = new NearestHeap(Math.max(CANDIDATES_MIN, search.k * CANDIDATES_PER_HIT))
  const walk = new PartitionWalk(collection, plan, nearest)
  const found = new FilteredHits(collection, search)
  /** Partitions to read if the vectors that fit are as frequent everywhere as among those examined. */
  const partitionsFor = ({ hits, examined }: Examined): number => {
    const share = Math.max(hits.length, 0.5) / Math.max(examined, 1)
    const vectorsMin = (search.k / share) * VECTORS_PER_HIT
    return Math.ceil((vectorsMin / Math.max(walk.vectors, 1)) * walk.partitions)
  }
  const isHopeless = (examined: Examined): boolean => partitionsFor(examined) > order.length * EXACT_SHARE
  for (let wanted = plan.probes; ;) {
    await walk.readUpTo(wanted)
    const examined = await found.among(nearest.sorted(), isHopeless)
    const { hits } = examined
    const isEnough = hits.length === search.k
    if (isEnough && (isFixed || walk.isComplete || partitionsFor(examined) <= walk.partitions)) return hits
    if (!isEnough && examined.examined === walk.vectors && walk.isComplete) return hits
    if (isHopeless(examined) || (!isEnough && nearest.isFull)) return searchExactly(collection, search)
    wanted = Math.max(partitionsFor(examined), Math.ceil(walk.partitions * GROWTH_MIN))
  }
}
