/** What one session does to others: notifications, advisory locks, LOCK TABLE. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { SqlSession } from '../session-contract.js'
import { TestSql, failure, run } from './test-session.test.data.js'

function heardBy(session: SqlSession): string[] {
  const heard: string[] = []
  session.onEvent((event) => {
    if (event.kind === 'notified') session.deliverNotifications()
    if (event.kind === 'notification') heard.push(`${event.channel}: ${event.payload}`)
  })
  return heard
}

describe('LISTEN and NOTIFY', () => {
  test('are heard when their transaction commits, once, and not inside of another', async () => {
    await using sql = await TestSql.open()
    await using other = await sql.openSession()
    const heard = heardBy(other)
    await run(other, 'LISTEN news; LISTEN more')
    assert.deepEqual(await run(other, 'SELECT count(*) FROM pg_listening_channels()'), ['2'])
    await sql.run(`BEGIN; NOTIFY news, 'a'; NOTIFY news, 'a'; NOTIFY more`)
    assert.deepEqual(heard, [])
    await sql.run('COMMIT')
    assert.deepEqual(heard.splice(0), ['news: a', 'more: '])
    await sql.run(`BEGIN; NOTIFY news, 'undone'; ROLLBACK`)
    await sql.run(
      `BEGIN; NOTIFY news, '1'; SAVEPOINT s; NOTIFY news, '2'; ROLLBACK TO s; NOTIFY news, '2'; COMMIT`,
    )
    assert.deepEqual(heard.splice(0), ['news: 1', 'news: 2'])
    await run(other, 'BEGIN')
    await sql.run(`NOTIFY news, 'later'`)
    assert.deepEqual(heard, [])
    await run(other, 'COMMIT')
    other.deliverNotifications()
    assert.deepEqual(heard.splice(0), ['news: later'])
    await run(other, 'UNLISTEN news')
    await sql.run(`NOTIFY news; NOTIFY more, 'still'`)
    assert.deepEqual(heard.splice(0), ['more: still'])
    await run(other, 'DISCARD ALL')
    await sql.run('NOTIFY more')
    assert.deepEqual(heard, [])
  })

  test('what is too long is refused', async () => {
    await using sql = await TestSql.open()
    assert.equal(await failure(sql.session, `SELECT pg_notify('', '')`), '22023')
    assert.equal(await failure(sql.session, `SELECT pg_notify(repeat('c', 64), '')`), '22023')
    assert.equal(await failure(sql.session, `SELECT pg_notify('c', repeat('x', 8000))`), '22023')
    assert.deepEqual(await sql.run(`SELECT pg_notify('c', repeat('x', 7999))`), [''])
  })
})

describe('advisory locks', () => {
  test('of sessions and of transactions', async () => {
    await using sql = await TestSql.open()
    await using other = await sql.openSession()
    assert.deepEqual(await sql.run('SELECT pg_advisory_lock(1), pg_advisory_lock(1)'), ['|'])
    assert.deepEqual(await run(other, 'SELECT pg_try_advisory_lock(1), pg_try_advisory_lock(0, 1)'), ['f|t'])
    assert.deepEqual(await sql.run('SELECT pg_advisory_unlock(1)'), ['t'])
    assert.deepEqual(await run(other, 'SELECT pg_try_advisory_lock_shared(1)'), ['f'])
    const waiting = run(other, 'SELECT pg_advisory_lock_shared(1)')
    assert.deepEqual(await sql.run('SELECT pg_advisory_unlock(1)'), ['t'])
    assert.deepEqual(await waiting, [''])
    assert.deepEqual(await sql.run('SELECT pg_advisory_unlock(1), pg_try_advisory_lock_shared(1)'), ['f|t'])
    await sql.run('BEGIN; SELECT pg_advisory_xact_lock(7)')
    assert.deepEqual(await run(other, 'SELECT pg_try_advisory_xact_lock(7)'), ['f'])
    assert.deepEqual(
      await run(other, `SELECT classid, objid, objsubid, mode, granted FROM pg_locks WHERE objid = 7`),
      ['0|7|1|ExclusiveLock|t'],
    )
    await sql.run('ROLLBACK')
    assert.deepEqual(await run(other, 'SELECT pg_try_advisory_xact_lock(7)'), ['t'])
    await other.close()
    assert.deepEqual(await sql.run('SELECT pg_try_advisory_lock(0, 1)'), ['t'])
  })

  test('a deadlock is found', async () => {
    await using sql = await TestSql.open()
    await using other = await sql.openSession()
    await sql.run('SELECT pg_advisory_lock(1)')
    await run(other, 'SELECT pg_advisory_lock(2)')
    const waiting = run(other, 'SELECT pg_advisory_lock(1)')
    while ((await sql.run(`SELECT count(*) FROM pg_locks WHERE NOT granted`))[0] !== '1');
    assert.equal(await failure(sql.session, 'SELECT pg_advisory_lock(2)'), '40P01')
    await sql.run('SELECT pg_advisory_unlock_all()')
    assert.deepEqual(await waiting, [''])
  })
})

async function untilOneWaits(sql: TestSql): Promise<void> {
  while ((await sql.run('SELECT count(*) FROM pg_locks WHERE NOT granted'))[0] !== '1');
}

describe('LOCK TABLE', () => {
  test('a statement that waited is of the table as it is then', async () => {
    await using sql = await TestSql.open()
    await using other = await sql.openSession()
    await sql.run(
      'CREATE TABLE t (id int); INSERT INTO t VALUES (1); CREATE ROLE reader; GRANT SELECT ON t TO reader',
    )
    for (const id of [0, 1]) await run(other, `SELECT * FROM t WHERE id > ${id}`)
    await sql.run('BEGIN; LOCK TABLE t; ALTER TABLE t ADD COLUMN name text DEFAULT $$x$$')
    const rows = run(other, 'SELECT * FROM t WHERE id > 0')
    await untilOneWaits(sql)
    await sql.run('COMMIT')
    assert.deepEqual(await rows, ['1|x'])
    await run(other, 'SET ROLE reader')
    await sql.run('BEGIN; LOCK TABLE t; REVOKE SELECT ON t FROM reader')
    const refused = failure(other, 'SELECT * FROM t')
    await untilOneWaits(sql)
    await sql.run('COMMIT')
    assert.equal(await refused, '42501')
  })

  for (const [text, rows] of [
    ['BEGIN; DECLARE c CURSOR FOR SELECT * FROM t; FETCH c', ['1|x']],
    ['DECLARE c CURSOR WITH HOLD FOR SELECT * FROM t; FETCH c', ['1|x']],
    ['EXPLAIN (VERBOSE, COSTS OFF) SELECT * FROM t', ['Seq Scan on public.t', '  Output: t.id, t.name']],
    [
      'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) SELECT * FROM t',
      ['Seq Scan on t (actual rows=1 loops=1)'],
    ],
    ['CREATE TABLE copied AS SELECT * FROM t; SELECT * FROM copied', ['1|x']],
    ['SELECT * INTO copied FROM t; SELECT * FROM copied', ['1|x']],
    ['ALTER TABLE t RENAME name TO label; SELECT label FROM t', ['x']],
    ['CREATE INDEX ON t (name); SELECT * FROM t', ['1|x']],
  ] as const)
    test(`is waited for before anything is planned: ${text}`, async () => {
      await using sql = await TestSql.open()
      await using other = await sql.openSession()
      await sql.run('CREATE TABLE t (id int); INSERT INTO t VALUES (1)')
      await sql.run('BEGIN; LOCK TABLE t; ALTER TABLE t ADD COLUMN name text DEFAULT $$x$$')
      const outcome = run(other, text)
      // For that, or for the catalog; were it slower, its outcome would be the same.
      for (let turn = 0; turn < 50; turn++) await sql.engine.database.env.timers.nextTurn()
      await sql.run('COMMIT')
      assert.deepEqual(await outcome, rows)
    })

  test('is waited for before COPY is told its columns, and by DECLARE, not by FETCH', async () => {
    await using sql = await TestSql.open()
    await using other = await sql.openSession()
    await sql.run('CREATE TABLE t (id int); INSERT INTO t VALUES (1)')
    await sql.run('BEGIN; LOCK TABLE t; ALTER TABLE t ADD COLUMN name text DEFAULT $$x$$')
    const [copy] = await other.parse('COPY t TO STDOUT')
    assert.ok(copy !== undefined)
    const copying = other.execute(copy, [])
    await untilOneWaits(sql)
    await sql.run('COMMIT')
    const copied = await copying
    assert.ok(copied.kind === 'copy-out')
    assert.equal(copied.columnCount, 2)
    const lines: string[] = []
    for await (const chunk of copied.chunks) lines.push(...chunk.map((part) => Buffer.from(part).toString()))
    assert.deepEqual(lines, ['1\tx\n'])
    await sql.run('BEGIN; LOCK TABLE t')
    await run(other, `SET lock_timeout = '5ms'; BEGIN`)
    assert.equal(await failure(other, 'DECLARE c CURSOR FOR SELECT * FROM t'), '55P03')
  })

  test('keeps statements away until its transaction ends, as its mode says', async () => {
    await using sql = await TestSql.open()
    await using other = await sql.openSession()
    await sql.run('CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)')
    assert.equal(await failure(sql.session, 'LOCK TABLE t'), '25P01')
    await sql.run('BEGIN; LOCK TABLE t IN SHARE MODE')
    assert.deepEqual(await run(other, 'SELECT * FROM t'), ['1'])
    assert.deepEqual(await run(other, 'SELECT * FROM t FOR UPDATE'), ['1'])
    assert.equal(await failure(other, 'BEGIN; LOCK TABLE t IN ROW EXCLUSIVE MODE NOWAIT'), '55P03')
    await run(other, `ROLLBACK; SET lock_timeout = '5ms'`)
    for (const text of [
      'INSERT INTO t VALUES (2)',
      'TRUNCATE t',
      'ALTER TABLE t ADD COLUMN n int',
      'COPY t FROM STDIN',
    ])
      assert.equal(await failure(other, text), '55P03', text)
    await run(other, 'RESET lock_timeout')
    const inserting = run(other, 'INSERT INTO t SELECT max(id) + 1 FROM t')
    await sql.run('INSERT INTO t VALUES (5); COMMIT')
    // It saw what was committed while it waited.
    assert.deepEqual(await inserting, ['INSERT 0 1'])
    assert.deepEqual(await sql.run('SELECT * FROM t ORDER BY id'), ['1', '5', '6'])
    await sql.run('BEGIN; LOCK t')
    await run(other, `SET lock_timeout = '5ms'`)
    assert.equal(await failure(other, 'SELECT * FROM t'), '55P03')
    await sql.run('ROLLBACK')
    assert.deepEqual(await run(other, 'SELECT count(*) FROM t'), ['3'])
    assert.equal(await failure(sql.session, 'BEGIN; LOCK TABLE nothing'), '42P01')
  })
})

describe('a table that is changed while a statement waits for it', () => {
  /** What a statement gives that runs into a definition which another session then commits, and the rows afterwards. */
  async function during(definition: string, text: string): Promise<[string, string[]]> {
    await using sql = await TestSql.open()
    await using other = await sql.openSession()
    await sql.run(
      `CREATE TABLE t (x int PRIMARY KEY, y text, z int); INSERT INTO t VALUES (1, 'a', 10), (2, 'b', 20)`,
    )
    await sql.run(`BEGIN; ${definition}`)
    const waiting = run(other, text).then(
      (rows) => rows.join(),
      (error: unknown) => (error as { details: { sqlState: string } }).details.sqlState,
    )
    await sql.run('COMMIT')
    return [await waiting, await sql.run('SELECT * FROM t ORDER BY x')]
  }

  test('is changed as it is now', async () => {
    assert.deepEqual(await during('ALTER TABLE t ALTER z TYPE text', 'UPDATE t SET z = 77 WHERE x = 1'), [
      'UPDATE 1',
      ['1|a|77', '2|b|20'],
    ])
    assert.deepEqual(await during('ALTER TABLE t ADD w int NOT NULL DEFAULT 9', `INSERT INTO t VALUES (3)`), [
      'INSERT 0 1',
      ['1|a|10|9', '2|b|20|9', '3|∅|∅|9'],
    ])
    assert.deepEqual(await during('ALTER TABLE t DROP y', `UPDATE t SET y = 'q'`), [
      '42703',
      ['1|10', '2|20'],
    ])
    assert.deepEqual(
      await during('ALTER TABLE t ADD CHECK (z < 100)', 'INSERT INTO t VALUES (3, null, 600)'),
      ['23514', ['1|a|10', '2|b|20']],
    )
    assert.deepEqual(await during('CREATE UNIQUE INDEX ON t (z)', 'INSERT INTO t VALUES (3, null, 10)'), [
      '23505',
      ['1|a|10', '2|b|20'],
    ])
  })

  test('in a transaction of one snapshot is what it was, and the transaction is refused', async () => {
    await using sql = await TestSql.open()
    await using other = await sql.openSession()
    await sql.run('CREATE TABLE t (x int PRIMARY KEY, z int); INSERT INTO t VALUES (1, 10)')
    await sql.run('BEGIN; ALTER TABLE t ALTER z TYPE text')
    await run(other, 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT * FROM t')
    const waiting = run(other, 'UPDATE t SET z = 77 RETURNING z + 1')
    await sql.run('COMMIT')
    assert.deepEqual(await waiting, ['78'])
    assert.equal(await failure(other, 'COMMIT'), 'TRANSACTION_CONFLICT')
    assert.deepEqual(await sql.run('SELECT * FROM t'), ['1|10'])
  })

  test('has its new index asked for what was written meanwhile', async () => {
    await using sql = await TestSql.open()
    await using other = await sql.openSession()
    await sql.run('CREATE TABLE t (x int PRIMARY KEY, z int); BEGIN; CREATE INDEX ON t (z)')
    const waiting = run(other, 'INSERT INTO t SELECT i, i % 100 FROM generate_series(1, 1000) i')
    await sql.run('COMMIT')
    assert.deepEqual(await waiting, ['INSERT 0 1000'])
    await sql.run('ANALYZE t')
    assert.deepEqual(await sql.run('SELECT count(*) FROM t WHERE z = 7'), ['10'])
  })
})

describe('a statement that is to end', () => {
  test('ends while it waits for a row, with a savepoint to go back to', async () => {
    await using sql = await TestSql.open()
    await using other = await sql.openSession()
    await sql.run('CREATE TABLE t (x int PRIMARY KEY, y int); INSERT INTO t VALUES (1, 1), (2, 2)')
    await sql.run('BEGIN; UPDATE t SET y = 10 WHERE x = 1')
    await run(other, `SET statement_timeout = '20ms'; BEGIN; UPDATE t SET y = 20 WHERE x = 2; SAVEPOINT s`)
    assert.equal(await failure(other, 'UPDATE t SET y = 20 WHERE x = 1'), '57014')
    await run(other, 'ROLLBACK TO s; COMMIT')
    await sql.run('COMMIT')
    assert.deepEqual(await sql.run('SELECT * FROM t ORDER BY x'), ['1|10', '2|20'])
  })

  test('ends while it reads from a cursor', async () => {
    await using sql = await TestSql.open()
    await sql.run(`BEGIN; DECLARE c CURSOR FOR SELECT count(*) FROM generate_series(1, 1000000000)`)
    await sql.run(`SET LOCAL statement_timeout = '20ms'`)
    assert.equal(await failure(sql.session, 'FETCH c'), '57014')
  })
})

describe('other sessions', () => {
  test('are told to cancel or to end', async () => {
    await using sql = await TestSql.open()
    await using other = await sql.openSession()
    const told: string[] = []
    other.onEvent(({ kind }) => told.push(kind))
    await sql.run(`SELECT pg_cancel_backend(${other.processId}), pg_terminate_backend(${other.processId})`)
    assert.deepEqual(told, ['cancel', 'terminate'])
    await sql.run('CREATE ROLE joe LOGIN; CREATE ROLE ann LOGIN')
    await using joe = await sql.engine.openSession({ user: 'joe' })
    await using ann = await sql.engine.openSession({ user: 'ann' })
    for (const target of [other, ann])
      assert.equal(await failure(joe, `SELECT pg_cancel_backend(${target.processId})`), '42501')
    assert.deepEqual(
      await run(joe, `SELECT usename, query FROM pg_stat_activity WHERE usename <> 'orbit' ORDER BY 1`),
      [
        'ann|<insufficient privilege>',
        `joe|SELECT usename, query FROM pg_stat_activity WHERE usename <> 'orbit' ORDER BY 1`,
      ],
    )
  })

  test('a session begins with the settings that it may have', async () => {
    await using sql = await TestSql.open()
    await sql.run('CREATE ROLE joe LOGIN; CREATE ROLE team; GRANT team TO joe')
    const open = (settings: Record<string, string>): Promise<SqlSession> =>
      sql.engine.openSession({ user: 'joe', settings })
    await assert.rejects(open({ role: 'orbit' }), { code: 'PERMISSION_DENIED' })
    await assert.rejects(open({ is_superuser: 'on' }), /cannot be changed/)
    await assert.rejects(open({ session_authorization: 'orbit' }), /cannot be changed/)
    await assert.rejects(open({ tiemzone: 'UTC' }), /unrecognized configuration parameter/)
    await assert.rejects(open({ timezone: 'Nowhere/Land' }), /time zone/)
    await using session = await open({ role: 'team', datestyle: 'german' })
    assert.deepEqual(await run(session, 'SELECT current_user, session_user'), ['team|joe'])
    assert.deepEqual(await run(session, 'SHOW DateStyle'), ['German, MDY'])
  })
})

describe('what is not there says so by name', () => {
  test('two-phase commit, DO, CALL', async () => {
    await using sql = await TestSql.open()
    for (const text of [`PREPARE TRANSACTION 'x'`, `COMMIT PREPARED 'x'`, 'DO $$ BEGIN END $$', 'CALL p()'])
      assert.equal(await failure(sql.session, text), '0A000', text)
  })
})

describe('DISCARD, RESET, SHOW', () => {
  test('undo what the session has made', async () => {
    await using sql = await TestSql.open()
    await sql.run(`CREATE TEMP TABLE t (id int); SET work_mem = '1MB'; PREPARE p AS SELECT 1`)
    await sql.run('SELECT pg_advisory_lock(1); DECLARE c CURSOR WITH HOLD FOR SELECT 1')
    assert.deepEqual(await sql.run('SELECT name FROM pg_prepared_statements'), ['p'])
    assert.deepEqual(await sql.run('SELECT name, is_holdable FROM pg_cursors'), ['c|t'])
    assert.equal(await failure(sql.session, 'BEGIN; DISCARD ALL'), '25001')
    await sql.run('ROLLBACK; DISCARD ALL')
    for (const [text, code] of [
      ['SELECT * FROM t', '42P01'],
      ['EXECUTE p', '26000'],
      ['FETCH c', '34000'],
    ] as const)
      assert.equal(await failure(sql.session, text), code, text)
    assert.deepEqual(await sql.run('SHOW work_mem'), ['64MB'])
    assert.deepEqual(await sql.run('SELECT count(*) FROM pg_locks'), ['0'])
    assert.deepEqual(await sql.run(`SELECT setting, unit FROM pg_settings WHERE name = 'work_mem'`), [
      '65536|kB',
    ])
    const all = await sql.run('SHOW ALL')
    assert.ok(all.some((row) => row.startsWith('work_mem|64MB|')))
  })

  test('cursors move in every direction', async () => {
    await using sql = await TestSql.open()
    await sql.run('BEGIN; DECLARE c SCROLL CURSOR FOR SELECT generate_series(1, 10)')
    assert.deepEqual(await sql.run('MOVE 3 FROM c'), ['MOVE 3'])
    assert.deepEqual(await sql.run('FETCH 2 FROM c'), ['4', '5'])
    assert.deepEqual(await sql.run('FETCH PRIOR FROM c'), ['4'])
    assert.deepEqual(await sql.run('FETCH ABSOLUTE -1 FROM c'), ['10'])
    assert.deepEqual(await sql.run('FETCH RELATIVE -4 FROM c'), ['6'])
    assert.deepEqual(await sql.run('FETCH BACKWARD ALL FROM c'), ['5', '4', '3', '2', '1'])
    assert.deepEqual(await sql.run('MOVE ALL FROM c'), ['MOVE 10'])
    assert.deepEqual(await sql.run('FETCH FIRST FROM c'), ['1'])
    await sql.run('CLOSE c')
    assert.equal(await failure(sql.session, 'MOVE c'), '34000')
  })
})
