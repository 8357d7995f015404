import type { Filter, PhysicalPlan } from '../../plan/physical-plan.js'
import type { Compiler } from '../compile/compiler.js'
import { compileCondition } from '../expression/condition.js'
import { scopeOf } from '../expression/scope.js'
import type { Operator, Run } from '../run.js'

export function compileFilter(plan: Filter, compiler: Compiler): Operator {
  const input = compiler.operator(plan.input)
  const accept = compileCondition(plan.condition, scopeOf(plan.input.columns), compiler)
  return async function* filter(run) {
    for await (const batch of input(run)) {
      const accepted = accept(batch, run)
      const rows = accepted instanceof Promise ? await accepted : accepted
      countRemoved(run, plan, batch.length - rows.length)
      if (rows.length > 0) yield rows
    }
  }
}

export function countRemoved(run: Run, plan: PhysicalPlan, rows: number): void {
  const counters = run.counters?.get(plan)
  if (counters !== undefined) counters.removedRows += rows
}
