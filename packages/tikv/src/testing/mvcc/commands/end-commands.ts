import {
  BatchRollbackResponse,
  CleanupResponse,
  CommitResponse,
  PessimisticRollbackResponse,
  ResolveLockResponse,
  type BatchRollbackRequest,
  type CleanupRequest,
  type CommitRequest,
  type PessimisticRollbackRequest,
  type ResolveLockRequest,
} from '../../../gen/kvrpcpb.js'
import type { Timestamp } from '../../../timestamp.js'
import { cleanup } from '../actions/cleanup.js'
import { commit } from '../actions/commit.js'
import { isRefusal, MvccError } from '../mvcc-error.js'
import { MvccReader } from '../mvcc-reader.js'
import type { MvccState } from '../mvcc-state.js'
import type { MvccTxn } from '../mvcc-txn.js'
import type { Lock } from '../records.js'

/** The second phase of two-phase commit. */
export function commitCommand(state: MvccState, txn: MvccTxn, request: CommitRequest): CommitResponse {
  const { startVersion, commitVersion } = request
  requireOrder(startVersion, commitVersion)
  const reader = new MvccReader(state.data, startVersion)
  for (const key of request.keys) commit(txn, reader, key, commitVersion)
  state.statusCache.committed(startVersion, commitVersion)
  return CommitResponse.create({ commitVersion })
}

export function batchRollbackCommand(
  state: MvccState,
  txn: MvccTxn,
  request: BatchRollbackRequest,
): BatchRollbackResponse {
  const reader = new MvccReader(state.data, request.startVersion)
  for (const key of request.keys) cleanup(txn, reader, key, 0n, false)
  return BatchRollbackResponse.create()
}

/** The older way to roll back by the primary; a transaction that is committed answers with its timestamp. */
export function cleanupCommand(state: MvccState, txn: MvccTxn, request: CleanupRequest): CleanupResponse {
  state.concurrency.updateMaxTs(request.startVersion)
  const reader = new MvccReader(state.data, request.startVersion)
  try {
    cleanup(txn, reader, request.key, request.currentTs, true)
  } catch (error) {
    if (!isRefusal(error, 'Committed')) throw error
    txn.clear()
    return CleanupResponse.create({ commitVersion: error.refusal.commitTs })
  }
  return CleanupResponse.create()
}

/** Removes pessimistic locks and leaves no trace. */
export function pessimisticRollbackCommand(
  state: MvccState,
  txn: MvccTxn,
  request: PessimisticRollbackRequest,
  keys: readonly Uint8Array[],
): PessimisticRollbackResponse {
  for (const key of keys) {
    const lock = state.data.lock(key)
    if (lock !== undefined && isRolledBackBy(lock, request)) txn.unlock(key, 0n)
  }
  return PessimisticRollbackResponse.create()
}

export function isRolledBackBy(lock: Lock, request: PessimisticRollbackRequest): boolean {
  return (
    lock.type === 'pessimistic' &&
    lock.startTs === request.startVersion &&
    lock.forUpdateTs <= request.forUpdateTs
  )
}

/** Resolves the locks of one transaction on given keys. */
export function resolveKeysCommand(
  state: MvccState,
  txn: MvccTxn,
  request: ResolveLockRequest,
): ResolveLockResponse {
  const { startVersion, commitVersion, keys } = request
  const reader = new MvccReader(state.data, startVersion)
  for (const key of keys) {
    if (commitVersion === 0n) cleanup(txn, reader, key, 0n, false)
    else commit(txn, reader, key, commitVersion)
  }
  if (commitVersion !== 0n) state.statusCache.committed(startVersion, commitVersion)
  return ResolveLockResponse.create()
}

/** Transactions by start timestamp with their commit timestamp, 0n for one that was rolled back. */
export type TxnFates = ReadonlyMap<Timestamp, Timestamp>

export function fatesOf(request: ResolveLockRequest): TxnFates {
  if (request.startVersion > 0n) return new Map([[request.startVersion, request.commitVersion]])
  return new Map(request.txnInfos.map(({ txn, status }) => [txn, status]))
}

/** Resolves locks that a scan of the region found. */
export function resolveFoundCommand(
  state: MvccState,
  txn: MvccTxn,
  fates: TxnFates,
  found: readonly (readonly [Uint8Array, Lock])[],
): ResolveLockResponse {
  for (const [key, lock] of found) {
    const commitTs = fates.get(lock.startTs) ?? 0n
    txn.startTs = lock.startTs
    const reader = new MvccReader(state.data, lock.startTs)
    if (commitTs === 0n) {
      cleanup(txn, reader, key, 0n, false)
      continue
    }
    requireOrder(lock.startTs, commitTs)
    try {
      commit(txn, reader, key, commitTs)
      state.statusCache.committed(lock.startTs, commitTs)
    } catch (error) {
      // A pessimistic lock may have been rolled back since the scan.
      if (!isRefusal(error, 'TxnLockNotFound') || lock.type !== 'pessimistic') throw error
    }
  }
  return ResolveLockResponse.create()
}

function requireOrder(startTs: Timestamp, commitTs: Timestamp): void {
  if (commitTs <= startTs) throw new MvccError({ kind: 'InvalidTxnTso', startTs, commitTs })
}
