import assert from 'node:assert/strict'
import type { ConformanceSuite } from '../harness/conformance-suite.js'
import { failure, quiesce, succeeds, thrown, watch } from '../harness/assertions.js'
import { bytes, commit, scan } from '../harness/text.js'

export function registerClosedStore(suite: ConformanceSuite): void {
  suite.test('a closed store begins nothing', async ({ provider }) => {
    await commit(provider, { a: '1' })
    await provider.close()
    let runs = 0
    await failure(() => provider.begin(), 'STORAGE_CLOSED')
    await failure(() => provider.write([{ type: 'delete', key: bytes('a') }]), 'STORAGE_CLOSED')
    await failure(() => provider.transact(async () => runs++), 'STORAGE_CLOSED')
    if (suite.expected.snapshots) await failure(() => provider.snapshot(), 'STORAGE_CLOSED')
    assert.equal(runs, 0)
  })

  suite.test('a closed store is unhealthy and says why', async ({ provider }) => {
    await provider.close()
    const health = await provider.health()
    assert.equal(health.status, 'unhealthy')
    assert.ok(health.reason !== undefined && health.reason.length > 0)
    assert.equal(provider.metrics().transactionsActive, 0)
  })

  suite.test('closing again, also at once, is harmless', async ({ provider }) => {
    await Promise.all([provider.close(), provider.close()])
    await provider.close()
    await provider[Symbol.asyncDispose]()
  })

  suite.test(
    'closing rolls back running transactions, whose calls then fail with STORAGE_CLOSED',
    async ({ provider }) => {
      const tx = await provider.begin()
      tx.put(bytes('a'), bytes('1'))
      const savepoint = tx.savepoint()
      await provider.close()
      assert.equal(tx.status, 'rolled-back')
      await failure(() => tx.get(bytes('a')), 'STORAGE_CLOSED')
      await failure(() => tx.getMany([bytes('a')]), 'STORAGE_CLOSED')
      await failure(() => scan(tx), 'STORAGE_CLOSED')
      thrown(() => tx.put(bytes('a'), bytes('2')), 'STORAGE_CLOSED')
      thrown(() => tx.insert(bytes('b'), bytes('2')), 'STORAGE_CLOSED')
      thrown(() => tx.delete(bytes('a')), 'STORAGE_CLOSED')
      thrown(() => tx.savepoint(), 'STORAGE_CLOSED')
      thrown(() => tx.rollbackTo(savepoint), 'STORAGE_CLOSED')
      if (suite.offers('pessimistic')) await failure(() => tx.lock([bytes('a')]), 'STORAGE_CLOSED')
      await failure(() => tx.commit(), 'STORAGE_CLOSED')
      await tx.rollback()
      await tx[Symbol.asyncDispose]()
    },
  )

  suite.test('closing ends scans that are open', async ({ provider }) => {
    await commit(provider, { a: '1', b: '2', c: '3' })
    const tx = await provider.begin()
    const iterator = tx.scan({}, { chunkSize: 1 })[Symbol.asyncIterator]()
    assert.equal((await iterator.next()).done, false)
    await provider.close()
    await failure(() => iterator.next(), 'STORAGE_CLOSED')
  })

  suite.test(
    'closing while reads and scans run neither hangs nor breaks them otherwise',
    async ({ provider }) => {
      await commit(provider, Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`k${i}`, 'v'])))
      const tx = await provider.begin()
      const reads = Array.from({ length: 20 }, (_, i) =>
        succeeds(() => tx.get(bytes(`k${i}`)), 'STORAGE_CLOSED'),
      )
      const scans = Array.from({ length: 5 }, () =>
        succeeds(() => scan(tx, {}, { chunkSize: 10 }), 'STORAGE_CLOSED'),
      )
      await provider.close()
      await Promise.all([...reads, ...scans])
    },
  )

  suite.test('closing waits for a commit under way, or rolls it back whole', async ({ provider }) => {
    const commits = Array.from({ length: 10 }, (_, i) =>
      succeeds(() => commit(provider, { [`a${i}`]: '1', [`b${i}`]: '1' }), 'STORAGE_CLOSED'),
    )
    const closing = provider.close()
    const outcomes = await Promise.all(commits)
    await closing
    assert.equal(outcomes.length, 10)
  })

  if (suite.expected.snapshots) {
    suite.test('closing ends snapshots', async ({ provider }) => {
      await commit(provider, { a: '1', b: '2' })
      const snapshot = await provider.snapshot()
      const iterator = snapshot.scan({}, { chunkSize: 1 })[Symbol.asyncIterator]()
      await iterator.next()
      await provider.close()
      await failure(() => snapshot.get(bytes('a')), 'STORAGE_CLOSED')
      await failure(() => snapshot.getMany([bytes('a')]), 'STORAGE_CLOSED')
      await failure(() => scan(snapshot), 'STORAGE_CLOSED')
      await failure(() => iterator.next(), 'STORAGE_CLOSED')
      await snapshot.close()
    })
  }

  if (!suite.offers('pessimistic')) return
  suite.test('closing ends waits for locks', async ({ provider }) => {
    const [holder, waiter] = [await provider.begin(), await provider.begin()]
    await holder.lock([bytes('a')])
    const waiting = watch(waiter.lock([bytes('a')]))
    await quiesce()
    await provider.close()
    await failure(() => waiting.promise, 'STORAGE_CLOSED')
  })
}
