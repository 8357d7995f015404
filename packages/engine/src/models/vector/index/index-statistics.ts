import { vectorKeys } from '@orbit-ts/storage'
import type { OpenVectors } from '../open-vectors.js'
import type { IndexStatistics, PartitionStatistics } from '../vector-queries.js'
import type { PartitionedIndexDefinition } from '../vectors-definition.js'
import { decodeAssignment } from './assignment.js'
import { UNASSIGNED, getIndexState, type IndexState } from './index-state.js'

/** Below this reading everything is fast. */
const BUILD_ADVISED_MIN = 5000
/** The collection has become so many times as large, or as small, as when the centres were found. */
const GROWTH_ADVISED = 2
/** The largest partition has so many times the mean. */
const SKEW_ADVISED = 10
const CHUNK = 4096

export async function indexStatistics(
  collection: OpenVectors,
  index: PartitionedIndexDefinition,
): Promise<IndexStatistics> {
  const state = await getIndexState(collection.storage, collection.id, index.id)
  const sizes = await partitionSizes(collection, index, state)
  const unassigned = sizes.get(UNASSIGNED) ?? 0
  sizes.delete(UNASSIGNED)
  const partitions = [...sizes]
    .map(([partition, vectors]) => ({ partition, vectors }))
    .sort((a, b) => a.partition - b.partition)
  const trainedOn = state.generations.at(-1)?.trainedOn
  const counted = {
    kind: 'partitioned',
    state: nameOf(state),
    vectors: partitions.reduce((sum, { vectors }) => sum + vectors, unassigned),
    unassigned,
    partitions,
    ...(trainedOn === undefined ? {} : { trainedOn }),
  } as const
  const advice = advise(counted)
  return advice === undefined ? counted : { ...counted, advice }
}

/** Empty partitions included. */
async function partitionSizes(
  collection: OpenVectors,
  index: PartitionedIndexDefinition,
  state: IndexState,
): Promise<Map<number, number>> {
  const sizes = new Map<number, number>()
  for (const { firstPartition, partitions } of state.generations) {
    for (let i = 0; i < partitions; i++) sizes.set(firstPartition + i, 0)
  }
  const range = vectorKeys.assignments(collection.id, index.id)
  for await (const chunk of collection.storage.scan(range, { chunkSize: CHUNK })) {
    for (const { value } of chunk) {
      const partition = decodeAssignment(value)
      sizes.set(partition, (sizes.get(partition) ?? 0) + 1)
    }
  }
  return sizes
}

function nameOf(state: IndexState): IndexStatistics['state'] {
  if (state.incomplete !== undefined) return 'incomplete'
  if (state.building) return 'building'
  return state.generations.length === 0 ? 'empty' : 'ready'
}

function advise({ state, vectors, partitions, trainedOn = 0 }: IndexStatistics): string | undefined {
  switch (state) {
    case 'incomplete':
      return 'build: vectors that were there before the index are not in it yet'
    case 'building':
      return 'build: a build is under way; call buildIndex until it is done'
    case 'empty':
      return vectors < BUILD_ADVISED_MIN ? undefined : `build: ${vectors} vectors are in no partition`
    case 'ready':
      return adviseRebuild(vectors, partitions, trainedOn)
  }
}

function adviseRebuild(
  vectors: number,
  partitions: readonly PartitionStatistics[],
  trainedOn: number,
): string | undefined {
  if (vectors > trainedOn * GROWTH_ADVISED || vectors * GROWTH_ADVISED < trainedOn) {
    return `rebuild: there are ${vectors} vectors, and the centres were found for ${trainedOn}`
  }
  const largest = Math.max(0, ...partitions.map((partition) => partition.vectors))
  const mean = vectors / Math.max(1, partitions.length)
  if (vectors < BUILD_ADVISED_MIN || largest <= mean * SKEW_ADVISED) return undefined
  return `rebuild: the largest partition has ${largest} vectors, the mean is ${Math.round(mean)}`
}
