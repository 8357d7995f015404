import type { CachedRegion } from './cached-region.js'
import { compareKeys } from './compare-keys.js'
import { SortedRegions } from './sorted-regions.js'

export interface InsertOptions {
  /**
   * Whether requests under way stop using the regions replaced. Default true; false for regions loaded ahead of need,
   * which must not disturb anyone.
   */
  readonly invalidateReplaced?: boolean
}

const CANDIDATES_FOR_EVICTION = 16

/**
 * The regions that are cached, by key and by id.
 *
 * Invariants:
 * 1. No two regions overlap, and there is one version of each id.
 * 2. A region never gives way to one that is older by its epoch.
 * 3. There are at most `regionsMax` regions; of a few next in line the one unused for longest makes room.
 */
export class RegionIndex {
  readonly #sorted = new SortedRegions()
  readonly #byId = new Map<bigint, CachedRegion>()
  readonly #regionsMax: number
  #cursor: Uint8Array = new Uint8Array(0)
  #evictions = 0

  constructor(regionsMax: number) {
    this.#regionsMax = regionsMax
  }

  get size(): number {
    return this.#sorted.size
  }

  get evictions(): number {
    return this.#evictions
  }

  /** The region that holds the key, valid or not. */
  find(key: Uint8Array): CachedRegion | undefined {
    const region = this.#sorted.floor(key)
    if (region === undefined) return undefined
    return region.endKey.byteLength === 0 || compareKeys(key, region.endKey) < 0 ? region : undefined
  }

  /** The region that holds the keys just before `key`, valid or not; an empty key is the end of everything. */
  findBefore(key: Uint8Array): CachedRegion | undefined {
    const region = key.byteLength === 0 ? this.#sorted.last() : this.#sorted.below(key)
    return region?.containsBefore(key) === true ? region : undefined
  }

  /** How many regions hold keys from `start` up to `end`, which is the end of everything when it is empty. */
  countIn(start: Uint8Array, end: Uint8Array): number {
    const first = this.find(start)
    let count = first !== undefined && compareKeys(first.startKey, start) < 0 ? 1 : 0
    for (const region of this.#sorted.from(start)) {
      if (end.byteLength > 0 && compareKeys(region.startKey, end) >= 0) break
      count += 1
    }
    return count
  }

  byId(id: bigint): CachedRegion | undefined {
    return this.#byId.get(id)
  }

  all(): IterableIterator<CachedRegion> {
    return this.#byId.values()
  }

  /** False when a cached region is newer: then nothing changes. */
  insert(region: CachedRegion, { invalidateReplaced = true }: InsertOptions = {}): boolean {
    const sameId = this.#byId.get(region.id)
    if (sameId !== undefined && isOlder(region, sameId)) return false
    const replaced = this.#overlapping(region)
    if (replaced.some((other) => other.epoch.version > region.epoch.version)) return false
    inheritLeader(region, replaced[0])
    if (sameId !== undefined && !replaced.includes(sameId)) replaced.push(sameId)
    for (const other of replaced) {
      this.remove(other)
      if (invalidateReplaced) other.invalidate('replaced')
    }
    if (this.size >= this.#regionsMax) this.#evict()
    this.#sorted.insert(region)
    this.#byId.set(region.id, region)
    return true
  }

  remove(region: CachedRegion): void {
    if (this.#byId.get(region.id) === region) this.#byId.delete(region.id)
    this.#sorted.delete(region)
  }

  /** The next regions in key order, beginning where the last call ended; after the last one it begins anew. */
  nextRound(count: number): readonly CachedRegion[] {
    const round: CachedRegion[] = []
    for (const region of this.#sorted.from(this.#cursor)) {
      if (round.length === count) {
        this.#cursor = region.startKey
        return round
      }
      round.push(region)
    }
    this.#cursor = new Uint8Array(0)
    return round
  }

  clear(): void {
    this.#sorted.clear()
    this.#byId.clear()
  }

  #overlapping(region: CachedRegion): CachedRegion[] {
    const found: CachedRegion[] = []
    const left = this.#sorted.below(region.startKey)
    if (left !== undefined && left.contains(region.startKey)) found.push(left)
    for (const other of this.#sorted.from(region.startKey)) {
      if (region.endKey.byteLength > 0 && compareKeys(other.startKey, region.endKey) >= 0) break
      found.push(other)
    }
    return found
  }

  #evict(): void {
    let oldest: CachedRegion | undefined
    for (const region of this.nextRound(CANDIDATES_FOR_EVICTION))
      if (oldest === undefined || region.expiresAtMs < oldest.expiresAtMs) oldest = region
    oldest ??= this.#sorted.last()
    if (oldest === undefined) return
    this.remove(oldest)
    this.#evictions += 1
  }
}

function isOlder(region: CachedRegion, than: CachedRegion): boolean {
  return region.epoch.version < than.epoch.version || region.epoch.confVer < than.epoch.confVer
}

/**
 * A peer that had no leader to name is not asked first again, even when PD still names it: after a change of peers under
 * hibernation PD may not know better until another peer has been asked.
 */
function inheritLeader(region: CachedRegion, old: CachedRegion | undefined): void {
  if (old?.invalidReason !== 'no-leader' || old.leader.peer.id !== region.leader.peer.id) return
  region.leaderIndex = (region.leaderIndex + 1) % region.replicas.length
}
