import { walkExpression } from '../expressions/each-argument.js'
import { freeColumns } from '../logical/free-columns.js'
import type { LogicalPlan } from '../logical-plan.js'
import type { PhysicalPlan, SubqueryPlanEntry, SubqueryPlans } from '../physical-plan.js'
import { eachPhysicalExpression } from './plan-expressions.js'
import { physicalInputs } from './plan-inputs.js'

/** The plans of all subqueries that are left in expressions, those inside of them included. */
export function planSubqueries(
  root: PhysicalPlan,
  planOne: (plan: LogicalPlan) => PhysicalPlan,
): SubqueryPlans {
  const entries = new Map<object, SubqueryPlanEntry>()
  const visitPlan = (plan: PhysicalPlan): void => {
    eachPhysicalExpression(plan, (expression) =>
      walkExpression(expression, (part) => {
        if (part.kind !== 'subquery' || entries.has(part.plan)) return
        const planned = planOne(part.plan)
        entries.set(part.plan, { plan: planned, correlations: [...freeColumns(part.plan)] })
        visitPlan(planned)
      }),
    )
    physicalInputs(plan).forEach(visitPlan)
  }
  visitPlan(root)
  return entries
}
