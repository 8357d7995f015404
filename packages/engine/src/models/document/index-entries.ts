import { toBinaryString, utf8, EMPTY_BYTES } from '@orbit-ts/base'
import { NULL_DATUM, type Datum } from '@orbit-ts/storage'
import { Reached, readPath, readSingle, type Path } from '../../filter/path.js'
import type { JsonDocument } from './collection.js'
import { COMPOSITE, datumOf, entryKey } from './index-values.js'
import type { OpenCollection, OpenIndex } from './open-collection.js'

/** Entries that one document may have in one index: it is arrays that multiply them. */
export const INDEX_ENTRIES_MAX = 1000
/** Bytes that the values of one entry may take in its key. */
export const INDEX_KEY_SIZE_MAX_BYTES = 1024

export interface IndexEntry {
  readonly index: OpenIndex
  readonly datums: readonly Datum[]
  readonly key: Uint8Array
  /** The key as a string of bytes, for maps. */
  readonly keyText: string
  /** The id for an entry that no other document may have, otherwise nothing: the key ends in it. */
  readonly value: Uint8Array
  readonly isUnique: boolean
}

/**
 * What a document has in an index: one entry, in a sparse index perhaps none, in a multi-valued one one for each
 * combination of elements.
 * @throws LIMIT_EXCEEDED (too many entries, a value too long), TYPE_MISMATCH (an array or object in a unique index)
 */
export function indexEntries(
  collection: OpenCollection,
  index: OpenIndex,
  id: string,
  document: JsonDocument,
): IndexEntry[] {
  const tuples = index.multi
    ? combinations(collection, index, id, document)
    : [index.steps.map(({ steps }) => datumOf(readSingle(document, steps)))]
  const kept = index.sparse ? tuples.filter((datums) => datums.some((datum) => datum !== NULL_DATUM)) : tuples
  return kept.map((datums) => entry(collection, index, id, datums))
}

function combinations(
  collection: OpenCollection,
  index: OpenIndex,
  id: string,
  document: JsonDocument,
): Datum[][] {
  let tuples: Datum[][] = [[]]
  for (const path of index.steps) {
    const datums = elementDatums(document, path)
    const count = tuples.length * datums.length
    if (count > INDEX_ENTRIES_MAX) {
      throw collection.error(
        'LIMIT_EXCEEDED',
        `document "${id}" would have ${count} entries in index "${index.name}"; at most ${INDEX_ENTRIES_MAX} are accepted`,
        { id, index: index.name, limit: INDEX_ENTRIES_MAX },
      )
    }
    tuples = tuples.flatMap((before) => datums.map((datum) => [...before, datum]))
  }
  return tuples
}

/** The distinct scalars that a path reaches; null when there is none. Only they can equal what a query asks for. */
function elementDatums(document: JsonDocument, { steps }: Path): Datum[] {
  const found = readPath(document, steps)
  const datums = new Map<unknown, Datum>()
  const add = (value: unknown): void => {
    const datum = datumOf(value)
    if (datum !== COMPOSITE && datum !== NULL_DATUM) datums.set(value, datum)
  }
  for (const value of found instanceof Reached ? found.values : [found]) {
    if (Array.isArray(value)) value.forEach(add)
    else add(value)
  }
  return datums.size === 0 ? [NULL_DATUM] : [...datums.values()]
}

function entry(
  collection: OpenCollection,
  index: OpenIndex,
  id: string,
  datums: readonly Datum[],
): IndexEntry {
  if (index.unique && datums.includes(COMPOSITE)) throw notScalar(collection, index, id, datums)
  // As in SQL, null is not equal to null.
  const isUnique = index.unique && !datums.includes(NULL_DATUM)
  const key = entryKey(collection.id, index.id, datums, isUnique ? undefined : id)
  if (key.length > INDEX_KEY_SIZE_MAX_BYTES) checkSize(collection, index, id, key.length, isUnique)
  return {
    index,
    datums,
    key,
    keyText: toBinaryString(key),
    value: isUnique ? utf8(id) : EMPTY_BYTES,
    isUnique,
  }
}

function checkSize(
  collection: OpenCollection,
  index: OpenIndex,
  id: string,
  keySize: number,
  isUnique: boolean,
): void {
  // A mark stands before the id.
  const sizeBytes = isUnique ? keySize : keySize - Buffer.byteLength(id) - 1
  if (sizeBytes <= INDEX_KEY_SIZE_MAX_BYTES) return
  throw collection.error(
    'LIMIT_EXCEEDED',
    `document "${id}": ${index.paths.join(', ')} takes ${sizeBytes} bytes in index "${index.name}"; at most ${INDEX_KEY_SIZE_MAX_BYTES} are accepted`,
    { id, index: index.name, sizeBytes, limit: INDEX_KEY_SIZE_MAX_BYTES },
  )
}

function notScalar(
  collection: OpenCollection,
  index: OpenIndex,
  id: string,
  datums: readonly Datum[],
): Error {
  const path = index.paths[datums.indexOf(COMPOSITE)] ?? ''
  return collection.error(
    'TYPE_MISMATCH',
    `document "${id}": ${path} is an array or an object, which the unique index "${index.name}" cannot compare; declare the index multi, or store a scalar`,
    { id, index: index.name, field: path },
  )
}
