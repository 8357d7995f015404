/**
 * The uncommitted writes of one transaction, with the flags of its keys, in key order.
 *
 * Invariants:
 * 1. One entry per key: the latest write (or only flags). Entries are never changed, only replaced.
 * 2. The journal holds, for the first change of a key behind each mark (stage or checkpoint), what it replaced: undoing
 *    it from its end gives the writes and flags as they were at the mark, except `LASTING_FLAGS`, which say what is on
 *    the servers and keep their present state.
 * 3. Without marks the journal is empty. What it keeps counts towards the limit as the entries do.
 * 4. A refused change leaves everything as it was. Undoing, and changing flags, are never refused for their size.
 *
 * Keys and values are kept, not copied: who owns their memory must not reuse it before the transaction has ended.
 * Equivalent in client-go: `internal/unionstore` (MemDB).
 */
import { defined, OrbitError, toBinaryString } from '@orbit-ts/base'
import { requireBytes, requireKey } from '../../input/require-input.js'
import type { KeyRange } from '../../key-range.js'
import { entryBytes, type BufferEntry } from './buffer-entry.js'
import { BufferView, walk, type BufferReader } from './buffer-view.js'
import { changeFlags, flagsAfterUndo, KeyFlag, LASTING_FLAGS, type FlagChange } from './key-flags.js'
import { orderedMap, type OrderedMap } from './ordered-map.js'

export interface BufferLimits {
  readonly keyBytesMax: number
  /** Key and value of one entry. */
  readonly entryBytesMax: number
  /** Keys and values of the transaction. */
  readonly transactionBytesMax: number
}

/** An open stage; the innermost one has the largest number. */
export type Stage = number

/** A state to which {@link TransactionBuffer.revertTo} can go back, any number of times. */
export interface Checkpoint {
  readonly id: number
}

interface Mark {
  readonly id: number
  readonly kind: 'stage' | 'checkpoint'
  journalLength: number
}

interface JournalEntry {
  readonly id: string
  readonly previous: BufferEntry | undefined
  /** The mark that was to come next when `previous` was written. */
  readonly previousMark: number
}

interface Slot {
  entry: BufferEntry
  /** The mark that was to come next when the entry was written: no need to journal it twice between two marks. */
  mark: number
}

/** What the objects around one entry of the journal, and one mark, take. */
const JOURNAL_ENTRY_BYTES = 64

export class TransactionBuffer implements BufferReader {
  readonly #limits: BufferLimits
  readonly #slots = new Map<string, Slot>()
  /** The same in key order, from the first ordered read on: a transaction that never scans sorts once, at commit. */
  #ordered: OrderedMap<BufferEntry> | undefined
  #sizeBytes = 0
  #writeCount = 0
  readonly #journal: JournalEntry[] = []
  #journalBytes = 0
  readonly #marks: Mark[] = []
  #nextMark = 1

  constructor(limits: BufferLimits) {
    this.#limits = limits
  }

  /** Keys with an entry, those with flags only included. */
  get count(): number {
    return this.#slots.size
  }

  /** Keys that are put or deleted. */
  get writeCount(): number {
    return this.#writeCount
  }

  /** Keys and values, bytes. */
  get sizeBytes(): number {
    return this.#sizeBytes
  }

  get(key: Uint8Array): BufferEntry | undefined {
    return this.#slots.get(toBinaryString(key))?.entry
  }

  /**
   * Writes a value, which may be empty. Unless the change says otherwise, a constraint check left to prewrite is
   * dropped, as it was for the write that is replaced.
   * @throws INVALID_ARGUMENT (empty key), KEY_TOO_LARGE, VALUE_TOO_LARGE, TRANSACTION_TOO_LARGE
   */
  put(key: Uint8Array, value: Uint8Array, change?: FlagChange): void {
    this.checkKey(key)
    requireBytes('value', value)
    const bytes = key.length + value.length
    if (bytes > this.#limits.entryBytesMax) {
      throw new OrbitError(
        'VALUE_TOO_LARGE',
        `key and value take ${bytes} bytes, and ${this.#limits.entryBytesMax} are allowed for one entry; split the value, or raise entryBytesMax`,
        { entryBytes: bytes, entryBytesMax: this.#limits.entryBytesMax },
      )
    }
    const id = toBinaryString(key)
    const slot = this.#slots.get(id)
    this.#write(id, slot, { kind: 'put', key, value, flags: flagsOfWrite(slot, change) })
  }

  /** @throws INVALID_ARGUMENT (empty key), KEY_TOO_LARGE, TRANSACTION_TOO_LARGE */
  delete(key: Uint8Array, change?: FlagChange): void {
    this.checkKey(key)
    const id = toBinaryString(key)
    const slot = this.#slots.get(id)
    this.#write(id, slot, { kind: 'delete', key, value: undefined, flags: flagsOfWrite(slot, change) })
  }

  /**
   * Changes the flags of a key, with or without a write. Never refused for its size: a lock that was granted must be
   * remembered.
   * @throws INVALID_ARGUMENT (empty key), KEY_TOO_LARGE
   */
  updateFlags(key: Uint8Array, change: FlagChange): void {
    this.checkKey(key)
    const id = toBinaryString(key)
    const slot = this.#slots.get(id)
    const flags = changeFlags(slot?.entry.flags ?? 0, change)
    if (flags === slot?.entry.flags) return
    this.#store(
      id,
      slot,
      slot === undefined ? { kind: 'flags', key, value: undefined, flags } : { ...slot.entry, flags },
    )
  }

  /** @throws INVALID_ARGUMENT for an empty key, KEY_TOO_LARGE */
  checkKey(key: Uint8Array): void {
    requireKey(key)
    if (key.length > this.#limits.keyBytesMax) {
      throw new OrbitError(
        'KEY_TOO_LARGE',
        `key has ${key.length} bytes, and ${this.#limits.keyBytesMax} are allowed (keyBytesMax); use a shorter key`,
        { keyBytes: key.length, keyBytesMax: this.#limits.keyBytesMax },
      )
    }
  }

  /** Must not be iterated while the buffer changes: take a {@link view} for that. */
  entries(range?: KeyRange, options: { readonly reverse?: boolean } = {}): IterableIterator<BufferEntry> {
    const reverse = options.reverse === true
    // Once through all of them, at commit, is no reason to build a tree.
    if (this.#ordered === undefined && range === undefined && !reverse) return this.#sorted().values()
    return walk(this.#inOrder(), range, reverse)
  }

  /** The entries as they are now, or as they were when an open stage began. */
  view(stage?: Stage): BufferView {
    const map = this.#inOrder().clone()
    if (stage === undefined) return new BufferView(map)
    const mark = defined(this.#marks[this.#stageIndex(stage)], 'the mark of the stage')
    for (let at = this.#journal.length - 1; at >= mark.journalLength; at--) {
      const { id, previous } = defined(this.#journal[at], 'an entry of the journal')
      if (previous === undefined) map.delete(id)
      else map.set(id, previous)
    }
    return new BufferView(map)
  }

  /** Opens a stage: what follows can be kept ({@link release}) or undone ({@link cleanup}) as a whole. Stages nest. */
  stage(): Stage {
    return this.#mark('stage')
  }

  /**
   * Keeps what was written since the stage began.
   * @throws INVALID_ARGUMENT for a stage that is not the innermost open one.
   */
  release(stage: Stage): void {
    this.#removeMark(this.#innermostIndex(stage))
  }

  /**
   * Undoes what was written since the stage began, and ends it; checkpoints made inside are gone.
   * @throws INVALID_ARGUMENT for a stage that is not the innermost open one.
   */
  cleanup(stage: Stage): void {
    const index = this.#innermostIndex(stage)
    this.#undoTo(index)
    this.#removeMark(index)
  }

  /** @throws TRANSACTION_TOO_LARGE */
  checkpoint(): Checkpoint {
    return { id: this.#mark('checkpoint') }
  }

  /**
   * Undoes what was written since the checkpoint, which stays valid; later ones are gone.
   * @throws INVALID_ARGUMENT for a checkpoint of another buffer or one that is gone, and while a stage that was opened
   * after it is still open.
   */
  revertTo(checkpoint: Checkpoint): void {
    const index = this.#marks.findLastIndex(({ id, kind }) => kind === 'checkpoint' && id === checkpoint.id)
    if (index === -1) {
      throw new OrbitError(
        'INVALID_ARGUMENT',
        `checkpoint ${checkpoint.id} is not one of this transaction, or was undone`,
        { field: 'checkpoint' },
      )
    }
    if (this.#marks.some(({ kind }, at) => at > index && kind === 'stage')) {
      throw new OrbitError(
        'INVALID_ARGUMENT',
        `checkpoint ${checkpoint.id} is older than an open stage; release or clean up the stage first`,
        { field: 'checkpoint' },
      )
    }
    this.#undoTo(index)
  }

  /** Forgets a checkpoint, so that nothing needs to be kept for it. One that is gone already is no error. */
  forget(checkpoint: Checkpoint): void {
    const index = this.#marks.findLastIndex(({ id, kind }) => kind === 'checkpoint' && id === checkpoint.id)
    if (index !== -1) this.#removeMark(index)
  }

  #write(id: string, slot: Slot | undefined, entry: BufferEntry): void {
    const sizeBytes = this.#sizeBytes + entryBytes(entry) - entryBytes(slot?.entry)
    const journaled = this.#mustJournal(slot) ? journalCost(slot?.entry) : 0
    this.#requireRoom(sizeBytes + this.#journalBytes + journaled)
    this.#store(id, slot, entry)
  }

  #requireRoom(bytes: number): void {
    if (bytes <= this.#limits.transactionBytesMax) return
    const forUndo =
      this.#journalBytes === 0 ? '' : `, ${this.#journalBytes} of them to undo stages and checkpoints`
    throw new OrbitError(
      'TRANSACTION_TOO_LARGE',
      `the transaction's writes would take ${bytes} bytes${forUndo}, and ${this.#limits.transactionBytesMax} are allowed; split it, use a pipelined transaction, or raise transactionBytesMax`,
      { sizeBytes: bytes, transactionBytesMax: this.#limits.transactionBytesMax },
    )
  }

  #store(id: string, slot: Slot | undefined, entry: BufferEntry): void {
    if (this.#mustJournal(slot)) {
      this.#journal.push({ id, previous: slot?.entry, previousMark: slot?.mark ?? 0 })
      this.#journalBytes += journalCost(slot?.entry)
    }
    this.#replace(id, slot, entry, this.#nextMark)
  }

  #mustJournal(slot: Slot | undefined): boolean {
    return this.#marks.length > 0 && slot?.mark !== this.#nextMark
  }

  #replace(id: string, slot: Slot | undefined, entry: BufferEntry, mark: number): void {
    this.#sizeBytes += entryBytes(entry) - entryBytes(slot?.entry)
    this.#writeCount += isWrite(entry) - isWrite(slot?.entry)
    if (slot === undefined) this.#slots.set(id, { entry, mark })
    else {
      slot.entry = entry
      slot.mark = mark
    }
    this.#ordered?.set(id, entry)
  }

  #remove(id: string, slot: Slot): void {
    this.#sizeBytes -= entryBytes(slot.entry)
    this.#writeCount -= isWrite(slot.entry)
    this.#slots.delete(id)
    this.#ordered?.delete(id)
  }

  #mark(kind: Mark['kind']): number {
    this.#requireRoom(this.#sizeBytes + this.#journalBytes + JOURNAL_ENTRY_BYTES)
    this.#journalBytes += JOURNAL_ENTRY_BYTES
    const id = this.#nextMark++
    this.#marks.push({ id, kind, journalLength: this.#journal.length })
    return id
  }

  #stageIndex(stage: Stage): number {
    const index = this.#marks.findLastIndex(({ id, kind }) => kind === 'stage' && id === stage)
    if (index === -1) {
      throw new OrbitError('INVALID_ARGUMENT', `stage ${stage} is not open in this transaction`, {
        field: 'stage',
      })
    }
    return index
  }

  #innermostIndex(stage: Stage): number {
    const index = this.#stageIndex(stage)
    if (this.#marks.some(({ kind }, at) => at > index && kind === 'stage')) {
      throw new OrbitError(
        'INVALID_ARGUMENT',
        `stage ${stage} is not the innermost open one; end the stages inside it first`,
        { field: 'stage' },
      )
    }
    return index
  }

  /** Undoes to the mark at `index`; the marks behind it go. */
  #undoTo(index: number): void {
    const mark = defined(this.#marks[index], 'the mark to undo to')
    while (this.#journal.length > mark.journalLength) {
      this.#undo(defined(this.#journal.pop(), 'an entry of the journal'))
    }
    this.#journalBytes -= (this.#marks.length - index - 1) * JOURNAL_ENTRY_BYTES
    this.#marks.length = index + 1
  }

  #undo({ id, previous, previousMark }: JournalEntry): void {
    this.#journalBytes -= journalCost(previous)
    const slot = defined(this.#slots.get(id), 'a journaled entry')
    const { key, flags: now } = slot.entry
    const flags = flagsAfterUndo(previous?.flags ?? 0, now)
    if (previous !== undefined) this.#replace(id, slot, { ...previous, flags }, previousMark)
    else if ((flags & LASTING_FLAGS) === 0) this.#remove(id, slot)
    else this.#replace(id, slot, { kind: 'flags', key, value: undefined, flags }, 0)
  }

  #removeMark(index: number): void {
    this.#marks.splice(index, 1)
    this.#journalBytes -= JOURNAL_ENTRY_BYTES
    if (index === 0) this.#trimJournal(this.#marks[0]?.journalLength ?? this.#journal.length)
  }

  /** Drops what no mark needs, once that is at least half: each entry is moved a bounded number of times on average. */
  #trimJournal(needless: number): void {
    if (needless * 2 < this.#journal.length) return
    for (const { previous } of this.#journal.splice(0, needless)) this.#journalBytes -= journalCost(previous)
    for (const mark of this.#marks) mark.journalLength -= needless
  }

  #inOrder(): OrderedMap<BufferEntry> {
    if (this.#ordered === undefined) {
      this.#ordered = orderedMap()
      for (const id of this.#sortedIds()) this.#ordered.set(id, this.#entryOf(id))
    }
    return this.#ordered
  }

  #sorted(): BufferEntry[] {
    return this.#sortedIds().map((id) => this.#entryOf(id))
  }

  #sortedIds(): string[] {
    return [...this.#slots.keys()].sort()
  }

  #entryOf(id: string): BufferEntry {
    return defined(this.#slots.get(id), 'a slot').entry
  }
}

function flagsOfWrite(slot: Slot | undefined, change: FlagChange | undefined): number {
  return changeFlags((slot?.entry.flags ?? 0) & ~KeyFlag.NeedConstraintCheckInPrewrite, change)
}

function isWrite(entry: BufferEntry | undefined): number {
  return entry === undefined || entry.kind === 'flags' ? 0 : 1
}

function journalCost(previous: BufferEntry | undefined): number {
  return JOURNAL_ENTRY_BYTES + entryBytes(previous)
}
