import {
  ActorRegionMapper,
  DataLocalityOptimizer,
  locateIn,
  StorageAddressableDirectory,
  StorageClusterNodes,
} from '@orbit-ts/actors'
import type { AddressableDirectoryProvider, ClusterNodeProvider } from '@orbit-ts/actors'
import { Metrics, OrbitError, silentLogger, systemEnv, type Env, type Logger } from '@orbit-ts/base'
import { openDatabase, type Database } from '@orbit-ts/engine'
import {
  clusterOf,
  managerConfigOf,
  ProviderRegistry,
  StorageManager,
  type ProviderRegistryOptions,
  type ProviderRole,
  type ProviderSelectionStrategy,
  type StorageManagerConfig,
  type StorageProvider,
} from '@orbit-ts/storage'
import { ClusterWatch, type ClusterWatchOptions } from './cluster-watch.js'
import type { OrbitConfig } from './config/orbit-config.js'
import type { PlacementSettings } from './config/placement-settings.js'
import { resolveAccess } from './config/resolve-access.js'
import { resolveProviders } from './config/resolve-providers.js'
import { buildHttpServer } from './http/build-http-server.js'
import { checkAddress } from './http/listen.js'
import { Maintenance } from './maintenance.js'
import { observeClusters } from './metrics/cluster-metrics.js'
import { observeManager } from './metrics/manager-metrics.js'
import { observePlacement, type Placement } from './metrics/placement-metrics.js'
import { checkPostgresAddress } from './protocols/postgres/check-address.js'

export interface StartOptions {
  /** Default: none. */
  readonly logger?: Logger
  readonly env?: Env
  /** Stops the server, or its start, when it is aborted. */
  readonly signal?: AbortSignal
  /** In place of what `[storage_manager]` says of the strategy: the way to one of kind `Custom`. */
  readonly storageStrategy?: ProviderSelectionStrategy
}

export interface OrbitServer extends AsyncDisposable {
  /** Where the HTTP API is. */
  readonly urls: readonly string[]
  /** Where PostgreSQL clients are served; undefined when they are not. */
  readonly postgresUrl: string | undefined
  readonly registry: ProviderRegistry
  readonly database: Database
  /** Which node runs which actor. */
  readonly directory: AddressableDirectoryProvider
  /** The membership of the cluster. */
  readonly nodes: ClusterNodeProvider
  /** Where actors and the regions of their keys are, and what moves actors. */
  readonly placement: Placement
  /** Which provider has the state of which actor; undefined unless `[storage_manager]` is enabled. */
  readonly storageManager: StorageManager | undefined
  readonly metrics: Metrics
  /** Finishes the requests in progress within `server.shutdown_timeout`, then closes the stores. Harmless when called again. */
  close(): Promise<void>
}

/**
 * Opens the providers, the database and the HTTP API of a configuration.
 * @throws CONFIG_INVALID, STORAGE_UNSUPPORTED (a backend of another release), STORAGE_LOCKED, STORAGE_CORRUPT and what
 *   else opening a provider throws; ABORTED. Whatever was open already is closed again.
 */
export async function startServer(config: OrbitConfig, options: StartOptions = {}): Promise<OrbitServer> {
  const { signal } = options
  const started = new Started(options.logger ?? silentLogger)
  try {
    const server = await start(config, options, started)
    throwIfAborted(signal)
    // What fails while closing is in the log.
    const onAbort = (): void => void server.close().catch(() => undefined)
    signal?.addEventListener('abort', onAbort, { once: true })
    started.onClose(() => Promise.resolve(signal?.removeEventListener('abort', onAbort)))
    return server
  } catch (error) {
    await started.close()
    throw error
  }
}

async function start(config: OrbitConfig, options: StartOptions, started: Started): Promise<OrbitServer> {
  const { env = systemEnv, logger = silentLogger } = options
  throwIfAborted(options.signal)
  const providers = resolveProviders(config)
  const managed = resolveManager(config, providers)
  // Before a store is opened, and perhaps created, for a server that will not start.
  resolveAccess(config.server)
  await checkAddress(config.server)
  await checkPostgresAddress(config.postgres)
  const metrics = new Metrics()
  metrics.addProcessMetrics()
  const { transactions } = config
  const registry = await ProviderRegistry.open(providers, { env, transactions, logger, metrics })
  started.onClose(() => registry.close())
  const manager = managed && (await startManager(managed, options, { registry, metrics, started }))
  const storeFor = (role: ProviderRole): StorageProvider =>
    manager?.coordinator.store(registry.nameFor(role)) ?? registry.forRole(role)
  const database = await openDatabase({ storage: storeFor('data'), env, cache: config.cache })
  started.onClose(() => database.close())
  if (config.cache.warmUp) logger.info({ ...(await database.warmUp()) }, 'the caches are warm')
  const directory = new StorageAddressableDirectory(storeFor('addressable'), { env })
  const nodes = new StorageClusterNodes(storeFor('cluster'), { env })
  if (config.maintenance.enabled) {
    const { intervalMs } = config.maintenance
    const maintenance = new Maintenance({ database, directory, nodes, intervalMs, env, logger, metrics })
    maintenance.start()
    started.onClose(() => {
      maintenance.stop()
      return Promise.resolve()
    })
  }
  const placement = startPlacement(config.placement, { registry, nodes, env, logger, metrics, started })
  const postgres = await startPostgres(config, database, { env, logger, started })
  const http = buildHttpServer({ database, registry, storageManager: manager, config, logger, metrics, env })
  // Both at once: each gives what is in progress the whole of `shutdown_timeout`.
  started.onClose(() => Promise.all([http.close(), postgres?.close()]))
  const urls = await http.listen()
  logger.info({ urls, postgresUrl: postgres?.url, providers: registry.names }, 'Orbit is ready')
  const close = (): Promise<void> => started.close()
  return {
    urls,
    postgresUrl: postgres?.url,
    registry,
    database,
    directory,
    nodes,
    placement,
    storageManager: manager,
    metrics,
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** @throws CONFIG_INVALID */
function resolveManager(
  { storageManager: settings }: OrbitConfig,
  { providers, default: fallback, roles }: ProviderRegistryOptions,
): StorageManagerConfig | undefined {
  const names = Object.keys(providers)
  const data = roles?.data ?? fallback ?? names[0] ?? ''
  // Also when it is not enabled: a mistake is to be found before it is.
  const managed = managerConfigOf(settings, { names, data })
  return settings.enabled ? managed : undefined
}

/** The storage manager over all providers. Everyone is to use them through its coordinator then. */
async function startManager(
  managed: StorageManagerConfig,
  { env = systemEnv, logger = silentLogger, storageStrategy }: StartOptions,
  { registry, metrics, started }: { registry: ProviderRegistry; metrics: Metrics; started: Started },
): Promise<StorageManager> {
  const strategy = storageStrategy === undefined ? {} : { strategy: storageStrategy }
  const manager = await StorageManager.open(registry, { ...managed, ...strategy, tables: false, env, logger })
  started.onClose(() => manager.close())
  const end = observeManager(metrics, manager)
  started.onClose(() => {
    end()
    return Promise.resolve()
  })
  return manager
}

/** Begins to look at the cluster, when that is wanted. */
function startPlacement(
  { enabled, intervalMs, regionsMax, ...options }: PlacementSettings,
  context: Omit<ClusterWatchOptions, 'mapper' | 'intervalMs' | 'regionsMax'> & { readonly started: Started },
): Placement {
  const { registry, metrics, started } = context
  const cluster = clusterOf(registry.forRole('addressable'))
  const mapper = new ActorRegionMapper({
    nodes: [],
    ...(cluster === undefined ? {} : { locate: locateIn(cluster) }),
  })
  const placement = { mapper, optimizer: new DataLocalityOptimizer(mapper, undefined, options) }
  const ends = [observePlacement(metrics, placement)]
  if (enabled) {
    const watch = new ClusterWatch({ ...context, mapper, intervalMs, regionsMax })
    ends.push(observeClusters(metrics, watch))
    watch.start()
    ends.push(() => watch.stop())
  }
  started.onClose(() => {
    for (const end of ends) end()
    return Promise.resolve()
  })
  return placement
}

/** Serves PostgreSQL clients, when they are to be served. */
async function startPostgres(
  { postgres: settings, server }: OrbitConfig,
  database: Database,
  { env, logger, started }: { env: Env; logger: Logger; started: Started },
): Promise<{ readonly url: string; close(): Promise<void> } | undefined> {
  if (!settings.enabled) return undefined
  // Loaded only where it is used: it brings the grammar and all functions.
  const [{ SqlEngine }, { PostgresServer }] = await Promise.all([
    import('@orbit-ts/engine/sql'),
    import('./protocols/postgres/index.js'),
  ])
  const engine = await SqlEngine.open(database, {
    spillLimitBytes: settings.spillSizeMaxMb * 1024 * 1024,
  })
  const postgres = await PostgresServer.create({
    engine,
    settings,
    env,
    logger,
  })
  let closing: Promise<void> | undefined
  const close = (): Promise<void> => (closing ??= postgres.close(server.shutdownTimeoutMs))
  started.onClose(close)
  return { url: await postgres.listen(), close }
}

/** What was started, to be ended in the reverse order, each once and whatever the others do. */
class Started {
  readonly #logger: Logger
  readonly #ends: (() => Promise<unknown>)[] = []
  #closing: Promise<void> | undefined

  constructor(logger: Logger) {
    this.#logger = logger
  }

  onClose(end: () => Promise<unknown>): void {
    this.#ends.push(end)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** @throws the first error, after everything was tried */
  async #close(): Promise<void> {
    const errors: unknown[] = []
    for (const end of this.#ends.reverse()) {
      try {
        await end()
      } catch (error) {
        this.#logger.error({ err: error }, 'closing failed')
        errors.push(error)
      }
    }
    if (errors.length > 0) throw OrbitError.from(errors[0])
  }
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) {
    throw new OrbitError('ABORTED', 'the start was aborted by its signal', {}, { cause: signal.reason })
  }
}
