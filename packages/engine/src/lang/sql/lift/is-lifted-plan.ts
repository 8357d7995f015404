import type { ConstantExpression, ParameterExpression } from '../../../plan/expression.js'
import type { LogicalPlan } from '../../../plan/logical-plan.js'
import type { ScalarContext } from '../../../scalar/scalar-context.js'
import type { Value } from '../../../scalar/value.js'

/**
 * Whether two plans are the same but for parameters of one that are constants in the other, each parameter being there
 * at least once, and always for a constant of its own type and value. Then running the one with these values does what
 * the other does, and with other values what the other would do with other constants.
 */
export function isLiftedPlan(
  plan: LogicalPlan,
  lifted: LogicalPlan,
  values: readonly Value[],
  scalar: ScalarContext,
): boolean {
  const comparison = new Comparison(values, scalar)
  return comparison.isSame(plan, lifted) && comparison.metAll
}

class Comparison {
  readonly #values: readonly Value[]
  readonly #scalar: ScalarContext
  readonly #met = new Set<number>()
  /** Plans share parts, and each is looked at once. */
  readonly #known = new Map<object, object>()

  constructor(values: readonly Value[], scalar: ScalarContext) {
    this.#values = values
    this.#scalar = scalar
  }

  get metAll(): boolean {
    return this.#met.size === this.#values.length
  }

  isSame(plan: unknown, lifted: unknown): boolean {
    if (Object.is(plan, lifted)) return true
    if (typeof plan !== 'object' || typeof lifted !== 'object' || plan === null || lifted === null)
      return false
    if (this.#known.get(plan) === lifted) return true
    this.#known.set(plan, lifted)
    if (isParameter(lifted)) return this.#isConstant(plan, lifted)
    if (Array.isArray(plan) !== Array.isArray(lifted)) return false
    if (plan instanceof Map || plan instanceof Set) return false
    const entries = Object.entries(plan)
    const others = new Map(Object.entries(lifted))
    return (
      entries.length === others.size &&
      entries.every(([key, value]) => others.has(key) && this.isSame(value, others.get(key)))
    )
  }

  #isConstant(plan: object, { index, type }: ParameterExpression): boolean {
    if (!isConstant(plan) || !this.isSame(plan.type, type)) return false
    const expected = this.#values[index]
    if (plan.value === null || expected === undefined || expected === null) return false
    this.#met.add(index)
    const { scalar } = type
    return scalar.format(plan.value, this.#scalar) === scalar.format(expected, this.#scalar)
  }
}

function isParameter(node: object): node is ParameterExpression {
  return 'kind' in node && node.kind === 'parameter'
}

function isConstant(node: object): node is ConstantExpression {
  return 'kind' in node && node.kind === 'constant'
}
