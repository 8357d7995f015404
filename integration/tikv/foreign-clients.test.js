// @ts-check
/**
 * Clients that this project did not write against its test cluster over sockets, side by side with its own client:
 * each reads what the other wrote, meets its conflicts, and resolves the locks that it left behind when it was killed.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { TestCluster } from '@orbit-ts/tikv/testing'
import { hex, unhex } from './harness/driver.js'
import { eventually } from './harness/eventually.js'
import { shiftedEnv } from './harness/shifted-env.js'
import { foreignClients, skipWithout, startClient } from './harness/test-programs.js'
import { begin, commit, read, rows, scan, write } from './harness/transactions.js'

/** @typedef {import('./harness/driver.js').Driver} Driver */

/**
 * What each client can do; the rest of the commands all have.
 * - `reverse`, `unbounded`: scans from the end, and without one
 * - `modes`: how it commits
 * - `locks`: takes pessimistic locks, and knows those of others; with `at-once` it fails at once when it cannot
 * - `recovers`: commits for a dead client what was committed asynchronously
 * - `tellsConflict`: loses a conflict with an error that says so, instead of trying until its patience ends
 * - `swaps`, `sums`: compare-and-swap and checksum of raw keys
 * - `splitsPuts`: one batch of raw puts may span regions
 */
const abilities = {
  ours: {
    reverse: true,
    unbounded: true,
    modes: ['optimistic', 'async', '1pc', 'pessimistic'],
    locks: 'at-once',
    recovers: true,
    tellsConflict: true,
    swaps: true,
    sums: true,
    splitsPuts: true,
  },
  goclient: {
    reverse: true,
    unbounded: true,
    modes: ['optimistic', 'async', '1pc', 'pessimistic'],
    locks: 'at-once',
    recovers: true,
    tellsConflict: true,
    swaps: true,
    sums: true,
    splitsPuts: true,
  },
  pyclient: {
    reverse: false,
    unbounded: true,
    modes: ['optimistic', 'pessimistic'],
    locks: 'late',
    recovers: false,
    tellsConflict: true,
    swaps: false,
    sums: false,
    splitsPuts: true,
  },
  rustclient: {
    reverse: true,
    unbounded: true,
    modes: ['optimistic', 'async', 'pessimistic'],
    locks: 'late',
    recovers: false,
    tellsConflict: true,
    swaps: true,
    sums: false,
    splitsPuts: true,
  },
  javaclient: {
    reverse: false,
    unbounded: false,
    modes: ['optimistic'],
    locks: 'none',
    recovers: false,
    tellsConflict: false,
    swaps: true,
    sums: false,
    splitsPuts: false,
  },
}

/** Longer than any client lets its locks live: the Java client's last an hour. */
const LOCK_LIFE_MS = 2 * 3_600_000

const SPLITS = ['h', 'p', '~'].map((key) => Buffer.from(key))

for (const foreign of foreignClients) {
  describe(`${foreign} and ours`, { skip: skipWithout(foreign) }, () => {
    transactions(foreign)
    leftLocks(foreign)
    rawKeys(foreign)
  })
}

/** @param {typeof foreignClients[number]} foreign */
function transactions(foreign) {
  /** @type {TestCluster} */
  let cluster
  /** @type {{ [name: string]: Driver }} */
  const clients = {}
  before(async () => {
    cluster = await TestCluster.start({ transport: 'sockets', stores: 3, splitKeys: SPLITS })
    for (const name of [foreign, 'ours']) clients[name] = startClient(name, cluster.pdEndpoints)
  })
  after(async () => {
    await Promise.all(Object.values(clients).map((client) => client.close()))
    await cluster.close()
  })
  const both = () =>
    /** @type {[Driver, Driver][]} */ ([
      [clients[foreign], clients['ours']],
      [clients['ours'], clients[foreign]],
    ])
  const abilitiesOf = (/** @type {Driver} */ client) =>
    abilities[/** @type {keyof typeof abilities} */ (client.name)]

  test('each reads what the other committed, in every mode, over four regions', async () => {
    for (const [writer, reader] of both()) {
      for (const mode of abilitiesOf(writer).modes) {
        const at = `${writer.name}-${mode}`
        const keys = ['a', 'i', 'q', 'z'].map((key) => `${key}-${at}`)
        await commit(writer, Object.fromEntries(keys.map((key) => [key, `1 of ${key}`])), mode)
        await commit(writer, { [`a-${at}`]: '2', [`i-${at}`]: undefined }, mode)
        assert.equal(await read(reader, `a-${at}`), '2')
        assert.equal(await read(reader, `i-${at}`), undefined)
        const expected = [`a-${at}`, '2', `q-${at}`, `1 of q-${at}`, `z-${at}`, `1 of z-${at}`]
        const txn = await begin(reader)
        const gotten = await reader.run({ op: 'batchget', txn, keys: keys.map(hex) })
        assert.deepEqual(rows(gotten).flat(), expected)
        const scanned = await reader.run({ op: 'scan', txn, key: hex('a'), end: hex('zz'), limit: 1000 })
        assert.deepEqual(
          rows(scanned)
            .filter(([key]) => key.endsWith(`-${at}`))
            .flat(),
          expected,
        )
        await reader.run({ op: 'rollback', txn })
      }
    }
  })

  test('both scan the same rows, both ways, with and without bounds', async () => {
    const ours = /** @type {Driver} */ (clients['ours'])
    const other = /** @type {Driver} */ (clients[foreign])
    const forwards = await scan(ours, 'a', 'zz')
    assert.ok(forwards.length > 0)
    assert.deepEqual(await scan(other, 'a', 'zz'), forwards)
    assert.deepEqual(await scan(other, 'b', 'r', { limit: 3 }), await scan(ours, 'b', 'r', { limit: 3 }))
    const { reverse, unbounded } = abilities[foreign]
    if (unbounded) assert.deepEqual(await scan(other, '', ''), await scan(ours, '', ''))
    const backwards = await scan(ours, 'a', 'zz', { reverse: true })
    assert.deepEqual(backwards, forwards.toReversed())
    if (reverse) assert.deepEqual(await scan(other, 'a', 'zz', { reverse: true }), backwards)
  })

  test('a reader that began before a commit of the other does not see it', async () => {
    for (const [writer, reader] of both()) {
      const key = `snapshot-${writer.name}`
      await commit(writer, { [key]: 'before' })
      const txn = await begin(reader)
      await commit(writer, { [key]: 'after' })
      assert.equal(unhex((await reader.run({ op: 'get', txn, key: hex(key) })).value), 'before')
      await reader.run({ op: 'rollback', txn })
      assert.equal(await read(reader, key), 'after')
    }
  })

  test('of two that write the same key the first to commit wins', async () => {
    for (const [winner, loser] of both()) {
      if (!abilitiesOf(loser).tellsConflict) continue
      const key = `conflict-${winner.name}`
      const txn = await begin(loser)
      await write(loser, txn, { [key]: 'lost', [`z${key}`]: 'lost' })
      await commit(winner, { [key]: 'won' })
      const { ok, kind } = await loser.ask({ op: 'commit', txn })
      assert.deepEqual({ ok, kind }, { ok: false, kind: 'conflict' })
      assert.equal(await read(winner, key), 'won')
      // Not every client reads while the loser still takes its other locks back.
      assert.equal(await read(/** @type {Driver} */ (clients['ours']), `z${key}`), undefined)
    }
  })

  test('a pessimistic lock of one keeps the other out until it ends', async () => {
    for (const [holder, other] of both()) {
      if (abilitiesOf(holder).locks === 'none' || abilitiesOf(other).locks !== 'at-once') continue
      const key = `locked-${holder.name}`
      const held = await begin(holder, 'pessimistic')
      await holder.run({ op: 'lock', txn: held, key: hex(key) })
      const waiting = await begin(other, 'pessimistic')
      const { ok, kind } = await other.ask({ op: 'lock', txn: waiting, key: hex(key) })
      assert.deepEqual({ ok, kind }, { ok: false, kind: 'locked' })
      await holder.run({ op: 'rollback', txn: held })
      // A client may give the lock back behind the answered call.
      const lock = { op: 'lock', txn: waiting, key: hex(key) }
      await eventually(async () => (await other.ask(lock)).ok, `${holder.name} gives its lock back`)
      await write(other, waiting, { [key]: other.name })
      await other.run({ op: 'commit', txn: waiting })
      assert.equal(await read(holder, key), other.name)
    }
  })
}

/** @param {typeof foreignClients[number]} foreign */
function leftLocks(foreign) {
  /** @type {ReturnType<typeof shiftedEnv>} */
  let env
  /** @type {TestCluster} */
  let cluster
  /** @type {Driver[]} */
  let survivors = []
  before(async () => {
    env = shiftedEnv()
    cluster = await TestCluster.start({ transport: 'sockets', stores: 3, splitKeys: SPLITS, env })
    survivors = [foreign, 'ours'].map((name) => startClient(name, cluster.pdEndpoints))
    for (const client of survivors) await commit(client, { [`warm-${client.name}`]: '1' })
  })
  after(async () => {
    await Promise.all(survivors.map((client) => client.close()))
    await cluster.close()
  })
  const pairs = () => {
    const [other, ours] = survivors
    if (other === undefined || ours === undefined) throw new Error('the clients did not start')
    return [
      { dying: foreign, survivor: ours },
      { dying: /** @type {const} */ ('ours'), survivor: other },
    ]
  }

  /**
   * Commits in a process that is killed when the store sees the `killedAt`-th commit request, which is not answered.
   * @param {keyof typeof abilities} name
   * @param {string} mode
   * @param {Record<string, string>} writes
   * @param {number} killedAt
   */
  async function dieInCommit(name, mode, writes, killedAt) {
    const client = startClient(name, cluster.pdEndpoints)
    const txn = await begin(client, mode)
    await write(client, txn, writes)
    const fault = cluster.faults.add({ method: 'KvCommit' }, { kind: 'hang' }, { skip: killedAt - 1 })
    try {
      void client.ask({ op: 'commit', txn })
      await eventually(() => fault.hits > 0, `${name} sends its commit request ${killedAt}`)
    } finally {
      await client.kill()
      fault.remove()
    }
  }

  test('what was prewritten and not committed is rolled back', async () => {
    for (const { dying, survivor } of pairs()) {
      const [first, last] = [`a-back-${dying}`, `z-back-${dying}`]
      await commit(survivor, { [first]: 'old' })
      await dieInCommit(dying, 'optimistic', { [first]: 'new', [last]: 'new' }, 1)
      env.forward(LOCK_LIFE_MS)
      assert.equal(await read(survivor, last), undefined)
      assert.equal(await read(survivor, first), 'old')
      await commit(survivor, { [last]: 'mine' })
      assert.equal(await read(survivor, last), 'mine')
    }
  })

  test('what was committed at its primary is committed everywhere', async () => {
    for (const { dying, survivor } of pairs()) {
      const [first, middle, last] = ['a', 'i', 'z'].map((key) => `${key}-forth-${dying}`)
      if (first === undefined || middle === undefined || last === undefined) throw new Error('three keys')
      await dieInCommit(dying, 'optimistic', { [first]: '1', [middle]: '1', [last]: '1' }, 2)
      env.forward(LOCK_LIFE_MS)
      for (const key of [last, middle, first]) assert.equal(await read(survivor, key), '1')
    }
  })

  test('what was prewritten in an asynchronous commit is committed', async () => {
    for (const { dying, survivor } of pairs()) {
      const { recovers } = abilities[/** @type {keyof typeof abilities} */ (survivor.name)]
      if (!recovers || !abilities[dying].modes.includes('async')) continue
      const [first, last] = [`a-async-${dying}`, `z-async-${dying}`]
      await dieInCommit(dying, 'async', { [first]: '1', [last]: '1' }, 1)
      env.forward(LOCK_LIFE_MS)
      assert.equal(await read(survivor, last), '1')
      assert.equal(await read(survivor, first), '1')
    }
  })

  test('a pessimistic lock is given up', async () => {
    for (const { dying, survivor } of pairs()) {
      if (abilities[dying].locks === 'none' || survivor.name === 'javaclient') continue
      const key = `b-lock-${dying}`
      const client = startClient(dying, cluster.pdEndpoints)
      const txn = await begin(client, 'pessimistic')
      await client.run({ op: 'lock', txn, key: hex(key) })
      await client.kill()
      assert.notEqual(cluster.mvcc.mvccByKey(Buffer.from(key)).lock, undefined)
      env.forward(LOCK_LIFE_MS)
      await commit(survivor, { [key]: 'mine' }, 'pessimistic')
      assert.equal(await read(survivor, key), 'mine')
    }
  })
}

/** @param {typeof foreignClients[number]} foreign */
function rawKeys(foreign) {
  /** @type {TestCluster} */
  let cluster
  /** @type {Driver[]} */
  let clients = []
  before(async () => {
    cluster = await TestCluster.start({ transport: 'sockets', stores: 3, splitKeys: SPLITS, keyMode: 'raw' })
    clients = [foreign, 'ours'].map((name) => startClient(name, cluster.pdEndpoints))
  })
  after(async () => {
    await Promise.all(clients.map((client) => client.close()))
    await cluster.close()
  })
  const both = () => {
    const [other, ours] = clients
    if (other === undefined || ours === undefined) throw new Error('the clients did not start')
    return /** @type {[Driver, Driver][]} */ ([
      [other, ours],
      [ours, other],
    ])
  }

  test('each reads, scans and deletes the raw keys of the other', async () => {
    for (const [writer, reader] of both()) {
      const keys = ['a', 'i', 'q', 'z'].map(hex)
      const values = ['1', '2', '3', '4'].map(hex)
      await writer.run({ op: 'rawput', key: hex('a'), value: hex('first') })
      assert.equal((await reader.run({ op: 'rawget', key: hex('a') })).value, hex('first'))
      assert.equal((await reader.run({ op: 'rawget', key: hex('none') })).value, undefined)
      const groups = abilities[foreign].splitsPuts ? [[0, 1, 2, 3]] : [[0], [1], [2], [3]]
      for (const group of groups) {
        await writer.run({
          op: 'rawbatchput',
          keys: group.map((at) => keys[at] ?? ''),
          values: group.map((at) => values[at] ?? ''),
        })
      }
      const all = keys.map((key, at) => [key, values[at]])
      const batch = await reader.run({ op: 'rawbatchget', keys: [hex('none'), ...keys] })
      assert.deepEqual(batch.pairs, all)
      const scanned = await reader.run({ op: 'rawscan', key: hex('a'), end: hex('zz'), limit: 100 })
      assert.deepEqual(scanned.pairs, all)
      const part = await reader.run({ op: 'rawscan', key: hex('b'), end: hex('zz'), limit: 2 })
      assert.deepEqual(part.pairs, all.slice(1, 3))
      await reader.run({ op: 'rawdelete', key: hex('a') })
      assert.equal((await writer.run({ op: 'rawget', key: hex('a') })).value, undefined)
      await reader.run({ op: 'rawdeleterange', key: hex('b'), end: hex('r') })
      const left = await writer.run({ op: 'rawscan', key: hex('a'), end: hex('zz'), limit: 100 })
      assert.deepEqual(left.pairs, all.slice(3))
      await writer.run({ op: 'rawdelete', key: hex('z') })
    }
  })

  test('each swaps what the other wrote', { skip: !abilities[foreign].swaps }, async () => {
    for (const [first, second] of both()) {
      const key = hex(`swap-${first.name}`)
      const made = await first.run({ op: 'rawcas', key, mode: 'absent', value: hex('1') })
      assert.deepEqual([made.result, made.value], [true, undefined])
      const refused = await second.run({ op: 'rawcas', key, mode: 'absent', value: hex('x') })
      assert.deepEqual([refused.result, refused.value], [false, hex('1')])
      const swapped = await second.run({ op: 'rawcas', key, end: hex('1'), value: hex('2') })
      assert.deepEqual([swapped.result, swapped.value], [true, hex('1')])
      assert.equal((await first.run({ op: 'rawget', key })).value, hex('2'))
    }
  })

  test('both sum up the same keys', { skip: !abilities[foreign].sums }, async () => {
    const [other, ours] = /** @type {[Driver, Driver]} */ (both()[0])
    await ours.run({ op: 'rawput', key: hex('q'), value: hex('summed') })
    const range = { op: 'rawchecksum', key: hex('a'), end: hex('zz') }
    const sum = (await other.run(range)).result
    assert.ok(Number(sum.kvs) > 0)
    assert.deepEqual((await ours.run(range)).result, sum)
  })
}
