import { parseArgs } from 'node:util'
import { didYouMean, OrbitError, systemEnv } from '@orbit-ts/base'
import { TestCluster, type TestClusterOptions } from './test-cluster.js'

const USAGE = `orbit-tikv-playground: PD and TiKV servers in memory, for development and tests

  --host <address>       where to listen (default 127.0.0.1)
  --pd-port <n>          port of the first PD member, the others follow (default 2379; 0: any)
  --pd <n>               members of PD (default 1)
  --store-port <n>       port of the first store, the others follow (default 20160; 0: any)
  --stores <n>           number of stores (default 3)
  --api-version <v>      v1, v1ttl or v2 (default v1)
  --keyspace <name>      a keyspace besides DEFAULT; may be given several times
  --help                 this text

All data is gone when it stops.
`

const flags = {
  host: { type: 'string', default: '127.0.0.1' },
  'pd-port': { type: 'string', default: '2379' },
  pd: { type: 'string', default: '1' },
  'store-port': { type: 'string', default: '20160' },
  stores: { type: 'string', default: '3' },
  'api-version': { type: 'string', default: 'v1' },
  keyspace: { type: 'string', multiple: true, default: [] as string[] },
  help: { type: 'boolean', default: false },
} as const

export interface PlaygroundSurroundings {
  readonly write: (text: string) => void
  /** Resolves when the playground has to end. */
  readonly stopped: () => Promise<unknown>
}

/** Starts a test cluster on real ports and runs until it is told to stop. Gives the exit code. */
export async function runPlayground(
  args: readonly string[],
  surroundings: PlaygroundSurroundings,
): Promise<number> {
  const stopped = surroundings.stopped()
  let cluster: TestCluster
  try {
    const options = readOptions(args)
    if (options === undefined) {
      surroundings.write(USAGE)
      return 0
    }
    cluster = await TestCluster.start(options)
  } catch (error) {
    surroundings.write(`${OrbitError.from(error).reason}\n`)
    return 1
  }
  // Nobody reads the log here, and what it keeps adds up.
  cluster.faults.logLimit = 0
  surroundings.write(describe(cluster))
  await stopped
  await cluster.close()
  surroundings.write('stopped\n')
  return 0
}

/** Undefined: help was asked for. */
function readOptions(args: readonly string[]): TestClusterOptions | undefined {
  const values = parse(args)
  if (values.help) return undefined
  const version = apiVersion(values['api-version'])
  if (values.keyspace.length > 0 && version !== 'v2')
    throw refused(`--keyspace needs --api-version v2, and it is ${version}`)
  const pdPort = wholeNumber('pd-port', values['pd-port'], 0, 65_535)
  const storePort = wholeNumber('store-port', values['store-port'], 0, 65_535)
  return {
    transport: 'sockets',
    env: systemEnv,
    host: values.host,
    stores: wholeNumber('stores', values.stores, 1, 100),
    pdMembers: wholeNumber('pd', values.pd, 1, 9),
    apiVersion: version,
    keyspaces: values.keyspace,
    ...(pdPort > 0 && { pdPort }),
    ...(storePort > 0 && { storePort }),
  }
}

function parse(args: readonly string[]): ReturnType<typeof parseArgs<{ options: typeof flags }>>['values'] {
  try {
    return parseArgs({ args: [...args], options: flags, allowPositionals: false }).values
  } catch (error) {
    const named = args.find((arg) => arg.startsWith('--') && !Object.hasOwn(flags, nameOf(arg)))
    if (named === undefined) throw refused(OrbitError.from(error).reason)
    throw refused(`unknown flag ${named}${didYouMean(nameOf(named), Object.keys(flags))}; see --help`)
  }
}

function nameOf(flag: string): string {
  return flag.slice(2).split('=')[0] ?? ''
}

function wholeNumber(name: string, text: string, min: number, max: number): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isInteger(value) && value >= min && value <= max) return value
  throw refused(`--${name} is ${text}; give a whole number from ${min} to ${max}`)
}

function apiVersion(text: string): 'v1' | 'v1ttl' | 'v2' {
  if (text === 'v1' || text === 'v1ttl' || text === 'v2') return text
  throw refused(`--api-version is ${text}; give v1, v1ttl or v2`)
}

function refused(reason: string): OrbitError {
  return new OrbitError('INVALID_ARGUMENT', reason)
}

function describe(cluster: TestCluster): string {
  const endpoints = cluster.pdEndpoints.map((endpoint) => `'${endpoint}'`).join(', ')
  const stores = cluster.state.stores().map(({ id, address }) => `  store ${id}  ${address}`)
  return [
    `PD      ${cluster.pdEndpoints.join(', ')}`,
    ...stores,
    '',
    "import { TiKVClient } from '@orbit-ts/tikv'",
    `const client = await TiKVClient.connect({ pdEndpoints: [${endpoints}] })`,
    '',
    'Ctrl-C stops it; all data is gone then.',
    '',
  ].join('\n')
}
