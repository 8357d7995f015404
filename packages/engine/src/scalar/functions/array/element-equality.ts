import { queryError } from '../../condition.js'
import type { DataType, ScalarType } from '../../data-type.js'
import type { Value } from '../../value.js'
import { collationOf } from '../comparison/comparison-implementations.js'

/** From so many comparisons on it pays to put the elements of one array into a set. */
const SET_FROM = 64

/** The type of the elements of a call's first array. */
export function elementTypeOf(types: readonly DataType[]): ScalarType {
  for (const { scalar } of types) if (scalar.element !== undefined) return scalar.element
  throw queryError('datatype_mismatch', 'could not determine element data type')
}

/** Whether two elements, which are not null, are equal by the type's `=`. */
export function equalityOf(types: readonly DataType[]): (a: Value, b: Value) => boolean {
  const element = elementTypeOf(types)
  const { compare } = element
  if (compare === undefined) {
    throw queryError(
      'undefined_function',
      `could not identify an equality operator for type ${element.displayName}`,
    )
  }
  if (element.isCollatable && element.name !== 'bpchar') return (a, b) => a === b
  const collation = collationOf(types)
  return (a, b) => compare(a, b, collation) === 0
}

/** Binds tests whether a value is among elements; `uses` is how many tests are to be expected. */
export function memberTest(
  types: readonly DataType[],
): (elements: readonly Value[], uses: number) => (value: Value) => boolean {
  const equals = equalityOf(types)
  const { hashKey } = elementTypeOf(types)
  return (elements, uses) => {
    if (hashKey !== undefined && elements.length * uses >= SET_FROM) {
      const keys = new Set(elements.filter((element) => element !== null).map((element) => hashKey(element)))
      return (value) => keys.has(hashKey(value))
    }
    return (value) => elements.some((element) => element !== null && equals(element, value))
  }
}
