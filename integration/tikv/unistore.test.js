// @ts-check
/**
 * Our client against a cluster of which this project wrote nothing: a real PD and PingCAP's unistore. Then side by side
 * with the foreign clients on it.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { OrbitError } from '@orbit-ts/base'
import { TiKVClient } from '@orbit-ts/tikv'
import { hex, unhex } from './harness/driver.js'
import { eventually } from './harness/eventually.js'
import { foreignClients, skipWithout, startClient } from './harness/test-programs.js'
import { begin, commit, read, scan, write } from './harness/transactions.js'
import { UnistoreCluster } from './harness/unistore.js'

/** @typedef {import('./harness/driver.js').Driver} Driver */

const skip = skipWithout('pd', 'unistore')
const SEED = Number(process.env['ORBIT_UNISTORE_SEED'] ?? 1)
/** Small, so that loads split regions. */
const REGION_BYTES = 96 * 1024

/** @type {UnistoreCluster} */
let cluster
/** @type {TiKVClient} */
let client
/** What the stores answered, by method. @type {Map<string, any[]>} */
const answers = new Map()

before(async () => {
  if (skip !== false) return
  cluster = await UnistoreCluster.start({ regionSize: REGION_BYTES })
  client = await TiKVClient.connect(
    { pdEndpoints: cluster.pdEndpoints },
    {
      interceptors: [
        async (call, next) => {
          const answer = await next()
          answers.set(call.method, [...(answers.get(call.method) ?? []), answer])
          return answer
        },
      ],
    },
  )
})
after(async () => {
  await client?.close()
  await cluster?.close()
})

const bytes = (/** @type {string} */ text) => Buffer.from(text)
const text = (/** @type {Uint8Array | undefined} */ data) =>
  data === undefined ? undefined : Buffer.from(data).toString()

/** @param {Record<string, string | undefined>} writes @param {object} [options] */
async function put(writes, options) {
  const transaction = await client.txn.begin(options)
  for (const [key, value] of Object.entries(writes)) {
    if (value === undefined) transaction.delete(bytes(key))
    else transaction.put(bytes(key), bytes(value))
  }
  return transaction.commit()
}

/** @param {string} key */
async function get(key) {
  return text(await (await client.txn.snapshot()).get(bytes(key)))
}

/** @param {string} prefix @param {object} [options] */
async function list(prefix, options) {
  const rows = []
  const snapshot = await client.txn.snapshot()
  for await (const chunk of snapshot.scan({ start: bytes(prefix), end: bytes(`${prefix}\xff`) }, options)) {
    for (const { key, value } of chunk) rows.push([text(key), text(value)])
  }
  return rows
}

/** @param {Promise<unknown>} work */
async function codeOf(work) {
  try {
    await work
    return 'done'
  } catch (error) {
    return error instanceof OrbitError ? error.code : String(error)
  }
}

test(
  'two-phase commit, asynchronous commit and one-phase commit are what the store did',
  { skip },
  async () => {
    answers.clear()
    await put({ 'two-a': '1', 'two-b': '1' }, { asyncCommit: false, onePc: false })
    assert.equal(answers.get('KvPrewrite')?.[0].minCommitTs, 0n)
    assert.ok((answers.get('KvCommit')?.length ?? 0) > 0)
    answers.clear()
    const { commitTs: asyncTs } = await put(
      { 'async-a': '1', 'async-b': '1' },
      { asyncCommit: true, onePc: false },
    )
    const promised = (answers.get('KvPrewrite') ?? []).map(({ minCommitTs }) => minCommitTs)
    assert.ok(promised.length > 0 && promised.every((ts) => ts > 0n && ts <= (asyncTs ?? 0n)))
    await client.settle()
    answers.clear()
    const { commitTs } = await put({ one: '1' }, { asyncCommit: true, onePc: true })
    assert.equal(answers.get('KvPrewrite')?.[0].onePcCommitTs, commitTs)
    assert.equal(answers.get('KvCommit'), undefined)
    for (const key of ['two-a', 'two-b', 'async-a', 'async-b', 'one']) assert.equal(await get(key), '1')
  },
)

test('reads at a timestamp see what was committed until then', { skip }, async () => {
  await put({ 'at-a': 'old', 'at-b': 'old' })
  const ts = await client.txn.currentTimestamp()
  await put({ 'at-a': 'new', 'at-b': undefined, 'at-c': 'new' })
  const snapshot = await client.txn.snapshot(ts)
  assert.equal(text(await snapshot.get(bytes('at-a'))), 'old')
  assert.deepEqual((await snapshot.batchGet(['at-a', 'at-b', 'at-c'].map(bytes))).map(text), [
    'old',
    'old',
    undefined,
  ])
  assert.deepEqual(await list('at-'), [
    ['at-a', 'new'],
    ['at-c', 'new'],
  ])
})

test('of two that write the same key one fails, and an insert of an existing key', { skip }, async () => {
  const first = await client.txn.begin()
  const second = await client.txn.begin()
  for (const transaction of [first, second]) transaction.put(bytes('contended'), bytes('x'))
  await second.commit()
  assert.equal(await codeOf(first.commit()), 'TRANSACTION_CONFLICT')
  const insert = await client.txn.begin()
  insert.insert(bytes('contended'), bytes('y'))
  assert.equal(await codeOf(insert.commit()), 'KEY_EXISTS')
  assert.equal(await get('contended'), 'x')
})

test('pessimistic locks exclude, are waited for, and give the newest value', { skip }, async () => {
  await put({ counter: '1' })
  const first = await client.txn.begin({ mode: 'pessimistic' })
  const second = await client.txn.begin({ mode: 'pessimistic' })
  assert.equal(text(await first.getForUpdate(bytes('counter'))), '1')
  assert.equal(await codeOf(second.lock([bytes('counter')], { wait: 'nowait' })), 'LOCK_NOT_AVAILABLE')
  assert.equal(await codeOf(second.lock([bytes('counter')], { wait: 200 })), 'LOCK_TIMEOUT')
  const waiting = second.getForUpdate(bytes('counter'))
  first.put(bytes('counter'), bytes('2'))
  await first.commit()
  assert.equal(text(await waiting), '2')
  second.put(bytes('counter'), bytes('3'))
  await second.commit()
  assert.equal(await get('counter'), '3')
})

test('a deadlock ends with an error for one of the two', { skip }, async () => {
  const first = await client.txn.begin({ mode: 'pessimistic' })
  const second = await client.txn.begin({ mode: 'pessimistic' })
  await first.lock([bytes('dead-a')])
  await second.lock([bytes('dead-b')])
  // Whoever is refused gives up its locks, and the other gets on.
  const lock = async (/** @type {typeof first} */ transaction, /** @type {string} */ key) => {
    const code = await codeOf(transaction.lock([bytes(key)], { wait: 20_000 }))
    if (code === 'done') await transaction.commit()
    else await transaction.rollback()
    return code
  }
  const codes = await Promise.all([lock(first, 'dead-b'), lock(second, 'dead-a')])
  assert.deepEqual(codes.sort(), ['TRANSACTION_DEADLOCK', 'done'])
})

test('random transactions leave what a map says, while regions split', { skip }, async (context) => {
  context.diagnostic(`ORBIT_UNISTORE_SEED=${SEED}`)
  const random = mulberry32(SEED)
  const pick = (/** @type {number} */ count) => Math.floor(random() * count)
  /** @type {Map<string, string>} */
  const model = new Map()
  const regionsBefore = (await cluster.pd.get('/pd/api/v1/regions')).count
  for (let turn = 0; turn < 60; turn++) {
    const mode = /** @type {const} */ (['optimistic', 'pessimistic'])[pick(2)]
    const transaction = await client.txn.begin({ mode, asyncCommit: random() < 0.5, onePc: random() < 0.5 })
    const mine = new Map(model)
    const steps = 1 + pick(40)
    for (let step = 0; step < steps; step++) {
      const key = `random-${String(pick(400)).padStart(3, '0')}`
      const value = `${turn}-${step}-`.padEnd(pick(800), 'x')
      if (mode === 'pessimistic' && random() < 0.5) await transaction.lock([bytes(key)])
      if (random() < 0.25) {
        transaction.delete(bytes(key))
        mine.delete(key)
      } else {
        transaction.put(bytes(key), bytes(value))
        mine.set(key, value)
      }
      if (random() < 0.2) assert.equal(text(await transaction.get(bytes(key))), mine.get(key))
    }
    const own = []
    for await (const rows of transaction.scan({ start: bytes('random-'), end: bytes('random.') })) {
      for (const { key, value } of rows) own.push([text(key), text(value)])
    }
    assert.deepEqual(own, sorted(mine), `before the end of transaction ${turn}, seed ${SEED}`)
    if (random() < 0.2) {
      await transaction.rollback()
      continue
    }
    await transaction.commit()
    model.clear()
    for (const [key, value] of mine) model.set(key, value)
    const reverse = random() < 0.5
    const expected = reverse ? sorted(model).reverse() : sorted(model)
    assert.deepEqual(await list('random-', { reverse }), expected, `after transaction ${turn}, seed ${SEED}`)
  }
  // Large values make sure that there is something to split.
  for (let at = 0; at < 40; at++) await put({ [`random-large-${at}`]: 'y'.repeat(20_000) })
  await eventually(
    async () => (await cluster.pd.get('/pd/api/v1/regions')).count > regionsBefore,
    'a region splits',
    60_000,
  )
  for (let at = 0; at < 40; at++) model.set(`random-large-${at}`, 'y'.repeat(20_000))
  assert.deepEqual(await list('random-'), sorted(model))
  assert.deepEqual(await list('random-', { reverse: true }), sorted(model).reverse())
  const keys = [...model.keys()]
  const values = await (await client.txn.snapshot()).batchGet(keys.map(bytes))
  assert.deepEqual(values.map(text), [...model.values()])
})

test(
  'locks of a killed process of ours are resolved: back before its primary is committed',
  { skip },
  async () => {
    const dying = startClient('ours', cluster.pdEndpoints)
    const txn = await begin(dying)
    await write(dying, txn, { 'killed-a': '1', 'killed-z': '1' })
    await dying.run({ op: 'prewrite', txn })
    await dying.kill()
    assert.equal(await get('killed-z'), undefined)
    await put({ 'killed-z': 'mine' })
    assert.deepEqual(await list('killed-'), [['killed-z', 'mine']])
  },
)

test(
  'what a killed process of ours had prewritten for an asynchronous commit is committed',
  { skip },
  async () => {
    const dying = startClient('ours', cluster.pdEndpoints)
    const txn = await begin(dying, 'async')
    await write(dying, txn, { 'promised-a': '1', 'promised-z': '1' })
    await dying.run({ op: 'prewrite', txn })
    await dying.kill()
    answers.clear()
    assert.equal(await get('promised-z'), '1')
    assert.equal(answers.get('KvCheckSecondaryLocks')?.length, 1)
    assert.equal(await get('promised-a'), '1')
  },
)

for (const foreign of foreignClients) {
  const reason = skip !== false ? skip : skipWithout(foreign)

  test(`${foreign} and ours read each other's writes on unistore`, { skip: reason }, async () => {
    await withClient(foreign, async (other) => {
      await commit(other, { [`${foreign}-a`]: '1', [`${foreign}-z`]: '2' })
      await put({ [`${foreign}-a`]: '3', [`${foreign}-m`]: '4' })
      const expected = [
        [`${foreign}-a`, '3'],
        [`${foreign}-m`, '4'],
        [`${foreign}-z`, '2'],
      ]
      assert.deepEqual(await list(`${foreign}-`), expected)
      assert.deepEqual(await scan(other, `${foreign}-`, `${foreign}.`), expected)
    })
  })
}

test(
  'locks of a killed Go client are resolved by ours, and ours by it',
  { skip: skip !== false ? skip : skipWithout('goclient') },
  async () => {
    const dying = startClient('goclient', cluster.pdEndpoints)
    const txn = await begin(dying)
    await write(dying, txn, { 'go-killed-a': '1', 'go-killed-z': '1' })
    await dying.run({ op: 'prewrite', txn })
    await dying.kill()
    assert.equal(await get('go-killed-z'), undefined)
    assert.equal(await get('go-killed-a'), undefined)
    const ours = startClient('ours', cluster.pdEndpoints)
    const own = await begin(ours)
    await write(ours, own, { 'our-killed-a': '1', 'our-killed-z': '1' })
    await ours.run({ op: 'prewrite', txn: own })
    await ours.kill()
    await withClient('goclient', async (other) => {
      assert.equal(await read(other, 'our-killed-z'), undefined)
      await commit(other, { 'our-killed-a': 'theirs' })
      assert.equal(await get('our-killed-a'), 'theirs')
    })
  },
)

test(
  'both clients move money between the same accounts, and none is lost',
  { skip: skip !== false ? skip : skipWithout('goclient') },
  async () => {
    const ACCOUNTS = 8
    const account = (/** @type {number} */ at) => `bank-${at}`
    await put(Object.fromEntries(Array.from({ length: ACCOUNTS }, (_, at) => [account(at), '100'])))
    const random = mulberry32(SEED)
    /** @param {Driver} driver @param {string} mode */
    const transfers = async (driver, mode) => {
      let done = 0
      for (let turn = 0; turn < 60; turn++) {
        const from = Math.floor(random() * ACCOUNTS)
        const to = (from + 1 + Math.floor(random() * (ACCOUNTS - 1))) % ACCOUNTS
        const txn = await begin(driver, mode)
        const balance = async (/** @type {number} */ at) =>
          Number(unhex((await driver.run({ op: 'get', txn, key: hex(account(at)) })).value))
        const [rich, poor] = [await balance(from), await balance(to)]
        await write(driver, txn, { [account(from)]: String(rich - 1), [account(to)]: String(poor + 1) })
        const { ok, kind, error } = await driver.ask({ op: 'commit', txn })
        assert.ok(ok || kind === 'conflict', error)
        if (ok) done++
      }
      return done
    }
    await withClient('goclient', (go) =>
      withClient('ours', async (ours) => {
        const done = await Promise.all([transfers(go, 'async'), transfers(ours, 'async')])
        assert.ok(
          done.every((count) => count > 0),
          String(done),
        )
      }),
    )
    const balances = (await list('bank-')).map(([, value]) => Number(value))
    assert.equal(balances.length, ACCOUNTS)
    assert.equal(
      balances.reduce((sum, balance) => sum + balance, 0),
      ACCOUNTS * 100,
    )
  },
)

/** @param {string} name @param {(driver: Driver) => Promise<unknown>} work */
async function withClient(name, work) {
  const driver = startClient(name, cluster.pdEndpoints)
  try {
    await work(driver)
  } finally {
    await driver.close()
  }
}

/** @param {Map<string, string>} model */
function sorted(model) {
  return [...model].sort(([a], [b]) => (a < b ? -1 : 1))
}

/** @param {number} seed */
function mulberry32(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
