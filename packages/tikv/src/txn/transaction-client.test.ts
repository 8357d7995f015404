import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { OrbitError } from '@orbit-ts/base'
import { composeTimestamp } from '../timestamp.js'
import { bytes, code, put, text, TransactionFixture } from './transaction-fixture.fake.js'
import type { TransactionOptions } from './transaction-options.js'

describe('TransactionClient', () => {
  it('runs the work again after a conflict, in a new transaction', async () => {
    await using fixture = await TransactionFixture.start()
    await fixture.write({ n: '0' })
    let runs = 0
    const increment = (): Promise<number> =>
      fixture.client.txn.run(
        async (transaction) => {
          runs += 1
          const n = Number(text(await transaction.get(bytes('n')))) + 1
          put(transaction, { n: String(n) })
          return n
        },
        { attemptsMax: 50 },
      )
    const results = await fixture.run(() => Promise.all(Array.from({ length: 5 }, increment)))
    assert.deepEqual([...results].sort(), [1, 2, 3, 4, 5])
    assert.ok(runs > 5)
    assert.equal(await fixture.read('n'), '5')
  })

  it('gives up after so many attempts', async () => {
    await using fixture = await TransactionFixture.start()
    let runs = 0
    const running = fixture.client.txn.run(
      async () => {
        runs += 1
        throw new OrbitError('TRANSACTION_CONFLICT', 'always')
      },
      { attemptsMax: 3 },
    )
    await assert.rejects(fixture.run(running), code('TRANSACTION_CONFLICT'))
    assert.equal(runs, 3)
  })

  it('does not repeat what cannot succeed or may have happened', async () => {
    await using fixture = await TransactionFixture.start()
    for (const failure of [
      new Error('of the work'),
      new OrbitError('KEY_EXISTS', 'x'),
      new OrbitError('ABORTED', 'x'),
      new OrbitError('COMMIT_UNDETERMINED', 'x'),
    ]) {
      let runs = 0
      const running = fixture.client.txn.run(async () => {
        runs += 1
        throw failure
      })
      await assert.rejects(fixture.run(running), failure)
      assert.equal(runs, 1)
    }
    fixture.cluster.faults.add({ method: 'KvPrewrite' }, { kind: 'lose-answer' })
    let runs = 0
    const undetermined = fixture.client.txn.run(async (transaction) => {
      runs += 1
      put(transaction, { k: 'v' })
    })
    await assert.rejects(fixture.run(undetermined), code('COMMIT_UNDETERMINED'))
    assert.equal(runs, 1)
  })

  it('rolls back what failed, and lets the work end the transaction itself', async () => {
    await using fixture = await TransactionFixture.start()
    const failing = fixture.client.txn.run(
      async (transaction) => {
        await transaction.lock([bytes('k')])
        throw new Error('no')
      },
      { mode: 'pessimistic' },
    )
    await assert.rejects(fixture.run(failing), new Error('no'))
    await fixture.run(fixture.client.settle())
    assert.deepEqual(fixture.locks, [])
    const result = await fixture.run(
      fixture.client.txn.run(async (transaction) => {
        put(transaction, { k: 'v' })
        await transaction.rollback()
        return 'done'
      }),
    )
    assert.equal(result, 'done')
    assert.equal(await fixture.read('k'), undefined)
  })

  it('reads at a timestamp, or at the present', async () => {
    await using fixture = await TransactionFixture.start()
    await fixture.write({ k: '1' })
    const before = await fixture.run(fixture.client.txn.currentTimestamp())
    await fixture.write({ k: '2' })
    const old = await fixture.run(fixture.client.txn.snapshot(before))
    assert.equal(text(await fixture.run(old.get(bytes('k')))), '1')
    const now = await fixture.run(fixture.client.txn.snapshot())
    assert.equal(text(await fixture.run(now.get(bytes('k')))), '2')
    const transaction = await fixture.run(fixture.client.txn.begin({ startTs: before }))
    assert.equal(text(await fixture.run(transaction.get(bytes('k')))), '1')
  })

  it('refuses options that mean nothing', async () => {
    await using fixture = await TransactionFixture.start()
    // What a program without types may pass.
    const wrong: readonly Record<string, unknown>[] = [
      { mode: 'pesimistic' },
      { isolation: 'repeatable-read' },
      { assertions: 'on' },
      { priority: 'urgent' },
      { diskFull: 'yes' },
      { startTs: 0n },
      { timeoutMs: 0 },
      { lockWait: -1 },
    ]
    for (const options of wrong) {
      await assert.rejects(
        fixture.run(fixture.client.txn.begin(options as TransactionOptions)),
        code('INVALID_ARGUMENT'),
      )
    }
    const [misspelt = {}] = wrong
    await assert.rejects(
      fixture.run(fixture.client.txn.begin(misspelt as TransactionOptions)),
      /did you mean "pessimistic"/,
    )
    await assert.rejects(
      fixture.run(fixture.client.txn.run(async () => undefined, { attemptsMax: 0 })),
      code('INVALID_ARGUMENT'),
    )
  })

  it('refuses to begin before the safe point', async () => {
    await using fixture = await TransactionFixture.start()
    await fixture.write({ k: 'v' })
    const old = await fixture.run(fixture.client.txn.currentTimestamp())
    await fixture.pass(20_000)
    const target = composeTimestamp(fixture.env.clock.nowMs() - 1000, 0)
    await fixture.run(fixture.client.admin.gc(target))
    await fixture.pass(20_000)
    await assert.rejects(fixture.run(fixture.client.txn.begin({ startTs: old })), code('SNAPSHOT_TOO_OLD'))
  })
})
