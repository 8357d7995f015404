/** The ranges of integer types and the errors for results that leave them. */
import type { OrbitError } from '@orbit-ts/base'
import { queryError } from '../../condition.js'
import { int64, type Int64 } from '../../value.js'

const INT8_MIN = -(2n ** 63n)
const INT8_MAX = 2n ** 63n - 1n

export function divisionByZero(): OrbitError {
  return queryError('division_by_zero', 'division by zero')
}

export function outOfRange(typeName: string): OrbitError {
  return queryError('numeric_value_out_of_range', `${typeName} out of range`)
}

/** @throws numeric_value_out_of_range */
export function checkInt2(value: number): number {
  if (value < -32_768 || value > 32_767) throw outOfRange('smallint')
  return value + 0
}

/** @throws numeric_value_out_of_range */
export function checkInt4(value: number): number {
  // Adding zero turns -0, which integers do not have, into 0.
  if (value < -2_147_483_648 || value > 2_147_483_647) throw outOfRange('integer')
  return value + 0
}

/** @throws numeric_value_out_of_range */
export function checkInt8(value: bigint): Int64 {
  if (value < INT8_MIN || value > INT8_MAX) throw outOfRange('bigint')
  return int64(value)
}
