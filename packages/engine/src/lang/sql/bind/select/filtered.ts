import type { Expression } from '../../../../plan/expression.js'
import type { LogicalPlan } from '../../../../plan/logical-plan.js'

export function filtered(input: LogicalPlan, condition: Expression | undefined): LogicalPlan {
  return condition === undefined ? input : { kind: 'filter', input, condition, columns: input.columns }
}
