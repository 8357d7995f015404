/**
 * The writes of a transaction that may be larger than memory: they go to the servers, as locks, while it runs.
 *
 * Invariants:
 * 1. Writes are in the active buffer, then in the frozen one while it is flushed, then on the servers. A read looks in
 *    that order, so that it sees the latest.
 * 2. One flush at a time; each has a larger generation than the one before, so that the servers keep the later value.
 * 3. The first key that was locked is the primary. From then on heartbeats keep it alive; when they end, the
 *    transaction fails.
 * 4. All keys that were ever flushed lie in one range, which is resolved as a whole after the end.
 * 5. After a failed flush nothing but `rollBack` is possible.
 *
 * Equivalent in client-go: `PipelinedMemDB` and `pipelined_flush.go`.
 */
import { sharedAbort } from '../../retry/shared-abort.js'
import { compareBytes, defined, OrbitError } from '@orbit-ts/base'
import { Op } from '../../gen/kvrpcpb.js'
import { BackoffBudgets } from '../../retry/backoff-kind.js'
import { keyAfter } from '../../snapshot/key-after.js'
import type { ReadOptions } from '../../snapshot/snapshot-options.js'
import type { Timestamp } from '../../timestamp.js'
import type { BufferEntry } from '../buffer/buffer-entry.js'
import { TransactionBuffer, type BufferLimits } from '../buffer/transaction-buffer.js'
import { CommitPhase } from '../commit/commit-phase.js'
import { newCommitState } from '../commit/commit-state.js'
import { commitTimestamp } from '../commit/commit-timestamp.js'
import { LockHeartbeat, type HeartbeatEnd } from '../commit/lock-heartbeat.js'
import { keyOf, prepareMutations, type MutationSet } from '../commit/mutations.js'
import type { SnapshotReads } from '../commit/recording-snapshot.js'
import type { TransactionCalls } from '../commit/transaction-calls.js'
import { undeterminedCommit } from '../commit/undetermined-commit.js'
import type { PipelinedOptions } from '../transaction-options.js'
import { broadcastStatus } from './broadcast-status.js'
import { flushMutations } from './flush-mutations.js'
import { resolveFlushed } from './resolve-flushed.js'

const MIB = 1024 * 1024
const LIFETIME_MS = 24 * 3600 * 1000
/** Between the last lock's end and the last word about the transaction, for servers that lag behind. */
const FAREWELL_MS = 5000

type Settings = { readonly [Name in keyof PipelinedOptions]-?: NonNullable<PipelinedOptions[Name]> }

export class PipelinedWriter {
  readonly #calls: TransactionCalls
  readonly #limits: BufferLimits
  readonly #options: Settings
  readonly #heartbeat: LockHeartbeat
  readonly #stop = sharedAbort()
  #active: TransactionBuffer
  #frozen: TransactionBuffer | undefined
  #flushing: Promise<void> | undefined
  #failure: unknown
  #generation = 0n
  #primary: Uint8Array | undefined
  #first: Uint8Array | undefined
  #last: Uint8Array | undefined
  #pushedTo: Timestamp = 0n
  #committing = false
  #flushedKeys = 0
  #flushedBytes = 0

  constructor(calls: TransactionCalls, limits: BufferLimits, options: PipelinedOptions) {
    this.#calls = calls
    this.#options = {
      flushKeysMin: options.flushKeysMin ?? 10_000,
      flushBytesMin: options.flushBytesMin ?? 16 * MIB,
      flushBytesForced: options.flushBytesForced ?? 128 * MIB,
      flushConcurrency: options.flushConcurrency ?? 128,
      resolveConcurrency: options.resolveConcurrency ?? 8,
    }
    this.#limits = { ...limits, transactionBytesMax: Infinity }
    this.#active = new TransactionBuffer(this.#limits)
    this.#heartbeat = new LockHeartbeat(calls, {
      lifetimeMs: Math.max(LIFETIME_MS, calls.core.config.maxTransactionTtl),
      minCommitTs: (now) => this.#push(now),
      onBeat: () => this.#broadcast({ commitTs: 0n, rolledBack: false, isCompleted: false }),
      onEnded: (reason) => this.#fail(heartbeatEnded(calls, reason)),
    })
  }

  /** Where the next write goes. */
  get buffer(): TransactionBuffer {
    return this.#active
  }

  /** Counted with every time it was flushed. */
  get keys(): number {
    return this.#flushedKeys + this.#active.count
  }

  get bytes(): number {
    return this.#flushedBytes + this.#active.sizeBytes
  }

  get heartbeat(): LockHeartbeat {
    return this.#heartbeat
  }

  get hasFlushed(): boolean {
    return this.#generation > 0n
  }

  get generation(): bigint {
    return this.#generation
  }

  /**
   * Before each write: makes sure that there is room.
   * @throws TRANSACTION_TOO_LARGE when writes come faster than they can be flushed, and what a flush failed with.
   */
  requireRoom(bytes: number): void {
    this.#requireSound()
    const max = 2 * this.#options.flushBytesForced
    if (this.#flushing === undefined || this.#active.sizeBytes + bytes <= max) return
    throw new OrbitError(
      'TRANSACTION_TOO_LARGE',
      `${this.#active.sizeBytes} bytes wait to be flushed, and ${max} are allowed; await drain() between writes`,
      { sizeBytes: this.#active.sizeBytes, bytesMax: max },
    )
  }

  /** After each write: flushes when there is enough. */
  written(): void {
    if (this.#flushing === undefined && this.#isFull()) this.#flush()
  }

  /** Waits until there is room for more writes. @throws what a flush failed with. */
  async drain(): Promise<void> {
    while (this.#flushing !== undefined && this.#isFull()) await this.#flushing
    this.#requireSound()
  }

  async batchGet(
    keys: readonly Uint8Array[],
    snapshot: SnapshotReads,
    options: ReadOptions,
  ): Promise<(Uint8Array | undefined)[]> {
    this.#requireSound()
    const values: (Uint8Array | undefined)[] = []
    const missing: number[] = []
    for (const [at, key] of keys.entries()) {
      const own = written(this.#active.get(key)) ?? written(this.#frozen?.get(key))
      values.push(own?.value)
      if (own === undefined) missing.push(at)
    }
    const below = await this.#readBelow(
      missing.map((at) => defined(keys[at], 'a key')),
      snapshot,
      options,
    )
    // What was being flushed is neither here nor there when that failed meanwhile.
    this.#requireSound()
    for (const [index, at] of missing.entries()) values[at] = below[index]
    return values
  }

  /** Undefined when nothing was written. */
  async commit(signal: AbortSignal | undefined): Promise<Timestamp | undefined> {
    this.#committing = true
    try {
      await this.#flushAll(signal)
      const primary = this.#primary
      if (primary === undefined) return undefined
      const commitTs = await this.#commitPrimary(primary, signal)
      this.#heartbeat.stop()
      await this.#finish(commitTs)
      return commitTs
    } catch (error) {
      this.#heartbeat.stop()
      if (!(error instanceof OrbitError && error.code === 'COMMIT_UNDETERMINED')) await this.rollBack()
      throw error
    }
  }

  /** Removes everything that was flushed, behind the caller's back. */
  async rollBack(): Promise<void> {
    this.#stop.abort(new OrbitError('ABORTED', 'the transaction is rolled back'))
    this.#heartbeat.stop()
    await this.#flushesEnd()
    if (this.hasFlushed) await this.#finish(0n)
  }

  #isFull(): boolean {
    const { flushKeysMin, flushBytesMin, flushBytesForced } = this.#options
    const { count, sizeBytes } = this.#active
    return sizeBytes >= flushBytesForced || (count >= flushKeysMin && sizeBytes >= flushBytesMin)
  }

  #flush(): void {
    const frozen = this.#active
    this.#active = new TransactionBuffer(this.#limits)
    this.#frozen = frozen
    this.#flushing = this.#flushFrozen(frozen).then(
      () => this.#endFlush(),
      (error: unknown) => {
        this.#fail(error)
        this.#endFlush()
      },
    )
  }

  #endFlush(): void {
    this.#frozen = undefined
    this.#flushing = undefined
    if (this.#failure === undefined && this.#isFull()) this.#flush()
  }

  /** A flush that ends may begin the next one. */
  async #flushesEnd(): Promise<void> {
    while (this.#flushing !== undefined) await this.#flushing
  }

  async #flushFrozen(frozen: TransactionBuffer): Promise<void> {
    const set = prepareMutations(frozen, {
      pessimistic: false,
      assertions: (this.#calls.options.assertions ?? 'off') !== 'off',
    })
    if (set === undefined) return
    this.#generation += 1n
    this.#widenRange(set)
    this.#flushedKeys += set.items.length
    this.#flushedBytes += set.bytes
    const locks = set.items[0]?.mutation.op !== Op.CheckNotExists
    if (locks) this.#primary ??= set.primary
    const { core } = this.#calls
    const startedMs = core.env.clock.monotonicMs()
    await this.#calls.within(BackoffBudgets.prewrite, this.#stop.signal, (backoffer) =>
      flushMutations(
        {
          calls: this.#calls,
          items: set.items,
          primary: this.#primary ?? set.primary,
          generation: this.#generation,
          concurrency: this.#options.flushConcurrency,
          onPrimaryLocked: () => {
            if (this.#primary !== undefined) this.#heartbeat.start(this.#primary)
          },
        },
        backoffer,
      ),
    )
    core.telemetry.pipelinedFlushSeconds.observe((core.env.clock.monotonicMs() - startedMs) / 1000)
  }

  #widenRange({ items }: MutationSet): void {
    for (const item of items) {
      const key = keyOf(item)
      if (this.#first === undefined || compareBytes(key, this.#first) < 0) this.#first = key
      if (this.#last === undefined || compareBytes(key, this.#last) > 0) this.#last = key
    }
  }

  async #flushAll(signal: AbortSignal | undefined): Promise<void> {
    const onAbort = (): void => this.#stop.abort(signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      for (;;) {
        await this.#flushesEnd()
        this.#requireSound()
        if (this.#active.count === 0) return
        this.#flush()
      }
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
  }

  async #commitPrimary(primary: Uint8Array, signal: AbortSignal | undefined): Promise<Timestamp> {
    const state = newCommitState()
    const calls = this.#calls
    try {
      const approve = async (): Promise<void> => undefined
      const commitTs = await commitTimestamp(calls, signal)
      const phase = new CommitPhase({ calls, state, primary, approve }, commitTs)
      await calls.within(BackoffBudgets.commitPrimary, signal, (backoffer) =>
        phase.commitPrimary([primary], backoffer),
      )
      return phase.commitTs
    } catch (error) {
      throw state.undetermined ? undeterminedCommit(calls.startTs, error) : error
    }
  }

  /** Tells the servers how it ended, and resolves what was flushed. */
  async #finish(commitTs: Timestamp): Promise<void> {
    const calls = this.#calls
    const range = {
      start: defined(this.#first, 'the first flushed key'),
      end: keyAfter(defined(this.#last, 'the last flushed key')),
    }
    const end = { commitTs, rolledBack: commitTs === 0n }
    await calls.leaveBehind('resolve-flushed', async (signal) => {
      await this.#broadcast({ ...end, isCompleted: false }, signal)
      const budgetMs = commitTs === 0n ? BackoffBudgets.cleanup : BackoffBudgets.commitSecondary
      await calls.within(budgetMs, signal, (backoffer) =>
        resolveFlushed(calls, range, commitTs, this.#options.resolveConcurrency, backoffer),
      )
      this.#farewell(end)
    })
  }

  /** Has a timer of its own, not to look like work that somebody might wait for. */
  #farewell(end: { readonly commitTs: Timestamp; readonly rolledBack: boolean }): void {
    const { core } = this.#calls
    if (core.closing.aborted) return
    const cancel = (): void => timer.cancel()
    const timer = core.env.timers.set(() => {
      core.closing.removeEventListener('abort', cancel)
      core.inBackground('farewell', (signal) => this.#broadcast({ ...end, isCompleted: true }, signal))
    }, FAREWELL_MS)
    core.closing.addEventListener('abort', cancel, { once: true })
  }

  async #readBelow(
    keys: readonly Uint8Array[],
    snapshot: SnapshotReads,
    options: ReadOptions,
  ): Promise<(Uint8Array | undefined)[]> {
    if (keys.length === 0) return []
    if (!this.hasFlushed) return snapshot.batchGet(keys, options)
    const flushed = await snapshot.flushedValues(keys, options)
    const missing: number[] = []
    // An empty value was flushed by a delete.
    const values = flushed.map((value, at) => {
      if (value === undefined) missing.push(at)
      return value?.length === 0 ? undefined : value
    })
    if (missing.length === 0) return values
    const read = await snapshot.batchGet(
      missing.map((at) => defined(keys[at], 'a key')),
      options,
    )
    for (const [index, at] of missing.entries()) values[at] = read[index]
    return values
  }

  #push(now: Timestamp): Timestamp {
    if (!this.#committing) this.#pushedTo = now
    return this.#pushedTo
  }

  #broadcast(
    status: { readonly commitTs: Timestamp; readonly rolledBack: boolean; readonly isCompleted: boolean },
    signal: AbortSignal = this.#stop.signal,
  ): Promise<void> {
    return broadcastStatus(this.#calls, { minCommitTs: this.#pushedTo, ...status }, signal)
  }

  #fail(error: unknown): void {
    this.#failure ??= error
    this.#stop.abort(error)
    this.#heartbeat.stop()
  }

  #requireSound(): void {
    if (this.#failure !== undefined) throw OrbitError.from(this.#failure)
  }
}

function written(entry: BufferEntry | undefined): Exclude<BufferEntry, { kind: 'flags' }> | undefined {
  return entry === undefined || entry.kind === 'flags' ? undefined : entry
}

function heartbeatEnded(calls: TransactionCalls, reason: HeartbeatEnd): OrbitError {
  return new OrbitError(
    'TRANSACTION_TIMEOUT',
    `the locks of transaction ${calls.startTs} are no longer kept alive (${reason}); roll it back and run it again`,
    { startTs: String(calls.startTs), reason },
  )
}
