import type { Timestamp } from '../../timestamp.js'
import type { LockWait } from '../transaction-options.js'

/** Of one lock call. */
export interface LockOptions {
  /** Default `default`: the transaction's `lockWait`. */
  readonly wait?: LockWait | undefined
  /** Read the newest values with the locks. Default false. */
  readonly returnValues?: boolean | undefined
  /** Leave keys without a value unlocked. Needs an earlier lock of the transaction, or a single key. Default false. */
  readonly lockOnlyIfExists?: boolean | undefined
  /**
   * Take the lock of a single key as soon as it is free although the key has changed meanwhile, first come first
   * served. For several keys it makes no difference. Default false.
   */
  readonly fair?: boolean | undefined
  /**
   * A key was changed after the timestamp that locks are taken at. `refresh` (default) takes them at a newer one:
   * reads of locked keys then see the newest values. `fail` is a `TRANSACTION_CONFLICT`.
   */
  readonly conflict?: 'refresh' | 'fail' | undefined
  /**
   * The timestamp to take the locks at, not before the start of the transaction: a key that was changed after it is a
   * `TRANSACTION_CONFLICT`. Default: the newest timestamp of the transaction's locks, or as `conflict` says.
   */
  readonly at?: Timestamp | undefined
  /**
   * One region after the other in key order, instead of all at once: calls that lock the same keys in this way do not
   * deadlock. Default false.
   */
  readonly inOrder?: boolean | undefined
  /**
   * How long the locks live when the client dies, milliseconds; while it lives, its heartbeats keep them, the first one
   * after half of this. Of the lock that the transaction takes first; the others end with it. Default 20 000.
   */
  readonly ttlMs?: number | undefined
  /** How often `refresh` tries again. Default 256. */
  readonly refreshMax?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** One key of a lock call. */
export interface LockedKey {
  readonly key: Uint8Array
  /** False only with `lockOnlyIfExists`, for a key that has no value. */
  readonly locked: boolean
  /** Whether the key has a committed value. An optimistic transaction only finds out with `returnValues`. */
  readonly exists: boolean | undefined
  /** The committed value, with `returnValues`. The transaction's own writes do not show in it. */
  readonly value: Uint8Array | undefined
}
