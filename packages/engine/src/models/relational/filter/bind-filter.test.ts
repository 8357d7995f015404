import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OrbitError, type ErrorCode } from '@orbit-ts/base'
import { compileFilter } from '../../../filter/compile-filter.js'
import { parseColumnType } from '../types/column-type.js'
import { bindFilter, filterColumns, renameInFilter } from './bind-filter.js'

const COLUMNS = new Map(
  Object.entries({
    count: 'int4',
    big: 'int8',
    price: 'numeric(10,2)',
    ratio: 'float4',
    name: 'varchar(5)',
    code: 'char(3)',
    at: 'timestamptz(3)',
    day: 'date',
    id: 'uuid',
    raw: 'bytea',
    data: 'jsonb',
    tags: 'text[]',
    sizes: 'numeric(4,1)[]',
    'a.b': 'bool',
  }).map(([name, type]) => [name, parseColumnType(type)]),
)

const bind = (filter: unknown): unknown => bindFilter(COLUMNS, filter, 'table "t"')

test('literals become comparable with the values of their column', () => {
  const cases: [unknown, unknown][] = [
    [{ count: 1.5 }, { count: { eq: 1.5 } }],
    [{ count: '12' }, { count: { eq: 12 } }],
    [{ big: { in: [1n, null, '9223372036854775807'] } }, { big: { in: [1n, null, 9223372036854775807n] } }],
    [{ ratio: 0.1 }, { ratio: { eq: Math.fround(0.1) } }],
    [{ name: 'longer than five' }, { name: { eq: 'longer than five' } }],
    [{ code: { ne: 'a' } }, { code: { ne: 'a  ' } }],
    [{ at: { gt: '2024-05-01T00:00:00.000001Z' } }, { at: { gt: 1714521600000001 } }],
    [{ day: { lte: new Date('1970-01-02T12:00:00Z') } }, { day: { lte: 1 } }],
    [{ id: 'A0EEBC999C0B4EF8BB6D6BB9BD380A11' }, { id: { eq: 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11' } }],
    [{ raw: '\\xff' }, { raw: { eq: Uint8Array.of(255) } }],
    [
      { data: { contains: 5 }, 'data.a.b': { gt: 'x' } },
      { $and: [{ data: { contains: 5 } }, { 'data.a.b': { gt: 'x' } }] },
    ],
    [{ tags: { contains: 'x' } }, { tags: { contains: 'x' } }],
    [{ tags: ['a', 'b'] }, { tags: { eq: ['a', 'b'] } }],
    [{ 'tags.0': { startsWith: 'x' } }, { 'tags.0': { startsWith: 'x' } }],
    [{ count: { isNull: false } }, { count: { isNull: false } }],
    [{ 'a\\.b': true }, { 'a\\.b': { eq: true } }],
    [
      { $or: [{ count: 1 }, { $not: { count: 2 } }] },
      { $or: [{ count: { eq: 1 } }, { $not: { count: { eq: 2 } } }] },
    ],
  ]
  for (const [given, expected] of cases) assert.deepEqual(bind(given), expected)
})

test('numeric literals are compared exactly, whatever their scale', () => {
  const matches = (filter: unknown, value: string): boolean =>
    compileFilter(bind(filter) as object)({
      price: (bind({ price: value }) as { price: { eq: Uint8Array } }).price.eq,
    })
  assert.equal(matches({ price: { gt: 1.005 } }, '1.00'), false)
  assert.equal(matches({ price: { gt: 1.005 } }, '1.01'), true)
  assert.equal(matches({ price: '1.0' }, '1.00'), true)
  assert.equal(matches({ price: { lt: '100000000000' } }, '99999999.99'), true)
})

test('filters that the columns have no answer to are refused', () => {
  const cases: [unknown, ErrorCode, RegExp][] = [
    [{ counts: 1 }, 'INVALID_ARGUMENT', /unknown field "counts"; did you mean "count"\?/],
    [{ count: 'x' }, 'TYPE_MISMATCH', /table "t": filter on column "count": "x" cannot be compared/],
    [
      { at: { gt: 5 } },
      'TYPE_MISMATCH',
      /column "at": 5 cannot be compared with the column, which takes a moment/,
    ],
    [{ count: { in: [1, true] } }, 'TYPE_MISMATCH', /true cannot be compared/],
    [{ count: { like: '1%' } }, 'TYPE_MISMATCH', /"like" is for text, not for int4/],
    [{ count: { contains: 1 } }, 'TYPE_MISMATCH', /"contains" is for an array or JSON, not for int4/],
    [{ sizes: { contains: 'x' } }, 'TYPE_MISMATCH', /"x" cannot be compared/],
    [{ 'name.first': 'x' }, 'INVALID_ARGUMENT', /goes into varchar\(5\), which has no fields/],
    [{ count: { near: 1 } }, 'INVALID_ARGUMENT', /no operator "near"/],
    [[], 'INVALID_ARGUMENT', /an array/],
  ]
  for (const [filter, code, message] of cases) {
    assert.throws(
      () => bind(filter),
      (error) => error instanceof OrbitError && error.code === code && message.test(error.message),
    )
  }
})

test('the columns of a filter can be listed and renamed', () => {
  const filter = { $or: [{ count: 1 }, { 'data.a': { gt: 1 } }], $not: { 'a\\.b': true } }
  assert.deepEqual([...filterColumns(filter)], ['count', 'data', 'a.b'])
  const names = new Map([
    ['count', 'co.unt'],
    ['data', 'json'],
  ])
  assert.deepEqual([...filterColumns(renameInFilter(filter, names))], ['co.unt', 'json', 'a.b'])
  assert.deepEqual(renameInFilter({ 'data.a': 1 }, names), { 'json.a': { eq: 1 } })
})
