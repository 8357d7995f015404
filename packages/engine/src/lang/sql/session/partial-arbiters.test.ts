import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestSql, failure } from './test-session.test.data.js'

test('ON CONFLICT finds a partial index whose condition follows from its own', async () => {
  await using sql = await TestSql.open()
  await sql.run(`CREATE TABLE t (id int PRIMARY KEY, a int, c text); CREATE UNIQUE INDEX ON t (c) WHERE a > 10;
    INSERT INTO t VALUES (1, 20, 'x')`)
  for (const condition of ['a > 10', 'a > 15', 'a = 20 AND id > 0']) {
    const text = `INSERT INTO t VALUES (2, 30, 'x') ON CONFLICT (c) WHERE ${condition} DO UPDATE SET a = t.a + 1 RETURNING id`
    assert.deepEqual(await sql.run(text), ['1'])
  }
  for (const condition of ['a > 5', 'a <> 20', 'id > 10'])
    assert.equal(
      await failure(
        sql.session,
        `INSERT INTO t VALUES (2, 1, 'y') ON CONFLICT (c) WHERE ${condition} DO NOTHING`,
      ),
      '42P10',
    )
})
