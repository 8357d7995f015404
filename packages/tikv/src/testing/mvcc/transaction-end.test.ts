import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { utf8 } from '@orbit-ts/base'
import { ResolveLockRequest, type ResolveLockResponse } from '../../gen/kvrpcpb.js'
import {
  at,
  bytes,
  Del,
  DO_PESSIMISTIC_CHECK,
  everything,
  Lock,
  MvccDriver,
} from './mvcc-driver.test.fixture.js'

function resolve(
  driver: MvccDriver,
  request: Parameters<typeof ResolveLockRequest.create>[0],
  bounds = everything,
): Promise<ResolveLockResponse> {
  return driver.store.resolveLock(ResolveLockRequest.create(request), bounds)
}

describe('commit', () => {
  it('makes the version visible from the commit timestamp on', async () => {
    const driver = new MvccDriver()
    await driver.put('k', 'v', 5, 10)
    assert.equal(driver.value('k', 9), undefined)
    assert.equal(driver.value('k', 10), 'v')
    assert.deepEqual(driver.writesOf('k'), ['put@5-10'])
  })

  it('repeats without effect', async () => {
    const driver = new MvccDriver()
    await driver.put('k', 'v', 5, 10)
    await driver.mustCommit('k', 5, 10)
    assert.deepEqual(driver.writesOf('k'), ['put@5-10'])
  })

  it('refuses keys that were never prewritten, or rolled back', async () => {
    const driver = new MvccDriver()
    const missing = (await driver.commit('k', 5, 10)).error
    assert.deepEqual(missing?.txnLockNotFound?.key, utf8('k'))
    assert.match(missing.retryable, /TxnLockNotFound/)
    await driver.mustPrewrite({ k: 'v' }, 5)
    await driver.mustRollback('k', 5)
    assert.deepEqual((await driver.commit('k', 5, 10)).error?.txnLockNotFound?.key, utf8('k'))
  })

  it('refuses over the lock of another transaction', async () => {
    const driver = new MvccDriver()
    await driver.mustPrewrite({ k: 'v' }, 6)
    assert.deepEqual((await driver.commit('k', 5, 10)).error?.txnLockNotFound?.key, utf8('k'))
  })

  it('commits all keys or none', async () => {
    const driver = new MvccDriver()
    await driver.mustPrewrite({ a: '1' }, 5)
    assert.notEqual((await driver.commit(['a', 'b'], 5, 10)).error, undefined)
    assert.equal(driver.lockOn('a')?.startTs, 5n)
    assert.deepEqual(driver.writesOf('a'), [])
  })

  it('refuses below the min commit timestamp, and tells it', async () => {
    const driver = new MvccDriver()
    await driver.mustPrewrite({ k: 'v' }, 5, { minCommitTs: 20n })
    const expired = (await driver.commit('k', 5, 19)).error?.commitTsExpired
    assert.equal(expired?.startTs, 5n)
    assert.equal(expired.attemptedCommitTs, 19n)
    assert.equal(expired.minCommitTs, 20n)
    await driver.mustCommit('k', 5, 20)
  })

  it('refuses a commit timestamp that is not above the start', async () => {
    const driver = new MvccDriver()
    await driver.mustPrewrite({ k: 'v' }, 5)
    assert.match((await driver.commit('k', 5, 5)).error?.abort ?? '', /InvalidTxnTso/)
  })

  it('removes a pessimistic lock that was not prewritten', async () => {
    const driver = new MvccDriver()
    await driver.mustLock('k', 5, 5)
    await driver.mustCommit('k', 5, 10)
    assert.equal(driver.lockOn('k'), undefined)
    assert.deepEqual(driver.writesOf('k'), [])
  })

  it('writes a record without a version for a lock', async () => {
    const driver = new MvccDriver()
    await driver.put('k', 'v', 1, 2)
    await driver.mustPrewrite({ k: '' }, 5, { op: Lock })
    await driver.mustCommit('k', 5, 10)
    assert.deepEqual(driver.writesOf('k'), ['lock@5-10', 'put@1-2'])
    assert.equal(driver.value('k', 10), 'v')
  })
})

describe('rollback', () => {
  it('removes the lock and leaves a record, protected on the primary', async () => {
    const driver = new MvccDriver()
    await driver.mustPrewrite({ a: '1', b: '1' }, 5)
    await driver.mustRollback(['a', 'b'], 5)
    assert.deepEqual(driver.writesOf('a'), ['rollback@5-5!'])
    assert.deepEqual(driver.writesOf('b'), ['rollback@5-5'])
    await driver.mustRollback(['a', 'b'], 5)
  })

  it('refuses a committed transaction', async () => {
    const driver = new MvccDriver()
    await driver.put('k', 'v', 5, 10)
    assert.match((await driver.rollback('k', 5))?.abort ?? '', /Committed/)
  })

  it('keeps off a late prewrite of a key that was not locked', async () => {
    const driver = new MvccDriver()
    await driver.mustRollback('k', 5)
    await driver.failedPrewrite({ k: 'v' }, 5)
  })

  it('collapses the previous rollback unless it is protected', async () => {
    const driver = new MvccDriver()
    await driver.mustRollback('k', 5)
    await driver.mustRollback('k', 7)
    assert.deepEqual(driver.writesOf('k'), ['rollback@7-7'])
    await driver.cleanup('k', 9, 0)
    assert.deepEqual(driver.writesOf('k'), ['rollback@9-9!', 'rollback@7-7'])
    await driver.mustRollback('k', 11)
    assert.deepEqual(driver.writesOf('k'), ['rollback@11-11', 'rollback@9-9!', 'rollback@7-7'])
  })

  it('leaves the record of another transaction at its timestamp alone, unless it is protected', async () => {
    const driver = new MvccDriver()
    await driver.put('k', 'v', 1, 5)
    await driver.mustRollback('k', 5)
    assert.deepEqual(driver.writesOf('k'), ['put@1-5'])
    await driver.cleanup('k', 5, 0)
    assert.deepEqual(driver.writesOf('k'), ['put@1-5+rollback'])
    assert.equal(driver.value('k', 5), 'v')
  })

  it('fences a rewritten record off when a newer version is there', async () => {
    const driver = new MvccDriver()
    await driver.put('k', 'v', 1, 5)
    await driver.delete('k', 8, 10)
    await driver.cleanup('k', 5, 0)
    const [newest, rewritten] = driver.store.mvccByKey(utf8('k')).writes
    assert.equal(newest?.hasGcFence, false)
    assert.equal(rewritten?.gcFence, 10n)
    assert.equal(driver.value('k', 9), 'v')
    // Where the newer record is collected first, the old one must not come back.
    driver.store.state.data.apply([{ kind: 'delete-write', key: utf8('k'), commitTs: 10n }])
    assert.equal(driver.value('k', 20), undefined)
  })

  it('remembers in an async commit lock that another transaction was rolled back under it', async () => {
    const driver = new MvccDriver()
    await driver.mustPrewrite({ k: 'v' }, 5, { useAsyncCommit: true, minCommitTs: 6n })
    await driver.cleanup('k', 8, 0)
    await driver.mustCommit('k', 5, 8)
    assert.deepEqual(driver.writesOf('k'), ['put@5-8+rollback'])
    await driver.failedPrewrite({ k: 'w' }, 8)
  })
})

describe('cleanup', () => {
  it('waits for the lock to expire', async () => {
    const driver = new MvccDriver()
    await driver.mustPrewrite({ k: 'v' }, at(10), { lockTtl: 100n })
    assert.equal((await driver.cleanup('k', at(10), at(110))).error?.locked?.lockTtl, 100n)
    assert.equal((await driver.cleanup('k', at(10), at(111))).error, undefined)
    assert.equal(driver.lockOn('k'), undefined)
  })

  it('tells the commit timestamp of a committed transaction', async () => {
    const driver = new MvccDriver()
    await driver.put('k', 'v', 5, 10)
    assert.equal((await driver.cleanup('k', 5, 0)).commitVersion, 10n)
  })
})

describe('resolving locks', () => {
  it('commits or rolls back given keys', async () => {
    const driver = new MvccDriver()
    await driver.mustPrewrite({ a: '1', b: '1' }, 5)
    assert.equal(
      (await resolve(driver, { keys: bytes('b'), startVersion: 5n, commitVersion: 9n })).error,
      undefined,
    )
    assert.equal(driver.value('b', 9), '1')
    assert.equal(driver.lockOn('a')?.startTs, 5n)
    await resolve(driver, { keys: bytes('a'), startVersion: 5n })
    assert.deepEqual(driver.writesOf('a'), ['rollback@5-5!'])
  })

  it('resolves every lock of a transaction within the bounds', async () => {
    const driver = new MvccDriver()
    const pairs = Object.fromEntries(
      Array.from({ length: 600 }, (_, i) => [`k${String(i).padStart(3, '0')}`, 'v']),
    )
    await driver.mustPrewrite(pairs, 5)
    await driver.mustPrewrite({ other: 'v' }, 6)
    const bounds = { start: utf8('k'), end: utf8('k590') }
    assert.equal((await resolve(driver, { startVersion: 5n, commitVersion: 9n }, bounds)).error, undefined)
    assert.equal(driver.store.locks().length, 11)
    assert.equal(driver.value('k589', 9), 'v')
  })

  it('resolves the locks of many transactions', async () => {
    const driver = new MvccDriver()
    await driver.mustPrewrite({ a: '1' }, 5)
    await driver.mustPrewrite({ b: '1' }, 6)
    await driver.mustPrewrite({ c: '1' }, 7)
    await resolve(driver, {
      txnInfos: [
        { txn: 5n, status: 9n },
        { txn: 6n, status: 0n },
      ],
    })
    assert.equal(driver.value('a', 9), '1')
    assert.deepEqual(driver.writesOf('b'), ['rollback@6-6!'])
    assert.equal(driver.lockOn('c')?.startTs, 7n)
  })

  it('drops the pessimistic locks of a committed transaction', async () => {
    const driver = new MvccDriver()
    await driver.mustLock('a', 5, 5)
    assert.equal((await resolve(driver, { startVersion: 5n, commitVersion: 9n })).error, undefined)
    assert.equal(driver.lockOn('a'), undefined)
    assert.deepEqual(driver.writesOf('a'), [])
  })

  it('refuses to commit a key that is not locked', async () => {
    const driver = new MvccDriver()
    const { error } = await resolve(driver, { keys: bytes('a'), startVersion: 5n, commitVersion: 9n })
    assert.notEqual(error?.txnLockNotFound, undefined)
  })

  it('refuses a commit timestamp below that of the lock', async () => {
    const driver = new MvccDriver()
    await driver.mustPrewrite({ a: '1' }, 5)
    assert.match(
      (await resolve(driver, { startVersion: 5n, commitVersion: 4n })).error?.abort ?? '',
      /InvalidTxnTso/,
    )
  })
})

describe('garbage collection', () => {
  it('keeps what a reader at the safe point sees, and everything newer', async () => {
    const driver = new MvccDriver()
    await driver.put('k', 'a', 1, 2)
    await driver.put('k', 'b', 3, 4)
    await driver.mustPrewrite({ k: '' }, 5, { op: Lock })
    await driver.mustCommit('k', 5, 6)
    await driver.mustRollback('k', 7)
    await driver.put('k', 'c', 9, 10)
    driver.store.collectGarbage(8n)
    assert.deepEqual(driver.writesOf('k'), ['put@9-10', 'put@3-4'])
    assert.equal(driver.value('k', 8), 'b')
  })

  it('removes a deleted key altogether, with its values', async () => {
    const driver = new MvccDriver()
    await driver.put('k', 'x'.repeat(300), 1, 2)
    await driver.delete('k', 3, 4)
    driver.store.collectGarbage(4n)
    assert.deepEqual(driver.store.mvccByKey(utf8('k')).values, [])
    assert.deepEqual(driver.writesOf('k'), [])
  })

  it('keeps a deletion above the safe point', async () => {
    const driver = new MvccDriver()
    await driver.put('k', 'v', 1, 2)
    await driver.delete('k', 3, 6)
    driver.store.collectGarbage(5n)
    assert.deepEqual(driver.writesOf('k'), ['delete@3-6', 'put@1-2'])
  })
})

describe('deleting ranges', () => {
  it('removes every record, locks included', async () => {
    const driver = new MvccDriver()
    for (const key of ['a', 'b', 'c']) await driver.put(key, 'v', 1, 2)
    await driver.mustPrewrite({ b: 'w' }, 5, { op: Del })
    driver.store.deleteRange(utf8('b'), utf8('c'))
    assert.deepEqual(driver.rows('', '', 9), ['a=v', 'c=v'])
    assert.deepEqual(driver.store.locks(), [])
  })
})

describe('pessimistic transactions', () => {
  it('commit what they have locked and prewritten', async () => {
    const driver = new MvccDriver()
    await driver.mustLock(['a', 'b'], 5, 6)
    await driver.mustPrewrite({ a: '1', b: '2' }, 5, { forUpdateTs: 6n, action: DO_PESSIMISTIC_CHECK })
    await driver.mustCommit(['a', 'b'], 5, 9)
    assert.deepEqual(driver.rows('', '', 9), ['a=1', 'b=2'])
  })
})
