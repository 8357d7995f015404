// @ts-check
/**
 * Orbit's SQL against PostgreSQL, over the wire with PostgreSQL's own pgbench, and against SQLite and SurrealDB inside
 * of this process.
 *
 * Over the wire both keep their data on disk and acknowledge a commit when it is on stable storage (Orbit: RocksDB,
 * durability "sync"; PostgreSQL: fsync and synchronous_commit on). Embedded nobody waits for the disk: Orbit with
 * synchronous_commit off, SQLite in WAL mode with synchronous = NORMAL, SurrealDB with its default on RocksDB.
 *
 * `PGBENCH_SECONDS` (default 5) and `PGBENCH_ROUNDS` (default 3) say how long; the runs of the two servers alternate.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openDatabase } from '@orbit-ts/engine'
import { SqlEngine } from '@orbit-ts/engine/sql'
import { postgresPrograms, startOrbit, startPostgres } from '../integration/servers/sql-servers.js'
import { contest, printRatios, printTable, summary } from './measure.js'

const run = promisify(execFile)
const seconds = process.env['PGBENCH_SECONDS'] ?? '5'
const rounds = Number(process.env['PGBENCH_ROUNDS'] ?? 3)
/** What Linux counts processor time in. */
const TICKS_PER_SECOND = 100
const folder = mkdtempSync(join(tmpdir(), 'orbit-bench-'))
const programs = postgresPrograms()

try {
  if (programs === undefined) console.log('PostgreSQL is not installed (Debian: postgresql-15): not measured')
  else await overTheWire(join(programs, 'pgbench'))
  await embedded()
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** @param {string} pgbench */
async function overTheWire(pgbench) {
  const range = join(folder, 'range.sql')
  writeFileSync(
    range,
    `\\set id random(1, 99000)
SELECT count(*), sum(abalance) FROM pgbench_accounts WHERE aid BETWEEN :id AND :id + 99;
`,
  )
  /** @type {[name: string, args: string[]][]} */
  const loads = [
    ['-S, 1 client', ['-S', '-c', '1', '-M', 'prepared']],
    ['-S, 16 clients', ['-S', '-c', '16', '-M', 'prepared']],
    ['-S, 16 clients, simple protocol', ['-S', '-c', '16', '-M', 'simple']],
    ['sum of 100 rows, 4 clients', ['-f', range, '-c', '4', '-M', 'prepared']],
    ['TPC-B like, 1 client', ['-c', '1', '-M', 'prepared']],
    ['TPC-B like, 8 clients', ['-c', '8', '-M', 'prepared']],
  ]
  const servers = { ours: await startOrbit([]), rival: await startPostgres() }
  try {
    for (const { port, user, database } of Object.values(servers))
      await run(pgbench, ['-h', '127.0.0.1', '-p', String(port), '-U', user, '-i', '-s', '1', '-q', database])
    console.log(`pgbench, scale 1, ${rounds} × ${seconds} s each, every commit on stable storage`)
    console.log('Per core: by the processor time that the server took, its own processes and threads only.\n')
    const rows = [
      [
        'load',
        'Orbit tps',
        'PostgreSQL tps',
        'ratio',
        'Orbit tps per core',
        'PostgreSQL tps per core',
        'ratio',
      ],
    ]
    for (const [name, args] of loads) {
      /** @type {Record<'ours' | 'rival', { tps: number[], perCore: number[] }>} */
      const found = { ours: { tps: [], perCore: [] }, rival: { tps: [], perCore: [] } }
      for (let round = 0; round < rounds; round++) {
        for (const who of /** @type {const} */ (['ours', 'rival'])) {
          const { port, user, database, processId } = servers[who]
          const target = ['-h', '127.0.0.1', '-p', String(port), '-U', user]
          const before = processorSeconds(processId)
          const { stdout } = await run(pgbench, [...target, '-n', '-T', seconds, ...args, database])
          const took = processorSeconds(processId) - before
          found[who].tps.push(Number(/^tps = ([\d.]+)/m.exec(stdout)?.[1]))
          found[who].perCore.push(
            Number(/^number of transactions actually processed: (\d+)/m.exec(stdout)?.[1]) / took,
          )
        }
      }
      const median = (/** @type {number[]} */ all) => summary(all).median
      const pair = (/** @type {number} */ ours, /** @type {number} */ rival) => [
        ours.toFixed(0),
        rival.toFixed(0),
        (ours / rival).toFixed(2),
      ]
      rows.push([
        name,
        ...pair(median(found.ours.tps), median(found.rival.tps)),
        ...pair(median(found.ours.perCore), median(found.rival.perCore)),
      ])
    }
    printTable(rows)
  } finally {
    await servers.ours.close()
    await servers.rival.close()
  }
}

/**
 * Seconds that a process and its children, those that have ended too, spent on processors: PostgreSQL serves each
 * connection by a child.
 * @param {number} processId
 */
function processorSeconds(processId) {
  // A child that ends between two looks is missing in one of them.
  for (let last = '', found = family(processId); ; found = family(processId)) {
    if (found.ids === last) return found.ticks / TICKS_PER_SECOND
    last = found.ids
  }
}

/** @param {number} processId */
function family(processId) {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(processFacts)
    .filter(({ id, parent }) => id === processId || parent === processId)
  return {
    ids: all.map(({ id }) => id).join(),
    ticks: all.reduce((sum, { own, ended }) => sum + own + ended, 0),
  }
}

/** From `/proc/<id>/stat`: fields are counted after the name, which may hold anything. @param {string} id */
function processFacts(id) {
  try {
    const fields = readFileSync(`/proc/${id}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')
      .map(Number)
    const [, parent = 0] = fields
    const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11, 15)
    return { id: Number(id), parent, own: user + system, ended: endedUser + endedSystem }
  } catch {
    // It has ended since the folder was read.
    return { id: Number(id), parent: 0, own: 0, ended: 0 }
  }
}

/** @typedef {{ read(id: number): unknown, update(id: number): unknown, aggregate(): unknown, close(): unknown }} Store */

async function embedded() {
  const count = 10_000
  /** @type {Record<string, (count: number) => Promise<Store>>} */
  const rivals = {
    'SQLite (better-sqlite3, synchronous calls)': openSqlite,
    'SurrealDB (embedded)': openSurreal,
  }
  for (const [name, open] of Object.entries(rivals)) {
    const rival = await open(count).catch((/** @type {Error} */ error) => {
      console.log(`\n${name}: not measured: ${error.message}`)
    })
    if (rival === undefined) continue
    const ours = await openOrbit(count, join(folder, `orbit-${open.name}`))
    let next = 0
    const some = (/** @type {(id: number) => unknown} */ work) => async () => {
      for (let each = 0; each < 200; each++) await work((next = (next * 7919 + 1) % count))
    }
    const results = [
      await contest(
        { name: 'read by key', ours: some(ours.read), rival: some(rival.read), per: 200 },
        rounds * 3,
      ),
      await contest(
        { name: 'update by key', ours: some(ours.update), rival: some(rival.update), per: 200 },
        rounds * 3,
      ),
      await contest(
        { name: `group ${count} rows`, ours: ours.aggregate, rival: rival.aggregate, per: 1 },
        rounds,
      ),
    ]
    console.log(`\n### Orbit's SQL (embedded, RocksDB) against ${name}\n`)
    printRatios(results)
    await ours.close()
    await rival.close()
  }
}

/** @param {number} count @param {string} dataDir @returns {Promise<Store>} */
async function openOrbit(count, dataDir) {
  const database = await openDatabase({ storage: { kind: 'rocksdb', dataDir } })
  const engine = await SqlEngine.open(database)
  const session = await engine.openSession({ settings: { synchronous_commit: 'off' } })
  /** @param {import('@orbit-ts/engine/sql').PreparedStatement | import('@orbit-ts/engine/sql').ParsedStatement} statement @param {readonly number[]} parameters */
  const rowsOf = async (statement, parameters = []) => {
    const result = await session.execute(statement, parameters)
    const rows = []
    if (result.kind === 'rows') for await (const batch of result.batches) rows.push(...batch)
    return rows
  }
  for (const text of [
    'CREATE TABLE account (id int PRIMARY KEY, branch int NOT NULL, balance int NOT NULL, filler text)',
    `INSERT INTO account SELECT n, n % 100, 0, repeat('x', 80) FROM generate_series(0, ${count - 1}) n`,
    'ANALYZE account',
  ])
    for (const statement of await session.parse(text)) await rowsOf(statement)
  /** @param {string} text */
  const prepare = async (text) => {
    const [statement] = await session.parse(text)
    if (statement === undefined) throw new Error('no statement')
    return session.prepare(statement, [])
  }
  const read = await prepare('SELECT balance FROM account WHERE id = $1')
  const update = await prepare('UPDATE account SET balance = balance + 1 WHERE id = $1')
  const aggregate = await prepare(
    'SELECT branch, count(*), sum(balance) FROM account GROUP BY branch ORDER BY branch',
  )
  return {
    read: (id) => rowsOf(read, [id]),
    update: (id) => rowsOf(update, [id]),
    aggregate: () => rowsOf(aggregate),
    close: async () => {
      await session.close()
      await database.close()
    },
  }
}

/** @param {number} count @returns {Promise<Store>} */
async function openSqlite(count) {
  const { default: Database } = await import('better-sqlite3')
  const db = new Database(join(folder, 'sqlite.db'))
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = NORMAL')
  db.exec(
    'CREATE TABLE account (id integer PRIMARY KEY, branch int NOT NULL, balance int NOT NULL, filler text)',
  )
  const insert = db.prepare('INSERT INTO account VALUES (?, ?, 0, ?)')
  db.transaction(() => {
    for (let id = 0; id < count; id++) insert.run(id, id % 100, 'x'.repeat(80))
  })()
  const read = db.prepare('SELECT balance FROM account WHERE id = ?')
  const update = db.prepare('UPDATE account SET balance = balance + 1 WHERE id = ?')
  const aggregate = db.prepare(
    'SELECT branch, count(*), sum(balance) FROM account GROUP BY branch ORDER BY branch',
  )
  return {
    read: (id) => read.get(id),
    update: (id) => update.run(id),
    aggregate: () => aggregate.all(),
    close: () => db.close(),
  }
}

/** @param {number} count @returns {Promise<Store>} */
async function openSurreal(count) {
  const { Surreal, RecordId, createRemoteEngines } = await import('surrealdb')
  const { createNodeEngines } = await import('@surrealdb/node')
  const db = new Surreal({ engines: { ...createRemoteEngines(), ...createNodeEngines() } })
  await db.connect(`rocksdb://${join(folder, 'surreal')}`)
  await db.use({ namespace: 'bench', database: 'bench' })
  for (let from = 0; from < count; from += 1000) {
    const rows = Array.from({ length: 1000 }, (_, at) => ({
      id: new RecordId('account', from + at),
      branch: (from + at) % 100,
      balance: 0,
      filler: 'x'.repeat(80),
    }))
    await db.query('INSERT INTO account $rows', { rows })
  }
  return {
    read: (id) => db.query('SELECT balance FROM $id', { id: new RecordId('account', id) }),
    update: (id) => db.query('UPDATE $id SET balance += 1', { id: new RecordId('account', id) }),
    aggregate: () =>
      db.query(
        'SELECT branch, count() AS n, math::sum(balance) AS sum FROM account GROUP BY branch ORDER BY branch',
      ),
    close: () => db.close(),
  }
}
