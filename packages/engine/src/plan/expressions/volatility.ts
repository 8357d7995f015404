import type { Volatility } from '../../scalar/functions/function.js'
import type { Expression } from '../expression.js'
import type { LogicalPlan } from '../logical-plan.js'
import { inputsOf } from '../logical/plan-inputs.js'
import { eachExpression } from '../logical/plan-expressions.js'
import { someExpression } from './each-argument.js'

/** Whether evaluating it twice, or not at all, could be noticed. Plans inside are looked through. */
export function isVolatile(expression: Expression): boolean {
  return someExpression(expression, (part) => {
    if (part.kind === 'subquery') return isVolatilePlan(part.plan)
    return ownVolatility(part) === 'volatile'
  })
}

const volatilePlans = new WeakMap<LogicalPlan, boolean>()

/** Whether a plan calls something volatile, or changes rows. */
export function isVolatilePlan(plan: LogicalPlan): boolean {
  let known = volatilePlans.get(plan)
  if (known === undefined) {
    known = computeVolatile(plan)
    volatilePlans.set(plan, known)
  }
  return known
}

export function hasSubquery(expression: Expression): boolean {
  return someExpression(expression, (part) => part.kind === 'subquery')
}

/** What calling the outermost part of an expression depends on, its arguments left aside. */
export function ownVolatility(part: Expression): Volatility {
  switch (part.kind) {
    case 'call':
      return part.function.volatility
    case 'quantified':
      return part.operator.function.volatility
    case 'distinct':
      return part.equals.function.volatility
    case 'cast': {
      const own = part.cast?.volatility ?? 'immutable'
      return own === 'immutable' ? (part.element?.volatility ?? 'immutable') : own
    }
    default:
      return 'immutable'
  }
}

function computeVolatile(plan: LogicalPlan): boolean {
  switch (plan.kind) {
    case 'insert':
    case 'update':
    case 'delete':
    case 'merge':
    case 'lock':
      return true
    case 'table-function':
    case 'unnest-calls':
      if (plan.calls.some((call) => call.function.volatility === 'volatile')) return true
      break
    default:
  }
  let found = false
  eachExpression(plan, (expression) => {
    found ||= isVolatile(expression)
  })
  return found || inputsOf(plan).some(isVolatilePlan)
}
