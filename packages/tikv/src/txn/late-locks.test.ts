import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { OrbitError } from '@orbit-ts/base'
import { PrewriteRequest_PessimisticAction, PrewriteResponse, type PrewriteRequest } from '../gen/kvrpcpb.js'
import type { Interceptor } from '../rpc/store-rpc.js'
import { bytes, code, put, TransactionFixture } from './transaction-fixture.fake.js'
import type { TransactionOptions } from './transaction-options.js'

const LOCKING = { lockAtCommit: true } as const
const PROTOCOLS: readonly (readonly [string, TransactionOptions])[] = [
  ['one phase', {}],
  ['async commit', { onePc: false }],
  ['two phases', { onePc: false, asyncCommit: false }],
  ['two phases, serializable', { isolation: 'serializable' }],
  ['two phases, pessimistic', { mode: 'pessimistic', onePc: false, asyncCommit: false }],
]

/** A transaction that writes the keys and gives up on `blocked`, which it leaves rolled back on all of them. */
async function leaveRollbacks(fixture: TransactionFixture, ...keys: string[]): Promise<void> {
  const { txn } = fixture.client
  const loser = await fixture.run(txn.begin({ onePc: false, asyncCommit: false }))
  for (const key of [...keys, 'zz blocked']) put(loser, { [key]: 'never' })
  await fixture.write({ 'zz blocked': 'first' })
  await assert.rejects(fixture.run(loser.commit()), code('TRANSACTION_CONFLICT'))
  await fixture.run(fixture.client.settle())
}

describe('rollbacks in the way of a commit', () => {
  it('are a conflict without the option', async () => {
    await using fixture = await TransactionFixture.start()
    const transaction = await fixture.run(fixture.client.txn.begin())
    await leaveRollbacks(fixture, 'a')
    put(transaction, { a: '1' })
    await assert.rejects(fixture.run(transaction.commit()), code('TRANSACTION_CONFLICT'))
  })

  for (const [name, options] of PROTOCOLS) {
    it(`are passed, and nothing is left locked: ${name}`, async () => {
      await using fixture = await TransactionFixture.start({ splitKeys: [bytes('b'), bytes('z')] })
      const transaction = await fixture.run(fixture.client.txn.begin({ ...options, ...LOCKING }))
      if (options.mode === 'pessimistic') await fixture.run(transaction.lock([bytes('a0')]))
      await leaveRollbacks(fixture, 'a', 'aa', 'c')
      put(transaction, { a: '1', a1: '1', aa: '2', c: '3' })
      await fixture.run(transaction.commit())
      await fixture.run(fixture.client.settle())
      assert.deepEqual(await Promise.all(['a', 'a1', 'aa', 'c'].map((key) => fixture.read(key))), [
        '1',
        '1',
        '2',
        '3',
      ])
      assert.deepEqual(fixture.locks, [])
    })

    it(`hide no change that came before them: ${name}`, async () => {
      await using fixture = await TransactionFixture.start({ splitKeys: [bytes('b'), bytes('z')] })
      await fixture.write({ a: 'old' })
      const transaction = await fixture.run(fixture.client.txn.begin({ ...options, ...LOCKING }))
      if (options.mode === 'pessimistic') await fixture.run(transaction.lock([bytes('a0')]))
      // The same value: nothing but the records tells that somebody wrote it.
      await fixture.write({ a: 'old' })
      await leaveRollbacks(fixture, 'a')
      put(transaction, { a: '1', a1: '1' })
      await assert.rejects(fixture.run(transaction.commit()), code('TRANSACTION_CONFLICT'))
      await fixture.run(fixture.client.settle())
      assert.equal(await fixture.read('a'), 'old')
      assert.equal(await fixture.read('a1'), undefined)
      assert.deepEqual(fixture.locks, [])
    })
  }

  it('are passed in one phase by a single key, with its lock taken first', async () => {
    await using fixture = await TransactionFixture.start()
    const transaction = await fixture.run(fixture.client.txn.begin(LOCKING))
    await leaveRollbacks(fixture, 'a')
    put(transaction, { a: '1' })
    const { onePc } = await fixture.run(transaction.commit())
    assert.equal(onePc, true)
    assert.deepEqual(fixture.locks, [])
  })

  it('do not make an insert overlook the value below', async () => {
    await using fixture = await TransactionFixture.start()
    await fixture.write({ a: 'there' })
    const transaction = await fixture.run(fixture.client.txn.begin(LOCKING))
    await leaveRollbacks(fixture, 'a', 'b')
    transaction.insert(bytes('a'), bytes('1'))
    await assert.rejects(fixture.run(transaction.commit()), code('KEY_EXISTS'))
    const other = await fixture.run(fixture.client.txn.begin(LOCKING))
    await leaveRollbacks(fixture, 'b')
    other.insert(bytes('b'), bytes('1'))
    await fixture.run(other.commit())
    await fixture.run(fixture.client.settle())
    assert.equal(await fixture.read('b'), '1')
    assert.deepEqual(fixture.locks, [])
  })
})

describe("others' locks in the way of a commit", () => {
  it('are waited for, and are no conflict when their owner gives up', async () => {
    await using fixture = await TransactionFixture.start()
    const { txn } = fixture.client
    for (const ending of ['rollback', 'commit'] as const) {
      const transaction = await fixture.run(txn.begin({ ...LOCKING, onePc: false }))
      put(transaction, { a: 'late', b: 'late' })
      const holder = await fixture.run(txn.begin({ mode: 'pessimistic' }))
      await fixture.run(holder.lock([bytes('b')]))
      const committing = transaction.commit()
      const outcome = committing.then(
        () => 'committed',
        (error: unknown) => error,
      )
      await fixture.pass(200)
      assert.equal(transaction.state, 'committing')
      if (ending === 'commit') put(holder, { b: 'held' })
      await fixture.run(async () => void (await holder[ending]()))
      const found = await fixture.run(outcome)
      if (ending === 'rollback') assert.equal(found, 'committed')
      else assert.ok(code('TRANSACTION_CONFLICT')(found), String(found))
      await fixture.run(fixture.client.settle())
      assert.equal(await fixture.read('b'), ending === 'rollback' ? 'late' : 'held')
    }
    assert.deepEqual(fixture.locks, [])
  })

  it('are waited for as long as the transaction may wait, and then nothing is left', async () => {
    await using fixture = await TransactionFixture.start()
    const { txn } = fixture.client
    const holder = await fixture.run(txn.begin({ mode: 'pessimistic' }))
    await fixture.run(holder.lock([bytes('b')]))
    for (const [lockWait, expected] of [
      [100, 'LOCK_TIMEOUT'],
      ['nowait', 'LOCK_NOT_AVAILABLE'],
    ] as const) {
      const transaction = await fixture.run(txn.begin({ ...LOCKING, lockWait }))
      put(transaction, { a: 'late', b: 'late' })
      await assert.rejects(fixture.run(transaction.commit()), code(expected))
    }
    await fixture.run(holder.rollback())
    await fixture.run(fixture.client.settle())
    assert.deepEqual(fixture.locks, [])
  })

  it('of two commits that write what the other one holds, one is refused at once', async () => {
    await using fixture = await TransactionFixture.start({ splitKeys: [bytes('b')] })
    const { txn } = fixture.client
    const options = { ...LOCKING, mode: 'pessimistic' } as const
    const [first, second] = await fixture.run(Promise.all([txn.begin(options), txn.begin(options)]))
    await fixture.run(first.lock([bytes('a')]))
    await fixture.run(second.lock([bytes('b')]))
    for (const transaction of [first, second]) put(transaction, { a: 'x', b: 'x' })
    const outcomes = await fixture.run(
      Promise.all(
        [first, second].map((transaction) =>
          transaction.commit().then(
            () => 'committed',
            (error: unknown) => (error instanceof OrbitError ? error.code : String(error)),
          ),
        ),
      ),
    )
    assert.ok(outcomes.includes('TRANSACTION_DEADLOCK'), outcomes.join())
    await fixture.run(fixture.client.settle())
    assert.deepEqual(fixture.locks, [])
  })
})

/** As servers that do not know that a key of a pessimistic transaction may be checked instead of locked. */
const takesAllToBeLocked: Interceptor = async (call, next) => {
  if (call.method !== 'KvPrewrite') return next()
  const { pessimisticActions } = call.request as PrewriteRequest
  return pessimisticActions.includes(PrewriteRequest_PessimisticAction.DO_CONSTRAINT_CHECK)
    ? PrewriteResponse.fromPartial({ errors: [{ abort: 'pessimistic lock not found' }] })
    : next()
}

describe('keys that were not locked, on servers that take all to be locked', () => {
  const OLD = { mode: 'pessimistic', interceptors: [takesAllToBeLocked] } as const
  const WAYS: readonly (readonly [string, TransactionOptions])[] = [
    ['one phase', OLD],
    ['async commit', { ...OLD, onePc: false }],
    ['two phases', { ...OLD, onePc: false, asyncCommit: false }],
  ]

  for (const [name, options] of WAYS) {
    it(`are locked by the commit: ${name}`, async () => {
      await using fixture = await TransactionFixture.start({
        splitKeys: name === 'one phase' ? [] : [bytes('b'), bytes('z')],
      })
      const transaction = await fixture.run(fixture.client.txn.begin(options))
      await fixture.run(transaction.lock([bytes('a0')]))
      await leaveRollbacks(fixture, 'aa')
      put(transaction, { a: '1', a0: '1', aa: '2', c: '3' })
      transaction.insert(bytes('d'), bytes('4'))
      const { onePc, asyncCommit } = await fixture.run(transaction.commit())
      assert.deepEqual([onePc, asyncCommit], [name === 'one phase', name === 'async commit'])
      await fixture.run(fixture.client.settle())
      assert.deepEqual(await Promise.all(['a', 'a0', 'aa', 'c', 'd'].map((key) => fixture.read(key))), [
        '1',
        '1',
        '2',
        '3',
        '4',
      ])
      assert.deepEqual(fixture.locks, [])
    })

    it(`conflict when somebody has changed them: ${name}`, async () => {
      await using fixture = await TransactionFixture.start({ splitKeys: [bytes('b'), bytes('z')] })
      const transaction = await fixture.run(fixture.client.txn.begin(options))
      await fixture.run(transaction.lock([bytes('a0')]))
      await fixture.write({ c: 'theirs' })
      put(transaction, { a: '1', a0: '1', c: '3' })
      await assert.rejects(fixture.run(transaction.commit()), code('TRANSACTION_CONFLICT'))
      await fixture.run(fixture.client.settle())
      assert.deepEqual([await fixture.read('a0'), await fixture.read('c')], [undefined, 'theirs'])
      assert.deepEqual(fixture.locks, [])
    })
  }

  it('are found to exist by an insert', async () => {
    await using fixture = await TransactionFixture.start()
    await fixture.write({ c: 'theirs' })
    const transaction = await fixture.run(fixture.client.txn.begin(OLD))
    await fixture.run(transaction.lock([bytes('a0')]))
    transaction.insert(bytes('c'), bytes('3'))
    await assert.rejects(fixture.run(transaction.commit()), code('KEY_EXISTS'))
    await fixture.run(fixture.client.settle())
    assert.equal(await fixture.read('c'), 'theirs')
    assert.deepEqual(fixture.locks, [])
  })
})
