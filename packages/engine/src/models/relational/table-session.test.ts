import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bool, bytea, int4, int8, jsonb, numeric, text, timestamptz, uuid } from './schema/column-types.js'
import { now, randomUuid } from './schema/column.js'
import { audit, dump, refuses, withDatabase } from './table-database.test.data.js'
import { table } from './table.js'

const airports = table(
  'airports',
  {
    iata: text().primaryKey(),
    city: text(),
    visits: int4().notNull().default(0),
    fee: numeric(10, 2),
    details: jsonb<{ size: number }>(),
    tags: text().array(),
    seen: timestamptz().notNull().default(now()),
  },
  { indexes: [{ columns: ['city', 'visits'] }] },
)
const seats = table(
  'seats',
  { flight: int8(), row: int4(), letter: text(), taken: bool().notNull().default(false) },
  { primaryKey: ['flight', 'row', 'letter'] },
)
const notes = table('notes', { body: text().notNull(), raw: bytea() }, { indexes: [{ columns: ['body'] }] })
const people = table('people', {
  id: int8().identity().primaryKey(),
  token: uuid().notNull().default(randomUuid()).unique(),
  name: text(),
})

test('a row is inserted with its defaults and found again', async () => {
  await withDatabase([airports], async (db) => {
    const session = db.table(airports)
    const inserted = await session.insert({
      iata: 'SFO',
      city: 'San Francisco',
      fee: 9.999,
      details: { size: 3 },
      tags: ['big', 'sea'],
    })
    const expected = {
      iata: 'SFO',
      city: 'San Francisco',
      visits: 0,
      fee: '10.00',
      details: { size: 3 },
      tags: ['big', 'sea'],
      seen: new Date(1_700_000_000_000),
    }
    assert.deepEqual(inserted, expected)
    assert.deepEqual(await session.get('SFO'), expected)
    assert.equal(await session.get('LAX'), undefined)
    assert.deepEqual(await session.getMany(['LAX', 'SFO', 'SFO']), [undefined, expected, expected])
    assert.deepEqual(await session.find(), [expected])
    await audit(db, 'airports')
  })
})

test('rows are changed and deleted by key', async () => {
  await withDatabase([airports], async (db) => {
    const session = db.table(airports)
    await session.insertMany([
      { iata: 'A', city: 'x' },
      { iata: 'B', city: 'y', visits: 5 },
    ])
    const changed = await session.update('A', { visits: 7, city: undefined, fee: 1 })
    assert.deepEqual([changed.city, changed.visits, changed.fee], ['x', 7, '1.00'])
    assert.equal((await session.update('A', { city: null })).city, null)
    const moved = await session.update('A', { iata: 'C' })
    assert.equal(moved.iata, 'C')
    assert.equal(await session.get('A'), undefined)
    assert.equal((await session.get('C'))?.visits, 7)
    assert.equal(await session.delete('C'), true)
    assert.equal(await session.delete('C'), false)
    await refuses(
      session.update('C', { visits: 1 }),
      'RECORD_NOT_FOUND',
      /table "airports" has no row with iata = "C"/,
    )
    assert.equal((await audit(db, 'airports')).length, 1)
  })
})

test('rows are changed and deleted by filter, all or none', async () => {
  await withDatabase([airports], async (db) => {
    const session = db.table(airports)
    await session.insertMany(
      Array.from({ length: 600 }, (_, i) => ({
        iata: `A${i}`,
        city: i % 2 === 0 ? 'even' : 'odd',
        visits: i,
      })),
    )
    assert.equal(
      await session.updateWhere({ city: 'even', visits: { gte: 500 } }, { city: 'late', fee: 5 }),
      50,
    )
    assert.equal(await session.count({ city: 'late', fee: '5' }), 50)
    assert.equal(await session.updateWhere({ city: 'none' }, { fee: 1 }), 0)
    // Every row moves along the index that is read: each is changed once.
    assert.equal(await session.updateWhere({ city: { gte: 'a' } }, { city: 'z' }), 600)
    assert.equal(await session.deleteWhere({ visits: { lt: 100 } }), 100)
    assert.equal(await session.count(), 500)
    assert.equal((await audit(db, 'airports')).length, 500)
    assert.equal(await session.deleteWhere({}), 500)
    assert.equal((await audit(db, 'airports')).length, 0)
  })
})

test('upsert inserts what is new and changes the given columns of what is there', async () => {
  await withDatabase([airports], async (db) => {
    const session = db.table(airports)
    await session.insert({ iata: 'A', city: 'x', visits: 3 })
    const [b, a] = await session.upsertMany([
      { iata: 'B', visits: 1 },
      { iata: 'A', city: 'y' },
    ])
    assert.deepEqual([b?.iata, b?.city, b?.visits], ['B', null, 1])
    assert.deepEqual([a?.iata, a?.city, a?.visits], ['A', 'y', 3])
    assert.equal((await session.upsert({ iata: 'A', visits: 9 })).city, 'y')
    assert.equal(await session.count(), 2)
    await audit(db, 'airports')
    await refuses(
      session.upsertMany([{ iata: 'C' }, { iata: 'C' }]),
      'INVALID_ARGUMENT',
      /two rows to upsert have the primary key iata = "C"/,
    )
    assert.equal(await session.get('C'), undefined)
  })
})

test('keys of several columns are objects, in any order', async () => {
  await withDatabase([seats], async (db) => {
    const session = db.table(seats)
    await session.insertMany([
      { flight: 1, row: 1, letter: 'A' },
      { flight: 1n, row: 1, letter: 'B' },
      { flight: -5, row: 2, letter: '' },
    ])
    assert.deepEqual(await session.get({ letter: 'B', row: 1, flight: 1 }), {
      flight: 1n,
      row: 1,
      letter: 'B',
      taken: false,
    })
    assert.equal((await session.update({ flight: 1, row: 1, letter: 'B' }, { taken: true })).taken, true)
    assert.equal(await session.delete({ flight: -5n, row: 2, letter: '' }), true)
    assert.deepEqual(await session.find({ where: { flight: 1 }, select: ['letter', 'taken'] }), [
      { letter: 'A', taken: false },
      { letter: 'B', taken: true },
    ])
    const untyped = db.table('seats')
    await refuses(untyped.get({ flight: 1, row: 1 }), 'INVALID_ARGUMENT', /has no value for column "letter"/)
    await refuses(
      untyped.get({ flight: 1, row: 1, letter: 'A', taken: true }),
      'INVALID_ARGUMENT',
      /column "taken" is not part of the primary key/,
    )
    await refuses(untyped.get(1), 'INVALID_ARGUMENT', /a key is 1; it must be an object/)
    await refuses(
      untyped.get({ flight: 'x', row: 1, letter: 'A' }),
      'TYPE_MISMATCH',
      /column "flight": "x" is not a 64-bit integer/,
    )
  })
})

test('a table without primary key has equal rows, in the order of their insertion', async () => {
  await withDatabase([notes], async (db) => {
    const session = db.table(notes)
    await session.insertMany([{ body: 'a' }, { body: 'b', raw: Uint8Array.of(1) }, { body: 'a' }])
    await session.insert({ body: 'a' })
    assert.deepEqual(
      (await session.find()).map(({ body }) => body),
      ['a', 'b', 'a', 'a'],
    )
    assert.equal(await session.updateWhere({ body: 'a' }, { raw: Uint8Array.of(9) }), 3)
    assert.equal(await session.deleteWhere({ raw: Uint8Array.of(1) }), 1)
    assert.equal((await audit(db, 'notes')).length, 3)
    const untyped = db.table('notes')
    await refuses(
      untyped.get(1),
      'INVALID_ARGUMENT',
      /table "notes" has no primary key: address its rows with a filter/,
    )
    await refuses(untyped.upsert({ body: 'x' }), 'INVALID_ARGUMENT', /no primary key to find rows by/)
  })
})

test('identities count, defaults are drawn for each row', async () => {
  await withDatabase([people], async (db) => {
    const session = db.table(people)
    const rows = await session.insertMany([{ name: 'a' }, { name: 'b' }, { id: 10, name: 'c' }])
    assert.deepEqual(
      rows.map(({ id }) => id),
      [11n, 12n, 10n],
    )
    assert.equal((await session.insert({})).id, 13n)
    assert.equal(new Set(rows.map(({ token }) => token)).size, 3)
    for (const { token } of rows)
      assert.match(token, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    const [upserted] = await session.upsertMany([{ name: 'd' }])
    assert.equal(upserted?.id, 14n)
    assert.equal((await session.upsert({ id: 14n, name: 'e' })).token, upserted.token)
  })
})

test('what a method is given wrongly is named, and nothing changes', async () => {
  await withDatabase([airports], async (db) => {
    const session = db.table('airports')
    await session.insert({ iata: 'A', city: 'x' })
    const before = await dump(db, 'airports')
    const bad: readonly unknown[] = [null, 5, 'x', [], new Date(0)]
    for (const value of bad) {
      await refuses(
        session.insert(value as Record<string, unknown>),
        'INVALID_ARGUMENT',
        /table "airports": the row is .*; it must be an object/,
      )
      await refuses(
        session.update('A', value as Record<string, unknown>),
        'INVALID_ARGUMENT',
        /the change is/,
      )
    }
    await refuses(
      session.insertMany({} as never),
      'INVALID_ARGUMENT',
      /rows is an object; it must be an array/,
    )
    await refuses(session.getMany('A' as never), 'INVALID_ARGUMENT', /keys is "A"; it must be an array/)
    await refuses(
      session.insertMany([{ iata: 'B' }, { iata: 'C', cty: 'x' }]),
      'INVALID_ARGUMENT',
      /has no column "cty"; did you mean "city"\?/,
    )
    await refuses(
      session.insertMany([{ iata: 'B' }, { iata: 5 }]),
      'TYPE_MISMATCH',
      /column "iata": 5 is not text/,
    )
    await refuses(
      session.insertMany([{ iata: 'B' }, { iata: 'A' }]),
      'RECORD_EXISTS',
      /a row with the primary key iata = "A" exists already/,
    )
    await refuses(session.insertMany([{ iata: 'B' }, { iata: 'B' }]), 'RECORD_EXISTS', /iata = "B"/)
    await refuses(
      session.upsert({ iata: 'A', visits: 'many' }),
      'TYPE_MISMATCH',
      /column "visits": "many" is not an integer/,
    )
    await refuses(session.get(5), 'TYPE_MISMATCH', /column "iata": 5/)
    await refuses(session.get(null), 'INVALID_ARGUMENT', /the key null has no value for column "iata"/)
    await refuses(
      session.deleteWhere(undefined as never),
      'INVALID_ARGUMENT',
      /where is undefined; pass a filter, \{\} for all rows/,
    )
    await refuses(session.updateWhere(null as never, { visits: 1 }), 'INVALID_ARGUMENT', /where is null/)
    await refuses(
      session.find({ where: { cty: 1 } }),
      'INVALID_ARGUMENT',
      /unknown field "cty"; did you mean "city"\?/,
    )
    await refuses(session.find({ orderBy: 'cty' }), 'INVALID_ARGUMENT', /did you mean "city"/)
    await refuses(session.find({ select: ['cty'] }), 'INVALID_ARGUMENT', /did you mean "city"/)
    await refuses(
      session.find({ limt: 1 } as never),
      'INVALID_ARGUMENT',
      /query\.limt .*did you mean "limit"\?/,
    )
    await refuses(session.find({ limit: -1 }), 'INVALID_ARGUMENT', /limit is -1/)
    await refuses(
      session.count({ visits: { gt: 'x' } }),
      'TYPE_MISMATCH',
      /column "visits": "x" cannot be compared/,
    )
    await refuses(
      db.table('airport').get('A'),
      'OBJECT_NOT_FOUND',
      /table "airport" does not exist; did you mean "airports"\?/,
    )
    assert.deepEqual(await dump(db, 'airports'), before)
  })
})

test('within a transaction a failed method leaves nothing, and what went before stays', async () => {
  await withDatabase([airports], async (db) => {
    await db.transaction(async (tx) => {
      const session = tx.table(airports)
      await session.insert({ iata: 'A' })
      await refuses(session.insertMany([{ iata: 'B' }, { iata: 'A' }]), 'RECORD_EXISTS', /iata = "A"/)
      assert.deepEqual(
        (await session.find()).map(({ iata }) => iata),
        ['A'],
      )
      await session.insert({ iata: 'B' })
      await session.delete('A')
      await session.insert({ iata: 'A', city: 'again' })
    })
    assert.deepEqual(await db.table(airports).find({ select: ['iata', 'city'] }), [
      { iata: 'A', city: 'again' },
      { iata: 'B', city: null },
    ])
    await audit(db, 'airports')
  })
})

test('methods read and write under every isolation level', async () => {
  await withDatabase([airports], async (db) => {
    for (const isolation of ['read-committed', 'snapshot', 'serializable'] as const) {
      const tx = await db.begin({ isolation })
      const session = tx.table(airports)
      await session.insertMany([
        { iata: 'A', city: 'x', visits: 1 },
        { iata: 'B', city: 'x', visits: 2 },
        { iata: 'C', city: 'y' },
      ])
      assert.equal(await session.updateWhere({ city: 'x', visits: { gt: 1 } }, { city: 'z' }), 1)
      assert.equal((await session.update('A', { visits: 8 })).visits, 8)
      assert.deepEqual(await session.find({ where: { city: 'x' }, select: ['iata', 'visits'] }), [
        { iata: 'A', visits: 8 },
      ])
      assert.equal(await session.count({ city: { gte: 'x' } }), 3)
      assert.equal(await session.deleteWhere({ city: { in: ['x', 'y', 'z'] } }), 3)
      await tx.commit()
      assert.equal((await audit(db, 'airports')).length, 0)
    }
  })
})

test('names may hold anything but control characters', async () => {
  const odd = table(
    'naïve "table" 🚀',
    { 'a.b': int4().primaryKey(), $c: text(), __proto__x: text(), 'x y': int4(), constructor: text() },
    { indexes: [{ columns: ['x y'] }, { columns: ['$c'] }] },
  )
  await withDatabase([odd], async (db) => {
    const session = db.table(odd.name)
    const row = { 'a.b': 1, $c: 'c', __proto__x: null, 'x y': 5, constructor: 'k' }
    assert.deepEqual(await session.insert(row), row)
    assert.deepEqual(await session.find({ where: { 'a\\.b': 1, '\\$c': 'c', constructor: 'k' } }), [row])
    assert.deepEqual(
      await session.find({ where: { 'x y': { gt: 4 } }, select: ['a\\.b', 'x y'], orderBy: 'x y' }),
      [{ 'a.b': 1, 'x y': 5 }],
    )
    assert.equal((await session.explain({ where: { '\\$c': 'c' } })).index, 'naïve "table" 🚀_$c_idx')
    assert.deepEqual(await session.get({ 'a.b': 1 }), row)
  })
})
