import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { TestEnv, configFromCode, hasCode } from '@orbit-ts/base'
import type { DatabaseTransaction } from '@orbit-ts/engine'
import { configSchema, type OrbitConfig, type OrbitConfigInput } from './config/orbit-config.js'
import { exchange, head, open, until, untilClosed } from './http/raw-connection.test.data.js'
import { refused, testServer, type Answer, type TestServer } from './http/test-server.test.data.js'
import { startServer } from './orbit-server.js'

const configOf = (input: OrbitConfigInput): OrbitConfig =>
  configFromCode(configSchema, { postgres: { port: 0 }, ...input })

interface Held {
  readonly server: TestServer
  /** Holds the row that the request waits for. */
  readonly holder: DatabaseTransaction
  /** A request in the middle of its work. */
  readonly waiting: Promise<Answer>
}

const CHANGE = {
  mode: 'pessimistic',
  operations: [
    { kind: 'table', object: 't', op: 'get', args: { key: 1 } },
    { kind: 'table', object: 't', op: 'update', args: { key: 1, changes: { n: 7 } } },
  ],
}

/** A request that waits for a row which a transaction of the test has locked. */
async function held(
  t: TestContext,
  config: OrbitConfigInput = {},
  options: { env?: TestEnv; signal?: AbortSignal } = {},
): Promise<Held> {
  const server = await testServer(t, config, options.env)
  const input = { columns: { id: { type: 'int4', primaryKey: true }, n: { type: 'int4' } } }
  await server.post('/v1/objects', { kind: 'table', name: 't', input })
  await server.post('/v1/tables/t/rows', { id: 1, n: 0 })
  const holder = await server.server.database.begin({ mode: 'pessimistic' })
  assert.deepEqual(await holder.table('t').get(1), { id: 1, n: 0 })
  const waiting = server.post(
    '/v1/transactions',
    CHANGE,
    options.signal === undefined ? {} : { signal: options.signal },
  )
  waiting.catch(() => undefined)
  await until(() => server.server.database.metrics().transactionsActive === 2)
  return { server, holder, waiting }
}

const transactionsActive = ({ server }: TestServer): number => server.database.metrics().transactionsActive

describe('stopping a server', () => {
  it('refuses new work, finishes what is in progress, and closes the stores', async (t) => {
    const { server, holder, waiting } = await held(t)
    const closing = server.server.close()
    const late = await server.get('/v1/objects')
    refused(late, 503, 'SERVER_CLOSING', /stopping/)
    assert.deepEqual([late.headers.get('retry-after'), late.headers.get('connection')], ['1', 'close'])
    const ready = await server.get('/health/ready')
    assert.deepEqual([ready.status, ready.body.closing, ready.body.status], [503, true, 'Healthy'])
    assert.equal((await server.get('/health/live')).status, 200)
    await holder.rollback()
    const answer = await waiting
    assert.equal(answer.status, 200)
    assert.deepEqual(answer.body.results[1], { row: { id: 1, n: 7 } })
    assert.equal(answer.headers.get('connection'), 'close')
    await closing
    await assert.rejects(fetch(`${server.url}/health/live`))
    await assert.rejects(server.server.database.objects(), { code: 'STORAGE_CLOSED' })
    assert.equal(server.server.close(), server.server.close())
  })

  it('ends what is still in progress after the time it has, and changes nothing', async (t) => {
    const env = new TestEnv()
    const { server, holder, waiting } = await held(t, { server: { shutdownTimeoutMs: 5000 } }, { env })
    const closing = server.server.close()
    await env.advance(4999)
    assert.equal(transactionsActive(server), 2)
    await env.advance(1)
    const answer = await waiting
    refused(answer, 503, 'SERVER_CLOSING', 'the server stopped before the request was done')
    assert.equal(answer.headers.get('retry-after'), '1')
    await closing
    await assert.rejects(holder.table('t').get(1), { code: 'STORAGE_CLOSED' })
  })

  it('turns clients of every protocol away from the beginning', async (t) => {
    const { server, holder, waiting } = await held(t, { postgres: { enabled: true, port: 0 } })
    const { postgresUrl } = server.server
    assert.ok(postgresUrl !== undefined)
    const closing = server.server.close()
    const socket = open(postgresUrl)
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
    assert.equal(error.code, 'ECONNREFUSED')
    await holder.rollback()
    assert.equal((await waiting).status, 200)
    await closing
  })

  it('does not wait for idle connections', async (t) => {
    const server = await testServer(t)
    const idle = exchange(server.url, head('GET /health/live HTTP/1.1'))
    await until(() => server.log.some(({ ['route']: route }) => route === '/health/live'))
    await server.server.close()
    assert.match(await idle, /^HTTP\/1\.1 200 /)
  })

  it('does not wait for maintenance that gets no answer from a store', async () => {
    const env = new TestEnv()
    const server = await startServer(
      configOf({
        server: { httpPort: 0, persistenceBackend: 'memory' },
        postgres: { enabled: false },
        maintenance: { intervalMs: 60_000 },
      }),
      { env },
    )
    const asked = new Promise<void>((resolve) => {
      server.directory.cleanupExpired = () => {
        resolve()
        return new Promise<number>(() => undefined)
      }
    })
    await env.advance(60_000)
    await asked
    await server.close()
    await assert.rejects(server.database.objects(), { code: 'STORAGE_CLOSED' })
  })

  it('is what aborting its signal does', async () => {
    const controller = new AbortController()
    const server = await startServer(configOf({ server: { persistenceBackend: 'memory', httpPort: 0 } }), {
      signal: controller.signal,
    })
    const [url = ''] = server.urls
    assert.equal((await fetch(`${url}/health/live`)).status, 200)
    controller.abort()
    await server.close()
    await assert.rejects(fetch(`${url}/health/live`))
  })
})

describe('a request', () => {
  it('is rolled back when it takes too long', async (t) => {
    const env = new TestEnv()
    const { server, holder, waiting } = await held(t, { server: { requestTimeoutMs: 3000 } }, { env })
    await env.advance(3000)
    const answer = await waiting
    refused(
      answer,
      408,
      'TRANSACTION_TIMEOUT',
      'the request took longer than server.request_timeout = 3000 ms and was rolled back',
    )
    assert.deepEqual([answer.body.error.retry, answer.headers.get('retry-after')], ['safe', '1'])
    await holder.rollback()
    assert.deepEqual((await server.get('/v1/tables/t/rows/1')).body, { row: { id: 1, n: 0 } })
  })

  it('is rolled back when its client goes away', async (t) => {
    const controller = new AbortController()
    const { server, holder, waiting } = await held(t, {}, { signal: controller.signal })
    controller.abort()
    await assert.rejects(waiting, { name: 'AbortError' })
    await until(() => transactionsActive(server) === 1)
    await holder.rollback()
    assert.deepEqual((await server.get('/v1/tables/t/rows/1')).body, { row: { id: 1, n: 0 } })
    const ended =
      'orbit_http_request_duration_seconds_count{method="POST",route="/v1/transactions",status="499"} 1'
    assert.ok(((await server.get('/metrics')).body as string).includes(ended))
  })

  it('that fails by a fault of ours tells the client its id, and the log the rest', async (t) => {
    const server = await testServer(t)
    server.server.database.objects = () => Promise.reject(new Error('a secret of the inside'))
    const answer = await server.get('/v1/objects')
    const { requestId } = answer.body.error
    refused(
      answer,
      500,
      'INTERNAL',
      `an internal error; the log of the server has it under the request id ${requestId}`,
    )
    assert.ok(!JSON.stringify(answer.body).includes('inside'))
    const line = server.log.find(({ ['msg']: message }) => message === 'request failed')
    assert.equal(line?.['requestId'], requestId)
    assert.match(JSON.stringify(line?.['err']), /a secret of the inside/)
  })
})

describe('starting a server', () => {
  it('keeps its data in the data directory, and finds it again', async (t) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'orbit-server-'))
    t.after(() => rmSync(dataDir, { recursive: true }))
    const config = configOf({ server: { dataDir, persistenceBackend: 'lsm_tree', httpPort: 0 } })
    const first = await startServer(config)
    await first.database.create({ kind: 'collection', name: 'c', input: {} })
    assert.deepEqual(first.registry.names, ['lsm_tree'])
    await first.close()
    const second = await startServer(config)
    const names = (await second.database.objects()).map(({ name }) => name)
    await assert.rejects(startServer(config), { code: 'STORAGE_LOCKED' })
    await second.close()
    assert.deepEqual(names, ['c'])
  })

  it('refuses another address without tokens before it opens a store', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'orbit-server-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const dataDir = join(folder, 'data')
    await assert.rejects(startServer(configOf({ server: { dataDir, host: '0.0.0.0' } })), {
      code: 'CONFIG_INVALID',
    })
    await assert.rejects(startServer(configOf({ server: { dataDir, persistenceBackend: 's3' } })), {
      code: 'STORAGE_UNSUPPORTED',
    })
    assert.equal(existsSync(dataDir), false)
  })

  it('says what is wrong with an address before it opens a store', async (t) => {
    const server = await testServer(t)
    const httpPort = Number(new URL(server.url).port)
    const folder = mkdtempSync(join(tmpdir(), 'orbit-server-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const dataDir = join(folder, 'data')
    const config = configOf({ server: { dataDir, persistenceBackend: 'lsm_tree', httpPort } })
    await assert.rejects(startServer(config), {
      code: 'CONFIG_INVALID',
      reason: `cannot listen on 127.0.0.1, port ${httpPort}: another program listens there; choose another server.http_port, or 0 for a free one`,
    })
    assert.equal(existsSync(dataDir), false)
  })

  it('can be aborted', async () => {
    const config = configOf({ server: { persistenceBackend: 'memory', httpPort: 0 } })
    await assert.rejects(startServer(config, { signal: AbortSignal.abort() }), (error) =>
      hasCode(error, 'ABORTED'),
    )
  })

  it('drops connections beyond those there may be', async () => {
    const server = await startServer(
      configOf({ server: { persistenceBackend: 'memory', httpPort: 0, connectionsMax: 1 } }),
    )
    const [url = ''] = server.urls
    const request = head('GET /health/live HTTP/1.1')
    const first = open(url)
    first.write(request)
    await new Promise((resolve) => first.once('data', resolve))
    assert.equal(await exchange(url, request), '')
    const ended = untilClosed(first)
    await server.close()
    await ended
  })

  it('gives a URL that reaches it, whatever the host', async () => {
    for (const host of ['localhost', '127.0.0.1', '0.0.0.0']) {
      const server = await startServer(
        configOf({ server: { host, persistenceBackend: 'memory', httpPort: 0, authTokens: ['x'] } }),
      )
      assert.equal(server.urls.length, 1)
      const [url = ''] = server.urls
      assert.equal((await fetch(`${url}/health/live`)).status, 200, url)
      await server.close()
    }
  })

  it('gives each role its provider', async (t) => {
    const server = await testServer(t, {
      server: { persistenceBackend: undefined },
      defaults: { addressable: 'leases', cluster: 'members' },
      providers: { main: { type: 'memory' }, leases: { type: 'memory' }, members: { type: 'memory' } },
    })
    const { registry, directory, nodes, database } = server.server
    await directory.register({ reference: { type: 'a', key: 'k' }, nodeId: 'n', ttlMs: 1000 })
    await nodes.join({ id: 'n', url: 'http://n' }, { ttlMs: 1000 })
    await database.create({ kind: 'collection', name: 'c', input: {} })
    for (const name of ['main', 'leases', 'members']) {
      assert.equal(registry.get(name).metrics().transactionsCommitted, 1, name)
    }
  })
})
