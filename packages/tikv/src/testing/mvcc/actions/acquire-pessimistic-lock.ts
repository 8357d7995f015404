import { EMPTY_BYTES } from '@orbit-ts/base'
import { WriteConflict_Reason } from '../../../gen/kvrpcpb.js'
import type { Timestamp } from '../../../timestamp.js'
import { isRefusal, MvccError } from '../mvcc-error.js'
import type { MvccReader } from '../mvcc-reader.js'
import type { MvccTxn } from '../mvcc-txn.js'
import { isVisibleDespiteFence, lockInfo, type Lock, type Write } from '../records.js'
import { checkDataConstraint } from './check-data-constraint.js'

/** What all keys of a pessimistic lock request have in common. */
export interface LockParameters {
  readonly startTs: Timestamp
  readonly primary: Uint8Array
  readonly lockTtl: bigint
  readonly forUpdateTs: Timestamp
  readonly minCommitTs: Timestamp
  readonly returnValues: boolean
  readonly checkExistence: boolean
  readonly lockOnlyIfExists: boolean
  /** Fair locking: the lock is given although a newer version exists, and the answer tells so. */
  readonly allowLockWithConflict: boolean
}

export type LockKeyResult =
  | { readonly kind: 'empty' }
  | { readonly kind: 'value'; readonly value: Uint8Array | undefined }
  | { readonly kind: 'existence'; readonly exists: boolean }
  | {
      readonly kind: 'locked-with-conflict'
      readonly value: Uint8Array | undefined
      readonly conflictTs: Timestamp
    }

interface Conflict {
  readonly startTs: Timestamp
  readonly commitTs: Timestamp
}

/** Locks one key for a pessimistic transaction, reading it by the way when that is asked for. */
export function acquirePessimisticLock(
  txn: MvccTxn,
  reader: MvccReader,
  key: Uint8Array,
  shouldNotExist: boolean,
  parameters: LockParameters,
): LockKeyResult {
  const { startTs, forUpdateTs, returnValues, checkExistence, lockOnlyIfExists } = parameters
  if (lockOnlyIfExists && !returnValues) throw new MvccError({ kind: 'LockIfExistsFailed', startTs, key })
  if (shouldNotExist || returnValues || checkExistence) txn.concurrency.updateMaxTs(forUpdateTs)
  const held = reader.lock(key)
  return held === undefined
    ? lockFreeKey(txn, reader, key, shouldNotExist, parameters)
    : lockAgain(txn, reader, key, shouldNotExist, parameters, held)
}

function lockFreeKey(
  txn: MvccTxn,
  reader: MvccReader,
  key: Uint8Array,
  shouldNotExist: boolean,
  parameters: LockParameters,
): LockKeyResult {
  const { returnValues, checkExistence, lockOnlyIfExists } = parameters
  const write = reader.seekWrite(key)
  let conflict: Conflict | undefined
  let value: Uint8Array | undefined
  if (write !== undefined) {
    conflict = conflictWith(write, key, parameters)
    requireNotRolledBack(reader, key)
    constrain(conflict, key, parameters, () => checkDataConstraint(reader, shouldNotExist, write, key))
    if (returnValues || checkExistence || conflict !== undefined) {
      value = readLatest(reader, key, write, returnValues || conflict !== undefined)
    }
  }
  if (!lockOnlyIfExists || value !== undefined) {
    const lock = newLock(parameters, conflict?.commitTs ?? parameters.forUpdateTs, conflict !== undefined)
    txn.putLock(key, lock, true)
  } else if (conflict !== undefined) throw writeConflict(conflict, key, parameters)
  return resultOf(parameters, conflict?.commitTs, value)
}

function conflictWith(write: Write, key: Uint8Array, parameters: LockParameters): Conflict | undefined {
  if (write.commitTs <= parameters.forUpdateTs) return undefined
  const conflict = { startTs: write.startTs, commitTs: write.commitTs }
  if (!parameters.allowLockWithConflict) throw writeConflict(conflict, key, parameters)
  return conflict
}

function requireNotRolledBack(reader: MvccReader, key: Uint8Array): void {
  const { startTs } = reader
  const write = reader.seekWrite(key, startTs)
  if (write?.commitTs === startTs && (write.type === 'rollback' || write.overlappedRollback)) {
    throw new MvccError({ kind: 'PessimisticLockRolledBack', startTs, key })
  }
}

/** With a conflict, what the newest version breaks is no final answer: the client has to look again. */
function constrain(
  conflict: Conflict | undefined,
  key: Uint8Array,
  parameters: LockParameters,
  check: () => void,
): void {
  try {
    check()
  } catch (error) {
    if (conflict !== undefined && isRefusal(error, 'AlreadyExist'))
      throw writeConflict(conflict, key, parameters)
    throw error
  }
}

function readLatest(
  reader: MvccReader,
  key: Uint8Array,
  write: Write,
  loadValue: boolean,
): Uint8Array | undefined {
  let put: Write | undefined
  if (write.type === 'put') put = isVisibleDespiteFence(write, reader.startTs) ? write : undefined
  else if (write.type !== 'delete') put = reader.visiblePut(key, write.commitTs - 1n)
  if (put === undefined) return undefined
  return loadValue ? reader.valueOf(key, put) : EMPTY_BYTES
}

/** The key has a lock already: another transaction's, or this one's. */
function lockAgain(
  txn: MvccTxn,
  reader: MvccReader,
  key: Uint8Array,
  shouldNotExist: boolean,
  parameters: LockParameters,
  held: Lock,
): LockKeyResult {
  const { startTs } = parameters
  if (held.startTs !== startTs) throw new MvccError({ kind: 'KeyIsLocked', lock: lockInfo(key, held) })
  if (held.type !== 'pessimistic') {
    throw new MvccError({ kind: 'LockTypeNotMatch', startTs, key, pessimistic: false })
  }
  const conflicting = parameters.allowLockWithConflict && parameters.forUpdateTs < held.forUpdateTs
  const forUpdateTs = conflicting ? held.forUpdateTs : parameters.forUpdateTs
  const loadValue = parameters.returnValues || conflicting
  let value: Uint8Array | undefined
  if (loadValue || parameters.checkExistence || shouldNotExist) {
    const write = reader.visiblePut(key, forUpdateTs)
    if (write !== undefined) {
      const newer = write.commitTs > parameters.forUpdateTs
      const conflict = newer ? { startTs: write.startTs, commitTs: write.commitTs } : undefined
      constrain(conflict, key, parameters, () => checkDataConstraint(reader, shouldNotExist, write, key))
      if (loadValue) value = reader.valueOf(key, write)
      else if (parameters.checkExistence) value = EMPTY_BYTES
    }
  }
  if (forUpdateTs > held.forUpdateTs) {
    txn.putLock(key, newLock(parameters, forUpdateTs, held.lockedWithConflict), false)
  }
  return resultOf(parameters, conflicting ? held.forUpdateTs : undefined, value)
}

function newLock(parameters: LockParameters, forUpdateTs: Timestamp, lockedWithConflict: boolean): Lock {
  return {
    type: 'pessimistic',
    primary: parameters.primary,
    startTs: parameters.startTs,
    ttl: parameters.lockTtl,
    shortValue: undefined,
    forUpdateTs,
    txnSize: 0n,
    minCommitTs: parameters.minCommitTs,
    useAsyncCommit: false,
    useOnePc: false,
    secondaries: [],
    rollbackTs: [],
    lockedWithConflict,
    generation: 0n,
  }
}

function resultOf(
  parameters: LockParameters,
  conflictTs: Timestamp | undefined,
  value: Uint8Array | undefined,
): LockKeyResult {
  if (conflictTs !== undefined) return { kind: 'locked-with-conflict', value, conflictTs }
  if (parameters.returnValues) return { kind: 'value', value }
  if (parameters.checkExistence) return { kind: 'existence', exists: value !== undefined }
  return { kind: 'empty' }
}

function writeConflict(conflict: Conflict, key: Uint8Array, parameters: LockParameters): MvccError {
  return new MvccError({
    kind: 'WriteConflict',
    startTs: parameters.startTs,
    conflictStartTs: conflict.startTs,
    conflictCommitTs: conflict.commitTs,
    key,
    primary: parameters.primary,
    reason: WriteConflict_Reason.PessimisticRetry,
  })
}
