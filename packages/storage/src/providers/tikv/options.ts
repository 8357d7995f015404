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
    doc: 'How long connecting, and one request to a server, may take.',
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
    min: 1024 * 1024,
    default: 64 * 1024 * 1024,
    unit: 'bytes',
    key: 'region_split_threshold',
    doc: 'The size of a region that estimates assume; where regions are cut, TiKV decides by its own configuration.',
  }),
  coprocessorPoolSize: integer({
    min: 1,
    max: 1024,
    default: 8,
    doc: 'Requests to coprocessors under way at once for one query.',
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

/** @throws CONFIG_INVALID */
export function requireNamespace(namespace: string | undefined): void {
  if (namespace === undefined || /^[A-Za-z0-9_.-]{1,64}$/.test(namespace)) return
  throw new OrbitError(
    'CONFIG_INVALID',
    `namespace: ${JSON.stringify(namespace)} is not made of letters, digits, "-", "_" and "." alone, 64 at most`,
    { field: 'namespace', value: namespace },
  )
}
