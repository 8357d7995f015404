import { existsSync, readFileSync } from 'node:fs'
import {
  OrbitError,
  didYouMean,
  loadConfig,
  type ConfigFile,
  type ConfigProblem,
  type LoadedConfig,
} from '@orbit-ts/base'
import { BACKENDS, UNAVAILABLE_BACKENDS, configSchema, type OrbitConfig } from '@orbit-ts/server'
import { usageError } from '../terminal/report-error.js'

/** What every command takes. */
export interface GlobalOptions {
  readonly config?: string
  readonly dataDir?: string
  readonly storage?: string
  readonly pdEndpoints?: string
  readonly logLevel?: string
  readonly logFormat?: string
  readonly debug?: boolean
}

export interface Settings {
  readonly config: OrbitConfig
  readonly loaded: LoadedConfig<OrbitConfig>
  /** The configuration file that was read; undefined when there is none. */
  readonly file: string | undefined
}

/** The schema's name for the flag that is called --storage here. */
const BACKEND_FLAG = 'persistence-backend'
/** And for the one that is called --pd-endpoints: of the provider that is named as its kind. */
const PD_FLAG = 'tikv-pd-endpoints'

/** Names the configuration file when `--config` does not. */
export const CONFIG_VARIABLE = 'ORBIT_CONFIG'
/** Read when nothing names another, if it is there. */
const CONFIG_FILES = ['orbit.toml', 'orbit.json'] as const

/**
 * The configuration in effect: defaults, then the file, the environment and the flags of the command line.
 * @param flags by the names that the configuration schema has for them
 * @throws CONFIG_INVALID, CONFIG_UNKNOWN_KEY
 */
export function loadSettings(
  options: GlobalOptions,
  flags: Readonly<Record<string, unknown>> = {},
): Settings {
  refuseUnknownStorage(options.storage)
  const file = readConfigFile(options.config)
  const loaded = load(file, {
    ...flags,
    'data-dir': options.dataDir,
    [BACKEND_FLAG]: options.storage,
    [PD_FLAG]: options.pdEndpoints,
    'log-level': options.logLevel,
    'log-format': options.logFormat,
  })
  refuseOtherStorage(options, loaded.value)
  refuseSecondTikv(options, loaded.value, file?.path)
  refuseIdleDataDir(options, loaded.value, file?.path)
  return { config: loaded.value, loaded, file: file?.path }
}

/** The configuration knows the names of further engines too; who mistypes one has not asked for those. */
function refuseUnknownStorage(storage: string | undefined): void {
  const kinds: readonly string[] = Object.values(BACKENDS).toReversed()
  const known = [...kinds, ...UNAVAILABLE_BACKENDS]
  if (storage === undefined || known.includes(storage.toLowerCase().replaceAll('_', '-'))) return
  throw usageError('--storage', `"${storage}" is not one of ${kinds.join(', ')}${didYouMean(storage, kinds)}`)
}

function load(
  file: ConfigFile | undefined,
  flags: Readonly<Record<string, unknown>>,
): LoadedConfig<OrbitConfig> {
  try {
    return loadConfig(configSchema, {
      ...(file === undefined ? {} : { file }),
      env: process.env,
      envAllowed: [CONFIG_VARIABLE],
      flags,
    })
  } catch (error) {
    if (!(error instanceof OrbitError)) throw error
    const { code, reason, details } = error
    // What is wrong with a flag is a wrong command line, and one flag has another name there.
    const flag = flagAtFault(details['problems'])
    const text = reason
      .replaceAll(`--${BACKEND_FLAG}`, '--storage')
      .replaceAll(`--${PD_FLAG}`, '--pd-endpoints')
    throw new OrbitError(code, text, flag === undefined ? details : { ...details, argument: flag }, {
      cause: error,
    })
  }
}

/** The first flag when everything that is wrong was given in flags. */
function flagAtFault(problems: unknown): string | undefined {
  const listed = (Array.isArray(problems) ? problems : []) as readonly Pick<ConfigProblem, 'origin'>[]
  const flags = listed.map(({ origin }) => /^flag (--\S+)$/.exec(origin ?? '')?.[1])
  return flags.includes(undefined) ? undefined : flags[0]
}

function readConfigFile(named: string | undefined): ConfigFile | undefined {
  const fromEnvironment = process.env[CONFIG_VARIABLE]
  const path =
    named ??
    (fromEnvironment === undefined || fromEnvironment === '' ? undefined : fromEnvironment) ??
    CONFIG_FILES.find((name) => existsSync(name))
  if (path === undefined) return undefined
  try {
    return { path, text: readFileSync(path, 'utf8') }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new OrbitError(
      'CONFIG_INVALID',
      `the configuration file ${path} cannot be read: ${reason}`,
      { path },
      { cause },
    )
  }
}

/** With providers configured the directory comes from them, and a flag that changes nothing would mislead. */
function refuseIdleDataDir(
  { dataDir, pdEndpoints }: GlobalOptions,
  config: OrbitConfig,
  file: string | undefined,
): void {
  if (dataDir === undefined) return
  if (pdEndpoints !== undefined || config.server.persistenceBackend === 'tikv') {
    throw usageError('--data-dir', 'a TiKV cluster keeps the data itself; leave --data-dir out')
  }
  const [first] = Object.keys(config.providers)
  if (first === undefined) return
  const where = file === undefined ? 'the environment' : file
  throw usageError(
    '--data-dir',
    `[providers] are configured in ${where}, and each has a data_dir of its own; change providers.${first}.data_dir there`,
  )
}

/** Both flags say where the data is. */
function refuseOtherStorage(
  { storage, pdEndpoints }: GlobalOptions,
  { providers, server }: OrbitConfig,
): void {
  if (storage === undefined || pdEndpoints === undefined) return
  const { persistenceBackend: backend } = server
  if (backend === undefined || backend === 'tikv' || providers[backend] !== undefined) return
  throw usageError(
    '--storage',
    `"${storage}" is another place than the TiKV cluster of --pd-endpoints; leave one of them out`,
  )
}

/** The flag would open a second cluster beside the one that the file names. */
function refuseSecondTikv(
  { pdEndpoints }: GlobalOptions,
  { providers }: OrbitConfig,
  file: string | undefined,
): void {
  if (pdEndpoints === undefined) return
  const other = Object.keys(providers).find((name) => name !== 'tikv' && providers[name]?.type === 'tikv')
  if (other === undefined) return
  throw usageError(
    '--pd-endpoints',
    `${file ?? 'the environment'} configures the TiKV provider "${other}"; change providers.${other}.pd_endpoints there`,
  )
}
