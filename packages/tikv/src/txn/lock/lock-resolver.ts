/**
 * Removes locks that transactions left behind, and says whether a caller that met locks must wait for them. One for
 * each client: what it learns of finished transactions serves all.
 *
 * Invariants:
 * 1. A lock is only cleaned after its transaction's fate is final: asked of its primary, or decided from all locks of
 *    an async-commit transaction; or after the primary of a pessimistic lock said that it is gone.
 * 2. Nothing is cleaned on behalf of a live transaction.
 * 3. Errors of cleaning behind a read are not the reader's: whoever meets the lock next cleans it.
 *
 * Equivalent in client-go: `txnkv/txnlock`.
 */
import type { ClientCore } from '../../core/client-core.js'
import type { LockInfo } from '../../gen/kvrpcpb.js'
import type { RegionVersion } from '../../region/region-request.js'
import type { Backoffer } from '../../retry/backoffer.js'
import { BackoffBudgets } from '../../retry/backoff-kind.js'
import type { Timestamp } from '../../timestamp.js'
import { expandSharedLocks } from '../key-errors.js'
import { inSpan } from '../../telemetry/in-span.js'
import { BatchResolution } from './batch-resolution.js'
import type { Caller } from './region-calls.js'
import { Resolution } from './resolution.js'
import type { ResolveLocksOptions, ResolveLocksResult, ResolvingLock } from './resolve-types.js'
import { StatusCache } from './status-cache.js'
import { StatusChecker } from './status-checker.js'
import type { TransactionStatus } from './transaction-status.js'

const NOTHING_BLOCKS: ResolveLocksResult = { waitMs: 0, ignorable: [], readable: [] }

export class LockResolver {
  readonly #core: ClientCore
  readonly #checker: StatusChecker
  readonly #resolving = new Set<{ readonly callerStartTs: Timestamp; readonly locks: readonly LockInfo[] }>()
  /** Region-wide clean-ups that run in the background: many readers meet the same large transaction at once. */
  readonly #backgroundRegions = new Set<string>()

  constructor(core: ClientCore) {
    this.#core = core
    this.#checker = new StatusChecker(core, new StatusCache())
  }

  /**
   * Finds out what became of the transactions behind `locks`, and cleans the locks of those that are finished or
   * expired. With `waitMs` > 0 some lock blocks: back off (`txnLock`, for reads `txnLockFast`) for at most that long
   * and try again; otherwise try again at once.
   *
   * @throws LOCK_TIMEOUT (the backoffer's budget is spent), REGION_UNAVAILABLE, STORE_UNAVAILABLE, PD_UNAVAILABLE,
   * PROTOCOL_VIOLATION, ABORTED
   */
  async resolve(backoffer: Backoffer, options: ResolveLocksOptions): Promise<ResolveLocksResult> {
    const locks = expandSharedLocks(options.locks)
    if (locks.length === 0) return NOTHING_BLOCKS
    const { env, telemetry } = this.#core
    const startedMs = env.clock.monotonicMs()
    const record = { callerStartTs: options.callerStartTs, locks }
    this.#resolving.add(record)
    telemetry.lockActions.add(1, { action: 'resolve' })
    const resolution = new Resolution(
      this.#caller(backoffer, options),
      this.#checker,
      options,
      this.#backgroundRegions,
    )
    try {
      return await inSpan(telemetry.tracer, 'tikv.resolve_locks', { 'tikv.locks': locks.length }, () =>
        resolution.run(locks),
      )
    } finally {
      this.#resolving.delete(record)
      if (options.details !== undefined) options.details.resolveLockMs += env.clock.monotonicMs() - startedMs
    }
  }

  /**
   * What became of a transaction, by its primary key. An unknown one is rolled back, so that it cannot commit later;
   * so is an expired one.
   */
  async transactionStatus(
    startTs: Timestamp,
    primary: Uint8Array,
    signal?: AbortSignal,
  ): Promise<TransactionStatus> {
    const caller = this.#caller(this.#core.backoffer(BackoffBudgets.transactionStatus, signal), {})
    const answer = await this.#checker.query(caller, {
      startTs,
      primary,
      callerStartTs: 0n,
      currentTs: await this.#checker.now(caller),
      rollbackIfNotExist: true,
      forceSyncCommit: false,
      resolvingPessimisticLock: false,
      isTxnFile: false,
    })
    return answer.kind === 'known' ? answer.status : { kind: 'lock-gone' }
  }

  /**
   * For garbage collection: ends the transactions of all these locks of one region, expired or not, and cleans the
   * locks with one request. False after a region error: scan the locks again.
   */
  async resolveBatch(
    backoffer: Backoffer,
    locks: readonly LockInfo[],
    region: RegionVersion,
  ): Promise<boolean> {
    if (locks.length === 0) return true
    this.#core.telemetry.lockActions.add(1, { action: 'resolve_batch' })
    const batch = new BatchResolution(this.#caller(backoffer, {}), this.#checker)
    return batch.run(expandSharedLocks(locks), region)
  }

  /** The locks that callers wait for right now, for diagnostics. */
  resolving(): readonly ResolvingLock[] {
    return [...this.#resolving].flatMap(({ callerStartTs, locks }) =>
      locks.map(({ lockVersion, key, primaryLock }) => ({
        callerStartTs,
        lockTs: lockVersion,
        key,
        primary: primaryLock,
      })),
    )
  }

  #caller(backoffer: Backoffer, { details }: Pick<ResolveLocksOptions, 'details'>): Caller {
    return { core: this.#core, backoffer, details }
  }
}
