import { OrbitError, type ErrorDetails } from '@orbit-ts/base'
import { otherApiVersion } from '../codec/other-api-version.js'
import type {
  AssertionFailed,
  CommitTsExpired,
  Deadlock,
  KeyError,
  LockInfo,
  WriteConflict,
} from '../gen/kvrpcpb.js'
import { Assertion, WriteConflict_Reason } from '../gen/kvrpcpb.js'
import type { Timestamp } from '../timestamp.js'

/** Why a write conflict happened, as the servers say. */
export type ConflictReason =
  | 'unknown'
  | 'optimistic'
  | 'pessimistic-retry'
  | 'self-rolled-back'
  | 'rc-check-ts'
  | 'lazy-uniqueness-check'
  | 'not-locked-key-conflict'

export interface WriteConflictFacts {
  /** The transaction that failed. */
  readonly startTs: Timestamp
  /** Start timestamp of the transaction that wrote the key. */
  readonly conflictTs: Timestamp
  /** Its commit timestamp; 0 when it is not committed. */
  readonly conflictCommitTs: Timestamp
  readonly key: Uint8Array
  readonly primary: Uint8Array
  readonly reason: ConflictReason
}

export interface WaitForFacts {
  readonly startTs: Timestamp
  readonly waitsForStartTs: Timestamp
  readonly key: Uint8Array
}

export interface DeadlockFacts {
  /** Start timestamp of the transaction that holds the lock. */
  readonly lockTs: Timestamp
  /** The key that could not be locked. */
  readonly lockKey: Uint8Array
  /** The key that the other end of the cycle waits for. */
  readonly deadlockKey: Uint8Array
  readonly deadlockKeyHash: bigint
  readonly waitChain: readonly WaitForFacts[]
}

export interface AssertionFacts {
  readonly startTs: Timestamp
  readonly key: Uint8Array
  readonly assertion: 'none' | 'exist' | 'not-exist'
  /** 0 when there is no such version. */
  readonly existingStartTs: Timestamp
  readonly existingCommitTs: Timestamp
}

export interface CommitTsExpiredFacts {
  readonly startTs: Timestamp
  readonly attemptedCommitTs: Timestamp
  readonly minCommitTs: Timestamp
  readonly key: Uint8Array
}

/** How keys appear in messages and details: `telemetry.formatKey`. */
export type KeyFormat = (key: Uint8Array) => string

/** The typed facts behind an error, which its JSON details only show as text. */
interface Facts {
  readonly conflict?: WriteConflictFacts
  readonly deadlock?: DeadlockFacts
  readonly assertion?: AssertionFacts
  readonly existingKey?: Uint8Array
}

const factsOf = new WeakMap<OrbitError, Facts>()

/** What conflicted, for a `TRANSACTION_CONFLICT` of the servers. */
export function conflictOf(error: unknown): WriteConflictFacts | undefined {
  return lookUp(error)?.conflict
}

/** The cycle of waits, for a `TRANSACTION_DEADLOCK`. */
export function deadlockOf(error: unknown): DeadlockFacts | undefined {
  return lookUp(error)?.deadlock
}

/** What a failed assertion was about; undefined for other errors. */
export function assertionOf(error: unknown): AssertionFacts | undefined {
  return lookUp(error)?.assertion
}

/** The key that an insert found, for a `KEY_EXISTS`. */
export function existingKeyOf(error: unknown): Uint8Array | undefined {
  return lookUp(error)?.existingKey
}

/** Facts of a `commit_ts_expired`, after which the commit is tried again with a newer timestamp. */
export function commitTsExpiredOf(error: KeyError): CommitTsExpiredFacts | undefined {
  const expired = error.commitTsExpired
  return expired === undefined ? undefined : commitTsFacts(expired)
}

/**
 * The locks behind a key error, or none when it is another kind of error. A shared lock stands for the locks of all
 * that hold it.
 */
export function locksOf(error: KeyError): readonly LockInfo[] {
  return error.locked === undefined ? [] : expandSharedLocks([error.locked])
}

/** Replaces each shared lock by the locks of those that hold it. */
export function expandSharedLocks(locks: readonly LockInfo[]): readonly LockInfo[] {
  if (locks.every(({ sharedLockInfos }) => sharedLockInfos.length === 0)) return locks
  return locks.flatMap((lock) => (lock.sharedLockInfos.length === 0 ? [lock] : lock.sharedLockInfos))
}

/**
 * The error for a key error that cannot be handled by trying again. A lock becomes `LOCK_NOT_AVAILABLE`: whoever can
 * resolve it takes {@link locksOf} first.
 *
 * Codes: `KEY_EXISTS`, `TRANSACTION_DEADLOCK`, `TRANSACTION_CONFLICT`, `ASSERTION_FAILED`, `TRANSACTION_ABORTED`,
 * `LOCK_NOT_AVAILABLE`, `PROTOCOL_VIOLATION`.
 */
export function errorOfKeyError(error: KeyError, formatKey: KeyFormat): OrbitError {
  if (error.alreadyExist !== undefined) return keyExists(error.alreadyExist.key, formatKey)
  if (error.deadlock !== undefined) return deadlock(error.deadlock, formatKey)
  if (error.conflict !== undefined) return writeConflict(conflictFacts(error.conflict), formatKey)
  if (error.retryable !== '')
    return aborted(`the servers ask to run the transaction again: ${error.retryable}`)
  if (error.assertionFailed !== undefined) return assertionFailed(error.assertionFailed, formatKey)
  if (error.abort !== '') {
    return otherApiVersion(error.abort) ?? aborted(`the servers aborted the transaction: ${error.abort}`)
  }
  return lessCommonError(error, formatKey)
}

/** Also for conflicts that the client finds by itself. */
export function writeConflict(facts: WriteConflictFacts, formatKey: KeyFormat): OrbitError {
  const key = formatKey(facts.key)
  const other = facts.conflictCommitTs === 0n ? 'is writing it' : `committed it at ${facts.conflictCommitTs}`
  return withFacts(
    { conflict: facts },
    'TRANSACTION_CONFLICT',
    `key ${key}: transaction ${facts.conflictTs} ${other}, after this one started at ${facts.startTs} (${facts.reason}); run the transaction again`,
    {
      key,
      primary: formatKey(facts.primary),
      startTs: String(facts.startTs),
      conflictTs: String(facts.conflictTs),
      conflictCommitTs: String(facts.conflictCommitTs),
      reason: facts.reason,
    },
  )
}

export function keyExists(existingKey: Uint8Array, formatKey: KeyFormat): OrbitError {
  const key = formatKey(existingKey)
  return withFacts({ existingKey }, 'KEY_EXISTS', `insert of key ${key}: it exists already`, { key })
}

function lessCommonError(error: KeyError, formatKey: KeyFormat): OrbitError {
  const { commitTsTooLarge, commitTsExpired, txnNotFound, txnLockNotFound } = error
  if (commitTsTooLarge !== undefined) {
    return aborted(`commit timestamp ${commitTsTooLarge.commitTs} is larger than the transaction allows`)
  }
  if (commitTsExpired !== undefined) {
    return aborted(
      `commit timestamp ${commitTsExpired.attemptedCommitTs} is too old: a reader moved it to ${commitTsExpired.minCommitTs}`,
      { ...textOf(commitTsFacts(commitTsExpired), formatKey) },
    )
  }
  if (txnNotFound !== undefined) {
    return aborted(`transaction ${txnNotFound.startTs} is not found at its primary key`, {
      startTs: String(txnNotFound.startTs),
      primary: formatKey(txnNotFound.primaryKey),
    })
  }
  if (txnLockNotFound !== undefined) {
    const key = formatKey(txnLockNotFound.key)
    return aborted(`the lock of key ${key} is gone: the transaction was rolled back`, { key })
  }
  return rareError(error, formatKey)
}

function rareError(error: KeyError, formatKey: KeyFormat): OrbitError {
  const { lockUpgradeConflict, sharedLockLost, primaryMismatch, locked } = error
  if (lockUpgradeConflict !== undefined) {
    const key = formatKey(lockUpgradeConflict.key)
    return aborted(`the shared lock of key ${key} could not be made exclusive`, { key })
  }
  if (sharedLockLost !== undefined) {
    const key = formatKey(sharedLockLost.key)
    return aborted(`the shared lock of key ${key} was lost`, { key })
  }
  if (primaryMismatch !== undefined) {
    return new OrbitError('PROTOCOL_VIOLATION', 'a lock names a primary key that does not know it', {
      primary: formatKey(primaryMismatch.lockInfo?.primaryLock ?? new Uint8Array()),
    })
  }
  if (locked !== undefined) {
    const key = formatKey(locked.key)
    return new OrbitError('LOCK_NOT_AVAILABLE', `key ${key} is locked by transaction ${locked.lockVersion}`, {
      key,
      lockTs: String(locked.lockVersion),
    })
  }
  return new OrbitError(
    'PROTOCOL_VIOLATION',
    'a server answered with a key error that this client does not know',
  )
}

function deadlock(error: Deadlock, formatKey: KeyFormat): OrbitError {
  const facts: DeadlockFacts = {
    lockTs: error.lockTs,
    lockKey: error.lockKey,
    deadlockKey: error.deadlockKey,
    deadlockKeyHash: error.deadlockKeyHash,
    waitChain: error.waitChain.map(({ txn, waitForTxn, key }) => ({
      startTs: txn,
      waitsForStartTs: waitForTxn,
      key,
    })),
  }
  const lockKey = formatKey(facts.lockKey)
  return withFacts(
    { deadlock: facts },
    'TRANSACTION_DEADLOCK',
    `key ${lockKey} is locked by transaction ${facts.lockTs}, which waits for this one; roll back and run the transaction again`,
    {
      lockKey,
      lockTs: String(facts.lockTs),
      deadlockKey: formatKey(facts.deadlockKey),
      waitChain: facts.waitChain.map((wait) => textOf(wait, formatKey)),
    },
  )
}

function assertionFailed(error: AssertionFailed, formatKey: KeyFormat): OrbitError {
  const facts: AssertionFacts = {
    startTs: error.startTs,
    key: error.key,
    assertion:
      error.assertion === Assertion.Exist
        ? 'exist'
        : error.assertion === Assertion.NotExist
          ? 'not-exist'
          : 'none',
    existingStartTs: error.existingStartTs,
    existingCommitTs: error.existingCommitTs,
  }
  return withFacts(
    { assertion: facts },
    'ASSERTION_FAILED',
    `key ${formatKey(facts.key)} was asserted to ${facts.assertion}, which does not hold`,
    textOf(facts, formatKey),
  )
}

function aborted(reason: string, details: ErrorDetails = {}): OrbitError {
  return new OrbitError('TRANSACTION_ABORTED', reason, details)
}

function conflictFacts(error: WriteConflict): WriteConflictFacts {
  return {
    startTs: error.startTs,
    conflictTs: error.conflictTs,
    conflictCommitTs: error.conflictCommitTs,
    key: error.key,
    primary: error.primary,
    reason: CONFLICT_REASONS.get(error.reason) ?? 'unknown',
  }
}

const CONFLICT_REASONS: ReadonlyMap<number, ConflictReason> = new Map<number, ConflictReason>([
  [WriteConflict_Reason.Optimistic, 'optimistic'],
  [WriteConflict_Reason.PessimisticRetry, 'pessimistic-retry'],
  [WriteConflict_Reason.SelfRolledBack, 'self-rolled-back'],
  [WriteConflict_Reason.RcCheckTs, 'rc-check-ts'],
  [WriteConflict_Reason.LazyUniquenessCheck, 'lazy-uniqueness-check'],
  [WriteConflict_Reason.NotLockedKeyConflict, 'not-locked-key-conflict'],
])

function commitTsFacts(error: CommitTsExpired): CommitTsExpiredFacts {
  return {
    startTs: error.startTs,
    attemptedCommitTs: error.attemptedCommitTs,
    minCommitTs: error.minCommitTs,
    key: error.key,
  }
}

function withFacts(
  facts: Facts,
  code: ConstructorParameters<typeof OrbitError>[0],
  reason: string,
  details: ErrorDetails,
): OrbitError {
  const error = new OrbitError(code, reason, details)
  factsOf.set(error, facts)
  return error
}

function lookUp(error: unknown): Facts | undefined {
  return error instanceof OrbitError ? factsOf.get(error) : undefined
}

/** Facts as JSON: timestamps as decimal strings, keys formatted. */
function textOf(facts: object, formatKey: KeyFormat): ErrorDetails {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]: [string, unknown]) => [
      name,
      typeof value === 'bigint' ? String(value) : value instanceof Uint8Array ? formatKey(value) : value,
    ]),
  )
}
