import type { CachedRegion } from './cached-region.js'
import { compareKeys } from './compare-keys.js'

const LEAF_SIZE_MAX = 256

/**
 * Regions ordered by start key, in leaves of up to {@link LEAF_SIZE_MAX} under one ordered list of leaves: two binary
 * searches find a key, an insertion moves at most one leaf.
 *
 * Invariants:
 * 1. No leaf is empty, except that an empty index has one empty leaf.
 * 2. Start keys are unique and ascend within a leaf and from leaf to leaf.
 */
export class SortedRegions {
  #leaves: CachedRegion[][] = [[]]
  #size = 0

  get size(): number {
    return this.#size
  }

  /** The region with the greatest start key that is not above `key`. */
  floor(key: Uint8Array): CachedRegion | undefined {
    const leaf = this.#leafOf(key)
    return leaf[lastNotAbove(leaf, key)]
  }

  /** The region with the greatest start key below `key`. */
  below(key: Uint8Array): CachedRegion | undefined {
    const leafIndex = lastLeafNotAbove(this.#leaves, key)
    const leaf = this.#leaf(leafIndex)
    let index = lastNotAbove(leaf, key)
    const found = leaf[index]
    if (found !== undefined && compareKeys(found.startKey, key) === 0) index -= 1
    return index >= 0 ? leaf[index] : this.#leaves[leafIndex - 1]?.at(-1)
  }

  last(): CachedRegion | undefined {
    return this.#leaves.at(-1)?.at(-1)
  }

  /** Ascending, from the first region whose start key is not below `key`. Not to be changed meanwhile. */
  *from(key: Uint8Array): Generator<CachedRegion, void, void> {
    let leafIndex = lastLeafNotAbove(this.#leaves, key)
    let index = lastNotAbove(this.#leaf(leafIndex), key)
    const found = this.#leaf(leafIndex)[index]
    if (found === undefined || compareKeys(found.startKey, key) < 0) index += 1
    for (; leafIndex < this.#leaves.length; leafIndex++, index = 0) {
      const leaf = this.#leaf(leafIndex)
      for (; index < leaf.length; index++) yield leaf[index] as CachedRegion
    }
  }

  /** Replaces a region with the same start key. */
  insert(region: CachedRegion): void {
    const leafIndex = lastLeafNotAbove(this.#leaves, region.startKey)
    const leaf = this.#leaf(leafIndex)
    const index = lastNotAbove(leaf, region.startKey)
    const found = leaf[index]
    if (found !== undefined && compareKeys(found.startKey, region.startKey) === 0) {
      leaf[index] = region
      return
    }
    leaf.splice(index + 1, 0, region)
    this.#size += 1
    if (leaf.length > LEAF_SIZE_MAX) this.#leaves.splice(leafIndex + 1, 0, leaf.splice(LEAF_SIZE_MAX / 2))
  }

  /** False when this very region is not in the index. */
  delete(region: CachedRegion): boolean {
    const leafIndex = lastLeafNotAbove(this.#leaves, region.startKey)
    const leaf = this.#leaf(leafIndex)
    const index = lastNotAbove(leaf, region.startKey)
    if (leaf[index] !== region) return false
    leaf.splice(index, 1)
    this.#size -= 1
    if (leaf.length === 0 && this.#leaves.length > 1) this.#leaves.splice(leafIndex, 1)
    return true
  }

  clear(): void {
    this.#leaves = [[]]
    this.#size = 0
  }

  #leafOf(key: Uint8Array): readonly CachedRegion[] {
    return this.#leaf(lastLeafNotAbove(this.#leaves, key))
  }

  #leaf(index: number): CachedRegion[] {
    // Invariant 1: there always is a leaf, and indexes come from the searches below.
    return this.#leaves[index] as CachedRegion[]
  }
}

/** The last leaf that begins at or below `key`, or the first leaf. */
function lastLeafNotAbove(leaves: readonly (readonly CachedRegion[])[], key: Uint8Array): number {
  let low = 0
  let high = leaves.length - 1
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    const first = leaves[middle]?.[0]
    if (first !== undefined && compareKeys(first.startKey, key) <= 0) low = middle
    else high = middle - 1
  }
  return low
}

/** Index of the last region that starts at or below `key`, or -1. */
function lastNotAbove(leaf: readonly CachedRegion[], key: Uint8Array): number {
  let low = -1
  let high = leaf.length - 1
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if (compareKeys((leaf[middle] as CachedRegion).startKey, key) <= 0) low = middle
    else high = middle - 1
  }
  return low
}
