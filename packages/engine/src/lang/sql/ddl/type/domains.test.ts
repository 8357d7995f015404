import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestSql, failure } from '../../session/test-session.test.data.js'

async function withDomains(work: (sql: TestSql) => Promise<void>): Promise<void> {
  await using sql = await TestSql.open()
  await sql.run(`CREATE DOMAIN pos AS int CHECK (VALUE > 0); CREATE DOMAIN small AS pos CHECK (VALUE < 100);
    CREATE DOMAIN word AS varchar(5) NOT NULL DEFAULT 'abc'`)
  await work(sql)
}

test('casts to a domain check what it demands', () =>
  withDomains(async (sql) => {
    assert.deepEqual(await sql.run(`SELECT 5::pos, pos '9', pg_typeof(5::small), 'abcdefgh'::word`), [
      '5|9|small|abcde',
    ])
    assert.equal(await failure(sql.session, 'SELECT (-1)::small'), '23514')
    assert.equal(await failure(sql.session, 'SELECT 100::small'), '23514')
    assert.equal(await failure(sql.session, 'SELECT NULL::word'), '23502')
    assert.deepEqual(await sql.run('SELECT CASE WHEN false THEN (-1)::pos END'), ['∅'])
    assert.equal(await failure(sql.session, 'SELECT (random() * 5)::int::pos'), '0A000')
    await sql.run('PREPARE p (pos) AS SELECT $1')
    assert.equal(await failure(sql.session, 'EXECUTE p (-1)'), '23514')
  }))

test('columns of a domain hold its values, however they are written', () =>
  withDomains(async (sql) => {
    await sql.run('CREATE TABLE t (id pos PRIMARY KEY, w word, s small)')
    assert.deepEqual(await sql.run('INSERT INTO t (id) VALUES (1) RETURNING *'), ['1|abc|∅'])
    for (const [code, statement] of [
      ['23514', `INSERT INTO t VALUES (0, 'a', 1)`],
      ['23502', `INSERT INTO t VALUES (2, NULL, 1)`],
      ['22001', `INSERT INTO t VALUES (2, 'abcdef', 1)`],
      ['23514', 'UPDATE t SET s = 200'],
      ['23514', `INSERT INTO t VALUES (1) ON CONFLICT (id) DO UPDATE SET s = 1000`],
      ['23514', 'ALTER TABLE t ADD COLUMN x pos DEFAULT -1'],
      ['23502', 'CREATE TABLE u (a int); INSERT INTO u VALUES (NULL); ALTER TABLE u ALTER a TYPE word'],
    ] as const)
      assert.equal(await failure(sql.session, statement), code)
    assert.deepEqual(await sql.run('SELECT id + 1, pg_typeof(id), pg_typeof(id + 1) FROM t'), [
      '2|pos|integer',
    ])
  }))

test('a domain that changes changes its columns', () =>
  withDomains(async (sql) => {
    await sql.run(`CREATE TABLE t (s small); INSERT INTO t VALUES (50), (NULL)`)
    assert.equal(await failure(sql.session, 'ALTER DOMAIN pos ADD CONSTRAINT c CHECK (VALUE < 50)'), '23514')
    assert.equal(await failure(sql.session, 'ALTER DOMAIN small SET NOT NULL'), '23502')
    await sql.run('ALTER DOMAIN pos ADD CONSTRAINT c CHECK (VALUE < 60)')
    assert.equal(await failure(sql.session, 'INSERT INTO t VALUES (70)'), '23514')
    await sql.run(
      'ALTER DOMAIN pos DROP CONSTRAINT c; INSERT INTO t VALUES (70); ALTER DOMAIN small SET DEFAULT 7',
    )
    assert.deepEqual(await sql.run('INSERT INTO t DEFAULT VALUES RETURNING s'), ['7'])
    assert.equal(await failure(sql.session, 'DROP DOMAIN pos'), '2BP01')
    await sql.run('DROP DOMAIN pos CASCADE')
    assert.deepEqual(
      await sql.run(`SELECT count(*) FROM information_schema.columns WHERE table_name = 't'`),
      ['0'],
    )
  }))

test('attributes of a composite type are added, renamed and dropped', async () => {
  await using sql = await TestSql.open()
  await sql.run('CREATE TYPE pair AS (x int, y text); ALTER TYPE pair ADD ATTRIBUTE z numeric(4, 1)')
  assert.deepEqual(await sql.run(`SELECT ROW(1, 'a', 2.25)::pair`), ['(1,a,2.3)'])
  await sql.run(`ALTER TYPE pair DROP ATTRIBUTE y; CREATE TABLE t (p pair); INSERT INTO t VALUES (ROW(1, 2));
    ALTER TYPE pair RENAME ATTRIBUTE z TO w`)
  assert.deepEqual(await sql.run('SELECT (p).w FROM t'), ['2.0'])
  assert.equal(await failure(sql.session, 'ALTER TYPE pair ADD ATTRIBUTE v int'), '0A000')
})
