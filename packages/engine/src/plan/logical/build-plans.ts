import { allOf, isConstant } from '../expressions/conditions.js'
import type { Expression } from '../expression.js'
import type { JoinPlan, JoinType, LogicalPlan, OutputColumn } from '../logical-plan.js'
import { columnIds } from './unique-keys.js'
import { freeColumns } from './free-columns.js'
import { joinColumns } from './plan-inputs.js'

/** The rows of a plan for which all conditions hold. */
export function filterPlan(input: LogicalPlan, conditions: readonly Expression[]): LogicalPlan {
  const condition = allOf(conditions)
  if (condition === undefined) return input
  if (conditions.some((one) => isConstant(one, false) || isConstant(one, null)))
    return emptyPlan(input.columns)
  return { kind: 'filter', columns: input.columns, input, condition }
}

/** No rows. */
export function emptyPlan(columns: readonly OutputColumn[]): LogicalPlan {
  return { kind: 'values', columns, rows: [] }
}

export function isEmptyPlan(plan: LogicalPlan): boolean {
  return plan.kind === 'values' && plan.rows.length === 0
}

/** A join; it is lateral where its right side refers to the left one. */
export function joinPlan(
  type: JoinType,
  left: LogicalPlan,
  right: LogicalPlan,
  conditions: readonly Expression[],
): JoinPlan {
  return {
    kind: 'join',
    type,
    left,
    right,
    columns: joinColumns(type, left, right),
    condition: allOf(conditions),
    isLateral: refersTo(right, left),
  }
}

/** Whether a plan refers to columns of another one. */
export function refersTo(plan: LogicalPlan, other: LogicalPlan): boolean {
  const free = freeColumns(plan)
  if (free.size === 0) return false
  const columns = columnIds(other)
  for (const column of free) if (columns.has(column)) return true
  return false
}
