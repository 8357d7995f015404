import type { Region, Store, Peer } from '../gen/metapb.js'
import type { StoreStats } from '../gen/pdpb.js'
import type { KeyspaceMeta } from '../gen/keyspacepb.js'
import type { KeyRange } from '../key-range.js'
import type { Timestamp } from '../timestamp.js'

/** A region as PD knows it. `leader` is absent while an election runs. */
export interface RegionInfo {
  readonly region: Region
  readonly leader: Peer | undefined
  readonly downPeers: readonly Peer[]
  readonly pendingPeers: readonly Peer[]
  /** Where it was asked for, and PD knows them. */
  readonly buckets?: RegionBuckets | undefined
}

/** The keys at which a region is cut finer, those of its boundaries among them; they change without its epoch. */
export interface RegionBuckets {
  readonly version: bigint
  readonly keys: readonly Uint8Array[]
}

export interface StoreWithStatistics {
  readonly store: Store
  readonly statistics: StoreStats | undefined
}

export interface PdCallOptions {
  readonly signal?: AbortSignal | undefined
  /** Default: the client's `pd_server_timeout` (3 s). */
  readonly timeoutMs?: number | undefined
}

export interface RegionLookupOptions extends PdCallOptions {
  /** Lets a PD follower answer, where the client is configured for that; its answer may be a little old. Default false. */
  readonly allowFollower?: boolean | undefined
  /** Gives the region's buckets too. Default false. */
  readonly buckets?: boolean | undefined
}

/**
 * What the rest of the client asks of PD. Keys are as PD stores them: whoever needs user keys wraps the client in
 * a codec (`codec/codec-pd-client.ts`).
 *
 * Errors: `PD_UNAVAILABLE` when no member answers in time, `PD_CLUSTER_MISMATCH`, `PD_REFUSED` with PD's own
 * message, `TSO_FALLBACK`, `ABORTED`, `CLIENT_CLOSED`. Nothing waits without a deadline.
 */
export interface PdClient extends AsyncDisposable {
  readonly clusterId: bigint

  /** A fresh timestamp, larger than every one that was given out before the call. Calls of one turn share a request. */
  getTimestamp(options?: PdCallOptions): Promise<Timestamp>
  /** A timestamp at most about 2 s old and never ahead of PD: for lock expiry, never as a start timestamp. */
  lowResolutionTimestamp(options?: PdCallOptions): Promise<Timestamp>
  /** About `agoMs` ago, for stale reads. */
  staleTimestamp(agoMs: number, options?: PdCallOptions): Promise<Timestamp>
  /** @throws `INVALID_ARGUMENT` for a read timestamp that PD has not reached. */
  validateReadTimestamp(timestamp: Timestamp, options?: PdCallOptions): Promise<void>
  getMinTimestamp(options?: PdCallOptions): Promise<Timestamp>

  getRegion(key: Uint8Array, options?: RegionLookupOptions): Promise<RegionInfo | undefined>
  /**
   * As `getRegion`, of the first of these members that answers, leader or not: what that one believes.
   * @throws `PD_UNAVAILABLE` when none answers, `INVALID_ARGUMENT` for an address that is none
   */
  getRegionFromMember(
    key: Uint8Array,
    members: readonly string[],
    options?: RegionLookupOptions,
  ): Promise<RegionInfo | undefined>
  /** The region that ends at or holds the keys just before `key`. */
  getPreviousRegion(key: Uint8Array, options?: RegionLookupOptions): Promise<RegionInfo | undefined>
  getRegionById(id: bigint, options?: RegionLookupOptions): Promise<RegionInfo | undefined>
  scanRegions(range: KeyRange, limit: number, options?: RegionLookupOptions): Promise<readonly RegionInfo[]>
  /** Regions of many ranges in one call; falls back to `scanRegions` where PD lacks it. */
  batchScanRegions(
    ranges: readonly KeyRange[],
    limit: number,
    options?: RegionLookupOptions,
  ): Promise<readonly RegionInfo[]>

  /** Undefined for a store that is unknown or a tombstone. */
  getStore(id: bigint, options?: PdCallOptions): Promise<Store | undefined>
  /** A store with what it said of itself in its latest heartbeat, where PD has had one; otherwise as `getStore`. */
  getStoreStatistics(id: bigint, options?: PdCallOptions): Promise<StoreWithStatistics | undefined>
  getAllStores(options?: PdCallOptions & { readonly includeTombstones?: boolean }): Promise<readonly Store[]>

  /** @throws `KEYSPACE_UNAVAILABLE` when it does not exist or is not enabled. */
  loadKeyspace(name: string, options?: PdCallOptions): Promise<KeyspaceMeta>
  getAllKeyspaces(startId: number, limit: number, options?: PdCallOptions): Promise<readonly KeyspaceMeta[]>

  readonly gc: PdGc

  splitRegions(keys: readonly Uint8Array[], options?: PdCallOptions): Promise<SplitProgress>
  splitAndScatterRegions(
    keys: readonly Uint8Array[],
    options?: PdCallOptions & { group?: string },
  ): Promise<SplitProgress>
  scatterRegions(ids: readonly bigint[], options?: PdCallOptions & { group?: string }): Promise<void>
  getOperator(regionId: bigint, options?: PdCallOptions): Promise<OperatorStatus | undefined>

  getExternalTimestamp(options?: PdCallOptions): Promise<Timestamp>
  setExternalTimestamp(timestamp: Timestamp, options?: PdCallOptions): Promise<void>

  describe(): PdDiagnostics
  close(): Promise<void>
}

/** Safe points and what holds them back. Falls back to the older service-safe-point calls where PD lacks the GC API. */
export interface PdGc {
  /** Asked for the barriers of all keyspaces only when told so: it costs PD more. */
  getState(options?: PdCallOptions & { readonly globalBarriers?: boolean }): Promise<GcState>
  /** No transaction that started before `target` is allowed any longer; gives what PD settled on. */
  advanceTxnSafePoint(
    target: Timestamp,
    options?: PdCallOptions,
  ): Promise<{ old: Timestamp; new: Timestamp; blocker: string }>
  advanceGcSafePoint(target: Timestamp, options?: PdCallOptions): Promise<{ old: Timestamp; new: Timestamp }>
  /** `Infinity` for a barrier without end. @throws `INVALID_ARGUMENT` for a time to live that is none. */
  setBarrier(id: string, timestamp: Timestamp, ttlMs: number, options?: PdCallOptions): Promise<GcBarrier>
  deleteBarrier(id: string, options?: PdCallOptions): Promise<GcBarrier | undefined>
  /** As `setBarrier`, for all keyspaces. */
  setGlobalBarrier(
    id: string,
    timestamp: Timestamp,
    ttlMs: number,
    options?: PdCallOptions,
  ): Promise<GcBarrier>
  deleteGlobalBarrier(id: string, options?: PdCallOptions): Promise<GcBarrier | undefined>
  /** The older calls, which every PD has. */
  updateSafePoint(target: Timestamp, options?: PdCallOptions): Promise<Timestamp>
  updateServiceSafePoint(
    serviceId: string,
    ttlSeconds: number,
    target: Timestamp,
    options?: PdCallOptions,
  ): Promise<ServiceSafePoint>
}

export interface GcState {
  readonly txnSafePoint: Timestamp
  readonly gcSafePoint: Timestamp
  readonly barriers: readonly GcBarrier[]
  /** Those that hold for all keyspaces, where they were asked for. */
  readonly globalBarriers?: readonly GcBarrier[] | undefined
}

/** The smallest service safe point, and the service that holds it. */
export interface ServiceSafePoint {
  readonly minimum: Timestamp
  readonly holder: string
}

export interface GcBarrier {
  readonly id: string
  readonly timestamp: Timestamp
  readonly ttlMs: number
}

export interface SplitProgress {
  readonly finishedPercentage: number
  readonly regionIds: readonly bigint[]
}

export interface OperatorStatus {
  readonly regionId: bigint
  readonly description: string
  readonly status: 'success' | 'timeout' | 'cancel' | 'replace' | 'running'
}

export interface PdDiagnostics {
  readonly clusterId: bigint
  readonly leader: string | undefined
  readonly members: readonly {
    readonly name: string
    readonly urls: readonly string[]
    readonly healthy: boolean
  }[]
  readonly pendingTimestamps: number
}
