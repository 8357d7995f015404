/** All that a record has in the property indexes of its labels or its type. */
import { EMPTY_BYTES, toBinaryString, type OrbitError } from '@orbit-ts/base'
import type { Datum } from '@orbit-ts/storage'
import type { PropertyIndex, RecordType } from './graph-types.js'
import { INDEX_ENTRIES_MAX, indexedValues } from './index-entries.js'
import type { OpenGraph } from './open-graph.js'
import type { Properties } from '../property/property-types.js'
import type { RecordName } from './record-names.js'

/** A node or an edge, as its index entries need it. */
export interface IndexedRecord {
  readonly name: RecordName
  /** What the value of a unique entry says. */
  readonly reference: Uint8Array
  /** The key of an entry, with the record's identity in it or without. */
  entryKey(indexId: number, datums: readonly Datum[], withIdentity: boolean): Uint8Array
  /** The record that such a reference names, for messages. */
  nameOf(reference: Uint8Array): string
}

/** A record's labels or type, and properties, at one time. */
export interface IndexedState {
  readonly types: readonly RecordType[]
  readonly properties: Properties
}

export interface IndexEntry {
  readonly key: Uint8Array
  readonly value: Uint8Array
  readonly record: IndexedRecord
  readonly type: RecordType
  readonly index: PropertyIndex
  /** No other record may have an entry with this key. */
  readonly isUnique: boolean
}

/** The entries by key, as a binary string. @throws LIMIT_EXCEEDED */
export function recordEntries(
  graph: OpenGraph,
  record: IndexedRecord,
  { types, properties }: IndexedState,
): Map<string, IndexEntry> {
  const entries = new Map<string, IndexEntry>()
  for (const type of types) {
    for (const index of type.indexes) {
      const values = indexedValues(index, properties)
      if (values === undefined) throw tooMany(graph, record, type, index)
      for (const { datums, isComparable } of values) {
        const isUnique = index.isUnique && isComparable
        const key = record.entryKey(index.id, datums, !isUnique)
        const value = isUnique ? record.reference : EMPTY_BYTES
        entries.set(toBinaryString(key), { key, value, record, type, index, isUnique })
      }
    }
  }
  return entries
}

function tooMany(
  graph: OpenGraph,
  { name }: IndexedRecord,
  type: RecordType,
  index: PropertyIndex,
): OrbitError {
  return graph.error(
    'LIMIT_EXCEEDED',
    `${name.what}: its arrays make more than ${INDEX_ENTRIES_MAX} entries in index "${index.name}" of ${type.name}`,
    { ...name.details, index: index.name, limit: INDEX_ENTRIES_MAX },
  )
}
