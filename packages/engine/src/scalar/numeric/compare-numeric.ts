import type { Numeric } from './numeric.js'
import { powerOfTen } from './powers-of-ten.js'

/** -Infinity, numbers, Infinity, NaN; NaN is equal to itself. */
export function compareNumeric(a: Numeric, b: Numeric): number {
  if (a.special !== undefined || b.special !== undefined) return rank(a) - rank(b)
  const x = a.scale < b.scale ? a.digits * powerOfTen(b.scale - a.scale) : a.digits
  const y = b.scale < a.scale ? b.digits * powerOfTen(a.scale - b.scale) : b.digits
  return x < y ? -1 : x > y ? 1 : 0
}

function rank(value: Numeric): number {
  switch (value.special) {
    case undefined:
      return 0
    case 'nan':
      return 2
    default:
      return value.special === 'infinity' ? 1 : -1
  }
}

/** What doubles keep apart: decimals of so many digits, powers of ten so large. */
const EXACT_DIGITS = 10n ** 15n
const EXACT_POWER = 22

/** Equal for equal values, whatever their scales: a number where a double is exact enough, otherwise a text. */
export function numericHashKey(value: Numeric): number | string {
  if (value.special !== undefined) return value.special
  const { digits, scale } = value
  if (digits < EXACT_DIGITS && digits > -EXACT_DIGITS && scale <= EXACT_POWER) return asDouble(digits, scale)
  const stripped = stripZeros(digits, scale)
  const isExact =
    stripped.digits < EXACT_DIGITS && stripped.digits > -EXACT_DIGITS && stripped.scale <= EXACT_POWER
  return isExact
    ? asDouble(stripped.digits, stripped.scale)
    : `${stripped.digits.toString(36)}/${stripped.scale}`
}

function asDouble(digits: bigint, scale: number): number {
  return scale === 0 ? Number(digits) : Number(digits) / 10 ** scale
}

/** The same value without zeros at the end of its fraction. */
export function stripZeros(digits: bigint, scale: number): { digits: bigint; scale: number } {
  if (digits === 0n) return { digits, scale: 0 }
  for (let step = 1024; step >= 1; step = Math.floor(step / 2)) {
    const power = powerOfTen(Math.min(step, scale))
    while (scale >= step && digits % power === 0n) {
      digits /= power
      scale -= step
    }
  }
  return { digits, scale }
}
