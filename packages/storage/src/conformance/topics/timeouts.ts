import assert from 'node:assert/strict'
import type { ConformanceSuite } from '../harness/conformance-suite.js'
import { failure, thrown, watch } from '../harness/assertions.js'
import { bytes, commit, contents, get, scan } from '../harness/text.js'

/** The lifetime of transactions, by the suite's clock. */
export function registerTimeouts(suite: ConformanceSuite): void {
  suite.timedTest(
    'a transaction older than timeoutMs refuses every call and writes nothing',
    async ({ provider }, env) => {
      const tx = await provider.begin({ timeoutMs: 100 })
      tx.put(bytes('a'), bytes('1'))
      await env.advance(99)
      assert.equal(await get(tx, 'a'), '1')
      await env.advance(1)
      await failure(() => tx.get(bytes('a')), 'TRANSACTION_TIMEOUT')
      await failure(() => tx.getMany([bytes('a')]), 'TRANSACTION_TIMEOUT')
      await failure(() => scan(tx), 'TRANSACTION_TIMEOUT')
      thrown(() => tx.put(bytes('a'), bytes('2')), 'TRANSACTION_TIMEOUT')
      thrown(() => tx.delete(bytes('a')), 'TRANSACTION_TIMEOUT')
      thrown(() => tx.savepoint(), 'TRANSACTION_TIMEOUT')
      await failure(() => tx.commit(), 'TRANSACTION_TIMEOUT')
      await tx.rollback()
      assert.equal(tx.status, 'rolled-back')
      assert.deepEqual(await contents(provider), [])
    },
  )

  suite.timedTest('each transaction has its own time', async ({ provider }, env) => {
    const long = await provider.begin({ timeoutMs: 1_000 })
    const short = await provider.begin({ timeoutMs: 100 })
    await env.advance(50)
    const later = await provider.begin({ timeoutMs: 100 })
    await env.advance(60)
    await failure(() => short.get(bytes('a')), 'TRANSACTION_TIMEOUT')
    assert.equal(await get(later, 'a'), undefined)
    await env.advance(100)
    await failure(() => later.get(bytes('a')), 'TRANSACTION_TIMEOUT')
    long.put(bytes('a'), bytes('1'))
    await long.commit()
    assert.deepEqual(await contents(provider), ['a=1'])
  })

  suite.timedTest('a scan under way ends with the transaction', async ({ provider }, env) => {
    await commit(provider, { a: '1', b: '2' })
    const tx = await provider.begin({ timeoutMs: 100 })
    const iterator = tx.scan({}, { chunkSize: 1 })[Symbol.asyncIterator]()
    assert.equal((await iterator.next()).done, false)
    await env.advance(100)
    await failure(() => iterator.next(), 'TRANSACTION_TIMEOUT')
  })

  suite.timedTest(
    'an idle transaction gives back its place without being called',
    async ({ provider }, env) => {
      const tx = await provider.begin({ timeoutMs: 100 })
      assert.equal(provider.metrics().transactionsActive, 1)
      await env.advance(100)
      assert.equal(provider.metrics().transactionsActive, 0)
      assert.equal(tx.status, 'rolled-back')
    },
  )

  suite.timedTest('transact does not run again after a timeout', async ({ provider }, env) => {
    let runs = 0
    const work = provider.transact(
      async (tx) => {
        runs++
        await env.advance(100)
        tx.put(bytes('a'), bytes('1'))
      },
      { timeoutMs: 100 },
    )
    await failure(() => work, 'TRANSACTION_TIMEOUT')
    assert.equal(runs, 1)
    assert.deepEqual(await contents(provider), [])
  })

  if (!suite.offers('pessimistic')) return
  suite.timedTest('its locks go to the next in line', async ({ provider }, env) => {
    const holder = await provider.begin({ timeoutMs: 100 })
    await holder.lock([bytes('a')])
    const waiter = await provider.begin({ timeoutMs: 10_000 })
    const waiting = watch(waiter.lock([bytes('a')], { wait: 5_000 }))
    await env.advance(99)
    assert.equal(waiting.settled, false)
    await env.advance(1)
    await waiting.promise
    waiter.put(bytes('a'), bytes('1'))
    await waiter.commit()
    assert.deepEqual(await contents(provider), ['a=1'])
  })

  suite.timedTest('a wait for a lock ends with the transaction that waits', async ({ provider }, env) => {
    const holder = await provider.begin({ timeoutMs: 10_000 })
    await holder.lock([bytes('a')])
    const waiter = await provider.begin({ timeoutMs: 100 })
    const waiting = watch(waiter.lock([bytes('a')], { wait: 5_000 }))
    await env.advance(100)
    await failure(() => waiting.promise, 'TRANSACTION_TIMEOUT')
    await holder.rollback()
  })
}
