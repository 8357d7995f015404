/**
 * Moves one object from a store to another while it is in use.
 *
 * The steps: what an earlier attempt left in the target is cleared; from then on every transaction notes which keys it
 * changes; all entries are copied in batches; what was changed meanwhile is copied again until little is left; the
 * object is paused for the rest; a transaction across both stores makes the target its home; the source is cleared.
 *
 * Invariants:
 * 1. Every step is found out anew from what the stores hold, so another process goes on where one stopped.
 * 2. What is written to the target is written only in the turn it was read for: of two processes that move the same
 *    object, or one that slept, each batch is taken once, and none after the object has arrived.
 * 3. A change is noted in the same commit, and its note goes only when a value at least as new is in the target. The
 *    object moves when it is paused and no note is left: no change is lost.
 */
import { concatBytes, fromBinaryString, OrbitError, toBinaryString, toHex } from '@orbit-ts/base'
import type { DistributedTransactionCoordinator } from '../distributed/distributed-transaction-coordinator.js'
import type { Entry, KeyRange, StorageProvider, Transaction, WriteOperation } from '../provider.js'
import { throwIfAborted } from '../transaction/arguments.js'
import {
  decodeMigration,
  encodeRecord,
  managerKeys,
  readResidence,
  type Arriving,
  type MigrationRecord,
  type Residence,
} from './residence.js'
import { objectId, objectName, objectRange } from './stored-object.js'

export interface MigrationLimits {
  readonly batchEntriesMax: number
  readonly batchSizeMaxBytes: number
  /** How often changes are copied before the object is paused for the rest. */
  readonly catchUpRoundsMax: number
}

export interface MigrationProgress {
  readonly step: 'clearing' | 'copying' | 'catching-up' | 'moved' | 'cleaned'
  readonly entriesCopied: number
  readonly bytesCopied: number
  readonly changesCopied: number
}

export interface MigrationContext {
  readonly coordinator: DistributedTransactionCoordinator
  /** The name of the store of the assignments. */
  readonly assignments: string
  readonly limits: MigrationLimits
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: MigrationProgress) => void | Promise<void>) | undefined
}

/** Of values that are read together, however large each may be. */
const VALUES_AT_ONCE = 16

export class ObjectMigration {
  readonly #record: MigrationRecord
  readonly #context: MigrationContext
  readonly #object: string
  readonly #range: KeyRange
  readonly #source: StorageProvider
  readonly #target: StorageProvider
  #rounds = 0
  #entriesCopied = 0
  #bytesCopied = 0
  #changesCopied = 0

  constructor(record: MigrationRecord, context: MigrationContext) {
    this.#record = record
    this.#context = context
    this.#object = objectId(record.object)
    this.#range = objectRange(record.object)
    this.#source = context.coordinator.store(record.from)
    this.#target = context.coordinator.store(record.to)
  }

  /** Until the object has moved and its old place is clean. When it fails the object is usable, where it was. */
  async run(): Promise<MigrationProgress> {
    try {
      for (;;) {
        throwIfAborted(this.#context.signal)
        const step = await this.#step()
        const progress = this.#progress(step)
        await this.#context.onProgress?.(progress)
        if (step === 'cleaned') return progress
      }
    } catch (error) {
      await this.#resume()
      throw error
    }
  }

  async #step(): Promise<MigrationProgress['step']> {
    if (!(await this.#isOpen())) return 'cleaned'
    const [source, target] = [await this.#residenceIn(this.#source), await this.#residenceIn(this.#target)]
    const { id } = this.#record
    if (source?.state === 'moved' && source.migration === id) return this.#clean(source.cleaned)
    if (target?.state !== 'arriving' || target.migration !== id) return this.#announce()
    if (target.step === 'clearing') return this.#clear(target)
    if (source?.state !== 'leaving' || source.migration !== id) return this.#leave()
    if (target.step === 'copying') return this.#copy(target)
    return this.#catchUp(target, source.paused)
  }

  /** The first trace in the target. */
  async #announce(): Promise<'clearing'> {
    const { id, from, to } = this.#record
    await this.#whileRecorded(to, (target, found) => {
      if (found?.state === 'arriving' && found.migration === id) return
      if (found !== undefined && found.state !== 'moved') throw this.#inconsistent(to, found)
      this.#put(target, { state: 'arriving', migration: id, from, step: 'clearing', turn: 0 })
    })
    return 'clearing'
  }

  async #clear(target: Arriving): Promise<'clearing'> {
    const entries = await this.#page(this.#target, undefined, true)
    const writes = entries.map(({ key }) => ({ type: 'delete', key }) as const)
    await this.#takeTurn(target, entries.length === 0 ? { step: 'copying' } : {}, writes)
    return 'clearing'
  }

  /** From its commit on every change is noted. */
  async #leave(): Promise<'copying'> {
    const { id, from, to } = this.#record
    await this.#whileRecorded(from, (source, found) => {
      if (found?.state === 'leaving' && found.migration === id) return
      if (found?.state === 'moved' && found.migration === id) return
      if (found !== undefined && found.state !== 'here') throw this.#inconsistent(from, found)
      this.#put(source, { state: 'leaving', migration: id, to, paused: false })
    })
    return 'copying'
  }

  async #copy(target: Arriving): Promise<'copying'> {
    const cursor = target.cursor === undefined ? undefined : Buffer.from(target.cursor, 'hex')
    const entries = await this.#page(this.#source, cursor, false)
    const last = entries.at(-1)
    const update = last === undefined ? { step: 'catching-up' as const } : { cursor: toHex(last.key) }
    const writes = entries.map(({ key, value }) => ({ type: 'put', key, value }) as const)
    if (!(await this.#takeTurn(target, update, writes))) return 'copying'
    this.#entriesCopied += entries.length
    for (const { key, value } of entries) this.#bytesCopied += key.byteLength + value.byteLength
    return 'copying'
  }

  async #catchUp(target: Arriving, paused: boolean): Promise<'catching-up' | 'moved'> {
    const changes = await this.#changes()
    if (changes.notes.size > 0) {
      this.#rounds++
      if (await this.#takeTurn(target, {}, changes.writes)) {
        this.#changesCopied += changes.writes.length
        await this.#forget(changes.notes)
      }
    }
    if (paused) return changes.notes.size === 0 ? this.#move() : 'catching-up'
    const { batchEntriesMax, catchUpRoundsMax } = this.#context.limits
    if (changes.notes.size < batchEntriesMax || this.#rounds >= catchUpRoundsMax) await this.#setPaused(true)
    return 'catching-up'
  }

  /** Gives a paused object back to its users where it is: what they change is noted, so it can still be moved. */
  async #setPaused(paused: boolean): Promise<void> {
    const { id, to } = this.#record
    await this.#source.transact(async (tx) => {
      const found = await this.#lockResidence(tx)
      if (found?.state !== 'leaving' || found.migration !== id || found.paused === paused) return
      this.#put(tx, { state: 'leaving', migration: id, to, paused })
    })
  }

  /** In both stores and in the assignments at once. */
  async #move(): Promise<'moved' | 'catching-up'> {
    const { id, object, from, to } = this.#record
    const { coordinator, assignments } = this.#context
    return coordinator.transact(async (tx) => {
      const source = await tx.on(from)
      const left = await this.#lockResidence(source)
      if (left?.state === 'moved' && left.migration === id) return 'moved'
      const target = await tx.on(to)
      const arrived = await this.#lockResidence(target)
      const isPaused = left?.state === 'leaving' && left.migration === id && left.paused
      const isReady =
        arrived?.state === 'arriving' && arrived.migration === id && arrived.step === 'catching-up'
      if (!isPaused || !isReady) return 'catching-up'
      for await (const [note] of source.scan(managerKeys.changes(this.#object), { limit: 1 })) {
        if (note !== undefined) return 'catching-up'
      }
      this.#put(source, { state: 'moved', migration: id, to, cleaned: false })
      this.#put(target, { state: 'here' })
      const log = await tx.on(assignments)
      log.put(managerKeys.assignment(this.#object), encodeRecord({ object, store: to }))
      return 'moved'
    })
  }

  async #clean(cleaned: boolean): Promise<'moved' | 'cleaned'> {
    const { id, to } = this.#record
    if (cleaned) {
      const log = this.#context.coordinator.store(this.#context.assignments)
      await log.transact(async (tx) => {
        if (await this.#isRecorded(tx)) tx.delete(managerKeys.migration(this.#object))
      })
      return 'cleaned'
    }
    const entries = await this.#page(this.#source, undefined, true)
    await this.#source.transact(async (tx) => {
      const found = await this.#lockResidence(tx)
      if (found?.state !== 'moved' || found.migration !== id) return
      for (const { key } of entries) tx.delete(key)
      if (entries.length === 0) this.#put(tx, { state: 'moved', migration: id, to, cleaned: true })
    })
    return 'moved'
  }

  async #resume(): Promise<void> {
    try {
      await this.#setPaused(false)
    } catch {
      // The store is out of reach, so nobody could use the object in it.
    }
  }

  /** Begins something only while the migration is not finished: one that slept through its end must not begin anew. */
  async #whileRecorded(
    store: string,
    work: (tx: Transaction, found: Residence | undefined) => void,
  ): Promise<void> {
    await this.#context.coordinator.transact(async (tx) => {
      const branch = await tx.on(store)
      const found = await this.#lockResidence(branch)
      const log = await tx.on(this.#context.assignments)
      await log.lock([managerKeys.migration(this.#object)], { mode: 'shared' })
      if (await this.#isRecorded(log)) work(branch, found)
    })
  }

  async #isRecorded(log: Transaction): Promise<boolean> {
    const bytes = await log.get(managerKeys.migration(this.#object))
    return bytes !== undefined && decodeMigration(bytes).id === this.#record.id
  }

  /** Writes to the target unless another took the turn. */
  async #takeTurn(
    target: Arriving,
    update: Pick<Partial<Arriving>, 'step' | 'cursor'>,
    writes: readonly WriteOperation[],
  ): Promise<boolean> {
    return this.#target.transact(async (tx) => {
      const found = await this.#lockResidence(tx)
      if (found?.state !== 'arriving' || found.migration !== target.migration || found.turn !== target.turn)
        return false
      for (const write of writes) {
        if (write.type === 'put') tx.put(write.key, write.value)
        else tx.delete(write.key)
      }
      this.#put(tx, { ...found, ...update, turn: target.turn + 1 })
      return true
    })
  }

  /** The next entries of the object, no more than a batch takes. */
  async #page(store: StorageProvider, after: Uint8Array | undefined, keysOnly: boolean): Promise<Entry[]> {
    const { batchEntriesMax, batchSizeMaxBytes } = this.#context.limits
    const start = after === undefined ? this.#range.start : concatBytes(after, Uint8Array.of(0))
    const range = start === undefined ? this.#range : { ...this.#range, start }
    const entries: Entry[] = []
    let sizeBytes = 0
    await using tx = await store.begin()
    const chunks = tx.scan(range, { keysOnly, limit: batchEntriesMax, chunkSize: VALUES_AT_ONCE })
    for await (const chunk of chunks) {
      for (const entry of chunk) {
        entries.push(entry)
        sizeBytes += entry.key.byteLength + entry.value.byteLength
        if (sizeBytes >= batchSizeMaxBytes) return entries
      }
    }
    return entries
  }

  /** A batch of noted changes: the notes as they were, and the values of one snapshot that is at least as new. */
  async #changes(): Promise<{
    readonly notes: ReadonlyMap<string, Uint8Array>
    readonly writes: WriteOperation[]
  }> {
    const { batchEntriesMax, batchSizeMaxBytes } = this.#context.limits
    const notes = new Map<string, Uint8Array>()
    const writes: WriteOperation[] = []
    let sizeBytes = 0
    await using tx = await this.#source.begin()
    const scan = { limit: batchEntriesMax, chunkSize: VALUES_AT_ONCE }
    for await (const chunk of tx.scan(managerKeys.changes(this.#object), scan)) {
      const keys = chunk.map(({ key }) => managerKeys.changedKey(this.#object, key))
      const values = await tx.getMany(keys)
      for (const [at, key] of keys.entries()) {
        const [note, value] = [chunk[at], values[at]]
        if (note !== undefined) notes.set(toBinaryString(note.key), note.value)
        writes.push(value === undefined ? { type: 'delete', key } : { type: 'put', key, value })
        sizeBytes += key.byteLength + (value?.byteLength ?? 0)
      }
      if (sizeBytes >= batchSizeMaxBytes) break
    }
    return { notes, writes }
  }

  /** Removes the notes that nobody has renewed. */
  async #forget(notes: ReadonlyMap<string, Uint8Array>): Promise<void> {
    const keys = [...notes.keys()].map(fromBinaryString)
    await this.#source.transact(async (tx) => {
      const found = await tx.getMany(keys)
      keys.forEach((key, at) => {
        const [now, before] = [found[at], notes.get(toBinaryString(key))]
        if (now !== undefined && before !== undefined && Buffer.compare(now, before) === 0) tx.delete(key)
      })
    })
  }

  /** False once any process has finished it. */
  async #isOpen(): Promise<boolean> {
    await using tx = await this.#context.coordinator.store(this.#context.assignments).begin()
    return await this.#isRecorded(tx)
  }

  async #residenceIn(store: StorageProvider): Promise<Residence | undefined> {
    await using tx = await store.begin()
    return await readResidence(tx, this.#object)
  }

  /** Locked before it is read: users that are at it finish first, and cannot keep it from changing by being many. */
  async #lockResidence(tx: Transaction): Promise<Residence | undefined> {
    await tx.lock([managerKeys.residence(this.#object)])
    return readResidence(tx, this.#object)
  }

  #put(tx: Transaction, residence: Residence): void {
    tx.put(managerKeys.residence(this.#object), encodeRecord(residence))
  }

  #progress(step: MigrationProgress['step']): MigrationProgress {
    return {
      step,
      entriesCopied: this.#entriesCopied,
      bytesCopied: this.#bytesCopied,
      changesCopied: this.#changesCopied,
    }
  }

  #inconsistent(store: string, found: Residence | undefined): OrbitError {
    const { id, object } = this.#record
    return new OrbitError(
      'STORAGE_CORRUPT',
      `${objectName(object)} is ${found?.state ?? 'unknown'} in store "${store}", which does not go with its migration ${id}`,
      { store, migration: id },
    )
  }
}
