import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { ErrorCode } from '../errors/codes.js'
import { hasCode, OrbitError } from '../errors/orbit-error.js'
import { duration } from './duration.js'
import type { ValueOf } from './field.js'
import { boolean, integer, list, oneOf, secret, string } from './leaves.js'
import { loadConfig, type ConfigSources } from './load-config.js'
import { nested, record, section, union, type SectionUnion } from './section.js'

const backup = section({
  path: string(),
  syncIntervalMs: duration({ unit: 's', key: 'sync_interval', default: '5m' }),
  compression: oneOf(['none', 'gzip', 'lz4', 'zstd'], { default: 'none' }),
})
const memory = section({
  maxEntries: integer({ default: 1000, min: 1 }),
  diskBackup: nested(backup, { optional: true }),
})
const rocksdb = section({
  dataDir: string({ default: './data', aliases: ['directory'] }),
  compression: oneOf(['none', 'lz4'], { default: 'none', words: { true: 'lz4', false: 'none' } }),
  blockCacheMb: integer({ default: 256, min: 1, max: 4096, unit: 'MiB' }),
})
const s3 = section({ bucket: string(), secretAccessKey: secret() })
const provider = union('type', { memory, rocksdb, 'cow-btree': rocksdb, s3 }, { aliases: { minio: 's3' } })
const schema = section({
  server: nested(
    section(
      {
        port: integer({ default: 8080, min: 0, max: 65535 }),
        persistenceBackend: string({ default: 'rocksdb', env: 'ORBIT_PERSISTENCE_BACKEND', flag: 'backend' }),
        tokens: list(secret(), { optional: true }),
        open: boolean({ default: false }),
      },
      {
        check: (value) =>
          value.open && value.tokens !== undefined ? 'must not be open and have tokens' : undefined,
      },
    ),
  ),
  providers: record(provider, { flat: true }),
})

type Sources = ConfigSources<typeof schema>
const toml = (text: string): Sources => ({ file: { path: 'orbit.toml', text } })

interface Found {
  readonly code: ErrorCode
  readonly message: string
  readonly problems: unknown
}

function failure(sources: unknown): Found {
  try {
    loadConfig(schema, sources as Sources)
  } catch (error) {
    assert.ok(error instanceof OrbitError)
    return { code: error.code, message: error.reason, problems: error.details['problems'] }
  }
  assert.fail('the configuration was accepted')
}

describe('layers', () => {
  it('gives defaults when there is nothing else', () => {
    const { value, origins } = loadConfig(schema)
    assert.deepEqual(value, {
      server: { port: 8080, persistenceBackend: 'rocksdb', open: false },
      providers: {},
    })
    assert.deepEqual(
      [...origins],
      [
        ['server.port', 'default'],
        ['server.persistence_backend', 'default'],
        ['server.open', 'default'],
      ],
    )
  })

  it('overrides default < file < environment < flag < code, value by value', () => {
    const sources: Sources[] = [
      toml('[server]\nport = 1'),
      { env: { ORBIT_SERVER_PORT: '2' } },
      { flags: { 'server-port': '3' } },
      { code: { server: { port: 4 } } },
    ]
    const origins = ['file orbit.toml:2', 'env ORBIT_SERVER_PORT', 'flag --server-port', 'code']
    fc.assert(
      fc.property(fc.subarray([0, 1, 2, 3], { minLength: 1 }), (chosen) => {
        const merged = Object.assign({}, ...chosen.map((index) => sources[index])) as Sources
        const loaded = loadConfig(schema, merged)
        const highest = Math.max(...chosen)
        assert.equal(loaded.value.server.port, highest + 1)
        assert.equal(loaded.origins.get('server.port'), origins[highest])
        assert.equal(loaded.origins.get('server.open'), 'default')
      }),
    )
  })

  it('reads the requirement documents surface: names, kinds, inline tables, ORBIT_<PROVIDER>_<KEY>', () => {
    const { value, origins } = loadConfig(schema, {
      ...toml(`
[providers.memory]
type = "Memory"
max_entries = 100000
disk_backup = { path = "/data/b.json", sync_interval = 300, compression = "Gzip" }

[providers.main]
type = "RocksDB"
compression = true

[providers.tree]
type = "CowBTree"
`),
      env: {
        ORBIT_PERSISTENCE_BACKEND: 'main',
        ORBIT_S3_BUCKET: 'orbit-data',
        ORBIT_S3_SECRET_ACCESS_KEY: 'sesame',
        ORBIT_MAIN_BLOCK_CACHE_MB: '64',
        HOME: '/root',
        ORBIT_HOME: '/opt/orbit',
      },
    })
    assert.equal(value.server.persistenceBackend, 'main')
    const { s3: bucket, ...others } = value.providers
    assert.deepEqual(others, {
      memory: {
        type: 'memory',
        maxEntries: 100_000,
        diskBackup: { path: '/data/b.json', syncIntervalMs: 300_000, compression: 'gzip' },
      },
      main: { type: 'rocksdb', dataDir: './data', compression: 'lz4', blockCacheMb: 64 },
      tree: { type: 'cow-btree', dataDir: './data', compression: 'none', blockCacheMb: 256 },
    })
    assert.ok(bucket?.type === 's3')
    assert.equal(bucket.bucket, 'orbit-data')
    assert.equal(bucket.secretAccessKey.reveal(), 'sesame')
    assert.equal(origins.get('providers.main.block_cache_mb'), 'env ORBIT_MAIN_BLOCK_CACHE_MB')
    assert.equal(origins.get('providers.main.type'), 'file orbit.toml:8')
    assert.equal(origins.get('providers.memory.disk_backup.sync_interval'), 'file orbit.toml:5')
  })

  it('reads JSON as it reads TOML', () => {
    const text = JSON.stringify({
      server: { port: 9 },
      providers: { memory: { type: 'Memory', max_entries: 5 } },
    })
    const { value, origins } = loadConfig(schema, { file: { path: 'orbit.JSON', text } })
    assert.equal(value.server.port, 9)
    assert.deepEqual(value.providers, { memory: { type: 'memory', maxEntries: 5 } })
    assert.equal(origins.get('server.port'), 'file orbit.JSON')
  })

  it('a layer that changes the kind of an entry starts it afresh', () => {
    const { value } = loadConfig(schema, {
      ...toml('[providers.a]\ntype = "rocksdb"\nblock_cache_mb = 7'),
      code: { providers: { a: { type: 'memory' } } },
    })
    assert.deepEqual(value.providers, { a: { type: 'memory', maxEntries: 1000 } })
  })

  it('takes flags in kebab or camel case, and a boolean that is already one', () => {
    const flags = { backend: 'x', serverPort: '5', 'server-open': true, 'rocksdb-data-dir': '/d' }
    const { value, origins } = loadConfig(schema, { flags })
    assert.deepEqual(value.server, { port: 5, persistenceBackend: 'x', open: true })
    assert.deepEqual(value.providers, {
      rocksdb: { type: 'rocksdb', dataDir: '/d', compression: 'none', blockCacheMb: 256 },
    })
    assert.equal(origins.get('providers.rocksdb.data_dir'), 'flag --rocksdb-data-dir')
  })

  it('takes file keys in code too, and durations in ms under their own name', () => {
    const { value } = loadConfig(backup, { code: { path: '/b', syncIntervalMs: 2 } })
    assert.equal(value.syncIntervalMs, 2)
    const other = { path: '/b', sync_interval: 2 }
    assert.equal(loadConfig(backup, { code: other }).value.syncIntervalMs, 2000)
  })

  it('counts an empty variable, and undefined in code and flags, as not given', () => {
    const { value } = loadConfig(schema, {
      env: { ORBIT_SERVER_PORT: '' },
      flags: { 'server-port': undefined },
      code: { server: { port: undefined } },
    })
    assert.equal(value.server.port, 8080)
  })

  it('lists every value in effect with secrets masked', () => {
    const { entries } = loadConfig(schema, { env: { ORBIT_SERVER_TOKENS: 'one,two' } })
    assert.deepEqual(JSON.parse(JSON.stringify(entries)), [
      { path: 'server.port', value: 8080, origin: 'default' },
      { path: 'server.persistence_backend', value: 'rocksdb', origin: 'default' },
      { path: 'server.tokens', value: ['***', '***'], origin: 'env ORBIT_SERVER_TOKENS' },
      { path: 'server.open', value: false, origin: 'default' },
    ])
  })
})

describe('names of environment variables', () => {
  const named = section({ stores: record(provider) })

  it('spell the name of a record entry, as long as the key after it is known', () => {
    const { value } = loadConfig(named, {
      env: { ORBIT_STORES_MY_OWN_TYPE: 'RocksDB', ORBIT_STORES_MY_OWN_DATA_DIR: '/m' },
    })
    assert.deepEqual(value.stores, {
      my_own: { type: 'rocksdb', dataDir: '/m', compression: 'none', blockCacheMb: 256 },
    })
  })

  it('reach an entry whose name in the file has other separators', () => {
    const { value } = loadConfig(named, {
      file: { path: 'a.toml', text: '[stores.my-own]\ntype = "rocksdb"' },
      env: { ORBIT_STORES_MY_OWN_DATA_DIR: '/m' },
    })
    assert.deepEqual(Object.keys(value.stores), ['my-own'])
  })

  it('may have another prefix', () => {
    assert.equal(loadConfig(schema, { env: { X_SERVER_PORT: '1' }, envPrefix: 'X_' }).value.server.port, 1)
  })

  it('under a known section are checked, except what is allowed and what Kubernetes sets', () => {
    const env = {
      ORBIT_SERVER_PROT: '1',
      ORBIT_MEMORY_MAX_ENTRYS: '1',
      ORBIT_SERVER_SERVICE_HOST: '10.0.0.1',
      ORBIT_SERVER_PORT_8080_TCP_ADDR: '10.0.0.1',
      ORBIT_SERVER_MINE: '1',
      ORBIT_SERVER_MINE_2: '1',
      ORBIT_ELSEWHERE: '1',
    }
    const found = failure({ env, envAllowed: ['ORBIT_SERVER_MINE', /_2$/] })
    assert.equal(found.code, 'CONFIG_UNKNOWN_KEY')
    assert.deepEqual(found.problems, [
      {
        path: 'ORBIT_MEMORY_MAX_ENTRYS',
        message: 'is no environment variable of Orbit; did you mean "ORBIT_MEMORY_MAX_ENTRIES"?',
      },
      {
        path: 'ORBIT_SERVER_PROT',
        message: 'is no environment variable of Orbit; did you mean "ORBIT_SERVER_PORT"?',
      },
    ])
  })
})

describe('problems', () => {
  it('are reported all at once, with origin and value', () => {
    const found = failure({
      ...toml(
        '[server]\nport = "x"\nprt = 1\n[providers.x]\ntype = "rokcsdb"\n[providers.y]\na = 1\n[providers.s3]',
      ),
      env: { ORBIT_SERVER_OPEN: 'perhaps' },
      flags: { bakend: 'x' },
      code: { server: { persistenceBackend: '' } },
    })
    assert.equal(found.code, 'CONFIG_INVALID')
    assert.equal(
      found.message,
      [
        'the configuration has 9 problems:',
        '--bakend is no flag of Orbit; did you mean "--backend"?',
        'server.prt (file orbit.toml:3) is no known key; did you mean "port"?',
        'server.port (file orbit.toml:2) must be an integer 0 to 65535, not "x"',
        'server.persistence_backend (code) must not be empty',
        'server.open (env ORBIT_SERVER_OPEN) must be true or false, not "perhaps"',
        'providers.x.type (file orbit.toml:5) must be one of "memory", "rocksdb", "cow-btree", "s3", not "rokcsdb"; did you mean "rocksdb"?',
        'providers.y.type is required: one of "memory", "rocksdb", "cow-btree", "s3"',
        'providers.s3.bucket is required: string',
        'providers.s3.secret_access_key is required: secret (a string, { env = "NAME" } or { file = "path" })',
      ].join('\n- '),
    )
    assert.deepEqual((found.problems as unknown[])[2], {
      path: 'server.port',
      message: 'must be an integer 0 to 65535',
      origin: 'file orbit.toml:2',
      value: 'x',
    })
  })

  it('that are unknown keys only have their own code, and suggest TypeScript names in code', () => {
    const found = failure({ code: { server: { persistenceBakend: 'x' } } })
    assert.equal(found.code, 'CONFIG_UNKNOWN_KEY')
    assert.equal(
      found.message,
      'server.persistenceBakend (code) is no known key; did you mean "persistenceBackend"?',
    )
  })

  it('list the known keys when none is near', () => {
    const found = failure(toml('zzzzzz = 1'))
    assert.equal(found.message, 'zzzzzz (file orbit.toml:1) is no known key; known are server, providers')
  })

  it('refuse TypeScript names in a file', () => {
    const found = failure(toml('[providers.rocksdb]\ndataDir = "x"'))
    assert.equal(
      found.message,
      'providers.rocksdb.dataDir (file orbit.toml:2) is no known key; did you mean "data_dir"?',
    )
  })

  it('refuse a value given twice in one layer', () => {
    const inFile = failure(toml('[providers.rocksdb]\ndata_dir = "x"\ndirectory = "y"'))
    assert.equal(
      inFile.message,
      'providers.rocksdb.data_dir (file orbit.toml:3) is given twice, as "data_dir" and as "directory"',
    )
    const inEnv = failure({ env: { ORBIT_ROCKSDB_DATA_DIR: 'x', ORBIT_ROCKSDB_DIRECTORY: 'y' } })
    assert.equal(
      inEnv.message,
      'providers.rocksdb.data_dir is given twice, by env ORBIT_ROCKSDB_DATA_DIR and env ORBIT_ROCKSDB_DIRECTORY',
    )
  })

  it('refuse what is no table, and a bad name of an entry', () => {
    assert.equal(failure(toml('server = 3')).message, 'server (file orbit.toml:1) must be a table of keys')
    assert.equal(
      failure(toml('[providers."a b"]\ntype = "memory"')).message,
      'providers.a b (file orbit.toml:1) must be named with letters, digits, "_" and "-"',
    )
    const text = '{"providers":{"__proto__":{"type":"memory"}}}'
    assert.equal(
      failure({ file: { path: 'o.json', text } }).message,
      'providers.__proto__ (file o.json) must be named with letters, digits, "_" and "-"',
    )
    assert.equal(Object.hasOwn(Object.prototype, 'type'), false)
  })

  it('of several fields are found by the check of a section, once each field is valid', () => {
    const flags = { 'server-open': true, 'server-tokens': 'a' }
    assert.equal(failure({ flags }).message, 'server must not be open and have tokens')
    const both = failure({ flags: { ...flags, 'server-port': 'x' } })
    assert.equal(both.message, 'server.port (flag --server-port) must be an integer 0 to 65535, not "x"')
  })

  it('cut long values', () => {
    const found = failure(toml(`[server]\nport = "${'x'.repeat(500)}"`))
    assert.equal(
      found.message.length,
      'server.port (file orbit.toml:2) must be an integer 0 to 65535, not ""'.length + 101,
    )
  })

  it('name the extension, and the line of bad TOML or JSON', () => {
    assert.equal(
      failure({ file: { path: 'orbit.yaml', text: '' } }).message,
      'orbit.yaml must be a file with the extension .toml or .json',
    )
    assert.match(
      failure(toml('a = 1\nb = =')).message,
      /^orbit\.toml is not valid TOML at line 2, column \d+: /,
    )
    assert.equal(
      failure({ file: { path: 'o.json', text: '{\n"server": {]\n}' } }).message.slice(0, 24),
      'o.json is not valid JSON',
    )
  })
})

describe('secrets', () => {
  const word = 'hunter2'
  const nowhere = (sources: unknown): void => {
    const found = failure(sources)
    assert.ok(!JSON.stringify(found).includes(word), found.message)
  }

  it('never appear in an error, wherever they were put', () => {
    nowhere(toml(`[providers.s3]\nsecret_access_key = ["${word}"]\nbucket = "b"`))
    nowhere(toml(`[providers.s3]\nsecrt_access_key = "${word}"\nbucket = "b"`))
    nowhere(toml(`providers = "${word}"`))
    nowhere(toml(`[providers.s3]\nsecret_access_key = "${word}`))
    nowhere({ file: { path: 'o.json', text: `{"providers": {"s3": {"secret_access_key": "${word}" x` } })
    nowhere({ env: { ORBIT_SERVER_TOKENS: `["${word}", 3]` } })
    nowhere({ code: { server: { tokens: word } } })
    nowhere({ env: { ORBIT_S3_SECRET_KEY: word } })
  })

  it('are read from a file by default', () => {
    const dir = mkdtempSync(join(tmpdir(), 'orbit-config-'))
    try {
      const path = join(dir, 'key')
      writeFileSync(path, 'sesame\n')
      const { value } = loadConfig(s3, { code: { bucket: 'b', secretAccessKey: { file: path } } })
      assert.equal(value.secretAccessKey.reveal(), 'sesame')
    } finally {
      rmSync(dir, { recursive: true })
    }
  })

  it('may name a variable that starts like those of a section', () => {
    const { value } = loadConfig(schema, {
      ...toml('[server]\ntokens = [{ env = "ORBIT_SERVER_ADMIN" }]'),
      env: { ORBIT_SERVER_ADMIN: 'sesame' },
    })
    assert.deepEqual(
      value.server.tokens?.map((token) => token.reveal()),
      ['sesame'],
    )
  })

  it('are read from the environment that was passed', () => {
    const { value } = loadConfig(s3, {
      file: { path: 'a.toml', text: 'bucket = "b"\nsecret_access_key = { env = "AWS_SECRET" }' },
      env: { AWS_SECRET: 'sesame' },
    })
    assert.equal(value.secretAccessKey.reveal(), 'sesame')
  })
})

it('a schema may contain itself', () => {
  type Store = { type: 'leaf'; size: number } | { type: 'pair'; primary: Store; backup?: Store }
  const store: SectionUnion<Store, unknown> = union('type', {
    leaf: section({ size: integer({ default: 1 }) }),
    pair: section({ primary: nested(() => store), backup: nested(() => store, { optional: true }) }),
  })
  const { value } = loadConfig(section({ stores: record(store) }), {
    file: {
      path: 'a.toml',
      text: '[stores.a]\ntype = "pair"\n[stores.a.backup]\ntype = "leaf"\n[stores.a.primary]\ntype = "pair"\n[stores.a.primary.primary]\ntype = "leaf"',
    },
    env: { ORBIT_STORES_A_BACKUP_SIZE: '2', ORBIT_STORES_A_PRIMARY_PRIMARY_SIZE: '3' },
  })
  const expected: ValueOf<typeof store> = {
    type: 'pair',
    primary: { type: 'pair', primary: { type: 'leaf', size: 3 } },
    backup: { type: 'leaf', size: 2 },
  }
  assert.deepEqual(value.stores, { a: expected })

  const cyclic: Record<string, unknown> = { type: 'pair' }
  cyclic['primary'] = cyclic
  assert.throws(
    () => loadConfig(store, { code: cyclic }),
    (error) =>
      hasCode(error, 'CONFIG_INVALID') && error.reason.endsWith('must not be nested more than 32 deep'),
  )
})
