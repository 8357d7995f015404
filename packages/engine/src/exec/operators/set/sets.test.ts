import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import type { Distinct, SetOperation } from '../../../plan/physical-plan.js'
import type { Row } from '../../../scalar/value.js'
import { ESTIMATE, TEXT, column, output, sorted, valuesPlan } from '../../testing/plans.test.data.js'
import { PLENTY_BYTES, PlanRunner, TINY_BYTES } from '../../testing/run-plan.test.data.js'

const COLUMNS = [output(1), output(2, TEXT)]

function setPlan(
  operation: SetOperation['operation'],
  isAll: boolean,
  inputs: readonly (readonly Row[])[],
): SetOperation {
  return {
    kind: 'set-operation',
    columns: COLUMNS,
    estimate: ESTIMATE,
    operation,
    isAll,
    inputs: inputs.map((rows) => valuesPlan(COLUMNS, rows)),
  }
}

const keyOf = (row: Row): string => JSON.stringify(row)

function once(rows: readonly Row[]): Row[] {
  return [...new Map(rows.map((row) => [keyOf(row), row])).values()]
}

/** The operations on lists, by taking partners away. */
function naive(
  operation: 'union' | 'intersect' | 'except',
  isAll: boolean,
  left: readonly Row[],
  right: readonly Row[],
): Row[] {
  if (operation === 'union') return isAll ? [...left, ...right] : once([...left, ...right])
  const partners = right.map(keyOf)
  const stay: Row[] = []
  for (const row of isAll ? left : once(left)) {
    const at = partners.indexOf(keyOf(row))
    if (at !== -1 && isAll) partners.splice(at, 1)
    if ((at !== -1) === (operation === 'intersect')) stay.push(row)
  }
  return stay
}

const row = fc.tuple(
  fc.option(fc.integer({ min: 0, max: 4 }), { freq: 4 }),
  fc.option(fc.constantFrom('', 'a', '1', 'a1', '~'), { freq: 4 }),
)
const rows = fc.array(row, { maxLength: 100 })

describe('sets of rows', () => {
  let runner: PlanRunner
  before(async () => (runner = await PlanRunner.open()))
  after(() => runner[Symbol.asyncDispose]())

  for (const memoryBytes of [PLENTY_BYTES, TINY_BYTES, 256]) {
    it(`agree with lists: operations of all kinds, in ${memoryBytes} bytes`, async () => {
      await fc.assert(
        fc.asyncProperty(rows, rows, rows, fc.boolean(), async (first, second, third, isAll) => {
          for (const operation of ['union', 'intersect', 'except'] as const) {
            const expected = naive(operation, isAll, naive(operation, isAll, first, second), third)
            const plan = setPlan(operation, isAll, [first, second, third])
            const found = await runner.rows(plan, { memoryBytes, batchSize: 8 })
            assert.deepEqual(sorted(found), sorted(expected), operation)
          }
          await runner.closeSpaces()
        }),
        { numRuns: 30 },
      )
    })

    it(`agree with lists: distinct rows, in ${memoryBytes} bytes`, async () => {
      await fc.assert(
        fc.asyncProperty(rows, async (input) => {
          const hash: Distinct = {
            kind: 'distinct',
            strategy: 'hash',
            columns: COLUMNS,
            estimate: ESTIMATE,
            input: valuesPlan(COLUMNS, input),
          }
          const options = { memoryBytes, batchSize: 8 }
          assert.deepEqual(sorted(await runner.rows(hash, options)), sorted(once(input)))
          const inOrder = sorted(input)
          const bySort: Distinct = { ...hash, strategy: 'sorted', input: valuesPlan(COLUMNS, inOrder) }
          assert.deepEqual(await runner.rows(bySort, options), once(inOrder))
          const on: Distinct = { ...bySort, on: [column(1)] }
          const firsts = inOrder.filter((each, at) => at === 0 || each[0] !== inOrder[at - 1]?.[0])
          assert.deepEqual(await runner.rows(on, options), firsts)
          await runner.closeSpaces()
        }),
        { numRuns: 30 },
      )
    })
  }

  it('put inputs one after another in order', async () => {
    const plan = setPlan('append', true, [
      [[2, 'a']],
      [],
      [
        [1, 'b'],
        [1, 'b'],
      ],
    ])
    assert.deepEqual(await runner.rows(plan), [
      [2, 'a'],
      [1, 'b'],
      [1, 'b'],
    ])
  })
})
