/**
 * Takes pessimistic locks on keys, region by region, the primary's batch first.
 *
 * Invariants:
 * 1. The servers wait; the client only resolves what they met, so that a dead owner does not hold anyone up.
 * 2. A lock that was renewed a moment ago is not looked into: its owner is alive.
 * 3. It ends with all keys locked, or with an error and any of them locked.
 */
import { defined, OrbitError } from '@orbit-ts/base'
import {
  Assertion,
  Op,
  PessimisticLockKeyResultType,
  PessimisticLockWakeUpMode,
  type KeyError,
  type LockInfo,
  type Mutation,
  type PessimisticLockRequest,
  type PessimisticLockResponse,
} from '../../gen/kvrpcpb.js'
import { forEachBatch, type Again, type BatchWork, type RegionBatch } from '../../region/by-region.js'
import { BackoffKinds } from '../../retry/backoff-kind.js'
import type { Backoffer } from '../../retry/backoffer.js'
import { tikvMethods } from '../../rpc/methods.js'
import type { Timestamp } from '../../timestamp.js'
import { COMMIT_BATCH_BYTES } from '../commit/lock-ttl.js'
import { primaryBatch } from '../commit/primary-first.js'
import { protocolViolation, type TransactionCalls } from '../commit/transaction-calls.js'
import { errorOfKeyError, locksOf } from '../key-errors.js'
import type { LockWaitClock } from './lock-wait.js'

const FRESH_LOCK_MS = 300n

/** One key to lock, and what came of it. */
export interface LockTarget {
  readonly key: Uint8Array
  /** An insert stands behind it: the lock must find no value. */
  readonly mustNotExist: boolean
  exists: boolean | undefined
  value: Uint8Array | undefined
  /** The newer version in spite of which the lock was given (fair locking); 0n when there was none. */
  conflictTs: Timestamp
}

export interface AcquireOptions {
  readonly calls: TransactionCalls
  readonly primary: Uint8Array
  readonly forUpdateTs: Timestamp
  readonly isFirstLock: boolean
  readonly wait: LockWaitClock
  readonly returnValues: boolean
  readonly lockOnlyIfExists: boolean
  readonly fair: boolean
  /** One region at a time. */
  readonly inOrder: boolean
  readonly ttlMs: number
  readonly onPrimaryLocked: () => void
}

type Batch = RegionBatch<LockTarget>

/**
 * Locks the targets, the primary first where it is among them, and fills in what was asked for.
 * @throws TRANSACTION_CONFLICT, TRANSACTION_DEADLOCK, KEY_EXISTS, LOCK_TIMEOUT, LOCK_NOT_AVAILABLE, TRANSACTION_ABORTED
 */
export async function acquireLocks(
  options: AcquireOptions,
  targets: readonly LockTarget[],
  backoffer: Backoffer,
): Promise<void> {
  const { core } = options.calls
  const work: BatchWork<LockTarget> = {
    regions: core.regions,
    backoffer,
    items: targets,
    keyOf: ({ key }) => key,
    sizeOf: ({ key }) => key.length,
    batchBytesMax: COMMIT_BATCH_BYTES,
    concurrency: options.inOrder ? 1 : core.config.committerConcurrency,
    work: (batch, own) => new BatchLock(options, batch, own).run(),
  }
  const first = defined(targets[0], 'a key to lock')
  const rest = first.key === options.primary ? await primaryBatch(work) : targets
  await forEachBatch({ ...work, items: rest })
}

class BatchLock {
  readonly #options: AcquireOptions
  readonly #batch: Batch
  readonly #backoffer: Backoffer

  constructor(options: AcquireOptions, batch: Batch, backoffer: Backoffer) {
    this.#options = options
    this.#batch = batch
    this.#backoffer = backoffer
  }

  async run(): Promise<Again<LockTarget> | undefined> {
    const { calls, fair } = this.#options
    const { clock } = calls.core.env
    const request = this.#request()
    let again = this.#batch.attempt > 0
    for (;;) {
      request.waitTimeout = this.#options.wait.requestTimeout(calls.sendOptions.timeoutMs)
      request.lockTtl = BigInt(calls.elapsedMs + this.#options.ttlMs)
      const sentMs = clock.monotonicMs()
      const outcome = await calls.send(
        this.#backoffer,
        this.#batch.region,
        tikvMethods.kvPessimisticLock,
        request,
        again,
      )
      if (outcome.regionError !== undefined) {
        return { items: this.#batch.items, regionError: outcome.regionError }
      }
      again ||= outcome.transportFailed
      const { response } = outcome
      if (!fair && tellsNoExistence(response) && !request.returnValues) {
        request.returnValues = true
        continue
      }
      if (fair ? this.#takeForced(response) : this.#takeNormal(response)) return undefined
      await this.#settle(response.errors, clock.monotonicMs() - sentMs)
    }
  }

  /** True when the keys are locked. */
  #takeNormal({ errors, results, values, notFounds }: PessimisticLockResponse): boolean {
    if (results.length > 0) throw protocolViolation('a lock was answered as if it had been forced')
    if (errors.length > 0) return false
    const { returnValues } = this.#options
    for (const [at, target] of this.#batch.items.entries()) {
      const notFound = notFounds[at]
      if (notFound === undefined) continue
      target.exists = !notFound
      target.value = returnValues && !notFound ? values[at] : undefined
    }
    this.#locked()
    return true
  }

  /** As `takeNormal`, in fair locking: one key, answered in `results`. */
  #takeForced({ errors, results }: PessimisticLockResponse): boolean {
    const [target] = this.#batch.items
    const [result] = results
    if (target === undefined || this.#batch.items.length > 1 || results.length > 1) {
      throw protocolViolation('a forced lock is one of a single key')
    }
    if (result === undefined) {
      if (errors.length === 0) throw protocolViolation('a forced lock was not answered')
      return false
    }
    if (result.type === PessimisticLockKeyResultType.LockResultFailed) return false
    const conflicting = result.type === PessimisticLockKeyResultType.LockResultLockedWithConflict
    if (conflicting && result.lockedWithConflictTs <= this.#options.forUpdateTs) {
      throw protocolViolation('a lock was given in spite of a version that is no newer')
    }
    target.conflictTs = conflicting ? result.lockedWithConflictTs : 0n
    target.exists = result.existence
    target.value = this.#options.returnValues && result.existence ? result.value : undefined
    this.#locked()
    return true
  }

  #locked(): void {
    const { primary, onPrimaryLocked } = this.#options
    if (this.#batch.items.some(({ key }) => key === primary)) onPrimaryLocked()
  }

  /** Resolves the locks that were met, unless their owners are alive, and sees whether there is time for another try. */
  async #settle(errors: readonly KeyError[], waitedMs: number): Promise<void> {
    const { calls, wait } = this.#options
    const met = errors.flatMap((error) => this.#locksOf(error))
    const [first] = met
    const locks = met.filter(({ durationToLastUpdateMs: ageMs }) => ageMs === 0n || ageMs >= FRESH_LOCK_MS)
    const { waitMs } =
      locks.length === 0 ? { waitMs: 1 } : await calls.resolveLocks(this.#backoffer, locks, 0n)
    if (waitMs === 0) return
    wait.requireTimeLeft(first === undefined ? '' : calls.core.telemetry.formatKey(first.key))
    // The server has waited already. One that did not must not be asked as fast as it can answer.
    if (waitedMs < 1) await this.#backoffer.backoff(BackoffKinds.txnLock, 'a key is locked', waitMs)
  }

  #locksOf(error: KeyError): readonly LockInfo[] {
    const locks = locksOf(error)
    if (locks.length === 0) throw errorOfKeyError(error, this.#options.calls.core.telemetry.formatKey)
    return locks
  }

  #request(): PessimisticLockRequest {
    const { calls, primary, forUpdateTs, isFirstLock, returnValues, lockOnlyIfExists, fair } = this.#options
    return {
      context: calls.context,
      mutations: this.#batch.items.map(mutationOf),
      primaryLock: primary,
      startVersion: calls.startTs,
      lockTtl: 0n,
      forUpdateTs,
      isFirstLock,
      waitTimeout: 0n,
      force: false,
      returnValues,
      minCommitTs: forUpdateTs + 1n,
      // Always: whether an insert of a locked key fails is decided by what the lock found.
      checkExistence: true,
      lockOnlyIfExists,
      wakeUpMode: fair
        ? PessimisticLockWakeUpMode.WakeUpModeForceLock
        : PessimisticLockWakeUpMode.WakeUpModeNormal,
    }
  }
}

function mutationOf({ key, mustNotExist }: LockTarget): Mutation {
  return {
    op: Op.PessimisticLock,
    key,
    value: new Uint8Array(),
    assertion: mustNotExist ? Assertion.NotExist : Assertion.None,
  }
}

/**
 * Servers that do not know `checkExistence` pass over it. They tell which keys have a value when they are asked for the
 * values, also of keys that are locked already.
 */
function tellsNoExistence({ errors, results, notFounds }: PessimisticLockResponse): boolean {
  return errors.length === 0 && results.length === 0 && notFounds.length === 0
}

/** Whether no lock can have been left behind by a failure to lock a single key. */
export function leavesNoLock(error: unknown): boolean {
  return error instanceof OrbitError && (error.code === 'TRANSACTION_CONFLICT' || error.code === 'KEY_EXISTS')
}
