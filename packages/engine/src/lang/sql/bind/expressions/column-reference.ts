import type { Expression } from '../../../../plan/expression.js'
import { stringOf, type ColumnRef, type Node } from '../../parse/tree.js'
import { findColumn, findColumnOf, missingColumn } from '../scope/find-column.js'
import { findItem, missingItem, wholeRow, type FoundItem } from '../scope/find-table.js'
import { rulesOf } from '../scope/clause.js'
import type { QueryScope } from '../scope/query-scope.js'
import { projectField } from './field.js'

/** `column`, `table.column`, `schema.table.column`, `database.schema.table.column`, or a table as one value. */
export function bindColumnReference(scope: QueryScope, node: ColumnRef): Expression {
  const location = node.location ?? 0
  const { noColumns } = rulesOf(scope.clause)
  const fields = node.fields ?? []
  const isWhole = fields.length > 1 && isStarField(fields.at(-1))
  const names = namesOf(scope, isWhole ? { ...node, fields: fields.slice(0, -1) } : node)
  if (noColumns !== undefined) {
    throw scope.statement.error(
      'feature_not_supported',
      `cannot use column reference in ${noColumns}`,
      location,
    )
  }
  // `f(t.*)` hands over the row.
  if (isWhole) return wholeRow(requireItem(scope, names, undefined, location), location)
  const name = names.at(-1) ?? ''
  if (names.length === 1) return bindName(scope, name, location)
  return bindQualified(scope, names.slice(0, -1), name, location)
}

function isStarField(field: Node | undefined): boolean {
  return field !== undefined && 'A_Star' in field
}

function namesOf(scope: QueryScope, node: ColumnRef): string[] {
  return (node.fields ?? []).map((field) => {
    const name = stringOf(field)
    if (name !== undefined) return name
    throw scope.statement.error(
      'syntax_error',
      'row expansion via "*" is not supported here',
      node.location ?? 0,
    )
  })
}

function bindName(scope: QueryScope, name: string, location: number): Expression {
  const column = findColumn(scope, name, location)
  if (column !== undefined) return column
  const found = findItem(scope, undefined, name, location)
  if (found !== undefined) return wholeRow(found, location)
  throw missingColumn(scope, undefined, name, location)
}

function bindQualified(
  scope: QueryScope,
  qualifier: readonly string[],
  name: string,
  location: number,
): Expression {
  const found = requireItem(scope, qualifier, name, location)
  const column = findColumnOf(scope, found.level, found.item, name, location)
  if (column !== undefined) return column
  // `table.function` is PostgreSQL's other way to write `function(table)`.
  const projected = projectField(scope, () => wholeRow(found, location), name, location)
  if (projected !== undefined) return projected
  throw missingColumn(scope, qualifier.at(-1), name, location)
}

/** The item that what stands before a column, or before `.*`, names. @throws undefined_table */
export function requireItem(
  scope: QueryScope,
  qualifier: readonly string[],
  name: string | undefined,
  location: number,
): FoundItem {
  const [table = '', schema, database, ...more] = [...qualifier].reverse()
  const { statement } = scope
  const full = name === undefined ? qualifier : [...qualifier, name]
  if (more.length > 0) {
    throw statement.error(
      'syntax_error',
      `improper qualified name (too many dotted names): ${full.join('.')}`,
      location,
    )
  }
  if (database !== undefined && database !== statement.context.scalar.session.database) {
    throw statement.error(
      'feature_not_supported',
      `cross-database references are not implemented: ${full.join('.')}`,
      location,
    )
  }
  const found = findItem(scope, schema, table, location)
  if (found === undefined) throw missingItem(scope, table, location)
  return found
}
