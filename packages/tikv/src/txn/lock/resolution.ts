import { assert, equalBytes, toBinaryString } from '@orbit-ts/base'
import type { LockInfo } from '../../gen/kvrpcpb.js'
import { BackoffBudgets } from '../../retry/backoff-kind.js'
import type { Timestamp } from '../../timestamp.js'
import { recoverAsyncCommit } from './async-commit-recovery.js'
import {
  cleanKeys,
  cleanRegion,
  regionName,
  rollBackPessimistic,
  type CleanedRegions,
} from './lock-cleaner.js'
import type { Caller } from './region-calls.js'
import type { ResolveLocksOptions, ResolveLocksResult } from './resolve-types.js'
import { isPessimistic, msUntilExpired, type StatusChecker } from './status-checker.js'
import { isFinal, type FinalStatus, type LiveStatus, type TransactionStatus } from './transaction-status.js'

/** Locks of one transaction whose keys are cleaned together at the end. */
interface LiteBatch {
  readonly lock: LockInfo
  readonly status: FinalStatus
  readonly keys: Uint8Array[]
}

/** One call of `LockResolver.resolve`. */
export class Resolution {
  readonly #caller: Caller
  readonly #checker: StatusChecker
  readonly #options: ResolveLocksOptions
  /** By start timestamp. */
  readonly #cleaned = new Map<Timestamp, CleanedRegions>()
  readonly #pessimisticCleaned = new Map<Timestamp, CleanedRegions>()
  readonly #lite = new Map<Timestamp, LiteBatch>()
  /** Keys of async-commit transactions that were cleaned when their fate was decided. */
  readonly #recovered = new Map<Timestamp, ReadonlySet<string>>()
  readonly #backgroundRegions: Set<string>
  readonly #ignorable = new Set<Timestamp>()
  readonly #readable = new Set<Timestamp>()
  #waitMs: number | undefined

  constructor(
    caller: Caller,
    checker: StatusChecker,
    options: ResolveLocksOptions,
    backgroundRegions: Set<string>,
  ) {
    this.#caller = caller
    this.#checker = checker
    this.#options = options
    this.#backgroundRegions = backgroundRegions
  }

  get #inBackground(): boolean {
    return this.#options.forRead === true && this.#options.cleanInLine !== true
  }

  async run(locks: readonly LockInfo[]): Promise<ResolveLocksResult> {
    for (const lock of locks) await this.#note(lock, await this.#settle(lock, false))
    for (const batch of this.#lite.values()) {
      await this.#clean((caller) => cleanKeys(caller, batch.lock, batch.status, batch.keys))
    }
    const waitMs = this.#waitMs ?? 0
    if (waitMs > 0) this.#count('wait')
    return { waitMs, ignorable: [...this.#ignorable], readable: [...this.#readable] }
  }

  /** The transaction's status; when it is finished, the lock was cleaned or put on the list to be. */
  async #settle(lock: LockInfo, forceSyncCommit: boolean): Promise<TransactionStatus> {
    const { status, fresh } = await this.#checker.ofLock(this.#caller, lock, {
      ...this.#options,
      forceSyncCommit,
    })
    if (status.kind === 'live') {
      const recoverable = !forceSyncCommit && (await this.#isExpiredAsyncCommit(lock, status))
      return recoverable ? this.#recover(lock, status) : status
    }
    this.#count('expired')
    if (this.#recovered.get(lock.lockVersion)?.has(toBinaryString(lock.key)) === true) return status
    // Asking the primary ended its own lock, unless that was long ago, or is left to whoever resolves its secondaries.
    const done = fresh && !lock.useAsyncCommit && equalBytes(lock.key, lock.primaryLock)
    if (isPessimistic(lock)) {
      if (!done) await this.#rollBackPessimistic(lock)
    } else if (isFinal(status)) {
      await this.#cleanCommittedOrRolledBack(lock, status, done)
    }
    return status
  }

  async #isExpiredAsyncCommit(lock: LockInfo, status: LiveStatus): Promise<boolean> {
    if (status.primaryLock?.useAsyncCommit !== true) return false
    return msUntilExpired(lock.lockVersion, status.ttlMs, await this.#checker.now(this.#caller)) <= 0
  }

  async #recover(lock: LockInfo, { primaryLock }: LiveStatus): Promise<TransactionStatus> {
    assert(primaryLock !== undefined, 'an async-commit transaction is recovered from its primary lock')
    this.#count('recover_async_commit')
    const recovery = await recoverAsyncCommit(this.#caller, primaryLock)
    if (recovery === undefined) return this.#settle(lock, true)
    const { status } = recovery
    this.#checker.learn(lock.lockVersion, status)
    // Where a lock is missing, the server does not list the others of its region: this one may be among them.
    const keys = new Map([...recovery.lockedKeys, lock.key].map((key) => [toBinaryString(key), key]))
    this.#recovered.set(lock.lockVersion, new Set(keys.keys()))
    await this.#clean((caller) => cleanKeys(caller, lock, status, [...keys.values()]))
    return status
  }

  async #rollBackPessimistic(lock: LockInfo): Promise<void> {
    const cleaned =
      this.#options.pessimisticRegionResolve === true
        ? cleanedOf(this.#pessimisticCleaned, lock.lockVersion)
        : undefined
    await rollBackPessimistic(this.#caller, lock, cleaned)
  }

  async #cleanCommittedOrRolledBack(lock: LockInfo, status: FinalStatus, done: boolean): Promise<void> {
    const liteThreshold = BigInt(this.#caller.core.config.resolveLockLiteThreshold)
    if (this.#options.lite === true || lock.txnSize < liteThreshold) {
      if (done) return
      const batch = this.#lite.get(lock.lockVersion)
      if (batch === undefined) this.#lite.set(lock.lockVersion, { lock, status, keys: [lock.key] })
      else batch.keys.push(lock.key)
      return
    }
    if (this.#inBackground) await this.#cleanRegionBehindRead(lock, status)
    else await cleanRegion(this.#caller, lock, status, cleanedOf(this.#cleaned, lock.lockVersion))
  }

  async #cleanRegionBehindRead(lock: LockInfo, status: FinalStatus): Promise<void> {
    const region = await this.#caller.core.regions.locate(this.#caller.backoffer, lock.key)
    const started = cleanedOf(this.#cleaned, lock.lockVersion)
    const name = `${lock.lockVersion}@${regionName(region)}`
    if (started.has(regionName(region)) || this.#backgroundRegions.has(name)) return
    started.add(regionName(region))
    this.#backgroundRegions.add(name)
    await this.#clean(async (caller) => {
      try {
        await cleanRegion(caller, lock, status, new Set())
      } finally {
        this.#backgroundRegions.delete(name)
      }
    })
  }

  /** Behind a read in the background, or in line without its errors when there is no room there. */
  async #clean(work: (caller: Caller) => Promise<void>): Promise<void> {
    if (!this.#inBackground) {
      await work(this.#caller)
      return
    }
    const { core } = this.#caller
    const started = core.inBackground('clean_locks', (signal) =>
      work({ core, backoffer: core.backoffer(BackoffBudgets.resolveLocks, signal), details: undefined }),
    )
    if (started) return
    this.#count('background_full')
    try {
      await work(this.#caller)
    } catch (error) {
      if (this.#caller.backoffer.signal?.aborted === true) throw error
      core.logger.warn({ err: error }, 'locks behind a read could not be cleaned; others will')
    }
  }

  /** What the lock means to the caller. */
  async #note(lock: LockInfo, status: TransactionStatus): Promise<void> {
    const startTs = lock.lockVersion
    if (status.kind === 'committed' && status.commitTs <= this.#options.callerStartTs)
      this.#readable.add(startTs)
    else if (isFinal(status)) this.#ignorable.add(startTs)
    else if (status.kind === 'live') await this.#noteLive(lock, status)
    // A prewritten lock whose primary holds none: no server says that of one that is finished. Ask again in a moment.
    else if (!isPessimistic(lock)) this.#waitAtMost(1)
  }

  async #noteLive(lock: LockInfo, status: LiveStatus): Promise<void> {
    if (status.minCommitTsPushed) {
      this.#ignorable.add(lock.lockVersion)
      if (this.#options.forRead === true) return
    }
    this.#count('not_expired')
    const now = await this.#checker.now(this.#caller)
    this.#waitAtMost(msUntilExpired(lock.lockVersion, status.ttlMs, now))
  }

  /** At least a millisecond: a lock that expires right now must not make its caller ask without a pause. */
  #waitAtMost(ms: number): void {
    this.#waitMs = Math.min(this.#waitMs ?? Infinity, Math.max(1, ms))
  }

  #count(action: string): void {
    this.#caller.core.telemetry.lockActions.add(1, { action })
  }
}

function cleanedOf(all: Map<Timestamp, CleanedRegions>, startTs: Timestamp): CleanedRegions {
  let cleaned = all.get(startTs)
  if (cleaned === undefined) {
    cleaned = new Set()
    all.set(startTs, cleaned)
  }
  return cleaned
}
