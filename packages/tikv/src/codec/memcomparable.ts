import { concatBytes } from '@orbit-ts/base'

const GROUP = 8
const MARKER_FULL = 0xff

/**
 * Bytes whose order survives being followed by other bytes: groups of eight, the last one padded with zeros, each with
 * a marker `0xff − padding` behind it. TiKV has transactional keys and the keys of API V2 in this form.
 * Equivalent in client-go: `util/codec.EncodeBytes`.
 */
export function encodeMemcomparable(key: Uint8Array): Uint8Array {
  const groups = Math.floor(key.length / GROUP) + 1
  const encoded = new Uint8Array(groups * (GROUP + 1))
  for (let group = 0; group < groups; group++) {
    const from = group * GROUP
    const to = group * (GROUP + 1)
    const length = Math.min(GROUP, key.length - from)
    for (let i = 0; i < length; i++) encoded[to + i] = key[from + i] ?? 0
    encoded[to + GROUP] = MARKER_FULL - (GROUP - length)
  }
  return encoded
}

/**
 * The least key whose encoding is at or above `bound`: of an encoded key that key, and of any other bytes the one that
 * splits the keys where the bytes split their encodings. Regions may have been cut at bytes that encode nothing, by raw
 * keys or by hand.
 */
export function leastKeyFrom(bound: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = []
  for (let at = 0; at < bound.length; at += GROUP + 1) {
    const group = bound.subarray(at, at + GROUP)
    const marker = bound[at + GROUP]
    if (marker !== MARKER_FULL) {
      parts.push(group.subarray(0, leastLength(group, marker, at + GROUP + 1 < bound.length)))
      break
    }
    parts.push(group)
  }
  return Uint8Array.from(concatBytes(...parts))
}

/** How many bytes of the last group belong to the least key, which may also end in zeros that the group does not have. */
function leastLength(group: Uint8Array, marker: number | undefined, isFollowed: boolean): number {
  let length = group.length
  while (length > 0 && group[length - 1] === 0) length -= 1
  if (marker === undefined) return length
  const marked = marker - (MARKER_FULL - GROUP)
  if (marked < length) return length
  // A key of exactly this marker is below the bound when more bytes follow.
  return isFollowed ? marked + 1 : marked
}
