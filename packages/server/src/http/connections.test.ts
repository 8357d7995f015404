import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import type { DatabaseTransaction } from '@orbit-ts/engine'
import { exchange, head, open, parseAnswer, until, untilClosed } from './raw-connection.test.data.js'
import { testServer, type TestServer } from './test-server.test.data.js'

const HOST = 'host: 127.0.0.1'
const LIVE = head('GET /health/live HTTP/1.1')
const LAST = head('GET /health/live HTTP/1.1', 'connection: close')

async function withTable(t: TestContext, server: object = {}): Promise<TestServer> {
  const started = await testServer(t, { server })
  const input = { columns: { id: { type: 'int4', primaryKey: true }, note: { type: 'text' } } }
  await started.post('/v1/objects', { kind: 'table', name: 't', input })
  return started
}

/** Nothing is left of what was sent. */
async function quiet(server: TestServer): Promise<void> {
  await until(async () =>
    /^orbit_http_requests_active 1$/m.test((await server.get('/metrics')).body as string),
  )
  await until(() => server.server.database.metrics().transactionsActive === 0)
}

function post(path: string, body: unknown): string {
  const text = JSON.stringify(body)
  return (
    head(`POST ${path} HTTP/1.1`, 'content-type: application/json', `content-length: ${text.length}`) + text
  )
}

const statuses = (text: string): string[] => text.match(/HTTP\/1\.1 \d+/g) ?? []

/** Locks row 1, and returns a request that waits for it before it inserts row 2. */
async function hold(server: TestServer): Promise<{ holder: DatabaseTransaction; waits: string }> {
  const table = server.server.database.table('t')
  await table.insert({ id: 1, note: 'a' })
  const holder = await server.server.database.begin({ mode: 'pessimistic' })
  await holder.table('t').get(1)
  const operations = [
    { kind: 'table', object: 't', op: 'get', args: { key: 1 } },
    { kind: 'table', object: 't', op: 'update', args: { key: 1, changes: { note: 'b' } } },
    { kind: 'table', object: 't', op: 'insert', args: { rows: { id: 2, note: 'c' } } },
  ]
  return { holder, waits: post('/v1/transactions', { mode: 'pessimistic', operations }) }
}

const working = (server: TestServer): Promise<void> =>
  until(() => server.server.database.metrics().transactionsActive === 2)

describe('a connection', () => {
  it('is closed when its client does not read the answer', async (t) => {
    const server = await withTable(t, { requestTimeoutMs: 1000, connectionTimeoutMs: 1000 })
    const note = 'x'.repeat(30_000_000)
    await server.server.database.table('t').insert({ id: 1, note })
    const socket = open(server.url).pause()
    socket.write(head('GET /v1/tables/t/rows HTTP/1.1'))
    await until(() =>
      server.log.some(({ ['msg']: text, ['status']: status }) => text === 'request' && status === 499),
    )
    const received = await untilClosed(socket.resume())
    assert.ok(received.length < note.length, `${received.length} characters were sent`)
    await quiet(server)
  })

  it('is closed when a request comes in drops', async (t) => {
    const server = await withTable(t, { requestTimeoutMs: 300 })
    const drip = (socket: Socket, text: string): Promise<string> => {
      const timer = setInterval(() => socket.write(text), 20)
      return untilClosed(socket).finally(() => clearInterval(timer))
    }
    const body = head('POST /v1/objects HTTP/1.1', 'content-type: application/json', 'content-length: 100000')
    for (const [first, drop] of [
      [`GET / HTTP/1.1\r\n${HOST}\r\n`, 'x: y\r\n'],
      [body, ' '],
      ['\r\n', '\r\n'],
    ] as const) {
      const socket = open(server.url)
      socket.write(first)
      assert.equal(parseAnswer(await drip(socket, drop)).status, 408)
    }
    await quiet(server)
  })

  it('may be closed for writing after a request, which is then given up like any that its client left', async (t) => {
    const server = await withTable(t)
    const { holder, waits } = await hold(server)
    const socket = open(server.url)
    const ended = untilClosed(socket)
    socket.write(waits)
    await working(server)
    socket.end()
    assert.equal(await ended, '')
    await until(() => server.server.database.metrics().transactionsActive === 1)
    await holder.rollback()
    await quiet(server)
    assert.deepEqual((await server.get('/v1/tables/t/rows')).body, { rows: [{ id: 1, note: 'a' }] })
  })

  it('has its requests worked on one after the other', async (t) => {
    const server = await withTable(t)
    const { holder, waits } = await hold(server)
    const socket = open(server.url)
    const ended = untilClosed(socket)
    socket.write(waits + head('GET /v1/tables/t/rows/2 HTTP/1.1') + LAST)
    await working(server)
    await holder.rollback()
    const text = await ended
    assert.deepEqual(statuses(text), Array(3).fill('HTTP/1.1 200'))
    assert.match(text, /\{"row":\{"id":2,"note":"c"\}\}/)
  })

  it('leaves nothing behind when it closes in the middle of a row of requests', async (t) => {
    const server = await withTable(t)
    const { holder, waits } = await hold(server)
    const socket = open(server.url)
    socket.write(waits + post('/v1/tables/t/rows', { id: 3, note: 'd' }) + LIVE.repeat(20))
    await working(server)
    socket.destroy()
    await until(() => server.server.database.metrics().transactionsActive === 1)
    await holder.rollback()
    await quiet(server)
    assert.deepEqual((await server.get('/v1/tables/t/rows')).body, { rows: [{ id: 1, note: 'a' }] })
  })

  it('has nothing begun that comes behind its last answer', async (t) => {
    const server = await withTable(t)
    const row = post('/v1/tables/t/rows', { id: 1 })
    assert.deepEqual(statuses(await exchange(server.url, LAST + row)), ['HTTP/1.1 200'])
    await quiet(server)
    assert.deepEqual((await server.get('/v1/tables/t/count')).body, { count: 0 })
  })

  it('has 10 000 requests in a row answered, in order', async (t) => {
    const server = await withTable(t)
    const requests = Array.from({ length: 9999 }, (_, i) =>
      head('GET /v1/tables/t/count HTTP/1.1', `x-request-id: r${i}`),
    )
    const text = await exchange(server.url, requests.join(''), LAST)
    assert.deepEqual(statuses(text), Array(10_000).fill('HTTP/1.1 200'))
    const ids = text.match(/(?<=x-request-id: r)\d+/g)
    assert.deepEqual(
      ids,
      requests.map((_, i) => String(i)),
    )
    await quiet(server)
  })
})

describe('a request whose end could be seen in two places', () => {
  const POST = `POST /v1/objects HTTP/1.1\r\n${HOST}\r\ncontent-type: application/json\r\n`
  const CHUNKED = `${POST}transfer-encoding: chunked\r\n`
  const cases: Readonly<Record<string, string>> = {
    'a length and chunks': `${CHUNKED}content-length: 4\r\n\r\n0\r\n\r\n`,
    'chunks and a length': `${POST}content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    'two lengths': `${POST}content-length: 4\r\ncontent-length: 5\r\n\r\nabcd`,
    'a list of lengths': `${POST}content-length: 4, 4\r\n\r\nabcd`,
    'a length with a sign': `${POST}content-length: +4\r\n\r\nabcd`,
    'a negative length': `${POST}content-length: -4\r\n\r\nabcd`,
    'a length beyond 64 bits': `${POST}content-length: 99999999999999999999\r\n\r\nabcd`,
    'chunks within another encoding': `${CHUNKED}transfer-encoding: identity\r\n\r\n0\r\n\r\n`,
    'an encoding that is nearly chunked': `${POST}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n`,
    'a space before the colon': `${POST}transfer-encoding : chunked\r\n\r\n0\r\n\r\n`,
    'a line that goes on': `${POST}x: a\r\n b\r\n\r\n`,
    'lines that end in LF': `GET /health/live HTTP/1.1\n${HOST}\n\n`,
    'a head that ends in LF': `GET /health/live HTTP/1.1\r\n${HOST}\n\n`,
    'a CR within a line': `GET /health/live HTTP/1.1\r\n${HOST}\rx: y\r\n\r\n`,
    'a NUL within a line': `GET /health/live HTTP/1.1\r\n${HOST}\r\nx: a\0b\r\n\r\n`,
    'chunks that end in LF': `${CHUNKED}\r\n2\n{}\n0\n\n`,
    'a chunk beyond 64 bits': `${CHUNKED}\r\nfffffffffffffffff\r\n{}`,
    'an extension of a chunk that ends in LF': `${CHUNKED}\r\n2;x\n{}\r\n0\r\n\r\n`,
    'no host': 'GET /health/live HTTP/1.1\r\n\r\n',
    'two hosts': `GET /health/live HTTP/1.1\r\n${HOST}\r\nHost: elsewhere\r\n\r\n`,
    'the same host twice': `GET /health/live HTTP/1.1\r\n${HOST}\r\n${HOST}\r\n\r\n`,
    'an unknown expectation': `${POST}expect: more\r\ncontent-length: 2\r\n\r\n{}`,
  }
  for (const [name, text] of Object.entries(cases)) {
    it(`is refused, and the connection closed: ${name}`, async (t) => {
      const server = await testServer(t)
      const answer = parseAnswer(await exchange(server.url, Buffer.from(`${text}${LIVE}`, 'latin1')))
      assert.deepEqual([answer.status, answer.body.error.code], [400, 'INVALID_ARGUMENT'])
      assert.match(answer.head, /^connection: close$/im)
    })
  }

  it('gets one answer only, when it is refused before its end is wrong', async (t) => {
    const server = await testServer(t)
    const line = `POST /v1/objects HTTP/1.1\r\n${HOST}\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n`
    assert.deepEqual(statuses(await exchange(server.url, `${line}\r\nnonsense\r\n${LIVE}`)), ['HTTP/1.1 415'])
    const get = `GET /health/live HTTP/1.1\r\n${HOST}\r\ntransfer-encoding: chunked\r\n`
    assert.deepEqual(statuses(await exchange(server.url, `${get}\r\nnonsense\r\n${LIVE}`)), ['HTTP/1.1 400'])
  })
})
