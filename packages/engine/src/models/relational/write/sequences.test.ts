import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OrbitError, utf8 } from '@orbit-ts/base'
import type { StorageProvider } from '@orbit-ts/storage'
import { openStore } from '../table-database.test.data.js'
import { Sequences, takeInside, type SequenceRequest } from './sequences.js'

const KEY = utf8('sequence')

async function withStorage(work: (storage: StorageProvider) => Promise<void>): Promise<void> {
  const storage = await openStore()
  try {
    await work(storage)
  } finally {
    await storage.close()
  }
}

const request = (count: number, more: Partial<SequenceRequest> = {}): SequenceRequest => ({
  count,
  start: 1,
  increment: 1,
  ...more,
})

test('numbers are consecutive, and no two callers get the same', async () => {
  await withStorage(async (storage) => {
    const sequences = new Sequences(storage)
    const counts = Array.from({ length: 50 }, (_, i) => (i * 7) % 30)
    const firsts = await Promise.all(counts.map((count) => sequences.take(KEY, request(count))))
    const taken = firsts.flatMap((first, i) =>
      Array.from({ length: counts[i] ?? 0 }, (_, k) => first + BigInt(k)),
    )
    assert.equal(new Set(taken).size, taken.length)
    assert.equal(firsts[0], 1n)
  })
})

test('two processes over one store never give a number twice', async () => {
  await withStorage(async (storage) => {
    const [one, other] = [new Sequences(storage), new Sequences(storage)]
    const firsts = await Promise.all(
      Array.from({ length: 300 }, (_, i) => (i % 2 === 0 ? one : other).take(KEY, request(1))),
    )
    assert.equal(new Set(firsts).size, 300)
  })
})

test('after a restart numbers go on, with a gap at most', async () => {
  await withStorage(async (storage) => {
    assert.equal(await new Sequences(storage).take(KEY, request(3)), 1n)
    const next = await new Sequences(storage).take(KEY, request(1))
    assert(next > 3n && next <= 104n)
  })
})

test('numbers that were used otherwise are skipped, up and down', async () => {
  await withStorage(async (storage) => {
    const sequences = new Sequences(storage)
    assert.equal(await sequences.take(KEY, request(1)), 1n)
    await sequences.take(KEY, request(0, { used: 10n }))
    assert.equal(await sequences.take(KEY, request(2)), 11n)
    await sequences.take(KEY, request(0, { used: 5n }))
    assert.equal(await sequences.take(KEY, request(1)), 13n)
    assert.equal(await sequences.take(KEY, request(1, { used: 5000n })), 5001n)
    const down = utf8('down')
    assert.equal(await sequences.take(down, request(2, { start: -1, increment: -3 })), -1n)
    assert.equal(await sequences.take(down, request(1, { start: -1, increment: -3 })), -7n)
    assert.equal(await sequences.take(down, request(1, { start: -1, increment: -3, used: -12n })), -13n)
    assert.equal(await sequences.take(down, request(1, { start: -1, increment: -3, used: 100n })), -16n)
  })
})

test('a reservation that fails takes nothing, and the next one succeeds', async () => {
  await withStorage(async (storage) => {
    let fails = true
    const flaky = new Proxy(storage, {
      get(target, name): unknown {
        if (name === 'transact' && fails)
          return () => Promise.reject(new OrbitError('STORAGE_UNAVAILABLE', 'away'))
        const value: unknown = Reflect.get(target, name)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
    const sequences = new Sequences(flaky)
    const failed = [sequences.take(KEY, request(1)), sequences.take(KEY, request(1))]
    for (const each of failed) await assert.rejects(each, /STORAGE_UNAVAILABLE/)
    fails = false
    assert.equal(await sequences.take(KEY, request(1)), 1n)
  })
})

test('inside a transaction numbers go with it, and two that take some conflict', async () => {
  await withStorage(async (storage) => {
    const [a, b] = [await storage.begin(), await storage.begin()]
    assert.equal(await takeInside(a, KEY, request(2)), 1n)
    assert.equal(await takeInside(a, KEY, request(1, { used: 9n })), 10n)
    assert.equal(await takeInside(b, KEY, request(1)), 1n)
    await a.commit()
    await assert.rejects(b.commit(), /TRANSACTION_CONFLICT/)
    const c = await storage.begin()
    assert.equal(await takeInside(c, KEY, request(0, { used: 4n })), 11n)
    assert.equal(await takeInside(c, KEY, request(1)), 11n)
    await c.rollback()
  })
})
