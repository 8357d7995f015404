/**
 * Encodings whose bytes sort as the values do. The fixed-width numbers, the groups of eight and the comparable
 * varints are laid out as in TiDB (`pkg/util/codec`); the terminated text is Orbit's own, shorter than groups.
 *
 * Invariants:
 * 1. `a < b` exactly when the bytes of `a` sort before those of `b`.
 * 2. No encoding is a prefix of another of the same kind, so values can follow each other without separators.
 * 3. The descending form is the bitwise complement; readers take it as `mask` 0xff, the ascending one as 0.
 */
import { OrbitError } from '@orbit-ts/base'
import { ByteReader } from './byte-reader.js'
import { type ByteWriter, assertWellFormed } from './byte-writer.js'

export type Mask = 0 | 0xff

const TWO_32 = 0x1_0000_0000
const SIGN = 0x8000_0000
const GROUP_SIZE = 8
const GROUP_FULL = 0xff
/** Eight bytes through which 64-bit values pass; `DataView` is big-endian by default on every host. */
const SCRATCH = new DataView(new ArrayBuffer(8))

/** A signed 64-bit integer: big-endian with the sign bit flipped. */
export function writeInt64(writer: ByteWriter, value: number | bigint, field = 'integer'): void {
  const at = writer.reserve(8)
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value))
      throw notInteger(field, value, 'a safe integer; pass larger ones as bigint')
    writer.view.setUint32(at, Math.floor(value / TWO_32) ^ SIGN)
    writer.view.setUint32(at + 4, value >>> 0)
    return
  }
  if (BigInt.asIntN(64, value) !== value) throw notInteger(field, value, 'within 64 bits, signed')
  writer.view.setBigInt64(at, value)
  writer.buffer[at] = (writer.buffer[at] as number) ^ 0x80
}

/** A `number` when it is a safe integer, otherwise a `bigint`. */
export function readInt64(reader: ByteReader, mask: Mask = 0): number | bigint {
  const at = reader.take(8)
  const high = reader.buffer.readInt32BE(at) ^ SIGN ^ -(mask & 1)
  const low = (reader.buffer.readInt32BE(at + 4) ^ -(mask & 1)) >>> 0
  const value = high * TWO_32 + low
  if (Number.isSafeInteger(value)) return value
  SCRATCH.setInt32(0, high)
  SCRATCH.setUint32(4, low)
  return SCRATCH.getBigInt64(0)
}

/** An unsigned 64-bit integer: big-endian. */
export function writeUint64(writer: ByteWriter, value: number | bigint, field = 'integer'): void {
  const at = writer.reserve(8)
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value) || value < 0) throw notInteger(field, value, 'a safe integer from 0 on')
    writer.view.setUint32(at, Math.floor(value / TWO_32))
    writer.view.setUint32(at + 4, value >>> 0)
    return
  }
  if (BigInt.asUintN(64, value) !== value) throw notInteger(field, value, 'within 64 bits, unsigned')
  writer.view.setBigUint64(at, value)
}

/** A `number` when it is a safe integer, otherwise a `bigint`. */
export function readUint64(reader: ByteReader, mask: Mask = 0): number | bigint {
  const at = reader.take(8)
  const high = (reader.buffer.readInt32BE(at) ^ -(mask & 1)) >>> 0
  const low = (reader.buffer.readInt32BE(at + 4) ^ -(mask & 1)) >>> 0
  const value = high * TWO_32 + low
  if (Number.isSafeInteger(value)) return value
  SCRATCH.setUint32(0, high)
  SCRATCH.setUint32(4, low)
  return SCRATCH.getBigUint64(0)
}

/**
 * A double: sign bit flipped when positive, all bits when negative. NaN has one form and sorts after Infinity, as in
 * PostgreSQL. -0 keeps its sign and sorts just before 0; who needs them equal writes `value + 0`.
 */
export function writeFloat64(writer: ByteWriter, value: number): void {
  const at = writer.reserve(8)
  const view = writer.view
  if (value !== value) {
    view.setUint32(at, 0xfff8_0000)
    view.setUint32(at + 4, 0)
    return
  }
  view.setFloat64(at, value)
  const high = view.getInt32(at)
  if (high >= 0) view.setInt32(at, high | SIGN)
  else {
    view.setInt32(at, ~high)
    view.setInt32(at + 4, ~view.getInt32(at + 4))
  }
}

export function readFloat64(reader: ByteReader, mask: Mask = 0): number {
  const at = reader.take(8)
  return orderedFloat64(
    reader.buffer.readInt32BE(at) ^ -(mask & 1),
    reader.buffer.readInt32BE(at + 4) ^ -(mask & 1),
  )
}

/** The double whose ordered form is these two big-endian halves. */
function orderedFloat64(high: number, low: number): number {
  const positive = high < 0
  SCRATCH.setInt32(0, positive ? high ^ SIGN : ~high)
  SCRATCH.setInt32(4, positive ? low : ~low)
  return SCRATCH.getFloat64(0)
}

/**
 * Bytes in groups of eight, each padded with zeros and followed by `0xff - padding`. A full last group is followed by
 * an empty one, so that the end is always seen.
 */
export function writeGroups(writer: ByteWriter, value: Uint8Array): void {
  const size = value.length
  let at = writer.reserve((Math.floor(size / GROUP_SIZE) + 1) * (GROUP_SIZE + 1))
  const buffer = writer.buffer
  let index = 0
  for (let groupEnd = GROUP_SIZE; groupEnd <= size; groupEnd += GROUP_SIZE) {
    while (index < groupEnd) buffer[at++] = value[index++] as number
    buffer[at++] = GROUP_FULL
  }
  const padding = index + GROUP_SIZE - size
  while (index < size) buffer[at++] = value[index++] as number
  for (let i = 0; i < padding; i++) buffer[at++] = 0
  buffer[at] = GROUP_FULL - padding
}

export function writeTextGroups(writer: ByteWriter, value: string): void {
  if (value.length > 64 || !writeAsciiGroups(writer, value)) {
    assertWellFormed(value)
    writeGroups(writer, Buffer.from(value, 'utf8'))
  }
}

/** False, with nothing written, when the text is not all ASCII. */
function writeAsciiGroups(writer: ByteWriter, value: string): boolean {
  const size = value.length
  const start = writer.reserve((Math.floor(size / GROUP_SIZE) + 1) * (GROUP_SIZE + 1))
  const buffer = writer.buffer
  let at = start
  for (let i = 0; i < size; i++) {
    const code = value.charCodeAt(i)
    if (code > 0x7f) {
      writer.length = start
      return false
    }
    buffer[at++] = code
    if ((i & 7) === 7) buffer[at++] = GROUP_FULL
  }
  const padding = GROUP_SIZE - (size & 7)
  for (let i = 0; i < padding; i++) buffer[at++] = 0
  buffer[at] = GROUP_FULL - padding
  return true
}

/** A copy of the bytes that were written as groups. */
export function readGroups(reader: ByteReader, mask: Mask = 0): Buffer {
  const { buffer, end } = reader
  const start = reader.position
  let marker = start + GROUP_SIZE
  while (marker < end && ((buffer[marker] as number) ^ mask) === GROUP_FULL) marker += GROUP_SIZE + 1
  if (marker >= end) reader.fail('a group of bytes is cut short')
  const padding = GROUP_FULL - ((buffer[marker] as number) ^ mask)
  if (padding > GROUP_SIZE) reader.fail('a group of bytes ends in no valid mark')
  for (let i = marker - padding; i < marker; i++) {
    if (buffer[i] !== mask) reader.fail('a group of bytes is padded with something else than zeros')
  }
  const groups = (marker - start + 1) / (GROUP_SIZE + 1)
  const value = Buffer.allocUnsafe(groups * GROUP_SIZE - padding)
  let from = start
  for (let i = 0; i < value.length; i++) {
    if (i !== 0 && (i & 7) === 0) from++
    value[i] = (buffer[from++] as number) ^ mask
  }
  reader.position = marker + 1
  return value
}

/**
 * Text that something follows: UTF-8 with 00 written as 00 ff, ended by 00 01. Two bytes longer than the text, where
 * groups take one byte in eight and the padding.
 */
export function writeTerminatedText(writer: ByteWriter, value: string): void {
  const start = writer.length
  writer.text(value)
  if (value.includes('\0')) escapeZeros(writer, start)
  const at = writer.reserve(2)
  writer.buffer[at] = 0
  writer.buffer[at + 1] = 1
}

function escapeZeros(writer: ByteWriter, start: number): void {
  const plain = Buffer.from(writer.buffer.subarray(start, writer.length))
  writer.length = start
  for (const byte of plain) {
    writer.byte(byte)
    if (byte === 0) writer.byte(0xff)
  }
}

export function readTerminatedText(reader: ByteReader): string {
  const { buffer, end, position: start } = reader
  let at = buffer.indexOf(0, start)
  if (at < 0 || at + 1 >= end) reader.fail('a text has no end mark')
  if (buffer[at + 1] === 1) {
    reader.position = at + 2
    return reader.textAt(start, at)
  }
  const plain: number[] = []
  for (at = start; ; at++) {
    if (at + 1 >= end) reader.fail('a text has no end mark')
    const byte = buffer[at] as number
    if (byte === 0) {
      at++
      if (buffer[at] === 1) break
      if (buffer[at] !== 0xff) reader.fail('a text holds a zero that is not escaped')
    }
    plain.push(byte)
  }
  reader.position = at + 1
  return new ByteReader(Buffer.from(plain), 'text').restText()
}

const UVARINT_BASE = 8
const UVARINT_ONE_BYTE_MAX = 0xff - 8 - UVARINT_BASE

/** An integer from 0 to 2^53 - 1, shorter for small ones: one byte to 239, then a length byte and big-endian bytes. */
export function writeUvarint(writer: ByteWriter, value: number, field = 'id'): void {
  if (!Number.isSafeInteger(value) || value < 0) throw notInteger(field, value, 'a safe integer from 0 on')
  if (value <= UVARINT_ONE_BYTE_MAX) {
    writer.byte(value + UVARINT_BASE)
    return
  }
  let size = 1
  for (let limit = 0x100; value >= limit; limit *= 0x100) size++
  const at = writer.reserve(size + 1)
  writer.buffer[at] = 0xff - 8 + size
  let rest = value
  for (let i = size; i > 0; i--) {
    writer.buffer[at + i] = rest % 0x100
    rest = Math.floor(rest / 0x100)
  }
}

export function readUvarint(reader: ByteReader): number {
  const first = reader.byte()
  if (first < UVARINT_BASE) reader.fail('a negative number where an id belongs')
  if (first <= UVARINT_ONE_BYTE_MAX + UVARINT_BASE) return first - UVARINT_BASE
  const size = first - (0xff - 8)
  let value = 0
  for (let i = 0; i < size; i++) value = value * 0x100 + reader.byte()
  if (!Number.isSafeInteger(value)) reader.fail('an id larger than 2^53 - 1')
  if (value <= UVARINT_ONE_BYTE_MAX || value < 0x100 ** (size - 1))
    reader.fail('an id longer than it need be')
  return value
}

/** Turns everything from `start` on into its complement, which sorts the other way round. */
export function complement(writer: ByteWriter, start: number): void {
  const { buffer, length } = writer
  for (let i = start; i < length; i++) buffer[i] = ~(buffer[i] as number)
}

function notInteger(field: string, value: number | bigint, accepted: string): OrbitError {
  return new OrbitError('INVALID_ARGUMENT', `${field} is ${String(value)}; it must be ${accepted}`, { field })
}
