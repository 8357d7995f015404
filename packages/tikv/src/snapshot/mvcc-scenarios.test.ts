import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hasCode, utf8 } from '@orbit-ts/base'
import { Op, PessimisticLockRequest, PrewriteRequest, ScanLockRequest } from '../gen/kvrpcpb.js'
import { MAX_TIMESTAMP } from '../timestamp.js'
import { resolveLockRange } from '../txn/lock/resolve-lock-range.js'
import { MvccBench } from './mvcc-bench.fake.js'

describe('reads over the rules of TiKV', () => {
  it('[S37] sees three keys in three regions at their commit timestamp, not at their start', async () => {
    const bench = new MvccBench()
    const startTs = bench.tso()
    const keys = ['a', 'c', 'x']
    await bench.prewrite(startTs, { a: '1', c: '2', x: '3' })
    const commitTs = await bench.commit(startTs, keys)
    assert.deepEqual(await bench.values(keys, commitTs), ['1', '2', '3'])
    assert.deepEqual(await bench.values(keys, startTs), [undefined, undefined, undefined])
    assert.deepEqual(await bench.values(keys, commitTs - 1n), [undefined, undefined, undefined])
    assert.deepEqual(await bench.snapshot().getVersioned(utf8('c')), {
      value: new Uint8Array(utf8('2')),
      commitTs,
    })
  })

  it('[S58] reads behind the expired lock of a dead client: rolled back when its primary was not committed', async () => {
    const bench = new MvccBench()
    await bench.write({ a: 'old', x: 'old' })
    await bench.prewrite(bench.tso(), { a: 'new', x: 'new' })
    await bench.stores.env.advance(3001)
    assert.deepEqual(await bench.values(['x', 'a']), ['old', 'old'])
    await bench.stores.background.settle()
    assert.deepEqual(bench.locks(), [])
  })

  it('[S58] reads behind the lock of a dead client: committed when its primary was, at once', async () => {
    const bench = new MvccBench()
    await bench.write({ x: 'old' })
    const startTs = bench.tso()
    await bench.prewrite(startTs, { a: 'new', x: 'new' })
    const commitTs = await bench.commit(startTs, ['a'])
    assert.equal(await bench.value('x', commitTs), 'new')
    assert.equal(await bench.value('x', commitTs - 1n), 'old')
    await bench.stores.background.settle()
    assert.deepEqual(bench.locks(), [])
  })

  it('[S58] is not stopped by a live transaction, whose commit it moves behind itself', async () => {
    const bench = new MvccBench()
    await bench.write({ x: 'old' })
    const startTs = bench.tso()
    await bench.prewrite(startTs, { a: 'new', x: 'new' }, { ttlMs: 60_000, txnSize: 1_000_000 })
    const readTs = bench.tso()
    assert.equal(await bench.value('x', readTs), 'old')
    assert.equal(bench.stores.env.pendingTimers, 0)
    assert.deepEqual(bench.locks(), ['a', 'x'])
    const refused = await bench.tryCommit(startTs, ['a'], readTs)
    assert.equal(refused?.commitTsExpired?.minCommitTs, readTs + 1n)
    await bench.commit(startTs, ['a', 'x'])
    assert.equal(await bench.value('x', readTs), 'old')
    assert.equal(await bench.value('x'), 'new')
  })

  it('[S59] finishes the expired async commit of a dead client, all keys of it', async () => {
    const bench = new MvccBench()
    const startTs = bench.tso()
    await bench.prewrite(startTs, { a: '1', c: '2', x: '3' }, { asyncCommit: true })
    await bench.stores.env.advance(3001)
    assert.deepEqual(await bench.values(['x', 'c', 'a']), ['3', '2', '1'])
    await bench.stores.background.settle()
    assert.deepEqual(bench.locks(), [])
    const status = await bench.resolver.transactionStatus(startTs, utf8('a'))
    assert.equal(status.kind, 'committed')
    const found = await bench.snapshot().getVersioned(utf8('x'))
    assert.equal(status.kind === 'committed' ? status.commitTs : 0n, found?.commitTs)
  })

  it('[S60] rolls an expired async commit back of which one key was never written', async () => {
    const bench = new MvccBench()
    await bench.prewrite(bench.tso(), { a: '1', c: '2' }, { asyncCommit: true, allKeys: ['a', 'c', 'x'] })
    await bench.stores.env.advance(3001)
    assert.deepEqual(await bench.values(['c', 'a', 'x']), [undefined, undefined, undefined])
    await bench.stores.background.settle()
    assert.deepEqual(bench.locks(), [])
  })

  it('[S60] commits an expired async commit at the timestamp of the key that is committed', async () => {
    const bench = new MvccBench()
    const startTs = bench.tso()
    const minCommitTs = await bench.prewrite(startTs, { a: '1', c: '2', x: '3' }, { asyncCommit: true })
    const commitTs = await bench.commit(startTs, ['x'], minCommitTs + 3n)
    await bench.stores.env.advance(3001)
    const found = await bench.stores.finish(bench.snapshot().batchGetVersioned(['a', 'c', 'x'].map(utf8)))
    assert.deepEqual(
      found.map((entry) => entry?.commitTs),
      [commitTs, commitTs, commitTs],
    )
    assert.deepEqual(bench.locks(), [])
  })

  it('[S61] waits for a primary that is still to come, and rolls it back once the lock has expired', async () => {
    const bench = new MvccBench()
    const startTs = bench.tso()
    await bench.prewrite(startTs, { x: 'new' }, { primary: 'a' })
    const began = bench.stores.env.clock.nowMs()
    assert.equal(await bench.value('x'), undefined)
    assert.ok(bench.stores.env.clock.nowMs() - began >= 3000)
    const late = await bench.mvcc.prewrite(
      PrewriteRequest.fromPartial({
        mutations: [{ op: Op.Put, key: utf8('a'), value: utf8('late') }],
        primaryLock: utf8('a'),
        startVersion: startTs,
        lockTtl: 3000n,
      }),
    )
    assert.notEqual(late.errors[0]?.conflict, undefined, 'the primary cannot come any more')
  })

  it('[S62] takes away an expired pessimistic lock whose primary is another transaction’s', async () => {
    const bench = new MvccBench()
    const startTs = bench.tso()
    const lock = (key: string, primary: string): Promise<unknown> =>
      bench.mvcc.pessimisticLock(
        PessimisticLockRequest.fromPartial({
          mutations: [{ op: Op.PessimisticLock, key: utf8(key) }],
          primaryLock: utf8(primary),
          startVersion: startTs,
          forUpdateTs: startTs,
          lockTtl: 3000n,
        }),
      )
    await lock('a', 'c')
    await lock('x', 'a')
    await bench.stores.env.advance(3001)
    const request = ScanLockRequest.fromPartial({ maxVersion: bench.tso(), startKey: utf8('x') })
    const { locks } = bench.mvcc.scanLock(request, { start: utf8(''), end: utf8('') })
    assert.equal(locks.length, 1)
    const result = await bench.stores.finish(
      bench.resolver.resolve(bench.stores.core.backoffer(40_000), { locks, callerStartTs: 0n }),
    )
    assert.equal(result.waitMs, 0)
    assert.deepEqual(bench.locks(), ['a'])
  })

  it('[S63] reads the latest version without waiting for a live transaction', async () => {
    const bench = new MvccBench()
    await bench.write({ x: 'old' })
    await bench.prewrite(bench.tso(), { a: 'new', x: 'new' }, { ttlMs: 60_000 })
    assert.equal(await bench.value('x', MAX_TIMESTAMP), 'old')
    assert.equal(await bench.value('a', MAX_TIMESTAMP), undefined)
    assert.equal(bench.stores.env.pendingTimers, 0)
  })

  it('[S64] repeats what it read, while read-committed passes locks', async () => {
    const bench = new MvccBench()
    await bench.write({ a: '1', c: '1', x: '1' })
    const readTs = bench.tso()
    const before = await bench.rows({}, readTs)
    await bench.write({ a: '2', c: undefined, d: '2' })
    assert.deepEqual(await bench.rows({}, readTs), before)
    assert.deepEqual(await bench.rows(), ['a=2', 'd=2', 'x=1'])
    assert.deepEqual(await bench.rows({ reverse: true }), ['x=1', 'd=2', 'a=2'])
    assert.deepEqual(await bench.rows({ keysOnly: true, limit: 2 }), ['a=', 'd='])
    assert.deepEqual(await bench.rows({ reverse: true, batchSize: 1, limit: 2 }), ['x=1', 'd=2'])
    await bench.prewrite(bench.tso(), { x: '3' }, { ttlMs: 60_000 })
    assert.equal(await bench.value('x', bench.tso(), { isolation: 'read-committed' }), '1')
    await assert.rejects(
      bench.value('x', bench.tso(), { isolation: 'read-committed-check-ts' }),
      (error: unknown) => hasCode(error, 'TRANSACTION_CONFLICT'),
    )
  })

  it('[S64] takes every n-th row of a sample', async () => {
    const bench = new MvccBench()
    await bench.write(Object.fromEntries(Array.from('cdefghijk', (key) => [key, key])))
    assert.deepEqual(await bench.rows({ sampleStep: 4 }), ['c=c', 'g=g', 'k=k'])
  })

  it('[S65] refuses a start before the safe point', async () => {
    const bench = new MvccBench()
    await bench.write({ a: '1' })
    const readTs = bench.tso()
    bench.safePoint.advanceTo(readTs + 1n)
    await assert.rejects(bench.value('a', readTs), (error: unknown) => hasCode(error, 'SNAPSHOT_TOO_OLD'))
    assert.equal(await bench.value('a', bench.tso()), '1')
  })

  it('[S71] leaves no lock that is older than the safe point, whatever left it', async () => {
    const bench = new MvccBench()
    await bench.write({ a: 'old', c: 'old', x: 'old' })
    const dead = bench.tso()
    await bench.prewrite(dead, { a: '1', x: '1' }, { ttlMs: 600_000 })
    const half = bench.tso()
    await bench.prewrite(half, { c: '2', y: '2' })
    await bench.commit(half, ['c'])
    await bench.prewrite(bench.tso(), { d: '3', z: '3' }, { asyncCommit: true })
    const safePoint = bench.tso()
    await bench.prewrite(bench.tso(), { e: 'later' }, { ttlMs: 600_000 })
    const all = { start: utf8(''), end: utf8('') }
    const found = await bench.stores.finish(
      resolveLockRange(bench.stores.core, bench.resolver, all, safePoint, { pageSize: 1 }),
    )
    assert.equal(found, 5)
    assert.deepEqual(bench.locks(), ['e'])
    assert.deepEqual(await bench.values(['a', 'x', 'c', 'y', 'd', 'z']), ['old', 'old', '2', '2', '3', '3'])
  })
})
