import { EMPTY_BYTES } from '@orbit-ts/base'
import { MvccInfo } from '../../gen/kvrpcpb.js'
import type { MvccData } from './mvcc-data.js'
import { lockOp, writeOp } from './records.js'

/** All records of a key, for diagnostics. */
export function mvccInfo(data: MvccData, key: Uint8Array): MvccInfo {
  const lock = data.lock(key)
  return MvccInfo.create({
    lock: lock && {
      type: lockOp(lock.type),
      startTs: lock.startTs,
      primary: lock.primary,
      shortValue: lock.shortValue ?? EMPTY_BYTES,
      ttl: lock.ttl,
      forUpdateTs: lock.forUpdateTs,
      txnSize: lock.txnSize,
      useAsyncCommit: lock.useAsyncCommit,
      secondaries: [...lock.secondaries],
      rollbackTs: [...lock.rollbackTs],
    },
    writes: data.writes(key).map((write) => ({
      type: writeOp(write.type),
      startTs: write.startTs,
      commitTs: write.commitTs,
      // A protected rollback carries a mark where other records have their value.
      shortValue: write.protected ? new Uint8Array([0x70]) : (write.shortValue ?? EMPTY_BYTES),
      hasOverlappedRollback: write.overlappedRollback,
      hasGcFence: write.gcFence !== undefined,
      gcFence: write.gcFence ?? 0n,
    })),
    values: data.values(key).map(([startTs, value]) => ({ startTs, value })),
  })
}
