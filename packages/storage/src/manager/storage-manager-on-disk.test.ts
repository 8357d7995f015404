import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fromUtf8, hasCode, utf8 } from '@orbit-ts/base'
import { TestCluster } from '@orbit-ts/tikv/testing'
import { relationalKeys } from '../keys/relational-keys.js'
import type { ProviderOptions } from '../providers/provider-options.js'
import { ProviderRegistry } from '../providers/provider-registry.js'
import { CART, count, read } from './managed-stores.test.suite.js'
import { StorageManager } from './storage-manager.js'

const TABLE = { kind: 'table', id: 12 } as const

describe('a manager over RocksDB and TiKV', () => {
  let cluster: TestCluster
  let directory: string
  let providers: Record<string, ProviderOptions>
  before(async () => {
    cluster = await TestCluster.start({ transport: 'sockets', stores: 3, splitKeys: [utf8('b')] })
    directory = await mkdtemp(join(tmpdir(), 'orbit-manager-'))
    providers = {
      local: { kind: 'rocksdb', dataDir: join(directory, 'local') },
      cluster: { kind: 'tikv', pdEndpoints: [...cluster.pdEndpoints] },
    }
  })
  after(async () => {
    await cluster.close()
    await rm(directory, { recursive: true, force: true })
  })

  const STRATEGY = { kind: 'ByActorType', stores: { Cart: 'local' }, otherwise: 'cluster' } as const

  test('commits across both, and moves an object that is in use, over a restart', async () => {
    const names = Array.from({ length: 20 }, (_, at) => `s${String(at).padStart(2, '0')}`)
    {
      await using registry = await ProviderRegistry.open({ providers })
      await using manager = await StorageManager.open(registry, { strategy: STRATEGY, batchEntriesMax: 4 })
      await manager.transact(async (tx) => {
        ;(await tx.on(TABLE)).put(relationalKeys.row(12, 1), utf8('row'))
      })
      for (const name of names) await count(manager, name)
      const stop = new AbortController()
      const moving = manager.migrate(CART, 'cluster', {
        signal: stop.signal,
        onProgress: async ({ entriesCopied }) => {
          await count(manager, 's00')
          if (entriesCopied >= 8) stop.abort()
        },
      })
      await assert.rejects(moving, (error) => hasCode(error, 'ABORTED'))
    }
    await using registry = await ProviderRegistry.open({ providers })
    await using manager = await StorageManager.open(registry, { strategy: STRATEGY, resumeMigrations: false })
    const seen = await read(manager)
    assert.equal(await manager.resumeMigrations(), 1)
    assert.equal(await manager.locate(CART), 'cluster')
    assert.deepEqual(await read(manager), seen)
    assert.deepEqual(
      seen.map((entry) => entry.split('=')[0]),
      names,
    )
    await manager.transact(async (tx) => {
      const row = await (await tx.on(TABLE)).get(relationalKeys.row(12, 1))
      assert.equal(fromUtf8(row ?? utf8('')), 'row')
    })
  })
})
