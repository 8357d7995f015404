import { defined } from '@orbit-ts/base'
import { vectorKeys } from '@orbit-ts/storage'
import { decodeVector, decodeVectorRecord } from '../../../record/vector-record.js'
import type { OpenVectors } from '../open-vectors.js'
import type { VectorHit } from '../vector-records.js'
import { WorkPacer } from '../work-pacer.js'
import type { CheckedSearch } from './check-search.js'
import { ChunkRanks, chunkRows } from './chunk-ranks.js'
import { NearestHeap } from './nearest-heap.js'
import { metadataOf, readHits } from './read-hits.js'

/** Compares every vector of the collection that has the metadata asked for. */
export async function searchExactly(collection: OpenVectors, search: CheckedSearch): Promise<VectorHit[]> {
  const { dimension, metric } = collection.definition
  const range = vectorKeys.records(collection.id)
  const idStart = defined(range.start, 'start of a prefix').length
  const nearest = new NearestHeap(search.k)
  const ranks = new ChunkRanks(metric, search.query)
  const pacer = new WorkPacer(collection.context.env)
  for await (const chunk of collection.storage.scan(range, { chunkSize: chunkRows(dimension) })) {
    const keys: Uint8Array[] = []
    const vectors: Float32Array[] = []
    for (const { key, value } of chunk) {
      const vector = acceptedVector(search, key, value)
      if (vector === undefined) continue
      keys.push(key)
      vectors.push(vector)
    }
    const found = ranks.ofFloats(vectors)
    let row = 0
    for (const key of keys) nearest.offer(defined(found[row++], 'rank'), key, idStart)
    const turn = pacer.done(chunk.length * dimension)
    if (turn !== undefined) await turn
  }
  const hits = await readHits(collection, search, nearest.sorted())
  return hits.filter((hit) => hit !== undefined)
}

/** Undefined when the metadata is not what was asked for, which is not read when nothing was. */
function acceptedVector(search: CheckedSearch, key: Uint8Array, value: Uint8Array): Float32Array | undefined {
  if (search.where === undefined) return decodeVector(value, key)
  const { vector, attributes } = decodeVectorRecord(value, key)
  return search.accepts(metadataOf(attributes)) ? vector : undefined
}
