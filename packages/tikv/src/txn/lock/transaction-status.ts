import type { LockInfo } from '../../gen/kvrpcpb.js'
import type { Timestamp } from '../../timestamp.js'

/**
 * What became of the transaction that left a lock.
 *
 * - `live`: it may still commit. `minCommitTsPushed`: it can only commit after the asking reader's timestamp.
 * - `committed`, `rolled-back`: final, and the same for ever.
 * - `lock-gone`: a pessimistic lock is not there (any more). That says nothing of the transaction's fate.
 */
export type TransactionStatus = LiveStatus | FinalStatus | { readonly kind: 'lock-gone' }

export interface LiveStatus {
  readonly kind: 'live'
  /** From the start timestamp's physical part. */
  readonly ttlMs: bigint
  readonly minCommitTsPushed: boolean
  /** The primary's lock, as far as the server gave it. */
  readonly primaryLock: LockInfo | undefined
}

export type FinalStatus =
  { readonly kind: 'committed'; readonly commitTs: Timestamp } | { readonly kind: 'rolled-back' }

export const ROLLED_BACK: FinalStatus = { kind: 'rolled-back' }

export function isFinal(status: TransactionStatus): status is FinalStatus {
  return status.kind === 'committed' || status.kind === 'rolled-back'
}
