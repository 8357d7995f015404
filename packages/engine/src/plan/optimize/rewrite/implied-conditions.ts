import { allOf, anyOf, conjunctsOf, disjunctsOf } from '../../expressions/conditions.js'
import { hasSubquery, isVolatile } from '../../expressions/volatility.js'
import type { ColumnId, Expression } from '../../expression.js'
import { columnsOf } from '../../logical/free-columns.js'

/**
 * What follows for some columns from conditions about more: where `(a = 1 AND b = 2) OR (a = 3 AND b = 4)` holds,
 * `a = 1 OR a = 3` does. The conditions themselves are still to be checked.
 */
export function impliedConditions(
  conditions: readonly Expression[],
  columns: ReadonlySet<ColumnId>,
  others: ReadonlySet<ColumnId>,
): readonly Expression[] {
  return conditions.flatMap((condition) => {
    if (condition.kind !== 'or') return []
    const branches = disjunctsOf(condition).map((branch) =>
      conjunctsOf(branch).filter((part) => isAbout(part, columns, others)),
    )
    if (branches.some((parts) => parts.length === 0)) return []
    const alternatives = branches.map(allOf).filter((one) => one !== undefined)
    return [anyOf(alternatives, condition.type)]
  })
}

function isAbout(
  condition: Expression,
  columns: ReadonlySet<ColumnId>,
  others: ReadonlySet<ColumnId>,
): boolean {
  let isOurs = false
  for (const column of columnsOf(condition)) {
    if (others.has(column)) return false
    isOurs ||= columns.has(column)
  }
  return isOurs && !isVolatile(condition) && !hasSubquery(condition)
}
