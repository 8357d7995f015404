import type { StoreFacts } from '@orbit-ts/tikv'
import type { KeyRange, StorageProvider } from '../../provider.js'

/** A region that holds keys of the store, as PD knows it. Keys are the store's own, cut to those it has. */
export interface RegionPlace {
  readonly id: number
  /** Grows with every split and merge. */
  readonly version: number
  /** Grows with every change of its peers. */
  readonly confVersion: number
  /** Empty: it holds the first keys of the store. */
  readonly startKey: Uint8Array
  /** Empty: it holds the last. */
  readonly endKey: Uint8Array
  /** The server of its leader; undefined while it has none. */
  readonly storeId: number | undefined
  readonly peers: number
  /** Peers whose server does not answer, and peers that are behind. */
  readonly downPeers: number
  readonly pendingPeers: number
}

/** How far old versions have been given up. Milliseconds since 1970. */
export interface SafePoints {
  readonly transactionMs: number
  readonly gcMs: number
}

/** What a cluster says of itself. All of it is asked of PD, and fails with `STORAGE_UNAVAILABLE` when that is lost. */
export interface StorageCluster {
  /** Undefined while PD knows none. */
  regionOf(key: Uint8Array): Promise<RegionPlace | undefined>
  /** In key order, in chunks. While regions change, parts of some may be missing, or come twice. */
  regions(range?: KeyRange): AsyncIterable<readonly RegionPlace[]>
  /** The servers, with the figures of their latest heartbeats. */
  stores(): Promise<readonly StoreFacts[]>
  safePoints(): Promise<SafePoints>
  /** Takes the places of the store's first `limit` regions into memory; gives how many there are. */
  loadRegions(limit: number): Promise<number>
  /** How many regions of the range are in memory: for estimates. Asks nobody. */
  cachedRegions(range: KeyRange): number
}

/** The cluster that a provider is on; undefined for those that are on none, or cannot say. */
export function clusterOf(provider: StorageProvider): StorageCluster | undefined {
  if (!('cluster' in provider)) return undefined
  // Only the provider of TiKV has it, and who stands before one hands it on.
  return provider.cluster as StorageCluster | undefined
}
