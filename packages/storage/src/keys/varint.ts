/** Integers in seven-bit groups, least significant first, as Go's `encoding/binary`. They do not sort. */
import { OrbitError } from '@orbit-ts/base'
import type { ByteReader } from './byte-reader.js'
import type { ByteWriter } from './byte-writer.js'

const SIZE_MAX = 10

/** Unsigned, up to 64 bits. */
export function writeUnsignedVarint(writer: ByteWriter, value: number | bigint): void {
  let rest = BigInt(value)
  if (BigInt.asUintN(64, rest) !== rest) {
    throw new OrbitError(
      'INVALID_ARGUMENT',
      `integer is ${String(value)}; it must be within 64 bits, unsigned`,
    )
  }
  while (rest > 0x7fn) {
    writer.byte(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  writer.byte(Number(rest))
}

/** Signed, 64 bits: zigzag, so that small negative numbers are short too. */
export function writeVarint(writer: ByteWriter, value: number | bigint): void {
  const whole = BigInt(value)
  if (BigInt.asIntN(64, whole) !== whole) {
    throw new OrbitError('INVALID_ARGUMENT', `integer is ${String(value)}; it must be within 64 bits, signed`)
  }
  writeUnsignedVarint(writer, whole >= 0n ? whole << 1n : (-whole << 1n) - 1n)
}

/** A `number` when it is a safe integer, otherwise a `bigint`. */
export function readUnsignedVarint(reader: ByteReader): number | bigint {
  return narrow(readGroups(reader))
}

/** A `number` when it is a safe integer, otherwise a `bigint`. */
export function readVarint(reader: ByteReader): number | bigint {
  const zigzag = readGroups(reader)
  return narrow((zigzag & 1n) === 0n ? zigzag >> 1n : -((zigzag + 1n) >> 1n))
}

function readGroups(reader: ByteReader): bigint {
  let value = 0n
  for (let i = 0; i < SIZE_MAX; i++) {
    const byte = reader.byte()
    value |= BigInt(byte & 0x7f) << BigInt(i * 7)
    if (byte < 0x80) {
      if (value > 0xffff_ffff_ffff_ffffn) break
      return value
    }
  }
  return reader.fail('a varint of more than 64 bits')
}

function narrow(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}
