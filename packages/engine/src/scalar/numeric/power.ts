/** Powers, with PostgreSQL's scales. */
import { queryError } from '../condition.js'
import { SIGNIFICANT_DIGITS_MIN, divideNumeric } from './arithmetic.js'
import { compareNumeric } from './compare-numeric.js'
import { DISPLAY_SCALE_MAX, displayScale } from './display-scale.js'
import { limited, numericOverflow, WHOLE_DIGITS_MAX } from './numeric-limits.js'
import { Numeric } from './numeric.js'
import { countDigits, divideRounded, magnitudeOf, powerOfTen } from './powers-of-ten.js'
import { roundNumeric, withScale } from './round-numeric.js'
import {
  LOG10_E,
  RESULT_DIGITS_MAX,
  bitsFor,
  expOfFixed,
  lnOfNumeric,
  lnToScale,
  lnWeight,
  log10Of,
} from './transcendental.js'

/** @throws invalid_argument_for_power_function, numeric_value_out_of_range */
export function powerNumeric(base: Numeric, exponent: Numeric): Numeric {
  if (base.special !== undefined || exponent.special !== undefined) return powerSpecial(base, exponent)
  if (base.digits === 0n && exponent.sign < 0) throw zeroToNegative()
  const whole = wholeNumber(exponent)
  if (whole !== undefined && BigInt.asIntN(32, whole) === whole) return powerOfWhole(base, Number(whole))
  if (base.digits === 0n) return new Numeric(0n, SIGNIFICANT_DIGITS_MIN)
  if (base.digits < 0n && whole === undefined) throw complexResult()
  const result = powerByLogarithm(new Numeric(magnitudeOf(base.digits), base.scale), exponent)
  const isNegative = base.digits < 0n && whole !== undefined && whole % 2n !== 0n
  return isNegative ? new Numeric(-result.digits, result.scale) : result
}

function zeroToNegative(): Error {
  return queryError('invalid_argument_for_power_function', 'zero raised to a negative power is undefined')
}

function complexResult(): Error {
  return queryError(
    'invalid_argument_for_power_function',
    'a negative number raised to a non-integer power yields a complex result',
  )
}

function wholeNumber(value: Numeric): bigint | undefined {
  const power = powerOfTen(value.scale)
  return value.digits % power === 0n ? value.digits / power : undefined
}

function powerSpecial(base: Numeric, exponent: Numeric): Numeric {
  if (exponent.special === undefined && exponent.digits === 0n) return Numeric.ONE
  if (base.special === undefined && compareNumeric(base, Numeric.ONE) === 0) return Numeric.ONE
  if (base.isNaN || exponent.isNaN) return Numeric.NAN
  if (exponent.special !== undefined) return powerOfInfiniteExponent(base, exponent)
  const whole = wholeNumber(exponent)
  if (base.sign < 0 && whole === undefined) throw complexResult()
  if (exponent.sign < 0) return Numeric.ZERO
  return base.sign > 0 || (whole !== undefined && whole % 2n === 0n)
    ? Numeric.INFINITY
    : Numeric.NEGATIVE_INFINITY
}

function powerOfInfiniteExponent(base: Numeric, exponent: Numeric): Numeric {
  if (base.sign === 0 && exponent.sign < 0) throw zeroToNegative()
  const size =
    base.special === undefined
      ? compareNumeric(new Numeric(magnitudeOf(base.digits), base.scale), Numeric.ONE)
      : 1
  if (size === 0) return Numeric.ONE
  return size > 0 === exponent.sign > 0 ? Numeric.INFINITY : Numeric.ZERO
}

function powerOfWhole(base: Numeric, exponent: number): Numeric {
  const scale = displayScale(SIGNIFICANT_DIGITS_MIN, base.scale)
  switch (exponent) {
    case 0:
      return withScale(Numeric.ONE, scale)
    case 1:
      return withScale(base, scale)
    case 2:
      return withScale(roundNumeric(limited(base.digits ** 2n, base.scale * 2), scale), scale)
  }
  if (base.digits === 0n) return exponent < 0 ? divideNumeric(Numeric.ONE, base) : new Numeric(0n, scale)
  const weight = exponent * log10Of(base)
  if (weight > WHOLE_DIGITS_MAX + 4) throw numericOverflow()
  if (weight + 1 < -scale) return new Numeric(0n, scale)
  return wholePower(base, exponent, scale)
}

/** Multiplied out, with only as many digits kept as the result can show, and some. */
function wholePower(base: Numeric, exponent: number, scale: number): Numeric {
  const times = Math.abs(exponent)
  const weight = log10Of(base) * times
  const kept = Math.ceil(Math.abs(weight)) + scale + 20 + Math.ceil(Math.log10(times)) * 2
  let power = { digits: 1n, scale: 0 }
  for (const bit of times.toString(2)) {
    power = shorten(power.digits * power.digits, power.scale * 2, kept)
    if (bit === '1') power = shorten(power.digits * base.digits, power.scale + base.scale, kept)
  }
  if (exponent > 0) return toScale(power.digits, power.scale, scale)
  // 1 / (d · 10^-s) = 10^s / d
  const shift = power.scale + scale
  return shift >= 0 ? limited(divideRounded(powerOfTen(shift), power.digits), scale) : new Numeric(0n, scale)
}

/** The scale may become negative: digits before the point that are not kept. */
function shorten(digits: bigint, scale: number, kept: number): { digits: bigint; scale: number } {
  const excess = countDigits(magnitudeOf(digits)) - kept
  return excess <= 0 ? { digits, scale } : { digits: digits / powerOfTen(excess), scale: scale - excess }
}

function toScale(digits: bigint, from: number, to: number): Numeric {
  return from <= to
    ? limited(digits * powerOfTen(to - from), to)
    : limited(divideRounded(digits, powerOfTen(from - to)), to)
}

function powerByLogarithm(base: Numeric, exponent: Numeric): Numeric {
  const estimate = roughLogarithm(base, exponent)
  if (Math.abs(estimate) > RESULT_DIGITS_MAX * 3.01) {
    if (estimate > 0) throw numericOverflow()
    return new Numeric(0n, DISPLAY_SCALE_MAX)
  }
  const scale = displayScale(
    SIGNIFICANT_DIGITS_MIN - Math.trunc(estimate * LOG10_E),
    base.scale,
    exponent.scale,
  )
  const bits = bitsFor(Math.abs(estimate), scale) + countDigits(magnitudeOf(exponent.digits)) * 4
  const logarithm = (lnOfNumeric(base, bits) * exponent.digits) / powerOfTen(exponent.scale)
  return expOfFixed(logarithm, bits, scale)
}

/** The logarithm of the result to eight digits, rounded where PostgreSQL rounds: the scale depends on it. */
function roughLogarithm(base: Numeric, exponent: Numeric): number {
  const scale = Math.max(8 - lnWeight(base), 0)
  const logarithm = lnToScale(base, scale)
  const product = toScale(logarithm.digits * exponent.digits, scale + exponent.scale, scale)
  return Number(product.toString())
}
