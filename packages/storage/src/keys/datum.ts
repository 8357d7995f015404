/**
 * Typed values in keys, one flag byte and its payload each, as TiDB lays them out (`pkg/util/codec`): what TiKV's
 * coprocessor can take apart. `writeDatum` writes the forms that sort, `writeDatumValue` the shorter ones that do not.
 *
 * Descending values are Orbit's own: the coprocessor cannot read an index that has some.
 *
 * Order: null, then text and bytes (one kind, compared as bytes), integers, unsigned integers, floats, decimals,
 * durations. One index column holds one kind, apart from nulls.
 */
import { unreachable } from '@orbit-ts/base'
import type { ByteReader } from './byte-reader.js'
import { ByteWriter } from './byte-writer.js'
import { readFixedDecimal, writeFixedDecimal } from './fixed-decimal.js'
import {
  type Mask,
  complement,
  readFloat64,
  readGroups,
  readInt64,
  readUint64,
  writeFloat64,
  writeGroups,
  writeInt64,
  writeTextGroups,
  writeUint64,
} from './memcomparable.js'
import { readUnsignedVarint, readVarint, writeUnsignedVarint, writeVarint } from './varint.js'

export type Datum =
  /**
   * Before every other value; with `isLast` after them, in descending columns the other way round. Read back without
   * `isLast`. The coprocessor cannot read an index that has some with it.
   */
  | { readonly kind: 'null'; readonly isLast?: true }
  /** Signed, 64 bits. Read back as `number` when it is a safe integer. Booleans are 0 and 1. */
  | { readonly kind: 'int'; readonly value: number | bigint }
  | { readonly kind: 'uint'; readonly value: number | bigint }
  /** In keys -0 is 0, and NaN sorts last. */
  | { readonly kind: 'float'; readonly value: number }
  /** Well-formed Unicode, stored and compared as UTF-8. Read back as `bytes`: keys do not tell them apart. */
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'bytes'; readonly value: Uint8Array }
  /** Exact decimal text; `precision` up to 65, `scale` up to 30. */
  | { readonly kind: 'decimal'; readonly value: string; readonly precision: number; readonly scale: number }
  /** Nanoseconds, signed. */
  | { readonly kind: 'duration'; readonly value: number | bigint }
  /** Before every value that is not null. For bounds of ranges only. */
  | { readonly kind: 'min' }
  /** After every value. For bounds of ranges only. */
  | { readonly kind: 'max' }

const WRITER = new ByteWriter(256)

export const NULL_DATUM: Datum = { kind: 'null' }
/** As `NULL_DATUM`, at the other end of the order. For keys only. */
export const NULL_LAST_DATUM: Datum = { kind: 'null', isLast: true }

export const DATUM_FLAG = {
  null: 0,
  bytes: 1,
  compactBytes: 2,
  int: 3,
  uint: 4,
  float: 5,
  decimal: 6,
  duration: 7,
  varint: 8,
  uvarint: 9,
  json: 10,
  max: 250,
} as const

/** After all ascending flags and before all descending ones, and the same in both. */
const NULL_LAST_FLAG = 0xe0

/** For readers that take keys apart without datums. Ascending forms. */
export const DATUM_FLAG_NULL: number = DATUM_FLAG.null
export const DATUM_FLAG_NULL_LAST: number = NULL_LAST_FLAG
export const DATUM_FLAG_INT: number = DATUM_FLAG.int

/** Flags from here on are complemented ones, of descending columns; `max` is among them but never stored. */
const DESCENDING_FLAG_MIN = 0xeb

/** Appends the sorting form; with `descending` its complement, which sorts the other way round, null last. */
export function writeDatum(writer: ByteWriter, datum: Datum, descending = false): void {
  const start = writer.length
  switch (datum.kind) {
    case 'null':
      if (datum.isLast === true) {
        writer.byte(NULL_LAST_FLAG)
        return
      }
      writer.byte(DATUM_FLAG.null)
      break
    case 'int':
      writer.byte(DATUM_FLAG.int)
      writeInt64(writer, datum.value)
      break
    case 'uint':
      writer.byte(DATUM_FLAG.uint)
      writeUint64(writer, datum.value)
      break
    case 'float':
      writer.byte(DATUM_FLAG.float)
      // -0 + 0 is 0: a unique index must see one zero.
      writeFloat64(writer, datum.value + 0)
      break
    case 'text':
      writer.byte(DATUM_FLAG.bytes)
      writeTextGroups(writer, datum.value)
      break
    case 'bytes':
      writer.byte(DATUM_FLAG.bytes)
      writeGroups(writer, datum.value)
      break
    default:
      writeRareDatum(writer, datum)
  }
  if (descending) complement(writer, start)
}

function writeRareDatum(
  writer: ByteWriter,
  datum: Extract<Datum, { kind: 'decimal' | 'duration' | 'min' | 'max' }>,
): void {
  switch (datum.kind) {
    case 'decimal':
      writer.byte(DATUM_FLAG.decimal)
      writeFixedDecimal(writer, datum.value, datum.precision, datum.scale)
      break
    case 'duration':
      writer.byte(DATUM_FLAG.duration)
      writeInt64(writer, datum.value)
      break
    case 'min':
      writer.byte(DATUM_FLAG.bytes)
      break
    case 'max':
      writer.byte(DATUM_FLAG.max)
      break
    default:
      unreachable(datum, 'kind of datum')
  }
}

/** Appends the datums; `descending[i]` says which are complemented. */
export function writeDatums(
  writer: ByteWriter,
  datums: readonly Datum[],
  descending?: readonly boolean[],
): void {
  let index = 0
  for (const datum of datums) writeDatum(writer, datum, descending?.[index++] === true)
}

/** The datums' sorting bytes, one after the other. */
export function encodeDatums(datums: readonly Datum[], descending?: readonly boolean[]): Uint8Array {
  const writer = WRITER.reset()
  writeDatums(writer, datums, descending)
  return writer.toBytes()
}

/** Appends the form that does not sort: varints and length-prefixed bytes. */
export function writeDatumValue(writer: ByteWriter, datum: Datum): void {
  switch (datum.kind) {
    case 'int':
      writer.byte(DATUM_FLAG.varint)
      writeVarint(writer, datum.value)
      break
    case 'uint':
      writer.byte(DATUM_FLAG.uvarint)
      writeUnsignedVarint(writer, datum.value)
      break
    case 'text':
      writeCompactBytes(writer, Buffer.from(datum.value, 'utf8'))
      break
    case 'bytes':
      writeCompactBytes(writer, datum.value)
      break
    default:
      writeDatum(writer, datum)
  }
}

function writeCompactBytes(writer: ByteWriter, value: Uint8Array): void {
  writer.byte(DATUM_FLAG.compactBytes)
  writeVarint(writer, value.length)
  writer.bytes(value)
}

/**
 * The next datum, of either form, ascending or descending: the flag tells. Text comes back as `bytes`.
 * @throws STORAGE_CORRUPT
 */
export function readDatum(reader: ByteReader): Datum {
  const flag = reader.byte()
  const mask: Mask = flag >= DESCENDING_FLAG_MIN ? 0xff : 0
  switch (flag ^ mask) {
    case DATUM_FLAG.null:
      return NULL_DATUM
    case DATUM_FLAG.bytes:
      return { kind: 'bytes', value: readGroups(reader, mask) }
    case DATUM_FLAG.int:
      return { kind: 'int', value: readInt64(reader, mask) }
    case DATUM_FLAG.uint:
      return { kind: 'uint', value: readUint64(reader, mask) }
    case DATUM_FLAG.float:
      return { kind: 'float', value: readFloat64(reader, mask) }
    case DATUM_FLAG.decimal:
      return readFixedDecimal(reader, mask)
    case DATUM_FLAG.duration:
      return { kind: 'duration', value: readInt64(reader, mask) }
    default:
      return flag === NULL_LAST_FLAG ? NULL_DATUM : readDatumValue(reader, flag)
  }
}

function readDatumValue(reader: ByteReader, flag: number): Datum {
  switch (flag) {
    case DATUM_FLAG.varint:
      return { kind: 'int', value: readVarint(reader) }
    case DATUM_FLAG.uvarint:
      return { kind: 'uint', value: readUnsignedVarint(reader) }
    case DATUM_FLAG.compactBytes: {
      const size = Number(readVarint(reader))
      if (size < 0) reader.fail('bytes of a negative length')
      const at = reader.take(size)
      return { kind: 'bytes', value: reader.buffer.subarray(at, at + size) }
    }
    default:
      return reader.fail(`${flag} is no flag of a stored value`)
  }
}

/** Every datum up to the end of the bytes. */
export function readDatums(reader: ByteReader): Datum[] {
  const datums: Datum[] = []
  while (reader.remaining > 0) datums.push(readDatum(reader))
  return datums
}
