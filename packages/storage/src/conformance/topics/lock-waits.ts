import assert from 'node:assert/strict'
import { hasCode, OrbitError } from '@orbit-ts/base'
import type { ConformanceSuite } from '../harness/conformance-suite.js'
import { failure, quiesce, watch } from '../harness/assertions.js'
import { PESSIMISTIC, assertFree, lock, locked } from '../harness/locking.js'
import { bytes, contents, get, getMany } from '../harness/text.js'

/** Who waits for a lock, how long, and in which order. */
export function registerLockWaits(suite: ConformanceSuite): void {
  if (!suite.offers('pessimistic')) return
  registerWaiting(suite)
  registerTimedWaits(suite)
  registerEndedWaits(suite)
}

function registerWaiting(suite: ConformanceSuite): void {
  suite.test('waiters get the lock first come, first served', async ({ provider }) => {
    const order: number[] = []
    const holder = await provider.begin()
    await lock(holder, 'a')
    const waiters = []
    for (let index = 0; index < 5; index++) {
      const tx = await provider.begin()
      waiters.push(
        lock(tx, 'a').then(async () => {
          order.push(index)
          await tx.commit()
        }),
      )
      await quiesce()
    }
    assert.deepEqual(order, [])
    await holder.commit()
    await Promise.all(waiters)
    assert.deepEqual(order, [0, 1, 2, 3, 4])
    await assertFree(provider, 'a')
  })

  suite.test('a waiter that leaves is passed over', async ({ provider }) => {
    const holder = await provider.begin()
    await lock(holder, 'a')
    const [second, third] = [await provider.begin(), await provider.begin()]
    const leaving = watch(lock(second, 'a'))
    const staying = watch(lock(third, 'a'))
    await quiesce()
    await second.rollback()
    await failure(() => leaving.promise, 'TRANSACTION_CLOSED')
    assert.equal(staying.settled, false)
    await holder.rollback()
    await staying.promise
    await third.rollback()
    await assertFree(provider, 'a')
  })

  suite.test('a wait for several keys ends when the last of them is free', async ({ provider }) => {
    const [first, second, waiter] = [await provider.begin(), await provider.begin(), await provider.begin()]
    await lock(first, 'a')
    await lock(second, 'b')
    const waiting = watch(lock(waiter, 'b', 'a'))
    await first.rollback()
    await quiesce()
    assert.equal(waiting.settled, false)
    await second.rollback()
    await waiting.promise
    await waiter.rollback()
    await assertFree(provider, 'a', 'b')
  })

  suite.test('a wait, and a transaction, may have no end', async ({ provider }) => {
    const [holder, short] = [await provider.begin({ timeoutMs: Infinity }), await provider.begin()]
    const [endless, long] = [
      await provider.begin(),
      await provider.begin({ lockWaitMs: 2 ** 40, timeoutMs: 2 ** 40 }),
    ]
    await lock(holder, 'a')
    const waits = [watch(endless.lock([bytes('a')], { wait: Infinity })), watch(lock(long, 'a'))]
    await failure(() => short.lock([bytes('a')], { wait: 5 }), 'LOCK_TIMEOUT')
    assert.deepEqual(
      waits.map(({ settled }) => settled),
      [false, false],
    )
    await holder.commit()
    await waits[0]?.promise
    await endless.commit()
    await waits[1]?.promise
    await long.commit()
    await short.rollback()
  })

  suite.test(
    'a wait that runs out fails with LOCK_TIMEOUT and leaves the rest as it was',
    async ({ provider }) => {
      const [holder, other] = [await provider.begin(), await provider.begin({ lockWaitMs: 1 })]
      await lock(holder, 'b')
      other.put(bytes('c'), bytes('1'))
      await failure(() => lock(other, 'a', 'b'), 'LOCK_TIMEOUT')
      await failure(() => other.lock([bytes('b')], { wait: 1 }), 'LOCK_TIMEOUT')
      await assertFree(provider, 'a')
      await other.commit()
      await holder.rollback()
      assert.deepEqual(await contents(provider), ['c=1'])
      await assertFree(provider, 'b')
    },
  )
}

function registerTimedWaits(suite: ConformanceSuite): void {
  suite.timedTest('a wait lasts as long as it was asked to', async ({ provider }, env) => {
    const holder = await provider.begin()
    await lock(holder, 'a')
    const other = await provider.begin({ lockWaitMs: 50 })
    for (const [waitMs, options] of [
      [50, undefined],
      [50, { wait: 'default' }],
      [200, { wait: 200 }],
    ] as const) {
      const waiting = watch(other.lock([bytes('a')], options))
      await env.advance(waitMs - 1)
      assert.equal(waiting.settled, false)
      await env.advance(1)
      await failure(() => waiting.promise, 'LOCK_TIMEOUT')
    }
    await holder.rollback()
    await lock(other, 'a')
    await other.rollback()
  })

  suite.timedTest('a waiter whose time is up is passed over', async ({ provider }, env) => {
    const [holder, second, third] = [await provider.begin(), await provider.begin(), await provider.begin()]
    await lock(holder, 'a')
    const short = watch(second.lock([bytes('a')], { wait: 10 }))
    const long = watch(third.lock([bytes('a')], { wait: 100 }))
    await env.advance(50)
    await failure(() => short.promise, 'LOCK_TIMEOUT')
    assert.equal(long.settled, false)
    await holder.rollback()
    await long.promise
    await failure(() => second.lock([bytes('a')], { wait: 'nowait' }), 'LOCK_NOT_AVAILABLE')
    await third.rollback()
    await second.rollback()
  })

  suite.timedTest('each of several waits of one transaction has its own time', async ({ provider }, env) => {
    const [holder, waiter] = [await provider.begin(), await provider.begin()]
    await lock(holder, 'a')
    const short = watch(waiter.lock([bytes('a')], { wait: 10 }))
    const long = watch(waiter.lock([bytes('a')], { wait: 100 }))
    await env.advance(10)
    await failure(() => short.promise, 'LOCK_TIMEOUT')
    assert.equal(long.settled, false)
    await waiter.rollback()
    await quiesce()
    assert.equal(long.settled, true)
    await failure(() => long.promise, 'TRANSACTION_CLOSED')
    await holder.rollback()
    await assertFree(provider, 'a')
  })

  suite.timedTest(
    'a wait that is left over after another one ran out still counts for deadlocks',
    async ({ provider }, env) => {
      const [first, second] = [await provider.begin(), await provider.begin()]
      await lock(first, 'a')
      await lock(second, 'b')
      const short = watch(second.lock([bytes('a')], { wait: 10 }))
      const long = watch(second.lock([bytes('a')], { wait: 1_000 }))
      await env.advance(10)
      await failure(() => short.promise, 'LOCK_TIMEOUT')
      await failure(() => lock(first, 'b'), 'TRANSACTION_DEADLOCK')
      await first.rollback()
      await long.promise
      await second.rollback()
    },
  )

  suite.timedTest(
    'a wait that fails gives back no key that another call of its transaction relies on',
    async ({ provider }, env) => {
      const [holder, tx, other] = [
        await provider.begin(),
        await provider.begin(PESSIMISTIC),
        await provider.begin(),
      ]
      await lock(holder, 'b')
      const waiting = watch(tx.lock([bytes('a'), bytes('b')], { wait: 10 }))
      await quiesce()
      await get(tx, 'a')
      await env.advance(10)
      await failure(() => waiting.promise, 'LOCK_TIMEOUT')
      await locked(other, 'a')
      for (const each of [holder, tx, other]) await each.rollback()
      await assertFree(provider, 'a', 'b')
    },
  )

  suite.timedTest('nor one that two calls of the transaction waited for', async ({ provider }, env) => {
    const [first, second] = [await provider.begin(), await provider.begin()]
    const [tx, other] = [await provider.begin(), await provider.begin()]
    await lock(first, 'a')
    await lock(second, 'b')
    const both = watch(tx.lock([bytes('a'), bytes('b')], { wait: 10 }))
    const one = watch(tx.lock([bytes('a')], { wait: 100 }))
    await first.rollback()
    await one.promise
    await env.advance(10)
    await failure(() => both.promise, 'LOCK_TIMEOUT')
    await locked(other, 'a')
    for (const each of [second, tx, other]) await each.rollback()
    await assertFree(provider, 'a', 'b')
  })
}

function registerEndedWaits(suite: ConformanceSuite): void {
  const reason = new OrbitError('LOCK_TIMEOUT', 'somebody has changed their mind')
  const ended = (thrown: unknown): boolean =>
    hasCode(thrown, 'LOCK_TIMEOUT') && thrown.reason === reason.reason

  suite.test('a wait that is ended fails, and its transaction goes on', async ({ provider }) => {
    const [holder, waiter] = [await provider.begin(), await provider.begin()]
    await lock(holder, 'b')
    await lock(waiter, 'x')
    waiter.put(bytes('x'), bytes('1'))
    const waiting = watch(lock(waiter, 'a', 'b', 'c'))
    await quiesce()
    assert.equal(waiting.settled, false)
    waiter.endWaits(reason)
    await assert.rejects(waiting.promise, ended)
    assert.equal(waiter.status, 'active')
    // Of the call that was ended nothing is held; what was held before stays, and so does what others hold.
    await assertFree(provider, 'a', 'c')
    const other = await provider.begin()
    await locked(other, 'x')
    await locked(other, 'b')
    const again = watch(lock(waiter, 'b'))
    await quiesce()
    assert.equal(again.settled, false)
    await holder.rollback()
    await again.promise
    await locked(other, 'b')
    await other.rollback()
    await waiter.commit()
    assert.deepEqual(await contents(provider), ['x=1'])
    await assertFree(provider, 'a', 'b', 'c', 'x')
  })

  suite.test('all waits of one transaction are ended, and those of no other', async ({ provider }) => {
    const holder = await provider.begin()
    await lock(holder, 'a', 'b')
    const [one, two] = [await provider.begin(PESSIMISTIC), await provider.begin()]
    const mine = [watch(lock(one, 'a')), watch(get(one, 'a')), watch(getMany(one, ['b', 'c']))]
    await quiesce()
    const theirs = watch(lock(two, 'a'))
    await quiesce()
    one.endWaits(reason)
    for (const each of mine) await assert.rejects(each.promise, ended)
    assert.equal(theirs.settled, false)
    await holder.rollback()
    await theirs.promise
    await two.rollback()
    assert.equal(await get(one, 'a'), undefined)
    await one.rollback()
    await assertFree(provider, 'a', 'b', 'c')
  })

  suite.test('ending waits where there are none changes nothing', async ({ provider }) => {
    const tx = await provider.begin()
    tx.endWaits(reason)
    await lock(tx, 'a')
    tx.endWaits(reason)
    tx.put(bytes('a'), bytes('1'))
    await tx.commit()
    tx.endWaits(reason)
    assert.deepEqual(await contents(provider), ['a=1'])
  })
}
