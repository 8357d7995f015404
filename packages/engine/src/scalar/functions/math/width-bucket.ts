import { defined, type OrbitError } from '@orbit-ts/base'
import type { SqlArray } from '../../array/sql-array.js'
import { queryError } from '../../condition.js'
import { compareNumeric } from '../../numeric/compare-numeric.js'
import type { Numeric } from '../../numeric/numeric.js'
import { powerOfTen } from '../../numeric/powers-of-ten.js'
import type { Value } from '../../value.js'
import { checkInt4 } from '../arithmetic/integer-range.js'
import { orderOf } from '../comparison/comparison-implementations.js'
import { bound, scalar } from '../define/scalar-function.js'
import type { ScalarFunction } from '../function.js'

function invalid(message: string): OrbitError {
  return queryError('invalid_argument_for_width_bucket_function', message)
}

function check(count: number, anyIsNaN: boolean, boundsAreFinite: boolean, boundsAreEqual: boolean): void {
  if (count <= 0) throw invalid('count must be greater than zero')
  if (anyIsNaN) throw invalid('operand, lower bound, and upper bound cannot be NaN')
  if (!boundsAreFinite) throw invalid('lower and upper bounds must be finite')
  if (boundsAreEqual) throw invalid('lower bound cannot equal upper bound')
}

function floatBucket(_: unknown, operand: number, low: number, high: number, count: number): number {
  check(count, isNaN(operand) || isNaN(low) || isNaN(high), isFinite(low) && isFinite(high), low === high)
  const isUp = low < high
  if (isUp ? operand < low : operand > low) return 0
  if (isUp ? operand >= high : operand <= high) return checkInt4(count + 1)
  const width = high - low
  // Halved where the bounds are further apart than a double can tell.
  const share = isFinite(width) ? (operand - low) / width : (operand / 2 - low / 2) / (high / 2 - low / 2)
  return Math.min(Math.trunc(count * share), count - 1) + 1
}

function numericBucket(_: unknown, operand: Numeric, low: Numeric, high: Numeric, count: number): number {
  const order = compareNumeric(low, high)
  check(count, operand.isNaN || low.isNaN || high.isNaN, low.isFinite && high.isFinite, order === 0)
  const toLow = compareNumeric(operand, low)
  const toHigh = compareNumeric(operand, high)
  if (order < 0 ? toLow < 0 : toLow > 0) return 0
  if (order < 0 ? toHigh >= 0 : toHigh <= 0) return checkInt4(count + 1)
  const scale = Math.max(operand.scale, low.scale, high.scale)
  const [x, from, to] = [operand, low, high].map((each) => each.digits * powerOfTen(scale - each.scale)) as [
    bigint,
    bigint,
    bigint,
  ]
  return Number(((x - from) * BigInt(count)) / (to - from)) + 1
}

/** How many of the ascending thresholds are not above the operand. */
function thresholdBucket(
  order: (a: Value, b: Value) => number,
): (_: unknown, operand: Value, thresholds: SqlArray) => number {
  return (_, operand, { dimensions, elements }) => {
    if (dimensions.length > 1) {
      throw queryError('array_subscript_error', 'thresholds must be one-dimensional array')
    }
    if (elements.includes(null)) {
      throw queryError('null_value_not_allowed', 'thresholds array must not contain NULLs')
    }
    let low = 0
    let high = elements.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (order(operand, defined(elements[middle], 'the threshold')) < 0) high = middle
      else low = middle + 1
    }
    return low
  }
}

export const widthBucketFunctions: readonly ScalarFunction[] = [
  scalar('320 width_bucket(float8,float8,float8,int4) int4', floatBucket),
  scalar('2170 width_bucket(numeric,numeric,numeric,int4) int4', numericBucket),
  bound('3218 width_bucket(anycompatible,anycompatiblearray) int4', (types) =>
    thresholdBucket(orderOf(types)),
  ),
]
