// @ts-check
/**
 * The process of a store is killed with SIGKILL while clients write, and started again on what it had on disk: nothing
 * that was acknowledged is lost, nothing that was refused is there, of no transaction is a part there, and the clients
 * go on by themselves. The store is unistore behind a real PD: the stores of the test cluster keep their data in memory.
 */
import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { test } from 'node:test'
import { OrbitError } from '@orbit-ts/base'
import { TiKVClient } from '@orbit-ts/tikv'
import { skipWithout } from './harness/test-programs.js'
import { UnistoreCluster } from './harness/unistore.js'

const KILLS = 3
const CLIENTS = 8
/** Acknowledged transactions between one kill and the next. */
const APART = 100
/** What a transaction may fail with meanwhile; nothing has happened then. */
const REFUSALS = ['STORE_UNAVAILABLE', 'REGION_UNAVAILABLE', 'RPC_FAILED', 'TRANSACTION_CONFLICT']
const UNKNOWN = 'COMMIT_UNDETERMINED'

const skip = skipWithout('pd', 'unistore')

const key = (/** @type {string} */ part, /** @type {number} */ id) => Buffer.from(`${part}/${id}`)

/** What clients were told. */
class Load {
  /** @type {Set<number>} */
  acknowledged = new Set()
  /** @type {Set<number>} */
  refused = new Set()
  sent = 0
  #stopped = false
  #changes = new EventEmitter()

  /** Each transaction writes two keys. @param {TiKVClient} client */
  async run(client) {
    while (!this.#stopped) {
      const id = this.sent++
      try {
        await client.txn.run(async (tx) => {
          for (const part of ['a', 'b']) tx.put(key(part, id), Buffer.from(String(id)))
        })
        this.acknowledged.add(id)
        this.#changes.emit('acknowledged')
      } catch (error) {
        const { code, message } = OrbitError.from(error)
        assert.ok(code === UNKNOWN || REFUSALS.includes(code), message)
        if (code !== UNKNOWN) this.refused.add(id)
      }
    }
  }

  /** Resolves when so many more are acknowledged. @param {number} count */
  async more(count) {
    const wanted = this.acknowledged.size + count
    while (this.acknowledged.size < wanted) await once(this.#changes, 'acknowledged')
  }

  stop() {
    this.#stopped = true
  }
}

/** @param {TiKVClient} client @param {Load} load @returns {Promise<Set<number>[]>} whose keys are there, by part */
function found(client, { sent }) {
  const ids = Array.from({ length: sent }, (_, id) => id)
  return client.txn.run((tx) =>
    Promise.all(
      ['a', 'b'].map(async (part) => {
        const values = await tx.batchGet(ids.map((id) => key(part, id)))
        return new Set(ids.filter((id) => values[id] !== undefined))
      }),
    ),
  )
}

test(
  `a store process is killed ${KILLS} times under load`,
  { timeout: 10 * 60_000, skip },
  async (context) => {
    const cluster = await UnistoreCluster.start()
    /** @type {TiKVClient | undefined} */
    let client
    const load = new Load()
    try {
      client = await TiKVClient.connect({ pdEndpoints: cluster.pdEndpoints })
      const kills = async () => {
        for (let kill = 0; kill < KILLS; kill++) {
          await load.more(APART)
          await cluster.store.kill()
          await cluster.restartStore()
        }
        await load.more(APART)
        load.stop()
      }
      const clients = Array.from({ length: CLIENTS }, () => load.run(/** @type {TiKVClient} */ (client)))
      await Promise.all([kills(), ...clients])
      const [first = new Set(), second = new Set()] = await found(client, load)
      assert.deepEqual(
        [...load.acknowledged].filter((id) => !first.has(id)),
        [],
      )
      assert.deepEqual(
        [...load.refused].filter((id) => first.has(id)),
        [],
      )
      assert.deepEqual(second, first)
      context.diagnostic(
        `${load.sent} sent, ${load.acknowledged.size} acknowledged, ${load.refused.size} refused, ${first.size} there`,
      )
    } finally {
      load.stop()
      await client?.close()
      await cluster.close()
    }
  },
)
