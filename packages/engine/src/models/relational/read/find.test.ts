/** Queries against a plain array: whatever indexes there are, the answer is the same. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { OrderBy } from '../../../filter/filter.js'
import { date, int4, int8, jsonb, numeric, text } from '../schema/column-types.js'
import { layoutOf, refuses, withDatabase } from '../table-database.test.data.js'
import { table } from '../table.js'

interface Row {
  readonly id: number
  readonly a: number | null
  readonly b: number
  readonly s: string | null
  readonly n: string | null
  readonly d: string | null
  readonly e: bigint | null
}
type Column = keyof Row

const TEXTS = ['', 'a', 'ab', 'b', 'é', '\uffff', '🚀', 'zz']
const NUMBERS = ['-1.50', '0.00', '0.05', '1.00', '10.00']
const DAYS = ['1969-12-31', '1970-01-01', '2024-02-29']

const maybe = <T>(values: readonly T[]): fc.Arbitrary<T | null> =>
  fc.option(fc.constantFrom(...values), { freq: 4 })
const DOMAINS = {
  a: maybe([-2, -1, 0, 1, 2]),
  b: fc.integer({ min: 0, max: 3 }),
  s: maybe(TEXTS),
  n: maybe(NUMBERS),
  d: maybe(DAYS),
  e: maybe([-(2n ** 63n), -1n, 0n, 2n ** 53n + 1n, 2n ** 63n - 1n]),
} as const
const rowsOf = fc
  .array(fc.record(DOMAINS), { maxLength: 40 })
  .map((rows) => rows.map((row, id): Row => ({ id, ...row })))

/** By code point for text, by value for numerics and dates as they are written here. */
function compare(column: Column, x: unknown, y: unknown): number {
  if (column === 's') return Buffer.compare(Buffer.from(x as string), Buffer.from(y as string))
  if (column === 'n') return Number(x) - Number(y)
  return (x as number) < (y as number) ? -1 : Number((x as number) > (y as number))
}

/** True, false or unknown. */
type Truth = boolean | undefined
interface Condition {
  readonly filter: Record<string, unknown>
  readonly holds: (row: Row) => Truth
}

const LITERALS: { readonly [K in Column]: fc.Arbitrary<unknown> } = {
  id: fc.integer({ min: -1, max: 41 }),
  a: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(0.5, -1.5)),
  b: fc.integer({ min: -1, max: 4 }),
  s: fc.constantFrom(...TEXTS, 'aa', '\u{10ffff}'),
  n: fc.constantFrom(...NUMBERS, '0.049', '-1.5', '1000000000', '0.051'),
  d: fc.constantFrom(...DAYS, '2000-01-01'),
  e: fc.constantFrom(-1n, 0n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n, -(2n ** 64n)),
}

const ORDERS = {
  eq: (c: number) => c === 0,
  ne: (c: number) => c !== 0,
  gt: (c: number) => c > 0,
  gte: (c: number) => c >= 0,
  lt: (c: number) => c < 0,
  lte: (c: number) => c <= 0,
}

const column = fc.constantFrom<Column>('id', 'a', 'b', 's', 'n', 'd', 'e')

const comparison: fc.Arbitrary<Condition> = fc
  .tuple(column, fc.constantFrom(...(Object.keys(ORDERS) as (keyof typeof ORDERS)[])))
  .chain(([name, operator]) =>
    LITERALS[name].map((literal): Condition => ({
      filter: { [name]: { [operator]: literal } },
      holds: (row) =>
        row[name] === null
          ? operator === 'ne'
            ? true
            : undefined
          : ORDERS[operator](compare(name, row[name], literal)),
    })),
  )

const membership: fc.Arbitrary<Condition> = column.chain((name) =>
  fc.array(fc.option(LITERALS[name], { freq: 5 }), { maxLength: 4 }).map((list): Condition => ({
    filter: { [name]: { in: list } },
    holds: (row) => {
      if (row[name] === null) return list.includes(null) ? true : undefined
      return list.some((literal) => literal !== null && compare(name, row[name], literal) === 0)
    },
  })),
)

const nullness: fc.Arbitrary<Condition> = fc.tuple(column, fc.boolean()).map(([name, isNull]): Condition => ({
  filter: { [name]: { isNull } },
  holds: (row) => (row[name] === null) === isNull,
}))

const prefix: fc.Arbitrary<Condition> = fc
  .constantFrom('', 'a', 'ab', '\uffff', '🚀')
  .map((start): Condition => ({
    filter: { s: { startsWith: start } },
    holds: (row) => (row.s === null ? undefined : row.s.startsWith(start)),
  }))

const simple = fc.oneof(
  { arbitrary: comparison, weight: 6 },
  { arbitrary: membership, weight: 2 },
  { arbitrary: nullness, weight: 1 },
  { arbitrary: prefix, weight: 1 },
)

function all(parts: readonly Condition[]): Condition {
  return {
    filter: { $and: parts.map(({ filter }) => filter) },
    holds: (row) => {
      const truths = parts.map(({ holds }) => holds(row))
      return truths.includes(false) ? false : truths.includes(undefined) ? undefined : true
    },
  }
}

function not(part: Condition): Condition {
  return {
    filter: { $not: part.filter },
    holds: (row) => {
      const truth = part.holds(row)
      return truth === undefined ? undefined : !truth
    },
  }
}

function any(parts: readonly Condition[]): Condition {
  const inverse = not(all(parts.map(not)))
  return { filter: { $or: parts.map(({ filter }) => filter) }, holds: inverse.holds }
}

const condition: fc.Arbitrary<Condition> = fc.oneof(
  { arbitrary: fc.array(simple, { maxLength: 3 }).map(all), weight: 5 },
  {
    arbitrary: fc
      .tuple(simple, fc.array(simple, { minLength: 1, maxLength: 2 }))
      .map(([one, some]) => all([one, any(some)])),
    weight: 1,
  },
  { arbitrary: fc.tuple(simple, simple).map(([one, other]) => all([one, not(other)])), weight: 1 },
)

interface Sort {
  readonly field: Column
  readonly direction: 'asc' | 'desc'
}

const sorting = fc.uniqueArray(
  fc.record<Sort>({ field: column, direction: fc.constantFrom('asc', 'desc') }),
  {
    maxLength: 3,
    selector: ({ field }) => field,
  },
)

function compareRows(order: readonly Sort[], x: Row, y: Row): number {
  for (const { field, direction } of order) {
    const [u, v] = [x[field], y[field]]
    if (u === null && v === null) continue
    const ascending = u === null ? 1 : v === null ? -1 : compare(field, u, v)
    if (ascending !== 0) return direction === 'asc' ? ascending : -ascending
  }
  return 0
}

const COLUMNS = {
  id: int4().primaryKey(),
  a: int4(),
  b: int4().notNull(),
  s: text(),
  n: numeric(12, 2),
  d: date(),
  e: int8(),
}

/** The same table with different indexes and keys. */
const SHAPES = [
  table('t', COLUMNS),
  table('t', COLUMNS, {
    indexes: [{ columns: ['a', 'b'] }, { columns: ['s'] }, { columns: ['n', 'd'] }, { columns: ['e'] }],
  }),
  table('t', COLUMNS, {
    indexes: [
      { columns: [{ column: 'a', direction: 'desc' }, 's'] },
      { columns: ['b', { column: 'n', direction: 'desc' }] },
      { columns: [{ column: 's', direction: 'desc' }, { column: 'b', direction: 'desc' }, 'id'] },
      { columns: [{ column: 'd', direction: 'desc' }] },
      { columns: [{ column: 'e', direction: 'desc' }] },
    ],
  }),
  table('t', COLUMNS, {
    indexes: [
      { columns: ['id', 'a'], unique: true },
      { columns: ['a', 's', 'n', 'd', 'b', 'id', 'e'], unique: true },
      { columns: ['s', 'a'], where: { b: { gte: 2 } } },
      { columns: ['n'], where: { a: { isNull: false }, s: { gt: 'a' } } },
      { columns: ['b'], where: { d: { in: ['1970-01-01', '2024-02-29'] } } },
      { columns: ['d', 'id'], unique: true, nullsNotDistinct: true },
    ],
  }),
  table(
    't',
    { ...COLUMNS, id: int4().notNull() },
    { primaryKey: ['b', 'id'], indexes: [{ columns: ['id'], unique: true }, { columns: ['s'] }] },
  ),
  table(
    't',
    { ...COLUMNS, id: int4().notNull() },
    { indexes: [{ columns: ['s', 'id'] }, { columns: ['a'] }] },
  ),
  table(
    't',
    { ...COLUMNS, id: int8().notNull() },
    { primaryKey: ['id'], indexes: [{ columns: ['e', 'a'] }] },
  ),
]

test('every query gives what the same query over an array gives', async () => {
  const accesses = new Map<string, number>()
  await fc.assert(
    fc.asyncProperty(
      rowsOf,
      fc.constantFrom(...SHAPES),
      fc.array(
        fc.record({
          condition,
          order: sorting,
          limit: fc.option(fc.nat(12)),
          offset: fc.nat(5),
          narrow: fc.boolean(),
        }),
        { minLength: 1, maxLength: 12 },
      ),
      async (rows, shape, queries) => {
        await withDatabase([shape], async (db) => {
          const session = db.table('t')
          await session.insertMany(rows.map((row) => ({ ...row })))
          for (const {
            condition: { filter, holds },
            order,
            limit,
            offset,
            narrow,
          } of queries) {
            const query = {
              where: filter,
              orderBy: order as readonly OrderBy[],
              offset,
              ...(limit === null ? {} : { limit }),
              ...(narrow
                ? { select: ['id', ...order.map(({ field }) => field).filter((field) => field !== 'id')] }
                : {}),
            }
            const plan = await session.explain(query)
            accesses.set(plan.access, (accesses.get(plan.access) ?? 0) + 1)
            const byId = new Map(rows.map((row) => [row.id, row]))
            const expected = rows
              .filter((row) => holds(row) === true)
              .sort((x, y) => compareRows(order, x, y))
            const found = (await session.find(query)).map((row) => ({ ...row, id: Number(row['id']) }))
            const wanted = expected.slice(offset, offset + (limit ?? Infinity))
            const what = JSON.stringify({ plan, query }, (_, value: unknown) =>
              typeof value === 'bigint' ? String(value) : value,
            )
            assert.equal(found.length, wanted.length, what)
            assert.equal(new Set(found.map(({ id }) => id)).size, found.length, what)
            for (const [i, each] of found.entries()) {
              const row = byId.get(each.id)
              assert(row !== undefined && holds(row) === true, what)
              for (const [name, value] of Object.entries(each))
                assert.deepEqual(value, row[name as Column], what)
              const at = wanted[i]
              assert(at !== undefined && compareRows(order, row, at) === 0, what)
            }
            assert.equal(await session.count(filter), expected.length, what)
          }
        })
      },
    ),
    { numRuns: 150 },
  )
  for (const access of ['none', 'key', 'key range', 'table scan', 'index'])
    assert((accesses.get(access) ?? 0) > 0, `${access} was tried`)
})

test('long scans come in chunks, forward and backward, and may be left early', async () => {
  const t = table('t', { id: int4().primaryKey(), a: int4().notNull() }, { indexes: [{ columns: ['a'] }] })
  await withDatabase([t], async (db) => {
    const session = db.table(t)
    await session.insertMany(Array.from({ length: 1000 }, (_, id) => ({ id, a: (id * 7) % 1000 })))
    for (const direction of ['asc', 'desc'] as const) {
      const sizes: number[] = []
      const seen: number[] = []
      for await (const chunk of session.scan({
        orderBy: { field: 'a', direction },
        where: { a: { gte: 100 } },
      })) {
        sizes.push(chunk.length)
        seen.push(...chunk.map(({ a }) => a))
      }
      assert.deepEqual(sizes, [256, 256, 256, 132])
      const ascending = Array.from({ length: 900 }, (_, i) => i + 100)
      assert.deepEqual(seen, direction === 'asc' ? ascending : ascending.toReversed())
    }
    for await (const chunk of session.scan()) {
      assert.equal(chunk.length, 256)
      break
    }
    assert.deepEqual(await session.findOne({ orderBy: { field: 'a', direction: 'desc' } }), {
      id: 857,
      a: 999,
    })
    assert.equal(await session.findOne({ where: { a: -1 } }), undefined)
    assert.deepEqual(await session.find({ limit: 0 }), [])
    assert.deepEqual(
      await session.find({
        where: { id: { in: Array.from({ length: 3000 }, (_, i) => i * 3) } },
        orderBy: 'id',
        select: ['id'],
        limit: 2,
        offset: 300,
      }),
      [{ id: 900 }, { id: 903 }],
    )
  })
})

test('sorting without an index is bounded, with one or with a limit it is not', async () => {
  const t = table('t', { id: int4().primaryKey(), a: int4(), b: int4() }, { indexes: [{ columns: ['a'] }] })
  await withDatabase([t], async (db) => {
    const session = db.table(t)
    const rows = Array.from({ length: 100_001 }, (_, id) => ({ id, a: id % 10 === 0 ? null : -id, b: -id }))
    await session.insertMany(rows)
    await refuses(
      session.find({ orderBy: 'b' }),
      'LIMIT_EXCEEDED',
      /table "t": orderBy b would sort more than 100000 rows in memory; add an index on b/,
    )
    assert.deepEqual(await session.find({ orderBy: 'b', limit: 1 }), [{ id: 100_000, a: null, b: -100_000 }])
    const sorted = await session.find({ orderBy: 'a', select: ['id'] })
    assert.equal(sorted.length, 100_001)
    assert.deepEqual(sorted[0], { id: 99_999 })
  })
})

test('what is written in the transaction is found, also through indexes', async () => {
  const t = table('t', { id: int4().primaryKey(), a: int4() }, { indexes: [{ columns: ['a'] }] })
  await withDatabase([t], async (db) => {
    await db.table(t).insertMany([
      { id: 1, a: 1 },
      { id: 2, a: 2 },
      { id: 3, a: 3 },
    ])
    await db.transaction(async (tx) => {
      const session = tx.table(t)
      await session.update(1, { a: 5 })
      await session.delete(2)
      await session.insert({ id: 4, a: 0 })
      assert.deepEqual(await session.find({ orderBy: 'a', where: { a: { gte: 0 } } }), [
        { id: 4, a: 0 },
        { id: 3, a: 3 },
        { id: 1, a: 5 },
      ])
      assert.equal(await session.count({ a: { gt: 0 } }), 2)
      // Rows may be changed while they are read.
      for await (const chunk of session.scan({ where: { a: { gte: 0 } }, orderBy: 'a' })) {
        for (const { id } of chunk) await session.update(id, { a: 100 + id })
      }
      assert.deepEqual(
        (await session.find({ orderBy: 'a' })).map(({ a }) => a),
        [101, 103, 104],
      )
    })
  })
})

test('JSON and arrays are searched, sorted and selected by path', async () => {
  const t = table('t', {
    id: int4().primaryKey(),
    data: text().array(),
    doc: jsonb<Record<string, unknown>>(),
  })
  await withDatabase([t], async (db) => {
    const session = db.table('t')
    await session.insertMany([
      { id: 1, data: ['x', 'y'], doc: { city: 'Oslo', size: 3, parts: [{ n: 1 }, { n: 2 }] } },
      { id: 2, data: [], doc: { city: 'Rome', size: 1 } },
      { id: 3, data: null, doc: null },
    ])
    const ids = async (where: Record<string, unknown>, orderBy?: string): Promise<unknown> =>
      (await session.find({ where, ...(orderBy === undefined ? {} : { orderBy }) })).map(({ id }) => id)
    assert.deepEqual(await ids({ data: { contains: 'y' } }), [1])
    assert.deepEqual(await ids({ data: 'x' }), [1])
    assert.deepEqual(await ids({ 'doc.parts.n': 2 }), [1])
    assert.deepEqual(await ids({ 'doc.size': { gte: 1 } }, 'doc.size'), [2, 1])
    assert.deepEqual(await ids({ doc: null }), [3])
    assert.deepEqual(await session.find({ select: ['id', 'doc.city'], where: { id: { lt: 3 } } }), [
      { id: 1, doc: { city: 'Oslo' } },
      { id: 2, doc: { city: 'Rome' } },
    ])
  })
})

test('damaged rows are reported with their key', async () => {
  const t = table('t', { id: int4().primaryKey(), a: text() })
  await withDatabase([t], async (db) => {
    await db.table(t).insert({ id: 1, a: 'x' })
    const key = (await layoutOf(db, 't')).rowKey(1)
    await db.storage.write([{ type: 'put', key, value: Uint8Array.of(128, 0, 1) }])
    await refuses(db.table(t).get(1), 'STORAGE_CORRUPT', /row rel:.* is damaged/)
    await db.storage.write([{ type: 'put', key, value: Uint8Array.of(77, 0, 0, 0, 0, 0) }])
    await refuses(db.table(t).find(), 'RECORD_VERSION_UNSUPPORTED', /row format 77/)
  })
})
