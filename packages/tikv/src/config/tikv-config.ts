import {
  boolean,
  duration,
  integer,
  list,
  nested,
  oneOf,
  section,
  secret,
  string,
  type SectionInput,
  type SectionValue,
} from '@orbit-ts/base'

/** How the client proves who it is and whom it trusts. Files are read again when they change, without a restart. */
export const tlsConfig = section({
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

/** `TiKVClient.connect(…)`. Defaults are those of client-go unless the doc says otherwise. */
export const tikvConfig = section({
  pdEndpoints: list(string(), {
    doc: 'Addresses of PD, `host:port` or with `http://` or `https://`. One that answers is enough.',
  }),
  apiVersion: oneOf(['v1', 'v1ttl', 'v2'], {
    default: 'v1',
    doc: 'The storage API of the cluster. "v1ttl": raw keys with time to live. "v2": keyspaces.',
  }),
  keyspace: string({
    optional: true,
    doc: 'The keyspace, for apiVersion "v2". Default there: "DEFAULT".',
  }),
  connectTimeout: duration({
    unit: 'ms',
    default: '30s',
    doc: 'How long connecting waits for PD to be there.',
  }),
  pdServerTimeout: duration({
    unit: 'ms',
    minMs: 1,
    default: '3s',
    doc: 'Deadline of one call to PD, timestamps included.',
  }),
  pdMemberCheckInterval: duration({
    unit: 'ms',
    minMs: 1,
    default: '60s',
    doc: 'How often the members of PD are asked for.',
  }),
  pdHealthCheckInterval: duration({
    unit: 'ms',
    default: '1s',
    doc: 'How often the health of each member of PD is asked for, when there are several; 0 never.',
  }),
  pdForwarding: boolean({
    default: false,
    doc: 'Reach the leader of PD through a follower when it cannot be reached.',
  }),
  pdFollowerReads: boolean({ default: false, doc: 'Let followers of PD answer where regions are.' }),
  tsoMaxWait: duration({
    unit: 'ms',
    maxMs: 10,
    default: '0ms',
    doc: 'How long a batch of timestamps waits for more callers.',
  }),
  tsoConcurrency: integer({
    min: 1,
    max: 8,
    default: 1,
    doc: 'Timestamp requests in flight at once on average, and the streams they go over. 1 while tsoMaxWait is set.',
  }),
  tsoPendingMax: integer({
    min: 1,
    default: 20_000,
    doc: 'Callers that may wait for a timestamp; more are refused.',
  }),
  lowResolutionInterval: duration({
    unit: 'ms',
    default: '2s',
    doc: 'How old a low-resolution timestamp may be.',
  }),
  grpcConnectionCount: integer({ min: 1, max: 64, default: 4, doc: 'Connections to each TiKV server.' }),
  grpcKeepaliveTime: duration({
    unit: 'ms',
    minMs: 1,
    default: '10s',
    doc: 'A ping after this much silence.',
  }),
  grpcKeepaliveTimeout: duration({
    unit: 'ms',
    minMs: 1,
    default: '3s',
    doc: 'The connection is given up when a ping is not answered in this time.',
  }),
  grpcInitialWindowSize: integer({
    min: 65_535,
    max: 2 ** 31 - 1,
    default: 128 * 1024 * 1024,
    unit: 'bytes',
    doc: 'HTTP/2 flow-control window of a stream and of a connection.',
  }),
  grpcCompression: oneOf(['none', 'gzip'], { default: 'none', doc: 'Compression of requests.' }),
  dialTimeout: duration({
    unit: 'ms',
    minMs: 1,
    default: '5s',
    doc: 'How long one attempt to connect may take, TLS included.',
  }),
  idleTimeout: duration({
    unit: 'ms',
    minMs: 1,
    default: '3m',
    doc: 'Connections unused for this long are closed.',
  }),
  batchSizeMax: integer({
    min: 0,
    max: 4096,
    default: 128,
    doc: 'Requests in one BatchCommands message; 0 sends each by itself.',
  }),
  batchWait: duration({
    unit: 'ms',
    default: '0ms',
    doc: 'How long a batch waits for more requests when the server reports overload.',
  }),
  batchOverloadThreshold: integer({
    min: 0,
    default: 200,
    doc: 'The load reported by a server above which batches wait.',
  }),
  storeConcurrencyMax: integer({
    min: 1,
    default: 65_536,
    doc: 'Calls in flight and queued for one TiKV server; more are refused with SERVER_BUSY.',
  }),
  forwarding: boolean({
    default: false,
    doc: 'Reach a leader that cannot be reached through one of its followers.',
  }),
  requestTimeout: duration({ unit: 'ms', minMs: 1, default: '30s', doc: 'Deadline of one read RPC.' }),
  writeTimeout: duration({
    unit: 'ms',
    minMs: 1,
    default: '20s',
    doc: 'Execution limit of one write on the server.',
  }),
  commitTimeout: duration({
    unit: 'ms',
    minMs: 1,
    default: '41s',
    doc: 'Deadline of one prewrite or commit RPC.',
  }),
  retryBudget: integer({
    min: 1,
    max: 1000,
    default: 100,
    unit: 'percent',
    doc: 'How long operations go on trying, of what is usual; less fails sooner when servers are out of reach.',
  }),
  storeLivenessTimeout: duration({
    unit: 'ms',
    default: '1s',
    doc: 'How long a health probe of a server waits.',
  }),
  storesRefreshInterval: duration({
    unit: 'ms',
    minMs: 1,
    default: '60s',
    doc: 'How often stores are asked for again; their addresses a quarter of that.',
  }),
  regionCacheTtl: duration({
    unit: 'ms',
    minMs: 1000,
    default: '10m',
    doc: 'A region unused for this long is asked for again.',
  }),
  regionCacheMax: integer({ min: 16, default: 1_000_000, doc: 'Regions kept.' }),
  circuitBreakerErrorRate: integer({
    min: 0,
    max: 100,
    default: 0,
    unit: 'percent',
    doc: 'Share of failed region look-ups in 30 s above which PD is left alone for 10 s; 0 never.',
  }),
  committerConcurrency: integer({
    min: 1,
    max: 4096,
    default: 128,
    doc: 'Batches in flight for one phase of one transaction.',
  }),
  asyncCommit: boolean({
    default: true,
    doc: 'Acknowledge a small transaction after its first phase. (client-go: off.)',
  }),
  onePc: boolean({
    default: true,
    doc: 'Commit a transaction of one region in one round trip. (client-go: off.)',
  }),
  asyncCommitKeysMax: integer({
    min: 1,
    default: 256,
    doc: 'Keys of a transaction up to which it may commit asynchronously.',
  }),
  asyncCommitBytesMax: integer({
    min: 1,
    default: 4096,
    unit: 'bytes',
    doc: 'Key bytes of such a transaction.',
  }),
  transactionBytesMax: integer({
    min: 1024,
    default: 100 * 1024 * 1024,
    unit: 'bytes',
    doc: 'Keys and values of one transaction that is not pipelined.',
  }),
  entryBytesMax: integer({
    min: 1024,
    default: 6 * 1024 * 1024,
    unit: 'bytes',
    doc: 'Key and value of one entry.',
  }),
  keyBytesMax: integer({
    min: 1,
    max: 65_535,
    default: 8192,
    unit: 'bytes',
    doc: 'Length of a key; TiKV itself takes 8 KiB.',
  }),
  maxTransactionTtl: duration({
    unit: 'ms',
    minMs: 1,
    default: '1h',
    doc: 'How long heartbeats keep a transaction alive.',
  }),
  resolveLockLiteThreshold: integer({
    min: 1,
    default: 512,
    doc: 'Keys of a transaction below which its locks are resolved one by one.',
  }),
  safePointInterval: duration({
    unit: 'ms',
    minMs: 1,
    maxMs: 60_000,
    default: '10s',
    doc: 'How often the safe point is asked for; what is known of it must not be 90 s old.',
  }),
  backgroundTasksMax: integer({
    min: 1,
    default: 10_000,
    doc: 'Secondary commits and lock clean-ups under way; more are done in line.',
  }),
  coprocessorCacheMb: integer({
    min: 0,
    default: 64,
    unit: 'MiB',
    doc: 'Memory for coprocessor answers. (client-go: 1000.)',
  }),
  redactLogs: boolean({
    default: true,
    doc: 'Keys appear in logs and errors as their length only. (client-go: off.)',
  }),
  tls: nested(tlsConfig, { optional: true }),
})

/** A configuration with its defaults filled in; durations are milliseconds. */
export type TiKVConfig = SectionValue<typeof tikvConfig>
/** What `TiKVClient.connect` takes; a duration is milliseconds, or text such as `30s`. */
export type TiKVConfigInput = SectionInput<typeof tikvConfig>
/** The part of a configuration about TLS. */
export type TlsConfig = SectionValue<typeof tlsConfig>
