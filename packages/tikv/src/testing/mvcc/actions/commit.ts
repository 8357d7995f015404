import type { Timestamp } from '../../../timestamp.js'
import { MvccError } from '../mvcc-error.js'
import type { MvccReader } from '../mvcc-reader.js'
import { committed, type MvccTxn } from '../mvcc-txn.js'

/** Commits the reader's transaction on one key. A key that it committed before is left as it is. */
export function commit(txn: MvccTxn, reader: MvccReader, key: Uint8Array, commitTs: Timestamp): void {
  const lock = reader.lock(key)
  const { startTs } = reader
  if (lock?.startTs !== startTs) {
    const record = reader.commitRecord(key)
    if (record.kind === 'single' && record.write.type !== 'rollback') return
    throw new MvccError({ kind: 'TxnLockNotFound', startTs, commitTs, key })
  }
  if (commitTs < lock.minCommitTs) {
    throw new MvccError({ kind: 'CommitTsExpired', startTs, commitTs, key, minCommitTs: lock.minCommitTs })
  }
  if (lock.type === 'pessimistic') {
    // Nothing was prewritten here, so there is nothing to commit.
    txn.unlock(key, 0n)
    return
  }
  txn.putWrite(key, committed(lock, startTs, commitTs))
  txn.unlock(key, commitTs)
}
