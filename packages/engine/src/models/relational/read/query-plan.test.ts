import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytea, date, float8, int4, int8, numeric, text, timestamptz, uuid } from '../schema/column-types.js'
import { withDatabase } from '../table-database.test.data.js'
import { table } from '../table.js'
import type { TablePlan } from './explain-query.js'

const t = table(
  't',
  {
    id: int8().primaryKey(),
    state: text(),
    city: text(),
    size: int4().notNull(),
    fee: numeric(8, 2),
    day: date(),
    at: timestamptz(),
    ratio: float8(),
    code: uuid().unique(),
    raw: bytea(),
    wide: numeric(),
  },
  {
    indexes: [
      { name: 'place', columns: ['state', 'city', { column: 'size', direction: 'desc' }] },
      { name: 'by_size', columns: ['size'] },
      { name: 'by_fee', columns: [{ column: 'fee', direction: 'desc' }] },
      { name: 'by_day', columns: ['day', 'at'] },
      { name: 'big', columns: ['city'], where: { size: { gte: 1000 }, state: { in: ['CA', 'TX'] } } },
      { name: 'by_raw', columns: ['raw', 'ratio'] },
      { name: 'by_wide', columns: ['wide'] },
    ],
  },
)
const pairs = table('pairs', { a: int4(), b: text(), c: int4() }, { primaryKey: ['a', 'b'] })

/** What the plan says, apart from what every plan of the table says. */
function brief({ table: _, rangeCount: __, ...plan }: TablePlan): Partial<TablePlan> {
  const { reverse, ranges, ...rest } = plan
  return { ...rest, ...(reverse ? { reverse } : {}), ...(ranges.length === 0 ? {} : { ranges }) }
}

test('each query takes the narrowest way', async () => {
  await withDatabase([t], async (db) => {
    const session = db.table('t')
    const cases: [Parameters<typeof session.explain>[0], Partial<TablePlan>][] = [
      [{}, { access: 'table scan' }],
      [{ where: { id: 5 } }, { access: 'key', ranges: ['id = 5'] }],
      [
        { where: { id: { in: [3, 1, 2] }, size: 1 } },
        { access: 'key', ranges: ['id = 1', 'id = 2', 'id = 3'], filter: { size: { eq: 1 } } },
      ],
      [{ where: { id: { gt: 5, lte: 9 } } }, { access: 'key range', ranges: ['id > 5, id <= 9'] }],
      [{ where: { id: 1.5 } }, { access: 'key' }],
      [
        { where: { id: { gt: 5 } }, orderBy: { field: 'id', direction: 'desc' } },
        { access: 'key range', ranges: ['id > 5'], reverse: true },
      ],
      [
        { where: { code: 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11' } },
        {
          access: 'index',
          index: 't_code_key',
          covering: false,
          ranges: ['code = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"'],
        },
      ],
      [
        { where: { state: 'CA' } },
        { access: 'index', index: 'place', covering: false, ranges: ['state = "CA"'] },
      ],
      [
        { where: { state: 'CA', city: { startsWith: 'San' }, size: { gt: 3 } } },
        {
          access: 'index',
          index: 'place',
          covering: false,
          ranges: ['state = "CA", city >= "San", city < "Sao"'],
          filter: { size: { gt: 3 } },
        },
      ],
      [
        { where: { state: { in: ['CA', null] }, city: 'x', size: { gt: 3 } } },
        {
          access: 'index',
          index: 'place',
          covering: false,
          ranges: ['state = "CA", city = "x", size > 3', 'state = null, city = "x", size > 3'],
        },
      ],
      [{ where: { city: 'x' } }, { access: 'table scan', filter: { city: { eq: 'x' } } }],
      [
        { where: { city: 'x', state: 'CA', size: 1000 } },
        {
          access: 'index',
          index: 'place',
          covering: false,
          ranges: ['state = "CA", city = "x", size = 1000'],
        },
      ],
      [
        { where: { city: 'x', state: { in: ['CA', 'TX'] }, size: { gt: 5000 } }, orderBy: 'city' },
        {
          access: 'index',
          index: 'place',
          covering: false,
          ranges: ['state = "CA", city = "x", size > 5000', 'state = "TX", city = "x", size > 5000'],
        },
      ],
      [
        { where: { state: { in: ['CA', 'TX'] }, size: { gte: 1000 } }, orderBy: 'city', limit: 5 },
        {
          access: 'index',
          index: 'big',
          covering: false,
          filter: { $and: [{ state: { in: ['CA', 'TX'] } }, { size: { gte: 1000 } }] },
        },
      ],
      [
        { where: { fee: { gte: 10, lt: '20.005' } } },
        { access: 'index', index: 'by_fee', covering: false, ranges: ['fee >= "10", fee <= "20.00"'] },
      ],
      [
        { where: { day: { gte: '2024-01-01' } } },
        { access: 'index', index: 'by_day', covering: false, ranges: ['day >= "2024-01-01"'] },
      ],
      [
        { where: { day: '2024-01-01', at: { lt: new Date(0) } } },
        {
          access: 'index',
          index: 'by_day',
          covering: false,
          ranges: ['day = "2024-01-01", at is not null, at < "1970-01-01T00:00:00.000Z"'],
        },
      ],
      [
        { where: { raw: Uint8Array.of(255), ratio: { gt: 0.5 } } },
        { access: 'index', index: 'by_raw', covering: false, ranges: ['raw = "\\\\xff", ratio > 0.5'] },
      ],
      [
        { where: { wide: { gt: '1.50' } } },
        { access: 'index', index: 'by_wide', covering: false, ranges: ['wide > "1.5"'] },
      ],
      [{ where: { size: { gt: 1, lt: 0 } } }, { access: 'none' }],
      [{ where: { $or: [] } }, { access: 'table scan', filter: { $or: [] } }],
      [{ limit: 0 }, { access: 'none' }],
    ]
    for (const [query, expected] of cases)
      assert.deepEqual(
        brief(await session.explain(query)),
        expected,
        JSON.stringify(query, (_, value: unknown) => (value instanceof Uint8Array ? [...value] : value)),
      )
  })
})

test('an index gives the order where it can, else rows are sorted', async () => {
  await withDatabase([t], async (db) => {
    const session = db.table('t')
    const cases: [Parameters<typeof session.explain>[0], Partial<TablePlan>][] = [
      [{ orderBy: 'id' }, { access: 'table scan' }],
      [{ orderBy: 'size' }, { access: 'index', index: 'by_size', covering: false }],
      [
        { orderBy: { field: 'size', direction: 'desc' }, limit: 3 },
        { access: 'index', index: 'by_size', covering: false, reverse: true },
      ],
      [{ orderBy: 'fee' }, { access: 'index', index: 'by_fee', covering: false, reverse: true }],
      [
        { orderBy: { field: 'fee', direction: 'desc' } },
        { access: 'index', index: 'by_fee', covering: false },
      ],
      [{ orderBy: 'ratio' }, { access: 'table scan', sort: ['ratio asc'] }],
      [
        { where: { state: 'CA' }, orderBy: ['state', 'city'] },
        { access: 'index', index: 'place', covering: false, ranges: ['state = "CA"'] },
      ],
      [
        { where: { state: 'CA', city: 'x' }, orderBy: { field: 'size', direction: 'desc' } },
        { access: 'index', index: 'place', covering: false, ranges: ['state = "CA", city = "x"'] },
      ],
      [
        { where: { state: 'CA' }, orderBy: ['city', 'size'] },
        {
          access: 'index',
          index: 'place',
          covering: false,
          ranges: ['state = "CA"'],
          sort: ['city asc', 'size asc'],
        },
      ],
      [
        { where: { state: 'CA', size: { gt: 0 } }, orderBy: 'ratio', limit: 2 },
        {
          access: 'index',
          index: 'place',
          covering: false,
          ranges: ['state = "CA"'],
          filter: { size: { gt: 0 } },
          sort: ['ratio asc'],
        },
      ],
      // The second column may be null, and its nulls lie at the wrong end of each value of the first.
      [
        { orderBy: ['day', 'at'], limit: 1 },
        { access: 'table scan', sort: ['day asc', 'at asc'] },
      ],
      [
        { where: { at: { isNull: false } }, orderBy: ['day', 'at'], limit: 1 },
        { access: 'index', index: 'by_day', covering: false, filter: { at: { isNull: false } } },
      ],
    ]
    for (const [query, expected] of cases)
      assert.deepEqual(brief(await session.explain(query)), expected, JSON.stringify(query))
    assert.equal((await session.explain({ orderBy: 'fee' })).rangeCount, 2)
  })
})

test('an index that has all that is needed is read alone', async () => {
  await withDatabase([t], async (db) => {
    const session = db.table(t)
    await session.insertMany([
      { id: 1, state: 'CA', city: 'x', size: 3, fee: 1, wide: '1.50', ratio: -0, raw: Uint8Array.of(1) },
      { id: 2, state: 'CA', city: null, size: 4 },
    ])
    const query = { where: { state: 'CA' }, select: ['id', 'city', 'size'], orderBy: 'id' } as const
    assert.equal((await session.explain({ ...query, select: ['id', 'city', 'size'] })).covering, true)
    assert.deepEqual(await session.find(query), [
      { id: 1n, city: 'x', size: 3 },
      { id: 2n, city: null, size: 4 },
    ])
    // Keys hold less than the value: it has to come from the row.
    assert.equal((await session.explain({ where: { wide: 1.5 }, select: ['wide'] })).covering, false)
    assert.deepEqual(await session.find({ where: { wide: 1.5 }, select: ['wide'] }), [{ wide: '1.50' }])
    assert.equal(
      (await session.explain({ where: { raw: Uint8Array.of(1) }, select: ['ratio'] })).covering,
      false,
    )
    assert.deepEqual(await session.find({ where: { fee: 1 }, select: ['fee'] }), [{ fee: '1.00' }])
    assert.equal(await session.count({ state: 'CA', city: null }), 1)
  })
})

test('a primary key of several columns is used by its beginning', async () => {
  await withDatabase([pairs], async (db) => {
    const session = db.table('pairs')
    const explain = async (where: Record<string, unknown>): Promise<Partial<TablePlan>> =>
      brief(await session.explain({ where }))
    assert.deepEqual(await explain({ a: 1, b: 'x' }), { access: 'key', ranges: ['a = 1, b = "x"'] })
    assert.deepEqual(await explain({ a: 1 }), { access: 'key range', ranges: ['a = 1'] })
    assert.deepEqual(await explain({ a: { in: [1, 2] }, b: { gt: 'x' } }), {
      access: 'key range',
      ranges: ['a = 1, b > "x"', 'a = 2, b > "x"'],
    })
    assert.deepEqual(await explain({ b: 'x' }), { access: 'table scan', filter: { b: { eq: 'x' } } })
    assert.deepEqual(await explain({ a: null }), { access: 'key range' })
  })
})

test('a plan is plain JSON', async () => {
  await withDatabase([t], async (db) => {
    const plan = await db
      .table(t)
      .explain({ where: { id: { gt: 5n }, raw: Uint8Array.of(1), fee: { ne: '1.5' }, at: new Date(0) } })
    assert.deepEqual(plan, JSON.parse(JSON.stringify(plan)))
  })
})
