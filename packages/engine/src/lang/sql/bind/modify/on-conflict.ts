import type { Expression } from '../../../../plan/expression.js'
import type { OnConflict } from '../../../../plan/logical-plan.js'
import type { OnConflictClause } from '../../parse/tree.js'
import { bindIn } from '../expressions/bind-expression.js'
import type { RangeItem } from '../scope/range-item.js'
import type { QueryScope } from '../scope/query-scope.js'
import { coerceToBoolean } from '../types/coerce.js'
import { bindAssignments } from './assignments.js'
import { inferIndex, requireArbiters } from './infer-index.js'
import { changedRow, usedTarget, type TargetRelation } from './target-relation.js'

/** @param item the row that is there, as names see it */
export function bindOnConflict(
  scope: QueryScope,
  target: TargetRelation,
  item: RangeItem,
  node: OnConflictClause | undefined,
): OnConflict | undefined {
  if (node === undefined || node.action === 'ONCONFLICT_NONE') return undefined
  const { statement } = scope
  const index = node.infer === undefined ? undefined : inferIndex(scope, target, node.infer)
  if (node.action !== 'ONCONFLICT_UPDATE') {
    if (index === undefined) requireArbiters(scope, target)
    return { index }
  }
  if (index === undefined) {
    throw statement.error(
      'syntax_error',
      'ON CONFLICT DO UPDATE requires inference specification or constraint name',
      node.location ?? 0,
      { hint: 'For example, ON CONFLICT (column_name).' },
    )
  }
  const excluded = changedRow(scope, target, 'excluded')
  const before = scope.items
  scope.items = [item, excluded.item]
  scope.addItem(item)
  scope.addItem(excluded.item)
  try {
    const use = usedTarget(scope, target, 'update')
    const assignments = bindAssignments(scope, target, node.targetList, use)
    const condition: Expression | undefined =
      node.whereClause === undefined
        ? undefined
        : coerceToBoolean(statement, bindIn(scope, 'where', node.whereClause), 'WHERE')
    return {
      index,
      update: {
        assignments: assignments.list,
        excluded: excluded.row,
        ...(condition === undefined ? {} : { condition }),
      },
    }
  } finally {
    scope.items = before
  }
}
