/** Random logical plans over small tables, for comparing what two ways to run them give. */
import fc from 'fast-check'
import { BOOL, INT4, call, constant } from '../../exec/testing/plans.test.data.js'
import type { Expression } from '../expression.js'
import type { JoinType, LogicalPlan } from '../logical-plan.js'
import { analyzeRows } from '../statistics/analyze.js'
import type { Row, Value } from '../../scalar/value.js'
import {
  Columns,
  aggregate,
  and,
  col,
  distinct,
  filter,
  isNull,
  join,
  not,
  or,
} from './logical-plans.test.data.js'
import { MemoryRelation, type TestIndex } from './memory-relation.test.data.js'

const value = fc.option(fc.integer({ min: 0, max: 5 }), { freq: 4, nil: null })

/** Tables with a unique first column, an index or two, and statistics now and then. */
export const tables: fc.Arbitrary<readonly MemoryRelation[]> = fc
  .array(
    fc.tuple(
      fc.array(fc.tuple(value, value), { maxLength: 8 }),
      fc.integer({ min: 0, max: 7 }),
      fc.boolean(),
    ),
    {
      minLength: 4,
      maxLength: 4,
    },
  )
  .map((all) =>
    all.map(([pairs, indexes, hasStatistics], at) => table(`t${at}`, pairs, indexes, hasStatistics)),
  )

/** @param indexChoice bits: a primary key, an index on both columns, one on the last */
export function table(
  name: string,
  pairs: readonly (readonly [Value, Value])[],
  indexChoice: number,
  hasStatistics: boolean,
): MemoryRelation {
  const rows = pairs.map(([a, b], id): Row => [id, a, b])
  const indexes: TestIndex[] = []
  if ((indexChoice & 1) !== 0) {
    indexes.push({ name: `${name}_pkey`, columns: [0], isUnique: true, isPrimary: true })
  }
  if ((indexChoice & 2) !== 0) indexes.push({ name: `${name}_a_b`, columns: [1, 2] })
  if ((indexChoice & 4) !== 0) indexes.push({ name: `${name}_b`, columns: [2], descending: [0] })
  const columns = ['id', 'a', 'b'].map((column) => ({ name: column, type: INT4, isNotNull: column === 'id' }))
  const relation = new MemoryRelation(name, columns, indexes, rows)
  // Made-up sizes lead to plans that small tables would never get.
  if (hasStatistics) {
    const statistics = analyzeRows(
      relation.columns.map((column) => column.type),
      rows,
      rows.length,
    )
    relation.statistics = { ...statistics, rowCount: 100_000 }
  }
  return relation
}

/** Choices that a plan is made from, so that a failing plan can be made smaller. */
export interface Choices {
  next(limit: number): number
}

export const choices: fc.Arbitrary<readonly number[]> = fc.array(fc.nat(1000), {
  minLength: 40,
  maxLength: 120,
})

export function readChoices(numbers: readonly number[]): Choices {
  let at = 0
  return { next: (limit) => (numbers[at++] ?? 0) % limit }
}

export function randomPlan(relations: readonly MemoryRelation[], choose: Choices): LogicalPlan {
  return new PlanMaker(relations, choose).plan(3, [])
}

const JOINS: readonly JoinType[] = ['inner', 'inner', 'left', 'right', 'full', 'semi', 'anti', 'left']
const COMPARISONS = ['=', '=', '=', '<', '>', '<>', '<=', '>='] as const

class PlanMaker {
  readonly #relations: readonly MemoryRelation[]
  readonly #choose: Choices
  readonly #columns = new Columns()

  constructor(relations: readonly MemoryRelation[], choose: Choices) {
    this.#relations = relations
    this.#choose = choose
  }

  /** @param outer columns of queries around this one */
  plan(depth: number, outer: readonly Expression[]): LogicalPlan {
    if (depth === 0) return this.#leaf()
    switch (this.#choose.next(10)) {
      case 0:
        return this.#leaf()
      case 1: {
        const input = this.plan(depth - 1, outer)
        return filter(input, this.#condition(this.#all(input), outer, 2))
      }
      case 2: {
        const input = this.plan(depth - 1, outer)
        const own = this.#all(input)
        return this.#columns.project(input, [
          this.#pick(own),
          call('+', this.#pick(own), constant(1)),
          this.#pick(own),
        ])
      }
      case 3: {
        const input = this.plan(depth - 1, outer)
        const own = this.#all(input)
        const groups = this.#choose.next(3) === 0 ? [] : [this.#pick(own)]
        const calls = [aggregate('count', this.#pick(own)), aggregate('max', this.#pick(own))]
        const grouped = this.#columns.aggregate(input, groups, calls)
        // Counts are of another type; the rest of the plan knows one only.
        return this.#columns.project(
          grouped,
          grouped.columns
            .map((_column, at) => col(grouped, at))
            .filter((one) => one.type === INT4 || one.type.scalar === INT4.scalar),
        )
      }
      case 4: {
        const input = this.plan(depth - 1, outer)
        return distinct(this.#columns.project(input, [this.#pick(this.#all(input))]))
      }
      case 5: {
        const width = 2
        const side = (): LogicalPlan => {
          const input = this.plan(depth - 1, outer)
          const own = this.#all(input)
          return this.#columns.project(
            input,
            [call('+', this.#pick(own), constant(0)), call('-', this.#pick(own), constant(0))].slice(
              0,
              width,
            ),
          )
        }
        const operation = (['union', 'intersect', 'except'] as const)[this.#choose.next(3)] ?? 'union'
        return this.#columns.setOperation(operation, this.#choose.next(2) === 0, side(), side())
      }
      default:
        return this.#join(depth, outer)
    }
  }

  #join(depth: number, outer: readonly Expression[]): LogicalPlan {
    const type = JOINS[this.#choose.next(JOINS.length)] ?? 'inner'
    const left = this.plan(depth - 1, outer)
    const isLateral = (type === 'inner' || type === 'left') && this.#choose.next(4) === 0
    const right = this.plan(depth - 1, isLateral ? [...outer, ...this.#all(left)] : outer)
    const own = [...this.#all(left), ...this.#all(right)]
    const condition =
      this.#choose.next(3) === 0
        ? this.#condition(own, [], 1)
        : call('=', this.#pick(this.#all(left)), this.#pick(this.#all(right)))
    return join(type, left, right, this.#choose.next(8) === 0 ? undefined : condition)
  }

  #leaf(): LogicalPlan {
    return this.#columns.scan(this.#relations[this.#choose.next(this.#relations.length)] as MemoryRelation)
  }

  #condition(own: readonly Expression[], outer: readonly Expression[], depth: number): Expression {
    const some = [...own, ...outer]
    switch (this.#choose.next(depth === 0 ? 6 : 12)) {
      case 0:
        return isNull(this.#pick(own), this.#choose.next(2) === 0)
      case 1:
      case 2:
      case 3:
        return this.#compare(this.#pick(some), this.#pick(own))
      case 4:
      case 5:
        return this.#compare(this.#pick(own), constant(this.#choose.next(5)))
      case 6:
        return not(this.#condition(own, outer, depth - 1))
      case 7:
        return or(this.#condition(own, outer, depth - 1), this.#condition(own, outer, depth - 1))
      case 8:
        return and(this.#condition(own, outer, depth - 1), this.#condition(own, outer, depth - 1))
      default:
        return this.#subquery(own, outer)
    }
  }

  #compare(left: Expression, right: Expression): Expression {
    return call(COMPARISONS[this.#choose.next(COMPARISONS.length)] ?? '=', left, right)
  }

  #subquery(own: readonly Expression[], outer: readonly Expression[]): Expression {
    const inner = this.plan(1, [])
    const filtered = filter(inner, this.#condition(this.#all(inner), [...own, ...outer], 0))
    const comparison = call('=', this.#pick(own), this.#pick(own))
    const one = this.#columns.project(filtered, [call('+', this.#pick(this.#all(filtered)), constant(0))])
    const operator = comparison.operator
    if (operator === undefined) throw new RangeError('an operator')
    switch (this.#choose.next(4)) {
      case 0:
        return { kind: 'subquery', mode: 'exists', type: BOOL, plan: filtered }
      case 1:
        return not({ kind: 'subquery', mode: 'exists', type: BOOL, plan: filtered })
      case 2: {
        const total = this.#columns.aggregate(
          filtered,
          [],
          [aggregate('max', this.#pick(this.#all(filtered)))],
        )
        return this.#compare(this.#pick(own), { kind: 'subquery', mode: 'scalar', type: INT4, plan: total })
      }
      default: {
        const any: Expression = {
          kind: 'subquery',
          mode: 'any',
          type: BOOL,
          plan: one,
          left: [this.#pick(own)],
          operators: [operator],
          comparison: 'eq',
        }
        return this.#choose.next(2) === 0 ? any : not(any)
      }
    }
  }

  #all(plan: LogicalPlan): readonly Expression[] {
    return plan.columns.map((_column, at) => col(plan, at))
  }

  #pick(list: readonly Expression[]): Expression {
    return list[this.#choose.next(Math.max(1, list.length))] ?? constant(1)
  }
}
