import assert from 'node:assert/strict'
import { toHex } from '@orbit-ts/base'
import type { OrbitError } from '@orbit-ts/base'
import type { StorageProvider, Transaction } from '../../provider.js'
import type { ConformanceSuite } from '../harness/conformance-suite.js'
import { failure } from '../harness/assertions.js'
import { bytes, commit, contents, get, getMany, range, scan } from '../harness/text.js'

/** What a conflict reports, and that there is none where nothing was read or written. */
export function registerConflicts(suite: ConformanceSuite): void {
  registerDetails(suite)
  registerWriteConflicts(suite)
  if (suite.isolated('serializable')) registerReadConflicts(suite)
}

function assertConflict(error: OrbitError, key: string): void {
  assert.equal(error.retry, 'safe')
  assert.equal(error.details['key'], toHex(bytes(key)))
  assert.equal(typeof error.details['reason'], 'string')
  assert.notEqual(error.details['reason'], '')
}

function registerDetails(suite: ConformanceSuite): void {
  suite.test('a write conflict names the key and writes nothing', async ({ provider }) => {
    await commit(provider, { a: '1', b: '1' })
    const tx = await provider.begin()
    await getMany(tx, ['a', 'b'])
    tx.put(bytes('a'), bytes('own'))
    tx.put(bytes('b'), bytes('own'))
    await commit(provider, { b: 'other' })
    assertConflict(await failure(() => tx.commit(), 'TRANSACTION_CONFLICT'), 'b')
    assert.deepEqual(await contents(provider), ['a=1', 'b=other'])
  })

  if (!suite.isolated('serializable')) return
  suite.test('a read conflict names the key that was read', async ({ provider }) => {
    await commit(provider, { a: '1' })
    const tx = await provider.begin({ isolation: 'serializable' })
    await get(tx, 'a')
    tx.put(bytes('z'), bytes('own'))
    await commit(provider, { a: 'other' })
    assertConflict(await failure(() => tx.commit(), 'TRANSACTION_CONFLICT'), 'a')
  })

  suite.test('a range conflict names the key that came into the range', async ({ provider }) => {
    const tx = await provider.begin({ isolation: 'serializable' })
    await scan(tx, range('a', 'c'))
    tx.put(bytes('z'), bytes('own'))
    await commit(provider, { b: 'other' })
    assertConflict(await failure(() => tx.commit(), 'TRANSACTION_CONFLICT'), 'b')
  })
}

function registerWriteConflicts(suite: ConformanceSuite): void {
  const operations: readonly [
    string,
    (tx: Transaction) => void,
    (provider: StorageProvider) => Promise<unknown>,
  ][] = [
    [
      'put against put',
      (tx) => tx.put(bytes('a'), bytes('own')),
      (provider) => commit(provider, { a: 'other' }),
    ],
    ['delete against put', (tx) => tx.delete(bytes('a')), (provider) => commit(provider, { a: 'other' })],
    [
      'put against delete',
      (tx) => tx.put(bytes('a'), bytes('own')),
      (provider) => commit(provider, { a: undefined }),
    ],
    [
      'delete against delete',
      (tx) => tx.delete(bytes('a')),
      (provider) => commit(provider, { a: undefined }),
    ],
  ]
  for (const [name, own, other] of operations) {
    suite.test(`${name} conflicts`, async ({ provider }) => {
      await commit(provider, { a: '1' })
      const tx = await provider.begin()
      await get(tx, 'a')
      own(tx)
      await other(provider)
      const after = await contents(provider)
      await failure(() => tx.commit(), 'TRANSACTION_CONFLICT')
      assert.deepEqual(await contents(provider), after)
    })
  }

  suite.test('writes of different keys do not conflict', async ({ provider }) => {
    await commit(provider, { a: '1', b: '1' })
    const [first, second] = [await provider.begin(), await provider.begin()]
    for (const tx of [first, second]) await getMany(tx, ['a', 'b'])
    first.put(bytes('a'), bytes('2'))
    second.put(bytes('b'), bytes('2'))
    await Promise.all([first.commit(), second.commit()])
    assert.deepEqual(await contents(provider), ['a=2', 'b=2'])
  })

  suite.test('of two that commit at the same moment one wins', async ({ provider }) => {
    await commit(provider, { a: '0' })
    const transactions = await Promise.all(Array.from({ length: 8 }, () => provider.begin()))
    for (const tx of transactions) await get(tx, 'a')
    for (const [index, tx] of transactions.entries()) tx.put(bytes('a'), bytes(String(index)))
    const results = await Promise.allSettled(transactions.map((tx) => tx.commit()))
    const winners = results.flatMap(({ status }, index) => (status === 'fulfilled' ? [`a=${index}`] : []))
    assert.equal(winners.length, 1)
    assert.deepEqual(await contents(provider), winners)
  })

  suite.test('a transaction that began after the other committed does not conflict', async ({ provider }) => {
    await commit(provider, { a: '1' })
    const tx = await provider.begin()
    assert.equal(await get(tx, 'a'), '1')
    tx.put(bytes('a'), bytes('2'))
    await tx.commit()
    assert.deepEqual(await contents(provider), ['a=2'])
  })
}

function registerReadConflicts(suite: ConformanceSuite): void {
  const isolation = 'serializable'

  const reads: readonly [string, (tx: Transaction) => Promise<unknown>][] = [
    ['get', (tx) => get(tx, 'b')],
    ['getMany', (tx) => getMany(tx, ['a', 'b'])],
    ['scan', (tx) => scan(tx)],
    ['reverse scan', (tx) => scan(tx, range('b'), { reverse: true })],
  ]
  for (const [name, read] of reads) {
    for (const [what, value] of [
      ['changed', 'other'],
      ['deleted', undefined],
    ] as const) {
      suite.test(
        `serializable: a key read by ${name} and ${what} by another conflicts`,
        async ({ provider }) => {
          await commit(provider, { a: '1', b: '1', c: '1' })
          const tx = await provider.begin({ isolation })
          await read(tx)
          tx.put(bytes('z'), bytes('own'))
          await commit(provider, { b: value })
          await failure(() => tx.commit(), 'TRANSACTION_CONFLICT')
          assert.ok(!(await contents(provider)).includes('z=own'))
        },
      )
    }
  }

  for (const [name, read] of [
    ['scan', (tx: Transaction) => scan(tx)],
    ['get', async (tx: Transaction) => [await get(tx, 'a'), await get(tx, 'b')]],
  ] as const) {
    suite.test(
      `serializable: of two that commit at once after a ${name} of what the other writes one wins`,
      async ({ provider }) => {
        await commit(provider, { a: '1', b: '1' })
        const [first, second] = [await provider.begin({ isolation }), await provider.begin({ isolation })]
        for (const tx of [first, second]) await read(tx)
        first.put(bytes('a'), bytes('2'))
        second.put(bytes('b'), bytes('2'))
        const results = await Promise.allSettled([first.commit(), second.commit()])
        assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
      },
    )
  }

  suite.test('serializable: reading alone never conflicts', async ({ provider }) => {
    await commit(provider, { a: '1' })
    const tx = await provider.begin({ isolation })
    assert.deepEqual(await scan(tx), ['a=1'])
    await commit(provider, { a: '2', b: '2' })
    assert.equal(await get(tx, 'b'), undefined)
    assert.equal((await tx.commit()).version, 0n)
  })

  suite.test('serializable: what was not read does not conflict', async ({ provider }) => {
    await commit(provider, { a: '1', c: '1', e: '1' })
    const tx = await provider.begin({ isolation })
    assert.equal(await get(tx, 'a'), '1')
    assert.deepEqual(await scan(tx, range('b', 'd')), ['c=1'])
    tx.put(bytes('z'), bytes('own'))
    await commit(provider, { '': '2', 'a\x00': '2', d: '2', e: undefined })
    await tx.commit()
    assert.deepEqual(await contents(provider), ['=2', 'a=1', 'a\x00=2', 'c=1', 'd=2', 'z=own'])
  })
}
