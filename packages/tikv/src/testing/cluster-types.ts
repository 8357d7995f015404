import type { Peer, Region, StoreLabel, StoreState } from '../gen/metapb.js'

/** A TiKV server of the test cluster. Values are replaced, never changed in place. */
export interface StoreInfo {
  readonly id: bigint
  /** Where it listens, `host:port`. */
  readonly address: string
  /** What PD has recorded: `Up`, `Offline` (being removed) or `Tombstone`. A stopped store is still `Up`. */
  readonly state: StoreState
  /** Whether its process runs. */
  readonly running: boolean
  readonly labels: readonly StoreLabel[]
  readonly version: string
  /** When the process last started, Unix seconds. */
  readonly startTimestamp: bigint
}

/** A region with its leader. `region` is replaced, never changed in place; its keys are those of PD. */
export interface RegionState {
  readonly region: Region
  /** As the last heartbeat told PD. Absent while an election runs or without a majority of peers. */
  readonly leader: Peer | undefined
  readonly term: bigint
}

/** What changed; the values are those after the change. */
export type ClusterEvent =
  | { readonly kind: 'store'; readonly store: StoreInfo }
  | { readonly kind: 'region'; readonly region: RegionState }
  | { readonly kind: 'region-removed'; readonly regionId: bigint }

/** How the first stores and regions are made. */
export interface BootstrapOptions {
  /** Default 3. */
  readonly stores?: number
  /** Where the first regions are cut, as PD has the keys. Default: one region over everything. */
  readonly splitKeys?: readonly Uint8Array[]
  /** Peers of a region. Default 3, at most the number of stores. */
  readonly replicas?: number
  /** Address of the n-th store, from 0. Default `store-1:20160`, `store-2:20160`, … */
  readonly address?: (index: number) => string
  readonly labels?: (index: number) => readonly StoreLabel[]
}
