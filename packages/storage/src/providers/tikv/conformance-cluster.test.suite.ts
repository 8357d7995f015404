/** Stores on a test cluster of three servers whose regions go on splitting, for the conformance suite. */
import { silentLogger, utf8, type Env } from '@orbit-ts/base'
import { keepSplitting, TestCluster, type TestClusterOptions } from '@orbit-ts/tikv/testing'
import type { ConformanceStore, ExpectedCapabilities } from '../../conformance/harness/conformance-options.js'
import type { StorageProvider } from '../../provider.js'
import { LOCAL_CAPABILITIES } from '../engine-contract/run-conformance.test.suite.js'
import { openTikvProvider } from './open-tikv-provider.js'

export const TIKV_CAPABILITIES: ExpectedCapabilities = {
  ...LOCAL_CAPABILITIES,
  durability: ['sync'],
  distributed: true,
}

/** Where the tests keep their data, so that it spreads over regions from the start. */
const SPLIT_KEYS = ['A', 'b', 'd', 'key 1', 'k2', 'x', '\x80'].map(utf8)

/** @param transport what the servers are reached over: `in-process` lives by the clock of the suite */
export function storesOnCluster(
  transport: NonNullable<TestClusterOptions['transport']>,
): (env: Env) => Promise<ConformanceStore> {
  return async (env) => {
    const cluster = await TestCluster.start({ env, transport, stores: 3, splitKeys: SPLIT_KEYS })
    const splitting = keepSplitting(cluster)
    const open = (): Promise<StorageProvider> => openOn(cluster, env)
    let current = await open()
    return {
      provider: current,
      reopen: async () => {
        await current.close()
        return (current = await open())
      },
      dispose: async () => {
        splitting.cancel()
        await current.close()
        await cluster.close()
      },
    }
  }
}

function openOn(cluster: TestCluster, env: Env): Promise<StorageProvider> {
  return openTikvProvider(
    { pdEndpoints: [...cluster.pdEndpoints] },
    {
      env,
      transactions: { transactionTimeoutMs: 30_000, lockWaitMs: 10_000 },
      runtime: {
        logger: silentLogger,
        ...(cluster.transport === undefined ? {} : { transport: cluster.transport }),
      },
    },
  )
}
