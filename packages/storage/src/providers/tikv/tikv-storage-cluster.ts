import { physicalMs, type RegionInfo, type StoreFacts } from '@orbit-ts/tikv'
import type { KeyRange } from '../../provider.js'
import type { StorageCluster, RegionPlace, SafePoints } from './storage-cluster.js'
import type { TikvStore } from './tikv-store.js'

/** A cluster as PD shows it, with the keys of one store. */
export class TikvStorageCluster implements StorageCluster {
  readonly #store: TikvStore

  constructor(store: TikvStore) {
    this.#store = store
  }

  regionOf(key: Uint8Array): Promise<RegionPlace | undefined> {
    return this.#asking(async ({ client, keys }) => {
      const found = await client.admin.region(keys.encode(key))
      return found && this.#placeOf(found)
    })
  }

  async *regions(range: KeyRange = {}): AsyncGenerator<readonly RegionPlace[], void, void> {
    const { client, keys } = this.#store
    const pages = client.admin.regions(keys.range(range))
    for (;;) {
      const page = await this.#asking(() => pages.next())
      if (page.done === true) return
      const places = page.value.flatMap((region) => this.#placeOf(region) ?? [])
      if (places.length > 0) yield places
    }
  }

  stores(): Promise<readonly StoreFacts[]> {
    return this.#asking(({ client }) => client.admin.storeFacts())
  }

  safePoints(): Promise<SafePoints> {
    return this.#asking(async ({ client }) => {
      const { txnSafePoint, gcSafePoint } = await client.admin.gcState()
      return { transactionMs: physicalMs(txnSafePoint), gcMs: physicalMs(gcSafePoint) }
    })
  }

  loadRegions(limit: number): Promise<number> {
    return this.#asking(({ client, keys }) => client.admin.loadRegions(keys.range({}), limit))
  }

  cachedRegions(range: KeyRange): number {
    const { client, keys } = this.#store
    return client.admin.cachedRegions(keys.range(range))
  }

  /** Undefined for a region without keys of the store. */
  #placeOf({ region, leader, downPeers, pendingPeers }: RegionInfo): RegionPlace | undefined {
    const { keys } = this.#store
    const endKey = keys.decodeEnd(region.endKey)
    if (endKey === undefined) return undefined
    return {
      id: Number(region.id),
      version: Number(region.regionEpoch?.version ?? 0),
      confVersion: Number(region.regionEpoch?.confVer ?? 0),
      startKey: keys.decodeStart(region.startKey),
      endKey,
      storeId: leader === undefined ? undefined : Number(leader.storeId),
      peers: region.peers.length,
      downPeers: downPeers.length,
      pendingPeers: pendingPeers.length,
    }
  }

  async #asking<T>(work: (store: TikvStore) => Promise<T>): Promise<T> {
    try {
      return await work(this.#store)
    } catch (error) {
      throw this.#store.failure(error)
    }
  }
}
