/** What a filter compares with, as datums of an index: exactly the stored values that compare so are between them. */
import {
  ByteReader,
  isFixedDecimal,
  parseDecimal,
  readSortableDecimal,
  type Datum,
  type IndexBound,
} from '@orbit-ts/storage'
import type { Bound, BoundValue } from '../../../filter/analyze-filter.js'
import type { ColumnType } from '../types/column-type.js'
import { uuidBytes } from '../types/parse-value.js'

/** Before every value that is not null. */
export const FIRST: IndexBound = { datum: { kind: 'min' }, inclusive: true }
/** After every value. */
export const LAST: IndexBound = { datum: { kind: 'max' }, inclusive: true }

type Side = 'lower' | 'upper'

interface Edge extends IndexBound {
  /** The column cannot hold the value itself; this is the nearest it can hold on that side. */
  readonly moved?: true
}

/** The datum of the values that equal `value`; undefined when no stored value can. */
export function pointDatum(type: ColumnType, value: BoundValue): Datum | undefined {
  const edge = indexBound(type, { value, inclusive: true }, 'lower')
  return edge === 'none' || edge.moved === true ? undefined : edge.datum
}

/** `none`: no stored value is on the wanted side of the bound. */
export function indexBound(type: ColumnType, bound: Bound, side: Side): Edge | 'none' {
  const { value, inclusive } = bound
  switch (type.base) {
    case 'bool':
      return { datum: { kind: 'int', value: value === true ? 1 : 0 }, inclusive }
    case 'int2':
    case 'int4':
    case 'int8':
    case 'date':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return integerBound(value as number | bigint, inclusive, side)
    case 'float4':
    case 'float8':
      return { datum: { kind: 'float', value: Number(value) }, inclusive }
    case 'numeric':
      return numericBound(type, value as Uint8Array, inclusive, side)
    case 'oid':
    case 'regclass':
    case 'regtype':
    case 'regproc':
    case 'regnamespace':
    case 'regrole':
    case 'money':
    case 'enum':
      return integerBound(value as number | bigint, inclusive, side)
    case 'interval':
    case 'timetz':
    case 'inet':
    case 'cidr':
      return { datum: { kind: 'bytes', value: value as Uint8Array }, inclusive }
    case 'uuid':
      return { datum: { kind: 'bytes', value: uuidBytes(value as string) }, inclusive }
    case 'bytea':
      return { datum: { kind: 'bytes', value: value as Uint8Array }, inclusive }
    default:
      return { datum: { kind: 'text', value: value as string }, inclusive }
  }
}

const INT64_MAX = 2n ** 63n - 1n
const INT64_MIN = -(2n ** 63n)

function integerBound(value: number | bigint, inclusive: boolean, side: Side): Edge | 'none' {
  if (value > INT64_MAX || value !== value) return side === 'lower' ? 'none' : { ...LAST, moved: true }
  if (value < INT64_MIN) return side === 'upper' ? 'none' : { ...FIRST, moved: true }
  if (typeof value === 'bigint') return { datum: { kind: 'int', value }, inclusive }
  const whole = side === 'lower' ? Math.ceil(value) : Math.floor(value)
  const datum: Datum = { kind: 'int', value: Number.isSafeInteger(whole) ? whole + 0 : BigInt(whole) }
  return whole === value ? { datum, inclusive } : { datum, inclusive: true, moved: true }
}

function numericBound(
  { precision, scale = 0 }: ColumnType,
  value: Uint8Array,
  inclusive: boolean,
  side: Side,
): Edge | 'none' {
  if (precision === undefined || !isFixedDecimal(precision, scale))
    return { datum: { kind: 'bytes', value }, inclusive }
  const text = readSortableDecimal(new ByteReader(value, 'decimal'))
  const parts = parseDecimal(text)
  const negative = parts?.negative ?? text === '-Infinity'
  if (parts === undefined || parts.integer.length > precision - scale) {
    if (negative) return side === 'upper' ? 'none' : { ...FIRST, moved: true }
    return side === 'lower' ? 'none' : { ...LAST, moved: true }
  }
  if (parts.fraction.length <= scale)
    return { datum: { kind: 'decimal', value: text, precision, scale }, inclusive }
  // Cut towards zero: below a positive value, above a negative one.
  const cut = `${negative ? '-' : ''}${parts.integer || '0'}.${parts.fraction.slice(0, scale)}`
  return {
    datum: { kind: 'decimal', value: cut, precision, scale },
    inclusive: negative === (side === 'lower'),
    moved: true,
  }
}
