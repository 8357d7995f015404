import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import type { AggregateCall, Expression } from '../../../plan/expression.js'
import type { Aggregate, PhysicalPlan } from '../../../plan/physical-plan.js'
import { SqlArray } from '../../../scalar/array/sql-array.js'
import type { Accumulator, AggregateFunction } from '../../../scalar/functions/function.js'
import type { ScalarContext } from '../../../scalar/scalar-context.js'
import { int4, int8 } from '../../../scalar/types/integer-types.js'
import type { Row, Value } from '../../../scalar/value.js'
import {
  ESTIMATE,
  INT8,
  aggregateFunction,
  call,
  column,
  constant,
  descending,
  output,
  sorted,
  valuesPlan,
} from '../../testing/plans.test.data.js'
import { PLENTY_BYTES, PlanRunner, TINY_BYTES } from '../../testing/run-plan.test.data.js'

/** Gathers values in the order they come, so it shows the order. */
class Gathering implements Accumulator {
  readonly #values: Value[] = []

  get sizeBytes(): number {
    return 8 * this.#values.length
  }

  add(_: ScalarContext, args: readonly Value[]): void {
    this.#values.push(args[0] ?? null)
  }

  result(): Value {
    return this.#values.length === 0 ? null : new SqlArray([...this.#values])
  }
}

const gather: AggregateFunction = {
  kind: 'aggregate',
  oid: 1,
  name: 'gather',
  parameters: [int4],
  result: int4,
  isStrict: false,
  isInvertible: false,
  empty: null,
  bind: () => () => new Gathering(),
}

function aggregate(
  callee: AggregateFunction,
  args: readonly Expression[],
  more: Partial<AggregateCall> = {},
): AggregateCall {
  return {
    function: callee,
    args,
    isDistinct: false,
    orderBy: [],
    type: { scalar: callee.result, modifier: -1 },
    ...more,
  }
}

const COLUMNS = [output(1), output(2), output(3)]
const count = aggregate(aggregateFunction('count'), [])
const sum = aggregate(aggregateFunction('sum', int4), [column(3)])
const countDistinct = aggregate(aggregateFunction('count', int4), [column(3)], { isDistinct: true })
const gathered = aggregate(gather, [column(3)], { orderBy: [descending(column(3))] })
const gatheredDistinct = aggregate(gather, [column(3)], { isDistinct: true })
const filtered = aggregate(aggregateFunction('count'), [], { filter: call('<', column(3), constant(3)) })

function plan(
  rows: readonly Row[],
  aggregates: readonly AggregateCall[],
  more: Partial<Aggregate> = {},
): Aggregate {
  const groups = more.groups ?? [column(1), column(2)]
  return {
    kind: 'aggregate',
    strategy: 'hash',
    columns: [
      ...groups.map((group, at) => output(10 + at, group.type)),
      ...aggregates.map((each, at) => output(20 + at, each.type)),
      ...(more.groupings ?? []).map((_grouping, at) => output(30 + at)),
    ],
    estimate: ESTIMATE,
    input: valuesPlan(COLUMNS, rows),
    aggregates,
    ...more,
    groups,
  }
}

/** What the calls above give for one group. */
function summary(rows: readonly Row[]): Value[] {
  const values = rows.map((row) => row[2] ?? null)
  const numbers = values.filter((value): value is number => value !== null)
  const down = [...numbers].sort((a, b) => b - a)
  const nulls = values.filter((value) => value === null)
  const different = [...new Set(numbers)]
  return [
    rows.length,
    numbers.length === 0 ? null : numbers.reduce((a, b) => a + b, 0),
    different.length,
    rows.length === 0 ? null : new SqlArray([...nulls, ...down]),
    rows.length === 0 ? null : new SqlArray([...different.sort((a, b) => a - b), ...nulls.slice(0, 1)]),
    numbers.filter((value) => value < 3).length,
  ]
}

const ALL_CALLS = [count, sum, countDistinct, gathered, gatheredDistinct, filtered]
const HASHED = [0, 1, 2, 5]

function grouped(rows: readonly Row[], members: readonly number[]): [Value[], Row[]][] {
  const groups = new Map<string, [Value[], Row[]]>()
  if (members.length === 0) groups.set('[]', [[], []])
  for (const row of rows) {
    const values = members.map((member) => row[member] ?? null)
    const key = JSON.stringify(values)
    const group = groups.get(key) ?? [values, []]
    groups.set(key, group)
    group[1].push(row)
  }
  return [...groups.values()]
}

const value = fc.option(fc.integer({ min: 0, max: 5 }), { freq: 5 })
const rows = fc.array(fc.tuple(value, value, value), { maxLength: 80 })

describe('aggregates', () => {
  let runner: PlanRunner
  before(async () => (runner = await PlanRunner.open()))
  after(() => runner[Symbol.asyncDispose]())

  async function agrees(each: PhysicalPlan, expected: readonly Row[], memoryBytes: number): Promise<void> {
    const found = await runner.rows(each, { memoryBytes, batchSize: 8 })
    assert.deepEqual(sorted(found.map(shown)), sorted(expected.map(shown)))
    await runner.closeSpaces()
  }

  for (const memoryBytes of [PLENTY_BYTES, TINY_BYTES]) {
    it(`agree with grouping by hand, in ${memoryBytes} bytes`, async () => {
      await fc.assert(
        fc.asyncProperty(rows, async (input) => {
          const expected = grouped(input, [0, 1]).map(([values, group]) => [...values, ...summary(group)])
          const onlyHashed = expected.map((row) => [
            ...row.slice(0, 2),
            ...HASHED.map((at) => row[2 + at] as Value),
          ])
          const hashed = ALL_CALLS.filter((_call, at) => HASHED.includes(at))
          await agrees(plan(input, ALL_CALLS), expected, memoryBytes)
          await agrees(plan(input, hashed), onlyHashed, memoryBytes)
          const inOrder = sorted(input)
          await agrees(plan(inOrder, ALL_CALLS, { strategy: 'sorted' }), expected, memoryBytes)
          const whole = plan(input, ALL_CALLS, { strategy: 'plain', groups: [] })
          await agrees(whole, [summary(input)], memoryBytes)
        }),
        { numRuns: 40 },
      )
    })

    it(`work out all grouping sets, in ${memoryBytes} bytes`, async () => {
      const sets = [[0, 1], [1], []]
      await fc.assert(
        fc.asyncProperty(rows, fc.boolean(), async (input, isHashed) => {
          const used = isHashed ? HASHED : ALL_CALLS.map((_call, at) => at)
          const expected = sets.flatMap((members) =>
            grouped(input, members).map(([values, group]) => [
              members.includes(0) ? (values[members.indexOf(0)] as Value) : null,
              members.includes(1) ? (values[members.indexOf(1)] as Value) : null,
              ...used.map((at) => summary(group)[at] as Value),
              (members.includes(0) ? 0 : 2) + (members.includes(1) ? 0 : 1),
            ]),
          )
          const calls = used.map((at) => ALL_CALLS[at] as AggregateCall)
          const each = plan(input, calls, { groupingSets: sets, groupings: [[0, 1]] })
          await agrees(each, expected, memoryBytes)
        }),
        { numRuns: 30 },
      )
    })
  }

  it('keep the order in which rows come for those that take them as they come', async () => {
    const input: Row[] = [
      [1, 0, 5],
      [2, 0, 6],
      [1, 0, 4],
      [2, 0, 9],
      [1, 0, 5],
    ]
    const each = plan(input, [aggregate(gather, [column(3)])], { groups: [column(1)] })
    await agrees(
      each,
      [
        [1, new SqlArray([5, 4, 5])],
        [2, new SqlArray([6, 9])],
      ],
      PLENTY_BYTES,
    )
  })

  it('say so when what they gather does not fit into memory', async () => {
    const input = Array.from({ length: 500 }, (_none, at): Row => [1, 1, at])
    const each = plan(input, [aggregate(gather, [column(3)])], { groups: [column(1)] })
    await assert.rejects(runner.rows(each, { memoryBytes: TINY_BYTES, hardLimitBytes: TINY_BYTES }), {
      message: /the statement needs more than 2048 bytes for what cannot be moved to disk/,
    })
    await runner.closeSpaces()
  })

  it('group values by what they are equal to, over several columns', async () => {
    const columns = [output(1, INT8), output(2, { scalar: int8, modifier: -1 })]
    const input: Row[] = [
      [1, 9007199254740993n],
      [1, 9007199254740993n],
      [1, 9007199254740992],
      [-1, null],
    ]
    const each: Aggregate = {
      ...plan([], [count], { groups: [column(1, INT8), column(2, INT8)] }),
      input: valuesPlan(columns, input),
    }
    await agrees(
      each,
      [
        [1, 9007199254740993n, 2],
        [1, 9007199254740992, 1],
        [-1, null, 1],
      ],
      PLENTY_BYTES,
    )
  })
})

function shown(row: Row): Row {
  return row.map((each) => (each instanceof SqlArray ? `{${each.elements.map(String).join()}}` : each))
}
