import { configFromCode, type Env, type SectionInput } from '@orbit-ts/base'
import { TiKVClient, type ClientRuntime, type TiKVConfigInput } from '@orbit-ts/tikv'
import { requireNamespace, tikvOptions, type TikvOptions } from './options.js'
import { tikvError } from './tikv-error.js'
import { TikvKeys } from './tikv-keys.js'
import { TikvProvider, type TikvProviderOptions } from './tikv-provider.js'
import { TikvStore } from './tikv-store.js'

export interface OpenTikvContext {
  readonly env: Env
  readonly transactions: Pick<TikvProviderOptions, 'transactionTimeoutMs' | 'lockWaitMs'>
  /** What else the client takes from its program: logger, metrics, a transport of tests. */
  readonly runtime?: Omit<ClientRuntime, 'env'>
}

const KIB = 1024
const MIB = 1024 * 1024

/**
 * The store in a TiKV cluster.
 * @throws CONFIG_INVALID, CONFIG_UNKNOWN_KEY, STORAGE_UNAVAILABLE: PD did not answer within `timeout`
 * @throws PD_CLUSTER_MISMATCH, PD_REFUSED, RPC_TLS, KEYSPACE_UNAVAILABLE, API_VERSION_MISMATCH
 */
export async function openTikvProvider(
  input: SectionInput<typeof tikvOptions>,
  { env, transactions, runtime = {} }: OpenTikvContext,
): Promise<TikvProvider> {
  const options: TikvOptions = configFromCode(tikvOptions, input)
  requireNamespace(options.namespace)
  const keys = new TikvKeys(options.namespace)
  const client = await connect(options, keys, { ...runtime, env })
  const { gcIntervalMs } = options
  return new TikvProvider(new TikvStore(client, env, keys, options), { ...transactions, gcIntervalMs })
}

async function connect(options: TikvOptions, keys: TikvKeys, runtime: ClientRuntime): Promise<TiKVClient> {
  try {
    return await TiKVClient.connect(configOf(options), runtime)
  } catch (error) {
    throw tikvError(error, keys)
  }
}

function configOf(options: TikvOptions): TiKVConfigInput {
  const { keyspace, tls } = options
  return {
    pdEndpoints: options.pdEndpoints,
    apiVersion: options.apiVersion,
    connectTimeout: options.timeoutMs,
    requestTimeout: options.timeoutMs,
    regionCacheMax: options.regionCacheSize,
    asyncCommit: options.enableAsyncCommit,
    onePc: options.enableOnePc,
    grpcConnectionCount: options.grpcConnectionCount,
    transactionBytesMax: options.transactionSizeMaxMb * MIB,
    entryBytesMax: options.entrySizeMaxKb * KIB,
    // Errors of the storage contract name the key, which is taken from what the client says.
    redactLogs: false,
    ...(keyspace === undefined ? {} : { keyspace }),
    ...(tls === undefined ? {} : { tls }),
  }
}
