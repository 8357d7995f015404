// @ts-check
/**
 * What each layer of the client costs, in CPU of its process for one point read: the region cache alone, then the same
 * read through ever more of the client, at 1, 64 and 256 concurrent callers. The stores run in a process of their own,
 * and each round goes through all rows, so that what disturbs one disturbs all. The codecs and the bare stream have
 * files of their own here.
 */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Metrics, systemEnv, utf8 } from '@orbit-ts/base'
import { TestCluster } from '@orbit-ts/tikv/testing'
import { TiKVClient } from '@orbit-ts/tikv'
import { FakeCluster } from '../dist/region/fake-cluster.fake.js'
import { Http2Transport } from '../dist/rpc/http2/http2-transport.js'
import { tikvMethods } from '../dist/rpc/methods.js'
import { PooledStoreRpc } from '../dist/rpc/store-rpc-pool.js'
import { createTelemetry } from '../dist/telemetry/telemetry.js'
import { micros, printTable, summary } from '../../../bench/measure.js'

/** @typedef {{ name: string, call: () => Promise<unknown> }} Layer */

const CALLERS = [1, 64, 256]
const ROUNDS = 7
const CALLS = 6000
const REGIONS = [1, 100, 1000]
const LOOK_UPS = 50_000
const KEY = utf8('key-000000001')

if (process.argv[2] === 'server') await serve()
else {
  await regionCache()
  await wholeReads()
}

/** Two clusters, for a store has either raw keys or transactions. */
async function serve() {
  const clusters = []
  for (const keyMode of /** @type {const} */ (['raw', 'txn'])) {
    const cluster = await TestCluster.start({ transport: 'sockets', keyMode })
    cluster.faults.logLimit = 0
    clusters.push({ pdEndpoints: cluster.pdEndpoints, address: cluster.state.stores()[0]?.address })
  }
  process.on('disconnect', () => process.exit())
  process.send?.(clusters)
}

async function regionCache() {
  const rows = [['region cache', 'regions', 'min / median µs']]
  for (const count of REGIONS) {
    const cluster = new FakeCluster()
    const keyAt = (/** @type {number} */ at) => utf8(String(at).padStart(6, '0'))
    cluster.regions = Array.from({ length: count }, (_, at) => {
      const [start, end] = [at === 0 ? '' : keyText(at), at === count - 1 ? '' : keyText(at + 1)]
      return cluster.region(BigInt(at + 1), start, end)
    })
    const keys = Array.from({ length: count }, (_, at) => keyAt(at))
    const backoffer = cluster.backoffer()
    await cluster.settle(cluster.cache.groupKeys(backoffer, keys))
    const wanted = Array.from({ length: LOOK_UPS }, (_, at) => keys[(at * 7919) % count] ?? KEY)
    const groups = Array.from({ length: LOOK_UPS / 100 }, (_, at) => wanted.slice(at * 100, at * 100 + 100))
    const lookUp = await timed(LOOK_UPS, () => {
      for (const key of wanted) if (cluster.cache.cached(key) === undefined) throw new Error('not cached')
    })
    const group = await timed(LOOK_UPS / 100, async () => {
      for (const some of groups) await cluster.cache.groupKeys(backoffer, some)
    })
    rows.push(['look-up of a key', String(count), lookUp], ['grouping of 100 keys', String(count), group])
  }
  printTable(rows)
  console.log('')
}

/** @param {number} at */
function keyText(at) {
  return String(at).padStart(6, '0')
}

/** @param {number} per @param {() => Promise<unknown> | unknown} run */
async function timed(per, run) {
  const times = []
  for (let round = 0; round <= ROUNDS; round++) {
    const started = performance.now()
    await run()
    if (round > 0) times.push(((performance.now() - started) * 1000) / per)
  }
  const { min, median } = summary(times)
  return `${micros(min)} / ${micros(median)}`
}

async function wholeReads() {
  const child = fork(fileURLToPath(import.meta.url), ['server'])
  const [raw, txn] = await new Promise((resolve) => child.once('message', resolve))
  const transport = new Http2Transport({
    config: {
      dialTimeout: 5000,
      grpcKeepaliveTime: 10_000,
      grpcKeepaliveTimeout: 3000,
      grpcInitialWindowSize: 128 * 1024 * 1024,
      grpcCompression: 'none',
      tls: undefined,
    },
  })
  const rpc = new PooledStoreRpc({
    env: systemEnv,
    transport,
    telemetry: createTelemetry(new Metrics(), () => ''),
    config: {
      grpcConnectionCount: 4,
      batchSizeMax: 128,
      batchWait: 0,
      batchOverloadThreshold: 200,
      storeConcurrencyMax: 65_536,
      idleTimeout: 180_000,
    },
  })
  const rawClient = await TiKVClient.connect({ pdEndpoints: raw.pdEndpoints })
  const txnClient = await TiKVClient.connect({ pdEndpoints: txn.pdEndpoints })
  await rawClient.raw.put(KEY, Buffer.alloc(100, 7))
  await txnClient.txn.run(async (transaction) => transaction.put(KEY, Buffer.alloc(100, 7)))
  const readTs = await txnClient.txn.currentTimestamp()
  const request = { context: undefined, key: KEY, cf: '' }
  await table([
    {
      name: 'a call to a store: codec, batch, stream',
      call: () => rpc.call(raw.address, tikvMethods.rawGet, request, { timeoutMs: 30_000 }),
    },
    { name: 'raw get: + region, replica, retries', call: () => rawClient.raw.get(KEY) },
    {
      name: 'snapshot get: + locks, visibility',
      call: async () => (await txnClient.txn.snapshot(readTs)).get(KEY),
    },
    {
      name: 'snapshot get at a fresh timestamp: + PD',
      call: async () => (await txnClient.txn.snapshot()).get(KEY),
    },
    {
      name: 'the same in a transaction, with its commit',
      call: () => txnClient.txn.run((transaction) => transaction.get(KEY)),
    },
  ])
  await Promise.all([rawClient.close(), txnClient.close(), rpc.close()])
  await transport.close()
  child.disconnect()
}

/** @param {readonly Layer[]} layers */
async function table(layers) {
  const rows = [['point read', 'callers', 'CPU min / median µs']]
  for (const callers of CALLERS) {
    const calls = callers === 1 ? CALLS / 6 : CALLS
    /** @type {number[][]} */
    const times = layers.map(() => [])
    for (let round = 0; round <= ROUNDS; round++) {
      for (const [at, layer] of layers.entries()) {
        const cpu = await cpuMicros(layer.call, callers, calls)
        if (round > 0) times[at]?.push(cpu)
      }
    }
    for (const [at, { name }] of layers.entries()) {
      const { min, median } = summary(times[at] ?? [])
      rows.push([name, String(callers), `${micros(min)} / ${micros(median)}`])
    }
  }
  printTable(rows)
}

/** @param {() => Promise<unknown>} call @param {number} callers @param {number} calls */
async function cpuMicros(call, callers, calls) {
  let left = calls
  const before = process.cpuUsage()
  await Promise.all(
    Array.from({ length: callers }, async () => {
      while (left-- > 0) await call()
    }),
  )
  const { user, system } = process.cpuUsage(before)
  return (user + system) / calls
}
