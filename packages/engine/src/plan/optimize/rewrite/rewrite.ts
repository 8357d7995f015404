import { withColumns } from '../../logical/with-columns.js'
import type { LogicalPlan } from '../../logical-plan.js'
import { inlineCommon } from './inline-common.js'
import { pruneColumns } from './prune-columns.js'
import { pullUpProjections } from './pull-up-projections.js'
import { pushFilters } from './push-filters.js'
import type { RewriteContext } from './rewrite-context.js'
import { simplifyPlan } from './simplify-plan.js'
import { pullUpSubqueries } from './subqueries/pull-up-subqueries.js'

/** The plan in the form in which ways to compute it are looked for: the same rows, with the same columns. */
export function rewrite(plan: LogicalPlan, context: RewriteContext): LogicalPlan {
  const { columns } = plan
  const simplified = simplifyPlan(inlineCommon(plan, context.ids), context.scalar)
  const joined = withColumns(pullUpSubqueries(simplified, context), columns)
  const flat = withColumns(pullUpProjections(joined), columns)
  const pushed = withColumns(pushFilters(flat, context.scalar), columns)
  return pruneColumns(pushed, columns)
}
