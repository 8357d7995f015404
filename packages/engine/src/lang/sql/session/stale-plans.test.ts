/** Statements at the default level while others change the definitions that they were planned with. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { TestCluster } from '@orbit-ts/tikv/testing'
import type { DatabaseOptions } from '../../../database.js'
import type { SqlSession } from '../session-contract.js'
import { TestSql, failure, outcomeOf, run, untilWaiting } from './test-session.test.data.js'

const ROWS = 1500

type Open = () => Promise<TestSql>

/** What a statement gives that waits for the transaction of another session, which then commits. */
async function meanwhile(
  sql: TestSql,
  session: SqlSession,
  { definition, text }: { readonly definition: string; readonly text: string },
): Promise<string> {
  await sql.run(`BEGIN; ${definition}`)
  const outcome = outcomeOf(session, text)
  await untilWaiting(sql)
  await sql.run('COMMIT')
  return outcome
}

const SOURCE = `CREATE TABLE src (id int PRIMARY KEY, n int);
  INSERT INTO src SELECT g, g FROM generate_series(1, ${ROWS}) g;
  CREATE TABLE dst (id int PRIMARY KEY, n text)`

/** Reads `src` row by row, again behind each of its locks. */
const FILL = `INSERT INTO dst SELECT g, (SELECT n::text FROM src WHERE src.id = g OFFSET 0)
  FROM generate_series(1, ${ROWS}) g`

const COUNTS = 'SELECT n IS NULL, count(*) FROM dst GROUP BY 1'

/** A statement that waits in its midst for a row, while `src` is changed by others. */
async function inItsMidst(
  sql: TestSql,
  text: string,
  definition: string,
  before = '',
): Promise<{ outcome: string; counts: string[]; session: SqlSession }> {
  const session = await sql.openSession()
  await using holder = await sql.openSession()
  await run(holder, `BEGIN; INSERT INTO dst VALUES (500, 'held')`)
  if (before !== '') await run(session, before)
  const outcome = outcomeOf(session, text)
  await untilWaiting(sql)
  await sql.run(definition)
  await run(holder, 'ROLLBACK')
  return { outcome: await outcome, counts: await run(session, COUNTS), session }
}

const TABLE = `CREATE TABLE t (x int PRIMARY KEY, z int); INSERT INTO t VALUES (1, 10), (2, 20);
  CREATE TABLE log (x int)`

const definition = 'ALTER TABLE t ALTER z TYPE text; ALTER TABLE t ADD w int DEFAULT 9'

function ofAnyStore(open: Open): void {
  const withSql =
    (work: (sql: TestSql) => Promise<void>): (() => Promise<void>) =>
    async () => {
      await using sql = await open()
      await work(sql)
    }

  test(
    'rows behind entries of an index that others have taken away while a lock was waited for are left out',
    withSql(async (sql) => {
      await sql.run(`CREATE TABLE t (id int PRIMARY KEY, a int); CREATE INDEX by_a ON t (a);
        INSERT INTO t SELECT g, 1 FROM generate_series(1, ${ROWS}) g;
        INSERT INTO t SELECT g, g FROM generate_series(${ROWS + 1}, ${ROWS * 10}) g; ANALYZE t`)
      await using session = await sql.openSession()
      await run(session, 'BEGIN')
      const text = 'SELECT count(*), sum(id) FROM (SELECT id FROM t WHERE a = 1 FOR UPDATE) x'
      assert.match((await run(session, `EXPLAIN ${text}`)).join(), /Index Scan using by_a on t/)
      const definition = `UPDATE t SET a = 2 WHERE id IN (4, 700, ${ROWS - 1})`
      const expected = (ROWS * (ROWS + 1)) / 2 - 4 - 700 - (ROWS - 1)
      assert.equal(await meanwhile(sql, session, { definition, text }), `${ROWS - 3}|${expected}`)
      await run(session, 'ROLLBACK')
    }),
  )

  describe('a table that a statement goes on to read, changed while it waited for a row', () => {
    for (const [definition, outcome, counts] of [
      ['ALTER TABLE src ALTER n TYPE text', `INSERT 0 ${ROWS}`, [`f|${ROWS}`]],
      ['TRUNCATE src', `INSERT 0 ${ROWS}`, [`t|${ROWS}`]],
      ['ALTER TABLE src DROP n', '42703', []],
      ['DROP TABLE src', '42P01', []],
    ] as const)
      test(
        `is read as it is now: ${definition}`,
        withSql(async (sql) => {
          await sql.run(SOURCE)
          const found = await inItsMidst(sql, FILL, definition)
          await using session = found.session
          assert.deepEqual([found.outcome, found.counts], [outcome, counts])
          assert.equal(session.transactionStatus, 'idle')
        }),
      )

    test(
      'in a transaction, whose statements before stay',
      withSql(async (sql) => {
        await sql.run(SOURCE)
        const found = await inItsMidst(
          sql,
          FILL,
          'ALTER TABLE src ALTER n TYPE text',
          `BEGIN; INSERT INTO dst VALUES (0, null); SAVEPOINT s; INSERT INTO dst VALUES (-1, null)`,
        )
        await using session = found.session
        assert.deepEqual([found.outcome, found.counts.sort()], [`INSERT 0 ${ROWS}`, [`f|${ROWS}`, 't|2']])
        await run(session, 'ROLLBACK TO s; COMMIT')
        assert.deepEqual(await sql.run('SELECT * FROM dst'), ['0|∅'])
      }),
    )

    test(
      'nothing is done again for a table that it does not read, or that has got statistics',
      withSql(async (sql) => {
        await sql.run(`${SOURCE}; CREATE SEQUENCE runs; CREATE TABLE aside (id int)`)
        const text = FILL.replace('(SELECT n', `(SELECT CASE WHEN g = 1 THEN nextval('runs') ELSE n END`)
        const found = await inItsMidst(sql, text, 'ALTER TABLE aside ADD n int; ANALYZE src')
        await using session = found.session
        assert.deepEqual([found.outcome, found.counts], [`INSERT 0 ${ROWS}`, [`f|${ROWS}`]])
        assert.deepEqual(await run(session, `SELECT nextval('runs')`), ['2'])
      }),
    )

    test(
      'rows that have been handed on are not given again: the statement is refused',
      withSql(async (sql) => {
        await sql.run(`${SOURCE}; INSERT INTO dst SELECT g, 1 FROM generate_series(1, ${2 * ROWS}) g`)
        await using session = await sql.openSession()
        const text = `SELECT id, (SELECT n FROM src WHERE src.id = dst.id OFFSET 0) FROM dst FOR UPDATE`
        const [statement] = await session.parse(text)
        assert.ok(statement !== undefined)
        const result = await session.execute(statement, [])
        assert.ok(result.kind === 'rows')
        const batches = result.batches[Symbol.asyncIterator]()
        const first = await batches.next()
        assert.ok(first.done !== true && first.value.length < ROWS)
        await sql.run('ALTER TABLE src ALTER n TYPE text')
        await assert.rejects(async () => {
          while ((await batches.next()).done !== true);
        }, /the definition of relation "src" was changed/)
      }),
    )

    test(
      'a cursor goes on in what its transaction sees, unless that is of another definition',
      withSql(async (sql) => {
        await sql.run(
          `${SOURCE}; INSERT INTO dst SELECT g FROM generate_series(1, ${2 * ROWS}) g; CREATE TABLE aside (id int)`,
        )
        await using session = await sql.openSession()
        await run(
          session,
          `BEGIN; DECLARE c CURSOR FOR
            SELECT id, (SELECT n FROM src WHERE src.id = dst.id OFFSET 0) FROM dst`,
        )
        assert.deepEqual(await run(session, 'FETCH c'), ['1|1'])
        await sql.run('ALTER TABLE aside ADD n int')
        assert.deepEqual(await run(session, 'SELECT 1; FETCH ABSOLUTE 1200 FROM c'), ['1200|1200'])
        await sql.run('ALTER TABLE src ALTER n TYPE text')
        assert.deepEqual(await run(session, 'FETCH ABSOLUTE 1500 FROM c'), ['1500|1500'])
        assert.equal(await failure(session, 'SELECT 1; FETCH ALL FROM c'), '40001')
      }),
    )
  })

  describe('a table that is changed while a statement waits for it', () => {
    for (const [text, outcome] of [
      ['UPDATE t SET z = 77 WHERE x = 1 RETURNING *', '1|77|9'],
      ['INSERT INTO t VALUES (3, 30) RETURNING *', '3|30|9'],
      ['DELETE FROM t WHERE x = 1 RETURNING *', '1|10|9'],
      ['SELECT * FROM t WHERE x = 1 FOR UPDATE', '1|10|9'],
      ['WITH added AS (INSERT INTO t VALUES (3, 30) RETURNING *) SELECT * FROM added', '3|30|9'],
      ['WITH noted AS (INSERT INTO log VALUES (1)) UPDATE t SET z = 77', 'UPDATE 2'],
    ] as const)
      for (const begin of ['', 'BEGIN; INSERT INTO log VALUES (0)'])
        test(
          `is changed as it is now: ${begin}${begin && '; '}${text}`,
          withSql(async (sql) => {
            await sql.run(TABLE)
            await using session = await sql.openSession()
            if (begin !== '') await run(session, begin)
            assert.equal(await meanwhile(sql, session, { definition, text }), outcome)
            assert.equal(session.transactionStatus, begin === '' ? 'idle' : 'active')
            if (begin !== '') await run(session, 'COMMIT')
            const noted = [...(begin === '' ? [] : ['0']), ...(text.includes('log') ? ['1'] : [])]
            assert.deepEqual(await run(session, 'SELECT x FROM log ORDER BY x'), noted)
          }),
        )
  })

  describe('definitions that a transaction remembers', () => {
    test(
      'are forgotten when others have changed them: foreign keys that lead to a table',
      withSql(async (sql) => {
        await sql.run(`CREATE TABLE p (id int PRIMARY KEY); INSERT INTO p VALUES (1), (2), (3);
          CREATE TABLE c (r int REFERENCES p, x int); INSERT INTO c VALUES (3, 5)`)
        for (const [definition, id] of [
          ['CREATE TABLE d (r int REFERENCES p); INSERT INTO d VALUES (2)', 2],
          ['ALTER TABLE c ALTER x TYPE text', 3],
        ] as const) {
          await using session = await sql.openSession()
          await run(session, 'BEGIN; DELETE FROM p WHERE id = 1')
          await sql.run(definition)
          assert.equal(await failure(session, `DELETE FROM p WHERE id = ${id}`), '23503', definition)
        }
      }),
    )
  })
}

describe('in memory', () => {
  ofAnyStore(() => TestSql.open())

  test('what a statement that is run again has done beside its rows is undone', async () => {
    await using sql = await TestSql.open()
    await sql.run(TABLE)
    await using session = await sql.openSession()
    const heard: string[] = []
    session.onEvent((event) => {
      if (event.kind === 'notified') session.deliverNotifications()
      if (event.kind === 'notification') heard.push(event.payload)
    })
    await run(session, 'LISTEN news; BEGIN')
    const text = `WITH told AS MATERIALIZED (SELECT pg_notify('news', random()::text)),
      noted AS (INSERT INTO log SELECT count(*) FROM told) UPDATE t SET z = 77`
    assert.equal(await meanwhile(sql, session, { definition, text }), 'UPDATE 2')
    await run(session, 'COMMIT')
    session.deliverNotifications()
    assert.equal(heard.length, 1)
    assert.deepEqual(await sql.run('SELECT * FROM log'), ['1'])
  })
})

describe('on a TiKV cluster', () => {
  let cluster: TestCluster
  let namespaces = 0
  before(async () => (cluster = await TestCluster.start({ transport: 'sockets', stores: 1 })))
  after(() => cluster.close())

  ofAnyStore(() => {
    const storage: DatabaseOptions['storage'] = {
      kind: 'tikv',
      pdEndpoints: [...cluster.pdEndpoints],
      namespace: `plans-${++namespaces}`,
    }
    return TestSql.open(storage)
  })
})
