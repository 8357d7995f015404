import { columnExpression } from '../expressions/conditions.js'
import type { OutputColumn } from '../logical-plan.js'
import type { PhysicalPlan } from '../physical-plan.js'

/** The plan with exactly these columns in this order, for operators that go by position. */
export function exactly(plan: PhysicalPlan, columns: readonly OutputColumn[]): PhysicalPlan {
  const isSame =
    plan.columns.length === columns.length &&
    columns.every((column, at) => plan.columns[at]?.id === column.id)
  if (isSame) return plan
  if (plan.kind === 'with') return { ...plan, columns, body: exactly(plan.body, columns) }
  return {
    kind: 'project',
    columns,
    estimate: plan.estimate,
    input: plan,
    expressions: columns.map(columnExpression),
  }
}
