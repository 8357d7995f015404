import { EMPTY_BYTES, utf8 } from '@orbit-ts/base'
import { HealthCheckResponse_ServingStatus as ServingStatus } from '../../gen/health.js'
import { type KeyspaceState } from '../../gen/keyspacepb.js'
import { Buckets, StoreState, type Peer } from '../../gen/metapb.js'
import {
  ErrorType,
  OperatorStatus,
  StoreStats,
  type Error as PdError,
  type PeerStats,
  type RequestHeader,
  type ResponseHeader,
  type TsoRequest,
} from '../../gen/pdpb.js'
import { duplexHandler, serviceOf, unaryHandler } from '../../rpc/define-handler.js'
import { GrpcStatus } from '../../rpc/grpc-status.js'
import type { Method } from '../../rpc/method.js'
import { healthMethods, keyspaceMethods, metaStorageMethods, pdMethods } from '../../rpc/pd-methods.js'
import { RpcRefusal, type CallContext, type Handler, type Service } from '../../rpc/service.js'
import type { RegionState, StoreInfo } from '../cluster-types.js'
import { GcRefusal } from './test-gc-states.js'
import type { TestPd } from './test-pd.js'

const FORWARDED_HOST = 'pd-forwarded-host'
const FOLLOWER_HANDLE = 'pd-allow-follower-handle'

/** What a server of the test cluster says of its disk, which it does not have. */
const STORE_CAPACITY_BYTES = 100n * 1024n ** 3n
const USED_BYTES_PER_REGION = 1024n ** 2n

/** Refuses with an error in the response's header, as PD does for what it understood and will not do. */
class HeaderRefusal extends Error {
  readonly type: ErrorType

  constructor(type: ErrorType, message: string) {
    super(message)
    this.type = type
  }
}

type WithHeader<Response> = Omit<Response, 'header'>

/** The gRPC service of one member. */
export function pdService(pd: TestPd, index: number): Service {
  const calls = new PdCalls(pd, index)
  return serviceOf([
    ...calls.membership(),
    ...calls.regions(),
    ...calls.stores(),
    ...calls.collection(),
    ...calls.keyspaces(),
    calls.metaStorage(),
    calls.health(),
  ])
}

class PdCalls {
  readonly #pd: TestPd
  readonly #index: number

  constructor(pd: TestPd, index: number) {
    this.#pd = pd
    this.#index = index
  }

  membership(): Handler[] {
    const pd = this.#pd
    return [
      unaryHandler(pdMethods.getMembers, async (request, { signal }) => {
        await pd.admit('GetMembers', this.#index, request, signal)
        return {
          header: this.#header(),
          members: [...pd.members],
          leader: pd.leader,
          etcdLeader: pd.leader,
          tsoAllocatorLeaders: new Map(),
        }
      }),
      duplexHandler(pdMethods.tso, (responses, context) => {
        const stop = pd.onLeaderChange(() => {
          if (!this.#mayServe(context)) responses.end(notLeader())
        })
        // One at a time: answers leave in the order of the requests, whatever a hook delays.
        let last = Promise.resolve()
        return {
          onMessage: (request) => {
            last = last.then(async () => {
              try {
                responses.send(await this.#timestamps(request, context))
              } catch (error) {
                responses.end(
                  error instanceof RpcRefusal ? error : new RpcRefusal(GrpcStatus.UNKNOWN, String(error)),
                )
              }
            })
          },
          onEnd: () => {
            stop()
            responses.end()
          },
        }
      }),
      this.#leaderCall(pdMethods.getMinTS, () => ({ timestamp: pd.timestamps.take(1) })),
      this.#leaderCall(pdMethods.getExternalTimestamp, () => ({ timestamp: pd.externalTimestamp })),
      this.#leaderCall(pdMethods.setExternalTimestamp, ({ timestamp }) => {
        if (timestamp < pd.externalTimestamp)
          throw new HeaderRefusal(ErrorType.UNKNOWN, 'the external timestamp should be larger than now')
        pd.externalTimestamp = timestamp
        return {}
      }),
      this.#leaderCall(pdMethods.isBootstrapped, () => ({ bootstrapped: true })),
      this.#leaderCall(pdMethods.allocID, () => ({ id: pd.cluster.allocateId(), count: 1 })),
      this.#leaderCall(pdMethods.getClusterConfig, () => ({
        cluster: { id: pd.cluster.clusterId, maxPeerCount: 3 },
      })),
    ]
  }

  regions(): Handler[] {
    const { cluster } = this.#pd
    const found = (
      state: RegionState | undefined,
      needBuckets: boolean,
    ): WithHeader<ReturnType<PdCalls['region']>> => this.region(state, needBuckets)
    return [
      this.#lookup(pdMethods.getRegion, ({ regionKey, needBuckets }) =>
        found(cluster.regionOf(regionKey), needBuckets),
      ),
      this.#lookup(pdMethods.getPrevRegion, ({ regionKey, needBuckets }) => {
        const { startKey } = cluster.regionOf(regionKey).region
        return found(startKey.length === 0 ? undefined : cluster.regionBefore(startKey), needBuckets)
      }),
      this.#lookup(pdMethods.getRegionByID, ({ regionId, needBuckets }) =>
        found(cluster.findRegion(regionId), needBuckets),
      ),
      this.#lookup(pdMethods.scanRegions, ({ startKey, endKey, limit }) => {
        const states = cluster.regionsIn(startKey, endKey)
        const regions = (limit > 0 ? states.slice(0, limit) : states).map((state) => this.region(state))
        return { regions, regionMetas: [], leaders: [] }
      }),
      this.#lookup(pdMethods.batchScanRegions, ({ ranges, limit, needBuckets }) => {
        const states = new Map<bigint, RegionState>()
        for (const { startKey, endKey } of ranges) {
          for (const state of cluster.regionsIn(startKey, endKey)) states.set(state.region.id, state)
        }
        const all = [...states.values()].map((state) => this.region(state, needBuckets))
        return { regions: limit > 0 ? all.slice(0, limit) : all }
      }),
      this.#leaderCall(pdMethods.splitRegions, ({ splitKeys }) => {
        return { finishedPercentage: 100n, regionsId: this.#split(splitKeys) }
      }),
      this.#leaderCall(pdMethods.splitAndScatterRegions, ({ splitKeys }) => {
        const regionsId = this.#split(splitKeys)
        for (const id of regionsId) this.#scatter(id)
        return { splitFinishedPercentage: 100n, scatterFinishedPercentage: 100n, regionsId }
      }),
      this.#leaderCall(pdMethods.scatterRegion, ({ regionId, regionsId }) => {
        const ids = regionsId.length > 0 ? regionsId : [regionId]
        const failed = ids.filter((id) => !this.#scatter(id))
        return {
          finishedPercentage: BigInt(Math.floor((100 * (ids.length - failed.length)) / ids.length)),
          failedRegionsId: failed,
        }
      }),
      this.#leaderCall(pdMethods.getOperator, ({ regionId }) => {
        if (!this.#pd.scattered.has(regionId))
          throw new HeaderRefusal(ErrorType.REGION_NOT_FOUND, 'Not Found')
        return {
          regionId,
          desc: utf8('scatter-region'),
          status: OperatorStatus.SUCCESS,
          kind: utf8('leader'),
        }
      }),
    ]
  }

  stores(): Handler[] {
    const { cluster } = this.#pd
    return [
      this.#leaderCall(pdMethods.getStore, ({ storeId }) => {
        const store = cluster.findStore(storeId)
        if (store === undefined)
          throw new HeaderRefusal(ErrorType.UNKNOWN, `invalid store id ${storeId}, not found`)
        return { store: wireStore(store), stats: this.#statisticsOf(store) }
      }),
      this.#leaderCall(pdMethods.getAllStores, ({ excludeTombstoneStores }) => ({
        stores: cluster
          .stores()
          .filter((store) => !excludeTombstoneStores || store.state !== StoreState.Tombstone)
          .map(wireStore),
      })),
    ]
  }

  /** As from a heartbeat just now, of a server that keeps everything in memory. */
  #statisticsOf({ id }: StoreInfo): StoreStats {
    const regions = this.#pd.cluster.regions()
    const peers = regions.filter(({ region }) => region.peers.some(({ storeId }) => storeId === id))
    return StoreStats.fromPartial({
      storeId: id,
      capacity: STORE_CAPACITY_BYTES,
      available: STORE_CAPACITY_BYTES - USED_BYTES_PER_REGION * BigInt(peers.length),
      usedSize: USED_BYTES_PER_REGION * BigInt(peers.length),
      regionCount: peers.length,
      slowScore: 1n,
    })
  }

  collection(): Handler[] {
    const pd = this.#pd
    return [
      this.#leaderCall(pdMethods.getGCState, ({ keyspaceScope, includeGlobalGcBarriers }) => ({
        gcState: { ...pd.gc(keyspaceScope?.keyspaceId).state(), keyspaceScope },
        globalGcBarriers: includeGlobalGcBarriers ? { barriers: [...pd.globalBarriers] } : undefined,
      })),
      this.#leaderCall(pdMethods.setGlobalGCBarrier, ({ barrierId, barrierTs, ttlSeconds }) => ({
        newBarrierInfo: pd.setGlobalBarrier(barrierId, barrierTs, ttlSeconds),
      })),
      this.#leaderCall(pdMethods.deleteGlobalGCBarrier, ({ barrierId }) => ({
        deletedBarrierInfo: pd.deleteGlobalBarrier(barrierId),
      })),
      this.#leaderCall(pdMethods.advanceTxnSafePoint, ({ keyspaceScope, target }) => {
        const result = pd.gc(keyspaceScope?.keyspaceId).advanceTxn(target)
        return {
          oldTxnSafePoint: result.old,
          newTxnSafePoint: result.new,
          blockerDescription: result.blocker,
        }
      }),
      this.#leaderCall(pdMethods.advanceGCSafePoint, ({ keyspaceScope, target }) => {
        const result = pd.gc(keyspaceScope?.keyspaceId).advanceGc(target)
        return { oldGcSafePoint: result.old, newGcSafePoint: result.new }
      }),
      this.#leaderCall(pdMethods.setGCBarrier, ({ keyspaceScope, barrierId, barrierTs, ttlSeconds }) => ({
        newBarrierInfo: pd.gc(keyspaceScope?.keyspaceId).setBarrier(barrierId, barrierTs, ttlSeconds),
      })),
      this.#leaderCall(pdMethods.deleteGCBarrier, ({ keyspaceScope, barrierId }) => ({
        deletedBarrierInfo: pd.gc(keyspaceScope?.keyspaceId).deleteBarrier(barrierId),
      })),
      this.#leaderCall(pdMethods.getGCSafePoint, () => ({ safePoint: pd.gc(undefined).gcSafePoint })),
      this.#leaderCall(pdMethods.updateGCSafePoint, ({ safePoint }) => ({
        newSafePoint: pd.gc(undefined).updateSafePoint(safePoint),
      })),
      this.#leaderCall(pdMethods.updateServiceGCSafePoint, ({ serviceId, ttl, safePoint }) => {
        const least = pd.gc(undefined).updateService(new TextDecoder().decode(serviceId), ttl, safePoint)
        return { serviceId: utf8(least.id), ttl: least.ttl, minSafePoint: least.minimum }
      }),
    ]
  }

  keyspaces(): Handler[] {
    const { keyspaces } = this.#pd
    return [
      this.#leaderCall(keyspaceMethods.loadKeyspace, ({ name }) => {
        const keyspace = keyspaces.find(name)
        if (keyspace === undefined)
          throw new HeaderRefusal(ErrorType.ENTRY_NOT_FOUND, 'keyspace does not exist')
        return { keyspace }
      }),
      this.#leaderCall(keyspaceMethods.getAllKeyspaces, ({ startId, limit }) => ({
        keyspaces: keyspaces.from(startId ?? 0, limit),
      })),
      this.#leaderCall(keyspaceMethods.updateKeyspaceState, ({ id, state }) => {
        const keyspace = keyspaces.setState(id ?? 0, state)
        if (keyspace === undefined)
          throw new HeaderRefusal(ErrorType.ENTRY_NOT_FOUND, 'keyspace does not exist')
        return { keyspace: { ...keyspace, state: state satisfies KeyspaceState } }
      }),
    ]
  }

  health(): Handler {
    return unaryHandler(healthMethods.check, async (request, { signal }) => {
      await this.#pd.admit('HealthCheck', this.#index, request, signal)
      return { status: ServingStatus.SERVING }
    })
  }

  /** Nothing is stored: no services run beside this PD. Clients in Go wait long for a server that cannot say so. */
  metaStorage(): Handler {
    return unaryHandler(metaStorageMethods.get, async (request, { signal }) => {
      await this.#pd.admit('MetaStorageGet', this.#index, request, signal)
      return {
        header: { clusterId: this.#pd.cluster.clusterId, error: undefined, revision: 1n },
        kvs: [],
        more: false,
        count: 0n,
      }
    })
  }

  /** What `GetRegion` and its kin answer. */
  region(
    state: RegionState | undefined,
    needBuckets = false,
  ): {
    region: RegionState['region'] | undefined
    leader: Peer | undefined
    downPeers: PeerStats[]
    pendingPeers: Peer[]
    buckets: Buckets | undefined
  } {
    if (state === undefined) {
      return { region: undefined, leader: undefined, downPeers: [], pendingPeers: [], buckets: undefined }
    }
    const down = this.#pd.cluster.downPeers(state.region.id)
    return {
      region: state.region,
      leader: state.leader,
      downPeers: down.map((peer) => ({ peer, downSeconds: 30n })),
      pendingPeers: [],
      buckets: needBuckets ? this.#buckets(state.region.id) : undefined,
    }
  }

  #buckets(regionId: bigint): Buckets | undefined {
    const known = this.#pd.buckets.get(regionId)
    return known && Buckets.fromPartial({ regionId, version: known.version, keys: [...known.keys] })
  }

  /** A call that only the leader answers. */
  #leaderCall<
    Request extends { header: RequestHeader | undefined },
    Response extends { header: ResponseHeader | undefined },
  >(method: Method<Request, Response>, answer: (request: Request) => WithHeader<Response>): Handler {
    return this.#call(method, answer, (context) => this.#mayServe(context))
  }

  /** A region look-up, which a follower answers when the caller allows it. */
  #lookup<
    Request extends { header: RequestHeader | undefined },
    Response extends { header: ResponseHeader | undefined },
  >(method: Method<Request, Response>, answer: (request: Request) => WithHeader<Response>): Handler {
    return this.#call(
      method,
      answer,
      (context) => this.#mayServe(context) || context.metadata[FOLLOWER_HANDLE] !== undefined,
    )
  }

  #call<
    Request extends { header: RequestHeader | undefined },
    Response extends { header: ResponseHeader | undefined },
  >(
    method: Method<Request, Response>,
    answer: (request: Request) => WithHeader<Response>,
    mayServe: (context: CallContext) => boolean,
  ): Handler {
    return unaryHandler(method, async (request, context) => {
      await this.#pd.admit(method.name, this.#index, request, context.signal)
      if (!mayServe(context)) throw notLeader()
      this.#pd.requireCluster(request.header?.clusterId)
      return this.#answered(method, request, answer)
    })
  }

  #answered<
    Request extends { header: RequestHeader | undefined },
    Response extends { header: ResponseHeader | undefined },
  >(
    method: Method<Request, Response>,
    request: Request,
    answer: (request: Request) => WithHeader<Response>,
  ): Response {
    // No bytes are a message whose fields all have their defaults.
    const empty = method.decodeResponse(EMPTY_BYTES)
    try {
      return { ...empty, ...answer(request), header: this.#header() }
    } catch (error) {
      if (error instanceof HeaderRefusal) {
        return { ...empty, header: this.#header({ type: error.type, message: error.message }) }
      }
      if (error instanceof GcRefusal) {
        return { ...empty, header: this.#header({ type: ErrorType.UNKNOWN, message: error.message }) }
      }
      throw error
    }
  }

  async #timestamps(
    request: TsoRequest,
    context: CallContext,
  ): Promise<{
    header: ResponseHeader
    count: number
    timestamp: ReturnType<TestPd['timestamps']['take']>
  }> {
    await this.#pd.admit('Tso', this.#index, request, context.signal)
    if (!this.#mayServe(context)) throw notLeader()
    this.#pd.requireCluster(request.header?.clusterId)
    if (request.count === 0) throw new RpcRefusal(GrpcStatus.UNKNOWN, 'tso count should be positive')
    return {
      header: this.#header(),
      count: request.count,
      timestamp: this.#pd.timestamps.take(request.count),
    }
  }

  #mayServe(context: CallContext): boolean {
    if (this.#pd.leads(this.#index)) return true
    const forwardedTo = context.metadata[FORWARDED_HOST]
    return forwardedTo !== undefined && this.#pd.leader?.clientUrls.includes(forwardedTo) === true
  }

  #header(error?: PdError): ResponseHeader {
    return { clusterId: this.#pd.cluster.clusterId, error }
  }

  /** The ids of the regions that now begin at the keys. */
  #split(keys: readonly Uint8Array[]): bigint[] {
    for (const key of keys) this.#pd.cluster.splitAt(key)
    return keys.map((key) => this.#pd.cluster.regionOf(key).region.id)
  }

  /** Moves the leader to another voter that runs. False when the region is gone. */
  #scatter(id: bigint): boolean {
    const { cluster } = this.#pd
    const state = cluster.findRegion(id)
    if (state === undefined) return false
    const down = new Set(cluster.downPeers(id).map((peer) => peer.id))
    const other = state.region.peers.find(
      (peer) => peer.id !== state.leader?.id && peer.role === 0 && !down.has(peer.id),
    )
    if (other !== undefined) cluster.transferLeader(id, other.storeId)
    this.#pd.scattered.add(id)
    return true
  }
}

const notLeader = (): RpcRefusal => new RpcRefusal(GrpcStatus.UNAVAILABLE, 'not leader')

function wireStore(store: StoreInfo): {
  id: bigint
  address: string
  state: StoreState
  labels: { key: string; value: string }[]
  version: string
  peerAddress: string
  statusAddress: string
  gitHash: string
  startTimestamp: bigint
  deployPath: string
  lastHeartbeat: bigint
  physicallyDestroyed: boolean
  nodeState: 0 | 1 | 2 | 3
} {
  return {
    id: store.id,
    address: store.address,
    state: store.state,
    labels: [...store.labels],
    version: store.version,
    peerAddress: '',
    statusAddress: '',
    gitHash: '',
    startTimestamp: store.startTimestamp,
    deployPath: '',
    lastHeartbeat: 0n,
    physicallyDestroyed: false,
    nodeState: store.state === StoreState.Up ? 1 : store.state === StoreState.Offline ? 2 : 3,
  }
}
