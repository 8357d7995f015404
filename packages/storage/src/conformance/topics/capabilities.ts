import assert from 'node:assert/strict'
import type { Capabilities, Durability, IsolationLevel, TransactionMode } from '../../provider.js'
import { failure } from '../harness/assertions.js'
import type { ConformanceSuite } from '../harness/conformance-suite.js'
import { bytes, commit, contents, scan } from '../harness/text.js'

const LEVELS: readonly IsolationLevel[] = ['read-committed', 'snapshot', 'serializable']
const MODES: readonly TransactionMode[] = ['optimistic', 'pessimistic']
const DURABILITIES: readonly Durability[] = ['sync', 'os']

/** What the provider says it can do is what was expected, works when asked for, and is refused where it is missing. */
export function registerCapabilities(suite: ConformanceSuite): void {
  suite.test('shows the expected capabilities', async ({ capabilities }) => {
    for (const [name, value] of Object.entries(suite.expected)) {
      assert.deepEqual(capabilities[name as keyof Capabilities], value, name)
    }
    for (const name of ['keySizeMaxBytes', 'valueSizeMaxBytes', 'transactionSizeMaxBytes'] as const) {
      assert.ok(capabilities[name] > 0, name)
    }
    for (const name of ['snapshots', 'distributed', 'watch', 'ttl'] as const) {
      assert.equal(typeof capabilities[name], 'boolean', name)
    }
  })

  for (const isolation of LEVELS) registerLevel(suite, isolation)
  for (const mode of MODES) registerMode(suite, mode)
  for (const durability of DURABILITIES) registerDurability(suite, durability)
  registerSnapshots(suite)
  registerLocks(suite)
  registerDefaults(suite)
}

function registerLevel(suite: ConformanceSuite, isolation: IsolationLevel): void {
  if (suite.isolated(isolation)) {
    suite.test(`offers isolation ${isolation}`, async ({ provider }) => {
      await using tx = await provider.begin({ isolation })
      assert.equal(tx.isolation, isolation)
      assert.equal(await provider.transact(async (inner) => inner.isolation, { isolation }), isolation)
    })
  } else {
    suite.test(`refuses isolation ${isolation}`, async ({ provider }) => {
      await failure(() => provider.begin({ isolation }), 'STORAGE_UNSUPPORTED')
      await failure(() => provider.transact(async () => 0, { isolation }), 'STORAGE_UNSUPPORTED')
    })
  }
}

function registerMode(suite: ConformanceSuite, mode: TransactionMode): void {
  if (suite.offers(mode)) {
    suite.test(`offers mode ${mode}`, async ({ provider }) => {
      await using tx = await provider.begin({ mode })
      assert.equal(tx.mode, mode)
      assert.equal(await provider.transact(async (inner) => inner.mode, { mode }), mode)
    })
  } else {
    suite.test(`refuses mode ${mode}`, async ({ provider }) => {
      await failure(() => provider.begin({ mode }), 'STORAGE_UNSUPPORTED')
      await failure(() => provider.transact(async () => 0, { mode }), 'STORAGE_UNSUPPORTED')
    })
  }
}

function registerDurability(suite: ConformanceSuite, durability: Durability): void {
  if (suite.expected.durability.includes(durability)) {
    suite.test(`offers durability ${durability}`, async ({ provider }) => {
      const tx = await provider.begin({ durability })
      tx.put(bytes('a'), bytes('1'))
      await tx.commit()
      await provider.write([{ type: 'put', key: bytes('b'), value: bytes('2') }], { durability })
      await provider.transact(async (inner) => inner.put(bytes('c'), bytes('3')), { durability })
      assert.deepEqual(await contents(provider), ['a=1', 'b=2', 'c=3'])
    })
  } else {
    suite.test(`refuses durability ${durability}`, async ({ provider }) => {
      const batch = [{ type: 'put', key: bytes('a'), value: bytes('1') }] as const
      await failure(() => provider.begin({ durability }), 'STORAGE_UNSUPPORTED')
      await failure(() => provider.write(batch, { durability }), 'STORAGE_UNSUPPORTED')
      await failure(() => provider.transact(async () => 0, { durability }), 'STORAGE_UNSUPPORTED')
      assert.deepEqual(await contents(provider), [])
    })
  }
}

function registerSnapshots(suite: ConformanceSuite): void {
  if (suite.expected.snapshots) {
    suite.test('offers snapshots', async ({ provider }) => {
      await commit(provider, { a: '1' })
      await using snapshot = await provider.snapshot()
      assert.deepEqual(await scan(snapshot), ['a=1'])
    })
  } else {
    suite.test('refuses snapshots', async ({ provider }) => {
      await failure(() => provider.snapshot(), 'STORAGE_UNSUPPORTED')
    })
  }
}

function registerLocks(suite: ConformanceSuite): void {
  if (suite.offers('pessimistic')) return
  suite.test('refuses locks where no transaction is pessimistic', async ({ provider }) => {
    await using tx = await provider.begin()
    await failure(() => tx.lock([bytes('a')]), 'STORAGE_UNSUPPORTED')
  })
}

function registerDefaults(suite: ConformanceSuite): void {
  suite.test('begins snapshot, optimistic transactions by default', async ({ provider }) => {
    await using tx = await provider.begin()
    assert.deepEqual([tx.isolation, tx.mode, tx.status], ['snapshot', 'optimistic', 'active'])
  })
}
