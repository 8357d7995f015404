import type { Expression } from '../../../../plan/expression.js'
import type { RelationColumn } from '../../../../relation/relation.js'
import { locationOf } from '../context/facts.js'
import type { StatementState } from '../context/statement-state.js'
import { tryCoerce } from '../types/coerce.js'
import type { TargetRelation } from './target-relation.js'
import type { ChangeVerb } from './updatable-view.js'

/** A value as one of its column's type. @throws datatype_mismatch */
export function assignValue(
  statement: StatementState,
  column: Pick<RelationColumn, 'name' | 'type'>,
  expression: Expression,
  location: number | undefined,
): Expression {
  // What a domain demands is checked where rows are written, however they come about.
  const { domain: _, ...type } = column.type
  const coerced = tryCoerce(statement, expression, type, 'assignment')
  if (coerced !== undefined) return coerced
  throw statement.error(
    'datatype_mismatch',
    `column "${column.name}" is of type ${column.type.scalar.displayName} but expression is of type ${expression.type.scalar.displayName}`,
    locationOf(expression) ?? location,
    { hint: 'You will need to rewrite or cast the expression.' },
  )
}

/** The ordinal of a column by its name. @throws undefined_column, feature_not_supported */
export function requireOrdinal(
  statement: StatementState,
  { columns, used, view }: TargetRelation,
  name: string,
  location: number | undefined,
  verb: ChangeVerb,
): number {
  const column = columns.find((one) => one.name === name)
  if (column?.ordinal !== undefined) return column.ordinal
  if (column !== undefined && view !== undefined) {
    throw statement.error(
      'feature_not_supported',
      `cannot ${verb} column "${name}" of view "${used.name}"`,
      undefined,
      { detail: 'View columns that are not columns of their base relation are not updatable.' },
    )
  }
  throw statement.error(
    'undefined_column',
    `column "${name}" of relation "${used.name}" does not exist`,
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
