import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import type { Expression } from '../../../plan/expression.js'
import type { JoinType } from '../../../plan/logical-plan.js'
import type { PhysicalPlan } from '../../../plan/physical-plan.js'
import type { Row } from '../../../scalar/value.js'
import {
  BOOL,
  ESTIMATE,
  ascending,
  call,
  column,
  output,
  sorted,
  valuesPlan,
} from '../../testing/plans.test.data.js'
import { PLENTY_BYTES, PlanRunner, TINY_BYTES } from '../../testing/run-plan.test.data.js'

type Test = (left: Row, right: Row) => boolean | null

const LEFT = [output(1), output(2)]
const RIGHT = [output(3), output(4)]
const TYPES: readonly JoinType[] = ['inner', 'left', 'right', 'full', 'semi', 'anti']

/** What a join is, row by row. */
function joined(
  type: JoinType,
  lefts: readonly Row[],
  rights: readonly Row[],
  test: Test,
  nullAware = false,
): Row[] {
  const isMatch = (left: Row, right: Row): boolean => {
    const answer = test(left, right)
    return answer === true || (nullAware && answer === null)
  }
  if (type === 'semi') return lefts.filter((left) => rights.some((right) => isMatch(left, right)))
  if (type === 'anti') return lefts.filter((left) => !rights.some((right) => isMatch(left, right)))
  const rows: Row[] = []
  for (const left of lefts) {
    const matches = rights.filter((right) => isMatch(left, right))
    for (const right of matches) rows.push([...left, ...right])
    if (matches.length === 0 && (type === 'left' || type === 'full')) rows.push([...left, null, null])
  }
  if (type === 'right' || type === 'full') {
    for (const right of rights)
      if (!lefts.some((left) => isMatch(left, right))) rows.push([null, null, ...right])
  }
  return rows
}

const and = (a: boolean | null, b: boolean | null): boolean | null =>
  a === false || b === false ? false : a === null || b === null ? null : true
const equal = (a: unknown, b: unknown): boolean | null => (a === null || b === null ? null : a === b)
const below = (a: unknown, b: unknown): boolean | null =>
  a === null || b === null ? null : Number(a) < Number(b)

const byKey: Test = (left, right) => equal(left[0], right[0])
const byKeyAndResidual: Test = (left, right) => and(byKey(left, right), below(left[1], right[1]))

const residual = call('<', column(2), column(4))
const key = call('=', column(1), column(3))
const both: Expression = { kind: 'and', type: BOOL, args: [key, residual] }

const value = fc.option(fc.integer({ min: 0, max: 6 }), { freq: 5 })
const rowsOf = (maxLength: number) => fc.array(fc.tuple(value, value), { maxLength })

function columnsOf(type: JoinType): PhysicalPlan['columns'] {
  return type === 'semi' || type === 'anti' ? LEFT : [...LEFT, ...RIGHT]
}

function sides(lefts: readonly Row[], rights: readonly Row[]): { left: PhysicalPlan; right: PhysicalPlan } {
  return { left: valuesPlan(LEFT, lefts), right: valuesPlan(RIGHT, rights) }
}

function hashJoin(
  type: JoinType,
  lefts: readonly Row[],
  rights: readonly Row[],
  rest?: Expression,
): PhysicalPlan {
  return {
    kind: 'hash-join',
    type,
    columns: columnsOf(type),
    estimate: ESTIMATE,
    ...sides(lefts, rights),
    leftKeys: [column(1)],
    rightKeys: [column(3)],
    residual: rest,
  }
}

function nestedLoop(
  type: JoinType,
  lefts: readonly Row[],
  rights: readonly Row[],
  condition: Expression,
): PhysicalPlan {
  return {
    kind: 'nested-loop',
    type,
    columns: columnsOf(type),
    estimate: ESTIMATE,
    ...sides(lefts, rights),
    condition,
    isLateral: false,
  }
}

function mergeJoin(
  type: JoinType,
  lefts: readonly Row[],
  rights: readonly Row[],
  rest?: Expression,
): PhysicalPlan {
  const inOrder = (rows: readonly Row[]): Row[] =>
    [...rows].sort((a, b) => Number(a[0] ?? Infinity) - Number(b[0] ?? Infinity) || 0)
  const nullsLast = (rows: readonly Row[]): Row[] => [
    ...inOrder(rows.filter((row) => row[0] !== null)),
    ...rows.filter((row) => row[0] === null),
  ]
  return {
    kind: 'merge-join',
    type,
    columns: columnsOf(type),
    estimate: ESTIMATE,
    ...sides(nullsLast(lefts), nullsLast(rights)),
    leftKeys: [ascending(column(1))],
    rightKeys: [ascending(column(3))],
    residual: rest,
  }
}

describe('joins', () => {
  let runner: PlanRunner
  before(async () => (runner = await PlanRunner.open()))
  after(() => runner[Symbol.asyncDispose]())

  async function agrees(plan: PhysicalPlan, expected: readonly Row[], memoryBytes: number): Promise<void> {
    assert.deepEqual(sorted(await runner.rows(plan, { memoryBytes, batchSize: 8 })), sorted(expected))
    await runner.closeSpaces()
  }

  for (const memoryBytes of [PLENTY_BYTES, TINY_BYTES]) {
    const where = memoryBytes === TINY_BYTES ? 'on disk' : 'in memory'
    for (const type of TYPES) {
      it(`agree with joining row by row: ${type}, ${where}`, async () => {
        await fc.assert(
          fc.asyncProperty(rowsOf(60), rowsOf(60), async (lefts, rights) => {
            const plain = joined(type, lefts, rights, byKey)
            const tested = joined(type, lefts, rights, byKeyAndResidual)
            await agrees(hashJoin(type, lefts, rights), plain, memoryBytes)
            await agrees(hashJoin(type, lefts, rights, residual), tested, memoryBytes)
            await agrees(mergeJoin(type, lefts, rights), plain, memoryBytes)
            await agrees(mergeJoin(type, lefts, rights, residual), tested, memoryBytes)
            await agrees(nestedLoop(type, lefts, rights, both), tested, memoryBytes)
          }),
          { numRuns: 25 },
        )
      })
    }
  }

  it('part rows again and again, and join those of one key in chunks', async () => {
    const many = Array.from({ length: 1800 }, (_none, at): Row => [at % 3 === 0 ? 7 : at, at])
    const few = Array.from({ length: 40 }, (_none, at): Row => [at % 2 === 0 ? 7 : at, 40 * at])
    for (const type of TYPES) {
      await agrees(hashJoin(type, few, many), joined(type, few, many, byKey), TINY_BYTES)
      await agrees(hashJoin(type, few, many, residual), joined(type, few, many, byKeyAndResidual), TINY_BYTES)
    }
  })

  it('find equal nulls where they are asked to', async () => {
    const lefts: Row[] = [
      [null, 1],
      [2, 1],
      [3, 1],
    ]
    const rights: Row[] = [
      [null, 5],
      [2, 5],
    ]
    const plan = { ...hashJoin('full', lefts, rights), nullsEqual: [true] } as PhysicalPlan
    await agrees(
      plan,
      [
        [null, 1, null, 5],
        [2, 1, 2, 5],
        [3, 1, null, null],
      ],
      PLENTY_BYTES,
    )
  })

  for (const memoryBytes of [PLENTY_BYTES, TINY_BYTES]) {
    it(`leave out what NOT IN does not know, with ${memoryBytes} bytes`, async () => {
      await fc.assert(
        fc.asyncProperty(rowsOf(40), rowsOf(12), fc.boolean(), async (lefts, rights, hasResidual) => {
          const test = hasResidual ? byKeyAndResidual : byKey
          const plan = {
            ...hashJoin('anti', lefts, rights, hasResidual ? residual : undefined),
            isNullAware: true,
          } as PhysicalPlan
          await agrees(plan, joined('anti', lefts, rights, test, true), memoryBytes)
          const twoKeys = {
            ...hashJoin('anti', lefts, rights),
            leftKeys: [column(1), column(2)],
            rightKeys: [column(3), column(4)],
            isNullAware: true,
          } as PhysicalPlan
          const byBoth: Test = (left, right) => and(byKey(left, right), equal(left[1], right[1]))
          await agrees(twoKeys, joined('anti', lefts, rights, byBoth, true), memoryBytes)
        }),
        { numRuns: 40 },
      )
    })
  }

  it('keep the order of the left side in nested loops, wherever the right side is', async () => {
    const lefts = Array.from({ length: 30 }, (_none, at): Row => [at, 0])
    const rights = Array.from({ length: 80 }, (_none, at): Row => [at % 10, at])
    for (const memoryBytes of [PLENTY_BYTES, TINY_BYTES]) {
      const rows = await runner.rows(nestedLoop('left', lefts, rights, key), { memoryBytes, batchSize: 8 })
      assert.deepEqual(rows, joined('left', lefts, rights, byKey))
    }
  })

  it('open the right side of a lateral join anew for each left row', async () => {
    const lefts: Row[] = [
      [1, 10],
      [2, null],
      [3, 30],
    ]
    const right: PhysicalPlan = {
      kind: 'values',
      columns: RIGHT,
      estimate: ESTIMATE,
      rows: [
        [column(1), call('+', column(2), column(1))],
        [column(2), column(2)],
      ],
    }
    const plan = (type: JoinType, condition: Expression | undefined): PhysicalPlan => ({
      kind: 'nested-loop',
      type,
      columns: columnsOf(type),
      estimate: ESTIMATE,
      left: valuesPlan(LEFT, lefts),
      right,
      condition,
      isLateral: true,
    })
    assert.deepEqual(await runner.rows(plan('inner', undefined)), [
      [1, 10, 1, 11],
      [1, 10, 10, 10],
      [2, null, 2, null],
      [2, null, null, null],
      [3, 30, 3, 33],
      [3, 30, 30, 30],
    ])
    const isSet = call('<', column(1), column(4))
    assert.deepEqual(await runner.rows(plan('left', isSet)), [
      [1, 10, 1, 11],
      [1, 10, 10, 10],
      [2, null, null, null],
      [3, 30, 3, 33],
      [3, 30, 30, 30],
    ])
    assert.deepEqual(await runner.rows(plan('anti', isSet)), [[2, null]])
  })
})
