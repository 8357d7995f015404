// @ts-check
/**
 * Our client of TiKV against those of other languages, on the same server in the same run: throughput, latency, and
 * what an operation costs, in CPU of the client's process and in requests as the server counts them. The servers are
 * our test cluster, in a process of its own (`cluster` for transactions, `raw` for raw keys), and unistore behind a real
 * PD, for which requests are not counted.
 *
 * `node bench/tikv.bench.js [--brief] [--server=cluster|raw|unistore] [--clients=goclient,javaclient,pyclient,rustclient]
 *   [--operations=get,txn 10] [--callers=64,256]`
 *
 * Clients take turns, each in a process of its own. Foreign clients and unistore need `npm run test:servers`.
 * An operation of our client that fails for another reason than a conflict ends the run with an error.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import * as os from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
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
 * @typedef {{ name: string, perSecond: number, cpu: number, stores: number, pd: number, failed: number, p50: number,
 *   p95: number, p99: number }} Summary
 */

const OURS = 'ours'
const MEASURED = [
  'operation',
  'callers',
  'client',
  'per second',
  'p50 / p95 / p99 µs',
  'CPU µs',
  'store requests',
  'PD requests',
  'conflicts',
]
const KEYS = 100_000
const VALUE_BYTES = 100
const options = process.argv.slice(2)
const brief = options.includes('--brief')
/** @param {string} name @returns {string[] | undefined} */
const listOf = (name) =>
  options
    .find((option) => option.startsWith(`--${name}=`))
    ?.slice(name.length + 3)
    .split(',')
const SECONDS = brief ? 0.3 : 1.5
/** Long enough for a just-in-time compiler. */
const WARM_UP_SECONDS = brief ? 0.4 : 1.5
const SETTLED_MS = 30
const ROUNDS = brief ? 1 : 3
const CALLERS = listOf('callers')?.map(Number) ?? (brief ? [1, 64] : [1, 16, 64, 256])
const TRANSACTIONS = ['get', 'batch get', 'txn 1', 'txn 10', 'txn 100', 'scan']
const RAW = ['raw get', 'raw put']
const SPLITS = ['bench-025000', 'bench-050000', 'bench-075000', '~'].map((key) => Buffer.from(key))

if (process.argv[2] === 'server') await serve(process.argv[3] === 'raw' ? 'raw' : 'txn')
else await main()

/** The test cluster; tells how many requests there were whenever it is asked. @param {'txn' | 'raw'} keyMode */
async function serve(keyMode) {
  const cluster = await TestCluster.start({ transport: 'sockets', stores: 3, splitKeys: SPLITS, keyMode })
  cluster.faults.logLimit = 0
  process.on('message', () => {
    const pd = [...cluster.pd.calls.values()].reduce((sum, count) => sum + count, 0)
    process.send?.({ stores: cluster.faults.callCount, pd })
  })
  process.on('disconnect', () => process.exit())
  process.send?.(cluster.pdEndpoints)
}

/** @param {'txn' | 'raw'} keyMode @returns {Promise<Server>} */
async function startCluster(keyMode) {
  const child = fork(fileURLToPath(import.meta.url), ['server', keyMode])
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
  const wanted = listOf('clients') ?? ['goclient', 'rustclient', 'javaclient', 'pyclient']
  const rivals = wanted.filter((name) => isBuilt(name))
  const servers = [
    { name: 'the test cluster', key: 'cluster', start: () => startCluster('txn'), operations: TRANSACTIONS },
    { name: 'the test cluster, raw keys', key: 'raw', start: () => startCluster('raw'), operations: RAW },
    {
      name: 'unistore behind a real PD',
      key: 'unistore',
      start: startUnistore,
      operations: TRANSACTIONS,
      needs: ['pd', 'unistore'],
    },
  ]
  const { loadavg, cpus } = os
  console.log(`${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`)
  for (const { name, key, start, operations, needs = [] } of servers) {
    if (!(listOf('server') ?? [key]).includes(key) || !needs.every((program) => isBuilt(program))) continue
    console.log(`\n### Against ${name}\n\nload before: ${loadavg()[0]?.toFixed(2)}\n`)
    const chosen = operations.filter((operation) => (listOf('operations') ?? [operation]).includes(operation))
    const server = await start()
    try {
      await compare(server, [OURS, ...rivals], chosen)
    } finally {
      await server.close()
    }
  }
}

/** @param {string} name */
function isBuilt(name) {
  if (commandOf(name) !== undefined) return true
  console.error(`left out: ${name} is not built; run npm run test:servers`)
  return false
}

/** @param {Server} server @param {readonly string[]} names @param {readonly string[]} operations */
async function compare(server, names, operations) {
  const clients = names.map((name) => startClient(name, server.pdEndpoints))
  try {
    await load(
      clients[0],
      operations.some((operation) => RAW.includes(operation)),
    )
    const rivals = names.filter((name) => name !== OURS)
    const rows = [MEASURED]
    const counts = (await server.requests()) === undefined ? '' : ' / store requests'
    const ratios = [['operation', 'callers', ...rivals.map((name) => `${name}: per second / CPU${counts}`)]]
    for (const mode of operations) {
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
            if (round > 0 && result !== undefined) results.get(client.name)?.push(result)
          }
        }
        const all = [...results]
          .filter(([, each]) => each.length > 0)
          .map(([name, each]) => summary(name, each))
        rows.push(...measured(mode, callers, all))
        ratios.push(compared(mode, callers, all, rivals))
      }
    }
    printTable(rows)
    if (rivals.length === 0) return
    console.log(`\n${OURS} / theirs:\n`)
    printTable(ratios)
  } finally {
    await Promise.all(clients.map((client) => client.close()))
  }
}

/**
 * Every key has a value, so that reads find one.
 * @param {import('../integration/tikv/harness/driver.js').Driver | undefined} client
 * @param {boolean} raw
 */
async function load(client, raw) {
  const value = hex('v'.repeat(VALUE_BYTES))
  for (let first = 0; first < KEYS; first += 500) {
    const keys = Array.from({ length: 500 }, (_, at) => hex(`bench-${String(first + at).padStart(6, '0')}`))
    if (raw) {
      await client?.run({ op: 'rawbatchput', keys, values: keys.map(() => value) })
      continue
    }
    await client?.run({ op: 'begin', txn: 'load', mode: 'optimistic' })
    await Promise.all(keys.map((key) => client?.run({ op: 'put', txn: 'load', key, value })))
    await client?.run({ op: 'commit', txn: 'load' })
  }
}

/**
 * @param {Server} server
 * @param {import('../integration/tikv/harness/driver.js').Driver} client
 * @param {{ mode: string, callers: number, seconds: number }} what
 * @returns {Promise<Result | undefined>}  undefined for what the client cannot do
 */
async function measure(server, client, what) {
  const before = await server.requests()
  const { ok, result, kind, error } = await client.ask({
    op: 'bench',
    size: VALUE_BYTES,
    limit: KEYS,
    ...what,
  })
  if (kind === 'unsupported') return undefined
  if (!ok) throw new Error(`${client.name}: ${what.mode}, ${what.callers} callers: ${error}`)
  const after = await settled(server)
  if (before === undefined || after === undefined) return result
  return { ...result, requests: { stores: after.stores - before.stores, pd: after.pd - before.pd } }
}

/** The requests once no more come: clients clean up behind a commit. @param {Server} server */
async function settled(server) {
  let requests = await server.requests()
  for (
    let last = -1;
    requests !== undefined && requests.stores !== last;
    requests = await server.requests()
  ) {
    last = requests.stores
    await sleep(SETTLED_MS)
  }
  return requests
}

/**
 * A row for each client.
 * @param {string} mode
 * @param {number} callers
 * @param {readonly Summary[]} all
 */
function measured(mode, callers, all) {
  return all.map((each) => [
    mode,
    String(callers),
    each.name,
    each.perSecond.toFixed(0),
    [each.p50, each.p95, each.p99].map((time) => time.toFixed(0)).join(' / '),
    micros(each.cpu),
    counted(each.stores),
    counted(each.pd),
    String(each.failed),
  ])
}

/**
 * One row: ours / theirs for each rival.
 * @param {string} mode
 * @param {number} callers
 * @param {readonly Summary[]} all
 * @param {readonly string[]} rivals
 */
function compared(mode, callers, all, rivals) {
  const ours = all.find(({ name }) => name === OURS)
  const ratios = rivals.map((rival) => {
    const theirs = all.find(({ name }) => name === rival)
    if (ours === undefined || theirs === undefined) return 'not offered'
    return [
      (ours.perSecond / theirs.perSecond).toFixed(2),
      (ours.cpu / theirs.cpu).toFixed(2),
      ...(Number.isNaN(ours.stores) ? [] : [(ours.stores / theirs.stores).toFixed(2)]),
    ].join(' / ')
  })
  return [mode, String(callers), ...ratios]
}

/** @param {number} perOperation  NaN where the server does not count */
function counted(perOperation) {
  return Number.isNaN(perOperation) ? '' : perOperation.toFixed(2)
}

/**
 * Of all rounds; percentiles are the median of those of the rounds.
 * @param {string} name
 * @param {readonly Result[]} all
 * @returns {Summary}
 */
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
