import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { OrbitError } from '@orbit-ts/base'
import { Op, type PessimisticLockRequest } from '../gen/kvrpcpb.js'
import { tikvMethods } from '../rpc/methods.js'
import type { Interceptor } from '../rpc/store-rpc.js'
import { MAX_TIMESTAMP } from '../timestamp.js'
import { deadlockOf } from './key-errors.js'
import { bytes, code, put, text, TransactionFixture } from './transaction-fixture.fake.js'

const PESSIMISTIC = { mode: 'pessimistic' } as const

describe('pessimistic locks', () => {
  it('[S49] nowait fails at once, a wait of 200 ms when it is over', async () => {
    await using fixture = await TransactionFixture.start()
    const { txn } = fixture.client
    const holder = await fixture.run(txn.begin(PESSIMISTIC))
    await fixture.run(holder.lock([bytes('k')]))
    const other = await fixture.run(txn.begin(PESSIMISTIC))
    const { clock } = fixture.env
    let startedMs = clock.nowMs()
    await assert.rejects(
      fixture.run(other.lock([bytes('k')], { wait: 'nowait' })),
      code('LOCK_NOT_AVAILABLE'),
    )
    assert.ok(clock.nowMs() - startedMs < 500)
    startedMs = clock.nowMs()
    await assert.rejects(fixture.run(other.lock([bytes('k')], { wait: 200 })), code('LOCK_TIMEOUT'))
    const waitedMs = clock.nowMs() - startedMs
    assert.ok(waitedMs >= 200 && waitedMs < 800, String(waitedMs))
    await fixture.run(holder.rollback())
    await fixture.run(other.lock([bytes('k')], { wait: 'always' }))
    await fixture.run(other.rollback())
    await fixture.run(fixture.client.settle())
    assert.deepEqual(fixture.locks, [])
  })

  it('a wait longer than the deadline of a request takes several requests', async () => {
    await using fixture = await TransactionFixture.start({}, { commitTimeout: 800, retryBudget: 5 })
    const { txn } = fixture.client
    const holder = await fixture.run(txn.begin(PESSIMISTIC))
    await fixture.run(holder.lock([bytes('k')]))
    const other = await fixture.run(txn.begin(PESSIMISTIC))
    await assert.rejects(fixture.run(other.lock([bytes('k')], { wait: 3000 })), code('LOCK_TIMEOUT'))
    await fixture.run(other.rollback())
    await fixture.run(holder.rollback())
  })

  it('a key that is being given back can be locked again, and stays locked', async () => {
    await using fixture = await TransactionFixture.start()
    const { txn } = fixture.client
    const holder = await fixture.run(txn.begin(PESSIMISTIC))
    await fixture.run(holder.lock([bytes('b')]))
    const transaction = await fixture.run(txn.begin(PESSIMISTIC))
    fixture.cluster.splitAt(bytes('b'))
    fixture.cluster.faults.add({ method: 'KVPessimisticRollback' }, { kind: 'delay', ms: 500 })
    const both = transaction.lock([bytes('a'), bytes('b')], { wait: 'nowait' })
    await assert.rejects(fixture.run(both), code('LOCK_NOT_AVAILABLE'))
    await fixture.run(transaction.lock([bytes('a')]))
    await fixture.run(transaction.release([bytes('a')]))
    await fixture.run(transaction.lock([bytes('a')]))
    await fixture.run(fixture.client.settle())
    assert.deepEqual(
      fixture.locks.map(({ key, lockVersion }) => [text(key), lockVersion]),
      [
        ['a', transaction.startTs],
        ['b', holder.startTs],
      ],
    )
    await fixture.run(transaction.rollback())
    await fixture.run(holder.rollback())
  })

  it('[S50] of two transactions that wait for each other one gets the deadlock, the other commits', async () => {
    await using fixture = await TransactionFixture.start({ splitKeys: [bytes('b')] })
    const { txn } = fixture.client
    const first = await fixture.run(txn.begin(PESSIMISTIC))
    const second = await fixture.run(txn.begin(PESSIMISTIC))
    await fixture.run(first.lock([bytes('a')]))
    await fixture.run(second.lock([bytes('b')]))
    const outcomes = await fixture.run(() =>
      Promise.all(
        [first.lock([bytes('b')]), second.lock([bytes('a')])].map(async (locking, at) => {
          try {
            await locking
            return 'locked'
          } catch (error) {
            await (at === 0 ? first : second).rollback()
            return error
          }
        }),
      ),
    )
    assert.equal(outcomes.filter((outcome) => outcome === 'locked').length, 1)
    const failure = outcomes.find((outcome) => outcome instanceof OrbitError)
    assert.ok(code('TRANSACTION_DEADLOCK')(failure))
    const facts = deadlockOf(failure)
    const edges = facts?.waitChain.map(({ startTs, waitsForStartTs }) => [startTs, waitsForStartTs]) ?? []
    assert.equal(edges.length, 2)
    assert.deepEqual(new Set(edges.flat()), new Set([first.startTs, second.startTs]))
    const winner = outcomes[0] === 'locked' ? first : second
    put(winner, { a: 'won', b: 'won' })
    await fixture.run(winner.commit())
    assert.equal(await fixture.read('a'), 'won')
  })

  it('locks of one call are taken at once, or region after region when they are asked for in order', async () => {
    await using fixture = await TransactionFixture.start({ splitKeys: [bytes('b'), bytes('c')] })
    const { txn } = fixture.client
    const holder = await fixture.run(txn.begin(PESSIMISTIC))
    await fixture.run(holder.lock([bytes('b')]))
    for (const inOrder of [false, true]) {
      const waiter = await fixture.run(txn.begin(PESSIMISTIC))
      const waiting = waiter.lock(['c', 'a', 'b'].map(bytes), { wait: 200, inOrder })
      const refused = assert.rejects(waiting, code('LOCK_TIMEOUT'))
      await fixture.pass(50)
      const locked = fixture.locks.filter(({ lockVersion }) => lockVersion === waiter.startTs)
      assert.deepEqual(
        locked.map(({ key }) => text(key)),
        inOrder ? ['a'] : ['a', 'c'],
      )
      await fixture.run(refused)
      await fixture.run(waiter.rollback())
    }
    await fixture.run(holder.rollback())
  })

  it('locks that are given back are free for others, but for the first one and those of written keys', async () => {
    await using fixture = await TransactionFixture.start({ splitKeys: [bytes('b')] })
    const { txn } = fixture.client
    const transaction = await fixture.run(txn.begin(PESSIMISTIC))
    const held = (): (string | undefined)[] => fixture.locks.map(({ key }) => text(key))
    await fixture.run(transaction.lock([bytes('a')]))
    await fixture.run(transaction.release([bytes('a')]))
    await fixture.run(fixture.client.settle())
    assert.deepEqual(held(), [])
    await fixture.run(transaction.lock(['b', 'a', 'c'].map(bytes)))
    put(transaction, { c: 'written' })
    await fixture.run(transaction.release(['a', 'b', 'c', 'd'].map(bytes)))
    await fixture.run(fixture.client.settle())
    assert.deepEqual(held(), ['a', 'c'])
    const other = await fixture.run(txn.begin(PESSIMISTIC))
    await fixture.run(other.lock([bytes('b')], { wait: 'nowait' }))
    await fixture.run(other.rollback())
    await fixture.run(transaction.commit())
    await fixture.run(fixture.client.settle())
    assert.equal(await fixture.read('c'), 'written')
    assert.deepEqual(held(), [])
  })

  it('refuses to lock at a timestamp before its start, and conflicts with what came after the one it was given', async () => {
    await using fixture = await TransactionFixture.start()
    const { txn } = fixture.client
    const transaction = await fixture.run(txn.begin(PESSIMISTIC))
    await assert.rejects(
      fixture.run(transaction.lock([bytes('k')], { at: transaction.startTs - 1n })),
      code('INVALID_ARGUMENT'),
    )
    await fixture.write({ k: 'new', other: 'new' })
    await fixture.run(transaction.lock([bytes('other')]))
    assert.ok(transaction.forUpdateTs > transaction.startTs)
    await assert.rejects(
      fixture.run(transaction.lock([bytes('k')], { at: transaction.startTs })),
      code('TRANSACTION_CONFLICT'),
    )
    await fixture.run(transaction.lock([bytes('k')], { at: transaction.forUpdateTs }))
    await fixture.run(transaction.rollback())
  })

  it('[S51] heartbeats keep the locks of an idle transaction alive', async () => {
    await using fixture = await TransactionFixture.start()
    const transaction = await fixture.run(fixture.client.txn.begin(PESSIMISTIC))
    await fixture.run(transaction.lock([bytes('k')]))
    await fixture.pass(60_000)
    const beats = fixture.requests(tikvMethods.kvTxnHeartBeat)
    assert.equal(beats.length, 6)
    assert.ok(beats.every(({ primaryLock }) => text(primaryLock) === 'k'))
    const ttls = beats.map(({ adviseLockTtl }) => Number(adviseLockTtl))
    assert.ok(
      ttls.every((ttl, at) => ttl >= 30_000 + at * 10_000 && ttl < 30_100 + at * 10_000),
      String(ttls),
    )
    put(transaction, { k: 'v' })
    await fixture.run(transaction.commit())
    assert.equal(await fixture.read('k'), 'v')
    fixture.cluster.faults.clearLog()
    await fixture.pass(60_000)
    assert.deepEqual(fixture.requests(tikvMethods.kvTxnHeartBeat), [])
  })

  it('[S51] a lock of a shorter life is kept alive earlier', async () => {
    await using fixture = await TransactionFixture.start()
    const transaction = await fixture.run(fixture.client.txn.begin(PESSIMISTIC))
    await fixture.run(transaction.lock([bytes('k')], { ttlMs: 4000 }))
    const ttlMs = (): number => Number(fixture.cluster.mvcc.locks()[0]?.lockTtl)
    assert.ok(ttlMs() >= 4000 && ttlMs() < 4100, String(ttlMs()))
    await fixture.pass(1900)
    assert.deepEqual(fixture.requests(tikvMethods.kvTxnHeartBeat), [])
    await fixture.pass(200)
    assert.equal(fixture.requests(tikvMethods.kvTxnHeartBeat).length, 1)
    assert.ok(ttlMs() >= 22_000 && ttlMs() < 22_200, String(ttlMs()))
    await fixture.pass(10_000)
    assert.equal(fixture.requests(tikvMethods.kvTxnHeartBeat).length, 2)
    put(transaction, { k: 'v' })
    await fixture.run(transaction.commit())
    assert.equal(await fixture.read('k'), 'v')
  })

  it('[S51] the locks of a client that died are resolved when they expire', async () => {
    await using fixture = await TransactionFixture.start()
    const dying = await fixture.connect()
    const transaction = await fixture.run(dying.txn.begin(PESSIMISTIC))
    await fixture.run(transaction.lock([bytes('k')]))
    await fixture.run(dying.close())
    const startedMs = fixture.env.clock.nowMs()
    const other = await fixture.run(fixture.client.txn.begin(PESSIMISTIC))
    await fixture.run(other.lock([bytes('k')]))
    const waitedMs = fixture.env.clock.nowMs() - startedMs
    assert.ok(waitedMs > 15_000 && waitedMs < 25_000, String(waitedMs))
    await fixture.run(other.rollback())
  })

  it('[S53] a conflict is retried at a newer timestamp, and reads then see the newest value', async () => {
    await using fixture = await TransactionFixture.start()
    const transaction = await fixture.run(fixture.client.txn.begin(PESSIMISTIC))
    await fixture.write({ k: 'newer' })
    fixture.cluster.faults.clearLog()
    assert.equal(text(await fixture.run(transaction.getForUpdate(bytes('k')))), 'newer')
    const requests = fixture.requests(tikvMethods.kvPessimisticLock)
    assert.equal(requests.length, 2)
    assert.equal(requests[0]?.forUpdateTs, transaction.startTs)
    assert.ok((requests[1]?.forUpdateTs ?? 0n) > transaction.startTs)
    assert.equal(text(await fixture.run(transaction.get(bytes('k')))), 'newer')
    put(transaction, { k: 'newest' })
    await fixture.run(transaction.commit())
    assert.equal(await fixture.read('k'), 'newest')
  })

  it('[S53] a lock call that fails leaves no lock', async () => {
    await using fixture = await TransactionFixture.start({ splitKeys: [bytes('m')] })
    const transaction = await fixture.run(fixture.client.txn.begin(PESSIMISTIC))
    await fixture.write({ z: 'newer' })
    fixture.cluster.faults.clearLog()
    const keys = [bytes('z'), bytes('a'), bytes('z')]
    await assert.rejects(
      fixture.run(transaction.lock(keys, { conflict: 'fail' })),
      code('TRANSACTION_CONFLICT'),
    )
    await fixture.run(fixture.client.settle())
    const rolledBack = fixture.requests(tikvMethods.kvPessimisticRollback).flatMap(({ keys: some }) => some)
    assert.deepEqual(rolledBack.map(text).sort(), ['a', 'z'])
    assert.deepEqual(fixture.locks, [])
    assert.deepEqual(
      fixture
        .requests(tikvMethods.kvPessimisticLock)
        .map(({ mutations }) => mutations.map(({ key }) => text(key))),
      [['a'], ['z']],
    )
    await fixture.pass(30_000)
    assert.deepEqual(fixture.requests(tikvMethods.kvTxnHeartBeat), [])
    await fixture.run(transaction.lock(keys))
    assert.equal(fixture.locks.length, 2)
    await fixture.run(transaction.rollback())
    await fixture.run(fixture.client.settle())
    assert.deepEqual(fixture.locks, [])
  })

  it('[S54] lock-only-if-exists, existence and values', async () => {
    await using fixture = await TransactionFixture.start()
    await fixture.write({ here: 'value' })
    const transaction = await fixture.run(fixture.client.txn.begin(PESSIMISTIC))
    const absent = await fixture.run(transaction.lock([bytes('absent')], { lockOnlyIfExists: true }))
    assert.deepEqual(absent, [{ key: bytes('absent'), locked: false, exists: false, value: undefined }])
    assert.deepEqual(fixture.locks, [])
    const keys = [bytes('here'), bytes('absent')]
    await assert.rejects(
      fixture.run(transaction.lock(keys, { lockOnlyIfExists: true })),
      code('INVALID_ARGUMENT'),
    )
    const both = await fixture.run(transaction.lock(keys))
    assert.deepEqual(
      both.map(({ locked, exists, value }) => ({ locked, exists, value })),
      [
        { locked: true, exists: true, value: undefined },
        { locked: true, exists: false, value: undefined },
      ],
    )
    const again = await fixture.run(transaction.lock(keys, { returnValues: true }))
    assert.deepEqual(
      again.map(({ value }) => text(value)),
      ['value', undefined],
    )
    assert.equal(fixture.locks.length, 2)
    await fixture.run(transaction.rollback())
  })

  it('returns the value at the timestamp of the lock', async () => {
    await using fixture = await TransactionFixture.start()
    const transaction = await fixture.run(fixture.client.txn.begin(PESSIMISTIC))
    await fixture.write({ k: 'newer' })
    const [row] = await fixture.run(transaction.lock([bytes('k')], { returnValues: true }))
    assert.equal(text(row?.value), 'newer')
    await fixture.run(transaction.rollback())
  })

  it('[S56] a fair lock is given in spite of a newer version, and is lost with a conflict when it is not kept', async () => {
    await using fixture = await TransactionFixture.start()
    const transaction = await fixture.run(fixture.client.txn.begin(PESSIMISTIC))
    await fixture.write({ k: 'newer' })
    fixture.cluster.faults.clearLog()
    const [row] = await fixture.run(transaction.lock([bytes('k')], { fair: true, returnValues: true }))
    assert.equal(text(row?.value), 'newer')
    assert.equal(fixture.requests(tikvMethods.kvPessimisticLock).length, 1)
    assert.equal(text(await fixture.run(transaction.get(bytes('k')))), 'newer')
    const [lock] = fixture.locks
    const lockTs = lock?.lockForUpdateTs ?? 0n
    assert.ok(lockTs > transaction.startTs)
    await loseLock(fixture, transaction.startTs, 'k')
    await fixture.write({ k: 'newest' })
    put(transaction, { k: 'mine' })
    await assert.rejects(fixture.run(transaction.commit()), (error) => {
      return error instanceof OrbitError && error.retry === 'safe'
    })
    const [request] = fixture.requests(tikvMethods.kvPrewrite).filter(({ forUpdateTs }) => forUpdateTs > 0n)
    assert.deepEqual(request?.forUpdateTsConstraints, [{ index: 0, expectedForUpdateTs: lockTs }])
    assert.equal(await fixture.read('k'), 'newest')
  })

  it('a fair lock waits its turn and is then given without another request', async () => {
    await using fixture = await TransactionFixture.start()
    const holder = await fixture.run(fixture.client.txn.begin(PESSIMISTIC))
    await fixture.run(holder.lock([bytes('k')]))
    const waiter = await fixture.run(fixture.client.txn.begin(PESSIMISTIC))
    fixture.cluster.faults.clearLog()
    const waiting = waiter.getForUpdate(bytes('k'), { fair: true })
    await fixture.pass(100)
    put(holder, { k: 'first' })
    await fixture.run(holder.commit())
    assert.equal(text(await fixture.run(waiting)), 'first')
    assert.equal(fixture.requests(tikvMethods.kvPessimisticLock).length, 1)
    put(waiter, { k: 'second' })
    await fixture.run(waiter.commit())
    assert.equal(await fixture.read('k'), 'second')
  })

  it('a key that is locked and not written is locked until the commit, and committed as a lock', async () => {
    await using fixture = await TransactionFixture.start()
    const transaction = await fixture.run(
      fixture.client.txn.begin({ ...PESSIMISTIC, onePc: false, asyncCommit: false }),
    )
    await fixture.run(transaction.lock([bytes('b'), bytes('a')]))
    put(transaction, { c: 'v' })
    await fixture.run(transaction.commit())
    await fixture.run(fixture.client.settle())
    const [request] = fixture.requests(tikvMethods.kvPrewrite)
    assert.deepEqual(
      request?.mutations.map(({ key, op }) => [text(key), op]),
      [
        ['a', Op.Lock],
        ['b', Op.Lock],
        ['c', Op.Put],
      ],
    )
    assert.equal(text(request?.primaryLock), 'a')
    assert.deepEqual(fixture.locks, [])
  })

  it('keys that were written without a lock are checked at commit', async () => {
    await using fixture = await TransactionFixture.start()
    const transaction = await fixture.run(fixture.client.txn.begin(PESSIMISTIC))
    await fixture.run(transaction.lock([bytes('a')]))
    put(transaction, { b: 'mine' })
    await fixture.write({ b: 'other' })
    await assert.rejects(fixture.run(transaction.commit()), code('TRANSACTION_CONFLICT'))
    await fixture.run(fixture.client.settle())
    assert.equal(await fixture.read('b'), 'other')
    assert.deepEqual(fixture.locks, [])
  })

  it('an insert of a key that is locked and has a value fails, whichever came first', async () => {
    await using fixture = await TransactionFixture.start()
    await fixture.write({ k: 'there' })
    const locked = await fixture.run(fixture.client.txn.begin(PESSIMISTIC))
    await fixture.run(locked.lock([bytes('k')]))
    locked.insert(bytes('k'), bytes('new'))
    await assert.rejects(fixture.run(locked.commit()), code('KEY_EXISTS'))
    const inserted = await fixture.run(fixture.client.txn.begin(PESSIMISTIC))
    inserted.insert(bytes('k'), bytes('new'))
    await assert.rejects(fixture.run(inserted.lock([bytes('k')])), code('KEY_EXISTS'))
    await assert.rejects(fixture.run(inserted.commit()), code('KEY_EXISTS'))
    const deleted = await fixture.run(fixture.client.txn.begin(PESSIMISTIC))
    await fixture.run(deleted.lock([bytes('other')]))
    deleted.insert(bytes('k'), bytes('new'))
    deleted.delete(bytes('k'))
    await assert.rejects(fixture.run(deleted.commit()), code('KEY_EXISTS'))
    await fixture.run(fixture.client.settle())
    assert.equal(await fixture.read('k'), 'there')
    assert.deepEqual(fixture.locks, [])
  })

  it('rolling back while a lock call waits ends the call and leaves nothing', async () => {
    await using fixture = await TransactionFixture.start()
    const holder = await fixture.run(fixture.client.txn.begin(PESSIMISTIC))
    await fixture.run(holder.lock([bytes('k')]))
    const waiter = await fixture.run(fixture.client.txn.begin(PESSIMISTIC))
    const waiting = waiter.lock([bytes('j'), bytes('k')], { wait: 'always' })
    const refused = assert.rejects(waiting, code('TRANSACTION_CLOSED'))
    await fixture.pass(300)
    await fixture.run(waiter.rollback())
    await refused
    await fixture.run(holder.rollback())
    await fixture.run(fixture.client.settle())
    await fixture.pass(30_000)
    assert.equal(await fixture.read('k'), undefined)
    await fixture.run(fixture.client.txn.run(async (transaction) => put(transaction, { j: '1', k: '1' })))
    assert.equal(await fixture.read('k'), '1')
  })

  it('refuses further locks once they are no longer kept alive', async () => {
    await using fixture = await TransactionFixture.start({}, { maxTransactionTtl: '15s' })
    const transaction = await fixture.run(fixture.client.txn.begin(PESSIMISTIC))
    await fixture.run(transaction.lock([bytes('k')]))
    await fixture.pass(20_000)
    await assert.rejects(fixture.run(transaction.lock([bytes('j')])), code('TRANSACTION_TIMEOUT'))
    await fixture.run(transaction.rollback())
  })

  it('servers that do not tell which of the keys exist are asked for their values', async () => {
    await using fixture = await TransactionFixture.start({ splitKeys: [bytes('k')] })
    await fixture.write({ k: '1' })
    const unaware: Interceptor = (call, next) => {
      if (call.method === 'KvPessimisticLock') (call.request as PessimisticLockRequest).checkExistence = false
      return next()
    }
    const options = { ...PESSIMISTIC, interceptors: [unaware] } as const
    const absent = await fixture.run(fixture.client.txn.begin(options))
    await fixture.run(absent.lock([bytes('j'), bytes('k')]))
    absent.insert(bytes('j'), bytes('new'))
    absent.put(bytes('k'), bytes('2'))
    await fixture.run(absent.commit())
    const present = await fixture.run(fixture.client.txn.begin(options))
    await fixture.run(present.lock([bytes('j')]))
    present.insert(bytes('j'), bytes('newer'))
    await assert.rejects(fixture.run(present.commit()), code('KEY_EXISTS'))
    await fixture.run(fixture.client.settle())
    assert.equal(fixture.requests(tikvMethods.kvPessimisticLock).length, 6)
    assert.deepEqual([await fixture.read('j'), await fixture.read('k')], ['new', '2'])
    assert.deepEqual(fixture.locks, [])
  })

  it('an optimistic transaction locks at commit', async () => {
    await using fixture = await TransactionFixture.start()
    await fixture.write({ k: '1' })
    const transaction = await fixture.run(fixture.client.txn.begin())
    assert.equal(text(await fixture.run(transaction.getForUpdate(bytes('k')))), '1')
    assert.deepEqual(fixture.requests(tikvMethods.kvPessimisticLock), [])
    await fixture.write({ k: '2' })
    await assert.rejects(fixture.run(transaction.commit()), code('TRANSACTION_CONFLICT'))
  })
})

async function loseLock(fixture: TransactionFixture, startVersion: bigint, key: string): Promise<void> {
  const everything = { start: new Uint8Array(), end: new Uint8Array() }
  const request = { context: undefined, startVersion, forUpdateTs: MAX_TIMESTAMP, keys: [bytes(key)] }
  await fixture.run(fixture.cluster.mvcc.pessimisticRollback(request, everything))
  assert.deepEqual(fixture.locks, [])
}
