/**
 * What a statement holds in memory, as its operators tell the budget: rows that need many times the budget are worked on
 * within it.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { WindowCall } from '../../plan/expression.js'
import type { JoinType, SetOperationPlan } from '../../plan/logical-plan.js'
import type { IndexJoin, PhysicalPlan } from '../../plan/physical-plan.js'
import type { RelationColumn } from '../../relation/relation.js'
import type { TableFunction } from '../../scalar/functions/function.js'
import { int4 } from '../../scalar/types/integer-types.js'
import { text } from '../../scalar/types/text-types.js'
import type { Row, Value } from '../../scalar/value.js'
import { compilePlan } from '../compile-plan.js'
import { MemoryRelation } from '../testing/memory-relation.test.data.js'
import {
  ESTIMATE,
  INT4,
  INT8,
  TEXT,
  aggregateFunction,
  ascending,
  call,
  column,
  constant,
  executable,
  filterPlan,
  output,
  projectPlan,
  valuesPlan,
  windowFunction,
} from '../testing/plans.test.data.js'
import { PlanRunner } from '../testing/run-plan.test.data.js'

const LIMIT_BYTES = 512 * 1024
const ROWS = 20_000
const FILLER = 'x'.repeat(100)

/** Numbers in an order of no use, each once and each with a text behind it: some four megabytes as rows in memory. */
const wide: TableFunction = {
  kind: 'table',
  oid: 90_010,
  name: 'wide',
  parameters: [int4],
  result: text,
  isStrict: true,
  volatility: 'immutable',
  columns: () => [
    { name: 'key', type: INT4 },
    { name: 'filler', type: TEXT },
  ],
  *rows(_types, _context, [count]: readonly Value[]): Generator<Row> {
    const rows = Number(count)
    for (let at = 0; at < rows; at++) yield [(at * 7919) % rows, FILLER]
  },
}

const base = { estimate: ESTIMATE }
const source = (key: number, filler: number, rows = ROWS): PhysicalPlan => ({
  ...base,
  kind: 'table-function',
  columns: [output(key), output(filler, TEXT)],
  calls: [{ function: wide, args: [constant(rows)] }],
  hasOrdinality: false,
})
const left = source(1, 2)
const right = source(3, 4)
const sorted = (input: PhysicalPlan, key: number): PhysicalPlan => ({
  ...base,
  kind: 'sort',
  columns: input.columns,
  input,
  keys: [ascending(column(key))],
  presorted: 0,
})
const joined = (type: JoinType): PhysicalPlan['columns'] =>
  type === 'semi' || type === 'anti' ? left.columns : [...left.columns, ...right.columns]

function hashJoin(type: JoinType): PhysicalPlan {
  return {
    ...base,
    kind: 'hash-join',
    type,
    columns: joined(type),
    ...{ left, right },
    leftKeys: [column(1)],
    rightKeys: [column(3)],
    residual: undefined,
  }
}

function mergeJoin(type: JoinType): PhysicalPlan {
  return {
    ...base,
    kind: 'merge-join',
    type,
    columns: joined(type),
    left: sorted(left, 1),
    right: sorted(right, 3),
    leftKeys: [ascending(column(1))],
    rightKeys: [ascending(column(3))],
    residual: undefined,
  }
}

/** A few left rows with all right rows, which do not fit. */
const nestedLoop: PhysicalPlan = {
  ...base,
  kind: 'nested-loop',
  type: 'inner',
  columns: joined('inner'),
  left: source(1, 2, 4),
  right,
  condition: call('<', column(1), column(3)),
  isLateral: false,
}

const plainColumn = (name: string, type = INT4): RelationColumn => ({
  name,
  type,
  isNotNull: true,
  hasDefault: false,
})

function indexJoin(): IndexJoin {
  const relation = new MemoryRelation({
    columns: [plainColumn('key'), plainColumn('filler', TEXT)],
    indexes: [
      {
        name: 'key',
        isPrimary: false,
        isUnique: false,
        nullsNotDistinct: false,
        keys: [{ key: 0, isDescending: false, nullsFirst: false }],
        covers: [],
      },
    ],
    // Each left row finds all of them.
    rows: Array.from({ length: 5000 }, (): Row => [1, FILLER]),
    batchSize: 64,
  })
  return {
    ...base,
    kind: 'index-join',
    type: 'inner',
    columns: [output(1), output(3), output(4, TEXT)],
    left: valuesPlan([output(1)], [[1], [1], [2]]),
    relation,
    alias: 't',
    index: 'key',
    keys: [column(1)],
    right: [output(3), output(4, TEXT)],
    ordinals: [0, 1],
    indexOnly: false,
    residual: undefined,
  }
}

function aggregate(strategy: 'hash' | 'sorted', isDistinct: boolean): PhysicalPlan {
  return {
    ...base,
    kind: 'aggregate',
    strategy,
    columns: [output(10), output(11, INT8)],
    input: strategy === 'sorted' ? sorted(left, 1) : left,
    groups: [column(1)],
    aggregates: [
      {
        function: aggregateFunction('count', text),
        args: [column(2, TEXT)],
        isDistinct,
        orderBy: [],
        type: INT8,
      },
    ],
  }
}

/** Over one partition, or as many as there are rows. */
function window(name: 'rank' | 'count', isOnePartition: boolean): PhysicalPlan {
  const planned: WindowCall = {
    function: name === 'rank' ? windowFunction('rank', 0) : aggregateFunction('count', int4),
    args: name === 'rank' ? [] : [column(1)],
    frame: {
      unit: 'rows',
      start: { kind: 'unbounded', side: 'preceding' },
      end: { kind: 'current', side: 'following' },
      exclude: 'no others',
    },
    type: INT8,
  }
  return {
    ...base,
    kind: 'window',
    columns: [...left.columns, output(10, INT8)],
    input: sorted(left, 1),
    partitionBy: isOnePartition ? [] : [column(1)],
    orderBy: [ascending(column(1))],
    calls: [planned],
  }
}

function setOperation(operation: SetOperationPlan['operation'], isAll: boolean): PhysicalPlan {
  return { ...base, kind: 'set-operation', operation, isAll, columns: left.columns, inputs: [left, right] }
}

const common = (definition: number, key: number, filler: number): PhysicalPlan => ({
  ...base,
  kind: 'common-scan',
  columns: [output(key), output(filler, TEXT)],
  definition,
  name: 'common',
  ordinals: [0, 1],
})

/** Rows that are computed once and read twice. */
const materialized: PhysicalPlan = {
  ...base,
  kind: 'with',
  columns: [output(5), output(6, TEXT)],
  definitions: [{ id: 1, name: 'common', plan: left, isModifying: false }],
  body: {
    ...base,
    kind: 'set-operation',
    operation: 'append',
    isAll: true,
    columns: [output(5), output(6, TEXT)],
    inputs: [common(1, 5, 6), common(1, 7, 8)],
  },
}

/** All rows at once, three rounds of them. */
const recursive: PhysicalPlan = {
  ...base,
  kind: 'recursive',
  columns: [output(1), output(2, TEXT)],
  id: 7,
  start: left,
  step: projectPlan(
    filterPlan(common(7, 5, 6), call('<', column(5), constant(2 * ROWS))),
    [call('+', column(5), constant(ROWS)), column(6, TEXT)],
    [8, 9],
  ),
  isDistinct: false,
}

const PLANS: readonly (readonly [name: string, plan: PhysicalPlan, rows: number])[] = [
  ['sort', sorted(left, 1), ROWS],
  ['hash join', hashJoin('inner'), ROWS],
  ['hash join, full', hashJoin('full'), ROWS],
  ['hash join, semi', hashJoin('semi'), ROWS],
  ['hash join, anti', hashJoin('anti'), 0],
  ['merge join', mergeJoin('inner'), ROWS],
  ['merge join, full', mergeJoin('full'), ROWS],
  ['nested loop', nestedLoop, 4 * ROWS - 10],
  ['index join', indexJoin(), 10_000],
  ['hash aggregate', aggregate('hash', false), ROWS],
  ['hash aggregate with DISTINCT', aggregate('hash', true), ROWS],
  ['sorted aggregate with DISTINCT', aggregate('sorted', true), ROWS],
  ['distinct', { ...base, kind: 'distinct', strategy: 'hash', columns: left.columns, input: left }, ROWS],
  ['union', setOperation('union', false), ROWS],
  ['intersect', setOperation('intersect', false), ROWS],
  ['intersect all', setOperation('intersect', true), ROWS],
  ['except', setOperation('except', false), 0],
  ['except all', setOperation('except', true), 0],
  ['rank over one partition', window('rank', true), ROWS],
  ['running count over one partition', window('count', true), ROWS],
  ['running count over many partitions', window('count', false), ROWS],
  ['rows that WITH names', materialized, 2 * ROWS],
  ['recursive', recursive, 3 * ROWS],
]

describe('memory', () => {
  let runner: PlanRunner
  before(async () => (runner = await PlanRunner.open()))
  after(() => runner[Symbol.asyncDispose]())

  for (const [name, plan, expected] of PLANS) {
    it(`is within the limit: ${name}`, async () => {
      const context = runner.context({ memoryBytes: LIMIT_BYTES, batchSize: 256 })
      let rows = 0
      for await (const batch of compilePlan(executable(plan)).run(context)) rows += batch.length
      assert.equal(rows, expected)
      const { peakBytes, usedBytes } = context.memory
      assert.ok(peakBytes > 0 && peakBytes <= LIMIT_BYTES, `${peakBytes} of ${LIMIT_BYTES} bytes`)
      assert.equal(usedBytes, 0)
      await runner.closeSpaces()
    })
  }
})
