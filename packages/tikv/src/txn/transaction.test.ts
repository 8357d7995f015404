import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { describe, it } from 'node:test'
import { silentLogger, type Logger } from '@orbit-ts/base'
import { AssertionLevel, type PrewriteRequest } from '../gen/kvrpcpb.js'
import { tikvMethods } from '../rpc/methods.js'
import { composeTimestamp } from '../timestamp.js'
import { assertionOf, existingKeyOf } from './key-errors.js'
import { bytes, code, put, text, TransactionFixture } from './transaction-fixture.fake.js'
import type { TransactionInfo } from './transaction-info.js'
import { reportUnfinished } from './unfinished-transactions.js'

const ALL = { start: new Uint8Array(), end: new Uint8Array() }

describe('Transaction', () => {
  it('sends nothing when it neither read nor wrote', async () => {
    await using fixture = await TransactionFixture.start()
    for (const mode of ['optimistic', 'pessimistic'] as const) {
      const transaction = await fixture.run(fixture.client.txn.begin({ mode }))
      const { commitTs, onePc, asyncCommit } = await fixture.run(transaction.commit())
      assert.deepEqual(
        { commitTs, onePc, asyncCommit },
        { commitTs: undefined, onePc: false, asyncCommit: false },
      )
    }
    assert.deepEqual(fixture.methods(), [])
  })

  it('reads its own writes, singly and in scans both ways', async () => {
    await using fixture = await TransactionFixture.start({ splitKeys: [bytes('c')] })
    await fixture.write({ a: '1', b: '2', c: '3', d: '4' })
    const transaction = await fixture.run(fixture.client.txn.begin())
    put(transaction, { b: 'own', bb: 'new' })
    transaction.delete(bytes('c'))
    const scan = async (reverse: boolean): Promise<string[]> => {
      const found: string[] = []
      const chunks = reverse ? transaction.scanReverse(ALL) : transaction.scan(ALL)
      for await (const page of chunks) {
        found.push(...page.map(({ key, value }) => `${text(key) ?? ''}=${text(value) ?? ''}`))
      }
      return found
    }
    assert.deepEqual(await fixture.run(() => scan(false)), ['a=1', 'b=own', 'bb=new', 'd=4'])
    assert.deepEqual(await fixture.run(() => scan(true)), ['d=4', 'bb=new', 'b=own', 'a=1'])
    const read = await fixture.run(transaction.batchGet(['c', 'b', 'a', 'x'].map(bytes)))
    assert.deepEqual(read.map(text), [undefined, 'own', '1', undefined])
    transaction.put(bytes('empty'), new Uint8Array())
    assert.deepEqual(await fixture.run(transaction.get(bytes('empty'))), new Uint8Array())
    await fixture.run(transaction.commit())
    assert.equal(await fixture.read('empty'), '')
  })

  it('at read-committed sees what was committed before each read', async () => {
    await using fixture = await TransactionFixture.start()
    const committed = await fixture.run(fixture.client.txn.begin({ isolation: 'read-committed' }))
    const snapshot = await fixture.run(fixture.client.txn.begin())
    await fixture.write({ k: '1' })
    assert.equal(text(await fixture.run(committed.get(bytes('k')))), '1')
    assert.equal(await fixture.run(snapshot.get(bytes('k'))), undefined)
    await fixture.write({ k: '2' })
    assert.equal(text(await fixture.run(committed.get(bytes('k')))), '2')
  })

  it('refuses every call after its end', async () => {
    await using fixture = await TransactionFixture.start()
    const committed = await fixture.run(fixture.client.txn.begin())
    put(committed, { k: 'v' })
    await fixture.run(committed.commit())
    const rolledBack = await fixture.run(fixture.client.txn.begin())
    await fixture.run(rolledBack.rollback())
    const key = bytes('k')
    for (const [transaction, state] of [
      [committed, 'committed'],
      [rolledBack, 'rolled-back'],
    ] as const) {
      assert.equal(transaction.state, state)
      await assert.rejects(transaction.get(key), code('TRANSACTION_CLOSED'))
      await assert.rejects(transaction.batchGet([key]), code('TRANSACTION_CLOSED'))
      await assert.rejects(transaction.lock([key]), code('TRANSACTION_CLOSED'))
      await assert.rejects(transaction.scan(ALL).next(), code('TRANSACTION_CLOSED'))
      await assert.rejects(transaction.commit(), code('TRANSACTION_CLOSED'))
      assert.throws(() => transaction.put(key, key), code('TRANSACTION_CLOSED'))
      assert.throws(() => transaction.insert(key, key), code('TRANSACTION_CLOSED'))
      assert.throws(() => transaction.delete(key), code('TRANSACTION_CLOSED'))
      assert.throws(() => transaction.savepoint(), code('TRANSACTION_CLOSED'))
      await fixture.run(transaction.rollback())
      assert.equal(transaction.state, state)
    }
  })

  it('refuses bad input and stays as it was', async () => {
    await using fixture = await TransactionFixture.start({}, { keyBytesMax: 10, entryBytesMax: 1024 })
    const transaction = await fixture.run(fixture.client.txn.begin())
    assert.throws(() => transaction.put(new Uint8Array(), bytes('v')), code('INVALID_ARGUMENT'))
    assert.throws(() => transaction.put(bytes('k'.repeat(11)), bytes('v')), code('KEY_TOO_LARGE'))
    assert.throws(() => transaction.put(bytes('k'), new Uint8Array(2000)), code('VALUE_TOO_LARGE'))
    await assert.rejects(fixture.run(transaction.get(new Uint8Array())), code('INVALID_ARGUMENT'))
    await assert.rejects(fixture.run(transaction.lock([new Uint8Array()])), code('INVALID_ARGUMENT'))
    await assert.rejects(fixture.run(transaction.lock([bytes('k')], { wait: -1 })), code('INVALID_ARGUMENT'))
    assert.equal(transaction.keyCount, 0)
    assert.equal(transaction.sizeBytes, 0)
  })

  it('[S57] undoes what was written since a savepoint, and keeps the savepoint', async () => {
    await using fixture = await TransactionFixture.start()
    await fixture.write({ there: '0' })
    const transaction = await fixture.run(fixture.client.txn.begin())
    put(transaction, { a: '1' })
    const savepoint = transaction.savepoint()
    put(transaction, { a: '2', b: '2' })
    transaction.insert(bytes('there'), bytes('x'))
    transaction.rollbackTo(savepoint)
    put(transaction, { c: '3' })
    transaction.rollbackTo(savepoint)
    assert.equal(text(await fixture.run(transaction.get(bytes('there')))), '0')
    await fixture.run(transaction.commit())
    assert.deepEqual(
      [await fixture.read('a'), await fixture.read('b'), await fixture.read('c')],
      ['1', undefined, undefined],
    )
  })

  it('[S57] a stage that is cleaned up leaves the first write only', async () => {
    await using fixture = await TransactionFixture.start()
    const transaction = await fixture.run(fixture.client.txn.begin())
    put(transaction, { a: '1' })
    const outer = transaction.stage()
    put(transaction, { b: '2' })
    const inner = transaction.stage()
    put(transaction, { a: '3' })
    transaction.cleanUpStage(inner)
    transaction.releaseStage(outer)
    await fixture.run(transaction.commit())
    assert.deepEqual([await fixture.read('a'), await fixture.read('b')], ['1', '2'])
  })

  it('a second insert of a key in one transaction fails at once, after a delete it is a write', async () => {
    await using fixture = await TransactionFixture.start()
    await fixture.write({ k: 'old' })
    const transaction = await fixture.run(fixture.client.txn.begin())
    put(transaction, { x: '1' })
    assert.throws(
      () => transaction.insert(bytes('x'), bytes('2')),
      (error) => code('KEY_EXISTS')(error) && text(existingKeyOf(error)) === 'x',
    )
    transaction.delete(bytes('k'))
    transaction.insert(bytes('k'), bytes('new'))
    await fixture.run(transaction.commit())
    assert.equal(await fixture.read('k'), 'new')
  })

  it('checks assertions at commit, and gives way to other errors', async () => {
    await using fixture = await TransactionFixture.start({ splitKeys: [bytes('m')] })
    const wrong = await fixture.run(fixture.client.txn.begin({ assertions: 'strict' }))
    wrong.assertExists(bytes('a'))
    put(wrong, { a: '1', z: '1' })
    await assert.rejects(fixture.run(wrong.commit()), (error) => {
      return code('ASSERTION_FAILED')(error) && assertionOf(error)?.assertion === 'exist'
    })
    await fixture.run(fixture.client.settle())
    assert.deepEqual(fixture.locks, [])
    const conflicting = await fixture.run(fixture.client.txn.begin({ assertions: 'strict' }))
    conflicting.assertExists(bytes('a'))
    put(conflicting, { a: '1', z: '1' })
    await fixture.write({ z: 'other' })
    await assert.rejects(fixture.run(conflicting.commit()), code('TRANSACTION_CONFLICT'))
    const right = await fixture.run(fixture.client.txn.begin({ assertions: 'fast' }))
    right.assertNotExists(bytes('a'))
    right.assertExists(bytes('z'))
    put(right, { a: '1', z: '1' })
    await fixture.run(right.commit())
    const [request] = fixture.requests(tikvMethods.kvPrewrite).slice(-1)
    assert.equal(request?.assertionLevel, AssertionLevel.Fast)
  })

  it('is rolled back when its time is over', async () => {
    await using fixture = await TransactionFixture.start()
    const transaction = await fixture.run(fixture.client.txn.begin({ mode: 'pessimistic', timeoutMs: 1000 }))
    await fixture.run(transaction.lock([bytes('k')]))
    await fixture.pass(1000)
    await fixture.run(fixture.client.settle())
    assert.deepEqual(fixture.locks, [])
    await assert.rejects(transaction.get(bytes('k')), code('TRANSACTION_TIMEOUT'))
    await assert.rejects(transaction.commit(), code('TRANSACTION_TIMEOUT'))
    assert.equal(transaction.info.error, 'TRANSACTION_TIMEOUT')
  })

  it('a call that runs when the time is over ends with it', async () => {
    await using fixture = await TransactionFixture.start()
    const holder = await fixture.run(fixture.client.txn.begin({ mode: 'pessimistic' }))
    await fixture.run(holder.lock([bytes('k')]))
    const transaction = await fixture.run(fixture.client.txn.begin({ mode: 'pessimistic', timeoutMs: 500 }))
    await assert.rejects(fixture.run(transaction.lock([bytes('k')])), code('TRANSACTION_TIMEOUT'))
    await fixture.run(holder.rollback())
  })

  it('is rolled back when its signal is aborted', async () => {
    await using fixture = await TransactionFixture.start()
    const controller = new AbortController()
    const { signal } = controller
    const transaction = await fixture.run(fixture.client.txn.begin({ mode: 'pessimistic', signal }))
    await fixture.run(transaction.lock([bytes('k')]))
    controller.abort()
    await fixture.run(transaction.rollback())
    await fixture.run(fixture.client.settle())
    assert.equal(transaction.state, 'rolled-back')
    assert.deepEqual(fixture.locks, [])
    await assert.rejects(fixture.run(fixture.client.txn.begin({ signal })), code('ABORTED'))
  })

  it('ends with the scope that owns it', async () => {
    await using fixture = await TransactionFixture.start()
    const held = await fixture.run(async () => {
      await using transaction = await fixture.client.txn.begin({ mode: 'pessimistic' })
      await transaction.lock([bytes('k')])
      return transaction
    })
    await fixture.run(fixture.client.settle())
    assert.equal(held.state, 'rolled-back')
    assert.deepEqual(fixture.locks, [])
  })

  it('tells what it is, and that it has ended', async () => {
    await using fixture = await TransactionFixture.start()
    const ends: TransactionInfo[] = []
    const tasks: string[] = []
    const hooks = {
      onEnd: (info: TransactionInfo) => void ends.push(info),
      onBackgroundStart: (task: string) => void tasks.push(`+${task}`),
      onBackgroundEnd: (task: string) => void tasks.push(`-${task}`),
    }
    const options = { hooks, onePc: false, asyncCommit: true }
    const transaction = await fixture.run(fixture.client.txn.begin(options))
    put(transaction, { key: 'value' })
    assert.equal(transaction.info.state, 'active')
    const { commitTs, details } = await fixture.run(transaction.commit())
    await fixture.run(fixture.client.settle())
    const { elapsedMs, ...info } = JSON.parse(JSON.stringify(transaction)) as TransactionInfo
    assert.ok(elapsedMs >= 0)
    assert.deepEqual(info, {
      startTs: String(transaction.startTs),
      commitTs: String(commitTs),
      state: 'committed',
      mode: 'optimistic',
      isolation: 'snapshot',
      onePc: false,
      asyncCommit: true,
      asyncCommitFallback: false,
      onePcFallback: false,
      pipelined: false,
      keys: 1,
      bytes: 8,
    })
    assert.deepEqual(
      ends.map(({ state, asyncCommit }) => ({ state, asyncCommit })),
      [{ state: 'committed', asyncCommit: true }],
    )
    assert.deepEqual(tasks, ['+commit-secondaries', '-commit-secondaries'])
    assert.equal(details.rpcs.get('KvPrewrite')?.count, 1)
  })

  it('waits for PD to pass the timestamp that its commit must follow', async () => {
    await using fixture = await TransactionFixture.start()
    const untilTs = composeTimestamp(fixture.env.clock.nowMs() + 300, 0)
    const transaction = await fixture.run(fixture.client.txn.begin({ commitWait: { untilTs } }))
    put(transaction, { k: 'v' })
    const { commitTs = 0n } = await fixture.run(transaction.commit())
    assert.ok(commitTs > untilTs)
    const tooFar = composeTimestamp(fixture.env.clock.nowMs() + 5000, 0)
    const refused = await fixture.run(fixture.client.txn.begin({ commitWait: { untilTs: tooFar } }))
    put(refused, { k: 'w' })
    await assert.rejects(fixture.run(refused.commit()), code('TRANSACTION_ABORTED'))
  })

  it('sends its settings with its requests', async () => {
    await using fixture = await TransactionFixture.start()
    const transaction = await fixture.run(
      fixture.client.txn.begin({
        priority: 'high',
        requestSource: 'test',
        resourceGroup: 'group',
        resourceGroupTag: bytes('tag'),
        txnSource: 7n,
        diskFull: 'allowed-on-almost-full',
        syncLog: true,
        traceId: bytes('trace'),
      }),
    )
    put(transaction, { k: 'v' })
    await fixture.run(transaction.commit())
    const [request]: readonly (PrewriteRequest | undefined)[] = fixture.requests(tikvMethods.kvPrewrite)
    const context = request?.context
    assert.equal(context?.priority, 2)
    assert.equal(context.requestSource, 'test')
    assert.equal(context.resourceControlContext?.resourceGroupName, 'group')
    assert.equal(text(context.resourceGroupTag), 'tag')
    assert.equal(context.txnSource, 7n)
    assert.equal(context.diskFullOpt, 1)
    assert.equal(context.syncLog, true)
    assert.equal(text(context.traceId), 'trace')
    assert.equal(context.maxExecutionDurationMs, 20_000n)
  })

  it('leaves nothing on the signals of its calls', async () => {
    await using fixture = await TransactionFixture.start()
    const { signal } = new AbortController()
    const transaction = await fixture.run(fixture.client.txn.begin({ mode: 'pessimistic' }))
    const range = { start: bytes('a'), end: bytes('z') }
    await fixture.run(transaction.get(bytes('k'), { signal }))
    await fixture.run(transaction.lock([bytes('k')], { signal }))
    await fixture.run(transaction.scan(range, { signal }).next())
    put(transaction, { k: 'v' })
    await fixture.run(transaction.commit({ signal }))
    assert.deepEqual(getEventListeners(signal, 'abort'), [])
  })

  it('ends a call by its own signal, and stays what it was', async () => {
    await using fixture = await TransactionFixture.start()
    await fixture.write({ k: 'v' })
    const abort = new AbortController()
    const transaction = await fixture.run(fixture.client.txn.begin())
    const hang = fixture.cluster.faults.add({ method: 'KvGet' }, { kind: 'hang' })
    const reading = transaction.get(bytes('k'), { signal: abort.signal })
    await fixture.pass(10)
    abort.abort(new Error('enough'))
    await assert.rejects(fixture.run(reading), code('ABORTED'))
    hang.remove()
    assert.equal(text(await fixture.run(transaction.get(bytes('k')))), 'v')
  })

  it('counts how transactions end, and what they wrote', async () => {
    await using fixture = await TransactionFixture.start()
    const { txn, metrics } = fixture.client
    const first = await fixture.run(txn.begin())
    const second = await fixture.run(txn.begin())
    put(first, { k: '1', l: '2' })
    put(second, { k: '3' })
    await fixture.run(first.commit())
    await assert.rejects(fixture.run(second.commit()), code('TRANSACTION_CONFLICT'))
    const locking = await fixture.run(txn.begin({ mode: 'pessimistic' }))
    await fixture.run(locking.lock([bytes('k')]))
    await fixture.pass(10_000)
    await fixture.run(locking.rollback())
    const lines = (await metrics.render()).split('\n')
    for (const line of [
      'orbit_tikv_transactions_total{mode="optimistic",outcome="one-phase"} 1',
      'orbit_tikv_transactions_total{mode="optimistic",outcome="conflict"} 1',
      'orbit_tikv_transactions_total{mode="pessimistic",outcome="rolled-back"} 1',
      'orbit_tikv_write_conflicts_total 1',
      'orbit_tikv_heartbeats_total{result="ok"} 1',
      'orbit_tikv_transaction_keys_sum 3',
      'orbit_tikv_transaction_seconds_count{phase="prewrite"} 2',
      'orbit_tikv_transaction_seconds_count{phase="lock"} 1',
    ]) {
      assert.ok(lines.includes(line), line)
    }
  })

  it('says in the log that it was forgotten, when it had changed something', () => {
    const lines: object[] = []
    const logger: Logger = {
      ...silentLogger,
      warn: (fields: object | string) => void lines.push(Object(fields)),
    }
    let stopped = 0
    const heartbeat = { stop: () => void stopped++ }
    for (const changed of [false, true]) reportUnfinished(logger, { startTs: 5n, heartbeat, changed })
    assert.deepEqual(lines, [{ startTs: '5' }])
    assert.equal(stopped, 2)
  })
})
