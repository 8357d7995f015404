import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import type {
  AccessPlan,
  IndexJoin,
  PhysicalPlan,
  RangePlan,
  TableScan,
} from '../../../plan/physical-plan.js'
import { ROW_ID_ORDINAL } from '../../../plan/logical-plan.js'
import type { RelationColumn, RelationIndex } from '../../../relation/relation.js'
import { SqlArray } from '../../../scalar/array/sql-array.js'
import type { Row, Value } from '../../../scalar/value.js'
import { systemArrayOf } from '../../testing/array-types.test.data.js'
import { MemoryRelation, compareKeys, isIn } from '../../testing/memory-relation.test.data.js'
import {
  ESTIMATE,
  INT4,
  call,
  column,
  constant,
  output,
  sorted,
  valuesPlan,
} from '../../testing/plans.test.data.js'
import { PLENTY_BYTES, PlanRunner, TINY_BYTES } from '../../testing/run-plan.test.data.js'
import { KeyBounds } from './key-bounds.js'
import { indexOrder } from './index-keys.js'

const columnOf = (name: string): RelationColumn => ({ name, type: INT4, isNotNull: false, hasDefault: false })
const indexOn = (name: string, isUnique: boolean, ...keys: RelationIndex['keys']): RelationIndex => ({
  name,
  isPrimary: false,
  isUnique,
  nullsNotDistinct: false,
  keys,
  covers: [],
})
const up = (key: number) => ({ key, isDescending: false, nullsFirst: false })
const down = (key: number) => ({ key, isDescending: true, nullsFirst: true })

const INDEXES = [
  indexOn('id', true, up(0)),
  indexOn('ab', false, up(1), up(2)),
  indexOn('a_down_b', false, down(1), up(2)),
]

function relationOf(rows: readonly Row[]): MemoryRelation {
  return new MemoryRelation({ columns: ['id', 'a', 'b'].map(columnOf), indexes: INDEXES, rows })
}

const COLUMNS = [output(1), output(2), output(3)]

function scan(relation: MemoryRelation, access: AccessPlan, more: Partial<TableScan> = {}): TableScan {
  return {
    kind: 'table-scan',
    columns: COLUMNS,
    estimate: ESTIMATE,
    relation,
    alias: 't',
    ordinals: [0, 1, 2],
    access,
    isReverse: false,
    ...more,
  }
}

const value = fc.option(fc.integer({ min: 0, max: 4 }), { freq: 5 })
const rowsArbitrary = fc
  .array(fc.tuple(value, value), { maxLength: 40 })
  .map((pairs) => pairs.map(([a, b], id): Row => [id, a, b]))

const bound = fc.option(fc.record({ value: fc.integer({ min: 0, max: 4 }), isInclusive: fc.boolean() }), {
  nil: undefined,
})
const rangeArbitrary = fc
  .record({
    prefix: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 2 }),
    lower: bound,
    upper: bound,
    notNull: fc.boolean(),
  })
  .map(({ prefix, lower, upper, notNull }) => {
    // A whole key has nothing left to be bounded.
    if (prefix.length === 2) return { prefix }
    return { prefix, ...(lower && { lower }), ...(upper && { upper }), ...(notNull && { notNull }) }
  })

describe('scans', () => {
  let runner: PlanRunner
  before(async () => (runner = await PlanRunner.open()))
  after(() => runner[Symbol.asyncDispose]())

  it('hand on what is asked for, check what is left, and stop at the limit', async () => {
    const relation = relationOf(Array.from({ length: 30 }, (_none, id): Row => [id, id % 3, id % 5]))
    const plan = scan(
      relation,
      { kind: 'all' },
      {
        residual: call('=', column(2), { kind: 'parameter', index: 0, type: INT4 }),
        limit: constant(3),
        isReverse: true,
      },
    )
    assert.deepEqual(await runner.rows(plan, { parameters: [1] }), [
      [28, 1, 3],
      [25, 1, 0],
      [22, 1, 2],
    ])
    const [request] = relation.requests
    assert.equal(request?.limit, undefined)
    const limited = scan(relation, { kind: 'all' }, { limit: constant(2) })
    assert.deepEqual(await runner.rows(limited), [
      [0, 0, 0],
      [1, 1, 1],
    ])
    assert.equal(relation.requests.at(-1)?.limit, 2)
  })

  it('look up each point once, in the order of the index, and nothing for null', async () => {
    const relation = relationOf([
      [1, 0, 0],
      [5, 0, 0],
      [3, 0, 0],
    ])
    const points = scan(relation, {
      kind: 'points',
      index: 'id',
      keys: [[constant(5)], [constant(null)], [constant(1)], [constant(5)]],
    })
    assert.deepEqual(await runner.rows(points), [
      [1, 0, 0],
      [5, 0, 0],
    ])
    const elements = new SqlArray([3, null, 9, 1, 3])
    const array = scan(relation, {
      kind: 'point-array',
      index: 'id',
      prefix: [],
      array: { kind: 'constant', value: elements, type: systemArrayOf(INT4) },
    })
    assert.deepEqual(await runner.rows(array), [
      [1, 0, 0],
      [3, 0, 0],
    ])
    assert.deepEqual(relation.requests.at(-1)?.access, { kind: 'points', index: 'id', keys: [[1], [3], [9]] })
    relation.requests.length = 0
    const none = scan(relation, { kind: 'points', index: 'id', keys: [[constant(null)]] })
    assert.deepEqual(await runner.rows(none), [])
    assert.deepEqual(relation.requests, [])
  })

  it('read every row of their ranges once, in the order of the index', async () => {
    await fc.assert(
      fc.asyncProperty(
        rowsArbitrary,
        fc.array(rangeArbitrary, { maxLength: 5 }),
        fc.constantFrom('ab', 'a_down_b'),
        async (rows, ranges, name) => {
          const relation = relationOf(rows)
          const index = relation.index(name)
          const plans = ranges.map(
            (range): RangePlan =>
              ({
                ...range,
                prefix: range.prefix.map((each) => constant(each)),
                ...('lower' in range && range.lower
                  ? { lower: { ...range.lower, value: constant(range.lower.value) } }
                  : {}),
                ...('upper' in range && range.upper
                  ? { upper: { ...range.upper, value: constant(range.upper.value) } }
                  : {}),
              }) as RangePlan,
          )
          const found = await runner.rows(
            scan(relation, { kind: 'ranges', index: name, ranges: plans, indexOnly: false }),
          )
          const inIndex = [...rows].sort((a, b) =>
            compareKeys(relation.keyOf(a, index), relation.keyOf(b, index), index),
          )
          const expected = inIndex.filter((row) =>
            ranges.some((range) => isIn(range, relation.keyOf(row, index))),
          )
          assert.deepEqual(found, expected)
          const bounds = new KeyBounds(indexOrder(relation, index))
          const held = inIndex.filter((row) => bounds.contains(ranges, relation.keyOf(row, index)))
          assert.deepEqual(held, expected)
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('find what IS NULL asks for', async () => {
    const relation = relationOf([
      [1, null, 2],
      [2, 1, null],
      [3, null, null],
    ])
    const range = { prefix: [constant(null)], prefixNulls: [0] }
    const plan = scan(relation, { kind: 'ranges', index: 'ab', ranges: [range], indexOnly: false })
    assert.deepEqual(await runner.rows(plan), [
      [1, null, 2],
      [3, null, null],
    ])
  })

  for (const memoryBytes of [PLENTY_BYTES, TINY_BYTES, 0]) {
    it(`join through an index as row by row, in ${memoryBytes} bytes`, async () => {
      const left = [output(11), output(12)]
      const join = (
        relation: MemoryRelation,
        lefts: readonly Row[],
        type: IndexJoin['type'],
        keys: 1 | 2,
      ): PhysicalPlan => ({
        kind: 'index-join',
        type,
        columns: type === 'semi' || type === 'anti' ? left : [...left, output(3), output(4, INT4)],
        estimate: ESTIMATE,
        left: valuesPlan(left, lefts),
        relation,
        alias: 't',
        index: 'ab',
        keys: [column(11), column(12)].slice(0, keys),
        right: [output(3), output(4)],
        ordinals: [2, 0],
        indexOnly: false,
        residual: call('<', column(4), constant(30)),
      })
      await fc.assert(
        fc.asyncProperty(
          rowsArbitrary,
          fc.array(fc.tuple(value, value), { maxLength: 40 }),
          fc.constantFrom('inner' as const, 'left' as const, 'semi' as const, 'anti' as const),
          fc.constantFrom(1 as const, 2 as const),
          async (rows, lefts, type, keys) => {
            const relation = relationOf(rows)
            const isMatch = (a: Row, row: Row): boolean =>
              a[0] !== null &&
              a[0] === row[1] &&
              (keys === 1 || (a[1] !== null && a[1] === row[2])) &&
              Number(row[0]) < 30
            const expected = lefts.flatMap((a): Row[] => {
              const matches = rows.filter((row) => isMatch(a, row))
              if (type === 'semi') return matches.length > 0 ? [a] : []
              if (type === 'anti') return matches.length > 0 ? [] : [a]
              if (matches.length === 0) return type === 'left' ? [[...a, null, null]] : []
              return matches.map((row) => [...a, row[2] as Value, row[0] as Value])
            })
            const found = await runner.rows(join(relation, lefts, type, keys), { memoryBytes, batchSize: 8 })
            assert.deepEqual(sorted(found), sorted(expected))
            assert.deepEqual(
              found.map((row) => row.slice(0, 2)),
              expected.map((row) => row.slice(0, 2)),
            )
          },
        ),
        { numRuns: 60 },
      )
    })
  }

  it('read the identity of rows', async () => {
    const relation = relationOf([[1, 0, 0]])
    const plan = scan(
      relation,
      { kind: 'all' },
      { columns: [output(1), output(9)], ordinals: [0, ROW_ID_ORDINAL] },
    )
    const [row] = await runner.rows(plan)
    assert.equal(relation.writer.idKey(row?.[1] ?? null), 1)
  })
})
