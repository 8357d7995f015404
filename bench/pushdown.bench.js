// @ts-check
/**
 * Queries on TiKV with the work that can be handed down to the servers handed down, and without: bytes that the client
 * reads, and time. The servers are our test cluster in a process of its own: it computes in JavaScript and on one core,
 * so the bytes are those of any TiKV, the times are not.
 *
 * `node bench/pushdown.bench.js [--brief]`; `PUSHDOWN_ROWS` (default 40 000) and `PUSHDOWN_REGIONS` (default 8) say how
 * much. Exit code 1 where the answers differ.
 */
import { fork } from 'node:child_process'
import { channel } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { openDatabase } from '@orbit-ts/engine'
import { SqlEngine } from '@orbit-ts/engine/sql'
import { relationalKeys } from '@orbit-ts/storage'
import { TestCluster } from '@orbit-ts/tikv/testing'
import { contest, printTable } from './measure.js'

const brief = process.argv.includes('--brief')
const ROWS = Number(process.env['PUSHDOWN_ROWS'] ?? (brief ? 4_000 : 40_000))
const REGIONS = Number(process.env['PUSHDOWN_REGIONS'] ?? 8)
const ROUNDS = brief ? 1 : 5
const INSERTED_AT_ONCE = 2_000

/** @type {readonly (readonly [name: string, sql: string])[]} */
const QUERIES = [
  ['count', 'select count(*) from items'],
  ['filter, 1 %', 'select * from items where kind = 7 order by id'],
  ['filter, 50 %, two columns', 'select id, price from items where price < 250 order by id'],
  [
    'range of keys, filter',
    `select id from items where id between 1 and ${ROWS / 4} and kind = 7 order by id`,
  ],
  ['top 10', 'select id, price from items order by price desc, id limit 10'],
  ['sum, average, least, greatest', 'select sum(price), avg(amount), min(day), max(name) from items'],
  ['groups', 'select kind, count(*), sum(price) from items group by kind order by kind'],
  ['filter and groups', 'select kind, count(*) from items where price < 50 group by kind order by kind'],
  ['distinct', 'select count(*) from (select distinct kind from items) as d'],
  [
    'join of two filters',
    'select count(*) from items a join items b on b.id = a.id + 1 where a.kind = 7 and b.kind = 8',
  ],
  ['all rows', 'select * from items order by id'],
]

if (process.argv[2] === 'server') await serve()
else await main()

/** The test cluster; cuts the regions where it is told to. */
async function serve() {
  const cluster = await TestCluster.start({ transport: 'sockets', stores: 3 })
  cluster.faults.logLimit = 0
  process.on('message', (/** @type {string[]} */ keys) => {
    for (const key of keys) cluster.splitAt(Buffer.from(key, 'hex'))
    process.send?.('split')
  })
  process.on('disconnect', () => process.exit())
  process.send?.(cluster.pdEndpoints)
}

async function main() {
  const server = fork(fileURLToPath(import.meta.url), ['server'])
  const bytesRead = countBytes()
  let differing = 0
  try {
    const [pdEndpoints] = await once(server, 'message')
    const database = await openDatabase({ storage: { kind: 'tikv', pdEndpoints } })
    const engine = await SqlEngine.open(database)
    const with_ = await engine.openSession()
    const without = await engine.openSession({ settings: { 'orbit.pushdown': 'off' } })
    await fill(with_)
    const { id } = await database.describe('table', 'items')
    const step = ROWS / REGIONS
    const keys = Array.from({ length: REGIONS - 1 }, (_, at) =>
      Buffer.from(relationalKeys.row(id, Math.round((at + 1) * step))).toString('hex'),
    )
    server.send(keys)
    await once(server, 'message')
    console.log(`${ROWS} rows in ${REGIONS} regions\n`)
    const rows = [
      ['query', 'answers', 'KiB with', 'KiB without', 'bytes', 'ms with, min / median', 'ms without', 'time'],
    ]
    for (const [name, sql] of QUERIES) {
      const measured = async (/** @type {Session} */ session) => {
        const before = bytesRead()
        const answer = await answerOf(session, sql)
        return { answer: JSON.stringify(answer), bytes: bytesRead() - before }
      }
      // The first run learns where the regions are.
      await measured(without)
      const [pushed, local] = [await measured(with_), await measured(without)]
      const isEqual = pushed.answer === local.answer
      if (!isEqual) differing++
      const ours = () => answerOf(with_, sql)
      const times = await contest({ name, ours, rival: () => answerOf(without, sql), per: 1000 }, ROUNDS)
      const kib = (/** @type {number} */ bytes) => (bytes / 1024).toFixed(1)
      const shown = (/** @type {import('./measure.js').Times} */ { min, median }) =>
        `${min.toFixed(1)} / ${median.toFixed(1)}`
      rows.push([
        name,
        isEqual ? 'equal' : 'DIFFER',
        kib(pushed.bytes),
        kib(local.bytes),
        `${(pushed.bytes / local.bytes).toFixed(3)} ×`,
        shown(times.ours),
        shown(times.rival),
        `${(times.ours.median / times.rival.median).toFixed(2)} ×`,
      ])
    }
    printTable(rows)
    await with_.close()
    await without.close()
    await database.close()
  } finally {
    server.disconnect()
  }
  if (differing > 0) process.exitCode = 1
}

/** @typedef {Awaited<ReturnType<SqlEngine['openSession']>>} Session */

/** @param {Session} session */
async function fill(session) {
  await answerOf(
    session,
    'create table items (id int primary key, kind int, name text, price numeric(10,2), amount int8, day date, note text)',
  )
  for (let from = 1; from <= ROWS; from += INSERTED_AT_ONCE) {
    const to = Math.min(ROWS, from + INSERTED_AT_ONCE - 1)
    await answerOf(
      session,
      `insert into items select i, i % 100, 'item ' || i, (i * 7919 % 50000) / 100.0, i * 3, date '2020-01-01' + i % 365, repeat('n', 60) from generate_series(${from}, ${to}) i`,
    )
  }
  await answerOf(session, 'analyze items')
}

/** The rows, as text. @param {Session} session @param {string} sql */
async function answerOf(session, sql) {
  const rows = []
  for (const statement of await session.parse(sql)) {
    const result = await session.execute(statement, [])
    if (result.kind !== 'rows') continue
    for await (const batch of result.batches) rows.push(...batch.map(String))
    result.tag()
  }
  return rows
}

/** What all connections that this process opens have read so far, bytes. */
function countBytes() {
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set()
  channel('net.client.socket').subscribe((message) => {
    sockets.add(/** @type {{ socket: import('node:net').Socket }} */ (message).socket)
  })
  return () => [...sockets].reduce((sum, { bytesRead }) => sum + bytesRead, 0)
}
