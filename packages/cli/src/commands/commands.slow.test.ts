import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { Place, type Ended } from '../orbit-process.test.data.js'

const ended = (code: number, stdout: string, stderr = ''): Ended => ({ code, signal: null, stdout, stderr })

const AIRPORTS = `iata,name,lat,opened,passengers
SEA,"Seattle, WA",47.45,1949-07-09,9007199254740993
SFO,,37.6,,1
X,"",-0.5,,
`

async function withAirports(place: Place, ...flags: string[]): Promise<void> {
  await place.file('airports.csv', AIRPORTS)
  const made = await place.run([
    'import',
    'table',
    'airports',
    'airports.csv',
    '--create',
    '--primary-key',
    'iata',
    ...flags,
  ])
  assert.equal(made.code, 0, made.stderr)
}

describe('orbit import and export', () => {
  for (const storage of ['rocksdb', 'lsm-tree', 'cow-btree']) {
    it(`keeps a file on ${storage}`, () =>
      Place.with(async (place) => {
        await place.file('airports.csv', AIRPORTS)
        const flags = ['--data-dir', 'd', '--storage', storage]
        assert.deepEqual(
          await place.run([
            'import',
            'table',
            'airports',
            'airports.csv',
            '--create',
            '--primary-key',
            'iata',
            ...flags,
          ]),
          ended(
            0,
            'airports.csv: 3 records imported into table "airports"\n',
            'table "airports" is made with this definition: {"columns":{"iata":{"type":"text"},"name":{"type":"text"},"lat":{"type":"float8"},"opened":{"type":"date"},"passengers":{"type":"int8"}},"primaryKey":["iata"]}\n',
          ),
        )
        assert.deepEqual(
          await place.run(['export', 'table', 'airports', '--output', 'out.csv', ...flags]),
          ended(0, '', 'table "airports": 3 records exported to out.csv, 109 B\n'),
        )
        assert.equal(await place.read('out.csv'), AIRPORTS)
        assert.deepEqual((await readdir(place.path)).sort(), ['airports.csv', 'd', 'out.csv'])
      }))
  }

  it('selects, and writes to standard output', () =>
    Place.with(async (place) => {
      await withAirports(place)
      assert.deepEqual(
        await place.run(['export', 'table', 'airports', '--where', '{"lat":{"gt":40}}']),
        ended(
          0,
          '{"iata":"SEA","name":"Seattle, WA","lat":47.45,"opened":"1949-07-09","passengers":"9007199254740993"}\n',
          'table "airports": 1 record exported, 102 B\n',
        ),
      )
      assert.deepEqual(
        await place.run(['export', 'table', 'airports', '--where', '{"lta":1}', '--output', 'x.csv']),
        ended(
          1,
          '',
          'orbit: INVALID_ARGUMENT: table "airports": where.lta names an unknown field "lta"; did you mean "iata"?\n',
        ),
      )
      assert.deepEqual(
        await place.run(['export', 'table', 'airprots']),
        ended(1, '', 'orbit: OBJECT_NOT_FOUND: table "airprots" does not exist; did you mean "airports"?\n'),
      )
      assert.deepEqual((await readdir(place.path)).sort(), ['airports.csv', 'data'])
    }))

  it('reads standard input, and goes on with it', () =>
    Place.with(async (place) => {
      await withAirports(place)
      const args = ['import', 'table', 'airports', '-', '--format', 'jsonl', '--resume']
      const first = '{"iata":"A","lat":1}\n{"iata":"B","lat":"x"}\n'
      const stopped = await place.run(args, { stdin: first })
      assert.equal(stopped.code, 1)
      assert.match(
        stopped.stderr,
        /^orbit: IMPORT_FAILED: standard input:2: TYPE_MISMATCH: .*\n1 record before line 2 is stored, nothing after\./,
      )
      const mended = first.replace('"x"', '2')
      assert.deepEqual(
        await place.run(args, { stdin: mended }),
        ended(0, 'standard input: 1 record imported into table "airports", after 1 record before\n'),
      )
      const other = await place.run(args, { stdin: '{"iata":"C","lat":1}\n' })
      assert.deepEqual(
        other,
        ended(
          1,
          '',
          'orbit: IMPORT_FAILED: standard input does not begin with the 42 bytes that were imported into table "airports" before; give the same input, or begin anew with --restart\n',
        ),
      )
    }))

  it('reports skipped lines on standard error, and how many they were', () =>
    Place.with(async (place) => {
      await withAirports(place)
      await place.file('more.csv', 'iata,lat\nSEA,1\nA,x\nB,2\n')
      assert.deepEqual(
        await place.run(['import', 'table', 'airports', 'more.csv', '--on-error', 'skip']),
        ended(
          0,
          'more.csv: 1 record imported into table "airports"; 2 bad lines skipped\n',
          'skipped more.csv:2: RECORD_EXISTS: table "airports": a row with the primary key iata = "SEA" exists already\n' +
            'skipped more.csv:3: TYPE_MISMATCH: table "airports": column "lat": "x" is not a number\n',
        ),
      )
    }))

  it('reads files as other programs write them', () =>
    Place.with(async (place) => {
      const long = 'x'.repeat(10 * 1024 * 1024)
      await place.file(
        'notes.csv',
        Buffer.concat([
          Buffer.from(`\ufeffid,note\r\n\r\n1,"${long}"\r\n2,caf`),
          Buffer.from([0xe9]),
          Buffer.from('\r\n3,"two\r\nlines"\r\n4,"a"b\r\n5,last'),
        ]),
      )
      const args = ['import', 'collection', 'notes', 'notes.csv', '--create', '--on-error', 'skip']
      const { code, stdout, stderr } = await place.run(args)
      assert.deepEqual(
        [code, stdout],
        [0, 'notes.csv: 3 records imported into document collection "notes"; 2 bad lines skipped\n'],
      )
      assert.deepEqual(stderr.split('\n').slice(1), [
        'skipped notes.csv:4: column "note": the text is not valid UTF-8',
        'skipped notes.csv:7: column "note": after a closing quote a delimiter or the end of the line is expected; a quote within a quoted field is written twice',
        '',
      ])
      const exported = await place.run([
        'export',
        'collection',
        'notes',
        '--format',
        'csv',
        '--where',
        '{"id":{"ne":"1"}}',
      ])
      assert.equal(exported.stdout, 'id,note\n3,"two\r\nlines"\n5,"last"\n')
      await place.run(['export', 'collection', 'notes', '--output', 'out.jsonl'])
      assert.equal((await place.read('out.jsonl')).split('\n')[0], `{"id":"1","note":"${long}"}`)
    }))

  it('ends quietly when nobody reads its output any more', () =>
    Place.with(async (place) => {
      const lines = Array.from({ length: 20_000 }, (_, at) => `{"id":"${at}","note":"${'x'.repeat(50)}"}\n`)
      await place.file('many.jsonl', lines.join(''))
      assert.equal((await place.run(['import', 'collection', 'many', 'many.jsonl', '--create'])).code, 0)
      const running = place.start(['export', 'collection', 'many'])
      await running.printed(/"id":/)
      running.child.stdout.destroy()
      const { code, stderr } = await running.ended
      assert.deepEqual([code, stderr], [1, ''])
    }))

  it('refuses wrong arguments with exit code 2, and touches nothing', () =>
    Place.with(async (place) => {
      await place.file('a.csv', 'a\n1\n')
      const cases: readonly (readonly [args: string[], message: RegExp])[] = [
        [['import', 'table', 'a', 'a.dat'], /--format: say jsonl or csv; the name "a\.dat" does not tell/],
        [
          ['import', 'table', 'a', 'a.csv', '--format', 'cvs'],
          /--format: "cvs" is not one of jsonl, csv; did you mean "csv"\?/,
        ],
        [
          ['import', 'table', 'a', 'a.csv', '--batch', '0'],
          /--batch: "0" is not a whole number from 1 to 100000/,
        ],
        [
          ['import', 'table', 'a', 'a.csv', '--on-error', 'ignore'],
          /--on-error: "ignore" is not one of stop, skip/,
        ],
        [
          ['import', 'table', 'a', 'a.csv', '--max-errors', '1'],
          /--max-errors: it counts skipped lines; add --on-error skip/,
        ],
        [['import', 'table', 'a', 'a.csv', '--resume', '--restart'], /--restart: it contradicts --resume/],
        [
          ['import', 'table', 'a', 'a.csv', '--primary-key', 'a'],
          /--primary-key: it describes a new object; add --create/,
        ],
        [['import', 'table', 'a', 'a.csv', '--delimiter', '::'], /--delimiter: "::" is not one character/],
        [['import', 'graph', 'a', 'a.csv'], /a graph has nodes and edges/],
        [['import', 'table', 'a'], /<file>: it is missing/],
        [['import', 'table', 'a', 'a.csv', '--url', 'ftp://x'], /--url: "ftp:\/\/x" is not an address/],
        [['export', 'table', 'a', '--where', '[]'], /--where: a JSON object is expected/],
        [['export', 'table', 'a', '--label', 'A'], /--label: only nodes have labels/],
        [['export', 'table'], /<object>: it is missing/],
        [
          ['export', '--all', 'd', '--output', 'x'],
          /--output: it is about one object, and --all about every one/,
        ],
        [['import', '--all', 'd', '--create'], /--create: it is about one object/],
        [['inspect', 'tabel'], /<model>: "tabel" is not one of .*; did you mean "table"\?/],
        [['inspect', 'table', '--kind', 'table'], /--kind: the model is given already/],
        [['inspect', '--kind', 'tabel'], /--kind: "tabel" is not one of .*; did you mean "table"\?/],
        [['inspect', '--key', 'xyz'], /--key: "xyz" is not an even number of hexadecimal digits/],
        [['providers', 'rocks'], /\[kind\]: "rocks" is not one of /],
        [['serve', '--http-port', 'x'], /server\.http_port \(flag --http-port\) must be an integer/],
        [
          ['serve', '--storage', 'memroy'],
          /--storage: "memroy" is not one of tikv, rocksdb, lsm-tree, cow-btree, memory; did you mean "memory"\?\n$/,
        ],
        [
          ['inspect', '--storage', 'tkiv'],
          /--storage: "tkiv" is not one of tikv, rocksdb, lsm-tree, cow-btree, memory; did you mean "tikv"\?\n$/,
        ],
      ]
      for (const [args, message] of cases) {
        const { code, stdout, stderr } = await place.run(args)
        assert.deepEqual([code, stdout], [2, ''], args.join(' '))
        assert.match(stderr, message)
      }
      assert.deepEqual(await readdir(place.path), ['a.csv'])
    }))

  it('says how to make what there is nothing to import into', () =>
    Place.with(async (place) => {
      await withAirports(place)
      assert.deepEqual(
        await place.run(['import', 'table', 'airprots', 'airports.csv']),
        ended(
          1,
          '',
          'orbit: OBJECT_NOT_FOUND: table "airprots" does not exist; did you mean "airports"?\nTo make it, add --create.\n',
        ),
      )
    }))

  it('makes no database for a file that it cannot read', () =>
    Place.with(async (place) => {
      await place.file('empty.csv', '')
      assert.deepEqual(
        await place.run(['import', 'table', 'a', 'empty.csv', '--create']),
        ended(
          1,
          '',
          'orbit: IMPORT_FAILED: empty.csv: there is nothing in it, not even a line that names the columns\n',
        ),
      )
      assert.deepEqual(
        await place.run(['import', 'table', 'a', 'none.csv', '--create']),
        ended(1, '', 'orbit: INVALID_ARGUMENT: there is no file none.csv\n'),
      )
      assert.deepEqual(await readdir(place.path), ['empty.csv'])
    }))

  it('moves a whole database, with foreign keys in every direction', () =>
    Place.with(async (place) => {
      await withAirports(place)
      const manifest = {
        format: 1,
        objects: [
          {
            kind: 'table',
            name: 'staff',
            input: {
              columns: {
                id: { type: 'int4', primaryKey: true, identity: true },
                boss: { type: 'int4' },
                team: { type: 'text' },
              },
              foreignKeys: [
                { columns: ['boss'], references: { table: 'staff' } },
                { columns: ['team'], references: { table: 'teams' } },
              ],
            },
            files: [{ kind: 'table', file: 'staff.jsonl', records: 2 }],
          },
          {
            kind: 'table',
            name: 'teams',
            input: {
              columns: { name: { type: 'text', primaryKey: true }, head: { type: 'int4' } },
              foreignKeys: [{ columns: ['head'], references: { table: 'staff' } }],
            },
            files: [{ kind: 'table', file: 'teams.jsonl', records: 1 }],
          },
        ],
      }
      await place.file('orbit-export.json', JSON.stringify(manifest))
      await place.file('staff.jsonl', '{"id":1,"boss":2,"team":"a"}\n{"id":2,"boss":null,"team":"a"}\n')
      await place.file('teams.jsonl', '{"name":"a","head":1}\n')
      const loaded = await place.run(['import', '--all', '.'])
      assert.equal(loaded.code, 0, loaded.stderr)
      assert.deepEqual(
        await place.run(['export', '--all', 'dump']),
        ended(0, '', '3 objects with 6 records exported to dump\n'),
      )
      const restored = await place.run([
        'import',
        '--all',
        'dump',
        '--data-dir',
        'copy',
        '--storage',
        'lsm-tree',
      ])
      assert.equal(restored.code, 0, restored.stderr)
      await place.run(['export', '--all', 'again', '--data-dir', 'copy', '--storage', 'lsm-tree'])
      const files = (await readdir(join(place.path, 'dump'))).sort()
      assert.deepEqual(files, [
        '0001-table-airports.jsonl',
        '0002-table-staff.jsonl',
        '0003-table-teams.jsonl',
        'orbit-export.json',
      ])
      assert.deepEqual((await readdir(join(place.path, 'again'))).sort(), files)
      for (const file of files)
        assert.equal(await place.read(join('again', file)), await place.read(join('dump', file)))
      // The foreign keys are in force again.
      await place.file('bad.jsonl', '{"id":9,"boss":77,"team":null}\n')
      const refused = await place.run([
        'import',
        'table',
        'staff',
        'bad.jsonl',
        '--data-dir',
        'copy',
        '--storage',
        'lsm-tree',
      ])
      assert.match(refused.stderr, /bad\.jsonl:1: FOREIGN_KEY_VIOLATION/)
      // Into the same database once more: refused before anything is touched.
      const twice = await place.run(['import', '--all', 'dump'])
      assert.deepEqual([twice.code, /^orbit: OBJECT_EXISTS: /.test(twice.stderr)], [1, true])
      const full = await place.run(['export', '--all', 'dump'])
      assert.match(full.stderr, /dump is there and not empty; name a new directory/)
    }))
})

describe('orbit inspect', () => {
  it('lists objects, definitions and raw keys', () =>
    Place.with(async (place) => {
      await withAirports(place)
      assert.deepEqual(
        await place.run(['inspect']),
        ended(
          0,
          'kind   name      version  records  keys  record size  index size\n' +
            'table  airports        1  3 rows      3        155 B         0 B\n',
          '1 object, 155 B before compression, in a rocksdb store\n',
        ),
      )
      const key = '7480000000000000015f72015345410000000000fa'
      const keys = await place.run(['inspect', '--keys', '--name', 'airports', '--limit', '1'])
      assert.deepEqual(
        keys,
        ended(
          0,
          `rel:table:airports:row:SEA\n  key    ${key}\n  value  47 B: {"iata":"SEA","name":"Seattle, WA","lat":47.45,"opened":"1949-07-09","passengers":"9007199254740993"}\n`,
          'There are more keys; --limit shows more than 1.\n',
        ),
      )
      assert.equal((await place.run(['inspect', '--key', key])).stdout, keys.stdout)
      const catalog = await place.run(['inspect', '--keys', '--prefix', '63'])
      assert.match(
        catalog.stdout,
        /^cat:name:table:airports\n {2}key {4}63[0-9a-f]+\n {2}value {2}\d+ B: \{"kind":"table","name":"airports",/,
      )
      const positions = await place.run(['inspect', '--keys', '--prefix', '5f'])
      assert.match(
        positions.stdout,
        /^sys:"import\/table\/1\/[0-9a-f]{32}"\n.*\n {2}value {2}\d+ B: \{"slot":/,
      )
      const named = await place.run(['inspect', '--kind', 'table', '--name', 'airports'])
      assert.match(named.stdout, /\n\ntable airports, id 1:\n\{\n {2}"columns": \[/)
      // In the words of export.
      assert.deepEqual(await place.run(['inspect', 'rows', 'airports']), named)
      assert.equal((await place.run(['inspect', 'graph'])).stdout, 'There are no objects.\n')
      assert.deepEqual(
        await place.run(['inspect', '--name', 'airprots']),
        ended(1, '', 'orbit: OBJECT_NOT_FOUND: there is no object "airprots"; did you mean "airports"?\n'),
      )
      assert.deepEqual(
        await place.run(['inspect', '--key', '00']),
        ended(1, '', 'orbit: RECORD_NOT_FOUND: there is no key 00 (hex:00)\n'),
      )
    }))
})

describe('orbit config', () => {
  it('checks and shows what is in effect, secrets hidden', () =>
    Place.with(async (place) => {
      await place.file(
        'orbit.toml',
        '[server]\nhttp_port = 9000\nrequest_timeout = 3\nauth_tokens = ["s3cret"]\n[providers.main]\ntype = "lsm-tree"\ndata_dir = "d"\n',
      )
      assert.deepEqual(
        await place.run(['config', 'check']),
        ended(
          0,
          `The configuration is valid: orbit.toml.\nIt keeps data in lsm-tree, in ${join(place.path, 'd')}, and listens on 127.0.0.1, port 9000, with tokens.\n`,
        ),
      )
      const shown = await place.run(['config', 'show', '--origin'], { env: { ORBIT_LOG_LEVEL: 'warn' } })
      assert.doesNotMatch(shown.stdout, /s3cret/)
      for (const line of [
        'http_port = 9000  # file orbit.toml:2',
        'request_timeout = "3s"  # file orbit.toml:3',
        'auth_tokens = ["***"]  # file orbit.toml:4',
        'level = "warn"  # env ORBIT_LOG_LEVEL',
        '[providers.main]',
        'host = "127.0.0.1"  # default',
      ]) {
        assert.ok(shown.stdout.split('\n').includes(line), line)
      }
      const json = await place.run(['config', 'show', '--format', 'json', '--log-level', 'error'])
      const values = JSON.parse(json.stdout) as Record<string, unknown>
      assert.deepEqual(
        [values['server.request_timeout'], values['log.level'], values['server.auth_tokens']],
        [3000, 'error', ['***']],
      )
      // What is shown is a configuration again.
      await place.file('copy.toml', (await place.run(['config', 'show'])).stdout)
      const copied = await place.run(['config', 'show', '--config', 'copy.toml'])
      assert.equal(copied.stdout, (await place.run(['config', 'show'])).stdout)
      assert.deepEqual(
        await place.run(['inspect', '--data-dir', 'elsewhere']),
        ended(
          2,
          '',
          'orbit: INVALID_ARGUMENT: --data-dir: [providers] are configured in orbit.toml, and each has a data_dir of its own; change providers.main.data_dir there\n',
        ),
      )
    }))

  it('shows the engine that is taken when nothing names one', () =>
    Place.with(async (place) => {
      const line = (text: string): string | undefined =>
        text.split('\n').find((each) => each.startsWith('persistence_backend'))
      const shown = await place.run(['config', 'show', '--origin'])
      assert.equal(line(shown.stdout), 'persistence_backend = "rocksdb"  # default')
      const json = await place.run(['config', 'show', '--format', 'json', '--storage', 'cow-btree'])
      const values = JSON.parse(json.stdout) as Record<string, unknown>
      assert.equal(values['server.persistence_backend'], 'cow_btree')
      await place.file('copy.toml', shown.stdout)
      const copied = await place.run(['config', 'show', '--config', 'copy.toml'])
      assert.equal(copied.stdout, (await place.run(['config', 'show'])).stdout)
    }))

  it('reports everything that is wrong at once', () =>
    Place.with(async (place) => {
      await place.file('o.toml', '[server]\nhttp_prot = 1\nhost = 3\n')
      assert.deepEqual(
        await place.run(['config', 'check', '--config', 'o.toml']),
        ended(
          1,
          '',
          'orbit: CONFIG_INVALID: the configuration has 2 problems:\n' +
            '- server.http_prot (file o.toml:2) is no known key; did you mean "http_port"?\n' +
            '- server.host (file o.toml:3) must be a string, not 3\n',
        ),
      )
      const missing = await place.run(['config', 'check'], { env: { ORBIT_CONFIG: 'none.toml' } })
      assert.equal(missing.code, 1)
      assert.match(
        missing.stderr,
        /^orbit: CONFIG_INVALID: the configuration file none\.toml cannot be read: ENOENT/,
      )
    }))
})

describe('orbit providers', () => {
  it('says what works here', () =>
    Place.with(async (place) => {
      const { code, stdout } = await place.run(['providers'])
      assert.equal(code, 0)
      for (const kind of ['rocksdb', 'lsm-tree', 'cow-btree', 'memory'])
        assert.match(stdout, new RegExp(`^${kind}\n`, 'm'))
      assert.match(
        stdout,
        /^memory\n {2}no native library: works here\n {2}isolation: read-committed, snapshot, serializable; /m,
      )
      const one = await place.run(['providers', 'lsm-tree'])
      assert.match(one.stdout, /\nwrite_buffer_mb +16 +Size of one write buffer/)
      assert.deepEqual(await readdir(place.path), [])
    }))
})
