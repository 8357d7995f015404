import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'
import { TestEnv } from '@orbit-ts/base'
import fc from 'fast-check'
import postgres from 'postgres'
import { TEST_PEMS } from './test-pems.fake.js'
import { TestServer } from './test-server.fake.js'
import {
  WireClient,
  bind,
  execute,
  fieldsOf,
  frame,
  int32,
  parse,
  query,
  startup,
  sync,
} from './wire-client.fake.js'

const SSL_REQUEST = startup(80_877_103)
const GSS_REQUEST = startup(80_877_104)

describe('what a client is told first', () => {
  test('settings, its process and secret, and that it may go on', async () => {
    await using server = await TestServer.start()
    const client = await server.connect()
    client.start({ application_name: 'test', options: '-c datestyle=sql --search_path=a' })
    const messages = await client.until('Z')
    const told = Object.fromEntries(
      messages.filter(({ type }) => type === 'S').map(({ body }) => body.toString().split('\0').slice(0, 2)),
    ) as Record<string, string>
    assert.equal(told['application_name'], 'test')
    assert.equal(told['client_encoding'], 'UTF8')
    assert.equal(told['DateStyle'], 'SQL, MDY')
    assert.equal(told['server_version'], '15.8')
    assert.equal(told['standard_conforming_strings'], 'on')
    assert.equal(messages.find(({ type }) => type === 'K')?.body.length, 8)
    assert.deepEqual(await client.rows('SHOW search_path'), ['a'])
  })

  test('changes of settings are told as they happen, and when a rollback undoes them', async () => {
    await using server = await TestServer.start()
    const client = await server.open()
    assert.deepEqual(await client.answers(query(`SET TimeZone = 'Asia/Tokyo'`)), ['S', 'C(SET)', 'Z(I)'])
    await client.answers(query('BEGIN'))
    assert.deepEqual(await client.answers(query(`SET LOCAL TimeZone = 'UTC'`)), ['S', 'C(SET)', 'Z(T)'])
    assert.deepEqual(await client.answers(query('COMMIT')), ['S', 'C(COMMIT)', 'Z(I)'])
    assert.deepEqual(await client.rows('SHOW TimeZone'), ['Asia/Tokyo'])
  })

  test('other versions: an older one is refused, a later minor one is negotiated', async () => {
    await using server = await TestServer.start()
    const old = await server.connect()
    old.send(startup(131_072, Buffer.from([0])))
    assert.deepEqual(await old.rest(), ['E(0A000)'])
    const later = await server.connect()
    later.send(startup(196_610, 'user', 'orbit', '_pq_.thing', 'x', Buffer.from([0])))
    assert.equal((await later.until('Z'))[0]?.type, 'v')
  })

  test('an unknown user without a role is the superuser on loopback, an unknown setting is refused', async () => {
    await using server = await TestServer.start()
    const client = await server.open({ user: 'somebody' })
    assert.deepEqual(await client.rows('SELECT current_user'), ['orbit'])
    const wrong = await server.connect()
    wrong.start({ nothing_known: '1' })
    assert.deepEqual(await wrong.rest(), ['E(42704)'])
    const nobody = await server.connect()
    nobody.send(startup(196_608, Buffer.from([0])))
    assert.deepEqual(await nobody.rest(), ['E(28000)'])
    const replica = await server.connect()
    replica.start({ replication: 'database' })
    assert.deepEqual(await replica.rest(), ['E(0A000)'])
  })
})

describe('hostile clients', () => {
  test('are cut off without harm to others', async () => {
    await using server = await TestServer.start()
    const good = await server.open()
    const wrong: readonly (readonly [bytes: Buffer, code: string])[] = [
      [frame('z'), '08P01'],
      [Buffer.concat([Buffer.from('Q'), int32(3)]), '08P01'],
      [Buffer.concat([Buffer.from('Q'), int32(-1)]), '08P01'],
      [Buffer.concat([Buffer.from('Q'), int32(0x7fffffff)]), '08P01'],
      [frame('Q', Buffer.from('SELECT 1')), '08P01'],
      [frame('Q', Buffer.from('\xff\0', 'latin1')), '08P01'],
      [frame('B', 'p', 's', Buffer.from([0x7f, 0xff])), '08P01'],
      [frame('D', Buffer.from('Xs\0')), '08P01'],
      [frame('p', 'password'), '08P01'],
    ]
    for (const [bytes, code] of wrong) {
      const bad = await server.open()
      bad.send(bytes)
      assert.deepEqual(await bad.rest(), [`E(${code})`], bytes.toString('hex'))
    }
    assert.deepEqual(await good.rows('SELECT 1'), ['1'])
  })

  test('frames that are cut, and connections that end anywhere, leave nothing behind', async () => {
    await using server = await TestServer.start()
    const session = Buffer.concat([
      startup(196_608, 'user', 'orbit', Buffer.from([0])),
      query('BEGIN'),
      ...[parse('', 'SELECT generate_series(1, 100)'), bind([], { portal: 'p' }), execute('p', 3), sync],
    ])
    for (let size = 0; size <= session.length; size += 3) {
      const client = await server.connect()
      client.send(session.subarray(0, size))
      client.socket.end()
      await client.rest()
    }
    const last = await server.open()
    assert.deepEqual(await last.rows('SELECT count(*) FROM pg_stat_activity'), ['1'])
  })

  test('whatever bytes come, the server goes on', async () => {
    await using server = await TestServer.start()
    const good = await server.open()
    const types = fc.constantFrom('Q', 'P', 'B', 'D', 'E', 'C', 'S', 'H', 'd', 'c', 'f', 'F', 'p', 'x')
    const frames = fc.array(fc.tuple(types, fc.uint8Array({ maxLength: 24 })), { maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(fc.boolean(), frames, async (isStarted, sent) => {
        const client = await server.connect()
        if (isStarted) client.start()
        client.send(...sent.map(([type, body]) => frame(type, Buffer.from(body))))
        client.socket.end()
        await client.rest()
        assert.deepEqual(await good.rows('SELECT 1'), ['1'])
      }),
      { numRuns: 60 },
    )
  })

  test('a message that is larger than is allowed ends the connection before it has come', async () => {
    await using server = await TestServer.start({ settings: { messageSizeMaxMb: 1 } })
    const client = await server.open()
    client.send(Buffer.concat([Buffer.from('Q'), int32(2 * 1024 * 1024)]))
    assert.deepEqual(await client.rest(), ['E(08P01)'])
    const early = await server.connect()
    early.send(int32(20_000))
    assert.deepEqual(await early.rest(), ['E(08P01)'])
  })

  test('who does not say who it is in time is cut off', async () => {
    const env = new TestEnv()
    await using server = await TestServer.start({ env, settings: { authTimeoutMs: '5s' } })
    const client = await server.connect()
    client.send(GSS_REQUEST)
    await once(client.socket, 'data')
    await env.advance(5000)
    assert.deepEqual(await client.rest(), [])
  })

  test('no more clients than are allowed', async () => {
    await using server = await TestServer.start({ settings: { connectionsMax: 2 } })
    const [first] = [await server.open(), await server.open()]
    const third = await server.connect()
    third.start()
    const [refusal] = await third.until('E')
    assert.ok(refusal !== undefined)
    assert.deepEqual(fieldsOf(refusal), {
      S: 'FATAL',
      V: 'FATAL',
      C: '53300',
      M: 'sorry, too many clients already',
    })
    await first.close()
    while (server.server.connectionCount === 2) await new Promise((resolve) => setImmediate(resolve))
    await server.open()
  })

  test('one that does not read holds up its own query only', async () => {
    await using server = await TestServer.start()
    const slow = await server.open()
    slow.socket.pause()
    slow.send(query(`SELECT repeat('x', 100000) FROM generate_series(1, 100000)`))
    await server.untilRunning('SELECT repeat')
    const good = await server.open()
    // Several rounds of the loop, in which the query would have run on.
    for (let round = 0; round < 20; round++) assert.deepEqual(await good.rows('SELECT 1'), ['1'])
    const [state] = await good.rows(
      `SELECT state FROM pg_stat_activity WHERE query LIKE 'SELECT repeat%' AND pid <> pg_backend_pid()`,
    )
    assert.equal(state, 'active')
    assert.ok(slow.socket.bytesRead < 64 * 1024 * 1024)
    await good.rows(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()`)
    slow.socket.resume()
    await slow.rest()
    assert.deepEqual(await good.rows('SELECT count(*) FROM pg_stat_activity'), ['1'])
  })
})

describe('cancelling and timeouts', () => {
  const keyOf = async (client: WireClient): Promise<Buffer> => {
    client.start()
    return (await client.until('Z')).find(({ type }) => type === 'K')?.body ?? Buffer.alloc(8)
  }

  test('a cancel request ends the statement, with the right secret only', async () => {
    await using server = await TestServer.start()
    const client = await server.connect()
    const key = await keyOf(client)
    const send = async (body: Buffer): Promise<void> => {
      const canceller = await server.connect()
      canceller.send(startup(80_877_102, body))
      assert.deepEqual(await canceller.rest(), [])
    }
    client.send(query('SELECT pg_sleep(600)'))
    await server.untilRunning('SELECT pg_sleep')
    await send(Buffer.concat([key.subarray(0, 4), int32(0)]))
    await send(key)
    assert.deepEqual(await client.answers(), ['T', 'E(57014)', 'Z(I)'])
    // Too late: there is nothing to cancel, and the next statement is another.
    await send(key)
    assert.deepEqual(await client.rows('SELECT 1'), ['1'])
    // A portal that was suspended goes on, and can be cancelled still.
    await client.answers(query('BEGIN'))
    await client.answers(
      parse('', 'SELECT n, CASE WHEN n > 1 THEN pg_sleep(600) END FROM generate_series(1, 5) n'),
      bind([], { portal: 'p' }),
      sync,
    )
    client.send(execute('p', 5), sync)
    await server.untilRunning('SELECT n, CASE')
    await send(key)
    assert.equal((await client.answers()).at(-1), 'Z(E)')
  })

  test('statement_timeout', async () => {
    const env = new TestEnv()
    await using server = await TestServer.start({ env })
    const client = await server.open({ statement_timeout: '5s' })
    client.send(query('SELECT pg_sleep(600)'))
    await server.untilRunning('SELECT pg_sleep')
    await env.advance(5000)
    const error = (await client.until('Z')).find(({ type }) => type === 'E')
    assert.ok(error !== undefined)
    assert.deepEqual(
      [fieldsOf(error)['C'], fieldsOf(error)['M']],
      ['57014', 'canceling statement due to statement timeout'],
    )
  })

  test('statement_timeout does not run while a portal is suspended', async () => {
    const env = new TestEnv()
    await using server = await TestServer.start({ env })
    const client = await server.open({ statement_timeout: '5s' })
    await client.answers(query('BEGIN'))
    await client.answers(
      parse('', 'SELECT generate_series(1, 5)'),
      bind([], { portal: 'p' }),
      execute('p', 2),
      sync,
    )
    await env.advance(60_000)
    assert.deepEqual(await client.answers(execute('p', 2), sync), ['D(3)', 'D(4)', 's', 'Z(T)'])
  })

  test('idle sessions, inside and outside of a transaction', async () => {
    const env = new TestEnv()
    await using server = await TestServer.start({ env })
    const idle = await server.open({ idle_session_timeout: '10s', idle_in_transaction_session_timeout: '5s' })
    await env.advance(9999)
    assert.deepEqual(await idle.rows('SELECT 1'), ['1'])
    await env.advance(10_000)
    assert.deepEqual(await idle.rest(), ['E(57P05)'])
    const busy = await server.open({ idle_session_timeout: '10s', idle_in_transaction_session_timeout: '5s' })
    await busy.answers(query('BEGIN'))
    await env.advance(5000)
    assert.deepEqual(await busy.rest(), ['E(25P03)'])
  })

  test('lock_timeout, of rows and of tables', async () => {
    const env = new TestEnv()
    await using server = await TestServer.start({ env })
    const holder = await server.open()
    await holder.answers(query('CREATE TABLE t (id int PRIMARY KEY, n int)'))
    await holder.answers(query('INSERT INTO t VALUES (1, 0)'))
    await holder.answers(query('BEGIN'))
    await holder.answers(query('UPDATE t SET n = 1'))
    const waiter = await server.open({ lock_timeout: '3s' })
    for (const text of ['UPDATE t SET n = 2', 'SELECT * FROM t FOR UPDATE', 'BEGIN; LOCK TABLE t']) {
      waiter.send(query(text))
      await server.untilRunning(text.replace('BEGIN; ', ''))
      await env.advance(3000)
      assert.ok((await waiter.answers()).includes('E(55P03)'), text)
      await waiter.answers(query('ROLLBACK'))
    }
  })
})

describe('the end of the server', () => {
  test('idle clients are told at once, statements may end, and what takes too long is cut', async () => {
    const env = new TestEnv()
    await using server = await TestServer.start({ env })
    const [idle, quick, slow] = [await server.open(), await server.open(), await server.open()]
    quick.send(query('SELECT pg_sleep(2)'))
    slow.send(query('SELECT pg_sleep(600)'))
    await server.untilRunning('SELECT pg_sleep(2)')
    await server.untilRunning('SELECT pg_sleep(600)')
    const closed = server.server.close(10_000)
    assert.deepEqual(await idle.rest(), ['E(57P01)'])
    await env.advance(2000)
    assert.deepEqual(await quick.rest(), ['T', 'D()', 'C(SELECT 1)', 'Z(I)', 'E(57P01)'])
    await env.advance(8000)
    assert.deepEqual(await slow.rest(), ['T', 'E(57P01)'])
    await closed
  })

  test('a port in use is told with what to do', async () => {
    await using server = await TestServer.start()
    await assert.rejects(
      TestServer.start({ settings: { port: server.port } }),
      (error: Error & { code: string }) => {
        assert.equal(error.code, 'CONFIG_INVALID')
        assert.match(
          error.message,
          new RegExp(
            `cannot listen on 127.0.0.1, port ${server.port}, for PostgreSQL clients: another program listens there`,
          ),
        )
        assert.match(
          error.message,
          /postgres\.port \(--postgres-port\), 0 for a free one, or postgres\.enabled = false/,
        )
        return true
      },
    )
  })
})

describe('who a client is', () => {
  const withPassword = { auth: 'scram-sha-256', password: 'pencil' } as const

  test('a password is required beyond loopback, and its absence refused', async () => {
    await assert.rejects(TestServer.start({ host: '0.0.0.0' }), { code: 'CONFIG_INVALID' })
    await assert.rejects(TestServer.start({ host: '0.0.0.0', settings: { auth: 'trust' } }), {
      code: 'CONFIG_INVALID',
    })
    await using server = await TestServer.start({ host: '0.0.0.0', settings: { password: 'pencil' } })
    const client = await server.connect()
    client.start()
    const [first] = await client.until('R')
    assert.equal(first?.body.readInt32BE(0), 10)
    client.send(query('SELECT 1'))
    assert.deepEqual(await client.rest(), ['E(08P01)'])
  })

  test('SCRAM-SHA-256, as a driver does it', async () => {
    await using server = await TestServer.start({ settings: withPassword })
    const attempt = async (user: string, password: string): Promise<string> => {
      const sql = postgres({
        host: '127.0.0.1',
        port: server.port,
        user,
        password,
        database: 'orbit',
        max: 1,
      })
      try {
        const [row] = await sql<{ name: string }[]>`SELECT current_user AS name`
        return row?.name ?? ''
      } catch (error) {
        return (error as { code: string }).code
      } finally {
        await sql.end()
      }
    }
    assert.equal(await attempt('orbit', 'pencil'), 'orbit')
    assert.equal(await attempt('orbit', 'Pencil'), '28P01')
    assert.equal(await attempt('nobody', 'pencil'), '28P01')
    const session = await server.engine.openSession()
    for (const text of [
      `CREATE ROLE joe LOGIN PASSWORD 'secret'`,
      'CREATE ROLE locked PASSWORD $$x$$',
      `CREATE ROLE full LOGIN PASSWORD 'secret' CONNECTION LIMIT 0`,
      `CREATE ROLE boss SUPERUSER LOGIN PASSWORD 'secret' CONNECTION LIMIT 0`,
    ]) {
      const [statement] = await session.parse(text)
      assert.ok(statement !== undefined)
      await session.execute(statement, [])
    }
    await session.close()
    assert.equal(await attempt('joe', 'secret'), 'joe')
    assert.equal(await attempt('joe', 'pencil'), '28P01')
    assert.equal(await attempt('locked', 'x'), '28000')
    // Only who has shown who it is learns of a role's limit, which does not hold for superusers.
    assert.equal(await attempt('full', 'pencil'), '28P01')
    assert.equal(await attempt('full', 'secret'), '53300')
    assert.equal(await attempt('boss', 'secret'), 'boss')
  })

  const WHO = `SELECT current_user, ssl, version, cipher, bits, client_dn LIKE '%/CN=tikv-client%', current_setting('ssl'),
    (SELECT host(client_addr) FROM pg_stat_activity WHERE pid = pg_backend_pid()),
    inet_server_port() <> inet_client_port() AND inet_client_addr() = inet_server_addr()
    FROM pg_stat_ssl WHERE pid = pg_backend_pid()`

  test('TLS, and certificates of clients', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'orbit-tls-'))
    try {
      const files = { ca: join(folder, 'ca'), cert: join(folder, 'cert'), key: join(folder, 'key') }
      await writeFile(files.ca, TEST_PEMS.ca)
      await writeFile(files.cert, TEST_PEMS.server.cert)
      await writeFile(files.key, TEST_PEMS.server.key)
      const tls = { tlsCertFile: files.cert, tlsKeyFile: files.key, tlsCaFile: files.ca }
      await using server = await TestServer.start({ settings: { ...tls, tlsRequired: true, auth: 'cert' } })
      const plain = await server.connect()
      plain.start()
      assert.deepEqual(await plain.rest(), ['E(28000)'])
      const session = await server.engine.openSession()
      const [statement] = await session.parse('CREATE ROLE "tikv-client" LOGIN')
      assert.ok(statement !== undefined)
      await session.execute(statement, [])
      await session.close()
      const attempt = async (user: string, identity: ConnectionOptions): Promise<string[]> => {
        const raw = await server.connect()
        raw.send(SSL_REQUEST)
        const [answer] = (await once(raw.socket, 'data')) as [Buffer]
        assert.equal(answer.toString(), 'S')
        raw.socket.removeAllListeners('data')
        const socket = connectTls({
          socket: raw.socket,
          ca: TEST_PEMS.ca,
          servername: 'localhost',
          ...identity,
        })
        await once(socket, 'secureConnect')
        const client = new WireClient(socket)
        client.start({ user })
        client.send(query(WHO), frame('X'))
        return (await client.rest()).filter((each) => /^[DE]/.test(each))
      }
      assert.deepEqual(await attempt('tikv-client', TEST_PEMS.client), [
        'D(tikv-client,t,TLSv1.3,TLS_AES_256_GCM_SHA384,256,t,on,127.0.0.1,t)',
      ])
      assert.deepEqual(await attempt('orbit', TEST_PEMS.client), ['E(28000)'])
      assert.deepEqual(await attempt('tikv-client', TEST_PEMS.stranger), ['E(28000)'])
      assert.deepEqual(await attempt('tikv-client', {}), ['E(28000)'])
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  test('what comes in the clear before TLS is not taken for what comes under it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'orbit-tls-'))
    try {
      const [tlsCertFile, tlsKeyFile] = [join(folder, 'cert'), join(folder, 'key')]
      await writeFile(tlsCertFile, TEST_PEMS.server.cert)
      await writeFile(tlsKeyFile, TEST_PEMS.server.key)
      await using server = await TestServer.start({ settings: { tlsCertFile, tlsKeyFile } })
      const client = await server.connect()
      client.send(SSL_REQUEST, startup(196_608, 'user', 'orbit', Buffer.from([0])))
      const chunks: Buffer[] = []
      client.socket.on('data', (chunk: Buffer) => chunks.push(chunk))
      await client.rest()
      assert.match(Buffer.concat(chunks).toString(), /^S.*received unencrypted data after SSL request/s)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
