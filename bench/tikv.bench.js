// @ts-check
/**
 * Our client of TiKV against those of other languages, on the same server in the same run: throughput, latency, and
 * what an operation costs, in CPU of the client's process and in requests as the server counts them. The servers are
 * our test cluster, in a process of its own, and unistore behind a real PD, for which requests are not counted.
 *
 * `node bench/tikv.bench.js [--brief] [--server=cluster|unistore] [--clients=goclient,pyclient,rustclient]`
 *
 * Clients take turns, each in a process of its own. Foreign clients and unistore need `node tools/build-test-servers.js`.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { hex } from '../integration/tikv/harness/driver.js'
import { startClient } from '../integration/tikv/harness/test-programs.js'
import { UnistoreCluster } from '../integration/tikv/harness/unistore.js'
import { TestCluster } from '@orbit-ts/tikv/testing'
import { commandOf } from '../tools/build-test-servers.js'
import { micros, printTable } from './measure.js'

/**
 * @typedef {{ stores: number, pd: number }} Requests
 * @typedef {{ pdEndpoints: readonly string[], requests: () => Promise<Requests | undefined>, close: () => Promise<unknown> }} Server
 * @typedef {{ operations: number, failed: number, seconds: number, cpuSeconds: number, p50: number, p95: number,
 *   p99: number, requests?: Requests | undefined }} Result
 */

const KEYS = 10_000
const VALUE_BYTES = 100
const options = new Set(process.argv.slice(2))
const brief = options.has('--brief')
const valueOf = (/** @type {string} */ name) =>
  [...options].find((option) => option.startsWith(`--${name}=`))?.slice(name.length + 3)
const SECONDS = brief ? 0.3 : 3
/** Long enough for a just-in-time compiler. */
const WARM_UP_SECONDS = brief ? 0.5 : 2
const ROUNDS = brief ? 1 : 3
const CALLERS = brief ? [1, 64] : [1, 16, 64, 256]
const OPERATIONS = brief
  ? ['get', 'txn 1', 'txn 10', 'scan']
  : ['get', 'batch get', 'txn 1', 'txn 10', 'txn 100', 'scan']
const SPLITS = ['bench-002500', 'bench-005000', 'bench-007500'].map((key) => Buffer.from(key))

if (process.argv[2] === 'server') await serve()
else await main()

/** The test cluster; tells how many requests there were whenever it is asked. */
async function serve() {
  const cluster = await TestCluster.start({ transport: 'sockets', stores: 3, splitKeys: SPLITS })
  process.on('message', () => {
    const pd = [...cluster.pd.calls.values()].reduce((sum, count) => sum + count, 0)
    process.send?.({ stores: cluster.faults.calls.at(-1)?.number ?? 0, pd })
  })
  process.on('disconnect', () => process.exit())
  process.send?.(cluster.pdEndpoints)
}

/** @returns {Promise<Server>} */
async function startCluster() {
  const child = fork(fileURLToPath(import.meta.url), ['server'])
  const [pdEndpoints] = await once(child, 'message')
  return {
    pdEndpoints,
    requests: async () => {
      child.send('requests')
      const [requests] = await once(child, 'message')
      return requests
    },
    close: async () => child.disconnect(),
  }
}

/** @returns {Promise<Server>} */
async function startUnistore() {
  const cluster = await UnistoreCluster.start()
  return {
    pdEndpoints: cluster.pdEndpoints,
    requests: async () => undefined,
    close: () => cluster.close(),
  }
}

async function main() {
  const wanted = valueOf('clients')?.split(',') ?? ['goclient', 'rustclient', 'pyclient']
  const rivals = wanted.filter((name) => isBuilt(name))
  const servers = [
    { name: 'the test cluster', key: 'cluster', start: startCluster, needs: [] },
    { name: 'unistore behind a real PD', key: 'unistore', start: startUnistore, needs: ['pd', 'unistore'] },
  ]
  for (const { name, key, start, needs } of servers) {
    if ((valueOf('server') ?? key) !== key || !needs.every((program) => isBuilt(program))) continue
    console.log(`\n### Against ${name}\n`)
    const server = await start()
    try {
      await compare(server, ['ours', ...rivals])
    } finally {
      await server.close()
    }
  }
}

/** @param {string} name */
function isBuilt(name) {
  if (commandOf(name) !== undefined) return true
  console.error(`left out: ${name} is not built; run node tools/build-test-servers.js`)
  return false
}

/** @param {Server} server @param {readonly string[]} names */
async function compare(server, names) {
  const clients = names.map((name) => startClient(name, server.pdEndpoints))
  try {
    await load(clients[0])
    const rows = [head()]
    for (const mode of OPERATIONS) {
      for (const callers of CALLERS) {
        /** @type {Map<string, Result[]>} */
        const results = new Map(names.map((name) => [name, []]))
        for (let round = 0; round <= ROUNDS; round++) {
          // Whoever goes first meets colder caches, so they take turns; the first round only warms up.
          const turn = clients.map((_, at) => clients[(at + round) % clients.length])
          for (const client of turn) {
            if (client === undefined) continue
            const seconds = round === 0 ? WARM_UP_SECONDS : SECONDS
            const result = await measure(server, client, { mode, callers, seconds })
            if (round > 0) results.get(client.name)?.push(result)
          }
        }
        rows.push(...compared(mode, callers, results))
      }
    }
    printTable(rows)
  } finally {
    await Promise.all(clients.map((client) => client.close()))
  }
}

/** Every key has a value, so that reads find one. @param {import('../integration/tikv/harness/driver.js').Driver | undefined} client */
async function load(client) {
  const value = hex('v'.repeat(VALUE_BYTES))
  for (let first = 0; first < KEYS; first += 500) {
    await client?.run({ op: 'begin', txn: 'load', mode: 'optimistic' })
    for (let at = first; at < first + 500; at++) {
      await client?.run({ op: 'put', txn: 'load', key: hex(`bench-${String(at).padStart(6, '0')}`), value })
    }
    await client?.run({ op: 'commit', txn: 'load' })
  }
}

/**
 * @param {Server} server
 * @param {import('../integration/tikv/harness/driver.js').Driver} client
 * @param {{ mode: string, callers: number, seconds: number }} what
 * @returns {Promise<Result>}
 */
async function measure(server, client, what) {
  const before = await server.requests()
  const { result } = await client.run({ op: 'bench', size: VALUE_BYTES, ...what })
  const after = await server.requests()
  if (before === undefined || after === undefined) return result
  return { ...result, requests: { stores: after.stores - before.stores, pd: after.pd - before.pd } }
}

function head() {
  return [
    'operation',
    'callers',
    'client',
    'per second',
    'p50 / p95 / p99 µs',
    'CPU µs',
    'store requests',
    'PD requests',
    'failed',
    'ours: per second ×',
    'CPU ×',
    'store requests ×',
  ]
}

/**
 * A row for each client; those of the rivals end with ours / theirs.
 * @param {string} mode
 * @param {number} callers
 * @param {Map<string, Result[]>} results
 */
function compared(mode, callers, results) {
  const [ours, ...rivals] = [...results].map(([name, all]) => summary(name, all))
  if (ours === undefined) return []
  return [ours, ...rivals].map((each) => {
    const ratio = (/** @type {number} */ mine, /** @type {number} */ theirs) =>
      each === ours || !(theirs > 0) ? '' : (mine / theirs).toFixed(2)
    return [
      mode,
      String(callers),
      each.name,
      each.perSecond.toFixed(0),
      [each.p50, each.p95, each.p99].map((time) => time.toFixed(0)).join(' / '),
      micros(each.cpu),
      counted(each.stores),
      counted(each.pd),
      String(each.failed),
      ratio(ours.perSecond, each.perSecond),
      ratio(ours.cpu, each.cpu),
      ratio(ours.stores, each.stores),
    ]
  })
}

/** @param {number} perOperation  NaN where the server does not count */
const counted = (perOperation) => (Number.isNaN(perOperation) ? '' : perOperation.toFixed(2))

/** Of all rounds; percentiles are the median of those of the rounds. @param {string} name @param {Result[]} all */
function summary(name, all) {
  const sum = (/** @type {(result: Result) => number} */ field) =>
    all.reduce((total, result) => total + field(result), 0)
  const median = (/** @type {(result: Result) => number} */ field) =>
    all.map(field).toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? NaN
  const operations = sum((result) => result.operations)
  return {
    name,
    perSecond: operations / sum((result) => result.seconds),
    cpu: (sum((result) => result.cpuSeconds) * 1e6) / operations,
    stores: sum((result) => result.requests?.stores ?? NaN) / operations,
    pd: sum((result) => result.requests?.pd ?? NaN) / operations,
    failed: sum((result) => result.failed),
    p50: median((result) => result.p50),
    p95: median((result) => result.p95),
    p99: median((result) => result.p99),
  }
}
