import type { LogicalPlan } from '../logical-plan.js'
import type { Optimize, OptimizerOptions } from '../optimizer.js'
import type { ExecutablePlan, PhysicalPlan } from '../physical-plan.js'
import { narrowScans } from '../physical/narrow-scans.js'
import { planSubqueries } from '../physical/plan-subqueries.js'
import { ColumnIds } from '../logical/column-ids.js'
import { TiKVQueryOptimizer } from '../pushdown/tikv-query-optimizer.js'
import { ColumnFacts } from '../statistics/column-facts.js'
import type { PlanCost } from './estimator.js'
import { Planner } from './planner.js'
import { rewrite } from './rewrite/rewrite.js'
import type { RewriteContext } from './rewrite/rewrite-context.js'
import type { ScalarContext } from '../../scalar/scalar-context.js'
import { workMeter } from '../../scalar/work-meter.js'

/** Turns a logical plan into the physical one that is expected to cost least. */
export const optimize: Optimize = (plan, options) => {
  // What constants take is counted for each statement, so that a plan does not depend on what came before it.
  workMeter.reset()
  const executable = narrowScans(new Optimization(plan, options).run())
  return options.pushdown === true ? new TiKVQueryOptimizer().optimize(executable) : executable
}

/** One statement. Plans inside of expressions are planned when their costs are asked for, each once. */
class Optimization implements RewriteContext {
  readonly ids: ColumnIds
  readonly scalar: ScalarContext
  readonly joined = new Set<LogicalPlan>()
  readonly kept = new Set<LogicalPlan>()
  readonly #plan: LogicalPlan
  readonly #facts = new ColumnFacts()
  readonly #planner: Planner
  readonly #known = new Map<LogicalPlan, { readonly root: PhysicalPlan; readonly cost: PlanCost }>()

  constructor(plan: LogicalPlan, options: OptimizerOptions) {
    this.#plan = plan
    this.ids = new ColumnIds(plan)
    this.scalar = options.scalar
    this.#planner = new Planner(this.#facts, options, (inner) => this.#planned(inner).cost)
  }

  run(): ExecutablePlan {
    const { root } = this.#planned(this.#plan)
    return {
      root,
      subqueries: planSubqueries(root, (inner) => this.#planned(inner).root),
      isModifying: root.kind === 'modify' && root.columns.length === 0,
    }
  }

  estimate(plan: LogicalPlan): PlanCost {
    return this.#planned(plan).cost
  }

  #planned(plan: LogicalPlan): { readonly root: PhysicalPlan; readonly cost: PlanCost } {
    let known = this.#known.get(plan)
    if (known === undefined) {
      known = this.#planner.best(rewrite(plan, this))
      this.#known.set(plan, known)
    }
    return known
  }
}
