import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { analyzeFilter, textAfterPrefix, type BoundValue, type FieldBounds } from './analyze-filter.js'
import { compareText, compareValues, rankOf } from './compare-values.js'
import { compileFilter } from './compile-filter.js'
import type { Filter } from './filter.js'

const boundsOf = (filter: Filter): Record<string, FieldBounds> =>
  Object.fromEntries(analyzeFilter(filter).fields)

test('bounds of single conditions', () => {
  const cases: readonly [Filter, Omit<FieldBounds, 'field'>][] = [
    [{ a: 5 }, { points: [5], nulls: false }],
    [{ a: null }, { points: [], nulls: true }],
    [{ a: { in: ['b', 'a', 'b', null] } }, { points: ['a', 'b'], nulls: true }],
    [{ a: { in: [1, 1n] } }, { points: [1], nulls: false }],
    [{ a: { gt: 5 } }, { range: { kind: 'number', lower: { value: 5, inclusive: false } }, nulls: false }],
    [
      { a: { lte: 'x' } },
      { range: { kind: 'string', upper: { value: 'x', inclusive: true } }, nulls: false },
    ],
    [{ a: { isNull: true } }, { points: [], nulls: true }],
    [{ a: { isNull: false } }, { nulls: false }],
    [{ a: { ne: null } }, { nulls: false }],
    [{ a: { exists: false } }, { points: [], nulls: true }],
    [{ a: { like: 'abc' } }, { points: ['abc'], nulls: false }],
    [
      { a: { startsWith: 'ab' } },
      {
        range: {
          kind: 'string',
          lower: { value: 'ab', inclusive: true },
          upper: { value: 'ac', inclusive: false },
        },
        nulls: false,
      },
    ],
  ]
  for (const [filter, expected] of cases)
    assert.deepEqual(boundsOf(filter), { a: { field: 'a', ...expected } })
  for (const filter of [
    { a: { ne: 5 } },
    { a: { notIn: [1] } },
    { a: { exists: true } },
    { a: { contains: 1 } },
    { a: { ilike: 'x' } },
    { a: [1] },
    { a: { in: [1, [2]] } },
    { $or: [{ a: 1 }] },
    { $not: { a: 1 } },
  ] satisfies Filter[]) {
    assert.deepEqual(boundsOf(filter), {})
  }
})

test('conditions joined by AND are intersected', () => {
  assert.deepEqual(boundsOf({ a: { gte: 3, lt: 5 }, $and: [{ a: { gt: 3 } }, { b: 1 }] }), {
    a: {
      field: 'a',
      range: {
        kind: 'number',
        lower: { value: 3, inclusive: false },
        upper: { value: 5, inclusive: false },
      },
      nulls: false,
    },
    b: { field: 'b', points: [1], nulls: false },
  })
  assert.deepEqual(boundsOf({ a: { in: [1, 2, 3, 4], gt: 2, ne: null } })['a'], {
    field: 'a',
    points: [3, 4],
    nulls: false,
  })
  assert.deepEqual(boundsOf({ $and: [{ a: { in: [1, null] } }, { a: null }] })['a'], {
    field: 'a',
    points: [],
    nulls: true,
  })
})

test('contradictions are impossible', () => {
  for (const filter of [
    { a: { gt: 5, lt: 5 } },
    { a: { gt: 5, lt: 'x' } },
    { a: { eq: 1, in: [2, 3] } },
    { a: { in: [] } },
    { $and: [{ a: 1 }, { a: null }] },
  ] satisfies Filter[]) {
    assert.equal(analyzeFilter(filter).impossible, true, JSON.stringify(filter))
  }
  assert.equal(analyzeFilter({ a: null }).impossible, false)
  assert.equal(analyzeFilter({ a: { gte: 5, lte: 5 } }).impossible, false)
})

test('the residual leaves out what bounds express', () => {
  const analysis = analyzeFilter({ a: 1, b: { gt: 2 }, c: { like: 'x%y' }, $or: [{ d: 1 }, { e: 2 }] })
  const or = { $or: [{ d: { eq: 1 } }, { e: { eq: 2 } }] }
  assert.deepEqual(analysis.residual(['a', 'c']), {
    $and: [{ b: { gt: 2 } }, { c: { like: 'x%y' } }, or],
  })
  assert.deepEqual(analyzeFilter({ a: 1, b: 2 }).residual(['a', 'b']), undefined)
  assert.deepEqual(analyzeFilter({ a: 1, b: 2 }).residual(['b']), { a: { eq: 1 } })
})

test('a multi-valued field takes its narrowest condition alone', () => {
  const isMultiValued = (field: string): boolean => field === 'tags'
  const analyze = (filter: Filter): FieldBounds | undefined =>
    analyzeFilter(filter, { isMultiValued }).fields.get('tags')
  assert.deepEqual(analyze({ tags: { gte: 3, lt: 5 } }), {
    field: 'tags',
    range: { kind: 'number', lower: { value: 3, inclusive: true } },
    nulls: false,
  })
  assert.deepEqual(analyze({ $and: [{ tags: { in: [1, 2] } }, { tags: 7 }] }), {
    field: 'tags',
    points: [7],
    nulls: false,
  })
  assert.deepEqual(analyze({ tags: { contains: 'x' } }), { field: 'tags', points: ['x'], nulls: false })
  assert.equal(analyze({ tags: { contains: null } }), undefined)
  assert.equal(analyzeFilter({ $and: [{ tags: 1 }, { tags: 2 }] }, { isMultiValued }).impossible, false)
  assert.deepEqual(analyzeFilter({ tags: 1 }, { isMultiValued }).residual(['tags']), { tags: { eq: 1 } })
})

test('textAfterPrefix', () => {
  assert.equal(textAfterPrefix('ab'), 'ac')
  assert.equal(textAfterPrefix('a\ud7ff'), 'a\ue000')
  assert.equal(textAfterPrefix('a\u{10ffff}'), 'b')
  assert.equal(textAfterPrefix('\u{10ffff}'), undefined)
  assert.equal(textAfterPrefix(''), undefined)
  const text = fc.string({ unit: 'binary', maxLength: 4 })
  fc.assert(
    fc.property(text, text, (prefix, other) => {
      const after = textAfterPrefix(prefix)
      if (after === undefined) return
      assert.ok(compareText(prefix + other, after) < 0)
      assert.equal(other.startsWith(prefix), compareText(other, prefix) >= 0 && compareText(other, after) < 0)
    }),
  )
})

function isWithin(value: unknown, { points, range, nulls }: FieldBounds): boolean {
  if (value === null || value === undefined) return nulls
  if (points !== undefined) return points.some((point) => compareValues(point, value) === 0)
  if (range === undefined) return true
  const bound: BoundValue | undefined = range.lower?.value ?? range.upper?.value
  if (rankOf(value) !== rankOf(bound)) return false
  const { lower, upper } = range
  if (lower !== undefined && compareValues(value, lower.value) < (lower.inclusive ? 0 : 1)) return false
  return upper === undefined || compareValues(upper.value, value) >= (upper.inclusive ? 0 : 1)
}

const scalar = fc.constantFrom<BoundValue>(
  1,
  2,
  2n,
  3,
  NaN,
  'a',
  'ab',
  'b',
  true,
  new Date(1),
  new Uint8Array(1),
)
const condition = fc.oneof(
  fc.record({ operator: fc.constantFrom('eq', 'ne'), operand: fc.oneof(scalar, fc.constant(null)) }),
  fc.record({ operator: fc.constantFrom('gt', 'gte', 'lt', 'lte', 'contains'), operand: scalar }),
  fc.record({
    operator: fc.constantFrom('in', 'notIn'),
    operand: fc.array(fc.oneof({ weight: 5, arbitrary: scalar }, fc.constant(null)), { maxLength: 4 }),
  }),
  fc.record({
    operator: fc.constantFrom('like', 'ilike', 'startsWith'),
    operand: fc.constantFrom('a%', 'a', '%b', 'a%b', ''),
  }),
  fc.record({ operator: fc.constantFrom('isNull', 'exists'), operand: fc.boolean() }),
)
const single = fc
  .tuple(fc.constantFrom('x', 'y'), condition)
  .map(([field, { operator, operand }]): Filter => ({ [field]: { [operator]: operand } }))
const filter = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: single },
      single.map(($not): Filter => ({ $not })),
    ),
    { maxLength: 4 },
  )
  .map(($and): Filter => ({ $and }))
const element = fc.oneof(scalar, fc.constantFrom(null, undefined))

test('for single values: within the bounds and matching the residual is matching the filter', () => {
  fc.assert(
    fc.property(fc.record({ x: element, y: element }), filter, (record, where) => {
      const analysis = analyzeFilter(where)
      const expected = compileFilter(where)(record)
      for (const used of [['x', 'y'], ['x'], []] as const) {
        const within = used.every((field) => {
          const bounds = analysis.fields.get(field)
          return bounds === undefined || isWithin(record[field], bounds)
        })
        const residual = analysis.residual(used)
        assert.equal(within && (residual === undefined || compileFilter(residual)(record)), expected)
      }
      if (analysis.impossible) assert.equal(expected, false)
    }),
    { numRuns: 5000 },
  )
})

test('for multi-valued fields: what matches has an element, or is a value, within the bounds', () => {
  const value = fc.oneof(element, fc.array(element, { maxLength: 3 }))
  fc.assert(
    fc.property(fc.record({ x: value, y: value }), filter, (record, where) => {
      const { fields, impossible } = analyzeFilter(where, { isMultiValued: () => true })
      if (!compileFilter(where)(record)) return
      assert.equal(impossible, false)
      for (const bounds of fields.values()) {
        const found = record[bounds.field === 'x' ? 'x' : 'y']
        const elements = Array.isArray(found) ? found : [found]
        const isAny = bounds.points === undefined && bounds.range === undefined
        assert.ok(
          elements.some((one) => isWithin(one, bounds)) || (isAny && found !== null && found !== undefined),
        )
      }
    }),
    { numRuns: 5000 },
  )
})
