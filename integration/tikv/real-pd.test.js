// @ts-check
/** A real PD in front of the stores of the test cluster: it learns of splits and leaders, and it may be restarted. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { TiKVClient } from '@orbit-ts/tikv'
import { PdBridge } from '@orbit-ts/tikv/testing'
import { hex } from './harness/driver.js'
import { eventually } from './harness/eventually.js'
import { RealPd } from './harness/real-pd.js'
import { skipWithout, startClient } from './harness/test-programs.js'
import { commit, read, scan } from './harness/transactions.js'

const skip = skipWithout('pd')
const WORKERS = 8
const LOAD_MS = Number(process.env['ORBIT_PD_LOAD_MS'] ?? 3000)

/** @type {RealPd} */
let pd
/** @type {PdBridge} */
let bridge
/** @type {TiKVClient} */
let client

before(async () => {
  if (skip !== false) return
  pd = await RealPd.start()
  bridge = await PdBridge.start({ pdEndpoints: [pd.endpoint], splitKeys: [Buffer.from('m')] })
  client = await TiKVClient.connect({ pdEndpoints: [pd.endpoint] })
})
after(async () => {
  await client?.close()
  await bridge?.close()
  await pd?.close()
})

const bytes = (/** @type {string} */ text) => Buffer.from(text)

test('PD knows the stores and the regions as they are', { skip }, async () => {
  const { count, stores } = await pd.get('/pd/api/v1/stores')
  assert.equal(count, 3)
  assert.deepEqual(
    stores.map((/** @type {any} */ { store }) => [store.address, store.state_name]).sort(),
    bridge.cluster.state
      .stores()
      .map(({ address }) => [address, 'Up'])
      .sort(),
  )
  assert.equal((await pd.get('/pd/api/v1/regions')).count, 2)
  assert.equal(await bridge.isKnown(), true)
})

test('PD tells the regions, and what the stores said of themselves', { skip }, async () => {
  await bridge.waitUntilKnown(10_000)
  const { state } = bridge.cluster
  /** @type {string[]} */
  const regions = []
  for await (const page of client.admin.regions({ start: bytes(''), end: bytes('') }, { pageSize: 2 }))
    regions.push(...page.map(({ region }) => String(region.id)))
  assert.deepEqual(
    regions,
    state.regions().map(({ region }) => String(region.id)),
  )
  const stores = await client.admin.storeFacts()
  assert.deepEqual(
    stores.map(({ id, address, state: word }) => [id, address, word]).sort(),
    state
      .stores()
      .map(({ id, address }) => [id, address, 'up'])
      .sort(),
  )
  for (const { lastHeartbeatMs, figures } of stores) {
    assert.ok(figures !== undefined && lastHeartbeatMs > 0)
    assert.ok(figures.capacityBytes >= figures.availableBytes && figures.availableBytes > 0)
  }
})

test('PD gives the ids of a split and is told of it, and clients find the new region', { skip }, async () => {
  await client.txn.run(async (transaction) => {
    transaction.put(bytes('s'), bytes('left'))
    transaction.put(bytes('t'), bytes('right'))
  })
  const parts = await bridge.splitAt(bytes('t'))
  assert.equal(parts.length, 2)
  const [created, old] = parts
  assert.ok(created !== undefined && old !== undefined)
  // The bridge's own numbers begin far above PD's.
  assert.ok(created.region.id < 1n << 40n && old.region.id > 1n << 40n)
  await bridge.waitUntilKnown(10_000)
  assert.equal((await pd.get('/pd/api/v1/regions')).count, 3)
  const snapshot = await client.txn.snapshot()
  assert.deepEqual(await snapshot.get(bytes('s')), new Uint8Array(bytes('left')))
  assert.deepEqual(await snapshot.get(bytes('t')), new Uint8Array(bytes('right')))
})

test('a split that a client asks a store for is known to PD', { skip }, async () => {
  const before = bridge.cluster.state.regions().length
  await client.admin.splitRegions([bytes('f')])
  assert.equal(bridge.cluster.state.regions().length, before + 1)
  await bridge.waitUntilKnown(10_000)
})

test('a leader that moves is known to PD, and clients follow it', { skip }, async () => {
  const { state } = bridge.cluster
  const { region, leader } = bridge.cluster.regionOf(bytes('a'))
  const other = region.peers.find(({ storeId }) => storeId !== leader?.storeId)
  assert.ok(other !== undefined)
  state.transferLeader(region.id, other.storeId)
  await bridge.waitUntilKnown(10_000)
  await client.txn.run(async (transaction) => transaction.put(bytes('a'), bytes('moved')))
  const snapshot = await client.txn.snapshot()
  assert.deepEqual(await snapshot.get(bytes('a')), new Uint8Array(bytes('moved')))
})

test('what PD orders is done: a leader is moved by its scheduler interface', { skip }, async () => {
  const { region, leader } = bridge.cluster.regionOf(bytes('a'))
  const other = region.peers.find(({ storeId }) => storeId !== leader?.storeId)
  assert.ok(other !== undefined)
  await pd.post('/pd/api/v1/operators', {
    name: 'transfer-leader',
    region_id: Number(region.id),
    to_store_id: Number(other.storeId),
  })
  await eventually(
    // PD answers heartbeats with its orders.
    () => {
      const now = bridge.cluster.regionOf(bytes('a'))
      return now.leader?.storeId === other.storeId
    },
    'the leader moves',
    90_000,
  )
})

test('a restart of PD in the middle of a load loses no acknowledged write', { skip }, async () => {
  /** @type {Map<string, string>} */
  const acknowledged = new Map()
  /** @type {unknown[]} */
  const errors = []
  const stop = new AbortController()
  let longestMs = 0
  const worker = async (/** @type {number} */ number) => {
    for (let turn = 0; !stop.signal.aborted; turn++) {
      const started = performance.now()
      const key = `load-${number}-${turn % 50}`
      try {
        await client.txn.run(async (transaction) => {
          transaction.put(bytes(key), bytes(String(turn)))
          transaction.put(bytes(`z${key}`), bytes(String(turn)))
        })
        acknowledged.set(key, String(turn))
      } catch (error) {
        // What was not acknowledged may be there or not; from here on this key says nothing.
        errors.push(error)
        acknowledged.delete(key)
      }
      longestMs = Math.max(longestMs, performance.now() - started)
    }
  }
  const load = Array.from({ length: WORKERS }, (_, number) => worker(number))
  await sleep(LOAD_MS / 3)
  await pd.kill()
  const before = acknowledged.size
  // What changes meanwhile, PD learns when it is back.
  bridge.cluster.splitAt(bytes('load-4'))
  const { region, leader } = bridge.cluster.regionOf(bytes('load-0'))
  const other = region.peers.find(({ storeId }) => storeId !== leader?.storeId)
  assert.ok(other !== undefined)
  bridge.cluster.state.transferLeader(region.id, other.storeId)
  await sleep(LOAD_MS / 3)
  assert.equal(await pd.get('/pd/api/v1/regions'), undefined)
  await pd.resume()
  await bridge.waitUntilKnown(60_000)
  const revived = new Map(acknowledged)
  await eventually(
    () => [...acknowledged].some(([key, value]) => revived.get(key) !== value),
    'commits go on after the restart',
  )
  await sleep(LOAD_MS / 3)
  stop.abort()
  await Promise.all(load)
  assert.ok(before > 0)
  // A call to PD has a deadline of 3 s, and each of ten attempts may meet it.
  assert.ok(longestMs < 60_000, `a transaction took ${longestMs} ms`)
  const codes = new Set(errors.map((error) => /** @type {any} */ (error).code))
  assert.deepEqual(
    [...codes].filter((code) => code !== 'PD_UNAVAILABLE'),
    [],
  )
  const snapshot = await client.txn.snapshot()
  for (const [key, value] of acknowledged) {
    assert.equal(Buffer.from((await snapshot.get(bytes(key))) ?? []).toString(), value, key)
    assert.equal(Buffer.from((await snapshot.get(bytes(`z${key}`))) ?? []).toString(), value, `z${key}`)
  }
})

test(
  'the Go client and ours share the cluster',
  { skip: skip !== false ? skip : skipWithout('goclient') },
  async () => {
    const foreign = startClient('goclient', [pd.endpoint])
    const ours = startClient('ours', [pd.endpoint])
    try {
      await commit(foreign, { 'go-a': '1', 'go-z': '2', 'n-go': '3' }, 'async')
      assert.equal(await read(ours, 'go-z'), '2')
      await commit(ours, { 'go-a': '4', 'o-ours': '5' }, '1pc')
      assert.deepEqual(await scan(foreign, 'go-', 'go.'), [
        ['go-a', '4'],
        ['go-z', '2'],
      ])
      assert.deepEqual(await scan(foreign, 'n-', 'p'), await scan(ours, 'n-', 'p'))
    } finally {
      await foreign.close()
      await ours.close()
    }
  },
)

test(
  'a keyspace that PD makes is cut off by the stores, and both clients find their keys in it and no others',
  { skip: skip !== false ? skip : skipWithout('goclient') },
  async () => {
    const own = await RealPd.start()
    /** @type {PdBridge | undefined} */
    let stores
    try {
      stores = await PdBridge.start({ pdEndpoints: [own.endpoint], apiVersion: 'v2' })
      assert.equal((await own.post('/pd/api/v2/keyspaces', { name: 'one' }))?.id, 1)
      await eventually(
        // The bounds of keyspace 1: `r` or `x` and its id, memcomparable.
        async () => {
          const { regions } = await own.get('/pd/api/v1/regions')
          const starts = regions.map((/** @type {any} */ region) => region.start_key)
          return ['7200000100000000FB', '7800000100000000FB'].every((start) => starts.includes(start))
        },
        'the keyspace has regions of its own',
      )
      for (const keyspace of ['DEFAULT', 'one']) await inKeyspace([own.endpoint], keyspace)
    } finally {
      await stores?.close()
      await own.close()
    }
  },
)

/** @param {readonly string[]} pdEndpoints @param {string} keyspace */
async function inKeyspace(pdEndpoints, keyspace) {
  const both = /** @type {const} */ (['goclient', 'ours'])
  const clients = both.map((name) => startClient(name, pdEndpoints, { apiVersion: 'v2', keyspace }))
  const [foreign, ours] = clients
  assert.ok(foreign !== undefined && ours !== undefined)
  try {
    await commit(foreign, { a: `theirs in ${keyspace}` })
    await commit(ours, { b: `ours in ${keyspace}` })
    const expected = [
      ['a', `theirs in ${keyspace}`],
      ['b', `ours in ${keyspace}`],
    ]
    for (const client of clients) assert.deepEqual(await scan(client, '', ''), expected)
    await foreign.run({ op: 'rawput', key: hex('raw'), value: hex(keyspace) })
    assert.equal((await ours.run({ op: 'rawget', key: hex('raw') })).value, hex(keyspace))
  } finally {
    await Promise.all(clients.map((client) => client.close()))
  }
}
