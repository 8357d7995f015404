import { OrbitError, type Env } from '@orbit-ts/base'
import type { Region } from '../gen/metapb.js'
import type { RegionInfo } from '../pd/pd-client.js'
import type { Backoffer } from '../retry/backoffer.js'
import { CachedRegion, isSamePeer, type RegionLife, type RegionReplica } from './cached-region.js'
import type { StoreCache } from './store-cache.js'
import type { Store } from './store.js'

export interface RegionBuilderOptions {
  readonly env: Env
  readonly ttlMs: number
  readonly stores: StoreCache
}

/** The time to live varies by up to a tenth: 600 s to 660 s by default. */
const JITTER_SHARE = 0.1

/** Makes cached regions of what PD or a store says: resolves their stores, leaves out the peers that cannot be asked. */
export class RegionBuilder {
  readonly #env: Env
  readonly #stores: StoreCache
  readonly #life: RegionLife

  constructor({ env, ttlMs, stores }: RegionBuilderOptions) {
    this.#env = env
    this.#stores = stores
    this.#life = { ttlMs, jitterMs: ttlMs * JITTER_SHARE, random: () => env.random.float() }
  }

  /** One attempt: fails when PD does not tell about a store, or no peer can be asked (`REGION_UNAVAILABLE`). */
  async build(info: RegionInfo): Promise<CachedRegion> {
    const stores = info.region.peers.map((peer) => this.#stores.get(peer.storeId))
    for (const store of stores) if (store.state === 'unresolved') await this.#stores.resolveOnce(store)
    const replicas = usableReplicas(info, stores)
    if (replicas.length === 0) throw noReplicas(info.region)
    const { leader } = info
    const found = leader === undefined ? -1 : replicas.findIndex(({ peer }) => isSamePeer(peer, leader))
    return new CachedRegion(
      {
        meta: info.region,
        epoch: info.region.regionEpoch ?? { confVer: 0n, version: 0n },
        replicas,
        leaderIndex: Math.max(found, 0),
        hasDownPeers: info.downPeers.length > 0,
      },
      this.#life,
      this.#env.clock.monotonicMs(),
    )
  }

  /** A region that a store told of: that store is taken for its leader. */
  async buildFromStore(backoffer: Backoffer, meta: Region, store: Store): Promise<CachedRegion> {
    for (const peer of meta.peers) await this.#stores.resolve(backoffer, this.#stores.get(peer.storeId))
    const leader = meta.peers.find((peer) => peer.storeId === store.id)
    return this.build({ region: meta, leader, downPeers: [], pendingPeers: [] })
  }
}

/** Peers on TiKV servers that are there; a witness only when it leads. */
function usableReplicas(info: RegionInfo, stores: readonly Store[]): RegionReplica[] {
  const replicas: RegionReplica[] = []
  for (const [index, peer] of info.region.peers.entries()) {
    const store = stores[index]
    if (store === undefined || store.state === 'tombstone' || store.isTiFlash) continue
    if (info.downPeers.some((down) => isSamePeer(down, peer))) continue
    if (peer.isWitness && (info.leader === undefined || !isSamePeer(peer, info.leader))) continue
    replicas.push({ peer, store, storeEpoch: store.epoch })
  }
  return replicas
}

function noReplicas(region: Region): OrbitError {
  return new OrbitError('REGION_UNAVAILABLE', `region ${region.id} has no peer on a TiKV server that is up`, {
    regionId: String(region.id),
    peers: region.peers.map((peer) => ({ id: String(peer.id), storeId: String(peer.storeId) })),
  })
}
