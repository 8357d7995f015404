import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestSql, failure } from '../session/test-session.test.data.js'

const GRAPH = `CREATE TABLE g (f int, t int); INSERT INTO g VALUES (1, 2), (2, 3), (1, 4), (3, 1)`

test('SEARCH puts the rows of a recursion in the order of a tree', async () => {
  await using sql = await TestSql.open()
  await sql.run(`${GRAPH}; DELETE FROM g WHERE f = 3`)
  const query = (order: string): string =>
    `WITH RECURSIVE r (f, t) AS (SELECT f, t FROM g WHERE f = 1 UNION ALL SELECT g.f, g.t FROM g JOIN r ON g.f = r.t)
     SEARCH ${order} FIRST BY f, t SET seq SELECT * FROM r ORDER BY seq`
  assert.deepEqual(await sql.run(query('DEPTH')), ['1|2|{"(1,2)"}', '2|3|{"(1,2)","(2,3)"}', '1|4|{"(1,4)"}'])
  assert.deepEqual(await sql.run(query('BREADTH')), ['1|2|(0,1,2)', '1|4|(0,1,4)', '2|3|(1,2,3)'])
})

test('CYCLE ends a recursion where it comes back', async () => {
  await using sql = await TestSql.open()
  await sql.run(GRAPH)
  assert.deepEqual(
    await sql.run(`WITH RECURSIVE r (f, t) AS (
        SELECT f, t FROM g WHERE f = 1 AND t = 2 UNION ALL SELECT g.f, g.t FROM g JOIN r ON g.f = r.t AND g.t <> 4)
      CYCLE f SET again TO 'Y' DEFAULT 'N' USING path SELECT * FROM r ORDER BY path`),
    ['1|2|N|{(1)}', '2|3|N|{(1),(2)}', '3|1|N|{(1),(2),(3)}', '1|2|Y|{(1),(2),(3),(1)}'],
  )
  assert.equal(
    await failure(
      sql.session,
      'WITH RECURSIVE r (a) AS (SELECT 1 UNION ALL SELECT a FROM r) CYCLE b SET m USING p SELECT * FROM r',
    ),
    '42601',
  )
})

test('a sample is the same for one seed, all rows or none at the ends', async () => {
  await using sql = await TestSql.open()
  await sql.run('CREATE TABLE t (a int PRIMARY KEY); INSERT INTO t SELECT * FROM generate_series(1, 500)')
  const count = async (sample: string): Promise<string | undefined> =>
    (await sql.run(`SELECT count(*) FROM t TABLESAMPLE ${sample}`))[0]
  assert.equal(await count('BERNOULLI (100)'), '500')
  assert.equal(await count('SYSTEM (0)'), '0')
  const half = await count('BERNOULLI (50) REPEATABLE (7)')
  assert.equal(await count('BERNOULLI (50) REPEATABLE (7)'), half)
  assert.ok(Number(half) > 150 && Number(half) < 350)
  assert.equal(await failure(sql.session, 'SELECT * FROM t TABLESAMPLE BERNOULLI (101)'), '2202H')
})

test('each row of an UPDATE is checked when its turn comes, unless the key is deferrable', async () => {
  await using sql = await TestSql.open()
  await sql.run(`CREATE TABLE t (a int PRIMARY KEY); INSERT INTO t VALUES (1), (2), (3);
    CREATE TABLE d (a int PRIMARY KEY DEFERRABLE); INSERT INTO d VALUES (1), (2), (3)`)
  assert.equal(await failure(sql.session, 'UPDATE t SET a = a + 1'), '23505')
  assert.deepEqual(await sql.run('UPDATE t SET a = a - 1'), ['UPDATE 3'])
  assert.deepEqual(await sql.run('UPDATE d SET a = a + 1'), ['UPDATE 3'])
  assert.equal(await failure(sql.session, 'INSERT INTO d VALUES (2)'), '23505')
  assert.equal(await failure(sql.session, 'INSERT INTO d VALUES (2) ON CONFLICT DO NOTHING'), '55000')
})
