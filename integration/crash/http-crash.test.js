// @ts-check
/**
 * A server works on transactions that several clients send over HTTP and is killed with SIGKILL at a random moment.
 * Afterwards every acknowledged transaction is there, and of no transaction only a part. Rounds go on with the same
 * store, so damage adds up.
 */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openDatabase } from '@orbit-ts/engine'
import { findDamage, mulberry32, notes, requireKilled, schema, send, startServer } from './http-workload.js'

const ROUNDS = Number(process.env['ORBIT_CRASH_ROUNDS'] ?? 10)
const SEED = Number(process.env['ORBIT_CRASH_SEED'] ?? 1)
const CLIENTS = 8

/** @typedef {'rocksdb' | 'lsm-tree' | 'cow-btree'} Engine */

for (const engine of /** @type {Engine[]} */ (['rocksdb', 'lsm-tree', 'cow-btree'])) {
  test(`${engine}: ${ROUNDS} kills of a server lose and tear nothing (seed ${SEED})`, async (context) => {
    const random = mulberry32(SEED)
    const dataDir = await mkdtemp(join(tmpdir(), 'orbit-http-crash-'))
    const open = () => openDatabase({ storage: { kind: engine, dataDir }, schema })
    /** @param {ReadonlySet<number>} wanted */
    const inspect = async (wanted) => {
      const db = await open()
      return findDamage(db, wanted).finally(() => db.close())
    }
    /** @type {Set<number>} */
    const acknowledged = new Set()
    let next = 0
    try {
      await (await open()).close()
      for (let round = 0; round < ROUNDS; round++) {
        const before = acknowledged.size
        next = await crash(engine, dataDir, next, acknowledged, 1 + Math.floor(random() * 60), random() * 20)
        assert.ok(acknowledged.size > before, `round ${round}: something was acknowledged`)
        const { damage, count } = await inspect(acknowledged)
        assert.deepEqual(damage.slice(0, 10), [], `round ${round}, seed ${SEED}`)
        assert.ok(count >= acknowledged.size && count <= next)
      }
      // The checker itself: a transaction that nobody sent must be missed, and a part of one must be seen.
      assert.equal((await inspect(new Set([...acknowledged, next]))).damage.length, 1)
      const db = await open()
      await db.collection(notes).insert({ id: 'torn', n: next })
      await db.close()
      assert.equal((await inspect(acknowledged)).damage.length, 1)
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
  const server = await startServer(['--data-dir', dataDir, '--storage', engine])
  let next = first
  let seen = 0
  const client = async () => {
    // Until the connection breaks.
    for (;;) {
      const n = next++
      const answer = await send(server.url, n)
      if (answer === undefined) return
      assert.equal(answer.status, 200, `transaction ${n}: ${answer.code}`)
      acknowledged.add(n)
      // The moment of death is what is tested, so it is not aligned with an acknowledgement.
      if (++seen === count) setTimeout(() => server.child.kill('SIGKILL'), delayMs)
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, client))
  await requireKilled(server)
  return next
}
