import type { Error as RegionError } from '../gen/errorpb.js'
import type { KeyRange } from '../key-range.js'
import type { Backoffer } from '../retry/backoffer.js'
import type { RegionVersion } from './region-request.js'

/** Keys, as indexes into the caller's array, that lie in one region. */
export interface RegionKeys {
  readonly region: RegionVersion
  readonly keys: readonly Uint8Array[]
  readonly indexes: readonly number[]
}

export interface RegionPart {
  readonly region: RegionVersion
  /** The part of the asked range inside the region. */
  readonly range: KeyRange
}

/** Where keys live: the region cache as the other modules use it. All keys are user keys. */
export interface RegionLocator {
  /** The cached region without a promise, when it is there and valid. */
  cached(key: Uint8Array): RegionVersion | undefined
  /** How many regions of the range are cached; asks nobody. */
  countCached(range: KeyRange): number
  locate(backoffer: Backoffer, key: Uint8Array): Promise<RegionVersion>
  /** The region that holds the keys just before `key`; an empty key is the end of everything. For reverse scans. */
  locateEnd(backoffer: Backoffer, key: Uint8Array): Promise<RegionVersion>
  locateById(backoffer: Backoffer, id: bigint): Promise<RegionVersion>
  /** Groups in the order of the first key of each region; keys need not be sorted. */
  groupKeys(backoffer: Backoffer, keys: readonly Uint8Array[]): Promise<readonly RegionKeys[]>
  /** The parts of the range, in key order. `limit` regions at most. */
  splitRange(backoffer: Backoffer, range: KeyRange, limit?: number): Promise<readonly RegionPart[]>
  splitRanges(
    backoffer: Backoffer,
    ranges: readonly KeyRange[],
  ): Promise<readonly { readonly region: RegionVersion; readonly ranges: readonly KeyRange[] }[]>
  /** Waits as the error asks before its caller locates again: not at all when the cache already knows better. */
  backoffForRegionError(backoffer: Backoffer, error: RegionError): Promise<void>
  invalidate(region: RegionVersion, reason: string): void
  stores(): Promise<readonly { readonly id: bigint; readonly address: string; readonly isTiFlash: boolean }[]>
}
