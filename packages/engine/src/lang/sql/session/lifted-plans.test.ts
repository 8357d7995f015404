import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { LiftedStatement } from './lifted-plans.js'
import { TestSql, failure, run } from './test-session.test.data.js'

const TABLE = `CREATE TABLE t (id int PRIMARY KEY, name text, day date, price numeric(10,2), code varchar(3), big bigint);
  INSERT INTO t SELECT i, 'n' || i, date '2020-01-01' + i, i / 4.0, null, 10000000000 + i FROM generate_series(1, 300) i;
  ANALYZE t`

/** How each is written with a number, and whether its plan can be shared by all numbers. */
const QUERIES: readonly (readonly [text: (n: number) => string, isShared: boolean])[] = [
  [(n) => `SELECT name FROM t WHERE id = ${n}`, true],
  [(n) => `SELECT name FROM t WHERE id = -${n} OR id = - ${n} + ${2 * n}`, true],
  [(n) => `SELECT id FROM t WHERE name = 'n${n}'`, true],
  [(n) => `SELECT id FROM t WHERE day = '2020-01-${10 + n}'`, true],
  [(n) => `SELECT id FROM t WHERE day = date '2020-01-${10 + n}' + interval '${n} day'`, true],
  [(n) => `SELECT id, price * ${n}.5 FROM t WHERE id IN (${n}, ${n + 1}) ORDER BY 1`, true],
  [(n) => `SELECT id FROM t WHERE big = 1000000000${n} LIMIT ${n}`, true],
  [(n) => `SELECT ${n}, -${n}, '${n}', 'it''s ${n}', ${n}.25, 700000000${n}`, true],
  [(n) => `SELECT name::varchar(${n}) FROM t WHERE id = ${n + 10}`, true],
  [(n) => `SELECT id % 3 AS a, count(*) FROM t WHERE id < ${n} GROUP BY 1 ORDER BY 1, 2`, true],
  [(n) => `SELECT id, name FROM t WHERE id < 5 ORDER BY ${(n % 2) + 1} DESC LIMIT ${n}`, true],
  [(n) => `SELECT jsonb '{"a":${n}}' ->> 'a'`, true],
  [
    (n) =>
      `SELECT CASE WHEN id = ${n} THEN 'x' ELSE name END FROM t WHERE id BETWEEN ${n} AND ${n + 1} ORDER BY id`,
    true,
  ],
  [(n) => `UPDATE t SET price = price + -${n} WHERE id = ${n} RETURNING price`, true],
  [
    (n) =>
      `INSERT INTO t VALUES (${n} + 5000, 'a''b${n}', '2021-01-0${n}', ${n}.255, 'abc', -${n}) RETURNING *`,
    true,
  ],
  [(n) => `DELETE FROM t WHERE id = ${n} + 5000 AND big = -${n}`, true],
  [(n) => `SELECT 'a${n}'\n 'b'`, false],
  [(n) => `SELECT count(*) FROM t WHERE name LIKE 'n${n}%'`, true],
]

describe('statements that differ in literals only', () => {
  for (const [text, isShared] of QUERIES)
    test(text(1).slice(0, 70), async () => {
      await using sql = await TestSql.open()
      await using apart = await TestSql.open()
      for (const each of [sql, apart]) await each.run(TABLE)
      for (const n of [1, 2, 3, 4, 5]) {
        // A comment keeps a text from being recognized.
        const expected = await apart.run(`${text(n)} /* ${n} */`).catch(String)
        assert.deepEqual(await sql.run(text(n)).catch(String), expected)
      }
      const [statement] = await sql.session.parse(text(6))
      assert.ok(isShared ? statement instanceof LiftedStatement : true)
      if (statement instanceof LiftedStatement) assert.equal(await isPlanned(sql, statement), isShared)
    })

  test('are recognized from the second on, unless the text itself is known', async () => {
    await using sql = await TestSql.open()
    const kinds: boolean[] = []
    for (const text of ['SELECT 1', 'SELECT 1', 'SELECT 2', 'SELECT 1'])
      kinds.push((await sql.session.parse(text))[0] instanceof LiftedStatement)
    assert.deepEqual(kinds, [false, false, true, false])
  })

  test('keep their own errors, with their own places', async () => {
    await using sql = await TestSql.open()
    await sql.run(TABLE)
    for (const day of ['2020-01-05', '2020-01-06', '2020-01-07'])
      await sql.run(`SELECT id FROM t WHERE day = '${day}'`)
    const [statement] = await sql.session.parse(`SELECT id FROM t WHERE day = '2020-13-01'`)
    assert.ok(statement instanceof LiftedStatement)
    await assert.rejects(sql.session.execute(statement, []), {
      details: { sqlState: '22008', offset: 29, hint: 'Perhaps you need a different "datestyle" setting.' },
    })
    for (const n of [1, 2, 3]) {
      assert.equal(await failure(sql.session, `SELECT id FROM t WHERE $1 = ${n}`), '42P02')
      await assert.rejects(sql.session.parse(`SELECT ${n} frm t x`), {
        details: { sqlState: '42601', offset: 13 },
      })
    }
    assert.equal(await failure(sql.session, `SELECT id FROM t WHERE id = 1 / 0`), '22012')
    assert.equal(await failure(sql.session, `SELECT id FROM t WHERE id = 2 / 0`), '22012')
    assert.equal(await failure(sql.session, `SELECT id FROM t WHERE id = 3 / 0`), '22012')
  })

  test('make tables with SELECT INTO', async () => {
    await using sql = await TestSql.open()
    for (const n of [1, 2, 3]) {
      assert.deepEqual(await sql.run(`SELECT ${n} AS a INTO made`), ['SELECT 1'])
      assert.deepEqual(await sql.run('TABLE made'), [String(n)])
      await sql.run('DROP TABLE made')
    }
  })

  test('follow the schema', async () => {
    await using sql = await TestSql.open()
    await sql.run('CREATE TABLE t (a int, b text); INSERT INTO t VALUES (1, 1), (2, 2), (3, 3), (10, 10)')
    assert.deepEqual(await sql.run('SELECT a FROM t WHERE a > 1 ORDER BY a'), ['2', '3', '10'])
    assert.deepEqual(await sql.run('SELECT a FROM t WHERE a > 2 ORDER BY a'), ['3', '10'])
    await sql.run('ALTER TABLE t ALTER a TYPE text')
    assert.equal(await failure(sql.session, 'SELECT a FROM t WHERE a > 3 ORDER BY a'), '42883')
    await sql.run('ALTER TABLE t RENAME a TO c; ALTER TABLE t RENAME b TO a')
    assert.deepEqual(await sql.run(`SELECT a FROM t WHERE a > '2' ORDER BY a`), ['3'])
    await sql.run('DROP TABLE t')
    assert.equal(await failure(sql.session, `SELECT a FROM t WHERE a > '3' ORDER BY a`), '42P01')
  })

  test('follow the search path, whatever its schemas are called', async () => {
    await using sql = await TestSql.open()
    await sql.run(`CREATE SCHEMA "a\nb"; CREATE SCHEMA a; CREATE SCHEMA b; CREATE TABLE "a\nb".t (id int);
      SET search_path = "a\nb"`)
    for (const n of [1, 2, 3]) assert.deepEqual(await sql.run(`SELECT id FROM t WHERE id = ${n}`), [])
    await sql.run('SET search_path = a, b')
    assert.equal(await failure(sql.session, 'SELECT id FROM t WHERE id = 4'), '42P01')
    assert.equal(await failure(sql.session, 'SELECT id FROM t WHERE id = 3'), '42P01')
  })

  test('ask for the privileges of whoever runs them', async () => {
    await using sql = await TestSql.open()
    await sql.run('CREATE TABLE t (a int); CREATE ROLE reader')
    for (const n of [1, 2, 3]) await sql.run(`SELECT a FROM t WHERE a = ${n}`)
    await sql.run('SET ROLE reader')
    assert.equal(await failure(sql.session, 'SELECT a FROM t WHERE a = 4'), '42501')
    assert.equal(await failure(sql.session, 'SELECT a FROM t WHERE a = 5'), '42501')
    assert.equal(await failure(sql.session, 'EXPLAIN SELECT a FROM t WHERE a = 5'), '42501')
  })

  test('wait for the end of a failed transaction', async () => {
    await using sql = await TestSql.open()
    for (const n of [1, 2, 3]) await sql.run(`SELECT ${n}`)
    await sql.run('BEGIN')
    assert.equal(await failure(sql.session, 'SELECT nothing'), '42703')
    assert.equal(await failure(sql.session, 'SELECT 4'), '25P02')
    await sql.run('ROLLBACK')
    assert.deepEqual(await sql.run('SELECT 5'), ['5'])
  })

  test('are planned for themselves where their values matter much', async () => {
    await using sql = await TestSql.open()
    await sql.run(`CREATE TABLE t (a int, b text);
      INSERT INTO t SELECT CASE WHEN i % 1000 = 0 THEN i ELSE 1 END, 'x' FROM generate_series(1, 10000) i;
      CREATE INDEX ON t (a); ANALYZE t`)
    const text = (n: number): string => `SELECT b FROM t WHERE a = ${n} AND b <> 'y'`
    assert.equal((await sql.run(text(1))).length, 9990)
    for (const n of [2000, 3000]) assert.deepEqual(await sql.run(text(n)), ['x'])
    assert.deepEqual(await run(sql.session, text(4000)), ['x'])
  })
})

/** Whether a statement runs from a plan that others have too. */
async function isPlanned({ engine, session }: TestSql, statement: LiftedStatement): Promise<boolean> {
  const catalog = await engine.readCatalog()
  const [state] = [...engine.sessions.values()].filter(({ processId }) => processId === session.processId)
  assert.ok(state !== undefined)
  return engine.liftedPlans.query(state, statement, catalog) !== undefined
}
