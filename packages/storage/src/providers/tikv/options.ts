import {
  boolean,
  duration,
  integer,
  list,
  nested,
  oneOf,
  OrbitError,
  secret,
  section,
  string,
  type SectionValue,
} from '@orbit-ts/base'

const tlsOptions = section({
  caFile: string({ optional: true, doc: 'PEM file of the certificate authorities to trust.' }),
  certFile: string({ optional: true, doc: 'PEM file of the client certificate (mTLS).' }),
  keyFile: string({ optional: true, doc: 'PEM file of the private key of the client certificate.' }),
  ca: string({ optional: true, doc: 'The authorities as PEM text, instead of a file.' }),
  cert: string({ optional: true, doc: 'The client certificate as PEM text.' }),
  key: secret({ optional: true, doc: 'The private key as PEM text.' }),
  serverName: string({ optional: true, doc: 'The name to verify instead of the host in the address.' }),
  verifyCn: list(string(), {
    default: [],
    doc: 'When not empty, the common name of the server certificate must be one of these.',
  }),
})

const SPLIT_THRESHOLD_BYTES = 64 * 1024 * 1024
const COPROCESSOR_POOL_SIZE = 8

/** `[providers.<name>]` with `type = "TiKV"`. */
export const tikvOptions = section({
  pdEndpoints: list(string(), {
    default: ['127.0.0.1:2379'],
    aliases: ['endpoints'],
    doc: 'Addresses of PD, `host:port` or with `http://` or `https://`. One that answers is enough.',
  }),
  namespace: string({
    optional: true,
    doc: 'Put in front of every key, so that several stores can live in one cluster: letters, digits, "-", "_" and ".". Without one keys are as they are, which pushing queries down into the servers needs, and the store sees those of the others.',
  }),
  apiVersion: oneOf(['v1', 'v2'], {
    default: 'v1',
    doc: 'The storage API of the cluster. "v2" has keyspaces.',
  }),
  keyspace: string({ optional: true, doc: 'The keyspace, for api_version "v2". Default there: "DEFAULT".' }),
  timeoutMs: duration({
    unit: 's',
    key: 'timeout',
    default: '30s',
    minMs: 1,
    doc: 'How long connecting, and one read from a server, may take.',
  }),
  maxBatchSize: integer({
    min: 1,
    max: 65_536,
    default: 1000,
    doc: 'Entries that one request of a scan asks for at most.',
  }),
  regionCacheSize: integer({ min: 16, default: 1000, doc: 'Regions whose place is remembered.' }),
  enableAsyncCommit: boolean({
    default: true,
    doc: 'Acknowledge a small transaction after its first phase.',
  }),
  enableOnePc: boolean({ default: true, doc: 'Commit a transaction of one region in one round trip.' }),
  gcIntervalMs: duration({
    unit: 's',
    key: 'gc_interval',
    default: '600s',
    minMs: 0,
    doc: 'How often versions older than this are given up, so that the servers may drop them. 0: never, as on a cluster whose garbage TiDB collects.',
  }),
  regionSplitThresholdBytes: integer({
    default: SPLIT_THRESHOLD_BYTES,
    unit: 'bytes',
    key: 'region_split_threshold',
    doc: 'Where regions are cut, TiKV decides (coprocessor.region-split-size of its own configuration): nothing but the default is accepted.',
  }),
  coprocessorPoolSize: integer({
    default: COPROCESSOR_POOL_SIZE,
    doc: 'No query is pushed down to coprocessors in this release: nothing but the default is accepted.',
  }),
  grpcConnectionCount: integer({ min: 1, max: 64, default: 4, doc: 'Connections to each TiKV server.' }),
  transactionSizeMaxMb: integer({
    min: 1,
    max: 1024,
    unit: 'MiB',
    default: 100,
    doc: 'Keys and values that one transaction may write.',
  }),
  entrySizeMaxKb: integer({
    min: 64,
    max: 64 * 1024,
    unit: 'KiB',
    default: 6 * 1024,
    doc: 'Key and value of one entry; not more than the servers take (raftstore.raft-entry-max-size).',
  }),
  tls: nested(tlsOptions, { optional: true, doc: 'Encryption, and who trusts whom. Default: none.' }),
})

/** With defaults filled in; durations are milliseconds. */
export type TikvOptions = SectionValue<typeof tikvOptions>

/**
 * @throws CONFIG_INVALID: values that are none, or do not go together
 * @throws STORAGE_UNSUPPORTED: an option asks for what nothing here follows
 */
export function refuseContradictions(options: TikvOptions): void {
  const { namespace, keyspace, apiVersion } = options
  if (options.pdEndpoints.length === 0) {
    throw invalid('pd_endpoints', [], 'is empty; name at least one address of PD')
  }
  if (namespace !== undefined && !/^[A-Za-z0-9_.-]{1,64}$/.test(namespace)) {
    throw invalid(
      'namespace',
      namespace,
      'is not made of letters, digits, "-", "_" and "." alone, 64 at most',
    )
  }
  if (keyspace !== undefined && apiVersion !== 'v2') {
    throw invalid('keyspace', keyspace, 'needs api_version = "v2"')
  }
  requireDefault('region_split_threshold', options.regionSplitThresholdBytes, SPLIT_THRESHOLD_BYTES)
  requireDefault('coprocessor_pool_size', options.coprocessorPoolSize, COPROCESSOR_POOL_SIZE)
}

function invalid(field: string, value: unknown, what: string): OrbitError {
  return new OrbitError('CONFIG_INVALID', `${field}: ${JSON.stringify(value)} ${what}`, { field, value })
}

function requireDefault(key: string, value: number, fixed: number): void {
  if (value === fixed) return
  throw new OrbitError(
    'STORAGE_UNSUPPORTED',
    `${key} = ${value}: nothing in this release follows it; leave ${key} out`,
    { field: key, value, fixed },
  )
}
