import { defined } from '@orbit-ts/base'
import { decodeVectorRecord } from '../../../record/vector-record.js'
import type { Moment } from '../cache/vector-cache.js'
import { nameOf } from '../check-vector.js'
import type { OpenVectors } from '../open-vectors.js'
import type { VectorHit } from '../vector-records.js'
import type { CheckedSearch } from './check-search.js'
import { DISTANCES } from './distance.js'
import type { Ranked } from './nearest-heap.js'

/** With many the records that are kept by themselves would drive out what is searched. */
const KEPT_MAX = 100

/**
 * What was ranked, with its metadata: in the same order, undefined where the metadata is not what was asked for.
 * @param moment what is kept in memory of the collection
 * @throws STORAGE_CORRUPT when the index has a vector that is not there.
 */
export async function readHits(
  collection: OpenVectors,
  search: CheckedSearch,
  ranked: readonly Ranked[],
  moment?: Moment,
): Promise<(VectorHit | undefined)[]> {
  const keys = ranked.map(({ id }) => collection.recordKey(id))
  const found = await readRecords(collection, ranked, ranked.length > KEPT_MAX ? undefined : moment)
  return ranked.map((each, i) => {
    const bytes = found[i]
    if (bytes === undefined) {
      checkMissing(collection, each.id)
      return undefined
    }
    const { vector, attributes } = decodeVectorRecord(bytes, keys[i])
    const metadata = metadataOf(attributes)
    if (!search.accepts(metadata)) return undefined
    const hit = hitOf(collection, each, metadata)
    // Stored bytes are not the caller's to change, so it gets a copy.
    return search.includeVectors ? { ...hit, vector: vector.slice() } : hit
  })
}

async function readRecords(
  collection: OpenVectors,
  ranked: readonly Ranked[],
  moment: Moment | undefined,
): Promise<(Uint8Array | undefined)[]> {
  const found = ranked.map(({ id }) => moment?.record(id))
  const missing = [...ranked.keys()].filter((i) => found[i] === undefined)
  if (missing.length === 0) return found
  const ids = missing.map((i) => defined(ranked[i], 'what was ranked').id)
  const read = await collection.storage.getMany(ids.map((id) => collection.recordKey(id)))
  for (const [at, i] of missing.entries()) {
    const stored = read[at]
    found[i] = stored
    if (stored !== undefined) moment?.keepRecord(defined(ids[at], 'its id'), stored)
  }
  return found
}

/** Without its vector. */
export function hitOf(
  collection: OpenVectors,
  { id, rank }: Ranked,
  metadata: Record<string, unknown>,
): VectorHit {
  const { distanceOf, scoreOf } = DISTANCES[collection.definition.metric]
  const distance = distanceOf(rank)
  return { id, distance, score: scoreOf(distance), metadata }
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
