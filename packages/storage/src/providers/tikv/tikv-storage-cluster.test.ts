import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { fromUtf8, utf8 } from '@orbit-ts/base'
import { TestCluster } from '@orbit-ts/tikv/testing'
import { DistributedTransactionCoordinator } from '../../distributed/distributed-transaction-coordinator.js'
import type { StorageProvider } from '../../provider.js'
import { openProvider } from '../open-provider.js'
import { clusterOf, type StorageCluster, type RegionPlace } from './storage-cluster.js'

const CAPACITY_BYTES = 100 * 1024 ** 3

describe('the cluster as the provider shows it', () => {
  let cluster: TestCluster
  let provider: StorageProvider
  let view: StorageCluster
  before(async () => {
    cluster = await TestCluster.start({ transport: 'sockets', stores: 3 })
    for (const key of ['a', 'ns:', 'ns:g', 'ns:p', 'z']) cluster.splitAt(utf8(key))
    provider = await openProvider({ kind: 'tikv', pdEndpoints: [...cluster.pdEndpoints], namespace: 'ns' })
    const found = clusterOf(provider)
    assert.ok(found !== undefined)
    view = found
  })
  after(async () => {
    await provider.close()
    await cluster.close()
  })

  async function places(): Promise<RegionPlace[]> {
    const found: RegionPlace[] = []
    for await (const chunk of view.regions()) found.push(...chunk)
    return found
  }

  test('has the regions of its keys, cut to them', async () => {
    const found = await places()
    assert.deepEqual(
      found.map(({ startKey, endKey }) => [fromUtf8(startKey), fromUtf8(endKey)]),
      [
        ['', 'g'],
        ['g', 'p'],
        ['p', ''],
      ],
    )
    for (const [key, at] of [
      ['', 0],
      ['f', 0],
      ['g', 1],
      ['x', 2],
    ] as const)
      assert.deepEqual(await view.regionOf(utf8(key)), found[at])
    const [first] = found
    assert.deepEqual([first?.peers, first?.downPeers, first?.pendingPeers], [3, 0, 0])
    assert.equal(await view.loadRegions(2), 2)
    assert.equal(view.cachedRegions({}), 2)
    assert.equal(await view.loadRegions(100), 3)
    assert.equal(view.cachedRegions({}), 3)
    assert.equal(view.cachedRegions({ start: utf8('a'), end: utf8('g') }), 1)
    assert.equal(view.cachedRegions({ start: utf8('a'), end: utf8('h') }), 2)
    assert.equal(view.cachedRegions({ start: utf8('p') }), 1)
    assert.equal(provider.metrics().engine['cached_regions'], 3)
  })

  test('follows splits and leaders', async () => {
    const [before] = await places()
    assert.ok(before !== undefined)
    cluster.splitAt(utf8('ns:c'))
    const [left, right] = await places()
    assert.deepEqual(
      [fromUtf8(left?.endKey ?? utf8('?')), fromUtf8(right?.startKey ?? utf8('?'))],
      ['c', 'c'],
    )
    assert.ok((left?.version ?? 0) > before.version && (right?.version ?? 0) > before.version)
    const target = cluster.storeIds.find((id) => Number(id) !== left?.storeId) ?? 0n
    cluster.state.transferLeader(BigInt(left?.id ?? 0), target)
    assert.equal((await view.regionOf(utf8('a')))?.storeId, Number(target))
  })

  test('has the figures of the servers, and how far old versions are given up', async () => {
    const stores = await view.stores()
    const count = cluster.state.regions().length
    const usedBytes = count * 1024 ** 2
    assert.deepEqual(
      stores.map(({ id, state, figures }) => [id, state, figures]),
      cluster.storeIds.map((id) => [
        id,
        'up',
        {
          capacityBytes: CAPACITY_BYTES,
          availableBytes: CAPACITY_BYTES - usedBytes,
          usedBytes,
          regionCount: count,
          isBusy: false,
          slowScore: 1,
        },
      ]),
    )
    assert.deepEqual(await view.safePoints(), { transactionMs: 0, gcMs: 0 })
  })

  test('is shown through a coordinator too, and by no other provider', async () => {
    await using memory = await openProvider({ kind: 'memory' })
    await using coordinator = await DistributedTransactionCoordinator.open({
      stores: { provider, memory },
      log: 'provider',
    })
    assert.equal(clusterOf(coordinator.store('provider')), view)
    for (const other of [memory, coordinator.store('memory')]) assert.equal(clusterOf(other), undefined)
  })
})
