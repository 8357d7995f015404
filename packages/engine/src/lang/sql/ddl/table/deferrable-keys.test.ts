import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestSql, failure, run } from '../../session/test-session.test.data.js'

for (const isolation of ['READ COMMITTED', 'REPEATABLE READ']) {
  test(`one of two transactions that bring in the same deferred value fails, ${isolation}`, async () => {
    await using sql = await TestSql.open()
    const other = await sql.openSession()
    await sql.run('CREATE TABLE t (a int UNIQUE DEFERRABLE INITIALLY DEFERRED, b int)')
    for (const [session, b] of [
      [sql.session, 1],
      [other, 2],
    ] as const)
      await run(session, `BEGIN ISOLATION LEVEL ${isolation}; INSERT INTO t VALUES (7, ${b})`)
    assert.deepEqual(await sql.run('COMMIT'), ['COMMIT'])
    assert.equal(
      await failure(other, 'COMMIT'),
      isolation === 'READ COMMITTED' ? '23505' : 'TRANSACTION_CONFLICT',
    )
    assert.deepEqual(await sql.run('SELECT b FROM t'), ['1'])
    await other.close()
  })
}

test('a deferred key is checked where its table, or it, is gone by then', async () => {
  await using sql = await TestSql.open()
  await sql.run(`CREATE TABLE t (a int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED);
    BEGIN; INSERT INTO t VALUES (1), (1); ALTER TABLE t DROP CONSTRAINT t_pkey; COMMIT`)
  assert.deepEqual(await sql.run('SELECT a FROM t'), ['1', '1'])
  await sql.run(`DELETE FROM t; ALTER TABLE t ADD UNIQUE (a) DEFERRABLE INITIALLY DEFERRED;
    BEGIN; INSERT INTO t VALUES (1), (1); DROP TABLE t; COMMIT`)
  assert.equal(await failure(sql.session, 'SELECT a FROM t'), '42P01')
})
