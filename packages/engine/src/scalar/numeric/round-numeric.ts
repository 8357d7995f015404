import { SCALE_MAX, WHOLE_DIGITS_MAX, limited } from './numeric-limits.js'
import { Numeric } from './numeric.js'
import { divideRounded, powerOfTen } from './powers-of-ten.js'

/** To so many digits after the point (before it, where negative), halves away from zero. */
export function roundNumeric(value: Numeric, places: number): Numeric {
  return toPlaces(value, places, divideRounded)
}

/** Towards zero. */
export function truncateNumeric(value: Numeric, places: number): Numeric {
  return toPlaces(value, places, (digits, power) => digits / power)
}

function toPlaces(
  value: Numeric,
  places: number,
  divide: (digits: bigint, power: bigint) => bigint,
): Numeric {
  if (value.special !== undefined) return value
  // One digit more than there can be: what rounds up to it is too large, and anything beyond it is zero.
  const wanted = Math.min(Math.max(places, -WHOLE_DIGITS_MAX - 1), SCALE_MAX)
  if (wanted >= value.scale) return withScale(value, wanted)
  const digits = divide(value.digits, powerOfTen(value.scale - wanted))
  return wanted >= 0 ? limited(digits, wanted) : limited(digits * powerOfTen(-wanted), 0)
}

/** The same value with zeros added at its end; never with fewer digits. */
export function withScale(value: Numeric, scale: number): Numeric {
  if (scale <= value.scale || value.special !== undefined) return value
  return new Numeric(value.digits * powerOfTen(scale - value.scale), scale)
}

export function floorNumeric(value: Numeric): Numeric {
  return toWhole(value, (digits, power) => (digits < 0n ? (digits - power + 1n) / power : digits / power))
}

export function ceilNumeric(value: Numeric): Numeric {
  return toWhole(value, (digits, power) => (digits > 0n ? (digits + power - 1n) / power : digits / power))
}

function toWhole(value: Numeric, divide: (digits: bigint, power: bigint) => bigint): Numeric {
  if (value.special !== undefined || value.scale === 0) return value
  return limited(divide(value.digits, powerOfTen(value.scale)), 0)
}
