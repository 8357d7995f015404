// @ts-check
/** Our client asks stores for the same work no more often than the Go client does. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { TestCluster } from '@orbit-ts/tikv/testing'
import { hex } from './harness/driver.js'
import { eventually } from './harness/eventually.js'
import { skipWithout, startClient } from './harness/test-programs.js'
import { begin, commit, read, scan, write } from './harness/transactions.js'

/** @typedef {import('./harness/driver.js').Driver} Driver */

const ROWS = 400
const keyAt = (/** @type {number} */ at) => `row-${String(at % ROWS).padStart(3, '0')}`
/** Keys over all four regions. @param {number} count @param {number} from */
const spread = (count, from = 0) =>
  Array.from({ length: count }, (_, at) => keyAt(from + at * Math.floor(ROWS / count)))
const SPLITS = [100, 200, 300].map((at) => Buffer.from(keyAt(at)))

/** @typedef {Record<string, (client: Driver) => Promise<unknown>>} Operations  by what they do */

/** @type {Operations} */
const transactions = {
  'a read of a key': (client) => read(client, keyAt(7)),
  'a read of a key that is not there': (client) => read(client, 'row-none'),
  'a read of 10 keys': async (client) => {
    const txn = await begin(client)
    await client.run({ op: 'batchget', txn, keys: spread(10).map(hex) })
    await client.run({ op: 'rollback', txn })
  },
  'a scan of 50 rows': (client) => scan(client, keyAt(110), '', { limit: 50 }),
  'a scan of all rows': (client) => scan(client, keyAt(0), '~'),
  ...Object.fromEntries(
    ['optimistic', 'async', '1pc'].flatMap((mode) =>
      [1, 10, 100].map((count) => [
        `a write of ${count} keys, ${mode}`,
        (/** @type {Driver} */ client) =>
          commit(client, Object.fromEntries(spread(count).map((key) => [key, 'new'])), mode),
      ]),
    ),
  ),
  'a write of a key that is locked before': async (client) => {
    const txn = await begin(client, 'pessimistic')
    await client.run({ op: 'lock', txn, key: hex(keyAt(0)) })
    await write(client, txn, { [keyAt(0)]: 'locked' })
    await client.run({ op: 'commit', txn })
  },
}

const all = Array.from({ length: ROWS }, (_, at) => hex(keyAt(at)))
const batchOf = (/** @type {string[]} */ keys) => ({ keys: keys.map(hex), values: keys.map(hex) })

/** @type {Operations} */
const rawKeys = {
  'a read of a key': (client) => client.run({ op: 'rawget', key: hex(keyAt(7)) }),
  'a read of 10 keys': (client) => client.run({ op: 'rawbatchget', keys: spread(10).map(hex) }),
  'a write of a key': (client) => client.run({ op: 'rawput', key: hex(keyAt(7)), value: hex('new') }),
  'a write of 100 keys': (client) => client.run({ op: 'rawbatchput', ...batchOf(spread(100)) }),
  'a scan of 50 rows': (client) =>
    client.run({ op: 'rawscan', key: hex(keyAt(110)), end: hex('~'), limit: 50 }),
  'a scan of all rows': (client) =>
    client.run({ op: 'rawscan', key: hex(keyAt(0)), end: hex('~'), limit: ROWS }),
  'a deletion of a key': (client) => client.run({ op: 'rawdelete', key: hex('row-gone') }),
  'a deletion of a range': (client) =>
    client.run({ op: 'rawdeleterange', key: hex('row-4'), end: hex('row-5') }),
}

for (const { keyMode, operations } of /** @type {const} */ ([
  { keyMode: 'txn', operations: transactions },
  { keyMode: 'raw', operations: rawKeys },
])) {
  describe(`requests, ${keyMode}`, { skip: skipWithout('goclient') }, () => {
    /** @type {TestCluster} */
    let cluster
    /** @type {Driver} */
    let ours
    /** @type {Driver} */
    let theirs
    before(async () => {
      cluster = await TestCluster.start({ transport: 'sockets', stores: 3, splitKeys: SPLITS, keyMode })
      ours = startClient('ours', cluster.pdEndpoints)
      theirs = startClient('goclient', cluster.pdEndpoints)
      if (keyMode === 'raw') await ours.run({ op: 'rawbatchput', keys: all, values: all })
      else await commit(ours, Object.fromEntries(all.map((_, at) => [keyAt(at), 'first'])))
    })
    after(async () => {
      await ours?.close()
      await theirs?.close()
      await cluster?.close()
    })
    const noLocks = () => [...cluster.mvcc.locks()].length === 0

    /**
     * What an operation asks stores for, until its last lock is gone.
     * @param {Driver} client
     * @param {(client: Driver) => Promise<unknown>} operation
     */
    async function requestsOf(client, operation) {
      await eventually(noLocks, 'the locks of what was before are gone')
      const seen = cluster.faults.calls.length
      await operation(client)
      await eventually(noLocks, `the locks of ${client.name} are gone`)
      const methods = cluster.faults.calls.slice(seen).map(({ method }) => method)
      return methods.filter((method) => !BACKGROUND.includes(method)).sort()
    }

    for (const [name, operation] of Object.entries(operations)) {
      test(`${name} asks stores no more often than with the Go client`, async (context) => {
        for (const client of [ours, theirs]) await operation(client)
        const [mine, others] = [await requestsOf(ours, operation), await requestsOf(theirs, operation)]
        const told = `ours ${counted(mine)}; goclient ${counted(others)}`
        context.diagnostic(told)
        assert.ok(mine.length > 0 && mine.length <= others.length, told)
      })
    }
  })
}

/** What clients ask for from time to time. */
const BACKGROUND = ['GetStoreSafeTS', 'GetHealthFeedback']

/** @param {readonly string[]} methods */
function counted(methods) {
  return [...new Set(methods)]
    .map((method) => `${methods.filter((each) => each === method).length} ${method}`)
    .join(', ')
}
