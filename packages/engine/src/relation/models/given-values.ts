/** Values of statements as the other models take them. */
import { queryError, unsupported } from '../../scalar/condition.js'
import { PLAIN_CONTEXT } from '../../models/relational/types/plain-context.js'
import type { JsonValue } from '../../record/json-value.js'
import { SqlArray } from '../../scalar/array/sql-array.js'
import { plainText, type Value } from '../../scalar/value.js'
import type { WriteRow } from '../relation.js'
import { jsonbValue } from './json-value.js'
import { typeOf } from './model-relation.js'

/** @throws not_null_violation as for a table */
export function requireValue(relation: string, column: string, value: Value | undefined): Value {
  if (value !== undefined && value !== null) return value
  throw queryError(
    'not_null_violation',
    `null value in column "${column}" of relation "${relation}" violates not-null constraint`,
    { table: relation, column },
  )
}

/** A `jsonb` object as the models keep them. @throws invalid_parameter_value, numeric_value_out_of_range */
export function givenObject(what: string, value: Value): Record<string, JsonValue> {
  const type = typeOf('jsonb').scalar
  const plain: unknown = JSON.parse(type.format(value, PLAIN_CONTEXT))
  if (typeof plain !== 'object' || plain === null || Array.isArray(plain))
    throw queryError('invalid_parameter_value', `${what} must be a JSON object`)
  // Numbers are 64-bit floats there: one that they cannot hold is refused instead of rounded.
  if (type.compare?.(value, jsonbValue(plain), undefined) !== 0)
    throw queryError(
      'numeric_value_out_of_range',
      `${what} has a number that is not kept exactly: numbers are double precision there`,
      { hint: 'Write it as a string.' },
    )
  return plain as Record<string, JsonValue>
}

/** The texts of a one-dimensional array. @throws not_null_violation, invalid_parameter_value */
export function givenTexts(value: Value, what: string): string[] {
  if (!(value instanceof SqlArray)) return []
  if (value.dimensions.length > 1)
    throw queryError('invalid_parameter_value', `${what} must be an array of one dimension`)
  if (value.elements.includes(null)) throw queryError('not_null_violation', `${what} may not hold a null`)
  return value.elements.map(plainText)
}

/** Columns that identify a record keep their values. @throws feature_not_supported */
export function requireSame(
  relation: string,
  values: WriteRow,
  fixed: readonly (readonly [name: string, ordinal: number, value: string])[],
): void {
  for (const [name, ordinal, value] of fixed) {
    const given = values[ordinal]
    if (given === undefined || given === value) continue
    throw unsupported(`changing "${name}", by which "${relation}" tells its records apart,`)
  }
}
