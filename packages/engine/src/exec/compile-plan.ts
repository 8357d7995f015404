import type { ExecutablePlan, PhysicalPlan } from '../plan/physical-plan.js'
import { PlanCompiler } from './compile/plan-compiler.js'
import type { CompiledPlan, OperatorCounters, PlanExecution } from './compiled-plan.js'
import { EndingBatches } from './rows/row-batches.js'
import { Run, type Batches, type Operator } from './run.js'

/** Prepares a plan for running: once for a prepared statement, however often it is run. */
export function compilePlan(plan: ExecutablePlan): CompiledPlan {
  const operator = new PlanCompiler(plan).operator(plan.root)
  return {
    columns: plan.root.columns,
    run: (context, options = {}) => {
      const counters = options.isMeasured === true ? new Map<PhysicalPlan, OperatorCounters>() : undefined
      return new Execution(operator, new Run(context, counters))
    },
  }
}

class Execution implements PlanExecution {
  readonly #operator: Operator
  readonly #run: Run

  constructor(operator: Operator, run: Run) {
    this.#operator = operator
    this.#run = run
  }

  get changedRows(): number {
    return this.#run.changedRows
  }

  get counters(): ReadonlyMap<PhysicalPlan, OperatorCounters> | undefined {
    return this.#run.counters
  }

  [Symbol.asyncIterator](): Batches {
    return new EndingBatches(this.#operator(this.#run), () => this.#run.end())
  }
}
