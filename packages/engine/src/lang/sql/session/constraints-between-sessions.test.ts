/** Constraints and definitions while two sessions work on the same rows, at the default level. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { TestSql, failure, outcomeOf, run, untilWaiting } from './test-session.test.data.js'

const TABLES = `CREATE TABLE p (id int PRIMARY KEY); INSERT INTO p VALUES (1), (2);
  CREATE TABLE c (r int REFERENCES p);
  CREATE TABLE s (id int PRIMARY KEY, r int REFERENCES p ON DELETE SET NULL ON UPDATE CASCADE, note text);
  INSERT INTO s VALUES (1, 1, 'old');
  CREATE TABLE d (id int PRIMARY KEY, r int REFERENCES p ON DELETE CASCADE); INSERT INTO d VALUES (1, 1);
  CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 1)`

/**
 * What a statement gives that waits for another session's transaction of one statement: its rows or tag, or its
 * SQLSTATE; and what a query gives afterwards.
 */
async function waiting(first: string, second: string, query: string): Promise<[string, string[]]> {
  await using sql = await TestSql.open()
  await using other = await sql.openSession()
  await sql.run(TABLES)
  await run(other, 'BEGIN')
  await run(other, first)
  const outcome = outcomeOf(sql.session, second)
  await untilWaiting(sql)
  await run(other, 'COMMIT')
  return [await outcome, await sql.run(query)]
}

describe('a foreign key', () => {
  for (const [first, second, outcome, rows] of [
    ['DELETE FROM p WHERE id = 1', 'INSERT INTO c VALUES (1)', '23503', []],
    ['UPDATE p SET id = 7 WHERE id = 2', 'INSERT INTO c VALUES (2)', '23503', []],
    ['INSERT INTO p VALUES (9)', 'INSERT INTO c VALUES (9)', 'INSERT 0 1', ['9']],
    ['INSERT INTO c VALUES (2)', 'DELETE FROM p WHERE id = 2', '23503', ['2']],
  ] as const)
    test(`${first} before ${second}`, async () => {
      assert.deepEqual(await waiting(first, second, 'SELECT r FROM c'), [outcome, rows])
    })

  for (const [first, second, query, rows] of [
    [`UPDATE s SET note = 'new'`, 'DELETE FROM p WHERE id = 1', 'SELECT * FROM s', ['1|∅|new']],
    ['UPDATE s SET r = 2', 'DELETE FROM p WHERE id = 1', 'SELECT * FROM s', ['1|2|old']],
    ['UPDATE d SET r = 2', 'DELETE FROM p WHERE id = 1', 'SELECT * FROM d', ['1|2']],
  ] as const)
    test(`its action on rows as they are then: ${first}`, async () => {
      assert.deepEqual(await waiting(first, second, query), ['DELETE 1', rows])
    })
})

describe('keys that are written anew', () => {
  test('must still be those that others refer to', async () => {
    await using sql = await TestSql.open()
    await sql.run(TABLES)
    await sql.run('INSERT INTO c VALUES (1); DELETE FROM s; DELETE FROM d')
    assert.equal(await failure(sql.session, 'ALTER TABLE p ALTER id TYPE int USING id + 100'), '23503')
    assert.equal(await failure(sql.session, 'ALTER TABLE c ALTER r TYPE int USING r + 100'), '23503')
    assert.deepEqual(await sql.run('SELECT * FROM p ORDER BY id'), ['1', '2'])
    await sql.run('ALTER TABLE p ALTER id TYPE bigint')
    assert.deepEqual(await sql.run('SELECT * FROM c JOIN p ON id = r'), ['1|1'])
  })

  test('wait for those who refer to them', async () => {
    const rekey = 'ALTER TABLE p ALTER id TYPE int USING id + 100'
    const emptied = 'DELETE FROM s; DELETE FROM d; INSERT INTO c VALUES (1)'
    assert.deepEqual(await waiting(emptied, rekey, 'SELECT r FROM c'), ['23503', ['1']])
  })
})

describe('a definition that waits for a writer sees what it wrote', () => {
  for (const [first, second, outcome, rows] of [
    ['INSERT INTO t VALUES (2, 1)', 'CREATE UNIQUE INDEX ON t (n)', '23505', ['1|1', '2|1']],
    ['INSERT INTO t VALUES (2, null)', 'ALTER TABLE t ALTER n SET NOT NULL', '23502', ['1|1', '2|∅']],
    ['INSERT INTO t VALUES (2, -1)', 'ALTER TABLE t ADD CHECK (n > 0)', '23514', ['1|1', '2|-1']],
    [
      'INSERT INTO t VALUES (2, 9)',
      'ALTER TABLE t ADD FOREIGN KEY (n) REFERENCES p',
      '23503',
      ['1|1', '2|9'],
    ],
    ['INSERT INTO t VALUES (2, 9)', 'ALTER TABLE t ALTER n TYPE text', 'ALTER TABLE', ['1|1', '2|9']],
    ['INSERT INTO t VALUES (2, 9)', 'CREATE INDEX ON t (n)', 'CREATE INDEX', ['1|1', '2|9']],
  ] as const)
    test(second, async () => {
      const query = 'SELECT * FROM t WHERE n IS NULL OR n IS NOT NULL ORDER BY id'
      assert.deepEqual(await waiting(first, second, query), [outcome, rows])
    })
})

describe('what is to be checked at the end of a transaction', () => {
  for (const renaming of [
    'ALTER TABLE u RENAME TO v',
    'ALTER TABLE u RENAME CONSTRAINT u_key TO v_key',
    'ALTER TABLE u SET SCHEMA other',
  ])
    test(`is checked whatever it is called then: ${renaming}`, async () => {
      await using sql = await TestSql.open()
      await sql.run(`CREATE SCHEMA other; CREATE TABLE u (id int, CONSTRAINT u_key UNIQUE (id) DEFERRABLE INITIALLY DEFERRED);
        INSERT INTO u VALUES (1); BEGIN; INSERT INTO u VALUES (1)`)
      assert.equal(await failure(sql.session, `${renaming}; COMMIT`), '23505')
      await sql.run('ROLLBACK')
      assert.deepEqual(await sql.run('SELECT * FROM u'), ['1'])
    })
})
