import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KeyError } from '../gen/kvrpcpb.js'
import { tikvMethods } from '../rpc/methods.js'
import { bytes, code, put, text, TransactionFixture } from './transaction-fixture.fake.js'

const SMALL = { pipelined: { flushKeysMin: 100, flushBytesMin: 1000 } } as const
const key = (at: number): Uint8Array => bytes(`row-${String(at).padStart(6, '0')}`)

describe('pipelined transactions', () => {
  it('[S66] flush while they run, read their own flushed rows, and commit all', async () => {
    await using fixture = await TransactionFixture.start({ splitKeys: [key(300), key(700)] })
    await fixture.write({ [text(key(5)) ?? '']: 'old' })
    const transaction = await fixture.run(fixture.client.txn.begin(SMALL))
    for (let at = 0; at < 1000; at++) {
      transaction.put(key(at), bytes(`value-${at}`))
      if (at % 50 === 49) await fixture.run(transaction.drain())
    }
    transaction.delete(key(5))
    transaction.put(key(6), bytes('again'))
    const read = await fixture.run(transaction.batchGet([key(5), key(6), key(7), key(999), key(2000)]))
    assert.deepEqual(read.map(text), [undefined, 'again', 'value-7', 'value-999', undefined])
    const { commitTs, startTs } = await fixture.run(transaction.commit())
    assert.ok((commitTs ?? 0n) > startTs)
    await fixture.run(fixture.client.settle())
    const generations = fixture.requests(tikvMethods.kvFlush).map(({ generation }) => generation)
    assert.ok(generations.every((generation, at) => at === 0 || generation >= (generations[at - 1] ?? 0n)))
    assert.ok(new Set(generations).size > 5)
    assert.equal(generations[0], 1n)
    assert.equal(fixture.requests(tikvMethods.kvCommit).length, 1)
    assert.deepEqual(fixture.locks, [])
    assert.deepEqual(await count(fixture), 999)
    assert.equal(await fixture.read(text(key(6)) ?? ''), 'again')
  })

  it('[S66] rolling back removes everything', async () => {
    await using fixture = await TransactionFixture.start({ splitKeys: [key(300), key(700)] })
    const transaction = await fixture.run(fixture.client.txn.begin(SMALL))
    for (let at = 0; at < 1000; at++) {
      transaction.put(key(at), bytes(`value-${at}`))
      if (at % 100 === 99) await fixture.run(transaction.drain())
    }
    assert.ok(fixture.locks.length > 0)
    await fixture.run(transaction.rollback())
    await fixture.run(fixture.client.settle())
    assert.deepEqual(fixture.locks, [])
    assert.equal(await count(fixture), 0)
    const statuses = fixture.requests(tikvMethods.broadcastTxnStatus).map(({ txnStatus }) => txnStatus[0])
    assert.deepEqual(new Set(statuses.map((status) => status?.rolledBack)), new Set([true]))
  })

  it('keep their primary alive, and push readers past it', async () => {
    await using fixture = await TransactionFixture.start()
    const transaction = await fixture.run(fixture.client.txn.begin(SMALL))
    for (let at = 0; at < 200; at++) transaction.put(key(at), bytes('value'))
    await fixture.run(transaction.drain())
    await fixture.pass(45_000)
    const beats = fixture.requests(tikvMethods.kvTxnHeartBeat)
    assert.equal(beats.length, 4)
    assert.ok(beats.every(({ minCommitTs }) => minCommitTs > transaction.startTs))
    assert.ok(fixture.requests(tikvMethods.broadcastTxnStatus).length > 0)
    assert.equal(await fixture.read(text(key(1)) ?? ''), undefined)
    await fixture.run(transaction.commit())
    await fixture.run(fixture.client.settle())
    assert.equal(await fixture.read(text(key(1)) ?? ''), 'value')
  })

  it('report a conflict from a flush, and leave nothing', async () => {
    await using fixture = await TransactionFixture.start()
    const transaction = await fixture.run(fixture.client.txn.begin(SMALL))
    await fixture.write({ [text(key(50)) ?? '']: 'other' })
    for (let at = 0; at < 150; at++) transaction.put(key(at), bytes('value'))
    await fixture.pass(100)
    await assert.rejects(fixture.run(transaction.drain()), code('TRANSACTION_CONFLICT'))
    assert.throws(() => transaction.put(key(1), bytes('v')), code('TRANSACTION_CONFLICT'))
    await assert.rejects(fixture.run(transaction.commit()), code('TRANSACTION_CONFLICT'))
    await fixture.run(fixture.client.settle())
    assert.deepEqual(fixture.locks, [])
    assert.equal(await count(fixture), 1)
  })

  it('read nothing that a failed flush may have lost', async () => {
    await using fixture = await TransactionFixture.start()
    const transaction = await fixture.run(fixture.client.txn.begin(SMALL))
    fixture.cluster.faults.keyError({ method: 'KvFlush' }, KeyError.create({ abort: 'not today' }))
    for (let at = 0; at < 150; at++) transaction.put(key(at), bytes('value'))
    const before = transaction.get(key(200))
    await assert.rejects(fixture.run(before), code('TRANSACTION_ABORTED'))
    await assert.rejects(fixture.run(transaction.get(key(1))), code('TRANSACTION_ABORTED'))
    fixture.cluster.faults.clear()
    await fixture.run(transaction.rollback())
    await fixture.run(fixture.client.settle())
    assert.deepEqual(fixture.locks, [])
  })

  it('flush again what a lost answer, a moved leader or a split leaves open, and lose nothing', async () => {
    await using fixture = await TransactionFixture.start({ splitKeys: [key(300)] })
    const { cluster } = fixture
    const { faults } = cluster
    faults.add({ method: 'KvFlush' }, { kind: 'lose-answer' }, { skip: 1, times: 2 })
    faults.add({ method: 'KvFlush' }, { kind: 'drop' }, { skip: 5, times: 1 })
    const transaction = await fixture.run(fixture.client.txn.begin(SMALL))
    for (let round = 0; round < 5; round++) {
      for (let at = 0; at < 500; at++) transaction.put(key(at), bytes(`${round}-${at}`))
      const draining = transaction.drain()
      if (round === 1) cluster.splitAt(key(100))
      if (round === 2) cluster.splitAt(key(400))
      await fixture.run(draining)
      const own = await fixture.run(transaction.batchGet([key(0), key(250), key(499)]))
      assert.deepEqual(own.map(text), [`${round}-0`, `${round}-250`, `${round}-499`])
    }
    await fixture.run(transaction.commit())
    await fixture.run(fixture.client.settle())
    assert.deepEqual(fixture.locks, [])
    const snapshot = await fixture.run(fixture.client.txn.snapshot())
    const keys = Array.from({ length: 500 }, (_, at) => key(at))
    const values = await fixture.run(snapshot.batchGet(keys))
    assert.deepEqual(
      values.map(text),
      keys.map((_, at) => `4-${at}`),
    )
  })

  it('say farewell to the servers 5 s after the end, and nobody waits for that', async () => {
    await using fixture = await TransactionFixture.start()
    const transaction = await fixture.run(fixture.client.txn.begin(SMALL))
    put(transaction, { k: 'v' })
    await fixture.run(transaction.commit())
    const startMs = fixture.env.clock.nowMs()
    await fixture.run(fixture.client.settle())
    assert.ok(fixture.env.clock.nowMs() - startMs < 1000)
    const completed = (): number =>
      fixture
        .requests(tikvMethods.broadcastTxnStatus)
        .filter(({ txnStatus: [status] }) => status?.isCompleted === true).length
    assert.equal(completed(), 0)
    await fixture.pass(5000)
    assert.equal(completed(), 3)
  })

  it('insert: a key that exists is found at the flush', async () => {
    await using fixture = await TransactionFixture.start()
    await fixture.write({ there: 'v' })
    const transaction = await fixture.run(fixture.client.txn.begin(SMALL))
    transaction.insert(bytes('there'), bytes('new'))
    await assert.rejects(fixture.run(transaction.commit()), code('KEY_EXISTS'))
  })

  it('that wrote nothing commit nothing', async () => {
    await using fixture = await TransactionFixture.start()
    const transaction = await fixture.run(fixture.client.txn.begin({ pipelined: true }))
    assert.equal((await fixture.run(transaction.commit())).commitTs, undefined)
    assert.deepEqual(fixture.methods(), [])
  })

  it('an undetermined commit is not rolled back', async () => {
    await using fixture = await TransactionFixture.start()
    const transaction = await fixture.run(fixture.client.txn.begin(SMALL))
    put(transaction, { k: 'v' })
    fixture.cluster.faults.add({ method: 'KvCommit' }, { kind: 'lose-answer' })
    await assert.rejects(fixture.run(transaction.commit()), code('COMMIT_UNDETERMINED'))
    fixture.cluster.faults.clear()
    await fixture.run(fixture.client.settle())
    assert.deepEqual(fixture.requests(tikvMethods.kvResolveLock), [])
    assert.equal(await fixture.read('k'), 'v')
  })

  it('refuse what they cannot do', async () => {
    await using fixture = await TransactionFixture.start()
    const { txn } = fixture.client
    await assert.rejects(
      fixture.run(txn.begin({ pipelined: true, mode: 'pessimistic' })),
      code('INVALID_ARGUMENT'),
    )
    await assert.rejects(
      fixture.run(txn.begin({ pipelined: true, isolation: 'serializable' })),
      code('INVALID_ARGUMENT'),
    )
    const transaction = await fixture.run(txn.begin({ pipelined: { flushKeysMin: 1, flushBytesMin: 1 } }))
    assert.throws(() => transaction.savepoint(), code('STORAGE_UNSUPPORTED'))
    assert.throws(() => transaction.put(bytes('k'), new Uint8Array()), code('INVALID_ARGUMENT'))
    await assert.rejects(fixture.run(transaction.lock([bytes('k')])), code('STORAGE_UNSUPPORTED'))
    put(transaction, { k: 'v' })
    const range = { start: new Uint8Array(), end: new Uint8Array() }
    await assert.rejects(
      fixture.run(() => transaction.scan(range).next()),
      code('STORAGE_UNSUPPORTED'),
    )
    await fixture.run(transaction.rollback())
  })

  it('are slowed down when writes come faster than they can be flushed', async () => {
    await using fixture = await TransactionFixture.start()
    const limits = { flushKeysMin: 1, flushBytesMin: 100, flushBytesForced: 200 }
    const transaction = await fixture.run(fixture.client.txn.begin({ pipelined: limits }))
    const value = bytes('v'.repeat(100))
    assert.throws(() => {
      for (let at = 0; at < 100; at++) transaction.put(key(at), value)
    }, code('TRANSACTION_TOO_LARGE'))
    await fixture.run(transaction.drain())
    transaction.put(key(100), value)
    await fixture.run(transaction.commit())
  })
})

function count(fixture: TransactionFixture): Promise<number> {
  return fixture.run(async () => {
    const snapshot = await fixture.client.txn.snapshot()
    let rows = 0
    for await (const page of snapshot.scan({ start: new Uint8Array(), end: new Uint8Array() }))
      rows += page.length
    return rows
  })
}
