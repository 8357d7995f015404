/**
 * Arithmetic on 64-bit integers. Safe integers are worked on as numbers: a sum or a product that is a safe integer after
 * rounding has not been rounded, as all that lies outside rounds to what lies outside. The rest goes through bigint.
 */
import type { Int64 } from '../../value.js'
import { checkInt8, divisionByZero } from './integer-range.js'

/** @throws numeric_value_out_of_range */
export function addInt64(a: Int64, b: Int64): Int64 {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b
    if (Number.isSafeInteger(sum)) return sum
  }
  return checkInt8(BigInt(a) + BigInt(b))
}

/** @throws numeric_value_out_of_range */
export function subtractInt64(a: Int64, b: Int64): Int64 {
  if (typeof a === 'number' && typeof b === 'number') {
    const difference = a - b
    if (Number.isSafeInteger(difference)) return difference
  }
  return checkInt8(BigInt(a) - BigInt(b))
}

/** @throws numeric_value_out_of_range */
export function multiplyInt64(a: Int64, b: Int64): Int64 {
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b
    if (Number.isSafeInteger(product)) return product + 0
  }
  return checkInt8(BigInt(a) * BigInt(b))
}

/** Rounds towards zero. @throws division_by_zero, numeric_value_out_of_range */
export function divideInt64(a: Int64, b: Int64): Int64 {
  if (b === 0) throw divisionByZero()
  // The remainder is exact, and what is left divides without rounding.
  if (typeof a === 'number' && typeof b === 'number') return (a - (a % b)) / b + 0
  return checkInt8(BigInt(a) / BigInt(b))
}

/** Has the sign of `a`. @throws division_by_zero */
export function remainderInt64(a: Int64, b: Int64): Int64 {
  if (b === 0) throw divisionByZero()
  if (typeof a === 'number' && typeof b === 'number') return (a % b) + 0
  return checkInt8(BigInt(a) % BigInt(b))
}

/** @throws numeric_value_out_of_range */
export function negateInt64(a: Int64): Int64 {
  return typeof a === 'number' ? 0 - a : checkInt8(-a)
}

/** @throws numeric_value_out_of_range */
export function absoluteInt64(a: Int64): Int64 {
  return a < 0 ? negateInt64(a) : a
}

/** The shift's distance counts modulo 64, as processors do it. */
export function shiftLeftInt64(a: Int64, distance: number): Int64 {
  return checkInt8(BigInt.asIntN(64, BigInt(a) << BigInt(distance & 63)))
}

export function shiftRightInt64(a: Int64, distance: number): Int64 {
  return checkInt8(BigInt(a) >> BigInt(distance & 63))
}
