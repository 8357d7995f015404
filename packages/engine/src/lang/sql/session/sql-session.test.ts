import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { TestSql, failure, run } from './test-session.test.data.js'

describe('a session', () => {
  test('defines, changes and asks', async () => {
    await using sql = await TestSql.open()
    assert.deepEqual(await sql.run('CREATE TABLE t (id int PRIMARY KEY, name text NOT NULL)'), [
      'CREATE TABLE',
    ])
    assert.deepEqual(await sql.run(`INSERT INTO t VALUES (1, 'one'), (2, 'two')`), ['INSERT 0 2'])
    assert.deepEqual(await sql.run('SELECT * FROM t ORDER BY id DESC'), ['2|two', '1|one'])
    assert.deepEqual(await sql.run(`UPDATE t SET name = upper(name) WHERE id = 1 RETURNING name`), ['ONE'])
    assert.deepEqual(await sql.run('DELETE FROM t WHERE id = 2'), ['DELETE 1'])
    assert.deepEqual(await sql.run('SELECT count(*) FROM t'), ['1'])
  })

  test('a statement of its own is a transaction', async () => {
    await using sql = await TestSql.open()
    await sql.run('CREATE TABLE t (id int PRIMARY KEY)')
    assert.equal(await failure(sql.session, 'INSERT INTO t VALUES (1), (2), (1)'), '23505')
    assert.deepEqual(await sql.run('SELECT count(*) FROM t'), ['0'])
    assert.equal(sql.session.transactionStatus, 'idle')
  })

  test('what is too large or too deep for the machine is an error like others', async () => {
    await using sql = await TestSql.open()
    const large = `SELECT replace(repeat('a', 30000), 'a', repeat('b', 30000))`
    assert.equal(await failure(sql.session, large), '54000')
    const deep = `SELECT length('' ${`|| 'a'`.repeat(20_000)})`
    assert.equal(await failure(sql.session, deep), '54001')
    assert.deepEqual(await sql.run('SELECT 1'), ['1'])
  })

  test('BEGIN, COMMIT and ROLLBACK', async () => {
    await using sql = await TestSql.open()
    await using other = await sql.openSession()
    await sql.run('CREATE TABLE t (id int PRIMARY KEY); BEGIN; INSERT INTO t VALUES (1)')
    assert.equal(sql.session.transactionStatus, 'active')
    assert.deepEqual(await run(other, 'SELECT count(*) FROM t'), ['0'])
    assert.deepEqual(await sql.run('COMMIT'), ['COMMIT'])
    assert.deepEqual(await run(other, 'SELECT count(*) FROM t'), ['1'])
    await sql.run('BEGIN; INSERT INTO t VALUES (2); ROLLBACK')
    assert.deepEqual(await sql.run('SELECT count(*) FROM t'), ['1'])
  })

  test('after an error only the end of the transaction is taken', async () => {
    await using sql = await TestSql.open()
    await sql.run('CREATE TABLE t (id int PRIMARY KEY); BEGIN; INSERT INTO t VALUES (1)')
    assert.equal(await failure(sql.session, 'SELECT 1 / 0'), '22012')
    assert.equal(sql.session.transactionStatus, 'failed')
    assert.equal(await failure(sql.session, 'SELECT 1'), '25P02')
    assert.deepEqual(await sql.run('COMMIT'), ['ROLLBACK'])
    assert.deepEqual(await sql.run('SELECT count(*) FROM t'), ['0'])
  })

  test('savepoints', async () => {
    await using sql = await TestSql.open()
    await sql.run('CREATE TABLE t (id int PRIMARY KEY); BEGIN; INSERT INTO t VALUES (1); SAVEPOINT a')
    assert.equal(await failure(sql.session, 'INSERT INTO t VALUES (1)'), '23505')
    await sql.run('ROLLBACK TO a; INSERT INTO t VALUES (2); RELEASE a')
    assert.equal(await failure(sql.session, 'ROLLBACK TO a'), '3B001')
    await sql.run('ROLLBACK; BEGIN; INSERT INTO t VALUES (3); COMMIT')
    assert.deepEqual(await sql.run('SELECT id FROM t ORDER BY id'), ['3'])
  })

  test('read committed sees what others have committed, repeatable read does not', async () => {
    await using sql = await TestSql.open()
    await using other = await sql.openSession()
    await sql.run('CREATE TABLE t (id int PRIMARY KEY)')
    for (const [level, expected] of [
      ['READ COMMITTED', '1'],
      ['REPEATABLE READ', '0'],
    ] as const) {
      await run(other, 'TRUNCATE t')
      await sql.run(`BEGIN ISOLATION LEVEL ${level}; SELECT count(*) FROM t`)
      await run(other, 'INSERT INTO t VALUES (1)')
      assert.deepEqual(await sql.run('SELECT count(*) FROM t'), [expected])
      await sql.run('COMMIT')
    }
  })

  test('prepared statements', async () => {
    await using sql = await TestSql.open()
    await sql.run('CREATE TABLE t (id int PRIMARY KEY, name text)')
    await sql.run(`PREPARE put (int, text) AS INSERT INTO t VALUES ($1, $2)`)
    await sql.run(`EXECUTE put (1, 'a'); EXECUTE put (1 + 1, 'b')`)
    assert.deepEqual(await sql.run('SELECT * FROM t ORDER BY id'), ['1|a', '2|b'])
    assert.equal(await failure(sql.session, 'EXECUTE put (1)'), '42601')
    assert.deepEqual(await sql.run('DEALLOCATE put'), ['DEALLOCATE'])
    assert.equal(await failure(sql.session, `EXECUTE put (3, 'c')`), '26000')
  })

  test('a prepared query is planned anew when the schema changes', async () => {
    await using sql = await TestSql.open()
    await sql.run('CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)')
    const [statement] = await sql.session.parse('SELECT * FROM t WHERE id = $1')
    assert.ok(statement !== undefined)
    const prepared = await sql.session.prepare(statement, [])
    assert.deepEqual(
      prepared.parameters.map(({ scalar }) => scalar.name),
      ['int4'],
    )
    await sql.run('CREATE INDEX t_id ON t (id)')
    const result = await sql.session.execute(prepared, [1])
    assert.ok(result.kind === 'rows')
    const rows: unknown[] = []
    for await (const batch of result.batches) rows.push(...batch)
    assert.deepEqual(rows, [[1]])
    await sql.run('ALTER TABLE t ADD COLUMN more int')
    await assert.rejects(sql.session.execute(prepared, [1]), {
      reason: 'cached plan must not change result type',
    })
  })

  test('cursors', async () => {
    await using sql = await TestSql.open()
    await sql.run('BEGIN; DECLARE c CURSOR FOR SELECT * FROM generate_series(1, 5)')
    assert.deepEqual(await sql.run('FETCH 2 FROM c'), ['1', '2'])
    assert.deepEqual(await sql.run('FETCH NEXT FROM c'), ['3'])
    assert.deepEqual(await sql.run('FETCH ALL FROM c'), ['4', '5'])
    await sql.run('COMMIT')
    assert.equal(await failure(sql.session, 'FETCH 1 FROM c'), '34000')
  })

  test('settings are shown, set and undone', async () => {
    await using sql = await TestSql.open()
    assert.deepEqual(await sql.run('SHOW timezone'), ['UTC'])
    await sql.run(`SET TIME ZONE 'Asia/Tokyo'`)
    assert.deepEqual(await sql.run(`SELECT timestamptz '2024-01-01 00:00:00Z'`), ['2024-01-01 09:00:00+09'])
    await sql.run(`BEGIN; SET timezone TO 'UTC'; ROLLBACK`)
    assert.deepEqual(await sql.run('SHOW timezone'), ['Asia/Tokyo'])
    assert.equal(await failure(sql.session, 'SELECT 1 / 0'), '22012')
    assert.deepEqual(await sql.run('SHOW timezone'), ['Asia/Tokyo'])
    await sql.run('RESET timezone')
    assert.deepEqual(await sql.run('SHOW timezone'), ['UTC'])
  })

  test('read-only transactions refuse changes', async () => {
    await using sql = await TestSql.open()
    await sql.run('CREATE TABLE t (id int); BEGIN READ ONLY')
    assert.equal(await failure(sql.session, 'INSERT INTO t VALUES (1)'), '25006')
    await sql.run('ROLLBACK')
  })

  test('a statement is cancelled, and by its own timeout', async () => {
    await using sql = await TestSql.open()
    const controller = new AbortController()
    const [statement] = await sql.session.parse('SELECT count(*) FROM generate_series(1, 1000000000)')
    assert.ok(statement !== undefined)
    const running = (async () => {
      const result = await sql.session.execute(statement, [], { signal: controller.signal })
      if (result.kind === 'rows') for await (const rows of result.batches) assert.fail(`${rows.length} rows`)
    })()
    setImmediate(() => controller.abort())
    await assert.rejects(running, {
      details: { sqlState: '57014' },
      reason: 'canceling statement due to user request',
    })
    await sql.run(`SET statement_timeout = '20ms'`)
    assert.equal(await failure(sql.session, 'SELECT count(*) FROM generate_series(1, 1000000000)'), '57014')
  })

  test('literals are read as the settings of the moment say, and at that moment', async () => {
    await using sql = await TestSql.open()
    const read = (text: string): Promise<string[]> => sql.run(`SET timezone = 'UTC'; ${text}`)
    for (const times of [1, 2, 3]) {
      await sql.run('SET datestyle = dmy')
      assert.deepEqual(await read("SELECT date '1/8/1999'"), ['1999-08-01'], `${times}`)
      await sql.run('SET datestyle = mdy')
      assert.deepEqual(await read("SELECT date '1/8/1999'"), ['1999-01-08'])
      await sql.run("SET timezone = 'Asia/Tokyo'")
      assert.deepEqual(await sql.run("SELECT timestamptz '2020-01-01' AT TIME ZONE 'UTC'"), [
        '2019-12-31 15:00:00',
      ])
      assert.deepEqual(await read("SELECT timestamptz '2020-01-01' AT TIME ZONE 'UTC'"), [
        '2020-01-01 00:00:00',
      ])
      assert.deepEqual(await sql.run("SELECT timestamptz 'now' = now(), 'now'::timestamptz = now()"), ['t|t'])
    }
  })

  test('what a lateral subquery hands on of the left side is null where nothing is found', async () => {
    await using sql = await TestSql.open()
    await sql.run('CREATE TABLE t (a int, b int); INSERT INTO t VALUES (1, 2), (2, 5)')
    assert.deepEqual(
      await sql.run(
        'SELECT t.a, t.b, s.z FROM t LEFT JOIN LATERAL (SELECT u.a, t.b AS z FROM t AS u) AS s ON t.b = s.a ORDER BY 1',
      ),
      ['1|2|2', '2|5|∅'],
    )
  })

  test('a lax synchronous_commit is taken where the store keeps nothing anyway', async () => {
    await using sql = await TestSql.open()
    await sql.run('SET synchronous_commit = off')
    await sql.run('CREATE TABLE t (n int); INSERT INTO t VALUES (1)')
    assert.deepEqual(await sql.run('SELECT n FROM t'), ['1'])
  })

  test('updates wait for one another under read committed', async () => {
    await using sql = await TestSql.open()
    await using other = await sql.openSession()
    await sql.run('CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 0)')
    await sql.run('BEGIN; UPDATE t SET n = n + 1 WHERE id = 1')
    const waiting = run(other, 'UPDATE t SET n = n + 10 WHERE id = 1')
    await sql.run('COMMIT')
    assert.deepEqual(await waiting, ['UPDATE 1'])
    assert.deepEqual(await sql.run('SELECT n FROM t'), ['11'])
  })

  test('a conflict under repeatable read is a serialization failure', async () => {
    await using sql = await TestSql.open()
    await using other = await sql.openSession()
    await sql.run('CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 0)')
    await sql.run('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT * FROM t')
    await run(other, 'UPDATE t SET n = 5')
    // The protocol gives it its SQLSTATE, 40001.
    assert.equal(await failure(sql.session, 'UPDATE t SET n = n + 1'), 'TRANSACTION_CONFLICT')
    await sql.run('ROLLBACK')
  })
})
