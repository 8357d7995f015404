import { compareBytes, EMPTY_BYTES } from '@orbit-ts/base'
import { encodeMemcomparable } from '../codec/memcomparable.js'
import type { Bounds } from './mvcc/mvcc-state.js'

const GROUP = 8
const MARKER_FULL = 0xff

/** A bound of a region, as PD has it: empty stays empty. */
export function encodeBound(key: Uint8Array): Uint8Array {
  return key.length === 0 ? EMPTY_BYTES : encodeMemcomparable(key)
}

/**
 * The smallest key whose encoding is at or above `bound`. For an encoded key that is the key itself; a region may also
 * have been cut in the middle of an encoding.
 */
export function decodeBound(bound: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = []
  for (let at = 0; at < bound.length; at += GROUP + 1) {
    const group = bound.subarray(at, at + GROUP)
    const marker = bound[at + GROUP]
    const padding = marker === undefined ? 0 : MARKER_FULL - marker
    if (padding > 0) {
      parts.push(group.subarray(0, Math.max(0, GROUP - padding)))
      break
    }
    parts.push(group)
  }
  return Uint8Array.from(Buffer.concat(parts))
}

/** Whether `key` lies in the bounds; with `inclusive`, also at their end. */
export function contains(bounds: Bounds, key: Uint8Array, inclusive = false): boolean {
  if (compareBytes(key, bounds.start) < 0) return false
  if (bounds.end.length === 0) return true
  const order = compareBytes(key, bounds.end)
  return inclusive ? order <= 0 : order < 0
}
