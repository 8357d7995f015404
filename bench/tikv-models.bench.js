// @ts-check
/**
 * The models on a TiKV cluster: operations a second, the requests and the CPU time of this process that one takes, and
 * by how much the floors of 100 writes and 500 reads a second are passed. Then what Orbit adds to the bare client, for
 * the same reads and writes through each layer. The cluster is the test cluster, in a process of its own.
 *
 * `node bench/tikv-models.bench.js [--brief]`
 */
import { openDatabase, collection, graph, int4, series, table, text, vectors } from '@orbit-ts/engine'
import { SqlEngine } from '@orbit-ts/engine/sql'
import { TiKVClient } from '@orbit-ts/tikv'
import { micros, printTable } from './measure.js'
import { startTestCluster } from './test-cluster-process.js'

const brief = process.argv.includes('--brief')
const RECORDS = brief ? 200 : 5000
const SECONDS = brief ? 0.2 : 2
const ROUNDS = brief ? 1 : 5
const CALLERS = [1, 16]
const FLOORS = { write: 100, read: 500 }
const DIMENSION = 32
const NEIGHBOURS = 8
const POINTS = 100
const VALUE = 'v'.repeat(100)

const items = table(
  'items',
  { id: text().primaryKey(), code: int4(), value: text().notNull() },
  { indexes: [{ name: 'by_code', columns: ['code'] }] },
)
const notes = collection('notes')
const links = graph('links', { nodes: { Item: {} }, edges: { NEXT: { from: 'Item', to: 'Item' } } })
const points = vectors('points', { dimension: DIMENSION, metric: 'l2' })
const ticks = series('ticks', { tags: ['key'], fields: { value: 'float' } })

const below = (/** @type {number} */ end) => Math.floor(Math.random() * end)
const idOf = (/** @type {number} */ at) => `r${String(at).padStart(9, '0')}`
const anyId = () => idOf(below(RECORDS))
const anyVector = () => Array.from({ length: DIMENSION }, () => Math.random())
const keyOf = (/** @type {string} */ id) => Buffer.from(`bare-${id}`)

/** @typedef {{ name: string, kind: 'read' | 'write', run: () => Promise<unknown> }} Operation */
/** @typedef {{ perSecond: number, cpu: number, stores: number, pd: number }} Figures */

const cluster = await startTestCluster()
const storage = /** @type {const} */ ({ kind: 'tikv', pdEndpoints: cluster.pdEndpoints })
const db = await openDatabase({ storage, schema: [items, notes, links, points, ticks] })
const client = await TiKVClient.connect({ pdEndpoints: cluster.pdEndpoints })
const sql = await (await SqlEngine.open(db)).openSession()
try {
  await fill()
  await printModels()
  await printOverhead()
} finally {
  await sql.close()
  await client.close()
  await db.close()
  cluster.close()
}

async function fill() {
  for (let first = 0; first < RECORDS; first += 200) {
    const ids = Array.from({ length: Math.min(200, RECORDS - first) }, (_, at) => first + at)
    await db.transaction(async (tx) => {
      await tx.table(items).insertMany(ids.map((at) => ({ id: idOf(at), code: at, value: VALUE })))
      await tx.collection(notes).insertMany(ids.map((at) => ({ id: idOf(at), value: VALUE })))
      await tx.graph(links).addNodes(ids.map((at) => ({ id: idOf(at), labels: ['Item'] })))
      await tx.vectors(points).upsertMany(ids.map((at) => ({ id: idOf(at), vector: anyVector() })))
    })
    await db.transaction((tx) =>
      tx.graph(links).addEdges(
        ids.flatMap((at) =>
          Array.from({ length: NEIGHBOURS }, () => ({
            type: /** @type {const} */ ('NEXT'),
            from: idOf(at),
            to: idOf(below(first + ids.length)),
          })),
        ),
      ),
    )
    await client.txn.run(async (tx) => {
      for (const at of ids) tx.put(keyOf(idOf(at)), Buffer.from(VALUE))
    })
  }
  for (let key = 0; key < 20; key++) {
    const tags = { key: String(key) }
    await db
      .series(ticks)
      .appendMany(Array.from({ length: POINTS }, (_, at) => ({ timestamp: at, tags, fields: { value: at } })))
  }
}

async function printModels() {
  let next = RECORDS
  /** @type {Operation[]} */
  const operations = [
    { name: 'row by key', kind: 'read', run: () => db.table(items).get(anyId()) },
    {
      name: 'rows by index',
      kind: 'read',
      run: () => db.table(items).find({ where: { code: below(RECORDS) } }),
    },
    {
      name: 'insert of a row',
      kind: 'write',
      run: () => db.table(items).insert({ id: idOf(next), code: next++, value: VALUE }),
    },
    {
      name: 'update of a row',
      kind: 'write',
      run: () => retried(() => db.table(items).update(anyId(), { value: VALUE })),
    },
    { name: 'document by id', kind: 'read', run: () => db.collection(notes).get(anyId()) },
    {
      name: 'upsert of a document',
      kind: 'write',
      run: () => retried(() => db.collection(notes).upsert({ id: anyId(), value: VALUE })),
    },
    { name: 'neighbours of a node', kind: 'read', run: () => db.graph(links).neighbors(anyId()) },
    {
      name: 'the 10 nearest vectors',
      kind: 'read',
      run: () => db.vectors(points).search({ vector: anyVector(), k: 10 }),
    },
    {
      name: 'append of a point',
      kind: 'write',
      run: () => db.series(ticks).append({ timestamp: next++, tags: { key: 'new' }, fields: { value: 1 } }),
    },
    {
      name: `${POINTS} points of a series`,
      kind: 'read',
      run: () => db.series(ticks).range({ tags: { key: String(below(20)) } }),
    },
  ]
  const rows = [
    ['operation', 'callers', 'per second', '× the floor', 'store requests', 'PD requests', 'CPU µs'],
  ]
  for (const operation of operations)
    for (const callers of CALLERS) rows.push(await rowOf(operation, callers))
  // One session runs one statement at a time.
  const select = async () => {
    const [statement] = await sql.parse(`select value from items where id = '${anyId()}'`)
    if (statement === undefined) throw new Error('no statement was parsed')
    const result = await sql.execute(statement, [])
    if (result.kind === 'rows') for await (const rows of result.batches) void rows
  }
  rows.push(await rowOf({ name: 'SQL select by key', kind: 'read', run: select }, 1))
  console.log(`\n### Models; ${RECORDS} records of each\n`)
  printTable(rows)
}

/** @param {Operation} operation @param {number} callers */
async function rowOf({ name, kind, run }, callers) {
  await measure(run, callers, SECONDS / 4)
  const { perSecond, cpu, stores, pd } = await measure(run, callers, SECONDS)
  return [
    name,
    String(callers),
    perSecond.toFixed(0),
    (perSecond / FLOORS[kind]).toFixed(1),
    stores.toFixed(2),
    pd.toFixed(2),
    micros(cpu),
  ]
}

/** The same reads and writes: of the client, of the storage contract on it, and of a table. */
async function printOverhead() {
  const value = Buffer.from(VALUE)
  const key = () => keyOf(anyId())
  /** @type {[string, [string, () => Promise<unknown>][]][]} */
  const contests = [
    [
      'get',
      [
        ['client', () => client.txn.run((tx) => tx.get(key()))],
        ['storage', () => db.storage.transact((tx) => tx.get(key()))],
        ['table', () => db.table(items).get(anyId())],
      ],
    ],
    [
      'put',
      [
        ['client', () => client.txn.run(async (tx) => tx.put(key(), value))],
        ['storage', () => db.storage.transact(async (tx) => tx.put(key(), value))],
        ['table', () => retried(() => db.table(items).upsert({ id: anyId(), code: 1, value: VALUE }))],
      ],
    ],
    [
      'get and put',
      [
        [
          'client',
          () =>
            client.txn.run(async (tx) => {
              const own = key()
              await tx.get(own)
              tx.put(own, value)
            }),
        ],
        [
          'storage',
          () =>
            db.storage.transact(async (tx) => {
              const own = key()
              await tx.get(own)
              tx.put(own, value)
            }),
        ],
        ['table', () => retried(() => db.table(items).update(anyId(), { value: VALUE }))],
      ],
    ],
  ]
  const rows = [
    ['operation', 'callers', 'layer', 'per second', 'time / client', 'CPU / client', 'store requests'],
  ]
  for (const [name, layers] of contests) {
    for (const callers of CALLERS) {
      /** @type {Figures[][]} */
      const all = layers.map(() => [])
      for (let round = 0; round <= ROUNDS; round++) {
        // Taking turns, so that what disturbs one disturbs all; the first round only warms up.
        for (const [at, [, run]] of layers.entries()) {
          const figures = await measure(run, callers, SECONDS / ROUNDS)
          if (round > 0) all[at]?.push(figures)
        }
      }
      const [bare, ...others] = all.map(medianOf)
      if (bare === undefined) continue
      for (const [at, each] of [bare, ...others].entries()) {
        rows.push([
          name,
          String(callers),
          layers[at]?.[0] ?? '',
          each.perSecond.toFixed(0),
          (bare.perSecond / each.perSecond).toFixed(2),
          (each.cpu / bare.cpu).toFixed(2),
          each.stores.toFixed(2),
        ])
      }
    }
  }
  console.log('\n### What each layer adds to the client\n')
  printTable(rows)
}

/** @param {Figures[]} all @returns {Figures} */
function medianOf(all) {
  const middle = (/** @type {(one: Figures) => number} */ field) =>
    all.map(field).toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? NaN
  return {
    perSecond: middle((one) => one.perSecond),
    cpu: middle((one) => one.cpu),
    stores: middle((one) => one.stores),
    pd: middle((one) => one.pd),
  }
}

/** @param {() => Promise<unknown>} run @param {number} callers @param {number} seconds @returns {Promise<Figures>} */
async function measure(run, callers, seconds) {
  const before = await cluster.settled()
  let count = 0
  const cpu = process.cpuUsage()
  const started = performance.now()
  const deadline = started + seconds * 1000
  await Promise.all(
    Array.from({ length: callers }, async () => {
      do {
        await run()
        count++
      } while (performance.now() < deadline)
    }),
  )
  const elapsed = (performance.now() - started) / 1000
  const { user, system } = process.cpuUsage(cpu)
  const after = await cluster.settled()
  return {
    perSecond: count / elapsed,
    cpu: (user + system) / count,
    stores: (after.stores - before.stores) / count,
    pd: (after.pd - before.pd) / count,
  }
}

/** Two callers may meet at one record more often than a transaction is run again by itself. @param {() => Promise<unknown>} run */
async function retried(run) {
  for (;;) {
    try {
      return await run()
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'TRANSACTION_CONFLICT')) throw error
    }
  }
}
