import { defined, OrbitError, systemEnv, TestEnv, type Env } from '@orbit-ts/base'
import { APIVersion } from '../gen/kvrpcpb.js'
import type { StoreLabel } from '../gen/metapb.js'
import type { InProcessNetwork } from '../rpc/in-process/in-process-network.js'
import type { ServerTls } from '../rpc/server/grpc-server.js'
import type { Service } from '../rpc/service.js'
import type { Transport } from '../rpc/transport.js'
import { composeTimestamp, type Timestamp } from '../timestamp.js'
import { InProcessHost, SocketHost, type ClusterHost } from './cluster-host.js'
import { ClusterState } from './cluster-state.js'
import type { RegionState, StoreInfo } from './cluster-types.js'
import { encodeBound } from './encoded-key.js'
import { Faults } from './faults.js'
import type { LockWaitLimits } from './mvcc/lock-waiting.js'
import { MvccStore } from './mvcc/mvcc-store.js'
import { TestPd } from './pd/test-pd.js'
import { RawStore } from './raw/raw-store.js'
import { dagCoprocessor } from './coprocessor/dag-coprocessor.js'
import type { CoprocessorExecutor } from './store/coprocessor.js'
import { StoreNode } from './store/store-node.js'
import type { StoreScope } from './store/store-scope.js'
import { storeService } from './store/store-service.js'
import type { StoreSettings } from './store/store-settings.js'

/** How a test cluster begins. */
export interface TestClusterOptions {
  /** Default 3. */
  readonly stores?: number
  /** Peers of a region. Default 3, at most the number of stores. */
  readonly replicas?: number
  /** Members of PD; the first one leads. Default 1. */
  readonly pdMembers?: number
  /** Where the first regions are cut, in keys as the servers get them (API V2: with their prefix). Default: nowhere. */
  readonly splitKeys?: readonly Uint8Array[]
  /** Default `v1`. */
  readonly apiVersion?: 'v1' | 'v1ttl' | 'v2'
  /** With API V1, whether the regions are cut for transactional or raw keys, which differ there. Default `txn`. */
  readonly keyMode?: 'txn' | 'raw'
  /** Default `in-process`. */
  readonly transport?: 'in-process' | 'sockets'
  /** Default: a `TestEnv` when `seed` is given, otherwise the real clock. */
  readonly env?: Env
  /** Makes a `TestEnv` of this seed: time stands still but for its `advance`. */
  readonly seed?: number
  /** Of sockets. Default `127.0.0.1`. */
  readonly host?: string
  /** Of sockets. Default: any that is free; further members take the following ports. */
  readonly pdPort?: number
  /** Of sockets, for the first store; further ones take the following ports. Default: any that is free. */
  readonly storePort?: number
  /** Of sockets: serves TLS. */
  readonly tls?: ServerTls
  /** Of each store by its index. Default: none. */
  readonly labels?: (index: number) => readonly StoreLabel[]
  /** Keyspaces besides `DEFAULT`. */
  readonly keyspaces?: readonly string[]
  /** Default: `dagCoprocessor`, which runs plans over tables and indexes. */
  readonly coprocessor?: CoprocessorExecutor
  /** How long stores let a request wait for a lock. */
  readonly lockWait?: Partial<LockWaitLimits>
  /** Default: drawn at random. */
  readonly clusterId?: bigint
  /** The first number that a store, peer or region gets. Default 1. */
  readonly firstId?: bigint
}

const apiVersions = { v1: APIVersion.V1, v1ttl: APIVersion.V1TTL, v2: APIVersion.V2 } as const

/** A running server of the cluster. */
interface RunningStore {
  readonly node: StoreNode
  address: string | undefined
}

/**
 * PD and TiKV servers for tests: they speak the real protocol, over sockets or within the process, and follow TiKV's
 * rules for every command. Data is kept in memory and shared by all replicas of a region.
 *
 * Invariants:
 * 1. A stopped store can be reached by nobody; its data is there again when it starts.
 * 2. After `close()` no socket, timer or call is left.
 */
export class TestCluster implements AsyncDisposable {
  readonly env: Env
  /** Who is in the cluster; its operations (split, merge, peers, leaders) take effect at once. */
  readonly state: ClusterState
  /** The members of PD: leader, freezing, hooks, calls seen. */
  readonly pd: TestPd
  /** Versions and locks of all keys. */
  readonly mvcc: MvccStore
  /** Raw keys. */
  readonly raw: RawStore
  /** What becomes of calls, and which were seen. */
  readonly faults: Faults
  readonly #host: ClusterHost
  readonly #scope: StoreScope
  readonly #stores = new Map<bigint, RunningStore>()
  readonly #encodesKeys: boolean
  #closed = false

  private constructor(options: TestClusterOptions, parts: ClusterParts) {
    this.env = parts.env
    this.state = parts.state
    this.pd = parts.pd
    this.#host = parts.host
    const apiVersion = apiVersions[options.apiVersion ?? 'v1']
    this.mvcc = new MvccStore({ env: this.env, ...(options.lockWait && { lockWait: options.lockWait }) })
    this.raw = new RawStore(this.env.clock, apiVersion)
    this.faults = new Faults()
    this.#encodesKeys = encodesKeys(options)
    this.#scope = {
      env: this.env,
      cluster: this.state,
      mvcc: this.mvcc,
      raw: this.raw,
      apiVersion,
      coprocessor: options.coprocessor ?? dagCoprocessor,
      now: () => this.now(),
    }
  }

  /** @throws `INVALID_ARGUMENT` for options that make no cluster, `RPC_FAILED` for a port that is taken. */
  static async start(options: TestClusterOptions = {}): Promise<TestCluster> {
    const env = options.env ?? (options.seed === undefined ? systemEnv : new TestEnv({ seed: options.seed }))
    const state = new ClusterState({ env, clusterId: options.clusterId, firstId: options.firstId })
    const host = hostFor(options, env)
    try {
      const pd = await startPd(options, env, state, host)
      const cluster = new TestCluster(options, { env, state, host, pd })
      await cluster.#bootstrap(options)
      return cluster
    } catch (error) {
      await host.close()
      throw error
    }
  }

  /** `host:port` of each member of PD, as a client is given them. */
  get pdEndpoints(): readonly string[] {
    return this.pd.addresses
  }

  /** For clients in this process; undefined when the cluster listens on sockets. */
  get transport(): Transport | undefined {
    return this.#host.transport
  }

  /** To lose and delay messages on the way; undefined when the cluster listens on sockets. */
  get network(): InProcessNetwork | undefined {
    return this.#host.network
  }

  /** The present as a timestamp; not larger than what PD gives out next. */
  now(): Timestamp {
    return composeTimestamp(Math.floor(this.env.clock.nowMs()), 0)
  }

  /** Ids of the stores, in the order in which they were added. */
  get storeIds(): readonly bigint[] {
    return [...this.#stores.keys()]
  }

  /** What can be turned on a store: disk usage, busyness, safe timestamp, slow score, health. */
  settings(storeId: bigint): StoreSettings {
    return this.#running(storeId).node.settings
  }

  /** The region of a key as the servers get it. */
  regionOf(key: Uint8Array): RegionState {
    return this.state.regionOf(this.#bound(key))
  }

  /** Cuts the region of `key` (as the servers get it), so that one starts there. */
  splitAt(key: Uint8Array): readonly RegionState[] {
    return this.state.splitAt(this.#bound(key))
  }

  /** Adds an empty store, which holds no region yet. */
  async addStore(options: { readonly labels?: readonly StoreLabel[] } = {}): Promise<StoreInfo> {
    const index = this.#stores.size
    const store = this.state.addStore(placeholder(index), options.labels)
    await this.#serve(store.id, index, {})
    return this.state.store(store.id)
  }

  /** Ends a store as a crash does: its connections break, its regions elect other leaders (after `electionMs`). */
  async stopStore(storeId: bigint, options: { readonly electionMs?: number } = {}): Promise<void> {
    const store = this.#running(storeId)
    this.state.stopStore(storeId, options)
    const { address } = store
    store.address = undefined
    if (address !== undefined) await this.#host.end(address)
  }

  /** Starts a stopped store: at its old address, or at a new one. */
  async startStore(
    storeId: bigint,
    options: { readonly newAddress?: boolean; readonly labels?: readonly StoreLabel[] } = {},
  ): Promise<StoreInfo> {
    const store = this.#running(storeId)
    if (store.address !== undefined) {
      throw new OrbitError('INVALID_ARGUMENT', `store ${storeId} runs already; stop it first`)
    }
    const old = this.state.store(storeId).address
    const name = `store-${storeId}-${this.state.allocateId()}`
    const wanted = options.newAddress === true ? {} : { address: old }
    store.address = await this.#host.serve(name, storeService(store.node), wanted)
    const { labels } = options
    return this.state.startStore(storeId, { address: store.address, ...(labels && { labels }) })
  }

  /** Removes versions that nobody can read at `safePoint` or later, as TiKV's own collector does in the background. */
  collectGarbage(safePoint: Timestamp): void {
    this.mvcc.collectGarbage(safePoint)
  }

  /** Ends everything; its data is gone. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.faults.clear()
    this.pd.thaw()
    await this.#host.close()
    this.mvcc.close()
    this.state.close()
  }

  /** As `close`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #bootstrap(options: TestClusterOptions): Promise<void> {
    const { stores, replicas, labels } = options
    this.state.bootstrap({
      ...(stores !== undefined && { stores }),
      ...(replicas !== undefined && { replicas }),
      ...(labels && { labels }),
      splitKeys: (options.splitKeys ?? []).map((key) => this.#bound(key)),
      address: placeholder,
    })
    for (const [index, store] of this.state.stores().entries()) {
      const port = options.storePort === undefined ? undefined : options.storePort + index
      await this.#serve(store.id, index, { port })
    }
  }

  async #serve(
    storeId: bigint,
    index: number,
    wanted: { readonly port?: number | undefined },
  ): Promise<void> {
    const { faults } = this
    const findNode = (address: string): StoreNode | undefined =>
      [...this.#stores.values()].find((store) => store.address === address)?.node
    const node = new StoreNode({ scope: this.#scope, storeId, faults, findNode })
    const address = await this.#host.serve(`store-${index + 1}`, storeService(node), wanted)
    this.#stores.set(storeId, { node, address })
    this.state.setStoreAddress(storeId, address)
  }

  #running(storeId: bigint): RunningStore {
    const store = this.#stores.get(storeId)
    if (store === undefined) throw new OrbitError('INVALID_ARGUMENT', `store ${storeId} does not exist`)
    return store
  }

  #bound(key: Uint8Array): Uint8Array {
    return this.#encodesKeys ? encodeBound(key) : key
  }
}

interface ClusterParts {
  readonly env: Env
  readonly state: ClusterState
  readonly host: ClusterHost
  readonly pd: TestPd
}

function placeholder(index: number): string {
  return `store-${index + 1}:20160`
}

function encodesKeys({ apiVersion = 'v1', keyMode = 'txn' }: TestClusterOptions): boolean {
  return apiVersion === 'v2' || (apiVersion === 'v1' && keyMode === 'txn')
}

function hostFor(options: TestClusterOptions, env: Env): ClusterHost {
  if (options.transport !== 'sockets') return new InProcessHost(env)
  return new SocketHost({ env, host: options.host, tls: options.tls })
}

/** The addresses are known only once the servers listen, but the members' lists name them: hence the late service. */
async function startPd(
  options: TestClusterOptions,
  env: Env,
  cluster: ClusterState,
  host: ClusterHost,
): Promise<TestPd> {
  const late: { pd?: TestPd } = {}
  const addresses: string[] = []
  for (let index = 0; index < (options.pdMembers ?? 1); index++) {
    let served: Service | undefined
    const service = {
      get handlers() {
        served ??= defined(late.pd, 'PD').service(index)
        return served.handlers
      },
    }
    const port = options.pdPort === undefined ? undefined : options.pdPort + index
    const wanted = host.network === undefined ? { port } : { port: 2379 }
    addresses.push(await host.serve(`pd-${index + 1}`, service, wanted))
  }
  late.pd = new TestPd({
    env,
    cluster,
    addresses,
    scheme: options.tls === undefined ? 'http' : 'https',
    ...(options.keyspaces && { keyspaces: options.keyspaces }),
  })
  return late.pd
}
