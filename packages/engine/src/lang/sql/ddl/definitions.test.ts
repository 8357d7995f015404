import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestSql, failure, run } from '../session/test-session.test.data.js'

async function withSql(work: (sql: TestSql) => Promise<void>): Promise<void> {
  await using sql = await TestSql.open()
  await work(sql)
}

test('temporary tables are of one session, and hide others of their name', () =>
  withSql(async (sql) => {
    await sql.run(`CREATE TABLE t (a text); INSERT INTO t VALUES ('everybody'); CREATE TEMP TABLE t (a text)`)
    const other = await sql.openSession()
    await run(other, `CREATE TEMP TABLE t (a int); INSERT INTO t VALUES (2)`)
    await sql.run(`INSERT INTO t VALUES ('mine')`)
    assert.deepEqual(await sql.run('SELECT a FROM t'), ['mine'])
    assert.deepEqual(await run(other, 'SELECT a FROM t'), ['2'])
    assert.deepEqual(await sql.run('SELECT a FROM public.t'), ['everybody'])
    assert.deepEqual(await sql.run('SELECT a FROM pg_temp.t'), ['mine'])
    assert.deepEqual(await sql.run(`SELECT 't'::regclass = 'public.t'::regclass, 'public.t'::regclass`), [
      'f|public.t',
    ])
    await other.close()
    await sql.run('DROP TABLE t')
    assert.deepEqual(await sql.run('SELECT a FROM t'), ['everybody'])
  }))

test('the schema public can be dropped and made again', () =>
  withSql(async (sql) => {
    await sql.run('CREATE TABLE t (a int); CREATE VIEW v AS SELECT a FROM t; CREATE SEQUENCE s')
    assert.equal(await failure(sql.session, 'DROP SCHEMA public'), '2BP01')
    await sql.run('DROP SCHEMA public CASCADE')
    assert.deepEqual(await sql.run(`SELECT count(*) FROM pg_namespace WHERE nspname = 'public'`), ['0'])
    assert.equal(await failure(sql.session, 'CREATE TABLE t (a int)'), '3F000')
    await sql.run('CREATE SCHEMA public; CREATE TABLE t (b int); INSERT INTO t VALUES (1)')
    assert.deepEqual(await sql.run('SELECT * FROM public.t'), ['1'])
  }))

test('SELECT INTO makes a table', () =>
  withSql(async (sql) => {
    assert.deepEqual(await sql.run(`SELECT 1 AS a, 'x' AS b INTO t UNION SELECT 2, 'y'`), ['SELECT 2'])
    assert.deepEqual(await sql.run('SELECT * FROM t ORDER BY a'), ['1|x', '2|y'])
    assert.equal(await failure(sql.session, 'SELECT 1 AS a INTO t'), '42P07')
  }))

test('defaults can be asked for where columns are set', () =>
  withSql(async (sql) => {
    await sql.run(`CREATE TABLE t (id serial, a int DEFAULT 3, b text DEFAULT 'd', g int GENERATED ALWAYS AS (a * 2) STORED);
                   INSERT INTO t (a, b) VALUES (1, 'x')`)
    assert.deepEqual(await sql.run('UPDATE t SET id = DEFAULT, (a, b) = (DEFAULT, upper(b)) RETURNING *'), [
      '2|3|X|6',
    ])
    assert.deepEqual(await sql.run('UPDATE t SET b = DEFAULT, g = DEFAULT RETURNING *'), ['2|3|d|6'])
  }))

test('a foreign key sets defaults, or only some of its columns null', () =>
  withSql(async (sql) => {
    await sql.run(`CREATE TABLE p (a int, b int, PRIMARY KEY (a, b)); INSERT INTO p VALUES (1, 1), (2, 2), (9, 9);
      CREATE TABLE d (a int DEFAULT 9, b int DEFAULT 9, FOREIGN KEY (a, b) REFERENCES p ON DELETE SET DEFAULT);
      CREATE TABLE n (a int, b int, FOREIGN KEY (a, b) REFERENCES p ON DELETE SET NULL (b));
      INSERT INTO d VALUES (1, 1); INSERT INTO n VALUES (2, 2); DELETE FROM p WHERE a < 3`)
    assert.deepEqual(await sql.run('SELECT * FROM d'), ['9|9'])
    assert.deepEqual(await sql.run('SELECT * FROM n'), ['2|∅'])
    assert.deepEqual(
      await sql.run(`SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'n'::regclass`),
      ['FOREIGN KEY (a, b) REFERENCES p(a, b) ON DELETE SET NULL (b)'],
    )
  }))

test('a sequence is read as a table', () =>
  withSql(async (sql) => {
    await sql.run('CREATE SEQUENCE s START 5 INCREMENT 5')
    assert.deepEqual(await sql.run('SELECT last_value, is_called FROM s'), ['5|f'])
    assert.deepEqual(await sql.run(`SELECT nextval('s'), nextval('s')`), ['5|10'])
    assert.deepEqual(await sql.run('SELECT last_value, is_called FROM s'), ['10|t'])
    assert.deepEqual(await sql.run('SELECT sequencename, last_value FROM pg_sequences'), ['s|10'])
    assert.equal(await failure(sql.session, 'UPDATE s SET last_value = 1'), '42809')
  }))

test('parts of columns are inserted', () =>
  withSql(async (sql) => {
    await sql.run('CREATE TYPE pair AS (x int, y text); CREATE TABLE t (id int, a int[], p pair)')
    assert.deepEqual(
      await sql.run(`INSERT INTO t (id, a[1], a[3], p.y) VALUES (1, 5, 6, 'z'), (2, 7, 8, 'w') RETURNING *`),
      ['1|{5,NULL,6}|(,z)', '2|{7,NULL,8}|(,w)'],
    )
    assert.equal(await failure(sql.session, 'INSERT INTO t (id, a, a[1]) VALUES (1, NULL, 2)'), '42701')
  }))
