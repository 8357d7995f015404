import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  BOOL,
  ESTIMATE,
  INT8,
  TEXT,
  aggregateFunction,
  ascending,
  call,
  column,
  constant,
  filterPlan,
  output,
  projectPlan,
  sorted,
  valuesPlan,
} from './testing/plans.test.data.js'
import { PlanRunner } from './testing/run-plan.test.data.js'
import { int4 } from '../scalar/types/integer-types.js'

const numbers = valuesPlan(
  [output(1), output(2, TEXT)],
  [
    [3, 'c'],
    [1, 'a'],
    [null, null],
    [2, 'b'],
    [1, 'z'],
  ],
)

describe('plans of one operator', () => {
  let runner: PlanRunner
  before(async () => (runner = await PlanRunner.open()))
  after(() => runner[Symbol.asyncDispose]())

  it('filters by what is true, not by what is unknown', async () => {
    const plan = filterPlan(numbers, call('<', column(1), constant(3)))
    assert.deepEqual(await runner.rows(plan), [
      [1, 'a'],
      [2, 'b'],
      [1, 'z'],
    ])
  })

  it('projects columns and computed values', async () => {
    const plan = projectPlan(numbers, [column(2, TEXT), call('+', column(1), constant(10))], [3, 4])
    assert.deepEqual(await runner.rows(plan), [
      ['c', 13],
      ['a', 11],
      [null, null],
      ['b', 12],
      ['z', 11],
    ])
  })

  it('sorts, keeps the order of equal rows, and limits', async () => {
    const sort = {
      kind: 'sort',
      columns: numbers.columns,
      estimate: ESTIMATE,
      input: numbers,
      keys: [ascending(column(1))],
      presorted: 0,
    } as const
    assert.deepEqual(await runner.rows(sort), [
      [1, 'a'],
      [1, 'z'],
      [2, 'b'],
      [3, 'c'],
      [null, null],
    ])
    const limit = {
      kind: 'limit',
      columns: numbers.columns,
      estimate: ESTIMATE,
      input: sort,
      limit: constant(2),
      offset: constant(1),
    } as const
    assert.deepEqual(await runner.rows(limit), [
      [1, 'z'],
      [2, 'b'],
    ])
  })

  it('joins by hash', async () => {
    const right = valuesPlan(
      [output(3), output(4)],
      [
        [1, 100],
        [3, 300],
        [null, 0],
      ],
    )
    const plan = {
      kind: 'hash-join',
      type: 'left',
      columns: [...numbers.columns, ...right.columns],
      estimate: ESTIMATE,
      left: numbers,
      right,
      leftKeys: [column(1)],
      rightKeys: [column(3)],
      residual: undefined,
    } as const
    assert.deepEqual(
      sorted(await runner.rows(plan)),
      sorted([
        [3, 'c', 3, 300],
        [1, 'a', 1, 100],
        [null, null, null, null],
        [2, 'b', null, null],
        [1, 'z', 1, 100],
      ]),
    )
  })

  it('aggregates by hash, and without groups', async () => {
    const aggregates = [
      { function: aggregateFunction('count'), args: [], isDistinct: false, orderBy: [], type: INT8 },
      {
        function: aggregateFunction('sum', int4),
        args: [column(1)],
        isDistinct: false,
        orderBy: [],
        type: INT8,
      },
    ]
    const grouped = {
      kind: 'aggregate',
      strategy: 'hash',
      columns: [output(5), output(6, INT8), output(7, INT8)],
      estimate: ESTIMATE,
      input: numbers,
      groups: [column(1)],
      aggregates,
    } as const
    assert.deepEqual(
      sorted(await runner.rows(grouped)),
      sorted([
        [3, 1, 3],
        [1, 2, 2],
        [2, 1, 2],
        [null, 1, null],
      ]),
    )
    const plain = {
      ...grouped,
      strategy: 'plain',
      groups: [],
      columns: [output(6, INT8), output(7, INT8)],
    } as const
    assert.deepEqual(await runner.rows(plain), [[5, 7]])
    const none = { ...plain, input: filterPlan(numbers, { kind: 'constant', value: false, type: BOOL }) }
    assert.deepEqual(await runner.rows(none), [[0, null]])
  })
})
