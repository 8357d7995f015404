// @ts-check
/**
 * Plans that servers run beside the data: PingCAP's unistore, behind a real PD, and the test cluster are given the same
 * rows and the same plans, and judged by a computation that knows neither. Then tables as Orbit writes them.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { openDatabase } from '@orbit-ts/engine'
import { SqlEngine } from '@orbit-ts/engine/sql'
import { parseKey, relationalKeys } from '@orbit-ts/storage'
import { dagErrorNumber, newDagReport, TiKVClient } from '@orbit-ts/tikv'
import { TestCluster } from '@orbit-ts/tikv/testing'
import { judgePlan, runPlan, writeRows } from '../../packages/tikv/dist/coprocessor/dag/judge-plan.fake.js'
import {
  COLUMNS,
  planArbitrary,
  rowsArbitrary,
  tableOf,
} from '../../packages/tikv/dist/coprocessor/dag/random-plans.fake.js'
import { rowsRange } from '../../packages/tikv/dist/coprocessor/dag/stored-table.fake.js'
import { skipWithout } from './harness/test-programs.js'
import { UnistoreCluster } from './harness/unistore.js'

/** @typedef {import('@orbit-ts/tikv').DagPlan} DagPlan */
/** @typedef {import('@orbit-ts/tikv').DagRow} DagRow */
/** @typedef {import('@orbit-ts/tikv').DagColumn} DagColumn */

const skip = skipWithout('pd', 'unistore')
const RUNS = Number(process.env['ORBIT_COPROCESSOR_RUNS'] ?? 40)
/** Small, so that loads split regions. */
const REGION_BYTES = 96 * 1024

/** @type {UnistoreCluster} */
let unistore
/** @type {TestCluster} */
let testCluster
/** @type {TiKVClient[]} */
const clients = []

before(async () => {
  if (skip !== false) return
  unistore = await UnistoreCluster.start({ regionSize: REGION_BYTES })
  testCluster = await TestCluster.start({ stores: 3, transport: 'sockets' })
  for (const { pdEndpoints } of [unistore, testCluster])
    clients.push(await TiKVClient.connect({ pdEndpoints: [...pdEndpoints] }))
})
after(async () => {
  for (const client of clients) await client.close()
  await testCluster?.close()
  await unistore?.close()
})

/** @param {TiKVClient} client @param {DagPlan} plan @param {object} [options] @returns {Promise<DagRow[]>} */
async function rowsOf(client, plan, options) {
  const range = rangeOf(plan)
  const startTs = await client.txn.currentTimestamp()
  const rows = []
  for await (const batch of client.coprocessor.dagScan(startTs, plan, [range], options)) rows.push(...batch)
  return rows
}

/** @param {DagPlan} plan */
function rangeOf({ source }) {
  if (source.kind === 'table') return rowsRange(source.tableId)
  const { start, end } = relationalKeys.indexEntries(source.tableId, source.indexId)
  assert.ok(start !== undefined && end !== undefined)
  return { start, end }
}

/** What both clusters give, which must be the same. @param {DagPlan} plan @param {object} [options] */
async function bothGive(plan, options) {
  const [one, other] = await Promise.all(clients.map((client) => rowsOf(client, plan, options)))
  assert.deepEqual(one, other)
  return one
}

let tableId = 1000

test('random plans over random rows give the same everywhere', { skip }, async () => {
  const one = fc.tuple(
    rowsArbitrary,
    fc.array(fc.tuple(planArbitrary(tableOf(0)), fc.boolean()), { minLength: 1, maxLength: 12 }),
  )
  await fc.assert(
    fc.asyncProperty(one, async ([rows, plans]) => {
      const id = ++tableId
      for (const client of clients) await writeRows(client, tableOf(id), rows)
      for (const [random, ordered] of plans) {
        const plan = { ...random.plan, source: { ...random.plan.source, tableId: id } }
        const own = { ...random, plan, ranges: [rangeOf(plan)] }
        for (const client of clients) judgePlan(own, rows, await runPlan(client, own, ordered), ordered)
      }
    }),
    { numRuns: RUNS, includeErrorInReport: true },
  )
})

test('many rows in many regions', { skip }, async () => {
  const table = tableOf(++tableId)
  const rows = Array.from({ length: 5000 }, (_, at) => [
    at,
    at % 7,
    at / 4,
    `${at}.125`,
    `name ${at}`,
    null,
    at,
    null,
    at % 5,
  ])
  for (const client of clients) await writeRows(client, table, rows)
  /** @type {import('@orbit-ts/tikv').DagSource} */
  const source = { kind: 'table', tableId: table.id, columns: COLUMNS }
  const all = await bothGive({ source, output: [0, 4] }, { ordered: true })
  assert.deepEqual(
    all,
    rows.map(([id, , , , name]) => [id, name]),
  )
  const report = newDagReport()
  /** @type {DagPlan} */
  const counted = {
    source,
    aggregate: {
      functions: [{ kind: 'count' }, { kind: 'sum', arg: { kind: 'column', offset: 3 } }],
      groupBy: [{ kind: 'column', offset: 1 }],
    },
  }
  const [unistoreClient] = clients
  assert.ok(unistoreClient !== undefined)
  const partials = await rowsOf(unistoreClient, counted, { report })
  assert.ok(report.responses > 1, `${report.responses} regions`)
  assert.equal(
    partials.reduce((sum, [count]) => sum + Number(count), 0),
    5000,
  )
  assert.equal(report.steps[0]?.rows, 5000)
})

test('numbers that leave their range fail the plan with the number of MySQL', { skip }, async () => {
  const table = tableOf(++tableId)
  for (const client of clients) {
    await writeRows(client, table, [[1, 2n ** 63n - 1n, null, null, null, null, null, null, 0]])
    /** @type {DagPlan} */
    const plan = {
      source: { kind: 'table', tableId: table.id, columns: COLUMNS },
      conditions: [
        {
          kind: 'compare',
          op: 'gt',
          left: {
            kind: 'arithmetic',
            op: 'plus',
            left: { kind: 'column', offset: 1 },
            right: { kind: 'constant', type: { kind: 'int' }, value: 1 },
          },
          right: { kind: 'constant', type: { kind: 'int' }, value: 0 },
        },
      ],
    }
    await assert.rejects(rowsOf(client, plan), (error) => dagErrorNumber(error) === 1690)
  }
})

/** The tables of a store, oldest first. @param {TiKVClient} client */
async function storedTables(client) {
  const ids = new Set()
  const snapshot = await client.txn.snapshot()
  for await (const chunk of snapshot.scan({ start: Buffer.from('t'), end: Buffer.from('u') })) {
    for (const { key } of chunk) {
      const parsed = parseKey(key)
      if (parsed.model === 'relational' && parsed.kind === 'row') ids.add(parsed.tableId)
    }
  }
  return [...ids].sort((a, b) => a - b)
}

/** Runs SQL on both clusters, and gives the tables that are new. @param {readonly string[]} statements */
async function onBoth(statements) {
  const created = []
  for (const [at, { pdEndpoints }] of [unistore, testCluster].entries()) {
    const client = clients[at]
    assert.ok(client !== undefined)
    const known = new Set(await storedTables(client))
    await using database = await openDatabase({ storage: { kind: 'tikv', pdEndpoints: [...pdEndpoints] } })
    await using session = await (await SqlEngine.open(database)).openSession()
    for (const statement of statements) await session.execute(statement)
    created.push((await storedTables(client)).filter((id) => !known.has(id)))
  }
  return created
}
