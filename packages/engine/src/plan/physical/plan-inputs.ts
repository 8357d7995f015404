import type { PhysicalPlan } from '../physical-plan.js'

/** The plans that a plan reads, in the order they are written. */
export function physicalInputs(plan: PhysicalPlan): readonly PhysicalPlan[] {
  switch (plan.kind) {
    case 'table-scan':
    case 'values':
    case 'table-function':
    case 'common-scan':
      return []
    case 'store-scan':
      return [plan.local]
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

/** The plan over what `map` makes of each plan that it reads. */
export function mapPhysicalInputs(
  plan: PhysicalPlan,
  map: (input: PhysicalPlan) => PhysicalPlan,
): PhysicalPlan {
  switch (plan.kind) {
    case 'table-scan':
    case 'store-scan':
    case 'values':
    case 'table-function':
    case 'common-scan':
      return plan
    case 'nested-loop':
    case 'hash-join':
    case 'merge-join':
      return { ...plan, left: map(plan.left), right: map(plan.right) }
    case 'index-join':
      return { ...plan, left: map(plan.left) }
    case 'set-operation':
      return { ...plan, inputs: plan.inputs.map(map) }
    case 'recursive':
      return { ...plan, start: map(plan.start), step: map(plan.step) }
    case 'with':
      return {
        ...plan,
        definitions: plan.definitions.map((definition) => ({ ...definition, plan: map(definition.plan) })),
        body: map(plan.body),
      }
    default:
      return { ...plan, input: map(plan.input) }
  }
}
