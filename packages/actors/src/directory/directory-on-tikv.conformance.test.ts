import { after, before, describe, test } from 'node:test'
import { openProvider, type StorageProvider } from '@orbit-ts/storage'
import { keepSplitting, TestCluster } from '@orbit-ts/tikv/testing'
import { runDirectoryConformance } from '../conformance/directory-conformance.js'
import { StorageAddressableDirectory } from './storage-addressable-directory.js'
import { StorageClusterNodes } from './storage-cluster-nodes.js'

describe('directories on TiKV, over sockets', () => {
  let cluster: TestCluster
  let splitting: { cancel(): void }
  let opened = 0
  before(async () => {
    cluster = await TestCluster.start({ transport: 'sockets', stores: 3 })
    splitting = keepSplitting(cluster)
  })
  after(async () => {
    splitting.cancel()
    await cluster.close()
  })

  const open = (): Promise<StorageProvider> =>
    openProvider({ kind: 'tikv', pdEndpoints: [...cluster.pdEndpoints], namespace: `test-${++opened}` })

  runDirectoryConformance({
    name: 'tikv',
    runner: { describe, test },
    // Only the directories live by the virtual clock: the store's pauses between retries must pass by themselves.
    factory: async (env) => {
      const storage = await open()
      return {
        storage,
        directory: new StorageAddressableDirectory(storage, { env }),
        nodes: new StorageClusterNodes(storage, { env }),
        dispose: () => storage.close(),
      }
    },
  })
})
