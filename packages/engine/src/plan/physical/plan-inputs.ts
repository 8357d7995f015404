import type { PhysicalPlan } from '../physical-plan.js'

/** The plans that a plan reads, in the order they are written. */
export function physicalInputs(plan: PhysicalPlan): readonly PhysicalPlan[] {
  switch (plan.kind) {
    case 'table-scan':
    case 'values':
    case 'table-function':
    case 'common-scan':
      return []
    case 'nested-loop':
    case 'hash-join':
    case 'merge-join':
      return [plan.left, plan.right]
    case 'index-join':
      return [plan.left]
    case 'set-operation':
      return plan.inputs
    case 'recursive':
      return [plan.start, plan.step]
    case 'with':
      return [...plan.definitions.map((definition) => definition.plan), plan.body]
    default:
      return [plan.input]
  }
}
