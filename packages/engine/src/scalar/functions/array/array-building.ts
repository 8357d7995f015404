import type { OrbitError } from '@orbit-ts/base'
import { SqlArray, type ArrayDimension } from '../../array/sql-array.js'
import { queryError } from '../../condition.js'
import type { Value } from '../../value.js'
import { requireElements } from '../../value-limits.js'
import { scalar } from '../define/scalar-function.js'
import type { ScalarFunction } from '../function.js'

/** As PostgreSQL's. */
const DIMENSIONS_MAX = 6
const FILLED_MAX = 134_217_727

/** @throws data_exception unless the array can take single elements at its ends */
function requireFlat(array: SqlArray): void {
  if (array.dimensions.length > 1) {
    throw queryError('data_exception', 'argument must be empty or one-dimensional array')
  }
}

function append(_: unknown, array: SqlArray | null, element: Value): SqlArray {
  if (array === null || array.elements.length === 0) return new SqlArray([element])
  requireFlat(array)
  return flat([...array.elements, element], array.dimensions[0]?.lower ?? 1)
}

function prepend(_: unknown, element: Value, array: SqlArray | null): SqlArray {
  if (array === null || array.elements.length === 0) return new SqlArray([element])
  requireFlat(array)
  return flat([element, ...array.elements], array.dimensions[0]?.lower ?? 1)
}

function flat(elements: readonly Value[], lower: number): SqlArray {
  return new SqlArray(elements, [{ length: elements.length, lower }])
}

function incompatible(detail: string): OrbitError {
  return queryError('array_subscript_error', 'cannot concatenate incompatible arrays', { detail })
}

/** Joined along the first dimension; an array of one dimension less is taken for one element of the other. */
export function concatenate(a: SqlArray | null, b: SqlArray | null): SqlArray | null {
  if (a === null || b === null) return a ?? b
  if (a.dimensions.length === 0) return b
  if (b.dimensions.length === 0) return a
  const difference = a.dimensions.length - b.dimensions.length
  if (Math.abs(difference) > 1) {
    throw incompatible(
      `Arrays of ${a.dimensions.length} and ${b.dimensions.length} dimensions are not compatible for concatenation.`,
    )
  }
  requireElements(a.elements.length + b.elements.length)
  return new SqlArray(a.elements.concat(b.elements), joinedDimensions(a.dimensions, b.dimensions))
}

function joinedDimensions(
  a: readonly ArrayDimension[],
  b: readonly ArrayDimension[],
): readonly ArrayDimension[] {
  if (a.length === b.length) {
    requireSame(a.slice(1), b.slice(1), 'Arrays with differing element dimensions')
    return a.map((dimension, index) =>
      index === 0 ? { ...dimension, length: dimension.length + (b[0]?.length ?? 0) } : dimension,
    )
  }
  const [outer, inner] = a.length > b.length ? [a, b] : [b, a]
  requireSame(outer.slice(1), inner, 'Arrays with differing dimensions')
  return outer.map((dimension, index) =>
    index === 0 ? { ...dimension, length: dimension.length + 1 } : dimension,
  )
}

function requireSame(a: readonly ArrayDimension[], b: readonly ArrayDimension[], what: string): void {
  if (!a.every(({ length, lower }, index) => length === b[index]?.length && lower === b[index].lower)) {
    throw incompatible(`${what} are not compatible for concatenation.`)
  }
}

function fill(_: unknown, value: Value, lengths: SqlArray | null, lowers?: SqlArray | null): SqlArray {
  if (lengths === null || lowers === null) {
    throw queryError('null_value_not_allowed', 'dimension array or low bound array cannot be null')
  }
  const sizes = wholeNumbers(lengths, 'Dimension array must be one dimensional.')
  const bounds =
    lowers === undefined ? undefined : wholeNumbers(lowers, 'Low bound array must be one dimensional.')
  if (bounds !== undefined && bounds.length !== sizes.length) {
    throw queryError('array_subscript_error', 'wrong number of array subscripts', {
      detail: 'Low bound array has different size than dimensions array.',
    })
  }
  if (sizes.length > DIMENSIONS_MAX) {
    throw queryError(
      'program_limit_exceeded',
      `number of array dimensions (${sizes.length}) exceeds the maximum allowed (${DIMENSIONS_MAX})`,
    )
  }
  const count = sizes.length === 0 ? 0 : sizes.reduce((product, size) => product * size, 1)
  if (sizes.some((size) => size < 0) || count > FILLED_MAX) {
    throw queryError('program_limit_exceeded', `array size exceeds the maximum allowed (${FILLED_MAX})`)
  }
  requireElements(count)
  if (count === 0) return new SqlArray([])
  return new SqlArray(
    new Array<Value>(count).fill(value),
    sizes.map((length, index) => ({ length, lower: bounds?.[index] ?? 1 })),
  )
}

function wholeNumbers({ dimensions, elements }: SqlArray, detail: string): readonly number[] {
  if (dimensions.length > 1) {
    throw queryError('array_subscript_error', 'wrong number of array subscripts', { detail })
  }
  return elements.map((element) => {
    if (element === null) throw queryError('null_value_not_allowed', 'dimension values cannot be null')
    return Number(element)
  })
}

function trim(_: unknown, array: SqlArray, count: number): SqlArray {
  const [length = 0, ...others] = array.dimensions.map((dimension) => dimension.length)
  if (count < 0 || count > length) {
    throw queryError('array_subscript_error', `number of elements to trim must be between 0 and ${length}`)
  }
  if (count === length) return new SqlArray([])
  const kept = (array.elements.length / length) * (length - count)
  return new SqlArray(
    array.elements.slice(0, kept),
    [length - count, ...others].map((each) => ({ length: each, lower: 1 })),
  )
}

/** Functions that make arrays of others. */
export const arrayBuilding: readonly ScalarFunction[] = [
  scalar('378 array_append(anycompatiblearray,anycompatible) anycompatiblearray nullable', append),
  scalar('379 array_prepend(anycompatible,anycompatiblearray) anycompatiblearray nullable', prepend),
  scalar(
    '383 array_cat(anycompatiblearray,anycompatiblearray) anycompatiblearray nullable',
    (_, a: SqlArray | null, b: SqlArray | null) => concatenate(a, b),
  ),
  scalar('1193 array_fill(anyelement,_int4) anyarray nullable', fill),
  scalar('1286 array_fill(anyelement,_int4,_int4) anyarray nullable', fill),
  scalar('6172 trim_array(anyarray,int4) anyarray', trim),
]
