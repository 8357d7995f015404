import { loadConfig, systemEnv } from '@orbit-ts/base'
import { configSchema, startServer, type OrbitConfig, type OrbitServer } from '@orbit-ts/server'
import { Help, type Command, type Option } from 'commander'
import { requireFreePorts, type WantedPort } from '../cluster/free-ports.js'
import { startDevStores } from '../cluster/dev-stores.js'
import { SampleFiles } from '../sample/sample-data.js'
import { showSample } from '../sample/show-sample.js'
import type { GlobalOptions } from '../settings/load-settings.js'
import { interruptible, untilAborted } from '../terminal/interruption.js'
import { openLog } from '../terminal/open-log.js'
import { note, print } from '../terminal/print.js'
import { usageError } from '../terminal/report-error.js'
import { VERSION } from '../version.js'
import { parseCount } from './command-options.js'

interface DevClusterFlags extends GlobalOptions {
  readonly stores?: string
  readonly servers?: string
  readonly pdPort?: string
  readonly pdServer?: string
  readonly storePort?: string
  readonly httpPort?: string
  readonly postgresPort?: string
  readonly sample?: true
}

/** A checked command line. */
interface DevCluster {
  readonly stores: number
  readonly servers: number
  /** The first of each, the others follow; 0: any that is free. */
  readonly pdPort: number
  readonly storePort: number
  readonly httpPort: number
  readonly postgresPort: number
  readonly pdServer: string | undefined
  readonly logLevel: string | undefined
  readonly logFormat: string | undefined
}

const PORT_MAX = 65_535
/** Global options that the development cluster follows; the others are refused. */
const FOLLOWED: ReadonlySet<string | undefined> = new Set([
  '--log-level',
  '--log-format',
  '--debug',
  '--help',
])

export function addDevCluster(program: Command): void {
  program
    .command('dev-cluster')
    .summary('run a TiKV cluster and two servers on it, for development')
    .description(
      'Starts PD and TiKV servers that speak the real protocol but keep their data in memory, and Orbit servers that share them, all in this process. Everything is gone when it stops. No configuration file is read.',
    )
    .option('--stores <n>', 'TiKV servers (default: 3)')
    .option('--servers <n>', 'Orbit servers (default: 2)')
    .option('--pd-port <port>', 'the port of PD; 0: any that is free (default: 2379)')
    .option(
      '--pd-server <path>',
      'a pd-server of TiKV to use, in a process of its own (default: one in this process)',
    )
    .option(
      '--store-port <port>',
      'the port of the first TiKV server, the others follow; 0: any that are free (default: 20160)',
    )
    .option(
      '--http-port <port>',
      'the HTTP port of the first Orbit server, the others follow; 0: any that are free (default: 8080)',
    )
    .option(
      '--postgres-port <port>',
      'the port for PostgreSQL clients of the first Orbit server, the others follow; 0: any that are free (default: 5432)',
    )
    .option('--sample', 'load a real data set through the first server and ask the last one')
    .addHelpText(
      'after',
      `
Examples:
  orbit dev-cluster
  orbit dev-cluster --sample
  orbit dev-cluster --pd-server ~/.tiup/components/pd/v8.5.0/pd-server
  orbit dev-cluster --servers 4 --stores 5 --http-port 9090 --postgres-port 5433`,
    )
    .configureHelp({
      showGlobalOptions: true,
      visibleGlobalOptions(this: Help, command: Command): Option[] {
        return Help.prototype.visibleGlobalOptions
          .call(this, command)
          .filter(({ long }) => FOLLOWED.has(long))
      },
    })
    .action(async (_flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<DevClusterFlags>()
      // Before anything is started for a sample that is not there.
      const files = flags.sample === true ? SampleFiles.find() : undefined
      await run(parse(flags), files)
    })
}

/** @throws INVALID_ARGUMENT */
function parse(flags: DevClusterFlags): DevCluster {
  for (const [flag, given] of [
    ['--config', flags.config],
    ['--data-dir', flags.dataDir],
    ['--storage', flags.storage],
    ['--pd-endpoints', flags.pdEndpoints],
  ] as const) {
    if (given !== undefined)
      throw usageError(
        flag,
        'the development cluster brings a store of its own; use `orbit serve` for others',
      )
  }
  return {
    stores: parseCount('--stores', flags.stores, 3, 1, 100),
    servers: parseCount('--servers', flags.servers, 2, 1, 16),
    pdPort: parseCount('--pd-port', flags.pdPort, 2379, 0, PORT_MAX),
    storePort: parseCount('--store-port', flags.storePort, 20_160, 0, PORT_MAX),
    httpPort: parseCount('--http-port', flags.httpPort, 8080, 0, PORT_MAX),
    postgresPort: parseCount('--postgres-port', flags.postgresPort, 5432, 0, PORT_MAX),
    pdServer: flags.pdServer,
    logLevel: flags.logLevel,
    logFormat: flags.logFormat,
  }
}

async function run(options: DevCluster, files: SampleFiles | undefined): Promise<void> {
  await requireFreePorts(portsOf(options))
  await interruptible('stopping; the data of the cluster goes with it', async (signal) => {
    await using cluster = await startDevStores({ ...options, signal })
    const servers: OrbitServer[] = []
    try {
      for (let at = 0; at < options.servers; at++) {
        servers.push(await startOne(configOf(options, at, cluster.pdEndpoints), at))
      }
      if (files !== undefined) await showOnBoth(servers, files, signal)
      print(summary(servers, cluster.pdEndpoints, cluster.addresses))
      await untilAborted(signal)
    } finally {
      await Promise.all(servers.map((server) => server.close()))
    }
  })
  note('orbit: stopped')
}

function portsOf({ stores, servers, ...first }: DevCluster): WantedPort[] {
  return [
    { what: 'PD', option: '--pd-port', first: first.pdPort, count: 1 },
    { what: 'a TiKV server', option: '--store-port', first: first.storePort, count: stores },
    { what: 'the HTTP API', option: '--http-port', first: first.httpPort, count: servers },
    { what: 'PostgreSQL clients', option: '--postgres-port', first: first.postgresPort, count: servers },
  ]
}

/** @throws CONFIG_INVALID */
function configOf(
  { httpPort, postgresPort, logLevel, logFormat }: DevCluster,
  at: number,
  pdEndpoints: readonly string[],
): OrbitConfig {
  const flags = {
    'http-port': String(httpPort === 0 ? 0 : httpPort + at),
    'postgres-port': String(postgresPort === 0 ? 0 : postgresPort + at),
    'tikv-pd-endpoints': pdEndpoints.join(','),
    'log-level': logLevel ?? 'warn',
    'log-format': logFormat,
  }
  return loadConfig(configSchema, { flags }).value
}

function startOne(config: OrbitConfig, at: number): Promise<OrbitServer> {
  return startServer(config, { logger: openLog(config.log).child({ server: at + 1 }), env: systemEnv })
}

/** Loads through the first server and asks the last one, which has seen none of it. */
async function showOnBoth(
  servers: readonly OrbitServer[],
  files: SampleFiles,
  signal: AbortSignal,
): Promise<void> {
  const [first] = servers
  const last = servers.at(-1)
  if (first !== undefined && last !== undefined)
    await showSample(first.database, last.database, files, signal)
}

function summary(
  servers: readonly OrbitServer[],
  pdEndpoints: readonly string[],
  stores: readonly string[],
): string {
  const lines = [
    ['PD', pdEndpoints.join(', ')],
    ['TiKV', stores.join(', ')],
    ...servers.flatMap(({ urls, postgresUrl }, at) => [
      ...urls.map((url) => [`server ${at + 1}`, `${url}, described at ${url}/openapi.json`]),
      ...(postgresUrl === undefined ? [] : [['', postgresUrl]]),
    ]),
    ['one more', `orbit serve --pd-endpoints ${pdEndpoints.join(',')} --http-port PORT --postgres-port PORT`],
  ]
  return [
    `Orbit ${VERSION}: a cluster for development is ready. Stop it with Ctrl-C; its data is gone then.`,
    ...lines.map(([what = '', text = '']) => `  ${what.padEnd(13)}  ${text}`),
  ].join('\n')
}
