import type { SqlArray } from '../../array/sql-array.js'
import { scalar } from '../define/scalar-function.js'
import type { ScalarFunction } from '../function.js'

function dimensionsText({ dimensions }: SqlArray): string | null {
  if (dimensions.length === 0) return null
  return dimensions.map(({ lower, length }) => `[${lower}:${lower + length - 1}]`).join('')
}

export const arrayFacts: readonly ScalarFunction[] = [
  scalar('747 array_dims(anyarray) text', (_, array: SqlArray) => dimensionsText(array)),
  scalar('748 array_ndims(anyarray) int4', (_, { dimensions }: SqlArray) => dimensions.length || null),
  scalar('3179 cardinality(anyarray) int4', (_, { elements }: SqlArray) => elements.length),
  scalar(
    '2176 array_length(anyarray,int4) int4',
    (_, { dimensions }: SqlArray, dimension: number) => dimensions[dimension - 1]?.length ?? null,
  ),
  scalar(
    '2091 array_lower(anyarray,int4) int4',
    (_, { dimensions }: SqlArray, dimension: number) => dimensions[dimension - 1]?.lower ?? null,
  ),
  scalar('2092 array_upper(anyarray,int4) int4', (_, { dimensions }: SqlArray, number: number) => {
    const dimension = dimensions[number - 1]
    return dimension === undefined ? null : dimension.lower + dimension.length - 1
  }),
]
