import { compareCodePoints } from '../../scalar/collation/code-points.js'
import type { DataType } from '../../scalar/data-type.js'
import type { Expression } from '../expression.js'
import { eachArgument } from './each-argument.js'
import { valueKey } from './value-key.js'

/** Expressions are immutable, so each is written out once. */
const known = new WeakMap<Expression, string>()
/** Plans inside expressions are told apart by identity. */
const planNumbers = new WeakMap<object, number>()
let lastPlan = 0

/** A text that two expressions share exactly when they are written alike: same functions, same columns, same values. */
export function expressionKey(expression: Expression): string {
  if (expression.kind === 'column') return headOf(expression)
  let key = known.get(expression)
  if (key === undefined) {
    key = write(expression)
    known.set(expression, key)
  }
  return key
}

export function isSameExpression(a: Expression, b: Expression): boolean {
  return a === b || (a.kind === b.kind && expressionKey(a) === expressionKey(b))
}

function write(expression: Expression): string {
  const args: string[] = []
  eachArgument(expression, (argument) => args.push(expressionKey(argument)))
  return `${headOf(expression)}(${args.join(' ')})`
}

function headOf(expression: Expression): string {
  switch (expression.kind) {
    case 'constant':
      return `k${typeKey(expression.type)}=${valueKey(expression.value)}`
    case 'parameter':
      return `$${expression.index}`
    case 'column': {
      const { collation } = expression.type
      const isPlain = collation === undefined || collation.compare === compareCodePoints
      return isPlain ? `c${expression.column}` : `c${expression.column}@${collation.name}`
    }
    case 'call':
      return `f${expression.function.oid}:${typeKey(expression.type)}`
    case 'test':
      return `${expression.isNegated ? 'isnot' : 'is'}-${expression.test}`
    case 'distinct':
      return `${expression.isNegated ? 'same' : 'distinct'}${expression.equals.oid}`
    case 'cast':
      return `cast${typeKey(expression.type)}${expression.isExplicit ? '!' : ''}`
    case 'quantified':
      return `${expression.quantifier}${expression.operator.oid}`
    case 'array':
      return `array${expression.isNested ? 'n' : ''}`
    case 'field':
      return `field${expression.index}`
    case 'case':
      return `case${expression.branches.length}`
    case 'subscript':
      return `sub${expression.isSlice ? 's' : ''}${expression.subscripts
        .map(({ lower, upper }) => (lower ? 'l' : '') + (upper ? 'u' : ''))
        .join('.')}`
    case 'subquery':
      return `plan-${expression.mode}${planNumber(expression.plan)}${(expression.operators ?? [])
        .map((operator) => operator.oid)
        .join('.')}`
    default:
      return expression.kind
  }
}

function typeKey(type: DataType): string {
  return `${type.scalar.oid}.${type.modifier}${type.collation === undefined ? '' : `.${type.collation.name}`}`
}

function planNumber(plan: object): number {
  let number = planNumbers.get(plan)
  if (number === undefined) {
    number = ++lastPlan
    planNumbers.set(plan, number)
  }
  return number
}
