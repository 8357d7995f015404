import type { MvccData } from './mvcc-data.js'
import type { Bounds } from './mvcc-state.js'
import type { Lock } from './records.js'

/**
 * The locks within `bounds` that the filter lets through, by key.
 * @param limit 0: all.
 */
export function locksIn(
  data: MvccData,
  bounds: Bounds,
  filter: (lock: Lock) => boolean,
  limit: number,
): (readonly [Uint8Array, Lock])[] {
  const found: (readonly [Uint8Array, Lock])[] = []
  const end = bounds.end.length === 0 ? undefined : bounds.end
  for (const entry of data.locks(bounds.start, end)) {
    if (!filter(entry[1])) continue
    found.push(entry)
    if (found.length === limit) break
  }
  return found
}
