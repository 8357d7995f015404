// @ts-check
/** Debian's psql: its backslash commands, which read the catalogs, and what a person types. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { before, test } from 'node:test'
import { onEachServer } from './servers.js'

const PSQL = '/usr/bin/psql'

/** @returns {string | false} */
function missingPsql() {
  if (existsSync(PSQL)) return false
  const reason = 'psql is not installed (Debian: postgresql-client)'
  if (process.env['ORBIT_REQUIRE_SERVERS'] === '1') throw new Error(reason)
  console.error(`SKIPPED: ${reason}`)
  return reason
}

const SCHEMA = `
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE TABLE people (id int PRIMARY KEY, name text NOT NULL, born date DEFAULT '2000-01-01', UNIQUE (name));
CREATE TABLE pets (id serial PRIMARY KEY, owner int REFERENCES people (id) ON DELETE CASCADE, mood mood);
CREATE INDEX pets_mood ON pets (mood);
CREATE VIEW owners AS SELECT people.id FROM people;
CREATE SEQUENCE tickets START 5;
COMMENT ON TABLE people IS 'who has pets';
CREATE ROLE joe LOGIN;
`

/** What the tables of psql's answers say, without their frames. @param {string} text */
const cells = (text) =>
  text
    .split('\n')
    .filter((line) => line.includes('|'))
    .map((line) => line.split('|').map((cell) => cell.trim()))

onEachServer('psql', (server) => {
  /** @param {...string} commands @returns {{ out: string, err: string, status: number | null }} */
  const psql = (...commands) => {
    const options = commands.flatMap((command) => ['-c', command])
    const found = spawnSync(PSQL, ['-X', '-v', 'ON_ERROR_STOP=1', server().url, ...options], {
      encoding: 'utf8',
      env: { ...process.env, PGCONNECT_TIMEOUT: '20' },
    })
    return { out: found.stdout, err: found.stderr, status: found.status }
  }
  /** The columns of an answer that are named, of each row. @param {string} command @param {...string} names */
  const rowsOf = (command, ...names) => {
    const { out, err } = psql(command)
    assert.equal(err, '')
    const [head = [], ...rows] = cells(out)
    return rows.map((row) => names.map((name) => row[head.indexOf(name)]))
  }
  const skip = missingPsql()

  before(() => {
    if (skip !== false) return
    const { err, status } = psql(SCHEMA)
    assert.equal(status, 0, err)
  })

  test('\\d, \\dt, \\di, \\dv, \\ds list what is there', { skip }, () => {
    assert.deepEqual(rowsOf('\\d', 'Name', 'Type'), [
      ['owners', 'view'],
      ['people', 'table'],
      ['pets', 'table'],
      ['pets_id_seq', 'sequence'],
      ['tickets', 'sequence'],
    ])
    assert.deepEqual(rowsOf('\\dt', 'Name'), [['people'], ['pets']])
    assert.deepEqual(rowsOf('\\di', 'Name', 'Table'), [
      ['people_name_key', 'people'],
      ['people_pkey', 'people'],
      ['pets_mood', 'pets'],
      ['pets_pkey', 'pets'],
    ])
    assert.deepEqual(rowsOf('\\dv', 'Schema', 'Name'), [['public', 'owners']])
    assert.deepEqual(rowsOf('\\ds', 'Name'), [['pets_id_seq'], ['tickets']])
    assert.deepEqual(rowsOf('\\dt+', 'Name', 'Description'), [
      ['people', 'who has pets'],
      ['pets', ''],
    ])
  })

  test('\\d of a table shows its columns, indexes and foreign keys', { skip }, () => {
    const { out } = psql('\\d pets')
    assert.equal(
      out,
      `                            Table "public.pets"
 Column |  Type   | Collation | Nullable |             Default              
--------+---------+-----------+----------+----------------------------------
 id     | integer |           | not null | nextval('pets_id_seq'::regclass)
 owner  | integer |           |          | 
 mood   | mood    |           |          | 
Indexes:
    "pets_pkey" PRIMARY KEY, btree (id)
    "pets_mood" btree (mood)
Foreign-key constraints:
    "pets_owner_fkey" FOREIGN KEY (owner) REFERENCES people(id) ON DELETE CASCADE

`,
    )
    const people = psql('\\d+ people').out
    assert.match(people, /Referenced by:\n {4}TABLE "pets" CONSTRAINT "pets_owner_fkey" FOREIGN KEY/)
    assert.match(people, /"people_name_key" UNIQUE CONSTRAINT, btree \(name\)/)
    assert.match(psql('\\d tickets').out, /bigint \| {5}5 \| {7}1 \| 9223372036854775807/)
    assert.match(psql('\\d+ owners').out, /View "public.owners"/)
    assert.match(psql('\\d nothing').err, /Did not find any relation named "nothing"\./)
  })

  test('\\l, \\dn, \\du, \\dT, \\df, \\dp, \\dd', { skip }, () => {
    assert.ok(rowsOf('\\l', 'Name').some(([name]) => name === server().database))
    assert.ok(rowsOf('\\dn', 'Name').some(([name]) => name === 'public'))
    assert.ok(rowsOf('\\du', 'Role name').some(([name]) => name === 'joe'))
    assert.deepEqual(rowsOf('\\dT', 'Schema', 'Name'), [['public', 'mood']])
    assert.deepEqual(rowsOf('\\df pg_sleep', 'Result data type', 'Argument data types'), [
      ['void', 'double precision'],
    ])
    assert.deepEqual(rowsOf('\\dp people', 'Name', 'Type'), [['people', 'table']])
    assert.deepEqual(rowsOf('\\dd', 'Name'), [])
  })

  test('\\conninfo, \\gdesc, \\copy and \\encoding', { skip }, () => {
    const { port, user, database } = server()
    assert.match(
      psql('\\conninfo').out,
      new RegExp(
        `connected to database "${database}" as user "${user}" on host "127.0.0.1" at port "${port}"`,
      ),
    )
    const described = spawnSync(PSQL, ['-X', server().url], {
      input: "SELECT 1 AS a, 'x'::text AS b, 2.5::numeric(4,1) AS c \\gdesc\n",
      encoding: 'utf8',
    })
    assert.deepEqual(cells(described.stdout), [
      ['Column', 'Type'],
      ['a', 'integer'],
      ['b', 'text'],
      ['c', 'numeric(4,1)'],
    ])
    const copied = spawnSync(PSQL, ['-X', server().url], {
      input: `CREATE TEMP TABLE c (id int, name text);
\\copy c FROM STDIN
1\tone
2\t\\N
\\.
\\copy c TO STDOUT (FORMAT csv, HEADER)
\\copy c FROM STDIN
x\ty
\\.
SELECT count(*) FROM c;
`,
      encoding: 'utf8',
    })
    assert.match(copied.stdout, /COPY 2\nid,name\n1,one\n2,\n count \n-------\n {5}2\n/)
    assert.match(
      copied.stderr,
      /invalid input syntax for type integer: "x"\nCONTEXT: {2}COPY c, line 1, column id: "x"/,
    )
    assert.equal(psql('\\encoding').out.trim(), 'UTF8')
  })

  test('errors show their detail, hint and position', { skip }, () => {
    assert.equal(
      psql('SELECT nam FROM people').err,
      `ERROR:  column "nam" does not exist
LINE 1: SELECT nam FROM people
               ^
HINT:  Perhaps you meant to reference the column "people.name".
`,
    )
    assert.equal(
      psql("INSERT INTO people VALUES (1, 'ann'), (2, 'ann')").err,
      `ERROR:  duplicate key value violates unique constraint "people_name_key"
DETAIL:  Key (name)=(ann) already exists.
`,
    )
    assert.equal(psql('ROLLBACK').err, 'WARNING:  there is no transaction in progress\n')
    assert.equal(
      psql('CREATE TABLE IF NOT EXISTS people (id int)').err,
      'NOTICE:  relation "people" already exists, skipping\n',
    )
  })

  test('a script of several statements is one transaction', { skip }, () => {
    const { err, status } = psql('INSERT INTO people VALUES (9, $$z$$); SELECT 1 / 0')
    assert.equal(err, 'ERROR:  division by zero\n')
    assert.equal(status, 1)
    assert.match(psql('SELECT count(*) FROM people').out, /^ {5}0$/m)
  })

  test('TLS', { skip }, () => {
    const { port, user, database, caFile } = server()
    const found = spawnSync(
      PSQL,
      [
        '-X',
        `host=localhost port=${port} user=${user} dbname=${database} sslmode=verify-full sslrootcert=${caFile}`,
      ],
      { input: '\\conninfo\n', encoding: 'utf8' },
    )
    assert.match(found.stdout, /SSL connection \(protocol: TLSv1\.3/)
  })
})
