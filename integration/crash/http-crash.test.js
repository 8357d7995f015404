// @ts-check
/**
 * A server works on transactions that several clients send over HTTP and is killed with SIGKILL at a random moment.
 * Afterwards every acknowledged transaction is there, and of no transaction only a part. Rounds go on with the same
 * store, so damage adds up.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { collection, graph, int4, openDatabase, series, table, text } from '@orbit-ts/engine'

const ROUNDS = Number(process.env['ORBIT_CRASH_ROUNDS'] ?? 10)
const SEED = Number(process.env['ORBIT_CRASH_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const CLIENTS = 8
const ROWS = 5

const ORBIT = fileURLToPath(new URL('../../packages/cli/bin/orbit.js', import.meta.url))

const entries = table('entries', { id: text().primaryKey(), n: int4().notNull() })
const notes = collection('notes', { indexes: [{ path: 'n', unique: true }] })
const links = graph('links', { open: true })
const ticks = series('ticks', { fields: { n: 'int' } })
const schema = [entries, notes, links, ticks]

/** @typedef {'rocksdb' | 'lsm-tree' | 'cow-btree'} Engine */

for (const engine of /** @type {Engine[]} */ (['rocksdb', 'lsm-tree', 'cow-btree'])) {
  test(`${engine}: ${ROUNDS} kills of a server lose and tear nothing (seed ${SEED})`, async (context) => {
    const random = mulberry32(SEED)
    const dataDir = await mkdtemp(join(tmpdir(), 'orbit-http-crash-'))
    /** @type {Set<number>} */
    const acknowledged = new Set()
    let next = 0
    try {
      await (await openDatabase({ storage: { kind: engine, dataDir }, schema })).close()
      for (let round = 0; round < ROUNDS; round++) {
        const before = acknowledged.size
        next = await crash(engine, dataDir, next, acknowledged, 1 + Math.floor(random() * 60), random() * 20)
        assert.ok(acknowledged.size > before, `round ${round}: something was acknowledged`)
        const { damage, count } = await findDamage(engine, dataDir, acknowledged)
        assert.deepEqual(damage.slice(0, 10), [], `round ${round}, seed ${SEED}`)
        assert.ok(count >= acknowledged.size && count <= next)
      }
      // The checker itself: a transaction that nobody sent must be missed, and a part of one must be seen.
      const invented = new Set([...acknowledged, next])
      assert.equal((await findDamage(engine, dataDir, invented)).damage.length, 1)
      const db = await openDatabase({ storage: { kind: engine, dataDir }, schema })
      await db.collection(notes).insert({ id: 'torn', n: next })
      await db.close()
      assert.equal((await findDamage(engine, dataDir, acknowledged)).damage.length, 1)
      context.diagnostic(
        `${engine}: ${acknowledged.size} of ${next} transactions acknowledged, ${ROUNDS} kills`,
      )
    } finally {
      await rm(dataDir, { recursive: true, force: true })
    }
  })
}

/**
 * Starts a server, sends it transactions until `count` were acknowledged and `delayMs` more, then kills it.
 * @param {Engine} engine
 * @param {string} dataDir
 * @param {number} first
 * @param {Set<number>} acknowledged
 * @param {number} count
 * @param {number} delayMs
 * @returns {Promise<number>} the number behind the last transaction that was sent
 */
async function crash(engine, dataDir, first, acknowledged, count, delayMs) {
  const args = [
    ORBIT,
    'serve',
    '--data-dir',
    dataDir,
    '--storage',
    engine,
    '--http-port',
    '0',
    '--postgres-port',
    '0',
  ]
  const outer = Object.entries(process.env).filter(([name]) => !name.startsWith('ORBIT_'))
  const child = spawn(process.execPath, [...args, '--log-level', 'error'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: Object.fromEntries(outer),
  })
  let errors = ''
  child.stderr.on('data', (data) => (errors += String(data)))
  const exited = once(child, 'exit')
  const url = await urlOf(child.stdout)
  let next = first
  let seen = 0
  const client = async () => {
    // Until the connection breaks.
    for (;;) {
      const n = next++
      const answer = await send(url, n)
      if (answer === undefined) return
      assert.equal(answer, 200, `transaction ${n}`)
      acknowledged.add(n)
      // The moment of death is what is tested, so it is not aligned with an acknowledgement.
      if (++seen === count) setTimeout(() => child.kill('SIGKILL'), delayMs)
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, client))
  const [code, signal] = await exited
  assert.equal(signal, 'SIGKILL', `the server ended by itself with code ${code}: ${errors}`)
  return next
}

/** @param {import('node:stream').Readable} stdout */
async function urlOf(stdout) {
  for await (const line of createInterface({ input: stdout })) {
    const found = /HTTP API +(http:\S+),/.exec(line)
    if (found?.[1] !== undefined) return found[1]
  }
  throw new Error('the server did not start')
}

/**
 * @param {string} url
 * @param {number} n
 * @returns {Promise<number | undefined>} the status; undefined when the connection broke
 */
async function send(url, n) {
  const rows = Array.from({ length: ROWS }, (_, part) => ({ id: `${n}-${part}`, n }))
  const operations = [
    { kind: 'table', object: 'entries', op: 'insert', args: { rows } },
    { kind: 'collection', object: 'notes', op: 'insert', args: { documents: { id: `note-${n}`, n } } },
    {
      kind: 'graph',
      object: 'links',
      op: 'addNodes',
      args: { nodes: { id: `node-${n}`, labels: ['Entry'] } },
    },
    { kind: 'series', object: 'ticks', op: 'append', args: { points: { timestamp: n, fields: { n } } } },
  ]
  try {
    const response = await fetch(`${url}/v1/transactions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ operations }),
    })
    const text = await response.text()
    assert.ok(response.status !== 200 || JSON.parse(text).results.length === operations.length, text)
    return response.status === 200 ? 200 : assert.fail(text)
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error
    return undefined
  }
}

/**
 * @param {Engine} engine
 * @param {string} dataDir
 * @param {ReadonlySet<number>} acknowledged
 */
async function findDamage(engine, dataDir, acknowledged) {
  const db = await openDatabase({ storage: { kind: engine, dataDir }, schema })
  const tx = await db.begin({ timeoutMs: 600_000 })
  try {
    const rows = await collect(tx.table(entries).scan({}))
    /** Numbers, as often as they are there. @type {Record<string, Map<number, number>>} */
    const parts = {
      entries: tally(rows.map(({ n }) => n)),
      notes: tally((await collect(tx.collection(notes).scan({}))).map(({ n }) => Number(n))),
      nodes: tally((await collect(tx.graph(links).scanNodes({}))).map(({ id }) => Number(id.split('-')[1]))),
      ticks: tally((await collect(tx.series(ticks).scan({}))).map(({ fields }) => Number(fields.n))),
    }
    const numbers = new Set(Object.values(parts).flatMap((found) => [...found.keys()]))
    const lost = [...acknowledged].filter((n) => !numbers.has(n))
    const torn = [...numbers].filter((n) =>
      Object.entries(parts).some(([part, found]) => found.get(n) !== (part === 'entries' ? ROWS : 1)),
    )
    return {
      count: numbers.size,
      damage: [
        ...lost.map((n) => `transaction ${n} was acknowledged and is lost`),
        ...torn.map((n) => `transaction ${n} is there in part`),
      ],
    }
  } finally {
    await tx.rollback()
    await db.close()
  }
}

/** @param {readonly number[]} numbers */
function tally(numbers) {
  /** @type {Map<number, number>} */
  const counts = new Map()
  for (const n of numbers) counts.set(n, (counts.get(n) ?? 0) + 1)
  return counts
}

/**
 * @template T
 * @param {AsyncIterable<T[]>} chunks
 */
async function collect(chunks) {
  /** @type {T[]} */
  const all = []
  for await (const chunk of chunks) all.push(...chunk)
  return all
}

/** @param {number} seed */
function mulberry32(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let z = state
    z = Math.imul(z ^ (z >>> 15), z | 1)
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61)
    return ((z ^ (z >>> 14)) >>> 0) / 4294967296
  }
}
