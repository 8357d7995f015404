// @ts-check
/** PostgreSQL's own load generator: its tables, its built-in scripts in each query mode, and one of ours. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import pg from 'pg'
import { postgresPrograms } from '../servers/sql-servers.js'
import { missingPostgres, onEachServer } from './servers.js'

const run = promisify(execFile)
const skip = missingPostgres()

const OWN = `\\set id random(1, 1000)
BEGIN;
SELECT abalance FROM pgbench_accounts WHERE aid = :id FOR UPDATE;
UPDATE pgbench_accounts SET filler = 'seen' WHERE aid = :id;
END;
SELECT count(*) FROM pgbench_accounts WHERE aid BETWEEN :id AND :id + 10 \\gset
`

onEachServer('pgbench', (server) => {
  /** @type {string} */
  let folder
  /** @type {pg.Client} */
  let client

  /** @param {...string} args */
  const pgbench = async (...args) => {
    const { port, user, database } = server()
    const program = join(postgresPrograms() ?? '', 'pgbench')
    const { stdout, stderr } = await run(program, [
      '-h',
      '127.0.0.1',
      '-p',
      String(port),
      '-U',
      user,
      ...args,
      database,
    ])
    return { stdout, stderr }
  }

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'orbit-pgbench-'))
    client = new pg.Client({ connectionString: server().url })
    await client.connect()
  })
  after(async () => {
    await client.end()
    rmSync(folder, { recursive: true })
  })

  test('-i makes and fills its tables', { skip }, async () => {
    await pgbench('-i', '-s', '1', '-q', '--foreign-keys')
    const { rows } = await client.query(
      'SELECT count(*)::int AS n, sum(abalance)::int AS sum FROM pgbench_accounts',
    )
    assert.deepEqual(rows, [{ n: 100_000, sum: 0 }])
  })

  for (const mode of ['simple', 'extended', 'prepared']) {
    test(`TPC-B and -S, ${mode} query mode`, { skip }, async () => {
      await client.query('TRUNCATE pgbench_history')
      const tpcb = await pgbench('-n', '-c', '4', '-t', '25', '-M', mode)
      assert.match(tpcb.stdout, /number of transactions actually processed: 100\/100/)
      const { rows } = await client.query(
        `SELECT (SELECT count(*)::int FROM pgbench_history) AS n,
           (SELECT sum(bbalance) FROM pgbench_branches) = (SELECT sum(abalance) FROM pgbench_accounts) AS even,
           (SELECT sum(tbalance) FROM pgbench_tellers) = (SELECT sum(bbalance) FROM pgbench_branches) AS same`,
      )
      assert.deepEqual(rows, [{ n: 100, even: true, same: true }])
      const reads = await pgbench('-n', '-S', '-c', '4', '-t', '50', '-M', mode)
      assert.match(reads.stdout, /number of transactions actually processed: 200\/200/)
    })
  }

  test('a script of its own', { skip }, async () => {
    const script = join(folder, 'own.sql')
    writeFileSync(script, OWN)
    const { stdout } = await pgbench('-n', '-c', '4', '-t', '25', '-f', script)
    assert.match(stdout, /number of transactions actually processed: 100\/100/)
    assert.match(stdout, /number of failed transactions: 0 \(0.000%\)/)
  })
})
