import { comparisonOf } from '../../expressions/conditions.js'
import type { Expression, SortKey } from '../../expression.js'

/** Both sides of an equality, which a merge join would like to have its inputs sorted by. */
export function equalSides(condition: Expression): Expression[] {
  const parts = comparisonOf(condition)
  return parts?.comparison === 'eq' ? [parts.left, parts.right] : []
}

export function ascendingOrder(expression: Expression): SortKey[] {
  return [{ expression, isDescending: false, nullsFirst: false }]
}
