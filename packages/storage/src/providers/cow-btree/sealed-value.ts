/**
 * Values as they lie in the data file: the value, then the CRC32C of key and value, little-endian. LMDB has no checksums
 * of its own. The key is part of it, so that a value under a key that changed is found too.
 */
import { crc32c } from '@node-rs/crc32'
import { EMPTY_BYTES } from '@orbit-ts/base'

/** A value with what its checksum should be. */
export interface SealedValue {
  readonly value: Uint8Array
  readonly checksum: number
}

export const CHECKSUM_BYTES = 4

/** Below it a loop takes less time than the call of native code. */
const NATIVE_MIN_BYTES = 128

export function sealValue(key: Uint8Array, value: Uint8Array): SealedValue {
  return { value, checksum: checksum(key, value) }
}

/** False when key, value or checksum changed since the value was sealed. */
export function isIntact(key: Uint8Array, sealed: SealedValue): boolean {
  return checksum(key, sealed.value) === sealed.checksum
}

export function encodeSealed({ value, checksum }: SealedValue): Buffer {
  const bytes = Buffer.allocUnsafe(value.byteLength + CHECKSUM_BYTES)
  bytes.set(value)
  bytes.writeUInt32LE(checksum, value.byteLength)
  return bytes
}

/**
 * The value is a copy. What is too short gets a checksum that no value has.
 * @param bytes its `length` counts: LMDB passes a larger buffer in which it is set
 */
export function decodeSealed(bytes: Buffer): SealedValue {
  const size = bytes.length - CHECKSUM_BYTES
  if (size < 0) return { value: EMPTY_BYTES, checksum: -1 }
  const value = Buffer.allocUnsafe(size)
  bytes.copy(value, 0, 0, size)
  return { value, checksum: bytes.readUInt32LE(size) }
}

function checksum(key: Uint8Array, value: Uint8Array): number {
  return extend(extend(0, key), value)
}

function extend(sum: number, bytes: Uint8Array): number {
  const size = bytes.byteLength
  if (size >= NATIVE_MIN_BYTES) return crc32c(bytes, sum)
  let rest = ~sum
  let at = 0
  for (const end = size - 3; at < end; at += 4) {
    rest ^=
      byte(bytes, at) | (byte(bytes, at + 1) << 8) | (byte(bytes, at + 2) << 16) | (byte(bytes, at + 3) << 24)
    rest =
      entry(768 + (rest & 0xff)) ^
      entry(512 + ((rest >>> 8) & 0xff)) ^
      entry(256 + ((rest >>> 16) & 0xff)) ^
      entry(rest >>> 24)
  }
  for (; at < size; at++) rest = entry((rest ^ byte(bytes, at)) & 0xff) ^ (rest >>> 8)
  return ~rest >>> 0
}

const byte = (bytes: Uint8Array, at: number): number => bytes[at] ?? 0
const entry = (at: number): number => TABLES[at] ?? 0

/** Four tables of 256 entries: what a byte does to the sum, alone and with one to three bytes behind it. */
const TABLES = new Int32Array(4 * 256)
for (let at = 0; at < TABLES.length; at++) {
  let sum = at < 256 ? at : entry(at - 256)
  for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0x82f63b78 : 0)
  TABLES[at] = sum
}
