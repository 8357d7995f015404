import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  configFromCode,
  describeSchema,
  hasCode,
  systemEnv,
  TestEnv,
  utf8,
  type Env,
  type SectionInput,
} from '@orbit-ts/base'
import { TestCluster } from '@orbit-ts/tikv/testing'
import { clientConfigOf } from './client-config.js'
import { openTikvProvider } from './open-tikv-provider.js'
import { refuseContradictions, tikvOptions } from './options.js'
import type { TikvProvider } from './tikv-provider.js'

type Input = SectionInput<typeof tikvOptions>

const LIMITS = { transactionTimeoutMs: 30_000, lockWaitMs: 10_000 }

/** Options that are settings of the client under another name, with a value that is not the default. */
const OF_CLIENT: readonly (readonly [keyof Input, Input, object])[] = [
  ['pdEndpoints', { pdEndpoints: ['a:1', 'b:2'] }, { pdEndpoints: ['a:1', 'b:2'] }],
  ['timeoutMs', { timeoutMs: 1234 }, { connectTimeout: 1234, requestTimeout: 1234 }],
  ['regionCacheSize', { regionCacheSize: 17 }, { regionCacheMax: 17 }],
  ['enableAsyncCommit', { enableAsyncCommit: false }, { asyncCommit: false }],
  ['enableOnePc', { enableOnePc: false }, { onePc: false }],
  ['grpcConnectionCount', { grpcConnectionCount: 2 }, { grpcConnectionCount: 2 }],
  ['transactionSizeMaxMb', { transactionSizeMaxMb: 3 }, { transactionBytesMax: 3 << 20 }],
  ['entrySizeMaxKb', { entrySizeMaxKb: 65 }, { entryBytesMax: 65 << 10 }],
  ['apiVersion', { apiVersion: 'v2' }, { apiVersion: 'v2' }],
  ['keyspace', { apiVersion: 'v2', keyspace: 'k' }, { apiVersion: 'v2', keyspace: 'k' }],
]
/** Options of the provider itself; tests below show what they do. */
const OF_PROVIDER: readonly (keyof Input)[] = ['namespace', 'maxBatchSize', 'gcIntervalMs']
/** Only their defaults are accepted. */
const REFUSED = [
  ['regionSplitThresholdBytes', 'region_split_threshold', 96 << 20],
  ['coprocessorPoolSize', 'coprocessor_pool_size', 9],
] as const

const configOf = (input: Input): Record<string, unknown> => ({
  ...clientConfigOf(configFromCode(tikvOptions, input)),
})

describe('the options of the tikv provider', () => {
  test('have the defaults that are promised', () => {
    const { tls, keyspace, namespace, ...options } = configFromCode(tikvOptions, {})
    assert.deepEqual([tls, keyspace, namespace], [undefined, undefined, undefined])
    assert.deepEqual(options, {
      pdEndpoints: ['127.0.0.1:2379'],
      apiVersion: 'v1',
      timeoutMs: 30_000,
      maxBatchSize: 1000,
      regionCacheSize: 1000,
      enableAsyncCommit: true,
      enableOnePc: true,
      gcIntervalMs: 600_000,
      regionSplitThresholdBytes: 64 << 20,
      coprocessorPoolSize: 8,
      grpcConnectionCount: 4,
      transactionSizeMaxMb: 100,
      entrySizeMaxKb: 6144,
    })
  })

  test('each do something, or are refused', () => {
    const known = new Set<string>([
      ...OF_CLIENT.map(([name]) => name),
      ...OF_PROVIDER,
      ...REFUSED.map(([name]) => name),
      'tls',
    ])
    const names = tikvOptions.fields.map(({ name }) => name)
    assert.deepEqual(new Set(names), known)
    assert.ok(describeSchema(tikvOptions).every(({ doc }) => doc.endsWith('.')))
  })

  for (const [name, input, expected] of OF_CLIENT) {
    test(`${name} is a setting of the client`, () => {
      const changed = configOf(input)
      const usual = configOf({})
      const differing = Object.keys(changed).filter(
        (key) => JSON.stringify(changed[key]) !== JSON.stringify(usual[key]),
      )
      assert.deepEqual(Object.fromEntries(differing.map((key) => [key, changed[key]])), expected)
    })
  }

  test('tls is passed on as it is', () => {
    const tls = { caFile: '/ca', certFile: '/cert', keyFile: '/key', serverName: 'x', verifyCn: ['tikv'] }
    assert.deepEqual(configOf({ tls })['tls'], tls)
  })

  test('that nothing follows are refused', () => {
    for (const [name, key, value] of REFUSED) {
      assert.throws(
        () => refuseContradictions(configFromCode(tikvOptions, { [name]: value })),
        (error) =>
          hasCode(error, 'STORAGE_UNSUPPORTED') &&
          error.message.includes(`${key} = ${value}: nothing in this release follows it`),
      )
    }
  })

  test('that go wrong are named', () => {
    const wrong: readonly (readonly [Input, RegExp])[] = [
      [{ pdEndpoints: [] }, /pd_endpoints: \[\] is empty/],
      [{ namespace: 'a:b' }, /namespace: "a:b" is not made of/],
      [{ namespace: '' }, /namespace/],
      [{ keyspace: 'k' }, /keyspace: "k" needs api_version = "v2"/],
      [{ maxBatchSize: 0 }, /max_batch_size|maxBatchSize/],
      [{ regionCacheSize: 15 }, /region_cache_size|regionCacheSize/],
      [{ gcIntervalMs: -1 }, /gc_interval|gcIntervalMs/],
    ]
    for (const [input, message] of wrong) {
      assert.throws(
        () => refuseContradictions(configFromCode(tikvOptions, input)),
        (error) => hasCode(error, 'CONFIG_INVALID') && message.test(error.message),
        JSON.stringify(input),
      )
    }
  })
})

/** Opens a provider on a cluster within the process. */
async function withProvider(
  input: Input,
  work: (provider: TikvProvider, cluster: TestCluster) => Promise<void>,
  env: Env = systemEnv,
): Promise<void> {
  const splitKeys = Array.from({ length: 25 }, (_, index) => Buffer.from([97 + index, 0]))
  await using cluster = await TestCluster.start({ env, splitKeys })
  const { transport } = cluster
  const opening = openTikvProvider(
    { pdEndpoints: [...cluster.pdEndpoints], ...input },
    { env, transactions: LIMITS, runtime: { transport } },
  )
  const provider = await passing(env, opening)
  try {
    await work(provider, cluster)
  } finally {
    await passing(env, provider.close())
  }
}

/** Lets virtual time pass until the work is done. */
async function passing<T>(env: Env, work: Promise<T>): Promise<T> {
  const progress = { isOver: false }
  const settled = work.finally(() => (progress.isOver = true))
  settled.catch(() => undefined)
  if (env instanceof TestEnv) while (!progress.isOver) await env.advance(1)
  return settled
}

const LETTERS = Array.from('abcdefghijklmnopqrstuvwxyz', (letter) => utf8(letter))

const putAll = (provider: TikvProvider): Promise<unknown> =>
  provider.write(LETTERS.map((key) => ({ type: 'put', key, value: key })))

/** The requests of a method, as the stores got them. */
const requestsOf = <T>(cluster: TestCluster, method: string): T[] =>
  cluster.faults.callsOf(method).map(({ request }) => request as T)

describe('an option of the tikv provider', () => {
  test('max_batch_size: no request of a scan asks for more', () =>
    withProvider({ maxBatchSize: 2 }, async (provider, cluster) => {
      await putAll(provider)
      const snapshot = await provider.snapshot()
      let count = 0
      for await (const chunk of snapshot.scan({})) count += chunk.length
      assert.equal(count, LETTERS.length)
      const limits = requestsOf<{ limit: number }>(cluster, 'KvScan').map(({ limit }) => limit)
      assert.deepEqual(new Set(limits), new Set([2]))
    }))

  test('region_cache_size: no more regions are remembered', () =>
    withProvider({ regionCacheSize: 16 }, async (provider) => {
      await putAll(provider)
      assert.ok((provider.metrics().engine['cached_regions'] ?? 0) <= 16)
    }))

  for (const enabled of [true, false]) {
    test(`enable_async_commit and enable_one_pc: ${String(enabled)} is what the stores are told`, () =>
      withProvider({ enableAsyncCommit: enabled, enableOnePc: enabled }, async (provider, cluster) => {
        await provider.write([{ type: 'put', key: utf8('k'), value: utf8('v') }])
        const [prewrite] = requestsOf<{ useAsyncCommit: boolean; tryOnePc: boolean }>(cluster, 'KvPrewrite')
        assert.deepEqual([prewrite?.useAsyncCommit, prewrite?.tryOnePc], [enabled, enabled])
      }))
  }

  test('namespace: keys of the cluster begin with it, those of the store do not', () =>
    withProvider({ namespace: 'ns' }, async (provider, cluster) => {
      await provider.write([{ type: 'put', key: utf8('k'), value: utf8('v') }])
      const [prewrite] = requestsOf<{ primaryLock: Uint8Array }>(cluster, 'KvPrewrite')
      assert.equal(Buffer.from(prewrite?.primaryLock ?? []).toString(), 'ns:k')
      const snapshot = await provider.snapshot()
      for await (const chunk of snapshot.scan({})) {
        assert.deepEqual(
          chunk.map(({ key }) => Buffer.from(key).toString()),
          ['k'],
        )
      }
    }))

  test('transaction_size_max_mb and entry_size_max_kb: the limits that the store declares', () =>
    withProvider({ transactionSizeMaxMb: 1, entrySizeMaxKb: 64 }, async (provider) => {
      assert.equal(provider.capabilities.transactionSizeMaxBytes, 1 << 20)
      const { valueSizeMaxBytes } = provider.capabilities
      assert.equal(valueSizeMaxBytes, (64 << 10) - 8192)
      const tx = await provider.begin()
      tx.put(utf8('k'), new Uint8Array(valueSizeMaxBytes))
      assert.throws(
        () => tx.put(utf8('k'), new Uint8Array(valueSizeMaxBytes + 1)),
        (error) => hasCode(error, 'INVALID_ARGUMENT') || hasCode(error, 'VALUE_TOO_LARGE'),
      )
      await tx.rollback()
    }))

  test('gc_interval: the safe point is moved once in this time', async () => {
    const env = new TestEnv({ seed: 1 })
    await withProvider(
      { gcIntervalMs: 60_000 },
      async (provider) => {
        const counts = (): (number | undefined)[] => {
          const { gc_runs: runs, gc_failures: failures } = provider.metrics().engine
          return [runs, failures]
        }
        await env.advance(59_000)
        assert.deepEqual(counts(), [0, 0])
        // The first run asks each region, which takes turns rather than time.
        const counted = async (): Promise<void> => {
          while (counts()[0] === 0) await env.timers.nextTurn()
        }
        await env.advance(1_000)
        await passing(env, counted())
        assert.deepEqual(counts(), [1, 0])
      },
      env,
    )
  })

  test('gc_interval 0: nobody moves the safe point', async () => {
    const env = new TestEnv({ seed: 1 })
    await withProvider(
      { gcIntervalMs: 0 },
      async (provider) => {
        await env.advance(3_600_000)
        assert.equal(provider.metrics().engine['gc_runs'], 0)
      },
      env,
    )
  })
})
