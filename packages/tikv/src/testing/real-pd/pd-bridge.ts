import {
  delay,
  EMPTY_BYTES,
  Metrics,
  OrbitError,
  silentLogger,
  systemEnv,
  type Env,
  type Logger,
} from '@orbit-ts/base'
import { StoreState, type Store } from '../../gen/metapb.js'
import {
  RegionHeartbeatRequest,
  SplitReason,
  StoreStats,
  type RegionHeartbeatResponse,
} from '../../gen/pdpb.js'
import { PdCaller } from '../../pd/pd-caller.js'
import { PdMembers } from '../../pd/pd-members.js'
import { Http2Transport } from '../../rpc/http2/http2-transport.js'
import { pdMethods } from '../../rpc/pd-methods.js'
import type { Transport } from '../../rpc/transport.js'
import { createTelemetry } from '../../telemetry/telemetry.js'
import type { ClusterState } from '../cluster-state.js'
import type { ClusterEvent, RegionState, StoreInfo } from '../cluster-types.js'
import { encodeBound } from '../encoded-key.js'
import { TestCluster, type TestClusterOptions } from '../test-cluster.js'
import { HeartbeatStream } from './heartbeat-stream.js'
import { carryOutOrder } from './pd-orders.js'

export interface PdBridgeOptions extends Omit<
  TestClusterOptions,
  'transport' | 'clusterId' | 'firstId' | 'seed' | 'pdMembers' | 'pdPort' | 'keyspaces'
> {
  /** Of the real PD: `host:port`, with or without `http://`. */
  readonly pdEndpoints: readonly string[]
  /** How long to wait for PD, and for PD to know the regions. Default 60 s. */
  readonly startTimeoutMs?: number
  /** Default 10 s, as TiKV's. */
  readonly storeHeartbeatMs?: number
  /** Of regions that do not change. Default 60 s, as TiKV's. */
  readonly regionHeartbeatMs?: number
  readonly logger?: Logger
}

/** PD gives out small numbers itself; the cluster's own begin above all that it will reach in a test. */
const FIRST_ID = 1n << 40n
const CALL_TIMEOUT_MS = 10_000
const POLL_MS = 50
/** What PD answers before it leads, and before it has read its own state. */
const NOT_READY: readonly string[] = ['PD_UNAVAILABLE', 'PD_REFUSED']

/**
 * Puts the stores of a {@link TestCluster} behind a real PD, as TiKV servers are: they bootstrap it, register, send
 * heartbeats of stores and regions, ask it for the ids of new regions, and do what it orders. Clients connect to the
 * real PD, which has to be new (not bootstrapped).
 *
 * Invariants:
 * 1. PD learns of every change; what a restart of PD lost is told again once it is back.
 * 2. After `close` no socket, timer or listener of the bridge or of the cluster is left. PD itself goes on.
 */
export class PdBridge implements AsyncDisposable {
  /** The stores; its own PD serves nobody. */
  readonly cluster: TestCluster
  readonly #env: Env
  readonly #logger: Logger
  readonly #transport: Transport
  readonly #members: PdMembers
  readonly #caller: PdCaller
  readonly #streams = new Map<bigint, HeartbeatStream>()
  readonly #stopping = new AbortController()
  readonly #stopListening: () => void
  readonly #loops: Promise<void>[] = []

  /**
   * @throws `PD_UNAVAILABLE` when PD is not there in time, or does not know all regions in time; `PD_REFUSED` when it
   *   was bootstrapped before, or refuses a store.
   */
  static async start(options: PdBridgeOptions): Promise<PdBridge> {
    const { env = systemEnv, logger = silentLogger } = options
    const transport = new Http2Transport({ config: connections, env, logger })
    const members = new PdMembers({
      env,
      logger,
      transport,
      config: {
        pdEndpoints: options.pdEndpoints,
        pdServerTimeout: 3000,
        pdMemberCheckInterval: 60_000,
        pdHealthCheckInterval: 0,
      },
    })
    let bridge: PdBridge | undefined
    let cluster: TestCluster | undefined
    const timeoutMs = options.startTimeoutMs ?? 60_000
    try {
      await members.connect(timeoutMs)
      const clusterId = members.clusterId
      cluster = await TestCluster.start({ ...options, transport: 'sockets', clusterId, firstId: FIRST_ID })
      bridge = new PdBridge({ cluster, env, logger, transport, members })
      await bridge.#register()
      bridge.#beat(options)
      await bridge.waitUntilKnown(timeoutMs)
      return bridge
    } catch (error) {
      if (bridge !== undefined) await bridge.close()
      else {
        members.close()
        await cluster?.close()
        await transport.close()
      }
      throw error
    }
  }

  private constructor(parts: {
    readonly cluster: TestCluster
    readonly env: Env
    readonly logger: Logger
    readonly transport: Transport
    readonly members: PdMembers
  }) {
    this.cluster = parts.cluster
    this.#env = parts.env
    this.#logger = parts.logger
    this.#transport = parts.transport
    this.#members = parts.members
    this.#caller = new PdCaller({
      env: parts.env,
      telemetry: createTelemetry(new Metrics(), () => ''),
      members: parts.members,
      config: { pdServerTimeout: CALL_TIMEOUT_MS, pdForwarding: false },
    })
    this.#stopListening = this.#state.onChange((event) => this.#tell(event))
  }

  /** Splits the region of a transactional key as a store does: asks PD for ids, splits, and reports. */
  async splitAt(key: Uint8Array): Promise<readonly RegionState[]> {
    const bound = encodeBound(key)
    return this.#split(this.#state.regionOf(bound), [bound])
  }

  /** Whether PD knows every region as it is now: its range, peers and leader. */
  async isKnown(): Promise<boolean> {
    const { regions } = await this.#caller.call(pdMethods.scanRegions, {
      startKey: EMPTY_BYTES,
      endKey: EMPTY_BYTES,
      limit: 0,
    })
    const own = this.#state.regions()
    return (
      regions.length === own.length &&
      own.every(({ region, leader }, index) => {
        const known = regions[index]
        return (
          known?.region?.id === region.id &&
          known.region.regionEpoch?.version === region.regionEpoch?.version &&
          known.region.regionEpoch?.confVer === region.regionEpoch?.confVer &&
          known.leader?.id === leader?.id
        )
      })
    )
  }

  /** @throws `PD_UNAVAILABLE` when PD does not know the regions within `timeoutMs`. */
  async waitUntilKnown(timeoutMs: number): Promise<void> {
    const deadlineMs = this.#env.clock.monotonicMs() + timeoutMs
    while (!(await this.#isKnownByNow())) {
      if (this.#env.clock.monotonicMs() > deadlineMs) {
        throw new OrbitError('PD_UNAVAILABLE', `PD did not learn the regions within ${timeoutMs} ms`)
      }
      await delay(this.#env, POLL_MS, this.#stopping.signal)
    }
  }

  /** As `isKnown`; false also while PD cannot be asked. */
  async #isKnownByNow(): Promise<boolean> {
    try {
      return await this.isKnown()
    } catch (error) {
      if (error instanceof OrbitError && NOT_READY.includes(error.code)) return false
      throw error
    }
  }

  async close(): Promise<void> {
    this.#stopping.abort()
    this.#stopListening()
    for (const stream of this.#streams.values()) stream.close()
    await Promise.all(this.#loops)
    this.#members.close()
    await this.cluster.close()
    await this.#transport.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  get #state(): ClusterState {
    return this.cluster.state
  }

  /** The first store brings the first region, which covers everything and has one peer; heartbeats tell the rest. */
  async #register(): Promise<void> {
    const [first, ...others] = this.#state.stores()
    const [state] = this.#state.regions()
    const peer = state?.region.peers.find(({ storeId }) => storeId === first?.id)
    if (first === undefined || state === undefined || peer === undefined) {
      throw new OrbitError('INVALID_ARGUMENT', 'the first region has no peer on the first store')
    }
    const region = {
      ...state.region,
      startKey: EMPTY_BYTES,
      endKey: EMPTY_BYTES,
      regionEpoch: { confVer: 1n, version: 1n },
      peers: [peer],
    }
    await this.#caller.call(pdMethods.bootstrap, { store: wireStore(first), region })
    for (const store of [first, ...others]) await this.#putStore(store)
  }

  #beat(options: PdBridgeOptions): void {
    for (const store of this.#state.stores()) this.#openStream(store.id)
    const { storeHeartbeatMs = 10_000, regionHeartbeatMs = 60_000 } = options
    this.#loops.push(
      this.#every(storeHeartbeatMs, async () => {
        for (const store of this.#state.stores()) await this.#beatStore(store)
      }),
      this.#every(regionHeartbeatMs, async () => {
        for (const state of this.#state.regions()) this.#beatRegion(state)
      }),
    )
  }

  async #every(ms: number, work: () => Promise<void>): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        await work()
      } catch (error) {
        this.#logger.info({ err: error }, 'a heartbeat did not reach PD')
      }
      await delay(this.#env, ms, this.#stopping.signal).catch(() => undefined)
    }
  }

  #openStream(storeId: bigint): void {
    const stream = new HeartbeatStream({
      env: this.#env,
      members: this.#members,
      onOpen: () => {
        for (const state of this.#state.regions()) {
          if (state.leader?.storeId === storeId) this.#beatRegion(state)
        }
      },
      onOrder: (order) => this.#obey(order),
    })
    this.#streams.set(storeId, stream)
    stream.open()
  }

  #obey(order: RegionHeartbeatResponse): void {
    carryOutOrder(order, {
      cluster: this.#state,
      logger: this.#logger,
      split: (state, keys) => this.#inBackground(this.#split(state, keys)),
    })
  }

  #tell(event: ClusterEvent): void {
    if (event.kind === 'region') this.#beatRegion(event.region)
    if (event.kind !== 'store') return
    if (!this.#streams.has(event.store.id)) this.#openStream(event.store.id)
    if (event.store.running) this.#inBackground(this.#putStore(event.store))
  }

  #inBackground(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.#logger.warn({ err: error }, 'PD could not be told'))
  }

  async #putStore(store: StoreInfo): Promise<void> {
    await this.#caller.call(pdMethods.putStore, { store: wireStore(store) })
    await this.#beatStore(store)
  }

  async #beatStore(store: StoreInfo): Promise<void> {
    if (!store.running) return
    const led = this.#state.regions().filter(({ region }) => region.peers.some((p) => p.storeId === store.id))
    const stats = StoreStats.create({
      storeId: store.id,
      capacity: 1n << 40n,
      available: 1n << 39n,
      regionCount: led.length,
      startTime: Number(store.startTimestamp),
      slowScore: 1n,
    })
    await this.#caller.call(pdMethods.storeHeartbeat, { stats })
  }

  /** From the leader's store, which must run. */
  #beatRegion({ region, leader, term }: RegionState): void {
    if (leader === undefined || this.#state.findStore(leader.storeId)?.running !== true) return
    const downPeers = this.#state.downPeers(region.id).map((peer) => ({ peer, downSeconds: 1n }))
    this.#streams.get(leader.storeId)?.send(
      RegionHeartbeatRequest.create({
        header: this.#caller.header(),
        region,
        leader,
        term,
        downPeers,
        approximateSize: 1n << 20n,
        approximateKeys: 1n,
      }),
    )
  }

  async #split(state: RegionState, keys: readonly Uint8Array[]): Promise<readonly RegionState[]> {
    const { ids } = await this.#caller.call(pdMethods.askBatchSplit, {
      region: state.region,
      splitCount: keys.length,
      reason: SplitReason.ADMIN,
    })
    const parts = this.#state.splitRegion(
      state.region.id,
      keys,
      ids.map(({ newRegionId, newPeerIds }) => ({ regionId: newRegionId, peerIds: newPeerIds })),
    )
    await this.#caller.call(pdMethods.reportBatchSplit, { regions: parts.map(({ region }) => region) })
    return parts
  }
}

const connections = {
  dialTimeout: 5000,
  grpcKeepaliveTime: 10_000,
  grpcKeepaliveTimeout: 3000,
  grpcInitialWindowSize: 2 * 1024 * 1024,
  grpcCompression: 'none',
} as const

function wireStore(store: StoreInfo): Store {
  return {
    id: store.id,
    address: store.address,
    state: StoreState.Up,
    labels: [...store.labels],
    version: store.version,
    peerAddress: store.address,
    statusAddress: '',
    gitHash: '',
    startTimestamp: store.startTimestamp,
    deployPath: '',
    lastHeartbeat: 0n,
    physicallyDestroyed: false,
    nodeState: 0,
  }
}
