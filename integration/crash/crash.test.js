// @ts-check
/**
 * A process commits numbered transactions over all models and is killed with SIGKILL at a random moment; afterwards
 * every acknowledged transaction is there, none is half there, and all constraints hold. Rounds go on with the same
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
import { findDamage, openWorkload } from './workload.js'

const ROUNDS = Number(process.env['ORBIT_CRASH_ROUNDS'] ?? 20)
const SEED = Number(process.env['ORBIT_CRASH_SEED'] ?? 1)

/** Every durable engine, the default one with each of its bindings. @type {[string, object][]} */
const ENGINES = [
  ['rocksdb, binding nxtedition', { kind: 'rocksdb', binding: 'nxtedition' }],
  ['rocksdb, binding holepunch', { kind: 'rocksdb', binding: 'holepunch' }],
  ['cow-btree', { kind: 'cow-btree' }],
  ['lsm-tree', { kind: 'lsm-tree' }],
]

for (const [name, options] of ENGINES) {
  test(`${name}: ${ROUNDS} kills lose and tear nothing (seed ${SEED})`, async (context) => {
    const random = mulberry32(SEED)
    const dataDir = await mkdtemp(join(tmpdir(), 'orbit-crash-'))
    const storage = { ...options, dataDir }
    /** @type {Set<number>} */
    const acknowledged = new Set()
    let first = 0
    try {
      for (let round = 0; round < ROUNDS; round++) {
        await crash(storage, first, acknowledged, 1 + Math.floor(random() * 60), random() * 20)
        const db = await openWorkload(storage)
        try {
          const { damage, count } = await findDamage(db, acknowledged)
          assert.deepEqual(damage.slice(0, 10), [], `round ${round}, seed ${SEED}`)
          assert.ok(count >= acknowledged.size)
          // The checker itself: a transaction that nobody ran must be missed.
          const invented = new Set([...acknowledged, Number.MAX_SAFE_INTEGER])
          assert.equal((await findDamage(db, invented)).damage.length, 1)
        } finally {
          await db.close()
        }
        first = Math.max(first, ...acknowledged) + 100
      }
      context.diagnostic(`${name}: ${acknowledged.size} transactions acknowledged over ${ROUNDS} kills`)
      assert.ok(acknowledged.size >= ROUNDS)
    } finally {
      await rm(dataDir, { recursive: true, force: true })
    }
  })
}

/**
 * Runs the worker until `count` transactions were acknowledged and `delayMs` more, then kills it.
 * @param {object} storage
 * @param {number} first
 * @param {Set<number>} acknowledged
 * @param {number} count
 * @param {number} delayMs
 */
async function crash(storage, first, acknowledged, count, delayMs) {
  const worker = fileURLToPath(new URL('worker.js', import.meta.url))
  const child = spawn(process.execPath, [worker, JSON.stringify(storage), String(first)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let errors = ''
  child.stderr.on('data', (data) => (errors += String(data)))
  const exited = once(child, 'exit')
  let seen = 0
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'ready') continue
    acknowledged.add(Number(line))
    // The moment of death is what is tested, so it is not aligned with an acknowledgement.
    if (++seen === count) setTimeout(() => child.kill('SIGKILL'), delayMs)
  }
  const [code, signal] = await exited
  assert.equal(signal, 'SIGKILL', `the worker ended by itself with code ${code}: ${errors}`)
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
