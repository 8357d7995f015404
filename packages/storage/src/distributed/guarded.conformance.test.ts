import { describe, test } from 'node:test'
import { runStorageConformance } from '../conformance/storage-conformance.js'
import { openMemoryEngine } from '../providers/memory/open-memory-engine.js'
import { LocalTransactions } from '../transaction/local-transactions.js'
import { DistributedTransactionCoordinator } from './distributed-transaction-coordinator.js'

runStorageConformance({
  name: 'memory, shared with transactions across stores',
  runner: { describe, test },
  virtualTime: true,
  factory: async (env) => {
    const store = await LocalTransactions.open(await openMemoryEngine({}, { env }), { env })
    const coordinator = await DistributedTransactionCoordinator.open({
      stores: { main: store },
      log: 'main',
      recoveryIntervalMs: 0,
      env,
    })
    return {
      provider: coordinator.store('main'),
      dispose: async () => {
        await coordinator.close()
        await store.close()
      },
    }
  },
  expected: {
    isolationLevels: ['read-committed', 'snapshot', 'serializable'],
    modes: ['optimistic', 'pessimistic'],
    durability: [],
    snapshots: true,
    keySizeMaxBytes: 65_536 - 15,
  },
})
