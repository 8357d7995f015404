import type { OrbitError } from '@orbit-ts/base'
import { queryError } from '../../condition.js'
import { int64, type Int64 } from '../../value.js'
import { scalar } from '../define/scalar-function.js'
import type { ScalarFunction } from '../function.js'

const REST = Number.MAX_SAFE_INTEGER

function slice(bytes: Uint8Array, start: number, count: number): Uint8Array {
  if (count < 0) throw queryError('substring_error', 'negative substring length not allowed')
  return bytes.slice(Math.max(start - 1, 0), Math.max(start - 1 + count, 0))
}

function overlay(bytes: Uint8Array, by: Uint8Array, start: number, count: number): Uint8Array {
  if (start <= 0) throw queryError('substring_error', 'negative substring length not allowed')
  return Buffer.concat([bytes.subarray(0, start - 1), by, bytes.subarray(Math.max(start - 1 + count, 0))])
}

function trim(bytes: Uint8Array, set: Uint8Array, atStart: boolean, atEnd: boolean): Uint8Array {
  let start = 0
  let end = bytes.length
  if (atStart) while (start < end && set.includes(bytes[start] ?? 0)) start++
  if (atEnd) while (start < end && set.includes(bytes[end - 1] ?? 0)) end--
  return bytes.slice(start, end)
}

function outOfRange(index: Int64, last: number): OrbitError {
  return queryError('array_subscript_error', `index ${index} out of valid range, 0..${last}`)
}

function byteAt(bytes: Uint8Array, index: number): number {
  const byte = bytes[index]
  if (byte === undefined) throw outOfRange(index, bytes.length - 1)
  return byte
}

/** Bits are counted from the least significant one of the first byte. */
function bitAt(bytes: Uint8Array, index: Int64): { byte: number; bit: number } {
  if (index < 0 || index >= bytes.length * 8) throw outOfRange(index, bytes.length * 8 - 1)
  return { byte: Math.floor(Number(index) / 8), bit: Number(index) % 8 }
}

function setBit(bytes: Uint8Array, index: Int64, value: number): Uint8Array {
  const { byte, bit } = bitAt(bytes, index)
  if (value !== 0 && value !== 1) throw queryError('invalid_parameter_value', 'new bit must be 0 or 1')
  const result = bytes.slice()
  result[byte] = value === 1 ? (bytes[byte] ?? 0) | (1 << bit) : (bytes[byte] ?? 0) & ~(1 << bit)
  return result
}

function setByte(bytes: Uint8Array, index: number, value: number): Uint8Array {
  byteAt(bytes, index)
  const result = bytes.slice()
  result[index] = value
  return result
}

function bitCount(bytes: Uint8Array): Int64 {
  let count = 0
  for (let byte of bytes) for (; byte !== 0; byte &= byte - 1) count++
  return int64(BigInt(count))
}

const substring = (_: unknown, bytes: Uint8Array, start: number, count: number): Uint8Array =>
  slice(bytes, start, count)
const substringFrom = (_: unknown, bytes: Uint8Array, start: number): Uint8Array => slice(bytes, start, REST)
const length = (_: unknown, bytes: Uint8Array): number => bytes.length

export const byteaFunctions: readonly ScalarFunction[] = [
  scalar('2011 byteacat(bytea,bytea) bytea', (_, a: Uint8Array, b: Uint8Array) => Buffer.concat([a, b])),
  scalar('2010 length(bytea) int4', length),
  scalar('720 octet_length(bytea) int4', length),
  scalar('1810 bit_length(bytea) int4', (_, bytes: Uint8Array) => bytes.length * 8),
  scalar('6163 bit_count(bytea) int8', (_, bytes: Uint8Array) => bitCount(bytes)),
  scalar('2012 substring(bytea,int4,int4) bytea', substring),
  scalar('2085 substr(bytea,int4,int4) bytea', substring),
  scalar('2013 substring(bytea,int4) bytea', substringFrom),
  scalar('2086 substr(bytea,int4) bytea', substringFrom),
  scalar(
    '749 overlay(bytea,bytea,int4,int4) bytea',
    (_, a: Uint8Array, b: Uint8Array, at: number, count: number) => overlay(a, b, at, count),
  ),
  scalar('752 overlay(bytea,bytea,int4) bytea', (_, a: Uint8Array, b: Uint8Array, at: number) =>
    overlay(a, b, at, b.length),
  ),
  scalar(
    '2014 position(bytea,bytea) int4',
    (_, bytes: Uint8Array, part: Uint8Array) => Buffer.from(bytes).indexOf(part) + 1,
  ),
  scalar('2015 btrim(bytea,bytea) bytea', (_, bytes: Uint8Array, set: Uint8Array) =>
    trim(bytes, set, true, true),
  ),
  scalar('6195 ltrim(bytea,bytea) bytea', (_, bytes: Uint8Array, set: Uint8Array) =>
    trim(bytes, set, true, false),
  ),
  scalar('6196 rtrim(bytea,bytea) bytea', (_, bytes: Uint8Array, set: Uint8Array) =>
    trim(bytes, set, false, true),
  ),
  scalar('721 get_byte(bytea,int4) int4', (_, bytes: Uint8Array, index: number) => byteAt(bytes, index)),
  scalar('722 set_byte(bytea,int4,int4) bytea', (_, bytes: Uint8Array, index: number, value: number) =>
    setByte(bytes, index, value),
  ),
  scalar('723 get_bit(bytea,int8) int4', (_, bytes: Uint8Array, index: Int64) => {
    const { byte, bit } = bitAt(bytes, index)
    return ((bytes[byte] ?? 0) >> bit) & 1
  }),
  scalar('724 set_bit(bytea,int8,int4) bytea', (_, bytes: Uint8Array, index: Int64, value: number) =>
    setBit(bytes, index, value),
  ),
]
