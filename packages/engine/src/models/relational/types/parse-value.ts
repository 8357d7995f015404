/**
 * Values that users give, as datums of a column's type. Every type but the JSON ones also takes PostgreSQL's text form,
 * so that values can come from JSON, CSV and URLs: `"42"`, `"t"`, `"\\x00ff"`, `"2024-05-01"`.
 */
import { OrbitError, unreachable } from '@orbit-ts/base'
import {
  NULL_DATUM,
  encodeDatums,
  formatDecimal,
  isFixedDecimal,
  isWellFormed,
  parseDecimal,
  roundDecimal,
  type Datum,
} from '@orbit-ts/storage'
import { toJsonValue } from '../../../record/json-value.js'
import type { ColumnType } from './column-type.js'
import { elementType } from './format-value.js'
import { parseSqlText } from './sql-text.js'
import { dateToMicros, parseDate, parseTime, parseTimestamp, MICROS_PER_DAY } from './temporal.js'

/** The value is not of the type; `accepts` says what is. */
export interface Mismatch {
  readonly kind: 'mismatch'
  readonly accepts: string
}

/** Null for null and undefined. */
export function parseValue(type: ColumnType, value: unknown): Datum | Mismatch {
  if (value === null || value === undefined) return NULL_DATUM
  return type.array === true ? parseArray(type, value) : parseScalar(type, value)
}

const mismatch = (accepts: string): Mismatch => ({ kind: 'mismatch', accepts })

function parseScalar(type: ColumnType, value: unknown): Datum | Mismatch {
  switch (type.base) {
    case 'bool':
      return parseBool(value)
    case 'int2':
      return parseInteger(value, 0x7fff)
    case 'int4':
      return parseInteger(value, 0x7fff_ffff)
    case 'int8':
      return parseInt8(value)
    case 'float4':
    case 'float8':
      return parseFloat64(value, type.base === 'float4')
    case 'numeric':
      return parseNumeric(type, value)
    case 'text':
    case 'varchar':
    case 'char':
      return parseText(type, value)
    case 'bytea':
      return parseBytes(value)
    case 'uuid':
      return parseUuid(value)
    case 'date':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return parseTemporal(type, type.base, value)
    case 'json':
    case 'jsonb':
      return parseJson(value)
    case 'bpchar':
    case 'name':
      return parseText({ base: 'text' }, value)
    case 'oid':
    case 'regclass':
    case 'regtype':
    case 'regproc':
    case 'regnamespace':
    case 'regrole':
      return parseOid(value)
    case 'enum':
      return parseEnum(type, value)
    case 'vector':
      return parseVector(type, value)
    case 'interval':
    case 'timetz':
    case 'composite':
    case 'bit':
    case 'varbit':
    case 'inet':
    case 'cidr':
    case 'macaddr':
    case 'macaddr8':
    case 'money':
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
      return parseSqlText(type, value)
    default:
      return unreachable(type.base, 'column type')
  }
}

function parseBool(value: unknown): Datum | Mismatch {
  if (value === true || value === 'true' || value === 't') return { kind: 'int', value: 1 }
  if (value === false || value === 'false' || value === 'f') return { kind: 'int', value: 0 }
  return mismatch('true or false')
}

const INTEGER_TEXT = /^\s*[+-]?\d{1,19}\s*$/

function parseInteger(value: unknown, max: number): Datum | Mismatch {
  const number =
    typeof value === 'string' && INTEGER_TEXT.test(value)
      ? Number(value)
      : typeof value === 'bigint'
        ? Number(value)
        : value
  if (typeof number === 'number' && Number.isInteger(number) && number >= -max - 1 && number <= max) {
    // -0 becomes 0: an integer has no sign of zero.
    return { kind: 'int', value: number + 0 }
  }
  return mismatch(`an integer from ${-max - 1} to ${max}`)
}

function parseInt8(value: unknown): Datum | Mismatch {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return { kind: 'int', value: value + 0 }
  const whole =
    typeof value === 'string' && INTEGER_TEXT.test(value) ? BigInt(value.trim().replace(/^\+/, '')) : value
  if (typeof whole !== 'bigint' || BigInt.asIntN(64, whole) !== whole) {
    return mismatch('a 64-bit integer: a bigint, a safe integer or its digits as text')
  }
  const number = Number(whole)
  return { kind: 'int', value: Number.isSafeInteger(number) ? number : whole }
}

const OID_MAX = 0xffff_ffff

function parseOid(value: unknown): Datum | Mismatch {
  const number = typeof value === 'string' && INTEGER_TEXT.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= OID_MAX
    ? { kind: 'int', value: number }
    : mismatch(`an integer from 0 to ${OID_MAX}`)
}

function parseEnum({ labels = [] }: ColumnType, value: unknown): Datum | Mismatch {
  const found = labels.find(({ label }) => label === value)
  return found === undefined
    ? mismatch(`one of ${labels.map(({ label }) => JSON.stringify(label)).join(', ')}`)
    : { kind: 'int', value: found.order }
}

function parseVector({ length }: ColumnType, value: unknown): Datum | Mismatch {
  const elements: unknown = value instanceof Float32Array ? Array.from(value) : value
  const isVector =
    Array.isArray(elements) &&
    elements.every((element) => typeof element === 'number' && Number.isFinite(Math.fround(element)))
  if (!isVector || elements.length === 0 || (length !== undefined && elements.length !== length))
    return mismatch(length === undefined ? 'an array of numbers' : `an array of ${length} numbers`)
  const bytes = Buffer.allocUnsafe(elements.length * 4)
  elements.forEach((element: number, i) => bytes.writeFloatLE(element, i * 4))
  return { kind: 'bytes', value: bytes }
}

const FLOAT_TEXT = /^\s*[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|Infinity)\s*$|^\s*NaN\s*$/

function parseFloat64(value: unknown, single: boolean): Datum | Mismatch {
  const number =
    typeof value === 'string' && FLOAT_TEXT.test(value)
      ? Number(value)
      : typeof value === 'bigint'
        ? Number(value)
        : value
  if (typeof number === 'number') {
    const rounded = single ? Math.fround(number) : number
    if (Number.isFinite(rounded)) return { kind: 'float', value: rounded }
    // A finite number, given as digits or too large for single precision, must not turn into infinity.
    const isMeant = !Number.isFinite(number) && !(typeof value === 'string' && /\d/.test(value))
    if (isMeant) return { kind: 'float', value: rounded }
  }
  return mismatch(single ? 'a number within single precision' : 'a number')
}

function parseNumeric({ precision, scale = 0 }: ColumnType, value: unknown): Datum | Mismatch {
  const text =
    typeof value === 'string'
      ? value.trim()
      : typeof value === 'number' || typeof value === 'bigint'
        ? String(value)
        : ''
  if (precision === undefined && SPECIAL_NUMERIC.includes(text)) return { kind: 'text', value: text }
  const parts = parseDecimal(text)
  if (parts !== undefined && precision === undefined) return { kind: 'text', value: formatDecimal(parts) }
  const rounded = parts && roundDecimal(parts, scale)
  if (precision === undefined || rounded === undefined || rounded.integer.length > precision - scale) {
    return mismatch(
      precision === undefined
        ? 'a decimal number'
        : `a decimal number of at most ${precision - scale} digits before the point`,
    )
  }
  const digits = formatDecimal(rounded)
  return isFixedDecimal(precision, scale)
    ? { kind: 'decimal', value: digits, precision, scale }
    : { kind: 'text', value: digits }
}

const SPECIAL_NUMERIC = ['NaN', 'Infinity', '-Infinity']

function parseText({ base, length }: ColumnType, value: unknown): Datum | Mismatch {
  if (typeof value !== 'string') return tooLong(length)
  if (!isWellFormed(value) || value.includes('\0'))
    return mismatch('well-formed Unicode text without the character U+0000')
  if (length === undefined) return { kind: 'text', value }
  // No text has more characters than code units.
  const count = base === 'varchar' && value.length <= length ? value.length : countCharacters(value)
  if (count <= length)
    return { kind: 'text', value: base === 'char' ? value + ' '.repeat(length - count) : value }
  // As in PostgreSQL, spaces too many are cut off, anything else is refused.
  const kept = Array.from(value).slice(0, length).join('')
  return /^ *$/.test(value.slice(kept.length)) ? { kind: 'text', value: kept } : tooLong(length)
}

function tooLong(length: number | undefined): Mismatch {
  return mismatch(length === undefined ? 'text' : `text of at most ${length} characters`)
}

/** Code points, as PostgreSQL counts. */
export function countCharacters(value: string): number {
  let count = 0
  for (const _ of value) count++
  return count
}

function parseBytes(value: unknown): Datum | Mismatch {
  // A copy, so that what the caller does with its own bytes afterwards changes nothing.
  if (value instanceof Uint8Array) return { kind: 'bytes', value: new Uint8Array(value) }
  if (typeof value === 'string' && /^\\x(?:[0-9a-f]{2})*$/i.test(value)) {
    return { kind: 'bytes', value: new Uint8Array(Buffer.from(value.slice(2), 'hex')) }
  }
  return mismatch('bytes: a Uint8Array, or text such as "\\\\x00ff"')
}

const UUID = /^\{?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?$/i

function parseUuid(value: unknown): Datum | Mismatch {
  const match = typeof value === 'string' ? UUID.exec(value) : null
  return match === null ? mismatch('a UUID') : { kind: 'bytes', value: uuidBytes(match.slice(1).join('-')) }
}

/** The sixteen bytes of a UUID in its canonical form. */
export function uuidBytes(text: string): Uint8Array {
  return Buffer.from(text.replaceAll('-', ''), 'hex')
}

type Temporal = 'date' | 'time' | 'timestamp' | 'timestamptz'
const TEMPORAL_FORMS: Readonly<Record<Temporal, string>> = {
  date: 'a date such as "2024-05-01", or a Date',
  time: 'a time such as "13:45:00.25"',
  timestamp: 'a time such as "2024-05-01T13:45:00", or a Date',
  timestamptz: 'a moment such as "2024-05-01T13:45:00Z", or a Date',
}

function parseTemporal(type: ColumnType, base: Temporal, value: unknown): Datum | Mismatch {
  const found = temporalValue(base, type.precision ?? 6, value)
  if (found === undefined) return mismatch(TEMPORAL_FORMS[base])
  const number = Number(found)
  return { kind: 'int', value: Number.isSafeInteger(number) ? number : found }
}

function temporalValue(base: Temporal, precision: number, value: unknown): number | bigint | undefined {
  if (value instanceof Date) {
    if (base === 'time') return undefined
    const micros = dateToMicros(value, precision)
    return base === 'date' && micros !== undefined ? Math.floor(Number(micros) / MICROS_PER_DAY) : micros
  }
  if (typeof value !== 'string') return undefined
  if (base === 'time') return parseTime(value, precision)
  if (base !== 'date') return parseTimestamp(value, precision, base === 'timestamptz')
  // A timestamp is taken as its day, as a cast in PostgreSQL does.
  return parseDate(value.trim())
}

function parseJson(value: unknown): Datum | Mismatch {
  try {
    return { kind: 'text', value: JSON.stringify(toJsonValue(value, 'the value')) }
  } catch (error) {
    return mismatch(`JSON: ${OrbitError.from(error).reason}`)
  }
}

/** Elements in the form that `arrayElements` reads. */
function parseArray(type: ColumnType, value: unknown): Datum | Mismatch {
  if (!Array.isArray(value)) return mismatch('an array')
  const element = elementType(type)
  const datums: Datum[] = []
  for (const [index, item] of value.entries()) {
    const datum = parseValue(element, item)
    if (datum.kind === 'mismatch') return mismatch(`an array whose element ${index} is ${datum.accepts}`)
    datums.push(datum)
  }
  return { kind: 'bytes', value: encodeDatums(datums) }
}
