import { defined, OrbitError, type Env, type Logger } from '@orbit-ts/base'
import { KeyspaceState, type KeyspaceMeta } from '../gen/keyspacepb.js'
import { NodeState, StoreState, type Buckets, type Peer, type Region, type Store } from '../gen/metapb.js'
import { ErrorType, OperatorStatus as WireStatus, type PeerStats } from '../gen/pdpb.js'
import type { KeyRange } from '../key-range.js'
import { GrpcStatus } from '../rpc/grpc-status.js'
import { abortable } from '../retry/abortable.js'
import { keyspaceMethods, pdMethods } from '../rpc/pd-methods.js'
import { statusOf } from '../rpc/rpc-error.js'
import type { Transport } from '../rpc/transport.js'
import type { Telemetry } from '../telemetry/telemetry.js'
import { composeTimestamp, MAX_TIMESTAMP, type Timestamp } from '../timestamp.js'
import { CircuitBreaker } from './circuit-breaker.js'
import { LowResolutionClock } from './low-resolution-clock.js'
import { PdCaller } from './pd-caller.js'
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
} from './pd-client.js'
import type { PdConfig } from './pd-config.js'
import { PdMembers } from './pd-members.js'
import { RpcPdGc } from './rpc-pd-gc.js'
import { TimestampBatcher } from './timestamp-batcher.js'

export interface RpcPdClientOptions {
  readonly env: Env
  readonly logger: Logger
  readonly telemetry: Telemetry
  readonly transport: Transport
  readonly config: PdConfig
  readonly signal?: AbortSignal | undefined
}

/** In how many rounds PD itself tries to split or scatter. */
const SPLIT_RETRIES = 20n

/** PD over its gRPC service. See {@link PdClient}. */
export class RpcPdClient implements PdClient {
  readonly gc: PdGc
  readonly #config: PdConfig
  readonly #members: PdMembers
  readonly #caller: PdCaller
  readonly #timestamps: TimestampBatcher
  readonly #clock: LowResolutionClock
  readonly #breaker: CircuitBreaker

  /** @throws as `PdMembers.connect`. */
  static async connect(options: RpcPdClientOptions): Promise<RpcPdClient> {
    const client = new RpcPdClient(options)
    try {
      await client.#members.connect(options.config.connectTimeout, options.signal)
    } catch (error) {
      await client.close()
      throw error
    }
    return client
  }

  private constructor(options: RpcPdClientOptions) {
    const { env, logger, telemetry, transport, config } = options
    this.#config = config
    const members = new PdMembers({ env, logger, transport, config })
    const caller = new PdCaller({ env, telemetry, members, config })
    this.#members = members
    this.#caller = caller
    this.#timestamps = new TimestampBatcher({ env, logger, telemetry, caller, members, config })
    this.#clock = new LowResolutionClock(env, config.lowResolutionInterval, () => this.getTimestamp())
    this.#breaker = new CircuitBreaker(env, config.circuitBreakerErrorRate)
    this.gc = new RpcPdGc(caller, undefined)
  }

  get clusterId(): bigint {
    return this.#members.clusterId
  }

  /** The garbage-collection state of one keyspace. */
  gcOf(keyspaceId: number): PdGc {
    return new RpcPdGc(this.#caller, keyspaceId)
  }

  async getTimestamp(options: PdCallOptions = {}): Promise<Timestamp> {
    const timestamp = await this.#timestamps.get(options.timeoutMs, options.signal)
    this.#clock.observe(timestamp)
    return timestamp
  }

  lowResolutionTimestamp(options?: PdCallOptions): Promise<Timestamp> {
    return abortable(this.#clock.now(), options?.signal)
  }

  staleTimestamp(agoMs: number, options?: PdCallOptions): Promise<Timestamp> {
    return abortable(this.#clock.ago(agoMs), options?.signal)
  }

  async validateReadTimestamp(timestamp: Timestamp, options?: PdCallOptions): Promise<void> {
    if (timestamp === MAX_TIMESTAMP || timestamp <= (await this.lowResolutionTimestamp(options))) return
    const current = await this.getTimestamp(options)
    if (timestamp <= current) return
    throw new OrbitError(
      'INVALID_ARGUMENT',
      `read timestamp ${timestamp} is in the future: PD is at ${current}; take timestamps from PD`,
      { timestamp: String(timestamp), current: String(current) },
    )
  }

  async getMinTimestamp(options?: PdCallOptions): Promise<Timestamp> {
    const { timestamp } = await this.#caller.call(pdMethods.getMinTS, {}, options)
    return timestamp === undefined ? 0n : composeTimestamp(timestamp.physical, timestamp.logical)
  }

  getRegion(key: Uint8Array, options?: RegionLookupOptions): Promise<RegionInfo | undefined> {
    return this.#lookup(async () =>
      oneRegion(
        await this.#caller.call(
          pdMethods.getRegion,
          { regionKey: key, needBuckets: options?.buckets === true },
          this.#lookupOptions(options),
        ),
      ),
    )
  }

  getRegionFromMember(
    key: Uint8Array,
    members: readonly string[],
    options: RegionLookupOptions = {},
  ): Promise<RegionInfo | undefined> {
    const request = { regionKey: key, needBuckets: options.buckets === true }
    return this.#lookup(async () =>
      oneRegion(await this.#caller.callMembers(pdMethods.getRegion, request, members, options)),
    )
  }

  getPreviousRegion(key: Uint8Array, options?: RegionLookupOptions): Promise<RegionInfo | undefined> {
    return this.#lookup(async () =>
      oneRegion(
        await this.#caller.call(
          pdMethods.getPrevRegion,
          { regionKey: key, needBuckets: options?.buckets === true },
          this.#lookupOptions(options),
        ),
      ),
    )
  }

  getRegionById(id: bigint, options?: RegionLookupOptions): Promise<RegionInfo | undefined> {
    return this.#lookup(async () =>
      oneRegion(
        await this.#caller.call(
          pdMethods.getRegionByID,
          { regionId: id, needBuckets: options?.buckets === true },
          this.#lookupOptions(options),
        ),
      ),
    )
  }

  async scanRegions(
    range: KeyRange,
    limit: number,
    options?: RegionLookupOptions,
  ): Promise<readonly RegionInfo[]> {
    return this.#breaker.run(async () => {
      const answer = await this.#caller.call(
        pdMethods.scanRegions,
        { startKey: range.start, endKey: range.end, limit },
        this.#lookupOptions(options),
      )
      if (answer.regions.length > 0) return answer.regions.flatMap((item) => oneRegion(item) ?? [])
      // PDs before 4.0 answer with two parallel lists.
      return answer.regionMetas.map((region, index) => ({
        region,
        leader: presentPeer(answer.leaders[index]),
        downPeers: [],
        pendingPeers: [],
      }))
    }, isPdFailure)
  }

  async batchScanRegions(
    ranges: readonly KeyRange[],
    limit: number,
    options?: RegionLookupOptions,
  ): Promise<readonly RegionInfo[]> {
    try {
      return await this.#breaker.run(async () => {
        const answer = await this.#caller.call(
          pdMethods.batchScanRegions,
          {
            ranges: ranges.map(({ start, end }) => ({ startKey: start, endKey: end })),
            limit,
            needBuckets: options?.buckets === true,
            containAllKeyRange: false,
          },
          this.#lookupOptions(options),
        )
        return answer.regions.flatMap((item) => oneRegion(item) ?? [])
      }, isPdFailure)
    } catch (error) {
      if (statusOf(error) !== GrpcStatus.UNIMPLEMENTED) throw error
      return this.#scanEach(ranges, limit, options)
    }
  }

  async getStore(id: bigint, options?: PdCallOptions): Promise<Store | undefined> {
    return (await this.getStoreStatistics(id, options))?.store
  }

  async getStoreStatistics(id: bigint, options?: PdCallOptions): Promise<StoreWithStatistics | undefined> {
    try {
      const { store, stats } = await this.#caller.call(pdMethods.getStore, { storeId: id }, options)
      return store === undefined || isTombstone(store) ? undefined : { store, statistics: stats }
    } catch (error) {
      if (isUnknownStore(error)) return undefined
      throw error
    }
  }

  async getAllStores(
    options: PdCallOptions & { readonly includeTombstones?: boolean } = {},
  ): Promise<readonly Store[]> {
    const excludeTombstoneStores = options.includeTombstones !== true
    const { stores } = await this.#caller.call(pdMethods.getAllStores, { excludeTombstoneStores }, options)
    return excludeTombstoneStores ? stores.filter((store) => !isTombstone(store)) : stores
  }

  async loadKeyspace(name: string, options?: PdCallOptions): Promise<KeyspaceMeta> {
    const keyspace = await this.#loadKeyspace(name, options)
    if (keyspace.state === KeyspaceState.ENABLED) return keyspace
    throw new OrbitError(
      'KEYSPACE_UNAVAILABLE',
      `keyspace ${JSON.stringify(name)} is not enabled (its state is ${keyspace.state}); enable it in PD or use another`,
      { keyspace: name, state: keyspace.state },
    )
  }

  async getAllKeyspaces(
    startId: number,
    limit: number,
    options?: PdCallOptions,
  ): Promise<readonly KeyspaceMeta[]> {
    const { keyspaces } = await this.#caller.call(
      keyspaceMethods.getAllKeyspaces,
      { startId, limit, namespace: undefined, startKeyspaceIdentity: undefined },
      options,
    )
    return keyspaces
  }

  async splitRegions(keys: readonly Uint8Array[], options?: PdCallOptions): Promise<SplitProgress> {
    const answer = await this.#caller.call(
      pdMethods.splitRegions,
      { splitKeys: [...keys], retryLimit: SPLIT_RETRIES },
      options,
    )
    return { finishedPercentage: Number(answer.finishedPercentage), regionIds: answer.regionsId }
  }

  async splitAndScatterRegions(
    keys: readonly Uint8Array[],
    options: PdCallOptions & { group?: string } = {},
  ): Promise<SplitProgress> {
    const answer = await this.#caller.call(
      pdMethods.splitAndScatterRegions,
      { splitKeys: [...keys], group: options.group ?? '', retryLimit: SPLIT_RETRIES },
      options,
    )
    return { finishedPercentage: Number(answer.splitFinishedPercentage), regionIds: answer.regionsId }
  }

  async scatterRegions(
    ids: readonly bigint[],
    options: PdCallOptions & { group?: string } = {},
  ): Promise<void> {
    await this.#caller.call(
      pdMethods.scatterRegion,
      {
        regionId: 0n,
        region: undefined,
        leader: undefined,
        group: options.group ?? '',
        regionsId: [...ids],
        retryLimit: SPLIT_RETRIES,
        skipStoreLimit: false,
      },
      options,
    )
  }

  async getOperator(regionId: bigint, options?: PdCallOptions): Promise<OperatorStatus | undefined> {
    try {
      const answer = await this.#caller.call(pdMethods.getOperator, { regionId }, options)
      return {
        regionId: answer.regionId,
        description: new TextDecoder().decode(answer.desc),
        status: OPERATOR_STATUS[answer.status] ?? 'running',
      }
    } catch (error) {
      if (pdErrorType(error) === ErrorType.REGION_NOT_FOUND) return undefined
      throw error
    }
  }

  async getExternalTimestamp(options?: PdCallOptions): Promise<Timestamp> {
    return (await this.#caller.call(pdMethods.getExternalTimestamp, {}, options)).timestamp
  }

  async setExternalTimestamp(timestamp: Timestamp, options?: PdCallOptions): Promise<void> {
    await this.#caller.call(pdMethods.setExternalTimestamp, { timestamp }, options)
  }

  describe(): PdDiagnostics {
    return {
      clusterId: this.clusterId,
      leader: this.#members.leader?.url,
      members: this.#members.describe(),
      pendingTimestamps: this.#timestamps.pending,
    }
  }

  async close(): Promise<void> {
    this.#timestamps.close()
    this.#members.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #lookupOptions(options: RegionLookupOptions = {}): RegionLookupOptions {
    return { ...options, allowFollower: options.allowFollower === true && this.#config.pdFollowerReads }
  }

  /** A region that PD does not have is undefined. */
  #lookup(call: () => Promise<RegionInfo | undefined>): Promise<RegionInfo | undefined> {
    return this.#breaker.run(async () => {
      try {
        return await call()
      } catch (error) {
        if (pdErrorType(error) === ErrorType.REGION_NOT_FOUND) return undefined
        throw error
      }
    }, isPdFailure)
  }

  async #scanEach(
    ranges: readonly KeyRange[],
    limit: number,
    options: RegionLookupOptions | undefined,
  ): Promise<readonly RegionInfo[]> {
    const found: RegionInfo[] = []
    for (const range of ranges) {
      if (found.length >= limit) break
      for (const item of await this.scanRegions(range, limit - found.length, options)) {
        // Neighbouring ranges may share a region.
        if (found.at(-1)?.region.id !== item.region.id) found.push(item)
      }
    }
    return found
  }

  async #loadKeyspace(name: string, options: PdCallOptions | undefined): Promise<KeyspaceMeta> {
    try {
      const { keyspace } = await this.#caller.call(
        keyspaceMethods.loadKeyspace,
        { name, namespace: undefined },
        options,
      )
      return defined(keyspace, 'PD answers with the keyspace or an error')
    } catch (error) {
      if (!isUnknownKeyspace(error)) throw error
      throw new OrbitError(
        'KEYSPACE_UNAVAILABLE',
        `keyspace ${JSON.stringify(name)} does not exist; create it in PD or use another`,
        { keyspace: name },
        { cause: error },
      )
    }
  }
}

const OPERATOR_STATUS: Readonly<Record<number, OperatorStatus['status']>> = {
  [WireStatus.SUCCESS]: 'success',
  [WireStatus.TIMEOUT]: 'timeout',
  [WireStatus.CANCEL]: 'cancel',
  [WireStatus.REPLACE]: 'replace',
  [WireStatus.RUNNING]: 'running',
}

interface WireRegion {
  readonly region: Region | undefined
  readonly leader: Peer | undefined
  readonly downPeers: readonly PeerStats[]
  readonly pendingPeers: readonly Peer[]
  readonly buckets?: Buckets | undefined
}

function oneRegion(answer: WireRegion): RegionInfo | undefined {
  if (answer.region === undefined || answer.region.id === 0n) return undefined
  return {
    region: answer.region,
    leader: presentPeer(answer.leader),
    downPeers: answer.downPeers.flatMap(({ peer }) => peer ?? []),
    pendingPeers: answer.pendingPeers,
    ...(answer.buckets && { buckets: { version: answer.buckets.version, keys: answer.buckets.keys } }),
  }
}

/** PD sends an empty peer where there is none. */
const presentPeer = (peer: Peer | undefined): Peer | undefined =>
  peer === undefined || peer.id === 0n ? undefined : peer

const isTombstone = (store: Store): boolean =>
  store.state === StoreState.Tombstone || store.nodeState === NodeState.Removed

function pdErrorType(error: unknown): number | undefined {
  const type = error instanceof OrbitError ? error.details['type'] : undefined
  return typeof type === 'number' ? type : undefined
}

const isUnknownStore = (error: unknown): boolean =>
  pdErrorType(error) === ErrorType.STORE_TOMBSTONE ||
  (error instanceof OrbitError &&
    error.code === 'PD_REFUSED' &&
    /invalid store id|store .*not found/i.test(error.message))

const isUnknownKeyspace = (error: unknown): boolean =>
  pdErrorType(error) === ErrorType.ENTRY_NOT_FOUND ||
  (error instanceof OrbitError &&
    error.code === 'PD_REFUSED' &&
    /does not exist|not found/i.test(error.message))

/** What the circuit breaker counts: PD is in trouble, not the request. */
const isPdFailure = (error: unknown): boolean =>
  error instanceof OrbitError && error.code === 'PD_UNAVAILABLE'
