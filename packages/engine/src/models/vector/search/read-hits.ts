import { decodeVectorRecord } from '../../../record/vector-record.js'
import { nameOf } from '../check-vector.js'
import type { OpenVectors } from '../open-vectors.js'
import type { VectorHit } from '../vector-records.js'
import type { CheckedSearch } from './check-search.js'
import { DISTANCES } from './distance.js'
import type { Ranked } from './nearest-heap.js'

/**
 * What was ranked, with its metadata: in the same order, undefined where the metadata is not what was asked for.
 * @throws STORAGE_CORRUPT when the index has a vector that is not there.
 */
export async function readHits(
  collection: OpenVectors,
  search: CheckedSearch,
  ranked: readonly Ranked[],
): Promise<(VectorHit | undefined)[]> {
  const { distanceOf, scoreOf } = DISTANCES[collection.definition.metric]
  const keys = ranked.map(({ id }) => collection.recordKey(id))
  const found = await collection.storage.getMany(keys)
  return ranked.map(({ id, rank }, i) => {
    const bytes = found[i]
    if (bytes === undefined) {
      checkMissing(collection, id)
      return undefined
    }
    const { vector, attributes } = decodeVectorRecord(bytes, keys[i])
    const metadata = metadataOf(attributes)
    if (!search.accepts(metadata)) return undefined
    const distance = distanceOf(rank)
    const hit = { id, distance, score: scoreOf(distance), metadata }
    // Stored bytes are not the caller's to change, so it gets a copy.
    return search.includeVectors ? { ...hit, vector: vector.slice() } : hit
  })
}

/** Attributes as `encodeVectorRecord` stores them: none for empty metadata. */
export function metadataOf(attributes: unknown): Record<string, unknown> {
  return attributes === undefined ? {} : (attributes as Record<string, unknown>)
}

function checkMissing(collection: OpenVectors, id: string): void {
  // Each read shows a later moment: it was deleted in between.
  if (collection.isReadCommitted) return
  throw collection.error('STORAGE_CORRUPT', `its index has ${nameOf(id)}, which is not there`, { id })
}
