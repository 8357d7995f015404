// @ts-check
/**
 * What each layer of the client costs, in CPU of its process for one point read of 100 bytes: the layers by themselves
 * (codec, framing, stream, region cache), then the same read through ever more of the client, at 1, 64 and 256
 * concurrent callers. Servers run in processes of their own, and each round goes through all rows, so that what
 * disturbs one disturbs all. Codec and stream against those of others are in files of their own here.
 * `--brief` shows that it works.
 */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { utf8 } from '@orbit-ts/base'
import { TestCluster } from '../dist/testing/index.js'
import { TiKVClient } from '../dist/index.js'
import * as kv from '../dist/gen/kvrpcpb.js'
import { FakeCluster } from '../dist/region/fake-cluster.fake.js'
import { batchCommands } from '../dist/rpc/batch-commands.js'
import { MessageReader } from '../dist/rpc/http2/message-reader.js'
import { TurnWriter } from '../dist/rpc/http2/turn-writer.js'
import { tikvMethods } from '../dist/rpc/methods.js'
import { micros, printTable, summary } from '../../../bench/measure.js'
import { bareStream, cpuMicros, ourTransport, storeRpc } from './client-parts.js'
import { startEchoServer } from './echo-server.js'

/**
 * @typedef {{ name: string, call: () => Promise<unknown> }} Layer
 * @typedef {{ name: string, per: number, work: () => Promise<unknown> | unknown }} Step
 *   `per`: reads in one run of `work`.
 */

const brief = process.argv.includes('--brief')
const CALLERS = brief ? [1, 64] : [1, 64, 256]
const ROUNDS = brief ? 1 : 7
const CALLS = brief ? 600 : 6000
const RUNS = brief ? 20 : 1000
const BATCH = 64
const REGIONS = 1000
const KEY = utf8('key-000000001')
const VALUE = Buffer.alloc(100, 7)

if (process.argv[2] === 'server') await serve()
else {
  await layersAlone()
  console.log('')
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

async function layersAlone() {
  const steps = [codec(), framing(), ...(await regionCache())]
  const server = await startEchoServer()
  const transport = ourTransport()
  const stream = bareStream(transport, server.address)
  const rows = [['layer', 'callers', 'CPU min / median µs']]
  /** @type {number[][]} */
  const times = steps.map(() => [])
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [at, { per, work }] of steps.entries()) {
      const cpu = await cpuMicros(async () => work(), 1, RUNS)
      if (round > 0) times[at]?.push(cpu / per)
    }
  }
  for (const [at, { name }] of steps.entries()) rows.push([name, '', minAndMedian(times[at] ?? [])])
  rows.push(...(await atAllCallers([{ name: 'stream: a message and its echo', call: stream.call }])))
  printTable(rows)
  stream.close()
  await transport.close()
  server.close()
}

/** @returns {Step} */
function codec() {
  const context = kv.Context.fromPartial({
    regionId: 4_711n,
    regionEpoch: { confVer: 5n, version: 312n },
    peer: { id: 4_713n, storeId: 4n },
  })
  const request = kv.GetRequest.fromPartial({ context, key: KEY, version: 459_000_000_000_000_001n })
  const answer = tikvMethods.kvGet.encodeResponse(kv.GetResponse.fromPartial({ value: VALUE }))
  return {
    name: 'codec: a request encoded, its answer decoded',
    per: BATCH,
    work: () => {
      for (let at = 0; at < BATCH; at++) {
        if (tikvMethods.kvGet.encodeRequest(request).length === 0) throw new Error('nothing encoded')
        if (tikvMethods.kvGet.decodeResponse(answer).value.length !== VALUE.length)
          throw new Error('wrong value')
      }
    },
  }
}

/** Into the batch and its gRPC message, and out of those of the answer. @returns {Step} */
function framing() {
  const items = (/** @type {Uint8Array} */ payload) =>
    Array.from({ length: BATCH }, (_, at) => ({
      id: 1_000_000 + at,
      batchCase: /** @type {const} */ ('get'),
      payload,
    }))
  const requests = items(tikvMethods.kvGet.encodeRequest(kv.GetRequest.fromPartial({ key: KEY })))
  const answers = items(tikvMethods.kvGet.encodeResponse(kv.GetResponse.fromPartial({ value: VALUE })))
  /** @type {Uint8Array[]} */
  const written = []
  const sink = {
    destroyed: false,
    closed: false,
    write: (/** @type {Uint8Array} */ chunk) => written.push(chunk),
  }
  const writer = new TurnWriter()
  writer.attach(/** @type {any} */ (sink))
  const write = (/** @type {Uint8Array} */ message) => {
    writer.write(message)
    writer.flush()
    const chunk = written.pop()
    if (chunk === undefined) throw new Error('nothing written')
    return chunk
  }
  const answer = write(
    batchCommands.encodeResponse({
      items: answers,
      transportLayerLoad: 0n,
      healthFeedback: undefined,
      serverSendTimeNs: 0n,
    }),
  )
  let read = 0
  const reader = new MessageReader((message) => (read += batchCommands.decodeResponse(message).items.length))
  return {
    name: `framing: its part of a batch of ${BATCH}`,
    per: BATCH,
    work: () => {
      read = 0
      write(batchCommands.encodeRequest({ items: requests, clientSendTimeNs: 0n }))
      reader.push(answer)
      if (read !== BATCH) throw new Error(`${read} answers`)
    },
  }
}

/** @returns {Promise<Step[]>} */
async function regionCache() {
  const cluster = new FakeCluster()
  const keyText = (/** @type {number} */ at) => String(at).padStart(6, '0')
  cluster.regions = Array.from({ length: REGIONS }, (_, at) =>
    cluster.region(BigInt(at + 1), at === 0 ? '' : keyText(at), at === REGIONS - 1 ? '' : keyText(at + 1)),
  )
  const keys = Array.from({ length: REGIONS }, (_, at) => utf8(keyText(at)))
  const backoffer = cluster.backoffer()
  await cluster.settle(cluster.cache.groupKeys(backoffer, keys))
  const wanted = Array.from({ length: 100 }, (_, at) => keys[(at * 7919) % REGIONS] ?? KEY)
  return [
    {
      name: `region cache of ${REGIONS}: the region of a key`,
      per: wanted.length,
      work: () => {
        for (const key of wanted) if (cluster.cache.cached(key) === undefined) throw new Error('not cached')
      },
    },
    {
      name: `region cache of ${REGIONS}: a key of 100 in 100 regions, grouped`,
      per: wanted.length,
      work: () => cluster.cache.groupKeys(backoffer, wanted),
    },
  ]
}

async function wholeReads() {
  const child = fork(fileURLToPath(import.meta.url), ['server'])
  const [raw, txn] = await new Promise((resolve) => child.once('message', resolve))
  const transport = ourTransport()
  const rpc = storeRpc(transport, 4)
  const rawClient = await TiKVClient.connect({ pdEndpoints: raw.pdEndpoints })
  const txnClient = await TiKVClient.connect({ pdEndpoints: txn.pdEndpoints })
  await rawClient.raw.put(KEY, VALUE)
  await txnClient.txn.run(async (transaction) => transaction.put(KEY, VALUE))
  const readTs = await txnClient.txn.currentTimestamp()
  const request = { context: undefined, key: KEY, cf: '' }
  const rows = await atAllCallers([
    {
      name: 'a call to a store: codec, framing, stream',
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
  printTable([['point read', 'callers', 'CPU min / median µs'], ...rows])
  await Promise.all([rawClient.close(), txnClient.close(), rpc.close()])
  await transport.close()
  child.disconnect()
}

/** A row for each number of callers and each layer. @param {readonly Layer[]} layers */
async function atAllCallers(layers) {
  const rows = []
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
    for (const [at, { name }] of layers.entries())
      rows.push([name, String(callers), minAndMedian(times[at] ?? [])])
  }
  return rows
}

/** @param {number[]} times */
function minAndMedian(times) {
  const { min, median } = summary(times)
  return `${micros(min)} / ${micros(median)}`
}
