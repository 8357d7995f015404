import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { OrbitError } from '@orbit-ts/base'
import { Error as RegionError } from '../gen/errorpb.js'
import { tikvMethods } from '../rpc/methods.js'
import { composeTimestamp } from '../timestamp.js'
import { bytes, code, put, text, TransactionFixture } from './transaction-fixture.fake.js'

const ASYNC = { asyncCommit: true, onePc: false }
const SPLIT = { splitKeys: [bytes('m')] }

describe('async commit', () => {
  it('[S44] is acknowledged after prewrite, and others see it although the client dies before it commits', async () => {
    await using fixture = await TransactionFixture.start(SPLIT)
    fixture.cluster.faults.add({ method: 'KvCommit' }, { kind: 'hang' })
    const transaction = await fixture.run(fixture.client.txn.begin(ASYNC))
    put(transaction, { a: '1', z: '2' })
    const { commitTs = 0n, asyncCommit } = await fixture.run(transaction.commit())
    assert.equal(asyncCommit, true)
    assert.equal(fixture.locks.length, 2)
    await fixture.run(fixture.client.close())
    fixture.cluster.faults.clear()
    const other = await fixture.connect()
    const read = async (ts?: bigint): Promise<(string | undefined)[]> =>
      (await (await other.txn.snapshot(ts)).batchGet([bytes('a'), bytes('z')])).map(text)
    assert.deepEqual(await fixture.run(() => read()), ['1', '2'])
    assert.deepEqual(await fixture.run(() => read(commitTs)), ['1', '2'])
    assert.deepEqual(await fixture.run(() => read(commitTs - 1n)), [undefined, undefined])
    await fixture.run(other.settle())
    assert.deepEqual(fixture.locks, [])
  })

  it('[S45] is for at most 256 keys, and only the primary names the others', async () => {
    await using fixture = await TransactionFixture.start(SPLIT)
    const commit = async (count: number): Promise<boolean> => {
      fixture.cluster.faults.clearLog()
      const transaction = await fixture.run(fixture.client.txn.begin(ASYNC))
      for (let at = 0; at < count; at++) {
        transaction.put(bytes(`${at % 2 === 0 ? 'a' : 'z'}${String(at).padStart(3, '0')}`), bytes('v'))
      }
      return (await fixture.run(transaction.commit())).asyncCommit
    }
    assert.equal(await commit(256), true)
    const requests = fixture.requests(tikvMethods.kvPrewrite)
    assert.ok(requests.length >= 2)
    assert.ok(requests.every(({ useAsyncCommit }) => useAsyncCommit))
    assert.deepEqual(
      requests.map(({ secondaries }) => secondaries.length),
      [255, ...requests.slice(1).map(() => 0)],
    )
    assert.equal(await commit(257), false)
    assert.ok(fixture.requests(tikvMethods.kvPrewrite).every(({ useAsyncCommit }) => !useAsyncCommit))
  })

  it('[S45] is for at most 4096 bytes of keys', async () => {
    await using fixture = await TransactionFixture.start(SPLIT)
    for (const [length, expected] of [
      [4095, true],
      [4096, false],
    ] as const) {
      const transaction = await fixture.run(fixture.client.txn.begin(ASYNC))
      put(transaction, { [`a${'k'.repeat(length - 1)}`]: 'v', z: 'v' })
      assert.equal((await fixture.run(transaction.commit())).asyncCommit, expected, `${length} bytes`)
    }
  })

  it('[S46] falls back to two phases when a server gives no commit timestamp', async () => {
    await using fixture = await TransactionFixture.start(SPLIT)
    pushMaxTs(fixture)
    const transaction = await fixture.run(fixture.client.txn.begin(ASYNC))
    put(transaction, { a: '1', z: '2' })
    const { asyncCommit, commitTs } = await fixture.run(transaction.commit())
    assert.equal(asyncCommit, false)
    assert.equal(transaction.info.asyncCommitFallback, true)
    await fixture.run(fixture.client.settle())
    const commits = fixture.requests(tikvMethods.kvCommit)
    assert.ok(commits.every((request) => !request.useAsyncCommit && request.commitVersion === commitTs))
    assert.deepEqual(fixture.locks, [])
  })

  it('[S46] one phase falls back too', async () => {
    await using fixture = await TransactionFixture.start()
    pushMaxTs(fixture)
    const transaction = await fixture.run(fixture.client.txn.begin({ onePc: true, asyncCommit: true }))
    put(transaction, { a: '1', z: '2' })
    const { onePc, asyncCommit } = await fixture.run(transaction.commit())
    assert.deepEqual({ onePc, asyncCommit }, { onePc: false, asyncCommit: false })
    assert.equal(transaction.info.onePcFallback, true)
    await fixture.run(fixture.client.settle())
    assert.equal(fixture.requests(tikvMethods.kvCommit).length, 1)
    assert.deepEqual(fixture.locks, [])
  })

  it('[S47] a transaction of one region needs no commit, one of two regions is not asked to do without', async () => {
    await using fixture = await TransactionFixture.start(SPLIT)
    const one = await fixture.run(fixture.client.txn.begin({ onePc: true }))
    put(one, { a: '1', b: '2' })
    assert.equal((await fixture.run(one.commit())).onePc, true)
    await fixture.run(fixture.client.settle())
    assert.equal(fixture.requests(tikvMethods.kvPrewrite).length, 1)
    assert.deepEqual(fixture.requests(tikvMethods.kvCommit), [])
    assert.deepEqual(fixture.locks, [])
    assert.equal(await fixture.read('b'), '2')

    fixture.cluster.faults.clearLog()
    const two = await fixture.run(fixture.client.txn.begin({ onePc: true }))
    put(two, { a: '3', z: '4' })
    assert.equal((await fixture.run(two.commit())).onePc, false)
    const asked = fixture.requests(tikvMethods.kvPrewrite).map(({ tryOnePc }) => tryOnePc)
    assert.deepEqual(asked, [false, false])
  })

  it('a region that splits under a one-phase commit ends that', async () => {
    await using fixture = await TransactionFixture.start()
    await fixture.write({ a: '0' })
    fixture.cluster.splitAt(bytes('m'))
    fixture.cluster.faults.clearLog()
    const transaction = await fixture.run(fixture.client.txn.begin({ onePc: true }))
    put(transaction, { a: '1', z: '1' })
    const { onePc } = await fixture.run(transaction.commit())
    assert.equal(onePc, false)
    const asked = fixture.requests(tikvMethods.kvPrewrite).map(({ tryOnePc }) => tryOnePc)
    assert.deepEqual(asked, [true, false, false])
    assert.equal(await fixture.read('z'), '1')
  })

  it('[S48] transactions that follow each other are in order of their timestamps', async () => {
    await using fixture = await TransactionFixture.start(SPLIT)
    const other = await fixture.connect()
    const first = await fixture.run(fixture.client.txn.begin(ASYNC))
    put(first, { a: '1', z: '1' })
    const { commitTs: firstCommit = 0n } = await fixture.run(first.commit())
    const second = await fixture.run(other.txn.begin({ asyncCommit: true }))
    assert.ok(second.startTs > firstCommit)
    put(second, { b: '2' })
    const { commitTs: secondCommit = 0n } = await fixture.run(second.commit())
    assert.ok(secondCommit > firstCommit)
  })

  it('[S48] with causal consistency no timestamp is asked for before prewrite', async () => {
    await using fixture = await TransactionFixture.start(SPLIT)
    for (const causalConsistency of [false, true]) {
      fixture.cluster.faults.clearLog()
      const transaction = await fixture.run(fixture.client.txn.begin({ ...ASYNC, causalConsistency }))
      put(transaction, { a: '1', z: '1' })
      await fixture.run(transaction.commit())
      await fixture.run(fixture.client.settle())
      const fromStart = fixture
        .requests(tikvMethods.kvPrewrite)
        .every(({ minCommitTs }) => minCommitTs === transaction.startTs + 1n)
      assert.equal(fromStart, causalConsistency)
    }
  })

  it('a one-phase commit whose answers are lost is undetermined', async () => {
    await using fixture = await TransactionFixture.start()
    fixture.cluster.faults.add({ method: 'KvPrewrite' }, { kind: 'lose-answer' })
    const transaction = await fixture.run(fixture.client.txn.begin())
    put(transaction, { k: 'v' })
    await assert.rejects(fixture.run(transaction.commit()), code('COMMIT_UNDETERMINED'))
    fixture.cluster.faults.clear()
    await fixture.run(fixture.client.settle())
    assert.deepEqual(fixture.requests(tikvMethods.kvBatchRollback), [])
    assert.equal(await fixture.read('k'), 'v')
  })

  it('a one-phase commit whose answer was lost once is committed once', async () => {
    await using fixture = await TransactionFixture.start()
    fixture.cluster.faults.add({ method: 'KvPrewrite' }, { kind: 'lose-answer' }, { times: 1 })
    const transaction = await fixture.run(fixture.client.txn.begin())
    put(transaction, { k: 'v' })
    const { onePc, commitTs } = await fixture.run(transaction.commit())
    assert.equal(onePc, true)
    const [write] = fixture.cluster.mvcc.mvccByKey(bytes('k')).writes
    assert.equal(commitTs, write?.commitTs)
  })

  it('a one-phase commit whose answer was lost before its region split is told as it was done', async () => {
    await using fixture = await TransactionFixture.start()
    const lost = fixture.cluster.faults.add({ method: 'KvPrewrite' }, { kind: 'lose-answer' }, { times: 1 })
    const transaction = await fixture.run(fixture.client.txn.begin({ onePc: true, asyncCommit: false }))
    put(transaction, { a: '1', z: '2' })
    const committing = transaction.commit()
    while (lost.hits === 0) await fixture.env.advance(1)
    fixture.cluster.splitAt(bytes('m'))
    const { onePc, commitTs } = await fixture.run(committing)
    assert.equal(onePc, false)
    const written = ['a', 'z'].map((key) => fixture.cluster.mvcc.mvccByKey(bytes(key)).writes)
    assert.deepEqual(
      written.map((writes) => writes.map((write) => write.commitTs)),
      [[commitTs], [commitTs]],
    )
  })

  it('follows the timestamp that its commit is given, also with causal consistency', async () => {
    await using fixture = await TransactionFixture.start()
    for (const onePc of [true, false]) {
      const options = { causalConsistency: true, onePc, asyncCommit: !onePc }
      const transaction = await fixture.run(fixture.client.txn.begin(options))
      put(transaction, { a: '1' })
      const afterTs = transaction.startTs + composeTimestamp(300, 0)
      const { commitTs } = await fixture.run(transaction.commit({ afterTs }))
      assert.ok(commitTs !== undefined && commitTs > afterTs)
    }
  })

  it('commits before the timestamp that its commit is given, or not at all', async () => {
    await using fixture = await TransactionFixture.start()
    for (const [onePc, asyncCommit] of [
      [true, false],
      [false, true],
      [false, false],
    ] as const) {
      const late = await fixture.run(fixture.client.txn.begin({ onePc, asyncCommit }))
      put(late, { a: 'late' })
      await fixture.pass(300)
      const beforeTs = late.startTs + composeTimestamp(200, 0)
      await assert.rejects(fixture.run(late.commit({ beforeTs })), (error) => {
        assert.ok(error instanceof OrbitError)
        assert.equal(error.code, 'TRANSACTION_CONFLICT')
        assert.equal(error.details['reason'], 'commit-too-late')
        assert.equal(error.details['beforeTs'], String(beforeTs))
        return true
      })
      await fixture.run(fixture.client.settle())
      const early = await fixture.run(fixture.client.txn.begin({ onePc, asyncCommit }))
      assert.notEqual(await fixture.read('a'), 'late')
      put(early, { a: `${onePc} ${asyncCommit}` })
      const { commitTs } = await fixture.run(
        early.commit({ beforeTs: early.startTs + composeTimestamp(200, 0) }),
      )
      assert.ok(commitTs !== undefined && commitTs < early.startTs + composeTimestamp(200, 0))
      assert.equal(await fixture.read('a'), `${onePc} ${asyncCommit}`)
    }
  })

  it('tells the servers the end before which it has to be committed', async () => {
    await using fixture = await TransactionFixture.start()
    const transaction = await fixture.run(fixture.client.txn.begin())
    put(transaction, { a: '1' })
    const beforeTs = transaction.startTs + composeTimestamp(200, 0)
    await fixture.run(transaction.commit({ beforeTs }))
    assert.deepEqual(
      fixture.requests(tikvMethods.kvPrewrite).map(({ maxCommitTs }) => maxCommitTs),
      [beforeTs - 1n],
    )
  })

  it('[S41] a lost answer stays undetermined when the region is nowhere to be found afterwards', async () => {
    for (const onePc of [true, false]) {
      await using fixture = await TransactionFixture.start({ splitKeys: [bytes('m')] }, { retryBudget: 5 })
      const { faults } = fixture.cluster
      const notFound = RegionError.create({ regionNotFound: { regionId: 1n } })
      faults.add({ method: 'KvPrewrite' }, { kind: 'lose-answer' }, { times: 1 })
      faults.regionError({ method: 'KvPrewrite' }, notFound, { skip: 1 })
      const transaction = await fixture.run(fixture.client.txn.begin({ onePc, asyncCommit: !onePc }))
      put(transaction, { a: '1' })
      await assert.rejects(fixture.run(transaction.commit()), code('COMMIT_UNDETERMINED'))
      faults.clear()
      await fixture.run(fixture.client.settle())
      assert.deepEqual(fixture.requests(tikvMethods.kvBatchRollback), [])
      await fixture.pass(30_000)
      assert.equal(await fixture.read('a'), '1')
    }
  })

  it('a lost prewrite of a transaction in two phases is a plain failure, and rolled back', async () => {
    await using fixture = await TransactionFixture.start()
    const drop = fixture.cluster.faults.add({ method: 'KvPrewrite' }, { kind: 'lose-answer' })
    const transaction = await fixture.run(fixture.client.txn.begin({ asyncCommit: false, onePc: false }))
    put(transaction, { k: 'v' })
    await assert.rejects(fixture.run(transaction.commit()), code('STORE_UNAVAILABLE'))
    drop.remove()
    await fixture.run(fixture.client.settle())
    assert.deepEqual(fixture.locks, [])
    assert.equal(await fixture.read('k'), undefined)
  })
})

/** The servers have served a read so far in the future that async commit cannot stay within its limit. */
function pushMaxTs({ cluster, env }: TransactionFixture): void {
  cluster.mvcc.state.concurrency.updateMaxTs(composeTimestamp(env.clock.nowMs() + 60_000, 0))
}
