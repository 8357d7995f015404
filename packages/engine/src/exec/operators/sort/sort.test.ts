import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import type { SortKey } from '../../../plan/expression.js'
import type { Sort } from '../../../plan/physical-plan.js'
import type { ScalarType } from '../../../scalar/data-type.js'
import { text } from '../../../scalar/types/text-types.js'
import type { Row, Value } from '../../../scalar/value.js'
import {
  ESTIMATE,
  ascending,
  call,
  column,
  constant,
  descending,
  output,
  valuesPlan,
} from '../../testing/plans.test.data.js'
import { PLENTY_BYTES, PlanRunner, TINY_BYTES } from '../../testing/run-plan.test.data.js'

const COLUMNS = [output(1), output(2), output(3)]

function sortPlan(rows: readonly Row[], keys: readonly SortKey[], more: Partial<Sort> = {}): Sort {
  return {
    kind: 'sort',
    columns: COLUMNS,
    estimate: ESTIMATE,
    input: valuesPlan(COLUMNS, rows),
    keys,
    presorted: 0,
    ...more,
  }
}

function compare(a: Value, b: Value, isDescending: boolean, nullsFirst: boolean): number {
  if (a === null || b === null) return a === b ? 0 : (a === null) === nullsFirst ? -1 : 1
  return (Number(a) - Number(b)) * (isDescending ? -1 : 1)
}

/** By the first column up, nulls last, then by the second down, nulls first; the third tells equal rows apart. */
function inOrder(rows: readonly Row[]): Row[] {
  return [...rows].sort(
    (a, b) =>
      compare(a[0] as Value, b[0] as Value, false, false) ||
      compare(a[1] as Value, b[1] as Value, true, true),
  )
}

const KEYS = [ascending(column(1)), descending(column(2))]
const value = fc.option(fc.integer({ min: -3, max: 3 }), { freq: 5 })
const rowsOf = (maxLength: number) =>
  fc.array(fc.tuple(value, value), { maxLength }).map((pairs) => pairs.map(([a, b], at): Row => [a, b, at]))

describe('sort', () => {
  let runner: PlanRunner
  before(async () => (runner = await PlanRunner.open()))
  after(() => runner[Symbol.asyncDispose]())

  for (const memoryBytes of [PLENTY_BYTES, TINY_BYTES, 0]) {
    it(`is stable and puts nulls where they are asked for, in ${memoryBytes} bytes`, async () => {
      await fc.assert(
        fc.asyncProperty(rowsOf(120), fc.integer({ min: 0, max: 40 }), async (rows, limit) => {
          const options = { memoryBytes, batchSize: 8 }
          const expected = inOrder(rows)
          assert.deepEqual(await runner.rows(sortPlan(rows, KEYS), options), expected)
          const top = sortPlan(rows, KEYS, { limit: constant(limit) })
          assert.deepEqual(await runner.rows(top, options), expected.slice(0, limit))
          const byFirst = [...rows].sort((a, b) => compare(a[0] as Value, b[0] as Value, false, false))
          assert.deepEqual(await runner.rows(sortPlan(byFirst, KEYS, { presorted: 1 }), options), expected)
          await runner.closeSpaces()
        }),
        { numRuns: 30 },
      )
    })
  }

  it('sorts by what it computes, and puts out the columns alone', async () => {
    const rows: Row[] = [
      [1, 5, 0],
      [2, 1, 1],
      [3, 9, 2],
    ]
    const plan = sortPlan(rows, [descending(call('+', column(1), column(2)))])
    assert.deepEqual(await runner.rows(plan), [
      [3, 9, 2],
      [1, 5, 0],
      [2, 1, 1],
    ])
  })

  it('compares about n log n times, in memory, on disk, and for the first rows', async () => {
    let comparisons = 0
    const counting: ScalarType = {
      ...text,
      oid: 99_999,
      compare: (a, b) => {
        comparisons++
        return a === b ? 0 : (a as string) < (b as string) ? -1 : 1
      },
    }
    const type = { scalar: counting, modifier: -1 }
    const columns = [output(1, type)]
    const cost = async (count: number, memoryBytes: number, limit?: number): Promise<number> => {
      const rows = Array.from({ length: count }, (_none, at): Row => [
        `k${Math.imul(at + 1, 0x9e3779b1) >>> 0}`,
      ])
      const plan: Sort = {
        kind: 'sort',
        columns,
        estimate: ESTIMATE,
        input: valuesPlan(columns, rows),
        keys: [ascending(column(1, type))],
        presorted: 0,
        ...(limit === undefined ? {} : { limit: constant(limit) }),
      }
      comparisons = 0
      await runner.rows(plan, { memoryBytes, batchSize: 1024 })
      await runner.closeSpaces()
      return comparisons
    }
    for (const memoryBytes of [PLENTY_BYTES, 32 * 1024]) {
      const small = await cost(4096, memoryBytes)
      const large = await cost(16_384, memoryBytes)
      assert.ok(large <= 16_384 * 14 * 1.2, `${large} comparisons`)
      assert.ok(large < small * 4 * 1.4, `${large} for four times as many rows as ${small}`)
    }
    // One for each row that does not come to be among the first ones, and a little.
    assert.ok((await cost(16_384, PLENTY_BYTES, 10)) < 16_384 * 1.5)
  })
})
