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
 * have been cut in the middle of an encoding, or at a key that somebody forgot to encode.
 */
export function decodeBound(bound: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = []
  for (let at = 0; at < bound.length; at += GROUP + 1) {
    const group = bound.subarray(at, at + GROUP)
    const marker = bound[at + GROUP] ?? 0
    if (marker === MARKER_FULL) {
      parts.push(group)
      continue
    }
    // The last group: what is padding in it is no part of the key.
    const padding = Math.min(GROUP, MARKER_FULL - marker)
    const length = Math.max(GROUP - padding, withoutZeros(group))
    parts.push(group.subarray(0, length))
    const exact = length === GROUP - padding && MARKER_FULL - marker <= GROUP
    if (exact && bound.length > at + GROUP + 1) parts.push(new Uint8Array(1))
    break
  }
  return Uint8Array.from(Buffer.concat(parts))
}

function withoutZeros(group: Uint8Array): number {
  let length = group.length
  while (length > 0 && group[length - 1] === 0) length--
  return length
}

/** Whether `key` lies in the bounds; with `inclusive`, also at their end. */
export function contains(bounds: Bounds, key: Uint8Array, inclusive = false): boolean {
  if (compareBytes(key, bounds.start) < 0) return false
  if (bounds.end.length === 0) return true
  const order = compareBytes(key, bounds.end)
  return inclusive ? order <= 0 : order < 0
}
