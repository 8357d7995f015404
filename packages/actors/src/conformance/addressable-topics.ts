import assert from 'node:assert/strict'
import type {
  AddressableDirectoryProvider,
  AddressableLease,
  AddressableReference,
  LeaseClaim,
} from '../directory/addressable-directory.js'
import { failsWith, type DirectoryTest } from './harness.js'

const TTL_MS = 1000
const cart: AddressableReference = { type: 'Cart', key: '1' }

async function grant(
  directory: AddressableDirectoryProvider,
  nodeId: string,
  reference: AddressableReference = cart,
): Promise<AddressableLease> {
  const { granted, lease } = await directory.register({ reference, nodeId, ttlMs: TTL_MS })
  assert.equal(granted, true)
  return lease
}

const claimOf = ({ reference, nodeId, version }: AddressableLease): LeaseClaim => ({
  reference,
  nodeId,
  version,
})

async function keysOf(chunks: AsyncIterable<AddressableLease[]>): Promise<string[]> {
  const keys: string[] = []
  for await (const chunk of chunks)
    keys.push(...chunk.map(({ reference }) => `${reference.type}/${reference.key}`))
  return keys.sort()
}

export function registerAddressableTests(test: DirectoryTest): void {
  registerRegistration(test)
  registerExpiry(test)
  registerFencing(test)
  registerLists(test)
  registerArguments(test)
}

function registerRegistration(test: DirectoryTest): void {
  test('a free entry is granted, and found', async ({ directory }, env) => {
    const lease = await grant(directory, 'n1')
    assert.deepEqual(lease, {
      reference: cart,
      nodeId: 'n1',
      version: 1,
      epoch: 1,
      grantedAtMs: env.clock.nowMs(),
      expiresAtMs: env.clock.nowMs() + TTL_MS,
    })
    assert.deepEqual(await directory.lookup(cart), lease)
    assert.deepEqual(await directory.lookupMany([{ type: 'Cart', key: '2' }, cart]), [undefined, lease])
  })

  test('a lease in effect is returned, not overwritten', async ({ directory }) => {
    const lease = await grant(directory, 'n1')
    const second = await directory.register({ reference: cart, nodeId: 'n2', ttlMs: TTL_MS })
    assert.deepEqual(second, { granted: false, lease })
    const own = await directory.register({ reference: cart, nodeId: 'n1', ttlMs: TTL_MS })
    assert.deepEqual(own, { granted: false, lease })
  })

  test('replacing needs the version in effect', async ({ directory }) => {
    const lease = await grant(directory, 'n1')
    const stale = { reference: cart, nodeId: 'n2', ttlMs: TTL_MS, replaceVersion: lease.version + 1 }
    assert.equal((await directory.register(stale)).granted, false)
    const replaced = await directory.register({ ...stale, replaceVersion: lease.version })
    assert.equal(replaced.granted, true)
    assert.equal(replaced.lease.nodeId, 'n2')
    assert.equal(replaced.lease.epoch, 2)
    assert.deepEqual(await keysOf(directory.listByNode('n1')), [])
    assert.deepEqual(await keysOf(directory.listByNode('n2')), ['Cart/1'])
  })

  test('of many concurrent registrations exactly one wins, and all learn of it', async ({ directory }) => {
    const nodes = Array.from({ length: 32 }, (_, i) => `n${i}`)
    const answers = await Promise.all(
      nodes.map((nodeId) => directory.register({ reference: cart, nodeId, ttlMs: TTL_MS })),
    )
    assert.equal(answers.filter(({ granted }) => granted).length, 1)
    const present = await directory.lookup(cart)
    assert.deepEqual(
      new Set(answers.map(({ lease }) => JSON.stringify(lease))),
      new Set([JSON.stringify(present)]),
    )
  })

  test('many are registered in one call, and a repeated one meets the first', async ({ directory }) => {
    const other = { type: 'Cart', key: '2' }
    const answers = await directory.registerMany([
      { reference: cart, nodeId: 'n1', ttlMs: TTL_MS },
      { reference: other, nodeId: 'n1', ttlMs: TTL_MS },
      { reference: cart, nodeId: 'n2', ttlMs: TTL_MS },
    ])
    assert.deepEqual(
      answers.map(({ granted, lease }) => [granted, lease.nodeId]),
      [
        [true, 'n1'],
        [true, 'n1'],
        [false, 'n1'],
      ],
    )
  })

  test('only the holder, naming the version in effect, renews and removes', async ({ directory }) => {
    const lease = await grant(directory, 'n1')
    await failsWith('LEASE_CONFLICT', () => directory.renew({ ...claimOf(lease), nodeId: 'n2' }, TTL_MS))
    await failsWith('LEASE_CONFLICT', () => directory.renew({ ...claimOf(lease), version: 7 }, TTL_MS))
    await failsWith('LEASE_CONFLICT', () => directory.remove({ ...claimOf(lease), nodeId: 'n2' }))
    const renewed = await directory.renew(claimOf(lease), TTL_MS)
    const error = await failsWith('LEASE_CONFLICT', () => directory.remove(claimOf(lease)))
    assert.deepEqual(error.details['lease'], renewed)
    assert.equal(await directory.remove(claimOf(renewed)), true)
    assert.equal(await directory.remove(claimOf(renewed)), false)
    assert.equal(await directory.lookup(cart), undefined)
  })

  test('bulk removal is all or nothing', async ({ directory }) => {
    const mine = await grant(directory, 'n1')
    const theirs = await grant(directory, 'n2', { type: 'Cart', key: '2' })
    await failsWith('LEASE_CONFLICT', () =>
      directory.removeMany([claimOf(mine), { ...claimOf(theirs), nodeId: 'n1' }]),
    )
    assert.deepEqual(await directory.lookup(cart), mine)
    assert.deepEqual(await directory.removeMany([claimOf(mine), claimOf(theirs)]), [true, true])
  })
}

function registerExpiry(test: DirectoryTest): void {
  test('a lease ends at its time, and the entry is free', async ({ directory }, env) => {
    const lease = await grant(directory, 'n1')
    await env.advance(TTL_MS - 1)
    assert.deepEqual(await directory.lookup(cart), lease)
    await env.advance(1)
    assert.equal(await directory.lookup(cart), undefined)
    assert.deepEqual(await keysOf(directory.listAll()), [])
    assert.deepEqual(await keysOf(directory.listByNode('n1')), [])
    await failsWith('LEASE_CONFLICT', () => directory.renew(claimOf(lease), TTL_MS))
    assert.equal((await grant(directory, 'n2')).epoch, 2)
  })

  test('a renewal extends from now and keeps the epoch', async ({ directory }, env) => {
    const lease = await grant(directory, 'n1')
    await env.advance(900)
    const renewed = await directory.renew(claimOf(lease), TTL_MS)
    assert.equal(renewed.expiresAtMs, env.clock.nowMs() + TTL_MS)
    assert.equal(renewed.epoch, lease.epoch)
    assert.ok(renewed.version > lease.version)
    await env.advance(900)
    assert.deepEqual(await directory.lookup(cart), renewed)
  })

  test('renewing many renews what is still held and tells the rest', async ({ directory }, env) => {
    const kept = await grant(directory, 'n1')
    const lost = await grant(directory, 'n1', { type: 'Cart', key: '2' })
    await directory.remove(claimOf(lost))
    const [first, second] = await directory.renewMany([claimOf(kept), claimOf(lost)], TTL_MS)
    assert.equal(first?.expiresAtMs, env.clock.nowMs() + TTL_MS)
    assert.equal(second, undefined)
  })

  test('cleanup frees what has expired and nothing else', async ({ directory }, env) => {
    const renewed = await grant(directory, 'n1')
    await grant(directory, 'n1', { type: 'Cart', key: '2' })
    await env.advance(500)
    await directory.renew(claimOf(renewed), TTL_MS)
    await grant(directory, 'n1', { type: 'Cart', key: '3' })
    await env.advance(500)
    assert.equal(await directory.cleanupExpired(), 1)
    assert.equal(await directory.cleanupExpired(), 0)
    assert.deepEqual(await keysOf(directory.listAll()), ['Cart/1', 'Cart/3'])
  })

  test('a cleanup that races with renewals never removes a renewed lease', async ({ directory }, env) => {
    const leases = []
    for (let i = 0; i < 20; i++) leases.push(await grant(directory, 'n1', { type: 'Cart', key: `${i}` }))
    await env.advance(TTL_MS - 1)
    const [renewed] = await Promise.all([
      directory.renewMany(leases.map(claimOf), TTL_MS),
      env.advance(1).then(() => directory.cleanupExpired()),
    ])
    const held = renewed
      .filter((lease) => lease !== undefined)
      .map(({ reference }) => `Cart/${reference.key}`)
    assert.deepEqual(await keysOf(directory.listAll()), held.sort())
  })

  test('cleanup stops at its limit', async ({ directory }, env) => {
    for (let i = 0; i < 5; i++) await grant(directory, 'n1', { type: 'Cart', key: `${i}` })
    await env.advance(TTL_MS)
    assert.equal(await directory.cleanupExpired({ limit: 3 }), 3)
    assert.equal(await directory.cleanupExpired(), 2)
  })
}

function registerFencing(test: DirectoryTest): void {
  const stateKey = Buffer.from('state of cart 1')

  test('the holder writes state', async ({ directory, storage }) => {
    const { epoch } = await grant(directory, 'n1')
    await storage.transact(async (tx) => {
      await directory.requireEpoch(tx, cart, epoch)
      tx.put(stateKey, Buffer.from('n1'))
    })
    const snapshot = await storage.snapshot()
    assert.equal(Buffer.from((await snapshot.get(stateKey)) ?? []).toString(), 'n1')
    await snapshot.close()
  })

  test('the late write of an expired holder is refused, also before anyone took over', async ({
    directory,
    storage,
  }, env) => {
    const { epoch } = await grant(directory, 'n1')
    await env.advance(TTL_MS)
    const write = (): Promise<void> =>
      storage.transact(async (tx) => {
        await directory.requireEpoch(tx, cart, epoch)
        tx.put(stateKey, Buffer.from('late'))
      })
    await failsWith('LEASE_FENCED', write)
    await grant(directory, 'n2')
    await failsWith('LEASE_FENCED', write)
    const snapshot = await storage.snapshot()
    assert.equal(await snapshot.get(stateKey), undefined)
    await snapshot.close()
  })

  test('a write that was checked before another took over does not commit after it', async ({
    directory,
    storage,
  }, env) => {
    const { epoch } = await grant(directory, 'n1')
    const late = await storage.begin()
    await directory.requireEpoch(late, cart, epoch)
    late.put(stateKey, Buffer.from('late'))
    await env.advance(TTL_MS)
    await grant(directory, 'n2')
    await failsWith('TRANSACTION_CONFLICT', () => late.commit())
  })

  test('a write that was checked before its lease was removed does not commit after it', async ({
    directory,
    storage,
  }) => {
    const lease = await grant(directory, 'n1')
    const late = await storage.begin()
    await directory.requireEpoch(late, cart, lease.epoch)
    late.put(stateKey, Buffer.from('late'))
    await directory.remove(claimOf(lease))
    await failsWith('TRANSACTION_CONFLICT', () => late.commit())
  })

  test('a renewal does not disturb the state write under way', async ({ directory, storage }) => {
    const lease = await grant(directory, 'n1')
    const tx = await storage.begin()
    await directory.requireEpoch(tx, cart, lease.epoch)
    tx.put(stateKey, Buffer.from('n1'))
    await directory.renew(claimOf(lease), TTL_MS)
    assert.ok((await tx.commit()).version > 0n)
  })

  test('epochs and versions never go back, whatever ended the lease', async ({ directory }, env) => {
    const first = await grant(directory, 'n1')
    await directory.remove(claimOf(first))
    const second = await grant(directory, 'n2')
    await env.advance(TTL_MS)
    await directory.cleanupExpired()
    const third = await grant(directory, 'n1')
    await directory.removeByNode('n1')
    const fourth = await grant(directory, 'n3')
    assert.deepEqual(
      [first, second, third, fourth].map(({ epoch }) => epoch),
      [1, 2, 3, 4],
    )
    const versions = [first, second, third, fourth].map(({ version }) => version)
    assert.deepEqual(
      versions,
      [...new Set(versions)].sort((a, b) => a - b),
    )
  })
}

function registerLists(test: DirectoryTest): void {
  test('lists by node and by type, over more than one chunk', async ({ directory }) => {
    const requests = Array.from({ length: 600 }, (_, i) => ({
      reference: { type: i % 2 === 0 ? 'Cart' : 'Cart2', key: `${i}` },
      nodeId: i % 3 === 0 ? 'n1' : 'n2',
      ttlMs: TTL_MS,
    }))
    await directory.registerMany(requests)
    const expected = (keep: (request: (typeof requests)[number]) => boolean): string[] =>
      requests
        .filter(keep)
        .map(({ reference }) => `${reference.type}/${reference.key}`)
        .sort()
    assert.deepEqual(
      await keysOf(directory.listByNode('n1')),
      expected(({ nodeId }) => nodeId === 'n1'),
    )
    assert.deepEqual(
      await keysOf(directory.listAll('Cart')),
      expected(({ reference }) => reference.type === 'Cart'),
    )
    assert.deepEqual(
      await keysOf(directory.listAll()),
      expected(() => true),
    )
    assert.equal(await directory.removeByNode('n2'), 400)
    assert.deepEqual(
      await keysOf(directory.listAll()),
      expected(({ nodeId }) => nodeId === 'n1'),
    )
  })

  test('texts of any content stay apart', async ({ directory }) => {
    const references = ['a:b', 'a', 'b:a', '\u0000', 'a\u0000', 'é', '🚀', '/'].flatMap((type) =>
      ['b', ':b', '\u0000'].map((key) => ({ type, key })),
    )
    for (const reference of references) await grant(directory, 'n:1', reference)
    const found = await directory.lookupMany(references)
    assert.deepEqual(
      found.map((lease) => lease?.reference),
      references,
    )
    assert.equal((await keysOf(directory.listByNode('n:1'))).length, references.length)
    assert.deepEqual(await keysOf(directory.listByNode('n')), [])
  })
}

function registerArguments(test: DirectoryTest): void {
  test('bad arguments are refused and change nothing', async ({ directory, storage }) => {
    const ok = { reference: cart, nodeId: 'n1', ttlMs: TTL_MS }
    const bad = [
      { ...ok, ttlMs: 0 },
      { ...ok, ttlMs: 1.5 },
      { ...ok, ttlMs: Number.NaN },
      { ...ok, nodeId: '' },
      { ...ok, nodeId: 'x'.repeat(257) },
      { ...ok, reference: { type: '', key: '1' } },
      { ...ok, reference: { type: 'Cart', key: '\ud800' } },
      { ...ok, reference: { type: 'Cart', key: 'x'.repeat(1025) } },
      { ...ok, replaceVersion: 0 },
    ]
    for (const request of bad) {
      await failsWith('INVALID_ARGUMENT', async () => directory.register(request))
      await failsWith('INVALID_ARGUMENT', async () => directory.registerMany([ok, request]))
    }
    await failsWith('INVALID_ARGUMENT', () => storage.transact((tx) => directory.requireEpoch(tx, cart, 0)))
    assert.deepEqual(await keysOf(directory.listAll()), [])
  })
}
