/** Conditions of queries as those of the store: only where both are true, false and unknown of the same rows. */
import type { PushedExpression } from '@orbit-ts/storage'
import type { Comparison } from '../../scalar/functions/function.js'
import { comparisonOf, flipped } from '../expressions/conditions.js'
import { hasSubquery, isVolatile } from '../expressions/volatility.js'
import type {
  AndOrExpression,
  CallExpression,
  Expression,
  QuantifiedExpression,
  TestExpression,
} from '../expression.js'
import { columnsOf } from '../logical/free-columns.js'
import type { StoreCondition, StoreTest } from '../physical-plan.js'
import { comparesAsStored, type StoredColumn, type StoredScan } from './stored-scan.js'

/** `pg_type.oid` and `pg_proc.oid`. */
const BOOL = 16
const TEXT_LIKE = 850
const TEXT_NOT_LIKE = 851

/** The condition for the store, or why it is checked here. */
export function pushCondition(condition: Expression, scan: StoredScan): StoreCondition | string {
  if (isVolatile(condition)) return 'a volatile function is called'
  if (hasSubquery(condition)) return 'a subquery is evaluated'
  return new ConditionPusher(scan).push(condition)
}

/** Where a method gives a text, it is why there is nothing for the store. */
class ConditionPusher {
  readonly #scan: StoredScan

  constructor(scan: StoredScan) {
    this.#scan = scan
  }

  push(condition: Expression): StoreCondition | string {
    switch (condition.kind) {
      case 'and':
      case 'or':
        return this.#all(condition)
      case 'not':
        return mapped(this.push(condition.arg), not)
      case 'column': {
        const column = this.#typed(condition)
        if (typeof column === 'string') return column
        return condition.type.scalar.oid === BOOL ? columnAt(column) : this.#computed(condition)
      }
      case 'test':
        return this.#test(condition)
      case 'distinct': {
        const isSame = this.#same(condition.left, condition.right)
        return condition.isNegated ? isSame : mapped(isSame, not)
      }
      case 'quantified':
        return this.#quantified(condition)
      case 'call':
        return this.#call(condition)
      default:
        return this.#computed(condition)
    }
  }

  #all({ kind, args }: AndOrExpression): StoreCondition | string {
    const pushed: StoreCondition[] = []
    for (const part of args) {
      const arg = this.push(part)
      if (typeof arg === 'string') return arg
      pushed.push(arg)
    }
    return { kind, args: pushed }
  }

  #test({ test, isNegated, arg }: TestExpression): StoreCondition | string {
    if (test === 'null') {
      const column = this.#scan.columnOf(arg)
      if (column === undefined) return this.#computed(arg)
      // A record of nulls is null itself, too.
      if (column.column.type.scalar.fields !== undefined) return cannotCompute(column)
      const is = isNull(columnAt(column))
      return isNegated ? not(is) : is
    }
    return mapped(this.push(arg), (truth) => {
      const known = not(isNull(truth))
      const is = { true: both(known, truth), false: both(known, not(truth)), unknown: isNull(truth) }[test]
      return isNegated ? not(is) : is
    })
  }

  #call(call: CallExpression): StoreCondition | string {
    const parts = comparisonOf(call)
    if (parts !== undefined) return this.#compare(parts.comparison, parts.left, parts.right)
    const { oid } = call.function
    const [text, pattern] = call.args
    if ((oid !== TEXT_LIKE && oid !== TEXT_NOT_LIKE) || text === undefined || pattern === undefined)
      return this.#computed(call)
    const column = this.#typed(text)
    if (typeof column === 'string') return column
    const isLike = this.#against('like', column, pattern)
    return oid === TEXT_LIKE ? isLike : mapped(isLike, not)
  }

  #compare(op: Comparison, left: Expression, right: Expression): StoreCondition | string {
    const sides = this.#sides(left, right)
    if (typeof sides === 'string') return sides
    const { column, other, value, isFlipped } = sides
    if (other !== undefined) return { kind: 'compare', op, left: columnAt(column), right: columnAt(other) }
    return this.#against(isFlipped ? flipped(op) : op, column, value)
  }

  #same(left: Expression, right: Expression): StoreCondition | string {
    const sides = this.#sides(left, right)
    if (typeof sides === 'string') return sides
    const { column, other, value } = sides
    if (other === undefined) return this.#against('same', column, value)
    const [a, b] = [columnAt(column), columnAt(other)]
    const equal: StoreCondition = { kind: 'compare', op: 'eq', left: a, right: b }
    return {
      kind: 'or',
      args: [both(isNull(a), isNull(b)), both(not(isNull(a)), both(not(isNull(b)), equal))],
    }
  }

  #sides(left: Expression, right: Expression): Sides | string {
    if (!comparesAsStored(left, right)) return inOwnOrder(left)
    const a = this.#scan.columnOf(left)
    const b = this.#scan.columnOf(right)
    if (a !== undefined && b !== undefined) {
      if (a.type === undefined) return cannotCompute(a)
      if (b.type === undefined || a.type.kind !== b.type.kind) return cannotCompute(b)
      return { column: a, other: b, value: right, isFlipped: false }
    }
    const column = a ?? b
    if (column === undefined) return this.#computed(this.#isOfRow(left) ? left : right)
    if (!this.#scan.rows.canCompare(column.ordinal)) return cannotCompute(column)
    const isFlipped = a === undefined
    return { column, other: undefined, value: isFlipped ? left : right, isFlipped }
  }

  #quantified({ quantifier, operator, left, right }: QuantifiedExpression): StoreCondition | string {
    const { comparison } = operator
    const isIn = quantifier === 'any' && comparison === 'eq'
    const isNotIn = quantifier === 'all' && comparison === 'ne'
    if (!isIn && !isNotIn) return `${operator.name} ${quantifier.toUpperCase()} is computed here`
    const column = this.#scan.columnOf(left)
    if (column === undefined) return this.#computed(left)
    if (!this.#scan.rows.canCompare(column.ordinal)) return cannotCompute(column)
    const element = right.type.scalar.element
    const compares =
      element !== undefined &&
      comparesAsStored(left, { kind: 'constant', value: null, type: { ...right.type, scalar: element } })
    if (!compares) return inOwnOrder(left)
    const isOneOf = this.#against('one-of', column, right)
    return isIn ? isOneOf : mapped(isOneOf, not)
  }

  #against(test: StoreTest['test'], { ordinal }: StoredColumn, value: Expression): StoreTest | string {
    return this.#isOfRow(value) ? this.#computed(value) : { kind: 'test', test, ordinal, value }
  }

  #typed(expression: Expression): StoredColumn | string {
    const column = this.#scan.columnOf(expression)
    if (column === undefined) return this.#computed(expression)
    return column.type === undefined ? cannotCompute(column) : column
  }

  #isOfRow(expression: Expression): boolean {
    for (const column of columnsOf(expression)) if (this.#scan.has(column)) return true
    return false
  }

  /** Of what is more than a column. */
  #computed(expression: Expression): string {
    if (!this.#isOfRow(expression)) return 'the condition does not depend on rows'
    const { kind } = expression
    const what =
      kind === 'call'
        ? (expression.operator?.name ?? `${expression.function.name}()`)
        : (WORDS[kind] ?? 'an expression')
    return `${what} is computed here`
  }
}

/** Two columns, or a column and what does not depend on the row, which stands before it where `isFlipped`. */
interface Sides {
  readonly column: StoredColumn
  readonly other: StoredColumn | undefined
  readonly value: Expression
  readonly isFlipped: boolean
}

const WORDS: Readonly<Record<string, string>> = {
  case: 'CASE',
  cast: 'a conversion',
  coalesce: 'COALESCE',
  greatest: 'GREATEST',
  least: 'LEAST',
  array: 'an array',
  row: 'a row',
}

function inOwnOrder({ type }: Expression): string {
  return `${type.scalar.displayName} is compared in an order of its own`
}

function cannotCompute({ column }: StoredColumn): string {
  return `${column.type.scalar.displayName} is not stored as the store compares`
}

function mapped(
  pushed: StoreCondition | string,
  map: (condition: StoreCondition) => StoreCondition,
): StoreCondition | string {
  return typeof pushed === 'string' ? pushed : map(pushed)
}

function columnAt({ ordinal }: StoredColumn): PushedExpression<StoreTest> {
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
