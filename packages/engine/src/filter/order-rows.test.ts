import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OrbitError } from '@orbit-ts/base'
import fc from 'fast-check'
import { compareValues } from './compare-values.js'
import { SORT_ROWS_MAX, orderRows } from './order-rows.js'

const asc = (field: string): { field: string; direction: 'asc' } => ({ field, direction: 'asc' })
const desc = (field: string): { field: string; direction: 'desc' } => ({ field, direction: 'desc' })

test('nulls come last ascending and first descending', () => {
  const rows = [{ n: null }, { n: 2 }, {}, { n: 1 }]
  assert.deepEqual(orderRows(rows, { orderBy: [asc('n')] }), [{ n: 1 }, { n: 2 }, { n: null }, {}])
  assert.deepEqual(orderRows(rows, { orderBy: [desc('n')] }), [{ n: null }, {}, { n: 2 }, { n: 1 }])
})

test('several fields, paths, offset and limit', () => {
  const rows = [
    { id: 1, a: { b: 'y' }, n: 1 },
    { id: 2, a: { b: 'x' }, n: 1 },
    { id: 3, a: { b: 'x' }, n: 2 },
    { id: 4, a: { b: 'y' }, n: 2 },
  ]
  const ids = (options: Parameters<typeof orderRows>[1]): number[] =>
    orderRows(rows, options).map(({ id }) => id)
  assert.deepEqual(ids({ orderBy: [asc('a.b'), desc('n')] }), [3, 2, 4, 1])
  assert.deepEqual(ids({ orderBy: [asc('a.b'), desc('n')], limit: 2 }), [3, 2])
  assert.deepEqual(ids({ orderBy: [asc('a.b'), desc('n')], limit: 2, offset: 1 }), [2, 4])
  assert.deepEqual(ids({ orderBy: [asc('n')], offset: 3 }), [4])
  assert.deepEqual(ids({ orderBy: [asc('n')], limit: 0 }), [])
  assert.deepEqual(ids({ orderBy: [asc('n')], offset: 9, limit: 1 }), [])
})

test('top-n equals sorting everything, ties in order of arrival', () => {
  const row = fc.record({ a: fc.constantFrom(1, 2, 3, null, 'x'), b: fc.constantFrom(1, 2) })
  fc.assert(
    fc.property(
      fc.array(row, { maxLength: 60 }),
      fc.nat(12),
      fc.nat(5),
      fc.boolean(),
      (rows, limit, offset, down) => {
        const numbered = rows.map((given, i) => ({ ...given, i }))
        const orderBy = [down ? desc('a') : asc('a'), asc('b')]
        const sorted = numbered.toSorted(
          (x, y) => compareValues(x.a, y.a) * (down ? -1 : 1) || compareValues(x.b, y.b) || x.i - y.i,
        )
        assert.deepEqual(
          orderRows(numbered, { orderBy, limit, offset }),
          sorted.slice(offset, offset + limit),
        )
        assert.deepEqual(orderRows(numbered, { orderBy, offset }), sorted.slice(offset))
      },
    ),
    { numRuns: 500 },
  )
})

test('memory is bounded', () => {
  const rows = Array.from({ length: 11 }, (_, i) => ({ n: -i }))
  const options = { orderBy: [asc('n'), asc('m')], rowsMax: 10, what: 'table "airports"' }
  assert.throws(
    () => orderRows(rows, options),
    (error) => {
      assert.ok(error instanceof OrbitError)
      assert.equal(error.code, 'LIMIT_EXCEEDED')
      assert.equal(
        error.reason,
        'table "airports": orderBy n, m would sort more than 10 rows in memory; add an index on n, m, narrow the filter or pass a smaller limit',
      )
      return true
    },
  )
  assert.deepEqual(orderRows(rows, { ...options, limit: 2 }), [{ n: -10 }, { n: -9 }])
  assert.throws(() => orderRows(rows, { ...options, limit: 8, offset: 3 }), /offset \+ limit = 11 rows/)
  assert.equal(SORT_ROWS_MAX, 100_000)
})

test('an order of its own', () => {
  const rows = [{ n: 'b' }, { n: 'a' }]
  assert.deepEqual(orderRows(rows, { orderBy: [asc('n')], compare: () => 0 }), rows)
})
