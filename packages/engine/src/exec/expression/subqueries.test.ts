import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import type { Expression, SubqueryExpression } from '../../plan/expression.js'
import type { LogicalPlan } from '../../plan/logical-plan.js'
import type { ExecutablePlan, PhysicalPlan, SubqueryPlanEntry } from '../../plan/physical-plan.js'
import { SqlArray } from '../../scalar/array/sql-array.js'
import type { ScalarFunction } from '../../scalar/functions/function.js'
import type { Row, Value } from '../../scalar/value.js'
import { asyncFunction, countingFunction, failing } from '../testing/functions.test.data.js'
import {
  BOOL,
  INT4,
  call,
  column,
  constant,
  executable,
  filterPlan,
  operator,
  output,
  projectPlan,
  valuesPlan,
} from '../testing/plans.test.data.js'
import { PlanRunner } from '../testing/run-plan.test.data.js'

const OUTER = [output(1), output(2)]
const INNER = [output(11), output(12)]

/** Subqueries by the logical plan that stands for them, as an optimizer would leave them. */
class Subqueries {
  readonly #entries = new Map<object, SubqueryPlanEntry>()

  add(plan: PhysicalPlan, rest: Omit<SubqueryExpression, 'kind' | 'plan' | 'type'>): SubqueryExpression {
    const logical: LogicalPlan = { kind: 'values', columns: plan.columns, rows: [] }
    this.#entries.set(logical, { plan, correlations: [] })
    const type = rest.mode === 'scalar' ? (plan.columns[0]?.type ?? INT4) : BOOL
    return { kind: 'subquery', plan: logical, type, ...rest }
  }

  plan(root: PhysicalPlan): ExecutablePlan {
    return executable(root, this.#entries)
  }
}

const calling = (callee: ScalarFunction, ...args: Expression[]): Expression => ({
  kind: 'call',
  function: callee,
  args,
  type: INT4,
})

describe('plans inside of expressions', () => {
  let runner: PlanRunner
  let subqueries: Subqueries
  before(async () => (runner = await PlanRunner.open()))
  after(() => runner[Symbol.asyncDispose]())
  beforeEach(() => (subqueries = new Subqueries()))

  const project = async (rows: readonly Row[], expression: Expression): Promise<Value[]> => {
    const plan = projectPlan(valuesPlan(OUTER, rows), [expression], [20])
    return (await runner.rows(subqueries.plan(plan))).map((row) => row[0] as Value)
  }

  it('are run once when they refer to nothing outside', async () => {
    const counting = countingFunction()
    const inner = projectPlan(valuesPlan(INNER, [[5, 0]]), [calling(counting, column(11))], [13])
    const scalar = subqueries.add(inner, { mode: 'scalar' })
    assert.deepEqual(
      await project(
        [
          [1, 0],
          [2, 0],
          [3, 0],
        ],
        call('+', column(1), scalar),
      ),
      [7, 8, 9],
    )
    assert.equal(counting.calls, 1)
  })

  it('are run once for the same outer values, and each time when they are volatile', async () => {
    for (const [volatility, calls] of [
      ['immutable', 2],
      ['volatile', 4],
    ] as const) {
      const counting = countingFunction(volatility)
      const inner = projectPlan(valuesPlan(INNER, [[5, 0]]), [calling(counting, column(1))], [13])
      const scalar = subqueries.add(inner, { mode: 'scalar' })
      assert.deepEqual(
        await project(
          [
            [1, 0],
            [2, 0],
            [1, 0],
            [2, 0],
          ],
          scalar,
        ),
        [2, 3, 2, 3],
      )
      assert.equal(counting.calls, calls)
    }
  })

  it('give null for no row, and refuse two', async () => {
    const inner = filterPlan(
      valuesPlan(INNER, [
        [1, 0],
        [2, 0],
        [2, 1],
      ]),
      call('=', column(11), column(1)),
    )
    const scalar = subqueries.add(inner, { mode: 'scalar' })
    assert.deepEqual(
      await project(
        [
          [1, 0],
          [9, 0],
        ],
        scalar,
      ),
      [1, null],
    )
    await assert.rejects(project([[2, 0]], scalar), {
      message: /more than one row returned by a subquery used as an expression/,
    })
  })

  it('tell whether there is a row', async () => {
    const inner = filterPlan(valuesPlan(INNER, [[1, 0]]), call('=', column(11), column(1)))
    const exists = subqueries.add(inner, { mode: 'exists' })
    assert.deepEqual(
      await project(
        [
          [1, 0],
          [2, 0],
          [null, 0],
        ],
        exists,
      ),
      [true, false, false],
    )
    const plan = filterPlan(
      valuesPlan(OUTER, [
        [1, 0],
        [2, 0],
      ]),
      { kind: 'not', arg: exists, type: BOOL },
    )
    assert.deepEqual(await runner.rows(subqueries.plan(plan)), [[2, 0]])
  })

  it('compare with all rows in three-valued logic', async () => {
    const answers: [Row[], Value[], Value[]][] = [
      // inner rows, `1, 3, null IN`, `1, 3, null NOT IN`
      [[], [false, false, false], [true, true, true]],
      [[[1, 0]], [true, false, null], [false, true, null]],
      [
        [
          [1, 0],
          [null, 0],
        ],
        [true, null, null],
        [false, null, null],
      ],
    ]
    for (const [rows, isIn, isNotIn] of answers) {
      for (const isCorrelated of [false, true]) {
        const source = valuesPlan(INNER, rows)
        const one = projectPlan(source, [column(11)], [13])
        const inner = isCorrelated ? filterPlan(one, call('=', column(2), constant(0))) : one
        const compare = (mode: 'any' | 'all', name: string): SubqueryExpression =>
          subqueries.add(inner, {
            mode,
            left: [column(1)],
            operators: [operator(name, INT4, INT4)],
            comparison: name === '=' ? 'eq' : 'ne',
          })
        const outer: Row[] = [
          [1, 0],
          [3, 0],
          [null, 0],
        ]
        assert.deepEqual(await project(outer, compare('any', '=')), isIn)
        assert.deepEqual(await project(outer, compare('all', '<>')), isNotIn)
      }
    }
  })

  it('compare whole rows', async () => {
    const inner = valuesPlan(INNER, [
      [1, 5],
      [2, null],
    ])
    const rowIn = subqueries.add(inner, {
      mode: 'any',
      left: [column(1), column(2)],
      operators: [operator('=', INT4, INT4), operator('=', INT4, INT4)],
      comparison: 'eq',
    })
    assert.deepEqual(
      await project(
        [
          [1, 5],
          [1, 6],
          [2, 6],
          [3, null],
        ],
        rowIn,
      ),
      [true, false, null, false],
    )
    const below = subqueries.add(inner, {
      mode: 'all',
      left: [column(1), column(2)],
      operators: [operator('<', INT4, INT4), operator('<', INT4, INT4)],
      comparison: 'lt',
    })
    assert.deepEqual(
      await project(
        [
          [0, 0],
          [1, 4],
          [1, 6],
          [2, 6],
        ],
        below,
      ),
      [true, true, false, false],
    )
  })

  it('gather their rows into an array', async () => {
    const inner = filterPlan(valuesPlan([output(11)], [[3], [1], [2]]), call('<', column(11), column(1)))
    const array = subqueries.add(inner, { mode: 'array' })
    assert.deepEqual(
      await project(
        [
          [3, 0],
          [0, 0],
        ],
        array,
      ),
      [new SqlArray([1, 2]), new SqlArray([])],
    )
  })

  it('are left out where CASE, AND and COALESCE leave them out', async () => {
    const inner = projectPlan(valuesPlan(INNER, [[1, 0]]), [calling(failing, column(1))], [13])
    const scalar = subqueries.add(inner, { mode: 'scalar' })
    const isTwo = call('=', column(1), constant(2))
    const choice: Expression = {
      kind: 'case',
      type: INT4,
      branches: [{ condition: isTwo, result: constant(0) }],
      otherwise: scalar,
    }
    assert.deepEqual(await project([[2, 0]], choice), [0])
    await assert.rejects(project([[3, 0]], choice), /asked/)
    const both: Expression = { kind: 'and', type: BOOL, args: [isTwo, call('=', scalar, constant(1))] }
    assert.deepEqual(await project([[1, 0]], both), [false])
    const first: Expression = { kind: 'coalesce', type: INT4, args: [column(1), scalar] }
    assert.deepEqual(await project([[1, 0]], first), [1])
  })

  it('refer to rows further out', async () => {
    const innermost = filterPlan(valuesPlan([output(21)], [[1], [2], [3]]), {
      kind: 'and',
      type: BOOL,
      args: [call('=', column(21), column(1)), call('<', column(21), column(11))],
    })
    const middle = filterPlan(
      valuesPlan(INNER, [
        [2, 0],
        [3, 0],
      ]),
      subqueries.add(innermost, { mode: 'exists' }),
    )
    const exists = subqueries.add(middle, { mode: 'exists' })
    assert.deepEqual(
      await project(
        [
          [1, 0],
          [2, 0],
          [3, 0],
        ],
        exists,
      ),
      [true, true, false],
    )
  })

  it('wait for functions that wait, in order', async () => {
    const asked: Value[] = []
    const slowly: Expression = { kind: 'call', function: asyncFunction, args: [column(1)], type: INT4 }
    const plan = projectPlan(
      valuesPlan(OUTER, [
        [1, 0],
        [null, 0],
        [2, 0],
      ]),
      [call('+', slowly, constant(100))],
      [20],
    )
    const invoke = async (_name: string, [value]: readonly Value[]): Promise<Value> => {
      asked.push(value ?? null)
      return Number(value) * 10
    }
    assert.deepEqual(await runner.rows(plan, { services: { invoke } }), [[110], [null], [120]])
    assert.deepEqual(asked, [1, 2])
  })
})
