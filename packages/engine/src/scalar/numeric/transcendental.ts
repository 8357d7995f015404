/**
 * Roots, exponentials and logarithms. The scale of a result follows PostgreSQL's estimates of how large it will be, which
 * decide the digits that people see.
 */
import { queryError } from '../condition.js'
import { SIGNIFICANT_DIGITS_MIN, leadingGroup } from './arithmetic.js'
import { compareNumeric } from './compare-numeric.js'
import { displayScale } from './display-scale.js'
import { expFixed, lnFixed } from './fixed-point.js'
import { limited, numericOverflow } from './numeric-limits.js'
import { Numeric } from './numeric.js'
import { countDigits, divideRounded, magnitudeOf, powerOfTen } from './powers-of-ten.js'

/** Decimal digits of the largest result that is tried, on either side of the point. */
export const RESULT_DIGITS_MAX = 2000
export const LOG10_E = 0.434294481903252
const LN_10 = 2.302585092994046
const BITS_PER_DIGIT = 3.3219280948873626

/** @throws invalid_argument_for_power_function */
export function sqrtNumeric(value: Numeric): Numeric {
  if (value.sign < 0) {
    throw queryError('invalid_argument_for_power_function', 'cannot take square root of a negative number')
  }
  if (value.special !== undefined) return value
  const scale = displayScale(SIGNIFICANT_DIGITS_MIN - (leadingGroup(value).weight * 2 + 1), value.scale)
  // One digit more than shown decides the rounding; no square root of a decimal lies exactly half way.
  const shift = 2 * (scale + 1) - value.scale
  const root = integerRoot(value.digits * powerOfTen(Math.max(shift, 0)))
  return limited(divideRounded(root, 10n), scale)
}

/** The whole part of a square root, by Newton's method from above. */
export function integerRoot(value: bigint): bigint {
  if (value < 2n) return value
  let root = 1n << BigInt(value.toString(16).length * 2)
  for (;;) {
    const next = (root + value / root) >> 1n
    if (next >= root) return root
    root = next
  }
}

export function expNumeric(value: Numeric): Numeric {
  if (value.special !== undefined) return value.special === '-infinity' ? Numeric.ZERO : value
  const power = Number(value.toString())
  const weight = Math.min(Math.max(power * LOG10_E, -RESULT_DIGITS_MAX), RESULT_DIGITS_MAX)
  const scale = displayScale(SIGNIFICANT_DIGITS_MIN - Math.trunc(weight), value.scale)
  if (isNegligible(power)) return new Numeric(0n, scale)
  const bits = bitsFor(power, scale)
  return expOfFixed((value.digits << BigInt(bits)) / powerOfTen(value.scale), bits, scale)
}

/** Whether e to this power is zero as far as anybody will see. @throws numeric_value_out_of_range when it is too large */
export function isNegligible(power: number): boolean {
  if (Math.abs(power) < RESULT_DIGITS_MAX * 3) return false
  if (power > 0) throw numericOverflow()
  return true
}

/** Bits after the point for an exponential shown to `scale` digits: twice those, so that its rounding is sure. */
export function bitsFor(power: number, scale: number): number {
  const digits = Math.max(power * LOG10_E, 0) + 2 * scale + 20
  return Math.ceil(digits * BITS_PER_DIGIT)
}

/** e to a power given in units of 2^-bits, rounded to a scale. */
export function expOfFixed(power: bigint, bits: number, scale: number): Numeric {
  const { mantissa, exponent } = expFixed(power, bits)
  const scaled = mantissa * powerOfTen(scale)
  const shift = bits - exponent
  return limited(shift > 0 ? divideRounded(scaled, 1n << BigInt(shift)) : scaled << BigInt(-shift), scale)
}

/** @throws invalid_argument_for_logarithm */
export function lnNumeric(value: Numeric): Numeric {
  requirePositive(value)
  if (value.special !== undefined) return value
  const scale = displayScale(SIGNIFICANT_DIGITS_MIN - lnWeight(value), value.scale)
  return lnToScale(value, scale)
}

/** Of a positive number. */
export function lnToScale(value: Numeric, scale: number): Numeric {
  const bits = Math.ceil((scale + 20) * BITS_PER_DIGIT)
  return fixedToScale(lnOfNumeric(value, bits), bits, scale)
}

/** In units of 2^-bits. */
export function lnOfNumeric(value: Numeric, bits: number): bigint {
  return lnFixed(value.digits, powerOfTen(value.scale), bits)
}

function fixedToScale(value: bigint, bits: number, scale: number): Numeric {
  return limited(divideRounded(value * powerOfTen(scale), 1n << BigInt(bits)), scale)
}

function requirePositive(value: Numeric): void {
  if (value.isNaN || value.sign > 0) return
  const what = value.sign === 0 ? 'zero' : 'a negative number'
  throw queryError('invalid_argument_for_logarithm', `cannot take logarithm of ${what}`)
}

const NEAR_ONE_MIN = new Numeric(9n, 1)
const NEAR_ONE_MAX = new Numeric(11n, 1)

/** The power of ten of the first digit of the natural logarithm, roughly. */
export function lnWeight(value: Numeric): number {
  if (value.sign <= 0) return 0
  if (compareNumeric(value, NEAR_ONE_MIN) >= 0 && compareNumeric(value, NEAR_ONE_MAX) <= 0) {
    const rest = new Numeric(value.digits - powerOfTen(value.scale), value.scale)
    if (rest.digits === 0n) return 0
    const { weight, group } = leadingGroup(rest)
    return weight * 4 + Math.trunc(Math.log10(group))
  }
  const count = countDigits(value.digits)
  const kept = Math.min(count, 15)
  const mantissa = Number(value.digits / powerOfTen(count - kept))
  return Math.trunc(Math.log10(Math.abs(Math.log(mantissa) + (count - kept - value.scale) * LN_10)))
}

/** The logarithm to a base. @throws invalid_argument_for_logarithm, division_by_zero for base 1 */
export function logNumeric(base: Numeric, value: Numeric): Numeric {
  if (base.isNaN || value.isNaN) return Numeric.NAN
  if (base.special !== undefined || value.special !== undefined) return logSpecial(base, value)
  requirePositive(base)
  requirePositive(value)
  if (compareNumeric(base, Numeric.ONE) === 0) throw queryError('division_by_zero', 'division by zero')
  const scale = displayScale(
    SIGNIFICANT_DIGITS_MIN - (lnWeight(value) - lnWeight(base)),
    base.scale,
    value.scale,
  )
  const digits = scale + 2 * Math.max(-lnWeight(base), 0) + Math.max(lnWeight(value), 0) + 30
  const bits = Math.ceil(digits * BITS_PER_DIGIT)
  const quotient = (lnOfNumeric(value, bits) * powerOfTen(scale + 1)) / lnOfNumeric(base, bits)
  return limited(divideRounded(quotient, 10n), scale)
}

function logSpecial(base: Numeric, value: Numeric): Numeric {
  const sign = Math.min(base.sign, value.sign)
  if (sign <= 0) {
    const what = sign === 0 ? 'zero' : 'a negative number'
    throw queryError('invalid_argument_for_logarithm', `cannot take logarithm of ${what}`)
  }
  if (base.special === undefined) return Numeric.INFINITY
  return value.special === undefined ? Numeric.ZERO : Numeric.NAN
}

const TEN = new Numeric(10n, 0)

export function log10Numeric(value: Numeric): Numeric {
  return logNumeric(TEN, value)
}

/** Of the magnitude, as a double. */
export function log10Of(value: Numeric): number {
  const magnitude = magnitudeOf(value.digits)
  const count = countDigits(magnitude)
  const kept = Math.min(count, 16)
  return Math.log10(Number(magnitude / powerOfTen(count - kept))) + (count - kept) - value.scale
}
