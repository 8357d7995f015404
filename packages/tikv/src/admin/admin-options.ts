import type { MvccInfo } from '../gen/kvrpcpb.js'
import type { Timestamp } from '../timestamp.js'

/** Of every administrative call. */
export interface AdminCallOptions {
  readonly signal?: AbortSignal | undefined
}

/** Of barriers. */
export interface BarrierOptions extends AdminCallOptions {
  /** Of all keyspaces, not of this client's alone. Default false. */
  readonly global?: boolean | undefined
}

/** Of `region`. */
export interface RegionOfKeyOptions extends AdminCallOptions {
  /** Addresses of members of PD, leader or not, to ask instead of the leader. */
  readonly members?: readonly string[] | undefined
  /** Gives the region's buckets too. Default false. */
  readonly buckets?: boolean | undefined
}

/** Of calls that go region by region. */
export interface RangeCallOptions extends AdminCallOptions {
  /** Regions, or parts of the range, worked on at once. Default 8. */
  readonly concurrency?: number | undefined
}

/** Of `deleteRange`. */
export interface DeleteRangeOptions extends RangeCallOptions {
  /** Deletes nothing, but tells the regions that their keys will be destroyed. Default false. */
  readonly notifyOnly?: boolean | undefined
}

/** What a garbage collection came to. */
export interface GcResult {
  /** Transactions that started before it are not allowed any longer; may be less than asked for. */
  readonly txnSafePoint: Timestamp
  /** Versions that no read at or after it needs may be dropped. */
  readonly gcSafePoint: Timestamp
  /** What held the safe point back; empty when nothing did. */
  readonly blocker: string
  readonly resolvedLocks: number
}

/** Of both halves of a flashback. */
export interface FlashbackOptions extends RangeCallOptions {
  /** The keys become what they were at this timestamp. */
  readonly version: Timestamp
  /** The same in `prepareFlashback` and `flashback`. */
  readonly startTs: Timestamp
}

/** A key that a transaction wrote. */
export interface MvccOfStartTs {
  readonly key: Uint8Array
  readonly info: MvccInfo
}

/** A transaction that waits for the lock of another one. */
export interface LockWait {
  readonly storeId: bigint
  readonly startTs: Timestamp
  readonly waitsForStartTs: Timestamp
  /** May be empty. */
  readonly key: Uint8Array
  readonly waitMs: number
}

/** A TiKV server. */
export interface StoreState {
  readonly id: bigint
  readonly address: string
  /** It says of itself that it serves. */
  readonly isReachable: boolean
}
