import { configFromCode, hasCode, OrbitError, type Env, type SectionInput } from '@orbit-ts/base'
import { TiKVClient, type ClientRuntime } from '@orbit-ts/tikv'
import { clientConfigOf } from './client-config.js'
import { refuseContradictions, tikvOptions, type TikvOptions } from './options.js'
import { tikvError } from './tikv-error.js'
import { TikvKeys } from './tikv-keys.js'
import { TikvProvider, type TikvProviderOptions } from './tikv-provider.js'
import { TikvStore } from './tikv-store.js'

/**
 * The first TiKV that checks in a pessimistic transaction, at commit, keys that were not locked: an insert must not find
 * its key. Older servers take such a key to be locked and write it unchecked.
 */
const OLDEST_TIKV = '6.3.0'

export interface OpenTikvContext {
  readonly env: Env
  readonly transactions: Pick<TikvProviderOptions, 'transactionTimeoutMs' | 'lockWaitMs'>
  /** What else the client takes from its program: logger, metrics, a transport of tests. */
  readonly runtime?: Omit<ClientRuntime, 'env' | 'minimumStoreVersion'>
}

/**
 * The store in a TiKV cluster.
 * @throws CONFIG_INVALID, CONFIG_UNKNOWN_KEY; STORAGE_UNSUPPORTED: an option that nothing follows, a TiKV older than 6.3.0 in the cluster; STORAGE_UNAVAILABLE: PD did not answer within `timeout`
 * @throws PD_CLUSTER_MISMATCH, PD_REFUSED, RPC_TLS, KEYSPACE_UNAVAILABLE, API_VERSION_MISMATCH
 */
export async function openTikvProvider(
  input: SectionInput<typeof tikvOptions>,
  { env, transactions, runtime = {} }: OpenTikvContext,
): Promise<TikvProvider> {
  const options: TikvOptions = configFromCode(tikvOptions, input)
  refuseContradictions(options)
  const keys = new TikvKeys(options.namespace)
  const client = await connect(options, keys, { ...runtime, env, minimumStoreVersion: OLDEST_TIKV })
  const { gcIntervalMs } = options
  return new TikvProvider(new TikvStore(client, env, keys, options), { ...transactions, gcIntervalMs })
}

async function connect(options: TikvOptions, keys: TikvKeys, runtime: ClientRuntime): Promise<TiKVClient> {
  try {
    return await TiKVClient.connect(clientConfigOf(options), runtime)
  } catch (error) {
    throw tikvError(withRemedy(error), keys)
  }
}

/** In the words of the provider's options. */
function withRemedy(error: unknown): unknown {
  if (!hasCode(error, 'PD_UNAVAILABLE')) return error
  const reason = error.reason.replace('(connectTimeout)', '(timeout)')
  return new OrbitError(error.code, `${reason}; check pd_endpoints, and that PD runs there`, error.details, {
    cause: error,
  })
}
