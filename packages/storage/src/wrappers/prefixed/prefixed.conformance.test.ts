import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { concatBytes, toHex } from '@orbit-ts/base'
import { runStorageConformance } from '../../conformance/storage-conformance.js'
import { openMemoryEngine } from '../../providers/memory/open-memory-engine.js'
import { LocalTransactions } from '../../transaction/local-transactions.js'
import { prefixed } from './prefixed.js'

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)

/** Keys on all sides of the prefix, none of them below it. */
function neighboursOf(prefix: Uint8Array): Uint8Array[] {
  const parent = prefix.subarray(0, -1)
  const last = prefix.at(-1) ?? 0
  const below = concatBytes(parent, bytes(last - 1, 0xff, 0xff))
  return [bytes(), bytes(0), parent, below, ...(last === 0xff ? [] : [concatBytes(parent, bytes(last + 1))])]
}

const PREFIXES: Readonly<Record<string, Uint8Array>> = {
  text: Buffer.from('tenant 1:'),
  'that ends in 0xff': bytes(0x61, 0xff),
  'with no successor': bytes(0xff, 0xff),
}

for (const [name, prefix] of Object.entries(PREFIXES)) {
  runStorageConformance({
    name: `memory below a prefix ${name}`,
    runner: { describe, test },
    virtualTime: true,
    factory: async (env) => {
      const store = await LocalTransactions.open(await openMemoryEngine({}, { env }), { env })
      const neighbours = neighboursOf(prefix)
      await store.write(neighbours.map((key) => ({ type: 'put', key, value: bytes(1) })))
      const provider = prefixed(store, prefix)
      const dispose = async (): Promise<void> => {
        await provider.close()
        const left = await store.transact((tx) => tx.getMany(neighbours))
        await store.close()
        assert.deepEqual(
          left.map((value) => value && toHex(value)),
          neighbours.map(() => '01'),
        )
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
