/**
 * The tests that every `StorageProvider` must pass, for ours and for those of others.
 *
 * A provider's own test file is a factory and its expected capabilities:
 *
 * ```ts
 * import { describe, test } from 'node:test'
 * runStorageConformance({
 *   name: 'memory',
 *   runner: { describe, test },
 *   factory: async () => { const provider = await openMine(); return { provider, dispose: () => provider.close() } },
 *   expected: { isolationLevels: ['snapshot'], modes: ['optimistic'], durability: [], snapshots: true },
 * })
 * ```
 */
import { OrbitError } from '@orbit-ts/base'
import type { ConformanceOptions } from './harness/conformance-options.js'
import { ConformanceSuite } from './harness/conformance-suite.js'
import { registerAborts } from './topics/aborts.js'
import { registerAnomalies } from './topics/anomalies.js'
import { registerBlindWrites } from './topics/blind-writes.js'
import { registerCapabilities } from './topics/capabilities.js'
import { registerClosedStore } from './topics/closed-store.js'
import { registerConflicts } from './topics/conflicts.js'
import { registerContention } from './topics/contention.js'
import { registerDeadlocks } from './topics/deadlocks.js'
import { registerDurability } from './topics/durability.js'
import { registerInserts } from './topics/inserts.js'
import { registerKeys } from './topics/keys.js'
import { registerLeasedKeys } from './topics/leased-keys.js'
import { registerLifeCycle } from './topics/life-cycle.js'
import { registerLocks } from './topics/locks.js'
import { registerLockWaits } from './topics/lock-waits.js'
import { registerMisuse } from './topics/misuse.js'
import { registerModelBased } from './topics/model-based.js'
import { registerObservability } from './topics/observability.js'
import { registerOwnWrites } from './topics/own-writes.js'
import { registerReader } from './topics/reader.js'
import { registerRefresh } from './topics/refresh.js'
import { registerSavepoints } from './topics/savepoints.js'
import { registerSerializability } from './topics/serializability.js'
import { registerSharedLocks } from './topics/shared-locks.js'
import { registerSnapshots } from './topics/snapshots.js'
import { registerTimeouts } from './topics/timeouts.js'
import { registerTransact } from './topics/transact.js'
import { registerValues } from './topics/values.js'

const TOPICS: Readonly<Record<string, (suite: ConformanceSuite) => void>> = {
  capabilities: registerCapabilities,
  reader: registerReader,
  keys: registerKeys,
  values: registerValues,
  'own writes': registerOwnWrites,
  savepoints: registerSavepoints,
  inserts: registerInserts,
  'life cycle': registerLifeCycle,
  snapshots: registerSnapshots,
  refresh: registerRefresh,
  anomalies: registerAnomalies,
  conflicts: registerConflicts,
  locks: registerLocks,
  'lock waits': registerLockWaits,
  'shared locks': registerSharedLocks,
  'leased keys': registerLeasedKeys,
  deadlocks: registerDeadlocks,
  transact: registerTransact,
  'blind writes': registerBlindWrites,
  contention: registerContention,
  serializability: registerSerializability,
  timeouts: registerTimeouts,
  aborts: registerAborts,
  'closed store': registerClosedStore,
  misuse: registerMisuse,
  durability: registerDurability,
  observability: registerObservability,
  model: registerModelBased,
}

/**
 * Registers the conformance tests with a test runner. What the provider lacks is tested to be refused.
 * Every provider offers `snapshot` isolation and the `optimistic` mode: the contract's defaults.
 *
 * @throws INVALID_ARGUMENT when `expected` lacks these two.
 */
export function runStorageConformance(options: ConformanceOptions): void {
  const { isolationLevels, modes } = options.expected
  if (!isolationLevels.includes('snapshot') || !modes.includes('optimistic')) {
    throw new OrbitError(
      'INVALID_ARGUMENT',
      'expected: isolationLevels must have "snapshot" and modes "optimistic", the defaults of the contract',
      { field: 'expected' },
    )
  }
  const suite = new ConformanceSuite(options)
  options.runner.describe(`storage conformance: ${options.name}`, () => {
    for (const [topic, register] of Object.entries(TOPICS)) suite.group(topic, () => register(suite))
  })
}
