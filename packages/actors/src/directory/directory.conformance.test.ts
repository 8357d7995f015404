import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { openProvider, prefixed, type ProviderOptions, type StorageProvider } from '@orbit-ts/storage'
import { runDirectoryConformance } from '../conformance/directory-conformance.js'
import { StorageAddressableDirectory } from './storage-addressable-directory.js'
import { StorageClusterNodes } from './storage-cluster-nodes.js'

interface Case {
  readonly name: string
  readonly options: (dataDir: string) => ProviderOptions
  readonly view?: (store: StorageProvider) => StorageProvider
}

const CASES: readonly Case[] = [
  { name: 'memory', options: () => ({ kind: 'memory' }) },
  {
    name: 'memory, prefixed',
    options: () => ({ kind: 'memory' }),
    view: (store) => prefixed(store, Buffer.from('tenant/')),
  },
  { name: 'rocksdb', options: (dataDir) => ({ kind: 'rocksdb', dataDir, durability: 'os' }) },
  { name: 'cow-btree', options: (dataDir) => ({ kind: 'cow-btree', dataDir, durability: 'os' }) },
  { name: 'lsm-tree', options: (dataDir) => ({ kind: 'lsm-tree', dataDir, durability: 'os' }) },
]

for (const { name, options, view } of CASES) {
  runDirectoryConformance({
    name,
    runner: { describe, test },
    // Only the directories live by the virtual clock: the store's pauses between retries must pass by themselves.
    factory: async (env) => {
      const dataDir = await mkdtemp(join(tmpdir(), 'orbit-directory-'))
      const store = await openProvider(options(dataDir))
      const storage = view?.(store) ?? store
      return {
        storage,
        directory: new StorageAddressableDirectory(storage, { env }),
        nodes: new StorageClusterNodes(storage, { env }),
        dispose: async () => {
          await store.close()
          await rm(dataDir, { recursive: true, force: true })
        },
      }
    },
  })
}
