import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KeyError, TxnHeartBeatResponse } from '../../gen/kvrpcpb.js'
import { tikvMethods } from '../../rpc/methods.js'
import { bytes, code, TransactionFixture } from '../transaction-fixture.fake.js'

describe('LockHeartbeat', () => {
  it('ends when the lock is gone', async () => {
    await using fixture = await TransactionFixture.start()
    const transaction = await fixture.run(fixture.client.txn.begin({ mode: 'pessimistic' }))
    await fixture.run(transaction.lock([bytes('k')]))
    const gone = KeyError.fromPartial({
      txnNotFound: { startTs: transaction.startTs, primaryKey: bytes('k') },
    })
    fixture.cluster.faults.add(
      { method: 'KvTxnHeartBeat' },
      { kind: 'answer', response: () => TxnHeartBeatResponse.fromPartial({ error: gone }) },
    )
    await fixture.pass(60_000)
    assert.equal(fixture.requests(tikvMethods.kvTxnHeartBeat).length, 1)
    await assert.rejects(fixture.run(transaction.lock([bytes('l')])), code('TRANSACTION_TIMEOUT'))
    await fixture.run(transaction.rollback())
  })

  it('survives failures', async () => {
    await using fixture = await TransactionFixture.start()
    const transaction = await fixture.run(fixture.client.txn.begin({ mode: 'pessimistic' }))
    await fixture.run(transaction.lock([bytes('k')]))
    fixture.cluster.faults.add({ method: 'KvTxnHeartBeat' }, { kind: 'drop' }, { times: 3 })
    await fixture.pass(31_000)
    transaction.put(bytes('k'), bytes('v'))
    await fixture.run(transaction.commit())
    assert.equal(await fixture.read('k'), 'v')
  })

  it('ends with the client', async () => {
    await using fixture = await TransactionFixture.start()
    const other = await fixture.connect()
    const transaction = await fixture.run(other.txn.begin({ mode: 'pessimistic', timeoutMs: 100_000 }))
    await fixture.run(transaction.lock([bytes('k')]))
    await fixture.run(other.close())
    fixture.cluster.faults.clearLog()
    await fixture.pass(30_000)
    assert.deepEqual(fixture.requests(tikvMethods.kvTxnHeartBeat), [])
  })
})
