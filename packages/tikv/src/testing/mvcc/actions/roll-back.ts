import { assert, equalBytes } from '@orbit-ts/base'
import type { Timestamp } from '../../../timestamp.js'
import type { CommitRecord, MvccReader } from '../mvcc-reader.js'
import type { MvccTxn } from '../mvcc-txn.js'
import type { Lock, Write } from '../records.js'

type Overlapped = Extract<CommitRecord, { kind: 'none' }>['overlapped']

/**
 * The record that a rollback leaves, or none: where another transaction's record has this timestamp, only a protected
 * rollback is noted, on that record.
 */
export function rollbackRecord(
  startTs: Timestamp,
  isProtected: boolean,
  overlapped: Overlapped,
): Write | undefined {
  if (overlapped !== undefined) {
    assert(startTs > overlapped.write.startTs, 'a record commits after its start')
    if (!isProtected) return undefined
    return { ...overlapped.write, overlappedRollback: true, gcFence: overlapped.gcFence }
  }
  return {
    type: 'rollback',
    startTs,
    commitTs: startTs,
    shortValue: undefined,
    overlappedRollback: false,
    gcFence: undefined,
    protected: isProtected,
  }
}

/** Removes the rollback record before this one, so that a hot key does not collect them. */
export function collapsePreviousRollback(txn: MvccTxn, reader: MvccReader, key: Uint8Array): void {
  const write = reader.seekWrite(key, reader.startTs)
  if (write?.type === 'rollback' && !write.protected) txn.deleteWrite(key, write.commitTs)
}

/** Rolls the reader's transaction back on a key that it has locked. */
export function rollbackLock(
  txn: MvccTxn,
  reader: MvccReader,
  key: Uint8Array,
  lock: Lock,
  collapse: boolean,
): void {
  const record = reader.commitRecord(key)
  if (record.kind !== 'none') {
    assert(
      record.kind === 'overlapped-rollback' || record.write.type === 'rollback',
      'a key is not both locked and committed by one transaction',
    )
    txn.unlock(key, 0n)
    return
  }
  if (lock.shortValue === undefined && lock.type === 'put') txn.deleteValue(key, lock.startTs)
  // The primary decides about its transaction; a pipelined transaction's key could otherwise be flushed again.
  const isProtected = equalBytes(key, lock.primary) || lock.generation > 0n
  const write = rollbackRecord(reader.startTs, isProtected, record.overlapped)
  if (write !== undefined) txn.putWrite(key, write)
  if (collapse) collapsePreviousRollback(txn, reader, key)
  txn.unlock(key, 0n)
}
