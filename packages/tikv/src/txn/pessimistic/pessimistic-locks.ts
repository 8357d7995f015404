/**
 * The pessimistic locks of one transaction.
 *
 * Invariants:
 * 1. A key is flagged `Locked` in the buffer exactly when the servers granted it and it was not given back.
 * 2. A call locks all its keys, or none: what was locked of a call that fails is given back behind its back.
 * 3. The primary is the first key locked, and it stays the primary; its lock is kept alive from then on.
 * 4. `forUpdateTs` never goes back, and is at least that of every lock that is held.
 * 5. One call runs at a time.
 * 6. A key that is being given back is not locked before that is done: it would be taken away again.
 *
 * Equivalent in client-go: `KVTxn.LockKeys`.
 */
import { compareBytes, defined, equalBytes, hasCode, OrbitError, toBinaryString } from '@orbit-ts/base'
import { BackoffBudgets } from '../../retry/backoff-kind.js'
import { abortable } from '../../retry/abortable.js'
import type { Timestamp } from '../../timestamp.js'
import { FlagChanges, hasFlag, KeyFlag, presumesNotExists } from '../buffer/key-flags.js'
import type { TransactionBuffer } from '../buffer/transaction-buffer.js'
import { freshTimestamp } from '../commit/commit-timestamp.js'
import type { LockHeartbeat } from '../commit/lock-heartbeat.js'
import { MANAGED_LOCK_TTL_MS } from '../commit/lock-ttl.js'
import { rollBackPessimisticLocks } from '../commit/roll-back-keys.js'
import type { TransactionCalls } from '../commit/transaction-calls.js'
import { conflictOf, keyExists } from '../key-errors.js'
import { DEFAULT_LOCK_WAIT_MS, type LockWait } from '../transaction-options.js'
import { acquireLocks, leavesNoLock, type LockTarget } from './acquire-locks.js'
import type { LockOptions } from './lock-options.js'
import { LockWaitClock } from './lock-wait.js'

const REFRESH_MAX = 256

export class PessimisticLocks {
  readonly #calls: TransactionCalls
  readonly #buffer: TransactionBuffer
  readonly #heartbeat: LockHeartbeat
  readonly #constraints = new Map<string, Timestamp>()
  /** Keys that are being given back behind the caller's back. */
  readonly #leaving = new Map<string, Promise<void>>()
  #primary: Uint8Array | undefined
  #forUpdateTs: Timestamp = 0n
  #count = 0
  #turn: Promise<unknown> = Promise.resolve()

  constructor(calls: TransactionCalls, buffer: TransactionBuffer, heartbeat: LockHeartbeat) {
    this.#calls = calls
    this.#buffer = buffer
    this.#heartbeat = heartbeat
  }

  /** Undefined while nothing is locked. */
  get primary(): Uint8Array | undefined {
    return this.#primary
  }

  /** 0n before the first lock call. */
  get forUpdateTs(): Timestamp {
    return this.#forUpdateTs
  }

  get count(): number {
    return this.#count
  }

  /** What locks that were forced must still have at prewrite. */
  get constraints(): ReadonlyMap<string, Timestamp> {
    return this.#constraints
  }

  isLocked(key: Uint8Array): boolean {
    return this.#count > 0 && hasFlag(this.#buffer.get(key)?.flags ?? 0, KeyFlag.Locked)
  }

  /**
   * Locks the keys that are not locked yet; gives those, sorted, with what was asked for.
   * @throws as `Transaction.lock`
   */
  lock(
    keys: readonly Uint8Array[],
    options: LockOptions,
    signal: AbortSignal | undefined,
  ): Promise<readonly LockTarget[]> {
    return this.#inTurn(() => this.#lock(keys, options, signal))
  }

  /**
   * Makes sure, before the commit, of inserted keys that prewrite will not look at.
   * @throws KEY_EXISTS when a key that is locked has a value, and as `lock` for one that was inserted and deleted.
   */
  async checkInserts(signal: AbortSignal | undefined): Promise<void> {
    const unchecked: Uint8Array[] = []
    for (const { kind, key, flags } of this.#buffer.entries()) {
      if (kind === 'flags' || !presumesNotExists(flags)) continue
      if (!hasFlag(flags, KeyFlag.Locked)) {
        if (kind === 'delete') unchecked.push(key)
      } else if (hasFlag(flags, KeyFlag.LockedValueExists)) {
        throw keyExists(key, this.#calls.core.telemetry.formatKey)
      }
    }
    if (unchecked.length > 0) await this.lock(unchecked, {}, signal)
  }

  /** Gives back those of the keys that are locked and not written; the primary only when it is the last. */
  release(keys: readonly Uint8Array[]): Promise<void> {
    return this.#inTurn(async () => {
      const locked = keys.filter((key) => {
        const entry = this.#buffer.get(key)
        return entry?.kind === 'flags' && hasFlag(entry.flags, KeyFlag.Locked)
      })
      const primary = this.#primary
      const released =
        primary === undefined || locked.length === this.#count
          ? locked
          : locked.filter((key) => !equalBytes(key, primary))
      if (released.length === 0) return
      for (const key of released) {
        this.#buffer.updateFlags(key, FlagChanges.unlocked)
        this.#constraints.delete(toBinaryString(key))
      }
      this.#count -= released.length
      if (this.#count === 0) this.#resetPrimary()
      await this.#giveBack(released)
    })
  }

  /** Gives all locks back. */
  async rollBack(): Promise<void> {
    await this.#inTurn(async () => {
      this.#heartbeat.stop()
      if (this.#count === 0) return
      const keys = [...this.#buffer.entries()]
        .filter(({ flags }) => hasFlag(flags, KeyFlag.Locked))
        .map(({ key }) => key)
      this.#count = 0
      await this.#giveBack(keys)
    })
  }

  /** Waits for the call that runs. */
  async settle(): Promise<void> {
    await this.#turn
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work)
    this.#turn = result.catch(() => undefined)
    return result
  }

  async #lock(
    keys: readonly Uint8Array[],
    options: LockOptions,
    signal: AbortSignal | undefined,
  ): Promise<readonly LockTarget[]> {
    this.#requireAlive()
    const targets = this.#targetsOf(keys)
    const [first] = targets
    if (first === undefined) return targets
    this.#requirePrimary(targets.length, options)
    const { startTs } = this.#calls
    const { at = startTs } = options
    if (at < startTs) throw tooEarly(at, startTs)
    await this.#gone(targets, signal)
    const assignsPrimary = this.#primary === undefined
    this.#primary ??= first.key
    if (this.#forUpdateTs < at) this.#forUpdateTs = at
    try {
      await this.#acquire(targets, options, signal)
    } catch (error) {
      if (targets.length > 1 || !leavesNoLock(error)) await this.#giveBack(targets.map(({ key }) => key))
      if (assignsPrimary) this.#resetPrimary()
      throw error
    }
    this.#remember(targets, options)
    if (assignsPrimary && !this.isLocked(first.key)) this.#resetPrimary()
    return targets
  }

  async #acquire(
    targets: readonly LockTarget[],
    options: LockOptions,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const wait = new LockWaitClock(this.#calls.core.env, this.#waitOf(options.wait))
    const refreshMax =
      options.conflict === 'fail' || options.at !== undefined ? 0 : (options.refreshMax ?? REFRESH_MAX)
    for (let refreshed = 0; ; refreshed++) {
      try {
        await this.#calls.within(BackoffBudgets.pessimisticLock, signal, (backoffer) =>
          acquireLocks(this.#acquireOptions(targets, options, wait), targets, backoffer),
        )
        return
      } catch (error) {
        if (!hasCode(error, 'TRANSACTION_CONFLICT') || refreshed >= refreshMax) throw error
        const conflict = conflictOf(error)
        if (conflict?.reason === 'self-rolled-back') throw error
        // The locks that were granted stay: they are only moved to the newer timestamp.
        const newer = await freshTimestamp(this.#calls, signal)
        if (newer > this.#forUpdateTs) this.#forUpdateTs = newer
      }
    }
  }

  #acquireOptions(
    targets: readonly LockTarget[],
    options: LockOptions,
    wait: LockWaitClock,
  ): Parameters<typeof acquireLocks>[0] {
    const primary = defined(this.#primary, 'the primary')
    const { ttlMs = MANAGED_LOCK_TTL_MS } = options
    return {
      calls: this.#calls,
      primary,
      forUpdateTs: options.at ?? this.#forUpdateTs,
      // Several keys may be of several regions, locked at once, which may deadlock: the servers have to look.
      isFirstLock: this.#count === 0 && targets.length === 1,
      wait,
      returnValues: options.returnValues === true || options.lockOnlyIfExists === true,
      lockOnlyIfExists: options.lockOnlyIfExists === true,
      fair: options.fair === true && targets.length === 1,
      inOrder: options.inOrder === true,
      ttlMs,
      onPrimaryLocked: () => this.#heartbeat.start(primary, ttlMs),
    }
  }

  #remember(targets: readonly LockTarget[], { lockOnlyIfExists = false }: LockOptions): void {
    for (const target of targets) {
      const { key, exists, conflictTs, mustNotExist } = target
      if (lockOnlyIfExists && exists === false) continue
      this.#count += 1
      const missing = exists === false || mustNotExist
      this.#buffer.updateFlags(key, missing ? FlagChanges.lockedValueMissing : FlagChanges.lockedValueExists)
      if (conflictTs === 0n) continue
      this.#constraints.set(toBinaryString(key), conflictTs)
      if (conflictTs > this.#forUpdateTs) this.#forUpdateTs = conflictTs
    }
  }

  async #giveBack(keys: readonly Uint8Array[]): Promise<void> {
    const forUpdateTs = this.#forUpdateTs
    await this.#calls.leaveBehind('pessimistic-rollback', (closing) => {
      const work = this.#calls.within(BackoffBudgets.pessimisticRollback, closing, (backoffer) =>
        rollBackPessimisticLocks(this.#calls, keys, forUpdateTs, backoffer),
      )
      this.#noteLeaving(keys, work)
      return work
    })
  }

  #noteLeaving(keys: readonly Uint8Array[], work: Promise<void>): void {
    const ids = keys.map(toBinaryString)
    const over = (): void => {
      for (const id of ids) if (this.#leaving.get(id) === done) this.#leaving.delete(id)
    }
    const done: Promise<void> = work.then(over, over)
    for (const id of ids) this.#leaving.set(id, done)
  }

  /** Returns when none of the keys is being given back any more. */
  async #gone(targets: readonly LockTarget[], signal: AbortSignal | undefined): Promise<void> {
    if (this.#leaving.size === 0) return
    const leaving = targets.flatMap(({ key }) => this.#leaving.get(toBinaryString(key)) ?? [])
    await abortable(Promise.all(leaving), signal)
  }

  #resetPrimary(): void {
    this.#primary = undefined
    this.#heartbeat.stop()
  }

  /** Sorted, each once, without those locked already. */
  #targetsOf(keys: readonly Uint8Array[]): readonly LockTarget[] {
    const targets: LockTarget[] = []
    let previous: Uint8Array | undefined
    for (const key of [...keys].sort(compareBytes)) {
      if (previous !== undefined && equalBytes(previous, key)) continue
      previous = key
      this.#buffer.checkKey(key)
      const flags = this.#buffer.get(key)?.flags ?? 0
      const mustNotExist = presumesNotExists(flags)
      if (!hasFlag(flags, KeyFlag.Locked)) {
        targets.push({ key, mustNotExist, exists: undefined, value: undefined, conflictTs: 0n })
      } else if (mustNotExist && hasFlag(flags, KeyFlag.LockedValueExists)) {
        throw keyExists(key, this.#calls.core.telemetry.formatKey)
      }
    }
    return targets
  }

  #waitOf(wait: LockWait = 'default'): Exclude<LockWait, 'default'> {
    return wait === 'default' ? (this.#calls.options.lockWait ?? DEFAULT_LOCK_WAIT_MS) : wait
  }

  #requirePrimary(keyCount: number, { lockOnlyIfExists = false, fair = false }: LockOptions): void {
    if (!lockOnlyIfExists) return
    if (fair) {
      throw new OrbitError('INVALID_ARGUMENT', 'lockOnlyIfExists and fair exclude each other', {
        field: 'fair',
      })
    }
    if (this.#primary !== undefined || keyCount === 1) return
    throw new OrbitError(
      'INVALID_ARGUMENT',
      `lockOnlyIfExists of ${keyCount} keys needs a key that is locked already, and this transaction has none; lock one first`,
      { field: 'lockOnlyIfExists' },
    )
  }

  #requireAlive(): void {
    const { ended } = this.#heartbeat
    if (ended === undefined) return
    throw new OrbitError(
      'TRANSACTION_TIMEOUT',
      `the locks of transaction ${this.#calls.startTs} are no longer kept alive (${ended}); roll it back and run it again`,
      { startTs: String(this.#calls.startTs), reason: ended },
    )
  }
}

function tooEarly(at: Timestamp, startTs: Timestamp): OrbitError {
  return new OrbitError('INVALID_ARGUMENT', `at: ${at} is before the start of the transaction, ${startTs}`, {
    field: 'at',
  })
}
