import type { LockOptions, Transaction } from '@orbit-ts/storage'

/**
 * Locks keys for what is about to be read of them: without a snapshot of the whole transaction, reads after it see what
 * the transactions that were waited for have committed.
 */
export async function lockAfresh(
  storage: Transaction,
  keys: readonly Uint8Array[],
  options?: LockOptions,
): Promise<void> {
  if (keys.length === 0) return
  await storage.lock(keys, options)
  await storage.refresh()
}
