import { defined } from '@orbit-ts/base'
import type { DataType } from '../../scalar/data-type.js'
import type { Row, Value } from '../../scalar/value.js'
import { NUMBERED_TYPES } from '../expression/type-oids.js'

/** Below 0: the first row comes first. */
export type CompareRows = (a: Row, b: Row) => number

/** One key of an order, by the position of its values in a row. */
export interface RowKey {
  readonly position: number
  readonly type: DataType
  readonly isDescending: boolean
  readonly nullsFirst: boolean
}

export function compileRowOrder(keys: readonly RowKey[]): CompareRows {
  const [first, second] = keys.map(compileKeyOrder)
  if (first === undefined) return () => 0
  if (second === undefined) return first
  const rest = compileRowOrder(keys.slice(1))
  return (a, b) => {
    const order = first(a, b)
    return order === 0 ? rest(a, b) : order
  }
}

function compileKeyOrder(key: RowKey): CompareRows {
  const { position, isDescending, nullsFirst } = key
  const compare = compareValues(key.type)
  const nullOrder = nullsFirst ? -1 : 1
  const sign = isDescending ? -1 : 1
  return (a, b) => {
    const x = a[position] as Value
    const y = b[position] as Value
    if (x === null || y === null) return x === y ? 0 : x === null ? nullOrder : -nullOrder
    return compare(x, y) * sign
  }
}

/** The order of a type's values, nulls left aside. */
export function compareValues(type: DataType): (a: NonNullable<Value>, b: NonNullable<Value>) => number {
  const { scalar, collation } = type
  if (NUMBERED_TYPES.has(scalar.oid)) return compareNumbered
  const compare = defined(scalar.compare, `an order of the type ${scalar.displayName}`)
  return (a, b) => compare(a, b, collation)
}

function compareNumbered(a: NonNullable<Value>, b: NonNullable<Value>): number {
  // Of these types; numbers and bigints compare with one another.
  const x = a as number
  const y = b as number
  return x < y ? -1 : x > y ? 1 : 0
}
