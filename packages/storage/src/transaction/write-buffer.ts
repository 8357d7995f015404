/**
 * The uncommitted writes of one transaction. Shared by every kind of provider.
 *
 * Invariants:
 * 1. One entry per key: the latest write. `value` undefined is a delete.
 * 2. `mustBeAbsent` stays set once `insert` was the key's first write, whatever follows, until it is rolled back.
 * 3. The journal holds, for the first write of each key behind each savepoint, what it replaced; undoing it in reverse
 *    order gives exactly the state at that savepoint.
 * 4. What the journal keeps counts towards the limit as the writes do.
 */
import { OrbitError, toBinaryString, toHex } from '@orbit-ts/base'
import type { Savepoint } from '../provider.js'
import { orderedMap, type OrderedMap } from './ordered-map.js'

export interface BufferedWrite {
  readonly key: Uint8Array
  readonly value: Uint8Array | undefined
  readonly mustBeAbsent: boolean
}

/** A write, and the number of the savepoint that was to come next when it was made. */
interface DatedWrite extends BufferedWrite {
  readonly nextSavepoint: number
}

interface JournalEntry {
  readonly id: string
  readonly previous: DatedWrite | undefined
}

/** What the objects around one entry of the journal, and one savepoint, take. */
const JOURNAL_ENTRY_BYTES = 64

export class WriteBuffer {
  readonly #writes = new Map<string, DatedWrite>()
  /** The same in key order, from the first scan on: most transactions never need it. */
  #ordered: OrderedMap<BufferedWrite> | undefined
  #sizeBytes = 0
  #insertCount = 0
  readonly #journal: JournalEntry[] = []
  #journalBytes = 0
  /** The savepoints that are still valid, oldest first, each with the journal's length. */
  readonly #savepoints: { readonly id: number; readonly length: number }[] = []
  #nextSavepoint = 1
  readonly #sizeMaxBytes: number

  constructor(sizeMaxBytes: number) {
    this.#sizeMaxBytes = sizeMaxBytes
  }

  get count(): number {
    return this.#writes.size
  }

  /** Keys and values, bytes. */
  get sizeBytes(): number {
    return this.#sizeBytes
  }

  /** How many keys must be absent when the transaction commits. */
  get insertCount(): number {
    return this.#insertCount
  }

  get(id: string): BufferedWrite | undefined {
    return this.#writes.get(id)
  }

  has(id: string): boolean {
    return this.#writes.has(id)
  }

  /** All writes, in no particular order, with the key's binary string. */
  entries(): IterableIterator<[string, BufferedWrite]> {
    return this.#writes.entries()
  }

  values(): IterableIterator<BufferedWrite> {
    return this.#writes.values()
  }

  put(key: Uint8Array, value: Uint8Array): void {
    this.#write(key, value)
  }

  delete(key: Uint8Array): void {
    this.#write(key, undefined)
  }

  /** @throws KEY_EXISTS when this transaction itself wrote a value for the key. */
  insert(key: Uint8Array, value: Uint8Array): void {
    const id = toBinaryString(key)
    const previous = this.#writes.get(id)
    if (previous?.value !== undefined) {
      throw new OrbitError(
        'KEY_EXISTS',
        `insert of key ${toHex(key, 64)}: this transaction wrote it already`,
        {
          key: toHex(key),
        },
      )
    }
    this.#set(id, key, value, previous?.mustBeAbsent ?? true, previous)
  }

  /** @throws TRANSACTION_TOO_LARGE */
  savepoint(): Savepoint {
    this.#requireRoom(this.#sizeBytes, this.#journalBytes + JOURNAL_ENTRY_BYTES)
    this.#journalBytes += JOURNAL_ENTRY_BYTES
    const id = this.#nextSavepoint++
    this.#savepoints.push({ id, length: this.#journal.length })
    return { id }
  }

  /** @throws INVALID_ARGUMENT for a savepoint that this transaction did not make or has undone. */
  rollbackTo(savepoint: Savepoint): void {
    const index = this.#indexOf(savepoint)
    const length = this.#savepoints[index]?.length ?? 0
    while (this.#journal.length > length) this.#undo(this.#journal.pop())
    this.#journalBytes -= (this.#savepoints.length - index - 1) * JOURNAL_ENTRY_BYTES
    this.#savepoints.length = index + 1
  }

  /** @throws INVALID_ARGUMENT for a savepoint that this transaction did not make or that is gone. */
  release(savepoint: Savepoint): void {
    const index = this.#indexOf(savepoint)
    const length = this.#savepoints[index]?.length ?? 0
    const outerId = this.#savepoints[index - 1]?.id
    this.#journalBytes -= (this.#savepoints.length - index) * JOURNAL_ENTRY_BYTES
    this.#savepoints.length = index
    for (const entry of this.#journal.splice(length)) {
      // Of a key that was written since the savepoint before, that first write is the one to go back behind.
      const { previous } = entry
      const isOfUse = outerId !== undefined && (previous === undefined || previous.nextSavepoint <= outerId)
      if (isOfUse) this.#journal.push(entry)
      else this.#journalBytes -= journalCost(previous)
    }
  }

  /** The writes as of now in key order: later ones do not show in it. Undefined when there are none. */
  freeze(): OrderedMap<BufferedWrite> | undefined {
    if (this.#writes.size === 0) return undefined
    if (this.#ordered === undefined) {
      this.#ordered = orderedMap<BufferedWrite>()
      for (const [id, write] of this.#writes) this.#ordered.set(id, write)
    }
    return this.#ordered.clone()
  }

  #indexOf(savepoint: Savepoint): number {
    const index = this.#savepoints.findLastIndex(({ id }) => id === savepoint.id)
    if (index >= 0) return index
    throw new OrbitError(
      'INVALID_ARGUMENT',
      `savepoint ${savepoint.id} is not one of this transaction, or is gone`,
    )
  }

  #write(key: Uint8Array, value: Uint8Array | undefined): void {
    const id = toBinaryString(key)
    const previous = this.#writes.get(id)
    this.#set(id, key, value, previous?.mustBeAbsent ?? false, previous)
  }

  #set(
    id: string,
    key: Uint8Array,
    value: Uint8Array | undefined,
    mustBeAbsent: boolean,
    previous: DatedWrite | undefined,
  ): void {
    const write: DatedWrite = { key, value, mustBeAbsent, nextSavepoint: this.#nextSavepoint }
    const sizeBytes = this.#sizeBytes + sizeOf(write) - sizeOf(previous)
    const journaled = this.#savepoints.length > 0 && previous?.nextSavepoint !== this.#nextSavepoint
    const journalBytes = this.#journalBytes + (journaled ? journalCost(previous) : 0)
    this.#requireRoom(sizeBytes, journalBytes)
    if (journaled) this.#journal.push({ id, previous })
    this.#journalBytes = journalBytes
    this.#sizeBytes = sizeBytes
    this.#insertCount += Number(mustBeAbsent) - Number(previous?.mustBeAbsent ?? false)
    this.#writes.set(id, write)
    this.#ordered?.set(id, write)
  }

  #requireRoom(sizeBytes: number, journalBytes: number): void {
    if (sizeBytes + journalBytes <= this.#sizeMaxBytes) return
    const why = journalBytes === 0 ? '' : `, ${journalBytes} of them for its savepoints`
    throw new OrbitError(
      'TRANSACTION_TOO_LARGE',
      `the transaction's writes would take ${sizeBytes + journalBytes} bytes${why}, and ${this.#sizeMaxBytes} are allowed; split it, or raise transactions.transaction_size_max_mb`,
      { sizeBytes: sizeBytes + journalBytes, sizeMaxBytes: this.#sizeMaxBytes },
    )
  }

  #undo(entry: JournalEntry | undefined): void {
    if (entry === undefined) return
    this.#journalBytes -= journalCost(entry.previous)
    const current = this.#writes.get(entry.id)
    if (current !== undefined) {
      this.#sizeBytes -= sizeOf(current)
      this.#insertCount -= Number(current.mustBeAbsent)
    }
    if (entry.previous === undefined) {
      this.#writes.delete(entry.id)
      this.#ordered?.delete(entry.id)
    } else {
      this.#sizeBytes += sizeOf(entry.previous)
      this.#insertCount += Number(entry.previous.mustBeAbsent)
      this.#writes.set(entry.id, entry.previous)
      this.#ordered?.set(entry.id, entry.previous)
    }
  }
}

function sizeOf(write: BufferedWrite | undefined): number {
  return write === undefined ? 0 : write.key.byteLength + (write.value?.byteLength ?? 0)
}

function journalCost(previous: BufferedWrite | undefined): number {
  return JOURNAL_ENTRY_BYTES + sizeOf(previous)
}
