import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Error as RegionError } from '../gen/errorpb.js'
import { CommitResponse, CommitRole, KeyError, Op, type CommitRequest } from '../gen/kvrpcpb.js'
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

  it('[S36] an undetermined result of the primary commit is reported as such, and nothing is rolled back', async () => {
    await using fixture = await TransactionFixture.start()
    const { faults } = fixture.cluster
    faults.regionError({ method: 'KvCommit' }, RegionError.fromPartial({ undeterminedResult: {} }))
    const transaction = await fixture.run(fixture.client.txn.begin(PLAIN))
    put(transaction, { k: 'v' })
    await assert.rejects(fixture.run(transaction.commit()), code('COMMIT_UNDETERMINED'))
    await fixture.run(fixture.client.settle())
    assert.equal(transaction.state, 'undetermined')
    assert.equal(fixture.requests(tikvMethods.kvCommit).length, 1)
    assert.deepEqual(fixture.requests(tikvMethods.kvBatchRollback), [])
  })

  it('[S39] 200 keys of 1 KiB: every prewrite tells the size of the transaction, none exceeds a batch', async () => {
    await using fixture = await TransactionFixture.start()
    const transaction = await fixture.run(fixture.client.txn.begin(PLAIN))
    const value = new Uint8Array(1024).fill(7)
    for (let at = 0; at < 200; at++) transaction.put(bytes(`key-${String(at).padStart(3, '0')}`), value)
    await fixture.run(transaction.commit())
    const requests = fixture.requests(tikvMethods.kvPrewrite)
    const entryBytes = 1024 + 7
    assert.deepEqual(new Set(requests.map(({ txnSize }) => txnSize)), new Set([200n]))
    const sizes = requests.map(({ mutations }) => mutations.length * entryBytes)
    assert.ok(sizes.every((size) => size < 16 * 1024 + entryBytes))
    assert.equal(requests.length, Math.ceil(200 / Math.ceil((16 * 1024) / entryBytes)))
    const [first] = requests
    assert.equal(text(first?.primaryLock), 'key-000')
    assert.equal(text(first?.mutations[0]?.key), 'key-000')
  })

  it('[S40] a commit timestamp that a reader has overtaken is replaced by a newer one', async () => {
    await using fixture = await TransactionFixture.start()
    let minCommitTs = 0n
    fixture.cluster.faults.add(
      { method: 'KvCommit' },
      {
        kind: 'answer',
        response: ({ request }) => {
          // The only method that the filter lets through.
          const { startVersion, commitVersion, keys } = request as CommitRequest
          minCommitTs = startVersion + 100n
          return expired(startVersion, commitVersion, minCommitTs, keys[0])
        },
      },
      { times: 1 },
    )
    const transaction = await fixture.run(fixture.client.txn.begin(PLAIN))
    put(transaction, { k: 'v' })
    const { commitTs = 0n } = await fixture.run(transaction.commit())
    const [first, second] = fixture.requests(tikvMethods.kvCommit)
    assert.ok(commitTs > minCommitTs)
    assert.ok((second?.commitVersion ?? 0n) > (first?.commitVersion ?? 0n))
    assert.equal(second?.commitVersion, commitTs)
    assert.equal(await fixture.read('k'), 'v')
  })

  it('[S40] a commit that was pushed by more than an hour fails', async () => {
    await using fixture = await TransactionFixture.start()
    fixture.cluster.faults.add(
      { method: 'KvCommit' },
      {
        kind: 'answer',
        response: ({ request }) => {
          const { startVersion, commitVersion, keys } = request as CommitRequest
          return expired(startVersion, commitVersion, commitVersion + 943_718_400_001n, keys[0])
        },
      },
    )
    const transaction = await fixture.run(fixture.client.txn.begin(PLAIN))
    put(transaction, { k: 'v' })
    await assert.rejects(fixture.run(transaction.commit()), code('TRANSACTION_ABORTED'))
    assert.equal(fixture.requests(tikvMethods.kvCommit).length, 1)
  })

  it('[S41] a primary commit whose answers are lost is undetermined, and not rolled back', async () => {
    await using fixture = await TransactionFixture.start()
    fixture.cluster.faults.add({ method: 'KvCommit' }, { kind: 'lose-answer' })
    const transaction = await fixture.run(fixture.client.txn.begin(PLAIN))
    put(transaction, { k: 'v' })
    await assert.rejects(fixture.run(transaction.commit()), code('COMMIT_UNDETERMINED'))
    fixture.cluster.faults.clear()
    await fixture.run(fixture.client.settle())
    assert.deepEqual(fixture.requests(tikvMethods.kvBatchRollback), [])
    assert.equal(await fixture.read('k'), 'v')
  })

  it('[S41] a lost answer stays undetermined when only region errors follow', async () => {
    await using fixture = await TransactionFixture.start()
    const { faults } = fixture.cluster
    faults.add({ method: 'KvCommit' }, { kind: 'lose-answer' }, { times: 1 })
    faults.regionError({ method: 'KvCommit' }, RegionError.fromPartial({ notLeader: {} }), { skip: 1 })
    const transaction = await fixture.run(fixture.client.txn.begin(PLAIN))
    put(transaction, { k: 'v' })
    await assert.rejects(fixture.run(transaction.commit()), code('COMMIT_UNDETERMINED'))
    await fixture.run(fixture.client.settle())
    assert.deepEqual(fixture.requests(tikvMethods.kvBatchRollback), [])
  })

  it('[S41] a later answer about the primary ends the uncertainty', async () => {
    await using fixture = await TransactionFixture.start()
    const { faults } = fixture.cluster
    faults.add({ method: 'KvCommit' }, { kind: 'drop' }, { times: 1 })
    faults.keyError({ method: 'KvCommit' }, KeyError.fromPartial({ abort: 'for the test' }), { skip: 1 })
    const transaction = await fixture.run(fixture.client.txn.begin(PLAIN))
    put(transaction, { k: 'v' })
    await assert.rejects(fixture.run(transaction.commit()), code('TRANSACTION_ABORTED'))
    await fixture.run(fixture.client.settle())
    assert.equal(fixture.requests(tikvMethods.kvBatchRollback).length, 1)
    assert.deepEqual(fixture.locks, [])
  })

  it('[S42] when one batch cannot be prewritten, all keys are rolled back and nothing is committed', async () => {
    await using fixture = await TransactionFixture.start({ splitKeys: [bytes('m')] })
    const transaction = await fixture.run(fixture.client.txn.begin(PLAIN))
    put(transaction, { a: '1', z: '1' })
    await fixture.write({ z: 'other' })
    fixture.cluster.faults.clearLog()
    await assert.rejects(fixture.run(transaction.commit()), code('TRANSACTION_CONFLICT'))
    await fixture.run(fixture.client.settle())
    const rolledBack = fixture.requests(tikvMethods.kvBatchRollback).flatMap(({ keys }) => keys)
    assert.deepEqual(rolledBack.map(text), ['a', 'z'])
    assert.deepEqual(fixture.requests(tikvMethods.kvCommit), [])
    assert.deepEqual(fixture.locks, [])
    assert.equal(await fixture.read('a'), undefined)
    assert.equal(await fixture.read('z'), 'other')
  })

  it('[S43] an optimistic transaction that meets the lock of a newer one conflicts at once', async () => {
    await using fixture = await TransactionFixture.start()
    const older = await fixture.run(fixture.client.txn.begin(PLAIN))
    const newer = await fixture.run(fixture.client.txn.begin(PLAIN))
    const hang = fixture.cluster.faults.add({ method: 'KvCommit' }, { kind: 'hang' })
    put(newer, { k: 'newer' })
    const committing = newer.commit()
    committing.catch(() => undefined)
    await fixture.pass(100)
    assert.equal(fixture.locks.length, 1)
    put(older, { k: 'older' })
    const startedMs = fixture.env.clock.nowMs()
    await assert.rejects(fixture.run(older.commit()), code('TRANSACTION_CONFLICT'))
    assert.ok(fixture.env.clock.nowMs() - startedMs < 1000)
    hang.remove()
    await fixture.run(committing)
    assert.equal(await fixture.read('k'), 'newer')
  })

  it('[S52] locks live 3 s and the age of the transaction, longer for a large one', async () => {
    await using fixture = await TransactionFixture.start()
    const small = await fixture.run(fixture.client.txn.begin(PLAIN))
    put(small, { s: 'v' })
    await fixture.pass(500)
    await fixture.run(small.commit())
    const large = await fixture.run(fixture.client.txn.begin(PLAIN))
    large.put(bytes('large'), new Uint8Array(1024 * 1024 - 5))
    await fixture.pass(250)
    await fixture.run(large.commit())
    const ttls = fixture.requests(tikvMethods.kvPrewrite).map(({ lockTtl }) => Number(lockTtl))
    const [smallTtl = 0, largeTtl = 0] = ttls
    assert.ok(smallTtl >= 3500 && smallTtl < 3600, String(smallTtl))
    assert.ok(largeTtl >= 6250 && largeTtl < 6350, String(largeTtl))
  })

  it('[S52] the locks of a transaction that begins at an old timestamp live as much longer', async () => {
    await using fixture = await TransactionFixture.start()
    const startTs = await fixture.run(fixture.client.txn.currentTimestamp())
    await fixture.pass(10_000)
    const transaction = await fixture.run(fixture.client.txn.begin({ ...PLAIN, startTs }))
    put(transaction, { k: 'v' })
    await fixture.run(transaction.commit())
    const [request] = fixture.requests(tikvMethods.kvPrewrite)
    const ttl = Number(request?.lockTtl)
    // The age is as of a timestamp that may be 2 s old.
    assert.ok(ttl >= 11_000 && ttl < 13_100, String(ttl))
  })

  it('refuses to commit after 24 hours', async () => {
    await using fixture = await TransactionFixture.start()
    for (const options of [PLAIN, {}]) {
      const transaction = await fixture.run(fixture.client.txn.begin(options))
      put(transaction, { k: 'v' })
      await fixture.env.advance(24 * 3600 * 1000 + 1000)
      await assert.rejects(fixture.run(transaction.commit()), code('TRANSACTION_TIMEOUT'))
    }
    assert.deepEqual(fixture.requests(tikvMethods.kvPrewrite), [])
  })

  it('[S55] an insert fails when the key exists', async () => {
    await using fixture = await TransactionFixture.start()
    await fixture.write({ k: 'there' })
    const transaction = await fixture.run(fixture.client.txn.begin())
    transaction.insert(bytes('k'), bytes('new'))
    await assert.rejects(fixture.run(transaction.commit()), code('KEY_EXISTS'))
    await fixture.run(fixture.client.settle())
    assert.equal(await fixture.read('k'), 'there')
    assert.deepEqual(fixture.locks, [])
  })

  it('[S55] a key inserted and deleted again is checked, and is never the primary', async () => {
    await using fixture = await TransactionFixture.start({ splitKeys: [bytes('m')] })
    const transaction = await fixture.run(fixture.client.txn.begin(PLAIN))
    transaction.insert(bytes('a'), bytes('1'))
    transaction.delete(bytes('a'))
    put(transaction, { b: '2', z: '3' })
    await fixture.run(transaction.commit())
    await fixture.run(fixture.client.settle())
    const requests = fixture.requests(tikvMethods.kvPrewrite)
    assert.ok(requests.every(({ primaryLock }) => text(primaryLock) === 'b'))
    const ops = requests.flatMap(({ mutations }) => mutations.map(({ key, op }) => [text(key), op]))
    assert.deepEqual(ops.sort(), [
      ['a', Op.CheckNotExists],
      ['b', Op.Put],
      ['z', Op.Put],
    ])
    const committed = fixture.requests(tikvMethods.kvCommit).flatMap(({ keys }) => keys.map(text))
    assert.deepEqual(committed, ['b', 'z'])

    await fixture.write({ a: 'there' })
    const refused = await fixture.run(fixture.client.txn.begin(PLAIN))
    refused.insert(bytes('a'), bytes('1'))
    refused.delete(bytes('a'))
    put(refused, { b: 'again' })
    await assert.rejects(fixture.run(refused.commit()), code('KEY_EXISTS'))
    assert.equal(await fixture.read('b'), '2')
  })

  it('keys that move to other regions between the phases are split anew', async () => {
    await using fixture = await TransactionFixture.start()
    await fixture.write({ a: '0', z: '0' })
    const transaction = await fixture.run(fixture.client.txn.begin(PLAIN))
    put(transaction, { a: '1', m: '1', z: '1' })
    fixture.cluster.splitAt(bytes('m'))
    await fixture.run(transaction.commit())
    await fixture.run(fixture.client.settle())
    for (const key of ['a', 'm', 'z']) assert.equal(await fixture.read(key), '1')
    assert.deepEqual(fixture.locks, [])
    const retried = fixture.requests(tikvMethods.kvPrewrite).filter(({ context }) => context?.isRetryRequest)
    assert.deepEqual(new Set(retried.map(({ txnSize }) => txnSize)), new Set([0xffff_ffff_ffff_ffffn]))
  })

  it('a region that splits before the commit: the primary is still committed before all others', async () => {
    await using fixture = await TransactionFixture.start()
    const transaction = await fixture.run(fixture.client.txn.begin(PLAIN))
    put(transaction, { a: '1', m: '1', z: '1' })
    fixture.cluster.faults.add({ method: 'KvCommit' }, { kind: 'delay', ms: 100 }, { times: 1 })
    const committing = transaction.commit()
    await fixture.pass(50)
    fixture.cluster.splitAt(bytes('m'))
    await fixture.run(committing)
    await fixture.run(fixture.client.settle())
    assert.deepEqual(
      fixture.requests(tikvMethods.kvCommit).map(({ keys, commitRole }) => [keys.map(text), commitRole]),
      [
        [['a', 'm', 'z'], CommitRole.Primary],
        [['a'], CommitRole.Primary],
        [['m', 'z'], CommitRole.Secondary],
      ],
    )
    assert.deepEqual(fixture.locks, [])
  })

  it('[S35] a full disk is reported as such, and what was prewritten is rolled back', async () => {
    await using fixture = await TransactionFixture.start({ splitKeys: [bytes('m')] })
    const full = fixture.cluster.faults.regionError(
      { method: 'KvPrewrite', regionId: fixture.cluster.regionOf(bytes('z')).region.id },
      RegionError.fromPartial({ diskFull: { storeId: [1n], reason: 'test' } }),
    )
    const transaction = await fixture.run(fixture.client.txn.begin(PLAIN))
    put(transaction, { a: '1', z: '1' })
    await assert.rejects(fixture.run(transaction.commit()), code('STORAGE_FULL'))
    full.remove()
    await fixture.run(fixture.client.settle())
    assert.deepEqual(fixture.locks, [])
  })

  it('a prewrite whose answer was lost is repeated as such, and commits once', async () => {
    await using fixture = await TransactionFixture.start()
    fixture.cluster.faults.add({ method: 'KvPrewrite' }, { kind: 'lose-answer' }, { times: 1 })
    const transaction = await fixture.run(fixture.client.txn.begin(PLAIN))
    put(transaction, { k: 'v' })
    await fixture.run(transaction.commit())
    const retries = fixture.requests(tikvMethods.kvPrewrite).map(({ context }) => context?.isRetryRequest)
    assert.deepEqual(retries, [false, true])
    assert.equal(await fixture.read('k'), 'v')
  })

  it('aborting a commit before it is decided rolls everything back', async () => {
    await using fixture = await TransactionFixture.start({ splitKeys: [bytes('m')] })
    const slow = fixture.cluster.faults.add({ method: 'KvPrewrite' }, { kind: 'delay-answer', ms: 500 })
    const transaction = await fixture.run(fixture.client.txn.begin(PLAIN))
    put(transaction, { a: '1', z: '1' })
    const controller = new AbortController()
    const refused = assert.rejects(transaction.commit({ signal: controller.signal }), code('ABORTED'))
    await fixture.pass(100)
    assert.equal(fixture.locks.length, 2)
    controller.abort()
    await fixture.run(refused)
    slow.remove()
    await fixture.run(fixture.client.settle())
    assert.deepEqual(fixture.locks, [])
    assert.equal(await fixture.read('a'), undefined)
  })

  it('aborting a commit while it is decided leaves it undetermined', async () => {
    for (const [method, options] of [
      ['KvCommit', PLAIN],
      ['KvPrewrite', { onePc: true }],
    ] as const) {
      await using fixture = await TransactionFixture.start()
      fixture.cluster.faults.add({ method }, { kind: 'delay', ms: 500 })
      const transaction = await fixture.run(fixture.client.txn.begin(options))
      put(transaction, { k: '1' })
      const controller = new AbortController()
      const refused = assert.rejects(
        transaction.commit({ signal: controller.signal }),
        code('COMMIT_UNDETERMINED'),
      )
      await fixture.pass(100)
      controller.abort()
      await fixture.run(refused)
      await fixture.pass(1000)
      assert.equal(await fixture.read('k'), '1')
    }
  })

  it('commits the other keys before it answers when there is no room behind it', async () => {
    await using fixture = await TransactionFixture.start(
      { splitKeys: [bytes('m')] },
      { backgroundTasksMax: 1 },
    )
    const slow = fixture.cluster.faults.add(
      {
        method: 'KvCommit',
        where: ({ request }) => (request as CommitRequest).commitRole === CommitRole.Secondary,
      },
      { kind: 'delay', ms: 500 },
      { times: 1 },
    )
    for (const key of ['a', 'b']) {
      const transaction = await fixture.run(fixture.client.txn.begin(PLAIN))
      put(transaction, { [key]: '1', [`z${key}`]: '1' })
      await fixture.run(transaction.commit())
    }
    assert.equal(slow.hits, 1)
    assert.deepEqual(
      fixture.locks.map(({ key }) => text(key)),
      ['za'],
    )
    await fixture.run(fixture.client.settle())
    assert.deepEqual(fixture.locks, [])
  })

  it('says that no server is up, not that PD does not answer, when all stores are down', async () => {
    await using fixture = await TransactionFixture.start({}, { retryBudget: 5 })
    const transaction = await fixture.run(fixture.client.txn.begin())
    transaction.put(bytes('k'), bytes('v'))
    for (const id of fixture.cluster.storeIds) await fixture.cluster.stopStore(id)
    await assert.rejects(fixture.run(transaction.commit()), code('REGION_UNAVAILABLE'))
  })

  it('waits for the lock of an older transaction and then conflicts with its commit', async () => {
    await using fixture = await TransactionFixture.start()
    const older = await fixture.run(fixture.client.txn.begin(PLAIN))
    const newer = await fixture.run(fixture.client.txn.begin(PLAIN))
    const hang = fixture.cluster.faults.add({ method: 'KvCommit' }, { kind: 'delay', ms: 500 })
    put(older, { k: 'older' })
    const committing = older.commit()
    await fixture.pass(50)
    put(newer, { k: 'newer' })
    await assert.rejects(fixture.run(newer.commit()), code('TRANSACTION_CONFLICT'))
    await fixture.run(committing)
    hang.remove()
    assert.equal(await fixture.read('k'), 'older')
  })
})

function expired(
  startTs: bigint,
  attemptedCommitTs: bigint,
  minCommitTs: bigint,
  key: Uint8Array | undefined,
): CommitResponse {
  const commitTsExpired = { startTs, attemptedCommitTs, minCommitTs, ...(key === undefined ? {} : { key }) }
  return CommitResponse.fromPartial({ error: { commitTsExpired } })
}
