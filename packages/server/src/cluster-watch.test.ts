import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { ActorRegionMapper, DataLocalityOptimizer, locateIn, StorageClusterNodes } from '@orbit-ts/actors'
import { defined, Metrics, silentLogger, systemEnv, TestEnv, utf8 } from '@orbit-ts/base'
import { actorKeys, clusterOf, ProviderRegistry } from '@orbit-ts/storage'
import { TestCluster } from '@orbit-ts/tikv/testing'
import { ClusterWatch } from './cluster-watch.js'
import { observeClusters } from './metrics/cluster-metrics.js'
import { observePlacement } from './metrics/placement-metrics.js'

const CAPACITY_BYTES = 100 * 1024 ** 3
const CART = { type: 'Cart', key: '7' }

describe('the watch over a cluster', () => {
  let cluster: TestCluster
  let providers: ProviderRegistry
  before(async () => {
    cluster = await TestCluster.start({ transport: 'sockets', stores: 3 })
    cluster.splitAt(utf8('m'))
    providers = await ProviderRegistry.open({
      providers: {
        local: { kind: 'memory' },
        tikv: { kind: 'tikv', pdEndpoints: [...cluster.pdEndpoints] },
      },
      roles: { addressable: 'tikv' },
    })
  })
  after(async () => {
    await providers.close()
    await cluster.close()
  })

  const watching = (
    options: { readonly regionsMax?: number } = {},
  ): {
    readonly watch: ClusterWatch
    readonly mapper: ActorRegionMapper
    readonly nodes: StorageClusterNodes
    readonly optimizer: DataLocalityOptimizer
    readonly lines: (name: string) => Promise<string[]>
  } => {
    const metrics = new Metrics()
    const nodes = new StorageClusterNodes(providers.get('local'), { env: systemEnv })
    const locate = locateIn(defined(clusterOf(providers.get('tikv')), 'the cluster'))
    const mapper = new ActorRegionMapper({ nodes: [], locate })
    const watch = new ClusterWatch({
      registry: providers,
      nodes,
      mapper,
      intervalMs: 30_000,
      regionsMax: options.regionsMax ?? 100,
      env: new TestEnv(),
      logger: silentLogger,
      metrics,
    })
    observeClusters(metrics, watch)
    const optimizer = new DataLocalityOptimizer(mapper)
    observePlacement(metrics, { mapper, optimizer })
    const lines = async (name: string): Promise<string[]> =>
      (await metrics.render()).split('\n').filter((line) => line.startsWith(name))
    return { watch, mapper, nodes, optimizer, lines }
  }

  it('reports regions, servers and safe points as PD knows them', async () => {
    const { watch, lines } = watching()
    assert.deepEqual(await lines('orbit_cluster_region_count'), [])
    await watch.runOnce()
    assert.deepEqual(await lines('orbit_cluster_region_count'), [
      'orbit_cluster_region_count{provider="tikv"} 2',
    ])
    assert.deepEqual(await lines('orbit_cluster_regions_troubled'), [
      'orbit_cluster_regions_troubled{provider="tikv",trouble="no_leader"} 0',
      'orbit_cluster_regions_troubled{provider="tikv",trouble="down_peer"} 0',
      'orbit_cluster_regions_troubled{provider="tikv",trouble="pending_peer"} 0',
    ])
    const store = (id: bigint): string =>
      `{provider="tikv",store="${id}",address="${cluster.state.store(id).address}"}`
    const used = 2 * 1024 ** 2
    const ofStores = (name: string, value: (id: bigint) => number): string[] =>
      cluster.storeIds.map((id) => `${name}${store(id)} ${value(id)}`)
    for (const [name, value] of [
      ['orbit_cluster_store_capacity_bytes', CAPACITY_BYTES],
      ['orbit_cluster_store_available_bytes', CAPACITY_BYTES - used],
      ['orbit_cluster_store_used_bytes', used],
      ['orbit_cluster_store_regions', 2],
      ['orbit_cluster_store_busy', 0],
    ] as const)
      assert.deepEqual(
        await lines(name),
        ofStores(name, () => value),
      )
    const leads = (id: bigint): number =>
      cluster.state.regions().filter(({ leader }) => leader?.storeId === id).length
    assert.deepEqual(
      await lines('orbit_cluster_store_leaders'),
      ofStores('orbit_cluster_store_leaders', leads),
    )
    assert.deepEqual(await lines('orbit_cluster_safe_point_seconds'), [
      'orbit_cluster_safe_point_seconds{provider="tikv",kind="transaction"} 0',
      'orbit_cluster_safe_point_seconds{provider="tikv",kind="gc"} 0',
    ])
  })

  it('tells the mapper of splits, merges and leaders of regions with keys of actors', async () => {
    const { watch, mapper, lines } = watching()
    const before = await mapper.regionOf(CART)
    assert.ok(before !== undefined)
    await watch.runOnce()
    assert.deepEqual(mapper.metrics().regions, 1)
    const [left, right] = cluster.splitAt(actorKeys.state({ type: 'Cart', key: '5' }))
    assert.ok(left !== undefined && right !== undefined)
    await watch.runOnce()
    const found = await mapper.regionOf(CART)
    assert.equal(found?.id, Number(right.region.id))
    assert.deepEqual([mapper.metrics().regions, mapper.metrics().splits], [2, 1])
    const target = defined(
      cluster.storeIds.find((id) => Number(id) !== found.storeId),
      'another store',
    )
    cluster.state.transferLeader(right.region.id, target)
    await watch.runOnce()
    assert.equal((await mapper.regionOf(CART))?.storeId, Number(target))
    cluster.state.mergeRegions(left.region.id, right.region.id)
    await watch.runOnce()
    assert.equal((await mapper.regionOf(CART))?.id, Number(right.region.id))
    assert.deepEqual(await lines('orbit_actor_region_changes_total'), [
      'orbit_actor_region_changes_total{change="split"} 1',
      'orbit_actor_region_changes_total{change="merge"} 1',
      'orbit_actor_region_changes_total{change="move"} 1',
      'orbit_actor_region_changes_total{change="stale"} 0',
    ])
    assert.deepEqual(await lines('orbit_actor_region_mappings'), ['orbit_actor_region_mappings 1'])
    assert.deepEqual(await lines('orbit_actor_region_lookups_total'), [
      'orbit_actor_region_lookups_total{result="hit"} 3',
      'orbit_actor_region_lookups_total{result="miss"} 1',
    ])
  })

  it('follows the membership of nodes', async () => {
    const { watch, mapper, nodes } = watching()
    const { node } = await nodes.join({ id: 'n1', url: 'http://10.0.0.1' }, { ttlMs: 60_000 })
    await nodes.join({ id: 'n2', url: 'http://10.0.0.2' }, { ttlMs: 60_000 })
    await watch.runOnce()
    assert.deepEqual([...mapper.nodes].sort(), ['n1', 'n2'])
    await nodes.leave(node)
    await watch.runOnce()
    assert.deepEqual(mapper.nodes, ['n2'])
  })

  it('reports the score and the moves of actors once there was a round', async () => {
    const { mapper, optimizer, lines } = watching()
    assert.deepEqual(await lines('orbit_data_locality_score'), ['orbit_data_locality_score Nan'])
    mapper.addNode('n1')
    await optimizer.optimizePlacement({
      nodes: [{ id: 'n1', load: 0 }],
      actors: [{ actor: CART, accesses: [], calls: [], stateSizeBytes: 0, load: 0 }],
      latencyMs: () => 1,
    })
    assert.deepEqual(await lines('orbit_data_locality_score'), ['orbit_data_locality_score 1'])
    assert.deepEqual(await lines('orbit_data_locality_rounds_total'), ['orbit_data_locality_rounds_total 1'])
    assert.deepEqual(await lines('orbit_migration_operations_total'), [
      'orbit_migration_operations_total{result="done"} 0',
      'orbit_migration_operations_total{result="failed"} 0',
    ])
  })

  it('leaves out figures of more regions than it looks at', async () => {
    const { watch, lines } = watching({ regionsMax: 1 })
    await watch.runOnce()
    assert.deepEqual(await lines('orbit_cluster_region_count'), [])
    assert.equal((await lines('orbit_cluster_store_capacity_bytes')).length, 3)
    assert.deepEqual(await lines('orbit_cluster_store_leaders'), [])
  })

  it('knows nothing of a cluster that does not answer, and says so', { timeout: 60_000 }, async () => {
    const lost = await TestCluster.start({ transport: 'sockets' })
    const alone = await ProviderRegistry.open({
      providers: { tikv: { kind: 'tikv', pdEndpoints: [...lost.pdEndpoints], timeoutMs: 1000 } },
    })
    const metrics = new Metrics()
    const watch = new ClusterWatch({
      registry: alone,
      nodes: new StorageClusterNodes(alone.get('tikv'), { env: systemEnv }),
      mapper: new ActorRegionMapper({ nodes: [] }),
      intervalMs: 30_000,
      regionsMax: 100,
      env: new TestEnv(),
      logger: silentLogger,
      metrics,
    })
    await watch.runOnce()
    assert.deepEqual([...watch.facts.keys()], ['tikv'])
    await lost.close()
    await watch.runOnce()
    assert.deepEqual([...watch.facts.keys()], [])
    // The membership, and the cluster.
    assert.match(await metrics.render(), /^orbit_cluster_watch_errors_total\{provider="tikv"\} 2$/m)
    await alone.close()
  })
})
