// @ts-check
/**
 * One to four Orbit servers, each a process of its own, on one TiKV cluster: requests a second over HTTP, reads and
 * writes of rows by key. The cluster and the clients have processes of their own too, so what can be gained is bounded by
 * the processors of the machine, whose number is printed.
 *
 * `node bench/servers-scaling.bench.js [--brief]`
 */
import { availableParallelism } from 'node:os'
import { openDatabase, table, text } from '@orbit-ts/engine'
import { startServer } from '../integration/crash/http-workload.js'
import { printTable } from './measure.js'
import { startTestCluster } from './test-cluster-process.js'

const brief = process.argv.includes('--brief')
const SERVERS_MAX = 4
const CLIENTS_EACH = 8
const RECORDS = brief ? 200 : 10_000
const SECONDS = brief ? 0.3 : 5
const FLOORS = { reads: 500, writes: 100 }
const VALUE = 'v'.repeat(100)

const items = table('items', { id: text().primaryKey(), value: text().notNull() })
const anyId = () => `r${Math.floor(Math.random() * RECORDS)}`

const cluster = await startTestCluster()
/** @type {Awaited<ReturnType<typeof startServer>>[]} */
const servers = []
try {
  const storage = /** @type {const} */ ({ kind: 'tikv', pdEndpoints: cluster.pdEndpoints })
  const db = await openDatabase({ storage, schema: [items] })
  for (let first = 0; first < RECORDS; first += 500) {
    const count = Math.min(500, RECORDS - first)
    await db
      .table(items)
      .insertMany(Array.from({ length: count }, (_, at) => ({ id: `r${first + at}`, value: VALUE })))
  }
  await db.close()
  const rows = [
    [
      'servers',
      'reads a second',
      '× one server',
      '× the floor',
      'writes a second',
      '× one server',
      '× the floor',
    ],
  ]
  /** @type {{ reads: number, writes: number } | undefined} */
  let alone
  while (servers.length < SERVERS_MAX) {
    servers.push(await startServer(['--storage', 'tikv', '--pd-endpoints', cluster.pdEndpoints.join(',')]))
    const urls = servers.map(({ url }) => url)
    await load(urls, read, SECONDS / 2)
    await load(urls, write, SECONDS / 2)
    const figures = { reads: await load(urls, read, SECONDS), writes: await load(urls, write, SECONDS) }
    alone ??= figures
    rows.push([
      String(servers.length),
      ...cells(figures.reads, alone.reads, FLOORS.reads),
      ...cells(figures.writes, alone.writes, FLOORS.writes),
    ])
  }
  console.log(`${availableParallelism()} processors; ${CLIENTS_EACH} clients of each server\n`)
  printTable(rows)
} finally {
  for (const { child } of servers) child.kill('SIGKILL')
  cluster.close()
}

/** @param {number} perSecond @param {number} alone @param {number} floor */
function cells(perSecond, alone, floor) {
  return [perSecond.toFixed(0), (perSecond / alone).toFixed(2), (perSecond / floor).toFixed(1)]
}

/** @param {string} url */
async function read(url) {
  const response = await fetch(`${url}/v1/tables/items/rows/${anyId()}`)
  await response.arrayBuffer()
  if (!response.ok) throw new Error(`a read was answered with ${response.status}`)
}

/** @param {string} url */
async function write(url) {
  const response = await fetch(`${url}/v1/tables/items/rows/${anyId()}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ value: VALUE }),
  })
  const text = await response.text()
  // Two that write one row at the same moment may meet more often than the server tries again.
  if (!response.ok && !text.includes('TRANSACTION_CONFLICT'))
    throw new Error(`a write was answered with ${response.status}: ${text}`)
}

/** Requests a second. @param {readonly string[]} urls @param {(url: string) => Promise<void>} request @param {number} seconds */
async function load(urls, request, seconds) {
  let count = 0
  const started = performance.now()
  const deadline = started + seconds * 1000
  const client = async (/** @type {string} */ url) => {
    do {
      await request(url)
      count++
    } while (performance.now() < deadline)
  }
  await Promise.all(urls.flatMap((url) => Array.from({ length: CLIENTS_EACH }, () => client(url))))
  return (count * 1000) / (performance.now() - started)
}
