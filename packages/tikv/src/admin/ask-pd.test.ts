import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { encodeMemcomparable } from '../codec/memcomparable.js'
import { composeTimestamp } from '../timestamp.js'
import { bytes, code, text, TransactionFixture } from '../txn/transaction-fixture.fake.js'

const MINUTE = composeTimestamp(60_000, 0)

describe('service safe points', () => {
  it('hold garbage collection back until they are given up', async () => {
    await using fixture = await TransactionFixture.start()
    const { admin, txn } = fixture.client
    const held = await fixture.run(txn.currentTimestamp())
    await fixture.pass(10)
    const target = await fixture.run(txn.currentTimestamp())
    const set = await fixture.run(admin.updateServiceSafePoint('backup', held, 60))
    assert.ok(set.minimum <= held)
    const first = await fixture.run(admin.gc(target))
    assert.deepEqual([first.txnSafePoint, first.blocker], [held, 'BarrierID: backup'])
    await fixture.run(admin.updateServiceSafePoint('backup', 0n, 0))
    assert.equal((await fixture.run(admin.gc(target))).txnSafePoint, target)
  })

  it('that come too late are told so by the smallest one', async () => {
    await using fixture = await TransactionFixture.start()
    const { admin, txn } = fixture.client
    const early = await fixture.run(txn.currentTimestamp())
    await fixture.pass(10)
    const target = await fixture.run(txn.currentTimestamp())
    await fixture.run(admin.updateServiceSafePoint('gc_worker', target, 60))
    const late = await fixture.run(admin.updateServiceSafePoint('backup', early, 60))
    assert.deepEqual(late, { minimum: target, holder: 'gc_worker' })
    assert.throws(() => admin.updateServiceSafePoint('', early, 60), code('INVALID_ARGUMENT'))
  })
})

describe('barriers of all keyspaces', () => {
  it('hold back each of them, and are told apart from its own', async () => {
    const keyspace = { apiVersion: 'v2', keyspaces: ['one'] } as const
    await using fixture = await TransactionFixture.start(keyspace, { apiVersion: 'v2', keyspace: 'one' })
    const { admin, txn } = fixture.client
    const held = await fixture.run(txn.currentTimestamp())
    await fixture.pass(10)
    const target = await fixture.run(txn.currentTimestamp())
    await fixture.run(admin.setBarrier('all', held, 60_000, { global: true }))
    const { barriers, globalBarriers } = await fixture.run(admin.gcState())
    assert.deepEqual([barriers, globalBarriers], [[], [{ id: 'all', timestamp: held, ttlMs: 60_000 }]])
    assert.equal((await fixture.run(admin.gc(target))).txnSafePoint, held)
    assert.equal((await fixture.run(admin.deleteBarrier('all', { global: true })))?.timestamp, held)
    assert.equal((await fixture.run(admin.gc(target))).txnSafePoint, target)
  })
})

describe('a region as PD has it', () => {
  it('comes with its buckets when they are asked for, cut to what the user sees', async () => {
    await using fixture = await TransactionFixture.start({ splitKeys: [bytes('m')] })
    const { admin } = fixture.client
    const { pd } = fixture.cluster
    const plain = await fixture.run(admin.region(bytes('a')))
    assert.ok(plain !== undefined)
    assert.equal(plain.buckets, undefined)
    const keys = ['', 'c', 'f', 'm'].map((key) => (key === '' ? bytes('') : encodeMemcomparable(bytes(key))))
    pd.buckets.set(plain.region.id, { version: 7n, keys })
    const cut = await fixture.run(admin.region(bytes('a'), { buckets: true }))
    assert.equal(cut?.buckets?.version, 7n)
    assert.deepEqual(cut.buckets.keys.map(text), ['', 'c', 'f', 'm'])
  })

  it('comes from the first of the named members that answers, leader or not', async () => {
    await using fixture = await TransactionFixture.start({ pdMembers: 3 })
    const { admin } = fixture.client
    const { pd } = fixture.cluster
    const [leader = '', second = '', third = ''] = pd.addresses
    const asked: string[] = []
    pd.addHook(({ method, member }) => {
      if (method !== 'GetRegion') return
      asked.push(member)
      if (member === 'pd-2') throw new Error('not today')
    })
    const found = await fixture.run(admin.region(bytes('a'), { members: [second, third, leader] }))
    assert.ok(found !== undefined)
    assert.deepEqual(asked, ['pd-2', 'pd-3'])
    await assert.rejects(fixture.run(admin.region(bytes('a'), { members: [second] })), code('PD_UNAVAILABLE'))
    await assert.rejects(
      fixture.run(admin.region(bytes('a'), { members: ['elsewhere:2379'] })),
      code('INVALID_ARGUMENT'),
    )
  })
})

describe('a timestamp from the future', () => {
  it('is refused for reads when that is asked for', async () => {
    await using fixture = await TransactionFixture.start()
    const { txn } = fixture.client
    const now = await fixture.run(txn.currentTimestamp())
    const refuseFuture = true
    await assert.rejects(fixture.run(txn.snapshot(now + MINUTE, { refuseFuture })), code('INVALID_ARGUMENT'))
    await assert.rejects(
      fixture.run(txn.begin({ startTs: now + MINUTE, refuseFuture })),
      code('INVALID_ARGUMENT'),
    )
    const snapshot = await fixture.run(txn.snapshot(now, { refuseFuture }))
    assert.equal(await fixture.run(snapshot.get(bytes('k'))), undefined)
    assert.equal((await fixture.run(txn.snapshot(now + MINUTE))).readTs, now + MINUTE)
  })
})
