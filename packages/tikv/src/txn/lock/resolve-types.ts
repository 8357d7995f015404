import type { LockInfo } from '../../gen/kvrpcpb.js'
import type { ExecDetails } from '../../telemetry/exec-details.js'
import type { Timestamp } from '../../timestamp.js'

export interface ResolveLocksOptions {
  /** Shared locks may be among them: each stands for the locks of those that hold it. */
  readonly locks: readonly LockInfo[]
  /**
   * The timestamp of the reader; of a prewrite its start timestamp; 0 for a pessimistic lock. When it is not 0, the
   * servers move the commit timestamp of live transactions behind it.
   */
  readonly callerStartTs: Timestamp
  /** The caller reads: it may ignore or read through locks, and their clean-up happens in the background. */
  readonly forRead?: boolean | undefined
  /** For a read that needs the locks of finished transactions to be gone, not only to be passed. Default false. */
  readonly cleanInLine?: boolean | undefined
  /** Cleans only the keys given, however large the transaction. */
  readonly lite?: boolean | undefined
  /** Rolls back all pessimistic locks of an expired transaction in the region at once. For writers. */
  readonly pessimisticRegionResolve?: boolean | undefined
  /** A lock blocks, instead of being asked about again, when its primary key does not know of it yet. Default false. */
  readonly giveUpEarly?: boolean | undefined
  readonly details?: ExecDetails | undefined
}

export interface ResolveLocksResult {
  /** Until the first of the locks that block expires, milliseconds. 0: nothing blocks, try again at once. */
  readonly waitMs: number
  /** Start timestamps of transactions that a reader ignores: `Context.resolved_locks`. */
  readonly ignorable: readonly Timestamp[]
  /** Start timestamps of transactions committed at or before the reader's timestamp: `Context.committed_locks`. */
  readonly readable: readonly Timestamp[]
}

/** One lock that some caller is waiting for right now, for diagnostics. */
export interface ResolvingLock {
  readonly callerStartTs: Timestamp
  readonly lockTs: Timestamp
  readonly key: Uint8Array
  readonly primary: Uint8Array
}
