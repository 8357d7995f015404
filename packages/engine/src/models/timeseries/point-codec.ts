/**
 * The value of a point: a version byte, then for each field that has a value its id, a type byte and the value.
 * Numbers are little-endian; ids and lengths are unsigned LEB128.
 */
import { OrbitError } from '@orbit-ts/base'
import type { FieldDefinition, FieldType } from './series-input.js'

const VERSION = 1

const TYPE_CODES = { float: 1, int: 2, int64: 3, text: 4, bool: 5, json: 6 } as const satisfies Record<
  FieldType,
  number
>

export type FieldValues = Readonly<Record<string, unknown>>

/** Values are of their fields' types already, and null ones left out. */
export function encodePoint(fields: readonly FieldDefinition[], values: FieldValues): Uint8Array {
  const parts: Uint8Array[] = [Buffer.of(VERSION)]
  for (const { id, name, type } of fields) {
    const value = values[name]
    if (value === undefined || value === null) continue
    const head = Buffer.allocUnsafe(6)
    const length = writeVarint(head, 0, id)
    head[length] = TYPE_CODES[type]
    parts.push(head.subarray(0, length + 1), encodeValue(type, value))
  }
  return Buffer.concat(parts)
}

/** @throws RECORD_VERSION_UNSUPPORTED, STORAGE_CORRUPT */
export function decodePoint(
  fields: ReadonlyMap<number, FieldDefinition>,
  bytes: Uint8Array,
): Record<string, unknown> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (buffer[0] !== VERSION) {
    throw new OrbitError(
      'RECORD_VERSION_UNSUPPORTED',
      `a point has format version ${buffer[0] ?? 'none'}; this release knows ${VERSION}`,
    )
  }
  const values: Record<string, unknown> = {}
  const cursor = { at: 1 }
  try {
    while (cursor.at < buffer.length) {
      const field = fields.get(readVarint(buffer, cursor))
      const code = buffer.readUInt8(cursor.at++)
      const value = decodeValue(code, buffer, cursor)
      // A field that was dropped from the definition keeps its values in old points; they are not shown.
      if (field !== undefined) values[field.name] = value
    }
  } catch (cause) {
    throw cause instanceof OrbitError
      ? cause
      : new OrbitError('STORAGE_CORRUPT', 'a point is cut off or damaged', {}, { cause })
  }
  return values
}

function encodeValue(type: FieldType, value: unknown): Uint8Array {
  switch (type) {
    case 'float': {
      const bytes = Buffer.allocUnsafe(8)
      bytes.writeDoubleLE(value as number)
      return bytes
    }
    case 'int':
    case 'int64': {
      const bytes = Buffer.allocUnsafe(8)
      bytes.writeBigInt64LE(BigInt(value as number | bigint))
      return bytes
    }
    case 'bool':
      return Buffer.of(value === true ? 1 : 0)
    case 'text':
      return withLength(Buffer.from(value as string, 'utf8'))
    case 'json':
      return withLength(Buffer.from(JSON.stringify(value), 'utf8'))
  }
}

function decodeValue(code: number, buffer: Buffer, cursor: { at: number }): unknown {
  switch (code) {
    case TYPE_CODES.float:
      return buffer.readDoubleLE(advance(cursor, 8))
    case TYPE_CODES.int:
      return Number(buffer.readBigInt64LE(advance(cursor, 8)))
    case TYPE_CODES.int64:
      return buffer.readBigInt64LE(advance(cursor, 8))
    case TYPE_CODES.bool:
      return buffer.readUInt8(advance(cursor, 1)) === 1
    case TYPE_CODES.text:
      return readText(buffer, cursor)
    case TYPE_CODES.json:
      return JSON.parse(readText(buffer, cursor)) as unknown
    default:
      throw new OrbitError('STORAGE_CORRUPT', `a point has a value of unknown type ${code}`)
  }
}

function advance(cursor: { at: number }, count: number): number {
  const at = cursor.at
  cursor.at += count
  return at
}

function readText(buffer: Buffer, cursor: { at: number }): string {
  const length = readVarint(buffer, cursor)
  const at = advance(cursor, length)
  if (cursor.at > buffer.length) throw new RangeError('text is longer than the record')
  return buffer.toString('utf8', at, cursor.at)
}

function withLength(text: Buffer): Uint8Array {
  const head = Buffer.allocUnsafe(5)
  return Buffer.concat([head.subarray(0, writeVarint(head, 0, text.length)), text])
}

function writeVarint(target: Buffer, at: number, value: number): number {
  let rest = value
  let position = at
  while (rest >= 0x80) {
    target[position++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  target[position++] = rest
  return position
}

function readVarint(buffer: Buffer, cursor: { at: number }): number {
  let value = 0
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = buffer.readUInt8(cursor.at++)
    value |= (byte & 0x7f) << shift
    if (byte < 0x80) return value >>> 0
  }
  throw new RangeError('a length is longer than five bytes')
}
