import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestSql, failure } from '../session/test-session.test.data.js'

test('currval and lastval know the numbers that defaults have taken', async () => {
  await using sql = await TestSql.open()
  await sql.run('CREATE TABLE s (id serial, v text); CREATE SEQUENCE q')
  assert.equal(await failure(sql.session, `SELECT currval('s_id_seq')`), '55000')
  await sql.run(`INSERT INTO s (v) VALUES ('a'), ('b')`)
  assert.deepEqual(await sql.run(`SELECT currval('s_id_seq'), lastval()`), ['2|2'])
  await sql.run(`CREATE TABLE d (id int DEFAULT nextval('q'), v int DEFAULT -currval('q'), c text)`)
  assert.deepEqual(await sql.run(`INSERT INTO d (c) VALUES ('a'), ('b'), ('c') RETURNING id, v`), [
    '1|-1',
    '2|-2',
    '3|-3',
  ])
})

test('a deferred check finds a row under the key that it has got since', async () => {
  await using sql = await TestSql.open()
  await sql.run(`CREATE TABLE p (id int PRIMARY KEY);
    CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p DEFERRABLE INITIALLY DEFERRED,
      n int UNIQUE DEFERRABLE INITIALLY DEFERRED)`)
  await sql.run('BEGIN; INSERT INTO c VALUES (0, 20); UPDATE c SET id = id + 1')
  assert.equal(await failure(sql.session, 'COMMIT'), '23503')
  await sql.run('INSERT INTO p VALUES (1); INSERT INTO c VALUES (5, 1, 7)')
  await sql.run('BEGIN; INSERT INTO c VALUES (0, 1, 7); UPDATE c SET id = 1 WHERE id = 0')
  assert.equal(await failure(sql.session, 'COMMIT'), '23505')
  assert.deepEqual(await sql.run('SELECT * FROM c'), ['5|1|7'])
})

test('a view of a temporary table is temporary', async () => {
  await using sql = await TestSql.open()
  await sql.run('CREATE TEMP TABLE t (a int); CREATE VIEW v AS SELECT * FROM t')
  assert.deepEqual(
    await sql.run(`SELECT relname, relpersistence FROM pg_class WHERE relname IN ('t', 'v') ORDER BY 1`),
    ['t|t', 'v|t'],
  )
  assert.equal(await failure(sql.session, 'CREATE VIEW public.w AS SELECT * FROM t'), '42P16')
})

test('RENAME IF EXISTS passes over a relation that does not', async () => {
  await using sql = await TestSql.open()
  assert.deepEqual(await sql.run('ALTER TABLE IF EXISTS nope RENAME COLUMN a TO b'), ['ALTER TABLE'])
  assert.deepEqual(await sql.run('ALTER TABLE IF EXISTS nope RENAME CONSTRAINT a TO b'), ['ALTER TABLE'])
  assert.equal(await failure(sql.session, 'ALTER TABLE nope RENAME COLUMN a TO b'), '42P01')
})

test('elements of a schema may be written in any order, but for views', async () => {
  await using sql = await TestSql.open()
  await sql.run(
    'CREATE SCHEMA s CREATE INDEX i ON t (a) CREATE TABLE t (a int) CREATE VIEW v AS SELECT a FROM t',
  )
  assert.deepEqual(await sql.run('SELECT * FROM s.v'), [])
  assert.equal(
    await failure(sql.session, 'CREATE SCHEMA r CREATE VIEW v AS SELECT a FROM t CREATE TABLE t (a int)'),
    '0A000',
  )
})

test('a foreign key over two forms of keys is refused as unsupported, over two kinds of values as wrong', async () => {
  await using sql = await TestSql.open()
  await sql.run('CREATE TABLE p (a numeric PRIMARY KEY)')
  assert.equal(await failure(sql.session, 'CREATE TABLE c (a int REFERENCES p)'), '0A000')
  assert.equal(await failure(sql.session, 'CREATE TABLE c (a inet REFERENCES p)'), '42804')
})
