import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { defined, hasCode, silentLogger, TestEnv } from '@orbit-ts/base'
import { TestCluster } from '@orbit-ts/tikv/testing'
import { relationalKeys } from '../keys/relational-keys.js'
import type { StorageProvider, Transaction } from '../provider.js'
import { openTikvProvider } from '../providers/tikv/open-tikv-provider.js'
import type { PushedPlan } from '../pushdown/pushdown.js'
import { DistributedTransactionCoordinator } from './distributed-transaction-coordinator.js'
import { Freezer, passing as passingOn } from './distributed-stores.test.suite.js'
import { FaultyStore } from './faulty-provider.fake.js'

/** A row of TiDB's format v2 without any column but the one in its key. */
const EMPTY_ROW = Uint8Array.of(128, 0, 0, 0, 0, 0)

let tables = 100

/** Rows of a table in `main`, a store whose servers can read them; `log` is another store. */
describe('what a store hands down that transactions across stores share', () => {
  const env = new TestEnv()
  const passing = <T>(work: Promise<T>): Promise<T> => passingOn(env, work)
  let cluster: TestCluster
  let main: StorageProvider
  let log: FaultyStore
  before(async () => {
    cluster = await TestCluster.start({ env, transport: 'in-process', stores: 3 })
    const open = (namespace?: string): Promise<StorageProvider> =>
      openTikvProvider(
        { pdEndpoints: [...cluster.pdEndpoints], ...(namespace !== undefined && { namespace }) },
        {
          env,
          transactions: { transactionTimeoutMs: 30_000, lockWaitMs: 10_000 },
          runtime: { logger: silentLogger, transport: defined(cluster.transport, 'the transport') },
        },
      )
    main = await passing(open())
    log = new FaultyStore(await passing(open('log')), env)
  })
  after(async () => {
    await passing(Promise.all([main.close(), log.provider.close()]))
    await cluster.close()
  })

  const coordinate = (freezer?: Freezer): Promise<DistributedTransactionCoordinator> =>
    passing(
      DistributedTransactionCoordinator.open({
        stores: { main, log: log.provider },
        log: 'log',
        env,
        recoveryIntervalMs: 0,
        ...(freezer && { onStep: freezer.onStep }),
      }),
    )

  /** A table with the rows 1 and 2, and what is read of it. */
  async function table(): Promise<{
    readonly row: (id: number) => Uint8Array
    readonly read: (tx: Transaction) => Promise<unknown>
  }> {
    const tableId = tables++
    const row = (id: number): Uint8Array => relationalKeys.row(tableId, id)
    await passing(main.write([1, 2].map((id) => ({ type: 'put', key: row(id), value: EMPTY_ROW }))))
    const plan: PushedPlan = {
      source: { kind: 'table', tableId, columns: [{ id: 1, type: { kind: 'int' }, isHandle: true }] },
      conditions: [],
    }
    const rowsOf = async (tx: Transaction): Promise<unknown> => {
      const options = { isOrdered: true, isReverse: false }
      const rows = tx.pushdown?.scan(plan, [relationalKeys.rows(tableId)], options)
      if (rows === undefined || 'refused' in rows) return rows?.refused
      const all: unknown[] = []
      for await (const batch of rows) all.push(...batch.flat())
      return all
    }
    return { row, read: (tx) => passing(rowsOf(tx)) }
  }

  for (const isolation of ['snapshot', 'read-committed'] as const) {
    test(`what is prepared is not seen, what is decided is, before it is applied (${isolation})`, async () => {
      const { row, read } = await table()
      const freezer = new Freezer('decided')
      const [first, second] = [await coordinate(freezer), await coordinate()]
      const tx = await first.begin()
      ;(await tx.on('main')).put(row(3), EMPTY_ROW)
      ;(await tx.on('log')).put(row(3), EMPTY_ROW)
      await passing(tx.prepare())
      const store = second.store('main')
      assert.equal(store.capabilities.pushdown, true)
      await using early = await store.begin({ isolation })
      assert.deepEqual(await read(early), [1, 2])
      const committing = tx.commit()
      await passing(freezer.reached)
      await using late = await store.begin({ isolation })
      assert.deepEqual(await read(late), [1, 2, 3])
      assert.deepEqual(await read(early), isolation === 'snapshot' ? [1, 2] : [1, 2, 3])
      freezer.thaw()
      await passing(committing)
      await passing(Promise.all([early.rollback(), late.rollback()]))
      await first.close()
      await second.close()
    })
  }

  test('rows whose value nobody knows are not read past', async () => {
    const [prepared, other] = [await table(), await table()]
    const [first, second] = [await coordinate(), await coordinate()]
    const tx = await first.begin()
    ;(await tx.on('main')).put(prepared.row(3), EMPTY_ROW)
    ;(await tx.on('log')).put(prepared.row(3), EMPTY_ROW)
    await passing(tx.prepare())
    log.isOut = true
    const reader = await second.store('main').begin()
    await assert.rejects(prepared.read(reader), (error) => hasCode(error, 'STORAGE_UNAVAILABLE'))
    assert.deepEqual(await other.read(reader), [1, 2])
    log.isOut = false
    await passing(reader.rollback())
    await passing(tx.rollback())
    await first.close()
    await second.close()
  })

  test('a part of a transaction across stores reads so, but for what it has changed itself', async () => {
    const [own, other] = [await table(), await table()]
    const coordinator = await coordinate()
    await passing(
      coordinator.transact(async (tx) => {
        const part = await tx.on('main')
        part.put(own.row(3), EMPTY_ROW)
        assert.equal(await own.read(part), 'this transaction has changed rows that are read')
        assert.deepEqual(await other.read(part), [1, 2])
      }),
    )
    await using tx = await coordinator.store('main').begin()
    assert.deepEqual(await own.read(tx), [1, 2, 3])
    await passing(tx.rollback())
    await coordinator.close()
  })

  test('what was changed between asking and reading is refused then', async () => {
    const { row } = await table()
    const coordinator = await coordinate()
    const tx = await coordinator.store('main').begin()
    const tableId = tables - 1
    const rows = tx.pushdown?.scan(
      {
        source: { kind: 'table', tableId, columns: [{ id: 1, type: { kind: 'int' }, isHandle: true }] },
        conditions: [],
      },
      [relationalKeys.rows(tableId)],
      { isOrdered: true, isReverse: false },
    )
    assert.ok(rows !== undefined && !('refused' in rows))
    tx.put(row(9), EMPTY_ROW)
    await assert.rejects(passing(Promise.resolve(rows[Symbol.asyncIterator]().next())), {
      code: 'STORE_REFUSED',
      reason: 'this transaction has changed rows that are read',
    })
    await passing(tx.rollback())
    await coordinator.close()
  })

  test('a store that gives entries only hands down nothing', async () => {
    const coordinator = await coordinate()
    await using tx = await coordinator.store('log').begin()
    assert.deepEqual([tx.pushdown, coordinator.store('log').capabilities.pushdown], [undefined, false])
    await coordinator.close()
  })
})
