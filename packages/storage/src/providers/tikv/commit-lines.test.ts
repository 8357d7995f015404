/** Commits of one process that write the same keys: they go one after the other, and those that come too late do not ask. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { hasCode, systemEnv, utf8 } from '@orbit-ts/base'
import { TestCluster } from '@orbit-ts/tikv/testing'
import { openTikvProvider } from './open-tikv-provider.js'
import { OwnCommits } from './own-commits.js'
import type { TikvProvider } from './tikv-provider.js'

const LIMITS = { transactionTimeoutMs: 30_000, lockWaitMs: 10_000 }
const KEYS = ['a', 'm', 'x'].map(utf8)

const write = (key: Uint8Array): { key: Uint8Array; value: Uint8Array; mustBeAbsent: boolean } => ({
  key,
  value: key,
  mustBeAbsent: false,
})

describe('OwnCommits', () => {
  test('knows the latest commit of each key', () => {
    const commits = new OwnCommits()
    const [a = utf8(''), m = utf8('')] = KEYS
    commits.note([write(a)], 20n)
    commits.note([write(a), write(m)], 10n)
    const both = new Map([
      ['m', m],
      ['a', a],
    ])
    assert.equal(commits.newerThan(20n, both), undefined)
    assert.equal(commits.newerThan(19n, both), a)
    assert.equal(commits.newerThan(9n, both), m)
    assert.equal(commits.newerThan(0n, new Map([['x', utf8('x')]])), undefined)
  })

  test('forgets the keys that were written the longest ago', () => {
    const commits = new OwnCommits()
    const key = (at: number): Uint8Array => utf8(String(at))
    for (let at = 0; at < 16_385; at++) commits.note([write(key(at))], 5n)
    assert.equal(commits.newerThan(1n, new Map([['0', key(0)]])), undefined)
    assert.deepEqual(commits.newerThan(1n, new Map([['1', key(1)]])), key(1))
  })
})

describe('commits that write the same keys', () => {
  let cluster: TestCluster
  let provider: TikvProvider
  before(async () => {
    cluster = await TestCluster.start({ env: systemEnv, splitKeys: [utf8('h'), utf8('p')] })
    provider = await openTikvProvider(
      { pdEndpoints: [...cluster.pdEndpoints] },
      { env: systemEnv, transactions: LIMITS, runtime: { transport: cluster.transport } },
    )
  })
  after(async () => {
    await provider.close()
    await cluster.close()
  })

  const prewrites = (): number => cluster.faults.callsOf('KvPrewrite').length

  test('one that would come too late conflicts without a request', async () => {
    const [first, second] = [await provider.begin(), await provider.begin()]
    for (const tx of [first, second]) {
      await tx.getMany(KEYS)
      for (const key of KEYS) tx.put(key, utf8('1'))
    }
    await first.commit()
    const before = prewrites()
    await assert.rejects(
      second.commit(),
      (error) => hasCode(error, 'TRANSACTION_CONFLICT') && error.details['reason'] === 'write-conflict',
    )
    assert.equal(prewrites(), before)
  })

  test('of many at once each waits for nothing but its turn, and none holds locks that others wait for', async () => {
    const transactions = await Promise.all(Array.from({ length: 20 }, () => provider.begin()))
    await Promise.all(transactions.map((tx) => tx.getMany(KEYS)))
    const outcomes = await Promise.allSettled(
      transactions.map((tx, at) => {
        // Each begins with another key, so that without an order they would lock them in a ring.
        for (let step = 0; step < KEYS.length; step++) {
          const key = KEYS[(at + step) % KEYS.length]
          if (key !== undefined) tx.put(key, utf8(String(at)))
        }
        return tx.commit()
      }),
    )
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') assert.ok(hasCode(outcome.reason, 'TRANSACTION_CONFLICT'))
    assert.equal(provider.metrics().deadlocks, 0)
    assert.equal(cluster.faults.callsOf('KvPessimisticLock').length, 0)
  })

  test('one that shares what another writes, and writes what it shares, stands in no ring with it', async () => {
    const [a = utf8(''), m = utf8('')] = KEYS
    const one = await provider.begin()
    await one.get(a)
    await one.lock([a], { mode: 'shared' })
    one.put(a, utf8('one'))
    one.put(m, utf8('one'))
    const other = await provider.begin()
    await other.getMany([a, m])
    other.put(a, utf8('other'))
    other.put(m, utf8('other'))
    const outcomes = await Promise.allSettled([one.commit(), other.commit()])
    assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') assert.ok(hasCode(outcome.reason, 'TRANSACTION_CONFLICT'))
  })
})
