import type { ScalarContext } from '../../../scalar/scalar-context.js'
import type { ColumnIds } from '../../logical/column-ids.js'
import type { LogicalPlan } from '../../logical-plan.js'
import type { PlanCost } from '../estimator.js'

/** What rewriting a statement can ask for. */
export interface RewriteContext {
  readonly ids: ColumnIds
  readonly scalar: ScalarContext
  /** What a plan costs as it would be optimized by itself. */
  estimate(plan: LogicalPlan): PlanCost
  /** The plans of subqueries that have been made joins: their columns are in use. */
  readonly joined: Set<LogicalPlan>
  /** Those that are better run for each row. */
  readonly kept: Set<LogicalPlan>
}
