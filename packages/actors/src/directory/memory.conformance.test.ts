import { describe, test } from 'node:test'
import { systemEnv } from '@orbit-ts/base'
import { LocalTransactions, openMemoryEngine } from '@orbit-ts/storage'
import { runDirectoryConformance } from '../conformance/directory-conformance.js'
import { StorageAddressableDirectory } from './storage-addressable-directory.js'
import { StorageClusterNodes } from './storage-cluster-nodes.js'

runDirectoryConformance({
  name: 'memory',
  runner: { describe, test },
  // Only the directories live by the virtual clock: the store's pauses between retries must pass by themselves.
  factory: async (env) => {
    const storage = await LocalTransactions.open(await openMemoryEngine({}, { env: systemEnv }))
    return {
      storage,
      directory: new StorageAddressableDirectory(storage, { env }),
      nodes: new StorageClusterNodes(storage, { env }),
      dispose: () => storage.close(),
    }
  },
})
