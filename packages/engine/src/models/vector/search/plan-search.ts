import type { Moment } from '../cache/vector-cache.js'
import type { OpenVectors } from '../open-vectors.js'
import type { PartitionedIndexDefinition } from '../vectors-definition.js'
import type { VectorPlan } from '../vector-queries.js'
import { loadCentroids } from '../index/centroid-cache.js'
import { UNASSIGNED, getIndexState, type IndexState } from '../index/index-state.js'
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
  /** All partitions, the most promising first. */
  readonly order: readonly number[]
  /** How many generations they are of. */
  readonly generations: number
  /** How many partitions to read, more only while there are too few vectors; `auto`: as long as it is worth while. */
  readonly probes: number | 'auto'
}

/**
 * How to answer a search.
 * @param moment what is kept in memory of the collection
 */
export async function planSearch(
  collection: OpenVectors,
  search: CheckedSearch,
  moment: Moment | undefined,
): Promise<ExactPlan | PartitionedPlan> {
  const exact = (reason: string): ExactPlan => ({ method: 'exact', reason, search })
  const { index } = collection.definition
  if (search.exact) return exact('asked for')
  if (index === undefined) return exact('the collection has no index')
  const state = moment?.indexState(index.id) ?? (await readState(collection, index.id, moment))
  if (state.incomplete !== undefined) return exact('the index does not have all vectors yet; call buildIndex')
  if (state.generations.length === 0) return exact('the index has no centres yet; call buildIndex')
  return partitioned(collection, index, state, search)
}

async function readState(
  collection: OpenVectors,
  indexId: number,
  moment: Moment | undefined,
): Promise<IndexState> {
  const state = await getIndexState(collection.storage, collection.id, indexId)
  moment?.keepIndexState(indexId, state)
  return state
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
  state: IndexState,
  search: CheckedSearch,
): Promise<PartitionedPlan> {
  const ranked: number[][] = []
  for (const generation of state.generations) {
    const centroids = await loadCentroids(collection, index.id, generation)
    ranked.push(centroids.ranked(search.query).map((i) => generation.firstPartition + i))
  }
  const unassigned = state.unassigned ? [UNASSIGNED] : []
  const probes = search.probes ?? index.probes
  return {
    method: 'partitioned',
    reason: 'the index has all vectors',
    search,
    indexId: index.id,
    order: [...unassigned, ...inTurns(ranked)],
    generations: ranked.length,
    probes:
      probes === 'auto'
        ? 'auto'
        : ranked.reduce((sum, { length }) => sum + Math.min(length, probes), unassigned.length),
  }
}

/** The first of each list, then the second of each, and so on. */
function inTurns(lists: readonly (readonly number[])[]): readonly number[] {
  const [first, second] = lists
  if (first === undefined || second === undefined) return first ?? []
  const longest = Math.max(...lists.map(({ length }) => length))
  return Array.from({ length: longest }, (_, i) => lists.flatMap((list) => list.slice(i, i + 1))).flat()
}
