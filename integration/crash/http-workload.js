// @ts-check
/** Numbered transactions over several models, sent over HTTP to servers in processes of their own. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { collection, graph, int4, series, table, text } from '@orbit-ts/engine'

const ORBIT = fileURLToPath(new URL('../../packages/cli/bin/orbit.js', import.meta.url))
const ROWS = 5

const entries = table('entries', { id: text().primaryKey(), n: int4().notNull() })
export const notes = collection('notes', { indexes: [{ path: 'n', unique: true }] })
const links = graph('links', { open: true })
const ticks = series('ticks', { fields: { n: 'int' } })
export const schema = [entries, notes, links, ticks]

/**
 * A server on any ports, once it has said where it listens.
 * @param {readonly string[]} args of `orbit serve`
 */
export async function startServer(args) {
  const outer = Object.entries(process.env).filter(([name]) => !name.startsWith('ORBIT_'))
  const ports = ['--http-port', '0', '--postgres-port', '0', '--log-level', 'error']
  const child = spawn(process.execPath, [ORBIT, 'serve', ...args, ...ports], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: Object.fromEntries(outer),
  })
  const said = { errors: '' }
  child.stderr.on('data', (data) => (said.errors += String(data)))
  const exited = once(child, 'exit')
  // Not to outlive a test that fails before it ends what it started.
  const kill = () => void child.kill('SIGKILL')
  process.on('exit', kill)
  child.on('exit', () => process.off('exit', kill))
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /HTTP API +(http:\S+),/.exec(line)?.[1]
    if (url !== undefined) return { child, url, exited, said }
  }
  throw new Error(`the server did not start: ${said.errors}`)
}

/** @param {Awaited<ReturnType<typeof startServer>>} server */
export async function requireKilled({ exited, said }) {
  const [code, signal] = await exited
  assert.equal(signal, 'SIGKILL', `the server ended by itself with code ${code}: ${said.errors}`)
}

/**
 * @param {string} url
 * @param {number} n
 * @returns {Promise<{ status: number, code: string | undefined } | undefined>}
 *   `code`: of the error; undefined when the connection broke
 */
export async function send(url, n) {
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
  /** @type {number} */
  let status
  /** @type {any} */
  let body
  try {
    const response = await fetch(`${url}/v1/transactions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ operations }),
    })
    status = response.status
    body = await response.json()
  } catch {
    return undefined
  }
  if (status === 200) assert.equal(body.results.length, operations.length)
  return { status, code: body.error?.code }
}

/**
 * @param {import('@orbit-ts/engine').Database} db
 * @param {ReadonlySet<number>} acknowledged
 * @param {ReadonlySet<number>} [refused] of which the server has said that they did not happen
 */
export async function findDamage(db, acknowledged, refused = new Set()) {
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
    const undead = [...refused].filter((n) => numbers.has(n))
    const torn = [...numbers].filter((n) =>
      Object.entries(parts).some(([part, found]) => found.get(n) !== (part === 'entries' ? ROWS : 1)),
    )
    return {
      count: numbers.size,
      damage: [
        ...lost.map((n) => `transaction ${n} was acknowledged and is lost`),
        ...undead.map((n) => `transaction ${n} was refused and is there`),
        ...torn.map((n) => `transaction ${n} is there in part, or more than once`),
      ],
    }
  } finally {
    await tx.rollback()
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
export function mulberry32(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let z = state
    z = Math.imul(z ^ (z >>> 15), z | 1)
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61)
    return ((z ^ (z >>> 14)) >>> 0) / 4294967296
  }
}
