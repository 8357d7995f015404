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
 * - `ttl`, `keyspaces`: raw keys that expire; the keyspaces of API version 2
 *
 * @typedef {{ reverse: boolean, unbounded: boolean, modes: readonly string[], locks: 'at-once' | 'late' | 'none',
 *   recovers: boolean, tellsConflict: boolean, swaps: boolean, sums: boolean, splitsPuts: boolean,
 *   ttl: boolean, keyspaces: boolean }} Abilities
 */

/** @type {Abilities} */
const everything = {
  reverse: true,
  unbounded: true,
  modes: ['optimistic', 'async', '1pc', 'pessimistic'],
  locks: 'at-once',
  recovers: true,
  tellsConflict: true,
  swaps: true,
  sums: true,
  splitsPuts: true,
  ttl: true,
  keyspaces: true,
}

/** @type {Record<typeof foreignClients[number] | 'ours', Abilities>} */
const abilities = {
  ours: everything,
  goclient: everything,
  pyclient: {
    ...everything,
    reverse: false,
    modes: ['optimistic', 'pessimistic'],
    locks: 'late',
    recovers: false,
    swaps: false,
    sums: false,
    ttl: false,
    keyspaces: false,
  },
  rustclient: { ...everything, locks: 'late', recovers: false, sums: false },
  javaclient: {
    ...everything,
    reverse: false,
    unbounded: false,
    modes: ['optimistic'],
    locks: 'none',
    recovers: false,
    tellsConflict: false,
    sums: false,
    splitsPuts: false,
    keyspaces: false,
  },
}

/** @typedef {keyof typeof abilities} Name */

/** For the `skip` of a test. @param {boolean} can @param {string} what */
const unless = (can, what) => (can ? false : what)

/** Longer than any client lets its locks live: the Java client's last an hour. */
const LOCK_LIFE_MS = 2 * 3_600_000

/** The last region begins behind all keys: the Rust client never ends a scan of raw keys in a region without end. */
const SPLITS = ['h', 'p', '~'].map((key) => Buffer.from(key))

for (const foreign of foreignClients) {
  describe(`${foreign} and ours`, { skip: skipWithout(foreign) }, () => {
    transactions(foreign)
    leftLocks(foreign)
    rawKeys(foreign)
    expiringKeys(foreign)
    keyspaces(foreign)
  })
}

/**
 * The two clients, each in both parts.
 * @param {typeof foreignClients[number]} foreign
 * @returns {[Name, Name][]}
 */
function bothWays(foreign) {
  return [
    [foreign, 'ours'],
    ['ours', foreign],
  ]
}

/** @param {typeof foreignClients[number]} foreign */
function transactions(foreign) {
  /** @type {TestCluster} */
  let cluster
  /** @type {Map<Name, Driver>} */
  const clients = new Map()
  before(async () => {
    cluster = await TestCluster.start({ transport: 'sockets', stores: 3, splitKeys: SPLITS })
    for (const name of /** @type {const} */ ([foreign, 'ours']))
      clients.set(name, startClient(name, cluster.pdEndpoints))
  })
  after(async () => {
    await Promise.all([...clients.values()].map((client) => client.close()))
    await cluster.close()
  })
  const client = (/** @type {Name} */ name) => started(clients, name)

  for (const [writer, reader] of bothWays(foreign)) {
    for (const mode of abilities[writer].modes) {
      test(`${reader} reads what ${writer} committed: ${mode}`, async () => {
        const at = `${writer}-${mode}`
        // What is committed in one phase lies in one region, the rest in four.
        const keys = (mode === '1pc' ? ['a', 'b', 'c', 'd'] : ['a', 'i', 'q', 'z']).map(
          (key) => `${key}-${at}`,
        )
        const [first = '', second = '', third = '', fourth = ''] = keys
        const seen = cluster.faults.calls.length
        const made = await begin(client(writer), mode)
        if (mode === 'pessimistic') await client(writer).run({ op: 'lock', txn: made, key: hex(third) })
        await write(client(writer), made, Object.fromEntries(keys.map((key) => [key, `1 of ${key}`])))
        await client(writer).run({ op: 'commit', txn: made })
        assert.deepEqual(modesOf(cluster.faults.calls.slice(seen)), [mode])
        await commit(client(writer), { [first]: '2', [second]: undefined }, mode)
        assert.equal(await read(client(reader), first), '2')
        assert.equal(await read(client(reader), second), undefined)
        const expected = [first, '2', third, `1 of ${third}`, fourth, `1 of ${fourth}`]
        const txn = await begin(client(reader))
        const gotten = await client(reader).run({ op: 'batchget', txn, keys: keys.map(hex) })
        assert.deepEqual(rows(gotten).flat(), expected)
        const range = { key: hex('a'), end: hex('zz'), limit: 1000 }
        const scanned = await client(reader).run({ op: 'scan', txn, ...range })
        const found = rows(scanned).filter(([key]) => key.endsWith(`-${at}`))
        assert.deepEqual(found.flat(), expected)
        await client(reader).run({ op: 'rollback', txn })
      })
    }
  }

  test('both scan the same rows, with and without limit', async () => {
    const forwards = await scan(client('ours'), 'a', 'zz')
    assert.ok(forwards.length > 0)
    assert.deepEqual(await scan(client(foreign), 'a', 'zz'), forwards)
    const part = forwards.filter(([key]) => key >= 'b').slice(0, 3)
    for (const each of clients.values()) assert.deepEqual(await scan(each, 'b', 'zz', { limit: 3 }), part)
  })

  test(
    'both scan the same rows without bounds',
    { skip: unless(abilities[foreign].unbounded, `${foreign} scans no range without end`) },
    async () => {
      const all = await scan(client('ours'), '', '')
      assert.deepEqual(await scan(client(foreign), '', ''), all)
      assert.deepEqual(all, await scan(client('ours'), 'a', 'zz'))
    },
  )

  test(
    'both scan the same rows from the end',
    { skip: unless(abilities[foreign].reverse, `${foreign} scans in one direction`) },
    async () => {
      const backwards = await scan(client('ours'), 'a', 'zz', { reverse: true })
      assert.deepEqual(backwards, (await scan(client('ours'), 'a', 'zz')).toReversed())
      assert.deepEqual(await scan(client(foreign), 'a', 'zz', { reverse: true }), backwards)
    },
  )

  for (const [writer, reader] of bothWays(foreign)) {
    test(`a transaction of ${reader} does not see what ${writer} committed after its beginning`, async () => {
      const key = `snapshot-${writer}`
      await commit(client(writer), { [key]: 'before' })
      const txn = await begin(client(reader))
      await commit(client(writer), { [key]: 'after' })
      assert.equal(unhex((await client(reader).run({ op: 'get', txn, key: hex(key) })).value), 'before')
      await client(reader).run({ op: 'rollback', txn })
      assert.equal(await read(client(reader), key), 'after')
    })
  }

  for (const [winner, loser] of bothWays(foreign)) {
    const skip = unless(abilities[loser].tellsConflict, `${loser} tries until its patience ends`)
    test(`${loser} loses to ${winner}, which wrote the same key and committed first`, { skip }, async () => {
      const key = `conflict-${winner}`
      const txn = await begin(client(loser))
      await write(client(loser), txn, { [key]: 'lost', [`z${key}`]: 'lost' })
      await commit(client(winner), { [key]: 'won' })
      const { ok, kind } = await client(loser).ask({ op: 'commit', txn })
      assert.deepEqual({ ok, kind }, { ok: false, kind: 'conflict' })
      assert.equal(await read(client(winner), key), 'won')
      // Not every client reads while the loser still takes its other locks back.
      assert.equal(await read(client('ours'), `z${key}`), undefined)
    })
  }

  for (const [holder, other] of bothWays(foreign)) {
    const skip =
      unless(abilities[holder].locks !== 'none', `${holder} takes no pessimistic locks`) ||
      unless(abilities[other].locks === 'at-once', `${other} has no request for a lock that fails at once`)
    test(`a pessimistic lock of ${holder} keeps ${other} out until it ends`, { skip }, async () => {
      const key = `locked-${holder}`
      const held = await begin(client(holder), 'pessimistic')
      await client(holder).run({ op: 'lock', txn: held, key: hex(key) })
      const waiting = await begin(client(other), 'pessimistic')
      const { ok, kind } = await client(other).ask({ op: 'lock', txn: waiting, key: hex(key) })
      assert.deepEqual({ ok, kind }, { ok: false, kind: 'locked' })
      await client(holder).run({ op: 'rollback', txn: held })
      // A client may give the lock back behind the answered call.
      const lock = { op: 'lock', txn: waiting, key: hex(key) }
      await eventually(async () => (await client(other).ask(lock)).ok, `${holder} gives its lock back`)
      await write(client(other), waiting, { [key]: other })
      await client(other).run({ op: 'commit', txn: waiting })
      assert.equal(await read(client(holder), key), other)
    })
  }
}

/** @param {ReadonlyMap<Name, Driver>} clients @param {Name} name */
function started(clients, name) {
  const client = clients.get(name)
  if (client === undefined) throw new Error(`${name} was not started`)
  return client
}

/**
 * How transactions were committed, by what the stores were asked for. With a commit request none was in one phase.
 * @param {readonly import('@orbit-ts/tikv/testing').SeenCall[]} calls
 */
function modesOf(calls) {
  const committed = calls.some(({ method }) => method === 'KvCommit')
  const modes = calls
    .filter(({ method }) => method === 'KvPrewrite')
    .map(({ request }) => {
      const prewrite = /** @type {{ forUpdateTs: bigint, tryOnePc: boolean, useAsyncCommit: boolean }} */ (
        request
      )
      if (prewrite.forUpdateTs > 0n) return 'pessimistic'
      if (prewrite.tryOnePc && !committed) return '1pc'
      return prewrite.useAsyncCommit ? 'async' : 'optimistic'
    })
  return [...new Set(modes)]
}

/** @param {typeof foreignClients[number]} foreign */
function leftLocks(foreign) {
  /** @type {ReturnType<typeof shiftedEnv>} */
  let env
  /** @type {TestCluster} */
  let cluster
  /** @type {Map<Name, Driver>} */
  const survivors = new Map()
  before(async () => {
    env = shiftedEnv()
    cluster = await TestCluster.start({ transport: 'sockets', stores: 3, splitKeys: SPLITS, env })
    for (const name of /** @type {const} */ ([foreign, 'ours'])) {
      const client = startClient(name, cluster.pdEndpoints)
      survivors.set(name, client)
      await commit(client, { [`warm-${name}`]: '1' })
    }
  })
  after(async () => {
    await Promise.all([...survivors.values()].map((client) => client.close()))
    await cluster.close()
  })
  /**
   * Commits in a process that is killed when the store sees the `killedAt`-th commit request, which is not answered.
   * @param {Name} name
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

  const isLocked = (/** @type {string} */ key) => cluster.mvcc.mvccByKey(Buffer.from(key)).lock !== undefined

  for (const [dying, survivor] of bothWays(foreign)) {
    const client = () => started(survivors, survivor)

    test(`${survivor} rolls back what ${dying} had prewritten and not committed`, async () => {
      const [first, last] = [`a-back-${dying}`, `z-back-${dying}`]
      await commit(client(), { [first]: 'old' })
      await dieInCommit(dying, 'optimistic', { [first]: 'new', [last]: 'new' }, 1)
      for (const key of [first, last]) assert.ok(isLocked(key), key)
      env.forward(LOCK_LIFE_MS)
      assert.equal(await read(client(), last), undefined)
      assert.equal(await read(client(), first), 'old')
      for (const key of [first, last]) assert.ok(!isLocked(key), key)
      await commit(client(), { [last]: 'mine' })
      assert.equal(await read(client(), last), 'mine')
    })

    test(`${survivor} commits everywhere what ${dying} had committed at its primary`, async () => {
      const keys = ['a', 'i', 'z'].map((key) => `${key}-forth-${dying}`)
      await dieInCommit(dying, 'optimistic', Object.fromEntries(keys.map((key) => [key, '1'])), 2)
      assert.equal(keys.filter(isLocked).length, 2)
      env.forward(LOCK_LIFE_MS)
      for (const key of keys.toReversed()) assert.equal(await read(client(), key), '1')
      assert.deepEqual(keys.filter(isLocked), [])
    })

    test(
      `${survivor} commits what ${dying} had prewritten in an asynchronous commit`,
      {
        skip:
          unless(abilities[dying].modes.includes('async'), `${dying} has no asynchronous commit`) ||
          unless(abilities[survivor].recovers, `${survivor} does not recover asynchronous commits`),
      },
      async () => {
        const keys = [`a-async-${dying}`, `z-async-${dying}`]
        await dieInCommit(dying, 'async', Object.fromEntries(keys.map((key) => [key, '1'])), 1)
        assert.deepEqual(keys.filter(isLocked), keys)
        env.forward(LOCK_LIFE_MS)
        for (const key of keys.toReversed()) assert.equal(await read(client(), key), '1')
        assert.deepEqual(keys.filter(isLocked), [])
      },
    )

    test(
      `${survivor} takes the pessimistic lock that ${dying} left`,
      {
        skip:
          unless(abilities[dying].locks !== 'none', `${dying} takes no pessimistic locks`) ||
          unless(abilities[survivor].locks !== 'none', `${survivor} knows no pessimistic locks`),
      },
      async () => {
        const key = `b-lock-${dying}`
        const holder = startClient(dying, cluster.pdEndpoints)
        const txn = await begin(holder, 'pessimistic')
        await holder.run({ op: 'lock', txn, key: hex(key) })
        await holder.kill()
        assert.ok(isLocked(key))
        env.forward(LOCK_LIFE_MS)
        await commit(client(), { [key]: 'mine' }, 'pessimistic')
        assert.equal(await read(client(), key), 'mine')
      },
    )
  }
}

/** @param {typeof foreignClients[number]} foreign */
function rawKeys(foreign) {
  /** @type {TestCluster} */
  let cluster
  /** @type {Map<Name, Driver>} */
  const clients = new Map()
  before(async () => {
    cluster = await TestCluster.start({ transport: 'sockets', stores: 3, splitKeys: SPLITS, keyMode: 'raw' })
    for (const name of /** @type {const} */ ([foreign, 'ours']))
      clients.set(name, startClient(name, cluster.pdEndpoints))
  })
  after(async () => {
    await Promise.all([...clients.values()].map((client) => client.close()))
    await cluster.close()
  })
  const client = (/** @type {Name} */ name) => started(clients, name)

  for (const [first, second] of bothWays(foreign)) {
    test(`${second} reads, scans and deletes the raw keys of ${first}`, async () => {
      const [writer, reader] = [client(first), client(second)]
      const keys = ['a', 'i', 'q', 'z'].map(hex)
      const values = ['1', '2', '3', '4'].map(hex)
      await writer.run({ op: 'rawput', key: hex('a'), value: hex('first') })
      assert.equal((await reader.run({ op: 'rawget', key: hex('a') })).value, hex('first'))
      assert.equal((await reader.run({ op: 'rawget', key: hex('none') })).value, undefined)
      const groups = abilities[first].splitsPuts ? [[0, 1, 2, 3]] : [[0], [1], [2], [3]]
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
    })

    const skip = unless(abilities[foreign].swaps, `${foreign} has no compare-and-swap`)
    test(`${second} swaps what ${first} wrote`, { skip }, async () => {
      const [maker, swapper] = [client(first), client(second)]
      const key = hex(`SWAP-${first}`)
      const made = await maker.run({ op: 'rawcas', key, mode: 'absent', value: hex('1') })
      assert.deepEqual([made.result, made.value], [true, undefined])
      const refused = await swapper.run({ op: 'rawcas', key, mode: 'absent', value: hex('x') })
      assert.deepEqual([refused.result, refused.value], [false, hex('1')])
      const swapped = await swapper.run({ op: 'rawcas', key, end: hex('1'), value: hex('2') })
      assert.deepEqual([swapped.result, swapped.value], [true, hex('1')])
      assert.equal((await maker.run({ op: 'rawget', key })).value, hex('2'))
    })
  }

  test(
    'both sum up the same keys',
    { skip: unless(abilities[foreign].sums, `${foreign} has no checksum`) },
    async () => {
      await client('ours').run({ op: 'rawput', key: hex('q'), value: hex('summed') })
      const range = { op: 'rawchecksum', key: hex('a'), end: hex('zz') }
      const sum = (await client(foreign).run(range)).result
      assert.ok(Number(sum.kvs) > 0)
      assert.deepEqual((await client('ours').run(range)).result, sum)
    },
  )
}

/** @param {typeof foreignClients[number]} foreign */
function expiringKeys(foreign) {
  const skip = unless(abilities[foreign].ttl, `${foreign} has no keys that expire`)
  for (const [writer, reader] of bothWays(foreign)) {
    test(`a raw key that ${writer} lets expire is gone for ${reader}`, { skip }, async () => {
      const env = shiftedEnv()
      const cluster = await TestCluster.start({ transport: 'sockets', stores: 3, apiVersion: 'v1ttl', env })
      const clients = [writer, reader].map((name) =>
        startClient(name, cluster.pdEndpoints, { apiVersion: 'v1ttl' }),
      )
      try {
        const [first, second] = clients
        assert.ok(first !== undefined && second !== undefined)
        await first.run({ op: 'rawput', key: hex('soon'), value: hex('1'), ttl: 10_000 })
        await first.run({ op: 'rawput', key: hex('never'), value: hex('2') })
        env.forward(4_000_000)
        const { result: left } = await second.run({ op: 'rawttl', key: hex('soon') })
        assert.ok(left > 5_000 && left <= 6_000, `${left} s`)
        assert.equal((await second.run({ op: 'rawget', key: hex('soon') })).value, hex('1'))
        env.forward(6_000_000)
        assert.equal((await second.run({ op: 'rawget', key: hex('soon') })).value, undefined)
        assert.equal((await second.run({ op: 'rawget', key: hex('never') })).value, hex('2'))
      } finally {
        await Promise.all(clients.map((client) => client.close()))
        await cluster.close()
      }
    })
  }
}

/** @param {typeof foreignClients[number]} foreign */
function keyspaces(foreign) {
  const skip = unless(abilities[foreign].keyspaces, `${foreign} has no keyspaces`)
  for (const [writer, reader] of bothWays(foreign)) {
    test(
      `${reader} reads what ${writer} wrote in a keyspace, and nothing of another one`,
      { skip },
      async () => {
        const cluster = await TestCluster.start({
          transport: 'sockets',
          stores: 3,
          apiVersion: 'v2',
          keyspaces: ['one', 'two'],
          splitKeys: SPLITS,
        })
        const clients = new Map(
          [
            ['writer', writer, 'one'],
            ['reader', reader, 'one'],
            ['stranger', reader, 'two'],
          ].map(([part = '', name = '', keyspace = '']) => [
            part,
            startClient(name, cluster.pdEndpoints, { apiVersion: 'v2', keyspace }),
          ]),
        )
        const client = (/** @type {string} */ part) => /** @type {Driver} */ (clients.get(part))
        try {
          const entries = /** @type {[string, string][]} */ ([
            ['a', '1'],
            ['z', '2'],
          ])
          await commit(client('writer'), Object.fromEntries(entries))
          assert.equal(await read(client('reader'), 'z'), '2')
          assert.deepEqual(await scan(client('reader'), '', ''), entries)
          assert.deepEqual(await scan(client('stranger'), '', ''), [])
          const [keys, values] = [entries.map(([key]) => hex(key)), entries.map(([, value]) => hex(value))]
          await client('writer').run({ op: 'rawbatchput', keys, values })
          const all = { op: 'rawscan', key: '', end: hex('~'), limit: 10 }
          assert.deepEqual(
            (await client('reader').run(all)).pairs,
            keys.map((key, at) => [key, values[at]]),
          )
          assert.deepEqual((await client('stranger').run(all)).pairs ?? [], [])
        } finally {
          await Promise.all([...clients.values()].map((each) => each.close()))
          await cluster.close()
        }
      },
    )
  }
}
