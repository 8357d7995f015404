import { walkExpression } from '../../plan/expressions/each-argument.js'
import { eachPhysicalExpression } from '../../plan/physical/plan-expressions.js'
import type { PhysicalPlan, SubqueryPlans } from '../../plan/physical-plan.js'
import { somePlan } from './each-plan.js'

/** Whether a plan gives the same each time it is run with the same outer values: it changes nothing and is not volatile. */
export function isRepeatable(plan: PhysicalPlan, subqueries: SubqueryPlans): boolean {
  return !somePlan(plan, subqueries, isVolatile)
}

function isVolatile(plan: PhysicalPlan): boolean {
  if (plan.kind === 'modify' || plan.kind === 'lock') return true
  if (plan.kind === 'table-function' || plan.kind === 'unnest-calls') {
    if (plan.calls.some((call) => call.function.volatility === 'volatile')) return true
  }
  let found = false
  eachPhysicalExpression(plan, (expression) =>
    walkExpression(expression, (part) => {
      if (part.kind === 'call' && part.function.volatility === 'volatile') found = true
    }),
  )
  return found
}
