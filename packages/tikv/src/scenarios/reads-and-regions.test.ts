import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { fromUtf8, utf8 } from '@orbit-ts/base'
import type { TiKVClient } from '../client.js'
import type { Snapshot } from '../snapshot/snapshot.js'
import type { ScanOptions } from '../snapshot/snapshot-options.js'
import { put, scenario, text } from './scenario.fake.js'

const EVERYTHING = { start: utf8(''), end: utf8('') }
const keyOf = (row: number): string => `key-${String(row).padStart(5, '0')}`

async function rowsOf(snapshot: Snapshot, options: ScanOptions = {}): Promise<string[]> {
  const rows: string[] = []
  for await (const chunk of snapshot.scan(EVERYTHING, options))
    rows.push(...chunk.map(({ key, value }) => `${fromUtf8(key)}=${fromUtf8(value)}`))
  return rows
}

/** Commits `count` rows, each with its number as its value. */
async function fill(client: TiKVClient, count: number): Promise<string[]> {
  const rows = Array.from({ length: count }, (_, row) => [keyOf(row), String(row)] as const)
  await client.txn.run(async (transaction) => put(transaction, Object.fromEntries(rows)))
  await client.settle()
  return rows.map(([key, value]) => `${key}=${value}`)
}

describe('timestamps', () => {
  scenario('[S01] of 10 000 callers at once are unique and growing, in few requests', {}, async (bench) => {
    const client = await bench.client()
    const before = bench.cluster.pd.calls.get('Tso') ?? 0
    const timestamps = await Promise.all(Array.from({ length: 10_000 }, () => client.txn.currentTimestamp()))
    assert.ok(timestamps.every((timestamp, at) => at === 0 || timestamp > (timestamps[at - 1] ?? 0n)))
    assert.ok((bench.cluster.pd.calls.get('Tso') ?? 0) - before <= 10)
    assert.ok((await client.txn.currentTimestamp()) > (timestamps.at(-1) ?? 0n))
  })
})

describe('regions', () => {
  scenario(
    '[S18] may split and merge while 100 callers read and write: nobody notices',
    { cluster: { splitKeys: [utf8(keyOf(50))] } },
    async (bench) => {
      const client = await bench.client()
      await fill(client, 100)
      const run = { stopped: false, reads: 0, writes: 0 }
      const reader = async (row: number): Promise<void> => {
        while (!run.stopped) {
          assert.notEqual(await (await client.txn.snapshot()).get(utf8(keyOf(row))), undefined)
          run.reads++
          await bench.sleep(3)
        }
      }
      const writer = async (row: number): Promise<void> => {
        for (let round = 0; !run.stopped; round++) {
          const transaction = await client.txn.begin()
          put(transaction, { [keyOf(row)]: `${row}/${round}` })
          await transaction.commit()
          run.writes++
          await bench.sleep(3)
        }
      }
      const work = Array.from({ length: 100 }, (_, row) => (row % 2 === 0 ? reader(row) : writer(row)))
      /** Until each has done some more. */
      const used = async (): Promise<void> => {
        const enough = { reads: run.reads + 100, writes: run.writes + 100 }
        while (!run.stopped && (run.reads < enough.reads || run.writes < enough.writes)) await bench.sleep(5)
      }
      const change = async (): Promise<void> => {
        const { cluster } = bench
        await used()
        cluster.splitAt(utf8(keyOf(25)))
        await used()
        cluster.splitAt(utf8(keyOf(75)))
        await used()
        const source = cluster.regionOf(utf8(keyOf(75))).region.id
        cluster.state.mergeRegions(source, cluster.regionOf(utf8(keyOf(60))).region.id)
        await used()
        run.stopped = true
      }
      const stop = (): void => void (run.stopped = true)
      await Promise.all(
        [...work, change()].map((one) =>
          one.catch((error: unknown) => {
            stop()
            throw error
          }),
        ),
      )
      await client.settle()
      const fresh = await bench.connect()
      assert.equal((await rowsOf(await fresh.txn.snapshot())).length, 100)
      assert.deepEqual(bench.locks, [])
    },
  )

  scenario(
    '[S20] a store that comes back at another address is found',
    { cluster: { splitKeys: [utf8('m')] } },
    async (bench) => {
      await bench.write({ a: '1', z: '2' })
      const client = await bench.client()
      const { leader } = bench.cluster.regionOf(utf8('a'))
      assert.ok(leader)
      await bench.cluster.stopStore(leader.storeId)
      await client.txn.run(async (transaction) => put(transaction, { a: '3' }))
      const { address } = await bench.cluster.startStore(leader.storeId, { newAddress: true })
      const { region } = bench.cluster.regionOf(utf8('a'))
      bench.cluster.state.transferLeader(region.id, leader.storeId)
      const startMs = bench.nowMs()
      assert.equal(text(await (await client.txn.snapshot()).get(utf8('a'))), '3')
      bench.tookAtMost(bench.nowMs() - startMs, 5000)
      await client.settle()
      assert.ok(client.diagnostics().connections.some((connection) => connection.address === address))
    },
  )

  scenario(
    '[S21] a reverse scan over region boundaries gives the rows of the scan, reversed',
    { cluster: { splitKeys: [utf8(keyOf(33)), utf8(keyOf(66))] } },
    async (bench) => {
      const client = await bench.client()
      const expected = await fill(client, 100)
      const snapshot = await client.txn.snapshot()
      for (const batchSize of [1, 7, 33, 1000]) {
        assert.deepEqual(await rowsOf(snapshot, { batchSize }), expected)
        assert.deepEqual(await rowsOf(snapshot, { batchSize, reverse: true }), [...expected].reverse())
      }
      const transaction = await client.txn.begin()
      put(transaction, { [keyOf(40)]: 'own', zzz: 'own' })
      transaction.delete(utf8(keyOf(66)))
      const own: string[] = []
      for await (const chunk of transaction.scanReverse(EVERYTHING)) {
        own.push(...chunk.map(({ key, value }) => `${fromUtf8(key)}=${fromUtf8(value)}`))
      }
      const changed = expected
        .filter((row) => !row.startsWith(keyOf(66)))
        .map((row) => (row.startsWith(keyOf(40)) ? `${keyOf(40)}=own` : row))
      assert.deepEqual(own, [...changed, 'zzz=own'].reverse())
      await transaction.rollback()
    },
  )
})

describe('reads', () => {
  scenario('[S27] an answer of 32 MiB is read', {}, async (bench) => {
    const client = await bench.client()
    const megabyte = new Uint8Array(1024 * 1024).fill(5)
    const keys = Array.from({ length: 32 }, (_, row) => utf8(keyOf(row)))
    for (const key of keys) await client.txn.run(async (transaction) => transaction.put(key, megabyte))
    await client.settle()
    bench.faults.clearLog()
    const values = await (await client.txn.snapshot()).batchGet(keys)
    assert.ok(values.every((value) => value?.length === megabyte.length && value.every((byte) => byte === 5)))
    assert.equal(bench.faults.callsOf('KvBatchGet').length, 1)
  })

  scenario(
    '[S64] of a snapshot repeat, whatever is committed meanwhile, in every way of reading',
    { cluster: { splitKeys: Array.from({ length: 9 }, (_, at) => utf8(keyOf((at + 1) * 1000))) } },
    async (bench) => {
      const client = await bench.client()
      const expected = await fill(client, 10_000)
      const snapshot = await client.txn.snapshot(undefined, { cacheBytesMax: 0 })
      await bench.write({ [keyOf(5)]: 'later', [keyOf(9999)]: 'later', zz: 'later' })
      assert.deepEqual(await rowsOf(snapshot), expected)
      const keysOnly = await rowsOf(snapshot, { keysOnly: true })
      assert.deepEqual(
        keysOnly,
        expected.map((row) => row.replace(/=.*/, '=')),
      )
      const sample = await rowsOf(snapshot, { sampleStep: 100 })
      assert.ok(sample.length > 50 && sample.length < 200)
      assert.ok(sample.every((row) => expected.includes(row)))
      const order = expected.map((_, at) => (at * 7919) % expected.length)
      const values = await snapshot.batchGet(order.map((row) => utf8(keyOf(row))))
      assert.deepEqual(values.map(text), order.map(String))
    },
  )

  scenario('[S64] of level read-committed ignore locks and see what is newest', {}, async (bench) => {
    await bench.write({ k: 'old' })
    const writer = await bench.connect()
    const hold = bench.faults.add({ method: 'KvCommit' }, { kind: 'delay', ms: 800 })
    const transaction = await writer.txn.begin({ asyncCommit: false, onePc: false })
    put(transaction, { k: 'new' })
    const committing = transaction.commit()
    await bench.until(() => bench.locks.length === 1)
    const { txn } = await bench.client()
    const before = bench.faults.callsOf('KvCheckTxnStatus').length
    const snapshot = await txn.snapshot(undefined, { isolation: 'read-committed' })
    assert.equal(text(await snapshot.get(utf8('k'))), 'old')
    assert.equal(bench.faults.callsOf('KvCheckTxnStatus').length, before)
    await committing
    hold.remove()
    assert.equal(await bench.read('k'), 'new')
  })

  scenario(
    '[S19] [S28] go on when the leader of a region falls silent or goes',
    { speed: 4 },
    async (bench) => {
      await bench.write({ k: 'v' })
      const client = await bench.client()
      const { leader } = bench.cluster.regionOf(utf8('k'))
      assert.ok(leader)
      await bench.cluster.stopStore(leader.storeId, { electionMs: 300 })
      const elapsedMs = await bench.timed(
        (async () => assert.equal(text(await (await client.txn.snapshot()).get(utf8('k'))), 'v'))(),
      )
      bench.tookAtMost(elapsedMs, 15_000)
      bench.faults.clearLog()
      assert.equal(text(await (await client.txn.snapshot()).get(utf8('k'))), 'v')
      assert.deepEqual(
        bench.faults.callsOf('KvGet').map(({ storeId }) => storeId === leader.storeId),
        [false],
      )
    },
  )
})
