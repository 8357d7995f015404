import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { connect, createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { Place, type Running } from '../orbit-process.test.data.js'
import { VERSION } from '../version.js'

const QUIET = ['--http-port', '0', '--postgres-port', '0', '--log-level', 'silent']

async function urlOf(server: Running): Promise<string> {
  const [, url = ''] = await server.printed(/HTTP API {7}(http:\S+), described/)
  return url
}

describe('orbit serve', () => {
  it('says what it serves, and stops in order', () =>
    Place.with(async (place) => {
      const server = place.start(['serve', ...QUIET, '--data-dir', 'd', '--storage', 'lsm-tree'])
      const url = await urlOf(server)
      const [, postgres = ''] = await server.printed(/PostgreSQL +(postgres:\S+)\n/)
      assert.equal((await fetch(`${url}/health/ready`)).status, 200)
      server.child.kill('SIGTERM')
      assert.deepEqual(await server.ended, {
        code: 0,
        signal: null,
        stdout: [
          `Orbit ${VERSION} is ready. Stop it with Ctrl-C.`,
          `  data           lsm-tree, in ${join(place.path, 'd')}`,
          '  access         no token is asked for: only this machine reaches 127.0.0.1',
          `  HTTP API       ${url}, described at ${url}/openapi.json`,
          `  PostgreSQL     ${postgres}`,
          '',
        ].join('\n'),
        stderr:
          '\norbit: SIGTERM: stopping; requests in progress are finished; once more to stop at once\norbit: stopped\n',
      })
    }))

  it('prints an address that can be used where it listens on all interfaces', () =>
    Place.with(async (place) => {
      const args = ['serve', ...QUIET, '--storage', 'memory', '--host', '0.0.0.0']
      const server = place.start(args, { env: { ORBIT_SERVER_AUTH_TOKENS: 'one' } })
      const [, url = ''] = await server.printed(
        /HTTP API {7}(http:\/\/127\.0\.0\.1:\d+), described at \S+ \(listening on all interfaces\)\n/,
      )
      assert.equal((await fetch(`${url}/health/live`)).status, 200)
      server.child.kill('SIGTERM')
      const { code, stdout } = await server.ended
      assert.equal(code, 0)
      assert.match(stdout, /PostgreSQL +postgres:\/\/orbit@127\.0\.0\.1:\d+\/orbit\n/)
    }))

  it('says at once which PD it cannot reach, and goes on trying', () =>
    Place.with(async (place) => {
      const ports = ['--http-port', '0', '--postgres-port', '0']
      const server = place.start(['serve', ...ports, '--pd-endpoints', '127.0.0.1:1', '--log-format', 'text'])
      const [line] = await server.noted(/.*\n/)
      assert.match(
        line,
        /^\d\d:\d\d:\d\d\.\d{3} WARN {2}PD at 127\.0\.0\.1:1 cannot be reached: .*ECONNREFUSED 127\.0\.0\.1:1; trying for 30 s\n$/,
      )
      server.child.kill('SIGKILL')
      assert.equal((await server.ended).stdout, '')
    }))

  it('writes its log as text or as JSON', () =>
    Place.with(async (place) => {
      for (const [format, line] of [
        ['text', /^\S+ INFO {2}Orbit is ready urls=.*\n$/],
        ['json', /^\{"level":"info",.*"msg":"Orbit is ready"\}\n$/],
      ] as const) {
        const ports = ['--http-port', '0', '--postgres-port', '0']
        const server = place.start(['serve', ...ports, '--storage', 'memory', '--log-format', format])
        const [logged] = await server.noted(/.*\n/)
        assert.match(logged, line)
        server.child.kill('SIGTERM')
        assert.equal((await server.ended).code, 0)
      }
      const { code, stderr } = await place.run(['serve', '--log-format', 'xml'])
      assert.equal(code, 2)
      assert.match(stderr, /log\.format \(flag --log-format\) must be one of "text", "json"/)
    }))

  it('stops at once at the second signal', () =>
    Place.with(async (place) => {
      const server = place.start(['serve', ...QUIET])
      const { hostname, port } = new URL(await urlOf(server))
      // A request whose body never comes, which the orderly stop waits for.
      const socket = connect(Number(port), hostname)
      const head = ['POST /v1/transactions HTTP/1.1', `host: ${hostname}`, 'content-type: application/json']
      socket.write([...head, 'content-length: 9', 'expect: 100-continue', '', ''].join('\r\n'))
      const [answer] = (await once(socket, 'data')) as [Buffer]
      assert.match(answer.toString(), /^HTTP\/1\.1 100 /)
      const closed = once(socket, 'close')
      server.child.kill('SIGINT')
      await server.noted(/once more to stop at once/)
      // What comes right after the first one may be the same key press.
      const again = setInterval(() => server.child.kill('SIGINT'), 50)
      const { code, stderr } = await server.ended
      clearInterval(again)
      assert.equal(code, 1)
      assert.doesNotMatch(stderr, /orbit: stopped/)
      await closed
    }))

  it('asks for tokens, keeps other processes out, and imports through itself', () =>
    Place.with(async (place) => {
      const server = place.start(['serve', ...QUIET], { env: { ORBIT_SERVER_AUTH_TOKENS: 'one,two' } })
      const url = await urlOf(server)
      assert.match((await server.printed(/access .*/))[0], /access {9}requests must carry a bearer token/)
      await place.file('a.csv', 'id,n\n1,9007199254740993\n2,\nx,3\n1,4\n5,5\n')
      const locked = await place.run(['import', 'table', 'a', 'a.csv', '--create'])
      assert.equal(locked.code, 1)
      assert.match(
        locked.stderr,
        /^orbit: STORAGE_LOCKED: the data directory .* is in use by the process with pid \d+; .*\nStop the process that has it open\. While that is an Orbit server, use its HTTP API, or `orbit import --url http:\/\/HOST:PORT`\.\n$/,
      )
      const create = ['import', 'table', 'a', 'a.csv', '--url', url, '--create', '--primary-key', 'id']
      const refused = await place.run(create)
      assert.match(refused.stderr, /^orbit: UNAUTHENTICATED: /)
      const env = { ORBIT_TOKEN: 'two' }
      const stopped = await place.run(create, { env })
      assert.equal(stopped.code, 1)
      assert.match(
        stopped.stderr,
        /\norbit: IMPORT_FAILED: a\.csv:5: RECORD_EXISTS: table "a": .*\n3 records before line 5 are stored, nothing after\. Mend the line/,
      )
      const resumed = await place.run([...create, '--resume', '--on-error', 'skip', '--token', 'one'])
      assert.deepEqual(
        [resumed.code, resumed.stdout],
        [0, 'a.csv: 1 record imported into table "a", after 3 records before; 1 bad line skipped\n'],
      )
      const again = await place.run([...create, '--resume'], { env })
      assert.equal(again.stdout, 'a.csv: nothing left to do; 4 records had been imported into table "a"\n')
      server.child.kill('SIGINT')
      assert.equal((await server.ended).code, 0)
      const exported = await place.run(['export', 'table', 'a', '--format', 'csv'])
      assert.equal(exported.stdout, 'id,n\n1,9007199254740993\n2,\n5,5\nx,3\n')
      const gone = await place.run([...create, '--resume'], { env })
      assert.match(gone.stderr, /^orbit: STORAGE_UNAVAILABLE: the server http:\S+ cannot be reached: /)
    }))

  it('loads the sample once, and has it after a restart', () =>
    Place.with(async (place) => {
      const tour = async (state: string): Promise<void> => {
        const server = place.start(['serve', '--sample', ...QUIET])
        const url = await urlOf(server)
        const row = (await (await fetch(`${url}/v1/tables/airports/rows/SEA`)).json()) as {
          row: { city: string }
        }
        assert.equal(row.row.city, 'Seattle')
        server.child.kill('SIGINT')
        const { code, stdout } = await server.ended
        assert.equal(code, 0)
        assert.match(stdout, new RegExp(`airports\\.csv +relational table "airports" +3,376 {2}${state}\n`))
        assert.match(
          stdout,
          new RegExp(`flights-airport\\.csv +edges of graph "flights" +5,366 {2}${state}\n`),
        )
        assert.match(stdout, /\nWhere do most flights from Seattle go\?/)
        assert.match(stdout, /\n {4}second: DANGLING_EDGE: /)
      }
      await tour('loaded')
      await tour('there already')
      const weather = await place.run(['export', 'series', 'weather', '--output', 'w.jsonl'])
      assert.match(weather.stderr, /11,681 records exported/)
    }))

  it('refuses what it cannot do before it makes anything', () =>
    Place.with(async (place) => {
      const other = createServer()
      await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
      const { port } = other.address() as AddressInfo
      const taken = await place.run(['serve', '--http-port', String(port)])
      assert.equal(taken.code, 1)
      assert.match(taken.stderr, /another program listens there/)
      await new Promise((resolve) => other.close(resolve))
      for (const [args, exitCode, message] of [
        [['--host', '0.0.0.0'], 1, /auth_tokens or server\.auth_tokens_file is required/],
        [['--storage', 's3'], 1, /"s3" is not part of this release/],
        [['--storage', 'tikv', '--data-dir', 'd'], 2, /a TiKV cluster keeps the data itself/],
      ] as const) {
        const { code, stderr } = await place.run(['serve', ...args])
        assert.equal(code, exitCode)
        assert.match(stderr, message)
      }
      assert.deepEqual(await readdir(place.path), [])
    }))
})
