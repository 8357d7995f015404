import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import type { Env } from '@orbit-ts/base'
import { runStorageConformance } from '../../conformance/storage-conformance.js'
import type { ConformanceStore, ExpectedCapabilities } from '../../conformance/harness/conformance-options.js'
import { StorePool } from '../../conformance/harness/store-pool.js'
import type { LocalEngine } from '../../transaction/local-engine.js'
import { LocalTransactions } from '../../transaction/local-transactions.js'

/** What `LocalTransactions` gives every engine. */
export const LOCAL_CAPABILITIES: ExpectedCapabilities = {
  isolationLevels: ['read-committed', 'snapshot', 'serializable'],
  modes: ['optimistic', 'pessimistic'],
  durability: [],
  snapshots: true,
  distributed: false,
  watch: false,
  ttl: false,
}

type OpenEngine = (dataDir: string, env: Env) => Promise<LocalEngine>

/** Registers the storage conformance tests of an engine that keeps its data in a directory. */
export function runDurableConformance(name: string, open: OpenEngine): void {
  const pool = new StorePool((env) => openInNewDirectory(open, env))
  after(() => pool.close())
  runStorageConformance({
    name,
    runner: { describe, test },
    virtualTime: true,
    factory: pool.factory,
    expected: { ...LOCAL_CAPABILITIES, durability: ['sync', 'os'] },
  })
}

async function openInNewDirectory(open: OpenEngine, env: Env): Promise<ConformanceStore> {
  const root = await mkdtemp(join(tmpdir(), 'orbit-conformance-'))
  const openProvider = async (): Promise<LocalTransactions> =>
    LocalTransactions.open(await open(join(root, 'data'), env), { env })
  let current = await openProvider()
  return {
    provider: current,
    reopen: async () => {
      await current.close()
      return (current = await openProvider())
    },
    dispose: async () => {
      await current.close()
      await rm(root, { recursive: true, force: true })
    },
  }
}
