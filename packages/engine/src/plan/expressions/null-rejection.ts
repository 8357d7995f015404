import type { ColumnId, Expression } from '../expression.js'
import { SqlArray } from '../../scalar/array/sql-array.js'
import { eachArgument } from './each-argument.js'
import { isRecord } from './simplify.js'

const NONE: ReadonlySet<ColumnId> = new Set()

/** Columns that must not be null for the condition to be true. */
export function rejectedNulls(condition: Expression): ReadonlySet<ColumnId> {
  switch (condition.kind) {
    case 'and':
      return union(condition.args.map(rejectedNulls))
    case 'or':
      return intersection(condition.args.map(rejectedNulls))
    case 'test':
      return rejectedByTest(condition)
    case 'quantified':
      if (!condition.operator.function.isStrict) return NONE
      return condition.quantifier === 'any' || isFilledArray(condition.right)
        ? nullsPassedOn(condition.left)
        : NONE
    case 'subquery':
      if (condition.mode !== 'any' || condition.operators?.some(({ function: f }) => !f.isStrict)) return NONE
      return condition.left?.length === 1 ? union(condition.left.map(nullsPassedOn)) : NONE
    default:
      return nullsPassedOn(condition)
  }
}

/** Columns whose null makes the expression null. */
export function nullsPassedOn(expression: Expression): ReadonlySet<ColumnId> {
  switch (expression.kind) {
    case 'column':
      return new Set([expression.column])
    case 'call': {
      if (!expression.function.isStrict) return NONE
      return union(expression.args.map(nullsPassedOn))
    }
    case 'not':
    case 'cast':
    case 'field':
    case 'subscript': {
      const sets: ReadonlySet<ColumnId>[] = []
      eachArgument(expression, (argument) => sets.push(nullsPassedOn(argument)))
      return union(sets)
    }
    default:
      return NONE
  }
}

function rejectedByTest(condition: Expression & { kind: 'test' }): ReadonlySet<ColumnId> {
  const { test, isNegated, arg } = condition
  if (test === 'null') return isNegated && !isRecord(arg) ? nullsPassedOn(arg) : NONE
  if (test === 'unknown') return isNegated ? nullsPassedOn(arg) : NONE
  if (isNegated) return NONE
  return test === 'true' ? rejectedNulls(arg) : nullsPassedOn(arg)
}

function isFilledArray(expression: Expression): boolean {
  if (expression.kind === 'array') return expression.elements.length > 0 && !expression.isNested
  if (expression.kind !== 'constant' || !(expression.value instanceof SqlArray)) return false
  return expression.value.elements.length > 0
}

function union(sets: readonly ReadonlySet<ColumnId>[]): ReadonlySet<ColumnId> {
  const filled = sets.filter((set) => set.size > 0)
  const [first] = filled
  if (first === undefined) return NONE
  return filled.length === 1 ? first : new Set(filled.flatMap((set) => [...set]))
}

function intersection(sets: readonly ReadonlySet<ColumnId>[]): ReadonlySet<ColumnId> {
  const [first, ...others] = sets
  if (first === undefined) return NONE
  return new Set([...first].filter((column) => others.every((set) => set.has(column))))
}
