import { walkExpression } from '../../plan/expressions/each-argument.js'
import { eachPhysicalExpression } from '../../plan/physical/plan-expressions.js'
import { physicalInputs } from '../../plan/physical/plan-inputs.js'
import type { PhysicalPlan, SubqueryPlans } from '../../plan/physical-plan.js'

/** Whether a plan, one below it, or one inside of their expressions passes the test. */
export function somePlan(
  plan: PhysicalPlan,
  subqueries: SubqueryPlans,
  test: (plan: PhysicalPlan) => boolean,
): boolean {
  if (test(plan)) return true
  if (physicalInputs(plan).some((input) => somePlan(input, subqueries, test))) return true
  let found = false
  eachPhysicalExpression(plan, (expression) =>
    walkExpression(expression, (part) => {
      if (found || part.kind !== 'subquery') return
      const inner = subqueries.get(part.plan)
      found = inner !== undefined && somePlan(inner.plan, subqueries, test)
    }),
  )
  return found
}
