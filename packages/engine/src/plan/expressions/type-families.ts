import { compareCodePoints } from '../../scalar/collation/code-points.js'
import type { ScalarType } from '../../scalar/data-type.js'
import type { Expression } from '../expression.js'

/** Types whose values are of one form, equal and ordered alike, and hashed to the same keys; by `pg_type.oid`. */
const FAMILIES: readonly (readonly number[])[] = [
  [20, 21, 23], // int8, int2, int4
  [700, 701], // float4, float8
  [25, 1043, 19], // text, varchar, name
]

const familyOf = new Map(FAMILIES.flatMap((oids, family) => oids.map((oid) => [oid, family] as const)))

/** Whether values of the two types can be compared by either type's order, and hashed by either's keys. */
export function isSameFamily(a: ScalarType, b: ScalarType): boolean {
  if (a.oid === b.oid) return true
  const family = familyOf.get(a.oid)
  return family !== undefined && family === familyOf.get(b.oid)
}

/** A number that types of one family share. */
export function familyNumber({ oid }: ScalarType): number {
  const family = familyOf.get(oid)
  return family === undefined ? oid : -1 - family
}

/** The expression below conversions that leave values as they are. */
export function withoutRelabel(expression: Expression): Expression {
  let current = expression
  while (
    current.kind === 'cast' &&
    current.cast?.method === 'relabel' &&
    current.element === undefined &&
    current.type.modifier === -1 &&
    isSameFamily(current.type.scalar, current.arg.type.scalar) &&
    collationName(current) === collationName(current.arg)
  ) {
    current = current.arg
  }
  return current
}

/** The collation that an expression's values are put in order by; all that go by code points are one. */
export function collationName(expression: Expression): string {
  const { collation } = expression.type
  return collation === undefined || collation.compare === compareCodePoints ? 'C' : collation.name
}
