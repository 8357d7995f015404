/**
 * One transaction on TiKV: own writes are buffered here, reads and locks go through a transaction of the client
 * (`TransactionView`), which the first of them begins.
 *
 * How the contract is met:
 * - Snapshot: that of the client's transaction.
 * - Locks: see `TransactionLocks`.
 * - Blind commits and those under `read-committed` cannot conflict: they are run again, at last with locks.
 *
 * Invariants:
 * 1. `status` leaves `active` once; when it is final, the place in the store's list is given back.
 * 2. Once the commit has begun, only its outcome ends the transaction.
 */
import { hasCode, OrbitError, toBinaryString } from '@orbit-ts/base'
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
} from '../../provider.js'
import {
  checkChoice,
  checkKey,
  checkKeys,
  checkRange,
  checkScanOptions,
  checkValue,
  lockWaitOf,
  throwIfAborted,
} from '../../transaction/arguments.js'
import type {
  Pushdown,
  PushedPlan,
  PushedRefusal,
  PushedScanOptions,
  PushedValue,
} from '../../pushdown/pushdown.js'
import { deadlineOf, outageUntil } from '../../transaction/outage.js'
import { WriteBuffer } from '../../transaction/write-buffer.js'
import { applyWrites } from './apply-writes.js'
import { namedRangeConflict } from './named-range-conflict.js'
import { pushedRows, whyNotPushed } from './pushed-rows.js'
import { scanEntries } from './scan-entries.js'
import { TransactionLeases } from './leases/transaction-leases.js'
import { StopSignal } from './stop-signal.js'
import { outageBehind } from './tikv-error.js'
import type { TikvStore } from './tikv-store.js'
import { TransactionLocks, type CommitTurn } from './transaction-locks.js'
import { TransactionView, type ViewSettings } from './transaction-view.js'
import { writeBlind } from './write-blind.js'

/** Why calls under way end; what they throw is made by those that are there. Made once: a stack trace takes its time. */
const ENDED = new OrbitError('TRANSACTION_CLOSED', 'the transaction has ended')

export interface TikvTransactionSettings extends ViewSettings {
  readonly mode: TransactionMode
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

export class TikvTransaction implements Transaction {
  readonly id: string
  readonly isolation: IsolationLevel
  readonly mode: TransactionMode
  readonly pushdown: Pushdown | undefined
  readonly #store: TikvStore
  readonly #settings: TikvTransactionSettings
  readonly #onEnd: (tx: TikvTransaction) => void
  readonly #buffer: WriteBuffer
  readonly #stop = new StopSignal()
  readonly #view: TransactionView
  readonly #leases: TransactionLeases
  readonly #locks: TransactionLocks
  readonly #deadline: { cancel(): void } | undefined
  #status: Transaction['status'] = 'active'
  #endedBy: OrbitError | undefined
  #released: Promise<void> = Promise.resolve()

  constructor(store: TikvStore, settings: TikvTransactionSettings, onEnd: (tx: TikvTransaction) => void) {
    this.id = settings.id
    this.isolation = settings.isolation
    this.mode = settings.mode
    this.#store = store
    this.#settings = settings
    this.#onEnd = onEnd
    this.#buffer = new WriteBuffer(store.sizeMaxBytes)
    const { signal } = this.#stop
    this.#view = new TransactionView(store, settings, signal)
    this.#leases = new TransactionLeases(store, this.#view, settings.isolation === 'serializable')
    this.#locks = new TransactionLocks({
      store,
      settings,
      view: this.#view,
      leases: this.#leases,
      signal,
      requireAlive: () => this.#requireAlive(),
    })
    this.pushdown = store.keys.isPlain
      ? { scan: (plan, ranges, options) => this.#scanPushed(plan, ranges, options) }
      : undefined
    settings.signal?.addEventListener('abort', this.#onAbort, { once: true })
    if (settings.timeoutMs !== Infinity) {
      this.#deadline = store.env.timers.set(() => this.expire(timedOut(settings)), settings.timeoutMs)
    }
  }

  get snapshotCount(): number {
    return this.#view.snapshotCount
  }

  get status(): Transaction['status'] {
    return this.#status
  }

  /** Resolves when a commit or rollback under way is done; never rejects. */
  get settled(): Promise<unknown> {
    return this.#released
  }

  async get(key: Uint8Array, { leased = false }: GetOptions = {}): Promise<Uint8Array | undefined> {
    this.#check()
    checkKey(key, this.#store.limits)
    if (!leased) return (await this.#read([key]))[0]
    const own = this.#buffer.get(toBinaryString(key))
    return own === undefined ? this.#guarded(() => this.#leases.get(key, this.#stop.signal)) : own.value
  }

  async getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    this.#check()
    checkKeys(keys, this.#store.limits)
    return keys.length === 0 ? [] : this.#read(keys)
  }

  async *scan(range: KeyRange, options: ScanOptions = {}): AsyncGenerator<Entry[]> {
    this.#check()
    checkRange(range)
    checkScanOptions(options)
    throwIfAborted(options.signal)
    const writes = this.#buffer.freeze()
    const { keys, batchSizeMax, counters } = this.#store
    const { reader } = await this.#guarded(() => this.#view.reader())
    const signal = this.#stop.or(options.signal)
    const source = { reader, keys, writes, batchSizeMax }
    const chunks = scanEntries(source, range, { ...options, signal })
    try {
      for (;;) {
        const next = await this.#guarded(() => chunks.next())
        if (next.done === true) return
        counters.readOperations += next.value.length
        yield next.value
        throwIfAborted(options.signal)
        this.#check()
      }
    } finally {
      await chunks.return()
    }
  }

  put(key: Uint8Array, value: Uint8Array): void {
    this.#check()
    checkKey(key, this.#store.limits)
    checkValue(value, this.#store.limits)
    this.#buffer.put(key, value)
  }

  delete(key: Uint8Array): void {
    this.#check()
    checkKey(key, this.#store.limits)
    this.#buffer.delete(key)
  }

  insert(key: Uint8Array, value: Uint8Array): void {
    this.#check()
    checkKey(key, this.#store.limits)
    checkValue(value, this.#store.limits)
    this.#buffer.insert(key, value)
  }

  /** All of a batch, or as far as it can be taken. */
  writeAll(batch: WriteBatch): void {
    for (const operation of batch) {
      if (operation.type === 'put') this.put(operation.key, operation.value)
      else this.delete(operation.key)
    }
  }

  async lock(keys: readonly Uint8Array[], options: LockOptions = {}): Promise<void> {
    this.#check()
    checkKeys(keys, this.#store.limits)
    checkChoice('mode', options.mode, ['exclusive', 'shared'])
    if (keys.length === 0) return
    const waitMs = lockWaitOf(options, this.#settings.lockWaitMs)
    const { mode, leased } = options
    const isCurrent = await this.#guarded(() =>
      mode === 'shared' ? this.#locks.share(keys, waitMs, leased) : this.#locks.lock(keys, waitMs, leased),
    )
    if (this.#view.isPinned && !isCurrent) await this.refresh()
  }

  endWaits(reason: OrbitError): void {
    this.#locks.endWaits(reason)
  }

  async refresh(): Promise<void> {
    this.#check()
    if (this.isolation === 'read-committed') await this.#guarded(() => this.#view.refresh())
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

  commit(): Promise<CommitResult> {
    try {
      this.#check()
    } catch (error) {
      return Promise.reject(OrbitError.from(error))
    }
    this.#status = 'committing'
    const committing = this.#commit()
    this.#released = committing.then(
      () => undefined,
      () => undefined,
    )
    return committing
  }

  async rollback(): Promise<void> {
    if (this.#status === 'active') this.#end('rolled-back')
    await this.#released
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.rollback()
  }

  /** Ends the transaction from outside; its calls fail with `reason` from now on. Too late once it commits. */
  expire(reason: OrbitError): void {
    if (this.#status !== 'active') return
    this.#endedBy = reason
    this.#end('rolled-back')
  }

  #scanPushed(
    plan: PushedPlan,
    ranges: readonly KeyRange[],
    options: PushedScanOptions,
  ): AsyncIterable<PushedValue[][]> | PushedRefusal {
    this.#check()
    for (const range of ranges) checkRange(range)
    throwIfAborted(options.signal)
    const { pushRefusals } = this.#store
    const refused = whyNotPushed(pushRefusals, plan, ranges, this.isolation, this.#buffer.freeze())
    return refused === undefined ? this.#pushedRows(plan, ranges, options) : { refused }
  }

  async *#pushedRows(
    plan: PushedPlan,
    ranges: readonly KeyRange[],
    options: PushedScanOptions,
  ): AsyncGenerator<PushedValue[][]> {
    const { readTs } = await this.#guarded(() => this.#view.reader())
    const signal = this.#stop.or(options.signal)
    const batches = pushedRows(this.#store, readTs, plan, ranges, { ...options, signal })
    try {
      for (;;) {
        const next = await this.#guarded(() => batches.next())
        if (next.done === true) return
        this.#store.counters.readOperations += next.value.length
        yield next.value
        throwIfAborted(options.signal)
        this.#check()
      }
    } finally {
      await batches.return()
    }
  }

  async #read(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    return this.#guarded(async () => {
      const startedMs = this.#store.counters.startRead(keys.length)
      if (this.mode === 'pessimistic') await this.#locks.lock(keys, this.#settings.lockWaitMs)
      const own = keys.map((key) => this.#buffer.get(toBinaryString(key)))
      const missing = keys.filter((_, at) => own[at] === undefined)
      const read = missing.length === 0 ? [] : await this.#readStored(missing)
      this.#store.counters.endRead(startedMs)
      let at = 0
      return own.map((write) => (write === undefined ? read[at++] : write.value))
    })
  }

  async #readStored(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    const { reader, endsByItself = false } = await this.#view.reader()
    const encoded = keys.map((key) => this.#store.keys.encode(key))
    const options = endsByItself ? {} : { signal: this.#stop.signal }
    const [only] = encoded
    if (only !== undefined && encoded.length === 1) return [await reader.get(only, options)]
    return reader.batchGet(encoded, options)
  }

  async #commit(): Promise<CommitResult> {
    const { counters, env } = this.#store
    const startedMs = env.clock.monotonicMs()
    const turn = this.#locks.enterCommit(this.#buffer.values())
    try {
      await this.#locks.settled
      const version = this.#buffer.count === 0 ? 0n : await this.#write(turn)
      counters.writeLatencyMs += env.clock.monotonicMs() - startedMs
      counters.transactionsCommitted++
      this.#finish('committed')
      if (version === 0n) await this.#view.release()
      return { version }
    } catch (error) {
      const failure = this.#store.failure(await this.#withKey(error))
      const undetermined = failure.code === 'COMMIT_UNDETERMINED'
      if (!undetermined) await this.#view.release()
      this.#finish(undetermined ? 'undetermined' : 'rolled-back')
      throw failure
    } finally {
      turn.claims.leave()
      turn.writes?.leave()
    }
  }

  /** A range that a serializable transaction has read was changed: the client does not say by which key. */
  async #withKey(error: unknown): Promise<unknown> {
    if (this.isolation !== 'serializable' || !hasCode(error, 'TRANSACTION_CONFLICT') || !this.#view.isOpen)
      return error
    return namedRangeConflict(this.#store, error, (await this.#view.native()).client.startTs)
  }

  async #write(turn: CommitTurn): Promise<bigint> {
    const { counters } = this.#store
    const writes = [...this.#buffer.values()]
    const version = this.#view.isOpen
      ? await this.#writeAfterReads(turn)
      : await writeBlind(this.#store, writes, this.#settings.lockWaitMs)
    this.#store.commits.note(writes, version)
    counters.countWrites(writes, writes.length)
    counters.commitGroups++
    return version
  }

  async #writeAfterReads(turn: CommitTurn): Promise<bigint> {
    const native = await this.#view.native()
    await this.#locks.awaitTurn(turn, this.#buffer.values())
    const { marks, beforeTs } = await this.#locks.prepareCommit(this.#buffer)
    turn.claims.leave()
    applyWrites(native.client, this.#buffer.values(), this.#store.keys)
    for (const mark of marks) native.client.delete(mark)
    return native.commit(beforeTs)
  }

  #end(status: 'rolled-back'): void {
    this.#status = status
    this.#stop.abort(this.#endedBy ?? ENDED)
    this.#released = this.#locks.settled.then(() => this.#view.release())
    this.#store.counters.transactionsRolledBack++
    this.#close()
  }

  #finish(status: 'committed' | 'rolled-back' | 'undetermined'): void {
    this.#status = status
    if (status === 'rolled-back') this.#store.counters.transactionsRolledBack++
    this.#stop.abort(this.#endedBy ?? ENDED)
    this.#close()
  }

  #close(): void {
    this.#deadline?.cancel()
    this.#view.forget()
    this.#locks.leave(this.#status === 'undetermined')
    this.#settings.signal?.removeEventListener('abort', this.#onAbort)
    this.#onEnd(this)
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      const result = await work()
      this.#check()
      return result
    } catch (error) {
      if (this.#status !== 'active') throw this.#endedDuring(error)
      throw this.#store.failure(error)
    }
  }

  readonly #onAbort = (): void => {
    const cause: unknown = this.#settings.signal?.reason
    this.expire(new OrbitError('ABORTED', 'the transaction was aborted by its signal', {}, { cause }))
  }

  #check(): void {
    if (this.#status !== 'active') throw this.#closedError()
  }

  #requireAlive(): void {
    if (this.#status !== 'active' && this.#status !== 'committing') throw this.#closedError()
  }

  /** A deadline that passed because the store could not be reached is an outage. */
  #endedDuring(error: unknown): OrbitError {
    const ended = this.#closedError()
    const outage = outageBehind(error)
    const deadline = deadlineOf(ended, this.#settings.signal)
    if (outage === undefined || deadline === undefined) return ended
    return this.#store.failure(outageUntil(deadline, outage))
  }

  #closedError(): OrbitError {
    if (this.#endedBy !== undefined) return this.#endedBy
    return new OrbitError('TRANSACTION_CLOSED', `transaction ${this.id} is ${this.#status}; begin a new one`)
  }
}

function timedOut({ id, timeoutMs }: TikvTransactionSettings): OrbitError {
  return new OrbitError(
    'TRANSACTION_TIMEOUT',
    `transaction ${id} lived longer than its ${timeoutMs} ms and was rolled back; do less in one, or pass timeoutMs`,
    { timeoutMs },
  )
}
