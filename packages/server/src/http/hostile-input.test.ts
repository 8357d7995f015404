import assert from 'node:assert/strict'
import { gzipSync } from 'node:zlib'
import { describe, it, type TestContext } from 'node:test'
import { exchange, head, open, parseAnswer, until, untilClosed } from './raw-connection.test.data.js'
import { refused, testServer, type Answer, type TestServer } from './test-server.test.data.js'

const QUERY = '/v1/tables/t/query'
const LIMITS = { bodySizeMaxMb: 1, responseSizeMaxMb: 1 }

async function withTable(t: TestContext, server: object = LIMITS): Promise<TestServer> {
  const started = await testServer(t, { server })
  const input = { columns: { id: { type: 'int4', primaryKey: true }, note: { type: 'text' } } }
  await started.post('/v1/objects', { kind: 'table', name: 't', input })
  return started
}

/** The server still answers, and nothing is left of what was sent. */
async function unharmed(server: TestServer): Promise<void> {
  assert.deepEqual((await server.get('/v1/tables/t/count')).body, { count: 0 })
  const active = async (): Promise<string> => (await server.get('/metrics')).body as string
  await until(async () => /^orbit_http_requests_active 1$/m.test(await active()))
  assert.equal(server.server.database.metrics().transactionsActive, 0)
}

describe('hostile requests', () => {
  it('are refused when their body is too large, whether it says so or not', async (t) => {
    const server = await withTable(t)
    const line = `POST ${QUERY} HTTP/1.1`
    const json = 'content-type: application/json'
    const announced = parseAnswer(await exchange(server.url, head(line, json, 'content-length: 1000000000')))
    assert.deepEqual([announced.status, announced.body.error.code], [413, 'REQUEST_TOO_LARGE'])
    assert.equal(
      announced.body.error.message,
      'the request body is larger than server.body_size_max_mb = 1 MiB; send it in parts',
    )
    assert.match(announced.head, /^connection: close$/m)
    const chunk = `100000\r\n${' '.repeat(0x100000)}\r\n`
    const streamed = await exchange(server.url, head(line, json, 'transfer-encoding: chunked'), chunk, chunk)
    assert.deepEqual(
      [parseAnswer(streamed).status, parseAnswer(streamed).body.error.code],
      [413, 'REQUEST_TOO_LARGE'],
    )
    await unharmed(server)
  })

  it('are refused when their body is not JSON in UTF-8, or too deep, or means a prototype', async (t) => {
    const server = await withTable(t)
    const post = (body: string | Uint8Array): Promise<Response> =>
      fetch(server.url + QUERY, {
        method: 'POST',
        headers: { 'content-type': 'application/json; charset=utf-8' },
        body: typeof body === 'string' ? body : Buffer.from(body),
      })
    const bodies: [string | Uint8Array, RegExp][] = [
      [Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d), /^the request body is not valid UTF-8$/],
      ['{"where":', /^the request body is not JSON: /],
      ['{"where":{"__proto__":{"id":1}}}', /^the request body has a key "__proto__"/],
      [
        `{"where":${'['.repeat(200_000)}${']'.repeat(200_000)}}`,
        /^the request body is nested deeper than 128 levels$/,
      ],
      [`{"where":${'{"$not":'.repeat(100)}{}${'}'.repeat(100)}}`, /levels/],
      ['{"where":{"constructor":{"prototype":{"x":1}}}}', /unknown field "constructor"/],
      ['null', /^body must be a JSON object$/],
      ['"text"', /^body must be a JSON object$/],
      ['{"limit":1e400}', /^limit must be integer$/],
    ]
    for (const [body, message] of bodies) {
      const answer = await post(body)
      const { error } = (await answer.json()) as { error: { code: string; message: string } }
      assert.deepEqual([answer.status, error.code], [400, 'INVALID_ARGUMENT'], error.message)
      assert.match(error.message, message)
    }
    await unharmed(server)
  })

  it('are refused with another content type, or compressed, or without a type', async (t) => {
    const server = await withTable(t)
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'nonsense',
    ]) {
      refused(await server.post(QUERY, '{}', { type }), 415, 'MEDIA_TYPE_UNSUPPORTED', /application\/json/)
    }
    refused(
      await server.post(QUERY, '{}', { type: 'application/json-patch+json' }),
      415,
      'MEDIA_TYPE_UNSUPPORTED',
      'content-type: "application/json-patch+json" is not one of application/json',
    )
    const compressed = await fetch(server.url + QUERY, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body: gzipSync('{}'),
    })
    assert.equal(compressed.status, 415)
    const untyped = parseAnswer(
      await exchange(
        server.url,
        `${head(`POST ${QUERY} HTTP/1.1`, 'content-length: 2', 'connection: close')}{}`,
      ),
    )
    assert.deepEqual([untyped.status, untyped.body.error.code], [415, 'MEDIA_TYPE_UNSUPPORTED'])
    await unharmed(server)
  })

  it('are refused when they are no HTTP', async (t) => {
    const server = await withTable(t)
    const answers: [string, number][] = [
      ['nonsense\r\n\r\n', 400],
      ['GET / HTTP/9.9\r\n\r\n', 400],
      [head('GET / HTTP/1.1', 'content-length: 2', 'transfer-encoding: chunked'), 400],
      [head('GET / HTTP/1.1', `x: ${'y'.repeat(20_000)}`), 431],
      [head(`GET /${'a'.repeat(20_000)} HTTP/1.1`), 431],
      ['\u0016\u0003\u0001\u0002\u0000\u0001\u0000', 400],
    ]
    for (const [text, status] of answers) {
      const answer = parseAnswer(await exchange(server.url, text))
      assert.deepEqual([answer.status, answer.body.error.code], [status, 'INVALID_ARGUMENT'])
    }
    assert.match((await server.get('/metrics')).body, /^orbit_http_client_errors_total 6$/m)
    await unharmed(server)
  })

  it('are answered one by one when they come in a row, up to the one that is nonsense', async (t) => {
    const server = await withTable(t)
    const text = await exchange(server.url, `${head('GET /health/live HTTP/1.1').repeat(2)}GARBAGE\r\n\r\n`)
    assert.deepEqual(text.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 400'])
    await unharmed(server)
  })

  it('are refused when their path is not valid, with the same headers as any other', async (t) => {
    const server = await withTable(t)
    const answer = await server.get('/v1/tables/%ff/rows')
    refused(answer, 400, 'INVALID_ARGUMENT', /^the path is not valid/)
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff')
    refused(
      await server.get('/v1/tables/t/rows/%22'),
      400,
      'INVALID_ARGUMENT',
      /^key: the segment of the path begins with "/,
    )
    refused(
      await server.get(`/v1/tables/${'x'.repeat(10_000)}/rows`),
      404,
      'OBJECT_NOT_FOUND',
      /does not exist/,
    )
    refused(await server.get('/v1/../../etc/passwd'), 404, 'NOT_FOUND', /no such path/)
    refused(await server.get('//v1/objects'), 404, 'NOT_FOUND', /no such path/)
    refused(await server.get('/v1/objects/'), 404, 'NOT_FOUND', /no such path/)
  })

  it('are refused with a method that the path does not have', async (t) => {
    const server = await withTable(t)
    const answer = await server.call('DELETE', QUERY)
    refused(answer, 405, 'METHOD_NOT_ALLOWED', 'DELETE is not possible here; POST is')
    assert.equal(answer.headers.get('allow'), 'POST')
    const objects = await server.call('OPTIONS', '/v1/objects')
    refused(objects, 405, 'METHOD_NOT_ALLOWED', 'OPTIONS is not possible here; GET, HEAD, POST is')
    assert.equal(objects.headers.get('access-control-allow-origin'), null)
    assert.match(await exchange(server.url, head('FOO / HTTP/1.1')), /^HTTP\/1\.1 400 /)
  })

  it('do no harm when they stop in the middle', async (t) => {
    const server = await withTable(t)
    const line = head(
      'POST /v1/tables/t/rows HTTP/1.1',
      'content-type: application/json',
      'content-length: 100',
    )
    for (const text of [`${line}{"id"`, line, 'POST /v1/ta']) {
      const socket = open(server.url)
      await new Promise((resolve) => socket.write(text, resolve))
      socket.destroy()
    }
    await unharmed(server)
  })

  it('are ended when they do not arrive in time', async (t) => {
    // Longer than a busy machine may take to answer: the connection must not be ended before the answer.
    const server = await withTable(t, { requestTimeoutMs: 50, connectionTimeoutMs: 60_000 })
    for (const text of [
      'POST /v1/ta',
      head(`POST ${QUERY} HTTP/1.1`, 'content-type: application/json', 'content-length: 9'),
    ]) {
      const socket = open(server.url)
      socket.write(text)
      const answer = parseAnswer(await untilClosed(socket))
      assert.deepEqual(
        [answer.status, answer.body.error.message],
        [408, 'the request was not complete within server.request_timeout'],
      )
    }
  })

  it('cannot have an answer that is too large', async (t) => {
    const server = await withTable(t)
    const note = 'x'.repeat(600_000)
    await server.post('/v1/tables/t/rows', { id: 1, note })
    await server.post('/v1/tables/t/rows', { id: 2, note })
    refused(
      await server.get('/v1/tables/t/rows'),
      413,
      'LIMIT_EXCEEDED',
      /^the answer is larger than server.response_size_max_mb = 1 MiB/,
    )
    assert.equal((await server.get('/v1/tables/t/rows/1')).status, 200)
  })

  it('are ended as soon as the answers of their operations are too large together', async (t) => {
    const server = await withTable(t, { ...LIMITS, operationsMax: 100 })
    await server.post('/v1/tables/t/rows', { id: 1, note: 'x'.repeat(600_000) })
    const get = { kind: 'table', object: 't', op: 'get', args: { key: 1 } }
    const answer = await server.post('/v1/transactions', { operations: Array(100).fill(get) })
    refused(answer, 413, 'LIMIT_EXCEEDED', /^operations\[1\]: the answer is larger than/)
  })

  it('change nothing when their answer would be too large', async (t) => {
    const server = await withTable(t, { bodySizeMaxMb: 2, responseSizeMaxMb: 1 })
    const rows = [1, 2].map((id) => ({ id, note: 'x'.repeat(600_000) }))
    refused(await server.post('/v1/tables/t/rows', rows), 413, 'LIMIT_EXCEEDED', /^the answer is larger/)
    const operations = [{ kind: 'table', object: 't', op: 'insert', args: { rows } }]
    refused(
      await server.post('/v1/transactions', { operations }),
      413,
      'LIMIT_EXCEEDED',
      /^operations\[0\]: the answer is larger/,
    )
    await unharmed(server)
  })

  it('get an error that repeats little of what they sent', async (t) => {
    const server = await withTable(t)
    const long = 'x'.repeat(500_000)
    for (const body of [{ [long]: 1 }, { where: { [long]: 1 } }, { where: { [long]: { gt: 1 } } }]) {
      const answer = await server.post(QUERY, body)
      refused(answer, 400, 'INVALID_ARGUMENT', /xxx … xxx/)
      assert.ok(JSON.stringify(answer.body).length < 7000)
    }
    await unharmed(server)
  })

  it('are told the name of one of the many arguments that do not exist', async (t) => {
    const server = await withTable(t)
    const unknown = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`k${i}`, i]))
    refused(
      await server.post(QUERY, unknown),
      400,
      'INVALID_ARGUMENT',
      /^k0 is no argument; there are where,/,
    )
    const operation = { kind: 'table', object: 't', op: 'query', ...unknown }
    refused(
      await server.post('/v1/transactions', { operations: [operation] }),
      400,
      'INVALID_ARGUMENT',
      'operations.0.k0 is not accepted here',
    )
  })

  it('cannot list more than a page has', async (t) => {
    const server = await withTable(t, { pageSize: 10, pageSizeMax: 10 })
    const getMany = (length: number): Promise<Answer> => {
      const operation = { kind: 'table', object: 't', op: 'getMany', args: { keys: Array(length).fill(1) } }
      return server.post('/v1/transactions', { operations: [operation] })
    }
    refused(
      await getMany(11),
      400,
      'INVALID_ARGUMENT',
      'operations[0]: keys: 11 are listed, more than server.page_size_max = 10; ask for them in parts',
    )
    assert.deepEqual((await getMany(10)).body.results, [{ rows: Array(10).fill(null) }])
    const operations = Array(1001).fill({ kind: 'table', object: 't', op: 'count' })
    refused(
      await server.post('/v1/transactions', { operations }),
      400,
      'INVALID_ARGUMENT',
      'operations must not have more than 1000 items',
    )
  })

  it('name themselves only as far as it is safe in a log', async (t) => {
    const server = await withTable(t)
    const named = await server.get('/nothing', { headers: { 'x-request-id': 'order-7' } })
    assert.equal(named.headers.get('x-request-id'), 'order-7')
    assert.equal(named.body.error.requestId, 'order-7')
    const other = await server.get('/nothing', { headers: { 'x-request-id': 'a b' } })
    assert.match(other.body.error.requestId, /^[0-9a-f]{24}$/)
    assert.equal(other.headers.get('x-request-id'), other.body.error.requestId)
  })
})
