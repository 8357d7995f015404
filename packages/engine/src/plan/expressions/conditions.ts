import type { DataType } from '../../scalar/data-type.js'
import type { Comparison, Operator } from '../../scalar/functions/function.js'
import type { CallExpression, ColumnExpression, ConstantExpression, Expression } from '../expression.js'
import type { OutputColumn } from '../logical-plan.js'
import { expressionKey } from './expression-key.js'

/** The conditions that must all hold for this one to hold, nested ANDs taken apart. */
export function conjunctsOf(condition: Expression | undefined): readonly Expression[] {
  if (condition === undefined) return []
  return condition.kind === 'and' ? condition.args.flatMap(conjunctsOf) : [condition]
}

export function disjunctsOf(condition: Expression): readonly Expression[] {
  return condition.kind === 'or' ? condition.args.flatMap(disjunctsOf) : [condition]
}

/** All of the conditions as one; undefined for none. */
export function allOf(conditions: readonly Expression[]): Expression | undefined {
  const [first] = conditions
  if (first === undefined || conditions.length === 1) return first
  return { kind: 'and', type: first.type, args: conditions }
}

/** One of the conditions, at least one given. */
export function anyOf(conditions: readonly Expression[], type: DataType): Expression {
  const [first] = conditions
  return first !== undefined && conditions.length === 1 ? first : { kind: 'or', type, args: conditions }
}

/** Conditions without those that are written twice. */
export function withoutRepeats(conditions: readonly Expression[]): readonly Expression[] {
  if (conditions.length < 2) return conditions
  const seen = new Set<string>()
  return conditions.filter((condition) => {
    const key = expressionKey(condition)
    return !seen.has(key) && seen.add(key)
  })
}

export function columnExpression(column: OutputColumn): ColumnExpression {
  return { kind: 'column', column: column.id, name: column.name, type: column.type }
}

export function constantExpression(value: ConstantExpression['value'], type: DataType): ConstantExpression {
  return { kind: 'constant', value, type }
}

export function isConstant(expression: Expression, value: ConstantExpression['value']): boolean {
  return expression.kind === 'constant' && expression.value === value
}

/** A call of an operator of two sides. */
export function operatorCall(
  operator: Operator,
  left: Expression,
  right: Expression,
  type: DataType,
): CallExpression {
  return { kind: 'call', function: operator.function, args: [left, right], operator, type }
}

export interface ComparisonParts {
  readonly comparison: Comparison
  readonly operator: Operator
  readonly left: Expression
  readonly right: Expression
}

/** The sides of a condition that compares two values by their types' order. */
export function comparisonOf(condition: Expression): ComparisonParts | undefined {
  if (condition.kind !== 'call') return undefined
  const { operator, args } = condition
  const [left, right] = args
  if (operator?.comparison === undefined || left === undefined || right === undefined) return undefined
  return { comparison: operator.comparison, operator, left, right }
}

/** The comparison that holds for exchanged sides. */
export function flipped(comparison: Comparison): Comparison {
  switch (comparison) {
    case 'lt':
      return 'gt'
    case 'le':
      return 'ge'
    case 'gt':
      return 'lt'
    case 'ge':
      return 'le'
    default:
      return comparison
  }
}
