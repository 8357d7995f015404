import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OrbitError } from '@orbit-ts/base'
import { ORDER_FIELDS_MAX, SELECT_FIELDS_MAX, checkQuery } from './check-query.js'
import type { Query } from './filter.js'

const OPTIONS = { what: 'table "airports"', fields: ['iata', 'state', 'latitude'] }

test('defaults are filled in', () => {
  assert.deepEqual(checkQuery(), { where: {}, orderBy: [], limit: Infinity, offset: 0, select: undefined })
  assert.deepEqual(
    checkQuery(
      {
        where: { state: 'CA' },
        orderBy: ['state', { field: 'latitude', direction: 'desc' }],
        limit: 10,
        offset: 5,
        select: ['iata'],
      },
      OPTIONS,
    ),
    {
      where: { state: 'CA' },
      orderBy: [
        { field: 'state', direction: 'asc' },
        { field: 'latitude', direction: 'desc' },
      ],
      limit: 10,
      offset: 5,
      select: ['iata'],
    },
  )
  assert.deepEqual(checkQuery({ orderBy: 'state' }, OPTIONS).orderBy, [{ field: 'state', direction: 'asc' }])
  assert.deepEqual(checkQuery({ orderBy: { field: 'a.b' } }).orderBy, [{ field: 'a.b', direction: 'asc' }])
  assert.equal(checkQuery({ limit: 0 }).limit, 0)
})

test('what is wrong is named', () => {
  const cases: readonly [unknown, string][] = [
    [[], 'query is an array of 0; it must be an object'],
    [{ filter: {} }, 'query.filter is not part of a query; known are where, orderBy, limit, offset, select'],
    [{ orderby: 'state' }, 'query.orderby is not part of a query; did you mean "orderBy"?'],
    [{ where: { sate: 1 } }, 'where.sate names an unknown field "sate"; did you mean "state"?'],
    [{ limit: -1 }, 'limit is -1; it must be a whole number from 0 on'],
    [{ limit: 1.5 }, 'limit is 1.5; it must be a whole number from 0 on'],
    [{ limit: '10' }, 'limit is "10"; it must be a whole number from 0 on'],
    [{ offset: NaN }, 'offset is NaN; it must be a whole number from 0 on'],
    [{ orderBy: 5 }, 'orderBy is 5; it must be a field name or { field, direction }'],
    [{ orderBy: ['stat'] }, 'orderBy[0] names an unknown field "stat"; did you mean "state"?'],
    [
      { orderBy: { field: 'state', direction: 'down' } },
      'orderBy.direction is "down"; it must be "asc" or "desc"',
    ],
    [{ orderBy: [{ field: 1 }] }, 'orderBy[0].field is 1; it must be a field name'],
    [
      { orderBy: { field: 'state', dirction: 'asc' } },
      'orderBy.dirction is unknown; did you mean "direction"?',
    ],
    [{ select: 'iata' }, 'select is "iata"; it must be an array of field names'],
    [{ select: [] }, 'select names no field; leave it out for all fields'],
    [{ select: ['iata', null] }, 'select[1] is null; it must be a field name'],
    [{ select: ['a..b'] }, 'select[0] path "a..b" has an empty step; write steps as in "address.city"'],
    [
      { orderBy: Array(ORDER_FIELDS_MAX + 1).fill('state') },
      `orderBy names ${ORDER_FIELDS_MAX + 1} fields; at most ${ORDER_FIELDS_MAX} are accepted`,
    ],
    [
      { select: Array(SELECT_FIELDS_MAX + 1).fill('iata') },
      `select names ${SELECT_FIELDS_MAX + 1} fields; at most ${SELECT_FIELDS_MAX} are accepted`,
    ],
  ]
  for (const [query, expected] of cases) {
    assert.throws(
      () => checkQuery(query as Query, OPTIONS),
      (error) => {
        assert.ok(error instanceof OrbitError)
        assert.equal(error.code, 'INVALID_ARGUMENT')
        assert.equal(error.reason, `table "airports": ${expected}`)
        return true
      },
    )
  }
})
