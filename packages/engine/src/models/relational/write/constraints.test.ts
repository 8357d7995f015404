import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestEnv } from '@orbit-ts/base'
import { openDatabase } from '../../../database.js'
import {
  char,
  date,
  float8,
  int2,
  int4,
  jsonb,
  numeric,
  text,
  timestamp,
  uuid,
  varchar,
} from '../schema/column-types.js'
import { audit, dump, openStore, refuses, withDatabase } from '../table-database.test.data.js'
import { table } from '../table.js'

test('NOT NULL holds for inserts and changes', async () => {
  const t = table('t', {
    id: int4().primaryKey(),
    name: text().notNull(),
    note: text().notNull().default('-'),
  })
  await withDatabase([t], async (db) => {
    const session = db.table('t')
    const error = await refuses(
      session.insert({ id: 1 }),
      'NOT_NULL_VIOLATION',
      /table "t": column "name" must not be null in the row with id = 1/,
    )
    assert.deepEqual(error.details, { model: 'table', object: 't', column: 'name', key: { id: 1 } })
    await refuses(session.insert({ id: 1, name: 'a', note: null }), 'NOT_NULL_VIOLATION', /column "note"/)
    await refuses(session.insert({ name: 'a' }), 'NOT_NULL_VIOLATION', /column "id" must not be null/)
    await session.insert({ id: 1, name: 'a' })
    const before = await dump(db, 't')
    await refuses(session.update(1, { name: null }), 'NOT_NULL_VIOLATION', /column "name"/)
    await refuses(session.updateWhere({}, { note: null }), 'NOT_NULL_VIOLATION', /column "note"/)
    await refuses(session.upsert({ id: 1, name: null }), 'NOT_NULL_VIOLATION', /column "name"/)
    assert.deepEqual(await dump(db, 't'), before)
  })
})

test('CHECK passes what is true or unknown, and refuses what is false', async () => {
  const t = table(
    't',
    { id: int4().primaryKey(), low: numeric(6, 2), high: int4(), kind: text(), born: date(), extra: jsonb() },
    {
      checks: [
        { name: 'range', where: { low: { gte: '0.5' }, high: { lt: 100 } } },
        { name: 'kinds', where: { $or: [{ kind: { in: ['a', 'b'] } }, { kind: { startsWith: 'x-' } }] } },
        { name: 'recent', where: { born: { gte: '2000-01-01' } } },
        { where: { 'extra.size': { gt: 1 } } },
      ],
    },
  )
  await withDatabase([t], async (db) => {
    const session = db.table('t')
    await session.insertMany([
      { id: 1 },
      { id: 2, low: 0.5, high: 99, kind: 'a', born: '2000-01-01', extra: { size: 2 } },
      { id: 3, low: null, high: 5, kind: 'x-1', extra: { other: 1 } },
    ])
    const before = await dump(db, 't')
    const error = await refuses(
      session.insert({ id: 4, low: 0.49 }),
      'CHECK_VIOLATION',
      /table "t": check "range" does not hold for low = "0.49", high = null in the row with id = 4/,
    )
    assert.deepEqual(error.details, {
      model: 'table',
      object: 't',
      constraint: 'range',
      values: { low: '0.49', high: null },
      key: { id: 4 },
    })
    // One condition is unknown, the other false: the whole is false.
    await refuses(session.insert({ id: 4, high: 100 }), 'CHECK_VIOLATION', /check "range"/)
    await refuses(session.insert({ id: 4, kind: 'c' }), 'CHECK_VIOLATION', /check "kinds"/)
    await refuses(session.insert({ id: 4, born: '1999-12-31' }), 'CHECK_VIOLATION', /check "recent"/)
    await refuses(session.insert({ id: 4, extra: { size: 1 } }), 'CHECK_VIOLATION', /check "t_check"/)
    await refuses(session.update(2, { high: 100 }), 'CHECK_VIOLATION', /with id = 2/)
    await refuses(session.updateWhere({}, { kind: 'c' }), 'CHECK_VIOLATION', /check "kinds"/)
    assert.deepEqual(await dump(db, 't'), before)
  })
})

test('unique indexes refuse equal values, and nulls are equal to nothing', async () => {
  const t = table(
    't',
    { id: int4().primaryKey(), a: int4(), b: text() },
    { indexes: [{ name: 'ab', columns: ['a', { column: 'b', direction: 'desc' }], unique: true }] },
  )
  await withDatabase([t], async (db) => {
    const session = db.table('t')
    await session.insertMany([
      { id: 1, a: 1, b: 'x' },
      { id: 2, a: 1, b: null },
      { id: 3, a: 1, b: null },
      { id: 4, a: null, b: 'x' },
      { id: 5, a: null, b: 'x' },
      { id: 6, a: 1, b: '' },
    ])
    const before = await dump(db, 't')
    const error = await refuses(
      session.insert({ id: 7, a: 1, b: 'x' }),
      'UNIQUE_VIOLATION',
      /table "t": unique index "ab" has a = 1, b = "x" already/,
    )
    assert.deepEqual(error.details, {
      model: 'table',
      object: 't',
      constraint: 'ab',
      values: { a: 1, b: 'x' },
    })
    await refuses(
      session.insertMany([
        { id: 7, a: 2, b: 'y' },
        { id: 8, a: 2, b: 'y' },
      ]),
      'UNIQUE_VIOLATION',
      /a = 2, b = "y"/,
    )
    await refuses(session.update(2, { b: 'x' }), 'UNIQUE_VIOLATION', /"ab"/)
    await refuses(session.updateWhere({ id: { in: [4, 5] } }, { a: 3 }), 'UNIQUE_VIOLATION', /a = 3, b = "x"/)
    await refuses(session.upsert({ id: 9, a: 1, b: '' }), 'UNIQUE_VIOLATION', /b = ""/)
    assert.deepEqual(await dump(db, 't'), before)
    await session.update(1, { a: 1, b: 'x' })
    await session.delete(1)
    await session.insert({ id: 7, a: 1, b: 'x' })
    await audit(db, 't')
  })
})

test('with NULLS NOT DISTINCT nulls are equal', async () => {
  const t = table(
    't',
    { id: int4().primaryKey(), a: int4(), b: int4() },
    { indexes: [{ name: 'ab', columns: ['a', 'b'], unique: true, nullsNotDistinct: true }] },
  )
  await withDatabase([t], async (db) => {
    const session = db.table(t)
    await session.insertMany([{ id: 1 }, { id: 2, a: 1 }, { id: 3, b: 1 }])
    await refuses(
      session.insert({ id: 4, a: null, b: null }),
      'UNIQUE_VIOLATION',
      /unique index "ab" has a = null, b = null already/,
    )
    await refuses(session.update(3, { b: null }), 'UNIQUE_VIOLATION', /"ab"/)
    assert.deepEqual(await session.find({ where: { a: null, b: null }, select: ['id'] }), [{ id: 1 }])
    assert.deepEqual(
      await session.find({ where: { a: { in: [1, null] }, b: null }, select: ['id'], orderBy: 'id' }),
      [{ id: 1 }, { id: 2 }],
    )
    await audit(db, 't')
  })
})

test('a partial unique index is about the rows that meet its condition', async () => {
  const t = table(
    't',
    { id: int4().primaryKey(), mail: text(), gone: timestamp() },
    { indexes: [{ name: 'live', columns: ['mail'], unique: true, where: { gone: null } }] },
  )
  await withDatabase([t], async (db) => {
    const session = db.table(t)
    await session.insertMany([
      { id: 1, mail: 'a' },
      { id: 2, mail: 'a', gone: new Date(0) },
      { id: 3, mail: 'a', gone: new Date(1) },
    ])
    await refuses(
      session.insert({ id: 4, mail: 'a' }),
      'UNIQUE_VIOLATION',
      /unique index "live" has mail = "a" already/,
    )
    await refuses(session.update(2, { gone: null }), 'UNIQUE_VIOLATION', /"live"/)
    await session.update(1, { gone: new Date(2) })
    await session.update(2, { gone: null })
    assert.deepEqual(await session.find({ where: { mail: 'a', gone: null }, select: ['id'] }), [{ id: 2 }])
    assert.equal((await session.explain({ where: { mail: 'a', gone: null } })).index, 'live')
    assert.equal((await session.explain({ where: { mail: 'a' } })).index, undefined)
    await audit(db, 't')
  })
})

test('many rows may change places in unique indexes and keys', async () => {
  const t = table('t', { id: int4().primaryKey(), place: int4().notNull().unique() })
  await withDatabase([t], async (db) => {
    const session = db.table(t)
    await session.insertMany([
      { id: 1, place: 10 },
      { id: 2, place: 20 },
    ])
    await session.upsertMany([
      { id: 1, place: 20 },
      { id: 2, place: 10 },
    ])
    assert.deepEqual(await session.find(), [
      { id: 1, place: 20 },
      { id: 2, place: 10 },
    ])
    await refuses(session.updateWhere({}, { id: 5 }), 'RECORD_EXISTS', /id = 5/)
    await audit(db, 't')
  })
})

test('primary keys of every sortable type identify rows by value', async () => {
  const cases: [ReturnType<typeof table>, unknown, unknown][] = [
    [table('t', { k: numeric().primaryKey() }), '1.50', '1.5'],
    [table('t', { k: numeric(8, 2).primaryKey() }), 1.5, '1.500'],
    [table('t', { k: float8().primaryKey() }), -0, 0],
    [table('t', { k: int2().primaryKey() }), -5, '-5'],
    [table('t', { k: char(4).primaryKey() }), 'a', 'a   '],
    [table('t', { k: varchar(4).primaryKey() }), '', ''],
    [table('t', { k: date().primaryKey() }), '2024-05-01', new Date('2024-05-01T23:00:00Z')],
    [table('t', { k: timestamp().primaryKey() }), new Date(-1), '1969-12-31T23:59:59.999'],
    [
      table('t', { k: uuid().primaryKey() }),
      'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11',
      'a0eebc999c0b4ef8bb6d6bb9bd380a11',
    ],
  ]
  for (const [t, key, same] of cases) {
    await withDatabase([t], async (db) => {
      const session = db.table('t')
      const row = await session.insert({ k: key })
      await refuses(session.insert({ k: same }), 'RECORD_EXISTS', /a row with the primary key k = /)
      assert.deepEqual(await session.get(same), row)
      assert.deepEqual(await session.find({ where: { k: same } }), [row])
      assert.equal(await session.delete(same), true)
      assert.equal((await audit(db, 't')).length, 0)
    })
  }
})

test('what the key holds less of is kept in the row', async () => {
  const t = table('t', { k: numeric().primaryKey(), f: float8().unique() })
  await withDatabase([t], async (db) => {
    const session = db.table(t)
    await session.insert({ k: '1.500', f: -0 })
    assert.deepEqual(await session.get('1.5'), { k: '1.500', f: -0 })
    assert.deepEqual(await session.find({ where: { f: 0 } }), [{ k: '1.500', f: -0 }])
    await refuses(session.insert({ k: 2, f: 0 }), 'UNIQUE_VIOLATION', /f = 0/)
    // Another scale is a change of the value, not of the key.
    assert.deepEqual(await session.update('1.5', { k: '1.5' }), { k: '1.5', f: -0 })
    assert.equal((await audit(db, 't')).length, 1)
  })
})

test('numbers of an identity that overflow their column are refused', async () => {
  const t = table('t', { id: int2().identity({ start: 32767 }).primaryKey() })
  await withDatabase([t], async (db) => {
    const session = db.table(t)
    assert.deepEqual(await session.insert({}), { id: 32767 })
    await refuses(
      session.insert({}),
      'TYPE_MISMATCH',
      /column "id": 32768 is not an integer from -32768 to 32767/,
    )
  })
})

test('an identity may count down, and goes on after the numbers that were given', async () => {
  const t = table('t', { id: int4().identity({ start: -1, increment: -2 }).primaryKey() })
  await withDatabase([t], async (db) => {
    const session = db.table(t)
    assert.deepEqual(await session.insertMany([{}, {}]), [{ id: -1 }, { id: -3 }])
    await session.insert({ id: -8 })
    await session.insert({ id: 100 })
    assert.deepEqual(await session.insert({}), { id: -9 })
  })
})

test('keys too large for a handle or for the store are refused and leave nothing', async () => {
  const storage = await openStore()
  try {
    const t = table('t', { id: text().primaryKey(), other: text() }, { indexes: [{ columns: ['other'] }] })
    const db = await openDatabase({ storage, schema: [t], env: new TestEnv() })
    const session = db.table(t)
    await refuses(
      session.insertMany([{ id: 'a' }, { id: 'x'.repeat(70_000) }]),
      'KEY_TOO_LARGE',
      /table "t": a primary key of/,
    )
    const huge = 'x'.repeat(storage.capabilities.keySizeMaxBytes)
    await refuses(session.insertMany([{ id: 'a' }, { id: 'b', other: huge }]), 'KEY_TOO_LARGE', /table "t": /)
    assert.equal(await session.count(), 0)
    assert.deepEqual(await dump(db, 't'), [])
  } finally {
    await storage.close()
  }
})
