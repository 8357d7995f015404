import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { TestSql } from './test-session.test.data.js'

const TABLES = `CREATE TABLE o (a int, b int, n numeric);
  INSERT INTO o VALUES (1, 1, 1.0), (2, 2, 2), (NULL, 3, NULL), (0, 0, 0), (3, NULL, 1);
  CREATE TABLE t (id int PRIMARY KEY, x int, y int);
  INSERT INTO t VALUES (1, 1, 10), (2, -1, 10), (3, 1, 20), (4, 2, 10), (5, -2, 10), (6, NULL, 5), (7, 3, NULL), (8, -3, NULL);
  CREATE TABLE z (x int);
  INSERT INTO z VALUES (0), (1), (2);
  CREATE TABLE p (a int);
  INSERT INTO p VALUES (1), (2), (5);
  CREATE TABLE q (x int, y int);
  INSERT INTO q VALUES (1, 1), (2, 2), (NULL, 1);
  SET enable_hashagg = off`

/** Each with what PostgreSQL 15 answers. */
const QUERIES: readonly (readonly [query: string, rows: readonly string[]])[] = [
  // A row of the right side takes away rows that a condition tells from it.
  [`SELECT * FROM (SELECT 1.0 AS n EXCEPT SELECT 1) s WHERE n::text = '1.0'`, []],
  [
    'SELECT o.a, s.y FROM o, LATERAL (SELECT DISTINCT y FROM t WHERE abs(x) = o.a) s ORDER BY 1, 2',
    ['1|10', '1|20', '2|10', '3|∅'],
  ],
  [
    `SELECT * FROM (SELECT (SELECT max(b) FROM o WHERE o.a = t.x) AS k, count(*) FROM t GROUP BY 1) s
      WHERE k > 0 ORDER BY 1`,
    ['1|2', '2|1'],
  ],
  [`SELECT * FROM (SELECT random() < 2 AS k, count(*) FROM z GROUP BY random() < 2) s WHERE k`, ['t|3']],
  // Conditions that keep others from failing are asked first.
  ['SELECT (x > 0 AND 1 / x > 0) OR (x < 0 AND 1 / x > 0) FROM z ORDER BY 1', ['f', 'f', 't']],
  ['SELECT x FROM (SELECT x FROM z WHERE x <> 0) s WHERE 1 / x >= 0 ORDER BY 1', ['1', '2']],
  ['SELECT inv FROM (SELECT 1 / x AS inv FROM z WHERE x <> 0) s WHERE inv >= 0 ORDER BY 1', ['0', '1']],
  // Rows of nulls that an outer join adds do not keep to what its other side keeps to.
  [
    `SELECT coalesce(s.x, 1), count(*) FROM (
        SELECT s.x, s.y FROM p LEFT JOIN (SELECT x, y FROM q WHERE coalesce(x, 1) = y) s ON p.a = s.x
          ORDER BY s.y LIMIT 100) s
      GROUP BY 1 ORDER BY 1`,
    ['1|2', '2|1'],
  ],
  [
    `SELECT q1.y, q2.y FROM p LEFT JOIN (SELECT * FROM q WHERE 1 = y) q1 ON p.a = q1.x + 1
        LEFT JOIN (SELECT * FROM q WHERE 1 = y) q2 ON p.a = q2.x
      ORDER BY q1.y DESC, q2.y`,
    ['∅|1', '∅|∅', '1|∅'],
  ],
]

describe('queries written in another way', () => {
  let sql: TestSql
  before(async () => {
    sql = await TestSql.open()
    await sql.run(TABLES)
  })
  after(() => sql[Symbol.asyncDispose]())

  for (const [query, rows] of QUERIES)
    test(query.slice(0, 70), async () => assert.deepEqual(await sql.run(query), rows))
})
