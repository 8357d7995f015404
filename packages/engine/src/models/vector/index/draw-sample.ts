import { asBuffer, defined } from '@orbit-ts/base'
import { vectorKeys } from '@orbit-ts/storage'
import { decodeVector } from '../../../record/vector-record.js'
import type { OpenVectors } from '../open-vectors.js'
import { chunkRows } from '../search/chunk-ranks.js'
import type { PartitionedIndexDefinition } from '../vectors-definition.js'
import type { IndexState } from './index-state.js'

const SAMPLE_SIZE_MAX_BYTES = 64 * 1024 * 1024
const FLOAT_SIZE = 4
const KEYS_CHUNK = 4096

/**
 * Up to `sampleMax` vectors, each as likely as any other, in random order (reservoir sampling over the keys),
 * and the number of all vectors.
 */
export async function drawIds(
  collection: OpenVectors,
  index: PartitionedIndexDefinition,
  state: IndexState,
  sampleMax: number,
): Promise<{ ids: string[]; collectionSize: number }> {
  const { random } = collection.context.env
  const fitting = Math.floor(SAMPLE_SIZE_MAX_BYTES / (collection.definition.dimension * FLOAT_SIZE))
  const countMax = Math.min(sampleMax, fitting)
  // Assignments are small and all there, unless the index was added to existing vectors.
  const isComplete = state.incomplete === undefined
  const range = isComplete
    ? vectorKeys.assignments(collection.id, index.id)
    : vectorKeys.records(collection.id)
  const kept: Uint8Array[] = []
  let count = 0
  for await (const chunk of collection.storage.scan(range, { keysOnly: true, chunkSize: KEYS_CHUNK })) {
    for (const { key } of chunk) {
      count++
      const at = Math.floor(random.float() * count)
      // A key that enters takes a random place, and the one that was there the last place.
      if (kept.length < countMax) {
        kept.push(kept[at] ?? key)
        kept[at] = key
      } else if (at < countMax) kept[at] = key
    }
  }
  const idStart = defined(range.start, 'start of a prefix').length
  return { ids: kept.map((key) => asBuffer(key).toString('utf8', idStart)), collectionSize: count }
}

/** The vectors one after the other; of length 1 where only directions count. */
export async function readSample(collection: OpenVectors, ids: readonly string[]): Promise<Float32Array> {
  const { dimension, metric } = collection.definition
  const rows = new Float32Array(ids.length * dimension)
  const chunkSize = chunkRows(dimension)
  for (let from = 0; from < ids.length; from += chunkSize) {
    const keys = ids.slice(from, from + chunkSize).map((id) => collection.recordKey(id))
    const found = await collection.storage.getMany(keys)
    for (const [i, bytes] of found.entries()) {
      const vector = decodeVector(defined(bytes, 'vector of an assignment'), keys[i])
      rows.set(metric === 'cosine' ? direction(vector) : vector, (from + i) * dimension)
    }
  }
  return rows
}

function direction(vector: Float32Array): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0))
  return vector.map((x) => x / length)
}
