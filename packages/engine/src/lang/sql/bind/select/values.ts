import type { Expression } from '../../../../plan/expression.js'
import type { OutputColumn } from '../../../../plan/logical-plan.js'
import { itemsOf, type Node, type SelectStmt } from '../../parse/tree.js'
import { locationOf } from '../context/facts.js'
import { bindList } from '../expressions/expression-list.js'
import type { QueryScope } from '../scope/query-scope.js'
import { deriveCollation, typeWith, withCollation } from '../types/collations.js'
import { toCommonType } from '../types/common-type.js'
import type { AnalyzedQuery } from './bind-query.js'
import { finishRows } from './finish-rows.js'

/** VALUES as a query: columns of common types, called `column1`, `column2`… */
export function analyzeValues(scope: QueryScope, node: SelectStmt): AnalyzedQuery {
  const { statement } = scope
  const rows = scope.in('values', () => bindRows(scope, node.valuesLists ?? []))
  const columns = commonColumns(scope, rows)
  const output = columns.map(({ type }, index): OutputColumn => ({
    id: statement.newColumn(),
    name: `column${index + 1}`,
    type,
  }))
  const plan = {
    kind: 'values' as const,
    rows: rows.map((_, row) => columns.flatMap(({ expressions }) => expressions[row] ?? [])),
    columns: output,
  }
  return finishRows(scope, node, plan)
}

/** @throws syntax_error unless all are of one length */
export function bindRows(scope: QueryScope, lists: readonly Node[]): Expression[][] {
  const rows = lists.map((list) => bindList(scope, itemsOf(list)))
  const [first = []] = rows
  for (const row of rows) {
    if (row.length === first.length) continue
    const [value] = row
    throw scope.statement.error(
      'syntax_error',
      'VALUES lists must all be the same length',
      value && locationOf(value),
    )
  }
  return rows
}

function commonColumns(
  scope: QueryScope,
  rows: readonly (readonly Expression[])[],
): { readonly type: Expression['type']; readonly expressions: readonly Expression[] }[] {
  const { statement } = scope
  const [first = []] = rows
  return first.map((_, index) => {
    const values = rows.flatMap((row) => row[index] ?? [])
    const { type, expressions } = toCommonType(statement, values, 'VALUES')
    const derived = deriveCollation(statement, expressions)
    return { type: typeWith(type, derived.collation), expressions: withCollation(expressions, derived) }
  })
}
