/** What queries compare keys with, as datums: exactly the stored values that compare so are between them. */
import { isFixedDecimal, type Datum, type IndexBound } from '@orbit-ts/storage'
import { keyDatum } from '../models/relational/types/format-value.js'
import { decimalText } from '../models/relational/types/stored-decimal.js'
import { Numeric } from '../scalar/numeric/numeric.js'
import type { Value } from '../scalar/value.js'
import type { KeyPart } from './index-access.js'

export type BoundSide = 'lower' | 'upper'

interface Bound {
  readonly value: Value
  readonly isInclusive: boolean
}

/** After every value. */
const LAST: IndexBound = { datum: { kind: 'max' }, inclusive: true }
/** Before every value that is not null. */
const FIRST: IndexBound = { datum: { kind: 'min' }, inclusive: true }

/** The datum of the values that equal `value`, which is not null; undefined when no stored value can. */
export function pointDatum(part: KeyPart, value: Value): Datum | undefined {
  const { type, form } = part
  if (value instanceof Numeric) {
    const bound = decimalBound(part, { value, isInclusive: true }, 'lower')
    if (bound !== undefined) return bound === 'none' || bound.isMoved ? undefined : bound.datum
  }
  return keyDatum(type, form.toDatum(padded(part, value)))
}

/** `none`: no stored value is on the wanted side of the bound. A null bounds nothing in. */
export function boundDatum(part: KeyPart, bound: Bound, side: BoundSide): IndexBound | 'none' {
  const { value, isInclusive } = bound
  if (value === null) return 'none'
  const decimal = value instanceof Numeric ? decimalBound(part, { value, isInclusive }, side) : undefined
  if (decimal !== undefined) return decimal
  return { datum: keyDatum(part.type, part.form.toDatum(padded(part, value))), inclusive: isInclusive }
}

/** Of `char(n)`: as it is stored. */
function padded({ type: { base, length, array } }: KeyPart, value: Value): Value {
  if (base !== 'char' || array === true || typeof value !== 'string') return value
  const text = value.replace(/ +$/, '')
  return text.padEnd(text.length + (length ?? 1) - Array.from(text).length, ' ')
}

interface DecimalBound extends IndexBound {
  /** The column cannot hold the value itself; this is the nearest it can hold on that side. */
  readonly isMoved: boolean
}

/** Undefined for columns that hold any decimal. */
function decimalBound(
  { type: { base, precision, scale = 0 } }: KeyPart,
  { value, isInclusive: inclusive }: { readonly value: Numeric; readonly isInclusive: boolean },
  side: BoundSide,
): DecimalBound | 'none' | undefined {
  if (base !== 'numeric' || precision === undefined || !isFixedDecimal(precision, scale)) return undefined
  const { digits, special } = value
  const limit = 10n ** BigInt(precision)
  const scaled = scaledTo(value, scale)
  const isSmall = special === '-infinity' || (special === undefined && scaled.digits <= -limit)
  if (isSmall) return side === 'upper' ? 'none' : { ...FIRST, isMoved: true }
  if (special !== undefined || scaled.digits >= limit)
    return side === 'lower' ? 'none' : { ...LAST, isMoved: true }
  const datum: Datum = {
    kind: 'decimal',
    value: decimalText(new Numeric(scaled.digits, scale)),
    precision,
    scale,
  }
  if (scaled.isExact) return { datum, inclusive, isMoved: false }
  // Cut towards zero: below a positive value, above a negative one.
  return { datum, inclusive: digits < 0n === (side === 'lower'), isMoved: true }
}

function scaledTo({ digits, scale: given }: Numeric, scale: number): { digits: bigint; isExact: boolean } {
  if (given <= scale) return { digits: digits * 10n ** BigInt(scale - given), isExact: true }
  const by = 10n ** BigInt(given - scale)
  return { digits: digits / by, isExact: digits % by === 0n }
}
