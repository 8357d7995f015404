/** Datums as the values that rows hold, and as the values that filters and sorting compare. */
import { asBuffer, assert, unreachable } from '@orbit-ts/base'
import { ByteWriter, isFixedDecimal, writeSortableDecimal, type Datum } from '@orbit-ts/storage'
import { inetKey } from '../../../scalar/network/inet.js'
import type { StoredKind } from '../../../record/row-value.js'
import type { ColumnType } from './column-type.js'
import { bytesOf, integerOf, textOf } from './datum-parts.js'
import { sqlText } from './sql-text.js'
import { arrayElements } from './stored-array.js'
import { intervalOrder } from './stored-interval.js'
import { formatDate, formatTime, formatTimestamp, microsToDate } from './temporal.js'

/** The value of a row: see the functions of `column-types.ts` for what each type gives. */
export function formatValue(type: ColumnType, datum: Datum): unknown {
  if (datum.kind === 'null') return null
  return type.array === true
    ? arrayElements(bytesOf(datum)).map((item) => formatValue(elementType(type), item))
    : formatScalar(type, datum)
}

function formatScalar(type: ColumnType, datum: Datum): unknown {
  switch (type.base) {
    case 'bool':
      return integerOf(datum) === 1
    case 'int2':
    case 'int4':
      return integerOf(datum)
    case 'int8':
      return BigInt(integerOf(datum))
    case 'float4':
    case 'float8':
      assert(datum.kind === 'float', 'a float column holds floats')
      return datum.value
    case 'numeric':
      return datum.kind === 'decimal' ? datum.value : textOf(datum)
    case 'text':
    case 'varchar':
    case 'char':
    case 'bpchar':
    case 'name':
    case 'bit':
    case 'varbit':
    case 'inet':
    case 'cidr':
    case 'macaddr':
    case 'macaddr8':
      return textOf(datum)
    case 'bytea':
      return bytesOf(datum)
    case 'uuid':
      return formatUuid(bytesOf(datum))
    case 'date':
      return dateText(Number(integerOf(datum)))
    case 'time':
      return formatTime(Number(integerOf(datum)))
    case 'timestamp':
    case 'timestamptz':
      return formatMoment(type, integerOf(datum))
    case 'json':
    case 'jsonb':
      return JSON.parse(textOf(datum))
    case 'oid':
    case 'regclass':
    case 'regtype':
    case 'regproc':
    case 'regnamespace':
    case 'regrole':
    case 'money':
      return integerOf(datum)
    case 'enum':
      return type.labels?.find(({ order }) => order === integerOf(datum))?.label
    case 'vector':
      return vectorElements(bytesOf(datum))
    case 'interval':
    case 'timetz':
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
      return sqlText(type, datum)
    default:
      return unreachable(type.base, 'column type')
  }
}

/** The value in a form that `compareValues` puts into the type's order. */
export function comparable(type: ColumnType, datum: Datum): unknown {
  if (datum.kind === 'null') return null
  if (type.array === true)
    return arrayElements(bytesOf(datum)).map((item) => comparable(elementType(type), item))
  switch (type.base) {
    case 'numeric':
      return sortableDecimal(datum.kind === 'decimal' ? datum.value : textOf(datum))
    case 'int8':
    case 'date':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
    case 'enum':
      return integerOf(datum)
    case 'interval':
      return intervalOrder(bytesOf(datum))
    case 'timetz':
      return bytesOf(datum)
    case 'bpchar':
      return trimmed(textOf(datum))
    case 'inet':
    case 'cidr':
      return inetKey(textOf(datum))
    default:
      return formatScalar(type, datum)
  }
}

/** The datum as keys hold it, where equal values have equal bytes and sort by them. */
export function keyDatum(type: ColumnType, datum: Datum): Datum {
  if (type.base === 'numeric' && datum.kind === 'text')
    return { kind: 'bytes', value: sortableDecimal(datum.value) }
  if (type.base === 'interval' && datum.kind === 'bytes')
    return { kind: 'bytes', value: intervalOrder(datum.value) }
  if ((type.base === 'inet' || type.base === 'cidr') && datum.kind === 'text')
    return { kind: 'bytes', value: inetKey(datum.value) }
  if (type.base === 'bpchar' && datum.kind === 'text') return { kind: 'text', value: trimmed(datum.value) }
  return datum
}

/** True when a key holds less than the value: digits after the point that are zero, the sign of zero. */
export function losesInKeys({ base, precision, scale = 0 }: ColumnType): boolean {
  if (base === 'float4' || base === 'float8' || base === 'interval' || base === 'bpchar') return true
  if (base === 'inet' || base === 'cidr') return true
  return base === 'numeric' && (precision === undefined || !isFixedDecimal(precision, scale))
}

/** What rows hold of the type, when it is not null. */
export function storedKind({ base, array, precision, scale = 0 }: ColumnType): StoredKind {
  if (array === true) return 'bytes'
  switch (base) {
    case 'bool':
    case 'int2':
    case 'int4':
    case 'int8':
    case 'date':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
    case 'oid':
    case 'regclass':
    case 'regtype':
    case 'regproc':
    case 'regnamespace':
    case 'regrole':
    case 'enum':
    case 'money':
      return 'int'
    case 'float4':
    case 'float8':
      return 'float'
    case 'numeric':
      return precision !== undefined && isFixedDecimal(precision, scale) ? 'decimal' : 'text'
    case 'bytea':
    case 'uuid':
    case 'interval':
    case 'timetz':
    case 'vector':
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
      return 'bytes'
    default:
      return 'text'
  }
}

/** Spaces at the end mean nothing to the type. */
const trimmed = (text: string): string => text.replace(/ +$/, '')

function vectorElements(bytes: Uint8Array): number[] {
  const buffer = asBuffer(bytes)
  return Array.from({ length: bytes.length / 4 }, (_, i) => buffer.readFloatLE(i * 4))
}

function sortableDecimal(text: string): Uint8Array {
  const writer = new ByteWriter(32)
  writeSortableDecimal(writer, text)
  return writer.toBytes()
}

export function elementType({ array: _, ...element }: ColumnType): ColumnType {
  return element
}

const DATE_FIRST = -0x8000_0000
const DATE_LAST = 0x7fff_ffff

function dateText(days: number): string {
  return days === DATE_LAST ? 'infinity' : days === DATE_FIRST ? '-infinity' : formatDate(days)
}

const MOMENT_FIRST = -(2n ** 63n)
const MOMENT_LAST = 2n ** 63n - 1n

function formatMoment({ base, precision = 6 }: ColumnType, micros: number | bigint): Date | string {
  if (micros === MOMENT_LAST) return 'infinity'
  if (micros === MOMENT_FIRST) return '-infinity'
  return precision <= 3 ? microsToDate(micros) : formatTimestamp(BigInt(micros), base === 'timestamptz')
}

function formatUuid(bytes: Uint8Array): string {
  const hex = asBuffer(bytes).toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
