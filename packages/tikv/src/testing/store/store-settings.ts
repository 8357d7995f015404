import type { Timestamp } from '../../timestamp.js'

/** What a test may turn on one store. */
export interface StoreSettings {
  /** Default `normal`. Full disks refuse writes with `DiskFull`, but for those that free space. */
  diskUsage: 'normal' | 'almost-full' | 'already-full'
  /** How long reads wait, as the store says of itself; compared with a request's `busy_threshold_ms`. Default 0. */
  estimatedWaitMs: number
  /** A larger write is refused with `RaftEntryTooLarge`. Default 8 MiB. */
  raftEntryBytesMax: number
  /** How far stale reads are behind. Default 1 s. */
  safeTsLagMs: number
  /** Fixes the timestamp up to which stale reads are answered. Default: by `safeTsLagMs` and the oldest lock. */
  safeTs: Timestamp | undefined
  /** 1 to 100, told in health feedback. Default 1; 80 and more is slow. */
  slowScore: number
  /** What gRPC health says. Default true. */
  healthy: boolean
}

export function defaultSettings(): StoreSettings {
  return {
    diskUsage: 'normal',
    estimatedWaitMs: 0,
    raftEntryBytesMax: 8 * 1024 * 1024,
    safeTsLagMs: 1000,
    safeTs: undefined,
    slowScore: 1,
    healthy: true,
  }
}
