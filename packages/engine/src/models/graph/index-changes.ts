/**
 * The changes that a call makes to property indexes: gathered, checked against what is stored, then written.
 *
 * Invariants:
 * 1. Nothing is written before every unique value was checked, within the call and against the store.
 * 2. A unique value that is checked here and taken by another transaction meanwhile is refused at the commit, by the
 *    same error.
 */
import { EMPTY_BYTES, OrbitError, hasCode, toBinaryString } from '@orbit-ts/base'
import type { Datum } from '@orbit-ts/storage'
import type { PropertyIndex, RecordType } from './graph-types.js'
import { INDEX_ENTRIES_MAX, indexedValues } from './index-entries.js'
import type { OpenGraph } from './open-graph.js'
import type { Properties } from './property-types.js'

/** A node or an edge, as its index entries need it. */
export interface IndexedRecord {
  /** For messages: `node "JFK"`. */
  readonly what: string
  readonly details: Readonly<Record<string, unknown>>
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

interface Entry {
  readonly key: Uint8Array
  readonly value: Uint8Array
  readonly record: IndexedRecord
  readonly type: RecordType
  readonly index: PropertyIndex
  readonly isUnique: boolean
}

export class IndexChanges {
  readonly #graph: OpenGraph
  readonly #added = new Map<string, Entry>()
  readonly #removed = new Map<string, Entry>()

  constructor(graph: OpenGraph) {
    this.#graph = graph
  }

  /**
   * What changes when a record goes from one state to another; undefined: it is not there.
   * @throws UNIQUE_VIOLATION when another record of this call has the value, LIMIT_EXCEEDED
   */
  add(record: IndexedRecord, before: IndexedState | undefined, after: IndexedState | undefined): void {
    const old = before === undefined ? NO_ENTRIES : this.#entriesOf(record, before)
    const now = after === undefined ? NO_ENTRIES : this.#entriesOf(record, after)
    for (const [id, entry] of old) if (!now.has(id)) this.#removed.set(id, entry)
    for (const [id, entry] of now) {
      if (old.has(id)) continue
      const other = this.#added.get(id)
      if (other !== undefined) throw this.#violation(entry, other.record.what)
      this.#added.set(id, entry)
    }
  }

  /** @throws UNIQUE_VIOLATION when a stored record has one of the values. */
  async check(): Promise<void> {
    const unique = [...this.#added].filter(([, entry]) => entry.isUnique)
    if (unique.length === 0) return
    const found = await this.#graph.storage.getMany(unique.map(([, { key }]) => key))
    unique.forEach(([id, entry], i) => {
      const reference = found[i]
      if (reference !== undefined && !this.#removed.has(id)) {
        throw this.#violation(entry, entry.record.nameOf(reference))
      }
    })
  }

  /** Writes the changes. @throws KEY_TOO_LARGE naming the index. */
  write(): void {
    const { storage, context } = this.#graph
    for (const { key } of this.#removed.values()) storage.delete(key)
    for (const entry of this.#added.values()) {
      try {
        if (entry.isUnique) {
          storage.insert(entry.key, entry.value)
          context.explainExisting(entry.key, () => this.#violation(entry, 'another transaction'))
        } else {
          storage.put(entry.key, entry.value)
        }
      } catch (error) {
        throw this.#tooLarge(entry, error)
      }
    }
  }

  #entriesOf(record: IndexedRecord, { types, properties }: IndexedState): Map<string, Entry> {
    const entries = new Map<string, Entry>()
    for (const type of types) {
      for (const index of type.indexes) {
        const values = indexedValues(index, properties)
        if (values === undefined) throw this.#tooMany(record, type, index)
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

  #violation({ record, type, index }: Entry, holder: string): OrbitError {
    const fields = index.fields.map(({ path }) => path.text)
    return this.#graph.error(
      'UNIQUE_VIOLATION',
      `${record.what}: its ${fields.join(', ')} is taken by ${holder}; index "${index.name}" of ${type.name} is unique`,
      { ...record.details, index: index.name, fields },
    )
  }

  #tooMany({ what, details }: IndexedRecord, type: RecordType, index: PropertyIndex): OrbitError {
    return this.#graph.error(
      'LIMIT_EXCEEDED',
      `${what}: its arrays make more than ${INDEX_ENTRIES_MAX} entries in index "${index.name}" of ${type.name}`,
      { ...details, index: index.name, limit: INDEX_ENTRIES_MAX },
    )
  }

  #tooLarge({ record, type, index, key }: Entry, error: unknown): unknown {
    if (!hasCode(error, 'KEY_TOO_LARGE')) return error
    return this.#graph.error(
      'KEY_TOO_LARGE',
      `${record.what}: its value makes a key of ${key.byteLength} bytes in index "${index.name}" of ${type.name}; ${error.reason}`,
      { ...record.details, index: index.name },
    )
  }
}

const NO_ENTRIES: ReadonlyMap<string, Entry> = new Map()
