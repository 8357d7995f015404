/** Reads vectors by id and by what is in their metadata. */
import { defined } from '@orbit-ts/base'
import { vectorKeys, type Entry } from '@orbit-ts/storage'
import { checkQuery, type CheckedQuery } from '../../filter/check-query.js'
import { compileFilter, type Predicate } from '../../filter/compile-filter.js'
import type { Query } from '../../filter/filter.js'
import { RowSorter } from '../../filter/order-rows.js'
import { compileSelect } from '../../filter/select-fields.js'
import { decodeVectorRecord } from '../../record/vector-record.js'
import { checkId, checkList } from './check-vector.js'
import type { OpenVectors } from './open-vectors.js'
import { checkWhere } from './search/check-search.js'
import { chunkRows } from './search/chunk-ranks.js'
import { metadataOf } from './search/read-hits.js'
import type { StoredVector } from './vector-records.js'

const KEYS_CHUNK = 4096
const ROWS_MAX = 256

export async function getVectors(
  collection: OpenVectors,
  given: unknown,
): Promise<(StoredVector | undefined)[]> {
  const ids = checkList(collection, given, 'ids').map((id) => checkId(collection, id))
  const keys = ids.map((id) => collection.recordKey(id))
  const found = await collection.storage.getMany(keys)
  return ids.map((id, i) => {
    const value = found[i]
    return value === undefined
      ? undefined
      : decodeVector(id, { key: defined(keys[i], 'key of an id'), value })
  })
}

export async function countVectors(collection: OpenVectors, given: unknown): Promise<number> {
  const where = checkWhere(collection, given)
  const options =
    where === undefined ? { keysOnly: true, chunkSize: KEYS_CHUNK } : { chunkSize: rowsOf(collection) }
  const accepts: Predicate = where === undefined ? () => true : compileFilter(where)
  let count = 0
  for await (const chunk of collection.storage.scan(vectorKeys.records(collection.id), options)) {
    if (where === undefined) count += chunk.length
    else for (const entry of chunk) count += Number(accepts(metadataIn(entry)))
  }
  return count
}

/** Chunks in order of id, or of `orderBy`. */
export async function* scanVectors(collection: OpenVectors, query: Query): AsyncGenerator<StoredVector[]> {
  const { rules, what } = collection
  const checked = checkQuery(query, { what, ...(rules === undefined ? {} : { fields: rules.keys() }) })
  const chunks = checked.orderBy.length === 0 ? inOrderOfId(collection, checked) : sorted(collection, checked)
  const select = checked.select === undefined ? undefined : compileSelect(checked.select)
  for await (const chunk of chunks) {
    yield select === undefined ? chunk : chunk.map((each) => ({ ...each, metadata: select(each.metadata) }))
  }
}

async function* inOrderOfId(
  collection: OpenVectors,
  { where, limit, offset }: CheckedQuery,
): AsyncGenerator<StoredVector[]> {
  let skip = offset
  let left = limit
  if (left === 0) return
  for await (const chunk of accepted(collection, where)) {
    const rest = skip === 0 ? chunk : chunk.slice(skip)
    skip -= chunk.length - rest.length
    const wanted = rest.length > left ? rest.slice(0, left) : rest
    left -= wanted.length
    if (wanted.length > 0) yield wanted
    if (left === 0) return
  }
}

async function* sorted(
  collection: OpenVectors,
  { where, orderBy, limit, offset }: CheckedQuery,
): AsyncGenerator<StoredVector[]> {
  // Only ids and metadata are held while sorting; vectors may be large.
  const sorter = new RowSorter<{ readonly id: string; readonly metadata: unknown }>({
    orderBy: orderBy.map(({ field, direction }) => ({ field: `metadata.${field}`, direction })),
    limit,
    offset,
    what: collection.what,
  })
  for await (const chunk of accepted(collection, where)) {
    for (const { id, metadata } of chunk) sorter.add({ id, metadata })
  }
  const ids = sorter.finish().map(({ id }) => id)
  const rows = rowsOf(collection)
  for (let from = 0; from < ids.length; from += rows) {
    // Undefined only where each read shows a later moment, and it was deleted in between.
    const vectors = await getVectors(collection, ids.slice(from, from + rows))
    yield vectors.filter((vector) => vector !== undefined)
  }
}

/** Non-empty chunks of the vectors whose metadata fits. */
async function* accepted(
  collection: OpenVectors,
  where: CheckedQuery['where'],
): AsyncGenerator<StoredVector[]> {
  const accepts = compileFilter(where)
  const options = { chunkSize: rowsOf(collection) }
  for await (const chunk of collection.storage.scan(vectorKeys.records(collection.id), options)) {
    const vectors = chunk.flatMap((entry) => {
      const vector = decodeVector(collection.idOf(entry.key), entry)
      return accepts(vector.metadata) ? [vector] : []
    })
    if (vectors.length > 0) yield vectors
  }
}

function rowsOf(collection: OpenVectors): number {
  return Math.min(ROWS_MAX, chunkRows(collection.definition.dimension))
}

function metadataIn({ key, value }: Entry): Record<string, unknown> {
  return metadataOf(decodeVectorRecord(value, key).attributes)
}

/** A stored record as callers get it. */
export function decodeVector(id: string, { key, value }: Entry): StoredVector {
  const { vector, attributes } = decodeVectorRecord(value, key)
  // Stored bytes are not the caller's to change, so it gets a copy.
  return { id, vector: vector.slice(), metadata: metadataOf(attributes) }
}
