import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fromUtf8, utf8 } from '@orbit-ts/base'
import {
  PessimisticLockKeyResultType,
  PessimisticLockWakeUpMode,
  WriteConflict_Reason,
  type PessimisticLockResponse,
} from '../../gen/kvrpcpb.js'
import { DO_PESSIMISTIC_CHECK, Lock, MvccDriver } from './mvcc-driver.test.fixture.js'

const { LockResultNormal, LockResultLockedWithConflict, LockResultFailed } = PessimisticLockKeyResultType
const force = { wakeUpMode: PessimisticLockWakeUpMode.WakeUpModeForceLock }
const waiting = { waitTimeout: 0n }

/** The outcome of a call that may still wait: undefined until it is settled. */
function watch<T>(call: Promise<T>): { outcome(): T | undefined } {
  let outcome: T | undefined
  void call.then((settled) => (outcome = settled))
  return { outcome: () => outcome }
}

describe('pessimistic lock', () => {
  it('locks without reading, and does not block readers', async () => {
    const driver = new MvccDriver()
    await driver.put('k', 'v', 1, 2)
    const response = await driver.mustLock('k', 5, 5)
    assert.deepEqual(response.values, [])
    assert.deepEqual(response.notFounds, [])
    assert.equal(driver.value('k', 9), 'v')
    const { locked } = await driver.failedLock('k', 6, 6)
    assert.equal(locked?.lockVersion, 5n)
    assert.equal(locked.lockForUpdateTs, 5n)
  })

  it('locks all keys or none', async () => {
    const driver = new MvccDriver()
    await driver.mustLock('b', 4, 4)
    await driver.failedLock(['a', 'b'], 5, 5)
    assert.equal(driver.lockOn('a'), undefined)
  })

  it('sends a request back that has not seen the newest version', async () => {
    const driver = new MvccDriver()
    await driver.put('k', 'v', 8, 9)
    const { conflict } = await driver.failedLock('k', 5, 7)
    assert.equal(conflict?.reason, WriteConflict_Reason.PessimisticRetry)
    assert.equal(conflict.conflictCommitTs, 9n)
    await driver.mustLock('k', 5, 9)
  })

  it('returns values and existence as of the for-update timestamp', async () => {
    const driver = new MvccDriver()
    await driver.put('a', 'v', 1, 2)
    await driver.put('c', 'v', 1, 2)
    await driver.delete('c', 3, 4)
    await driver.mustPrewrite({ a: '' }, 5, { op: Lock })
    await driver.mustCommit('a', 5, 6)
    const values = await driver.mustLock(['a', 'b', 'c'], 7, 7, { returnValues: true })
    assert.deepEqual(values.values.map(fromUtf8), ['v', '', ''])
    assert.deepEqual(values.notFounds, [false, true, true])
    const existence = await driver.mustLock(['a', 'b', 'c'], 7, 8, { checkExistence: true })
    assert.deepEqual(existence.values, [])
    assert.deepEqual(existence.notFounds, [false, true, true])
  })

  it('locks only what exists when that was asked for', async () => {
    const driver = new MvccDriver()
    await driver.put('a', 'v', 1, 2)
    const onlyIfExists = { lockOnlyIfExists: true, returnValues: true }
    const { notFounds } = await driver.mustLock(['a', 'b'], 5, 5, onlyIfExists)
    assert.deepEqual(notFounds, [false, true])
    assert.equal(driver.lockOn('a')?.startTs, 5n)
    assert.equal(driver.lockOn('b'), undefined)
    assert.match((await driver.failedLock('a', 5, 5, { lockOnlyIfExists: true })).abort, /LockIfExistsFailed/)
  })

  it('refuses a key that exists when it should not', async () => {
    const driver = new MvccDriver()
    await driver.put('a', 'v', 1, 2)
    assert.deepEqual((await driver.failedLock('a', 5, 5, { notExist: true })).alreadyExist?.key, utf8('a'))
    await driver.mustLock('b', 5, 5, { notExist: true })
    await driver.mustLock('a', 5, 5)
    assert.deepEqual((await driver.failedLock('a', 5, 5, { notExist: true })).alreadyExist?.key, utf8('a'))
  })

  it('reads for a value, so that a later async commit ends above it', async () => {
    const driver = new MvccDriver()
    await driver.mustLock('k', 5, 40, { returnValues: true })
    const { minCommitTs } = await driver.mustPrewrite({ z: '1' }, 10, { useAsyncCommit: true })
    assert.equal(minCommitTs, 41n)
  })

  it('keeps the larger for-update timestamp when a transaction locks again', async () => {
    const driver = new MvccDriver()
    await driver.mustLock('k', 5, 8)
    await driver.mustLock('k', 5, 6)
    assert.equal(driver.lockOn('k')?.forUpdateTs, 8n)
    await driver.mustLock('k', 5, 9)
    assert.equal(driver.lockOn('k')?.forUpdateTs, 9n)
  })

  it('refuses after the transaction was rolled back, and over its own prewrite', async () => {
    const driver = new MvccDriver()
    await driver.mustRollback('a', 5)
    assert.match((await driver.failedLock('a', 5, 5)).abort, /PessimisticLockRolledBack/)
    assert.match((await driver.failedLock('a', 5, 9)).abort, /PessimisticLockRolledBack/)
    await driver.put('a', 'v', 6, 7)
    assert.match((await driver.failedLock('a', 5, 9)).abort, /PessimisticLockRolledBack/)
    await driver.mustPrewrite({ b: 'v' }, 5)
    assert.match((await driver.failedLock('b', 5, 6)).abort, /LockTypeNotMatch/)
  })

  it('sees a rollback that lies on the record of another', async () => {
    const driver = new MvccDriver()
    await driver.put('k', 'v', 1, 5)
    await driver.cleanup('k', 5, 0)
    assert.match((await driver.failedLock('k', 5, 9)).abort, /PessimisticLockRolledBack/)
  })
})

describe('pessimistic rollback', () => {
  it('removes the locks up to the for-update timestamp and leaves no trace', async () => {
    const driver = new MvccDriver()
    await driver.mustLock('k', 5, 8)
    await driver.pessimisticRollback('k', 5, 7)
    assert.equal(driver.lockOn('k')?.startTs, 5n)
    await driver.pessimisticRollback('k', 4, 99)
    assert.equal(driver.lockOn('k')?.startTs, 5n)
    await driver.pessimisticRollback('k', 5, 8)
    assert.equal(driver.lockOn('k'), undefined)
    assert.deepEqual(driver.writesOf('k'), [])
    await driver.mustLock('k', 5, 8)
  })

  it('leaves prewritten locks', async () => {
    const driver = new MvccDriver()
    await driver.mustLock('k', 5, 8)
    await driver.mustPrewrite({ k: 'v' }, 5, { forUpdateTs: 8n, action: DO_PESSIMISTIC_CHECK })
    await driver.pessimisticRollback('k', 5, 99)
    assert.equal(driver.lockOn('k')?.startTs, 5n)
  })

  it('without keys removes those of the transaction everywhere', async () => {
    const driver = new MvccDriver()
    await driver.mustLock(['a', 'b', 'c'], 5, 8)
    await driver.mustLock('d', 6, 8)
    await driver.pessimisticRollback([], 5, 8)
    assert.deepEqual(
      driver.store.locks().map(({ key }) => fromUtf8(key)),
      ['d'],
    )
  })
})

describe('waiting for a lock', () => {
  it('ends with the lock after the timeout, which the store limits to a second', async () => {
    const driver = new MvccDriver()
    await driver.mustLock('k', 5, 5)
    const short = watch(driver.lock('k', 6, 6, { waitTimeout: 100n }))
    const long = watch(driver.lock('k', 7, 7, { waitTimeout: 60_000n }))
    await driver.env.advance(99)
    assert.equal(short.outcome(), undefined)
    await driver.env.advance(1)
    assert.equal(short.outcome()?.errors[0]?.locked?.lockVersion, 5n)
    await driver.env.advance(899)
    assert.equal(long.outcome(), undefined)
    await driver.env.advance(1)
    assert.equal(long.outcome()?.errors[0]?.locked?.lockVersion, 5n)
    assert.equal(driver.store.waiting, 0)
    assert.equal(driver.env.pendingTimers, 0)
  })

  it('is sent back with a conflict when the lock is committed', async () => {
    const driver = new MvccDriver()
    await driver.mustPrewrite({ k: 'v' }, 5)
    const waiter = watch(driver.lock('k', 6, 6, waiting))
    await driver.env.advance(1)
    await driver.mustCommit('k', 5, 9)
    await driver.env.advance(0)
    const conflict = waiter.outcome()?.errors[0]?.conflict
    assert.equal(conflict?.conflictTs, 5n)
    assert.equal(conflict.conflictCommitTs, 9n)
    assert.equal(conflict.reason, WriteConflict_Reason.PessimisticRetry)
    assert.equal(driver.lockOn('k'), undefined)
    assert.equal(driver.env.pendingTimers, 0)
  })

  it('is sent back when the lock is rolled back, too', async () => {
    const driver = new MvccDriver()
    await driver.mustLock('k', 5, 5)
    const waiter = watch(driver.lock('k', 6, 6, waiting))
    await driver.env.advance(1)
    await driver.pessimisticRollback('k', 5, 5)
    await driver.env.advance(0)
    assert.equal(waiter.outcome()?.errors[0]?.conflict?.conflictCommitTs, 0n)
  })

  it('wakes the oldest transaction first and the rest 20 ms later', async () => {
    const driver = new MvccDriver()
    await driver.mustLock('k', 5, 5)
    const younger = watch(driver.lock('k', 8, 8, waiting))
    const older = watch(driver.lock('k', 7, 7, waiting))
    await driver.env.advance(1)
    await driver.pessimisticRollback('k', 5, 5)
    await driver.env.advance(0)
    assert.notEqual(older.outcome(), undefined)
    assert.equal(younger.outcome(), undefined)
    await driver.env.advance(19)
    assert.equal(younger.outcome(), undefined)
    await driver.env.advance(1)
    assert.notEqual(younger.outcome(), undefined)
    assert.equal(driver.env.pendingTimers, 0)
  })

  it('puts the delayed wake-up off when another lock is released meanwhile', async () => {
    const driver = new MvccDriver()
    await driver.mustLock('k', 5, 5)
    const waiters = [7, 8, 9].map((ts) => watch(driver.lock('k', ts, ts, waiting)))
    await driver.env.advance(1)
    await driver.pessimisticRollback('k', 5, 5)
    await driver.env.advance(10)
    await driver.mustLock('k', 20, 20)
    await driver.pessimisticRollback('k', 20, 20)
    await driver.env.advance(15)
    assert.deepEqual(
      waiters.map(({ outcome }) => outcome() !== undefined),
      [true, true, false],
    )
    await driver.env.advance(5)
    assert.notEqual(waiters[2]?.outcome(), undefined)
  })
})

describe('fair locking', () => {
  const resultOf = (response: PessimisticLockResponse | undefined) => response?.results[0]

  it('locks in spite of a newer version, and tells it with its value', async () => {
    const driver = new MvccDriver()
    await driver.put('k', 'new', 8, 9)
    const result = resultOf(await driver.mustLock('k', 5, 6, force))
    assert.equal(result?.type, LockResultLockedWithConflict)
    assert.equal(result.lockedWithConflictTs, 9n)
    assert.equal(fromUtf8(result.value), 'new')
    assert.equal(result.existence, true)
    assert.equal(driver.lockOn('k')?.forUpdateTs, 9n)
    // Repeated, it gives the same answer.
    assert.equal(resultOf(await driver.mustLock('k', 5, 6, force))?.lockedWithConflictTs, 9n)
  })

  it('answers an ordinary lock as a result', async () => {
    const driver = new MvccDriver()
    await driver.put('k', 'v', 1, 2)
    const result = resultOf(await driver.mustLock('k', 5, 6, { ...force, returnValues: true }))
    assert.equal(result?.type, LockResultNormal)
    assert.equal(fromUtf8(result.value), 'v')
  })

  it('fails with a result and an error when the key is locked', async () => {
    const driver = new MvccDriver()
    await driver.mustLock('k', 4, 4)
    const response = await driver.lock('k', 5, 6, force)
    assert.equal(resultOf(response)?.type, LockResultFailed)
    assert.equal(response.errors[0]?.locked?.lockVersion, 4n)
  })

  it('takes one key at a time', async () => {
    const driver = new MvccDriver()
    assert.match((await driver.failedLock(['a', 'b'], 5, 5, force)).abort, /multiple keys/)
  })

  it('gives the lock to the waiter when it is released, and lets the others wait on', async () => {
    const driver = new MvccDriver()
    await driver.mustPrewrite({ k: 'v' }, 5)
    const first = watch(driver.lock('k', 6, 6, { ...waiting, ...force }))
    const second = watch(driver.lock('k', 7, 7, { ...waiting, ...force }))
    await driver.env.advance(1)
    await driver.mustCommit('k', 5, 9)
    await driver.env.advance(0)
    assert.equal(resultOf(first.outcome())?.lockedWithConflictTs, 9n)
    assert.equal(driver.lockOn('k')?.startTs, 6n)
    await driver.env.advance(100)
    assert.equal(second.outcome(), undefined)
    await driver.pessimisticRollback('k', 6, 9)
    await driver.env.advance(0)
    assert.equal(driver.lockOn('k')?.startTs, 7n)
    assert.equal(resultOf(second.outcome())?.lockedWithConflictTs, 9n)
    assert.equal(driver.env.pendingTimers, 0)
  })

  it('tells a waiter that ran out of time how long ago the lock changed hands', async () => {
    const driver = new MvccDriver()
    await driver.mustLock('k', 5, 5)
    const first = watch(driver.lock('k', 6, 6, { ...waiting, ...force }))
    const second = watch(driver.lock('k', 7, 7, { waitTimeout: 500n, ...force }))
    await driver.env.advance(100)
    await driver.pessimisticRollback('k', 5, 5)
    await driver.env.advance(400)
    assert.notEqual(first.outcome(), undefined)
    const locked = second.outcome()?.errors[0]?.locked
    assert.equal(locked?.lockVersion, 6n)
    assert.equal(locked.durationToLastUpdateMs, 400n)
  })

  it('removes a lock that came too late, when its transaction has ended', async () => {
    const driver = new MvccDriver()
    await driver.mustLock('k', 5, 5)
    await driver.mustPrewrite({ k: 'v' }, 5, { forUpdateTs: 5n, action: DO_PESSIMISTIC_CHECK })
    await driver.mustCommit('k', 5, 6)
    await driver.put('k', 'w', 7, 8)
    // A late request of the committed transaction.
    await driver.mustLock('k', 5, 5, { ...force, primary: 'k' })
    const status = await driver.checkTxnStatus('k', 5, { currentTs: 9n })
    assert.equal(status.commitVersion, 6n)
    assert.equal(driver.lockOn('k'), undefined)
  })
})

describe('deadlocks', () => {
  it('refuses the request that closes a circle of two, with both waits', async () => {
    const driver = new MvccDriver()
    await driver.mustLock('a', 5, 5)
    await driver.mustLock('b', 6, 6)
    const first = watch(driver.lock('b', 5, 5, waiting))
    await driver.env.advance(1)
    const { deadlock } = await driver.failedLock('a', 6, 6, waiting)
    assert.equal(deadlock?.lockTs, 5n)
    assert.deepEqual(deadlock.lockKey, utf8('a'))
    assert.deepEqual(
      deadlock.waitChain.map(({ txn, waitForTxn, key }) => [txn, waitForTxn, fromUtf8(key)]),
      [
        [5n, 6n, 'b'],
        [6n, 5n, 'a'],
      ],
    )
    assert.equal(deadlock.deadlockKeyHash, deadlock.waitChain[0]?.keyHash)
    assert.equal(first.outcome(), undefined)
    await driver.pessimisticRollback('b', 6, 6)
    await driver.env.advance(0)
    assert.notEqual(first.outcome(), undefined)
  })

  it('finds a circle of three', async () => {
    const driver = new MvccDriver()
    for (const [key, ts] of [
      ['a', 5],
      ['b', 6],
      ['c', 7],
    ] as const)
      await driver.mustLock(key, ts, ts)
    const waiters = [watch(driver.lock('b', 5, 5, waiting)), watch(driver.lock('c', 6, 6, waiting))]
    await driver.env.advance(1)
    const { deadlock } = await driver.failedLock('a', 7, 7, waiting)
    assert.deepEqual(
      deadlock?.waitChain.map(({ txn }) => txn),
      [5n, 6n, 7n],
    )
    assert.deepEqual(
      waiters.map(({ outcome }) => outcome()),
      [undefined, undefined],
    )
    assert.equal(driver.store.lockWaits().length, 2)
  })

  it('forgets waits that have ended', async () => {
    const driver = new MvccDriver()
    await driver.mustLock('a', 5, 5)
    await driver.mustLock('b', 6, 6)
    watch(driver.lock('b', 5, 5, { waitTimeout: 10n }))
    await driver.env.advance(10)
    const later = watch(driver.lock('a', 6, 6, waiting))
    await driver.env.advance(1)
    assert.equal(later.outcome(), undefined)
  })

  it('does not look for one at the first lock of a transaction', async () => {
    const driver = new MvccDriver()
    await driver.mustLock('a', 5, 5)
    await driver.mustLock('b', 6, 6)
    watch(driver.lock('b', 5, 5, waiting))
    const first = watch(driver.lock('a', 6, 6, { ...waiting, isFirstLock: true }))
    await driver.env.advance(1)
    assert.equal(first.outcome(), undefined)
  })

  it('looks again when the lock changes hands', async () => {
    const driver = new MvccDriver()
    await driver.mustLock('a', 5, 5)
    await driver.mustLock('b', 7, 7)
    // 6 and 7 wait for a; 6 gets it, and waits for what 7 holds.
    const six = watch(driver.lock('a', 6, 6, { ...waiting, ...force, isFirstLock: true }))
    const seven = watch(driver.lock('a', 7, 7, { ...waiting, ...force }))
    await driver.env.advance(1)
    await driver.pessimisticRollback('a', 5, 5)
    await driver.env.advance(0)
    assert.notEqual(six.outcome(), undefined)
    assert.equal(seven.outcome(), undefined)
    const { deadlock } = await driver.failedLock('b', 6, 6, waiting)
    assert.deepEqual(
      deadlock?.waitChain.map(({ txn, waitForTxn }) => [txn, waitForTxn]),
      [
        [7n, 6n],
        [6n, 7n],
      ],
    )
  })
})
