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
import { eventually } from './harness/eventually.js'
import {
  COLUMNS,
  judgePlan,
  planArbitrary,
  rowKey,
  rowsArbitrary,
  rowsRange,
  runPlan,
  tableOf,
  writeRows,
} from './harness/random-plans.js'
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
  testCluster.splitAt(rowKey(table.id, 1000))
  testCluster.splitAt(rowKey(table.id, 3000))
  /** @type {import('@orbit-ts/tikv').DagSource} */
  const source = { kind: 'table', tableId: table.id, columns: COLUMNS }
  const all = await bothGive({ source, output: [0, 4] }, { ordered: true })
  assert.deepEqual(
    all,
    rows.map(([id, , , , name]) => [id, name]),
  )
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
  let report = newDagReport()
  await eventually(async () => {
    report = newDagReport()
    const partials = await rowsOf(unistoreClient, counted, { report })
    assert.equal(
      partials.reduce((sum, [count]) => sum + Number(count), 0),
      5000,
    )
    return report.responses > 1
  }, 'the table has several regions')
  assert.equal(report.steps[0]?.rows, 5000)
  assert.deepEqual(
    await bothGive({ source, output: [0, 4] }, { ordered: true }),
    rows.map(([id, , , , name]) => [id, name]),
  )
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

/**
 * Rows and index entries of all tables. @param {TiKVClient} client
 * @returns {Promise<{ tableId: number, key: Uint8Array, value: Uint8Array }[]>}
 */
async function tablePairs(client) {
  const pairs = []
  const snapshot = await client.txn.snapshot()
  for await (const chunk of snapshot.scan({ start: Buffer.from('t'), end: Buffer.from('u') })) {
    for (const { key, value } of chunk) {
      const parsed = parseKey(key)
      assert.ok(parsed.model === 'relational')
      pairs.push({ tableId: parsed.tableId, key, value })
    }
  }
  return pairs
}

/** Creates a table by SQL on the test cluster, and takes its bytes to unistore. @param {string} text */
async function sqlTable(text) {
  const [unistoreClient, testClient] = clients
  assert.ok(unistoreClient !== undefined && testClient !== undefined)
  const known = new Set((await tablePairs(testClient)).map(({ tableId }) => tableId))
  const database = await openDatabase({
    storage: { kind: 'tikv', pdEndpoints: [...testCluster.pdEndpoints] },
  })
  try {
    const session = await (await SqlEngine.open(database)).openSession()
    for (const statement of await session.parse(text)) await session.execute(statement, [])
    await session.close()
  } finally {
    await database.close()
  }
  const created = (await tablePairs(testClient)).filter(({ tableId }) => !known.has(tableId))
  const transaction = await unistoreClient.txn.begin()
  for (const { key, value } of created) transaction.put(key, value)
  await transaction.commit()
  const [first] = created
  assert.ok(first !== undefined && created.every(({ tableId }) => tableId === first.tableId))
  return first.tableId
}

test('a table as SQL writes it is what servers read', { skip }, async () => {
  const tableId = await sqlTable(`
    create table readings (
      id int8 primary key, small int2, name text, ok bool, price numeric(10, 2), amount float8,
      day date, at timestamp, code varchar(10), raw bytea
    );
    create index on readings (small nulls first, name nulls first);
    insert into readings values
      (-3, 7, 'seven', true, 12.5, 0.25, '2024-02-29', '2024-02-29 12:00:00.000001', 'x', '\\x00ff'),
      (1, null, 'grün ', false, -0.05, -1e300, 'infinity', null, '', ''),
      (9000000000, -32768, null, null, null, null, null, '1969-12-31 23:59:59', null, null);
    alter table readings add column later int4 default 41;
    insert into readings (id, later) values (2, null)`)
  /** @type {readonly DagColumn[]} */
  const columns = [
    { id: 1, type: { kind: 'int' }, isHandle: true },
    { id: 2, type: { kind: 'int' } },
    { id: 3, type: { kind: 'text' } },
    { id: 4, type: { kind: 'int' } },
    { id: 5, type: { kind: 'decimal', precision: 10, scale: 2 } },
    { id: 6, type: { kind: 'real' } },
    { id: 7, type: { kind: 'int' } },
    { id: 8, type: { kind: 'int' } },
    { id: 9, type: { kind: 'text' } },
    { id: 10, type: { kind: 'bytes' } },
    { id: 11, type: { kind: 'int' }, absent: 41 },
  ]
  const rows = await bothGive({ source: { kind: 'table', tableId, columns } }, { ordered: true })
  assert.deepEqual(rows, [
    [-3, 7, 'seven', 1, '12.50', 0.25, 19_782, 1_709_208_000_000_001, 'x', Uint8Array.of(0, 255), 41],
    [1, null, 'grün ', 0, '-0.05', -1e300, 2 ** 31 - 1, null, '', new Uint8Array(0), 41],
    [2, null, null, null, null, null, null, null, null, null, null],
    [9_000_000_000, -32_768, null, null, null, null, null, -1_000_000, null, null, 41],
  ])
  const [, small, name] = columns
  const [id] = columns
  assert.ok(id !== undefined && small !== undefined && name !== undefined)
  /** @type {DagPlan} */
  const indexed = {
    source: { kind: 'index', tableId, indexId: 1, columns: [small, name, id] },
    conditions: [{ kind: 'not', arg: { kind: 'is-null', arg: { kind: 'column', offset: 0 } } }],
  }
  assert.deepEqual(await bothGive(indexed, { ordered: true }), [
    [-32_768, null, 9_000_000_000],
    [7, 'seven', -3],
  ])
})

test('a primary key of several columns is read from the key of the row', { skip }, async () => {
  const tableId = await sqlTable(`
    create table lines (bill text, line int4, amount numeric(6, 1), note text, primary key (bill, line));
    create unique index on lines (note nulls first);
    insert into lines values ('a', 2, 0.5, 'x'), ('a', 1, null, null), ('rechnung nr. 7', -5, 99999.9, 'y')`)
  /** @type {readonly DagColumn[]} */
  const columns = [
    { id: 4, type: { kind: 'text' } },
    { id: 2, type: { kind: 'int' } },
    { id: 1, type: { kind: 'text' } },
    { id: 3, type: { kind: 'decimal', precision: 6, scale: 1 } },
  ]
  /** @type {DagPlan} */
  const plan = {
    source: { kind: 'table', tableId, columns, primaryKey: [1, 2] },
    descending: true,
    conditions: [
      {
        kind: 'compare',
        op: 'le',
        left: { kind: 'column', offset: 1 },
        right: { kind: 'constant', type: { kind: 'int' }, value: 2 },
      },
    ],
  }
  assert.deepEqual(await bothGive(plan, { ordered: true }), [
    ['y', -5, 'rechnung nr. 7', '99999.9'],
    ['x', 2, 'a', '0.5'],
    [null, 1, 'a', null],
  ])
  const [note, line, bill] = columns
  assert.ok(note !== undefined && line !== undefined && bill !== undefined)
  /** @type {DagPlan} */
  const indexed = {
    source: { kind: 'index', tableId, indexId: 1, columns: [note, bill, line], primaryKey: [1, 2] },
  }
  assert.deepEqual(await bothGive(indexed), [
    [null, 'a', 1],
    ['x', 'a', 2],
    ['y', 'rechnung nr. 7', -5],
  ])
})
