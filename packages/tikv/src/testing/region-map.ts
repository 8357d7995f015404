import { compareBytes, defined } from '@orbit-ts/base'
import type { RegionState } from './cluster-types.js'

/**
 * The regions of a cluster in the order of their keys.
 *
 * Invariant: the regions cover every key, each key once.
 */
export class RegionMap {
  /** Ordered by start key. */
  #ordered: RegionState[] = []
  readonly #byId = new Map<bigint, RegionState>()

  all(): readonly RegionState[] {
    return this.#ordered
  }

  byId(id: bigint): RegionState | undefined {
    return this.#byId.get(id)
  }

  /** The region that holds `key`. */
  byKey(key: Uint8Array): RegionState {
    return defined(this.#ordered[this.#indexOf(key)], 'the region of a key')
  }

  /** The region that holds the keys just before `key`; an empty key means the end of all keys. */
  before(key: Uint8Array): RegionState | undefined {
    if (key.length === 0) return this.#ordered.at(-1)
    const index = this.#indexOf(key)
    const found = this.#ordered[index]
    if (found === undefined) return undefined
    return compareBytes(found.region.startKey, key) < 0 ? found : this.#ordered[index - 1]
  }

  /** Regions that share a key with `[start, end)`, an empty `end` being the end of all keys. */
  overlapping(start: Uint8Array, end: Uint8Array): RegionState[] {
    const found: RegionState[] = []
    for (let index = Math.max(0, this.#indexOf(start)); index < this.#ordered.length; index++) {
      const state = defined(this.#ordered[index], 'a region')
      if (end.length > 0 && compareBytes(state.region.startKey, end) >= 0) break
      found.push(state)
    }
    return found
  }

  /** Replaces a region that keeps its start key, or whose new range is free because `remove` was called before. */
  put(state: RegionState): void {
    this.remove(state.region.id)
    this.#byId.set(state.region.id, state)
    this.#ordered.splice(this.#indexOf(state.region.startKey) + 1, 0, state)
  }

  remove(id: bigint): void {
    if (!this.#byId.delete(id)) return
    this.#ordered = this.#ordered.filter((state) => state.region.id !== id)
  }

  /** Index of the last region that starts at or before `key`, -1 when there is none. */
  #indexOf(key: Uint8Array): number {
    let low = 0
    let high = this.#ordered.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const state = this.#ordered[middle]
      if (state !== undefined && compareBytes(state.region.startKey, key) <= 0) low = middle + 1
      else high = middle
    }
    return low - 1
  }
}
