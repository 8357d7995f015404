/**
 * One transaction of a local engine.
 *
 * Invariants:
 * 1. The snapshot is opened by the first read, or stays unopened: a transaction that only writes conflicts with nobody.
 *    Under `read-committed` every call opens its own: of the newest commit, or of that at the last `refresh`.
 * 2. Locks, snapshot and place in the store's list are given back exactly once, when the status leaves
 *    `active`/`committing`.
 * 3. Once submitted to the group commit, only its outcome ends the transaction; timeouts and signals no longer do.
 */
import { OrbitError, hasCode, toBinaryString } from '@orbit-ts/base'
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
  WriteBatch,
} from '../provider.js'
import {
  checkChoice,
  checkKey,
  checkKeys,
  checkRange,
  checkScanOptions,
  checkValue,
  lockWaitOf,
  throwIfAborted,
} from './arguments.js'
import { conflict, type CommitRequest, type GroupCommit } from './group-commit.js'
import type { EngineLimits } from './local-engine.js'
import type { LockMode } from './lock-table.js'
import { ReadTracker } from './read-tracker.js'
import { SnapshotView } from './snapshot-view.js'
import type { StoreState } from './store-state.js'
import { WriteBuffer } from './write-buffer.js'

type KeysById = Map<string, Uint8Array>

/** Never written to. */
const NO_KEYS: KeysById = new Map()

export interface LocalTransactionSettings {
  readonly id: string
  readonly label: string | undefined
  readonly isolation: IsolationLevel
  readonly mode: TransactionMode
  readonly sync: boolean
  readonly lockWaitMs: number
  readonly timeoutMs: number
  readonly sizeMaxBytes: number
  readonly readsMax: number
  readonly signal: AbortSignal | undefined
}

export class LocalTransaction implements Transaction {
  readonly id: string
  readonly label: string | undefined
  readonly isolation: IsolationLevel
  readonly mode: TransactionMode
  readonly deadlineMs: number
  readonly #state: StoreState
  readonly #commits: GroupCommit
  readonly #settings: LocalTransactionSettings
  readonly #limits: EngineLimits
  readonly #buffer: WriteBuffer
  readonly #reads: ReadTracker | undefined
  /** Keys held by `lock`, by binary string. Most transactions hold none. */
  #exclusive = NO_KEYS
  #shared = NO_KEYS
  readonly #onEnd: (tx: LocalTransaction) => void
  #status: Transaction['status'] = 'active'
  #submitted = false
  #endedBy: OrbitError | undefined
  #view: SnapshotView | undefined
  #opening: Promise<SnapshotView> | undefined
  /** What `refresh` holds on to for the calls that follow. */
  #statementSeq: number | undefined
  #snapshotCount = 0

  constructor(
    state: StoreState,
    commits: GroupCommit,
    settings: LocalTransactionSettings,
    onEnd: (tx: LocalTransaction) => void,
  ) {
    this.id = settings.id
    this.label = settings.label
    this.isolation = settings.isolation
    this.mode = settings.mode
    this.deadlineMs = state.env.clock.monotonicMs() + settings.timeoutMs
    this.#state = state
    this.#commits = commits
    this.#settings = settings
    this.#limits = state.engine.engine.limits
    this.#buffer = new WriteBuffer(settings.sizeMaxBytes)
    this.#reads = settings.isolation === 'serializable' ? new ReadTracker(settings.readsMax) : undefined
    this.#onEnd = onEnd
    settings.signal?.addEventListener('abort', this.#onAbort, { once: true })
  }

  get timeoutMs(): number {
    return this.#settings.timeoutMs
  }

  get snapshotCount(): number {
    return this.#snapshotCount
  }

  get status(): Transaction['status'] {
    return this.#status
  }

  async get(key: Uint8Array, { leased = false }: GetOptions = {}): Promise<Uint8Array | undefined> {
    this.#check()
    checkKey(key, this.#limits)
    if (this.mode === 'pessimistic' && !leased) await this.#lock([key], this.#settings.lockWaitMs)
    if (this.#buffer.count > 0) {
      const own = this.#buffer.get(toBinaryString(key))
      if (own !== undefined) return own.value
    }
    const view = await this.#openView()
    try {
      const startedMs = this.#state.counters.startRead(1)
      this.#reads?.addKey(toBinaryString(key))
      const found = view.get(key)
      const value = found instanceof Promise ? await this.#afterwards(found) : found
      this.#state.counters.endRead(startedMs)
      const turn = this.#state.turns.spend(1)
      if (turn !== undefined) await turn
      return value
    } finally {
      this.#closeView(view)
    }
  }

  async getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    this.#check()
    checkKeys(keys, this.#limits)
    if (keys.length === 0) return []
    if (this.mode === 'pessimistic') await this.#lock(keys, this.#settings.lockWaitMs)
    const view = await this.#openView()
    try {
      const startedMs = this.#state.counters.startRead(keys.length)
      if (this.#reads !== undefined) for (const key of keys) this.#reads.addKey(toBinaryString(key))
      const found = view.getMany(keys)
      const values = found instanceof Promise ? await this.#afterwards(found) : found
      this.#state.counters.endRead(startedMs)
      const merged = this.#withOwnWrites(keys, values)
      const turn = this.#state.turns.spend(keys.length)
      if (turn !== undefined) await turn
      return merged
    } finally {
      this.#closeView(view)
    }
  }

  async *scan(range: KeyRange, options: ScanOptions = {}): AsyncGenerator<Entry[]> {
    this.#check()
    checkRange(range)
    checkScanOptions(options)
    throwIfAborted(options.signal)
    const view = await this.#openView()
    try {
      const cover = this.#reads?.startRange()
      for await (const chunk of view.scan(range, options, {
        writes: this.#buffer.freeze(),
        check: () => this.#check(),
        ...(cover === undefined ? {} : { cover }),
      })) {
        this.#state.counters.readOperations += chunk.length
        yield chunk
        const turn = this.#state.turns.spend(chunk.length)
        if (turn !== undefined) await turn
      }
    } finally {
      this.#closeView(view)
    }
  }

  put(key: Uint8Array, value: Uint8Array): void {
    this.#check()
    checkKey(key, this.#limits)
    checkValue(value, this.#limits)
    this.#buffer.put(key, value)
  }

  delete(key: Uint8Array): void {
    this.#check()
    checkKey(key, this.#limits)
    this.#buffer.delete(key)
  }

  insert(key: Uint8Array, value: Uint8Array): void {
    this.#check()
    checkKey(key, this.#limits)
    checkValue(value, this.#limits)
    this.#buffer.insert(key, value)
  }

  /** All of a batch, or as far as it can be taken. */
  writeAll(batch: WriteBatch): void {
    this.#check()
    for (const operation of batch) {
      checkKey(operation.key, this.#limits)
      if (operation.type === 'put') {
        checkValue(operation.value, this.#limits)
        this.#buffer.put(operation.key, operation.value)
      } else this.#buffer.delete(operation.key)
    }
  }

  async lock(keys: readonly Uint8Array[], options: LockOptions = {}): Promise<void> {
    this.#check()
    checkKeys(keys, this.#limits)
    checkChoice('mode', options.mode, ['exclusive', 'shared'])
    if (keys.length === 0) return
    const waitMs = lockWaitOf(options, this.#settings.lockWaitMs)
    if (options.mode === 'shared') await this.#share(keys, waitMs)
    else await this.#lock(keys, waitMs)
    if (this.#statementSeq !== undefined) await this.refresh()
  }

  endWaits(reason: OrbitError): void {
    this.#state.locks.endWaits(this, () => reason)
  }

  async refresh(): Promise<void> {
    this.#check()
    if (this.isolation !== 'read-committed') return
    const seq = await this.#state.openSnapshot()
    if (this.#status !== 'active') {
      this.#state.closeSnapshot(seq)
      throw this.#closedError()
    }
    if (this.#statementSeq !== undefined) this.#state.closeSnapshot(this.#statementSeq)
    if (this.#statementSeq !== seq) this.#snapshotCount++
    this.#statementSeq = seq
  }

  savepoint(): Savepoint {
    this.#check()
    return this.#buffer.savepoint()
  }

  rollbackTo(savepoint: Savepoint): void {
    this.#check()
    this.#buffer.rollbackTo(savepoint)
  }

  release(savepoint: Savepoint): void {
    this.#check()
    this.#buffer.release(savepoint)
  }

  async commit(): Promise<CommitResult> {
    this.#check()
    this.#status = 'committing'
    try {
      const seq = this.#buffer.count === 0 ? 0 : await this.#submit()
      this.#end('committed')
      return { version: BigInt(seq) }
    } catch (error) {
      const reason = this.#endedBy ?? error
      this.#end(hasCode(reason, 'COMMIT_UNDETERMINED') ? 'undetermined' : 'rolled-back')
      throw reason
    }
  }

  // Asynchronous by contract: a remote store has something to wait for here.

  async rollback(): Promise<void> {
    if (this.#status === 'active') this.#end('rolled-back')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.rollback()
  }

  /** Ends the transaction from outside; its calls fail with `reason` from now on. Too late once it was submitted. */
  expire(reason: OrbitError): void {
    if (this.#submitted || (this.#status !== 'active' && this.#status !== 'committing')) return
    this.#endedBy = reason
    this.#end('rolled-back')
  }

  async #submit(): Promise<number> {
    // Nothing may come between the last look and the submission: who locks a key later waits for what is submitted.
    for (let foreign = this.#foreignLocks(); foreign !== undefined; foreign = this.#foreignLocks()) {
      await this.#acquire(foreign.ids, this.#settings.lockWaitMs, foreign.mode)
    }
    this.#throwIfEnded()
    this.#submitted = true
    const request: CommitRequest = {
      buffer: this.#buffer,
      isolation: this.isolation,
      snapshotSeq: this.#view?.seq,
      reads: this.#reads,
      exclusive: this.#exclusive,
      shared: this.#shared,
      sync: this.#settings.sync,
      refused: () => this.#endedBy,
    }
    return this.#commits.submit(request)
  }

  /** Keys of this commit that others hold locked: they are locked for this transaction first, in their turn. */
  #foreignLocks(): { readonly ids: string[]; readonly mode: LockMode } | undefined {
    const { locks } = this.#state
    if (locks.isEmpty) return undefined
    const shared = [...this.#shared.keys()].filter((id) => locks.isForeign(this, id, 'shared'))
    if (shared.length > 0) return { ids: shared, mode: 'shared' }
    const written: string[] = []
    for (const [id] of this.#buffer.entries()) if (locks.isForeign(this, id, 'exclusive')) written.push(id)
    return written.length > 0 ? { ids: written, mode: 'exclusive' } : undefined
  }

  async #lock(keys: readonly Uint8Array[], waitMs: number): Promise<void> {
    const ids = keys.map(toBinaryString)
    await this.#acquire(ids, waitMs)
    await this.#commits.settled(ids, 'used')
    this.#check()
    const since = this.#view?.seq
    const changed =
      since === undefined || this.isolation === 'read-committed'
        ? undefined
        : keys.find((_, index) => this.#state.history.usedSince(ids[index] ?? '', since))
    if (changed !== undefined) {
      for (const id of new Set(ids)) this.#state.locks.release(this, id)
      this.#state.counters.conflicts++
      throw conflict(changed, 'locked-key-changed')
    }
    this.#exclusive = withKeys(this.#exclusive, ids, keys)
  }

  /** Waits for whoever holds the keys exclusively; that nobody changes them later is checked at commit. */
  async #share(keys: readonly Uint8Array[], waitMs: number): Promise<void> {
    const { locks } = this.#state
    const ids = keys.map(toBinaryString)
    if (this.isolation === 'read-committed') {
      // Without a snapshot there is nothing to compare with at commit, so those who want to write have to wait.
      await this.#acquire(ids, waitMs, 'shared')
      await this.#commits.settled(ids, 'written')
      this.#check()
    } else {
      for (const id of ids) {
        if (!locks.isForeign(this, id, 'shared')) continue
        await this.#acquire([id], waitMs, 'shared')
        await this.#commits.settled([id], 'written')
        locks.release(this, id)
        this.#check()
      }
    }
    this.#shared = withKeys(this.#shared, ids, keys)
    // What is protected is what this transaction reads, so it needs a snapshot to compare with.
    if (this.isolation !== 'read-committed') await this.#openView()
  }

  async #acquire(ids: readonly string[], waitMs: number, mode: LockMode = 'exclusive'): Promise<void> {
    try {
      await this.#state.locks.acquire(this, ids, waitMs, mode)
    } catch (error) {
      if (hasCode(error, 'TRANSACTION_DEADLOCK')) this.#state.counters.deadlocks++
      throw error
    }
    // Ended while it waited: whatever was granted in the meantime must not stay with it.
    if (this.#status !== 'active' && this.#status !== 'committing') {
      this.#state.locks.releaseAll(this, () => this.#closedError())
    }
    this.#throwIfEnded()
  }

  #openView(): SnapshotView | Promise<SnapshotView> {
    if (this.#view !== undefined) return this.#view
    if (this.#opening !== undefined) return this.#opening
    if (this.#statementSeq !== undefined) return this.#adopt(this.#state.shareSnapshot(this.#statementSeq))
    const opened = this.#state.openSnapshot()
    if (!(opened instanceof Promise)) return this.#adopt(opened)
    const opening = opened.then((seq) => this.#adopt(seq))
    if (this.isolation === 'read-committed') return opening
    this.#opening = opening
    return opening
  }

  #adopt(seq: number): SnapshotView {
    if (this.#status !== 'active') {
      this.#state.closeSnapshot(seq)
      throw this.#closedError()
    }
    const view = new SnapshotView(this.#state.engine, this.#state.history, seq)
    if (this.isolation !== 'read-committed') this.#view = view
    return view
  }

  #closeView(view: SnapshotView): void {
    if (view !== this.#view && this.isolation === 'read-committed') this.#state.closeSnapshot(view.seq)
  }

  /** What was read while the transaction may have ended. */
  async #afterwards<T>(reading: Promise<T>): Promise<T> {
    const found = await reading
    this.#check()
    return found
  }

  #withOwnWrites(
    keys: readonly Uint8Array[],
    values: (Uint8Array | undefined)[],
  ): (Uint8Array | undefined)[] {
    if (this.#buffer.count === 0) return values
    keys.forEach((key, index) => {
      const own = this.#buffer.get(toBinaryString(key))
      if (own !== undefined) values[index] = own.value
    })
    return values
  }

  #end(status: 'committed' | 'rolled-back' | 'undetermined'): void {
    if (this.#status !== 'active' && this.#status !== 'committing') return
    this.#status = status
    if (status === 'rolled-back') this.#state.counters.transactionsRolledBack++
    this.#settings.signal?.removeEventListener('abort', this.#onAbort)
    if (this.#view !== undefined) this.#state.closeSnapshot(this.#view.seq)
    this.#view = undefined
    if (this.#statementSeq !== undefined) this.#state.closeSnapshot(this.#statementSeq)
    this.#statementSeq = undefined
    this.#state.locks.releaseAll(this, () => this.#closedError())
    this.#onEnd(this)
  }

  readonly #onAbort = (): void => {
    const cause: unknown = this.#settings.signal?.reason
    this.expire(new OrbitError('ABORTED', 'the transaction was aborted by its signal', {}, { cause }))
  }

  #check(): void {
    if (this.#status !== 'active') throw this.#closedError()
    if (this.#state.failure !== undefined) throw this.#state.failure
    if (this.#state.env.clock.monotonicMs() >= this.deadlineMs) {
      this.expire(timedOut(this.id, this.#settings.timeoutMs))
      throw this.#closedError()
    }
  }

  #throwIfEnded(): void {
    if (this.#endedBy !== undefined) throw this.#endedBy
  }

  #closedError(): OrbitError {
    if (this.#endedBy !== undefined) return this.#endedBy
    return new OrbitError('TRANSACTION_CLOSED', `transaction ${this.id} is ${this.#status}; begin a new one`)
  }
}

function withKeys(held: KeysById, ids: readonly string[], keys: readonly Uint8Array[]): KeysById {
  const more = held === NO_KEYS ? new Map<string, Uint8Array>() : held
  keys.forEach((key, index) => more.set(ids[index] ?? toBinaryString(key), key))
  return more
}

export function timedOut(id: string, timeoutMs: number): OrbitError {
  return new OrbitError(
    'TRANSACTION_TIMEOUT',
    `transaction ${id} lived longer than its ${timeoutMs} ms and was rolled back; do less in one, or pass timeoutMs`,
    { timeoutMs },
  )
}
