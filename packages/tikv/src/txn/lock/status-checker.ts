import type { ClientCore } from '../../core/client-core.js'
import { Action, Op, type CheckTxnStatusResponse, type LockInfo } from '../../gen/kvrpcpb.js'
import { BackoffKinds } from '../../retry/backoff-kind.js'
import { tikvMethods } from '../../rpc/methods.js'
import { MAX_TIMESTAMP, physicalMs, type Timestamp } from '../../timestamp.js'
import { errorOfKeyError } from '../key-errors.js'
import { callAtKey, writeContext, type Caller } from './region-calls.js'
import type { ResolveLocksOptions } from './resolve-types.js'
import type { StatusCache } from './status-cache.js'
import { isFinal, ROLLED_BACK, type FinalStatus, type TransactionStatus } from './transaction-status.js'

export interface StatusQuery {
  readonly startTs: Timestamp
  readonly primary: Uint8Array
  readonly callerStartTs: Timestamp
  /** What the server compares the lock's expiry with; the largest timestamp expires every lock. */
  readonly currentTs: Timestamp
  readonly rollbackIfNotExist: boolean
  /** Treats an expired async-commit transaction as an ordinary one. */
  readonly forceSyncCommit: boolean
  readonly resolvingPessimisticLock: boolean
  readonly isTxnFile: boolean
}

export type StatusAnswer =
  | {
      readonly kind: 'known'
      readonly status: TransactionStatus
      /** The server was asked just now, and did with the primary's lock what the status says. */
      readonly fresh: boolean
    }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'primary-mismatch' }

export function isPessimistic(lock: LockInfo): boolean {
  return lock.lockType === Op.PessimisticLock || lock.lockType === Op.SharedPessimisticLock
}

/** Milliseconds until a lock of this age expires by PD's clock; not positive when it has. */
export function msUntilExpired(startTs: Timestamp, ttlMs: bigint, now: Timestamp): number {
  return physicalMs(startTs) + Number(ttlMs) - physicalMs(now)
}

/**
 * Asks the primary of a lock what became of its transaction, which rolls it back when it has expired.
 * Equivalent in client-go: `LockResolver.getTxnStatusFromLock`, `getTxnStatus`.
 */
export class StatusChecker {
  readonly #core: ClientCore
  readonly #cache: StatusCache

  constructor(core: ClientCore, cache: StatusCache) {
    this.#core = core
    this.#cache = cache
  }

  async now(caller: Caller): Promise<Timestamp> {
    return this.#core.pd.lowResolutionTimestamp({ signal: caller.backoffer.signal })
  }

  /** Remembers a fate that was decided without the primary. */
  learn(startTs: Timestamp, status: FinalStatus): void {
    this.#cache.add(startTs, status)
  }

  /** A primary that does not know the transaction is asked again, until the lock has expired, or not at all. */
  async ofLock(
    caller: Caller,
    lock: LockInfo,
    {
      callerStartTs,
      forceSyncCommit,
      giveUpEarly = false,
    }: Pick<StatusQuery, 'callerStartTs' | 'forceSyncCommit'> & Pick<ResolveLocksOptions, 'giveUpEarly'>,
  ): Promise<Extract<StatusAnswer, { kind: 'known' }>> {
    let rollbackIfNotExist = false
    for (;;) {
      const now = await this.now(caller)
      const answer = await this.query(caller, {
        startTs: lock.lockVersion,
        primary: lock.primaryLock,
        callerStartTs,
        // A time to live of 0 is how a server asks to resolve the lock whatever its age.
        currentTs: lock.lockTtl === 0n ? MAX_TIMESTAMP : now,
        rollbackIfNotExist,
        forceSyncCommit,
        resolvingPessimisticLock: isPessimistic(lock),
        isTxnFile: lock.isTxnFile,
      })
      if (answer.kind === 'known') return answer
      if (answer.kind === 'primary-mismatch')
        return { kind: 'known', status: { kind: 'lock-gone' }, fresh: false }
      const expired = lock.lockTtl === 0n || msUntilExpired(lock.lockVersion, lock.lockTtl, now) <= 0
      if (expired && !rollbackIfNotExist) {
        rollbackIfNotExist = true
        continue
      }
      // The user's roll-back of a pessimistic transaction leaves nothing at the primary: the lock itself decides.
      if ((isPessimistic(lock) || giveUpEarly) && !expired)
        return { kind: 'known', status: liveFor(lock.lockTtl), fresh: true }
      await caller.backoffer.backoff(
        BackoffKinds.txnNotFound,
        `transaction ${lock.lockVersion} is not found at its primary key`,
      )
    }
  }

  /** @throws what the server's key error says, other than not found and (of a pessimistic lock) primary mismatch. */
  async query(caller: Caller, query: StatusQuery): Promise<StatusAnswer> {
    const cached = this.#cache.get(query.startTs)
    if (cached !== undefined) return { kind: 'known', status: cached, fresh: false }
    const { lockActions, formatKey } = this.#core.telemetry
    lockActions.add(1, { action: 'query_status' })
    const response = await callAtKey(caller, query.primary, tikvMethods.kvCheckTxnStatus, {
      context: writeContext(this.#core),
      primaryKey: query.primary,
      lockTs: query.startTs,
      callerStartTs: query.callerStartTs,
      currentTs: query.currentTs,
      rollbackIfNotExist: query.rollbackIfNotExist,
      forceSyncCommit: query.forceSyncCommit,
      resolvingPessimisticLock: query.resolvingPessimisticLock,
      verifyIsPrimary: true,
      isTxnFile: query.isTxnFile,
    })
    if (response.error !== undefined) {
      if (response.error.txnNotFound !== undefined) return { kind: 'not-found' }
      if (response.error.primaryMismatch !== undefined && query.resolvingPessimisticLock) {
        return { kind: 'primary-mismatch' }
      }
      throw errorOfKeyError(response.error, formatKey)
    }
    const status = statusOf(response)
    lockActions.add(1, { action: `status_${status.kind.replace('-', '_')}` })
    if (isFinal(status)) this.#cache.add(query.startTs, status)
    return { kind: 'known', status, fresh: true }
  }
}

function liveFor(ttlMs: bigint): TransactionStatus {
  return { kind: 'live', ttlMs, minCommitTsPushed: false, primaryLock: undefined }
}

function statusOf(response: CheckTxnStatusResponse): TransactionStatus {
  if (response.lockTtl > 0n) {
    return {
      kind: 'live',
      ttlMs: response.lockTtl,
      minCommitTsPushed: response.action === Action.MinCommitTSPushed,
      primaryLock: response.lockInfo,
    }
  }
  if (response.commitVersion > 0n) return { kind: 'committed', commitTs: response.commitVersion }
  switch (response.action) {
    case Action.NoAction:
    case Action.LockNotExistRollback:
    case Action.TTLExpireRollback:
      return ROLLED_BACK
    default:
      return { kind: 'lock-gone' }
  }
}
