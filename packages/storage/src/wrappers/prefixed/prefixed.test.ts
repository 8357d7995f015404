import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type OrbitError, TestEnv, fromBinaryString, hasCode, toBinaryString, toHex } from '@orbit-ts/base'
import type { Reader, StorageProvider } from '../../provider.js'
import { openMemoryEngine } from '../../providers/memory/open-memory-engine.js'
import { LocalTransactions } from '../../transaction/local-transactions.js'
import { prefixed } from './prefixed.js'

const bytes = fromBinaryString

async function open(): Promise<LocalTransactions> {
  const env = new TestEnv()
  return LocalTransactions.open(await openMemoryEngine({}, { env }), { env })
}

async function put(provider: StorageProvider, ...keys: string[]): Promise<void> {
  await provider.write(keys.map((key) => ({ type: 'put', key: bytes(key), value: bytes('1') })))
}

async function keys(reader: Reader): Promise<string[]> {
  const found: string[] = []
  for await (const chunk of reader.scan({})) found.push(...chunk.map(({ key }) => toBinaryString(key)))
  return found
}

async function allKeys(provider: StorageProvider): Promise<string[]> {
  await using tx = await provider.begin()
  return await keys(tx)
}

async function rejection(promise: Promise<unknown>): Promise<OrbitError> {
  try {
    await promise
  } catch (error) {
    return error as OrbitError
  }
  assert.fail('the call succeeded')
}

describe('prefixed', () => {
  test('keys of the view are those of the store behind the prefix', async () => {
    await using store = await open()
    const view = prefixed(store, bytes('p/'))
    await put(store, 'a', 'p', 'p/', 'p/x', 'p0', 'q')
    assert.deepEqual(await allKeys(view), ['', 'x'])
    await put(view, 'y', '')
    assert.deepEqual(await allKeys(store), ['a', 'p', 'p/', 'p/x', 'p/y', 'p0', 'q'])
  })

  test('a view of an unbounded scan backwards does not run out of its prefix', async () => {
    await using store = await open()
    await put(store, 'o\xff', 'p\xff', 'p\xff\x00', 'p\xff\xff', 'q', '\xff\xff\xff')
    for (const [prefix, expected] of [
      ['p\xff', ['\xff', '\x00', '']],
      ['\xff\xff', ['\xff']],
      ['', ['\xff\xff\xff', 'q', 'p\xff\xff', 'p\xff\x00', 'p\xff', 'o\xff']],
    ] as const) {
      await using tx = await prefixed(store, bytes(prefix)).begin()
      const found: string[] = []
      for await (const chunk of tx.scan({}, { reverse: true })) {
        found.push(...chunk.map(({ key }) => toBinaryString(key)))
      }
      assert.deepEqual(found, expected)
    }
  })

  test('the prefix is copied', async () => {
    await using store = await open()
    const prefix = Uint8Array.from(bytes('p/'))
    const view = prefixed(store, prefix)
    prefix.fill(0)
    await put(view, 'x')
    assert.deepEqual(await allKeys(store), ['p/x'])
  })

  test('views nest, and two views do not see each other', async () => {
    await using store = await open()
    const outer = prefixed(store, bytes('o/'))
    const inner = prefixed(outer, bytes('i/'))
    const other = prefixed(store, bytes('p/'))
    await put(inner, 'x')
    await put(other, 'x')
    assert.deepEqual(await allKeys(store), ['o/i/x', 'p/x'])
    assert.deepEqual(await allKeys(outer), ['i/x'])
    assert.deepEqual(await allKeys(inner), ['x'])
    assert.equal(inner.capabilities.keySizeMaxBytes, store.capabilities.keySizeMaxBytes - 4)
  })

  test('errors name keys as the view knows them, once per view', async () => {
    await using store = await open()
    const view = prefixed(prefixed(store, bytes('a')), bytes('a'))
    await put(view, 'aaa')
    const existing = await rejection(view.transact(async (tx) => tx.insert(bytes('aaa'), bytes('2'))))
    assert.equal(existing.code, 'KEY_EXISTS')
    assert.equal(existing.details['key'], toHex(bytes('aaa')))
    assert.ok(existing.message.includes('key 616161:'), existing.message)

    await using holder = await view.begin()
    await holder.lock([bytes('aaa')])
    const locked = await rejection(
      view.transact(async (tx) => tx.lock([bytes('b'), bytes('aaa')], { wait: 'nowait' })),
    )
    assert.equal(locked.code, 'LOCK_NOT_AVAILABLE')
    assert.equal(locked.details['key'], toHex(bytes('aaa')))
  })

  test('errors of a closure pass as they are', async () => {
    await using store = await open()
    await put(store, 'pp')
    const view = prefixed(store, bytes('p'))
    const inner = await rejection(store.transact(async (tx) => tx.insert(bytes('pp'), bytes('2'))))
    const outer = await rejection(view.transact(() => Promise.reject(inner)))
    assert.equal(outer, inner)
    assert.equal(outer.details['key'], toHex(bytes('pp')))
  })

  test('a deadlock across two views shows each wait, its own keys without the prefix', async () => {
    await using store = await open()
    const view = prefixed(store, bytes('p/'))
    const [first, second] = [await view.begin({ label: 'first' }), await store.begin({ label: 'second' })]
    await first.lock([bytes('a')])
    await second.lock([bytes('z')])
    const bridge = await store.begin({ label: 'bridge' })
    await bridge.lock([bytes('p/b')])
    const waiting = bridge.lock([bytes('p/a')])
    const error = await rejection(first.lock([bytes('b')]))
    assert.equal(error.code, 'TRANSACTION_DEADLOCK')
    const cycle = error.details['cycle'] as { waitsForKey: string }[]
    assert.deepEqual(
      cycle.map(({ waitsForKey }) => waitsForKey),
      [toHex(bytes('b')), toHex(bytes('a'))],
    )
    await first.rollback()
    await waiting
    await Promise.all([second.rollback(), bridge.rollback()])
  })

  test('closing the view leaves the store open and ends only what the view began', async () => {
    await using store = await open()
    const view = prefixed(store, bytes('p/'))
    const own = await view.begin()
    const foreign = await store.begin()
    const snapshot = await view.snapshot()
    own.put(bytes('x'), bytes('1'))
    foreign.put(bytes('p/y'), bytes('1'))
    await view.close()
    assert.deepEqual([own.status, foreign.status], ['rolled-back', 'active'])
    assert.ok(hasCode(await rejection(snapshot.get(bytes('x'))), 'STORAGE_CLOSED'))
    assert.ok(hasCode(await rejection(view.begin()), 'STORAGE_CLOSED'))
    await foreign.commit()
    assert.deepEqual(await allKeys(store), ['p/y'])
    assert.equal((await view.health()).status, 'unhealthy')
    assert.equal((await store.health()).status, 'healthy')
    assert.deepEqual(await allKeys(prefixed(store, bytes('p/'))), ['y'])
  })

  test('closing the view inside a closure ends the closure, not the process', async () => {
    await using store = await open()
    const view = prefixed(store, bytes('p/'))
    const work = view.transact(async (tx) => {
      tx.put(bytes('x'), bytes('1'))
      await view.close()
      await tx.get(bytes('x'))
    })
    assert.ok(hasCode(await rejection(work), 'STORAGE_CLOSED'))
    assert.deepEqual(await allKeys(store), [])
  })

  test('a long-lived view forgets transactions that ended by themselves', async () => {
    const env = new TestEnv()
    await using store = await LocalTransactions.open(await openMemoryEngine({}, { env }), { env })
    const view = prefixed(store, bytes('p/'))
    for (let round = 0; round < 3; round++) {
      for (let index = 0; index < 100; index++) await view.begin({ timeoutMs: 10 })
      await env.advance(10)
      assert.equal(store.metrics().transactionsActive, 0)
    }
    await view.close()
    assert.deepEqual(await allKeys(store), [])
  })

  test('a prefix that is no byte string or leaves no room is refused', async () => {
    await using store = await open()
    const notBytes: unknown = 'p/'
    for (const prefix of [notBytes as Uint8Array, new Uint8Array(store.capabilities.keySizeMaxBytes + 1)]) {
      assert.throws(
        () => prefixed(store, prefix),
        (error) => hasCode(error, 'INVALID_ARGUMENT'),
      )
    }
    const full = prefixed(store, new Uint8Array(store.capabilities.keySizeMaxBytes))
    await put(full, '')
    assert.deepEqual(await allKeys(full), [''])
    assert.ok(hasCode(await rejection(put(full, 'x')), 'KEY_TOO_LARGE'))
  })
})
