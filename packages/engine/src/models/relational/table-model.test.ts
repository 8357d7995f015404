import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toHex } from '@orbit-ts/base'
import type { Database } from '../../database.js'
import { bool, int4, int8, numeric, text, timestamptz, uuid, varchar } from './schema/column-types.js'
import { now, randomUuid } from './schema/column.js'
import type { TableDefinition } from './schema/table-definition.js'
import { audit, dump, refuses, withDatabase } from './table-database.test.data.js'
import { table } from './table.js'

const first = table('t', { id: int4().primaryKey(), a: text(), b: int4() })

async function stored(db: Database): Promise<{ version: number; definition: TableDefinition }> {
  const object = await db.describe('table', 't')
  return { version: object.version, definition: object.definition as TableDefinition }
}

/** A database with three rows of the first table. */
async function withRows(work: (db: Database) => Promise<void>): Promise<void> {
  await withDatabase([first], async (db) => {
    await db.table(first).insertMany([
      { id: 1, a: 'x', b: 10 },
      { id: 2, a: 'y', b: null },
      { id: 3, a: null, b: 10 },
    ])
    await work(db)
  })
}

test('the same declaration changes nothing', async () => {
  await withRows(async (db) => {
    assert.deepEqual(await db.apply([table('t', { id: int4().primaryKey(), a: text(), b: int4() })]), {
      created: [],
      changed: [],
      unchanged: ['t'],
    })
    assert.equal((await stored(db)).version, 1)
  })
})

test('new columns show their default in old rows, without a rewrite', async () => {
  await withRows(async (db) => {
    const before = await dump(db, 't')
    const wider = table(
      't',
      {
        id: int4().primaryKey(),
        c: numeric(6, 2).notNull().default(1.5),
        a: text(),
        b: int4(),
        d: bool(),
        e: text().array().notNull().default(['x']),
      },
      { checks: [{ name: 'c', where: { c: { gt: 0 } } }] },
    )
    assert.deepEqual((await db.apply([wider])).changed, ['t'])
    assert.deepEqual(await dump(db, 't'), before)
    const session = db.table(wider)
    assert.deepEqual(await session.get(2), { id: 2, c: '1.50', a: 'y', b: null, d: null, e: ['x'] })
    assert.equal(await session.count({ c: 1.5, d: null }), 3)
    // The default of new rows may change again: what old rows have stays.
    const other = table('t', {
      id: int4().primaryKey(),
      c: numeric(6, 2).notNull().default(9),
      a: text(),
      b: int4(),
      d: bool(),
      e: text().array().notNull().default(['x']),
    })
    await db.apply([other])
    await db.table(other).insert({ id: 4 })
    assert.deepEqual(
      (await db.table(other).find({ orderBy: 'id' })).map(({ c }) => c),
      ['1.50', '1.50', '1.50', '9.00'],
    )
    await db.table(other).update(1, { a: 'z' })
    assert.deepEqual((await db.table(other).get(1))?.c, '1.50')
    await db.apply([
      table(
        't',
        {
          id: int4().primaryKey(),
          c: numeric(6, 2).notNull().default(9),
          a: text(),
          b: int4(),
          d: bool(),
          e: text().array().notNull().default(['x']),
        },
        { indexes: [{ columns: ['c', 'a'] }] },
      ),
    ])
    assert.deepEqual(
      (await db.table(other).find({ where: { c: 1.5 }, orderBy: 'a' })).map(({ id }) => id),
      [2, 1, 3],
    )
    await audit(db, 't')
  })
})

test('new columns with a computed default or an identity are filled in', async () => {
  await withRows(async (db) => {
    const wider = table('t', {
      id: int4().primaryKey(),
      a: text(),
      b: int4(),
      at: timestamptz().notNull().default(now()),
      token: uuid().notNull().default(randomUuid()).unique(),
      number: int8().identity({ start: 100 }),
    })
    await db.apply([wider])
    const rows = await db.table(wider).find({ orderBy: 'id' })
    assert.deepEqual(
      rows.map(({ number }) => number),
      [100n, 101n, 102n],
    )
    assert.deepEqual(
      rows.map(({ at }) => at),
      Array(3).fill(new Date(1_700_000_000_000)),
    )
    assert.equal(new Set(rows.map(({ token }) => token)).size, 3)
    assert.equal((await db.table(wider).insert({ id: 4 })).number, 103n)
    await audit(db, 't')
  })
})

test('a NOT NULL column without default fits an empty table only', async () => {
  const stricter = table('t', { id: int4().primaryKey(), a: text(), b: int4(), c: text().notNull() })
  await withRows(async (db) => {
    await refuses(
      db.apply([stricter]),
      'NOT_NULL_VIOLATION',
      /table "t": column "c" must not be null in the row with id = 1/,
    )
    await refuses(
      db.apply([table('t', { id: int4().primaryKey(), a: text(), b: int4().notNull() })]),
      'NOT_NULL_VIOLATION',
      /column "b" .* id = 2/,
    )
    assert.equal((await stored(db)).version, 1)
    await db.table('t').deleteWhere({})
    await db.apply([stricter])
    assert.equal((await stored(db)).version, 2)
    // Loosened again.
    await db.apply([first])
    await db.table(first).insert({ id: 1 })
  })
})

test('dropped columns are gone, and come back empty', async () => {
  await withRows(async (db) => {
    await db.apply([table('t', { id: int4().primaryKey(), a: text() })])
    assert.deepEqual(await db.table('t').get(1), { id: 1, a: 'x' })
    await refuses(db.table('t').find({ where: { b: 10 } }), 'INVALID_ARGUMENT', /unknown field "b"/)
    await db.apply([first])
    assert.deepEqual(await db.table('t').get(1), { id: 1, a: 'x', b: null })
    assert.deepEqual(
      (await stored(db)).definition.columns.map(({ id }) => id),
      [1, 2, 4],
    )
  })
})

test('renamed columns keep their data, indexes and checks', async () => {
  const named = table(
    't',
    { id: int4().primaryKey(), a: text(), b: int4() },
    { indexes: [{ columns: ['b'], where: { b: { gt: 5 } } }], checks: [{ where: { b: { gt: 0 } } }] },
  )
  await withDatabase([named], async (db) => {
    await db.table(named).insertMany([{ id: 1, a: 'x', b: 10 }])
    const before = await dump(db, 't')
    const columns = {
      id: int4().primaryKey().renamedFrom('id'),
      label: text().renamedFrom('a'),
      size: int4().renamedFrom('b'),
    }
    const renamed = table('t', columns, {
      indexes: [{ columns: ['size'], where: { size: { gt: 5 } } }],
      checks: [{ where: { size: { gt: 0 } } }],
    })
    await db.apply([renamed])
    assert.deepEqual(await dump(db, 't'), before)
    assert.deepEqual(await db.table(renamed).get(1), { id: 1, label: 'x', size: 10 })
    assert.equal((await db.table(renamed).explain({ where: { size: 10 } })).index, 't_size_idx')
    await refuses(db.table(renamed).insert({ id: 2, size: 0 }), 'CHECK_VIOLATION', /./)
    const { version } = await stored(db)
    await db.apply([renamed])
    assert.equal((await stored(db)).version, version)
    // The key may be renamed too.
    await db.apply([table('t', { key: int4().primaryKey().renamedFrom('id'), label: text(), size: int4() })])
    assert.deepEqual(await db.table('t').get(1), { key: 1, label: 'x', size: 10 })
    await audit(db, 't')
  })
})

test('indexes are built over old rows and removed with all their entries', async () => {
  await withRows(async (db) => {
    const indexed = table(
      't',
      { id: int4().primaryKey(), a: text().unique(), b: int4() },
      {
        indexes: [
          { name: 'by_b', columns: [{ column: 'b', direction: 'desc' }, 'a'] },
          { name: 'some', columns: ['b'], where: { a: { isNull: false } } },
        ],
      },
    )
    await db.apply([indexed])
    assert.equal((await dump(db, 't')).length, 3 + 3 + 3 + 2)
    await audit(db, 't')
    assert.deepEqual(await db.table(indexed).find({ where: { b: 10 }, orderBy: 'a', select: ['id'] }), [
      { id: 1 },
      { id: 3 },
    ])
    await refuses(db.table(indexed).insert({ id: 4, a: 'x' }), 'UNIQUE_VIOLATION', /"t_a_key"/)
    // Another condition is another index.
    const changed = table(
      't',
      { id: int4().primaryKey(), a: text(), b: int4() },
      { indexes: [{ name: 'some', columns: ['b'], where: { a: null } }] },
    )
    await db.apply([changed])
    assert.equal((await dump(db, 't')).length, 3 + 1)
    assert.deepEqual(
      (await stored(db)).definition.indexes.map(({ id, name }) => [id, name]),
      [[4, 'some']],
    )
    await audit(db, 't')
    await db.apply([first])
    assert.equal((await dump(db, 't')).length, 3)
  })
})

test('a unique index, a check or a foreign key that the rows break is refused, and nothing changes', async () => {
  const other = table('other', { id: int4().primaryKey() })
  await withRows(async (db) => {
    await db.apply([other])
    await db.table(other).insert({ id: 10 })
    const before = await dump(db, 't')
    const columns = { id: int4().primaryKey(), a: text(), b: int4() }
    await refuses(
      db.apply([table('t', { ...columns, b: int4().unique() })]),
      'UNIQUE_VIOLATION',
      /unique index "t_b_key" has b = 10 already/,
    )
    await refuses(
      db.apply([table('t', columns, { checks: [{ name: 'ten', where: { b: { ne: 10 } } }] })]),
      'CHECK_VIOLATION',
      /check "ten" .* id = 1/,
    )
    await refuses(
      db.apply([table('t', { ...columns, id: int4().primaryKey().references('other') })]),
      'FOREIGN_KEY_VIOLATION',
      /id = 1 is not in table "other"/,
    )
    assert.deepEqual(await dump(db, 't'), before)
    assert.equal((await stored(db)).version, 1)
    // One that they keep is added, works, and is dropped.
    const bound = table('t', { ...columns, b: int4().references('other', 'id', { onDelete: 'cascade' }) })
    await db.apply([bound])
    await refuses(db.table(bound).insert({ id: 4, b: 11 }), 'FOREIGN_KEY_VIOLATION', /b = 11/)
    await db.table(other).delete(10)
    assert.deepEqual(
      (await db.table(bound).find()).map(({ id }) => id),
      [2],
    )
    await audit(db, 't')
    await db.apply([first])
    await db.table(first).insert({ id: 4, b: 11 })
    assert.deepEqual((await stored(db)).definition.indexes, [])
  })
})

test('changes that would reinterpret what is stored are refused', async () => {
  await withRows(async (db) => {
    const refused: [ReturnType<typeof table>, RegExp][] = [
      [
        table('t', { id: int4().primaryKey(), a: varchar(5), b: int4() }),
        /table "t": column "a" is stored as text and declared as varchar\(5\); types cannot be changed/,
      ],
      [
        table('t', { id: int8().primaryKey(), a: text(), b: int4() }),
        /column "id" is stored as int4 and declared as int8/,
      ],
      [
        table('t', { id: int4(), a: text(), b: int4() }),
        /the primary key is stored as \(id\) and declared as \(none\)/,
      ],
      [
        table('t', { id: int4(), a: text(), b: int4() }, { primaryKey: ['id', 'b'] }),
        /the primary key is stored as \(id\) and declared as \(id, b\)/,
      ],
    ]
    for (const [schema, message] of refused) await refuses(db.apply([schema]), 'SCHEMA_MISMATCH', message)
    await refuses(
      db.apply([table('t', { id: int4().primaryKey() }, { indexes: [{ columns: ['b'] as never }] })]),
      'SCHEMA_INVALID',
      /names the column "b", which does not exist/,
    )
    assert.equal((await stored(db)).version, 1)
  })
})

test('what other tables refer to cannot be taken from them', async () => {
  const parent = table('parent', { id: int4().primaryKey(), code: text().unique() })
  const child = table('child', {
    id: int4().primaryKey(),
    code: text().references(parent, 'code'),
    parent: int4().references(parent),
  })
  await withDatabase([parent, child], async (db) => {
    await refuses(
      db.apply([table('parent', { id: int4().primaryKey(), code: text() })]),
      'SCHEMA_MISMATCH',
      /table "parent": the change would break a foreign key of another table: .*child/,
    )
    await refuses(
      db.apply([table('parent', { id: int4().primaryKey(), kode: text().unique().renamedFrom('code') })]),
      'SCHEMA_MISMATCH',
      /refers to column "code", which table "parent" does not have/,
    )
    // The primary key is referred to without a name here, so its column may be renamed.
    await db.apply([table('parent', { key: int4().primaryKey().renamedFrom('id'), code: text().unique() })])
    const error = await refuses(
      db.drop('table', 'parent'),
      'FOREIGN_KEY_VIOLATION',
      /table "parent" cannot be dropped: table "child" refers to it \(foreign key "child_code_fkey"\)/,
    )
    assert.equal(error.details['referrer'], 'child')
    await db.drop('table', 'child')
    await db.drop('table', 'parent')
    assert.deepEqual(await db.objects('table'), [])
  })
})

test('a dropped table leaves nothing in the store, not even its sequences', async () => {
  const t = table('t', {
    id: int8().identity().primaryKey(),
    next: int8().references('t'),
    a: text().unique(),
  })
  await withDatabase([], async (db) => {
    const all = async (): Promise<string[]> => {
      const keys: string[] = []
      await using snapshot = await db.storage.snapshot()
      for await (const chunk of snapshot.scan({})) keys.push(...chunk.map(({ key }) => toHex(key)))
      return keys
    }
    await db.apply([table('other', { id: int4().primaryKey() })])
    const before = await all()
    await db.apply([t])
    await db.table(t).insertMany([{ a: 'x' }, { a: 'y', next: 1 }])
    assert((await all()).length > before.length + 4)
    await db.drop('table', 't')
    assert.deepEqual(await all(), before)
  })
})

test('tables made and used in one transaction see each other', async () => {
  await withDatabase([], async (db) => {
    const parent = table('parent', { id: int4().primaryKey() })
    const child = table('child', {
      id: int4().primaryKey(),
      parent: int4().references(parent, 'id', { onDelete: 'cascade' }),
    })
    assert.deepEqual(await db.apply([parent, child, parent]), {
      created: ['parent', 'child'],
      changed: [],
      unchanged: ['parent'],
    })
    await db.table(parent).insert({ id: 1 })
    await db.table(child).insert({ id: 1, parent: 1 })
    await db.table(parent).delete(1)
    assert.equal(await db.table(child).count(), 0)
  })
})
