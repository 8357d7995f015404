import { toHex } from '@orbit-ts/base'
import type { WaitForEntry } from '../../gen/deadlock.js'
import { type Assertion, KeyError, type LockInfo, type WriteConflict_Reason } from '../../gen/kvrpcpb.js'
import type { Timestamp } from '../../timestamp.js'

export interface WriteConflictFacts {
  readonly startTs: Timestamp
  readonly conflictStartTs: Timestamp
  readonly conflictCommitTs: Timestamp
  readonly key: Uint8Array
  readonly primary: Uint8Array
  readonly reason: WriteConflict_Reason
}

/** Why a command was refused; TiKV's own kinds of `mvcc::Error`. */
export type Refusal =
  | { readonly kind: 'KeyIsLocked'; readonly lock: LockInfo }
  | ({ readonly kind: 'WriteConflict' } & WriteConflictFacts)
  | { readonly kind: 'AlreadyExist'; readonly key: Uint8Array; readonly existingStartTs: Timestamp }
  | {
      readonly kind: 'TxnLockNotFound'
      readonly startTs: Timestamp
      readonly commitTs: Timestamp
      readonly key: Uint8Array
    }
  | { readonly kind: 'TxnNotFound'; readonly startTs: Timestamp; readonly key: Uint8Array }
  | {
      readonly kind: 'Deadlock'
      readonly startTs: Timestamp
      readonly lockTs: Timestamp
      readonly lockKey: Uint8Array
      readonly deadlockKeyHash: bigint
      readonly waitChain: readonly WaitForEntry[]
    }
  | {
      readonly kind: 'CommitTsExpired'
      readonly startTs: Timestamp
      readonly commitTs: Timestamp
      readonly key: Uint8Array
      readonly minCommitTs: Timestamp
    }
  | { readonly kind: 'CommitTsTooLarge'; readonly startTs: Timestamp; readonly minCommitTs: Timestamp }
  | {
      readonly kind: 'AssertionFailed'
      readonly startTs: Timestamp
      readonly key: Uint8Array
      readonly assertion: Assertion
      readonly existingStartTs: Timestamp
      readonly existingCommitTs: Timestamp
    }
  | { readonly kind: 'PrimaryMismatch'; readonly lock: LockInfo }
  | {
      readonly kind: 'Committed'
      readonly startTs: Timestamp
      readonly commitTs: Timestamp
      readonly key: Uint8Array
    }
  | {
      readonly kind: 'PessimisticLockNotFound'
      readonly startTs: Timestamp
      readonly key: Uint8Array
      readonly reason: string
    }
  | { readonly kind: 'PessimisticLockRolledBack'; readonly startTs: Timestamp; readonly key: Uint8Array }
  | {
      readonly kind: 'LockTypeNotMatch'
      readonly startTs: Timestamp
      readonly key: Uint8Array
      readonly pessimistic: boolean
    }
  | { readonly kind: 'LockIfExistsFailed'; readonly startTs: Timestamp; readonly key: Uint8Array }
  | { readonly kind: 'GenerationOutOfOrder'; readonly key: Uint8Array; readonly generation: bigint }
  | { readonly kind: 'InvalidTxnTso'; readonly startTs: Timestamp; readonly commitTs: Timestamp }
  | { readonly kind: 'Other'; readonly message: string }

/** Ends a command without any effect. It stays inside the test store: the caller sees a `KeyError`. */
export class MvccError extends Error {
  readonly refusal: Refusal

  constructor(refusal: Refusal) {
    super(describe(refusal))
    this.name = 'MvccError'
    this.refusal = refusal
  }
}

export function isRefusal<Kind extends Refusal['kind']>(
  error: unknown,
  kind: Kind,
): error is MvccError & { readonly refusal: Extract<Refusal, { kind: Kind }> } {
  return error instanceof MvccError && error.refusal.kind === kind
}

/** As TiKV reports the refusal on the wire. */
export function toKeyError(refusal: Refusal): KeyError {
  switch (refusal.kind) {
    case 'KeyIsLocked':
      return KeyError.create({ locked: refusal.lock })
    case 'WriteConflict':
      return KeyError.create({
        conflict: {
          startTs: refusal.startTs,
          conflictTs: refusal.conflictStartTs,
          conflictCommitTs: refusal.conflictCommitTs,
          key: refusal.key,
          primary: refusal.primary,
          reason: refusal.reason,
        },
        retryable: describe(refusal),
      })
    case 'AlreadyExist':
      return KeyError.create({ alreadyExist: { key: refusal.key } })
    case 'TxnLockNotFound':
      return KeyError.create({ retryable: describe(refusal), txnLockNotFound: { key: refusal.key } })
    case 'TxnNotFound':
      return KeyError.create({ txnNotFound: { startTs: refusal.startTs, primaryKey: refusal.key } })
    case 'Deadlock':
      return KeyError.create({
        deadlock: {
          lockTs: refusal.lockTs,
          lockKey: refusal.lockKey,
          deadlockKeyHash: refusal.deadlockKeyHash,
          waitChain: [...refusal.waitChain],
        },
      })
    case 'CommitTsExpired':
      return KeyError.create({
        commitTsExpired: {
          startTs: refusal.startTs,
          attemptedCommitTs: refusal.commitTs,
          key: refusal.key,
          minCommitTs: refusal.minCommitTs,
        },
      })
    case 'CommitTsTooLarge':
      return KeyError.create({ commitTsTooLarge: { commitTs: refusal.minCommitTs } })
    case 'AssertionFailed':
      return KeyError.create({
        assertionFailed: {
          startTs: refusal.startTs,
          key: refusal.key,
          assertion: refusal.assertion,
          existingStartTs: refusal.existingStartTs,
          existingCommitTs: refusal.existingCommitTs,
        },
      })
    case 'PrimaryMismatch':
      return KeyError.create({ primaryMismatch: { lockInfo: refusal.lock } })
    default:
      return KeyError.create({ abort: describe(refusal) })
  }
}

/** The text has TiKV's shape, because clients look for the kind in it. */
function describe(refusal: Refusal): string {
  const fields = Object.entries(refusal)
    .filter(([name]) => name !== 'kind')
    .map(([name, value]) => `${snakeCase(name)}: ${show(value)}`)
  return `Error(Txn(Error(Mvcc(Error(${refusal.kind} { ${fields.join(', ')} })))))`
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

function show(value: unknown): string {
  if (value instanceof Uint8Array) return toHex(value).toUpperCase()
  if (typeof value === 'bigint') return `TimeStamp(${value})`
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : '{..}'
}
