// @ts-check
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { text } from 'node:stream/consumers'
import postgres from 'postgres'
import { onEachServer } from './servers.js'

/** @param {Promise<unknown>} work */
async function codeOf(work) {
  try {
    await work
  } catch (error) {
    return /** @type {{ code: string }} */ (error).code
  }
  return 'no error'
}

onEachServer('postgres.js', (server) => {
  /** @type {postgres.Sql} */
  let sql

  before(async () => {
    sql = postgres(server().url, { onnotice: () => undefined, max: 3 })
    await sql`CREATE TABLE things (id int PRIMARY KEY, name text NOT NULL, tags text[], data jsonb, at timestamptz)`
  })
  after(() => sql.end({ timeout: 5 }))

  test('creates, reads, updates and deletes', async () => {
    const things = [
      { id: 1, name: 'one', tags: ['a', 'b'], data: { n: 1 }, at: new Date('2024-01-02T03:04:05.678Z') },
      { id: 2, name: 'two', tags: [], data: null, at: null },
    ]
    // Its helper inserts many rows at once.
    const inserted = await sql`INSERT INTO things ${sql(things)} RETURNING *`
    assert.deepEqual([...inserted], things)
    assert.equal(inserted.count, 2)
    await sql`UPDATE things SET ${sql({ name: 'uno' })} WHERE id = ${1}`
    assert.deepEqual(
      [...(await sql`SELECT name FROM things WHERE id IN ${sql([1, 2])} ORDER BY id`)],
      [{ name: 'uno' }, { name: 'two' }],
    )
    assert.equal((await sql`DELETE FROM things WHERE id = ${2}`).count, 1)
  })

  test('transactions and savepoints', async () => {
    await sql.begin(async (tx) => {
      await tx`INSERT INTO things (id, name) VALUES (10, 'kept')`
      assert.equal(
        await codeOf(tx.savepoint((inner) => inner`INSERT INTO things (id, name) VALUES (10, 'again')`)),
        '23505',
      )
    })
    assert.equal(
      await codeOf(
        sql.begin('isolation level serializable', async (tx) => {
          await tx`INSERT INTO things (id, name) VALUES (11, 'undone')`
          await tx`SELECT 1 / 0`
        }),
      ),
      '22012',
    )
    assert.deepEqual([...(await sql`SELECT id FROM things WHERE id >= 10`)], [{ id: 10 }])
  })

  test('cursors read in pieces', async () => {
    const sizes = []
    for await (const rows of sql`SELECT generate_series(1, 25) AS n`.cursor(10)) sizes.push(rows.length)
    assert.deepEqual(sizes, [10, 10, 5])
  })

  test('COPY', async () => {
    const into = await sql`COPY things (id, name) FROM STDIN`.writable()
    await new Promise((resolve, reject) => {
      into.on('error', reject)
      into.on('finish', resolve)
      into.write('20\ttwenty\n')
      into.end('21\ttwenty\\tone\n')
    })
    const out =
      await sql`COPY (SELECT id, name FROM things WHERE id >= 20 ORDER BY id) TO STDOUT (FORMAT csv)`.readable()
    assert.equal(await text(out), '20,twenty\n21,twenty\tone\n')
  })

  test('pipelined queries, with one that fails', async () => {
    const answers = await Promise.allSettled([
      sql`SELECT 1 AS n`,
      sql`SELECT 1 / 0`,
      sql`SELECT ${2}::int AS n`,
    ])
    assert.deepEqual(
      answers.map((answer) => (answer.status === 'fulfilled' ? answer.value[0] : answer.reason.code)),
      [{ n: 1 }, '22012', { n: 2 }],
    )
  })

  test('cancel', async () => {
    const sleeping = sql`SELECT pg_sleep(60)`.execute()
    const waiting = codeOf(sleeping)
    for (;;) {
      const [found] =
        await sql`SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active' AND pid <> pg_backend_pid()`
      if (found !== undefined) break
    }
    sleeping.cancel()
    assert.equal(await waiting, '57014')
  })

  test('listens', async () => {
    /** @type {(payload: string) => void} */
    let hear = () => undefined
    const heard = new Promise((resolve) => (hear = resolve))
    const { unlisten } = await sql.listen('js_news', (payload) => hear(payload))
    await sql.notify('js_news', 'hello')
    assert.equal(await heard, 'hello')
    await unlisten()
  })

  test('describes statements, and prepares them once', async () => {
    const description = await sql`SELECT id, name FROM things WHERE id = ${1}`.describe()
    assert.deepEqual(description.types, [23])
    assert.deepEqual(
      description.columns.map(({ name, type }) => [name, type]),
      [
        ['id', 23],
        ['name', 25],
      ],
    )
  })

  test('TLS', async () => {
    const secure = postgres(server().url.replace('127.0.0.1', 'localhost'), {
      ssl: { ca: readFileSync(server().caFile, 'utf8') },
      max: 1,
    })
    assert.deepEqual([...(await secure`SELECT 1 AS n`)], [{ n: 1 }])
    await secure.end()
  })
})
