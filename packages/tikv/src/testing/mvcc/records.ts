import { LockInfo, Op } from '../../gen/kvrpcpb.js'
import { physicalMs, type Timestamp } from '../../timestamp.js'

/** What a lock does to its key when its transaction commits. */
export type LockType = 'put' | 'delete' | 'lock' | 'pessimistic'

/** A record of the lock column. Never changed in place. */
export interface Lock {
  readonly type: LockType
  readonly primary: Uint8Array
  readonly startTs: Timestamp
  readonly ttl: bigint
  /** Values of at most {@link SHORT_VALUE_MAX} bytes live in the lock and write columns. */
  readonly shortValue: Uint8Array | undefined
  /** 0n for an optimistic transaction. */
  readonly forUpdateTs: Timestamp
  readonly txnSize: bigint
  readonly minCommitTs: Timestamp
  readonly useAsyncCommit: boolean
  /** Only of a lock in memory: it will become a committed record in the same write. */
  readonly useOnePc: boolean
  readonly secondaries: readonly Uint8Array[]
  /** Transactions rolled back on this key while it was locked: committing must not erase that. */
  readonly rollbackTs: readonly Timestamp[]
  /** A pessimistic lock that was given although a newer version existed. */
  readonly lockedWithConflict: boolean
  /** Of a pipelined transaction's flush; otherwise 0n. */
  readonly generation: bigint
}

export type WriteType = 'put' | 'delete' | 'lock' | 'rollback'

/** A record of the write column, under its commit timestamp. Never changed in place. */
export interface Write {
  readonly type: WriteType
  readonly startTs: Timestamp
  readonly commitTs: Timestamp
  readonly shortValue: Uint8Array | undefined
  /** The transaction that started at this record's commit timestamp was rolled back. */
  readonly overlappedRollback: boolean
  /** The commit timestamp of the next version when the record was rewritten (0n: none). Undefined: never rewritten. */
  readonly gcFence: Timestamp | undefined
  /** Of a rollback: it may not be removed by a later one. */
  readonly protected: boolean
}

/** All records of a key. */
export interface KeyRecords {
  lock: Lock | undefined
  /** Newest first. */
  writes: Write[]
  /** The default column: long values by start timestamp. */
  values: Map<Timestamp, Uint8Array>
}

export const SHORT_VALUE_MAX = 255

/** Whether the owner of the lock is taken for dead at `currentTs`. */
export function isExpired(lock: Lock, currentTs: Timestamp): boolean {
  return (lock.startTs >> 18n) + lock.ttl < currentTs >> 18n
}

export function expiresAtMs(lock: Lock): number {
  return physicalMs(lock.startTs) + Number(lock.ttl)
}

/** False when a newer version was there when the record was rewritten: its successor may have been collected since. */
export function isVisibleDespiteFence(write: Write, readTs: Timestamp): boolean {
  const fence = write.gcFence
  return fence === undefined || fence === 0n || fence > readTs
}

const lockOps: Record<LockType, Op> = {
  put: Op.Put,
  delete: Op.Del,
  lock: Op.Lock,
  pessimistic: Op.PessimisticLock,
}

export function lockOp(type: LockType): Op {
  return lockOps[type]
}

export function writeOp(type: WriteType): Op {
  return type === 'rollback' ? Op.Rollback : lockOps[type]
}

export function lockInfo(key: Uint8Array, lock: Lock): LockInfo {
  return LockInfo.create({
    primaryLock: lock.primary,
    lockVersion: lock.startTs,
    key,
    lockTtl: lock.ttl,
    txnSize: lock.txnSize,
    lockType: lockOps[lock.type],
    lockForUpdateTs: lock.forUpdateTs,
    useAsyncCommit: lock.useAsyncCommit,
    minCommitTs: lock.minCommitTs,
    secondaries: [...lock.secondaries],
  })
}
