import { Metrics, OrbitError, silentLogger, TestEnv, toHex, utf8, type Logger } from '@orbit-ts/base'
import type { ApiCodec } from '../codec/api-codec.js'
import { Error as RegionError } from '../gen/errorpb.js'
import { GetRequest, type GetResponse, type Context } from '../gen/kvrpcpb.js'
import { Peer, PeerRole, Region, Store, StoreState } from '../gen/metapb.js'
import type { PdClient, RegionInfo } from '../pd/pd-client.js'
import { BackoffBudgets } from '../retry/backoff-kind.js'
import { Backoffer } from '../retry/backoffer.js'
import type { KvMethod } from '../rpc/method.js'
import { tikvMethods } from '../rpc/methods.js'
import type { Liveness, StoreCallOptions, StoreRpc } from '../rpc/store-rpc.js'
import { createTelemetry, type Telemetry } from '../telemetry/telemetry.js'
import { RegionCache } from './region-cache.js'
import type { RegionVersion, SendOptions, SendOutcome } from './region-request.js'
import { RequestSender } from './request-sender.js'

export const plainCodec: ApiCodec = {
  context: {},
  keyspaceId: undefined,
  encodeRegionKey: (key) => key,
  encodeRegionRange: (range) => range,
  decodeRegion: (region) => region,
  encodeRequest: (_method, request) => request,
  decodeResponse: (_method, response) => response,
}

/** One call that a store got. */
export interface SeenCall {
  readonly address: string
  readonly method: string
  readonly request: unknown
  readonly context: Context
  readonly options: StoreCallOptions
}

/** What a store does with the next call: answers, with a region error or fails. */
export type Step =
  | { readonly regionError: Parameters<typeof RegionError.create>[0] }
  | { readonly fail: OrbitError }
  | { readonly value: string }
  | ((call: SeenCall) => Step | Promise<Step>)

export interface FakeClusterOptions {
  readonly stores?: number
  readonly forwarding?: boolean
  readonly regionCacheMax?: number
  readonly seed?: number
}

/** PD and stores as far as the region layer sees them; steps are scripted, everything is counted. */
export class FakeCluster {
  readonly env: TestEnv
  readonly metrics = new Metrics()
  readonly telemetry: Telemetry
  readonly logger: Logger = silentLogger
  /** `name argument`, in order. */
  readonly pdCalls: string[] = []
  readonly calls: SeenCall[] = []
  readonly closed: string[] = []
  readonly probes: string[] = []
  readonly sleeps: [kind: string, ms: number][] = []
  readonly stores = new Map<bigint, Store>()
  regions: RegionInfo[] = []
  /** Taken by the next calls, whichever store they go to; afterwards every call succeeds. */
  readonly script: Step[] = []
  /** By address; asked after the script is empty. */
  readonly behaviour = new Map<string, Step>()
  readonly liveness = new Map<string, Liveness>()
  /** Thrown by the next questions to PD. */
  readonly pdFailures: OrbitError[] = []
  /** Holds questions for regions back until it is resolved. */
  pdGate: Promise<void> | undefined
  readonly cache: RegionCache
  readonly sender: RequestSender

  constructor(options: FakeClusterOptions = {}) {
    this.env = new TestEnv({ seed: options.seed ?? 1 })
    this.telemetry = createTelemetry(this.metrics, toHex)
    for (let id = 1; id <= (options.stores ?? 3); id++) this.addStore(BigInt(id))
    this.cache = new RegionCache({
      env: this.env,
      logger: this.logger,
      config: {
        regionCacheTtl: 600_000,
        regionCacheMax: options.regionCacheMax ?? 1_000_000,
        storeLivenessTimeout: 1000,
        storesRefreshInterval: 60_000,
      },
      telemetry: this.telemetry,
      pd: this.#pd(),
      rpc: this.#rpc(),
    })
    this.sender = new RequestSender({
      env: this.env,
      logger: this.logger,
      config: { forwarding: options.forwarding ?? false },
      telemetry: this.telemetry,
      codec: plainCodec,
      cache: this.cache,
      rpc: this.#rpc(),
      clusterId: 7n,
    })
  }

  addStore(id: bigint, fields: Partial<Store> = {}): Store {
    const store = Store.create({ id, address: `s${id}`, state: StoreState.Up, ...fields })
    this.stores.set(id, store)
    return store
  }

  /** A region with a peer on each of the stores (peer id = region id × 10 + store id); the first one leads. */
  region(id: bigint, start: string, end: string, options: RegionSpec = {}): RegionInfo {
    const { stores = [1n, 2n, 3n], version = 1n, confVer = 1n, leader = stores[0], down = [] } = options
    const peers = stores.map((storeId) => this.peer(id, storeId, options.roles?.[String(storeId)]))
    return {
      region: Region.create({
        id,
        startKey: utf8(start),
        endKey: utf8(end),
        regionEpoch: { confVer, version },
        peers,
      }),
      leader:
        leader === undefined || leader === 0n ? undefined : peers.find(({ storeId }) => storeId === leader),
      downPeers: peers.filter(({ storeId }) => down.includes(storeId)),
      pendingPeers: [],
    }
  }

  peer(regionId: bigint, storeId: bigint, role: PeerRole = PeerRole.Voter): Peer {
    return Peer.create({ id: regionId * 10n + storeId, storeId, role })
  }

  backoffer(budgetMs: number = BackoffBudgets.get, signal?: AbortSignal): Backoffer {
    return new Backoffer({
      env: this.env,
      budgetMs,
      signal,
      onSleep: (kind, ms) => void this.sleeps.push([kind, ms]),
    })
  }

  /** Sends a get of `key` to the region, or to the one that holds the key. */
  async get(
    key: string,
    options: Partial<SendOptions> = {},
    at?: RegionVersion,
    backoffer = this.backoffer(),
  ): Promise<SendOutcome<GetResponse>> {
    const region = at ?? (await this.cache.locate(backoffer, utf8(key)))
    return this.sender.send(backoffer, region, tikvMethods.kvGet, GetRequest.create({ key: utf8(key) }), {
      timeoutMs: 30_000,
      ...options,
    })
  }

  /** Lets virtual time pass until the promise settles. */
  async settle<T>(promise: Promise<T>): Promise<T> {
    const state = { settled: false }
    const done = (): void => void (state.settled = true)
    promise.then(done, done)
    for (let rounds = 0; !state.settled && rounds < 20_000; rounds++) await this.env.advance(100)
    return promise
  }

  /** Where the calls went, in order. */
  get addresses(): string[] {
    return this.calls.map(({ address }) => address)
  }

  countPd(name: string): number {
    return this.pdCalls.filter((call) => call.startsWith(name)).length
  }

  async #ask<T>(call: string, answer: () => T): Promise<T> {
    this.pdCalls.push(call)
    if (this.pdGate !== undefined) await this.pdGate
    const failure = this.pdFailures.shift()
    if (failure !== undefined) throw failure
    return answer()
  }

  #holding(key: Uint8Array): RegionInfo | undefined {
    return this.regions.find(
      ({ region }) =>
        Buffer.compare(region.startKey, key) <= 0 &&
        (region.endKey.length === 0 || Buffer.compare(key, region.endKey) < 0),
    )
  }

  #scan(start: Uint8Array, end: Uint8Array): RegionInfo[] {
    return this.regions.filter(
      ({ region }) =>
        (region.endKey.length === 0 || Buffer.compare(start, region.endKey) < 0) &&
        (end.length === 0 || Buffer.compare(region.startKey, end) < 0),
    )
  }

  #pd(): PdClient {
    const told = (key: Uint8Array): string => Buffer.from(key).toString('latin1')
    const own: Partial<PdClient> = {
      clusterId: 7n,
      getRegion: (key, options) =>
        this.#ask(`getRegion ${told(key)}${options?.allowFollower === true ? ' follower' : ''}`, () =>
          this.#holding(key),
        ),
      getPreviousRegion: (key) =>
        this.#ask(`getPreviousRegion ${told(key)}`, () =>
          this.regions.find(({ region }) => Buffer.compare(region.endKey, key) === 0),
        ),
      getRegionById: (id) =>
        this.#ask(`getRegionById ${id}`, () => this.regions.find(({ region }) => region.id === id)),
      scanRegions: (range, limit) =>
        this.#ask(`scanRegions ${told(range.start)}-${told(range.end)} ${limit}`, () =>
          this.#scan(range.start, range.end).slice(0, limit),
        ),
      batchScanRegions: (ranges, limit) =>
        this.#ask(`batchScanRegions ${ranges.length} ${limit}`, () => {
          const wanted = new Set(ranges.flatMap(({ start, end }) => this.#scan(start, end)))
          return this.regions.filter((info) => wanted.has(info)).slice(0, limit)
        }),
      getStore: (id) =>
        this.#ask(`getStore ${id}`, () => {
          const store = this.stores.get(id)
          return store?.state === StoreState.Tombstone ? undefined : store
        }),
      getAllStores: () =>
        this.#ask('getAllStores', () =>
          [...this.stores.values()].filter(({ state }) => state !== StoreState.Tombstone),
        ),
    }
    return new Proxy(own, {
      get(target, name) {
        if (name in target) return Reflect.get(target, name) as unknown
        throw new OrbitError('INTERNAL', `the fake PD has no ${String(name)}`)
      },
    }) as PdClient
  }

  #rpc(): StoreRpc {
    const call = async <Request, Response>(
      address: string,
      method: KvMethod<Request, Response>,
      request: Request,
      options: StoreCallOptions,
    ): Promise<Response> => {
      const { context } = request as { context: Context }
      const seen: SeenCall = { address, method: method.name, request, context: { ...context }, options }
      this.calls.push(seen)
      let step = this.script.shift() ?? this.behaviour.get(address) ?? { value: address }
      while (typeof step === 'function') step = await step(seen)
      if ('fail' in step) throw step.fail
      const empty = method.decodeResponse(new Uint8Array(0))
      if ('regionError' in step) return { ...empty, regionError: RegionError.create(step.regionError) }
      return { ...empty, value: utf8(step.value) }
    }
    return {
      call,
      async *stream(address, method, request, options) {
        yield await call(address, method, request, options)
      },
      probe: async (address) => {
        this.probes.push(address)
        return this.liveness.get(address) ?? 'reachable'
      },
      closeAddress: (address) => void this.closed.push(address),
      describe: () => [],
      close: async () => undefined,
    }
  }

  async close(): Promise<void> {
    this.sender.close()
    await this.cache.close()
  }
}

export interface RegionSpec {
  readonly stores?: readonly bigint[]
  readonly version?: bigint
  readonly confVer?: bigint
  /** 0n: none. */
  readonly leader?: bigint
  readonly down?: readonly bigint[]
  readonly roles?: Readonly<Record<string, PeerRole>>
}

export function rpcFailed(status = 14): OrbitError {
  return new OrbitError('RPC_FAILED', 'the connection is lost', { status, address: 's?' })
}

export function rpcTimeout(): OrbitError {
  return new OrbitError('RPC_TIMEOUT', 'no answer', { status: 4, address: 's?' })
}
