import { describeSchema, systemEnv, type SchemaRow } from '@orbit-ts/base'
import {
  configSchema,
  resolveAccess,
  startServer,
  type OrbitConfig,
  type OrbitServer,
} from '@orbit-ts/server'
import { Option, type Command } from 'commander'
import { SampleFiles } from '../sample/sample-data.js'
import { showSample } from '../sample/show-sample.js'
import { loadSettings, type GlobalOptions, type Settings } from '../settings/load-settings.js'
import { dataProvider } from '../settings/open-store.js'
import { interruptible, untilAborted } from '../terminal/interruption.js'
import { openLog } from '../terminal/open-log.js'
import { note, print } from '../terminal/print.js'
import { VERSION } from '../version.js'

interface ServeFlags extends GlobalOptions {
  readonly sample?: true
}

/** Settings that every command has a flag for. */
const GLOBAL_PATHS: ReadonlySet<string> = new Set([
  'server.data_dir',
  'server.persistence_backend',
  'log.level',
  'log.format',
])

const ALL_INTERFACES: ReadonlySet<string> = new Set(['0.0.0.0', '::'])

export function addServe(program: Command): void {
  const rows = flagRows()
  const command = program
    .command('serve')
    .summary('run a server')
    .description(
      'Opens the stores that the configuration names and serves the HTTP API until it is stopped with Ctrl-C or SIGTERM. Requests in progress are finished first.',
    )
    .option('--sample', 'load a real data set first and show what can be asked of it')
  for (const row of rows) command.addOption(new Option(`${row.flag} <value>`, describe(row)))
  command
    .addHelpText(
      'after',
      `
Every setting is also a key of the configuration file (--server-page-size: page_size in [server]) and an environment
variable (ORBIT_SERVER_PAGE_SIZE). Providers are configured in the file or the environment. \`orbit config show --origin\`
says what is in effect and why.

Examples:
  orbit serve --data-dir ./data --http-port 9090
  orbit serve --sample
  orbit serve --storage tikv --pd-endpoints pd-1:2379,pd-2:2379
  ORBIT_SERVER_AUTH_TOKENS=secret orbit serve --host 0.0.0.0`,
    )
    .action(async (_flags: unknown, self: Command) => {
      const flags = self.optsWithGlobals<ServeFlags>()
      const own = self.opts<Readonly<Record<string, unknown>>>()
      const given = rows.map(({ flag }) => [
        flag.slice(2),
        own[new Option(`${flag} <value>`).attributeName()],
      ])
      await serve(
        loadSettings(flags, Object.fromEntries(given) as Record<string, unknown>),
        flags.sample === true,
      )
    })
}

/** Secrets have no flag: others on the machine see command lines. Providers have names of the user's choice. */
function flagRows(): SchemaRow[] {
  return describeSchema(configSchema).filter(
    ({ path, secret }) => !secret && !path.startsWith('providers.') && !GLOBAL_PATHS.has(path),
  )
}

function describe({ doc, type, default: fallback }: SchemaRow): string {
  return `${doc} [${type}${fallback === undefined ? '' : `; default ${fallback}`}]`
}

async function serve(settings: Settings, withSample: boolean): Promise<void> {
  const { config } = settings
  // Before a store is made for a sample that is not there.
  const files = withSample ? SampleFiles.find() : undefined
  const logger = openLog(config.log)
  await interruptible('stopping; requests in progress are finished', async (signal) => {
    const server = await startServer(config, { logger, env: systemEnv })
    try {
      if (files !== undefined) await showSample(server.database, server.database, files, signal)
      print(summary(settings, server))
      await untilAborted(signal)
    } finally {
      await server.close()
    }
  })
  note('orbit: stopped')
}

function summary(
  settings: Settings,
  { urls, postgresUrl }: Pick<OrbitServer, 'urls' | 'postgresUrl'>,
): string {
  const { name, options, place } = dataProvider(settings)
  const { server, postgres } = settings.config
  const kind = name.replace('_', '-') === options.kind ? options.kind : `${name} (${options.kind})`
  const lines = [
    ['data', `${kind}, ${place}`],
    ...(settings.file === undefined ? [] : [['configuration', settings.file]]),
    ['access', accessOf(settings.config)],
    ...urls.map((url) => ['HTTP API', `${url}, described at ${url}/openapi.json${reachOf(server.host)}`]),
    ...(postgresUrl === undefined ? [] : [['PostgreSQL', `${postgresUrl}${reachOf(postgres.host)}`]]),
  ]
  return [
    `Orbit ${VERSION} is ready. Stop it with Ctrl-C.`,
    ...lines.map(([what = '', text = '']) => `  ${what.padEnd(13)}  ${text}`),
  ].join('\n')
}

/** The address that is printed is one to use on this machine; others have another. */
function reachOf(host: string): string {
  return ALL_INTERFACES.has(host) ? ' (listening on all interfaces)' : ''
}

function accessOf({ server }: OrbitConfig): string {
  const { tokens } = resolveAccess(server)
  return tokens.length > 0
    ? `requests must carry a bearer token`
    : `no token is asked for: only this machine reaches ${server.host}`
}
