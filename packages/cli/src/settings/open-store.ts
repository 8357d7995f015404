import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { OrbitError, systemEnv } from '@orbit-ts/base'
import { openDatabase, type Database } from '@orbit-ts/engine'
import { resolveProviders } from '@orbit-ts/server'
import { openProvider, type ProviderOptions, type StorageProvider } from '@orbit-ts/storage'
import { openLog } from '../terminal/open-log.js'
import type { Settings } from './load-settings.js'

/** The provider of the five models, as configured. */
export interface DataProvider {
  readonly name: string
  readonly options: ProviderOptions
  /** Absolute; undefined for providers that keep no directory. */
  readonly dataDir: string | undefined
  /** Where the data is, for people: `in /var/lib/orbit`. */
  readonly place: string
}

/** @throws CONFIG_INVALID, STORAGE_UNSUPPORTED */
export function dataProvider({ config }: Settings): DataProvider {
  const { providers, roles, default: fallback } = resolveProviders(config)
  const name = roles?.data ?? fallback ?? Object.keys(providers)[0] ?? ''
  const options = providers[name]
  if (options === undefined) throw new OrbitError('CONFIG_INVALID', `no provider "${name}" is configured`)
  const dataDir = 'dataDir' in options && options.dataDir !== undefined ? resolve(options.dataDir) : undefined
  return { name, options, dataDir, place: dataDir === undefined ? placeOf(options) : `in ${dataDir}` }
}

function placeOf(options: ProviderOptions): string {
  if (options.kind !== 'tikv') return 'in memory'
  const { pdEndpoints = [], namespace } = options
  const cluster = `in the cluster of PD ${pdEndpoints.join(', ')}`
  return namespace === undefined ? cluster : `${cluster}, namespace ${namespace}`
}

/**
 * Opens the database that the configuration names, runs `work` and closes it again.
 * @param use `existing`: nothing is made when there is no database; `any`: a new one is made.
 * @throws STORAGE_LOCKED when a server has it open; INVALID_ARGUMENT when there is none
 */
export async function withDatabase<T>(
  settings: Settings,
  use: 'existing' | 'any',
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const provider = dataProvider(settings)
  refuseShortLived(provider)
  if (use === 'existing') refuseMissing(settings)
  const storage = await openStorage(provider, settings)
  try {
    const database = await openDatabase({ storage, env: systemEnv })
    return await work(database)
  } finally {
    await storage.close()
  }
}

async function openStorage(
  { options }: DataProvider,
  { config, loaded }: Settings,
): Promise<StorageProvider> {
  // A command tells itself how it goes; of the store only what is wrong is worth a line.
  const isChosen = loaded.origins.get('log.level') !== 'default'
  const logger = openLog({ format: 'text', ...config.log, ...(isChosen ? {} : { level: 'warn' }) })
  try {
    const { timeoutMs, lockWaitMs, historySizeMaxMb, transactionSizeMaxMb, transactionReadsMax } =
      config.transactions
    return await openProvider(options, {
      env: systemEnv,
      logger,
      transactions: { timeoutMs, lockWaitMs, historySizeMaxMb, transactionSizeMaxMb, transactionReadsMax },
    })
  } catch (error) {
    throw withStorageHint(error)
  }
}

/** Of a directory of another engine: the flag that opens it. */
function withStorageHint(error: unknown): unknown {
  if (!(error instanceof OrbitError) || typeof error.details['engine'] !== 'string') return error
  return new OrbitError(error.code, `${error.reason}: --storage ${error.details['engine']}`, error.details, {
    cause: error,
  })
}

function refuseShortLived({ name, options }: DataProvider): void {
  if (options.kind !== 'memory' || options.diskBackup !== undefined) return
  throw new OrbitError(
    'STORAGE_UNSUPPORTED',
    `the provider "${name}" keeps its data in the memory of one process, so this command cannot reach it; work with its server, or choose another provider`,
    { provider: name, kind: options.kind },
  )
}

/** Whether there is a database already. */
export function hasDatabase(settings: Settings): boolean {
  const { dataDir } = dataProvider(settings)
  return dataDir === undefined || existsSync(join(dataDir, 'ORBIT'))
}

/** Reading a database that is not there would make an empty one, and hide the mistyped name. */
function refuseMissing(settings: Settings): void {
  if (hasDatabase(settings)) return
  const { dataDir } = dataProvider(settings)
  throw new OrbitError(
    'INVALID_ARGUMENT',
    `there is no Orbit database in ${dataDir}; name its directory with --data-dir, or make one with \`orbit serve\` or \`orbit import --create\``,
    { dataDir },
  )
}
