import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defined, delay, OrbitError, TestEnv } from '@orbit-ts/base'
import fc from 'fast-check'
import { passing } from '../distributed/distributed-stores.test.suite.js'
import { CART, count, ManagedStores, read } from './managed-stores.test.suite.js'
import type { StorageManager } from './storage-manager.js'

const SLOTS = ['a', 'b', 'c', 'd', 'e', 'f']
const COUNTS = 25

/** Counts in random slots; resolves with how often each was acknowledged. */
async function load(env: TestEnv, managers: readonly StorageManager[]): Promise<Map<string, number>> {
  const acknowledged = new Map(SLOTS.map((name) => [name, 0]))
  await Promise.all(
    managers.flatMap((manager) =>
      [0, 1].map(async () => {
        for (let at = 0; at < COUNTS; at++) {
          const name = defined(SLOTS[Math.floor(env.random.float() * SLOTS.length)], 'a slot')
          await delay(env, env.random.float() * 5)
          await count(manager, name)
          acknowledged.set(name, (acknowledged.get(name) ?? 0) + 1)
        }
      }),
    ),
  )
  return acknowledged
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
        const config = { batchEntriesMax, catchUpRoundsMax: 3 }
        const [first, second] = [await stores.manager(config), await stores.manager(config)]
        const counting = load(env, [first, second])
        const moving = (async () => {
          for (const to of ['cluster', 'main', 'local', 'cluster']) {
            const progress = await first.migrate(CART, to, {
              onProgress: () => delay(env, env.random.float() * 5),
            })
            changesCopied += progress.changesCopied
          }
        })()
        const [acknowledged] = await passing(env, Promise.all([counting, moving]))
        assert.deepEqual(await passing(env, read(second)), asText(acknowledged))
        assert.deepEqual(await stores.stateIn('cluster'), asText(acknowledged))
        for (const name of ['main', 'local']) assert.deepEqual(await stores.stateIn(name), [])
        assert.deepEqual(await stores.leftovers(), [])
      },
    ),
    { numRuns: 10 },
  )
  // Otherwise nothing was changed while it moved.
  assert.ok(changesCopied > 20, `${changesCopied} changes`)
})

test('a mover that sleeps at any batch is taken over, and does no harm when it wakes up', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0 }), fc.integer({ min: 1, max: 14 }), async (seed, sleepAt) => {
      const env = new TestEnv({ seed })
      await using stores = await ManagedStores.open(env)
      const [mover, other] = [
        await stores.manager({ batchEntriesMax: 2 }),
        await stores.manager({ batchEntriesMax: 3 }),
      ]
      const before = await passing(env, load(env, [other]))
      const sleep = new Sleep(sleepAt)
      const moving = mover.migrate(CART, 'cluster', { onProgress: sleep.onProgress })
      // Whatever it finds when it wakes up: it was not the one to finish.
      const woken = moving.then(
        () => undefined,
        (error: unknown) => assert.ok(error instanceof OrbitError, String(error)),
      )
      await passing(env, Promise.race([sleep.begun, woken]))
      const counting = load(env, [other])
      await passing(env, other.resumeMigrations())
      const during = await passing(env, counting)
      if (seed % 2 === 0) {
        await passing(env, other.migrate(CART, 'local'))
      }
      sleep.wake()
      await passing(env, woken)
      const after = await passing(env, load(env, [other]))
      const expected = asText(new Map(SLOTS.map((name) => [name, sum(name, before, during, after)])))
      assert.deepEqual(await passing(env, read(other)), expected)
      const home = seed % 2 === 0 ? 'local' : 'cluster'
      for (const name of ['local', 'cluster']) {
        assert.deepEqual(await stores.stateIn(name), name === home ? expected : [])
      }
      assert.deepEqual(await stores.leftovers(), [])
    }),
    { numRuns: 30 },
  )
})

/** Stops a migration after some batches, for as long as one likes. */
class Sleep {
  #batchesLeft: number
  #begin: () => void = () => undefined
  #end: () => void = () => undefined
  readonly begun = new Promise<void>((resolve) => (this.#begin = resolve))
  readonly #ended = new Promise<void>((resolve) => (this.#end = resolve))

  constructor(batches: number) {
    this.#batchesLeft = batches
  }

  readonly onProgress = async (): Promise<void> => {
    if (--this.#batchesLeft !== 0) return
    this.#begin()
    await this.#ended
  }

  wake(): void {
    this.#end()
  }
}

const sum = (name: string, ...counts: readonly ReadonlyMap<string, number>[]): number =>
  counts.reduce((total, one) => total + (one.get(name) ?? 0), 0)
