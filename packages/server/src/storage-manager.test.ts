import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { configFromCode, fromUtf8, utf8 } from '@orbit-ts/base'
import { int4, table } from '@orbit-ts/engine'
import { actorKeys } from '@orbit-ts/storage'
import { configSchema, type OrbitConfigInput } from './config/orbit-config.js'
import { startServer, type OrbitServer, type StartOptions } from './orbit-server.js'

const CART = { kind: 'actor', type: 'Cart', key: '7' } as const
const USER = { kind: 'actor', type: 'User', key: 'ann' } as const

function start(
  storageManager: OrbitConfigInput['storageManager'],
  options: StartOptions = {},
): Promise<OrbitServer> {
  const config = configFromCode(configSchema, {
    server: { httpPort: 0 },
    postgres: { enabled: false },
    providers: { main: { type: 'memory' }, local: { type: 'memory' } },
    ...(storageManager === undefined ? {} : { storageManager }),
  })
  return startServer(config, options)
}

describe('a server with a storage manager', () => {
  it('has the state of actors in the provider of their type, and moves it', async () => {
    await using server = await start({ enabled: true, strategy: 'ByActorType', actorTypes: ['Cart=local'] })
    const manager = server.storageManager
    assert.ok(manager !== undefined)
    await manager.transact(async (tx) => {
      ;(await tx.on(CART)).put(actorKeys.state(CART), utf8('3 items'))
      ;(await tx.on(USER)).put(actorKeys.state(USER), utf8('has a cart'))
    })
    assert.deepEqual([await manager.locate(CART), await manager.locate(USER)], ['local', 'main'])
    await manager.migrate(CART, 'main')
    const state = await manager.transact(async (tx) => (await tx.on(CART)).get(actorKeys.state(CART)))
    assert.deepEqual([await manager.locate(CART), fromUtf8(state ?? utf8(''))], ['main', '3 items'])
    const [url = ''] = server.urls
    const scraped = await (await fetch(`${url}/metrics`)).text()
    for (const line of [
      'orbit_storage_assignments_total 2',
      'orbit_storage_migrations_total{result="done"} 1',
      'orbit_storage_migrations_total{result="failed"} 0',
      'orbit_storage_migrations_active 0',
      'orbit_distributed_transactions_active 0',
    ])
      assert.ok(scraped.split('\n').includes(line), line)
  })

  it('serves its database, directory and membership as before', async () => {
    await using server = await start({ enabled: true })
    await server.database.apply([table('t', { id: int4().primaryKey() })])
    await server.database.table('t').insert({ id: 1 })
    assert.deepEqual(await server.database.table('t').find({}), [{ id: 1 }])
    const { granted } = await server.directory.register({ reference: CART, nodeId: 'n', ttlMs: 1000 })
    const { joined } = await server.nodes.join({ id: 'n', url: 'http://10.0.0.1' }, { ttlMs: 1000 })
    assert.deepEqual([granted, joined], [true, true])
  })

  it('says over HTTP where an actor is, and moves it', async () => {
    await using server = await start({ enabled: true, provider: 'local' })
    const [url = ''] = server.urls
    const call = async (method: string, path: string, body?: object): Promise<[number, unknown]> => {
      const response = await fetch(`${url}/v1${path}`, {
        method,
        headers: { 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const answer = (await response.json()) as { readonly error?: { readonly code: string } }
      return [response.status, answer.error?.code ?? answer]
    }
    assert.deepEqual(await call('GET', '/assignments/Cart/7'), [404, 'OBJECT_NOT_FOUND'])
    const moved = { provider: 'main', entriesCopied: 0, bytesCopied: 0 }
    assert.deepEqual(await call('PUT', '/assignments/Cart/7', { provider: 'main' }), [200, moved])
    assert.deepEqual(await call('GET', '/assignments/Cart/7'), [200, { provider: 'main' }])
    const state = actorKeys.state(CART)
    await server.storageManager?.transact(async (tx) => (await tx.on(CART)).put(state, utf8('12')))
    assert.deepEqual(await call('PUT', '/assignments/Cart/7', { provider: 'local' }), [
      200,
      { provider: 'local', entriesCopied: 1, bytesCopied: state.byteLength + 2 },
    ])
    assert.deepEqual(await call('GET', '/assignments/Cart/7'), [200, { provider: 'local' }])
    assert.deepEqual(await call('GET', '/migrations'), [200, { migrations: [] }])
    assert.deepEqual(await call('PUT', '/assignments/Cart/7', { provider: 'x' }), [400, 'INVALID_ARGUMENT'])
    assert.deepEqual(await call('PUT', '/assignments/Cart/7', { store: 'x' }), [400, 'INVALID_ARGUMENT'])
    await using without = await start(undefined)
    const [other = ''] = without.urls
    assert.equal((await fetch(`${other}/v1/migrations`)).status, 404)
  })

  it('takes a function for the strategy from a program', async () => {
    const select = (): string => 'local'
    await using server = await start({ enabled: true }, { storageStrategy: { kind: 'Custom', select } })
    assert.equal(await server.storageManager?.locate(USER), 'local')
  })

  it('refuses tables, whose rows would be taken away from the database', async () => {
    await using server = await start({ enabled: true })
    const manager = server.storageManager
    assert.ok(manager !== undefined)
    const object = { kind: 'table', id: 1 } as const
    for (const refused of [
      manager.assign(object, 'local'),
      manager.locate(object),
      manager.migrate(object, 'local'),
      manager.transact((tx) => tx.on(object)),
    ])
      await assert.rejects(refused, { code: 'STORAGE_UNSUPPORTED' })
  })

  it('is refused before a store is opened when it names no provider, enabled or not', async () => {
    for (const enabled of [true, false])
      await assert.rejects(start({ enabled, provider: 'lokal' }), {
        code: 'CONFIG_INVALID',
        reason:
          'storage_manager: strategy.store: "lokal" is no store; there are main, local; did you mean "local"?',
      })
    await using without = await start(undefined)
    assert.equal(without.storageManager, undefined)
  })
})
