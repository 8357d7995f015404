/** Expressions that definitions hold as text, bound to the columns of their table. */
import { defined } from '@orbit-ts/base'
import type { LayoutColumn, TableLayout } from '../../../models/relational/layout/table-layout.js'
import type { ColumnType } from '../../../models/relational/types/column-type.js'
import { PLAIN_CONTEXT } from '../../../models/relational/types/plain-context.js'
import type { Expression } from '../../../plan/expression.js'
import { someExpression } from '../../../plan/expressions/each-argument.js'
import { keyType, tableTypes } from '../../../relation/table-types.js'
import { bindTableExpression, type ExpressionScope } from '../ddl/table-expression.js'
import type { StoredExpressionPlace } from '../bind/bind-stored-expression.js'
import { DEFAULT_SCHEMA, splitObjectName } from './object-names.js'
import type { LoadedCatalog } from './snapshot.js'

/** An expression of a stored definition over the table's columns, whose ids are ordinals. */
export function bindStored(
  catalog: LoadedCatalog,
  table: TableLayout,
  sql: string,
  place: StoredExpressionPlace,
  result: ColumnType | 'condition' | undefined,
): Expression {
  const scope = layoutScope(catalog, table)
  const target =
    result === undefined || result === 'condition'
      ? result
      : { column: '', type: keyType(result, catalog.types).type }
  return bindTableExpression(scope, sql, place, target)
}

export function layoutScope(catalog: LoadedCatalog, table: TableLayout): ExpressionScope {
  const { schema, name } = splitObjectName(table.name)
  const { types } = tableTypes(table, catalog.types)
  // What an expression names without a schema was found in one of these when it was written.
  const searchPath = schema === DEFAULT_SCHEMA ? [schema] : [schema, DEFAULT_SCHEMA]
  return {
    catalog,
    scalar: {
      ...PLAIN_CONTEXT,
      names: {
        oidOf: (kind, text) => catalog.oidOf(kind, text, searchPath),
        nameOf: (kind, oid) => catalog.nameOf(kind, oid, searchPath),
      },
    },
    searchPath,
    name,
    columns: table.columns.map((column: LayoutColumn, i) => ({
      name: column.name,
      type: defined(types[i], 'the type of the column'),
    })),
  }
}

export function ordinalsOf(expression: Expression): number[] {
  const found = new Set<number>()
  someExpression(expression, (part) => {
    if (part.kind === 'column') found.add(part.column)
    return false
  })
  return [...found].sort((a, b) => a - b)
}
