import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compareBytes, hasCode, utf8, type OrbitError } from '@orbit-ts/base'
import { Action, Op, type LockInfo } from '../../gen/kvrpcpb.js'
import { tikvMethods } from '../../rpc/methods.js'
import { FakeStores, lockInfo, SERVER_IS_BUSY } from '../../snapshot/fake-stores.fake.js'
import { MAX_TIMESTAMP } from '../../timestamp.js'
import { LockResolver } from './lock-resolver.js'
import { resolveLockRange, scanLocks } from './resolve-lock-range.js'

const { kvScanLock, kvCheckTxnStatus, kvResolveLock, kvPessimisticRollback, kvCheckSecondaryLocks } =
  tikvMethods
const ALL = { start: utf8(''), end: utf8('') }
const PRIMARY = utf8('zz')

function bench(locks: LockInfo[], splits: string[] = ['m']): { stores: FakeStores; resolver: LockResolver } {
  const stores = new FakeStores(splits.map(utf8))
  let left = locks
  stores.on(kvScanLock, ({ startKey, endKey, limit, maxVersion }) => ({
    locks: left
      .filter(
        ({ key, lockVersion }) =>
          lockVersion <= maxVersion &&
          compareBytes(key, startKey) >= 0 &&
          (endKey.length === 0 || compareBytes(key, endKey) < 0),
      )
      .slice(0, limit),
  }))
  stores.on(kvCheckTxnStatus, () => ({ action: Action.TTLExpireRollback }))
  stores.on(kvPessimisticRollback, ({ keys }) => {
    left = left.filter(({ key }) => !keys.some((other) => compareBytes(key, other) === 0))
    return {}
  })
  stores.on(kvResolveLock, ({ txnInfos }) => {
    left = left.filter(({ lockVersion }) => !txnInfos.some(({ txn }) => txn === lockVersion))
    return {}
  })
  return { stores, resolver: new LockResolver(stores.core) }
}

const lock = (key: string, lockVersion: bigint, fields: Partial<LockInfo> = {}): LockInfo =>
  lockInfo({ key: utf8(key), primaryLock: PRIMARY, lockVersion, ...fields })

describe('locks of a range', () => {
  it('are read page by page and region by region', async () => {
    const locks = [lock('a', 1n), lock('b', 2n), lock('c', 3n), lock('n', 4n), lock('o', 9n)]
    const { stores } = bench(locks)
    const pages: string[][] = []
    for await (const page of scanLocks(stores.core, ALL, 5n, { pageSize: 2 })) {
      pages.push(page.locks.map(({ key }) => Buffer.from(key).toString()))
    }
    assert.deepEqual(pages, [['a', 'b'], ['c'], ['n']])
    assert.deepEqual(
      stores
        .requests(kvScanLock)
        .map(({ startKey, endKey, limit }) => [
          Buffer.from(startKey).toString(),
          Buffer.from(endKey).toString(),
          limit,
        ]),
      [
        ['', 'm', 2],
        ['b\0', 'm', 2],
        ['m', '', 2],
      ],
    )
  })

  it('are ended whatever their age, with one request for each page', async () => {
    const { stores, resolver } = bench([lock('a', 1n), lock('b', 1n), lock('c', 3n), lock('n', 4n)])
    const commits = new Map([[3n, 7n]])
    stores.on(kvCheckTxnStatus, ({ lockTs }) => ({ commitVersion: commits.get(lockTs) ?? 0n }))
    assert.equal(await resolveLockRange(stores.core, resolver, ALL, 5n), 4)
    assert.deepEqual(
      stores.requests(kvResolveLock).map(({ txnInfos }) => txnInfos.map(({ txn, status }) => [txn, status])),
      [
        [
          [1n, 0n],
          [3n, 7n],
        ],
        [[4n, 0n]],
      ],
    )
    const asked = stores.requests(kvCheckTxnStatus)
    assert.equal(asked.length, 3)
    assert.ok(
      asked.every(
        ({ currentTs, rollbackIfNotExist, callerStartTs }) =>
          currentTs === MAX_TIMESTAMP && rollbackIfNotExist && callerStartTs === 0n,
      ),
    )
  })

  it('are read again when their region changed meanwhile', async () => {
    const { stores, resolver } = bench([lock('a', 1n), lock('c', 1n)])
    let failures = 1
    stores.on(kvResolveLock, () => {
      if (failures-- > 0) return SERVER_IS_BUSY
      return {}
    })
    assert.equal(await resolveLockRange(stores.core, resolver, { start: utf8('a'), end: utf8('d') }, 5n), 2)
    assert.equal(stores.requests(kvScanLock).length, 2)
  })

  it('take pessimistic ones away without ending their transaction', async () => {
    const { stores, resolver } = bench([
      lock('a', 1n, { lockType: Op.PessimisticLock, lockForUpdateTs: 3n }),
      lock('b', 2n),
    ])
    assert.equal(await resolveLockRange(stores.core, resolver, ALL, 5n), 2)
    assert.deepEqual(
      stores.requests(kvPessimisticRollback).map(({ keys, startVersion }) => [keys.length, startVersion]),
      [[1, 1n]],
    )
    assert.deepEqual(
      stores.requests(kvResolveLock).map(({ txnInfos }) => txnInfos.map(({ txn }) => txn)),
      [[2n]],
    )
  })

  it('recover async commits', async () => {
    const asyncLock = lock('a', 1n, { useAsyncCommit: true })
    const { stores, resolver } = bench([asyncLock])
    stores.on(kvCheckTxnStatus, () => ({
      lockTtl: 3000n,
      lockInfo: { ...asyncLock, key: PRIMARY, secondaries: [utf8('a')], minCommitTs: 8n },
    }))
    stores.on(kvCheckSecondaryLocks, () => ({ locks: [{ ...asyncLock, minCommitTs: 9n }] }))
    assert.equal(await resolveLockRange(stores.core, resolver, ALL, 5n), 1)
    assert.deepEqual(
      stores.requests(kvResolveLock).map(({ txnInfos }) => txnInfos.map(({ txn, status }) => [txn, status])),
      [[[1n, 9n]]],
    )
  })

  it('fail when a server does not end a transaction as it is told to', async () => {
    const { stores, resolver } = bench([lock('a', 1n)])
    stores.on(kvCheckTxnStatus, () => ({ lockTtl: 3000n }))
    await assert.rejects(resolveLockRange(stores.core, resolver, ALL, 5n), (error: OrbitError) =>
      hasCode(error, 'PROTOCOL_VIOLATION'),
    )
    assert.deepEqual(stores.requests(kvResolveLock), [])
  })
})
