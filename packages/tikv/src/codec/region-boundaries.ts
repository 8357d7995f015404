import { EMPTY_BYTES } from '@orbit-ts/base'
import type { Region } from '../gen/metapb.js'
import { decodeMemcomparable, encodeMemcomparable } from './memcomparable.js'

/** How the boundaries of regions are written in PD. An empty boundary is none and stays empty. */
export interface BoundaryCoding {
  encode(key: Uint8Array): Uint8Array
  decode(key: Uint8Array): Uint8Array
}

export const plainBoundaries: BoundaryCoding = { encode: (key) => key, decode: (key) => key }

export const memcomparableBoundaries: BoundaryCoding = {
  encode: (key) => (key.length === 0 ? EMPTY_BYTES : encodeMemcomparable(key)),
  decode: (key) => (key.length === 0 ? EMPTY_BYTES : decodeMemcomparable(key)),
}

export function withBoundaries(region: Region, startKey: Uint8Array, endKey: Uint8Array): Region {
  return { ...region, startKey, endKey }
}
