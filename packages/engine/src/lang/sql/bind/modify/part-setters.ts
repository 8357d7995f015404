/** Functions that no query can name: a value with a part of it replaced, as UPDATE … SET column[…] = … asks for. */
import { SqlArray } from '../../../../scalar/array/sql-array.js'
import { queryError } from '../../../../scalar/condition.js'
import type { ScalarType } from '../../../../scalar/data-type.js'
import type { Implementation, ScalarFunction } from '../../../../scalar/functions/function.js'
import { Jsonb } from '../../../../scalar/json/jsonb.js'
import type { Value } from '../../../../scalar/value.js'
import { setElement, setSlice } from './array-assignment.js'
import { setJsonPath } from './json-assignment.js'

/** Takes the array, the new element, and a subscript for each dimension. */
export function arrayElementSetter(type: ScalarType): ScalarFunction {
  return setter(-1, 'array_set_element', type, (_context, array, element = null, ...subscripts) =>
    setElement(arrayOf(array), element, subscripts.map(numberOf)),
  )
}

/**
 * Takes the array, the new slice, and for each dimension a lower and an upper bound, null where it is left out.
 * @param isWritten of each bound: whether it is not left out
 */
export function arraySliceSetter(type: ScalarType, isWritten: readonly boolean[]): ScalarFunction {
  return setter(-2, 'array_set_slice', type, (_context, array, slice, ...bounds) => {
    if (bounds.some((bound, index) => bound === null && isWritten[index] === true))
      throw queryError('null_value_not_allowed', 'array subscript in assignment must not be null')
    return setSlice(arrayOf(array), arrayOf(slice), bounds.map(numberOf))
  })
}

/** Takes the document, the new value, and a key or a position for each level. */
export function jsonSetter(type: ScalarType): ScalarFunction {
  return setter(-3, 'jsonb_set_element', type, (_context, document, value, ...path) =>
    setJsonPath(
      document instanceof Jsonb ? document : undefined,
      value instanceof Jsonb ? value.root : null,
      path.map(stepOf),
    ),
  )
}

/** They are no entries of `pg_proc`; the OID only tells them apart. */
function setter(oid: number, name: string, type: ScalarType, implementation: Implementation): ScalarFunction {
  return {
    kind: 'scalar',
    oid,
    name,
    parameters: [],
    result: type,
    isStrict: false,
    volatility: 'immutable',
    bind: () => implementation,
  }
}

function arrayOf(value: Value | undefined): SqlArray | undefined {
  return value instanceof SqlArray ? value : undefined
}

function numberOf(value: Value): number | undefined {
  return value === null ? undefined : Number(value)
}

/** A key as it is, a position as its digits. */
function stepOf(value: Value): string | undefined {
  return typeof value === 'string' ? value : numberOf(value)?.toString()
}
