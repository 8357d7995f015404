import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { configFromCode, describeSchema, loadConfig, type OrbitError } from '@orbit-ts/base'
import { configSchema, type OrbitConfigInput } from './orbit-config.js'

const json = (tree: unknown): { path: string; text: string } => ({
  path: 'orbit.json',
  text: JSON.stringify(tree),
})

function failure(load: () => unknown): OrbitError {
  try {
    load()
  } catch (error) {
    return error as OrbitError
  }
  return assert.fail('nothing was refused')
}

/** `{ a: { b: value } }` for `a.b`. */
function treeAt(path: readonly string[], value: unknown): unknown {
  return path.reduceRight((inner, key) => ({ [key]: inner }), value)
}

describe('the configuration', () => {
  it('has defaults for everything', () => {
    assert.deepEqual(loadConfig(configSchema).value, {
      server: {
        dataDir: './data',
        host: '127.0.0.1',
        httpPort: 8080,
        authTokens: [],
        bodySizeMaxMb: 16,
        responseSizeMaxMb: 64,
        requestTimeoutMs: 30_000,
        shutdownTimeoutMs: 20_000,
        connectionsMax: 1000,
        operationsMax: 1000,
        pageSize: 100,
        pageSizeMax: 10_000,
      },
      postgres: {
        enabled: true,
        host: '127.0.0.1',
        port: 5432,
        tlsRequired: false,
        connectionsMax: 100,
        messageSizeMaxMb: 64,
        authTimeoutMs: 60_000,
        workMemoryMb: 64,
        spillSizeMaxMb: 10_240,
      },
      log: { level: 'info' },
      defaults: {},
      providers: {},
      transactions: {
        timeoutMs: 30_000,
        lockWaitMs: 10_000,
        historySizeMaxMb: 256,
        transactionSizeMaxMb: 256,
        transactionReadsMax: 1_000_000,
      },
      maintenance: { enabled: true, intervalMs: 60_000 },
      cache: {
        sizeBytes: 256 * 1024 * 1024,
        queryResults: false,
        queryResultTtlMs: 1000,
        queryResultSizeMaxBytes: 1024 * 1024,
        warmUp: false,
      },
      placement: {
        enabled: true,
        intervalMs: 30_000,
        regionsMax: 100_000,
        benefitMin: 0.05,
        moveCost: 0.02,
        confirmRounds: 2,
        restRounds: 4,
        nodeLoadMax: 0.85,
        movesMax: 100,
      },
      storageManager: {
        enabled: false,
        strategy: 'Default',
        actorTypes: [],
        distributedThreshold: 10,
        latencySensitive: false,
        consistency: 'local',
        batchEntriesMax: 256,
        batchSizeMaxBytes: 1024 * 1024,
        catchUpRoundsMax: 20,
        pauseWaitMs: 10_000,
        cachedAssignmentsMax: 10_000,
        timeoutMs: 30_000,
        recoveryIntervalMs: 5000,
      },
    })
  })

  it('takes the file, then the environment, then flags, then code, and says what came from where', () => {
    const { value, origins } = loadConfig(configSchema, {
      file: {
        path: 'orbit.toml',
        text: '[server]\ndata_dir = "/a"\nhttp_port = 1\nrequest_timeout = 5\nhost = "::1"\n[log]\nlevel = "warn"\n',
      },
      env: {
        ORBIT_PERSISTENCE_BACKEND: 'lsm_tree',
        ORBIT_SERVER_HTTP_PORT: '2',
        ORBIT_SERVER_HOST: '127.0.0.2',
      },
      flags: { 'http-port': '3', 'data-dir': '/b' },
      code: { server: { host: 'localhost' } },
    })
    assert.deepEqual(
      {
        dataDir: value.server.dataDir,
        httpPort: value.server.httpPort,
        requestTimeoutMs: value.server.requestTimeoutMs,
        host: value.server.host,
        persistenceBackend: value.server.persistenceBackend,
        level: value.log.level,
      },
      {
        dataDir: '/b',
        httpPort: 3,
        requestTimeoutMs: 5000,
        host: 'localhost',
        persistenceBackend: 'lsm_tree',
        level: 'warn',
      },
    )
    assert.deepEqual(
      ['data_dir', 'http_port', 'request_timeout', 'host', 'persistence_backend', 'page_size'].map((key) =>
        origins.get(`server.${key}`),
      ),
      [
        'flag --data-dir',
        'flag --http-port',
        'file orbit.toml:4',
        'code',
        'env ORBIT_PERSISTENCE_BACKEND',
        'default',
      ],
    )
  })

  it('reads the providers of the requirements, and their environment variables', () => {
    const text = [
      '[defaults]',
      'addressable = "memory"',
      'cluster = "rocksdb"',
      '[providers.memory]',
      'type = "Memory"',
      'max_entries = 100000',
      'disk_backup = { path = "/data/orbit-backup.json", sync_interval = 300, compression = "Gzip" }',
      '[providers.rocksdb]',
      'type = "RocksDB"',
      'data_dir = "/var/lib/orbit"',
      'block_cache_mb = 256',
    ].join('\n')
    const { value } = loadConfig(configSchema, {
      file: { path: 'orbit.toml', text },
      env: { ORBIT_ROCKSDB_MAX_BACKGROUND_JOBS: '8' },
    })
    assert.deepEqual(value.defaults, { addressable: 'memory', cluster: 'rocksdb' })
    assert.deepEqual(value.providers['memory'], {
      type: 'memory',
      maxEntries: 100_000,
      diskBackup: { path: '/data/orbit-backup.json', syncIntervalMs: 300_000, compression: 'gzip' },
    })
    const { rocksdb } = value.providers
    assert.ok(rocksdb?.type === 'rocksdb')
    assert.deepEqual(
      [rocksdb.dataDir, rocksdb.blockCacheMb, rocksdb.maxBackgroundJobs],
      ['/var/lib/orbit', 256, 8],
    )
  })

  it('refuses a connection timeout that would cut off work within its time', () => {
    assert.throws(() => configFromCode(configSchema, { server: { connectionTimeoutMs: 29_999 } }), {
      code: 'CONFIG_INVALID',
      message: /connection_timeout, 29999 ms, must not be below request_timeout, 30000 ms/,
    })
    const { server } = configFromCode(configSchema, { server: { connectionTimeoutMs: 30_000 } })
    assert.equal(server.connectionTimeoutMs, 30_000)
  })

  it('names the nearest key for every misspelled one', () => {
    const rows = describeSchema(configSchema).filter(({ path }) => !path.endsWith('.type'))
    assert.ok(rows.length > 40)
    for (const row of rows) {
      const path = row.path.replace('<name>', 'main').split('.')
      const key = path.pop() ?? ''
      const kind = /^type = "(.*)"$/.exec(row.when ?? '')?.[1]
      const typo = `${key.slice(0, 1)}x${key.slice(1)}`
      const tree = treeAt(path, { [typo]: 1 }) as { providers?: { main: object } }
      if (tree.providers !== undefined) Object.assign(tree.providers.main, { type: kind })
      const error = failure(() => loadConfig(configSchema, { file: json(tree) }))
      assert.ok(error.reason.includes(`did you mean "${key}"?`), `${row.path}: ${error.reason}`)
    }
  })

  it('has a sentence about every key', () => {
    for (const { path, doc } of describeSchema(configSchema)) assert.match(doc, /\.$/, path)
  })

  it('takes the size of caches and the actors of providers from the environment', () => {
    const env = {
      ORBIT_CACHE_SIZE: '1GB',
      ORBIT_CACHE_QUERY_RESULTS: 'on',
      ORBIT_CACHE_QUERY_RESULT_TTL: '250ms',
      ORBIT_PLACEMENT_INTERVAL: '1m',
      ORBIT_STORAGE_MANAGER_ACTOR_TYPES: 'Cart=local,User=main',
    }
    const { cache, placement, storageManager } = loadConfig(configSchema, { env }).value
    assert.deepEqual(
      [cache.sizeBytes, cache.queryResults, cache.queryResultTtlMs, placement.intervalMs],
      [1_000_000_000, true, 250, 60_000],
    )
    assert.deepEqual(storageManager.actorTypes, ['Cart=local', 'User=main'])
  })

  it('refuses values that are out of range or of the wrong type', () => {
    const bad: [OrbitConfigInput | object, string][] = [
      [
        { server: { http_port: 65_536 } },
        'server.http_port (file orbit.json) must be an integer 0 to 65535, not 65536',
      ],
      [
        { server: { http_port: '8080' } },
        'server.http_port (file orbit.json) must be an integer 0 to 65535, not "8080"',
      ],
      [{ server: { host: '' } }, 'server.host (file orbit.json) must not be empty'],
      [
        { server: { body_size_max_mb: 0 } },
        'server.body_size_max_mb (file orbit.json) must be an integer 1 to 256 MiB, not 0',
      ],
      [
        { server: { request_timeout: 0 } },
        'server.request_timeout (file orbit.json) must be a number of s or text such as "30s" or "5m", 1ms to 1d, not 0',
      ],
      [{ server: { page_size: 20_000 } }, 'server page_size, 20000, must not be above page_size_max, 10000'],
      [{ server: { auth_tokens: 'x' } }, 'server.auth_tokens (file orbit.json) must be a list'],
      [{ server: [] }, 'server (file orbit.json) must be a table of keys'],
      [
        { log: { level: 'info', format: 1 } },
        'log.format (file orbit.json) must be one of "text", "json", not 1',
      ],
      [
        { cache: { size: '1 parsec' } },
        'cache.size (file orbit.json) must be a number of bytes or text such as "64MiB" or "1GB", 1MiB or more, not "1 parsec"',
      ],
      [
        { maintenance: { interval: '10ms' } },
        'maintenance.interval (file orbit.json) must be a number of s or text such as "30s" or "5m", 100ms to 1d, not "10ms"',
      ],
    ]
    for (const [tree, reason] of bad) {
      const error = failure(() => loadConfig(configSchema, { file: json(tree) }))
      assert.deepEqual([error.code, error.reason], ['CONFIG_INVALID', reason])
    }
    const level = failure(() => loadConfig(configSchema, { file: json({ log: { level: 'wran' } }) }))
    assert.match(level.reason, /did you mean "warn"\?$/)
    const backend = failure(() => loadConfig(configSchema, { env: { ORBIT_PERSISTENCE_BACKEND: 'rokcsdb' } }))
    assert.match(
      backend.reason,
      /^server\.persistence_backend \(env ORBIT_PERSISTENCE_BACKEND\) .*did you mean "rocksdb"\?$/,
    )
    const flag = failure(() => loadConfig(configSchema, { flags: { 'http-prot': '1' } }))
    assert.match(flag.reason, /did you mean "--http-port"\?$/)
  })

  it('never shows a token', () => {
    const loaded = loadConfig(configSchema, { code: { server: { authTokens: ['s3cret'] } } })
    assert.ok(!JSON.stringify([loaded.value, loaded.entries]).includes('s3cret'))
    assert.equal(
      configFromCode(configSchema, { server: { authTokens: ['s3cret'] } }).server.authTokens[0]?.reveal(),
      's3cret',
    )
  })
})
