import { describe, test } from 'node:test'
import { runStorageConformance } from '../../conformance/storage-conformance.js'
import { LocalTransactions } from '../../transaction/local-transactions.js'
import { LOCAL_CAPABILITIES } from '../engine-contract/run-conformance.test.suite.js'
import { openMemoryEngine } from './open-memory-engine.js'

runStorageConformance({
  name: 'memory',
  runner: { describe, test },
  virtualTime: true,
  factory: async (env) => {
    const provider = await LocalTransactions.open(await openMemoryEngine({}, { env }), { env })
    return { provider, dispose: () => provider.close() }
  },
  expected: LOCAL_CAPABILITIES,
})
