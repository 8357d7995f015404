import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestSql, failure } from '../../session/test-session.test.data.js'

test('what is made after ALTER DEFAULT PRIVILEGES has them', async () => {
  await using sql = await TestSql.open()
  await sql.run(`CREATE ROLE r; CREATE SCHEMA s; ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO r;
    ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT INSERT ON TABLES TO r; ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO r;
    CREATE TABLE t (a serial); CREATE TABLE s.u (a int); CREATE VIEW v AS SELECT 1 AS a`)
  assert.deepEqual(
    await sql.run(`SELECT has_table_privilege('r', 't', 'select'), has_table_privilege('r', 't', 'insert'),
      has_table_privilege('r', 's.u', 'insert'), has_table_privilege('r', 'v', 'select'),
      has_sequence_privilege('r', 't_a_seq', 'usage')`),
    ['t|f|t|t|t'],
  )
  await sql.run('ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM r; CREATE TABLE w (a int)')
  assert.deepEqual(await sql.run(`SELECT has_table_privilege('r', 'w', 'select')`), ['f'])
  assert.equal(await failure(sql.session, 'DROP ROLE r'), '2BP01')
  await sql.run('DROP OWNED BY r; DROP ROLE r')
  assert.deepEqual(await sql.run('SELECT count(*) FROM pg_default_acl'), ['0'])
})

test('a superuser goes on as another user, and comes back', async () => {
  await using sql = await TestSql.open()
  await sql.run('CREATE ROLE r; CREATE TABLE t (a int); SET SESSION AUTHORIZATION r')
  assert.deepEqual(await sql.run(`SELECT current_user, session_user, current_setting('is_superuser')`), [
    'r|r|off',
  ])
  assert.equal(await failure(sql.session, 'SELECT * FROM t'), '42501')
  await sql.run('RESET SESSION AUTHORIZATION')
  assert.deepEqual(await sql.run('SELECT session_user, (SELECT count(*) FROM t)'), ['orbit|0'])
  await sql.run('BEGIN; SET LOCAL SESSION AUTHORIZATION r; COMMIT')
  assert.deepEqual(await sql.run('SELECT session_user'), ['orbit'])
})

test('materialized views have indexes', async () => {
  await using sql = await TestSql.open()
  await sql.run(`CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2);
    CREATE MATERIALIZED VIEW v AS SELECT a, a % 2 AS b FROM t; CREATE UNIQUE INDEX v_a ON v (a)`)
  assert.deepEqual(await sql.run(`SELECT tablename, indexdef FROM pg_indexes WHERE indexname = 'v_a'`), [
    'v|CREATE UNIQUE INDEX v_a ON public.v USING btree (a)',
  ])
  await sql.run('INSERT INTO t VALUES (3); REFRESH MATERIALIZED VIEW v')
  assert.deepEqual(await sql.run('SELECT b FROM v WHERE a = 3'), ['1'])
  await sql.run('INSERT INTO t VALUES (3)')
  assert.equal(await failure(sql.session, 'REFRESH MATERIALIZED VIEW v'), '23505')
})
