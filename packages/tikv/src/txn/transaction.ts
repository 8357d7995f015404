/**
 * One transaction: a snapshot, a buffer of writes, locks, and an end.
 *
 * Invariants:
 * 1. It ends once: committed, rolled back, failed, timed out or undetermined. After that every call but `rollback`,
 *    `info` and disposal is refused.
 * 2. Nothing is sent for a transaction that neither read, locked nor wrote.
 * 3. A call that is refused for its arguments changes nothing.
 * 4. When it ends, its calls under way are aborted, its timer and heartbeat are gone, and its locks are committed,
 *    rolled back or (undetermined) left to whoever meets them.
 *
 * Keys and values are not copied: they must not change before the transaction has ended.
 * Equivalent in client-go: `txnkv/transaction.KVTxn`.
 */
import { hasCode, OrbitError } from '@orbit-ts/base'
import {
  requireBytes,
  requireChoice,
  requireKey,
  requireKeys,
  requireRange,
  requireUint64,
} from '../input/require-input.js'
import type { KeyRange } from '../key-range.js'
import type { SnapshotParts } from '../snapshot/snapshot.js'
import type { KeyValue, ReadOptions, ScanOptions } from '../snapshot/snapshot-options.js'
import type { ExecDetails } from '../telemetry/exec-details.js'
import type { Timestamp } from '../timestamp.js'
import { FlagChanges, KeyFlag, type FlagChange } from './buffer/key-flags.js'
import { TransactionBuffer, type Checkpoint, type Stage } from './buffer/transaction-buffer.js'
import { CommitRun, outcomeOf, type CommitOutcome } from './commit/commit-run.js'
import { LockHeartbeat } from './commit/lock-heartbeat.js'
import { ReadSet } from './commit/read-set.js'
import { TransactionCalls } from './commit/transaction-calls.js'
import { inSpan } from '../telemetry/in-span.js'
import { keyExists } from './key-errors.js'
import type { LockedKey, LockOptions } from './pessimistic/lock-options.js'
import { PessimisticLocks } from './pessimistic/pessimistic-locks.js'
import { PipelinedWriter } from './pipelined/pipelined-writer.js'
import type { TransactionInfo, TransactionState } from './transaction-info.js'
import {
  READ_SET_BYTES_MAX,
  type LockWait,
  type TransactionIsolation,
  type TransactionMode,
  type TransactionOptions,
} from './transaction-options.js'
import { TransactionLife } from './transaction-life.js'
import { TransactionReads } from './transaction-reads.js'
import type { UnfinishedFacts, UnfinishedTransactions } from './unfinished-transactions.js'

/** A point that `rollbackTo` goes back to, any number of times. */
export type Savepoint = Checkpoint

/** Of one commit. */
export interface CommitOptions {
  /** The commit timestamp must be larger than this one, which PD has given or a commit has had. */
  readonly afterTs?: Timestamp | undefined
  /**
   * The commit timestamp must be smaller than this one; a commit that comes too late fails with TRANSACTION_CONFLICT
   * (`details.reason` commit-too-late). Not of a pipelined transaction. Equivalent in client-go:
   * `SetCommitTSUpperBoundCheck`.
   */
  readonly beforeTs?: Timestamp | undefined
  readonly signal?: AbortSignal | undefined
}

/** How a transaction was committed. */
export interface CommitResult {
  readonly startTs: Timestamp
  /** Undefined when there was nothing to commit. */
  readonly commitTs: Timestamp | undefined
  readonly mode: TransactionMode
  readonly onePc: boolean
  readonly asyncCommit: boolean
  /** What the whole transaction cost so far; work left behind still adds to it. */
  readonly details: ExecDetails
}

/**
 * Reads at one timestamp with its own writes on top; all writes become visible at once, or none. End it in every case:
 * `commit`, `rollback`, or `await using`.
 */
export class Transaction implements AsyncDisposable {
  /** What it reads: versions committed at or before it. */
  readonly startTs: Timestamp
  readonly mode: TransactionMode
  readonly isolation: TransactionIsolation
  readonly #calls: TransactionCalls
  readonly #buffer: TransactionBuffer
  readonly #locks: PessimisticLocks
  readonly #writer: PipelinedWriter | undefined
  readonly #reads: TransactionReads
  readonly #commitRun: CommitRun
  readonly #unfinished: UnfinishedTransactions
  readonly #facts: UnfinishedFacts
  readonly #life: TransactionLife
  #outcome: CommitOutcome | undefined
  #error: string | undefined

  /** Made by `TransactionClient.begin`, which checks the options. */
  constructor(
    parts: SnapshotParts,
    startTs: Timestamp,
    options: TransactionOptions,
    unfinished: UnfinishedTransactions,
    ageMs: number,
  ) {
    const { core, resolver } = parts
    this.startTs = startTs
    this.mode = options.mode ?? 'optimistic'
    this.isolation = options.isolation ?? 'snapshot'
    this.#calls = new TransactionCalls(core, resolver, startTs, options, ageMs)
    const calls = this.#calls
    this.#buffer = new TransactionBuffer(core.config)
    const heartbeat = new LockHeartbeat(calls, { lifetimeMs: core.config.maxTransactionTtl })
    this.#locks = new PessimisticLocks(calls, this.#buffer, heartbeat)
    const { pipelined = false } = options
    this.#writer =
      pipelined === false
        ? undefined
        : new PipelinedWriter(calls, core.config, pipelined === true ? {} : pipelined)
    const readSet =
      this.isolation === 'serializable'
        ? new ReadSet(options.readSetBytesMax ?? READ_SET_BYTES_MAX)
        : undefined
    const own = { parts, calls, buffer: this.#buffer, locks: this.#locks, writer: this.#writer, readSet }
    this.#reads = new TransactionReads(own)
    this.#commitRun = new CommitRun({ ...own, heartbeat })
    this.#unfinished = unfinished
    this.#facts = { startTs, heartbeat: this.#writer?.heartbeat ?? heartbeat, changed: false }
    unfinished.watch(this, this.#facts)
    this.#life = new TransactionLife({
      calls,
      rollBack: () => this.#commitRun.rollBack(),
      onClosed: (outcome) => this.#closed(outcome),
    })
  }

  /** Where it is in its life. */
  get state(): TransactionState {
    return this.#life.state
  }

  /** Keys that have been written, or locked without being written. */
  get keyCount(): number {
    return this.#writer?.keys ?? this.#buffer.count
  }

  /** Keys and values that have been written, bytes. */
  get sizeBytes(): number {
    return this.#writer?.bytes ?? this.#buffer.sizeBytes
  }

  /** The newest timestamp at which keys were locked; 0 before the first lock. */
  get forUpdateTs(): Timestamp {
    return this.#locks.forUpdateTs
  }

  /** Facts for logs and diagnostics, at any time. */
  get info(): TransactionInfo {
    const { commitTs, onePc = false, asyncCommit = false } = this.#outcome ?? {}
    return {
      startTs: String(this.startTs),
      ...(commitTs === undefined ? {} : { commitTs: String(commitTs) }),
      state: this.#life.state,
      mode: this.mode,
      isolation: this.isolation,
      onePc,
      asyncCommit,
      asyncCommitFallback: this.#outcome?.asyncCommitFallback ?? false,
      onePcFallback: this.#outcome?.onePcFallback ?? false,
      pipelined: this.#writer !== undefined,
      elapsedMs: this.#calls.elapsedMs,
      keys: this.keyCount,
      bytes: this.sizeBytes,
      ...(this.#error === undefined ? {} : { error: this.#error }),
    }
  }

  /** For `JSON.stringify`. */
  toJSON(): TransactionInfo {
    return this.info
  }

  /**
   * The value, which may be empty; undefined when the key has none. Its own writes show. A key that this transaction
   * has locked shows its newest value.
   * @throws as `Snapshot.get`; TRANSACTION_CLOSED, TRANSACTION_TIMEOUT, TRANSACTION_TOO_LARGE (serializable)
   */
  async get(key: Uint8Array, options: ReadOptions = {}): Promise<Uint8Array | undefined> {
    this.#life.requireActive()
    requireKey(key)
    return this.#life.during(options.signal, (signal) => this.#reads.get(key, { signal }))
  }

  /** The values in the order of the keys. Otherwise as `get`. */
  async batchGet(
    keys: readonly Uint8Array[],
    options: ReadOptions = {},
  ): Promise<(Uint8Array | undefined)[]> {
    this.#life.requireActive()
    requireKeys(keys)
    return this.#life.during(options.signal, (signal) => this.#reads.batchGet(keys, { signal }))
  }

  /** Locks the key (see `lock`) and gives its newest value; its own write shows. */
  async getForUpdate(key: Uint8Array, options: LockOptions = {}): Promise<Uint8Array | undefined> {
    return (await this.batchGetForUpdate([key], options))[0]
  }

  /** Locks the keys (see `lock`) and gives their newest values in the order of the keys; its own writes show. */
  async batchGetForUpdate(
    keys: readonly Uint8Array[],
    options: LockOptions = {},
  ): Promise<(Uint8Array | undefined)[]> {
    const locked = await this.lock(keys, { ...options, returnValues: true })
    return locked.map(({ key, value }) => {
      const own = this.#buffer.get(key)
      return own === undefined || own.kind === 'flags' ? value : own.value
    })
  }

  /**
   * The rows of the range in key order, in chunks; its own writes as of now show. With `reverse` from the end.
   * @throws as `get`; STORAGE_UNSUPPORTED for a pipelined transaction that has flushed writes
   */
  async *scan(range: KeyRange, options: ScanOptions = {}): AsyncGenerator<KeyValue[], void, undefined> {
    this.#life.requireActive()
    requireRange(range)
    const { signal, release } = this.#life.joined(options.signal)
    try {
      for await (const rows of this.#reads.scan(range, { ...options, signal })) {
        yield rows
        this.#life.requireActive()
      }
    } catch (error) {
      throw this.#life.explained(error)
    } finally {
      release()
    }
  }

  /** As `scan` from the end of the range. */
  scanReverse(range: KeyRange, options: ScanOptions = {}): AsyncGenerator<KeyValue[], void, undefined> {
    return this.scan(range, { ...options, reverse: true })
  }

  /**
   * Writes a value, which may be empty unless the transaction is pipelined.
   * @throws INVALID_ARGUMENT, KEY_TOO_LARGE, VALUE_TOO_LARGE, TRANSACTION_TOO_LARGE, TRANSACTION_CLOSED,
   * TRANSACTION_TIMEOUT; of a pipelined transaction also what a flush failed with
   */
  put(key: Uint8Array, value: Uint8Array): void {
    this.#write(key, value, undefined)
  }

  /** As `put`; the commit, or an earlier lock of the key, fails with KEY_EXISTS when the key has a value. */
  insert(key: Uint8Array, value: Uint8Array): void {
    this.#life.requireActive()
    requireKey(key)
    const own = this.#target.get(key)
    if (own?.kind === 'put') throw keyExists(key, this.#calls.core.telemetry.formatKey)
    // What the transaction deleted itself is known to be absent.
    this.#write(key, value, own?.kind === 'delete' ? undefined : FlagChanges.presumeNotExists)
  }

  /** Removes the key; one that has no value is no error. Errors: those of `put`. */
  delete(key: Uint8Array): void {
    this.#life.requireActive()
    requireKey(key)
    this.#writer?.requireRoom(key.length)
    this.#target.delete(key)
    this.#written()
  }

  /** The commit fails with ASSERTION_FAILED when the key had no value before. Needs the option `assertions`. */
  assertExists(key: Uint8Array): void {
    this.#flag(key, FlagChanges.assertExist)
  }

  /** The commit fails with ASSERTION_FAILED when the key had a value before. Needs the option `assertions`. */
  assertNotExists(key: Uint8Array): void {
    this.#flag(key, FlagChanges.assertNotExist)
  }

  /**
   * Locks the keys until the transaction ends: all, or none when it throws. An optimistic transaction does so at
   * commit, and fails then when one of them was changed since it began.
   * Gives one row for each key, in their order; values and existence are those on the servers (an optimistic
   * transaction reads them from its snapshot).
   * @throws TRANSACTION_CONFLICT (with `conflict: 'fail'`), TRANSACTION_DEADLOCK, LOCK_TIMEOUT, LOCK_NOT_AVAILABLE,
   * KEY_EXISTS (for a key inserted before), TRANSACTION_ABORTED, TRANSACTION_TIMEOUT (its locks were lost),
   * INVALID_ARGUMENT, KEY_TOO_LARGE, and those of locating and sending
   */
  async lock(keys: readonly Uint8Array[], options: LockOptions = {}): Promise<readonly LockedKey[]> {
    this.#life.requireActive()
    requireWait(options.wait)
    requireChoice('conflict', options.conflict, ['refresh', 'fail'])
    requireKeys(keys)
    for (const key of keys) this.#buffer.checkKey(key)
    if (this.#writer !== undefined) throw unsupported('lock keys')
    if (keys.length === 0) return []
    this.#facts.changed = true
    return this.#life.during(options.signal, (signal) =>
      this.mode === 'optimistic'
        ? this.#lockAtCommit(keys, options, signal)
        : this.#lockNow(keys, options, signal),
    )
  }

  async #lockNow(
    keys: readonly Uint8Array[],
    options: LockOptions,
    signal: AbortSignal,
  ): Promise<readonly LockedKey[]> {
    const { env, telemetry } = this.#calls.core
    const startedMs = env.clock.monotonicMs()
    try {
      const attributes = { 'tikv.start_ts': String(this.startTs), 'tikv.keys': keys.length }
      return await inSpan(telemetry.tracer, 'tikv.txn.lock', attributes, () =>
        this.#reads.lock(keys, options, signal),
      )
    } catch (error) {
      if (hasCode(error, 'TRANSACTION_CONFLICT')) telemetry.conflicts.add(1)
      throw error
    } finally {
      telemetry.transactionSeconds.observe((env.clock.monotonicMs() - startedMs) / 1000, { phase: 'lock' })
    }
  }

  /**
   * Gives locks back before the end. Keys that were written stay locked, and so does the key that was locked first as
   * long as others are.
   */
  async release(keys: readonly Uint8Array[]): Promise<void> {
    this.#life.requireActive()
    requireKeys(keys)
    await this.#locks.release(keys)
  }

  /** @throws TRANSACTION_TOO_LARGE, STORAGE_UNSUPPORTED (pipelined) */
  savepoint(): Savepoint {
    return this.#undoable.checkpoint()
  }

  /**
   * Undoes what was written since the savepoint. Locks stay.
   * @throws INVALID_ARGUMENT for a savepoint of another transaction, or one that was itself undone
   */
  rollbackTo(savepoint: Savepoint): void {
    this.#undoable.revertTo(savepoint)
  }

  /** Forgets a savepoint, so that nothing needs to be kept for it. */
  releaseSavepoint(savepoint: Savepoint): void {
    this.#undoable.forget(savepoint)
  }

  /** Opens a stage: what follows is kept (`releaseStage`) or undone (`cleanUpStage`) as a whole. Stages nest. */
  stage(): Stage {
    return this.#undoable.stage()
  }

  /** Keeps what was written since the stage was opened, as part of what is around it. */
  releaseStage(stage: Stage): void {
    this.#undoable.release(stage)
  }

  /** Undoes what was written since the stage was opened. */
  cleanUpStage(stage: Stage): void {
    this.#undoable.cleanup(stage)
  }

  /** Of a pipelined transaction: waits until there is room for more writes. @throws what a flush failed with */
  async drain(): Promise<void> {
    this.#life.requireActive()
    await this.#writer?.drain()
  }

  /**
   * Makes the writes visible, all at once. The transaction has ended then, whatever the outcome.
   * @throws TRANSACTION_CONFLICT, KEY_EXISTS, ASSERTION_FAILED, TRANSACTION_ABORTED, TRANSACTION_TIMEOUT, LOCK_TIMEOUT,
   * STORAGE_FULL, ABORTED, and those of locating and sending: nothing was committed.
   * @throws COMMIT_UNDETERMINED: it may or may not have been committed.
   * @throws TRANSACTION_CLOSED when it has ended before.
   */
  commit(options: CommitOptions = {}): Promise<CommitResult> {
    try {
      this.#life.requireActive()
      requireUint64('afterTs', options.afterTs)
      requireUint64('beforeTs', options.beforeTs)
      if (options.beforeTs !== undefined && this.#writer !== undefined)
        throw unsupported('be committed before a timestamp')
    } catch (error) {
      return Promise.reject(OrbitError.from(error))
    }
    if (options.afterTs !== undefined) this.#calls.commitAfterTs = options.afterTs
    this.#calls.commitBeforeTs = options.beforeTs
    return this.#commit(options.signal)
  }

  /** Gives up what was written, and the locks. Harmless when it has ended; while it commits, waits for that. */
  rollback(): Promise<void> {
    return this.#life.rollBack()
  }

  /** As `rollback`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.rollback()
  }

  async #commit(own: AbortSignal | undefined): Promise<CommitResult> {
    const attributes = {
      'tikv.start_ts': String(this.startTs),
      'tikv.keys': this.keyCount,
      'tikv.bytes': this.sizeBytes,
    }
    const { tracer } = this.#calls.core.telemetry
    const work = (signal: AbortSignal | undefined): Promise<CommitOutcome> =>
      inSpan(tracer, 'tikv.txn.commit', attributes, async (span) => {
        this.#outcome = await this.#commitRun.commit(signal)
        span.setAttribute('tikv.protocol', this.#outcome.protocol)
        return this.#outcome
      })
    const { commitTs, onePc, asyncCommit } = await this.#life.commit(own, work, (error) =>
      this.#failed(error),
    )
    const { startTs, mode } = this
    return { startTs, commitTs, mode, onePc, asyncCommit, details: this.#calls.details }
  }

  #failed(error: OrbitError): { readonly state: TransactionState; readonly outcome: string } {
    const outcome = outcomeOf(error)
    this.#error = error.code
    if (outcome === 'conflict') this.#calls.core.telemetry.conflicts.add(1)
    return { state: outcome === 'undetermined' ? 'undetermined' : 'failed', outcome }
  }

  #closed(outcome: string): void {
    const { core, options } = this.#calls
    if (outcome === 'timed-out') this.#error = 'TRANSACTION_TIMEOUT'
    this.#unfinished.forget(this.#facts)
    core.telemetry.transactions.add(1, { mode: this.mode, outcome })
    core.telemetry.transactionSeconds.observe(this.#calls.elapsedMs / 1000, { phase: 'total' })
    try {
      options.hooks?.onEnd?.(this.info)
    } catch (error) {
      core.logger.warn({ hook: 'onEnd', err: error }, 'a hook of a transaction failed')
    }
  }

  /** Where writes go now. */
  get #target(): TransactionBuffer {
    return this.#writer?.buffer ?? this.#buffer
  }

  /** The buffer, for what a pipelined transaction cannot undo. */
  get #undoable(): TransactionBuffer {
    this.#life.requireActive()
    if (this.#writer !== undefined) throw unsupported('go back to savepoints')
    return this.#buffer
  }

  #write(key: Uint8Array, value: Uint8Array, change: FlagChange | undefined): void {
    this.#life.requireActive()
    requireKey(key)
    requireBytes('value', value)
    this.#writer?.requireRoom(key.length + value.length)
    if (this.#writer !== undefined && value.length === 0) {
      throw new OrbitError(
        'INVALID_ARGUMENT',
        'value is empty, which a pipelined transaction cannot tell from a deleted one; write at least one byte',
        { field: 'value' },
      )
    }
    this.#target.put(key, value, change)
    this.#written()
  }

  #written(): void {
    this.#facts.changed = true
    this.#writer?.written()
  }

  #flag(key: Uint8Array, change: FlagChange): void {
    this.#life.requireActive()
    this.#target.updateFlags(key, change)
  }

  async #lockAtCommit(
    keys: readonly Uint8Array[],
    options: LockOptions,
    signal: AbortSignal,
  ): Promise<readonly LockedKey[]> {
    const { returnValues = false, lockOnlyIfExists = false } = options
    const values = returnValues || lockOnlyIfExists ? await this.#reads.batchGet(keys, { signal }) : undefined
    this.#life.requireActive()
    return keys.map((key, at) => {
      const value = values?.[at]
      const exists = values === undefined ? undefined : value !== undefined
      const locked = !lockOnlyIfExists || exists === true
      if (locked) this.#flag(key, { set: KeyFlag.Locked })
      return { key, locked, exists, value: returnValues ? value : undefined }
    })
  }
}

function unsupported(what: string): OrbitError {
  return new OrbitError(
    'STORAGE_UNSUPPORTED',
    `a pipelined transaction cannot ${what}; begin one without the option pipelined`,
    { field: 'pipelined' },
  )
}

function requireWait(wait: LockWait | undefined): void {
  if (wait === undefined || wait === 'default' || wait === 'always' || wait === 'nowait') return
  if (typeof wait === 'number' && wait >= 0) return
  throw new OrbitError(
    'INVALID_ARGUMENT',
    `wait is ${String(wait)}; give "default", "always", "nowait", or milliseconds from 0`,
    { field: 'wait' },
  )
}
