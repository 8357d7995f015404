/**
 * Values inside rows, as TiDB lays them out in its row format v2: integers little-endian in the fewest of 1, 2, 4 or 8
 * bytes, text and bytes as they are, floats and decimals as in keys. They do not sort.
 */
import { OrbitError, asBuffer, unreachable } from '@orbit-ts/base'
import { ByteReader, readFixedDecimal, writeFixedDecimal, writeFloat64, readFloat64 } from '@orbit-ts/storage'
import type { ByteWriter, Datum } from '@orbit-ts/storage'

/** What a column's values are, when they are not null. */
export type StoredKind = 'int' | 'uint' | 'float' | 'text' | 'bytes' | 'decimal' | 'duration'

/** A value that is there and stored: neither null nor a bound. */
export type StoredDatum = Extract<Datum, { kind: StoredKind }>

const SCRATCH = new DataView(new ArrayBuffer(8))

export function writeRowValue(writer: ByteWriter, datum: StoredDatum): void {
  switch (datum.kind) {
    case 'int':
    case 'duration':
      writeInteger(writer, datum.value)
      break
    case 'uint':
      writeUnsigned(writer, datum.value)
      break
    case 'float':
      writeFloat64(writer, datum.value)
      break
    case 'text':
      writer.text(datum.value)
      break
    case 'bytes':
      writer.bytes(datum.value)
      break
    case 'decimal':
      writeFixedDecimal(writer, datum.value, datum.precision, datum.scale)
      break
    default:
      unreachable(datum, 'kind of stored value')
  }
}

/** The value between two positions; undefined when the bytes are none of this kind. */
export function readRowValue(
  buffer: Buffer,
  kind: StoredKind,
  start: number,
  end: number,
): StoredDatum | undefined {
  switch (kind) {
    case 'int':
    case 'duration': {
      const value = readInteger(buffer, start, end)
      return value === undefined ? undefined : { kind, value }
    }
    case 'uint': {
      const value = readUnsigned(buffer, start, end)
      return value === undefined ? undefined : { kind, value }
    }
    case 'float':
      if (end - start !== 8) return undefined
      return { kind, value: readFloat64(new ByteReader(buffer, 'row', start, end)) }
    case 'text':
      return { kind, value: buffer.toString('utf8', start, end) }
    case 'bytes':
      return { kind, value: copyOf(buffer, start, end) }
    case 'decimal':
      return readDecimal(buffer, start, end)
    default:
      return unreachable(kind, 'kind of stored value')
  }
}

function writeInteger(writer: ByteWriter, value: number | bigint): void {
  if (typeof value === 'bigint' && BigInt.asIntN(32, value) !== value) {
    writeInt64(writer, value)
    return
  }
  const number = Number(value)
  if (number >= -0x80 && number <= 0x7f) writer.byte(number & 0xff)
  else if (number >= -0x8000 && number <= 0x7fff) writer.uint16LE(number & 0xffff)
  else if (number >= -0x8000_0000 && number <= 0x7fff_ffff) writer.uint32LE(number)
  else writeSafe(writer, number)
}

function writeUnsigned(writer: ByteWriter, value: number | bigint): void {
  if (typeof value === 'bigint' && value > 0xffff_ffffn) {
    writeInt64(writer, value)
    return
  }
  const number = Number(value)
  if (number <= 0xff) writer.byte(number)
  else if (number <= 0xffff) writer.uint16LE(number)
  else if (number <= 0xffff_ffff) writer.uint32LE(number)
  else writeSafe(writer, number)
}

function writeInt64(writer: ByteWriter, value: bigint): void {
  const at = writer.reserve(8)
  writer.view.setBigInt64(at, value, true)
}

/** A safe integer in eight bytes; `setUint32` takes it modulo 2^32. */
function writeSafe(writer: ByteWriter, value: number): void {
  const at = writer.reserve(8)
  writer.view.setUint32(at, value >>> 0, true)
  writer.view.setUint32(at + 4, Math.floor(value / 0x1_0000_0000), true)
}

function readInteger(buffer: Buffer, start: number, end: number): number | bigint | undefined {
  switch (end - start) {
    case 1:
      return buffer.readInt8(start)
    case 2:
      return buffer.readInt16LE(start)
    case 4:
      return buffer.readInt32LE(start)
    case 8:
      return readWide(buffer, start, true)
    default:
      return undefined
  }
}

function readUnsigned(buffer: Buffer, start: number, end: number): number | bigint | undefined {
  switch (end - start) {
    case 1:
      return buffer[start]
    case 2:
      return buffer.readUInt16LE(start)
    case 4:
      return buffer.readUInt32LE(start)
    case 8:
      return readWide(buffer, start, false)
    default:
      return undefined
  }
}

function readWide(buffer: Buffer, start: number, signed: boolean): number | bigint {
  const low = buffer.readUInt32LE(start)
  const high = signed ? buffer.readInt32LE(start + 4) : buffer.readUInt32LE(start + 4)
  const value = high * 0x1_0000_0000 + low
  if (Number.isSafeInteger(value)) return value
  SCRATCH.setUint32(0, high >>> 0)
  SCRATCH.setUint32(4, low)
  return signed ? SCRATCH.getBigInt64(0) : SCRATCH.getBigUint64(0)
}

/** A copy: the user may change what it gets, the store's memory must stay as it is. */
function copyOf(buffer: Buffer, start: number, end: number): Uint8Array {
  return new Uint8Array(buffer.subarray(start, end))
}

function readDecimal(buffer: Buffer, start: number, end: number): StoredDatum | undefined {
  const reader = new ByteReader(asBuffer(buffer), 'row', start, end)
  try {
    const decimal = readFixedDecimal(reader)
    reader.finish()
    return decimal
  } catch (error) {
    // The caller knows which column of which row it is and says so.
    if (error instanceof OrbitError) return undefined
    throw error
  }
}
