import assert from 'node:assert/strict'
import type { ProviderMetrics } from '../../provider.js'
import type { ConformanceSuite } from '../harness/conformance-suite.js'
import { failure } from '../harness/assertions.js'
import { bytes, commit, get, scan } from '../harness/text.js'

const COUNTERS = [
  'readOperations',
  'writeOperations',
  'deleteOperations',
  'readLatencyMs',
  'writeLatencyMs',
  'errorCount',
  'transactionsActive',
  'transactionsCommitted',
  'transactionsRolledBack',
  'conflicts',
  'deadlocks',
  'commitGroups',
  'historyBytes',
  'historyBytesMax',
] as const satisfies readonly (keyof ProviderMetrics)[]

/** Health and metrics. */
export function registerObservability(suite: ConformanceSuite): void {
  suite.test('an open store is healthy', async ({ provider }) => {
    const health = await provider.health()
    assert.deepEqual([health.status, health.reason], ['healthy', undefined])
    assert.ok(Number.isFinite(health.latencyMs) && health.latencyMs >= 0)
  })

  suite.test('kind is a name', async ({ provider }) => {
    assert.match(provider.kind, /^[a-z][a-z0-9-]*$/)
  })

  suite.test('metrics are numbers, none negative, from the start', async ({ provider }) => {
    await commit(provider, { a: '1' })
    const metrics = provider.metrics()
    for (const name of COUNTERS) {
      assert.ok(Number.isFinite(metrics[name]) && metrics[name] >= 0, `${name}: ${metrics[name]}`)
    }
    for (const [name, value] of Object.entries(metrics.engine)) {
      assert.match(name, /^[a-z][a-z0-9_]*$/)
      assert.equal(typeof value, 'number', name)
    }
  })

  suite.test('transactions are counted by their outcome', async ({ provider }) => {
    const before = provider.metrics()
    const [committed, rolledBack, conflicting] = [
      await provider.begin(),
      await provider.begin(),
      await provider.begin(),
    ]
    assert.equal(provider.metrics().transactionsActive, before.transactionsActive + 3)
    await get(conflicting, 'a')
    for (const tx of [committed, rolledBack, conflicting]) tx.put(bytes('a'), bytes('1'))
    await committed.commit()
    await rolledBack.rollback()
    await failure(() => conflicting.commit(), 'TRANSACTION_CONFLICT')
    const after = provider.metrics()
    assert.equal(after.transactionsActive, before.transactionsActive)
    assert.equal(after.transactionsCommitted, before.transactionsCommitted + 1)
    assert.equal(after.transactionsRolledBack, before.transactionsRolledBack + 2)
    assert.equal(after.conflicts, before.conflicts + 1)
  })

  suite.test('operations are counted', async ({ provider }) => {
    await commit(provider, { a: '1', b: '1' })
    const before = provider.metrics()
    await commit(provider, { c: '1', d: '1', a: undefined })
    await provider.transact(async (tx) => {
      await get(tx, 'b')
      await scan(tx)
    })
    const after = provider.metrics()
    assert.equal(after.writeOperations, before.writeOperations + 2)
    assert.equal(after.deleteOperations, before.deleteOperations + 1)
    assert.ok(after.readOperations > before.readOperations)
    assert.ok(after.commitGroups > before.commitGroups)
  })

  suite.test('old versions stay within their limit and go with the last snapshot', async ({ provider }) => {
    if (!suite.expected.snapshots) return
    const snapshot = await provider.snapshot()
    for (let round = 0; round < 5; round++) await commit(provider, { a: String(round), [`k${round}`]: 'v' })
    const { historyBytes, historyBytesMax } = provider.metrics()
    assert.ok(historyBytes <= historyBytesMax)
    await snapshot.close()
    await commit(provider, { a: 'last' })
    assert.equal(provider.metrics().historyBytes, 0)
  })

  suite.test('a failed call does not stay active', async ({ provider }) => {
    await commit(provider, { a: '1' })
    await failure(() => provider.transact(async (tx) => tx.insert(bytes('a'), bytes('2'))), 'KEY_EXISTS')
    assert.equal(provider.metrics().transactionsActive, 0)
  })
}
