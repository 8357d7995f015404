import { equalBytes } from '@orbit-ts/base'
import { MAX_TIMESTAMP, type Timestamp } from '../../../timestamp.js'
import { MvccError } from '../mvcc-error.js'
import type { MvccReader } from '../mvcc-reader.js'
import type { MvccTxn } from '../mvcc-txn.js'
import { isExpired, lockInfo, type Lock } from '../records.js'
import { collapsePreviousRollback, rollbackLock, rollbackRecord } from './roll-back.js'

/** What a transaction's primary tells about it. */
export type TxnStatus =
  | { readonly kind: 'rolled-back' }
  | { readonly kind: 'ttl-expired' }
  | { readonly kind: 'lock-not-exist' }
  | { readonly kind: 'committed'; readonly commitTs: Timestamp }
  | { readonly kind: 'uncommitted'; readonly lock: Lock; readonly minCommitTsPushed: boolean }
  | { readonly kind: 'pessimistic-rolled-back' }
  | { readonly kind: 'lock-not-exist-do-nothing' }

export interface StatusQuestion {
  readonly currentTs: Timestamp
  readonly callerStartTs: Timestamp
  readonly forceSyncCommit: boolean
  readonly resolvingPessimisticLock: boolean
  readonly verifyIsPrimary: boolean
  readonly rollbackIfNotExist: boolean
}

export type MissingLockAction = 'rollback' | 'protected-rollback' | 'error'

/** The primary is locked by the transaction in question. */
export function checkStatusOfLock(
  txn: MvccTxn,
  reader: MvccReader,
  key: Uint8Array,
  lock: Lock,
  question: StatusQuestion,
): TxnStatus {
  if (question.verifyIsPrimary && !equalBytes(key, lock.primary)) {
    return checkMismatchedPrimary(txn, reader, key, lock, question)
  }
  // Who resolves the locks of an async commit rolls it back; the primary alone cannot decide.
  if (lock.useAsyncCommit && !question.forceSyncCommit) {
    return { kind: 'uncommitted', lock, minCommitTsPushed: false }
  }
  if (lock.type === 'pessimistic') {
    const status = checkPessimisticPrimary(txn, reader, key, lock, question)
    if (status !== undefined) return status
  } else if (isExpired(lock, question.currentTs)) {
    rollbackLock(txn, reader, key, lock, true)
    return { kind: 'ttl-expired' }
  }
  return pushMinCommitTs(txn, key, lock, question)
}

function checkMismatchedPrimary(
  txn: MvccTxn,
  reader: MvccReader,
  key: Uint8Array,
  lock: Lock,
  question: StatusQuestion,
): TxnStatus {
  if (question.resolvingPessimisticLock || lock.type !== 'pessimistic') {
    throw new MvccError({ kind: 'PrimaryMismatch', lock: lockInfo(key, lock) })
  }
  // A prewritten lock names the true primary, so the pessimistic lock that is here is a leftover.
  const action = question.rollbackIfNotExist ? 'protected-rollback' : 'error'
  const status = checkStatusOfMissingLock(txn, reader, key, undefined, action, false)
  txn.unlock(key, 0n)
  return status
}

function checkPessimisticPrimary(
  txn: MvccTxn,
  reader: MvccReader,
  key: Uint8Array,
  lock: Lock,
  question: StatusQuestion,
): TxnStatus | undefined {
  if (lock.lockedWithConflict) {
    // Such a lock may have been written by a late request, after the transaction ended.
    const status = determinedStatus(reader, key)
    if (status !== undefined) {
      txn.unlock(key, 0n)
      return status
    }
  }
  if (!isExpired(lock, question.currentTs)) return undefined
  if (question.resolvingPessimisticLock) {
    txn.unlock(key, 0n)
    return { kind: 'pessimistic-rolled-back' }
  }
  rollbackLock(txn, reader, key, lock, true)
  return { kind: 'ttl-expired' }
}

function pushMinCommitTs(txn: MvccTxn, key: Uint8Array, lock: Lock, question: StatusQuestion): TxnStatus {
  const { callerStartTs, currentTs } = question
  let current = lock
  if (lock.minCommitTs !== 0n && callerStartTs !== MAX_TIMESTAMP && callerStartTs >= lock.minCommitTs) {
    const pushed = callerStartTs + 1n
    current = { ...lock, minCommitTs: pushed < currentTs ? currentTs : pushed }
    txn.putLock(key, current, false)
  }
  const minCommitTsPushed =
    (callerStartTs !== 0n && current.minCommitTs > callerStartTs) || callerStartTs === MAX_TIMESTAMP
  return { kind: 'uncommitted', lock: current, minCommitTsPushed }
}

/** Committed or rolled back, as the write column tells; undefined when it does not. */
export function determinedStatus(reader: MvccReader, key: Uint8Array): TxnStatus | undefined {
  const record = reader.commitRecord(key)
  if (record.kind === 'none') return undefined
  if (record.kind === 'overlapped-rollback' || record.write.type === 'rollback')
    return { kind: 'rolled-back' }
  return { kind: 'committed', commitTs: record.write.commitTs }
}

/** The key is not locked by the transaction in question. */
export function checkStatusOfMissingLock(
  txn: MvccTxn,
  reader: MvccReader,
  key: Uint8Array,
  otherLock: Lock | undefined,
  action: MissingLockAction,
  resolvingPessimisticLock: boolean,
): TxnStatus {
  const record = reader.commitRecord(key)
  if (record.kind !== 'none') return determinedStatus(reader, key) ?? { kind: 'rolled-back' }
  if (action === 'error') throw new MvccError({ kind: 'TxnNotFound', startTs: reader.startTs, key })
  if (resolvingPessimisticLock) return { kind: 'lock-not-exist-do-nothing' }
  const isProtected = action === 'protected-rollback'
  if (!isProtected) collapsePreviousRollback(txn, reader, key)
  if (otherLock !== undefined && record.overlapped === undefined) {
    txn.markRollbackOnMismatchingLock(key, otherLock, isProtected)
  }
  const write = rollbackRecord(reader.startTs, isProtected, record.overlapped)
  if (write !== undefined) txn.putWrite(key, write)
  return { kind: 'lock-not-exist' }
}
