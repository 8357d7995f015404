/**
 * Looks at the clusters that the providers are on, at intervals: for metrics, and for the mapper of actors to regions.
 *
 * Invariants:
 * 1. One round at a time; the pause begins when a round has ended.
 * 2. What is known of a cluster is of its latest round. Of one that could not be asked nothing is known.
 * 3. A round looks at `regionsMax` regions of a cluster at most; with more, figures of regions are left out.
 */
import { reportRegions, type ActorRegionMapper, type ClusterNodeProvider } from '@orbit-ts/actors'
import type { Counter, Env, Logger, Metrics, Timer } from '@orbit-ts/base'
import { clusterOf, type ProviderRegistry, type SafePoints, type StorageCluster } from '@orbit-ts/storage'

/** A TiKV server, by the latest heartbeat that PD has had of it. */
export type ServerFacts = Awaited<ReturnType<StorageCluster['stores']>>[number]

export interface RegionFacts {
  readonly count: number
  /** Leaders by the id of their store. */
  readonly leaders: ReadonlyMap<number, number>
  readonly withoutLeader: number
  readonly withDownPeers: number
  readonly withPendingPeers: number
}

export interface ClusterFacts {
  readonly stores: readonly ServerFacts[]
  readonly safePoints: SafePoints
  /** Undefined where there are too many. */
  readonly regions: RegionFacts | undefined
}

export interface ClusterWatchOptions {
  readonly registry: ProviderRegistry
  readonly nodes: ClusterNodeProvider
  readonly mapper: ActorRegionMapper
  readonly intervalMs: number
  readonly regionsMax: number
  readonly env: Env
  readonly logger: Logger
  readonly metrics: Metrics
}

export class ClusterWatch {
  readonly #options: ClusterWatchOptions
  readonly #clusters: ReadonlyMap<string, StorageCluster>
  readonly #facts = new Map<string, ClusterFacts>()
  readonly #errors: Counter<'provider'>
  #timer: Timer | undefined
  #isStopped = false

  constructor(options: ClusterWatchOptions) {
    this.#options = options
    const { registry, metrics } = options
    this.#clusters = new Map(
      registry.names.flatMap((name) => {
        const cluster = clusterOf(registry.get(name))
        return cluster === undefined ? [] : [[name, cluster] as const]
      }),
    )
    this.#errors = metrics.counter({
      name: 'orbit_cluster_watch_errors_total',
      help: 'Rounds in which a cluster, or the membership of nodes, could not be asked.',
      labels: ['provider'],
    })
  }

  /** By provider; those that are on no cluster are not among them. */
  get facts(): ReadonlyMap<string, ClusterFacts> {
    return this.#facts
  }

  /** Begins the rounds with one at once. Without a cluster there is nothing to begin. */
  start(): void {
    if (this.#clusters.size > 0) this.#begin()
  }

  /** Ends the rounds. One that is running ends with the providers that it asks, and tells nobody. */
  stop(): void {
    this.#isStopped = true
    this.#timer?.cancel()
  }

  /** One round. Never fails: what cannot be asked is counted and logged. */
  async runOnce(): Promise<void> {
    const { registry } = this.#options
    await this.#attempt(registry.nameFor('cluster'), () => this.#followNodes())
    for (const [name, cluster] of this.#clusters) {
      const isAnswered = await this.#attempt(name, async () => {
        this.#facts.set(name, await this.#ask(name, cluster))
      })
      if (!isAnswered) this.#facts.delete(name)
    }
  }

  async #ask(name: string, cluster: StorageCluster): Promise<ClusterFacts> {
    const [stores, safePoints] = await Promise.all([cluster.stores(), cluster.safePoints()])
    return { stores, safePoints, regions: await this.#askRegions(name, cluster) }
  }

  async #askRegions(name: string, cluster: StorageCluster): Promise<RegionFacts | undefined> {
    const { mapper, regionsMax, registry } = this.#options
    const holdsActors = registry.nameFor('addressable') === name
    const leaders = new Map<number, number>()
    let [count, withoutLeader, withDownPeers, withPendingPeers] = [0, 0, 0, 0]
    for await (const places of cluster.regions()) {
      if (holdsActors) reportRegions(mapper, places)
      for (const { storeId, downPeers, pendingPeers } of places) {
        count++
        if (storeId === undefined) withoutLeader++
        else leaders.set(storeId, (leaders.get(storeId) ?? 0) + 1)
        if (downPeers > 0) withDownPeers++
        if (pendingPeers > 0) withPendingPeers++
      }
      if (count > regionsMax) return undefined
    }
    return { count, leaders, withoutLeader, withDownPeers, withPendingPeers }
  }

  /** The nodes of the mapper are those that are members now. */
  async #followNodes(): Promise<void> {
    const { mapper, nodes } = this.#options
    const members = new Set((await nodes.active()).nodes.map(({ id }) => id))
    for (const node of [...mapper.nodes]) if (!members.has(node)) mapper.removeNode(node)
    for (const node of members) if (!mapper.nodes.includes(node)) mapper.addNode(node)
  }

  async #attempt(provider: string, work: () => Promise<void>): Promise<boolean> {
    try {
      await work()
      return true
    } catch (error) {
      if (this.#isStopped) return false
      this.#errors.add(1, { provider })
      this.#options.logger.warn({ err: error, provider }, 'a cluster could not be looked at')
      return false
    }
  }

  #begin(): void {
    void this.runOnce().then(() => {
      if (!this.#isStopped) this.#schedule()
    })
  }

  #schedule(): void {
    const { env, intervalMs } = this.#options
    this.#timer = env.timers.set(() => this.#begin(), intervalMs)
  }
}
