/** Arithmetic on floating-point numbers where leaving the range is an error (22003). */
import type { OrbitError } from '@orbit-ts/base'
import { queryError } from '../../condition.js'
import { divisionByZero } from './integer-range.js'

export function floatOverflow(): OrbitError {
  return queryError('numeric_value_out_of_range', 'value out of range: overflow')
}

export function floatUnderflow(): OrbitError {
  return queryError('numeric_value_out_of_range', 'value out of range: underflow')
}

/** @throws numeric_value_out_of_range */
export function addFloat(a: number, b: number): number {
  const sum = a + b
  if ((sum === Infinity || sum === -Infinity) && isFinite(a) && isFinite(b)) throw floatOverflow()
  return sum
}

/** @throws numeric_value_out_of_range */
export function subtractFloat(a: number, b: number): number {
  const difference = a - b
  if ((difference === Infinity || difference === -Infinity) && isFinite(a) && isFinite(b))
    throw floatOverflow()
  return difference
}

/** @throws numeric_value_out_of_range */
export function multiplyFloat(a: number, b: number): number {
  const product = a * b
  if ((product === Infinity || product === -Infinity) && isFinite(a) && isFinite(b)) throw floatOverflow()
  if (product === 0 && a !== 0 && b !== 0) throw floatUnderflow()
  return product
}

/** @throws division_by_zero, numeric_value_out_of_range */
export function divideFloat(a: number, b: number): number {
  if (b === 0 && a === a) throw divisionByZero()
  const quotient = a / b
  if ((quotient === Infinity || quotient === -Infinity) && isFinite(a)) throw floatOverflow()
  if (quotient === 0 && a !== 0 && isFinite(b)) throw floatUnderflow()
  return quotient
}

/** @throws numeric_value_out_of_range unless an infinity or a zero is what is to be expected. */
export function checkFloat4(value: number, infinityIsFine: boolean, zeroIsFine: boolean): number {
  if (!infinityIsFine && (value === Infinity || value === -Infinity)) throw floatOverflow()
  if (!zeroIsFine && value === 0) throw floatUnderflow()
  return value
}
