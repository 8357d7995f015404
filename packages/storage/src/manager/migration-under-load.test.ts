import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defined, delay, OrbitError, TestEnv } from '@orbit-ts/base'
import fc from 'fast-check'
import { passing } from '../distributed/distributed-stores.test.suite.js'
import { CART, count, ManagedStores, read } from './managed-stores.test.suite.js'
import type { StorageManager } from './storage-manager.js'

const SLOTS = ['a', 'b', 'c', 'd', 'e', 'f']
const COUNTS = 20

/** Counts in random slots; resolves with how often each was acknowledged. */
async function load(env: TestEnv, managers: readonly StorageManager[]): Promise<Map<string, number>> {
  const acknowledged = new Map(SLOTS.map((name) => [name, 0]))
  await Promise.all(
    managers.flatMap((manager) =>
      [0, 1].map(async () => {
        for (let at = 0; at < COUNTS; at++) {
          const name = defined(SLOTS[Math.floor(env.random.float() * SLOTS.length)], 'a slot')
          await delay(env, env.random.float() * 3)
          await insist(() => count(manager, name))
          acknowledged.set(name, (acknowledged.get(name) ?? 0) + 1)
        }
      }),
    ),
  )
  return acknowledged
}

/** Again after every error that changed nothing: a process that sleeps may hold a lock until its transaction ends. */
async function insist<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof OrbitError) || error.retry !== 'safe') throw error
    }
  }
}

const asText = (counts: ReadonlyMap<string, number>): string[] =>
  [...counts].filter(([, value]) => value > 0).map(([name, value]) => `${name}=${value}`)

test('no count is lost while the object moves to and fro, whatever the batches', async () => {
  let changesCopied = 0
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0 }),
      fc.integer({ min: 1, max: 8 }),
      async (seed, batchEntriesMax) => {
        const env = new TestEnv({ seed })
        await using stores = await ManagedStores.open(env)
        const pause = (): Promise<void> => delay(env, env.random.float() * 3)
        const config = { batchEntriesMax, catchUpRoundsMax: 3 }
        const users = [await stores.manager(), await stores.manager()]
        const mover = await passing(env, stores.manager(config, pause))
        const counting = load(env, users)
        const moving = (async () => {
          for (const to of ['cluster', 'main', 'local', 'cluster']) {
            changesCopied += (await mover.migrate(CART, to)).changesCopied
          }
        })()
        const [acknowledged] = await passing(env, Promise.all([counting, moving]))
        assert.deepEqual(await stores.stateIn('cluster'), asText(acknowledged))
        for (const name of ['main', 'local']) assert.deepEqual(await stores.stateIn(name), [])
        assert.deepEqual(await stores.leftovers(), [])
      },
    ),
    { numRuns: 12 },
  )
  // Otherwise nothing was changed while it moved.
  assert.ok(changesCopied > 20, `${changesCopied} changes`)
})

/** Stops a process before some transaction begins, for as long as one likes. */
class Sleep {
  #beginsLeft: number
  #isEnabled = false
  #begin: () => void = () => undefined
  #end: () => void = () => undefined
  readonly begun = new Promise<void>((resolve) => (this.#begin = resolve))
  readonly #ended = new Promise<void>((resolve) => (this.#end = resolve))

  constructor(begins: number) {
    this.#beginsLeft = begins
  }

  readonly beforeBegin = async (): Promise<void> => {
    if (!this.#isEnabled || --this.#beginsLeft !== 0) return
    this.#begin()
    await this.#ended
  }

  get isAsleep(): boolean {
    return this.#isEnabled && this.#beginsLeft <= 0
  }

  enable(): void {
    this.#isEnabled = true
  }

  wake(): void {
    this.#end()
  }
}

test('a mover that sleeps anywhere is taken over, and does no harm when it wakes up', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0 }),
      fc.integer({ min: 1, max: 45 }),
      fc.boolean(),
      async (seed, sleepAt, movesBack) => {
        const env = new TestEnv({ seed })
        await using stores = await ManagedStores.open(env)
        const sleep = new Sleep(sleepAt)
        const mover = await stores.manager({ batchEntriesMax: 2 }, sleep.beforeBegin)
        const other = await stores.manager({ batchEntriesMax: 3 })
        const before = await passing(env, load(env, [other]))
        sleep.enable()
        using _awake = { [Symbol.dispose]: () => sleep.wake() }
        const moving = mover.migrate(CART, 'cluster')
        // Whatever it finds when it wakes up: it was not the one to finish.
        const woken = moving.then(
          () => undefined,
          (error: unknown) => assert.ok(error instanceof OrbitError, String(error)),
        )
        await passing(env, Promise.race([sleep.begun, woken]))
        const counting = load(env, [other])
        await passing(
          env,
          insist(() => other.resumeMigrations()),
        )
        const during = await passing(env, counting)
        const moved = (await other.assignmentOf(CART)) === 'cluster'
        if (movesBack)
          await passing(
            env,
            insist(() => other.migrate(CART, 'local')),
          )
        sleep.wake()
        await passing(env, woken)
        // It slept before there was anything to take over: then it goes on now.
        await passing(
          env,
          insist(() => other.resumeMigrations()),
        )
        const expected = asText(new Map(SLOTS.map((name) => [name, sum(name, before, during)])))
        assert.deepEqual(await passing(env, read(other)), expected)
        const home = movesBack && moved ? 'local' : 'cluster'
        for (const name of ['local', 'cluster']) {
          assert.deepEqual(await stores.stateIn(name), name === home ? expected : [])
        }
        assert.deepEqual(await stores.leftovers(), [])
      },
    ),
    { numRuns: 40 },
  )
})

test('a burst of changes at any point is not lost', async () => {
  let changesCopied = 0
  for (let burstAt = 1; burstAt <= 50; burstAt++) {
    const env = new TestEnv({ seed: burstAt })
    await using stores = await ManagedStores.open(env)
    const user = await stores.manager()
    for (const name of ['a', 'b']) await passing(env, count(user, name))
    const counting: Promise<void>[] = []
    let begins = 0
    const burst = async (): Promise<void> => {
      begins++
      // The mover may hold a lock here, so it only gives the changes time, and does not wait for them.
      if (begins >= burstAt && begins < burstAt + 4) counting.push(insist(() => count(user, 'a')))
      await delay(env, 2)
    }
    const opening = stores.manager({ batchEntriesMax: 2 }, burst)
    const mover = await passing(env, opening)
    const progress = await passing(env, mover.migrate(CART, 'cluster'))
    changesCopied += progress.changesCopied
    await passing(env, Promise.all(counting))
    assert.deepEqual(
      await passing(env, read(user)),
      [`a=${1 + counting.length}`, 'b=1'],
      `burst at ${burstAt}`,
    )
  }
  assert.ok(changesCopied > 20, `${changesCopied} changes`)
})

test('of two movers at once, one of which sleeps for a while, each batch is taken once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0 }), fc.integer({ min: 1, max: 40 }), async (seed, sleepAt) => {
      const env = new TestEnv({ seed })
      await using stores = await ManagedStores.open(env)
      const user = await stores.manager()
      for (const name of SLOTS) await passing(env, count(user, name))
      const sleep = new Sleep(sleepAt)
      using _awake = { [Symbol.dispose]: () => sleep.wake() }
      const sleeper = await stores.manager({ batchEntriesMax: 3 }, sleep.beforeBegin)
      const counting: Promise<void>[] = []
      const wakeAfter = 10 + Math.floor(env.random.float() * 60)
      let begins = 0
      const busy = await stores.manager({ batchEntriesMax: 1, catchUpRoundsMax: 50 }, async () => {
        if (!sleep.isAsleep) return
        begins++
        if (begins < wakeAfter && env.random.float() < 0.4) {
          const name = defined(SLOTS[Math.floor(env.random.float() * SLOTS.length)], 'a slot')
          counting.push(insist(() => count(user, name)))
        }
        if (begins === wakeAfter) sleep.wake()
        await delay(env, 1 + env.random.float() * 2)
      })
      sleep.enable()
      const first = insist(() => sleeper.migrate(CART, 'cluster'))
      await passing(env, Promise.race([sleep.begun, first]))
      const second = insist(() => busy.migrate(CART, 'cluster')).then(() => sleep.wake())
      await passing(env, Promise.all([first, second]))
      await passing(env, Promise.all(counting))
      const total = (await passing(env, read(user)))
        .map((entry) => Number(entry.split('=')[1]))
        .reduce((all, one) => all + one, 0)
      assert.equal(total, SLOTS.length + counting.length)
    }),
    { numRuns: 60 },
  )
})

const sum = (name: string, ...counts: readonly ReadonlyMap<string, number>[]): number =>
  counts.reduce((total, one) => total + (one.get(name) ?? 0), 0)
