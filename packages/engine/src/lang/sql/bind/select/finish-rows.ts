import type { Expression } from '../../../../plan/expression.js'
import type { LogicalPlan } from '../../../../plan/logical-plan.js'
import type { SelectStmt } from '../../parse/tree.js'
import { locationOf, type ColumnOrigin } from '../context/facts.js'
import { RangeItem, type RangeColumn } from '../scope/range-item.js'
import type { QueryScope } from '../scope/query-scope.js'
import type { AnalyzedQuery, QueryColumn } from './bind-query.js'
import { bindLimits } from './limit-clause.js'
import { limitPlan, sortPlan } from './ordering-plans.js'
import { bindSortClause, sortKeysOf, type SortItem } from './sort-clause.js'
import type { Target } from './target-list.js'

/**
 * ORDER BY and LIMIT of rows whose columns are all that can be named: of set operations and VALUES.
 * @param origins one for each column that is stored as it is
 */
export function finishRows(
  scope: QueryScope,
  node: SelectStmt,
  plan: LogicalPlan,
  origins: readonly (ColumnOrigin | undefined)[] = [],
): AnalyzedQuery {
  const { statement } = scope
  const targets = plan.columns.map(({ id, name, type }): Target => {
    const expression: Expression = { kind: 'column', column: id, name, type }
    return { name, expression, isJunk: false }
  })
  const items = bindOrder(scope, targets, node)
  const added = targets[plan.columns.length]
  if (added !== undefined) {
    throw statement.error(
      'feature_not_supported',
      'invalid UNION/INTERSECT/EXCEPT ORDER BY clause',
      locationOf(added.expression),
      {
        detail: 'Only result column names can be used, not expressions or functions.',
        hint: 'Add the expression/function to every SELECT, or move the UNION into a FROM clause.',
      },
    )
  }
  const keys = sortKeysOf(items)
  const limits = bindLimits(scope, node)
  const columns = plan.columns.map(({ id, name, type }, index): QueryColumn => {
    const origin = origins[index]
    return { id, name, type, ...(origin === undefined ? {} : { origin }) }
  })
  return {
    targets: [],
    build: () => ({ plan: limitPlan(sortPlan(plan, keys), limits, keys), columns }),
  }
}

/** Names in ORDER BY mean the columns of the result. */
function bindOrder(scope: QueryScope, targets: Target[], node: SelectStmt): SortItem[] {
  const columns = targets.map(({ name, expression }): RangeColumn => ({
    name,
    type: expression.type,
    value: expression,
  }))
  scope.items = [new RangeItem({ kind: 'subquery', name: undefined, columns })]
  try {
    return bindSortClause(scope, targets, node.sortClause)
  } finally {
    scope.items = []
  }
}
