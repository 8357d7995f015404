import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { tikvMethods } from '../rpc/methods.js'
import { bytes, code, put, text, TransactionFixture } from './transaction-fixture.fake.js'

const PLAIN = { asyncCommit: false, onePc: false }

describe('two-phase commit', () => {
  it('[S37] three keys in three regions are readable at the commit timestamp, not at the start', async () => {
    await using fixture = await TransactionFixture.start({ splitKeys: [bytes('b'), bytes('c')] })
    const { client } = fixture
    const transaction = await fixture.run(client.txn.begin(PLAIN))
    put(transaction, { a: '1', b: '2', c: '3' })
    const { startTs, commitTs = 0n, onePc, asyncCommit } = await fixture.run(transaction.commit())
    assert.deepEqual({ onePc, asyncCommit }, { onePc: false, asyncCommit: false })
    assert.ok(commitTs > startTs)
    await fixture.run(client.settle())
    const keys = ['a', 'b', 'c'].map(bytes)
    const at = async (ts: bigint): Promise<(string | undefined)[]> =>
      fixture.run(async () => (await (await client.txn.snapshot(ts)).batchGet(keys)).map(text))
    assert.deepEqual(await at(commitTs), ['1', '2', '3'])
    assert.deepEqual(await at(commitTs - 1n), [undefined, undefined, undefined])
    assert.deepEqual(fixture.locks, [])
    assert.equal(fixture.requests(tikvMethods.kvPrewrite).length, 3)
    assert.equal(fixture.requests(tikvMethods.kvCommit).length, 3)
  })

  it('[S38] of two transactions that write a key the second one to commit conflicts', async () => {
    await using fixture = await TransactionFixture.start()
    const first = await fixture.run(fixture.client.txn.begin())
    const second = await fixture.run(fixture.client.txn.begin())
    put(first, { k: 'first' })
    put(second, { k: 'second' })
    await fixture.run(first.commit())
    await assert.rejects(fixture.run(second.commit()), code('TRANSACTION_CONFLICT'))
    assert.equal(await fixture.read('k'), 'first')
    await fixture.run(fixture.client.settle())
    assert.deepEqual(fixture.locks, [])
  })
})
