import type { TiKVConfigInput } from '@orbit-ts/tikv'
import type { TikvOptions } from './options.js'

const KIB = 1024
const MIB = 1024 * 1024

/** What the provider's options mean to the client. */
export function clientConfigOf(options: TikvOptions): TiKVConfigInput {
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
