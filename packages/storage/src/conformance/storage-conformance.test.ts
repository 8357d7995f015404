import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { OrbitError, hasCode, systemEnv } from '@orbit-ts/base'
import type {
  Capabilities,
  StorageProvider,
  Transaction,
  TransactOptions,
  TransactionOptions,
} from '../provider.js'
import { openMemoryEngine } from '../providers/memory/open-memory-engine.js'
import { LocalTransactions } from '../transaction/local-transactions.js'
import type { ConformanceOptions, ExpectedCapabilities } from './harness/conformance-options.js'
import { runStorageConformance } from './storage-conformance.js'

const MINIMUM: ExpectedCapabilities = {
  isolationLevels: ['snapshot'],
  modes: ['optimistic'],
  durability: [],
  snapshots: false,
}

function unsupported(what: string): never {
  throw new OrbitError('STORAGE_UNSUPPORTED', `${what}: this provider has it not`)
}

/** A provider with the least that the contract allows, so that the tests of what is refused have something to test. */
async function openMinimal(): Promise<StorageProvider> {
  const engine = await openMemoryEngine({}, { env: systemEnv })
  const full = await LocalTransactions.open(engine)
  const check = ({ isolation = 'snapshot', mode = 'optimistic' }: TransactionOptions = {}): void => {
    if (isolation === 'read-committed' || isolation === 'serializable') unsupported('isolation')
    if (mode === 'pessimistic') unsupported('mode')
  }
  const capabilities: Capabilities = { ...full.capabilities, ...MINIMUM }
  return withOverrides(full, {
    capabilities,
    begin: async (options?: TransactionOptions) => {
      check(options)
      return withoutLocks(await full.begin(options))
    },
    transact: async <T>(work: (tx: Transaction) => Promise<T>, options?: TransactOptions) => {
      check(options)
      return full.transact(typeof work === 'function' ? (tx) => work(withoutLocks(tx)) : work, options)
    },
    snapshot: async () => unsupported('snapshots'),
  })
}

function withoutLocks(tx: Transaction): Transaction {
  return withOverrides(tx, { lock: async () => unsupported('lock') })
}

function withOverrides<T extends object>(target: T, overrides: Partial<T>): T {
  return new Proxy(target, {
    get: (_, name) => {
      if (name in overrides) return Reflect.get(overrides, name) as unknown
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}

async function minimalStore(): Promise<{ provider: StorageProvider; dispose: () => Promise<void> }> {
  const provider = await openMinimal()
  return { provider, dispose: () => provider.close() }
}

runStorageConformance({
  name: 'the least a provider may offer',
  runner: { describe, test },
  factory: minimalStore,
  expected: MINIMUM,
})

/** Registers the suite with a runner that only collects, and gives the tests by name. */
function collect(options: Partial<ConformanceOptions>): Map<string, () => Promise<void>> {
  const tests = new Map<string, () => Promise<void>>()
  runStorageConformance({
    name: 'collected',
    runner: { describe: (_, body) => body(), test: (name, body) => tests.set(name, body) },
    factory: minimalStore,
    expected: MINIMUM,
    ...options,
  })
  return tests
}

describe('runStorageConformance', () => {
  test('a provider that does not show what was expected fails', async () => {
    const expected: ExpectedCapabilities = { ...MINIMUM, isolationLevels: ['snapshot', 'serializable'] }
    const tests = collect({ expected })
    await assert.rejects(async () => tests.get('shows the expected capabilities')?.(), assert.AssertionError)
    await assert.rejects(async () => tests.get('offers isolation serializable')?.(), /STORAGE_UNSUPPORTED/)
  })

  test('a provider that breaks the contract fails, and a random test names the seed and the steps', async () => {
    const factory = async (): ReturnType<typeof minimalStore> => {
      const { provider, dispose } = await minimalStore()
      const begin = async (options?: TransactionOptions): Promise<Transaction> =>
        withOverrides(await provider.begin(options), { delete: () => undefined })
      return { provider: withOverrides(provider, { begin }), dispose }
    }
    const tests = collect({ factory, seed: 42, randomRuns: 3 })
    await assert.rejects(async () => tests.get('the last write of a key wins')?.(), assert.AssertionError)
    await assert.rejects(
      async () => tests.get('random commands do what the reference does')?.(),
      /^Error: seed 4[234]: .*\nsteps:\n {2}t1 = begin snapshot/s,
    )
  })

  test('timeouts are tested only on virtual time, reopening only on durable stores', () => {
    const plain = collect({})
    const timed = collect({ virtualTime: true, expected: { ...MINIMUM, durability: ['sync'] } })
    for (const name of [
      'each transaction has its own time',
      'commit versions go on increasing after a reopen',
    ]) {
      assert.equal(plain.has(name), false)
      assert.equal(timed.has(name), true)
    }
  })

  test("the contract's defaults are required", () => {
    for (const expected of [
      { ...MINIMUM, isolationLevels: ['serializable'] as const },
      { ...MINIMUM, modes: ['pessimistic'] as const },
    ]) {
      assert.throws(
        () => collect({ expected }),
        (error) => hasCode(error, 'INVALID_ARGUMENT'),
      )
    }
  })

  test('a durable store without reopen is the fault of its factory, and said so', async () => {
    const tests = collect({ expected: { ...MINIMUM, durability: ['sync'] } })
    await assert.rejects(
      async () => tests.get('commit versions go on increasing after a reopen')?.(),
      (error) => hasCode(error, 'INVALID_ARGUMENT'),
    )
  })
})
