import assert from 'node:assert/strict'
import { test } from 'node:test'
import { int4, int8, text, varchar } from '../schema/column-types.js'
import type { ReferenceOptions } from '../schema/table-input.js'
import { audit, dump, refuses, withDatabase } from '../table-database.test.data.js'
import type { Database } from '../../../database.js'
import { table } from '../table.js'

const states = table('states', { code: varchar(2).primaryKey(), name: text().unique(), population: int8() })

const cities = (options: ReferenceOptions = {}): ReturnType<typeof table> =>
  table('cities', {
    id: int4().primaryKey(),
    state: text().default('??').references(states, 'code', options),
    note: text(),
  })

async function all(db: Database, name: string): Promise<Record<string, unknown>[]> {
  await audit(db, name)
  return db.table(name).find({ orderBy: 'id' })
}

async function withStates(options: ReferenceOptions, work: (db: Database) => Promise<void>): Promise<void> {
  await withDatabase([states, cities(options)], async (db) => {
    await db.table(states).insertMany([{ code: 'CA', name: 'California' }, { code: 'TX' }, { code: '??' }])
    await db.table('cities').insertMany([
      { id: 1, state: 'CA' },
      { id: 2, state: 'CA' },
      { id: 3, state: null },
      { id: 4, state: 'TX' },
    ])
    await work(db)
  })
}

test('a row must refer to one that is there, or to nothing', async () => {
  await withStates({}, async (db) => {
    const before = await dump(db, 'cities')
    const session = db.table('cities')
    const error = await refuses(
      session.insert({ id: 5, state: 'NY' }),
      'FOREIGN_KEY_VIOLATION',
      /table "cities": foreign key "cities_state_fkey": state = "NY" is not in table "states"/,
    )
    assert.deepEqual(error.details, {
      model: 'table',
      object: 'cities',
      constraint: 'cities_state_fkey',
      references: 'states',
      values: { state: 'NY' },
    })
    await refuses(
      session.insertMany([
        { id: 5, state: 'CA' },
        { id: 6, state: 'NY' },
      ]),
      'FOREIGN_KEY_VIOLATION',
      /"NY"/,
    )
    await refuses(session.update(1, { state: 'NY' }), 'FOREIGN_KEY_VIOLATION', /"NY"/)
    await refuses(session.updateWhere({}, { state: 'CAL' }), 'FOREIGN_KEY_VIOLATION', /"CAL"/)
    await refuses(session.upsert({ id: 1, state: 'NY' }), 'FOREIGN_KEY_VIOLATION', /"NY"/)
    assert.deepEqual(await dump(db, 'cities'), before)
    await session.update(1, { state: 'TX' })
    await session.update(4, { state: null })
    await session.insert({ id: 5 })
    assert.deepEqual(
      (await all(db, 'cities')).map(({ state }) => state),
      ['TX', 'CA', null, null, '??'],
    )
  })
})

for (const action of ['no action', 'restrict'] as const) {
  test(`${action}: a row that is referred to stays, with its key`, async () => {
    await withStates({ onDelete: action, onUpdate: action }, async (db) => {
      const session = db.table(states)
      const before = await dump(db, 'states')
      const error = await refuses(
        session.delete('CA'),
        'FOREIGN_KEY_VIOLATION',
        /table "states": the row with code = "CA" is still referred to by table "cities" \(foreign key "cities_state_fkey"\)/,
      )
      assert.deepEqual(error.details, {
        model: 'table',
        object: 'states',
        constraint: 'cities_state_fkey',
        referrer: 'cities',
        values: { code: 'CA' },
      })
      await refuses(session.deleteWhere({}), 'FOREIGN_KEY_VIOLATION', /still referred to/)
      await refuses(
        session.update('CA', { code: 'CC' }),
        'FOREIGN_KEY_VIOLATION',
        /code = "CA" is still referred to/,
      )
      assert.deepEqual(await dump(db, 'states'), before)
      await session.update('CA', { code: 'CA', population: 39_000_000, name: 'Golden State' })
      assert.equal(await session.delete('??'), true)
      await db.table('cities').deleteWhere({ state: 'CA' })
      assert.equal(await session.delete('CA'), true)
      await audit(db, 'states')
    })
  })
}

test('cascade: rows go and change with the one that they refer to', async () => {
  await withStates({ onDelete: 'cascade', onUpdate: 'cascade' }, async (db) => {
    await db.table(states).update('CA', { code: 'CC' })
    assert.deepEqual(
      (await all(db, 'cities')).map(({ id, state }) => [id, state]),
      [
        [1, 'CC'],
        [2, 'CC'],
        [3, null],
        [4, 'TX'],
      ],
    )
    await db.table(states).deleteWhere({ code: { in: ['CC', 'TX'] } })
    assert.deepEqual(
      (await all(db, 'cities')).map(({ id }) => id),
      [3],
    )
  })
})

test('set null and set default: rows refer to nothing, or to the default', async () => {
  await withStates({ onDelete: 'set null', onUpdate: 'set default' }, async (db) => {
    await db.table(states).update('CA', { code: 'CC' })
    assert.deepEqual(
      (await all(db, 'cities')).map(({ state }) => state),
      ['??', '??', null, 'TX'],
    )
    await db.table(states).delete('TX')
    assert.deepEqual(
      (await all(db, 'cities')).map(({ state }) => state),
      ['??', '??', null, null],
    )
    // The default itself would be missing.
    await refuses(
      db.table(states).update('??', { code: '!!' }),
      'FOREIGN_KEY_VIOLATION',
      /state = "\?\?" is not in table "states"/,
    )
    assert.deepEqual(
      (await all(db, 'cities')).map(({ state }) => state),
      ['??', '??', null, null],
    )
  })
})

test('what an action does is checked as any change', async () => {
  const parent = table('parent', { id: text().primaryKey() })
  const child = table(
    'child',
    {
      id: int4().primaryKey(),
      parent: varchar(3).references(parent, 'id', { onUpdate: 'cascade', onDelete: 'set null' }),
    },
    {
      checks: [
        { name: 'short', where: { parent: { ne: 'bad' }, $not: { parent: { isNull: true }, id: 2 } } },
      ],
    },
  )
  await withDatabase([parent, child], async (db) => {
    await db.table(parent).insertMany([{ id: 'a' }, { id: 'b' }])
    await db.table(child).insertMany([
      { id: 1, parent: 'a' },
      { id: 2, parent: 'b' },
    ])
    await refuses(
      db.table(parent).update('a', { id: 'bad' }),
      'CHECK_VIOLATION',
      /table "child": check "short"/,
    )
    await refuses(
      db.table(parent).update('a', { id: 'long' }),
      'TYPE_MISMATCH',
      /table "child": column "parent": "long" is not text of at most 3/,
    )
    await refuses(db.table(parent).delete('b'), 'CHECK_VIOLATION', /id = 2/)
    assert.equal(await db.table(parent).count(), 2)
    await db.table(parent).update('a', { id: 'ok' })
    assert.equal((await db.table(child).get(1))?.parent, 'ok')
  })
})

test('a foreign key may refer to a unique index, with its columns in any order', async () => {
  const parent = table(
    'parent',
    { id: int4().primaryKey(), a: int4(), b: text() },
    { indexes: [{ columns: [{ column: 'a', direction: 'desc' }, 'b'], unique: true }] },
  )
  const child = table(
    'child',
    { id: int4().primaryKey(), x: text(), y: int8() },
    {
      foreignKeys: [
        {
          name: 'xy',
          columns: ['x', 'y'],
          references: { table: parent, columns: ['b', 'a'] },
          onUpdate: 'cascade',
        },
      ],
    },
  )
  await withDatabase([parent, child], async (db) => {
    await db.table(parent).insertMany([
      { id: 1, a: 1, b: 'p' },
      { id: 2, a: null, b: 'q' },
    ])
    await db.table(child).insertMany([
      { id: 1, x: 'p', y: 1 },
      { id: 2, x: 'nope' },
      { id: 3, y: 7 },
    ])
    await refuses(
      db.table(child).insert({ id: 4, x: 'q', y: 1 }),
      'FOREIGN_KEY_VIOLATION',
      /foreign key "xy": x = "q", y = 1 is not in table "parent"/,
    )
    await db.table(parent).update(1, { id: 9 })
    await db.table(parent).update(9, { a: 5 })
    assert.deepEqual(await db.table(child).get(1), { id: 1, x: 'p', y: 5n })
    await db.table(parent).delete(2)
    await refuses(db.table(parent).delete(9), 'FOREIGN_KEY_VIOLATION', /b = "p", a = 5 is still referred to/)
    await audit(db, 'parent')
    await audit(db, 'child')
  })
})

test('rows of one table refer to each other, in cycles and to themselves', async () => {
  const people = table('people', {
    id: int4().primaryKey(),
    boss: int4().references('people', 'id', { onDelete: 'cascade', onUpdate: 'cascade' }),
    twin: int4().references('people', 'id', { onDelete: 'set null' }),
  })
  await withDatabase([people], async (db) => {
    const session = db.table(people)
    // Later rows of one statement may be referred to by earlier ones.
    await session.insertMany([
      { id: 1, boss: 1 },
      { id: 2, boss: 3 },
      { id: 3, boss: 2, twin: 1 },
      { id: 4, boss: 1, twin: 3 },
      { id: 5 },
    ])
    await refuses(session.insert({ id: 6, boss: 7 }), 'FOREIGN_KEY_VIOLATION', /boss = 7/)
    assert.deepEqual(await session.insert({ id: 6, boss: 6 }), { id: 6, boss: 6, twin: null })
    await session.update(2, { id: 20 })
    assert.equal((await session.get(3))?.boss, 20)
    assert.equal(await session.delete(20), true)
    assert.deepEqual(
      (await all(db, 'people')).map(({ id, twin }) => [id, twin]),
      [
        [1, null],
        [4, null],
        [5, null],
        [6, null],
      ],
    )
    assert.equal(await session.delete(1), true)
    assert.deepEqual(
      (await all(db, 'people')).map(({ id }) => id),
      [5, 6],
    )
  })
})

test('a long chain cascades to its end, and a cycle of tables ends too', async () => {
  const chain = table('chain', {
    id: int4().primaryKey(),
    next: int4().references('chain', 'id', { onDelete: 'cascade' }),
  })
  await withDatabase([chain], async (db) => {
    await db
      .table(chain)
      .insertMany(Array.from({ length: 300 }, (_, i) => ({ id: i, next: i === 0 ? 299 : i - 1 })))
    assert.equal(await db.table(chain).delete(150), true)
    assert.deepEqual(await all(db, 'chain'), [])
  })
})

test('no action lets a later step of the same statement mend what is broken, restrict does not', async () => {
  for (const action of ['no action', 'restrict'] as const) {
    const tree = table('tree', {
      id: int4().primaryKey(),
      parent: int4().references('tree', 'id', { onDelete: action }),
    })
    await withDatabase([tree], async (db) => {
      const session = db.table(tree)
      await session.insertMany([{ id: 1 }, { id: 2, parent: 1 }, { id: 3, parent: 2 }])
      await refuses(
        session.deleteWhere({ id: { lt: 3 } }),
        'FOREIGN_KEY_VIOLATION',
        /id = 2 is still referred to/,
      )
      assert.equal(await session.deleteWhere({}), 3)
    })
  }
})

test('a key that another row takes over may be referred to all along', async () => {
  await withStates({}, async (db) => {
    await db.table(states).upsertMany([
      { code: 'CA', name: 'x' },
      { code: 'TX', name: 'California' },
    ])
    await db.table('states').updateWhere({ code: 'TX' }, { name: null })
    const swap = table('swap', { id: int4().primaryKey(), key: int4().notNull().unique() })
    const user = table('user', { id: int4().primaryKey(), key: int4().references(swap, 'key') })
    await db.apply([swap, user])
    await db.table(swap).insertMany([
      { id: 1, key: 10 },
      { id: 2, key: 20 },
    ])
    await db.table(user).insertMany([
      { id: 1, key: 10 },
      { id: 2, key: 20 },
    ])
    await db.table(swap).upsertMany([
      { id: 1, key: 20 },
      { id: 2, key: 10 },
    ])
    await refuses(
      db.table(swap).upsertMany([
        { id: 1, key: 30 },
        { id: 2, key: 20 },
      ]),
      'FOREIGN_KEY_VIOLATION',
      /key = 10 is still referred to/,
    )
  })
})

test('several tables and keys are looked after at once', async () => {
  const a = table('a', { id: int4().primaryKey() })
  const b = table('b', { id: int4().primaryKey(), a: int4().references(a, 'id', { onDelete: 'cascade' }) })
  const c = table('c', {
    id: int4().primaryKey(),
    b: int4().references(b, 'id', { onDelete: 'cascade' }),
    a: int4().references(a, 'id', { onDelete: 'set null' }),
  })
  const d = table('d', { id: int4().primaryKey(), c: int4().references(c, 'id') })
  await withDatabase([a, b, c, d], async (db) => {
    await db.table(a).insertMany([{ id: 1 }, { id: 2 }])
    await db.table(b).insertMany([
      { id: 1, a: 1 },
      { id: 2, a: 2 },
    ])
    await db.table(c).insertMany([
      { id: 1, b: 1, a: 2 },
      { id: 2, b: 2, a: 1 },
      { id: 3, a: 1 },
    ])
    await db.table(d).insert({ id: 1, c: 1 })
    const before = await Promise.all(['a', 'b', 'c', 'd'].map((name) => dump(db, name)))
    await refuses(
      db.table(a).delete(1),
      'FOREIGN_KEY_VIOLATION',
      /table "c": the row with id = 1 is still referred to by table "d"/,
    )
    assert.deepEqual(await Promise.all(['a', 'b', 'c', 'd'].map((name) => dump(db, name))), before)
    await db.table(d).delete(1)
    await db.table(a).delete(1)
    assert.deepEqual(await all(db, 'b'), [{ id: 2, a: 2 }])
    assert.deepEqual(await all(db, 'c'), [
      { id: 2, b: 2, a: null },
      { id: 3, b: null, a: null },
    ])
  })
})

test('deferred: only what holds at the commit counts', async () => {
  const egg = table(
    'egg',
    { id: int4().primaryKey(), hen: int4() },
    { foreignKeys: [{ name: 'laid', columns: ['hen'], references: { table: 'egg' }, deferred: true }] },
  )
  await withDatabase([egg], async (db) => {
    await db.transaction(async (tx) => {
      const session = tx.table(egg)
      await session.insert({ id: 1, hen: 2 })
      await session.insert({ id: 3, hen: 4 })
      await session.insert({ id: 2, hen: 1 })
      await session.update(3, { hen: null })
      const savepoint = tx.savepoint()
      await session.insert({ id: 5, hen: 50 })
      tx.rollbackTo(savepoint)
      await session.insert({ id: 6, hen: 60 })
      await session.delete(6)
    })
    assert.deepEqual(
      (await all(db, 'egg')).map(({ id, hen }) => [id, hen]),
      [
        [1, 2],
        [2, 1],
        [3, null],
      ],
    )
    await refuses(
      db.transaction((tx) => tx.table(egg).insert({ id: 7, hen: 70 })),
      'FOREIGN_KEY_VIOLATION',
      /foreign key "laid": hen = 70 is not in table "egg"/,
    )
    await refuses(
      db.transaction((tx) => tx.table(egg).delete(1)),
      'FOREIGN_KEY_VIOLATION',
      /id = 1 is still referred to/,
    )
    await db.transaction(async (tx) => {
      await tx.table(egg).delete(1)
      await tx.table(egg).insert({ id: 1, hen: 3 })
    })
    assert.equal(await db.table(egg).deleteWhere({}), 3)
  })
})

test('a foreign key to what cannot be referred to is refused', async () => {
  await withDatabase([states], async (db) => {
    const refused: [ReturnType<typeof table>, RegExp][] = [
      [
        table('c', { s: text().references('states', 'nope') }),
        /table "c": foreign key "c_s_fkey" refers to column "nope", which table "states" does not have/,
      ],
      [
        table('c', { s: int8().references('states', 'population') }),
        /refers to \(population\) of table "states", over which there is no primary key or unique index/,
      ],
      [
        table('c', { s: int4().references('states') }),
        /compares column "s" of type int4 with "code" of table "states", which is varchar\(2\)/,
      ],
      [
        table(
          'c',
          { s: text(), t: text() },
          { foreignKeys: [{ columns: ['s', 't'], references: { table: 'states' } }] },
        ),
        /has 2 columns, the primary key of table "states" has 1/,
      ],
      [table('c', { s: int4().references('c') }), /refers to table "c", which has no primary key/],
    ]
    for (const [schema, message] of refused) await refuses(db.apply([schema]), 'SCHEMA_INVALID', message)
    await refuses(
      db.apply([table('c', { s: text().references('state') })]),
      'OBJECT_NOT_FOUND',
      /table "state" does not exist; did you mean "states"\?/,
    )
    assert.deepEqual(
      (await db.objects('table')).map(({ name }) => name),
      ['states'],
    )
  })
})
