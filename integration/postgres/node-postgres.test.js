// @ts-check
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import pg from 'pg'
import { onEachServer } from './servers.js'

/** @param {Promise<unknown>} work @returns {Promise<Record<string, unknown>>} the fields of its error that are set */
async function errorOf(work) {
  try {
    await work
  } catch (error) {
    const { code, constraint, table, column, detail, position } = /** @type {pg.DatabaseError} */ (error)
    return Object.fromEntries(
      Object.entries({ code, constraint, table, column, detail, position }).filter(
        ([, value]) => value !== undefined,
      ),
    )
  }
  return {}
}

onEachServer('node-postgres', (server) => {
  /** @type {pg.Client} */
  let client

  before(async () => {
    client = new pg.Client({ connectionString: server().url })
    await client.connect()
    await client.query(`
      CREATE TABLE owners (id serial PRIMARY KEY, name text NOT NULL UNIQUE);
      CREATE TABLE items (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        owner int NOT NULL REFERENCES owners,
        price numeric(10, 2) CHECK (price > 0),
        data jsonb)`)
  })
  after(() => client.end())

  test('creates, reads, updates and deletes', async () => {
    const inserted = await client.query('INSERT INTO owners (name) VALUES ($1), ($2) RETURNING *', [
      'ann',
      'bob',
    ])
    assert.deepEqual(inserted.rows, [
      { id: 1, name: 'ann' },
      { id: 2, name: 'bob' },
    ])
    assert.deepEqual([inserted.command, inserted.rowCount], ['INSERT', 2])
    const updated = await client.query('UPDATE owners SET name = upper(name) WHERE id = $1', [1])
    assert.deepEqual([updated.command, updated.rowCount], ['UPDATE', 1])
    assert.equal((await client.query('DELETE FROM owners WHERE name = $1', ['bob'])).rowCount, 1)
    assert.deepEqual((await client.query('SELECT name FROM owners')).rows, [{ name: 'ANN' }])
  })

  test('its types', async () => {
    const sql = `SELECT $1::int8 AS big, $2::numeric AS exact, $3::timestamptz AS at, $4::jsonb AS data,
      $5::text[] AS tags, $6::bytea AS raw, $7::bool AS yes, $8::float8 AS real, $9::text AS nothing`
    const at = new Date('2024-02-29T12:30:15.123Z')
    const values = [
      '9007199254740993',
      '1.50',
      at,
      { a: [1, null] },
      ['x', 'y,z'],
      Buffer.from([0, 255]),
      true,
      1.5,
      null,
    ]
    const expected = [
      {
        big: '9007199254740993',
        exact: '1.50',
        at,
        data: { a: [1, null] },
        tags: ['x', 'y,z'],
        raw: Buffer.from([0, 255]),
        yes: true,
        real: 1.5,
        nothing: null,
      },
    ]
    assert.deepEqual((await client.query(sql, values)).rows, expected)
    const named = { name: 'types', text: sql, values }
    for (let round = 0; round < 3; round++) assert.deepEqual((await client.query(named)).rows, expected)
    const binary = new pg.Query({
      // No negative number: node-postgres reads those of its binary format wrongly, whoever sent them.
      text: 'SELECT 7::int4 AS a, true AS b, 3::int2 AS c, $1::text AS d',
      values: ['x'],
      binary: true,
    })
    const rows = await new Promise((resolve, reject) => {
      /** @type {unknown[]} */
      const all = []
      binary.on('row', (row) => all.push(row))
      binary.on('end', () => resolve(all))
      binary.on('error', reject)
      client.query(binary)
    })
    assert.deepEqual(rows, [{ a: 7, b: true, c: 3, d: 'x' }])
  })

  test('transactions and savepoints', async () => {
    await client.query('BEGIN')
    await client.query("INSERT INTO owners (name) VALUES ('kept')")
    await client.query('SAVEPOINT s')
    assert.deepEqual(await errorOf(client.query("INSERT INTO owners (name) VALUES ('kept')")), {
      code: '23505',
      constraint: 'owners_name_key',
      table: 'owners',
      detail: 'Key (name)=(kept) already exists.',
    })
    assert.deepEqual(await errorOf(client.query('SELECT 1')), { code: '25P02' })
    await client.query('ROLLBACK TO s')
    await client.query('COMMIT')
    await client.query('BEGIN')
    await client.query("INSERT INTO owners (name) VALUES ('undone')")
    await client.query('ROLLBACK')
    const { rows } = await client.query('SELECT name FROM owners ORDER BY id')
    assert.deepEqual(rows, [{ name: 'ANN' }, { name: 'kept' }])
  })

  test('a syntax error inside of a transaction fails it', async () => {
    await client.query('BEGIN')
    assert.deepEqual(await errorOf(client.query('SELEC 1')), { code: '42601', position: '1' })
    assert.deepEqual(await errorOf(client.query('SELECT 1')), { code: '25P02' })
    assert.equal((await client.query('COMMIT')).command, 'ROLLBACK')
    await client.query('BEGIN')
    assert.deepEqual(await errorOf(client.query('SELECT $1::int', ['x'])), { code: '22P02' })
    assert.deepEqual(await errorOf(client.query('SELECT 1')), { code: '25P02' })
    await client.query('ROLLBACK')
  })

  test('errors name what they are about', async () => {
    assert.deepEqual(await errorOf(client.query('INSERT INTO owners (name) VALUES (NULL)')), {
      code: '23502',
      table: 'owners',
      column: 'name',
      detail: 'Failing row contains (6, null).',
    })
    assert.deepEqual(await errorOf(client.query('INSERT INTO items (owner, price) VALUES (1, -1)')), {
      code: '23514',
      constraint: 'items_price_check',
      table: 'items',
      detail: 'Failing row contains (1, 1, -1.00, null).',
    })
    assert.deepEqual(await errorOf(client.query('INSERT INTO items (owner) VALUES (99)')), {
      code: '23503',
      constraint: 'items_owner_fkey',
      table: 'items',
      detail: 'Key (owner)=(99) is not present in table "owners".',
    })
    assert.deepEqual(await errorOf(client.query('SELECT nothing FROM owners')), {
      code: '42703',
      position: '8',
    })
    assert.deepEqual(
      await errorOf(client.query('DO $$ BEGIN END $$').then(() => client.query('SELECT 1 / 0'))),
      {
        code: server().user === 'orbit' ? '0A000' : '22012',
      },
    )
  })

  test('queries sent ahead are answered in order, each with its own error', async () => {
    const answers = await Promise.allSettled([
      client.query('SELECT 1 AS n'),
      client.query('SELECT 1 / 0'),
      client.query('SELECT $1::int AS n', [3]),
    ])
    assert.deepEqual(
      answers.map((answer) => (answer.status === 'fulfilled' ? answer.value.rows[0] : answer.reason.code)),
      [{ n: 1 }, '22012', { n: 3 }],
    )
  })

  test('several statements in one text give several results', async () => {
    const results = /** @type {pg.QueryResult[]} */ (
      /** @type {unknown} */ (
        await client.query('SELECT 1 AS a; SELECT 2 AS b; CREATE TEMP TABLE more (id int)')
      )
    )
    assert.deepEqual(
      results.map(({ command, rows }) => [command, ...rows]),
      [['SELECT', { a: 1 }], ['SELECT', { b: 2 }], ['CREATE']],
    )
  })

  test('notifications and notices', async () => {
    const other = new pg.Client({ connectionString: server().url })
    await other.connect()
    /** @type {pg.Notification[]} */
    const heard = []
    const isDone = new Promise((resolve) =>
      client.on('notification', (message) => {
        heard.push(message)
        if (message.payload === 'last') resolve(undefined)
      }),
    )
    await client.query('LISTEN news')
    await other.query("BEGIN; NOTIFY news, 'undone'; ROLLBACK")
    await other.query("BEGIN; NOTIFY news, 'twice'; NOTIFY news, 'twice'; NOTIFY other, 'unheard'; COMMIT")
    await client.query("NOTIFY news, 'own'")
    await other.query("SELECT pg_notify('news', 'last')")
    await isDone
    assert.deepEqual(
      heard.map(({ channel, payload }) => [channel, payload]),
      [
        ['news', 'twice'],
        ['news', 'own'],
        ['news', 'last'],
      ],
    )
    await client.query('UNLISTEN *')
    assert.deepEqual(await errorOf(client.query(`SELECT pg_notify('news', repeat('x', 8000))`)), {
      code: '22023',
    })
    await other.end()
    const notice = new Promise((resolve) => client.once('notice', resolve))
    await client.query('DROP TABLE IF EXISTS nothing')
    assert.deepEqual((({ severity, code, message }) => ({ severity, code, message }))(await notice), {
      severity: 'NOTICE',
      code: '00000',
      message: 'table "nothing" does not exist, skipping',
    })
  })

  test('a pool: each client has settings of its own', async () => {
    const pool = new pg.Pool({ connectionString: server().url, max: 4, application_name: 'pooled' })
    const names = await Promise.all(
      Array.from(
        { length: 8 },
        async () => (await pool.query('SHOW application_name')).rows[0].application_name,
      ),
    )
    assert.deepEqual(new Set(names), new Set(['pooled']))
    await pool.end()
  })

  test('one session ends the statement, and the session, of another', async () => {
    const other = new pg.Client({ connectionString: server().url })
    other.on('error', () => undefined)
    await other.connect()
    const { pid } = (await other.query('SELECT pg_backend_pid() AS pid')).rows[0]
    const sleeping = errorOf(other.query('SELECT pg_sleep(60)'))
    const until = async (/** @type {string} */ state) => {
      for (;;) {
        const { rows } = await client.query('SELECT state, query FROM pg_stat_activity WHERE pid = $1', [pid])
        if (rows[0]?.state === state) return rows[0].query
      }
    }
    assert.equal(await until('active'), 'SELECT pg_sleep(60)')
    assert.deepEqual((await client.query('SELECT pg_cancel_backend($1) AS done', [pid])).rows, [
      { done: true },
    ])
    assert.deepEqual(await sleeping, { code: '57014' })
    const again = errorOf(other.query('SELECT pg_sleep(60)'))
    await until('active')
    await client.query('SELECT pg_terminate_backend($1)', [pid])
    assert.deepEqual(await again, { code: '57P01' })
    assert.deepEqual((await client.query('SELECT pg_cancel_backend(-1) AS done')).rows, [{ done: false }])
  })

  test('TLS', async () => {
    const { port, user, database, caFile } = server()
    const secure = new pg.Client({
      host: 'localhost',
      port,
      user,
      database,
      ssl: { ca: readFileSync(caFile, 'utf8') },
    })
    await secure.connect()
    assert.deepEqual((await secure.query('SELECT 1 AS n')).rows, [{ n: 1 }])
    await secure.end()
  })
})
