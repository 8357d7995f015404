import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openDatabase } from '../../database.js'
import type { AutoCommit } from '../../txn/auto-commit.js'
import type { Filter, Query } from '../../filter/filter.js'
import { collection, type JsonDocument } from './collection.js'
import { refuses, withDatabase } from './collection-database.test.data.js'
import type { CollectionSession } from './collection-session.js'

const things = collection('things', {
  indexes: [
    { path: 'a' },
    { paths: ['b', 'c'] },
    { path: 'u', unique: true },
    { path: 'tags', multi: true },
    { path: 's', sparse: true },
    { path: 'x.y' },
  ],
})

const DOCUMENTS: readonly JsonDocument[] = [
  { id: '01', a: 1, b: 1, c: 1, u: 'p', tags: ['x', 'y'], s: 1 },
  { id: '02', a: 2, b: 1, c: 2, u: 'q', tags: ['y'], x: { y: 1 } },
  { id: '03', a: 'text', b: 1, c: null, tags: [], x: { y: [1, 2] } },
  { id: '04', a: null, b: 2, c: 1, tags: 'x', s: null, x: [{ y: 1 }, { y: 3 }] },
  { id: '05', a: [1, 'text'], b: [1, 2], c: 3, x: [] },
  { id: '06', a: { k: 1 }, b: 1, c: [1], tags: [1, 2, 3] },
  { id: '07', a: true, c: 5, tags: [['x'], { t: 1 }] },
  { id: '08', b: 1 },
]

type Things = AutoCommit<CollectionSession>

const withThings = (work: (session: Things) => Promise<void>): Promise<void> =>
  withDatabase([things], async (db) => {
    await db.collection(things).insertMany(DOCUMENTS)
    await work(db.collection(things))
  })

async function idsOf(session: Things, query: Query<JsonDocument>): Promise<string> {
  return (await session.find(query)).map(({ id }) => id).join(' ')
}

test('what is found through which access', () =>
  withThings(async (session) => {
    const cases: readonly [Filter, string, string][] = [
      [{}, 'all documents', '01 02 03 04 05 06 07 08'],
      [{ c: 1 }, 'all documents', '01 04 06'],
      [{ id: '03' }, 'ids', '03'],
      [{ id: { in: ['07', '02', 'none', '02'] } }, 'ids', '02 07'],
      [{ id: { gt: '02', lte: '04' } }, 'id range', '03 04'],
      [{ id: { startsWith: '0' }, c: 1 }, 'id range', '01 04 06'],
      [{ id: 5 }, 'nothing', ''],
      [{ id: { gt: 5 } }, 'nothing', ''],
      [{ id: null }, 'nothing', ''],
      [{ id: 'a', $and: [{ id: 'b' }] }, 'nothing', ''],
      [{ a: { in: [] } }, 'nothing', ''],
      [{ a: 1 }, 'index a', '01 05'],
      [{ a: 1n }, 'index a', '01 05'],
      [{ a: 'text' }, 'index a', '03 05'],
      [{ a: { gte: 1 } }, 'index a', '01 02 05'],
      [{ a: { gte: 1.5 } }, 'index a', '02'],
      [{ a: { gt: 1n, lt: 2n } }, 'index a', ''],
      [{ a: { startsWith: 'te' } }, 'index a', '03 05'],
      [{ a: { like: 't_xt' } }, 'index a', '03 05'],
      [{ a: null }, 'index a', '04 08'],
      [{ a: { in: [true, null] } }, 'index a', '07 04 08'],
      [{ a: { ne: null } }, 'all documents', '01 02 03 05 06 07'],
      [{ a: { eq: { k: 1 } } }, 'all documents', '06'],
      [{ a: { gt: new Date(0) } }, 'index a', ''],
      [{ a: '\ud800' }, 'index a', ''],
      [{ a: { gt: '\ud800' } }, 'index a', ''],
      [{ a: { lt: 'z'.repeat(5000) } }, 'index a', '03 05'],
      [{ a: 'z'.repeat(5000) }, 'index a', ''],
      [{ b: 1 }, 'index b,c', '01 02 06 03 08 05'],
      [{ b: 1, c: { gte: 1, lte: 3 } }, 'index b,c', '01 02 06 05'],
      [{ b: { in: [1, 2] }, c: { in: [1, null] } }, 'index b,c', '01 06 03 08 04'],
      [{ b: 1, c: null }, 'index b,c', '03 08'],
      [{ b: { gt: 1 }, c: 1 }, 'index b,c', '04'],
      [{ u: 'q' }, 'index u', '02'],
      [{ u: { in: ['p', 'q', 'r', 5] } }, 'index u', '01 02'],
      [{ u: { gt: 'p' } }, 'index u', '02'],
      [{ u: null, a: 1 }, 'index a', '05'],
      [{ tags: 'x' }, 'index tags', '01 04'],
      [{ tags: { in: ['x', 'y'] } }, 'index tags', '01 04 02'],
      [{ tags: { gte: 'x', lt: 'z' } }, 'index tags', '01 04 02'],
      [{ tags: { gt: 1, lt: 3 } }, 'index tags', '06'],
      [{ tags: { contains: 'x' } }, 'index tags', '01'],
      [{ tags: null }, 'index tags', '05 08'],
      [{ tags: { isNull: false } }, 'all documents', '01 02 03 04 06 07'],
      [{ s: 1 }, 'index s', '01'],
      [{ s: null }, 'all documents', '02 03 04 05 06 07 08'],
      [{ 'x.y': 1 }, 'index x.y', '02 03 04'],
      [{ 'x.y': null }, 'index x.y', '05 01 06 07 08'],
      [{ 'x.0.y': 1 }, 'all documents', '04'],
      [{ $or: [{ a: 1 }, { a: 2 }] }, 'all documents', '01 02 05'],
      [{ $not: { a: 1 } }, 'all documents', '02 03 06 07'],
    ]
    for (const [where, access, expected] of cases) {
      const shown = JSON.stringify(where, (_, value: unknown) =>
        typeof value === 'bigint' ? `${value}` : value,
      )
      // Operands may be of types that no field has.
      const query = { where } as Query<JsonDocument>
      const explained = await session.explain(query)
      assert.equal(
        explained.index === undefined ? explained.access : `index ${explained.index}`,
        access,
        shown,
      )
      assert.equal(await idsOf(session, query), expected, shown)
      assert.equal(await session.count(query.where), expected === '' ? 0 : expected.split(' ').length, shown)
    }
    assert.equal(await session.count(), 8)
  }))

test('order', () =>
  withThings(async (session) => {
    const desc = (field: string): { field: string; direction: 'desc' } => ({ field, direction: 'desc' })
    const cases: readonly [Query<JsonDocument>, string, string][] = [
      [{ orderBy: 'id' }, 'access', '01 02 03 04 05 06 07 08'],
      [{ orderBy: desc('id') }, 'access', '08 07 06 05 04 03 02 01'],
      [{ orderBy: ['id', desc('a')], limit: 2 }, 'access', '01 02'],
      [{ where: { id: { in: ['01', '03'] } }, orderBy: desc('id') }, 'access', '03 01'],
      [{ where: { id: { in: ['01', '03'] } }, orderBy: desc('a') }, 'memory', '01 03'],
      [{ orderBy: 'a' }, 'access', '03 01 02 07 05 06 04 08'],
      [{ orderBy: desc('a') }, 'access', '08 04 06 05 07 02 01 03'],
      [{ orderBy: ['a', 'id'], offset: 5 }, 'access', '06 04 08'],
      [{ orderBy: ['a', desc('id')], offset: 6 }, 'memory', '08 04'],
      [{ orderBy: ['b', 'c'] }, 'access', '01 02 06 03 08 04 05 07'],
      [{ orderBy: ['b', 'c', 'id'], limit: 3 }, 'access', '01 02 06'],
      [{ orderBy: 'c' }, 'memory', '01 04 02 05 07 06 03 08'],
      [{ orderBy: desc('c'), limit: 3 }, 'memory', '03 08 06'],
      [{ orderBy: 'tags', limit: 2 }, 'memory', '04 01'],
      [{ orderBy: 's' }, 'memory', '01 02 03 04 05 06 07 08'],
      [{ where: { s: { gt: 0 } }, orderBy: 's' }, 'access', '01'],
      [{ where: { a: { gt: 0 } }, orderBy: 'a' }, 'access', '01 02 05'],
      [{ where: { a: { gt: 0 } }, orderBy: desc('a') }, 'access', '05 02 01'],
      [{ where: { a: { in: [2, 1, 'text'] } }, orderBy: 'a' }, 'access', '03 01 02 05'],
      // Document 05 has an array where the constant is expected, and belongs between others.
      [{ where: { b: 1 }, orderBy: 'c' }, 'access', '01 02 05 06 03 08'],
      [{ where: { b: 1 }, orderBy: desc('c') }, 'access', '08 03 06 05 02 01'],
      [{ where: { b: 1 }, orderBy: ['b', 'c'], limit: 3 }, 'access', '01 02 06'],
      [{ where: { b: 2, c: { lt: 3 } }, orderBy: 'c' }, 'access', '04'],
      [{ where: { u: 'p' }, orderBy: ['u', 'id'] }, 'access', '01'],
    ]
    for (const [query, order, expected] of cases) {
      const shown = JSON.stringify(query)
      assert.equal((await session.explain(query)).order, order, shown)
      assert.equal(await idsOf(session, query), expected, shown)
    }
  }))

test('an array without scalars is not null, though it has no entry of its own', () =>
  withDatabase(
    [
      collection('m', {
        indexes: [
          { paths: ['k', 'tags'], multi: true },
          { paths: ['p', 'q'], multi: true, sparse: true },
        ],
      }),
    ],
    async (db) => {
      const session = db.collection('m')
      await session.insertMany([
        { id: '1', k: 1, tags: [] },
        { id: '2', k: 1 },
        { id: '3', k: 1, tags: ['x'] },
        { id: '4', q: {} },
      ])
      const tagged = { where: { k: 1, tags: { isNull: false } }, orderBy: 'id' }
      assert.equal((await session.explain(tagged)).index, 'k,tags')
      assert.equal(await idsOf(session, tagged), '1 3')
      assert.equal(await idsOf(session, { where: { p: null, q: { isNull: false } } }), '4')
    },
  ))

test('bounds between two doubles, and longer than a key', () =>
  withDatabase([collection('n', { indexes: [{ path: 'a' }] })], async (db) => {
    const session = db.collection('n')
    const long = 'z'.repeat(256)
    await session.insertMany([
      { id: '1', a: 2 ** 60 },
      { id: '2', a: long },
      { id: '3', a: `${long}z` },
      { id: '4', a: '\u{10ffff}' },
    ])
    const find = (a: unknown): Promise<string> => idsOf(session, { where: { a } } as Query)
    const big = 2n ** 60n
    assert.equal(await find({ gt: big - 1n }), '1')
    assert.equal(await find({ gt: big }), '')
    assert.equal(await find({ gte: big }), '1')
    assert.equal(await find({ gt: big + 1n }), '')
    assert.equal(await find({ lt: big + 1n }), '1')
    assert.equal(await find({ lt: big }), '')
    assert.equal(await find({ lt: big - 1n }), '')
    assert.equal(await find(big), '1')
    assert.equal(await find(big + 1n), '')
    assert.equal(await find({ lt: 10n ** 400n, gt: -(10n ** 400n) }), '1')
    assert.equal(await find({ gt: long }), '3 4')
    assert.equal(await find({ gte: long }), '2 3 4')
    assert.equal(await find({ gt: `${long}a` }), '3 4')
    assert.equal(await find({ gte: `${long}zz` }), '4')
    assert.equal(await find({ lt: `${long}zz` }), '2 3')
    assert.equal(await find({ lte: `${long}z` }), '2 3')
    assert.equal(await find({ startsWith: `${long}z` }), '3')
    assert.equal(await find({ lt: '\u{10ffff}'.repeat(300) }), '2 3 4')
  }))

test('operands longer than any key find nothing, on the engine whose keys are shortest', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'orbit-collection-'))
  const paths = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
  const declared = collection('c', { indexes: [{ paths, unique: true }, { path: 'a' }] })
  const db = await openDatabase({ storage: { kind: 'cow-btree', dataDir }, schema: [declared] })
  try {
    const session = db.collection('c')
    const id = '\u4e2d'.repeat(170)
    await session.insert({ id, a: 'x'.repeat(870), b: 1 })
    const long = '\u4e2d'.repeat(1000)
    assert.deepEqual(await session.find({ where: Object.fromEntries(paths.map((path) => [path, long])) }), [])
    assert.deepEqual(await session.find({ where: { a: { in: [long, long + long] } } }), [])
    assert.deepEqual(await session.find({ where: { a: { gte: long }, id: { gt: long } } }), [])
    assert.equal(await session.count({ a: { lt: long } }), 1)
    assert.equal(await session.count({ a: 'x'.repeat(870), b: { lte: 1 } }), 1)
    assert.equal(await session.count({ id: { in: [id, long] } }), 1)
    assert.equal(await session.count({ id: { lt: long } }), 1)
  } finally {
    await db.close()
    await rm(dataDir, { recursive: true })
  }
})

test('limit, offset, select and findOne', () =>
  withThings(async (session) => {
    assert.equal(await idsOf(session, { where: { b: 1 }, limit: 2, offset: 1 }), '02 06')
    assert.equal(await idsOf(session, { limit: 0 }), '')
    assert.equal(await idsOf(session, { offset: 100 }), '')
    assert.equal(await idsOf(session, { offset: 6, limit: 100 }), '07 08')
    assert.deepEqual(await session.findOne({ where: { a: 2 } }), DOCUMENTS[1])
    assert.equal(await session.findOne({ where: { a: 99 } }), undefined)
    assert.equal(await session.findOne({ limit: 0 }), undefined)
    assert.deepEqual(await session.findOne({ orderBy: 'id', offset: 3, limit: 5, select: ['x.y', 'tags'] }), {
      x: [{ y: 1 }, { y: 3 }],
      tags: 'x',
    })
    assert.deepEqual(await session.find({ where: { u: { ne: null } }, select: ['id'] }), [
      { id: '01' },
      { id: '02' },
    ])
  }))

test('an explanation is plain JSON', () =>
  withThings(async (session) => {
    assert.deepEqual(
      await session.explain({
        where: { b: 1, c: { gte: 2n, lt: 10 }, a: { ne: new Date(0) }, tags: { like: '%x' } },
        orderBy: { field: 'c', direction: 'desc' },
      } as Query),
      {
        collection: 'things',
        access: 'index',
        index: 'b,c',
        bounds: [
          { field: 'b', points: [1], nulls: false },
          {
            field: 'c',
            range: {
              kind: 'number',
              lower: { value: '2', inclusive: true },
              upper: { value: 10, inclusive: false },
            },
            nulls: false,
          },
        ],
        ranges: 3,
        filter: { $and: [{ a: { ne: '1970-01-01T00:00:00.000Z' } }, { tags: { like: '%x' } }] },
        order: 'access',
      },
    )
    assert.deepEqual(await session.explain({ where: { tags: 'x' } }), {
      collection: 'things',
      access: 'index',
      index: 'tags',
      bounds: [{ field: 'tags', points: ['x'], nulls: false }],
      ranges: 1,
      filter: { tags: { eq: 'x' } },
      order: 'none',
    })
    assert.deepEqual(await session.explain(), {
      collection: 'things',
      access: 'all documents',
      bounds: [],
      ranges: 1,
      filter: null,
      order: 'none',
    })
  }))

test('bad queries are refused', () =>
  withThings(async (session) => {
    const untyped = (query: unknown): Query<JsonDocument> => query as Query<JsonDocument>
    const cases: readonly [unknown, string][] = [
      [
        { where: { a: { gtt: 1 } } },
        'collection "things": where.a has no operator "gtt"; did you mean "gt"?',
      ],
      [{ wher: {} }, 'collection "things": query.wher is not part of a query; did you mean "where"?'],
      [{ where: { 'a..b': 1 } }, 'path "a..b" has an empty step'],
      [{ orderBy: 'a.' }, 'collection "things": orderBy path "a." has an empty step'],
      [{ limit: -1 }, 'limit is -1'],
      [5, 'query is 5; it must be an object'],
    ]
    for (const [query, message] of cases) {
      await refuses(session.find(untyped(query)), 'INVALID_ARGUMENT', message)
      await refuses(session.explain(untyped(query)), 'INVALID_ARGUMENT', message)
    }
    await refuses(session.count({ a: { gtt: 1 } }), 'INVALID_ARGUMENT', 'has no operator "gtt"')
  }))

test('a sort that does not fit is refused, and the index that would help is named', () =>
  withDatabase([collection('plain')], async (db) => {
    const session = db.collection('plain')
    for (let i = 0; i < 10; i++)
      await session.insertMany(Array.from({ length: 10_001 }, (_, n) => ({ n, id: `${i}-${n}` })))
    await refuses(
      session.find({ orderBy: 'n' }),
      'LIMIT_EXCEEDED',
      'collection "plain": orderBy n would sort more than 100000 rows in memory; add an index on n',
    )
    assert.deepEqual(await session.find({ orderBy: ['n', 'id'], limit: 2, select: ['id'] }), [
      { id: '0-0' },
      { id: '1-0' },
    ])
    assert.equal((await session.find({ orderBy: 'id', select: ['n'] })).length, 100_010)
    assert.equal(await session.count(), 100_010)
  }))

test('a transaction finds what it has written', () =>
  withDatabase([things], async (db) => {
    await db.collection(things).insertMany(DOCUMENTS)
    await db.transaction(async (tx) => {
      const session = tx.collection(things)
      await session.insert({ id: '09', a: 1.5 })
      await session.delete('01')
      await session.merge('02', { a: null, tags: ['x', 'new'] })
      const find = async (query: Query<JsonDocument>): Promise<string> =>
        (await session.find(query)).map(({ id }) => id).join(' ')
      assert.equal(await find({ where: { a: { gte: 1 } } }), '09 05')
      assert.equal(await find({ where: { tags: { in: ['x', 'new'] } } }), '02 04')
      assert.equal(await find({ orderBy: 'a' }), '03 09 07 05 06 02 04 08')
      assert.equal(await session.count(), 8)
    })
  }))

test('documents changed while they are scanned come once, deleted ones not at all', () =>
  withDatabase([collection('c', { indexes: [{ path: 'tags', multi: true }] })], async (db) => {
    await db.transaction(async (tx) => {
      const session = tx.collection('c')
      await session.insertMany(
        Array.from({ length: 600 }, (_, i) => ({
          id: String(i).padStart(3, '0'),
          tags: ['a', 'b', `t${i % 5}`],
        })),
      )
      const seen: string[] = []
      for await (const chunk of session.scan({ where: { tags: { in: ['a', 'b', 't1'] } } })) {
        for (const { id } of chunk) seen.push(id)
        if (seen.length === chunk.length) await session.deleteWhere({ id: { gte: '300' } })
      }
      assert.deepEqual(
        seen,
        Array.from({ length: 300 }, (_, i) => String(i).padStart(3, '0')),
      )
    })
  }))
