import type { SnapshotOptions } from '../snapshot/snapshot-options.js'
import type { Timestamp } from '../timestamp.js'
import type { TransactionInfo } from './transaction-info.js'

/**
 * - `optimistic`: conflicts are found at commit.
 * - `pessimistic`: `lock` and `getForUpdate` take locks on the servers at once. Keys that are written without having
 *   been locked are checked at commit, as in an optimistic transaction.
 */
export type TransactionMode = 'optimistic' | 'pessimistic'

/**
 * - `snapshot`: reads see the start timestamp; two transactions that write the same key do not both commit.
 * - `serializable`: besides, a transaction that writes commits only when all that it read is unchanged at its commit
 *   timestamp, so that transactions of this level behave as if they ran one after the other.
 * - `read-committed`: each read sees what was committed when it began. Writes conflict as for `snapshot`.
 */
export type TransactionIsolation = 'snapshot' | 'serializable' | 'read-committed'

/**
 * How long to wait for a lock that another transaction holds: `nowait` fails at once (`LOCK_NOT_AVAILABLE`), a number
 * is milliseconds (then `LOCK_TIMEOUT`), `always` has no end, `default` is the transaction's `lockWait`.
 */
export type LockWait = 'default' | 'always' | 'nowait' | number

/** Which assertions the servers check: none, those that cost no look-up, all. */
export type AssertionChecks = 'off' | 'fast' | 'strict'

/** What a server does with the transaction's writes when its disk fills up. */
export type DiskFullPolicy = 'not-allowed' | 'allowed-on-almost-full' | 'allowed-on-already-full'

/** Holds a commit back until PD has passed a timestamp. */
export interface CommitWait {
  /** The commit timestamp must be larger than this; for data that came from another cluster. */
  readonly untilTs: Timestamp
  /** How long to wait for PD to get there, milliseconds. Default 1000. */
  readonly timeoutMs?: number | undefined
}

/** Called as a transaction goes on; what they throw is logged. */
export interface TransactionHooks {
  /** Called once, when the transaction was committed, rolled back or failed. */
  readonly onEnd?: ((info: TransactionInfo) => void) | undefined
  /** Work behind the finished call begins: secondary commits, clean-up. */
  readonly onBackgroundStart?: ((task: string) => void) | undefined
  /** That work is over. */
  readonly onBackgroundEnd?: ((task: string) => void) | undefined
}

/** When a pipelined transaction sends its writes. */
export interface PipelinedOptions {
  /** A flush begins when both of the next two are reached. Default 10 000. */
  readonly flushKeysMin?: number | undefined
  /** Default 16 MiB. */
  readonly flushBytesMin?: number | undefined
  /** A flush begins here however few keys there are. Default 128 MiB. */
  readonly flushBytesForced?: number | undefined
  /** Batches of one flush under way at once. Default 128. */
  readonly flushConcurrency?: number | undefined
  /** Regions resolved at once after the end. Default 8. */
  readonly resolveConcurrency?: number | undefined
}

type ReadOptions = Pick<
  SnapshotOptions,
  | 'replicaRead'
  | 'staleRead'
  | 'labels'
  | 'storeIds'
  | 'leaderOnly'
  | 'busyThresholdMs'
  | 'notFillCache'
  | 'taskId'
  | 'readTimeoutMs'
  | 'scanBatchSize'
  | 'cacheBytesMax'
  | 'priority'
  | 'resourceGroup'
  | 'resourceGroupTag'
  | 'requestSource'
  | 'traceId'
  | 'interceptors'
  | 'refuseFuture'
>

/** How a transaction reads, locks and commits. */
export interface TransactionOptions extends ReadOptions {
  /** Default `optimistic`. */
  readonly mode?: TransactionMode | undefined
  /** Default `snapshot`. */
  readonly isolation?: TransactionIsolation | undefined
  /** A timestamp of PD to begin at. Default: a fresh one. */
  readonly startTs?: Timestamp | undefined
  /** Default: the client's `asyncCommit`. */
  readonly asyncCommit?: boolean | undefined
  /** Default: the client's `onePc`. */
  readonly onePc?: boolean | undefined
  /**
   * Spares a timestamp for each commit. A transaction that begins after the commit on another client, without having
   * heard of it, may then not see it. Default false.
   */
  readonly causalConsistency?: boolean | undefined
  /**
   * A commit that meets another's lock on a key, or the record of a transaction that was rolled back after
   * it began, locks the key in its turn, with deadlocks detected, and goes on when nobody has changed it. `lockWait`
   * bounds all its waiting. Default false: it asks again and again, or conflicts, as other clients do.
   */
  readonly lockAtCommit?: boolean | undefined
  /** Default `off`. */
  readonly assertions?: AssertionChecks | undefined
  /** Marks changes for change data capture. Default 0. */
  readonly txnSource?: bigint | undefined
  /** Default `not-allowed`. */
  readonly diskFull?: DiskFullPolicy | undefined
  /** The servers write each change to disk before they answer, whatever they are configured to do. Default false. */
  readonly syncLog?: boolean | undefined
  /** Lifetime, milliseconds: then it is rolled back, and calls fail with `TRANSACTION_TIMEOUT`. Default: none. */
  readonly timeoutMs?: number | undefined
  /** Ends every call of the transaction. */
  readonly signal?: AbortSignal | undefined
  /** Default 50 000 ms. */
  readonly lockWait?: Exclude<LockWait, 'default'> | undefined
  /** Default: no wait. */
  readonly commitWait?: CommitWait | undefined
  /** Writes go to the servers while the transaction runs, so that it may be larger than memory. */
  readonly pipelined?: boolean | PipelinedOptions | undefined
  /** What `serializable` remembers of its reads, bytes. More is `TRANSACTION_TOO_LARGE`. Default 64 MiB. */
  readonly readSetBytesMax?: number | undefined
  /** Default: none. */
  readonly hooks?: TransactionHooks | undefined
}

export const DEFAULT_LOCK_WAIT_MS = 50_000
export const READ_SET_BYTES_MAX = 64 * 1024 * 1024
