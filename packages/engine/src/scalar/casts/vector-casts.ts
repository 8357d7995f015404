/** Between vectors and arrays of numbers, as pgvector has them. */
import { SqlArray } from '../array/sql-array.js'
import { queryError } from '../condition.js'
import type { Cast } from '../functions/function.js'
import { numericToFloat4 } from '../numeric/convert-numeric.js'
import { Numeric } from '../numeric/numeric.js'
import { float4Array, float8Array, int4Array, numericArray, vector } from '../types/system-types.js'
import { checkDimensions } from '../types/vector-type.js'
import type { Value } from '../value.js'
import { castBy } from './define-cast.js'
import { toFloat4 } from './number-casts.js'

/** @throws data_exception, null_value_not_allowed, program_limit_exceeded */
function arrayToVector({ elements, dimensions }: SqlArray): Float32Array {
  if (dimensions.length > 1) throw queryError('data_exception', 'array must be 1-D')
  checkDimensions(elements.length)
  return Float32Array.from(elements, toElement)
}

function toElement(value: Value): number {
  if (value === null) throw queryError('null_value_not_allowed', 'array must not contain nulls')
  const number = value instanceof Numeric ? numericToFloat4(value) : toFloat4(Number(value))
  if (Number.isNaN(number)) throw queryError('data_exception', 'NaN not allowed in vector')
  if (!Number.isFinite(number)) throw queryError('data_exception', 'infinite value not allowed in vector')
  return number
}

export const vectorCasts: readonly Cast[] = [
  ...[int4Array, float4Array, float8Array, numericArray].map((type) =>
    castBy<SqlArray>(type, vector, 'assignment', arrayToVector),
  ),
  castBy<Float32Array>(vector, float4Array, 'implicit', (value) => new SqlArray(Array.from(value))),
]
