/**
 * Commits the writes of one transaction: in one phase where one region holds them all, else in two, of which the second
 * is left behind when the transaction is small (async commit).
 *
 * Invariants:
 * 1. The commit timestamp is larger than the start timestamp and, in two phases, taken after every key was locked.
 * 2. After an undetermined outcome nothing is rolled back: it may be committed.
 * 3. After any other failure every key is rolled back, the primary's batch first, behind the caller's back.
 * 4. Once committed, nothing that fails later is the caller's: others finish it from the primary.
 * 5. A serializable transaction is committed only at a timestamp at which its reads were checked (`ReadSet`), and never
 *    in one phase or asynchronously: there the servers would choose the timestamp.
 * 6. The timestamp that the caller is told is the one under which others find the writes.
 * 7. Where the caller set an end (`beforeTs`), it is before that: of 1PC and async commit the servers see to it.
 *
 * Equivalent in client-go: `twoPhaseCommitter`.
 */
import { OrbitError } from '@orbit-ts/base'
import { BackoffBudgets } from '../../retry/backoff-kind.js'
import { composeTimestamp, MAX_TIMESTAMP, physicalMs, type Timestamp } from '../../timestamp.js'
import { CommitPhase } from './commit-phase.js'
import { newCommitState, type CommitState } from './commit-state.js'
import { commitTimestamp } from './commit-timestamp.js'
import type { LockHeartbeat } from './lock-heartbeat.js'
import { lockTtlMs, MANAGED_LOCK_TTL_MS } from './lock-ttl.js'
import { keyOf, lockingItems, type MutationSet } from './mutations.js'
import { PrewritePhase } from './prewrite-phase.js'
import { rollBackKeys, rollBackPessimisticLocks } from './roll-back-keys.js'
import { protocolViolation, type TransactionCalls } from './transaction-calls.js'
import { undeterminedCommit } from './undetermined-commit.js'

/** Of async commit: how far beyond the present the servers may choose the commit timestamp. */
const ASYNC_COMMIT_WINDOW_MS = 2000
/** Optimistic transactions larger than this keep their locks alive while they commit. */
const HEARTBEAT_BYTES = 32 * 1024 * 1024
const TRANSACTION_AGE_MAX_MS = 24 * 3600 * 1000

export interface CommitterOptions {
  readonly calls: TransactionCalls
  readonly set: MutationSet
  /** The largest at which keys were locked; 0n for an optimistic transaction. */
  readonly forUpdateTs: Timestamp
  readonly heartbeat: LockHeartbeat
  /** Of a serializable transaction: throws when something it read is no longer so at the timestamp. */
  readonly validate?: ((commitTs: Timestamp, signal: AbortSignal | undefined) => Promise<void>) | undefined
}

export interface Committed {
  readonly commitTs: Timestamp
  readonly onePc: boolean
  readonly asyncCommit: boolean
  readonly asyncCommitFallback: boolean
  readonly onePcFallback: boolean
}

export class TwoPhaseCommitter {
  readonly #options: CommitterOptions
  readonly #state: CommitState = newCommitState()
  readonly #lockTtlMs: number
  #triedAsyncCommit = false
  #triedOnePc = false

  constructor(options: CommitterOptions) {
    this.#options = options
    const { calls, set, validate } = options
    const ttlMs = lockTtlMs(set.bytes, calls.elapsedMs)
    // The check of the reads may take a while; heartbeats only come later.
    this.#lockTtlMs = validate === undefined ? ttlMs : Math.max(ttlMs, calls.elapsedMs + MANAGED_LOCK_TTL_MS)
  }

  /**
   * @throws COMMIT_UNDETERMINED; everything else means that nothing was committed: TRANSACTION_CONFLICT, KEY_EXISTS,
   * ASSERTION_FAILED, TRANSACTION_ABORTED, TRANSACTION_TIMEOUT (older than 24 h), LOCK_TIMEOUT, ABORTED, and those of
   * locating and sending.
   */
  async commit(signal: AbortSignal | undefined): Promise<Committed> {
    try {
      await this.#chooseProtocol(signal)
      await this.#prewrite(signal)
      const commitTs = await this.#decide(signal)
      return {
        commitTs,
        onePc: this.#state.onePcCommitTs !== 0n,
        asyncCommit: this.#state.asyncCommit && this.#state.onePcCommitTs === 0n,
        asyncCommitFallback: this.#triedAsyncCommit && !this.#state.asyncCommit,
        onePcFallback: this.#triedOnePc && this.#state.onePcCommitTs === 0n,
      }
    } catch (error) {
      if (this.#state.undetermined) throw undeterminedCommit(this.#options.calls.startTs, error)
      await this.#cleanUp()
      throw error
    } finally {
      this.#options.heartbeat.stop()
    }
  }

  async #chooseProtocol(signal: AbortSignal | undefined): Promise<void> {
    const { calls, validate } = this.#options
    const { config } = calls.core
    if (validate === undefined) {
      this.#state.asyncCommit = (calls.options.asyncCommit ?? config.asyncCommit) && this.#isSmall()
      this.#state.onePc = calls.options.onePc ?? config.onePc
    }
    this.#triedAsyncCommit = this.#state.asyncCommit
    this.#triedOnePc = this.#state.onePc
    this.#requireYoung(calls.estimatedTs)
    if (!this.#state.asyncCommit && !this.#state.onePc) return
    const mustFollow = calls.options.commitWait !== undefined || calls.commitAfterTs > 0n
    if (calls.options.causalConsistency !== true || mustFollow) {
      // Larger than the start of every transaction that began before: they must not see this one.
      this.#state.minCommitTs = (await commitTimestamp(calls, signal)) + 1n
      this.#requireEarly(this.#state.minCommitTs)
    }
    const maxCommitTs = calls.estimatedTs + composeTimestamp(ASYNC_COMMIT_WINDOW_MS, 0)
    const { commitBeforeTs = MAX_TIMESTAMP } = calls
    this.#state.maxCommitTs = maxCommitTs < commitBeforeTs ? maxCommitTs : commitBeforeTs - 1n
  }

  #isSmall(): boolean {
    const { calls, set } = this.#options
    const { asyncCommitKeysMax, asyncCommitBytesMax } = calls.core.config
    return set.items.length <= asyncCommitKeysMax && set.keyBytes <= asyncCommitBytesMax
  }

  #prewrite(signal: AbortSignal | undefined): Promise<void> {
    const { calls, set, forUpdateTs, heartbeat, validate } = this.#options
    const phase = new PrewritePhase({
      calls,
      set,
      state: this.#state,
      forUpdateTs,
      lockTtlMs: this.#lockTtlMs,
      onPrimaryLocked: () => {
        if (set.bytes > HEARTBEAT_BYTES || validate !== undefined) heartbeat.start(set.primary)
      },
    })
    return this.#timed('prewrite', () =>
      calls.within(BackoffBudgets.prewrite, signal, (backoffer) => phase.run(backoffer)),
    )
  }

  async #decide(signal: AbortSignal | undefined): Promise<Timestamp> {
    const state = this.#state
    if (state.onePc) {
      if (state.onePcCommitTs === 0n) throw protocolViolation('a one-phase commit has no commit timestamp')
      return state.onePcCommitTs
    }
    if (state.asyncCommit) {
      if (state.minCommitTs === 0n) throw protocolViolation('an async commit has no commit timestamp')
      await this.#commitBehind(state.minCommitTs)
      return state.minCommitTs
    }
    const commitTs = await commitTimestamp(this.#options.calls, signal)
    await this.#approve(commitTs, signal)
    return this.#timed('commit', () => this.#commitInTwoPhases(commitTs, signal))
  }

  async #commitInTwoPhases(approvedTs: Timestamp, signal: AbortSignal | undefined): Promise<Timestamp> {
    const { calls, set } = this.#options
    const phase = this.#commitPhase(approvedTs, signal)
    const keys = lockingItems(set).map(keyOf)
    // Keys that are only checked leave nothing to commit.
    if (keys.length === 0) return approvedTs
    const rest = await calls.within(BackoffBudgets.commitPrimary, signal, (backoffer) =>
      phase.commitPrimary(keys, backoffer),
    )
    if (rest.length > 0) await this.#leaveBehind(phase, rest)
    return this.#state.onePcAnswerLost ? this.#committedAt(signal) : phase.commitTs
  }

  /** Servers take a commit of what they had committed in one phase for a repetition, whatever its timestamp. */
  async #committedAt(signal: AbortSignal | undefined): Promise<Timestamp> {
    const { calls, set } = this.#options
    this.#state.undetermined = true
    const commitTs = await calls.committedAt(set.primary, signal)
    this.#state.undetermined = false
    return commitTs
  }

  async #commitBehind(commitTs: Timestamp): Promise<void> {
    const keys = lockingItems(this.#options.set).map(keyOf)
    if (keys.length > 0) await this.#leaveBehind(this.#commitPhase(commitTs, undefined), keys)
  }

  #leaveBehind(phase: CommitPhase, keys: readonly Uint8Array[]): Promise<void> {
    const { calls } = this.#options
    return calls.leaveBehind('commit-secondaries', (closing) =>
      calls.within(BackoffBudgets.commitSecondary, closing, (backoffer) =>
        phase.commitSecondaries(keys, backoffer),
      ),
    )
  }

  #commitPhase(commitTs: Timestamp, signal: AbortSignal | undefined): CommitPhase {
    const { calls, set } = this.#options
    const approve = (newer: Timestamp): Promise<void> => this.#approve(newer, signal)
    return new CommitPhase({ calls, state: this.#state, primary: set.primary, approve }, commitTs)
  }

  async #approve(commitTs: Timestamp, signal: AbortSignal | undefined): Promise<void> {
    const { calls, validate } = this.#options
    const { startTs } = calls
    if (commitTs <= startTs)
      throw protocolViolation(`PD gave ${commitTs}, which is before the start ${startTs}`)
    this.#requireYoung(commitTs)
    this.#requireEarly(commitTs)
    await validate?.(commitTs, signal)
  }

  #requireEarly(commitTs: Timestamp): void {
    const { commitBeforeTs, startTs } = this.#options.calls
    if (commitBeforeTs === undefined || commitTs < commitBeforeTs) return
    throw new OrbitError(
      'TRANSACTION_CONFLICT',
      `the transaction had to be committed before ${commitBeforeTs} (beforeTs), and it is ${commitTs}; run it again`,
      {
        startTs: String(startTs),
        beforeTs: String(commitBeforeTs),
        commitTs: String(commitTs),
        reason: 'commit-too-late',
      },
    )
  }

  #requireYoung(now: Timestamp): void {
    const { startTs } = this.#options.calls
    const ageMs = physicalMs(now) - physicalMs(startTs)
    if (ageMs <= TRANSACTION_AGE_MAX_MS) return
    throw new OrbitError(
      'TRANSACTION_TIMEOUT',
      `the transaction began ${Math.floor(ageMs / 3_600_000)} hours ago, and 24 are allowed; run it again`,
      { startTs: String(startTs), ageMs },
    )
  }

  async #cleanUp(): Promise<void> {
    const { calls, set } = this.#options
    const { lateLocksTs } = this.#state
    const forUpdateTs = lateLocksTs > this.#options.forUpdateTs ? lateLocksTs : this.#options.forUpdateTs
    const pessimistic = forUpdateTs > 0n
    if (!this.#state.prewriteStarted && !pessimistic) return
    // One phase leaves no locks, but those from before.
    if (this.#state.onePc && !pessimistic) return
    const keys = lockingItems(set).map(keyOf)
    if (keys.length === 0) return
    await calls.leaveBehind('roll-back', (closing) =>
      calls.within(BackoffBudgets.cleanup, closing, (backoffer) =>
        this.#state.onePc || !this.#state.prewriteStarted
          ? rollBackPessimisticLocks(calls, keys, forUpdateTs, backoffer)
          : rollBackKeys(calls, keys, backoffer),
      ),
    )
  }

  async #timed<T>(phase: string, work: () => Promise<T>): Promise<T> {
    const { env, telemetry } = this.#options.calls.core
    const startedMs = env.clock.monotonicMs()
    try {
      return await work()
    } finally {
      telemetry.transactionSeconds.observe((env.clock.monotonicMs() - startedMs) / 1000, { phase })
    }
  }
}
