import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { hasCode, utf8, type ErrorCode } from '@orbit-ts/base'
import { actorKeys } from '../keys/actor-keys.js'
import { relationalKeys } from '../keys/relational-keys.js'
import { CART, count, ManagedStores, read, slot } from './managed-stores.test.suite.js'
import type { StoredObject } from './stored-object.js'

const withCode = (code: ErrorCode) => (error: unknown) => hasCode(error, code)
const TABLE: StoredObject = { kind: 'table', id: 12 }

describe('assignments', () => {
  test('are made once, by the strategy, and stay', async () => {
    await using stores = await ManagedStores.open()
    const asked: unknown[] = []
    const manager = await stores.manager({
      strategy: {
        kind: 'Custom',
        select: (object, context) => {
          asked.push([object, context])
          return 'cluster'
        },
      },
    })
    assert.equal(await manager.assignmentOf(CART), undefined)
    assert.equal(await manager.locate(CART, { crossReferences: 3 }), 'cluster')
    assert.equal(await manager.locate(CART), 'cluster')
    assert.deepEqual(asked, [[CART, { crossReferences: 3 }]])
    const later = await stores.manager()
    assert.equal(await later.locate(CART), 'cluster')
    assert.equal(await later.locate(TABLE), 'local')
    const all: string[] = []
    for await (const { object, store } of later.assignments()) all.push(`${object.kind} ${store}`)
    assert.deepEqual(all.sort(), ['actor cluster', 'table local'])
    assert.equal(manager.metrics().assignmentsMade, 1)
  })

  test('of several processes at once agree', async () => {
    await using stores = await ManagedStores.open()
    const managers = [
      await stores.manager({ strategy: { kind: 'Default', store: 'local' } }),
      await stores.manager({ strategy: { kind: 'Default', store: 'cluster' } }),
    ]
    const asking = Promise.all([...managers, ...managers].map((manager) => manager.locate(CART)))
    await stores.env.advance(1_000)
    assert.equal(new Set(await asking).size, 1)
  })

  test('can be made by hand before the first use', async () => {
    await using stores = await ManagedStores.open()
    const manager = await stores.manager()
    await manager.assign(TABLE, 'cluster')
    await manager.assign(TABLE, 'cluster')
    assert.equal(await manager.locate(TABLE), 'cluster')
    await assert.rejects(manager.assign(TABLE, 'local'), withCode('PRECONDITION_FAILED'))
    await assert.rejects(manager.assign(TABLE, 'clutser'), withCode('INVALID_ARGUMENT'))
  })

  test('to stores that do not exist are refused', async () => {
    await using stores = await ManagedStores.open()
    const manager = await stores.manager({ strategy: { kind: 'Custom', select: () => 'nowhere' } })
    await assert.rejects(manager.locate(CART), withCode('INVALID_ARGUMENT'))
    assert.equal(await manager.assignmentOf(CART), undefined)
    await assert.rejects(stores.manager({ assignments: 'nowhere' }), withCode('INVALID_ARGUMENT'))
    await assert.rejects(
      stores.manager({ strategy: { kind: 'Default', store: 'nowhere' } }),
      withCode('INVALID_ARGUMENT'),
    )
    await assert.rejects(stores.manager({ batchEntriesMax: 0 }), withCode('INVALID_ARGUMENT'))
  })
})

describe('a transaction over objects', () => {
  test('is atomic over the stores they are in', async () => {
    await using stores = await ManagedStores.open()
    const manager = await stores.manager()
    await manager.assign(TABLE, 'cluster')
    const row = relationalKeys.row(12, 1)
    await manager.transact(async (tx) => {
      ;(await tx.on(CART)).put(slot('n'), utf8('1'))
      ;(await tx.on(TABLE)).put(row, utf8('r'))
    })
    await using tx = await manager.begin()
    ;(await tx.on(CART)).put(slot('n'), utf8('2'))
    ;(await tx.on(TABLE)).delete(row)
    await tx.rollback()
    assert.deepEqual(await stores.stateIn('local'), ['n=1'])
    await using reader = await stores.store('cluster').provider.begin()
    assert.deepEqual(await reader.get(row), Buffer.from('r'))
    assert.deepEqual(await stores.leftovers(), [])
  })

  test('sees and changes no keys of others', async () => {
    await using stores = await ManagedStores.open()
    const manager = await stores.manager()
    const other = actorKeys.state({ type: 'Cart', key: '8' })
    await manager.transact(async (tx) => {
      ;(await tx.on({ ...CART, key: '8' })).put(other, utf8('other'))
      const cart = await tx.on(CART)
      cart.put(slot('n'), utf8('1'))
      assert.throws(() => cart.put(other, utf8('x')), withCode('INVALID_ARGUMENT'))
      assert.throws(() => cart.delete(other), withCode('INVALID_ARGUMENT'))
      await assert.rejects(cart.get(other), withCode('INVALID_ARGUMENT'))
      await assert.rejects(cart.lock([other]), withCode('INVALID_ARGUMENT'))
    })
    assert.deepEqual(await read(manager), ['n=1'])
  })
})

describe('migrate', () => {
  test('moves everything in batches and leaves nothing behind', async () => {
    await using stores = await ManagedStores.open()
    const manager = await stores.manager({ batchEntriesMax: 4 })
    const names = Array.from({ length: 10 }, (_, at) => `s${at}`)
    await manager.transact(async (tx) => {
      const cart = await tx.on(CART)
      for (const name of names) cart.put(slot(name), utf8(name))
    })
    const steps: string[] = []
    const progress = await manager.migrate(CART, 'cluster', {
      onProgress: ({ step }) => void steps.push(step),
    })
    assert.deepEqual([progress.step, progress.entriesCopied, progress.changesCopied], ['cleaned', 10, 0])
    assert.deepEqual(
      steps.filter((step, at) => step !== steps[at - 1]),
      ['clearing', 'copying', 'catching-up', 'moved', 'cleaned'],
    )
    const expected = names.map((name) => `${name}=${name}`)
    assert.deepEqual(await stores.stateIn('cluster'), expected)
    assert.deepEqual(await stores.stateIn('local'), [])
    assert.deepEqual(await read(manager), expected)
    assert.equal(await manager.assignmentOf(CART), 'cluster')
    assert.deepEqual(await stores.leftovers(), [])
    assert.equal(manager.metrics().migrationsCompleted, 1)

    // And back, where it has been before.
    await manager.migrate(CART, 'local')
    assert.deepEqual(await stores.stateIn('local'), expected)
    assert.deepEqual(await stores.stateIn('cluster'), [])
    assert.deepEqual(await read(manager), expected)
  })

  test('of an object without data, to where it is, or to nowhere', async () => {
    await using stores = await ManagedStores.open()
    const manager = await stores.manager()
    await manager.migrate(CART, 'cluster')
    assert.equal(await manager.assignmentOf(CART), 'cluster')
    assert.equal((await manager.migrate(CART, 'cluster')).entriesCopied, 0)
    await assert.rejects(manager.migrate(CART, 'nowhere'), withCode('INVALID_ARGUMENT'))
    assert.deepEqual(await read(manager), [])
  })

  test('brings a process that does not know of it to the new store', async () => {
    await using stores = await ManagedStores.open()
    const [mover, user] = [await stores.manager(), await stores.manager()]
    await count(user, 'n')
    await mover.migrate(CART, 'cluster')
    const counting = count(user, 'n')
    await stores.env.advance(1_000)
    await counting
    assert.deepEqual(await stores.stateIn('cluster'), ['n=2'])
    assert.deepEqual(await stores.stateIn('local'), [])
  })

  test('conflicts with a transaction that began before the object moved', async () => {
    await using stores = await ManagedStores.open()
    const manager = await stores.manager()
    await count(manager, 'n')
    await using early = await manager.begin()
    ;(await early.on(CART)).put(slot('n'), utf8('early'))
    await manager.migrate(CART, 'cluster')
    await assert.rejects(early.commit(), withCode('TRANSACTION_CONFLICT'))
    assert.deepEqual(await stores.stateIn('cluster'), ['n=1'])
    assert.deepEqual(await stores.stateIn('local'), [])
  })

  test('takes no change that is not noted, from whoever began before it', async () => {
    await using stores = await ManagedStores.open()
    const manager = await stores.manager()
    await count(manager, 'n')
    await using early = await manager.begin()
    ;(await early.on(CART)).put(slot('new'), utf8('early'))
    let commits = 0
    await manager.migrate(CART, 'cluster', {
      onProgress: async ({ step }) => {
        if (step !== 'copying' || commits++ > 0) return
        await assert.rejects(early.commit(), withCode('TRANSACTION_CONFLICT'))
      },
    })
    assert.deepEqual(await read(manager), ['n=1'])
  })

  test('stops by its signal, and goes on later', async () => {
    await using stores = await ManagedStores.open()
    const manager = await stores.manager({ batchEntriesMax: 1 })
    for (const name of ['a', 'b', 'c']) await count(manager, name)
    const stop = new AbortController()
    const migrating = manager.migrate(CART, 'cluster', {
      signal: stop.signal,
      onProgress: ({ entriesCopied }) => {
        if (entriesCopied === 2) stop.abort()
      },
    })
    await assert.rejects(migrating, withCode('ABORTED'))
    assert.equal((await manager.migrations()).length, 1)
    await count(manager, 'a')
    await assert.rejects(manager.migrate(CART, 'main'), withCode('PRECONDITION_FAILED'))
    assert.equal(await manager.resumeMigrations(), 1)
    assert.deepEqual(await stores.stateIn('cluster'), ['a=2', 'b=1', 'c=1'])
    assert.deepEqual(await stores.leftovers(), [])
  })

  test('to a store out of reach leaves the object usable, and goes on when it is back', async () => {
    await using stores = await ManagedStores.open()
    const manager = await stores.manager({ batchEntriesMax: 1 })
    await count(manager, 'n')
    const migrating = manager.migrate(CART, 'cluster', {
      onProgress: ({ step }) => {
        if (step === 'catching-up') stores.store('cluster').isOut = true
      },
    })
    const failed = assert.rejects(migrating, withCode('STORAGE_UNAVAILABLE'))
    await stores.env.advance(60_000)
    await failed
    await count(manager, 'n')
    assert.deepEqual(await read(manager), ['n=2'])
    stores.store('cluster').isOut = false
    await manager.migrate(CART, 'cluster')
    assert.deepEqual(await stores.stateIn('cluster'), ['n=2'])
    assert.deepEqual(await stores.stateIn('local'), [])
  })

  test('pauses users for the last batch only; when its process dies then, they are told', async () => {
    await using stores = await ManagedStores.open()
    const [mover, user] = [
      await stores.manager({ batchEntriesMax: 8 }),
      await stores.manager({ pauseWaitMs: 500 }),
    ]
    await count(user, 'n')
    let [paused, died, wake] = [0, (): void => undefined, (): void => undefined]
    const dying = new Promise<void>((resolve) => (died = resolve))
    const asleep = new Promise<void>((resolve) => (wake = resolve))
    const moving = mover.migrate(CART, 'cluster', {
      onProgress: ({ step }) => {
        if (step !== 'catching-up') return undefined
        paused++
        died()
        return asleep
      },
    })
    await dying
    assert.equal(paused, 1)
    const counting = assert.rejects(count(user, 'n'), withCode('LOCK_TIMEOUT'))
    await stores.env.advance(1_000)
    await counting
    await user.resumeMigrations()
    const later = count(user, 'n')
    await stores.env.advance(1_000)
    await later
    wake()
    assert.equal((await moving).step, 'cleaned')
    assert.deepEqual(await stores.stateIn('cluster'), ['n=2'])
  })

  test('goes on by itself in the next process', async () => {
    await using stores = await ManagedStores.open()
    const manager = await stores.manager({ batchEntriesMax: 1 })
    for (const name of ['a', 'b']) await count(manager, name)
    const stop = new AbortController()
    const migrating = manager.migrate(CART, 'cluster', {
      signal: stop.signal,
      onProgress: ({ step }) => (step === 'copying' ? stop.abort() : undefined),
    })
    await assert.rejects(migrating, withCode('ABORTED'))
    await manager.close()
    const next = await stores.manager({ resumeMigrations: true })
    await stores.env.advance(5_000)
    assert.deepEqual(await next.migrations(), [])
    assert.deepEqual(await stores.stateIn('cluster'), ['a=1', 'b=1'])
  })
})
