import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { hasCode, systemEnv, utf8 } from '@orbit-ts/base'
import { TestCluster } from '@orbit-ts/tikv/testing'
import type { StorageProvider } from '../../provider.js'
import { openProvider } from '../open-provider.js'

const text = (value: Uint8Array | null | undefined): string => Buffer.from(value ?? []).toString()

/** Through the registry and over sockets, as a program opens it. */
describe('the tikv provider', () => {
  let cluster: TestCluster
  before(async () => {
    cluster = await TestCluster.start({ transport: 'sockets', stores: 3, splitKeys: [utf8('m')] })
  })
  after(() => cluster.close())

  const open = (namespace?: string): Promise<StorageProvider> =>
    openProvider({
      kind: 'tikv',
      pdEndpoints: [...cluster.pdEndpoints],
      ...(namespace === undefined ? {} : { namespace }),
    })

  test('two processes see the same data, other namespaces do not', async () => {
    await using first = await open('one')
    await using second = await open('one')
    await using other = await open('two')
    await first.write([{ type: 'put', key: utf8('k'), value: utf8('v') }])
    const read = (provider: StorageProvider): Promise<Uint8Array | undefined> =>
      provider.transact((tx) => tx.get(utf8('k')))
    assert.equal(text(await read(second)), 'v')
    assert.equal(await read(other), undefined)
    assert.deepEqual([first.capabilities.distributed, first.capabilities.durability], [true, ['sync']])
  })

  test('increments of two processes add up, pessimistic ones in one run each', async () => {
    await using first = await open('count')
    await using second = await open('count')
    let runs = 0
    const increment = (provider: StorageProvider): Promise<void> =>
      provider.transact(
        async (tx) => {
          runs += 1
          const count = Number(text((await tx.get(utf8('n'))) ?? utf8('0')))
          tx.put(utf8('n'), utf8(String(count + 1)))
        },
        { mode: 'pessimistic' },
      )
    await Promise.all(Array.from({ length: 20 }, (_, at) => increment(at % 2 === 0 ? first : second)))
    const count = await first.transact((tx) => tx.get(utf8('n')))
    assert.deepEqual([text(count), runs], ['20', 20])
  })

  test('a lock before the first read: what the holder wrote elsewhere is seen, and written without a conflict', async () => {
    await using provider = await open('guard')
    const holder = await provider.begin()
    await holder.lock([utf8('guard')])
    const waiter = await provider.begin()
    const waiting = waiter.lock([utf8('guard')])
    holder.put(utf8('n'), utf8('1'))
    await holder.commit()
    await waiting
    assert.equal(text(await waiter.get(utf8('n'))), '1')
    waiter.put(utf8('n'), utf8('2'))
    await waiter.commit()
  })

  test('a server of TiKV before 6.3.0 is refused: at the start, and when it comes later', async () => {
    await using own = await TestCluster.start({ transport: 'sockets', stores: 1 })
    const openOwn = (): Promise<StorageProvider> =>
      openProvider({ kind: 'tikv', pdEndpoints: [...own.pdEndpoints] })
    own.state.setStoreVersion(1n, 'v6.2.0')
    const refused = (error: unknown): boolean =>
      hasCode(error, 'STORAGE_UNSUPPORTED') &&
      error.reason.startsWith(
        `store 1 (${own.state.store(1n).address}) is TiKV v6.2.0, and 6.3.0 is the oldest version that can be used`,
      )
    await assert.rejects(openOwn(), refused)
    own.state.setStoreVersion(1n, '6.3.0')
    await using provider = await openOwn()
    own.state.setStoreVersion(1n, 'v6.2.0')
    const insert = provider.transact(
      async (tx) => {
        tx.insert(utf8('k'), utf8('v'))
      },
      { mode: 'pessimistic' },
    )
    await assert.rejects(insert, refused)
  })

  test('any number of calls of one transaction and one snapshot go on at once, without a warning', async () => {
    await using provider = await open('many')
    const warnings: string[] = []
    const onWarning = (warning: Error): void => void warnings.push(warning.message)
    process.on('warning', onWarning)
    const tx = await provider.begin()
    await using snapshot = await provider.snapshot()
    const keys = Array.from({ length: 50 }, (_, at) => utf8(`key ${at}`))
    await Promise.all(keys.flatMap((key) => [tx.get(key), snapshot.get(key)]))
    for (const key of keys) tx.put(key, key)
    await tx.commit()
    // A warning is given in a later turn.
    await systemEnv.timers.nextTurn()
    process.off('warning', onWarning)
    assert.deepEqual(warnings, [])
  })

  test('what it cannot do is refused', async () => {
    await assert.rejects(open('a:b'), (error) => hasCode(error, 'CONFIG_INVALID'))
    await assert.rejects(
      openProvider({ kind: 'tikv', pdEndpoints: ['127.0.0.1:1'], timeoutMs: 50 }),
      (error) => hasCode(error, 'STORAGE_UNAVAILABLE'),
    )
    await using provider = await open('refusals')
    await assert.rejects(provider.begin({ durability: 'os' }), (error) =>
      hasCode(error, 'STORAGE_UNSUPPORTED'),
    )
  })
})

describe('the health of the tikv provider', () => {
  test(
    'is degraded while a store is down, and unhealthy without stores and without PD',
    { timeout: 60_000 },
    async () => {
      const cluster = await TestCluster.start({ transport: 'sockets', stores: 3 })
      const provider = await openProvider({ kind: 'tikv', pdEndpoints: [...cluster.pdEndpoints] })
      const statusAndReason = async (): Promise<readonly (string | undefined)[]> => {
        const { status, reason } = await provider.health()
        return [status, reason]
      }
      try {
        assert.deepEqual(await statusAndReason(), ['healthy', undefined])
        const [first = 0n, ...others] = cluster.storeIds
        await cluster.stopStore(first)
        const { address } = cluster.state.store(first)
        const { status, reason } = await provider.health()
        assert.deepEqual(
          [status, reason],
          ['degraded', `of the stores, these do not answer: ${String(first)} (${address})`],
        )
        await provider.write([{ type: 'put', key: utf8('k'), value: utf8('v') }])
        await cluster.startStore(first)
        assert.deepEqual(await statusAndReason(), ['healthy', undefined])
        for (const store of [first, ...others]) await cluster.stopStore(store)
        const without = await provider.health()
        assert.deepEqual([without.status, without.reason?.slice(0, 16)], ['unhealthy', 'no store answers'])
        for (const store of [first, ...others]) await cluster.startStore(store)
        assert.deepEqual(await statusAndReason(), ['healthy', undefined])
        await cluster.close()
        const lost = await provider.health()
        assert.deepEqual([lost.status, lost.reason?.slice(0, 20)], ['unhealthy', 'PD cannot be reached'])
      } finally {
        await provider.close()
        await cluster.close()
      }
    },
  )
})
