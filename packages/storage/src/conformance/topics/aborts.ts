import assert from 'node:assert/strict'
import { OrbitError } from '@orbit-ts/base'
import type { ConformanceSuite } from '../harness/conformance-suite.js'
import { failure, quiesce, thrown, watch } from '../harness/assertions.js'
import { bytes, commit, contents, get, scan } from '../harness/text.js'

/** What an AbortSignal ends, and what it leaves alone. */
export function registerAborts(suite: ConformanceSuite): void {
  registerBefore(suite)
  registerDuring(suite)
  registerTransact(suite)
  if (suite.offers('pessimistic')) registerLockWaits(suite)
}

function registerBefore(suite: ConformanceSuite): void {
  const signal = AbortSignal.abort(new Error('aborted by the test'))

  suite.test('nothing begins with a signal that is aborted already', async ({ provider }) => {
    const batch = [{ type: 'put', key: bytes('a'), value: bytes('1') }] as const
    let runs = 0
    await failure(() => provider.begin({ signal }), 'ABORTED')
    await failure(() => provider.write(batch, { signal }), 'ABORTED')
    await failure(() => provider.transact(async () => runs++, { signal }), 'ABORTED')
    if (suite.expected.snapshots) await failure(() => provider.snapshot({ signal }), 'ABORTED')
    assert.equal(runs, 0)
    assert.deepEqual(await contents(provider), [])
  })

  suite.test('a scan with an aborted signal fails, the transaction goes on', async ({ provider }) => {
    await commit(provider, { a: '1' })
    await using tx = await provider.begin()
    await failure(() => scan(tx, {}, { signal }), 'ABORTED')
    assert.deepEqual(await scan(tx), ['a=1'])
  })
}

function registerDuring(suite: ConformanceSuite): void {
  suite.test(
    'aborting rolls the transaction back, and every call fails with ABORTED',
    async ({ provider }) => {
      const controller = new AbortController()
      const tx = await provider.begin({ signal: controller.signal })
      tx.put(bytes('a'), bytes('1'))
      controller.abort()
      assert.equal(tx.status, 'rolled-back')
      await failure(() => tx.get(bytes('a')), 'ABORTED')
      await failure(() => scan(tx), 'ABORTED')
      thrown(() => tx.put(bytes('a'), bytes('2')), 'ABORTED')
      await failure(() => tx.commit(), 'ABORTED')
      await tx.rollback()
      assert.deepEqual(await contents(provider), [])
    },
  )

  suite.test('aborting after the end is harmless', async ({ provider }) => {
    const controller = new AbortController()
    const tx = await provider.begin({ signal: controller.signal })
    tx.put(bytes('a'), bytes('1'))
    await tx.commit()
    controller.abort()
    assert.equal(tx.status, 'committed')
    await failure(() => tx.get(bytes('a')), 'TRANSACTION_CLOSED')
    assert.deepEqual(await contents(provider), ['a=1'])
  })

  suite.test('aborting during a commit either comes too late or leaves nothing', async ({ provider }) => {
    const controller = new AbortController()
    const tx = await provider.begin({ signal: controller.signal })
    tx.put(bytes('a'), bytes('1'))
    const committing = tx.commit()
    controller.abort()
    const [outcome] = await Promise.allSettled([committing])
    if (outcome.status === 'rejected') {
      await failure(() => committing, 'ABORTED')
      assert.equal(tx.status, 'rolled-back')
      assert.deepEqual(await contents(provider), [])
    } else {
      assert.equal(tx.status, 'committed')
      assert.deepEqual(await contents(provider), ['a=1'])
    }
  })

  suite.test('aborting a scan ends the scan only', async ({ provider }) => {
    await commit(provider, { a: '1', b: '2', c: '3' })
    const controller = new AbortController()
    const tx = await provider.begin()
    const iterator = tx.scan({}, { chunkSize: 1, signal: controller.signal })[Symbol.asyncIterator]()
    assert.equal((await iterator.next()).done, false)
    controller.abort()
    await failure(() => iterator.next(), 'ABORTED')
    assert.equal((await iterator.next()).done, true)
    assert.equal(tx.status, 'active')
    tx.put(bytes('d'), bytes('4'))
    assert.deepEqual(await scan(tx), ['a=1', 'b=2', 'c=3', 'd=4'])
    await tx.commit()
  })

  suite.test('aborting a transaction ends its scans', async ({ provider }) => {
    await commit(provider, { a: '1', b: '2' })
    const controller = new AbortController()
    const tx = await provider.begin({ signal: controller.signal })
    const iterator = tx.scan({}, { chunkSize: 1 })[Symbol.asyncIterator]()
    await iterator.next()
    controller.abort()
    await failure(() => iterator.next(), 'ABORTED')
  })
}

function registerTransact(suite: ConformanceSuite): void {
  suite.test('transact does not run again after an abort', async ({ provider }) => {
    const controller = new AbortController()
    let runs = 0
    const work = provider.transact(
      async (tx) => {
        runs++
        tx.put(bytes('a'), bytes('1'))
        controller.abort()
        await get(tx, 'a')
      },
      { signal: controller.signal },
    )
    await failure(() => work, 'ABORTED')
    assert.equal(runs, 1)
    assert.deepEqual(await contents(provider), [])
  })

  suite.test('an abort between two runs of transact ends it', async ({ provider }) => {
    const controller = new AbortController()
    let runs = 0
    const work = provider.transact(
      async () => {
        runs++
        controller.abort()
        throw new OrbitError('TRANSACTION_CONFLICT', 'thrown by the closure')
      },
      { signal: controller.signal },
    )
    await failure(() => work, 'ABORTED')
    assert.equal(runs, 1)
  })

  suite.test('transact does not outlive an abort while it pauses', async ({ provider }) => {
    const controller = new AbortController()
    let runs = 0
    const work = provider.transact(
      async () => {
        runs++
        throw new OrbitError('TRANSACTION_CONFLICT', 'thrown by the closure')
      },
      { signal: controller.signal, backoffMs: 3_600_000, backoffMaxMs: 3_600_000 },
    )
    const running = watch(work)
    await quiesce()
    assert.equal(running.settled, false)
    controller.abort()
    await failure(() => work, 'ABORTED')
    assert.equal(runs, 1)
  })
}

function registerLockWaits(suite: ConformanceSuite): void {
  suite.test('aborting ends a wait for a lock, and the next in line is not held up', async ({ provider }) => {
    const controller = new AbortController()
    const holder = await provider.begin()
    await holder.lock([bytes('a')])
    const aborted = await provider.begin({ signal: controller.signal })
    const next = await provider.begin()
    const leaving = watch(aborted.lock([bytes('a')]))
    const staying = watch(next.lock([bytes('a')]))
    await quiesce()
    controller.abort()
    await failure(() => leaving.promise, 'ABORTED')
    assert.equal(staying.settled, false)
    await holder.rollback()
    await staying.promise
    await next.rollback()
  })

  suite.test('aborting the holder frees its locks', async ({ provider }) => {
    const controller = new AbortController()
    const holder = await provider.begin({ signal: controller.signal })
    await holder.lock([bytes('a')])
    await using waiter = await provider.begin()
    const waiting = waiter.lock([bytes('a')])
    controller.abort()
    await waiting
  })
}
