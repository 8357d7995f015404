import type { Timestamp } from '../../../timestamp.js'
import { MvccError } from '../mvcc-error.js'
import type { MvccReader } from '../mvcc-reader.js'
import type { MvccTxn } from '../mvcc-txn.js'
import { isExpired, lockInfo } from '../records.js'
import { checkStatusOfMissingLock } from './check-txn-status.js'
import { rollbackLock } from './roll-back.js'

/**
 * Rolls the reader's transaction back on one key.
 * @param currentTs 0n: whether or not the lock has expired.
 */
export function cleanup(
  txn: MvccTxn,
  reader: MvccReader,
  key: Uint8Array,
  currentTs: Timestamp,
  protectRollback: boolean,
): void {
  const lock = reader.lock(key)
  if (lock?.startTs === reader.startTs) {
    if (currentTs !== 0n && !isExpired(lock, currentTs)) {
      throw new MvccError({ kind: 'KeyIsLocked', lock: lockInfo(key, lock) })
    }
    rollbackLock(txn, reader, key, lock, !protectRollback)
    return
  }
  const action = protectRollback ? 'protected-rollback' : 'rollback'
  const status = checkStatusOfMissingLock(txn, reader, key, lock, action, false)
  if (status.kind === 'committed') {
    throw new MvccError({ kind: 'Committed', startTs: reader.startTs, commitTs: status.commitTs, key })
  }
}
