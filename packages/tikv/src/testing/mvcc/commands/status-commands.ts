import {
  Action,
  CheckSecondaryLocksResponse,
  CheckTxnStatusResponse,
  TxnHeartBeatResponse,
  type CheckSecondaryLocksRequest,
  type CheckTxnStatusRequest,
  type TxnHeartBeatRequest,
} from '../../../gen/kvrpcpb.js'
import { MAX_TIMESTAMP } from '../../../timestamp.js'
import { checkStatusOfLock, checkStatusOfMissingLock, type TxnStatus } from '../actions/check-txn-status.js'
import { collapsePreviousRollback, rollbackRecord } from '../actions/roll-back.js'
import { MvccError } from '../mvcc-error.js'
import { MvccReader, type CommitRecord } from '../mvcc-reader.js'
import type { MvccState } from '../mvcc-state.js'
import type { MvccTxn } from '../mvcc-txn.js'
import { lockInfo, type Lock } from '../records.js'

/** Asks a primary about its transaction, which may roll it back or push its commit above the caller. */
export function checkTxnStatusCommand(
  state: MvccState,
  txn: MvccTxn,
  request: CheckTxnStatusRequest,
): CheckTxnStatusResponse {
  const { primaryKey, lockTs, currentTs, callerStartTs } = request
  for (const ts of [lockTs, currentTs, callerStartTs]) {
    if (ts !== MAX_TIMESTAMP) state.concurrency.updateMaxTs(ts)
  }
  const reader = new MvccReader(state.data, lockTs)
  const lock = reader.lock(primaryKey)
  const status =
    lock?.startTs === lockTs
      ? checkStatusOfLock(txn, reader, primaryKey, lock, request)
      : checkStatusOfMissingLock(
          txn,
          reader,
          primaryKey,
          lock,
          request.rollbackIfNotExist ? 'protected-rollback' : 'error',
          request.resolvingPessimisticLock,
        )
  if (status.kind === 'committed') state.statusCache.committed(lockTs, status.commitTs)
  return statusResponse(status)
}

function statusResponse(status: TxnStatus): CheckTxnStatusResponse {
  switch (status.kind) {
    case 'rolled-back':
      return CheckTxnStatusResponse.create()
    case 'ttl-expired':
      return CheckTxnStatusResponse.create({ action: Action.TTLExpireRollback })
    case 'lock-not-exist':
      return CheckTxnStatusResponse.create({ action: Action.LockNotExistRollback })
    case 'committed':
      return CheckTxnStatusResponse.create({ commitVersion: status.commitTs })
    case 'uncommitted':
      return CheckTxnStatusResponse.create({
        action: status.minCommitTsPushed ? Action.MinCommitTSPushed : Action.NoAction,
        lockTtl: status.lock.ttl,
        lockInfo: lockInfo(status.lock.primary, status.lock),
      })
    case 'pessimistic-rolled-back':
      return CheckTxnStatusResponse.create({ action: Action.TTLExpirePessimisticRollback })
    case 'lock-not-exist-do-nothing':
      return CheckTxnStatusResponse.create({ action: Action.LockNotExistDoNothing })
  }
}

/** Keeps a transaction alive. */
export function heartBeatCommand(
  state: MvccState,
  txn: MvccTxn,
  request: TxnHeartBeatRequest,
): TxnHeartBeatResponse {
  const { primaryLock, startVersion, adviseLockTtl, minCommitTs } = request
  const lock = state.data.lock(primaryLock)
  if (lock?.startTs !== startVersion) {
    throw new MvccError({ kind: 'TxnNotFound', startTs: startVersion, key: primaryLock })
  }
  const ttl = lock.ttl < adviseLockTtl ? adviseLockTtl : lock.ttl
  const pushes = !lock.useAsyncCommit && lock.generation > 0n && lock.minCommitTs < minCommitTs
  const beaten: Lock = { ...lock, ttl, minCommitTs: pushes ? minCommitTs : lock.minCommitTs }
  if (ttl !== lock.ttl || pushes) txn.putLock(primaryLock, beaten, false)
  return TxnHeartBeatResponse.create({ lockTtl: ttl })
}

type SecondaryStatus =
  | { readonly kind: 'locked'; readonly lock: Lock }
  | { readonly kind: 'committed'; readonly commitTs: bigint }
  | { readonly kind: 'rolled-back' }

/** Whether the secondaries of an async commit are all there; where one is not, it never will be. */
export function checkSecondaryLocksCommand(
  state: MvccState,
  txn: MvccTxn,
  request: CheckSecondaryLocksRequest,
): CheckSecondaryLocksResponse {
  state.concurrency.updateMaxTs(request.startVersion)
  const reader = new MvccReader(state.data, request.startVersion)
  const response = CheckSecondaryLocksResponse.create()
  for (const key of request.keys) {
    const status = checkSecondary(txn, reader, key)
    if (status.kind === 'locked') {
      response.locks.push(lockInfo(key, status.lock))
      continue
    }
    response.locks = []
    if (status.kind === 'committed') {
      response.commitTs = status.commitTs
      state.statusCache.committed(request.startVersion, status.commitTs)
    }
    break
  }
  return response
}

function checkSecondary(txn: MvccTxn, reader: MvccReader, key: Uint8Array): SecondaryStatus {
  const lock = reader.lock(key)
  const own = lock?.startTs === reader.startTs ? lock : undefined
  if (own !== undefined && own.type !== 'pessimistic') return { kind: 'locked', lock: own }
  if (own !== undefined) txn.unlock(key, 0n)
  const record = reader.commitRecord(key)
  if (record.kind === 'none') {
    leaveRollback(txn, reader, key, own === undefined ? lock : undefined, record)
    return { kind: 'rolled-back' }
  }
  if (record.kind === 'overlapped-rollback' || record.write.type === 'rollback')
    return { kind: 'rolled-back' }
  return { kind: 'committed', commitTs: record.write.commitTs }
}

/** Protected: a late pessimistic lock and prewrite must not succeed after it. */
function leaveRollback(
  txn: MvccTxn,
  reader: MvccReader,
  key: Uint8Array,
  otherLock: Lock | undefined,
  record: Extract<CommitRecord, { kind: 'none' }>,
): void {
  if (otherLock !== undefined) txn.markRollbackOnMismatchingLock(key, otherLock, true)
  const write = rollbackRecord(reader.startTs, true, record.overlapped)
  if (write === undefined) return
  txn.putWrite(key, write)
  collapsePreviousRollback(txn, reader, key)
}
