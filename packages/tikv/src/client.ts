import {
  configFromCode,
  hasCode,
  Metrics,
  OrbitError,
  silentLogger,
  systemEnv,
  type Env,
  type Logger,
} from '@orbit-ts/base'
import type { Tracer } from '@opentelemetry/api'
import { AdminClient } from './admin/admin-client.js'
import { changedConfig, type TiKVConfigChanges } from './config/changed-config.js'
import { tikvConfig, type TiKVConfig, type TiKVConfigInput } from './config/tikv-config.js'
import { CoprocessorClient } from './coprocessor/coprocessor-client.js'
import { BackgroundTasks } from './core/background-tasks.js'
import { openCore, type KeyMode, type OpenCore } from './core/open-core.js'
import type { PdDiagnostics } from './pd/pd-client.js'
import { RpcPdClient } from './pd/rpc-pd-client.js'
import { RawClient } from './raw/raw-client.js'
import type { TroubledRequest } from './region/attempt-log.js'
import type { RegionCacheDiagnostics } from './region/region-diagnostics.js'
import { parseStoreVersion, refusalOfOlder, type StoreVersion } from './region/store-version.js'
import { Http2Transport } from './rpc/http2/http2-transport.js'
import { PooledStoreRpc } from './rpc/store-rpc-pool.js'
import type { Interceptor, StoreConnections } from './rpc/store-rpc.js'
import type { Transport } from './rpc/transport.js'
import { keyFormatter } from './telemetry/format-key.js'
import { createTelemetry, type MetricsPrefix } from './telemetry/telemetry.js'
import { LockResolver } from './txn/lock/lock-resolver.js'
import { TxnSafePoint } from './txn/lock/safe-point.js'
import { TransactionClient } from './txn/transaction-client.js'

/** What a client takes from its program besides its configuration. */
export interface ClientRuntime {
  /** Default: silent. */
  readonly logger?: Logger | undefined
  /** Where the client's metrics go. Default: a set of its own, see {@link TiKVClient.metrics}. */
  readonly metrics?: Metrics | undefined
  /** What the names of the metrics begin with. Clients that share `metrics` add to the same ones unless these differ. Default `orbit_tikv`. */
  readonly metricsPrefix?: MetricsPrefix | undefined
  /** Default: that of the global OpenTelemetry provider. */
  readonly tracer?: Tracer | undefined
  /** Around every call to a store, outermost first. */
  readonly interceptors?: readonly Interceptor[] | undefined
  /** Ends connecting. */
  readonly signal?: AbortSignal | undefined
  /** How messages travel. Default: HTTP/2. One that is given is not closed with the client. */
  readonly transport?: Transport | undefined
  /**
   * Refuses stores that are older, when connecting and later: `8.5.0`, compared by its three numbers; a version that has
   * none is taken. Default: every version is taken. Deferred checks of keys that were not locked, in pessimistic
   * transactions, are made by TiKV 6.3.0 and later only.
   */
  readonly minimumStoreVersion?: string | undefined
  /** Clock, timers and randomness, for tests. */
  readonly env?: Env | undefined
}

/** Everything the client knows at one moment; for people, not for programs. */
export interface ClientDiagnostics {
  readonly pd: PdDiagnostics
  readonly regions: { readonly raw?: RegionCacheDiagnostics; readonly transaction?: RegionCacheDiagnostics }
  readonly connections: readonly StoreConnections[]
  readonly backgroundTasks: number
  readonly resolvingLocks: number
  /** The latest requests that failed or needed several attempts, 64 at most of each kind of keys; oldest first. */
  readonly troubledRequests: readonly TroubledRequest[]
}

interface TransactionPart {
  readonly core: OpenCore
  readonly resolver: LockResolver
  readonly safePoint: TxnSafePoint
  readonly client: TransactionClient
  readonly admin: AdminClient
  readonly coprocessor: CoprocessorClient
}

/**
 * A client of one TiKV cluster: connections, caches and background work that all its users share. Open one for a
 * process, and close it.
 *
 * Invariants:
 * 1. What is not used costs nothing: raw keys and transactions build their caches with their first use.
 * 2. After `close` no socket, timer or task of the client is left, and every call fails with `CLIENT_CLOSED`.
 */
export class TiKVClient implements AsyncDisposable {
  /** As it is in effect, defaults filled in; `reconfigure` changes it. */
  readonly config: TiKVConfig
  /** Prometheus metrics, `orbit_tikv_…`; `render()` gives them as text. */
  readonly metrics: Metrics
  readonly #env: Env
  readonly #logger: Logger
  readonly #transport: Transport
  readonly #ownsTransport: boolean
  readonly #telemetry: ReturnType<typeof createTelemetry>
  readonly #pd: RpcPdClient
  readonly #rpc: PooledStoreRpc
  readonly #background: BackgroundTasks
  readonly #keyspaceId: number | undefined
  readonly #minimumStoreVersion: StoreVersion | undefined
  readonly #cores = new Map<KeyMode, OpenCore>()
  #raw: RawClient | undefined
  #transaction: TransactionPart | undefined
  #closing: Promise<void> | undefined

  /**
   * Waits for PD, checks the cluster, the keyspace and, where asked for, the versions of the stores.
   * @throws `CONFIG_INVALID`, `CONFIG_UNKNOWN_KEY`, `INVALID_ARGUMENT` (an address that is none), `PD_UNAVAILABLE`
   *   (after `connectTimeout`), `PD_CLUSTER_MISMATCH`, `PD_REFUSED`, `RPC_TLS`, `KEYSPACE_UNAVAILABLE`, `ABORTED`,
   *   `STORAGE_UNSUPPORTED` (a store is older than `minimumStoreVersion`)
   */
  static async connect(input: TiKVConfigInput, runtime: ClientRuntime = {}): Promise<TiKVClient> {
    const config = configFromCode(tikvConfig, input)
    refuseContradictions(config)
    const minimumStoreVersion = checkedVersion(runtime.minimumStoreVersion)
    const env = runtime.env ?? systemEnv
    const logger = runtime.logger ?? silentLogger
    const metrics = runtime.metrics ?? new Metrics()
    const telemetry = createTelemetry(
      metrics,
      keyFormatter(config.redactLogs),
      runtime.tracer,
      checkedPrefix(runtime.metricsPrefix),
    )
    const transport = runtime.transport ?? new Http2Transport({ config, env, logger })
    const ownsTransport = runtime.transport === undefined
    let pd: RpcPdClient | undefined
    try {
      const { signal } = runtime
      pd = await RpcPdClient.connect({ env, logger, telemetry, transport, config, signal })
      if (minimumStoreVersion !== undefined) await refuseOlderStores(pd, minimumStoreVersion, signal)
      const keyspaceId = await loadKeyspace(pd, config, signal)
      return new TiKVClient({
        config,
        runtime,
        env,
        logger,
        metrics,
        telemetry,
        transport,
        ownsTransport,
        pd,
        keyspaceId,
        minimumStoreVersion,
      })
    } catch (error) {
      await pd?.close()
      if (ownsTransport) await transport.close()
      throw error
    }
  }

  private constructor(parts: ClientParts) {
    const { config, env, logger, telemetry, transport } = parts
    this.config = config
    this.metrics = parts.metrics
    this.#env = env
    this.#logger = logger
    this.#telemetry = telemetry
    this.#transport = transport
    this.#ownsTransport = parts.ownsTransport
    this.#pd = parts.pd
    this.#keyspaceId = parts.keyspaceId
    this.#minimumStoreVersion = parts.minimumStoreVersion
    this.#background = new BackgroundTasks({
      max: config.backgroundTasksMax,
      logger,
      gauge: telemetry.backgroundTasks,
    })
    this.#rpc = new PooledStoreRpc({
      env,
      transport,
      config,
      telemetry,
      logger,
      interceptors: parts.runtime.interceptors,
      onHealthFeedback: (_address, feedback) => {
        for (const core of this.#cores.values()) core.onHealthFeedback(feedback)
      },
    })
  }

  /** The number that PD gave the cluster. */
  get clusterId(): bigint {
    return this.#pd.clusterId
  }

  /** Transactions and snapshots. */
  get txn(): TransactionClient {
    return this.#transactions().client
  }

  /** Raw keys. Do not mix them with transactions on the same keys. */
  get raw(): RawClient {
    this.#raw ??= new RawClient(this.#core('raw'))
    return this.#raw
  }

  /** Garbage collection, splits, destroying ranges, locks and versions as the servers have them. */
  get admin(): AdminClient {
    return this.#transactions().admin
  }

  /** Requests that the servers run over ranges of transactional keys. */
  get coprocessor(): CoprocessorClient {
    return this.#transactions().coprocessor
  }

  /** What the client knows and does right now. */
  diagnostics(): ClientDiagnostics {
    const raw = this.#cores.get('raw')?.regions.describe()
    const transaction = this.#cores.get('transaction')?.regions.describe()
    return {
      pd: this.#pd.describe(),
      regions: { ...(raw && { raw }), ...(transaction && { transaction }) },
      connections: this.#rpc.describe(),
      backgroundTasks: this.#background.size,
      resolvingLocks: this.#transaction?.resolver.resolving().length ?? 0,
      troubledRequests: [...this.#cores.values()]
        .flatMap(({ sender }) => sender.troubledRequests())
        .toSorted((one, other) => one.atMs - other.atMs),
    }
  }

  /**
   * Changes timeouts, limits, batches and switches while the client runs: for calls that begin from now on, and for
   * transactions that are under way where they have not come to it yet. The level of logs is the logger's. An error
   * changes nothing.
   * @throws `CONFIG_INVALID` (also for what is fixed once a client is connected), `CONFIG_UNKNOWN_KEY`, `CLIENT_CLOSED`
   */
  reconfigure(changes: TiKVConfigChanges): void {
    this.#requireOpen()
    // Everybody holds this very object.
    Object.assign(this.config, changedConfig(this.config, changes))
    this.#logger.info({ changes }, 'the configuration of the TiKV client was changed')
  }

  /** Waits for background work under way (secondary commits, clean-up) without ending anything. */
  settle(): Promise<void> {
    return this.#background.settle()
  }

  /** Ends what is under way and frees everything. Locks that were to be cleaned are left for others to resolve. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** As `close`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    await this.#background.close()
    for (const core of this.#cores.values()) await core.close()
    await this.#rpc.close()
    await this.#pd.close()
    if (this.#ownsTransport) await this.#transport.close()
  }

  #requireOpen(): void {
    if (this.#closing !== undefined)
      throw new OrbitError('CLIENT_CLOSED', 'the client was closed; open another')
  }

  #core(mode: KeyMode): OpenCore {
    this.#requireOpen()
    let core = this.#cores.get(mode)
    if (core === undefined) {
      core = openCore(mode, {
        env: this.#env,
        logger: this.#logger,
        config: this.config,
        telemetry: this.#telemetry,
        pd: this.#pd,
        rpc: this.#rpc,
        background: this.#background,
        keyspaceId: this.#keyspaceId,
        minimumStoreVersion: this.#minimumStoreVersion,
      })
      this.#cores.set(mode, core)
    }
    return core
  }

  #transactions(): TransactionPart {
    if (this.#transaction !== undefined) return this.#transaction
    if (this.config.apiVersion === 'v1ttl') {
      throw new OrbitError(
        'API_VERSION_MISMATCH',
        'a cluster with API V1TTL has raw keys only; use client.raw, or a cluster with API V1 or V2',
        { apiVersion: 'v1ttl' },
      )
    }
    const core = this.#core('transaction')
    const resolver = new LockResolver(core)
    const safePoint = new TxnSafePoint({
      env: this.#env,
      logger: this.#logger,
      gc: core.pd.gc,
      intervalMs: this.config.safePointInterval,
      signal: core.closing,
      gauge: this.#telemetry.safePoint,
    })
    void safePoint.start()
    const client = new TransactionClient({ core, resolver, safePoint })
    const admin = new AdminClient({ core, resolver, safePoint })
    const coprocessor = new CoprocessorClient({ core, resolver })
    this.#transaction = { core, resolver, safePoint, client, admin, coprocessor }
    return this.#transaction
  }
}

interface ClientParts {
  readonly config: TiKVConfig
  readonly runtime: ClientRuntime
  readonly env: Env
  readonly logger: Logger
  readonly metrics: Metrics
  readonly telemetry: ReturnType<typeof createTelemetry>
  readonly transport: Transport
  readonly ownsTransport: boolean
  readonly pd: RpcPdClient
  readonly keyspaceId: number | undefined
  readonly minimumStoreVersion: StoreVersion | undefined
}

function checkedPrefix(prefix: MetricsPrefix | undefined): MetricsPrefix | undefined {
  if (prefix === undefined || /^orbit_[a-z0-9]+(_[a-z0-9]+)*$/.test(prefix)) return prefix
  throw new OrbitError(
    'INVALID_ARGUMENT',
    `metricsPrefix: ${JSON.stringify(prefix)} is no beginning of a metric's name; give orbit_ and words of a-z and 0-9 with _ between them`,
    { field: 'metricsPrefix', value: prefix },
  )
}

function refuseContradictions(config: TiKVConfig): void {
  if (config.keyspace !== undefined && config.apiVersion !== 'v2') {
    throw new OrbitError(
      'CONFIG_INVALID',
      `keyspace: ${JSON.stringify(config.keyspace)} needs apiVersion "v2"`,
      {
        field: 'keyspace',
        value: config.keyspace,
      },
    )
  }
}

async function loadKeyspace(
  pd: RpcPdClient,
  config: TiKVConfig,
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
  if (config.apiVersion !== 'v2') return undefined
  const { id } = await pd.loadKeyspace(config.keyspace ?? 'DEFAULT', { signal })
  return id ?? 0
}

function checkedVersion(text: string | undefined): StoreVersion | undefined {
  if (text === undefined) return undefined
  const version = parseStoreVersion(text)
  if (version !== undefined) return version
  throw new OrbitError(
    'INVALID_ARGUMENT',
    `minimumStoreVersion: ${JSON.stringify(text)} is no version; give one as "6.3.0"`,
    { field: 'minimumStoreVersion', value: text },
  )
}

/** PD lists no stores before the first one has joined: those are looked at when they are first used. */
async function refuseOlderStores(
  pd: RpcPdClient,
  minimum: StoreVersion,
  signal: AbortSignal | undefined,
): Promise<void> {
  const stores = await pd.getAllStores({ signal }).catch((error: unknown) => {
    if (hasCode(error, 'PD_REFUSED')) return []
    throw error
  })
  for (const store of stores) {
    const refusal = refusalOfOlder(store, minimum)
    if (refusal !== undefined) throw refusal
  }
}
