/** What heartbeats extend a lock to, milliseconds from the transaction's age. */
export const MANAGED_LOCK_TTL_MS = 20_000

const DEFAULT_LOCK_TTL_MS = 3000
const TTL_PER_ROOT_MIB_MS = 6000
const BYTES_PER_MIB = 1024 * 1024

/** Keys, or keys and values, of one request: a batch ends with the entry that reaches this. */
export const COMMIT_BATCH_BYTES = 16 * 1024

/**
 * How long the locks of a commit live when its client dies, milliseconds from the start timestamp: more for larger
 * transactions, and the transaction's age on top. Equivalent in client-go: `txnLockTTL`.
 */
export function lockTtlMs(transactionBytes: number, elapsedMs: number): number {
  if (transactionBytes < COMMIT_BATCH_BYTES) return DEFAULT_LOCK_TTL_MS + elapsedMs
  const bySize = Math.floor(TTL_PER_ROOT_MIB_MS * Math.sqrt(transactionBytes / BYTES_PER_MIB))
  return Math.min(Math.max(bySize, DEFAULT_LOCK_TTL_MS), MANAGED_LOCK_TTL_MS) + elapsedMs
}
