import { SqlArray } from '../../scalar/array/sql-array.js'
import type { Operator } from '../../scalar/functions/function.js'
import type { ScalarContext } from '../../scalar/scalar-context.js'
import { systemRegistry } from '../../scalar/system-registry.js'
import type {
  AndOrExpression,
  CallExpression,
  CaseExpression,
  CoalesceExpression,
  Expression,
  NotExpression,
  QuantifiedExpression,
  TestExpression,
} from '../expression.js'
import { conjunctsOf, constantExpression, isConstant, operatorCall, withoutRepeats } from './conditions.js'
import { compareInOneType } from './compare-dates.js'
import { evaluateConstant } from './evaluate-constant.js'
import { expressionKey } from './expression-key.js'
import { rewriteExpression } from './map-arguments.js'
import { isVolatile, ownVolatility } from './volatility.js'

/**
 * The expression with everything worked out that does not depend on rows, parameters or the session. It has the same
 * value for each row, null included, and fails for the same rows: what fails while planning is left as it is.
 */
export function simplify(expression: Expression, context: ScalarContext): Expression {
  return rewriteExpression(expression, (part) => simplifyPart(part, context))
}

/** As {@link simplify}, for a condition of which only matters whether it is true: null counts as false. */
export function simplifyCondition(condition: Expression, context: ScalarContext): Expression {
  return dropNulls(simplify(condition, context))
}

/** Where null and false are the same, a null constant is false. */
function dropNulls(condition: Expression): Expression {
  if (isConstant(condition, null)) return constantExpression(false, condition.type)
  if (condition.kind !== 'and' && condition.kind !== 'or') return condition
  const simple = simplifyLogic({ ...condition, args: condition.args.map(dropNulls) })
  return simple.kind === 'or' ? withCommonConditions(simple) : simple
}

function simplifyPart(part: Expression, context: ScalarContext): Expression {
  switch (part.kind) {
    case 'call':
      if (part.function.isStrict && part.args.some((argument) => isConstant(argument, null))) {
        return constantExpression(null, part.type)
      }
      return foldCall(part, context)
    case 'cast':
    case 'array':
      return fold(part, context)
    case 'distinct': {
      const { left, right, isNegated, type } = part
      if (isConstant(left, null))
        return simplifyTest({ kind: 'test', test: 'null', isNegated: !isNegated, arg: right, type })
      if (isConstant(right, null))
        return simplifyTest({ kind: 'test', test: 'null', isNegated: !isNegated, arg: left, type })
      return fold(part, context)
    }
    case 'and':
    case 'or':
      return simplifyLogic(part)
    case 'not':
      return simplifyNot(part)
    case 'test':
      return simplifyTest(part)
    case 'case':
      return simplifyCase(part)
    case 'coalesce':
      return simplifyCoalesce(part)
    case 'quantified':
      return simplifyQuantified(part, context)
    case 'field':
      return part.arg.kind === 'row' && !isVolatile(part.arg) ? (part.arg.args[part.index] ?? part) : part
    default:
      return part
  }
}

function fold(part: Expression, context: ScalarContext): Expression {
  if (ownVolatility(part) !== 'immutable') return part
  const value = evaluateConstant(part, context)
  return value === undefined ? part : constantExpression(value, part.type)
}

function foldCall(part: CallExpression, context: ScalarContext): Expression {
  const folded = fold(part, context)
  return folded === part ? compareInOneType(part) : folded
}

function simplifyLogic(part: AndOrExpression): Expression {
  const isAnd = part.kind === 'and'
  const flat = part.args.flatMap((arg) => (arg.kind === part.kind ? arg.args : [arg]))
  if (flat.some((arg) => isConstant(arg, !isAnd))) return constantExpression(!isAnd, part.type)
  const args = withoutRepeatsUnlessVolatile(flat.filter((arg) => !isConstant(arg, isAnd)))
  const [first] = args
  if (first === undefined) return constantExpression(isAnd, part.type)
  return args.length === 1 ? first : { ...part, args }
}

function withoutRepeatsUnlessVolatile(args: readonly Expression[]): readonly Expression[] {
  return args.some(isVolatile) ? args : withoutRepeats(args)
}

/**
 * `(a AND b) OR (a AND c)` is `a AND (b OR c)`: `a` can then be used for itself. For conditions only: elsewhere `b` may
 * be there to keep `a` from failing.
 */
function withCommonConditions(part: AndOrExpression): Expression {
  const branches = part.args.map(conjunctsOf)
  const [first = [], ...others] = branches
  const keys = others.map((branch) => new Set(branch.map(expressionKey)))
  const common = first.filter(
    (condition) => !isVolatile(condition) && keys.every((set) => set.has(expressionKey(condition))),
  )
  if (common.length === 0) return part
  const commonKeys = new Set(common.map(expressionKey))
  const rests = branches.map((branch) =>
    branch.filter((condition) => !commonKeys.has(expressionKey(condition))),
  )
  // A branch without anything of its own is true whenever what is common holds.
  if (rests.some((rest) => rest.length === 0)) return joined('and', common, part)
  return joined('and', [...common, { ...part, args: rests.map((rest) => joined('and', rest, part)) }], part)
}

function joined(kind: 'and', args: readonly Expression[], like: Expression): Expression {
  const [first] = args
  return first !== undefined && args.length === 1 ? first : { kind, args, type: like.type }
}

function simplifyNot(part: NotExpression): Expression {
  const { arg, type } = part
  switch (arg.kind) {
    case 'constant':
      return constantExpression(arg.value === null ? null : arg.value === false, type)
    case 'not':
      return arg.arg
    case 'test':
    case 'distinct':
      return { ...arg, isNegated: !arg.isNegated }
    case 'and':
    case 'or':
      return simplifyLogic({
        ...arg,
        kind: arg.kind === 'and' ? 'or' : 'and',
        args: arg.args.map((inner) => simplifyNot({ kind: 'not', arg: inner, type })),
      })
    case 'call': {
      const negator = arg.operator && negatorOf(arg.operator)
      return negator === undefined ? part : { ...arg, function: negator.function, operator: negator }
    }
    case 'quantified': {
      const operator = negatorOf(arg.operator)
      if (operator === undefined) return part
      return { ...arg, operator, quantifier: arg.quantifier === 'any' ? 'all' : 'any' }
    }
    default:
      return part
  }
}

/** The operator that is true where this one is false. */
function negatorOf({ negator, left, right }: Operator): Operator | undefined {
  if (negator === undefined) return undefined
  return systemRegistry.operatorsByName(negator).find((other) => other.left === left && other.right === right)
}

function simplifyTest(part: TestExpression): Expression {
  const { arg, isNegated, type } = part
  if (arg.kind !== 'constant' || (part.test === 'null' && isRecord(arg))) return part
  const holds =
    part.test === 'null' || part.test === 'unknown'
      ? arg.value === null
      : arg.value === (part.test === 'true')
  return constantExpression(holds !== isNegated, type)
}

/** Records are null when all their fields are. */
export function isRecord(expression: Expression): boolean {
  const { category } = expression.type.scalar
  return category === 'C' || category === 'P'
}

function simplifyCase(part: CaseExpression): Expression {
  const branches: { condition: Expression; result: Expression }[] = []
  let { otherwise } = part
  for (const branch of part.branches) {
    if (isConstant(branch.condition, true)) {
      otherwise = branch.result
      break
    }
    if (branch.condition.kind !== 'constant') branches.push(branch)
  }
  if (branches.length === 0) return otherwise
  if (branches.length === part.branches.length && otherwise === part.otherwise) return part
  return { ...part, branches, otherwise }
}

function simplifyCoalesce(part: CoalesceExpression): Expression {
  const args: Expression[] = []
  for (const arg of part.args) {
    if (isConstant(arg, null)) continue
    args.push(arg)
    if (arg.kind === 'constant') break
  }
  const [first] = args
  if (first === undefined) return constantExpression(null, part.type)
  if (args.length === 1) return first
  return args.length === part.args.length ? part : { ...part, args }
}

function simplifyQuantified(part: QuantifiedExpression, context: ScalarContext): Expression {
  const { right, quantifier, type, operator, left } = part
  if (right.kind !== 'constant' || operator.function.volatility !== 'immutable') return part
  if (right.value === null) return constantExpression(null, type)
  if (!(right.value instanceof SqlArray) || right.type.scalar.element === undefined) return part
  const { elements } = right.value
  if (elements.length === 0 && !isVolatile(left)) return constantExpression(quantifier === 'all', type)
  const [element] = elements
  if (element === undefined || elements.length > 1) return part
  const elementType = { ...right.type, scalar: right.type.scalar.element }
  const call: CallExpression = operatorCall(operator, left, constantExpression(element, elementType), type)
  return simplifyPart(call, context)
}
