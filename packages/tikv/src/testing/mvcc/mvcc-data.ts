import { MAX_TIMESTAMP, type Timestamp } from '../../timestamp.js'
import { OrderedMap } from '../ordered-map.js'
import type { KeyRecords, Lock, Write } from './records.js'

/** One change of one column. */
export type Modification =
  | { readonly kind: 'put-lock'; readonly key: Uint8Array; readonly lock: Lock }
  | { readonly kind: 'delete-lock'; readonly key: Uint8Array }
  | { readonly kind: 'put-write'; readonly key: Uint8Array; readonly write: Write }
  | { readonly kind: 'delete-write'; readonly key: Uint8Array; readonly commitTs: Timestamp }
  | {
      readonly kind: 'put-value'
      readonly key: Uint8Array
      readonly startTs: Timestamp
      readonly value: Uint8Array
    }
  | { readonly kind: 'delete-value'; readonly key: Uint8Array; readonly startTs: Timestamp }

/**
 * The lock, write and default columns of transactional data, by user key.
 *
 * Invariants:
 * 1. `apply` takes effect as a whole: nothing can be read between two of its modifications.
 * 2. A key without any record has no entry; `#locks` has exactly the keys that are locked.
 */
export class MvccData {
  readonly #keys = new OrderedMap<KeyRecords>()
  /** The lock column once more, because it is small and often scanned. */
  readonly #locks = new OrderedMap<Lock>()
  #version = 0n

  /** Grows with every change. */
  get version(): bigint {
    return this.#version
  }

  lock(key: Uint8Array): Lock | undefined {
    return this.#keys.get(key)?.lock
  }

  /** Newest first. */
  writes(key: Uint8Array): readonly Write[] {
    return this.#keys.get(key)?.writes ?? []
  }

  value(key: Uint8Array, startTs: Timestamp): Uint8Array | undefined {
    return this.#keys.get(key)?.values.get(startTs)
  }

  /** The default column of a key: start timestamps and values. */
  values(key: Uint8Array): readonly (readonly [Timestamp, Uint8Array])[] {
    return [...(this.#keys.get(key)?.values ?? [])].sort(([a], [b]) => (a < b ? 1 : -1))
  }

  /** The newest write record with `commitTs` at or below `ts`. */
  seekWrite(key: Uint8Array, ts: Timestamp = MAX_TIMESTAMP): Write | undefined {
    return this.#keys.get(key)?.writes.find((write) => write.commitTs <= ts)
  }

  ascending(start: Uint8Array, end?: Uint8Array): Generator<readonly [Uint8Array, Readonly<KeyRecords>]> {
    return this.#keys.ascending(start, end)
  }

  descending(start: Uint8Array, end?: Uint8Array): Generator<readonly [Uint8Array, Readonly<KeyRecords>]> {
    return this.#keys.descending(start, end)
  }

  locks(start: Uint8Array, end?: Uint8Array): Generator<readonly [Uint8Array, Lock]> {
    return this.#locks.ascending(start, end)
  }

  apply(modifications: readonly Modification[]): void {
    if (modifications.length > 0) this.#version++
    for (const modification of modifications) this.#applyOne(modification)
  }

  /** Removes every record of the keys in the range, as deleting files does. */
  destroyRange(start: Uint8Array, end?: Uint8Array): void {
    this.#version++
    this.#keys.deleteRange(start, end)
    this.#locks.deleteRange(start, end)
  }

  #applyOne(modification: Modification): void {
    const { key } = modification
    const records = this.#keys.get(key) ?? { lock: undefined, writes: [], values: new Map() }
    switch (modification.kind) {
      case 'put-lock':
        records.lock = modification.lock
        this.#locks.set(key, modification.lock)
        break
      case 'delete-lock':
        records.lock = undefined
        this.#locks.delete(key)
        break
      case 'put-write':
        putWrite(records, modification.write)
        break
      case 'delete-write':
        records.writes = records.writes.filter((write) => write.commitTs !== modification.commitTs)
        break
      case 'put-value':
        records.values.set(modification.startTs, modification.value)
        break
      case 'delete-value':
        records.values.delete(modification.startTs)
        break
    }
    const empty = records.lock === undefined && records.writes.length === 0 && records.values.size === 0
    if (empty) this.#keys.delete(key)
    else this.#keys.set(key, records)
  }
}

function putWrite(records: KeyRecords, write: Write): void {
  const index = records.writes.findIndex((other) => other.commitTs <= write.commitTs)
  if (index < 0) records.writes = [...records.writes, write]
  else {
    const replaced = records.writes[index]?.commitTs === write.commitTs ? 1 : 0
    records.writes = records.writes.toSpliced(index, replaced, write)
  }
}
