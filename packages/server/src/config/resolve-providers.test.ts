import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { configFromCode, loadConfig } from '@orbit-ts/base'
import { configSchema, type OrbitConfigInput } from './orbit-config.js'
import { resolveProviders } from './resolve-providers.js'
import { UNAVAILABLE_BACKENDS } from './server-settings.js'

const resolve = (input: OrbitConfigInput): ReturnType<typeof resolveProviders> =>
  resolveProviders(configFromCode(configSchema, input))

const TWO: OrbitConfigInput = {
  providers: { fast: { type: 'memory' }, main: { type: 'rocksdb', dataDir: '/d' } },
}

describe('resolveProviders', () => {
  it('gives one provider named after the backend, in the data directory', () => {
    assert.deepEqual(resolve({}), {
      providers: { rocksdb: { kind: 'rocksdb', dataDir: './data' } },
      default: 'rocksdb',
      roles: {},
    })
    const backends = [
      ['cow_btree', { kind: 'cow-btree', dataDir: '/x' }],
      ['lsm_tree', { kind: 'lsm-tree', dataDir: '/x' }],
      ['rocksdb', { kind: 'rocksdb', dataDir: '/x' }],
      ['memory', { kind: 'memory' }],
    ] as const
    for (const [persistenceBackend, options] of backends) {
      assert.deepEqual(resolve({ server: { persistenceBackend, dataDir: '/x' } }), {
        providers: { [persistenceBackend]: options },
        default: persistenceBackend,
        roles: {},
      })
    }
  })

  it('refuses backends of other releases, naming those that work', () => {
    for (const persistenceBackend of UNAVAILABLE_BACKENDS) {
      assert.throws(() => resolve({ server: { persistenceBackend } }), {
        code: 'STORAGE_UNSUPPORTED',
        reason: `server.persistence_backend = "${persistenceBackend}" is not part of this release; it has memory, cow_btree, lsm_tree, rocksdb, tikv`,
      })
    }
  })

  it('takes the configured providers, the first of which is the default, and roles', () => {
    const resolved = resolve({ ...TWO, defaults: { addressable: 'main' } })
    assert.deepEqual(Object.keys(resolved.providers), ['fast', 'main'])
    assert.deepEqual(resolved.providers['fast'], { kind: 'memory' })
    assert.equal(resolved.providers['main']?.kind, 'rocksdb')
    assert.equal(resolved.default, 'fast')
    assert.deepEqual(resolved.roles, { addressable: 'main' })
  })

  it('makes the one that the backend names the default', () => {
    assert.equal(resolve({ ...TWO, server: { persistenceBackend: 'rocksdb' } }).default, 'main')
    assert.throws(() => resolve({ ...TWO, server: { persistenceBackend: 'lsm_tree' } }), {
      code: 'CONFIG_INVALID',
      reason: 'server.persistence_backend = "lsm_tree" names no provider; configured are fast, main',
    })
  })

  it('gives a TiKV cluster at its default address, and no directory', () => {
    const { providers, default: fallback } = resolve({
      server: { persistenceBackend: 'tikv', dataDir: '/x' },
    })
    const { tikv } = providers
    assert.ok(tikv?.kind === 'tikv')
    assert.deepEqual([fallback, tikv.pdEndpoints, 'dataDir' in tikv], ['tikv', ['127.0.0.1:2379'], false])
  })

  it('takes the addresses of PD from the environment alone', () => {
    const { value } = loadConfig(configSchema, { env: { ORBIT_TIKV_ENDPOINTS: 'pd-1:2379,pd-2:2379' } })
    const { providers, default: fallback } = resolveProviders(value)
    assert.equal(fallback, 'tikv')
    const { tikv } = providers
    assert.ok(tikv?.kind === 'tikv')
    assert.deepEqual(tikv.pdEndpoints, ['pd-1:2379', 'pd-2:2379'])
  })

  it('refuses a role that names no provider, with the nearest one', () => {
    assert.throws(() => resolve({ ...TWO, defaults: { cluster: 'mian' } }), {
      code: 'CONFIG_INVALID',
      reason: 'defaults.cluster = "mian" names no provider; there are fast, main; did you mean "main"?',
    })
    assert.throws(() => resolve({ defaults: { data: 'main' } }), { code: 'CONFIG_INVALID' })
  })
})
