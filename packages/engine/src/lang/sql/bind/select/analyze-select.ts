/** SELECT … FROM … WHERE … GROUP BY … HAVING … WINDOW … ORDER BY … LIMIT. */
import type { Expression } from '../../../../plan/expression.js'
import type { Node, SelectStmt } from '../../parse/tree.js'
import { bindIn } from '../expressions/bind-expression.js'
import { bindFromClause } from '../from/bind-from.js'
import type { QueryScope } from '../scope/query-scope.js'
import { coerceToBoolean } from '../types/coerce.js'
import { buildSelect, type Distinct } from './build-select.js'
import type { AnalyzedQuery } from './bind-query.js'
import { bindDistinct } from './distinct-clause.js'
import { filtered } from './filtered.js'
import { bindGroupClause, type Groups } from './group-clause.js'
import { groupRows } from './group-rows.js'
import { bindLimits } from './limit-clause.js'
import { checkLocking } from './locking-clause.js'
import { bindSortClause } from './sort-clause.js'
import { bindTargets, settleTypes } from './target-list.js'
import { bindWindows, declareWindows } from './window-clause.js'
import { addWindows } from './window-plans.js'

export function analyzeSelect(scope: QueryScope, node: SelectStmt): AnalyzedQuery {
  declareWindows(scope, node.windowClause)
  const from = bindFromClause(scope, node.fromClause)
  const targets = scope.in('select', () => bindTargets(scope, node.targetList))
  const where = bindCondition(scope, 'where', 'WHERE', node.whereClause)
  const having = bindCondition(scope, 'having', 'HAVING', node.havingClause)
  const order = bindSortClause(scope, targets, node.sortClause)
  const groups = bindGroupClause(scope, targets, node.groupClause ?? [], node.groupDistinct === true)
  const distinct: Distinct | undefined = bindDistinct(scope, targets, order, node.distinctClause)
  const limits = bindLimits(scope, node)
  const windows = bindWindows(scope)
  settleTypes(scope, targets)
  checkLocking(scope)
  const input = filtered(from.build(), where)
  const isGrouped = isGroupedQuery(scope, node, groups)
  const [aggregate] = scope.aggregates
  if (scope.readsItself && aggregate !== undefined) {
    throw scope.statement.error(
      'invalid_recursion',
      "aggregate functions are not allowed in a recursive query's recursive term",
      aggregate.location,
    )
  }
  const rows = isGrouped
    ? groupRows(scope, { input, groups, having, targets, windows })
    : { plan: filtered(input, having), windows }
  const base = addWindows(scope, rows.plan, rows.windows)
  return {
    targets,
    build: () => buildSelect(scope, { base, targets, order, distinct, limits }),
  }
}

function isGroupedQuery(scope: QueryScope, node: SelectStmt, groups: Groups): boolean {
  return (
    groups.targets.length > 0 ||
    groups.sets !== undefined ||
    (node.groupClause ?? []).length > 0 ||
    node.havingClause !== undefined ||
    scope.aggregates.length > 0 ||
    scope.groupings.length > 0
  )
}

function bindCondition(
  scope: QueryScope,
  clause: 'where' | 'having',
  what: string,
  node: Node | undefined,
): Expression | undefined {
  if (node === undefined) return undefined
  return coerceToBoolean(scope.statement, bindIn(scope, clause, node), what)
}
