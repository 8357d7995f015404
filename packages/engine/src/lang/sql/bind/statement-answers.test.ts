import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestSql, failure } from '../session/test-session.test.data.js'

/** Rows, or the SQLSTATE of the error, as PostgreSQL 15 gives them. */
type Answer = readonly string[] | string

async function check(before: string, cases: readonly (readonly [string, Answer])[]): Promise<void> {
  await using sql = await TestSql.open()
  if (before !== '') await sql.run(before)
  for (const [statement, answer] of cases) {
    if (typeof answer === 'string') assert.equal(await failure(sql.session, statement), answer, statement)
    else assert.deepEqual(await sql.run(statement), answer, statement)
  }
}

test('a recursive query may have definitions of its own', async () => {
  await check('', [
    [
      `WITH RECURSIVE t(j) AS (
         WITH RECURSIVE s(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM s WHERE i < 10)
         SELECT i FROM s UNION ALL SELECT j + 1 FROM t WHERE j < 10
       ) SELECT sum(j), count(*) FROM t`,
      ['385|55'],
    ],
    [
      `WITH RECURSIVE w(c) AS (WITH w(c) AS (WITH v(c) AS (SELECT 1) SELECT * FROM v) SELECT * FROM w) SELECT * FROM w`,
      ['1'],
    ],
    [
      `WITH RECURSIVE x(n) AS (WITH y AS (SELECT 1 FROM x) SELECT 0 UNION SELECT * FROM y) SELECT * FROM x`,
      '42P19',
    ],
  ])
})

test('what a query gives for a value has the name of its column', async () => {
  await using sql = await TestSql.open()
  await sql.run('CREATE TABLE t AS SELECT (VALUES (1)), (SELECT v.* FROM (VALUES (2)) v(x)), (SELECT 3)')
  assert.deepEqual(
    await sql.run(
      `SELECT attname FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum > 0 ORDER BY attnum`,
    ),
    ['column1', 'x', '?column?'],
  )
})

test('arrays of nameless records are arrays', async () => {
  await check('', [
    [
      `SELECT json_agg(ARRAY[ROW(1,2)]), to_jsonb(ARRAY[ROW(1,'a')])`,
      ['[[{"f1":1,"f2":2}]]|[{"f1": 1, "f2": "a"}]'],
    ],
    [
      'SELECT array_agg(x) || array_agg(x) FROM (VALUES (ROW(1,2)), (ROW(3,4))) v(x)',
      ['{"(1,2)","(3,4)","(1,2)","(3,4)"}'],
    ],
    [`SELECT concat_ws(',', VARIADIC 10)`, '42804'],
  ])
})

test('a whole row is one value, with the names of its table', async () => {
  await check('CREATE TABLE w (a int, b int); INSERT INTO w VALUES (1, 2)', [
    ['SELECT row_to_json(i) FROM w i(x, y)', ['{"a":1,"b":2}']],
    ['SELECT * FROM w i WHERE i IN (VALUES (i))', ['1|2']],
    ['SELECT * FROM w i WHERE (i.a, i.b) IN (VALUES (1, 2))', ['1|2']],
  ])
})

test('records of JSON are of the type that is given', async () => {
  await check('CREATE TYPE pair AS (x int, y int)', [
    [`SELECT pg_typeof(jsonb_populate_recordset(null::pair, '[{"x": 0, "y": 1}]'))`, ['pair']],
    [`SELECT * FROM json_populate_recordset(null::record, '[{"x": 776}]') AS (x int, y int)`, ['776|∅']],
    [`SELECT * FROM json_populate_recordset(row(0, 0), '[{"a":"1"}]') q (a text, b text)`, '42804'],
    [`SELECT * FROM json_populate_recordset(row(0), '[{"a":"1"}]') q (a text, b text)`, '42804'],
    [`SELECT * FROM json_populate_recordset(row(0, 5), '[{"a":"1"}]') q (a int, b int)`, ['1|5']],
  ])
})

test('untyped literals of DISTINCT aggregates are text', async () => {
  await check('', [[`SELECT jsonb_object_agg(DISTINCT 'a', 'abc'), count(DISTINCT 'a')`, ['{"a": "abc"}|1']]])
})

test('what a DISTINCT aggregate is ordered by is an argument as it is written', async () => {
  await check(`CREATE TABLE t (v varchar); INSERT INTO t VALUES ('b'), ('a'), ('b')`, [
    [`SELECT string_agg(DISTINCT v, ',' ORDER BY v DESC) FROM t`, ['b,a']],
    [`SELECT string_agg(DISTINCT v::text, ',' ORDER BY v) FROM t`, '42P10'],
    [`SELECT string_agg(DISTINCT v, ',' ORDER BY v::text) FROM t`, '42P10'],
  ])
})

test('an array written for a domain is checked', async () => {
  await check('CREATE DOMAIN rising AS int[2] CHECK (value[1] < value[2])', [
    ['SELECT ARRAY[2,1]::rising', '23514'],
    ['SELECT ARRAY[1,2]::rising', ['{1,2}']],
  ])
})

test('ON CONFLICT knows the table by its alias', async () => {
  await check(`CREATE TABLE u (k int, f text); CREATE UNIQUE INDEX ON u (k) WHERE f LIKE '%berry'`, [
    [
      `INSERT INTO u AS t VALUES (23, 'Blackberry') ON CONFLICT (k) WHERE f LIKE '%berry' AND t.f = 'x' DO NOTHING`,
      ['INSERT 0 1'],
    ],
  ])
})

test('numbers at the ends of their ranges', async () => {
  await check('', [
    [
      `SELECT float4send('7038531e-32'::float4), float4send('82381273e-35'::float4)`,
      ['\\x15ae43fd|\\x128289d1'],
    ],
    ['SELECT round(5.5e131071, -131073), round(4.5e131071, -131072), trunc(9.9e131071, -131072)', ['0|0|0']],
    ['SELECT round(5.5e131071, -131072)', '22003'],
    ['SELECT round(4.5e131071, -131071) = 5e131071', ['t']],
    ['SELECT variance(a) FROM (VALUES (5e131071), (5e131071)) v(a)', ['0']],
    ['SELECT trim_scale(variance(a) * 1e1000) FROM (VALUES (1e-500), (2e-500)) v(a)', ['1']],
    [`SELECT '92233720368547758.07'::money + '0.01'::money`, '22003'],
    [`SELECT '92233720368547758.07'::money * 2`, '22003'],
    [`SELECT date_bin('15 minutes', timestamp '294276-12-30', timestamp '4000-12-20 BC')`, '22008'],
    [`SELECT '1:20:05 5 microseconds'::interval`, '22007'],
  ])
})

test('an infinity less an infinity has all numbers in its frame', async () => {
  const window = (frame: string): string =>
    `SELECT id, first_value(id) OVER w, last_value(id) OVER w
     FROM (VALUES (0, '-inf'::float8), (1, 1), (2, 'inf'), (3, 'nan')) t(id, v)
     WINDOW w AS (ORDER BY v RANGE BETWEEN ${frame}) ORDER BY id`
  await check('', [
    [window(`'inf' FOLLOWING AND 'inf' FOLLOWING`), ['0|0|2', '1|2|2', '2|2|2', '3|3|3']],
    [window(`'inf' PRECEDING AND 'inf' FOLLOWING`), ['0|0|2', '1|0|2', '2|0|2', '3|3|3']],
  ])
})

test('a slice is not assigned between null bounds, and bounds may be left out', async () => {
  await check(`CREATE TABLE t (c int[]); INSERT INTO t VALUES ('{1,2}')`, [
    [`UPDATE t SET c[NULL:1] = '{5}'`, '22004'],
    [`UPDATE t SET c[:1] = '{5}' RETURNING c`, ['{5,2}']],
  ])
})

test('a number joined to a text is the same in every session', async () => {
  await check('', [
    [`CREATE TABLE t (a int, b text GENERATED ALWAYS AS (a || ' s') STORED)`, ['CREATE TABLE']],
    ['INSERT INTO t (a) VALUES (5) RETURNING b', ['5 s']],
    [`CREATE TABLE u (a date, b text GENERATED ALWAYS AS (a || ' s') STORED)`, '42P17'],
  ])
})
