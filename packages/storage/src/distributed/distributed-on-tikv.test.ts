import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { fromUtf8, hasCode, OrbitError, silentLogger, TestEnv, utf8 } from '@orbit-ts/base'
import { TestCluster } from '@orbit-ts/tikv/testing'
import type { StorageProvider } from '../provider.js'
import { openTikvProvider } from '../providers/tikv/open-tikv-provider.js'
import { DistributedTransactionCoordinator } from './distributed-transaction-coordinator.js'
import type { DistributedTransaction } from './distributed-transaction.js'
import { getFrom, openMemoryStore, passing as passingOn, putBoth } from './distributed-stores.test.suite.js'

/** `a`, with the log, is a cluster that several processes reach; `b` is another namespace of it. */
describe('transactions across stores, with the log on TiKV', () => {
  const env = new TestEnv()
  let cluster: TestCluster
  before(async () => {
    cluster = await TestCluster.start({ env, transport: 'in-process', stores: 3, splitKeys: [utf8('k')] })
  })
  after(() => cluster.close())

  const open = (namespace: string): Promise<StorageProvider> =>
    openTikvProvider(
      { pdEndpoints: [...cluster.pdEndpoints], namespace },
      {
        env,
        transactions: { transactionTimeoutMs: 30_000, lockWaitMs: 10_000 },
        runtime: {
          logger: silentLogger,
          ...(cluster.transport === undefined ? {} : { transport: cluster.transport }),
        },
      },
    )

  const passing = <T>(work: Promise<T>): Promise<T> => passingOn(env, work)

  async function process(
    name: string,
  ): Promise<{ readonly coordinator: DistributedTransactionCoordinator; close(): Promise<void> }> {
    const [a, b] = [await passing(open(`${name}-a`)), await passing(open(`${name}-b`))]
    const coordinator = await passing(
      DistributedTransactionCoordinator.open({ stores: { a, b }, log: 'a', env, recoveryIntervalMs: 0 }),
    )
    const close = async (): Promise<void> => {
      await coordinator.close()
      await passing(Promise.all([a.close(), b.close()]))
    }
    return { coordinator, close }
  }

  test('what one process prepares is left to it until it is overdue, then aborted by another', async () => {
    const [first, second] = [await process('overdue'), await process('overdue')]
    await passing(first.coordinator.transact((tx) => putBoth(tx, 'k', 'old')))
    const tx = await first.coordinator.begin({ timeoutMs: 5_000 })
    await putBoth(tx, 'k', 'new')
    await passing(tx.prepare())
    assert.equal(await passing(getFrom(second.coordinator, 'b', 'k')), 'old')
    const report = await passing(second.coordinator.recover())
    assert.deepEqual([report.aborted, report.left], [0, [tx.id]])
    await env.advance(5_000)
    const later = await passing(second.coordinator.recover())
    assert.deepEqual([later.aborted, later.left], [1, []])
    await assert.rejects(passing(tx.commit()), (error) => hasCode(error, 'TRANSACTION_TIMEOUT'))
    for (const name of ['a', 'b']) assert.equal(await passing(getFrom(second.coordinator, name, 'k')), 'old')
    await first.close()
    await second.close()
  })

  test('what one process decides the other applies, and reads at once', async () => {
    const [first, second] = [await process('decided'), await process('decided')]
    const tx = await first.coordinator.begin()
    await putBoth(tx, 'k', 'new')
    await passing(tx.prepare())
    const writing = second.coordinator
      .store('b')
      .write([{ type: 'put', key: utf8('k'), value: utf8('last') }])
    await env.advance(20)
    assert.equal((await passing(tx.commit())).state, 'Committed')
    assert.equal(await passing(getFrom(second.coordinator, 'a', 'k')), 'new')
    await passing(writing)
    assert.equal(await passing(getFrom(first.coordinator, 'b', 'k')), 'last')
    await first.close()
    await second.close()
  })

  test('processes that count in two stores together lose nothing', async () => {
    const processes = [await process('count'), await process('count')]
    await passing(
      Promise.all(
        [...processes, ...processes].map(({ coordinator }) =>
          coordinator.transact(
            async (tx) => {
              for (const name of ['a', 'b']) {
                const branch = await tx.on(name)
                branch.put(utf8('n'), utf8(String(numberOf(await branch.get(utf8('n'))) + 1)))
              }
            },
            { attemptsMax: 100 },
          ),
        ),
      ),
    )
    for (const { coordinator, close } of processes) {
      for (const name of ['a', 'b']) assert.equal(await passing(getFrom(coordinator, name, 'n')), '4')
      await close()
    }
  })

  test('a deadline that ends the wait for a lost PD is told as the loss', async () => {
    const { coordinator, close } = await process('lost')
    await passing(coordinator.transact((tx) => putBoth(tx, 'k', 'old')))
    const deadline = new AbortController()
    const timer = env.timers.set(
      () => deadline.abort(new OrbitError('TRANSACTION_TIMEOUT', '5000 ms were over')),
      5000,
    )
    cluster.pd.freeze()
    await assert.rejects(
      passing(coordinator.transact((tx) => putBoth(tx, 'k', 'new'), { signal: deadline.signal })),
      (error) =>
        hasCode(error, 'STORAGE_UNAVAILABLE') && / this went on until 5000 ms were over$/.test(error.reason),
    )
    timer.cancel()
    cluster.pd.thaw()
    await close()
  })

  test('who loses PD while it commits is told so by its deadline, whatever is left to be cleaned up', async () => {
    const { coordinator, close } = await process('lost-later')
    await passing(coordinator.transact((tx) => putBoth(tx, 'k', 'old')))
    const deadline = new AbortController()
    const startedMs = env.clock.monotonicMs()
    const timer = env.timers.set(
      () => deadline.abort(new OrbitError('TRANSACTION_TIMEOUT', '5000 ms were over')),
      5000,
    )
    const work = async (tx: DistributedTransaction): Promise<void> => {
      await putBoth(tx, 'k', 'new')
      cluster.pd.freeze()
    }
    await assert.rejects(
      passing(coordinator.transact(work, { signal: deadline.signal })),
      (error) => hasCode(error, 'STORAGE_UNAVAILABLE') || hasCode(error, 'ABORTED'),
    )
    const tookMs = env.clock.monotonicMs() - startedMs
    // A commit that has begun is given up when PD has not answered for 30 s.
    assert.ok(tookMs >= 5000 && tookMs < 40_000, `${tookMs} ms`)
    timer.cancel()
    cluster.pd.thaw()
    await env.advance(120_000)
    await passing(coordinator.recover())
    assert.equal(await passing(getFrom(coordinator, 'b', 'k')), 'old')
    await close()
  })

  test('the log cannot be in memory', async () => {
    const [memory, tikv] = [await openMemoryStore(env), await passing(open('memory'))]
    const opening = DistributedTransactionCoordinator.open({ stores: { memory, tikv }, log: 'memory', env })
    await assert.rejects(opening, (error) => hasCode(error, 'INVALID_ARGUMENT'))
    await passing(tikv.close())
  })
})

const numberOf = (value: Uint8Array | undefined): number =>
  value === undefined ? 0 : Number(fromUtf8(value))
