import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { tikvMethods } from '../rpc/methods.js'
import { bytes, code, put, TransactionFixture } from '../txn/transaction-fixture.fake.js'
import type { TiKVConfigChanges } from './changed-config.js'

describe('reconfigure', () => {
  it('changes what calls do from then on', async () => {
    await using fixture = await TransactionFixture.start()
    const { client } = fixture
    await fixture.write({ a: '1' })
    client.reconfigure({ onePc: false, asyncCommit: false, writeTimeout: '7s', requestTimeout: 900 })
    assert.deepEqual(
      [client.config.onePc, client.config.writeTimeout, client.config.requestTimeout],
      [false, 7000, 900],
    )
    const transaction = await fixture.run(client.txn.begin())
    put(transaction, { b: '1' })
    const { onePc } = await fixture.run(transaction.commit())
    assert.equal(onePc, false)
    const [before, after] = fixture.requests(tikvMethods.kvPrewrite)
    assert.deepEqual(
      [before, after].map((request) => [request?.tryOnePc, request?.context?.maxExecutionDurationMs]),
      [
        [true, 20_000n],
        [false, 7000n],
      ],
    )
  })

  it('makes operations give up sooner with a smaller budget', async () => {
    await using fixture = await TransactionFixture.start()
    const { client, cluster } = fixture
    await fixture.write({ k: '1' })
    const read = async (): Promise<number> => {
      const startMs = fixture.env.clock.nowMs()
      const reading = (async () => (await client.txn.snapshot()).get(bytes('k')))()
      await assert.rejects(fixture.run(reading), code('STORE_UNAVAILABLE'))
      return fixture.env.clock.nowMs() - startMs
    }
    cluster.faults.add({ method: 'KvGet' }, { kind: 'drop' })
    client.reconfigure({ retryBudget: 5 })
    const soon = await read()
    client.reconfigure({ retryBudget: 50 })
    const late = await read()
    assert.ok(soon < 5000 && late > 15_000, `${soon} and ${late} ms`)
  })

  it('sends each call by itself when batches are turned off, and again together', async () => {
    await using fixture = await TransactionFixture.start()
    const { client } = fixture
    const gets = async (): Promise<string> => {
      const snapshot = await client.txn.snapshot()
      await Promise.all(['a', 'b', 'c'].map((key) => snapshot.get(bytes(key))))
      const text = await client.metrics.render()
      return /^orbit_tikv_batch_requests_sum (\d+)$/m.exec(text)?.[1] ?? ''
    }
    assert.equal(await fixture.run(gets), '3')
    client.reconfigure({ batchSizeMax: 0 })
    assert.equal(await fixture.run(gets), '3')
    client.reconfigure({ batchSizeMax: 2 })
    assert.equal(await fixture.run(gets), '6')
  })

  it('refuses what is wrong, unknown or fixed, and changes nothing then', async () => {
    await using fixture = await TransactionFixture.start()
    const { client } = fixture
    const before = { ...client.config }
    const refused: [TiKVConfigChanges, 'CONFIG_INVALID' | 'CONFIG_UNKNOWN_KEY'][] = [
      [{ requestTimeout: '1s', tsoConcurrency: 99 }, 'CONFIG_INVALID'],
      [{ requestTimeout: '1s', tsoMaxWait: '20ms' }, 'CONFIG_INVALID'],
      [{ requestTimeout: '1s', ...{ keyspace: 'other' } }, 'CONFIG_INVALID'],
      [{ requestTimeout: '1s', ...{ requestTimout: 1 } }, 'CONFIG_UNKNOWN_KEY'],
    ]
    for (const [changes, expected] of refused)
      assert.throws(() => client.reconfigure(changes), code(expected))
    client.reconfigure({ requestTimeout: undefined })
    assert.deepEqual(client.config, before)
    await fixture.run(client.close())
    assert.throws(() => client.reconfigure({ onePc: false }), code('CLIENT_CLOSED'))
  })
})
