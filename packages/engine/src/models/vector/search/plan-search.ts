import type { OpenVectors } from '../open-vectors.js'
import type { PartitionedIndexDefinition } from '../vectors-definition.js'
import type { VectorPlan } from '../vector-queries.js'
import { loadCentroids } from '../index/centroid-cache.js'
import { UNASSIGNED, getIndexState, type Generation } from '../index/index-state.js'
import type { CheckedSearch } from './check-search.js'

export interface ExactPlan {
  readonly method: 'exact'
  readonly reason: string
  readonly search: CheckedSearch
}

export interface PartitionedPlan {
  readonly method: 'partitioned'
  readonly reason: string
  readonly search: CheckedSearch
  readonly indexId: number
  /** All partitions, those that are to be read first at the beginning. */
  readonly order: readonly number[]
  /** How many of them to read at first. */
  readonly probes: number
  /** The number of probes was given, so it counts even when few vectors are read. */
  readonly isFixed: boolean
}

/** How to answer a search. */
export async function planSearch(
  collection: OpenVectors,
  search: CheckedSearch,
): Promise<ExactPlan | PartitionedPlan> {
  const exact = (reason: string): ExactPlan => ({ method: 'exact', reason, search })
  const { index } = collection.definition
  if (search.exact) return exact('asked for')
  if (index === undefined) return exact('the collection has no index')
  const state = await getIndexState(collection.storage, collection.id, index.id)
  if (state.incomplete !== undefined) return exact('the index does not have all vectors yet; call buildIndex')
  if (state.generations.length === 0) return exact('the index has no centres yet; call buildIndex')
  return partitioned(collection, index, state.generations, search)
}

/** The plan as `explain` shows it. */
export function describePlan(collection: OpenVectors, plan: ExactPlan | PartitionedPlan): VectorPlan {
  const { method, reason, search } = plan
  return {
    collection: collection.name,
    method,
    reason,
    metric: collection.definition.metric,
    k: search.k,
    ...(plan.method === 'exact' ? {} : { partitions: plan.order.length, probes: plan.probes }),
    ...(search.where === undefined ? {} : { filter: search.where }),
  }
}

async function partitioned(
  collection: OpenVectors,
  index: PartitionedIndexDefinition,
  generations: readonly Generation[],
  search: CheckedSearch,
): Promise<PartitionedPlan> {
  const ranked: number[][] = []
  for (const generation of generations) {
    const centroids = await loadCentroids(collection, index.id, generation)
    ranked.push(centroids.ranked(search.query).map((i) => generation.firstPartition + i))
  }
  const wanted = search.probes ?? index.probes
  const probes = ranked.map(({ length }) => Math.min(length, wanted === 'auto' ? autoProbes(length) : wanted))
  const first = ranked.flatMap((partitions, i) => partitions.slice(0, probes[i]))
  const rest = ranked.flatMap((partitions, i) => partitions.slice(probes[i]))
  return {
    method: 'partitioned',
    reason: 'the index has all vectors',
    search,
    indexId: index.id,
    order: [UNASSIGNED, ...first, ...rest],
    probes: 1 + first.length,
    isFixed: wanted !== 'auto',
  }
}

/** Measured for a recall@10 of 0.95 and more on clustered data; see `VectorSession.search`. */
function autoProbes(partitions: number): number {
  return Math.ceil(Math.max(16, 2 * Math.sqrt(partitions)))
}
