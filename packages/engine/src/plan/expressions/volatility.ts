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
      return JOINS_WITH_TEXT.has(part.function.oid) && part.args.every(isSameText)
        ? 'immutable'
        : part.function.volatility
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

/** `||` of a text and a value of any type, on either side. */
const JOINS_WITH_TEXT: ReadonlySet<number> = new Set([2003, 2004])

const SAME_TEXT: ReadonlySet<string> = new Set(
  'text varchar bpchar name bool int2 int4 int8 numeric uuid'.split(' '),
)

/** No setting has a say in how such values are written. */
function isSameText({ type }: Expression): boolean {
  return SAME_TEXT.has(type.scalar.name)
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
