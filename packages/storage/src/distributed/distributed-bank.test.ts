import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defined, fromUtf8, OrbitError, TestEnv, utf8 } from '@orbit-ts/base'
import fc from 'fast-check'
import type { Transaction } from '../provider.js'
import type { DistributedTransactionCoordinator } from './distributed-transaction-coordinator.js'
import { passing, TestStores } from './distributed-stores.test.suite.js'

const ACCOUNTS = 3
const OPENING = 100
const ROUNDS = 4
const WORKERS = 5
const TRANSFERS = 6
const STORES = ['a', 'b']

/** Steps that come after an abort. */
const CLEAN_UP: readonly string[] = ['abort-decided', 'rolled-back']

/** What is known of a transfer: its mark is written in both stores by the same transaction. */
type Fate = 'acknowledged' | 'refused' | 'unknown'

class Bank {
  readonly env: TestEnv
  readonly stores: TestStores
  readonly fates = new Map<string, Fate>()

  constructor(env: TestEnv, stores: TestStores) {
    this.env = env
    this.stores = stores
  }

  /** Until every worker has done its transfers or stopped for ever. */
  async round(number: number): Promise<void> {
    const stopped = new Set<string>()
    const opening = this.stores.coordinator({
      // A transaction that stops here never goes on, as in a process that has died.
      onStep: (id, { step }) => {
        if (!this.#chance(0.04)) return undefined
        // Clean-up that stops is left behind by its caller.
        if (!CLEAN_UP.includes(step)) stopped.add(id)
        return new Promise<void>(() => undefined)
      },
    })
    const coordinator = await passing(this.env, opening)
    let done = 0
    for (let worker = 0; worker < WORKERS; worker++) {
      void this.#work(coordinator, `${number}.${worker}`).then(() => done++)
    }
    const isOver = (): boolean => done + stopped.size === WORKERS
    while (!isOver()) await this.env.advance(50)
  }

  async #work(coordinator: DistributedTransactionCoordinator, name: string): Promise<void> {
    for (let at = 0; at < TRANSFERS; at++) {
      if (this.#chance(0.3)) await this.#within(coordinator)
      else await this.#across(coordinator, `${name}.${at}`)
    }
  }

  /** By a transaction of one store, which has to heed the others. */
  async #within(coordinator: DistributedTransactionCoordinator): Promise<void> {
    const isolation = this.#chance(0.5) ? 'snapshot' : 'serializable'
    const mode = this.#chance(0.5) ? 'optimistic' : 'pessimistic'
    try {
      await coordinator
        .store(this.#pick(STORES))
        .transact((tx) => this.#move(tx, tx), { isolation, mode, lockWaitMs: 500, attemptsMax: 3 })
    } catch (error) {
      assert.ok(error instanceof OrbitError && error.retry === 'safe', String(error))
    }
  }

  async #across(coordinator: DistributedTransactionCoordinator, mark: string): Promise<void> {
    this.fates.set(mark, 'unknown')
    const isolation = this.#chance(0.8) ? 'snapshot' : 'read-committed'
    const mode = isolation === 'snapshot' && this.#chance(0.5) ? 'optimistic' : 'pessimistic'
    const [from, to] = this.#chance(0.5) ? ['a', 'b'] : ['b', 'a']
    try {
      await coordinator.transact(
        async (tx) => {
          const branches = [await tx.on(defined(from, 'from')), await tx.on(defined(to, 'to'))] as const
          await this.#move(...branches)
          for (const branch of branches) branch.insert(utf8(`mark ${mark}`), utf8(''))
        },
        { isolation, mode, lockWaitMs: 500, attemptsMax: 3 },
      )
      this.fates.set(mark, 'acknowledged')
    } catch (error) {
      assert.ok(error instanceof OrbitError && error.retry === 'safe', String(error))
      this.fates.set(mark, 'refused')
    }
  }

  async #move(from: Transaction, to: Transaction): Promise<void> {
    const [source, target] = [this.#account(), this.#account()]
    if (from === to && source === target) return
    const amount = 1 + Math.floor(this.env.random.float() * 10)
    const read = async (tx: Transaction, account: string): Promise<number> =>
      Number(fromUtf8((await tx.get(utf8(account))) ?? utf8('')))
    const [left, right] = [await read(from, source), await read(to, target)]
    from.put(utf8(source), utf8(String(left - amount)))
    to.put(utf8(target), utf8(String(right + amount)))
  }

  async check(): Promise<void> {
    const coordinator = await this.stores.coordinator()
    await coordinator.recover()
    const entries = (await this.stores.everything()).map((entry) => entry.split('='))
    let total = 0
    const marks = new Map<string, number>()
    for (const [key = '', value] of entries) {
      assert.ok(!key.includes('_distributed'), `${key} is left`)
      if (key.includes('account')) total += Number(value)
      else marks.set(key.slice('a/mark '.length), (marks.get(key.slice('a/mark '.length)) ?? 0) + 1)
    }
    assert.equal(total, OPENING * ACCOUNTS * STORES.length)
    for (const [mark, fate] of this.fates) {
      const found = marks.get(mark) ?? 0
      if (fate === 'acknowledged') assert.equal(found, 2, `acknowledged transfer ${mark}`)
      else if (fate === 'refused') assert.equal(found, 0, `refused transfer ${mark}`)
      else assert.ok(found === 0 || found === 2, `transfer ${mark} is in one store only`)
    }
  }

  #account(): string {
    return `account ${Math.floor(this.env.random.float() * ACCOUNTS)}`
  }

  #chance(probability: number): boolean {
    return this.env.random.float() < probability
  }

  #pick<T>(choices: readonly T[]): T {
    return defined(choices[Math.floor(this.env.random.float() * choices.length)], 'a choice')
  }
}

test('no transfer is lost or half done, whatever stops where', async () => {
  const fates = { acknowledged: 0, refused: 0, unknown: 0 }
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0 }), async (seed) => {
      const env = new TestEnv({ seed })
      await using stores = await TestStores.open(env)
      for (const { provider } of [stores.a, stores.b]) {
        await provider.write(
          Array.from({ length: ACCOUNTS }, (_, account) => ({
            type: 'put',
            key: utf8(`account ${account}`),
            value: utf8(String(OPENING)),
          })),
        )
      }
      const bank = new Bank(env, stores)
      for (let round = 0; round < ROUNDS; round++) {
        await bank.round(round)
        await passing(env, bank.check())
      }
      for (const fate of bank.fates.values()) fates[fate]++
    }),
    { numRuns: 15 },
  )
  // Otherwise it would have shown nothing.
  for (const [fate, count] of Object.entries(fates)) assert.ok(count > 10, `${count} transfers ${fate}`)
})
