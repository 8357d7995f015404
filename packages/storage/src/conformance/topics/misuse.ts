import assert from 'node:assert/strict'
import type { StorageProvider, Transaction } from '../../provider.js'
import type { ConformanceSuite } from '../harness/conformance-suite.js'
import { failure, thrown } from '../harness/assertions.js'
import { bytes, commit, contents, get, range, scan } from '../harness/text.js'

/** A value that a caller without a type checker may pass in. */
function wrong<T>(value: unknown): T {
  return value as T
}

const NOT_BYTES: readonly unknown[] = [
  undefined,
  null,
  'text',
  7,
  [1, 2],
  {},
  new ArrayBuffer(2),
  new Uint16Array(2),
]

/** Bad arguments are refused with `INVALID_ARGUMENT` and change nothing. */
export function registerMisuse(suite: ConformanceSuite): void {
  registerKeysAndValues(suite)
  registerRanges(suite)
  registerBatches(suite)
  registerOptions(suite)
}

function registerKeysAndValues(suite: ConformanceSuite): void {
  suite.test('keys and values that are not bytes', async ({ provider }) => {
    const tx = await provider.begin()
    tx.put(bytes('a'), bytes('1'))
    for (const bad of NOT_BYTES) {
      const key = wrong<Uint8Array>(bad)
      thrown(() => tx.put(key, bytes('2')), 'INVALID_ARGUMENT')
      thrown(() => tx.put(bytes('a'), key), 'INVALID_ARGUMENT')
      thrown(() => tx.insert(key, bytes('2')), 'INVALID_ARGUMENT')
      thrown(() => tx.insert(bytes('b'), key), 'INVALID_ARGUMENT')
      thrown(() => tx.delete(key), 'INVALID_ARGUMENT')
      await failure(() => tx.get(key), 'INVALID_ARGUMENT')
      await failure(() => tx.getMany([bytes('a'), key]), 'INVALID_ARGUMENT')
    }
    assert.deepEqual(await scan(tx), ['a=1'])
    await tx.commit()
    assert.deepEqual(await contents(provider), ['a=1'])
  })

  suite.test('lists of keys that are not lists', async ({ provider }) => {
    await using tx = await provider.begin()
    for (const bad of [undefined, null, 'ab', 7, {}, bytes('ab')]) {
      await failure(() => tx.getMany(wrong(bad)), 'INVALID_ARGUMENT')
      if (suite.offers('pessimistic')) await failure(() => tx.lock(wrong(bad)), 'INVALID_ARGUMENT')
    }
    assert.equal(tx.status, 'active')
  })

  if (suite.expected.snapshots) {
    suite.test('the same through a snapshot', async ({ provider }) => {
      await using snapshot = await provider.snapshot()
      for (const bad of NOT_BYTES) {
        await failure(() => snapshot.get(wrong(bad)), 'INVALID_ARGUMENT')
        await failure(() => snapshot.getMany([wrong(bad)]), 'INVALID_ARGUMENT')
      }
      await failure(() => scan(snapshot, wrong(null)), 'INVALID_ARGUMENT')
      await failure(() => scan(snapshot, {}, { limit: -1 }), 'INVALID_ARGUMENT')
      await failure(() => scan(snapshot, {}, { keysOnly: true, valuesOnly: true }), 'INVALID_ARGUMENT')
    })
  }

  if (!suite.offers('pessimistic')) return
  suite.test('locks with bad keys or waits lock nothing', async ({ provider }) => {
    const [tx, other] = [await provider.begin(), await provider.begin()]
    for (const bad of NOT_BYTES) await failure(() => tx.lock([bytes('a'), wrong(bad)]), 'INVALID_ARGUMENT')
    for (const wait of [-1, Number.NaN, 'never', {}]) {
      await failure(() => tx.lock([bytes('a')], { wait: wrong(wait) }), 'INVALID_ARGUMENT')
    }
    await other.lock([bytes('a')], { wait: 'nowait' })
    await other.rollback()
    await tx.rollback()
  })
}

function registerRanges(suite: ConformanceSuite): void {
  suite.test('ranges and scan options', async ({ provider }) => {
    await commit(provider, { a: '1' })
    await using tx = await provider.begin()
    for (const bad of [null, 'a', 7]) await failure(() => scan(tx, wrong(bad)), 'INVALID_ARGUMENT')
    for (const bad of NOT_BYTES.slice(1)) {
      await failure(() => scan(tx, { start: wrong(bad) }), 'INVALID_ARGUMENT')
      await failure(() => scan(tx, { end: wrong(bad) }), 'INVALID_ARGUMENT')
    }
    for (const bad of [-1, 1.5, Number.NaN, '3', null]) {
      await failure(() => scan(tx, {}, { limit: wrong(bad) }), 'INVALID_ARGUMENT')
      await failure(() => scan(tx, {}, { chunkSize: wrong(bad) }), 'INVALID_ARGUMENT')
    }
    await failure(() => scan(tx, {}, { chunkSize: 0 }), 'INVALID_ARGUMENT')
    await failure(() => scan(tx, {}, { keysOnly: true, valuesOnly: true }), 'INVALID_ARGUMENT')
    assert.deepEqual(await scan(tx, {}, { keysOnly: true, valuesOnly: false }), ['a='])
    assert.deepEqual(await scan(tx, range('a', 'b'), { limit: Number.POSITIVE_INFINITY }), ['a=1'])
  })
}

function registerBatches(suite: ConformanceSuite): void {
  suite.test('a batch with one bad operation is not written at all', async ({ provider }) => {
    const good = { type: 'put', key: bytes('a'), value: bytes('1') } as const
    const bad: readonly unknown[] = [
      undefined,
      null,
      'put',
      {},
      { type: 'put', key: bytes('b') },
      { type: 'put', key: 'b', value: bytes('1') },
      { type: 'delete' },
      { type: 'replace', key: bytes('b'), value: bytes('1') },
    ]
    for (const operation of bad) {
      await failure(() => provider.write([good, wrong(operation)]), 'INVALID_ARGUMENT')
    }
    for (const batch of [undefined, null, 'a', 7, {}]) {
      await failure(() => provider.write(wrong(batch)), 'INVALID_ARGUMENT')
    }
    assert.deepEqual(await contents(provider), [])
    assert.equal(provider.metrics().transactionsActive, 0)
  })
}

function registerOptions(suite: ConformanceSuite): void {
  const bad: readonly Record<string, unknown>[] = [
    { isolation: 'serialisable' },
    { isolation: 7 },
    { mode: 'optimist' },
    { durability: 'fsync' },
    { timeoutMs: -1 },
    { timeoutMs: 0 },
    { timeoutMs: Number.NaN },
    { timeoutMs: '5' },
    { lockWaitMs: -1 },
    { lockWaitMs: '5' },
  ]
  const badTransact: readonly Record<string, unknown>[] = [
    ...bad,
    { attemptsMax: 0 },
    { attemptsMax: 1.5 },
    { attemptsMax: '3' },
    { backoffMs: -1 },
    { backoffMaxMs: Number.NaN },
  ]

  suite.test('options of begin', async ({ provider }) => {
    for (const options of bad) await failure(() => provider.begin(wrong(options)), 'INVALID_ARGUMENT')
    assert.equal(provider.metrics().transactionsActive, 0)
  })

  suite.test('options of transact, before the closure runs', async ({ provider }) => {
    let runs = 0
    for (const options of badTransact) {
      await failure(() => provider.transact(async () => runs++, wrong(options)), 'INVALID_ARGUMENT')
    }
    await failure(() => provider.transact(wrong(undefined)), 'INVALID_ARGUMENT')
    assert.equal(runs, 0)
  })

  suite.test('options of write', async ({ provider }) => {
    const batch = [{ type: 'put', key: bytes('a'), value: bytes('1') }] as const
    await failure(() => provider.write(batch, { durability: wrong('fsync') }), 'INVALID_ARGUMENT')
    assert.deepEqual(await contents(provider), [])
  })

  suite.test('a message names the nearest valid choice', async ({ provider }) => {
    const error = await failure(
      () => provider.begin(wrong({ isolation: 'serialisable' })),
      'INVALID_ARGUMENT',
    )
    assert.match(error.message, /isolation/)
    assert.match(error.message, /serializable/)
  })

  suite.test('a transaction goes on after a bad argument', async ({ provider }) => {
    await assertGoesOn(provider, (tx) => thrown(() => tx.put(wrong('a'), bytes('1')), 'INVALID_ARGUMENT'))
  })
}

async function assertGoesOn(provider: StorageProvider, mistake: (tx: Transaction) => unknown): Promise<void> {
  const tx = await provider.begin()
  tx.put(bytes('a'), bytes('1'))
  mistake(tx)
  assert.equal(tx.status, 'active')
  assert.equal(await get(tx, 'a'), '1')
  await tx.commit()
  assert.deepEqual(await contents(provider), ['a=1'])
}
