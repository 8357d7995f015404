import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Expression } from '../../plan/expression.js'
import type { CommonScan, PhysicalPlan, Recursive, With } from '../../plan/physical-plan.js'
import type { Row } from '../../scalar/value.js'
import { countingFunction, series } from '../testing/functions.test.data.js'
import {
  ESTIMATE,
  INT4,
  INT8,
  call,
  column,
  constant,
  filterPlan,
  output,
  projectPlan,
  sorted,
  valuesPlan,
} from '../testing/plans.test.data.js'
import { PLENTY_BYTES, PlanRunner, TINY_BYTES } from '../testing/run-plan.test.data.js'

function common(definition: number, ids: readonly number[], ordinals: readonly number[] = [0]): CommonScan {
  return {
    kind: 'common-scan',
    columns: ids.map((id) => output(id)),
    estimate: ESTIMATE,
    definition,
    name: 'common',
    ordinals,
  }
}

function withPlan(definition: PhysicalPlan, body: PhysicalPlan): With {
  return {
    kind: 'with',
    columns: body.columns,
    estimate: ESTIMATE,
    definitions: [{ id: 1, name: 'common', plan: definition, isModifying: false }],
    body,
  }
}

/** 1, 2, 3, … as far as `condition` lets it. */
function counting(
  condition: Expression | undefined,
  isDistinct = false,
  start: readonly Row[] = [[1]],
): Recursive {
  const last = common(7, [2])
  const next = projectPlan(
    condition === undefined ? last : filterPlan(last, condition),
    [call('+', column(2), constant(1))],
    [3],
  )
  return {
    kind: 'recursive',
    columns: [output(1)],
    estimate: ESTIMATE,
    id: 7,
    start: valuesPlan([output(1)], start),
    step: next,
    isDistinct,
  }
}

describe('common tables', () => {
  let runner: PlanRunner
  before(async () => (runner = await PlanRunner.open()))
  after(() => runner[Symbol.asyncDispose]())

  it('are computed once for all who read them, no further than they are read', async () => {
    const called = countingFunction()
    const definition = projectPlan(
      valuesPlan(
        [output(1)],
        Array.from({ length: 20 }, (_none, at) => [at]),
      ),
      [{ kind: 'call', function: called, args: [column(1)], type: INT4 }],
      [2],
    )
    const join: PhysicalPlan = {
      kind: 'hash-join',
      type: 'inner',
      columns: [output(3), output(4)],
      estimate: ESTIMATE,
      left: common(1, [3]),
      right: common(1, [4]),
      leftKeys: [column(3)],
      rightKeys: [column(4)],
      residual: undefined,
    }
    assert.equal((await runner.rows(withPlan(definition, join), { batchSize: 4 })).length, 20)
    assert.equal(called.calls, 20)
    called.calls = 0
    const limited: PhysicalPlan = {
      kind: 'limit',
      columns: [output(3)],
      estimate: ESTIMATE,
      input: common(1, [3]),
      limit: constant(3),
      offset: undefined,
    }
    assert.deepEqual(await runner.rows(withPlan(definition, limited), { batchSize: 4 }), [[1], [2], [3]])
    assert.equal(called.calls, 4)
  })

  it('are read from disk where they do not fit into memory', async () => {
    const rows = Array.from({ length: 300 }, (_none, at): Row => [at])
    const body: PhysicalPlan = {
      kind: 'set-operation',
      columns: [output(3)],
      estimate: ESTIMATE,
      operation: 'append',
      isAll: true,
      inputs: [common(1, [3]), common(1, [4])],
    }
    const plan = withPlan(valuesPlan([output(1)], rows), body)
    const found = await runner.rows(plan, { memoryBytes: TINY_BYTES, batchSize: 16 })
    assert.deepEqual(found, [...rows, ...rows])
    await runner.closeSpaces()
  })

  it('go on from the last round until one gives nothing', async () => {
    for (const memoryBytes of [PLENTY_BYTES, TINY_BYTES]) {
      const plan = counting(call('<', column(2), constant(50)))
      const expected = Array.from({ length: 50 }, (_none, at): Row => [at + 1])
      assert.deepEqual(await runner.rows(plan, { memoryBytes }), expected)
    }
  })

  it('need not end when no more is asked for', async () => {
    const limited: PhysicalPlan = {
      kind: 'limit',
      columns: [output(3)],
      estimate: ESTIMATE,
      input: common(1, [3]),
      limit: constant(4),
      offset: constant(2),
    }
    assert.deepEqual(await runner.rows(withPlan(counting(undefined), limited)), [[3], [4], [5], [6]])
  })

  it('leave out, as UNION, what was there in any round', async () => {
    const start = Array.from({ length: 60 }, (_none, at): Row => [at % 3])
    for (const memoryBytes of [PLENTY_BYTES, TINY_BYTES]) {
      const plan = counting(call('<', column(2), constant(5)), true, start)
      assert.deepEqual(sorted(await runner.rows(plan, { memoryBytes })), [[0], [1], [2], [3], [4], [5]])
    }
  })

  it('belong to the row of a lateral join that they refer to', async () => {
    const definition = projectPlan(
      valuesPlan([output(2)], [[1], [2]]),
      [call('+', column(2), column(9))],
      [3],
    )
    const plan: PhysicalPlan = {
      kind: 'nested-loop',
      type: 'inner',
      columns: [output(9), output(4)],
      estimate: ESTIMATE,
      left: valuesPlan([output(9)], [[10], [20]]),
      right: withPlan(definition, common(1, [4])),
      condition: undefined,
      isLateral: true,
    }
    assert.deepEqual(await runner.rows(plan), [
      [10, 11],
      [10, 12],
      [20, 21],
      [20, 22],
    ])
  })
})

describe('table functions', () => {
  let runner: PlanRunner
  before(async () => (runner = await PlanRunner.open()))
  after(() => runner[Symbol.asyncDispose]())

  const calls = (...ends: readonly (number | null)[]) =>
    ends.map((end) => ({ function: series, args: [constant(1), constant(end)] }))

  it('stand side by side, filled up with nulls, numbered', async () => {
    const plan: PhysicalPlan = {
      kind: 'table-function',
      columns: [output(1), output(2), output(3), output(4, INT8)],
      estimate: ESTIMATE,
      calls: calls(3, 1, null),
      hasOrdinality: true,
    }
    assert.deepEqual(await runner.rows(plan), [
      [1, 1, null, 1],
      [2, null, null, 2],
      [3, null, null, 3],
    ])
  })

  it('repeat rows in a SELECT list as often as the longest of them says', async () => {
    const plan: PhysicalPlan = {
      kind: 'unnest-calls',
      columns: [output(1), output(2), output(3)],
      estimate: ESTIMATE,
      input: valuesPlan([output(1)], [[2], [0], [null], [1]]),
      calls: [
        { function: series, args: [constant(1), column(1)] },
        { function: series, args: [constant(5), call('+', column(1), constant(4))] },
      ],
    }
    assert.deepEqual(await runner.rows(plan, { batchSize: 2 }), [
      [2, 1, 5],
      [2, 2, 6],
      [1, 1, 5],
    ])
  })
})
