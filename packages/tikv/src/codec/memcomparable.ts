import { OrbitError } from '@orbit-ts/base'

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

/** @throws `PROTOCOL_VIOLATION` for bytes that {@link encodeMemcomparable} does not give. */
export function decodeMemcomparable(encoded: Uint8Array): Uint8Array {
  const groups = encoded.length / (GROUP + 1)
  if (!Number.isInteger(groups) || groups === 0) throw malformed('its length is no multiple of 9')
  const padding = MARKER_FULL - (encoded[encoded.length - 1] ?? 0)
  if (padding === 0 || padding > GROUP) throw malformed('its last marker is wrong')
  const key = new Uint8Array(groups * GROUP - padding)
  for (let group = 0; group < groups; group++) {
    const from = group * (GROUP + 1)
    const last = group === groups - 1
    if (!last && encoded[from + GROUP] !== MARKER_FULL) throw malformed('a marker is wrong')
    const length = last ? GROUP - padding : GROUP
    key.set(encoded.subarray(from, from + length), group * GROUP)
    for (let i = length; i < GROUP; i++)
      if (encoded[from + i] !== 0) throw malformed('its padding is not zero')
  }
  return key
}

const malformed = (why: string): OrbitError =>
  new OrbitError('PROTOCOL_VIOLATION', `a region boundary is not a memcomparable key: ${why}`)
