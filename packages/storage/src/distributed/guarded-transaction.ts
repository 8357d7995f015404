/**
 * A transaction of one store that heeds the intents of transactions across stores. It is also the branch of such a
 * transaction in that store, which is prepared instead of committed.
 *
 * Invariants:
 * 1. Before its first read it finishes what is decided in the store and notes what is not (`Surroundings`), in the
 *    snapshot that it reads. What is prepared after that snapshot conflicts with its writes in the store itself, what
 *    is noted it looks for among its keys: so it never writes or locks a key on which another has an intent.
 * 2. It waits for another transaction's outcome only after it has given up everything it holds itself.
 */
import { defined, OrbitError, toBinaryString, toHex } from '@orbit-ts/base'
import type {
  CommitResult,
  Entry,
  GetOptions,
  IsolationLevel,
  KeyRange,
  LockOptions,
  Savepoint,
  ScanOptions,
  Transaction,
  TransactionMode,
  TransactionOptions,
} from '../provider.js'
import { checkRange, checkScanOptions, lockWaitOf, throwIfAborted } from '../transaction/arguments.js'
import type { Pushdown } from '../pushdown/pushdown.js'
import { WriteBuffer } from '../transaction/write-buffer.js'
import type { PreparedRecord } from './distributed-records.js'
import { GuardedPushdown } from './guarded-pushdown.js'
import { NOTHING_IN_FLIGHT, type Guard, type Surroundings } from './guard.js'
import { scanWithoutReserved } from './scan-without-reserved.js'

const LOCK_WAIT_MS = 10_000

/** `details.reason` of a conflict with a transaction across stores; `details.store` and `details.id` say which. */
export const PREPARED_ELSEWHERE = 'prepared-elsewhere'

interface FirstLocks {
  readonly keys: readonly Uint8Array[]
  readonly options: LockOptions
}

export class GuardedTransaction implements Transaction {
  readonly id: string
  readonly pushdown: Pushdown | undefined
  readonly #guard: Guard
  readonly #options: TransactionOptions
  readonly #isBranch: boolean
  #inner: Transaction
  /** What the inner transaction has buffered: its limits are the ones that count. */
  readonly #writes = new WriteBuffer(Infinity)
  readonly #savepoints = new Map<number, Savepoint>()
  readonly #locked = new Map<string, Uint8Array>()
  /** Of a branch: before every write, to take them all back. */
  #beginning: Savepoint | undefined
  #surroundings: Surroundings = NOTHING_IN_FLIGHT
  #entered = false
  #looking: Promise<boolean> | undefined
  /** Calls that take locks before the first read. */
  #lockers = 0
  /** True once beginning again would lose something. */
  #bound = false
  #pinned = false
  #committing = false

  constructor(guard: Guard, inner: Transaction, options: TransactionOptions, isBranch: boolean) {
    this.id = inner.id
    this.#guard = guard
    this.#inner = inner
    this.#options = options
    this.#isBranch = isBranch
    this.#beginning = isBranch ? inner.savepoint() : undefined
    this.pushdown =
      inner.pushdown &&
      new GuardedPushdown({ inner: () => this.#push(), beforeScan: (ranges) => this.#beforeScan(ranges) })
  }

  get isolation(): IsolationLevel {
    return this.#inner.isolation
  }

  get mode(): TransactionMode {
    return this.#inner.mode
  }

  get status(): Transaction['status'] {
    const { status } = this.#inner
    return status === 'active' && this.#committing ? 'committing' : status
  }

  /** True when its outcome matters to others: it has written or locked something. */
  get hasWork(): boolean {
    return this.#writes.count > 0 || this.#locked.size > 0
  }

  async get(key: Uint8Array, options: GetOptions = {}): Promise<Uint8Array | undefined> {
    this.#check()
    this.#guard.checkKey(key)
    // Leased keys are never prepared.
    if (options.leased === true && !this.#isBranch) {
      if (!this.#entered) await this.#enter()
      return this.#inner.get(key, options)
    }
    if (this.mode === 'optimistic' && this.#writes.has(toBinaryString(key))) return this.#inner.get(key)
    await this.#beforeRead([key])
    const value = await this.#inner.get(key)
    if (this.mode === 'pessimistic') await this.#requireFree([key])
    return value
  }

  async getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    this.#check()
    this.#guard.checkKeys(keys)
    if (keys.length === 0) return []
    await this.#beforeRead(keys)
    const values = await this.#inner.getMany(keys)
    if (this.mode === 'pessimistic') await this.#requireFree(keys)
    return values
  }

  async *scan(range: KeyRange, options: ScanOptions = {}): AsyncGenerator<Entry[]> {
    this.#check()
    checkRange(range)
    checkScanOptions(options)
    throwIfAborted(options.signal)
    await this.#beforeScan([range])
    yield* scanWithoutReserved(this.#inner, range, options)
  }

  put(key: Uint8Array, value: Uint8Array): void {
    this.#beforeWrite(key, value)
    this.#inner.put(key, value)
    this.#writes.put(key, value)
  }

  delete(key: Uint8Array): void {
    this.#beforeWrite(key)
    this.#inner.delete(key)
    this.#writes.delete(key)
  }

  insert(key: Uint8Array, value: Uint8Array): void {
    this.#beforeWrite(key, value)
    this.#inner.insert(key, value)
    this.#writes.insert(key, value)
  }

  async lock(keys: readonly Uint8Array[], options: LockOptions = {}): Promise<void> {
    this.#check()
    this.#guard.checkKeys(keys)
    // What a branch writes is there only once the outcome is known, when a lease may long have ended.
    const { leased = false, ...plain } = options
    if (leased && this.#isBranch && options.mode !== 'shared') throw this.#refusedLeased()
    await this.#enter({ keys, options: this.#isBranch ? plain : options })
    for (const key of keys) this.#locked.set(toBinaryString(key), key)
    await this.#requireFree(keys, options.wait)
  }

  endWaits(reason: OrbitError): void {
    this.#inner.endWaits(reason)
  }

  async refresh(): Promise<void> {
    this.#check()
    if (this.isolation === 'read-committed') await this.#lookAgain()
    else await this.#inner.refresh()
  }

  get snapshotCount(): number {
    return this.#inner.snapshotCount
  }

  savepoint(): Savepoint {
    this.#check()
    const savepoint = this.#inner.savepoint()
    this.#savepoints.set(savepoint.id, this.#writes.savepoint())
    this.#bound = true
    return savepoint
  }

  rollbackTo(savepoint: Savepoint): void {
    const own = this.#ownSavepoint(savepoint)
    this.#inner.rollbackTo(savepoint)
    if (own !== undefined) this.#writes.rollbackTo(own)
  }

  release(savepoint: Savepoint): void {
    const own = this.#ownSavepoint(savepoint)
    this.#inner.release(savepoint)
    if (own !== undefined) this.#writes.release(own)
    this.#savepoints.delete(savepoint.id)
  }

  async commit(): Promise<CommitResult> {
    if (this.#isBranch) {
      throw new OrbitError(
        'INVALID_ARGUMENT',
        `transaction ${this.id} is part of one across stores; commit that one`,
      )
    }
    return this.commitAlone()
  }

  /** Commits it in this store only: of a branch, when no other store has work. */
  async commitAlone(): Promise<CommitResult> {
    this.#check()
    this.#committing = true
    // What needs no look around is handed to the store at once, so that whoever locks a key next waits for it.
    if (this.#mustClaim()) await this.#orRollBack(() => this.#claim())
    return this.#inner.commit()
  }

  /**
   * Leaves the writes and the locks in the store as prepared, durably, and ends the transaction in it.
   * @throws as `commit`
   */
  async prepare(record: PreparedRecord): Promise<void> {
    this.#check()
    this.#committing = true
    await this.#orRollBack(async () => {
      const writes = new Map(this.#writes.entries())
      await this.#lockAndClaim()
      if (this.#beginning !== undefined) this.#inner.rollbackTo(this.#beginning)
      await this.#requireAbsent(
        [...writes.values()].flatMap(({ key, mustBeAbsent }) => (mustBeAbsent ? [key] : [])),
      )
      this.#guard.participant.writePrepared(this.#inner, record, writes, this.#locked)
    })
    await this.#inner.commit()
  }

  async rollback(): Promise<void> {
    if (this.#committing && this.#inner.status === 'active') return
    await this.#inner.rollback()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.rollback()
  }

  /** Ends it whatever it is doing. */
  async end(): Promise<void> {
    await this.#inner.rollback()
  }

  #refusedLeased(): OrbitError {
    return new OrbitError(
      'STORAGE_UNSUPPORTED',
      `store "${this.#guard.participant.name}": definitions cannot be changed in a transaction across stores; change them in one of that store alone`,
      { store: this.#guard.participant.name },
    )
  }

  async #beforeRead(keys: readonly Uint8Array[]): Promise<void> {
    // The first lock comes before the first read, so that the snapshot is of after the wait for it.
    if (!this.#entered) await this.#enter(this.mode === 'pessimistic' ? { keys, options: {} } : undefined)
    this.#surroundings.closed?.requireOpen(keys)
  }

  async #beforeScan(ranges: readonly KeyRange[]): Promise<void> {
    this.#check()
    if (!this.#entered) await this.#enter()
    for (const range of ranges) this.#surroundings.closed?.requireRangeOpen(range)
  }

  #push(): Pushdown {
    this.#check()
    return defined(this.#inner.pushdown, 'the pushdown of the store')
  }

  #beforeWrite(key: Uint8Array, value?: Uint8Array): void {
    this.#check()
    this.#guard.checkKey(key)
    if (value !== undefined) this.#guard.checkValue(value)
    this.#bound = true
  }

  /** The keys it has written or locked. */
  #keys(): Map<string, Uint8Array> {
    const keys = new Map(this.#locked)
    for (const [text, { key }] of this.#writes.entries()) keys.set(text, key)
    return keys
  }

  #mustClaim(): boolean {
    if (this.#writes.count === 0) return false
    return this.isolation === 'read-committed' || !this.#entered || this.#surroundings.inFlight.length > 0
  }

  /** Without a snapshot to compare with, only a lock keeps intents from coming between this look and the commit. */
  async #claim(): Promise<void> {
    if (this.isolation === 'read-committed' || !this.#entered) await this.#lockAndClaim()
    else await this.#requireFree([...this.#keys().values()])
  }

  async #lockAndClaim(): Promise<void> {
    const written = [...this.#writes.values()].map(({ key }) => key)
    if (this.isolation === 'read-committed') {
      await this.#inner.lock(written)
      await this.#lookAgain()
    } else {
      await this.#enter({ keys: written, options: {} })
    }
    await this.#requireFree([...this.#keys().values()])
  }

  /** Undefined for a savepoint that is not of this transaction: the store says so. */
  #ownSavepoint({ id }: Savepoint): Savepoint | undefined {
    this.#check()
    const own = this.#savepoints.get(id)
    // The branch's own beginning is nobody's.
    if (own === undefined && id === this.#beginning?.id)
      throw new OrbitError('INVALID_ARGUMENT', `savepoint ${id} is not one of this transaction`)
    return own
  }

  /** What has been prepared up to now, whatever snapshot a statement was given. */
  async #lookAgain(): Promise<void> {
    await this.#inner.refresh()
    this.#pinned = true
    this.#entered = false
    await this.#enter()
  }

  async #requireFree(keys: readonly Uint8Array[], wait?: LockOptions['wait']): Promise<void> {
    const holders = await this.#guard.holdersOf(this.#inner, this.#surroundings, keys)
    if (holders.size === 0) return
    await this.#inner.rollback()
    const { participant, resolver } = this.#guard
    const [id] = holders
    if (wait === 'nowait') {
      throw new OrbitError(
        'LOCK_NOT_AVAILABLE',
        `store "${participant.name}": a key is prepared by transaction ${id} across stores, and no wait was asked for`,
        { store: participant.name, id },
      )
    }
    const waitMs = lockWaitOf(wait === undefined ? {} : { wait }, this.#options.lockWaitMs ?? LOCK_WAIT_MS)
    // A branch's transaction still holds what it has in other stores: its owner waits once that is given up.
    if (!this.#isBranch) await resolver.wait(participant, holders, waitMs, this.#options.signal)
    throw conflictWith(participant.name, id)
  }

  async #requireAbsent(keys: readonly Uint8Array[]): Promise<void> {
    if (keys.length === 0) return
    const found = await this.#inner.getMany(keys)
    const key = keys.find((_, at) => found[at] !== undefined)
    if (key === undefined) return
    throw new OrbitError('KEY_EXISTS', `insert of key ${toHex(key, 64)}: it is there already`, {
      key: toHex(key),
    })
  }

  /** Takes the first locks, if any, and then looks around, until nothing has moved in between. */
  async #enter(first?: FirstLocks): Promise<void> {
    if (first !== undefined) this.#lockers++
    try {
      for (;;) {
        if (first !== undefined) await this.#inner.lock(first.keys, first.options)
        if (this.#entered || (await this.#lookAround())) return
      }
    } finally {
      if (first !== undefined) this.#lockers--
    }
  }

  /** Reads under `read-committed` see a new snapshot each, so each looks around anew. */
  #lookAround(): Promise<boolean> {
    if (this.isolation === 'read-committed') return this.#survey()
    this.#looking ??= this.#survey().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  /** False when it had to begin again. */
  async #survey(): Promise<boolean> {
    const found = await this.#guard.survey(this.#inner)
    if (found === undefined) {
      await this.#beginAgain()
      return false
    }
    this.#surroundings = found
    this.#entered = this.isolation !== 'read-committed' || this.#pinned
    return true
  }

  /** To see what was applied meanwhile. */
  async #beginAgain(): Promise<void> {
    if (this.isolation === 'read-committed') {
      if (this.#pinned) await this.#inner.refresh()
      return
    }
    await this.#inner.rollback()
    if (this.#bound || this.#lockers > 1) throw conflictWith(this.#guard.participant.name)
    this.#inner = await this.#guard.participant.provider.begin(this.#options)
    if (this.#isBranch) this.#beginning = this.#inner.savepoint()
  }

  async #orRollBack(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      await this.#inner.rollback()
      throw error
    }
  }

  /** The store itself says what is wrong with a transaction that has ended in it. */
  #check(): void {
    const { status } = this.#inner
    if (status === 'active' ? this.#committing : status === 'committing') {
      throw new OrbitError('TRANSACTION_CLOSED', `transaction ${this.id} is ${this.status}; begin a new one`)
    }
    if (status !== 'active') this.#inner.savepoint()
  }
}

function conflictWith(store: string, id?: string): OrbitError {
  const who = id === undefined ? 'a transaction' : `transaction ${id}`
  return new OrbitError(
    'TRANSACTION_CONFLICT',
    `store "${store}": ${who} across stores committed or prepared a change to what this one reads or writes; run it again`,
    { store, reason: PREPARED_ELSEWHERE, ...(id === undefined ? {} : { id }) },
  )
}
