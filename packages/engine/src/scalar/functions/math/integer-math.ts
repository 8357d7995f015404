import { queryError } from '../../condition.js'
import { numericOverflow } from '../../numeric/numeric-limits.js'
import { Numeric } from '../../numeric/numeric.js'
import type { Int64 } from '../../value.js'
import { checkInt4, checkInt8 } from '../arithmetic/integer-range.js'
import { scalar } from '../define/scalar-function.js'
import type { ScalarFunction } from '../function.js'

export function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b]
  return a < 0n ? -a : a
}

function leastCommonMultiple(a: bigint, b: bigint): bigint {
  if (a === 0n || b === 0n) return 0n
  const product = (a / greatestCommonDivisor(a, b)) * b
  return product < 0n ? -product : product
}

function gcd4(_: unknown, a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b]
  return checkInt4(Math.abs(a))
}

/** Above it the result has too many digits for a numeric. */
const FACTORIAL_MAX = 32_177n

function factorial(_: unknown, value: Int64): Numeric {
  if (value < 0) {
    throw queryError('numeric_value_out_of_range', 'factorial of a negative number is undefined')
  }
  if (value > FACTORIAL_MAX) throw numericOverflow()
  return new Numeric(productOf(1n, BigInt(value)), 0)
}

/** Halves the range, so that the factors are of about the same size. */
function productOf(from: bigint, to: bigint): bigint {
  if (from >= to) return to < 1n || from > to ? 1n : from
  const middle = (from + to) / 2n
  return productOf(from, middle) * productOf(middle + 1n, to)
}

export const integerMath: readonly ScalarFunction[] = [
  scalar('5044 gcd(int4,int4) int4', gcd4),
  scalar('5045 gcd(int8,int8) int8', (_, a: Int64, b: Int64) =>
    checkInt8(greatestCommonDivisor(BigInt(a), BigInt(b))),
  ),
  scalar('5046 lcm(int4,int4) int4', (_, a: number, b: number) =>
    checkInt4(Number(leastCommonMultiple(BigInt(a), BigInt(b)))),
  ),
  scalar('5047 lcm(int8,int8) int8', (_, a: Int64, b: Int64) =>
    checkInt8(leastCommonMultiple(BigInt(a), BigInt(b))),
  ),
  scalar('1376 factorial(int8) numeric', factorial),
]
