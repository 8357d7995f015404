import type { Expression } from '../../../../plan/expression.js'
import type { Relation, RelationColumn } from '../../../../relation/relation.js'
import { locationOf } from '../context/facts.js'
import type { StatementState } from '../context/statement-state.js'
import { tryCoerce } from '../types/coerce.js'

/** A value as one of its column's type. @throws datatype_mismatch */
export function assignValue(
  statement: StatementState,
  column: Pick<RelationColumn, 'name' | 'type'>,
  expression: Expression,
  location: number | undefined,
): Expression {
  const coerced = tryCoerce(statement, expression, column.type, 'assignment')
  if (coerced !== undefined) return coerced
  throw statement.error(
    'datatype_mismatch',
    `column "${column.name}" is of type ${column.type.scalar.displayName} but expression is of type ${expression.type.scalar.displayName}`,
    locationOf(expression) ?? location,
    { hint: 'You will need to rewrite or cast the expression.' },
  )
}

/** The ordinal of a column by its name. @throws undefined_column */
export function requireOrdinal(
  statement: StatementState,
  relation: Relation,
  name: string,
  location: number | undefined,
): number {
  const ordinal = relation.columns.findIndex((column) => column.name === name && column.isHidden !== true)
  if (ordinal >= 0) return ordinal
  throw statement.error(
    'undefined_column',
    `column "${name}" of relation "${relation.name}" does not exist`,
    location,
  )
}

/** Why a column takes nothing but DEFAULT; undefined when it takes more. */
export function onlyDefault(column: RelationColumn): string | undefined {
  if (column.generated === 'stored') return `Column "${column.name}" is a generated column.`
  if (column.generated === 'identity always') {
    return `Column "${column.name}" is an identity column defined as GENERATED ALWAYS.`
  }
  return undefined
}
