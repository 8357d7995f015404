/**
 * Keys that a commit locks before it writes them.
 *
 * Because something stands in its way that may turn out to be nothing:
 * - another transaction's lock, whose owner may yet give up. Waiting for it among those who want the lock is fairer than
 *   asking again and again, and deadlocks are found;
 * - the record of a transaction that has given up, which the servers count as a change when it began later.
 *
 * Because the servers are too old to check, among keys that are locked, one that is not.
 *
 * Invariants:
 * 1. A key is passed only while it is locked, and only when its records show no commit after the transaction's start.
 */
import { toBinaryString, type OrbitError } from '@orbit-ts/base'
import { Op, type KeyError } from '../../gen/kvrpcpb.js'
import { callByKey } from '../../region/by-region.js'
import type { Backoffer } from '../../retry/backoffer.js'
import { tikvMethods } from '../../rpc/methods.js'
import type { Timestamp } from '../../timestamp.js'
import {
  conflictOf,
  errorOfKeyError,
  locksOf,
  writeConflict,
  type WriteConflictFacts,
} from '../key-errors.js'
import { acquireLocks, type LockTarget } from '../pessimistic/acquire-locks.js'
import { LockWaitClock } from '../pessimistic/lock-wait.js'
import { DEFAULT_LOCK_WAIT_MS } from '../transaction-options.js'
import { freshTimestamp } from './commit-timestamp.js'
import type { CommitState } from './commit-state.js'
import type { PreparedMutation } from './mutations.js'
import { MANAGED_LOCK_TTL_MS } from './lock-ttl.js'
import type { TransactionCalls } from './transaction-calls.js'

export class LateLocks {
  readonly #calls: TransactionCalls
  readonly #primary: Uint8Array
  readonly #state: Pick<CommitState, 'lateLocksTs'>
  readonly #lockedAt = new Map<string, Timestamp>()
  #wait: LockWaitClock | undefined

  constructor(calls: TransactionCalls, primary: Uint8Array, state: Pick<CommitState, 'lateLocksTs'>) {
    this.#calls = calls
    this.#primary = primary
    this.#state = state
  }

  /** At which the key was locked; 0n when it was not. */
  lockedAt(key: Uint8Array): Timestamp {
    return this.#lockedAt.size === 0 ? 0n : (this.#lockedAt.get(toBinaryString(key)) ?? 0n)
  }

  /** Of the items of a refused prewrite, those that have to be locked first. */
  wanted(errors: readonly KeyError[], items: readonly PreparedMutation[]): readonly PreparedMutation[] {
    if (this.#calls.options.lockAtCommit !== true) return []
    // What is only checked cannot be prewritten together with keys that are locked.
    if (items.some(({ mutation }) => mutation.op === Op.CheckNotExists)) return []
    const keys = new Set(errors.flatMap((error) => keysIn(error, this.#calls.startTs)).map(toBinaryString))
    return keys.size === 0
      ? []
      : items.filter(({ mutation }) => {
          const id = toBinaryString(mutation.key)
          return keys.has(id) && !this.#lockedAt.has(id)
        })
  }

  /**
   * Locks the keys, one after the other, and makes sure that nobody has changed them.
   * @throws TRANSACTION_CONFLICT when somebody has, TRANSACTION_DEADLOCK, LOCK_TIMEOUT, LOCK_NOT_AVAILABLE, KEY_EXISTS
   */
  async lock(items: readonly PreparedMutation[], backoffer: Backoffer): Promise<void> {
    for (const item of items) {
      await this.#acquireNow(item, backoffer)
      await this.#requireUnchanged(item.mutation.key, backoffer)
    }
  }

  /**
   * As `lock`, for keys of which nothing is known to stand in the way: all at once, at the start of the transaction, so
   * that the servers tell what has changed.
   * @throws as `lock`
   */
  async lockUnchanged(items: readonly PreparedMutation[], backoffer: Backoffer): Promise<void> {
    const { startTs } = this.#calls
    try {
      await this.#acquire(items, startTs, backoffer)
    } catch (error) {
      if (conflictOf(error) === undefined) throw error
      await this.lock(items, backoffer)
      return
    }
    for (const { mutation } of items) this.#noteLock(mutation.key, startTs)
  }

  /** @throws LOCK_TIMEOUT, LOCK_NOT_AVAILABLE when locks that are no pessimistic ones have been waited for long enough. */
  requireTimeLeft(error: KeyError | undefined): void {
    if (this.#calls.options.lockAtCommit !== true) return
    const key = error?.locked?.key ?? new Uint8Array()
    this.#waited.requireTimeLeft(this.#calls.core.telemetry.formatKey(key))
  }

  /** Of the whole commit, from the first lock that was met. */
  get #waited(): LockWaitClock {
    const { core, options } = this.#calls
    this.#wait ??= new LockWaitClock(core.env, options.lockWait ?? DEFAULT_LOCK_WAIT_MS)
    return this.#wait
  }

  async #acquireNow(item: PreparedMutation, backoffer: Backoffer): Promise<void> {
    const calls = this.#calls
    for (;;) {
      const forUpdateTs = await freshTimestamp(calls, backoffer.signal)
      this.#noteLock(item.mutation.key, forUpdateTs)
      try {
        await this.#acquire([item], forUpdateTs, backoffer)
        return
      } catch (error) {
        if (!this.#mayBeUnchanged(conflictOf(error))) throw error
      }
    }
  }

  #noteLock(key: Uint8Array, forUpdateTs: Timestamp): void {
    this.#lockedAt.set(toBinaryString(key), forUpdateTs)
    if (forUpdateTs > this.#state.lateLocksTs) this.#state.lateLocksTs = forUpdateTs
  }

  #acquire(items: readonly PreparedMutation[], forUpdateTs: Timestamp, backoffer: Backoffer): Promise<void> {
    const options = {
      calls: this.#calls,
      primary: this.#primary,
      forUpdateTs,
      isFirstLock: false,
      wait: this.#waited,
      returnValues: false,
      lockOnlyIfExists: false,
      fair: false,
      inOrder: true,
      ttlMs: MANAGED_LOCK_TTL_MS,
      onPrimaryLocked: () => undefined,
    }
    return acquireLocks(options, items.map(targetOf), backoffer)
  }

  /** After waiting, a conflict may only say that somebody has held the lock, or has been rolled back, meanwhile. */
  #mayBeUnchanged(conflict: WriteConflictFacts | undefined): boolean {
    if (conflict === undefined || conflict.reason === 'self-rolled-back') return false
    return conflict.conflictCommitTs <= this.#calls.startTs || isRollback(conflict)
  }

  async #requireUnchanged(key: Uint8Array, backoffer: Backoffer): Promise<void> {
    const { core, startTs } = this.#calls
    const { response } = await callByKey({
      regions: core.regions,
      sender: core.sender,
      backoffer,
      key,
      method: tikvMethods.mvccGetByKey,
      request: { context: undefined, key },
      options: { timeoutMs: core.config.requestTimeout },
    })
    const changed = response.info?.writes.find(
      ({ type, commitTs }) => commitTs > startTs && type !== Op.Rollback,
    )
    if (response.error !== '' || response.info === undefined) throw this.#conflict(key, 0n, 0n)
    if (changed !== undefined) throw this.#conflict(key, changed.startTs, changed.commitTs)
  }

  #conflict(key: Uint8Array, conflictTs: Timestamp, conflictCommitTs: Timestamp): OrbitError {
    const { core, startTs } = this.#calls
    return writeConflict(
      { startTs, conflictTs, conflictCommitTs, key, primary: this.#primary, reason: 'optimistic' },
      core.telemetry.formatKey,
    )
  }
}

function targetOf({ mutation: { key, op } }: PreparedMutation): LockTarget {
  return { key, mustNotExist: op === Op.Insert, exists: undefined, value: undefined, conflictTs: 0n }
}

/** The keys that an error is about, when it is one of those that a lock may overcome. */
function keysIn(error: KeyError, startTs: Timestamp): readonly Uint8Array[] {
  const locks = locksOf(error)
  if (locks.length > 0) {
    // A younger transaction that is writing already is found to have changed the key.
    const awaited = locks.filter(
      ({ lockType, lockVersion }) => lockType === Op.PessimisticLock || lockVersion < startTs,
    )
    return awaited.length === locks.length ? awaited.map(({ key }) => key) : []
  }
  const conflict = conflictOf(errorOfKeyError(error, () => ''))
  return conflict !== undefined && isRollback(conflict) ? [conflict.key] : []
}

/** Only a rollback stands under its own start timestamp. */
function isRollback({ conflictTs, conflictCommitTs, reason }: WriteConflictFacts): boolean {
  return conflictTs === conflictCommitTs && reason !== 'self-rolled-back'
}
