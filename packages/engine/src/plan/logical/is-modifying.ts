import type { LogicalPlan } from '../logical-plan.js'
import { inputsOf } from './plan-inputs.js'

/** Whether running the plan changes rows: it must then run once, to its end, and where it was written. */
export function isModifying(plan: LogicalPlan): boolean {
  switch (plan.kind) {
    case 'insert':
    case 'update':
    case 'delete':
    case 'merge':
      return true
    default:
      return inputsOf(plan).some(isModifying)
  }
}
