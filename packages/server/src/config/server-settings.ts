import { duration, integer, list, oneOf, secret, section, string, type SectionValue } from '@orbit-ts/base'

/** The backends that work in this release, by the name they have in the configuration, with their kind of provider. */
export const BACKENDS = {
  memory: 'memory',
  cow_btree: 'cow-btree',
  lsm_tree: 'lsm-tree',
  rocksdb: 'rocksdb',
  tikv: 'tikv',
} as const

export type Backend = keyof typeof BACKENDS

/** Known names of backends that this release does not have. */
export const UNAVAILABLE_BACKENDS = [
  's3',
  'azure',
  'gcp',
  'etcd',
  'redis',
  'kubernetes',
  'minio',
  'flash',
  'composite',
] as const

const BACKEND_NAMES = ['memory', 'cow_btree', 'lsm_tree', 'rocksdb', 'tikv', ...UNAVAILABLE_BACKENDS] as const

/** `[server]`. */
export const serverSettings = section(
  {
    dataDir: string({
      default: './data',
      flag: 'data-dir',
      doc: 'Where the data is kept when no [providers] are configured. It is created when it does not exist.',
    }),
    persistenceBackend: oneOf(BACKEND_NAMES, {
      optional: true,
      env: 'ORBIT_PERSISTENCE_BACKEND',
      flag: 'persistence-backend',
      doc: `Without [providers] the one provider there is; default "rocksdb". With them, the name or the type of the default one. This release has ${Object.keys(BACKENDS).join(', ')}.`,
    }),
    host: string({
      default: '127.0.0.1',
      flag: 'host',
      doc: 'The address to listen on. Any but a loopback address needs auth_tokens or auth_tokens_file.',
    }),
    httpPort: integer({
      min: 0,
      max: 65_535,
      default: 8080,
      flag: 'http-port',
      doc: 'The port of the HTTP API. 0: a free one.',
    }),
    authTokens: list(secret(), {
      default: [],
      doc: 'Bearer tokens; a request must carry one of them. None are needed on a loopback address.',
    }),
    authTokensFile: string({
      optional: true,
      doc: 'A file with further bearer tokens, one a line. Read at the start.',
    }),
    bodySizeMaxMb: integer({
      min: 1,
      max: 256,
      unit: 'MiB',
      default: 16,
      doc: 'The largest request body; a larger one is refused with REQUEST_TOO_LARGE.',
    }),
    responseSizeMaxMb: integer({
      min: 1,
      max: 256,
      unit: 'MiB',
      default: 64,
      doc: 'The largest response body; what would be larger fails with LIMIT_EXCEEDED.',
    }),
    requestTimeoutMs: duration({
      unit: 's',
      key: 'request_timeout',
      default: '30s',
      minMs: 1,
      maxMs: 24 * 3_600_000,
      doc: 'How long receiving a request may take, and again how long its work may take before it is rolled back.',
    }),
    connectionTimeoutMs: duration({
      unit: 's',
      key: 'connection_timeout',
      optional: true,
      minMs: 1,
      maxMs: 24 * 3_600_000,
      doc: 'A connection on which nothing moves for this long while it has a request in progress or an answer that its client does not read is closed. At least request_timeout. Default: twice request_timeout.',
    }),
    shutdownTimeoutMs: duration({
      unit: 's',
      key: 'shutdown_timeout',
      default: '20s',
      maxMs: 3_600_000,
      doc: 'How long requests in progress may take to finish when the server stops.',
    }),
    connectionsMax: integer({
      min: 1,
      max: 1_000_000,
      default: 1000,
      doc: 'Open connections; further ones are dropped.',
    }),
    operationsMax: integer({
      min: 1,
      max: 100_000,
      default: 1000,
      doc: 'Operations in one request to /v1/transactions.',
    }),
    pageSize: integer({
      min: 1,
      max: 1_000_000,
      default: 100,
      doc: 'Records that a request without a limit gets.',
    }),
    pageSizeMax: integer({
      min: 1,
      max: 1_000_000,
      default: 10_000,
      doc: 'The largest limit that a request may ask for.',
    }),
  },
  {
    doc: 'The HTTP server.',
    check: ({ pageSize, pageSizeMax, requestTimeoutMs, connectionTimeoutMs }) => {
      if (pageSize > pageSizeMax) {
        return `page_size, ${pageSize}, must not be above page_size_max, ${pageSizeMax}`
      }
      return connectionTimeoutMs !== undefined && connectionTimeoutMs < requestTimeoutMs
        ? `connection_timeout, ${connectionTimeoutMs} ms, must not be below request_timeout, ${requestTimeoutMs} ms`
        : undefined
    },
  },
)

export type ServerSettings = SectionValue<typeof serverSettings>
