import { compareBytes } from '@orbit-ts/base'
import type { KeyspaceMeta } from '../gen/keyspacepb.js'
import { Region, type Store } from '../gen/metapb.js'
import type { KeyRange } from '../key-range.js'
import type {
  OperatorStatus,
  PdCallOptions,
  PdClient,
  PdDiagnostics,
  PdGc,
  RegionInfo,
  RegionLookupOptions,
  SplitProgress,
  StoreWithStatistics,
} from '../pd/pd-client.js'
import type { Timestamp } from '../timestamp.js'
import type { ApiCodec } from './api-codec.js'

/** PD as the user's keys see it. Closing it leaves the client below open, which others share. */
export class CodecPdClient implements PdClient {
  readonly gc: PdGc
  readonly #pd: PdClient
  readonly #codec: ApiCodec

  constructor(pd: PdClient, codec: ApiCodec, gc: PdGc = pd.gc) {
    this.#pd = pd
    this.#codec = codec
    this.gc = gc
  }

  get clusterId(): bigint {
    return this.#pd.clusterId
  }

  getTimestamp(options?: PdCallOptions): Promise<Timestamp> {
    return this.#pd.getTimestamp(options)
  }

  lowResolutionTimestamp(options?: PdCallOptions): Promise<Timestamp> {
    return this.#pd.lowResolutionTimestamp(options)
  }

  staleTimestamp(agoMs: number, options?: PdCallOptions): Promise<Timestamp> {
    return this.#pd.staleTimestamp(agoMs, options)
  }

  validateReadTimestamp(timestamp: Timestamp, options?: PdCallOptions): Promise<void> {
    return this.#pd.validateReadTimestamp(timestamp, options)
  }

  getMinTimestamp(options?: PdCallOptions): Promise<Timestamp> {
    return this.#pd.getMinTimestamp(options)
  }

  async getRegion(key: Uint8Array, options?: RegionLookupOptions): Promise<RegionInfo | undefined> {
    return this.#decoded(
      await this.#pd.getRegion(this.#codec.encodeRegionRange({ start: key, end: key }).start, options),
    )
  }

  async getRegionFromMember(
    key: Uint8Array,
    members: readonly string[],
    options?: RegionLookupOptions,
  ): Promise<RegionInfo | undefined> {
    const { start } = this.#codec.encodeRegionRange({ start: key, end: key })
    return this.#decoded(await this.#pd.getRegionFromMember(start, members, options))
  }

  /** An empty key is the end of everything. */
  async getPreviousRegion(key: Uint8Array, options?: RegionLookupOptions): Promise<RegionInfo | undefined> {
    const { start, end } = this.#codec.encodeRegionRange({ start: key, end: key })
    const bound = key.length === 0 ? end : start
    return this.#decoded(await this.#pd.getPreviousRegion(bound, options))
  }

  async getRegionById(id: bigint, options?: RegionLookupOptions): Promise<RegionInfo | undefined> {
    return this.#decoded(await this.#pd.getRegionById(id, options))
  }

  async scanRegions(
    range: KeyRange,
    limit: number,
    options?: RegionLookupOptions,
  ): Promise<readonly RegionInfo[]> {
    return this.#decodedAll(await this.#pd.scanRegions(this.#codec.encodeRegionRange(range), limit, options))
  }

  async batchScanRegions(
    ranges: readonly KeyRange[],
    limit: number,
    options?: RegionLookupOptions,
  ): Promise<readonly RegionInfo[]> {
    const encoded = ranges.map((range) => this.#codec.encodeRegionRange(range))
    return this.#decodedAll(await this.#pd.batchScanRegions(encoded, limit, options))
  }

  getStore(id: bigint, options?: PdCallOptions): Promise<Store | undefined> {
    return this.#pd.getStore(id, options)
  }

  getStoreStatistics(id: bigint, options?: PdCallOptions): Promise<StoreWithStatistics | undefined> {
    return this.#pd.getStoreStatistics(id, options)
  }

  getAllStores(
    options?: PdCallOptions & { readonly includeTombstones?: boolean },
  ): Promise<readonly Store[]> {
    return this.#pd.getAllStores(options)
  }

  loadKeyspace(name: string, options?: PdCallOptions): Promise<KeyspaceMeta> {
    return this.#pd.loadKeyspace(name, options)
  }

  getAllKeyspaces(startId: number, limit: number, options?: PdCallOptions): Promise<readonly KeyspaceMeta[]> {
    return this.#pd.getAllKeyspaces(startId, limit, options)
  }

  splitRegions(keys: readonly Uint8Array[], options?: PdCallOptions): Promise<SplitProgress> {
    return this.#pd.splitRegions(this.#encodedKeys(keys), options)
  }

  splitAndScatterRegions(
    keys: readonly Uint8Array[],
    options?: PdCallOptions & { group?: string },
  ): Promise<SplitProgress> {
    return this.#pd.splitAndScatterRegions(this.#encodedKeys(keys), options)
  }

  scatterRegions(ids: readonly bigint[], options?: PdCallOptions & { group?: string }): Promise<void> {
    return this.#pd.scatterRegions(ids, options)
  }

  getOperator(regionId: bigint, options?: PdCallOptions): Promise<OperatorStatus | undefined> {
    return this.#pd.getOperator(regionId, options)
  }

  getExternalTimestamp(options?: PdCallOptions): Promise<Timestamp> {
    return this.#pd.getExternalTimestamp(options)
  }

  setExternalTimestamp(timestamp: Timestamp, options?: PdCallOptions): Promise<void> {
    return this.#pd.setExternalTimestamp(timestamp, options)
  }

  describe(): PdDiagnostics {
    return this.#pd.describe()
  }

  async close(): Promise<void> {
    // Nothing of its own is open.
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #encodedKeys(keys: readonly Uint8Array[]): Uint8Array[] {
    return keys.map((key) => this.#codec.encodeRegionKey(key))
  }

  #decoded(info: RegionInfo | undefined): RegionInfo | undefined {
    if (info === undefined) return undefined
    const region = this.#codec.decodeRegion(info.region)
    if (region === undefined) return undefined
    const { buckets } = info
    if (buckets === undefined) return { ...info, region }
    return { ...info, region, buckets: { ...buckets, keys: this.#bucketKeys(buckets.keys, region) } }
  }

  /** Cut to the region as the user sees it: of its boundaries and what lies between. */
  #bucketKeys(keys: readonly Uint8Array[], { startKey, endKey }: Region): Uint8Array[] {
    const inner = keys.flatMap((key) => {
      const from = this.#codec.decodeRegion(Region.create({ startKey: key }))?.startKey
      const isInside =
        from !== undefined &&
        compareBytes(from, startKey) > 0 &&
        (endKey.length === 0 || compareBytes(from, endKey) < 0)
      return isInside ? [from] : []
    })
    return [startKey, ...inner, endKey]
  }

  #decodedAll(infos: readonly RegionInfo[]): readonly RegionInfo[] {
    return infos.flatMap((info) => this.#decoded(info) ?? [])
  }
}
