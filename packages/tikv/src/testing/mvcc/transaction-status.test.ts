import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { utf8 } from '@orbit-ts/base'
import {
  Action,
  CheckSecondaryLocksRequest,
  TxnHeartBeatRequest,
  type CheckSecondaryLocksResponse,
} from '../../gen/kvrpcpb.js'
import { MAX_TIMESTAMP } from '../../timestamp.js'
import { at, bytes, MvccDriver } from './mvcc-driver.test.fixture.js'

function secondaries(
  driver: MvccDriver,
  keys: string | string[],
  startTs: number | bigint,
): Promise<CheckSecondaryLocksResponse> {
  const request = CheckSecondaryLocksRequest.create({ keys: bytes(keys), startVersion: BigInt(startTs) })
  return driver.store.checkSecondaryLocks(request)
}

describe('check of a transaction by its primary', () => {
  it('finds nothing: refuses, or rolls back for good when asked to', async () => {
    const driver = new MvccDriver()
    const { error } = await driver.checkTxnStatus('k', 5)
    assert.equal(error?.txnNotFound?.startTs, 5n)
    assert.deepEqual(error.txnNotFound.primaryKey, utf8('k'))
    const status = await driver.checkTxnStatus('k', 5, { rollbackIfNotExist: true })
    assert.equal(status.action, Action.LockNotExistRollback)
    assert.deepEqual(driver.writesOf('k'), ['rollback@5-5!'])
    await driver.failedPrewrite({ k: 'v' }, 5)
  })

  it('finds nothing for a pessimistic lock: leaves no rollback', async () => {
    const driver = new MvccDriver()
    const status = await driver.checkTxnStatus('k', 5, {
      rollbackIfNotExist: true,
      resolvingPessimisticLock: true,
    })
    assert.equal(status.action, Action.LockNotExistDoNothing)
    assert.deepEqual(driver.writesOf('k'), [])
  })

  it('tells committed and rolled back transactions', async () => {
    const driver = new MvccDriver()
    await driver.put('a', 'v', 5, 9)
    assert.equal((await driver.checkTxnStatus('a', 5)).commitVersion, 9n)
    await driver.mustRollback('b', 5)
    const rolledBack = await driver.checkTxnStatus('b', 5)
    assert.equal(rolledBack.action, Action.NoAction)
    assert.equal(rolledBack.commitVersion, 0n)
    assert.equal(rolledBack.lockTtl, 0n)
  })

  it('tells a living transaction with its lock', async () => {
    const driver = new MvccDriver()
    await driver.mustPrewrite({ k: 'v' }, at(10), { lockTtl: 100n })
    const status = await driver.checkTxnStatus('k', at(10), { currentTs: at(110) })
    assert.equal(status.lockTtl, 100n)
    assert.equal(status.action, Action.NoAction)
    assert.equal(status.lockInfo?.lockVersion, at(10))
  })

  it('rolls an expired one back', async () => {
    const driver = new MvccDriver()
    await driver.mustPrewrite({ k: 'v' }, at(10), { lockTtl: 100n })
    const status = await driver.checkTxnStatus('k', at(10), { currentTs: at(111) })
    assert.equal(status.action, Action.TTLExpireRollback)
    assert.equal(status.lockTtl, 0n)
    assert.equal(driver.lockOn('k'), undefined)
    assert.deepEqual(driver.writesOf('k'), [`rollback@${at(10)}-${at(10)}!`])
  })

  it('pushes the commit above the caller, and not below the present', async () => {
    const driver = new MvccDriver()
    await driver.mustPrewrite({ k: 'v' }, at(10), { lockTtl: 100n, minCommitTs: at(10, 1) })
    const first = await driver.checkTxnStatus('k', at(10), { callerStartTs: at(20), currentTs: at(30) })
    assert.equal(first.action, Action.MinCommitTSPushed)
    assert.equal(first.lockInfo?.minCommitTs, at(30))
    const second = await driver.checkTxnStatus('k', at(10), { callerStartTs: at(25), currentTs: at(40) })
    assert.equal(second.action, Action.MinCommitTSPushed)
    assert.equal(second.lockInfo?.minCommitTs, at(30))
    assert.notEqual((await driver.commit('k', at(10), at(29))).error?.commitTsExpired, undefined)
  })

  it('does not push a transaction that has no min commit timestamp', async () => {
    const driver = new MvccDriver()
    await driver.mustPrewrite({ k: 'v' }, at(10), { lockTtl: 100n })
    const status = await driver.checkTxnStatus('k', at(10), { callerStartTs: at(20), currentTs: at(30) })
    assert.equal(status.action, Action.NoAction)
    assert.equal(status.lockInfo?.minCommitTs, 0n)
  })

  it('lets a reader of the latest version pass without pushing', async () => {
    const driver = new MvccDriver()
    await driver.mustPrewrite({ k: 'v' }, at(10), { lockTtl: 100n, minCommitTs: at(10, 1) })
    const status = await driver.checkTxnStatus('k', at(10), {
      callerStartTs: MAX_TIMESTAMP,
      currentTs: at(30),
    })
    assert.equal(status.action, Action.MinCommitTSPushed)
    assert.equal(status.lockInfo?.minCommitTs, at(10, 1))
  })

  it('leaves async commits alone, expired or not, unless told that they fell back', async () => {
    const driver = new MvccDriver()
    await driver.mustPrewrite({ k: 'v' }, at(10), { lockTtl: 100n, useAsyncCommit: true })
    const expired = { currentTs: at(500), callerStartTs: at(400) }
    const status = await driver.checkTxnStatus('k', at(10), expired)
    assert.equal(status.action, Action.NoAction)
    assert.equal(status.lockTtl, 100n)
    assert.equal(status.lockInfo?.useAsyncCommit, true)
    const forced = await driver.checkTxnStatus('k', at(10), { ...expired, forceSyncCommit: true })
    assert.equal(forced.action, Action.TTLExpireRollback)
  })

  it('rolls an expired pessimistic lock back, without a record for a pessimistic asker', async () => {
    const driver = new MvccDriver()
    await driver.mustLock('k', at(10), at(10), { lockTtl: 100n })
    const status = await driver.checkTxnStatus('k', at(10), {
      currentTs: at(111),
      resolvingPessimisticLock: true,
    })
    assert.equal(status.action, Action.TTLExpirePessimisticRollback)
    assert.deepEqual(driver.writesOf('k'), [])
    await driver.mustLock('k', at(10), at(10), { lockTtl: 100n })
    const other = await driver.checkTxnStatus('k', at(10), { currentTs: at(111) })
    assert.equal(other.action, Action.TTLExpireRollback)
    assert.equal(driver.writesOf('k').length, 1)
  })

  it('refuses a key that is not the primary', async () => {
    const driver = new MvccDriver()
    await driver.mustPrewrite({ a: '1', b: '1' }, 5)
    const { error } = await driver.checkTxnStatus('b', 5)
    assert.deepEqual(error?.primaryMismatch?.lockInfo?.primaryLock, utf8('a'))
    assert.equal((await driver.checkTxnStatus('b', 5, { verifyIsPrimary: false })).error, undefined)
  })

  it('removes a pessimistic lock with another primary that a prewritten lock disproves', async () => {
    const driver = new MvccDriver()
    await driver.mustLock('b', 5, 5, { primary: 'a' })
    const pessimistic = await driver.checkTxnStatus('b', 5, { resolvingPessimisticLock: true })
    assert.notEqual(pessimistic.error?.primaryMismatch, undefined)
    const status = await driver.checkTxnStatus('b', 5, { rollbackIfNotExist: true })
    assert.equal(status.action, Action.LockNotExistRollback)
    assert.equal(driver.lockOn('b'), undefined)
  })

  it('counts as a read at its timestamps', async () => {
    const driver = new MvccDriver()
    await driver.checkTxnStatus('k', 5, { callerStartTs: 70n, currentTs: 60n, rollbackIfNotExist: true })
    assert.equal((await driver.mustPrewrite({ z: '1' }, 10, { useAsyncCommit: true })).minCommitTs, 71n)
  })
})

describe('heartbeat', () => {
  const beat = (driver: MvccDriver, startTs: number, ttl: number, minCommitTs = 0n) =>
    driver.store.txnHeartBeat(
      TxnHeartBeatRequest.create({
        primaryLock: utf8('k'),
        startVersion: BigInt(startTs),
        adviseLockTtl: BigInt(ttl),
        minCommitTs,
      }),
    )

  it('makes the ttl longer, never shorter', async () => {
    const driver = new MvccDriver()
    await driver.mustPrewrite({ k: 'v' }, 5, { lockTtl: 100n })
    assert.equal((await beat(driver, 5, 90)).lockTtl, 100n)
    assert.equal((await beat(driver, 5, 110)).lockTtl, 110n)
    assert.equal(driver.lockOn('k')?.ttl, 110n)
  })

  it('refuses for a lock that is not there', async () => {
    const driver = new MvccDriver()
    await driver.mustPrewrite({ k: 'v' }, 5)
    assert.equal((await beat(driver, 6, 110)).error?.txnNotFound?.startTs, 6n)
    await driver.mustCommit('k', 5, 6)
    assert.equal((await beat(driver, 5, 110)).error?.txnNotFound?.startTs, 5n)
  })

  it('pushes the commit of a pipelined transaction only', async () => {
    const driver = new MvccDriver()
    await driver.mustPrewrite({ k: 'v' }, 5, { minCommitTs: 6n })
    await beat(driver, 5, 110, 50n)
    assert.equal(driver.store.locks()[0]?.minCommitTs, 6n)
  })
})

describe('check of the secondaries of an async commit', () => {
  const prewritten = async (): Promise<MvccDriver> => {
    const driver = new MvccDriver()
    const options = { useAsyncCommit: true, secondaries: bytes(['b', 'c']) }
    await driver.mustPrewrite({ a: '1', b: '1', c: '1' }, 5, options)
    return driver
  }

  it('tells all locks', async () => {
    const driver = await prewritten()
    const { locks, commitTs } = await secondaries(driver, ['b', 'c'], 5)
    assert.deepEqual(
      locks.map(({ minCommitTs }) => minCommitTs),
      [6n, 6n],
    )
    assert.equal(commitTs, 0n)
  })

  it('tells the commit when one is committed', async () => {
    const driver = await prewritten()
    await driver.mustCommit('c', 5, 9)
    const { locks, commitTs } = await secondaries(driver, ['b', 'c'], 5)
    assert.deepEqual(locks, [])
    assert.equal(commitTs, 9n)
  })

  it('makes sure that a missing one stays missing', async () => {
    const driver = await prewritten()
    const { locks, commitTs } = await secondaries(driver, ['b', 'd'], 5)
    assert.deepEqual(locks, [])
    assert.equal(commitTs, 0n)
    assert.deepEqual(driver.writesOf('d'), ['rollback@5-5!'])
    await driver.failedPrewrite({ d: '1' }, 5, { useAsyncCommit: true })
  })

  it('removes a pessimistic lock, and the transaction cannot go on', async () => {
    const driver = new MvccDriver()
    await driver.mustLock('b', 5, 5, { primary: 'a' })
    assert.deepEqual((await secondaries(driver, 'b', 5)).locks, [])
    assert.equal(driver.lockOn('b'), undefined)
    assert.deepEqual(driver.writesOf('b'), ['rollback@5-5!'])
    assert.match((await driver.failedLock('b', 5, 5)).abort, /PessimisticLockRolledBack/)
  })

  it('notes the rollback in the async commit lock of another', async () => {
    const driver = new MvccDriver()
    await driver.mustPrewrite({ b: '1' }, 3, { useAsyncCommit: true })
    await secondaries(driver, 'b', 5)
    assert.deepEqual(driver.lockOn('b')?.rollbackTs, [5n])
    await driver.mustCommit('b', 3, 5)
    assert.deepEqual(driver.writesOf('b'), ['put@3-5+rollback'])
  })
})
