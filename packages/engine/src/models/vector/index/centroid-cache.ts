import type { OrbitError } from '@orbit-ts/base'
import { vectorKeys } from '@orbit-ts/storage'
import { decodeVector } from '../../../record/vector-record.js'
import type { OpenVectors } from '../open-vectors.js'
import { Centroids } from './centroids.js'
import type { Generation } from './index-state.js'

/** Bytes of centres kept in memory, for all stores of the process. */
const SIZE_MAX_BYTES = 64 * 1024 * 1024

/**
 * The centres used lately. They go by their digest, so what is cached is right for whoever stored the same centres.
 *
 * Invariants:
 * 1. `#sizeBytes` is the sum over `#kept` and at most `SIZE_MAX_BYTES`.
 * 2. `#kept` is in order of use, the latest last.
 */
class CentroidCache {
  readonly #kept = new Map<string, Centroids>()
  #sizeBytes = 0

  get(digest: string): Centroids | undefined {
    const found = this.#kept.get(digest)
    if (found === undefined) return undefined
    this.#kept.delete(digest)
    this.#kept.set(digest, found)
    return found
  }

  put(digest: string, centroids: Centroids): void {
    if (this.#kept.has(digest) || centroids.sizeBytes > SIZE_MAX_BYTES) return
    this.#kept.set(digest, centroids)
    this.#sizeBytes += centroids.sizeBytes
    for (const [oldest, { sizeBytes }] of this.#kept) {
      if (this.#sizeBytes <= SIZE_MAX_BYTES) return
      this.#kept.delete(oldest)
      this.#sizeBytes -= sizeBytes
    }
  }
}

const CACHE = new CentroidCache()

/** The centres of a generation. @throws STORAGE_CORRUPT when they are not those that were stored. */
export async function loadCentroids(
  collection: OpenVectors,
  indexId: number,
  generation: Generation,
): Promise<Centroids> {
  const cached = CACHE.get(generation.digest)
  if (cached !== undefined) return cached
  const centroids = await readCentroids(collection, indexId, generation)
  CACHE.put(generation.digest, centroids)
  return centroids
}

async function readCentroids(
  collection: OpenVectors,
  indexId: number,
  { firstPartition, partitions, digest }: Generation,
): Promise<Centroids> {
  const { dimension, metric } = collection.definition
  const rows = new Float32Array(partitions * dimension)
  const start = vectorKeys.centroid(collection.id, indexId, firstPartition)
  const end = vectorKeys.centroid(collection.id, indexId, firstPartition + partitions)
  let count = 0
  for await (const chunk of collection.storage.scan({ start, end })) {
    for (const { key, value } of chunk) {
      const row = decodeVector(value, key)
      if (row.length !== dimension) throw damaged(collection, `a centre has ${row.length} components`)
      rows.set(row, count * dimension)
      count++
    }
  }
  if (count !== partitions) throw damaged(collection, `${count} of ${partitions} centres are there`)
  const centroids = new Centroids(metric, dimension, rows)
  if (centroids.digest(firstPartition) !== digest)
    throw damaged(collection, 'the centres are not those of its training')
  return centroids
}

function damaged(collection: OpenVectors, reason: string): OrbitError {
  return collection.error(
    'STORAGE_CORRUPT',
    `its index is damaged: ${reason}; take the index out of the declaration and add it again`,
  )
}
