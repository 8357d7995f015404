/**
 * The first phase of a commit: locks every key with its new value.
 *
 * Invariants:
 * 1. Each mutation is in one request at a time, whatever regions do meanwhile.
 * 2. 1PC is only asked for in a request that holds all mutations; once the mutations are in several, never again.
 * 3. A lost answer leaves an async or one-phase commit undetermined, unless the same batch succeeds later, or another
 *    batch failed before: a transaction with a key that was refused cannot commit.
 * 4. A failed assertion gives way to every other error: those may be why it failed.
 */
import { defined, hasCode, OrbitError } from '@orbit-ts/base'
import {
  AssertionLevel,
  PrewriteRequest_PessimisticAction,
  type KeyError,
  type LockInfo,
  type PrewriteRequest,
  type PrewriteRequest_ForUpdateTSConstraint,
  type PrewriteResponse,
} from '../../gen/kvrpcpb.js'
import { forEachBatch, type Again, type RegionBatch } from '../../region/by-region.js'
import type { SendOutcome } from '../../region/region-request.js'
import { sendFailureIsUndetermined } from '../../region/undetermined.js'
import type { Backoffer } from '../../retry/backoffer.js'
import { tikvMethods } from '../../rpc/methods.js'
import { physicalMs, type Timestamp } from '../../timestamp.js'
import { errorOfKeyError, locksOf, writeConflict } from '../key-errors.js'
import type { CommitState } from './commit-state.js'
import { LateLocks } from './late-locks.js'
import { COMMIT_BATCH_BYTES } from './lock-ttl.js'
import { bytesOf, keyOf, lockingItems, type MutationSet, type PreparedMutation } from './mutations.js'
import { protocolViolation, type TransactionCalls } from './transaction-calls.js'

type Batch = RegionBatch<PreparedMutation>

const { DO_PESSIMISTIC_CHECK, DO_CONSTRAINT_CHECK } = PrewriteRequest_PessimisticAction

const UNKNOWN_SIZE = 0xffff_ffff_ffff_ffffn

export interface PrewriteOptions {
  readonly calls: TransactionCalls
  readonly set: MutationSet
  readonly state: CommitState
  /** 0n for an optimistic transaction. */
  readonly forUpdateTs: Timestamp
  readonly lockTtlMs: number
  /** Called once the primary is locked and stays so until it is committed. */
  readonly onPrimaryLocked: () => void
}

export class PrewritePhase {
  readonly #options: PrewriteOptions
  /** Keys of the transaction by region, as they were cut at first. */
  readonly #regionSizes = new Map<bigint, { readonly version: bigint; readonly keys: number }>()
  /** Sent to be committed by the prewrite itself, without an answer so far. */
  readonly #lostAnswers = new Set<PreparedMutation>()
  readonly #lateLocks: LateLocks
  #failed = false
  #assertionError: OrbitError | undefined

  constructor(options: PrewriteOptions) {
    this.#options = options
    this.#lateLocks = new LateLocks(options.calls, options.set.primary, options.state)
  }

  /** @throws the first refusal. The state then tells whether the transaction may have been committed all the same. */
  async run(backoffer: Backoffer): Promise<void> {
    const { calls, set, state } = this.#options
    state.prewriteStarted = true
    try {
      await forEachBatch<PreparedMutation>({
        regions: calls.core.regions,
        backoffer,
        items: set.items,
        keyOf,
        sizeOf: bytesOf,
        batchBytesMax: COMMIT_BATCH_BYTES,
        concurrency: calls.core.config.committerConcurrency,
        work: (batch, own) => this.#prewrite(batch, own),
      })
    } catch (error) {
      // No batch was refused: keys could not be sent again, of which some may have been locked, or committed, before.
      if (!this.#failed && this.#lostAnswers.size > 0) state.undetermined = true
      throw error
    }
    if (this.#assertionError !== undefined) throw this.#assertionError
  }

  async #prewrite(batch: Batch, backoffer: Backoffer): Promise<Again<PreparedMutation> | undefined> {
    const { set, state } = this.#options
    if (batch.items.length < set.items.length) state.onePc = false
    try {
      return await this.#sendUntilLocked(batch, backoffer)
    } catch (error) {
      if (hasCode(error, 'ASSERTION_FAILED')) {
        this.#assertionError ??= error
        return undefined
      }
      this.#fail(batch)
      throw error
    }
  }

  async #sendUntilLocked(batch: Batch, backoffer: Backoffer): Promise<Again<PreparedMutation> | undefined> {
    const { calls } = this.#options
    let request = this.#request(batch)
    let again = batch.attempt > 0
    for (;;) {
      const outcome = await this.#send(batch, request, backoffer, again)
      if (outcome.regionError !== undefined) {
        const { regionError } = outcome
        if (regionError.undeterminedResult !== undefined && this.#mayBeCommitted()) {
          throw new OrbitError('RPC_FAILED', 'a server cannot tell whether it applied a prewrite')
        }
        return { items: batch.items, regionError }
      }
      const { errors } = outcome.response
      if (errors.length === 0) {
        this.#succeed(batch, outcome.response)
        return undefined
      }
      again ||= outcome.transportFailed
      const unchecked = errors.some(isLockMissing) ? constraintChecked(batch.items, request) : []
      if (unchecked.length > 0) {
        await this.#lateLocks.lockUnchanged(unchecked, backoffer)
        request = this.#request(batch)
        continue
      }
      const wanted = this.#lateLocks.wanted(errors, batch.items)
      if (wanted.length === 0) {
        const locks = this.#locksOf(errors)
        this.#lateLocks.requireTimeLeft(errors[0])
        await calls.settleLocks(backoffer, locks)
      } else {
        await this.#lateLocks.lock(wanted, backoffer)
        request = this.#request(batch)
      }
    }
  }

  async #send(
    batch: Batch,
    request: PrewriteRequest,
    backoffer: Backoffer,
    again: boolean,
  ): Promise<SendOutcome<PrewriteResponse>> {
    const { calls } = this.#options
    try {
      const outcome = await calls.send(backoffer, batch.region, tikvMethods.kvPrewrite, request, again)
      if (outcome.transportFailed) this.#rememberLost(batch)
      return outcome
    } catch (error) {
      if (sendFailureIsUndetermined(error)) this.#rememberLost(batch)
      throw error
    }
  }

  #mayBeCommitted(): boolean {
    const { state } = this.#options
    return state.asyncCommit || state.onePc
  }

  #rememberLost(batch: Batch): void {
    if (!this.#mayBeCommitted()) return
    const { state } = this.#options
    if (state.onePc) state.onePcAnswerLost = true
    for (const item of batch.items) this.#lostAnswers.add(item)
  }

  #fail(batch: Batch): void {
    const lost = batch.items.some((item) => this.#lostAnswers.has(item))
    if (lost && !this.#failed) this.#options.state.undetermined = true
    this.#failed = true
  }

  #succeed(batch: Batch, response: PrewriteResponse): void {
    if (this.#lostAnswers.size > 0) for (const item of batch.items) this.#lostAnswers.delete(item)
    const { set, state, onPrimaryLocked } = this.#options
    if (state.onePc) this.#endOnePc(response)
    else {
      if (response.onePcCommitTs !== 0n) {
        throw protocolViolation('a server committed a transaction in one phase without having been asked to')
      }
      if (state.asyncCommit) this.#takeMinCommitTs(response.minCommitTs)
    }
    if (batch.items[0] === set.items[0] && state.onePcCommitTs === 0n) onPrimaryLocked()
  }

  #endOnePc({ onePcCommitTs, minCommitTs }: PrewriteResponse): void {
    const { state } = this.#options
    if (onePcCommitTs !== 0n) {
      state.onePcCommitTs = onePcCommitTs
      return
    }
    if (minCommitTs !== 0n) {
      throw protocolViolation('a server refused to commit in one phase and yet gave a commit timestamp')
    }
    state.onePc = false
    state.asyncCommit = false
  }

  #takeMinCommitTs(minCommitTs: Timestamp): void {
    const { state } = this.#options
    if (minCommitTs === 0n) state.asyncCommit = false
    else if (minCommitTs > state.minCommitTs) state.minCommitTs = minCommitTs
  }

  /** @throws what a key error says when it is not a lock to wait for. */
  #locksOf(errors: readonly KeyError[]): readonly LockInfo[] {
    const { calls, forUpdateTs } = this.#options
    const { formatKey } = calls.core.telemetry
    return errors.flatMap((error) => {
      const locks = locksOf(error)
      if (locks.length === 0) throw errorOfKeyError(error, formatKey)
      const newer = forUpdateTs === 0n ? locks.find((lock) => lock.lockVersion > calls.startTs) : undefined
      if (newer !== undefined) throw conflictWithLock(calls, newer)
      return locks
    })
  }

  #request(batch: Batch): PrewriteRequest {
    const { calls, set, state } = this.#options
    const forUpdateTs = this.#forUpdateTs(batch)
    const pessimistic = forUpdateTs > 0n
    const holdsPrimary = batch.items[0] === set.items[0]
    return {
      context: calls.context,
      mutations: batch.items.map(({ mutation }) => mutation),
      primaryLock: set.primary,
      startVersion: calls.startTs,
      lockTtl: this.#lockTtl(forUpdateTs),
      skipConstraintCheck: false,
      pessimisticActions: pessimistic ? batch.items.map((item) => this.#actionOf(item)) : [],
      txnSize: this.#transactionSize(batch),
      forUpdateTs,
      minCommitTs: this.#minCommitTs(forUpdateTs),
      useAsyncCommit: state.asyncCommit,
      secondaries: state.asyncCommit && holdsPrimary ? secondariesOf(set) : [],
      tryOnePc: state.onePc,
      maxCommitTs: state.maxCommitTs,
      assertionLevel: ASSERTION_LEVELS[calls.options.assertions ?? 'off'],
      forUpdateTsConstraints: pessimistic ? constraintsOf(batch.items) : [],
      txnFileChunks: [],
    }
  }

  /** 0n for a batch of an optimistic transaction, unless one of its keys had to be locked first. */
  #forUpdateTs({ items }: Batch): Timestamp {
    let newest = this.#options.forUpdateTs
    for (const { mutation } of items) {
      const lockedAt = this.#lateLocks.lockedAt(mutation.key)
      if (lockedAt > newest) newest = lockedAt
    }
    return newest
  }

  #actionOf({ mutation, action }: PreparedMutation): PrewriteRequest_PessimisticAction {
    if (this.#lateLocks.lockedAt(mutation.key) > 0n) return DO_PESSIMISTIC_CHECK
    return this.#options.forUpdateTs > 0n ? action : DO_CONSTRAINT_CHECK
  }

  /**
   * A pessimistic lock that outlives `max_commit_ts` cannot be resolved by a reader whose timestamp lies before it,
   * so that its async commit is never decided by two parties.
   */
  #lockTtl(forUpdateTs: Timestamp): bigint {
    const { calls, state, lockTtlMs } = this.#options
    if (!state.asyncCommit || forUpdateTs === 0n) return BigInt(lockTtlMs)
    const safeMs = physicalMs(state.maxCommitTs) - physicalMs(calls.startTs) + 1
    return BigInt(Math.max(lockTtlMs, safeMs))
  }

  #minCommitTs(forUpdateTs: Timestamp): Timestamp {
    const { calls, state } = this.#options
    if (forUpdateTs > 0n && forUpdateTs >= state.minCommitTs) return forUpdateTs + 1n
    return calls.startTs >= state.minCommitTs ? calls.startTs + 1n : state.minCommitTs
  }

  /** Keys of the transaction in the region, which tells others how to clean up; unknown once the region has changed. */
  #transactionSize({ region, regionItemCount, attempt }: Batch): bigint {
    const { version } = region.epoch
    if (attempt === 0) {
      this.#regionSizes.set(region.id, { version, keys: regionItemCount })
      return BigInt(regionItemCount)
    }
    const known = this.#regionSizes.get(region.id)
    return known?.version === version ? BigInt(known.keys) : UNKNOWN_SIZE
  }
}

/** An optimistic transaction that meets the lock of a newer one would find its commit, or wait in vain. */
export function conflictWithLock({ core, startTs }: TransactionCalls, lock: LockInfo): OrbitError {
  return writeConflict(
    {
      startTs,
      conflictTs: lock.lockVersion,
      conflictCommitTs: 0n,
      key: lock.key,
      primary: lock.primaryLock,
      reason: 'optimistic',
    },
    core.telemetry.formatKey,
  )
}

/**
 * Servers that do not know `DO_CONSTRAINT_CHECK` take every key to be locked. (TiKV since 6.3 knows it, and says this only
 * of a key whose lock is lost.)
 */
function isLockMissing({ abort }: KeyError): boolean {
  return /pessimistic ?lock ?not ?found/i.test(abort)
}

function constraintChecked(
  items: readonly PreparedMutation[],
  { pessimisticActions }: PrewriteRequest,
): readonly PreparedMutation[] {
  return items.filter((_, at) => pessimisticActions[at] === DO_CONSTRAINT_CHECK)
}

export const ASSERTION_LEVELS = {
  off: AssertionLevel.Off,
  fast: AssertionLevel.Fast,
  strict: AssertionLevel.Strict,
} as const

/** What has to be looked at to decide an async commit, besides the primary. */
function secondariesOf(set: MutationSet): Uint8Array[] {
  const primary = defined(set.items[0], 'the primary')
  return lockingItems(set)
    .filter((item) => item !== primary)
    .map(keyOf)
}

function constraintsOf(items: readonly PreparedMutation[]): PrewriteRequest_ForUpdateTSConstraint[] {
  const constraints: PrewriteRequest_ForUpdateTSConstraint[] = []
  for (const [index, { expectedForUpdateTs }] of items.entries()) {
    if (expectedForUpdateTs !== undefined) constraints.push({ index, expectedForUpdateTs })
  }
  return constraints
}
