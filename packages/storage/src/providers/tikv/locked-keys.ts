import { hasCode } from '@orbit-ts/base'
import { MAX_TIMESTAMP } from '@orbit-ts/tikv'
import type { TikvStore } from './tikv-store.js'

/** `Op.PessimisticLock` of kvrpcpb: a lock that somebody took before writing, not a commit under way. */
const PESSIMISTIC_LOCK = 5
/** Keys that are asked about at once. */
const KEYS_AT_ONCE = 16

/** Those of the keys that somebody holds locked. No lock is taken that others would meet. */
export async function lockedKeys(
  store: TikvStore,
  keys: readonly Uint8Array[],
  signal: AbortSignal,
): Promise<Uint8Array[]> {
  const locked: Uint8Array[] = []
  for (let at = 0; at < keys.length; at += KEYS_AT_ONCE) {
    const some = keys.slice(at, at + KEYS_AT_ONCE)
    const found = await Promise.all(some.map((key) => isLocked(store, key, signal)))
    locked.push(...some.filter((_, index) => found[index]))
  }
  return locked
}

async function isLocked(store: TikvStore, key: Uint8Array, signal: AbortSignal): Promise<boolean> {
  const start = store.keys.encode(key)
  const end = new Uint8Array(start.byteLength + 1)
  end.set(start)
  try {
    for await (const lock of store.client.admin.scanLocks(MAX_TIMESTAMP, { start, end }, 1, { signal })) {
      return lock.lockType === PESSIMISTIC_LOCK
    }
  } catch (error) {
    // A lock that is in memory only is one of a commit under way.
    if (!hasCode(error, 'LOCK_NOT_AVAILABLE')) throw error
  }
  return false
}
