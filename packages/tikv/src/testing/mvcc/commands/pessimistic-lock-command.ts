import { EMPTY_BYTES } from '@orbit-ts/base'
import {
  Assertion,
  Op,
  PessimisticLockKeyResult,
  PessimisticLockKeyResultType,
  PessimisticLockResponse,
  PessimisticLockWakeUpMode,
  type LockInfo,
  type PessimisticLockRequest,
} from '../../../gen/kvrpcpb.js'
import {
  acquirePessimisticLock,
  type LockKeyResult,
  type LockParameters,
} from '../actions/acquire-pessimistic-lock.js'
import { isRefusal, MvccError, toKeyError } from '../mvcc-error.js'
import { MvccReader } from '../mvcc-reader.js'
import type { MvccState } from '../mvcc-state.js'
import type { MvccTxn } from '../mvcc-txn.js'

export type LockAttempt =
  | { readonly kind: 'locked'; readonly response: PessimisticLockResponse }
  /** Another transaction's lock is in the way; nothing was locked. */
  | {
      readonly kind: 'blocked'
      readonly key: Uint8Array
      readonly shouldNotExist: boolean
      readonly lock: LockInfo
    }

export function lockParameters(request: PessimisticLockRequest): LockParameters {
  return {
    startTs: request.startVersion,
    primary: request.primaryLock,
    lockTtl: request.lockTtl,
    forUpdateTs: request.forUpdateTs,
    minCommitTs: request.minCommitTs,
    returnValues: request.returnValues,
    checkExistence: request.checkExistence,
    lockOnlyIfExists: request.lockOnlyIfExists,
    allowLockWithConflict: forcesLock(request),
  }
}

export function forcesLock(request: PessimisticLockRequest): boolean {
  return request.wakeUpMode === PessimisticLockWakeUpMode.WakeUpModeForceLock
}

/** Locks all keys of the request, or none. */
export function pessimisticLockCommand(
  state: MvccState,
  txn: MvccTxn,
  request: PessimisticLockRequest,
): LockAttempt {
  if (forcesLock(request) && request.mutations.length > 1) {
    throw new MvccError({
      kind: 'Other',
      message: 'multiple keys in a single request with allowed_lock_with_conflict set is not allowed',
    })
  }
  const reader = new MvccReader(state.data, request.startVersion)
  const parameters = lockParameters(request)
  const results: LockKeyResult[] = []
  for (const { op, key, assertion } of request.mutations) {
    if (op !== Op.PessimisticLock) {
      throw new MvccError({ kind: 'Other', message: `mutation of kind ${op} in a pessimistic lock request` })
    }
    const shouldNotExist = assertion === Assertion.NotExist
    try {
      results.push(acquirePessimisticLock(txn, reader, key, shouldNotExist, parameters))
    } catch (error) {
      if (!isRefusal(error, 'KeyIsLocked')) throw error
      txn.clear()
      return { kind: 'blocked', key, shouldNotExist, lock: error.refusal.lock }
    }
  }
  return { kind: 'locked', response: lockedResponse(request, results) }
}

/** Takes a request up again that waited for one key: the lock is given whatever the newest version is. */
export function resumeLock(
  state: MvccState,
  txn: MvccTxn,
  request: PessimisticLockRequest,
  key: Uint8Array,
  shouldNotExist: boolean,
): PessimisticLockResponse {
  const reader = new MvccReader(state.data, request.startVersion)
  const result = acquirePessimisticLock(txn, reader, key, shouldNotExist, lockParameters(request))
  return lockedResponse(request, [result])
}

/** A refusal, in the form of the request's mode. */
export function refusedLock(request: PessimisticLockRequest, error: MvccError): PessimisticLockResponse {
  const response = PessimisticLockResponse.create({ errors: [toKeyError(error.refusal)] })
  if (forcesLock(request) && request.mutations.length === 1) {
    response.results = [
      PessimisticLockKeyResult.create({ type: PessimisticLockKeyResultType.LockResultFailed }),
    ]
  }
  return response
}

function lockedResponse(
  request: PessimisticLockRequest,
  results: readonly LockKeyResult[],
): PessimisticLockResponse {
  if (forcesLock(request)) return PessimisticLockResponse.create({ results: results.map(keyResult) })
  const response = PessimisticLockResponse.create()
  for (const result of results) {
    if (result.kind === 'value') {
      response.values.push(result.value ?? EMPTY_BYTES)
      response.notFounds.push(result.value === undefined)
    } else if (result.kind === 'existence') response.notFounds.push(!result.exists)
  }
  return response
}

function keyResult(result: LockKeyResult): PessimisticLockKeyResult {
  const { LockResultNormal, LockResultLockedWithConflict } = PessimisticLockKeyResultType
  switch (result.kind) {
    case 'empty':
      return PessimisticLockKeyResult.create({ type: LockResultNormal })
    case 'existence':
      return PessimisticLockKeyResult.create({ type: LockResultNormal, existence: result.exists })
    case 'value':
      return PessimisticLockKeyResult.create({
        type: LockResultNormal,
        existence: result.value !== undefined,
        value: result.value ?? EMPTY_BYTES,
      })
    case 'locked-with-conflict':
      return PessimisticLockKeyResult.create({
        type: LockResultLockedWithConflict,
        existence: result.value !== undefined,
        value: result.value ?? EMPTY_BYTES,
        lockedWithConflictTs: result.conflictTs,
      })
  }
}
