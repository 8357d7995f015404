import type { ErrorCode } from '@orbit-ts/base'

/**
 * How a sleep differs from `base·2ⁿ`: not at all; anywhere below it; at least half of it; or anywhere between the base
 * and three times the last sleep.
 */
export type Jitter = 'none' | 'full' | 'equal' | 'decorrelated'

export interface BackoffKind {
  readonly name: string
  /** First sleep, milliseconds. */
  readonly baseMs: number
  readonly capMs: number
  readonly jitter: Jitter
  /** What a spent budget is reported as, when this kind slept longest. */
  readonly code: ErrorCode
  readonly reason: string
  /**
   * Sleeps of this kind never count against the budget. They end the operation by themselves once they sum up to this
   * and to the budget.
   */
  readonly excludedUpToMs?: number
}

const kind = (
  name: string,
  baseMs: number,
  capMs: number,
  jitter: Jitter,
  code: ErrorCode,
  reason: string,
  excludedUpToMs?: number,
): BackoffKind => ({
  name,
  baseMs,
  capMs,
  jitter,
  code,
  reason,
  ...(excludedUpToMs === undefined ? {} : { excludedUpToMs }),
})

/** Why the client waits before it tries again. Bases, caps and jitters are those of client-go (`config/retry`). */
export const BackoffKinds = {
  tikvRpc: kind('tikvRPC', 100, 2000, 'equal', 'STORE_UNAVAILABLE', 'the TiKV server does not answer'),
  txnLock: kind('txnLock', 100, 3000, 'equal', 'LOCK_TIMEOUT', 'a lock of another transaction stays'),
  txnLockFast: kind('txnLockFast', 10, 3000, 'equal', 'LOCK_TIMEOUT', 'a lock of another transaction stays'),
  pdRpc: kind('pdRPC', 500, 3000, 'equal', 'PD_UNAVAILABLE', 'PD does not answer'),
  /** PD answers, but without a region. */
  pdRegionMiss: kind(
    'pdRPC',
    500,
    3000,
    'equal',
    'REGION_UNAVAILABLE',
    'PD has no usable region for the keys',
  ),
  regionMiss: kind('regionMiss', 2, 500, 'none', 'REGION_UNAVAILABLE', 'the region cannot be found'),
  regionScheduling: kind(
    'regionScheduling',
    2,
    500,
    'none',
    'REGION_UNAVAILABLE',
    'the region has no leader',
  ),
  serverBusy: kind(
    'tikvServerBusy',
    2000,
    10_000,
    'equal',
    'SERVER_BUSY',
    'the TiKV server is busy',
    600_000,
  ),
  diskFull: kind(
    'tikvDiskFull',
    500,
    5000,
    'none',
    'STORAGE_FULL',
    'the disk of the TiKV server is full; free space on the TiKV servers or add one',
  ),
  regionRecoveryInProgress: kind(
    'regionRecoveryInProgress',
    100,
    10_000,
    'equal',
    'REGION_UNAVAILABLE',
    'the region is being recovered',
  ),
  txnNotFound: kind('txnNotFound', 2, 500, 'none', 'LOCK_TIMEOUT', 'the transaction of a lock is not found'),
  staleCommand: kind('staleCommand', 2, 1000, 'none', 'REGION_UNAVAILABLE', 'the command was stale'),
  maxTsNotSynced: kind('maxTsNotSynced', 2, 500, 'none', 'REGION_UNAVAILABLE', 'max_ts is not synced'),
  regionNotInitialized: kind(
    'regionNotInitialized',
    2,
    1000,
    'none',
    'REGION_UNAVAILABLE',
    'the region is not initialized',
  ),
  isWitness: kind('isWitness', 1000, 10_000, 'equal', 'REGION_UNAVAILABLE', 'the peer is a witness'),
} as const satisfies Record<string, BackoffKind>

/**
 * How long one operation may sleep in all, milliseconds. These are what client-go comes to: it doubles its constants
 * (`BackOffWeight`) everywhere but for the status of a transaction, the resolution of locks and broadcasts.
 */
export const BackoffBudgets = {
  get: 40_000,
  batchGet: 40_000,
  scan: 40_000,
  pessimisticLock: 40_000,
  pessimisticRollback: 40_000,
  cleanup: 40_000,
  heartbeat: 40_000,
  prewrite: 80_000,
  commitPrimary: 80_000,
  commitSecondary: 82_000,
  resolveLocks: 40_000,
  raw: 40_000,
  locateRegion: 40_000,
  transactionStatus: 20_000,
  timestamp: 30_000,
  gcResolve: 200_000,
  deleteRange: 200_000,
  broadcast: 10_000,
  splitRegion: 240_000,
  waitScatter: 240_000,
  coprocessor: 60_000,
} as const
