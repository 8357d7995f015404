import type { Timestamp } from '../../timestamp.js'
import type { Bounds } from '../mvcc/mvcc-state.js'
import type { StoreScope } from './store-scope.js'
import type { StoreSettings } from './store-settings.js'

/**
 * The timestamp up to which nothing can be committed any longer within `bounds`: below every lock that will leave a
 * version, and below every commit timestamp that could be calculated from now on.
 */
export function safeTsOf(scope: StoreScope, settings: StoreSettings, bounds: Bounds): Timestamp {
  const behind = scope.now() - (BigInt(settings.safeTsLagMs) << 18n)
  let safeTs = behind > 0n ? behind : 0n
  const { data, concurrency } = scope.mvcc.state
  concurrency.updateMaxTs(safeTs)
  const end = bounds.end.length === 0 ? undefined : bounds.end
  for (const [, lock] of data.locks(bounds.start, end)) {
    const pending = lock.type === 'put' || lock.type === 'delete'
    if (pending && lock.startTs <= safeTs) safeTs = lock.startTs - 1n
  }
  for (const [, lock] of concurrency.memoryLocks(bounds.start, bounds.end)) {
    if (lock.startTs <= safeTs) safeTs = lock.startTs - 1n
  }
  return safeTs
}
