// @ts-check
/** The benchmarks of the TiKV client, and of Orbit on TiKV, run to their end and measure all that they promise. What they measure says nothing. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { foreignClients, skipWithout } from './harness/test-programs.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const TRANSACTIONS = ['get', 'batch get', 'txn 1', 'txn 10', 'txn 100', 'scan']
const RAW = ['raw get', 'raw put']
const CALLERS = ['1', '64']

/** What a client has no call for, or none that the benchmark could use. @type {Record<string, readonly string[]>} */
const missing = { javaclient: ['txn 1', 'txn 10', 'txn 100', 'scan'] }

const servers = [
  { server: 'cluster', operations: TRANSACTIONS, counts: true, needs: [] },
  { server: 'raw', operations: RAW, counts: true, needs: [] },
  { server: 'unistore', operations: TRANSACTIONS, counts: false, needs: ['pd', 'unistore'] },
]

for (const { server, operations, counts, needs } of servers) {
  const skip = skipWithout(...needs)
  test(`bench/tikv.bench.js measures every client against ${server}`, { skip }, async () => {
    const rivals = foreignClients.filter((name) => skipWithout(name) === false)
    const [measured = [], compared] = await bench('bench/tikv.bench.js', `--server=${server}`)
    const expected = ['ours', ...rivals].flatMap((client) =>
      operations
        .filter((operation) => missing[client]?.includes(operation) !== true)
        .flatMap((operation) => CALLERS.map((callers) => `${client}, ${operation}, ${callers}`)),
    )
    const found = measured.map((row) => `${row['client']}, ${row['operation']}, ${row['callers']}`)
    assert.deepEqual(found.sort(), expected.sort())
    for (const row of measured) {
      assert.ok(Number(row['per second']) > 0, JSON.stringify(row))
      assert.ok(Number(row['CPU µs']) > 0, JSON.stringify(row))
      assert.match(row['p50 / p95 / p99 µs'] ?? '', /^\d+ \/ \d+ \/ \d+$/)
      // Each operation but one that fails asks a store for something.
      if (counts) assert.ok(Number(row['store requests']) >= 1, JSON.stringify(row))
    }
    assert.equal(compared?.length, rivals.length === 0 ? undefined : operations.length * CALLERS.length)
  })
}

for (const { file, names } of [
  {
    file: 'layers',
    names: ['codec', 'framing', 'stream', 'region cache', 'a call to a store', 'raw get', 'snapshot get'],
  },
  { file: 'codec', names: ['encode Get', 'decode the answer to Get', 'encode a batch', 'decode a batch'] },
  { file: 'rpc', names: ['stream', 'RawGet, 1 connection', 'RawGet, 4 connections'] },
]) {
  test(`packages/tikv/bench/${file}.bench.js tells what each layer costs`, async () => {
    const rows = (await bench(`packages/tikv/bench/${file}.bench.js`)).flat()
    for (const name of names) {
      const found = rows.filter((row) => Object.values(row)[0]?.startsWith(name))
      assert.ok(found.length > 0, name)
      for (const row of found) assert.match(JSON.stringify(row), /"\d+(\.\d+)? \/ \d+(\.\d+)?"/)
    }
  })
}

test('bench/pushdown.bench.js compares bytes and time with and without pushdown, and the answers', async () => {
  const [rows = []] = await bench('bench/pushdown.bench.js')
  assert.ok(rows.length >= 10)
  for (const row of rows) {
    assert.equal(row['answers'], 'equal', JSON.stringify(row))
    assert.ok(Number(row['KiB with']) < Number(row['KiB without']), JSON.stringify(row))
    assert.match(row['ms with, min / median'] ?? '', /^\d+\.\d \/ \d+\.\d$/)
  }
})

test('bench/tikv-models.bench.js measures every model, and each layer above the client', async () => {
  const [models = [], layers = []] = await bench('bench/tikv-models.bench.js')
  const expected = [
    'row by key',
    'rows by index',
    'insert of a row',
    'update of a row',
    'document by id',
    'upsert of a document',
    'neighbours of a node',
    'the 10 nearest vectors',
    'append of a point',
    '100 points of a series',
  ].flatMap((name) => ['1', '16'].map((callers) => `${name}, ${callers}`))
  assert.deepEqual(
    models.map((row) => `${row['operation']}, ${row['callers']}`),
    [...expected, 'SQL select by key, 1'],
  )
  for (const row of models) {
    assert.match(row['× the floor'] ?? '', /^\d+\.\d$/)
    for (const column of ['per second', 'store requests', 'CPU µs'])
      assert.ok(Number(row[column]) > 0, JSON.stringify(row))
  }
  const each = ['client', 'storage', 'table']
  assert.deepEqual(
    layers.map((row) => `${row['operation']}, ${row['callers']}, ${row['layer']}`),
    ['get', 'put', 'get and put'].flatMap((name) =>
      ['1', '16'].flatMap((callers) => each.map((layer) => `${name}, ${callers}, ${layer}`)),
    ),
  )
  for (const row of layers) {
    for (const column of ['time / client', 'CPU / client', 'store requests'])
      assert.ok(Number(row[column]) > 0, JSON.stringify(row))
  }
})

test('bench/servers-scaling.bench.js measures one to four servers', async () => {
  const [servers = []] = await bench('bench/servers-scaling.bench.js')
  assert.deepEqual(
    servers.map((row) => row['servers']),
    ['1', '2', '3', '4'],
  )
  for (const row of servers) {
    for (const column of ['reads a second', 'writes a second'])
      assert.ok(Number(row[column]) > 0, JSON.stringify(row))
  }
})

/**
 * The tables that it prints, each row by the names of its columns.
 * @param {string} path @param {...string} options
 * @returns {Promise<Record<string, string>[][]>}
 */
async function bench(path, ...options) {
  const { stdout } = await promisify(execFile)(process.execPath, [path, '--brief', ...options], { cwd: root })
  return tablesOf(stdout)
}

/** @param {string} markdown */
function tablesOf(markdown) {
  return markdown
    .split('\n\n')
    .filter((block) => block.startsWith('|'))
    .map((block) => {
      const [head = [], , ...rows] = block.trim().split('\n').map(cellsOf)
      return rows.map((row) => Object.fromEntries(head.map((name, at) => [name, row[at] ?? ''])))
    })
}

/** @param {string} line */
function cellsOf(line) {
  return line
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim())
}
