/** Decimal numbers as text: taken apart, rounded and put together without loss. */

/** PostgreSQL's limits for `numeric`: digits before and after the point. */
export const DECIMAL_INTEGER_DIGITS_MAX = 131_072
export const DECIMAL_SCALE_MAX = 16_383

export interface DecimalParts {
  /** Never true for zero. */
  readonly negative: boolean
  /** Digits before the point, without leading zeros; empty below one. */
  readonly integer: string
  /** Digits after the point, trailing zeros kept. */
  readonly fraction: string
}

const SYNTAX = /^\s*([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d{1,7}))?\s*$/
const EXPONENT_MAX = DECIMAL_INTEGER_DIGITS_MAX + DECIMAL_SCALE_MAX

/** The parts of `12`, `-0.50`, `.5`, `1.5e-3`; undefined for anything else and for numbers beyond the limits. */
export function parseDecimal(text: string): DecimalParts | undefined {
  const match = SYNTAX.exec(text)
  if (match === null) return undefined
  let integer = match[2] ?? ''
  let fraction = match[3] ?? match[4] ?? ''
  const exponent = Number(match[5] ?? 0)
  if (Math.abs(exponent) > EXPONENT_MAX) return undefined
  if (exponent > 0) {
    const moved = fraction.slice(0, exponent).padEnd(exponent, '0')
    fraction = fraction.slice(exponent)
    integer += moved
  } else if (exponent < 0) {
    const digits = integer.padStart(-exponent, '0')
    fraction = digits.slice(exponent) + fraction
    integer = digits.slice(0, exponent)
  }
  return decimalParts(match[1] === '-', integer, fraction)
}

/** Leading zeros go, and the sign of zero; undefined beyond the limits. */
export function decimalParts(negative: boolean, integer: string, fraction: string): DecimalParts | undefined {
  const significant = trimLeadingZeros(integer)
  if (significant.length > DECIMAL_INTEGER_DIGITS_MAX || fraction.length > DECIMAL_SCALE_MAX) return undefined
  return { negative: negative && !isZero(significant, fraction), integer: significant, fraction }
}

export function formatDecimal(parts: DecimalParts): string {
  const sign = parts.negative ? '-' : ''
  const integer = parts.integer === '' ? '0' : parts.integer
  return parts.fraction === '' ? sign + integer : `${sign}${integer}.${parts.fraction}`
}

/** The number with exactly `scale` digits after the point, halves rounded away from zero as PostgreSQL does. */
export function roundDecimal(parts: DecimalParts, scale: number): DecimalParts {
  const { negative, integer, fraction } = parts
  if (fraction.length <= scale) return { negative, integer, fraction: fraction.padEnd(scale, '0') }
  const kept = integer + fraction.slice(0, scale)
  const rounded = fraction.charCodeAt(scale) >= 0x35 ? increment(kept) : kept
  const point = rounded.length - scale
  const wholePart = trimLeadingZeros(rounded.slice(0, point))
  const rest = rounded.slice(point)
  return { negative: negative && !isZero(wholePart, rest), integer: wholePart, fraction: rest }
}

/** Adds one to a string of digits. */
function increment(digits: string): string {
  let at = digits.length - 1
  while (at >= 0 && digits[at] === '9') at--
  const zeros = '0'.repeat(digits.length - 1 - at)
  if (at < 0) return `1${zeros}`
  return digits.slice(0, at) + String(Number(digits[at]) + 1) + zeros
}

function trimLeadingZeros(digits: string): string {
  let at = 0
  while (at < digits.length && digits.charCodeAt(at) === 0x30) at++
  return at === 0 ? digits : digits.slice(at)
}

function isZero(integer: string, fraction: string): boolean {
  return integer === '' && trimLeadingZeros(fraction) === ''
}
