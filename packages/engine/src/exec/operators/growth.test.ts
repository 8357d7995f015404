/**
 * How work grows with the number of rows: calls of the functions that compare and hash values are counted at one size
 * and at eight times that size. What grows as n² takes 64 times as much work there; n log n takes about ten times as much,
 * in steps where rows are moved to disk: they are divided once more when they have become too many.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { WindowCall } from '../../plan/expression.js'
import type { PhysicalPlan } from '../../plan/physical-plan.js'
import type { JoinType } from '../../plan/logical-plan.js'
import type { AggregateFunction } from '../../scalar/functions/function.js'
import { float8 } from '../../scalar/types/float-types.js'
import { int4 } from '../../scalar/types/integer-types.js'
import type { Row, Value } from '../../scalar/value.js'
import {
  ESTIMATE,
  aggregateFunction,
  ascending,
  call,
  column,
  constant,
  filterPlan,
  output,
  projectPlan,
  typed,
  valuesPlan,
  windowFunction,
} from '../testing/plans.test.data.js'
import { PLENTY_BYTES, PlanRunner } from '../testing/run-plan.test.data.js'

let work = 0

/** Integers as a type that the executor has no short cuts for. */
const COUNTED = typed({
  ...int4,
  oid: 90_001,
  compare: (a: Value, b: Value) => {
    work++
    return Number(a) - Number(b)
  },
  hashKey: (value: Value) => {
    work++
    return Number(value)
  },
})

const LEFT = [output(1, COUNTED), output(2)]
const RIGHT = [output(3, COUNTED), output(4)]
const key = { left: column(1, COUNTED), right: column(3, COUNTED) }

/** Keys from 0 to n − 1 in an order of no use, each once. */
function rowsOf(count: number): Row[] {
  return Array.from({ length: count }, (_, at): Row => [(at * 7919) % count, at])
}

function inOrder(rows: readonly Row[]): Row[] {
  return [...rows].sort((a, b) => Number(a[0]) - Number(b[0]))
}

const base = { estimate: ESTIMATE }
const left = (rows: readonly Row[]): PhysicalPlan => valuesPlan(LEFT, rows)
const right = (rows: readonly Row[]): PhysicalPlan => valuesPlan(RIGHT, rows)

function joined(type: JoinType): PhysicalPlan['columns'] {
  return type === 'semi' || type === 'anti' ? LEFT : [...LEFT, ...RIGHT]
}

function hashJoin(type: JoinType) {
  return (rows: readonly Row[]): PhysicalPlan => ({
    ...base,
    kind: 'hash-join',
    type,
    columns: joined(type),
    left: left(rows),
    right: right(rows),
    leftKeys: [key.left],
    rightKeys: [key.right],
    residual: undefined,
  })
}

function mergeJoin(type: JoinType) {
  return (rows: readonly Row[]): PhysicalPlan => ({
    ...base,
    kind: 'merge-join',
    type,
    columns: joined(type),
    left: left(inOrder(rows)),
    right: right(inOrder(rows)),
    leftKeys: [ascending(key.left)],
    rightKeys: [ascending(key.right)],
    residual: undefined,
  })
}

function aggregate(strategy: 'hash' | 'sorted') {
  return (rows: readonly Row[]): PhysicalPlan => ({
    ...base,
    kind: 'aggregate',
    strategy,
    columns: [output(10, COUNTED), output(11)],
    input: left(strategy === 'sorted' ? inOrder(rows) : rows),
    groups: [key.left],
    aggregates: [
      {
        function: aggregateFunction('count', int4),
        args: [column(1, COUNTED)],
        isDistinct: true,
        orderBy: [],
        type: typed(int4),
      },
    ],
  })
}

/** @param start of frames that reach so many rows back */
function window(name: 'rank' | 'max', start?: number) {
  return (rows: readonly Row[]): PhysicalPlan => {
    const call: WindowCall = {
      function: name === 'rank' ? windowFunction('rank', 0) : aggregateFunction('max', int4),
      args: name === 'rank' ? [] : [column(1, COUNTED)],
      frame: {
        unit: start === undefined ? 'range' : 'rows',
        start:
          start === undefined
            ? { kind: 'unbounded', side: 'preceding' }
            : { kind: 'offset', side: 'preceding', expression: constant(start) },
        end: { kind: 'current', side: 'following' },
        exclude: 'no others',
      },
      type: typed(int4),
    }
    return {
      ...base,
      kind: 'window',
      columns: [...LEFT, output(10)],
      input: left(inOrder(rows)),
      partitionBy: [],
      orderBy: [ascending(key.left)],
      calls: [call],
    }
  }
}

/** What can neither be merged nor taken back, with what is added counted. */
const COUNTED_SUM: AggregateFunction = {
  ...aggregateFunction('sum', float8),
  bind: (...binding) => {
    const create = aggregateFunction('sum', float8).bind(...binding)
    return () => {
      const inner = create()
      return {
        add: (context, args) => {
          work++
          inner.add(context, args)
        },
        result: (context) => inner.result(context),
        get sizeBytes() {
          return inner.sizeBytes
        },
      }
    }
  },
}

/** Sums of floating-point numbers in frames that begin at the first row, `preceding` being more than there are. */
function floatSums(preceding: number | undefined) {
  return (rows: readonly Row[]): PhysicalPlan => ({
    ...base,
    kind: 'window',
    columns: [...LEFT, output(10, typed(float8))],
    input: left(inOrder(rows)),
    partitionBy: [],
    orderBy: [ascending(key.left)],
    calls: [
      {
        function: COUNTED_SUM,
        args: [column(2)],
        frame: {
          unit: 'rows',
          start:
            preceding === undefined
              ? { kind: 'unbounded', side: 'preceding' }
              : { kind: 'offset', side: 'preceding', expression: constant(preceding) },
          end: { kind: 'offset', side: 'following', expression: constant(3) },
          exclude: 'no others',
        },
        type: typed(float8),
      },
    ],
  })
}

/** Each key from the one before it, found among all rows of its round. */
function recursion(isDistinct: boolean) {
  return (rows: readonly Row[]): PhysicalPlan => ({
    ...base,
    kind: 'recursive',
    columns: [output(1, COUNTED)],
    id: 7,
    start: valuesPlan([output(1, COUNTED)], [[0]]),
    step: projectPlan(
      filterPlan(commonScan(5), call('<', column(5), constant(rows.length - 1))),
      [call('+', column(5), constant(1))],
      [6],
    ),
    isDistinct,
  })
}

const commonScan = (id: number): PhysicalPlan => ({
  ...base,
  kind: 'common-scan',
  columns: [output(id)],
  definition: 7,
  name: 'common',
  ordinals: [0],
})

function page(rows: readonly Row[]): PhysicalPlan {
  return {
    ...base,
    kind: 'limit',
    columns: LEFT,
    input: sort()(rows),
    limit: constant(5),
    offset: constant(rows.length - 10),
  }
}

function sort(limit?: number) {
  return (rows: readonly Row[]): PhysicalPlan => ({
    ...base,
    kind: 'sort',
    columns: LEFT,
    input: left(rows),
    keys: [ascending(key.left)],
    presorted: 0,
    ...(limit !== undefined && { limit: constant(limit) }),
  })
}

function distinct(rows: readonly Row[]): PhysicalPlan {
  return { ...base, kind: 'distinct', strategy: 'hash', columns: LEFT, input: left(rows) }
}

function setOperation(operation: 'union' | 'intersect' | 'except', isAll: boolean) {
  return (rows: readonly Row[]): PhysicalPlan => ({
    ...base,
    kind: 'set-operation',
    operation,
    isAll,
    columns: LEFT,
    inputs: [left(rows), right(rows)],
  })
}

const PLANS: readonly (readonly [name: string, plan: (rows: readonly Row[]) => PhysicalPlan])[] = [
  ['sort', sort()],
  ['top rows', sort(10)],
  ...(['inner', 'left', 'full', 'semi', 'anti'] as const).flatMap((type) => [
    [`hash join, ${type}`, hashJoin(type)] as const,
    [`merge join, ${type}`, mergeJoin(type)] as const,
  ]),
  ['hash aggregate with DISTINCT', aggregate('hash')],
  ['sorted aggregate with DISTINCT', aggregate('sorted')],
  ['distinct', distinct],
  ['union', setOperation('union', false)],
  ['intersect', setOperation('intersect', false)],
  ['intersect all', setOperation('intersect', true)],
  ['except', setOperation('except', false)],
  ['except all', setOperation('except', true)],
  ['rank', window('rank')],
  ['running maximum', window('max')],
  ['maximum of the last 500 rows', window('max', 500)],
  ['sum of floats from the first row on', floatSums(undefined)],
  ['sum of floats of more rows than there are', floatSums(1_000_000)],
  ['recursion', recursion(false)],
  ['recursion without duplicates', recursion(true)],
  ['limit with offset', page],
]

const ROWS = 800
const TIMES = 8
const FACTOR_MAX = 16
const SPILLING_BYTES = 32 * 1024

describe('growth', () => {
  let runner: PlanRunner
  before(async () => (runner = await PlanRunner.open()))
  after(() => runner[Symbol.asyncDispose]())

  async function measure(plan: PhysicalPlan, memoryBytes: number): Promise<number> {
    work = 0
    let rows = 0
    for await (const batch of runner.start(plan, { memoryBytes, batchSize: 256 })) rows += batch.length
    return work + rows
  }

  for (const [name, plan] of PLANS) {
    for (const memoryBytes of [PLENTY_BYTES, SPILLING_BYTES]) {
      it(`is no worse than n log n: ${name}, in ${memoryBytes} bytes`, async () => {
        const once = await measure(plan(rowsOf(ROWS)), memoryBytes)
        const more = await measure(plan(rowsOf(TIMES * ROWS)), memoryBytes)
        assert.ok(once > 0)
        assert.ok(more <= once * FACTOR_MAX, `${once} for ${ROWS} rows, ${more} for ${TIMES} times as many`)
        await runner.closeSpaces()
      })
    }
  }
})
