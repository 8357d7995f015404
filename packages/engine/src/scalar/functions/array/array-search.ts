import { SqlArray } from '../../array/sql-array.js'
import { queryError } from '../../condition.js'
import type { DataType } from '../../data-type.js'
import type { Value } from '../../value.js'
import { bound } from '../define/scalar-function.js'
import type { ScalarFunction } from '../function.js'
import { equalityOf, memberTest } from './element-equality.js'

type Equals = (a: Value, b: Value) => boolean

function requireOneDimension(array: SqlArray, what: string): void {
  if (array.dimensions.length > 1) {
    throw queryError('feature_not_supported', `${what} multidimensional arrays is not supported`)
  }
}

/** The subscript of the first element, at `start` or behind it, that is the value. */
function position(equals: Equals, array: SqlArray, value: Value, start: number | undefined): number | null {
  requireOneDimension(array, 'searching for elements in')
  const lower = array.dimensions[0]?.lower ?? 1
  const first = start === undefined ? 0 : Math.max(start - lower, 0)
  for (let index = first; index < array.elements.length; index++) {
    if (isSame(equals, array.elements[index] ?? null, value)) return index + lower
  }
  return null
}

function positions(equals: Equals, array: SqlArray, value: Value): SqlArray {
  requireOneDimension(array, 'searching for elements in')
  const lower = array.dimensions[0]?.lower ?? 1
  return new SqlArray(
    array.elements.flatMap((element, index) => (isSame(equals, element, value) ? [index + lower] : [])),
  )
}

/** Null is the same as null here. */
function isSame(equals: Equals, a: Value, b: Value): boolean {
  return a === null || b === null ? a === b : equals(a, b)
}

function remove(equals: Equals, array: SqlArray, value: Value): SqlArray {
  requireOneDimension(array, 'removing elements from')
  const kept = array.elements.filter((element) => !isSame(equals, element, value))
  if (kept.length === array.elements.length) return array
  if (kept.length === 0) return new SqlArray([])
  return new SqlArray(kept, [{ length: kept.length, lower: array.dimensions[0]?.lower ?? 1 }])
}

function replace(equals: Equals, array: SqlArray, from: Value, to: Value): SqlArray {
  return new SqlArray(
    array.elements.map((element) => (isSame(equals, element, from) ? to : element)),
    array.dimensions,
  )
}

/** Whether all elements of `part` are in `whole`; a null never is. */
function bindContains(types: readonly DataType[]): (whole: SqlArray, part: SqlArray) => boolean {
  const memberOf = memberTest(types)
  return (whole, part) => {
    if (part.elements.length === 0) return true
    const isMember = memberOf(whole.elements, part.elements.length)
    return part.elements.every((element) => element !== null && isMember(element))
  }
}

export const arraySearch: readonly ScalarFunction[] = [
  bound('3277 array_position(anycompatiblearray,anycompatible) int4 nullable', (types) => {
    const equals = equalityOf(types)
    return (_, array: SqlArray | null, value: Value) =>
      array === null ? null : position(equals, array, value, undefined)
  }),
  bound('3278 array_position(anycompatiblearray,anycompatible,int4) int4 nullable', (types) => {
    const equals = equalityOf(types)
    return (_, array: SqlArray | null, value: Value, start: number | null) => {
      if (array === null || (value === null && !array.elements.includes(null))) return null
      if (start === null) throw queryError('null_value_not_allowed', 'initial position must not be null')
      return position(equals, array, value, start)
    }
  }),
  bound('3279 array_positions(anycompatiblearray,anycompatible) _int4 nullable', (types) => {
    const equals = equalityOf(types)
    return (_, array: SqlArray | null, value: Value) =>
      array === null ? null : positions(equals, array, value)
  }),
  bound('3167 array_remove(anycompatiblearray,anycompatible) anycompatiblearray nullable', (types) => {
    const equals = equalityOf(types)
    return (_, array: SqlArray | null, value: Value) => (array === null ? null : remove(equals, array, value))
  }),
  bound(
    '3168 array_replace(anycompatiblearray,anycompatible,anycompatible) anycompatiblearray nullable',
    (types) => {
      const equals = equalityOf(types)
      return (_, array: SqlArray | null, from: Value, to: Value) =>
        array === null ? null : replace(equals, array, from, to)
    },
  ),
  bound('2748 arraycontains(anyarray,anyarray) bool', (types) => {
    const contains = bindContains(types)
    return (_, whole: SqlArray, part: SqlArray) => contains(whole, part)
  }),
  bound('2749 arraycontained(anyarray,anyarray) bool', (types) => {
    const contains = bindContains(types)
    return (_, part: SqlArray, whole: SqlArray) => contains(whole, part)
  }),
  bound('2747 arrayoverlap(anyarray,anyarray) bool', (types) => {
    const memberOf = memberTest(types)
    return (_, a: SqlArray, b: SqlArray) => {
      const isMember = memberOf(a.elements, b.elements.length)
      return b.elements.some((element) => element !== null && isMember(element))
    }
  }),
]
