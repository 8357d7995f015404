import { columnExpression } from '../expressions/conditions.js'
import type { LogicalPlan, OutputColumn } from '../logical-plan.js'

/** The plan with exactly these of its columns, in this order. */
export function withColumns(plan: LogicalPlan, columns: readonly OutputColumn[]): LogicalPlan {
  const isSame =
    plan.columns.length === columns.length && columns.every(({ id }, at) => plan.columns[at]?.id === id)
  if (isSame) return plan
  return { kind: 'project', columns, input: plan, expressions: columns.map(columnExpression) }
}
