import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { utf8 } from '@orbit-ts/base'
import { Assertion, AssertionLevel, Mutation, WriteConflict_Reason } from '../../gen/kvrpcpb.js'
import {
  CheckNotExists,
  Del,
  DO_CONSTRAINT_CHECK,
  DO_PESSIMISTIC_CHECK,
  Insert,
  Lock,
  MvccDriver,
  Put,
} from './mvcc-driver.test.fixture.js'

const { Optimistic, SelfRolledBack, LazyUniquenessCheck } = WriteConflict_Reason
const asyncCommit = { useAsyncCommit: true, minCommitTs: 0n, maxCommitTs: 1000n }

describe('prewrite, optimistic', () => {
  it('locks the keys with what the request says, and leaves older versions readable', async () => {
    const driver = new MvccDriver()
    await driver.put('k', 'old', 1, 2)
    await driver.mustPrewrite({ k: 'new', l: 'x' }, 5, { lockTtl: 77n, txnSize: 9n, minCommitTs: 6n })
    const [first, second] = driver.store.locks()
    assert.equal(first?.lockVersion, 5n)
    assert.equal(first.lockTtl, 77n)
    assert.equal(first.txnSize, 9n)
    assert.equal(first.minCommitTs, 6n)
    assert.deepEqual(second?.primaryLock, utf8('k'))
    assert.equal(driver.value('k', 4), 'old')
  })

  it('refuses a key that was committed after the start, and names the other transaction', async () => {
    const driver = new MvccDriver()
    await driver.put('k', 'v', 5, 10)
    const { conflict, retryable } = await driver.failedPrewrite({ k: 'w' }, 8)
    assert.equal(conflict?.startTs, 8n)
    assert.equal(conflict.conflictTs, 5n)
    assert.equal(conflict.conflictCommitTs, 10n)
    assert.equal(conflict.reason, Optimistic)
    assert.deepEqual(conflict.key, utf8('k'))
    assert.match(retryable, /WriteConflict/)
    assert.equal(driver.lockOn('k'), undefined)
    await driver.mustPrewrite({ k: 'w' }, 11)
  })

  it('takes a commit at its own start timestamp for older', async () => {
    const driver = new MvccDriver()
    await driver.put('k', 'v', 5, 10)
    await driver.mustPrewrite({ k: 'w' }, 10)
  })

  it('lists every lock of others, and writes nothing then', async () => {
    const driver = new MvccDriver()
    await driver.mustPrewrite({ a: '1' }, 5)
    await driver.mustPrewrite({ c: '1' }, 6)
    const { errors } = await driver.prewrite({ a: '2', b: '2', c: '2' }, 7)
    assert.deepEqual(
      errors.map((error) => error.locked?.lockVersion),
      [5n, 6n],
    )
    assert.equal(driver.lockOn('b'), undefined)
  })

  it('prefers a conflict to locks, and answers it alone', async () => {
    const driver = new MvccDriver()
    await driver.mustPrewrite({ a: '1' }, 5)
    await driver.put('b', '1', 6, 9)
    const error = await driver.failedPrewrite({ a: '2', b: '2' }, 7)
    assert.equal(error.conflict?.conflictCommitTs, 9n)
  })

  it('repeats without effect', async () => {
    const driver = new MvccDriver()
    await driver.mustPrewrite({ k: 'v' }, 5)
    await driver.mustPrewrite({ k: 'other' }, 5)
    await driver.mustCommit('k', 5, 6)
    assert.equal(driver.value('k', 6), 'v')
  })

  it('succeeds when repeated after the commit, without a new lock', async () => {
    const driver = new MvccDriver()
    await driver.mustPrewrite({ k: 'v' }, 5)
    await driver.mustCommit('k', 5, 6)
    await driver.mustPrewrite({ k: 'v' }, 5)
    assert.equal(driver.lockOn('k'), undefined)
    // Another transaction's lock makes no difference.
    await driver.mustPrewrite({ k: 'w' }, 8)
    await driver.mustPrewrite({ k: 'v' }, 5)
    assert.equal(driver.lockOn('k')?.startTs, 8n)
  })

  it('refuses a transaction that was rolled back', async () => {
    const driver = new MvccDriver()
    await driver.mustRollback('k', 5)
    const { conflict } = await driver.failedPrewrite({ k: 'v' }, 5)
    assert.equal(conflict?.reason, SelfRolledBack)
    assert.equal(conflict.conflictCommitTs, 5n)
  })

  it('refuses a transaction whose rollback lies on the record of another', async () => {
    const driver = new MvccDriver()
    await driver.put('k', 'v', 1, 5)
    await driver.cleanup('k', 5, 0)
    assert.deepEqual(driver.writesOf('k'), ['put@1-5+rollback'])
    const { conflict } = await driver.failedPrewrite({ k: 'w' }, 5)
    assert.equal(conflict?.reason, SelfRolledBack)
  })

  it('is kept off by a newer rollback of another transaction, as by any newer record', async () => {
    const driver = new MvccDriver()
    await driver.mustRollback('k', 9)
    const { conflict } = await driver.failedPrewrite({ k: 'v' }, 5)
    assert.equal(conflict?.conflictCommitTs, 9n)
  })

  it('keeps long values in a column of their own and short ones in the lock', async () => {
    const driver = new MvccDriver()
    const long = 'x'.repeat(256)
    await driver.put('long', long, 1, 2)
    await driver.put('short', 'x'.repeat(255), 1, 2)
    assert.equal(driver.store.mvccByKey(utf8('long')).values.length, 1)
    assert.equal(driver.store.mvccByKey(utf8('short')).values.length, 0)
    assert.equal(driver.value('long', 2), long)
    await driver.mustPrewrite({ long: long + 'y' }, 5)
    await driver.mustRollback('long', 5)
    assert.equal(driver.store.mvccByKey(utf8('long')).values.length, 1)
  })
})

describe('prewrite with constraints', () => {
  it('inserts where nothing is, and where it was deleted', async () => {
    const driver = new MvccDriver()
    await driver.mustPrewrite({ k: 'v' }, 1, { op: Insert })
    await driver.mustCommit('k', 1, 2)
    const { alreadyExist } = await driver.failedPrewrite({ k: 'w' }, 3, { op: Insert })
    assert.deepEqual(alreadyExist?.key, utf8('k'))
    await driver.delete('k', 3, 4)
    await driver.mustPrewrite({ k: 'w' }, 5, { op: Insert })
    await driver.mustCommit('k', 5, 6)
    assert.equal(driver.value('k', 6), 'w')
  })

  it('looks behind lock and rollback records for what exists', async () => {
    const driver = new MvccDriver()
    await driver.put('k', 'v', 1, 2)
    await driver.mustPrewrite({ k: '' }, 3, { op: Lock })
    await driver.mustCommit('k', 3, 4)
    await driver.mustRollback('k', 5)
    assert.deepEqual(
      (await driver.failedPrewrite({ k: 'w' }, 6, { op: Insert })).alreadyExist?.key,
      utf8('k'),
    )
    await driver.delete('k', 7, 8)
    await driver.mustPrewrite({ k: '' }, 9, { op: Lock })
    await driver.mustCommit('k', 9, 10)
    await driver.mustPrewrite({ k: 'w' }, 11, { op: Insert })
  })

  it('checks that a key does not exist without locking it', async () => {
    const driver = new MvccDriver()
    await driver.mustPrewrite({ k: '' }, 1, { op: CheckNotExists })
    assert.equal(driver.lockOn('k'), undefined)
    await driver.put('k', 'v', 2, 3)
    const error = await driver.failedPrewrite({ k: '' }, 4, { op: CheckNotExists })
    assert.deepEqual(error.alreadyExist?.key, utf8('k'))
    assert.match(
      (await driver.failedPrewrite({ k: '' }, 4, { op: CheckNotExists, forUpdateTs: 4n })).abort,
      /checkNotExists/,
    )
  })

  it('reads with a check, so that a later async commit ends above it', async () => {
    const driver = new MvccDriver()
    await driver.mustPrewrite({ k: '' }, 50, { op: CheckNotExists })
    const { minCommitTs } = await driver.mustPrewrite({ k: 'v' }, 10, asyncCommit)
    assert.equal(minCommitTs, 51n)
  })

  it('checks assertions at the strict level always, at the fast one where the key is read anyway', async () => {
    const driver = new MvccDriver()
    const exists = { assertion: Assertion.Exist }
    const missing = { assertion: Assertion.NotExist }
    const strict = { assertionLevel: AssertionLevel.Strict }
    const fast = { assertionLevel: AssertionLevel.Fast }
    const failed = await driver.failedPrewrite({ k: 'v' }, 1, { ...exists, ...fast })
    assert.equal(failed.assertionFailed?.existingCommitTs, 0n)
    await driver.mustPrewrite({ k: 'v' }, 1, { ...missing, ...fast })
    await driver.mustCommit('k', 1, 2)
    const existing = await driver.failedPrewrite({ k: 'w' }, 3, { ...missing, ...fast })
    assert.equal(existing.assertionFailed?.existingStartTs, 1n)
    assert.equal(existing.assertionFailed.existingCommitTs, 2n)
    // A locked key is not read, so the fast level passes it over.
    await driver.mustLock('k', 3, 3)
    const locked = { forUpdateTs: 3n, action: DO_PESSIMISTIC_CHECK, ...missing }
    await driver.failedPrewrite({ k: 'w' }, 3, { ...locked, ...strict })
    await driver.mustPrewrite({ k: 'w' }, 3, { ...locked, ...fast })
  })

  it('passes assertions over when they are off', async () => {
    const driver = new MvccDriver()
    await driver.mustPrewrite({ k: 'v' }, 1, { assertion: Assertion.Exist })
  })

  it('asserts against data, not against lock records', async () => {
    const driver = new MvccDriver()
    await driver.put('k', 'v', 1, 2)
    await driver.mustPrewrite({ k: '' }, 3, { op: Lock })
    await driver.mustCommit('k', 3, 4)
    await driver.mustPrewrite({ k: 'w' }, 5, {
      assertion: Assertion.Exist,
      assertionLevel: AssertionLevel.Strict,
    })
  })

  it('tells of another error before a failed assertion', async () => {
    const driver = new MvccDriver()
    await driver.put('b', 'v', 5, 9)
    const strict = { assertion: Assertion.Exist, assertionLevel: AssertionLevel.Strict }
    const error = await driver.failedPrewrite({ a: '1', b: '1' }, 7, strict)
    assert.equal(error.assertionFailed, undefined)
    assert.equal(error.conflict?.conflictCommitTs, 9n)
  })
})

describe('prewrite, pessimistic', () => {
  it('turns its pessimistic lock into a real one, keeping the larger ttl and timestamps', async () => {
    const driver = new MvccDriver()
    await driver.mustLock('k', 5, 7, { lockTtl: 9000n, minCommitTs: 20n })
    await driver.mustPrewrite({ k: 'v' }, 5, { forUpdateTs: 6n, action: DO_PESSIMISTIC_CHECK, lockTtl: 100n })
    const [lock] = driver.store.locks()
    assert.equal(lock?.lockTtl, 9000n)
    assert.equal(lock.lockForUpdateTs, 7n)
    assert.equal(lock.minCommitTs, 20n)
    assert.equal(lock.lockType, Put)
  })

  it('refuses when another transaction holds the lock that it should hold', async () => {
    const driver = new MvccDriver()
    await driver.mustLock('k', 6, 6)
    const options = { forUpdateTs: 7n, action: DO_PESSIMISTIC_CHECK }
    assert.match((await driver.failedPrewrite({ k: 'v' }, 5, options)).abort, /PessimisticLockNotFound/)
  })

  it('makes up for a lost lock when nothing was written since its start', async () => {
    const driver = new MvccDriver()
    await driver.put('k', 'old', 1, 2)
    const options = { forUpdateTs: 7n, action: DO_PESSIMISTIC_CHECK }
    await driver.mustPrewrite({ k: 'v' }, 5, options)
    await driver.mustCommit('k', 5, 8)
    const late = await driver.failedPrewrite({ k: 'v' }, 6, options)
    assert.match(late.abort, /LockMissingAmendFail/)
  })

  it('answers a late repetition after the commit with success', async () => {
    const driver = new MvccDriver()
    const options = { forUpdateTs: 7n, action: DO_PESSIMISTIC_CHECK }
    await driver.mustLock('k', 5, 7)
    await driver.mustPrewrite({ k: 'v' }, 5, options)
    await driver.mustCommit('k', 5, 8)
    await driver.mustPrewrite({ k: 'v' }, 5, options)
    assert.equal(driver.lockOn('k'), undefined)
  })

  it('does not read keys that need no lock, unless the request is repeated', async () => {
    const driver = new MvccDriver()
    await driver.put('k', 'v', 8, 9)
    await driver.mustPrewrite({ k: 'w' }, 5, { forUpdateTs: 6n })
    await driver.mustRollback('k', 5)
    const error = await driver.failedPrewrite({ k: 'w' }, 4, { forUpdateTs: 6n, isRetry: true })
    assert.match(error.abort, /PessimisticLockNotFound/)
  })

  it('takes a prewrite of a transaction that is known as committed for a repeated one', async () => {
    const driver = new MvccDriver()
    await driver.mustPrewrite({ k: 'v' }, 5, { forUpdateTs: 6n })
    await driver.mustCommit('k', 5, 8)
    await driver.mustPrewrite({ k: 'v' }, 5, { forUpdateTs: 6n })
    assert.equal(driver.lockOn('k'), undefined)
  })

  it('tells at once to resolve a lock that it meets on an unlocked key', async () => {
    const driver = new MvccDriver()
    await driver.mustPrewrite({ k: 'v' }, 3)
    const { locked } = await driver.failedPrewrite({ k: 'w' }, 5, { forUpdateTs: 6n })
    assert.equal(locked?.lockTtl, 0n)
  })

  it('checks uniqueness late when that was asked for', async () => {
    const driver = new MvccDriver()
    const options = { forUpdateTs: 20n, action: DO_CONSTRAINT_CHECK, op: Insert }
    await driver.put('k', 'v', 8, 9)
    const { conflict } = await driver.failedPrewrite({ k: 'w' }, 5, options)
    assert.equal(conflict?.reason, LazyUniquenessCheck)
    const { alreadyExist } = await driver.failedPrewrite({ k: 'w' }, 10, options)
    assert.deepEqual(alreadyExist?.key, utf8('k'))
  })

  it('refuses an optimistic prewrite over its pessimistic lock', async () => {
    const driver = new MvccDriver()
    await driver.mustLock('k', 5, 5)
    assert.match((await driver.failedPrewrite({ k: 'v' }, 5)).abort, /LockTypeNotMatch/)
  })

  it('insists on the for-update timestamp that fair locking has told', async () => {
    const driver = new MvccDriver()
    await driver.mustLock('k', 5, 7)
    const options = (expected: bigint) => ({
      forUpdateTs: 9n,
      action: DO_PESSIMISTIC_CHECK,
      forUpdateTsConstraints: [{ index: 0, expectedForUpdateTs: expected }],
    })
    assert.match((await driver.failedPrewrite({ k: 'v' }, 5, options(6n))).abort, /LockForUpdateTsMismatch/)
    await driver.mustPrewrite({ k: 'v' }, 5, options(7n))
    const wrong = { ...options(7n), forUpdateTsConstraints: [{ index: 3, expectedForUpdateTs: 7n }] }
    assert.match((await driver.failedPrewrite({ k: 'v' }, 5, wrong)).abort, /for_update_ts constraint/)
  })
})

describe('async commit', () => {
  it('puts the commit above every read, every start and every for-update timestamp', async () => {
    const driver = new MvccDriver()
    assert.equal((await driver.mustPrewrite({ a: '1' }, 10, asyncCommit)).minCommitTs, 11n)
    driver.get('z', 30)
    assert.equal((await driver.mustPrewrite({ b: '1' }, 12, asyncCommit)).minCommitTs, 31n)
    assert.equal(
      (await driver.mustPrewrite({ c: '1' }, 13, { ...asyncCommit, minCommitTs: 90n })).minCommitTs,
      90n,
    )
    await driver.mustLock('d', 14, 95)
    const pessimistic = { ...asyncCommit, forUpdateTs: 95n, action: DO_PESSIMISTIC_CHECK }
    assert.equal((await driver.mustPrewrite({ d: '1' }, 14, pessimistic)).minCommitTs, 96n)
  })

  it('lists the other keys in the lock of the primary alone', async () => {
    const driver = new MvccDriver()
    await driver.mustPrewrite({ a: '1', b: '1' }, 10, { ...asyncCommit, secondaries: [utf8('b')] })
    const [primary, secondary] = driver.store.locks()
    assert.deepEqual(primary?.secondaries, [utf8('b')])
    assert.deepEqual(secondary?.secondaries, [])
    assert.equal(secondary?.useAsyncCommit, true)
  })

  it('does not note reads of the latest version', async () => {
    const driver = new MvccDriver()
    driver.get('k', 0xffff_ffff_ffff_ffffn)
    assert.equal((await driver.mustPrewrite({ k: '1' }, 10, asyncCommit)).minCommitTs, 11n)
  })

  it('falls back to two phases when the commit would be too late, with ordinary locks from there on', async () => {
    const driver = new MvccDriver()
    driver.get('z', 50)
    const response = await driver.mustPrewrite({ a: '1', b: '1' }, 10, { ...asyncCommit, maxCommitTs: 40n })
    assert.equal(response.minCommitTs, 0n)
    assert.deepEqual(
      driver.store.locks().map((lock) => lock.useAsyncCommit),
      [false, false],
    )
    await driver.mustCommit(['a', 'b'], 10, 60)
  })

  it('stays fallen back when it is repeated', async () => {
    const driver = new MvccDriver()
    driver.get('z', 50)
    await driver.mustPrewrite({ a: '1' }, 10, { ...asyncCommit, maxCommitTs: 40n })
    assert.equal(
      (await driver.mustPrewrite({ a: '1' }, 10, { ...asyncCommit, isRetry: true })).minCommitTs,
      0n,
    )
  })

  it('repeats with the same commit timestamp, whatever was read since', async () => {
    const driver = new MvccDriver()
    await driver.mustPrewrite({ a: '1' }, 10, asyncCommit)
    driver.get('z', 500)
    assert.equal(
      (await driver.mustPrewrite({ a: '1' }, 10, { ...asyncCommit, isRetry: true })).minCommitTs,
      11n,
    )
  })

  it('answers a repetition after the commit with the commit timestamp', async () => {
    const driver = new MvccDriver()
    await driver.mustPrewrite({ a: '1' }, 10, asyncCommit)
    await driver.mustCommit('a', 10, 11)
    const repeated = await driver.mustPrewrite({ a: '1' }, 10, { ...asyncCommit, isRetry: true })
    assert.equal(repeated.minCommitTs, 11n)
    assert.equal(driver.lockOn('a'), undefined)
  })

  it('blocks readers above its commit while the locks are on their way', async () => {
    const driver = new MvccDriver()
    const pending = driver.mustPrewrite({ a: '1' }, 10, { ...asyncCommit, call: { applyDelayMs: 5 } })
    await driver.env.advance(1)
    assert.equal(driver.lockOn('a'), undefined)
    assert.equal(driver.value('a', 10), undefined)
    const blocked = driver.get('a', 20).error?.locked
    assert.equal(blocked?.lockVersion, 10n)
    assert.equal(blocked.minCommitTs, 11n)
    assert.equal(driver.scan('', 'b', 20).error?.locked?.lockVersion, 10n)
    await driver.env.advance(5)
    assert.equal((await pending).minCommitTs, 11n)
    assert.equal(driver.lockOn('a')?.startTs, 10n)
    assert.equal(driver.store.state.concurrency.memoryLock(utf8('a')), undefined)
  })

  it('keeps a second writer of the key waiting until the first is applied', async () => {
    const driver = new MvccDriver()
    const first = driver.mustPrewrite({ a: '1' }, 10, { call: { applyDelayMs: 5 } })
    const second = driver.failedPrewrite({ a: '2' }, 12)
    await driver.env.advance(5)
    await first
    assert.equal((await second).locked?.lockVersion, 10n)
  })

  it('leaves nothing in memory when it is refused', async () => {
    const driver = new MvccDriver()
    await driver.put('b', '1', 20, 21)
    await driver.failedPrewrite({ a: '1', b: '1' }, 10, asyncCommit)
    assert.equal(driver.store.state.concurrency.memoryLock(utf8('a')), undefined)
    assert.equal(driver.value('a', 99), undefined)
  })
})

describe('one-phase commit', () => {
  const onePc = { tryOnePc: true, maxCommitTs: 1000n }

  it('commits at once, above every read', async () => {
    const driver = new MvccDriver()
    driver.get('z', 30)
    const response = await driver.mustPrewrite({ a: '1', b: '2' }, 10, onePc)
    assert.equal(response.onePcCommitTs, 31n)
    assert.equal(response.minCommitTs, 0n)
    assert.deepEqual(driver.store.locks(), [])
    assert.equal(driver.value('b', 31), '2')
    assert.equal(driver.value('b', 30), undefined)
  })

  it('is also async commit when the request says so', async () => {
    const driver = new MvccDriver()
    const both = { ...onePc, useAsyncCommit: true }
    const response = await driver.mustPrewrite({ a: '1' }, 10, both)
    assert.equal(response.onePcCommitTs, 11n)
    assert.deepEqual(driver.store.locks(), [])
  })

  it('releases the pessimistic locks that it replaces', async () => {
    const driver = new MvccDriver()
    await driver.mustLock('a', 10, 12)
    const options = { ...onePc, forUpdateTs: 12n, action: DO_PESSIMISTIC_CHECK }
    assert.equal((await driver.mustPrewrite({ a: '1' }, 10, options)).onePcCommitTs, 13n)
    assert.equal(driver.lockOn('a'), undefined)
  })

  it('falls back to locks for every key when one would be too late', async () => {
    const driver = new MvccDriver()
    driver.get('z', 50)
    const response = await driver.mustPrewrite({ a: '1', b: '1' }, 10, { ...onePc, maxCommitTs: 40n })
    assert.equal(response.onePcCommitTs, 0n)
    assert.equal(driver.store.locks().length, 2)
    await driver.mustCommit(['a', 'b'], 10, 60)
  })

  it('answers a repetition with its commit timestamp', async () => {
    const driver = new MvccDriver()
    await driver.mustPrewrite({ a: '1' }, 10, onePc)
    const repeated = await driver.mustPrewrite({ a: '1' }, 10, { ...onePc, isRetry: true })
    assert.equal(repeated.onePcCommitTs, 11n)
    assert.deepEqual(driver.writesOf('a'), ['put@10-11'])
  })

  it('writes no version for a check', async () => {
    const driver = new MvccDriver()
    const check = Mutation.create({ op: CheckNotExists, key: utf8('c') })
    const put = Mutation.create({ op: Put, key: utf8('a'), value: utf8('1') })
    const response = await driver.mustPrewrite([put, check], 10, onePc)
    assert.equal(response.onePcCommitTs, 11n)
    assert.deepEqual(driver.writesOf('c'), [])
  })

  it('deletes', async () => {
    const driver = new MvccDriver()
    await driver.put('a', '1', 1, 2)
    await driver.mustPrewrite({ a: '' }, 10, { ...onePc, op: Del })
    assert.equal(driver.value('a', 11), undefined)
    assert.equal(driver.value('a', 10), '1')
  })
})
