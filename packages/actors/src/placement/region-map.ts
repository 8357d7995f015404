/**
 * The regions of the key space as far as they are known, in key order.
 *
 * Invariants:
 * 1. Regions do not overlap.
 * 2. A region never gives way to an older one: of two that overlap, the one with the higher version is newer; of two
 *    with one version and id, the one with the higher configuration version, then the later report.
 */
import { compareBytes } from '@orbit-ts/base'

/** A region of TiKV, as PD and the stores report it. */
export interface PlacedRegion {
  readonly id: number
  /** Grows with every split and merge. */
  readonly version: number
  /** Grows with every change of its peers. */
  readonly confVersion: number
  readonly startKey: Uint8Array
  /** Empty: to the end of the key space. */
  readonly endKey: Uint8Array
  /** The store of its leader. */
  readonly storeId: number
}

export type RegionChange = 'new' | 'split' | 'merge' | 'moved' | 'same' | 'stale'

export class RegionMap {
  #regions: PlacedRegion[] = []

  get regions(): readonly PlacedRegion[] {
    return this.#regions
  }

  /** The region of a key; undefined where none is known. */
  find(key: Uint8Array): PlacedRegion | undefined {
    const candidate = this.#regions[this.#countUpTo(key) - 1]
    return candidate !== undefined && endsAfter(candidate, key) ? candidate : undefined
  }

  /** Takes a report in, unless something newer is known, and says what it means. */
  apply(region: PlacedRegion): RegionChange {
    const overlapping = this.#regions.filter((known) => overlap(known, region))
    if (overlapping.some((known) => isNewer(known, region))) return 'stale'
    const same = overlapping.find(({ id }) => id === region.id)
    const kept = this.#regions.filter((known) => known.id !== region.id && !overlapping.includes(known))
    kept.push(region)
    this.#regions = kept.sort((a, b) => compareBytes(a.startKey, b.startKey))
    return changeOf(same, region, overlapping)
  }

  #countUpTo(key: Uint8Array): number {
    let [low, high] = [0, this.#regions.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      const region = this.#regions[middle]
      if (region !== undefined && compareBytes(region.startKey, key) <= 0) low = middle + 1
      else high = middle
    }
    return low
  }
}

function endsAfter({ endKey }: PlacedRegion, key: Uint8Array): boolean {
  return endKey.byteLength === 0 || compareBytes(key, endKey) < 0
}

function overlap(a: PlacedRegion, b: PlacedRegion): boolean {
  return endsAfter(a, b.startKey) && endsAfter(b, a.startKey)
}

function isNewer(known: PlacedRegion, report: PlacedRegion): boolean {
  if (known.version !== report.version) return known.version > report.version
  return known.id === report.id && known.confVersion > report.confVersion
}

function changeOf(
  before: PlacedRegion | undefined,
  region: PlacedRegion,
  overlapping: readonly PlacedRegion[],
): RegionChange {
  if (before === undefined) return overlapping.length === 0 ? 'new' : 'split'
  const grew =
    compareBytes(region.startKey, before.startKey) < 0 ||
    (before.endKey.byteLength > 0 && endsAfter(region, before.endKey))
  const shrank =
    compareBytes(region.startKey, before.startKey) > 0 ||
    (region.endKey.byteLength > 0 && endsAfter(before, region.endKey))
  if (grew) return 'merge'
  if (shrank) return 'split'
  return region.storeId === before.storeId ? 'same' : 'moved'
}
