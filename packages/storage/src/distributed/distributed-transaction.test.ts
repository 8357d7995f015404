import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fromUtf8, hasCode, OrbitError, utf8, type ErrorCode } from '@orbit-ts/base'
import type { StorageProvider } from '../provider.js'
import { DistributedTransactionCoordinator } from './distributed-transaction-coordinator.js'
import { entriesOf, getFrom, nameOf, passing, putBoth, TestStores } from './distributed-stores.test.suite.js'

const withCode = (code: ErrorCode) => (error: unknown) => hasCode(error, code)

describe('a transaction across stores', () => {
  test('commits in all of them, in order, and leaves nothing else', async () => {
    await using stores = await TestStores.open()
    const steps: string[] = []
    const coordinator = await stores.coordinator({ onStep: (_, step) => void steps.push(nameOf(step)) })
    await using tx = await coordinator.begin()
    assert.equal(tx.state, 'Active')
    await putBoth(tx, 'k', '1')
    ;(await tx.on('b')).delete(utf8('absent'))
    assert.deepEqual(coordinator.transactions(), [{ id: tx.id, state: 'Active', stores: ['a', 'b'] }])
    await tx.prepare()
    assert.equal(tx.state, 'Prepared')
    assert.deepEqual(await tx.commit(), { state: 'Committed', pending: [] })
    assert.equal(tx.state, 'Committed')
    assert.deepEqual(await stores.everything(), ['a/k=1', 'b/k=1'])
    assert.deepEqual(steps, [
      'recorded',
      'prepared:a',
      'prepared:b',
      'all-prepared',
      'decided',
      'applied:a',
      'applied:b',
      'forgotten',
    ])
    assert.deepEqual(coordinator.transactions(), [])
    assert.equal(coordinator.metrics().transactionsCommitted, 1)
  })

  test('with work in one store only commits there at once', async () => {
    await using stores = await TestStores.open()
    const steps: string[] = []
    const coordinator = await stores.coordinator({ onStep: (_, step) => void steps.push(nameOf(step)) })
    await coordinator.transact(async (tx) => {
      ;(await tx.on('b')).put(utf8('k'), utf8('1'))
      assert.equal(await (await tx.on('a')).get(utf8('k')), undefined)
    })
    assert.deepEqual(await stores.everything(), ['b/k=1'])
    assert.deepEqual(steps, [])
  })

  test('reads its own writes and takes them back to a savepoint', async () => {
    await using stores = await TestStores.open()
    const coordinator = await stores.coordinator()
    await using tx = await coordinator.begin()
    const [a, b] = [await tx.on('a'), await tx.on('b')]
    a.put(utf8('k'), utf8('1'))
    const savepoint = a.savepoint()
    a.put(utf8('k'), utf8('2'))
    a.put(utf8('l'), utf8('2'))
    b.put(utf8('k'), utf8('1'))
    assert.deepEqual(await entriesOf(a), ['k=2', 'l=2'])
    a.rollbackTo(savepoint)
    assert.deepEqual(await entriesOf(a), ['k=1'])
    await tx.commit()
    assert.deepEqual(await stores.everything(), ['a/k=1', 'b/k=1'])
  })

  test('changes nothing when it is rolled back, also after it was prepared', async () => {
    await using stores = await TestStores.open()
    const coordinator = await stores.coordinator()
    const active = await coordinator.begin()
    await putBoth(active, 'k', '1')
    await active.rollback()
    const prepared = await coordinator.begin()
    await putBoth(prepared, 'k', '1')
    await prepared.prepare()
    await prepared.rollback()
    await prepared.rollback()
    assert.deepEqual([active.state, prepared.state], ['Aborted', 'Aborted'])
    assert.deepEqual(await stores.everything(), [])
    await assert.rejects(prepared.commit(), withCode('TRANSACTION_CLOSED'))
    await assert.rejects(prepared.on('a'), withCode('TRANSACTION_CLOSED'))
  })

  test('is aborted everywhere by a conflict in one store', async () => {
    await using stores = await TestStores.open()
    const coordinator = await stores.coordinator()
    await using tx = await coordinator.begin()
    await (await tx.on('b')).get(utf8('k'))
    await putBoth(tx, 'k', 'late')
    await coordinator.store('b').write([{ type: 'put', key: utf8('k'), value: utf8('first') }])
    await assert.rejects(tx.commit(), withCode('TRANSACTION_CONFLICT'))
    assert.equal(tx.state, 'Aborted')
    assert.deepEqual(await stores.everything(), ['b/k=first'])
  })

  test('an insert of a key that is there aborts it everywhere', async () => {
    await using stores = await TestStores.open()
    const coordinator = await stores.coordinator()
    await coordinator.store('b').write([{ type: 'put', key: utf8('k'), value: utf8('old') }])
    await using tx = await coordinator.begin()
    ;(await tx.on('a')).put(utf8('k'), utf8('new'))
    ;(await tx.on('b')).insert(utf8('k'), utf8('new'))
    await assert.rejects(tx.commit(), withCode('KEY_EXISTS'))
    assert.deepEqual(await stores.everything(), ['b/k=old'])
  })

  test('transact runs again after conflicts until all have counted', async () => {
    await using stores = await TestStores.open()
    const coordinator = await stores.coordinator()
    const counting = Promise.all(
      Array.from({ length: 8 }, () =>
        coordinator.transact(
          async (tx) => {
            for (const name of ['a', 'b']) {
              const branch = await tx.on(name)
              const value = await branch.get(utf8('n'))
              branch.put(utf8('n'), utf8(String(Number(fromUtf8(value ?? utf8('0'))) + 1)))
            }
          },
          { attemptsMax: 100 },
        ),
      ),
    )
    await passing(stores.env, counting)
    assert.deepEqual(await stores.everything(), ['a/n=8', 'b/n=8'])
  })

  test('a deadline that ends transact while a store is out of reach is told as what it is', async () => {
    await using stores = await TestStores.open()
    const coordinator = await stores.coordinator()
    const run = (isOut: boolean): { readonly runs: () => number; readonly failing: Promise<unknown> } => {
      const deadline = new AbortController()
      let runs = 0
      const failing = coordinator.transact(
        async (tx) => {
          runs++
          stores.b.isOut = isOut && runs === 1
          if (runs === 2) deadline.abort(new OrbitError('TRANSACTION_TIMEOUT', '50 ms were over', {}))
          if (!isOut && runs === 1) throw new OrbitError('TRANSACTION_CONFLICT', 'somebody was faster')
          await (await tx.on('b')).get(utf8('k'))
        },
        { signal: deadline.signal },
      )
      return { runs: () => runs, failing }
    }
    const lost = run(true)
    await assert.rejects(passing(stores.env, lost.failing), {
      code: 'STORAGE_UNAVAILABLE',
      reason: 'the store is out of reach; this went on until 50 ms were over',
    })
    const slow = run(false)
    await assert.rejects(passing(stores.env, slow.failing), withCode('ABORTED'))
    assert.deepEqual([lost.runs(), slow.runs()], [2, 2])
  })

  test('a branch cannot be committed alone', async () => {
    await using stores = await TestStores.open()
    await using tx = await (await stores.coordinator()).begin()
    const branch = await tx.on('a')
    await assert.rejects(branch.commit(), withCode('INVALID_ARGUMENT'))
    assert.equal(branch.status, 'active')
  })

  test('what was locked stays locked until the outcome', async () => {
    await using stores = await TestStores.open()
    const coordinator = await stores.coordinator()
    await coordinator.store('a').write([{ type: 'put', key: utf8('parent'), value: utf8('1') }])
    const tx = await coordinator.begin()
    await (await tx.on('a')).lock([utf8('parent')], { mode: 'shared' })
    ;(await tx.on('b')).put(utf8('child'), utf8('1'))
    await tx.prepare()
    await using other = await coordinator.store('a').begin({ lockWaitMs: 0 })
    other.delete(utf8('parent'))
    await assert.rejects(other.commit(), withCode('LOCK_TIMEOUT'))
    await tx.commit()
    assert.deepEqual(await stores.everything(), ['a/parent=1', 'b/child=1'])
  })
})

describe('while a transaction is prepared', () => {
  test('its keys show what was before, and writers wait for the outcome', async () => {
    await using stores = await TestStores.open()
    const coordinator = await stores.coordinator()
    await coordinator.transact((tx) => putBoth(tx, 'k', 'old'))
    const tx = await coordinator.begin()
    await putBoth(tx, 'k', 'new')
    await tx.prepare()
    assert.equal(await getFrom(coordinator, 'b', 'k'), 'old')
    await using snapshot = await coordinator.store('b').snapshot()
    assert.deepEqual(await entriesOf(snapshot), ['k=old'])
    let settled = false
    const write = coordinator
      .store('b')
      .write([{ type: 'put', key: utf8('k'), value: utf8('last') }])
      .finally(() => (settled = true))
    await stores.env.advance(200)
    assert.equal(settled, false)
    await tx.commit()
    assert.deepEqual(await entriesOf(snapshot), ['k=old'])
    await stores.env.advance(200)
    await write
    assert.deepEqual(await stores.everything(), ['a/k=new', 'b/k=last'])
  })

  test('a transaction that meets one of its keys conflicts once it is decided', async () => {
    await using stores = await TestStores.open()
    const coordinator = await stores.coordinator()
    const tx = await coordinator.begin()
    await putBoth(tx, 'k', 'new')
    await tx.prepare()
    await using writer = await coordinator.store('b').begin()
    assert.equal(await writer.get(utf8('k')), undefined)
    writer.put(utf8('k'), utf8('other'))
    const committing = assert.rejects(writer.commit(), withCode('TRANSACTION_CONFLICT'))
    await stores.env.advance(10)
    await tx.commit()
    await stores.env.advance(100)
    await committing
    await using locker = await coordinator.store('b').begin()
    await locker.lock([utf8('k')], { wait: 'nowait' })
    assert.deepEqual(await stores.everything(), ['a/k=new', 'b/k=new'])
  })

  test('nowait is told at once, other keys are free', async () => {
    await using stores = await TestStores.open()
    const coordinator = await stores.coordinator()
    await using tx = await coordinator.begin()
    await putBoth(tx, 'k', 'new')
    await tx.prepare()
    await using locker = await coordinator.store('b').begin()
    await locker.lock([utf8('free')], { wait: 'nowait' })
    await assert.rejects(locker.lock([utf8('k')], { wait: 'nowait' }), withCode('LOCK_NOT_AVAILABLE'))
    await coordinator.store('b').write([{ type: 'put', key: utf8('l'), value: utf8('1') }])
    assert.equal(await getFrom(coordinator, 'b', 'l'), '1')
  })
})

describe('a coordinator refuses', () => {
  test('serializable across stores', async () => {
    await using stores = await TestStores.open()
    const coordinator = await stores.coordinator()
    const options: object = { isolation: 'serializable' }
    await assert.rejects(coordinator.begin(options), withCode('STORAGE_UNSUPPORTED'))
  })

  test('unknown stores, with the nearest one', async () => {
    await using stores = await TestStores.open()
    const { provider } = stores.a
    await assert.rejects(
      DistributedTransactionCoordinator.open({ stores: { rocksdb: provider }, log: 'rocksbd' }),
      (error) => hasCode(error, 'INVALID_ARGUMENT') && error.message.includes('did you mean "rocksdb"'),
    )
    const coordinator = await stores.coordinator()
    assert.throws(() => coordinator.store('c'), withCode('INVALID_ARGUMENT'))
    await using tx = await coordinator.begin()
    await assert.rejects(tx.on('c'), withCode('INVALID_ARGUMENT'))
  })

  test('a log that is less durable than a store, and stores without locks', async () => {
    await using stores = await TestStores.open()
    const { provider } = stores.a
    const like = (capabilities: Partial<StorageProvider['capabilities']>): StorageProvider =>
      Object.create(provider, {
        capabilities: { value: { ...provider.capabilities, ...capabilities } },
      }) as StorageProvider
    await assert.rejects(
      DistributedTransactionCoordinator.open({
        stores: { log: provider, disk: like({ durability: ['sync'] }) },
        log: 'log',
      }),
      withCode('INVALID_ARGUMENT'),
    )
    await assert.rejects(
      DistributedTransactionCoordinator.open({
        stores: { log: like({ modes: ['optimistic'] }) },
        log: 'log',
      }),
      withCode('STORAGE_UNSUPPORTED'),
    )
  })

  test('reserved keys', async () => {
    await using stores = await TestStores.open()
    const store = (await stores.coordinator()).store('a')
    const key = utf8('_distributed.c.x')
    await assert.rejects(store.write([{ type: 'delete', key }]), withCode('INVALID_ARGUMENT'))
    await using tx = await store.begin()
    await assert.rejects(tx.get(key), withCode('INVALID_ARGUMENT'))
    assert.deepEqual(await entriesOf(tx), [])
  })

  test('new transactions once it is closed', async () => {
    await using stores = await TestStores.open()
    const coordinator = await stores.coordinator()
    const tx = await coordinator.begin()
    await putBoth(tx, 'k', '1')
    await coordinator.close()
    assert.equal(tx.state, 'Aborted')
    await assert.rejects(coordinator.begin(), withCode('STORAGE_CLOSED'))
    assert.deepEqual(await stores.everything(), [])
  })
})
