/** Conditions of queries as those of the store: only where both are true, false and unknown of the same rows. */
import type { PushedExpression } from '@orbit-ts/storage'
import type { Comparison } from '../../scalar/functions/function.js'
import { comparisonOf } from '../expressions/conditions.js'
import { hasSubquery, isVolatile } from '../expressions/volatility.js'
import type { Expression, QuantifiedExpression, TestExpression } from '../expression.js'
import { columnsOf } from '../logical/free-columns.js'
import type { StoreCondition, StoreValue } from '../physical-plan.js'
import { comparesAsStored, type StoredColumn, type StoredScan } from './stored-scan.js'

const BOOL = 16

/** The condition for the store, or why it is checked here. */
export function pushCondition(condition: Expression, scan: StoredScan): StoreCondition | string {
  if (isVolatile(condition)) return 'a volatile function is called'
  if (hasSubquery(condition)) return 'a subquery is evaluated'
  return new ConditionPusher(scan).push(condition)
}

class ConditionPusher {
  readonly #scan: StoredScan
  #reason = 'the condition has no equal in the store'

  constructor(scan: StoredScan) {
    this.#scan = scan
  }

  push(condition: Expression): StoreCondition | string {
    return this.#truth(condition) ?? this.#reason
  }

  #truth(condition: Expression): StoreCondition | undefined {
    switch (condition.kind) {
      case 'and':
      case 'or': {
        const args: StoreCondition[] = []
        for (const part of condition.args) {
          const arg = this.#truth(part)
          if (arg === undefined) return undefined
          args.push(arg)
        }
        return { kind: condition.kind, args }
      }
      case 'not': {
        const arg = this.#truth(condition.arg)
        return arg && not(arg)
      }
      case 'column': {
        const column = this.#typed(condition)
        return column !== undefined && condition.type.scalar.oid === BOOL ? columnAt(column) : undefined
      }
      case 'test':
        return this.#test(condition)
      case 'distinct': {
        const { left, right, isNegated } = condition
        const isSame = this.#notDistinct(left, right)
        return isSame && (isNegated ? isSame : not(isSame))
      }
      case 'quantified':
        return this.#quantified(condition)
      case 'call': {
        const parts = comparisonOf(condition)
        if (parts === undefined) return this.#because(`${condition.function.name}() is computed here`)
        return this.#compare(parts.comparison, parts.left, parts.right)
      }
      default:
        return this.#because(`${WORDS[condition.kind] ?? condition.kind} is computed here`)
    }
  }

  #test({ test, isNegated, arg }: TestExpression): StoreCondition | undefined {
    if (test === 'null') {
      const column = this.#scan.columnOf(arg)
      if (column === undefined) return this.#because('IS NULL of more than a column is computed here')
      // A record of nulls is null itself, too.
      if (column.column.type.scalar.fields !== undefined) return this.#cannotCompute(column)
      return isNegated ? not(isNull(columnAt(column))) : isNull(columnAt(column))
    }
    const truth = this.#truth(arg)
    if (truth === undefined) return undefined
    const known = not(isNull(truth))
    const is = { true: both(known, truth), false: both(known, not(truth)), unknown: isNull(truth) }[test]
    return isNegated ? not(is) : is
  }

  /** Never null. */
  #notDistinct(left: Expression, right: Expression): StoreCondition | undefined {
    const sides = this.#sides(left, right)
    if (sides === undefined) return undefined
    const [a, b] = sides
    const equal: StoreCondition = { kind: 'compare', op: 'eq', left: a, right: b }
    return {
      kind: 'or',
      args: [both(isNull(a), isNull(b)), both(not(isNull(a)), both(not(isNull(b)), equal))],
    }
  }

  #compare(op: Comparison, left: Expression, right: Expression): StoreCondition | undefined {
    const sides = this.#sides(left, right)
    return sides && { kind: 'compare', op, left: sides[0], right: sides[1] }
  }

  /** Two columns, or a column and what does not depend on the row. */
  #sides(left: Expression, right: Expression): readonly [StoreCondition, StoreCondition] | undefined {
    if (!comparesAsStored(left, right))
      return this.#because(`${left.type.scalar.displayName} is compared in an order of its own`)
    const a = this.#scan.columnOf(left)
    const b = this.#scan.columnOf(right)
    if (a === undefined && b === undefined) return this.#because('more than a column is compared')
    if (a !== undefined && b !== undefined) {
      if (a.type === undefined) return this.#cannotCompute(a)
      if (b.type === undefined) return this.#cannotCompute(b)
      return a.type.kind === b.type.kind ? [columnAt(a), columnAt(b)] : undefined
    }
    const column = a ?? b
    if (column?.type === undefined) return column && this.#cannotCompute(column)
    const value = this.#value('value', a === undefined ? left : right, column)
    if (value === undefined) return undefined
    return a === undefined ? [value, columnAt(column)] : [columnAt(column), value]
  }

  #quantified({ quantifier, operator, left, right }: QuantifiedExpression): StoreCondition | undefined {
    const { comparison } = operator
    const isIn = quantifier === 'any' && comparison === 'eq'
    const isNotIn = quantifier === 'all' && comparison === 'ne'
    if (!isIn && !isNotIn)
      return this.#because(`${operator.name} ${quantifier.toUpperCase()} is computed here`)
    const column = this.#typed(left)
    if (column === undefined) return undefined
    const element = right.type.scalar.element
    const compares =
      element !== undefined &&
      comparesAsStored(left, { kind: 'constant', value: null, type: { ...right.type, scalar: element } })
    if (!compares) return this.#because(`${left.type.scalar.displayName} is compared in an order of its own`)
    const elements = this.#value('elements', right, column)
    if (elements === undefined) return undefined
    const isOneOf: StoreCondition = { kind: 'in', item: columnAt(column), list: [elements] }
    return isIn ? isOneOf : not(isOneOf)
  }

  #value(
    kind: StoreValue['kind'],
    expression: Expression,
    { ordinal }: StoredColumn,
  ): StoreValue | undefined {
    for (const column of columnsOf(expression))
      if (this.#scan.has(column)) return this.#because('more than a column is compared')
    return { kind, expression, ordinal }
  }

  #typed(expression: Expression): StoredColumn | undefined {
    const column = this.#scan.columnOf(expression)
    if (column === undefined) return this.#because('more than a column is compared')
    return column.type === undefined ? this.#cannotCompute(column) : column
  }

  #cannotCompute({ column }: StoredColumn): undefined {
    return this.#because(`${column.type.scalar.displayName} is not stored as the store compares`)
  }

  #because(reason: string): undefined {
    this.#reason = reason
    return undefined
  }
}

const WORDS: Readonly<Record<string, string>> = {
  case: 'CASE',
  cast: 'a conversion',
  coalesce: 'COALESCE',
  greatest: 'GREATEST',
  least: 'LEAST',
  constant: 'a constant',
  parameter: 'a parameter',
}

function columnAt({ ordinal }: StoredColumn): PushedExpression<StoreValue> {
  return { kind: 'column', offset: ordinal }
}

function not(arg: StoreCondition): StoreCondition {
  return { kind: 'not', arg }
}

function isNull(arg: StoreCondition): StoreCondition {
  return { kind: 'is-null', arg }
}

function both(a: StoreCondition, b: StoreCondition): StoreCondition {
  return { kind: 'and', args: [a, b] }
}
