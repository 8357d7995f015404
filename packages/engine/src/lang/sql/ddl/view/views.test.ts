import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestSql, failure } from '../../session/test-session.test.data.js'

async function withSql(setup: string, work: (sql: TestSql) => Promise<void>): Promise<void> {
  await using sql = await TestSql.open()
  await sql.run(setup)
  await work(sql)
}

const TABLE = `
  CREATE TABLE t (id int PRIMARY KEY, a int DEFAULT 7, b text);
  INSERT INTO t VALUES (1, 10, 'x'), (2, 20, 'y')`

test('a view has the columns that its star meant when it was made', () =>
  withSql(
    `${TABLE}; CREATE VIEW v AS SELECT * FROM t; CREATE VIEW w AS SELECT x.*, y.b AS yb FROM t x JOIN t y USING (id)`,
    async (sql) => {
      await sql.run('ALTER TABLE t ADD COLUMN c int DEFAULT 5')
      assert.deepEqual(await sql.run('SELECT * FROM v ORDER BY id'), ['1|10|x', '2|20|y'])
      assert.deepEqual(await sql.run('SELECT * FROM w WHERE id = 1'), ['1|10|x|x'])
      assert.deepEqual(await sql.run(`SELECT pg_get_viewdef('v'::regclass)`), [
        ' SELECT t.id, t.a, t.b FROM t;',
      ])
    },
  ))

test('views follow what they read when it is renamed or moved', () =>
  withSql(
    `${TABLE}; CREATE VIEW v AS SELECT t.id, "a" FROM t WHERE t.a > 5; CREATE VIEW w AS SELECT * FROM v`,
    async (sql) => {
      await sql.run(
        'ALTER TABLE t RENAME COLUMN a TO "new a"; ALTER TABLE t RENAME TO "T t"; ALTER VIEW v RENAME TO v2',
      )
      assert.deepEqual(await sql.run('SELECT * FROM w ORDER BY id'), ['1|10', '2|20'])
      await sql.run('CREATE SCHEMA s; ALTER TABLE "T t" SET SCHEMA s; ALTER VIEW v2 RENAME COLUMN a TO z')
      assert.deepEqual(await sql.run('SELECT id, a FROM w ORDER BY id'), ['1|10', '2|20'])
      assert.deepEqual(await sql.run('SELECT z FROM v2 WHERE id = 2'), ['20'])
      await sql.run('ALTER TABLE s."T t" DROP COLUMN b')
      assert.deepEqual(await sql.run('SELECT * FROM w ORDER BY id'), ['1|10', '2|20'])
      assert.equal(await failure(sql.session, 'ALTER TABLE s."T t" DROP COLUMN "new a"'), '2BP01')
    },
  ))

test('a WITH query of the name is not what is renamed', () =>
  withSql(
    `${TABLE}; CREATE VIEW v AS WITH t AS (SELECT 1 AS id) SELECT t.id, u.b FROM t JOIN public.t u USING (id)`,
    async (sql) => {
      await sql.run('ALTER TABLE t RENAME TO other')
      assert.deepEqual(await sql.run('SELECT * FROM v'), ['1|x'])
    },
  ))

test('a view of one table can be changed through', () =>
  withSql(
    `${TABLE}; CREATE VIEW v (i, aa, n) AS SELECT id, a, id + 1 FROM t WHERE a > 5; CREATE VIEW w AS SELECT i AS k, aa FROM v`,
    async (sql) => {
      assert.deepEqual(await sql.run(`INSERT INTO v (i) VALUES (3) RETURNING *`), ['3|7|4'])
      assert.deepEqual(await sql.run(`UPDATE w SET aa = aa + 1 WHERE k < 3 RETURNING *`), ['1|11', '2|21'])
      assert.deepEqual(
        await sql.run(
          `INSERT INTO v (i, aa) VALUES (3, 1) ON CONFLICT (i) DO UPDATE SET aa = excluded.aa RETURNING i, aa`,
        ),
        ['3|1'],
      )
      assert.deepEqual(await sql.run(`DELETE FROM w WHERE k IN (2, 3) RETURNING k`), ['2'])
      assert.deepEqual(await sql.run('SELECT id, a FROM t ORDER BY id'), ['1|11', '3|1'])
      assert.equal(await failure(sql.session, 'UPDATE v SET n = 1'), '0A000')
      assert.equal(await failure(sql.session, 'UPDATE v SET a = 1'), '42703')
    },
  ))

test('a checked view takes only rows that it shows', () =>
  withSql(
    `${TABLE};
     CREATE VIEW open AS SELECT id, a FROM t WHERE a < 100;
     CREATE VIEW local AS SELECT id, a FROM open WHERE a > 5 WITH LOCAL CHECK OPTION;
     CREATE VIEW cascaded AS SELECT id, a FROM open WHERE a > 5 WITH CASCADED CHECK OPTION`,
    async (sql) => {
      assert.deepEqual(await sql.run('INSERT INTO local VALUES (3, 200)'), ['INSERT 0 1'])
      assert.equal(await failure(sql.session, 'INSERT INTO local VALUES (4, 1)'), '44000')
      assert.equal(await failure(sql.session, 'INSERT INTO cascaded VALUES (4, 200)'), '44000')
      assert.equal(await failure(sql.session, 'UPDATE cascaded SET a = 1'), '44000')
      assert.deepEqual(await sql.run('UPDATE cascaded SET a = 6 WHERE id = 1'), ['UPDATE 1'])
      assert.deepEqual(await sql.run('SELECT id, a FROM t ORDER BY id'), ['1|6', '2|20', '3|200'])
    },
  ))

test('other views cannot be changed', () =>
  withSql(
    `${TABLE};
     CREATE VIEW grouped AS SELECT a, count(*) FROM t GROUP BY a;
     CREATE VIEW counted AS SELECT count(*) FROM t;
     CREATE VIEW joined AS SELECT x.id FROM t x JOIN t y USING (id);
     CREATE VIEW first AS SELECT id FROM t LIMIT 1;
     CREATE MATERIALIZED VIEW kept AS SELECT id FROM t`,
    async (sql) => {
      for (const view of ['grouped', 'counted', 'joined', 'first'])
        assert.equal(await failure(sql.session, `DELETE FROM ${view}`), '55000')
      assert.equal(await failure(sql.session, 'DELETE FROM kept'), '42809')
      assert.deepEqual(
        await sql.run(
          `SELECT table_name, is_updatable FROM information_schema.views WHERE table_schema = 'public' ORDER BY 1`,
        ),
        ['counted|NO', 'first|NO', 'grouped|NO', 'joined|NO', 'kept|NO'],
      )
    },
  ))

test('a user needs privileges on the view, its owner on the table', () =>
  withSql(
    `${TABLE}; CREATE ROLE owner; CREATE ROLE user1; GRANT ALL ON SCHEMA public TO owner, user1;
     GRANT SELECT, UPDATE ON t TO owner; SET ROLE owner; CREATE VIEW v AS SELECT id, a FROM t;
     GRANT SELECT, UPDATE, INSERT ON v TO user1; RESET ROLE; SET ROLE user1`,
    async (sql) => {
      assert.deepEqual(await sql.run('UPDATE v SET a = 1 WHERE id = 1'), ['UPDATE 1'])
      assert.equal(await failure(sql.session, 'UPDATE t SET a = 1'), '42501')
      assert.equal(await failure(sql.session, 'INSERT INTO v VALUES (5, 5)'), '42501')
      assert.equal(await failure(sql.session, 'DELETE FROM v'), '42501')
    },
  ))
