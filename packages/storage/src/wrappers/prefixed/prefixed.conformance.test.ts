import { describe, test } from 'node:test'
import { type Env, concatBytes } from '@orbit-ts/base'
import { runStorageConformance } from '../../conformance/storage-conformance.js'
import type { StorageProvider } from '../../provider.js'
import { openMemoryEngine } from '../../providers/memory/open-memory-engine.js'
import { LocalTransactions } from '../../transaction/local-transactions.js'
import { prefixed } from './prefixed.js'

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)

/** A store with entries on all sides of the prefix, so that a view that looked outside would see them. */
async function openCrowded(env: Env, prefix: Uint8Array): Promise<StorageProvider> {
  const provider = await LocalTransactions.open(await openMemoryEngine({}, { env }), { env })
  const neighbours = [
    bytes(),
    bytes(0),
    prefix.subarray(0, -1),
    concatBytes(prefix.subarray(0, -1), bytes((prefix.at(-1) ?? 0) - 1, 0xff, 0xff)),
    bytes(0xff, 0xff, 0xff, 0xff),
  ]
  if (prefix.at(-1) !== 0xff) neighbours.push(concatBytes(prefix.subarray(0, -1), bytes((prefix.at(-1) ?? 0) + 1)))
  await provider.write(neighbours.map((key) => ({ type: 'put', key, value: bytes(1) })))
  return provider
}

const PREFIXES = { 'tenant 1:': Buffer.from('tenant 1:'), '0x61ff': bytes(0x61, 0xff), '0xffff': bytes(0xff, 0xff) }

for (const [name, prefix] of Object.entries(PREFIXES)) {
  runStorageConformance({
    name: `memory below the prefix ${name}`,
    runner: { describe, test },
    virtualTime: true,
    factory: async (env) => {
      const store = await openCrowded(env, prefix)
      const provider = prefixed(store, prefix)
      const dispose = async (): Promise<void> => {
        await provider.close()
        await store.close()
      }
      return { provider, dispose }
    },
    expected: {
      isolationLevels: ['read-committed', 'snapshot', 'serializable'],
      modes: ['optimistic', 'pessimistic'],
      durability: [],
      snapshots: true,
      keySizeMaxBytes: 65_536 - prefix.byteLength,
    },
  })
}
