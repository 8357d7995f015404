import { compareBytes, EMPTY_BYTES } from '@orbit-ts/base'
import type { Region } from '../gen/metapb.js'
import type { KeyRange } from '../key-range.js'
import { encodeMemcomparable, leastKeyFrom } from './memcomparable.js'

/** How the boundaries of regions are written in PD. An empty boundary is none and stays empty. */
export interface BoundaryCoding {
  encode(key: Uint8Array): Uint8Array
  decode(key: Uint8Array): Uint8Array
}

export const plainBoundaries: BoundaryCoding = { encode: (key) => key, decode: (key) => key }

export const memcomparableBoundaries: BoundaryCoding = {
  encode: (key) => (key.length === 0 ? EMPTY_BYTES : encodeMemcomparable(key)),
  decode: (key) => (key.length === 0 ? EMPTY_BYTES : leastKeyFrom(key)),
}

/** The keys of a region; undefined when it was cut so that it has none. */
export function keysOf(region: Region, coding: BoundaryCoding): KeyRange | undefined {
  const start = coding.decode(region.startKey)
  const end = coding.decode(region.endKey)
  const isEmpty = region.endKey.length > 0 && compareBytes(start, end) >= 0
  return isEmpty ? undefined : { start, end }
}

export function withBoundaries(region: Region, startKey: Uint8Array, endKey: Uint8Array): Region {
  return { ...region, startKey, endKey }
}
