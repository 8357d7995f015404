import assert from 'node:assert/strict'
import { toHex } from '@orbit-ts/base'
import type { ConformanceSuite } from '../harness/conformance-suite.js'
import { failure, succeeds, thrown } from '../harness/assertions.js'
import { bytes, commit, contents, get } from '../harness/text.js'

export function registerInserts(suite: ConformanceSuite): void {
  registerPresence(suite)
  registerWithinOneTransaction(suite)
  registerRaces(suite)
}

function registerPresence(suite: ConformanceSuite): void {
  suite.test('an insert of a new key is a put', async ({ provider }) => {
    const tx = await provider.begin()
    tx.insert(bytes('a'), bytes('1'))
    assert.notEqual((await tx.commit()).version, 0n)
    assert.deepEqual(await contents(provider), ['a=1'])
  })

  suite.test(
    'an insert of a present key fails the commit, names the key and writes nothing',
    async ({ provider }) => {
      await commit(provider, { b: '1' })
      const tx = await provider.begin()
      tx.put(bytes('a'), bytes('2'))
      tx.insert(bytes('b'), bytes('2'))
      tx.delete(bytes('b+'))
      const error = await failure(() => tx.commit(), 'KEY_EXISTS')
      assert.equal(error.details['key'], toHex(bytes('b')))
      assert.equal(error.retry, 'never')
      assert.equal(tx.status, 'rolled-back')
      assert.deepEqual(await contents(provider), ['b=1'])
    },
  )

  suite.test(
    'a present key is found even when it was read before, or has an empty value',
    async ({ provider }) => {
      await commit(provider, { a: '', b: '1' })
      for (const key of ['a', 'b']) {
        const tx = await provider.begin()
        await get(tx, key)
        tx.insert(bytes(key), bytes('2'))
        await failure(() => tx.commit(), 'KEY_EXISTS')
      }
      assert.deepEqual(await contents(provider), ['a=', 'b=1'])
    },
  )

  suite.test('a key that an earlier commit deleted can be inserted', async ({ provider }) => {
    await commit(provider, { a: '1' })
    await commit(provider, { a: undefined })
    await provider.transact(async (tx) => tx.insert(bytes('a'), bytes('2')))
    assert.deepEqual(await contents(provider), ['a=2'])
  })

  suite.test('transact does not run again for a key that exists', async ({ provider }) => {
    await commit(provider, { a: '1' })
    let runs = 0
    const work = provider.transact(async (tx) => {
      runs++
      tx.insert(bytes('a'), bytes('2'))
    })
    await failure(() => work, 'KEY_EXISTS')
    assert.equal(runs, 1)
  })
}

function registerWithinOneTransaction(suite: ConformanceSuite): void {
  suite.test('an insert after a delete in the same transaction is fine', async ({ provider }) => {
    await commit(provider, { a: '1' })
    const tx = await provider.begin()
    tx.delete(bytes('a'))
    tx.insert(bytes('a'), bytes('2'))
    await tx.commit()
    assert.deepEqual(await contents(provider), ['a=2'])
  })

  suite.test(
    'an insert over an own put or insert fails at once and changes nothing',
    async ({ provider }) => {
      const tx = await provider.begin()
      tx.put(bytes('a'), bytes('1'))
      tx.insert(bytes('b'), bytes('1'))
      thrown(() => tx.insert(bytes('a'), bytes('2')), 'KEY_EXISTS')
      thrown(() => tx.insert(bytes('b'), bytes('2')), 'KEY_EXISTS')
      await tx.commit()
      assert.deepEqual(await contents(provider), ['a=1', 'b=1'])
    },
  )

  suite.test('a put over an own insert keeps the demand that the key be new', async ({ provider }) => {
    await commit(provider, { a: '1' })
    const present = await provider.begin()
    present.insert(bytes('a'), bytes('2'))
    present.put(bytes('a'), bytes('3'))
    await failure(() => present.commit(), 'KEY_EXISTS')
    const absent = await provider.begin()
    absent.insert(bytes('b'), bytes('2'))
    absent.put(bytes('b'), bytes('3'))
    await absent.commit()
    assert.deepEqual(await contents(provider), ['a=1', 'b=3'])
  })

  suite.test('insert, delete, insert of one key is an insert', async ({ provider }) => {
    const tx = await provider.begin()
    tx.insert(bytes('a'), bytes('1'))
    tx.delete(bytes('a'))
    tx.insert(bytes('a'), bytes('2'))
    await tx.commit()
    assert.deepEqual(await contents(provider), ['a=2'])
  })
}

function registerRaces(suite: ConformanceSuite): void {
  for (const isolation of suite.expected.isolationLevels) {
    suite.test(
      `${isolation}: of many concurrent inserts of one key exactly one wins`,
      async ({ provider }) => {
        const transactions = await Promise.all(
          Array.from({ length: 16 }, () => provider.begin({ isolation })),
        )
        const outcomes = await Promise.all(
          transactions.map((tx, index) => {
            tx.insert(bytes('a'), bytes(String(index)))
            tx.put(bytes(`loser ${index}`), bytes('1'))
            return succeeds(() => tx.commit(), 'KEY_EXISTS', 'TRANSACTION_CONFLICT')
          }),
        )
        const winner = outcomes.indexOf(true)
        assert.equal(outcomes.filter(Boolean).length, 1)
        assert.deepEqual(await contents(provider), [`a=${winner}`, `loser ${winner}=1`])
      },
    )

    suite.test(
      `${isolation}: an insert fails when the key came after the transaction began`,
      async ({ provider }) => {
        const tx = await provider.begin({ isolation })
        assert.equal(await get(tx, 'a'), undefined)
        await commit(provider, { a: 'other' })
        tx.insert(bytes('a'), bytes('own'))
        assert.equal(await succeeds(() => tx.commit(), 'KEY_EXISTS', 'TRANSACTION_CONFLICT'), false)
        assert.deepEqual(await contents(provider), ['a=other'])
      },
    )
  }
}
