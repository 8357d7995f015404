/** The four operations and the remainder, with PostgreSQL's rules for the scale of the result. */
import { queryError } from '../condition.js'
import { displayScale } from './display-scale.js'
import { limited } from './numeric-limits.js'
import { Numeric } from './numeric.js'
import { countDigits, divideRounded, magnitudeOf, powerOfTen } from './powers-of-ten.js'

/** Digits that a quotient or a root has at least. */
export const SIGNIFICANT_DIGITS_MIN = 16

/** The scale is the larger one. */
export function addNumeric(a: Numeric, b: Numeric): Numeric {
  if (a.special !== undefined || b.special !== undefined) return addSpecial(a, b)
  if (a.scale === b.scale) return limited(a.digits + b.digits, a.scale)
  return a.scale < b.scale
    ? limited(a.digits * powerOfTen(b.scale - a.scale) + b.digits, b.scale)
    : limited(a.digits + b.digits * powerOfTen(a.scale - b.scale), a.scale)
}

function addSpecial(a: Numeric, b: Numeric): Numeric {
  if (a.isNaN || b.isNaN) return Numeric.NAN
  if (a.special === undefined) return b
  if (b.special === undefined || a.special === b.special) return a
  return Numeric.NAN
}

export function subtractNumeric(a: Numeric, b: Numeric): Numeric {
  return addNumeric(a, negateNumeric(b))
}

export function negateNumeric(value: Numeric): Numeric {
  switch (value.special) {
    case undefined:
      return new Numeric(-value.digits, value.scale)
    case 'nan':
      return value
    default:
      return value.special === 'infinity' ? Numeric.NEGATIVE_INFINITY : Numeric.INFINITY
  }
}

export function absNumeric(value: Numeric): Numeric {
  return value.sign < 0 ? negateNumeric(value) : value
}

/** The scale is the sum of both. */
export function multiplyNumeric(a: Numeric, b: Numeric): Numeric {
  if (a.special !== undefined || b.special !== undefined) return signedInfinity(a.sign * b.sign, a, b)
  return limited(a.digits * b.digits, a.scale + b.scale)
}

/** An infinity of a sign; NaN where there is none. */
function signedInfinity(sign: number, a: Numeric, b: Numeric): Numeric {
  if (a.isNaN || b.isNaN || sign === 0) return Numeric.NAN
  return sign > 0 ? Numeric.INFINITY : Numeric.NEGATIVE_INFINITY
}

/**
 * At least 16 significant digits and no fewer after the point than either operand; halves away from zero.
 * @throws division_by_zero
 */
export function divideNumeric(a: Numeric, b: Numeric): Numeric {
  if (a.special !== undefined || b.special !== undefined) return divideSpecial(a, b)
  requireDivisor(b)
  const scale = quotientScale(a, b)
  const shift = scale + b.scale - a.scale
  return shift >= 0
    ? limited(divideRounded(a.digits * powerOfTen(shift), b.digits), scale)
    : limited(divideRounded(a.digits, b.digits * powerOfTen(-shift)), scale)
}

function divideSpecial(a: Numeric, b: Numeric): Numeric {
  if (a.isNaN || b.isNaN) return Numeric.NAN
  if (a.special === undefined) return Numeric.ZERO
  if (b.special !== undefined) return Numeric.NAN
  requireDivisor(b)
  return signedInfinity(a.sign * b.sign, a, b)
}

function requireDivisor(divisor: Numeric): void {
  if (divisor.special === undefined && divisor.digits === 0n) {
    throw queryError('division_by_zero', 'division by zero')
  }
}

/** PostgreSQL counts significant digits in groups of four from the point, and so do we. */
export function quotientScale(a: Numeric, b: Numeric): number {
  const first = leadingGroup(a)
  const second = leadingGroup(b)
  const weight = first.weight - second.weight - (first.group <= second.group ? 1 : 0)
  const wanted = SIGNIFICANT_DIGITS_MIN - weight * 4
  return displayScale(wanted, a.scale, b.scale)
}

/** The first group of four digits that is not zero, and how many groups follow it before the point. */
export function leadingGroup(value: Numeric): { weight: number; group: number } {
  const magnitude = magnitudeOf(value.digits)
  if (magnitude === 0n) return { weight: 0, group: 0 }
  const count = countDigits(magnitude)
  const exponent = count - value.scale - 1
  const weight = Math.floor(exponent / 4)
  const wanted = exponent - weight * 4 + 1
  const group =
    count >= wanted
      ? Number(magnitude / powerOfTen(count - wanted))
      : Number(magnitude) * 10 ** (wanted - count)
  return { weight, group }
}

/** The whole part of the quotient. @throws division_by_zero */
export function divideWholeNumeric(a: Numeric, b: Numeric): Numeric {
  if (a.special !== undefined || b.special !== undefined) return divideSpecial(a, b)
  requireDivisor(b)
  const scale = Math.max(a.scale, b.scale)
  return limited((a.digits * powerOfTen(scale - a.scale)) / (b.digits * powerOfTen(scale - b.scale)), 0)
}

/** The remainder, with the sign of `a`. @throws division_by_zero */
export function moduloNumeric(a: Numeric, b: Numeric): Numeric {
  if (a.isNaN || b.isNaN) return Numeric.NAN
  requireDivisor(b)
  if (a.special !== undefined) return Numeric.NAN
  if (b.special !== undefined) return a
  const scale = Math.max(a.scale, b.scale)
  return new Numeric(
    (a.digits * powerOfTen(scale - a.scale)) % (b.digits * powerOfTen(scale - b.scale)),
    scale,
  )
}

export function signNumeric(value: Numeric): Numeric {
  return value.isNaN ? value : new Numeric(BigInt(value.sign), 0)
}
