/** What the catalogs show of definitions, for whoever looks from which schemas. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OrbitError } from '@orbit-ts/base'
import { int4, jsonb, text } from '../../../../models/relational/schema/column-types.js'
import { table } from '../../../../models/relational/table.js'
import { TestSql, failure } from '../../session/test-session.test.data.js'

async function withSql(work: (sql: TestSql) => Promise<void>): Promise<void> {
  await using sql = await TestSql.open()
  await work(sql)
}

test('names are shown with their schemas where the search path does not find them', () =>
  withSql(async (sql) => {
    await sql.run(`CREATE TYPE mood AS ENUM ('sad', 'ok');
      CREATE TABLE people (id serial PRIMARY KEY, mood mood DEFAULT 'ok', moods mood[], CHECK (mood <> 'sad'));
      CREATE INDEX sad ON people (id) WHERE mood = 'sad';
      CREATE TABLE pets (owner int REFERENCES people);
      CREATE VIEW v AS SELECT p.id, 'ok'::mood AS mood FROM people p JOIN pets ON pets.owner = p.id`)
    const asked = `SELECT (SELECT string_agg(pg_get_expr(adbin, adrelid), ' ' ORDER BY adnum) FROM pg_attrdef
        WHERE adrelid = (SELECT oid FROM pg_class WHERE relname = 'people')),
      (SELECT string_agg(format_type(atttypid, -1), ' ' ORDER BY attnum) FROM pg_attribute
        WHERE attrelid = (SELECT oid FROM pg_class WHERE relname = 'people') AND attnum > 1),
      (SELECT string_agg(pg_get_constraintdef(oid), ' ' ORDER BY conname) FROM pg_constraint WHERE contype IN ('c', 'f')),
      (SELECT pg_get_expr(indpred, indrelid, true) FROM pg_index WHERE indpred IS NOT NULL),
      (SELECT pg_get_viewdef(oid) FROM pg_class WHERE relname = 'v')`
    assert.deepEqual(await sql.run(asked), [
      [
        `nextval('people_id_seq'::regclass) 'ok'::mood`,
        'mood mood[]',
        `CHECK ((mood <> 'sad'::mood)) FOREIGN KEY (owner) REFERENCES people(id)`,
        `mood = 'sad'::mood`,
        ` SELECT p.id, 'ok'::mood AS mood FROM people p JOIN pets ON pets.owner = p.id;`,
      ].join('|'),
    ])
    await sql.run(`SET search_path = ''`)
    assert.deepEqual(await sql.run(asked), [
      [
        `nextval('public.people_id_seq'::regclass) 'ok'::public.mood`,
        'public.mood public.mood[]',
        `CHECK ((mood <> 'sad'::public.mood)) FOREIGN KEY (owner) REFERENCES public.people(id)`,
        `mood = 'sad'::public.mood`,
        ` SELECT p.id, 'ok'::public.mood AS mood FROM public.people AS p JOIN public.pets ON pets.owner = p.id;`,
      ].join('|'),
    ])
  }))

test('conditions that the engine declared are shown in SQL', () =>
  withSql(async (sql) => {
    const things = table(
      'things',
      { id: int4().primaryKey(), price: int4(), name: text(), tags: text().array(), doc: jsonb() },
      {
        indexes: [{ name: 'dear', columns: ['price'], where: { price: { gt: 5 }, name: { ne: 'x' } } }],
        checks: [
          { name: 'c1', where: { price: { gte: 0, lt: 100 } } },
          { name: 'c2', where: { $or: [{ name: { like: '%a' } }, { name: null }] } },
          { name: 'c3', where: { $not: { price: { in: [1, null] } } } },
          { name: 'c4', where: { tags: { contains: "it's" } } },
          { name: 'c5', where: { 'doc.a': 1 } },
          { name: 'c6', where: { name: { startsWith: 'b' } } },
        ],
      },
    )
    await sql.engine.database.apply([things])
    assert.deepEqual(
      await sql.run(
        `SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'c' ORDER BY conname`,
      ),
      [
        'CHECK (((price >= 0) AND (price < 100)))',
        `CHECK (((name ~~ '%a'::text) OR (name IS NULL)))`,
        'CHECK ((NOT ((price = 1) OR (price IS NULL))))',
        `CHECK (('it''s'::text = ANY (tags)))`,
        `CHECK (((doc #> '{a}'::text[]) = '1'::jsonb))`,
        `CHECK (starts_with(name, 'b'::text))`,
      ],
    )
    assert.deepEqual(await sql.run(`SELECT pg_get_indexdef('dear'::regclass)`), [
      `CREATE INDEX dear ON public.things USING btree (price NULLS FIRST) WHERE ((price > 5) AND (name IS DISTINCT FROM 'x'::text))`,
    ])
    assert.deepEqual(
      await sql.run(
        `SELECT check_clause FROM information_schema.check_constraints WHERE constraint_name = 'c1'`,
      ),
      ['(((price >= 0) AND (price < 100)))'],
    )
  }))

test('what depends on what is known', () =>
  withSql(async (sql) => {
    await sql.run(
      `CREATE TABLE t (id serial PRIMARY KEY, n int CHECK (n > 0)); CREATE VIEW v AS SELECT id FROM t`,
    )
    assert.deepEqual(
      await sql.run(`SELECT pg_describe_object(classid, objid, objsubid), deptype,
          pg_describe_object(refclassid, refobjid, refobjsubid) FROM pg_depend
        WHERE classid <> 'pg_type'::regclass AND refclassid = 'pg_class'::regclass ORDER BY 1, 2, 3`),
      [
        'constraint t_n_check on table t|a|column n of table t',
        'constraint t_pkey on table t|a|column id of table t',
        'default value for column id of table t|a|column id of table t',
        'default value for column id of table t|n|sequence t_id_seq',
        'rule _RETURN on view v|i|view v',
        'rule _RETURN on view v|n|column id of table t',
        'rule _RETURN on view v|n|view v',
        'sequence t_id_seq|a|column id of table t',
      ],
    )
    assert.deepEqual(
      await sql.run(
        `SELECT pg_describe_object(classid, objid, 0) FROM pg_depend WHERE deptype = 'e' ORDER BY 1`,
      ),
      [
        'function orbit.graph_neighbors(text,text,integer,text)',
        'function orbit.graph_shortest_path(text,text,text)',
        'function orbit.vector_search(text,vector,integer)',
        'schema orbit',
      ],
    )
  }))

test('a grant on the schema public takes nothing from others', () =>
  withSql(async (sql) => {
    const access = `SELECT nspacl FROM pg_namespace WHERE nspname = 'public'`
    assert.deepEqual(await sql.run(access), ['{pg_database_owner=UC/pg_database_owner,=U/pg_database_owner}'])
    await sql.run(`CREATE ROLE joe; CREATE ROLE ann; GRANT CREATE ON SCHEMA public TO joe`)
    assert.deepEqual(
      await sql.run(`SELECT has_schema_privilege('ann', 'public', 'USAGE'),
      has_schema_privilege('joe', 'public', 'CREATE')`),
      ['t|t'],
    )
    await sql.run(`REVOKE ALL ON SCHEMA public FROM PUBLIC, joe`)
    assert.deepEqual(await sql.run(access), ['{pg_database_owner=UC/pg_database_owner}'])
  }))

test('passwords are shown to superusers alone', () =>
  withSql(async (sql) => {
    await sql.run(`CREATE ROLE joe PASSWORD 'secret'`)
    assert.deepEqual(
      await sql.run(`SELECT left(a.rolpassword, 13), r.rolpassword, left(passwd, 13)
        FROM pg_authid a JOIN pg_roles r USING (rolname) LEFT JOIN pg_shadow ON usename = rolname WHERE rolname = 'joe'`),
      ['SCRAM-SHA-256|********|SCRAM-SHA-256'],
    )
    await sql.run('SET ROLE joe')
    for (const relation of ['pg_authid', 'pg_shadow'])
      assert.equal(await failure(sql.session, `SELECT * FROM ${relation}`), '42501')
    assert.deepEqual(await sql.run(`SELECT count(*) FROM pg_roles WHERE rolname = 'joe'`), ['1'])
  }))

test('settings are told with their units, and names are taken apart', () =>
  withSql(async (sql) => {
    assert.deepEqual(
      await sql.run(`SELECT current_setting('work_mem'), current_setting('shared_buffers'), current_setting('ssl'),
        (SELECT setting || unit FROM pg_settings WHERE name = 'shared_buffers'), ('mood'::name)[0]`),
      ['64MB|128MB|off|163848kB|m'],
    )
    assert.deepEqual(
      await sql.run(`SELECT '+(int4,int4)'::regoperator, 551::regoper, to_regoperator('!~(text,text)')`),
      ['+(integer,integer)|pg_catalog.+|!~(text,text)'],
    )
    assert.deepEqual(await sql.run(`SELECT * FROM pg_options_to_table('{a=1,b}')`), ['a|1', 'b|∅'])
    assert.deepEqual(await sql.run(`SELECT xmin FROM pg_class LIMIT 1`), ['2'])
    assert.deepEqual(
      await sql.run(`SELECT '{=r/orbit}'::aclitem[] IS DISTINCT FROM '{=r/orbit}'::aclitem[]`),
      ['f'],
    )
  }))

test('what is no table is altered as PostgreSQL lets it be', () =>
  withSql(async (sql) => {
    await sql.run(
      `CREATE TABLE t (a int); CREATE VIEW v AS SELECT a FROM t; CREATE SEQUENCE s; CREATE INDEX i ON t (a)`,
    )
    const message = async (text: string): Promise<string> => {
      const found = await sql.run(text).catch((error: unknown) => error)
      assert.ok(found instanceof OrbitError, text)
      return `${found.details['sqlState'] as string} ${found.reason} ${(found.details['detail'] as string | undefined) ?? ''}`.trim()
    }
    assert.equal(
      await message('ALTER TABLE v ADD COLUMN b int'),
      '42809 ALTER action ADD COLUMN cannot be performed on relation "v" This operation is not supported for views.',
    )
    assert.equal(
      await message('ALTER TABLE s ALTER COLUMN last_value TYPE int'),
      '42809 ALTER action ALTER COLUMN ... SET DATA TYPE cannot be performed on relation "s" This operation is not supported for sequences.',
    )
    assert.equal(
      await message('ALTER TABLE pg_class ADD COLUMN b int'),
      '42501 permission denied: "pg_class" is a system catalog',
    )
    assert.equal(
      await message('ALTER TABLE t DISABLE TRIGGER ALL'),
      '0A000 ALTER TABLE ... DISABLE TRIGGER ALL is not supported',
    )
    assert.equal(
      await message('CREATE VIEW w WITH (security_invoker) AS SELECT 1'),
      '0A000 a view with security_invoker is not supported',
    )
    assert.equal(
      await message('CREATE VIEW w WITH (nope) AS SELECT 1'),
      '22023 unrecognized parameter "nope"',
    )
    await sql.run('CREATE VIEW w WITH (security_barrier, check_option = local) AS SELECT a FROM t')
    assert.deepEqual(await sql.run(`SELECT reloptions FROM pg_class WHERE relname = 'w'`), [
      '{security_barrier=true,check_option=local}',
    ])
  }))
