/**
 * How values of queries lie in rows and keys: straight between bytes and values where rows are read, through datums
 * where they are written. The bytes are those that `parse-value` makes of what the typed API is given.
 */
import { OrbitError, asBuffer, assert, unreachable } from '@orbit-ts/base'
import {
  ByteReader,
  ByteWriter,
  NULL_DATUM,
  isFixedDecimal,
  readFixedDecimal,
  readFloat64,
  type Datum,
} from '@orbit-ts/storage'
import type { StoredKind } from '../../../record/row-value.js'
import type { ScalarType } from '../../../scalar/data-type.js'
import { type Numeric } from '../../../scalar/numeric/numeric.js'
import { int64, type Value, plainText } from '../../../scalar/value.js'
import type { ColumnType, EnumLabel } from './column-type.js'
import { bytesOf, integerOf, textOf } from './datum-parts.js'
import { arrayDatum, arrayValue } from './stored-array.js'
import { readDecimal, decimalText, numericOfText } from './stored-decimal.js'
import { intervalBytes, intervalOf, timetzBytes, timetzOf } from './stored-interval.js'
import { elementType, storedKind } from './format-value.js'
import { PLAIN_CONTEXT } from './plain-context.js'

/** Of one column. Nulls are the caller's. */
export interface StoredForm {
  readonly kind: StoredKind
  /** The value between two positions of a stored row. @throws STORAGE_CORRUPT */
  readonly read: (bytes: Buffer, start: number, end: number) => Value
  /** The value of a datum, as a row or a key holds it; text may be bytes. */
  readonly toValue: (datum: Datum) => Value
  readonly toDatum: (value: Value) => Datum
  /** As `toValue`, of columns that hold integers. */
  readonly ofInteger: (integer: number | bigint) => Value
}

/** @param scalar the type as queries know it; of an array type the array's. */
export function storedForm(type: ColumnType, scalar: ScalarType): StoredForm {
  const form = type.array === true ? arrayForm(type, scalar) : scalarForm(type, scalar)
  return {
    kind: storedKind(type),
    ofInteger: (value) => form.toValue({ kind: 'int', value }),
    ...form,
  }
}

type Form = Omit<StoredForm, 'kind' | 'ofInteger'> & Partial<Pick<StoredForm, 'ofInteger'>>

function scalarForm(type: ColumnType, scalar: ScalarType): Form {
  switch (type.base) {
    case 'bool':
      return BOOL
    case 'int2':
    case 'int4':
    case 'int8':
    case 'time':
    case 'money':
    case 'oid':
    case 'regclass':
    case 'regtype':
    case 'regproc':
    case 'regnamespace':
    case 'regrole':
      return INTEGER
    case 'date':
      return DATE
    case 'timestamp':
    case 'timestamptz':
      return MOMENT
    case 'float4':
    case 'float8':
      return FLOAT
    case 'numeric':
      return numericForm(type)
    case 'text':
    case 'varchar':
    case 'char':
    case 'bpchar':
    case 'name':
    case 'json':
    case 'bit':
    case 'varbit':
    case 'inet':
    case 'cidr':
    case 'macaddr':
    case 'macaddr8':
      return TEXT
    case 'jsonb':
      return jsonbForm(scalar)
    case 'bytea':
      return BYTES
    case 'uuid':
      return UUID
    case 'interval':
      return ofBytes(intervalOf, intervalBytes)
    case 'timetz':
      return ofBytes(timetzOf, timetzBytes)
    case 'vector':
      return ofBytes(vectorOf, vectorBytes)
    case 'enum':
      return enumForm(type.labels ?? [])
    case 'composite':
    case 'int4range':
    case 'numrange':
    case 'tsrange':
    case 'tstzrange':
    case 'daterange':
    case 'int8range':
    case 'int4multirange':
    case 'nummultirange':
    case 'tsmultirange':
    case 'tstzmultirange':
    case 'datemultirange':
    case 'int8multirange':
      return binaryForm(scalar)
    default:
      return unreachable(type.base, 'column type')
  }
}

const BOOL: Form = {
  read: (bytes, start) => bytes[start] === 1,
  toValue: (datum) => integerOf(datum) === 1,
  toDatum: (value) => ({ kind: 'int', value: value === true ? 1 : 0 }),
}

const INTEGER: Form = {
  read: readInteger,
  toValue: integerOf,
  toDatum: (value) => ({ kind: 'int', value: value as number | bigint }),
  ofInteger: (integer) => integer,
}

/** What is stored for the dates before and after all others. */
const DATE_FIRST = -0x8000_0000
const DATE_LAST = 0x7fff_ffff

const DATE: Form = {
  read: (bytes, start, end) => dateOf(readInteger(bytes, start, end)),
  toValue: (datum) => dateOf(integerOf(datum)),
  ofInteger: dateOf,
  toDatum: (value) => ({
    kind: 'int',
    value: value === Infinity ? DATE_LAST : value === -Infinity ? DATE_FIRST : (value as number),
  }),
}

function dateOf(days: number | bigint): Value {
  return days === DATE_LAST ? Infinity : days === DATE_FIRST ? -Infinity : days
}

const MOMENT_FIRST = -(2n ** 63n)
const MOMENT_LAST = 2n ** 63n - 1n

const MOMENT: Form = {
  read: (bytes, start, end) => momentOf(readInteger(bytes, start, end)),
  toValue: (datum) => momentOf(integerOf(datum)),
  ofInteger: momentOf,
  toDatum: (value) => ({
    kind: 'int',
    value: value === Infinity ? MOMENT_LAST : value === -Infinity ? MOMENT_FIRST : (value as number | bigint),
  }),
}

function momentOf(micros: number | bigint): Value {
  return typeof micros === 'number'
    ? micros
    : micros === MOMENT_LAST
      ? Infinity
      : micros === MOMENT_FIRST
        ? -Infinity
        : micros
}

const FLOAT: Form = {
  read: (bytes, start, end) => readFloat64(new ByteReader(bytes, 'row', start, end)),
  toValue: (datum) => {
    assert(datum.kind === 'float', 'the column holds floats')
    return datum.value
  },
  toDatum: (value) => ({ kind: 'float', value: value as number }),
}

const TEXT: Form = {
  read: (bytes, start, end) =>
    end - start < 24 ? shortText(bytes, start, end) : bytes.toString('utf8', start, end),
  toValue: textOf,
  toDatum: (value) => ({ kind: 'text', value: value as string }),
}

/** Short texts are mostly ASCII, and then faster put together here than by a call into native code. */
function shortText(bytes: Buffer, start: number, end: number): string {
  let text = ''
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number
    if (byte > 0x7f) return bytes.toString('utf8', start, end)
    text += ASCII[byte]
  }
  return text
}

const ASCII = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code))

const BYTES: Form = {
  // A copy: the store's memory must stay as it is.
  read: (bytes, start, end) => new Uint8Array(bytes.subarray(start, end)),
  toValue: bytesOf,
  toDatum: (value) => ({ kind: 'bytes', value: value as Uint8Array }),
}

const UUID: Form = {
  read: (bytes, start) => uuidText(bytes, start),
  toValue: (datum) => uuidText(asBuffer(bytesOf(datum)), 0),
  toDatum: (value) => ({ kind: 'bytes', value: Buffer.from((value as string).replaceAll('-', ''), 'hex') }),
}

function uuidText(bytes: Buffer, start: number): string {
  const hex = bytes.toString('hex', start, start + 16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

function numericForm({ precision, scale = 0 }: ColumnType): Form {
  if (precision === undefined || !isFixedDecimal(precision, scale)) {
    return {
      read: (bytes, start, end) => numericOfText(bytes.toString('latin1', start, end)),
      toValue: (datum) => numericOfText(textOf(datum)),
      toDatum: (value) => ({ kind: 'text', value: decimalText(value as Numeric) }),
    }
  }
  return {
    read: (bytes, start, end) => readDecimal(bytes, start, end),
    toValue: (datum) => numericOfText(decimalOf(datum)),
    toDatum: (value) => ({ kind: 'decimal', value: fixedText(value as Numeric), precision, scale }),
  }
}

function fixedText(value: Numeric): string {
  if (value.special === undefined) return decimalText(value)
  throw new OrbitError('FEATURE_UNSUPPORTED', 'a numeric column with a precision cannot hold NaN', {
    sqlState: '0A000',
  })
}

function decimalOf(datum: Datum): string {
  if (datum.kind === 'decimal') return datum.value
  return readFixedDecimal(new ByteReader(bytesOf(datum), 'decimal')).value
}

function jsonbForm(scalar: ScalarType): Form {
  const parse = (text: string): Value => scalar.parse(text, -1, PLAIN_CONTEXT)
  return {
    read: (bytes, start, end) => parse(bytes.toString('utf8', start, end)),
    toValue: (datum) => parse(textOf(datum)),
    toDatum: (value) => ({ kind: 'text', value: scalar.format(value, PLAIN_CONTEXT) }),
  }
}

function binaryForm(scalar: ScalarType): Form {
  return ofBytes(
    (bytes, start, end) => scalar.decode(bytes.subarray(start, end), -1, PLAIN_CONTEXT),
    (value: Value) => {
      const writer = new ByteWriter(64)
      scalar.encode(writer, value, PLAIN_CONTEXT)
      return writer.toBytes()
    },
  )
}

function enumForm(labels: readonly EnumLabel[]): Form {
  const byOrder = new Map<number | bigint, string>(labels.map(({ label, order }) => [order, label]))
  const byLabel = new Map(labels.map(({ label, order }) => [label, order]))
  const labelOf = (order: number | bigint): Value => {
    const label = byOrder.get(order)
    if (label === undefined) throw new OrbitError('STORAGE_CORRUPT', `an enum has no label of order ${order}`)
    return label
  }
  return {
    read: (bytes, start, end) => labelOf(readInteger(bytes, start, end)),
    toValue: (datum) => labelOf(integerOf(datum)),
    toDatum: (value) => {
      const label = plainText(value)
      const order = byLabel.get(label)
      if (order === undefined) throw new OrbitError('INTERNAL', `${label} is no label of the enum`)
      return { kind: 'int', value: order }
    },
  }
}

function arrayForm(type: ColumnType, scalar: ScalarType): Form {
  const element = elementType(type)
  const form = scalarForm(element, scalar.element ?? scalar)
  const toValue = (datum: Datum): Value => (datum.kind === 'null' ? null : form.toValue(datum))
  const toDatum = (value: Value): Datum => (value === null ? NULL_DATUM : form.toDatum(value))
  return {
    read: (bytes, start, end) => arrayValue(bytes.subarray(start, end), toValue),
    toValue: (datum) => arrayValue(bytesOf(datum), toValue),
    toDatum: (value) => arrayDatum(value, toDatum),
  }
}

function vectorOf(bytes: Buffer, start: number, end: number): Value {
  const vector = new Float32Array((end - start) / 4)
  for (let i = 0; i < vector.length; i++) vector[i] = bytes.readFloatLE(start + i * 4)
  return vector
}

function vectorBytes(value: Value): Uint8Array {
  assert(value instanceof Float32Array, 'a vector')
  const bytes = Buffer.allocUnsafe(value.length * 4)
  for (const [i, element] of value.entries()) bytes.writeFloatLE(element, i * 4)
  return bytes
}

function ofBytes<V extends Value>(
  read: (bytes: Buffer, start: number, end: number) => V,
  toBytes: (value: V) => Uint8Array,
): Form {
  return {
    read,
    toValue: (datum) => {
      const bytes = asBuffer(bytesOf(datum))
      return read(bytes, 0, bytes.length)
    },
    // The plan sees to it that values are of the column's type.
    toDatum: (value) => ({ kind: 'bytes', value: toBytes(value as V) }),
  }
}

/** As rows hold it: little-endian in 1, 2, 4 or 8 bytes. */
function readInteger(bytes: Buffer, start: number, end: number): number | bigint {
  switch (end - start) {
    case 1:
      return ((bytes[start] as number) << 24) >> 24
    case 2:
      return (((bytes[start] as number) | ((bytes[start + 1] as number) << 8)) << 16) >> 16
    case 4:
      return bytes.readInt32LE(start)
    case 8: {
      const value = bytes.readInt32LE(start + 4) * 0x1_0000_0000 + bytes.readUInt32LE(start)
      return Number.isSafeInteger(value) ? value : int64(bytes.readBigInt64LE(start))
    }
    default:
      throw new OrbitError('STORAGE_CORRUPT', `${end - start} bytes are no stored integer`)
  }
}
