import assert from 'node:assert/strict'
import type { Transaction } from '../../provider.js'
import type { ConformanceSuite } from '../harness/conformance-suite.js'
import { failure, succeeds, thrown } from '../harness/assertions.js'
import { bytes, commit, contents, get, scan } from '../harness/text.js'

export function registerLifeCycle(suite: ConformanceSuite): void {
  registerStatus(suite)
  registerEnd(suite)
  registerVersions(suite)
}

/** Every call on a transaction that has ended is refused, except `rollback`. */
async function refusesEverything(suite: ConformanceSuite, tx: Transaction): Promise<void> {
  await failure(() => tx.get(bytes('a')), 'TRANSACTION_CLOSED')
  await failure(() => tx.getMany([bytes('a')]), 'TRANSACTION_CLOSED')
  await failure(() => scan(tx), 'TRANSACTION_CLOSED')
  thrown(() => tx.put(bytes('a'), bytes('late')), 'TRANSACTION_CLOSED')
  thrown(() => tx.insert(bytes('z'), bytes('late')), 'TRANSACTION_CLOSED')
  thrown(() => tx.delete(bytes('a')), 'TRANSACTION_CLOSED')
  if (suite.offers('pessimistic')) await failure(() => tx.lock([bytes('a')]), 'TRANSACTION_CLOSED')
  await failure(() => tx.commit(), 'TRANSACTION_CLOSED')
}

function registerStatus(suite: ConformanceSuite): void {
  suite.test('status follows the transaction to its commit', async ({ provider }) => {
    const tx = await provider.begin()
    assert.equal(tx.status, 'active')
    tx.put(bytes('a'), bytes('1'))
    assert.equal(tx.status, 'active')
    const committing = tx.commit()
    assert.ok(['committing', 'committed'].includes(tx.status))
    await committing
    assert.equal(tx.status, 'committed')
  })

  suite.test('status follows the transaction to its rollback', async ({ provider }) => {
    const tx = await provider.begin()
    await tx.rollback()
    assert.equal(tx.status, 'rolled-back')
  })

  suite.test('a commit that failed leaves the transaction rolled back', async ({ provider }) => {
    await commit(provider, { a: '1' })
    const tx = await provider.begin()
    await get(tx, 'a')
    tx.put(bytes('a'), bytes('own'))
    await commit(provider, { a: 'other' })
    await failure(() => tx.commit(), 'TRANSACTION_CONFLICT')
    assert.equal(tx.status, 'rolled-back')
    await refusesEverything(suite, tx)
    await tx.rollback()
    assert.deepEqual(await contents(provider), ['a=other'])
  })

  suite.test('transactions have ids of their own', async ({ provider }) => {
    const transactions = await Promise.all(Array.from({ length: 20 }, () => provider.begin()))
    assert.equal(new Set(transactions.map((tx) => tx.id)).size, 20)
    await Promise.all(transactions.map((tx) => tx.rollback()))
  })
}

function registerEnd(suite: ConformanceSuite): void {
  suite.test('after commit every call is refused and rollback is harmless', async ({ provider }) => {
    const tx = await provider.begin()
    tx.put(bytes('a'), bytes('1'))
    await tx.commit()
    await refusesEverything(suite, tx)
    await tx.rollback()
    await tx[Symbol.asyncDispose]()
    assert.equal(tx.status, 'committed')
    assert.deepEqual(await contents(provider), ['a=1'])
  })

  suite.test(
    'after rollback nothing was written, every call is refused, a second one is harmless',
    async ({ provider }) => {
      const tx = await provider.begin()
      tx.put(bytes('a'), bytes('1'))
      await tx.rollback()
      await refusesEverything(suite, tx)
      await Promise.all([tx.rollback(), tx.rollback()])
      assert.equal(tx.status, 'rolled-back')
      assert.deepEqual(await contents(provider), [])
    },
  )

  suite.test('writes after commit has begun are refused and not committed', async ({ provider }) => {
    const tx = await provider.begin()
    tx.put(bytes('a'), bytes('1'))
    const committing = tx.commit()
    thrown(() => tx.put(bytes('b'), bytes('2')), 'TRANSACTION_CLOSED')
    await committing
    assert.deepEqual(await contents(provider), ['a=1'])
  })

  suite.test('two commits at once commit once', async ({ provider }) => {
    const tx = await provider.begin()
    tx.put(bytes('a'), bytes('1'))
    const outcomes = await Promise.all([
      succeeds(() => tx.commit(), 'TRANSACTION_CLOSED'),
      succeeds(() => tx.commit(), 'TRANSACTION_CLOSED'),
    ])
    assert.deepEqual(outcomes, [true, false])
    assert.deepEqual(await contents(provider), ['a=1'])
  })

  suite.test('leaving the scope of `await using` rolls back what was not committed', async ({ provider }) => {
    const seen: Transaction[] = []
    {
      await using tx = await provider.begin()
      tx.put(bytes('a'), bytes('1'))
      seen.push(tx)
    }
    assert.equal(seen[0]?.status, 'rolled-back')
    assert.deepEqual(await contents(provider), [])
  })

  for (const end of ['commit', 'rollback'] as const) {
    suite.test(`a scan that is open across ${end} fails instead of going on`, async ({ provider }) => {
      await commit(provider, { a: '1', b: '2', c: '3' })
      const tx = await provider.begin()
      const iterator = tx.scan({}, { chunkSize: 1 })[Symbol.asyncIterator]()
      assert.equal((await iterator.next()).done, false)
      await tx[end]()
      await failure(() => iterator.next(), 'TRANSACTION_CLOSED')
      assert.equal((await iterator.next()).done, true)
    })
  }
}

function registerVersions(suite: ConformanceSuite): void {
  suite.test('commit versions increase strictly, over every way to write', async ({ provider }) => {
    const versions: bigint[] = []
    for (let round = 0; round < 5; round++) {
      const tx = await provider.begin()
      tx.put(bytes('a'), bytes(String(round)))
      versions.push((await tx.commit()).version)
      versions.push(await commit(provider, { a: String(round) }))
      versions.push(await commit(provider, { absent: undefined }))
    }
    for (const [index, version] of versions.entries()) {
      assert.ok(version > (versions[index - 1] ?? 0n), `versions: ${versions.join(', ')}`)
    }
  })

  suite.test('concurrent commits get versions of their own', async ({ provider }) => {
    const commits = Array.from({ length: 40 }, (_, index) => commit(provider, { [`k${index}`]: '1' }))
    assert.equal(new Set(await Promise.all(commits)).size, 40)
  })

  suite.test('a transaction that wrote nothing has version 0', async ({ provider }) => {
    await commit(provider, { a: '1' })
    for (const isolation of suite.expected.isolationLevels) {
      const tx = await provider.begin({ isolation })
      assert.deepEqual(await scan(tx), ['a=1'])
      assert.equal((await tx.commit()).version, 0n)
      assert.equal(tx.status, 'committed')
    }
    assert.equal((await provider.write([])).version, 0n)
  })
}
