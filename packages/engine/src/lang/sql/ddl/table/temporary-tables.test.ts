import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestSql, failure } from '../../session/test-session.test.data.js'

test('ON COMMIT DROP ends a table with its transaction, with what reads it', async () => {
  await using sql = await TestSql.open()
  await sql.run(`BEGIN; CREATE TEMP TABLE t (a int) ON COMMIT DROP; INSERT INTO t VALUES (1);
    CREATE TEMP VIEW v AS SELECT a FROM t`)
  assert.deepEqual(await sql.run('SELECT a FROM v'), ['1'])
  await sql.run('COMMIT')
  assert.equal(await failure(sql.session, 'SELECT a FROM t'), '42P01')
  assert.equal(await failure(sql.session, 'SELECT a FROM v'), '42P01')
})

test('what a savepoint undoes does not end another table', async () => {
  await using sql = await TestSql.open()
  await sql.run(`BEGIN; SAVEPOINT s; CREATE TEMP TABLE t (a int) ON COMMIT DROP; ROLLBACK TO s;
    CREATE TEMP TABLE t (b int); INSERT INTO t VALUES (2); COMMIT`)
  assert.deepEqual(await sql.run('SELECT b FROM t'), ['2'])
  await sql.run(`BEGIN; CREATE TEMP TABLE u (a int) ON COMMIT DELETE ROWS; ROLLBACK;
    CREATE TABLE w (a int); INSERT INTO w VALUES (3)`)
  assert.deepEqual(await sql.run('SELECT a FROM w'), ['3'])
})

test('ON COMMIT DELETE ROWS empties a table, and its indexes, at every commit', async () => {
  await using sql = await TestSql.open()
  await sql.run('CREATE TEMP TABLE t (a int PRIMARY KEY, b text UNIQUE) ON COMMIT DELETE ROWS')
  for (let round = 0; round < 2; round++) {
    await sql.run(`BEGIN; INSERT INTO t VALUES (1, 'x'), (2, 'y')`)
    assert.deepEqual(await sql.run(`SELECT a FROM t WHERE b = 'y'`), ['2'])
    await sql.run('COMMIT')
    assert.deepEqual(await sql.run('SELECT a FROM t'), [])
  }
  assert.equal(await failure(sql.session, 'CREATE TABLE p (a int) ON COMMIT DROP'), '42P16')
})
