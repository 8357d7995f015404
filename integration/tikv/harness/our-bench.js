// @ts-check
/**
 * The operations of bench/tikv.bench.js on our client; those of the foreign clients' drivers are the same: each caller
 * works in turn on random ones of `limit` keys. A read is at a fresh timestamp; a write is a transaction of its own, on
 * keys that no other caller writes, for two that write the same ones in several regions would wait for one another's
 * locks until they expire.
 *
 * @typedef {import('@orbit-ts/tikv').TiKVClient} Client
 */
import { OrbitError } from '@orbit-ts/base'

const SCAN_ROWS = 100
const BATCH_KEYS = 10
/** What a writer risks: another one of the same key, or one that waited so long that it was rolled back. */
const EXPECTED = ['TRANSACTION_CONFLICT', 'TRANSACTION_ABORTED']

const DIGITS = 6
const PREFIX = Buffer.from('bench-')

/** `bench-` and the number. Written by hand: what the harness takes counts as the client's. @param {number} number */
function keyAt(number) {
  const key = Buffer.allocUnsafe(PREFIX.length + DIGITS)
  key.set(PREFIX)
  let rest = number
  for (let at = key.length - 1; at >= PREFIX.length; at--) {
    key[at] = 48 + (rest % 10)
    rest = Math.floor(rest / 10)
  }
  return key
}

/** @param {number} end */
const below = (end) => Math.floor(Math.random() * end)

/**
 * Spreads keys that no other caller writes over the whole range.
 * @param {{ limit: number, callers: number }} of
 * @param {number} caller
 * @param {number} count
 */
function ownKeys({ limit, callers }, caller, count) {
  const slots = Math.floor(limit / callers)
  const start = below(slots)
  const step = Math.max(1, Math.floor(slots / count))
  return Array.from({ length: count }, (_, at) => keyAt(((start + at * step) % slots) * callers + caller))
}

/**
 * @param {Client} client
 * @param {{ mode: string, limit: number, callers: number }} what
 * @param {Uint8Array} value
 * @returns {(caller: number) => Promise<unknown>}
 */
function operationOf(client, what, value) {
  const { mode, limit } = what
  const randomKey = () => keyAt(below(limit))
  if (mode === 'get') return async () => (await client.txn.snapshot()).get(randomKey())
  if (mode === 'batch get') {
    return async () => (await client.txn.snapshot()).batchGet(Array.from({ length: BATCH_KEYS }, randomKey))
  }
  if (mode === 'scan') {
    return async () => {
      const snapshot = await client.txn.snapshot()
      const range = { start: randomKey(), end: Buffer.alloc(0) }
      let rows = 0
      for await (const chunk of snapshot.scan(range, { limit: SCAN_ROWS })) rows += chunk.length
      return rows
    }
  }
  if (mode === 'raw get') return () => client.raw.get(randomKey())
  if (mode === 'raw put') return () => client.raw.put(randomKey(), value)
  const count = Number(mode.replace('txn ', ''))
  return async (caller) => {
    const transaction = await client.txn.begin({ asyncCommit: true, onePc: true })
    for (const key of ownKeys(what, caller, count)) transaction.put(key, value)
    return transaction.commit()
  }
}

/**
 * @param {Client} client
 * @param {import('./driver.js').Command} command
 */
export async function runBench(client, { mode = 'get', callers = 1, seconds = 1, size = 0, limit = 1 }) {
  const operation = operationOf(client, { mode, callers, limit }, Buffer.alloc(size))
  /** @type {number[]} */
  const times = []
  let failed = 0
  const cpu = process.cpuUsage()
  const start = performance.now()
  const deadline = start + seconds * 1000
  await Promise.all(
    Array.from({ length: callers }, async (_, caller) => {
      for (let began = performance.now(); began < deadline; began = performance.now()) {
        try {
          await operation(caller)
          times.push((performance.now() - began) * 1000)
        } catch (error) {
          // The rest must not happen, so whoever measures must hear of it.
          if (!(error instanceof OrbitError && EXPECTED.includes(error.code))) throw error
          failed++
        }
      }
    }),
  )
  const elapsed = (performance.now() - start) / 1000
  const { user, system } = process.cpuUsage(cpu)
  times.sort((a, b) => a - b)
  const at = (/** @type {number} */ share) =>
    times[Math.min(times.length - 1, Math.floor(share * times.length))] ?? 0
  return {
    operations: times.length,
    failed,
    seconds: elapsed,
    cpuSeconds: (user + system) / 1e6,
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
  }
}
