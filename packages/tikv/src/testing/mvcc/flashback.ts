import type { Timestamp } from '../../timestamp.js'
import { cleanup } from './actions/cleanup.js'
import { MvccReader } from './mvcc-reader.js'
import type { Bounds, MvccState } from './mvcc-state.js'
import { MvccTxn } from './mvcc-txn.js'

/** Rolls every lock of the range back, before it is flashed back. */
export function rollBackLocks(state: MvccState, range: Bounds): void {
  for (const [key, lock] of [...state.data.locks(range.start, endOf(range))]) {
    const txn = new MvccTxn(lock.startTs, state.concurrency)
    cleanup(txn, new MvccReader(state.data, lock.startTs), key, 0n, true)
    state.data.apply(txn.modifications)
  }
}

/** Writes what each key of the range was at `version` as its newest version. */
export function flashBack(
  state: MvccState,
  range: Bounds,
  version: Timestamp,
  startTs: Timestamp,
  commitTs: Timestamp,
): void {
  for (const [key, { writes }] of [...state.data.ascending(range.start, endOf(range))]) {
    const newest = writes.find((write) => write.type === 'put' || write.type === 'delete')
    if (newest === undefined || newest.commitTs <= version) continue
    const txn = new MvccTxn(startTs, state.concurrency)
    const reader = new MvccReader(state.data, startTs)
    const old = reader.visiblePut(key, version)
    if (old !== undefined && old.shortValue === undefined) txn.putValue(key, reader.valueOf(key, old))
    txn.putWrite(key, {
      type: old === undefined ? 'delete' : 'put',
      startTs,
      commitTs,
      shortValue: old?.shortValue,
      overlappedRollback: false,
      gcFence: undefined,
      protected: false,
    })
    state.data.apply(txn.modifications)
  }
}

function endOf(range: Bounds): Uint8Array | undefined {
  return range.end.length === 0 ? undefined : range.end
}
