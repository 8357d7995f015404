import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hasCode, type ErrorCode } from '@orbit-ts/base'
import type { TiKVClient } from '../../client.js'
import { Response as CopResponse } from '../../gen/coprocessor.js'
import { CommitRequest, Op, PrewriteRequest } from '../../gen/kvrpcpb.js'
import { SelectResponse } from '../../gen/tipb.js'
import type { KeyRange } from '../../key-range.js'
import { tikvMethods } from '../../rpc/methods.js'
import { Scenario, type ScenarioOptions } from '../../scenarios/scenario.fake.js'
import { dagErrorNumber } from './dag-error.js'
import type { DagColumn, DagExpression, DagPlan, DagRow, DagScanOptions, DagValue } from './dag-plan.js'
import { newDagReport } from './dag-report.js'
import { bytesReal, realBytes } from './real-bytes.js'
import { pairsOf, rowKey, rowsRange, type StoredTable } from './stored-table.fake.js'

const COLUMNS: readonly DagColumn[] = [
  { id: 1, type: { kind: 'int' }, isHandle: true },
  { id: 2, type: { kind: 'int' } },
  { id: 3, type: { kind: 'real' } },
  { id: 4, type: { kind: 'decimal', precision: 9, scale: 2 } },
]
const TABLE: StoredTable = { id: 5, columns: COLUMNS, indexes: [] }
const ALL: DagPlan = { source: { kind: 'table', tableId: 5, columns: COLUMNS } }
const column = (offset: number): DagExpression => ({ kind: 'column', offset })
const int = (value: number): DagExpression => ({ kind: 'constant', type: { kind: 'int' }, value })
const oneMore: DagExpression = { kind: 'arithmetic', op: 'plus', left: column(1), right: int(1) }
const isTrue = (left: DagExpression): DagExpression => ({ kind: 'compare', op: 'gt', left, right: int(0) })

interface Bench {
  readonly scenario: Scenario
  readonly client: TiKVClient
  readonly scan: (plan?: DagPlan, options?: DagScanOptions, ranges?: readonly KeyRange[]) => Promise<DagRow[]>
}

const rowsTo = (count: number): DagValue[][] =>
  Array.from({ length: count }, (_, at) => [at, at, at / 2, `${at}.50`])

async function write(client: TiKVClient, rows: readonly (readonly DagValue[])[]): Promise<void> {
  const transaction = await client.txn.begin()
  for (const row of rows) for (const { key, value } of pairsOf(TABLE, row)) transaction.put(key, value)
  await transaction.commit()
}

/** A cluster with a table of so many rows. */
function onTable(
  count: number,
  body: (bench: Bench) => Promise<void>,
  options: ScenarioOptions = {},
): Promise<void> {
  return Scenario.run('in-process', options, async (scenario) => {
    const client = await scenario.client()
    if (count > 0) await write(client, rowsTo(count))
    const scan: Bench['scan'] = async (plan = ALL, own = { ordered: true }, ranges = [rowsRange(5)]) => {
      const startTs = await client.txn.currentTimestamp()
      const rows: DagRow[] = []
      for await (const batch of client.coprocessor.dagScan(startTs, plan, ranges, own)) rows.push(...batch)
      return rows
    }
    await body({ scenario, client, scan })
  })
}

const idsOf = (rows: readonly DagRow[]): DagValue[] => rows.map(([id]) => id ?? null)
const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, at) => from + at)
const asked = (scenario: Scenario): number => scenario.requests(tikvMethods.coprocessor).length

async function fails(work: Promise<unknown>, code: ErrorCode): Promise<void> {
  await assert.rejects(work, (error) => hasCode(error, code))
}

describe('a scan of rows', () => {
  it('comes in pages, in order, from either end', () =>
    onTable(300, async ({ scenario, scan }) => {
      const paging = { minSize: 40, maxSize: 80 }
      assert.deepEqual(idsOf(await scan(ALL, { ordered: true, paging })), numbers(0, 300))
      assert.deepEqual(
        scenario.requests(tikvMethods.coprocessor).map(({ pagingSize }) => pagingSize),
        // Servers read 32 rows, then twice as many at a time, and end a page between two times.
        [40n, 80n, 80n, 80n],
      )
      const down = await scan({ ...ALL, descending: true }, { ordered: true, paging })
      assert.deepEqual(idsOf(down), numbers(0, 300).reverse())
    }))

  it('is not paged unless asked for where all of a region is summed up', () =>
    onTable(10, async ({ scenario, scan }) => {
      await scan({ ...ALL, aggregate: { functions: [{ kind: 'count' }], groupBy: [] } })
      await scan({ ...ALL, topN: { orderBy: [{ by: column(1) }], limit: 2 } })
      await scan(ALL)
      await scan(ALL, { paging: false })
      assert.deepEqual(
        scenario.requests(tikvMethods.coprocessor).map(({ pagingSize }) => pagingSize),
        [0n, 0n, 1024n, 0n],
      )
    }))

  it('ends with its limit, and asks no more then', () =>
    onTable(300, async ({ scenario, scan, client }) => {
      for (const id of [100, 200]) scenario.cluster.splitAt(rowKey(5, id))
      assert.deepEqual(
        idsOf(await scan({ ...ALL, limit: 7 }, { ordered: true, concurrency: 1 })),
        numbers(0, 7),
      )
      const [first] = scenario.requests(tikvMethods.coprocessor)
      assert.ok(first !== undefined)
      const before = asked(scenario)
      const paging = { minSize: 32, maxSize: 32 }
      const startTs = await client.txn.currentTimestamp()
      for await (const batch of client.coprocessor.dagScan(startTs, ALL, [rowsRange(5)], {
        ordered: true,
        concurrency: 1,
        paging,
      })) {
        assert.equal(batch.length, 32)
        break
      }
      // Two answers are read ahead of whoever reads, and one more may be on its way.
      assert.ok(asked(scenario) - before <= 4, `${asked(scenario) - before} requests`)
    }))

  it('reads what was there at its timestamp', () =>
    onTable(3, async ({ client }) => {
      const startTs = await client.txn.currentTimestamp()
      await write(client, [[1, 1000, null, null]])
      const found: DagRow[] = []
      for await (const batch of client.coprocessor.dagScan(startTs, ALL, [rowsRange(5)])) found.push(...batch)
      assert.deepEqual(found, [
        [0, 0, 0, '0.50'],
        [1, 1, 0.5, '1.50'],
        [2, 2, 1, '2.50'],
      ])
    }))

  it('takes a range of a key and its successor for all that begins with the key', () =>
    onTable(40, async ({ scan, scenario }) => {
      const { start, end } = rowsRange(5)
      assert.equal((await scan(ALL, {}, [{ start, end }])).length, 40)
      const noHandle: DagPlan = { source: { kind: 'table', tableId: 5, columns: COLUMNS.slice(1) } }
      assert.equal((await scan(noHandle, {}, [{ start, end }])).length, 40)
      const before = asked(scenario)
      assert.deepEqual(await scan(ALL, {}, [{ start: rowKey(5, 7), end: rowKey(5, 8) }]), [
        [7, 7, 3.5, '7.50'],
      ])
      assert.equal(scenario.requests(tikvMethods.coprocessor)[before]?.ranges.length, 1)
    }))

  it('meets regions that are split while it runs', () =>
    onTable(200, async ({ scenario, scan, client }) => {
      await scan()
      for (const id of [20, 90, 91, 150]) scenario.cluster.splitAt(rowKey(5, id))
      assert.deepEqual(idsOf(await scan()), numbers(0, 200))
      const startTs = await client.txn.currentTimestamp()
      const found: DagRow[] = []
      const options = { ordered: true, concurrency: 1, paging: { minSize: 10, maxSize: 10 } }
      for await (const batch of client.coprocessor.dagScan(startTs, ALL, [rowsRange(5)], options)) {
        found.push(...batch)
        const next = Number(batch.at(-1)?.[0]) + 60
        if (next < 200) scenario.cluster.splitAt(rowKey(5, next))
      }
      assert.deepEqual(idsOf(found), numbers(0, 200))
    }))

  it('is counted with what it gave and moved, and when a store refuses it', () =>
    onTable(30, async ({ client, scan, scenario }) => {
      const report = newDagReport()
      scenario.cluster.splitAt(rowKey(5, 20))
      await scan({ ...ALL, limit: 12 }, { ordered: true, report, paging: { minSize: 8, maxSize: 8 } })
      const counted = { ...ALL, aggregate: { functions: [{ kind: 'count' }], groupBy: [] } } as const
      assert.deepEqual(await scan(counted, { ordered: true, report, cache: false }), [[20], [10]])
      const overflow = {
        kind: 'arithmetic',
        op: 'multiply',
        left: int(2 ** 40),
        right: int(2 ** 40),
      } as const
      await fails(scan({ ...ALL, conditions: [isTrue(overflow)] }), 'STORE_REFUSED')
      await fails(scan({ ...ALL, limit: -1 }), 'INVALID_ARGUMENT')
      const { bytes, ...counts } = client.coprocessor.dagCounts
      assert.deepEqual(counts, { scans: 3, rows: 14, refusals: 1 })
      assert.ok(bytes >= report.responseBytes && report.responseBytes > 0)
      const text = await client.metrics.render()
      const printed = [...text.matchAll(/^orbit_tikv_coprocessor_(scans|rows|bytes|refusals)_total (\d+)$/gm)]
      assert.deepEqual(
        printed.map(([, name, value]) => `${name} ${value}`),
        ['scans 3', 'rows 14', `bytes ${bytes}`, 'refusals 1'],
      )
    }))

  it('works with keys that have a keyspace in front', () =>
    onTable(
      30,
      async ({ scan }) => {
        assert.deepEqual(
          idsOf(await scan(ALL, { ordered: true, paging: { minSize: 4, maxSize: 8 } })),
          numbers(0, 30),
        )
      },
      { cluster: { apiVersion: 'v2' }, config: { apiVersion: 'v2' } },
    ))
})

describe('a scan that meets locks', () => {
  const KEY = rowKey(5, 1)
  const [pair] = pairsOf(TABLE, [1, 99, null, null])

  /** Another client's transaction on two rows; of the first, the primary, on what becomes of it. */
  async function leaveLocks({ scenario, client }: Bench, end: 'committed' | 'alive' | 'dead'): Promise<void> {
    assert.ok(pair !== undefined)
    const primary = rowKey(5, 0)
    const startVersion = await client.txn.currentTimestamp()
    const { errors } = await scenario.cluster.mvcc.prewrite(
      PrewriteRequest.fromPartial({
        mutations: [
          { op: Op.Del, key: primary },
          { op: Op.Put, key: KEY, value: pair.value },
        ],
        primaryLock: primary,
        startVersion,
        minCommitTs: startVersion + 1n,
        lockTtl: end === 'dead' ? 1n : 60_000n,
      }),
    )
    assert.deepEqual(errors, [])
    if (end === 'dead') await scenario.sleep(100)
    if (end !== 'committed') return
    const commitVersion = await client.txn.currentTimestamp()
    await scenario.cluster.mvcc.commit(
      CommitRequest.fromPartial({ keys: [primary], startVersion, commitVersion }),
    )
  }

  it('reads what was committed, though its locks are there still', () =>
    onTable(3, async (bench) => {
      await leaveLocks(bench, 'committed')
      assert.deepEqual(await bench.scan({ ...ALL, output: [0, 1] }), [
        [1, 99],
        [2, 2],
      ])
    }))

  it('reads past those of a transaction under way', () =>
    onTable(3, async (bench) => {
      await leaveLocks(bench, 'alive')
      const counting: DagPlan = {
        ...ALL,
        aggregate: { functions: [{ kind: 'count' }, { kind: 'sum', arg: column(1) }], groupBy: [] },
      }
      assert.deepEqual(await bench.scan(counting), [[3, '3']])
      assert.equal(bench.scenario.locks.length, 2)
    }))

  it('takes back those of a dead one', () =>
    onTable(3, async (bench) => {
      await leaveLocks(bench, 'dead')
      assert.deepEqual(idsOf(await bench.scan()), [0, 1, 2])
      await bench.client.settle()
      // What it passed over, once it knew the transaction was dead, is left to those who write there.
      const locked = bench.scenario.locks.map(({ key }) => Buffer.from(key))
      assert.deepEqual(locked, [Buffer.from(KEY)])
    }))
})

describe('what goes wrong in a plan', () => {
  it('is an error with its number in MySQL', () =>
    onTable(0, async ({ client, scan }) => {
      await write(client, [[1, 2n ** 63n - 1n, 1e308, null]])
      const failing: readonly DagExpression[] = [
        isTrue(oneMore),
        {
          kind: 'is-null',
          arg: { kind: 'arithmetic', op: 'multiply', left: column(2), right: column(2) },
        },
        {
          kind: 'is-null',
          arg: { kind: 'cast', to: { kind: 'decimal', precision: 5, scale: 0 }, arg: column(1) },
        },
      ]
      for (const condition of failing) {
        const plan: DagPlan = { ...ALL, conditions: [condition] }
        await assert.rejects(scan(plan), (error) => {
          assert.ok(hasCode(error, 'STORE_REFUSED'))
          assert.match(error.reason, /value is out of range in/)
          assert.equal(dagErrorNumber(error), 1690)
          return true
        })
      }
      assert.equal(dagErrorNumber(new Error('another')), undefined)
    }))

  it('is told apart from what a server cannot run', () =>
    onTable(1, async ({ scan }) => {
      const duration: DagColumn = { id: 9, type: { kind: 'duration' } }
      const typed: DagPlan = { source: { kind: 'table', tableId: 5, columns: [{ ...duration, id: 4 }] } }
      // The column holds decimals: no row can be read so.
      await assert.rejects(scan(typed), (error) => dagErrorNumber(error) === 10_000)
      await assert.rejects(
        scan({ source: { kind: 'index', tableId: 5, indexId: 1, columns: COLUMNS } }),
        (error) => hasCode(error, 'INVALID_ARGUMENT'),
      )
    }))

  it('is a broken protocol when an answer is none, or in another encoding', async () => {
    const answers = [
      CopResponse.create({ data: Uint8Array.of(0xff) }),
      CopResponse.create({
        data: SelectResponse.encode(SelectResponse.fromPartial({ encodeType: 1 })).finish(),
      }),
      CopResponse.create({
        data: SelectResponse.encode(
          SelectResponse.fromPartial({ chunks: [{ rowsData: Uint8Array.of(8, 2, 8) }] }),
        ).finish(),
      }),
    ]
    for (const answer of answers) {
      await onTable(0, ({ scan }) => fails(scan(), 'PROTOCOL_VIOLATION'), {
        cluster: { coprocessor: () => answer },
      })
    }
  })

  it('ends when the caller says so', () =>
    onTable(50, async ({ scan, scenario }) => {
      const controller = new AbortController()
      controller.abort()
      await fails(scan(ALL, { signal: controller.signal }), 'ABORTED')
      assert.equal(asked(scenario), 0)
    }))
})

describe('doubles', () => {
  it('lose NaN unless they are read as bytes, which sort as doubles do', () =>
    onTable(0, async ({ client, scan }) => {
      const values = [1.5, NaN, -Infinity, null, -0.25]
      await write(
        client,
        values.map((value, id) => [id, null, value, null]),
      )
      assert.deepEqual(await scan({ ...ALL, output: [2] }), [[1.5], [null], [-Infinity], [null], [-0.25]])
      const columns: DagColumn[] = [
        { id: 1, type: { kind: 'int' }, isHandle: true },
        { id: 3, type: { kind: 'bytes' } },
      ]
      const plan: DagPlan = {
        source: { kind: 'table', tableId: 5, columns },
        conditions: [
          {
            kind: 'compare',
            op: 'ge',
            left: column(1),
            right: { kind: 'constant', type: { kind: 'bytes' }, value: realBytes(-0.25) },
          },
        ],
        topN: { orderBy: [{ by: column(1), descending: true }], limit: 10 },
        output: [1],
      }
      const found = (await scan(plan)).map(([value]) => bytesReal(value as Uint8Array))
      assert.deepEqual(found, [NaN, 1.5, -0.25])
    }))
})

describe('the report of a scan', () => {
  it('counts what came, by step, of all regions', () =>
    onTable(100, async ({ scenario, scan }) => {
      scenario.cluster.splitAt(rowKey(5, 60))
      const report = newDagReport()
      const plan: DagPlan = {
        ...ALL,
        conditions: [{ kind: 'compare', op: 'lt', left: column(0), right: int(70) }],
        aggregate: { functions: [{ kind: 'count' }], groupBy: [] },
      }
      assert.deepEqual((await scan(plan, { report })).map(([count]) => count).sort(), [10, 60])
      assert.equal(report.responses, 2)
      assert.equal(report.rows, 2)
      assert.ok(report.responseBytes > 0 && report.responseBytes < 200)
      assert.deepEqual(
        report.steps.map(({ step, rows }) => [step, rows]),
        [
          ['table-scan', 100],
          ['selection', 70],
          ['aggregation', 2],
        ],
      )
      assert.deepEqual(report.warnings, [])
      const [request] = scenario.requests(tikvMethods.coprocessor)
      await scan(plan)
      const without = scenario.requests(tikvMethods.coprocessor).at(-1)
      assert.ok(request !== undefined && without !== undefined && request.data.length > without.data.length)
    }))
})
