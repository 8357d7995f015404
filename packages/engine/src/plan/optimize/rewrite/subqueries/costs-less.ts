import type { JoinPlan, LogicalPlan } from '../../../logical-plan.js'
import type { RewriteContext } from '../rewrite-context.js'

/** @returns whether the join costs less than the lateral one */
export function costsLess(joined: LogicalPlan, lateral: JoinPlan, context: RewriteContext): boolean {
  const left = context.estimate(lateral.left)
  const perRow = context.estimate(lateral.right)
  return context.estimate(joined).totalCost <= left.totalCost + left.rows * perRow.totalCost
}
