import assert from 'node:assert/strict'
import { type Env, systemEnv } from '@orbit-ts/base'
import type { StorageProvider, Transaction, TransactionOptions } from '../../provider.js'
import type { ConformanceSuite } from '../harness/conformance-suite.js'
import { succeeds } from '../harness/assertions.js'
import { chance, choose, whole } from '../harness/dice.js'
import { bytes, commit, get, range, scan } from '../harness/text.js'
import {
  type CommittedTransaction,
  type Step,
  notSnapshotIsolated,
  unserializable,
} from '../model/history.js'

const KEYS: readonly string[] = ['a', 'b', 'c', 'd', 'e', 'f']
const WORKERS = 6
const TRANSACTIONS_EACH = 6

/** Random transactions on few keys: whatever committed must have an explanation at its level. */
export function registerSerializability(suite: ConformanceSuite): void {
  for (const isolation of suite.expected.isolationLevels) {
    if (isolation === 'read-committed') continue
    const explain = isolation === 'serializable' ? unserializable : notSnapshotIsolated
    for (const mode of suite.expected.modes) {
      suite.randomTest(
        `${isolation}, ${mode}: random histories have an explanation`,
        async ({ provider }, env) => {
          await commit(provider, { a: 'initial', c: 'initial', e: 'initial' })
          const run = new RandomHistory(provider, env, {
            ...suite.unsynced,
            isolation,
            mode,
            lockWaitMs: 1_000,
          })
          const history = await run.record()
          assert.ok(history.some(({ version }) => version > 0n))
          const initial = new Map(['a', 'c', 'e'].map((key) => [key, 'initial']))
          assert.equal(explain(history, initial), undefined)
        },
      )
    }
  }
}

class RandomHistory {
  readonly #provider: StorageProvider
  readonly #env: Env
  readonly #options: TransactionOptions
  readonly #committed: CommittedTransaction[] = []
  #acknowledged = 0n

  constructor(provider: StorageProvider, env: Env, options: TransactionOptions) {
    this.#provider = provider
    this.#env = env
    this.#options = options
  }

  async record(): Promise<readonly CommittedTransaction[]> {
    await Promise.all(Array.from({ length: WORKERS }, (_, worker) => this.#work(worker)))
    return this.#committed
  }

  async #work(worker: number): Promise<void> {
    for (let index = 0; index < TRANSACTIONS_EACH; index++) {
      const name = `t${worker}.${index}`
      await this.#pause()
      const acknowledgedBefore = this.#acknowledged
      const tx = await this.#provider.begin({ ...this.#options, label: name })
      const steps: Step[] = []
      const committed = await succeeds(
        async () => {
          const version = await this.#run(tx, name, steps)
          this.#committed.push({ name, steps, version, acknowledgedBefore })
          if (version > this.#acknowledged) this.#acknowledged = version
        },
        'TRANSACTION_CONFLICT',
        'TRANSACTION_DEADLOCK',
        'LOCK_TIMEOUT',
      )
      if (!committed) await tx.rollback()
    }
  }

  async #run(tx: Transaction, name: string, steps: Step[]): Promise<bigint> {
    const count = 2 + whole(this.#env, 4)
    const readOnly = chance(this.#env, 0.2)
    for (let index = 0; index < count; index++) {
      steps.push(await this.#step(tx, `${name}.${index}`, readOnly))
      await this.#pause()
    }
    return (await tx.commit()).version
  }

  async #step(tx: Transaction, value: string, readOnly: boolean): Promise<Step> {
    const env = this.#env
    const key = choose(env, KEYS)
    const dice = readOnly ? 0.6 * env.random.float() : env.random.float()
    if (dice < 0.4) return { type: 'get', key, seen: await get(tx, key) }
    if (dice < 0.6) return await this.#scan(tx)
    if (dice < 0.75) {
      tx.delete(bytes(key))
      return { type: 'delete', key }
    }
    tx.put(bytes(key), bytes(value))
    return { type: 'put', key, value }
  }

  async #scan(tx: Transaction): Promise<Step> {
    const env = this.#env
    const start = choose(env, KEYS)
    const end = choose(env, [...KEYS, 'g'])
    const reverse = chance(env, 0.5)
    const limit = 1 + whole(env, 4)
    const seen = await scan(tx, range(start, end), { reverse, limit, chunkSize: 1 + whole(env, 3) })
    return { type: 'scan', start, end, reverse, limit, seen }
  }

  /** Lets the others run for a random while. */
  async #pause(): Promise<void> {
    for (let turns = whole(this.#env, 3); turns > 0; turns--) await systemEnv.timers.nextTurn()
  }
}
