import type { ScalarContext } from '../../../scalar/scalar-context.js'
import { simplify } from '../../expressions/simplify.js'
import { mapExpressions } from '../../logical/plan-expressions.js'
import { mapInputs } from '../../logical/plan-inputs.js'
import type { LogicalPlan } from '../../logical-plan.js'

/** The plan with all its expressions simplified; plans inside of expressions are left aside. */
export function simplifyPlan(plan: LogicalPlan, scalar: ScalarContext): LogicalPlan {
  return mapExpressions(
    mapInputs(plan, (input) => simplifyPlan(input, scalar)),
    (expression) => simplify(expression, scalar),
  )
}
