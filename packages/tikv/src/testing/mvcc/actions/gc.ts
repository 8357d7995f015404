import type { Timestamp } from '../../../timestamp.js'
import type { MvccReader } from '../mvcc-reader.js'
import type { MvccTxn } from '../mvcc-txn.js'
import type { Write } from '../records.js'

/** Removes the versions of a key that no reader at `safePoint` or later can see. */
export function gc(txn: MvccTxn, reader: MvccReader, key: Uint8Array, safePoint: Timestamp): void {
  let seenVersion = false
  let lastDelete: Write | undefined
  for (const write of reader.data.writes(key)) {
    if (write.commitTs > safePoint) continue
    if (!seenVersion && write.type === 'put') seenVersion = true
    else if (!seenVersion && write.type === 'delete') {
      seenVersion = true
      // It hides older versions until those are gone: it goes last.
      lastDelete = write
    } else removeWrite(txn, key, write)
  }
  if (lastDelete !== undefined) removeWrite(txn, key, lastDelete)
}

function removeWrite(txn: MvccTxn, key: Uint8Array, write: Write): void {
  txn.deleteWrite(key, write.commitTs)
  if (write.type === 'put' && write.shortValue === undefined) txn.deleteValue(key, write.startTs)
}
