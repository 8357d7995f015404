/** Arrays with elements replaced, by PostgreSQL's rules: arrays of one dimension grow, others do not. */
import { SqlArray, type ArrayDimension } from '../../../../scalar/array/sql-array.js'
import { queryError } from '../../../../scalar/condition.js'
import type { Value } from '../../../../scalar/value.js'

/** More elements than this no array has. */
const ELEMENTS_MAX = 134_217_727

/** @throws array_subscript_error, null_value_not_allowed */
export function setElement(
  array: SqlArray | undefined,
  element: Value,
  written: readonly (number | undefined)[],
): SqlArray {
  const subscripts = written.map(requireSubscript)
  if (array === undefined || array.dimensions.length === 0) {
    return new SqlArray(
      [element],
      subscripts.map((lower) => ({ length: 1, lower })),
    )
  }
  const { dimensions } = array
  checkCount(dimensions, subscripts)
  const [only] = dimensions
  const [subscript = 1] = subscripts
  if (only !== undefined && dimensions.length === 1) {
    return replaceRange(array, only, subscript, [element])
  }
  let index = 0
  for (const [level, { length, lower }] of dimensions.entries()) {
    const position = (subscripts[level] ?? lower) - lower
    if (position < 0 || position >= length) throw outOfRange()
    index = index * length + position
  }
  return new SqlArray(array.elements.with(index, element), dimensions)
}

/**
 * @param bounds a lower and an upper one for each dimension
 * @throws array_subscript_error
 */
export function setSlice(
  array: SqlArray | undefined,
  source: SqlArray | undefined,
  bounds: readonly (number | undefined)[],
): SqlArray | null {
  // A null slice changes nothing.
  if (source === undefined) return array ?? null
  const count = bounds.length / 2
  if (array === undefined || array.dimensions.length === 0) return newSlice(source, bounds)
  const { dimensions } = array
  if (dimensions.length < count) throw outOfRange('wrong number of array subscripts')
  const ranges = dimensions.map(({ length, lower }, level) => {
    const from = bounds[level * 2] ?? lower
    const to = level < count ? (bounds[level * 2 + 1] ?? lower + length - 1) : lower + length - 1
    if (from > to) throw outOfRange('upper bound cannot be less than lower bound')
    return { from, to }
  })
  const size = ranges.reduce((product, { from, to }) => product * (to - from + 1), 1)
  if (source.elements.length < size) throw outOfRange('source array too small')
  const [only] = dimensions
  const [range] = ranges
  if (only !== undefined && range !== undefined && dimensions.length === 1) {
    return replaceRange(array, only, range.from, source.elements.slice(0, size))
  }
  return replaceBlock(array, ranges, source)
}

function newSlice(source: SqlArray, bounds: readonly (number | undefined)[]): SqlArray {
  if (bounds.some((bound) => bound === undefined)) {
    throw queryError('array_subscript_error', 'array slice subscript must provide both boundaries', {
      detail: 'When assigning to a slice of an empty array value, slice boundaries must be fully specified.',
    })
  }
  const dimensions = Array.from({ length: bounds.length / 2 }, (_, level): ArrayDimension => {
    const lower = bounds[level * 2] ?? 1
    const upper = bounds[level * 2 + 1] ?? lower
    if (upper < lower) throw outOfRange('upper bound cannot be less than lower bound')
    return { lower, length: upper - lower + 1 }
  })
  const size = dimensions.reduce((product, { length }) => product * length, 1)
  if (source.elements.length < size) throw outOfRange('source array too small')
  return new SqlArray(source.elements.slice(0, size), dimensions)
}

/** Puts elements into an array of one dimension; what lies between is filled up with nulls. */
function replaceRange(
  array: SqlArray,
  { lower, length }: ArrayDimension,
  from: number,
  elements: readonly Value[],
): SqlArray {
  const first = Math.min(lower, from)
  const end = Math.max(lower + length, from + elements.length)
  if (end - first > ELEMENTS_MAX) {
    throw queryError('program_limit_exceeded', `array size exceeds the maximum allowed (${ELEMENTS_MAX})`)
  }
  const result: Value[] = Array.from({ length: end - first }, () => null)
  for (const [index, element] of array.elements.entries()) result[lower - first + index] = element
  for (const [index, element] of elements.entries()) result[from - first + index] = element
  return new SqlArray(result, [{ lower: first, length: end - first }])
}

function replaceBlock(
  array: SqlArray,
  ranges: readonly { readonly from: number; readonly to: number }[],
  source: SqlArray,
): SqlArray {
  const elements = [...array.elements]
  let taken = 0
  const fill = (level: number, index: number): void => {
    const dimension = array.dimensions[level]
    const range = ranges[level]
    if (dimension === undefined || range === undefined) {
      elements[index] = source.elements[taken++] ?? null
      return
    }
    const { lower, length } = dimension
    if (range.from < lower || range.to >= lower + length) throw outOfRange()
    for (let at = range.from; at <= range.to; at++) fill(level + 1, index * length + at - lower)
  }
  fill(0, 0)
  return new SqlArray(elements, array.dimensions)
}

function checkCount(dimensions: readonly ArrayDimension[], subscripts: readonly number[]): void {
  if (dimensions.length !== subscripts.length) throw outOfRange('wrong number of array subscripts')
}

function requireSubscript(subscript: number | undefined): number {
  if (subscript !== undefined) return subscript
  throw queryError('null_value_not_allowed', 'array subscript in assignment must not be null')
}

function outOfRange(message = 'array subscript out of range'): Error {
  return queryError('array_subscript_error', message)
}
