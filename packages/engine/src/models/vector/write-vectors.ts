/** Writes and deletes vectors: everything is checked and read first, then written without a pause. */
import { encodeVectorRecord } from '../../record/vector-record.js'
import { VectorCache } from './cache/vector-cache.js'
import { checkId, checkList, checkNewVector, nameOf, type CheckedVector } from './check-vector.js'
import { IndexWriter } from './index/index-writer.js'
import type { OpenVectors } from './open-vectors.js'

/** @throws as `VectorSession.insertMany` */
export async function insertVectors(collection: OpenVectors, given: unknown): Promise<void> {
  const vectors = checkVectors(collection, given)
  const twice = findRepeated(vectors.map(({ id }) => id))
  if (twice !== undefined) throw existsAlready(collection, twice, 'is given twice')
  await putVectors(collection, vectors, true)
}

/** @throws as `VectorSession.upsertMany` */
export async function upsertVectors(collection: OpenVectors, given: unknown): Promise<void> {
  const latest = new Map(checkVectors(collection, given).map((vector) => [vector.id, vector]))
  await putVectors(collection, [...latest.values()], false)
}

/** Returns how many there were. */
export async function deleteVectors(collection: OpenVectors, given: unknown): Promise<number> {
  const ids = [...new Set(checkList(collection, given, 'ids').map((id) => checkId(collection, id)))]
  const { storage } = collection
  const index = await openIndex(collection)
  const partitions = await index?.current(ids)
  const keys = ids.map((id) => collection.recordKey(id))
  const found = await storage.getMany(keys)
  const there = ids.filter((_, i) => found[i] !== undefined)
  if (there.length > 0) noteChanges(collection, there, partitions ?? [])
  for (const [i, id] of ids.entries()) {
    if (found[i] === undefined) continue
    storage.delete(collection.recordKey(id))
    index?.remove(id, partitions?.[i])
  }
  return there.length
}

/** @param partitions which they are in now, and which they come into */
function noteChanges(
  collection: OpenVectors,
  ids: readonly string[],
  partitions: readonly (number | undefined)[],
): void {
  VectorCache.noteChanges(collection, collection.context.env, (touched) => {
    for (const id of ids) touched.addId(id)
    for (const partition of partitions) if (partition !== undefined) touched.addPartition(partition)
  })
}

function checkVectors(collection: OpenVectors, given: unknown): CheckedVector[] {
  return checkList(collection, given, 'vectors').map((each) => checkNewVector(collection, each))
}

async function putVectors(
  collection: OpenVectors,
  vectors: readonly CheckedVector[],
  mustBeNew: boolean,
): Promise<void> {
  const { storage } = collection
  const index = await openIndex(collection)
  const ids = vectors.map(({ id }) => id)
  const from = await index?.current(ids)
  const to = await index?.choose(vectors.map(({ vector }) => vector))
  if (mustBeNew) await checkAbsent(collection, ids)
  if (ids.length > 0) noteChanges(collection, ids, [...(from ?? []), ...(to ?? [])])
  for (const [i, { id, vector, metadata }] of vectors.entries()) {
    const attributes = Object.keys(metadata).length === 0 ? undefined : metadata
    const record = encodeVectorRecord(vector, attributes, collection.recordHeader)
    const key = collection.recordKey(id)
    if (mustBeNew) storage.insert(key, record)
    else storage.put(key, record)
    const partition = to?.[i]
    if (partition !== undefined) index?.put(id, bytesOf(vector), from?.[i], partition)
  }
  if (!mustBeNew) return
  for (const id of ids) {
    collection.context.explainExisting(collection.recordKey(id), () => existsAlready(collection, id))
  }
}

async function checkAbsent(collection: OpenVectors, ids: readonly string[]): Promise<void> {
  const found = await collection.storage.getMany(ids.map((id) => collection.recordKey(id)))
  const present = ids.find((_, i) => found[i] !== undefined)
  if (present !== undefined) throw existsAlready(collection, present)
}

function openIndex(collection: OpenVectors): Promise<IndexWriter> | undefined {
  const { index } = collection.definition
  return index === undefined ? undefined : IndexWriter.open(collection, index.id)
}

function existsAlready(collection: OpenVectors, id: string, how = 'exists already'): Error {
  return collection.error('RECORD_EXISTS', `${nameOf(id)} ${how}`, { id })
}

function findRepeated(ids: readonly string[]): string | undefined {
  const seen = new Set<string>()
  return ids.find((id) => seen.size === seen.add(id).size)
}

function bytesOf(vector: Float32Array): Uint8Array {
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength)
}
