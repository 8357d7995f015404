/** Estimates which share of rows a condition lets through. Never fails, whatever the values. */
import { SqlArray } from '../../scalar/array/sql-array.js'
import { comparisonOf, conjunctsOf, flipped, type ComparisonParts } from '../expressions/conditions.js'
import { expressionKey } from '../expressions/expression-key.js'
import type { Expression, QuantifiedExpression, TestExpression } from '../expression.js'
import { columnsOf } from '../logical/free-columns.js'
import type { Value } from '../../scalar/value.js'
import { isSameFamily } from '../expressions/type-families.js'
import type { ColumnFacts } from './column-facts.js'
import { isUniqueColumn, rowCountOf } from './column-facts.js'
import { DEFAULTS, clamp, shareCompared, shareEqual, shareEqualUnknown } from './column-selectivity.js'
import { likePrefix } from './like-prefix.js'

/** Elements of a list that are looked up one by one; the rest is taken to be like them. */
const ELEMENTS_MAX = 100

export class Selectivity {
  readonly #facts: ColumnFacts
  readonly #estimate: (expression: Expression) => Value | undefined

  /** @param estimate the value of an expression without columns, where it can be had while planning. */
  constructor(facts: ColumnFacts, estimate: (expression: Expression) => Value | undefined) {
    this.#facts = facts
    this.#estimate = estimate
  }

  /** Of all conditions together; two bounds of the same expression are taken as one range. */
  ofAll(conditions: readonly Expression[]): number {
    let share = 1
    const lower = new Map<string, number>()
    const upper = new Map<string, number>()
    const subjects = new Map<string, Expression>()
    for (const condition of conditions) {
      const bound = this.#boundOf(condition)
      if (bound === undefined) {
        share *= this.of(condition)
        continue
      }
      const key = expressionKey(bound.subject)
      subjects.set(key, bound.subject)
      const side = bound.isLower ? lower : upper
      side.set(key, Math.min(side.get(key) ?? 1, bound.share))
    }
    for (const [key, subject] of subjects) share *= this.#rangeShare(lower.get(key), upper.get(key), subject)
    return clamp(share)
  }

  of(condition: Expression): number {
    return clamp(this.#of(condition))
  }

  #of(condition: Expression): number {
    switch (condition.kind) {
      case 'constant':
        return condition.value === true ? 1 : 0
      case 'and':
        return this.ofAll(conjunctsOf(condition))
      case 'or': {
        let none = 1
        for (const arg of condition.args) none *= 1 - this.of(arg)
        return 1 - none
      }
      case 'not':
        return 1 - this.of(condition.arg) - this.#nullShare(condition.arg)
      case 'test':
        return this.#ofTest(condition)
      case 'distinct': {
        const equal = this.#equalShare(condition.left, condition.right)
        return condition.isNegated ? equal : 1 - equal
      }
      case 'quantified':
        return this.#ofQuantified(condition)
      case 'column':
        return this.#ofBoolean(condition)
      case 'subquery':
        return 0.5
      case 'call':
        return this.#ofCall(condition)
      default:
        return DEFAULTS.condition
    }
  }

  #ofCall(condition: Expression & { kind: 'call' }): number {
    const parts = comparisonOf(condition)
    if (parts !== undefined) return this.#ofComparison(parts)
    const name = condition.operator?.name
    if (name === '~~' || name === '!~~' || name === '~' || name === '~*' || name === '~~*') {
      const share = this.#ofMatch(condition)
      return name === '!~~' ? 1 - share : share
    }
    if (name === '!~' || name === '!~~*' || name === '!~*') return 1 - DEFAULTS.match
    return name === '@>' || name === '<@' || name === '&&' || name === '?' ? 0.01 : DEFAULTS.condition
  }

  #ofComparison(parts: ComparisonParts): number {
    const { comparison, left, right } = parts
    if (comparison === 'eq') return this.#equalShare(left, right)
    if (comparison === 'ne') return 1 - this.#equalShare(left, right) - this.#nullShare(left)
    const bound = this.#bound(parts)
    return bound?.share ?? DEFAULTS.inequality
  }

  #equalShare(left: Expression, right: Expression): number {
    const leftFixed = columnsOf(left).size === 0
    if (leftFixed && columnsOf(right).size > 0) return this.#equalShare(right, left)
    const statistics = this.#facts.statisticsOf(left)
    const value = this.#estimate(right)
    if (columnsOf(right).size > 0) {
      const most = Math.max(
        this.#facts.distinctCount(left, Infinity),
        this.#facts.distinctCount(right, Infinity),
      )
      return (1 / most) * (1 - this.#nullShare(left)) * (1 - this.#nullShare(right))
    }
    if (value === null) return 0
    const source = this.#facts.sourceOf(left)
    if (source !== undefined && isUniqueColumn(source.relation, source.ordinal))
      return 1 / rowCountOf(source.relation)
    if (statistics !== undefined) {
      return value === undefined || !isSameFamily(left.type.scalar, right.type.scalar)
        ? shareEqualUnknown(statistics)
        : shareEqual(statistics, value, left.type)
    }
    return left.type.scalar.category === 'B' ? 0.5 : DEFAULTS.equal
  }

  #ofTest(condition: TestExpression): number {
    const { test, isNegated, arg } = condition
    const nulls = this.#nullShare(arg)
    const share =
      test === 'null' || test === 'unknown'
        ? this.#facts.statisticsOf(arg) === undefined && columnsOf(arg).size > 0
          ? DEFAULTS.null
          : nulls
        : test === 'true'
          ? this.of(arg)
          : 1 - this.of(arg) - nulls
    return isNegated ? 1 - share : share
  }

  #ofBoolean(column: Expression): number {
    const statistics = this.#facts.statisticsOf(column)
    return statistics === undefined ? 0.5 : shareEqual(statistics, true, column.type)
  }

  #ofQuantified(condition: QuantifiedExpression): number {
    const { left, right, operator, quantifier } = condition
    const elements = this.#elementsOf(right)
    const isEqual = operator.comparison === 'eq'
    if (elements === undefined || !isEqual || quantifier === 'all') {
      const one = isEqual ? this.#equalShare(left, right) : DEFAULTS.inequality
      return quantifier === 'any' ? clamp(one * 10) : clamp(1 - one)
    }
    const looked = elements.list.slice(0, ELEMENTS_MAX)
    let sum = 0
    for (const element of looked) sum += this.#equalShare(left, elements.toExpression(element))
    return looked.length === 0 ? 0 : (sum * elements.list.length) / looked.length
  }

  #elementsOf(array: Expression): Elements | undefined {
    if (array.kind === 'array' && !array.isNested) {
      const { elements } = array
      return {
        list: elements.map((_element, at) => at),
        toExpression: (at) => elements[at as number] ?? array,
      }
    }
    const value = this.#estimate(array)
    if (!(value instanceof SqlArray)) return undefined
    const type = { ...array.type, scalar: array.type.scalar.element ?? array.type.scalar }
    return { list: value.elements, toExpression: (element) => ({ kind: 'constant', value: element, type }) }
  }

  #ofMatch(condition: Expression & { kind: 'call' }): number {
    const [subject, pattern] = condition.args
    const text = pattern === undefined ? undefined : this.#estimate(pattern)
    if (subject === undefined || typeof text !== 'string' || condition.operator?.name !== '~~')
      return DEFAULTS.match
    const { prefix, isExact } = likePrefix(text)
    if (isExact) return this.#equalShare(subject, { kind: 'constant', value: prefix, type: subject.type })
    // Each fixed character makes matches rarer; PostgreSQL's factor is 0.2.
    const fixed = text.replace(/[%_]/g, '').length
    return Math.max(DEFAULTS.match / 10, Math.min(0.5, 0.2 ** Math.min(fixed, 4) * 5))
  }

  #nullShare(expression: Expression): number {
    return this.#facts.statisticsOf(expression)?.nullFraction ?? 0
  }

  #boundOf(condition: Expression): Bound | undefined {
    const parts = comparisonOf(condition)
    return parts === undefined ? undefined : this.#bound(parts)
  }

  /** A comparison of something with a fixed value. */
  #bound({ comparison, left, right }: ComparisonParts): Bound | undefined {
    if (comparison === 'eq' || comparison === 'ne') return undefined
    const isSwapped = columnsOf(left).size === 0
    const subject = isSwapped ? right : left
    const fixed = isSwapped ? left : right
    if (columnsOf(subject).size === 0 || columnsOf(fixed).size > 0) return undefined
    const kind = isSwapped ? flipped(comparison) : comparison
    const statistics = this.#facts.statisticsOf(subject)
    const value = this.#estimate(fixed)
    const known =
      statistics === undefined || value === undefined || !isSameFamily(subject.type.scalar, fixed.type.scalar)
        ? undefined
        : shareCompared(statistics, kind, value, subject.type)
    return {
      subject,
      isLower: kind === 'gt' || kind === 'ge',
      share: known ?? DEFAULTS.inequality,
    }
  }

  #rangeShare(lower: number | undefined, upper: number | undefined, subject: Expression): number {
    if (lower === undefined || upper === undefined) return lower ?? upper ?? 1
    if (lower === DEFAULTS.inequality || upper === DEFAULTS.inequality) return DEFAULTS.range
    const share = lower + upper - 1 + this.#nullShare(subject)
    return share <= 0 ? DEFAULTS.range / 50 : share
  }
}

/** What an array holds: values, or positions of expressions. */
interface Elements {
  readonly list: readonly Value[]
  toExpression(element: Value): Expression
}

interface Bound {
  readonly subject: Expression
  readonly isLower: boolean
  readonly share: number
}
