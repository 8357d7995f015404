import type { TransactionMode, TransactionIsolation } from './transaction-options.js'

/** Where a transaction is in its life. */
export type TransactionState =
  | 'active'
  | 'committing'
  | 'committed'
  | 'rolled-back'
  /** The commit failed: it changed nothing. */
  | 'failed'
  /** Nobody can tell whether the commit took effect. */
  | 'undetermined'
  /** It lived longer than its `timeoutMs` and was rolled back. */
  | 'timed-out'

/** Facts of one transaction as JSON values: timestamps are decimal strings. */
export interface TransactionInfo {
  readonly startTs: string
  /** Absent unless it committed something. */
  readonly commitTs?: string
  readonly state: TransactionState
  readonly mode: TransactionMode
  readonly isolation: TransactionIsolation
  readonly onePc: boolean
  readonly asyncCommit: boolean
  /** Async commit was begun and given up for two phases. */
  readonly asyncCommitFallback: boolean
  readonly onePcFallback: boolean
  readonly pipelined: boolean
  /** Milliseconds since it began. */
  readonly elapsedMs: number
  readonly keys: number
  readonly bytes: number
  /** The code of the error that ended it. */
  readonly error?: string
}
