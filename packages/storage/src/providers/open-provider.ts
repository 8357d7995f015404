import {
  OrbitError,
  configFromCode,
  didYouMean,
  systemEnv,
  type Env,
  type Logger,
  type Metrics,
  type SectionInput,
} from '@orbit-ts/base'
import type { Transport } from '@orbit-ts/tikv'
import type { Durability, StorageProvider } from '../provider.js'
import type { LocalEngine } from '../transaction/local-engine.js'
import { LocalTransactions, type LocalTransactionsOptions } from '../transaction/local-transactions.js'
import { openMemoryEngine } from './memory/open-memory-engine.js'
import {
  localOptionsOf,
  PROVIDER_SECTIONS,
  transactionSettings,
  type KnownProviderKind,
  type ProviderOptions,
} from './provider-options.js'

export interface OpenProviderContext {
  /** Default: this process's. */
  readonly env?: Env
  /** Limits of transactions. Default: those of `transactionSettings`. */
  readonly transactions?: SectionInput<typeof transactionSettings>
  /** Where the client of a distributed store says what it does. Default: nowhere. */
  readonly logger?: Logger
  /** Where the client of a distributed store reports its own metrics. Default: nowhere. */
  readonly metrics?: Metrics
  /** How the client of TiKV reaches its servers: that of a test cluster within the process. Default: sockets. */
  readonly transport?: Transport
}

interface OpenerContext extends Pick<OpenProviderContext, 'logger' | 'metrics' | 'transport'> {
  readonly env: Env
  readonly transactions: LocalTransactionsOptions
}

/** Each opener checks its options against its own section, so the table need not tell their types apart. */
type Opener = (options: object, context: OpenerContext) => Promise<LocalEngine | StorageProvider>

/** Native bindings and clients are loaded only when their provider is opened: `memory` starts with none of them. */
const OPENERS: Readonly<Record<KnownProviderKind, Opener>> = {
  memory: openMemoryEngine,
  rocksdb: async (options, context) =>
    (await import('./rocksdb/open-rocksdb-engine.js')).openRocksdbEngine(options, context),
  'cow-btree': async (options, context) =>
    (await import('./cow-btree/open-cow-btree-engine.js')).openCowBtreeEngine(options, context),
  'lsm-tree': async (options, context) =>
    (await import('./lsm-tree/open-lsm-tree-engine.js')).openLsmTreeEngine(options, context),
  tikv: async (options, { env, transactions, logger, metrics, transport }) => {
    const { transactionTimeoutMs = 30_000, lockWaitMs = 10_000 } = transactions
    const { openTikvProvider } = await import('./tikv/open-tikv-provider.js')
    return openTikvProvider(options, {
      env,
      transactions: { transactionTimeoutMs, lockWaitMs },
      runtime: { logger, metrics, transport },
    })
  },
}

/**
 * Opens the store that `options.kind` names.
 * @throws CONFIG_INVALID, CONFIG_UNKNOWN_KEY, STORAGE_UNSUPPORTED: an option that the engine cannot honour
 * @throws STORAGE_UNAVAILABLE: no native binding for this platform
 * @throws STORAGE_LOCKED, STORAGE_CORRUPT, STORAGE_IO
 */
export async function openProvider(
  options: ProviderOptions,
  context: OpenProviderContext = {},
): Promise<StorageProvider> {
  const env = context.env ?? systemEnv
  const { kind, ...rest } = options
  requireKnown(kind)
  const settings = configFromCode(transactionSettings, context.transactions ?? {})
  const transactions = localOptionsOf(settings)
  const engine = await OPENERS[kind](rest, { ...context, env, transactions })
  if ('begin' in engine) return engine
  try {
    const durability = 'durability' in rest ? (rest.durability as Durability | undefined) : undefined
    return await LocalTransactions.open(engine, {
      env,
      ...transactions,
      ...(durability === undefined ? {} : { durability }),
    })
  } catch (error) {
    await engine.close()
    throw error
  }
}

function requireKnown(kind: unknown): asserts kind is KnownProviderKind {
  const known = Object.keys(PROVIDER_SECTIONS)
  if (typeof kind === 'string' && known.includes(kind)) return
  const found = JSON.stringify(kind) ?? typeof kind
  throw new OrbitError(
    'INVALID_ARGUMENT',
    `kind: ${found} is not one of ${known.join(', ')}${didYouMean(String(kind), known)}`,
    { field: 'kind' },
  )
}
