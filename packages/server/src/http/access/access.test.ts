import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { exchange, parseAnswer } from '../raw-connection.test.data.js'
import { authorization, refused, testServer, withToken } from '../test-server.test.data.js'
import { BearerTokens } from './bearer-tokens.js'

describe('BearerTokens', () => {
  it('accepts each of its tokens and nothing else', () => {
    const tokens = new BearerTokens(['one', 'two'])
    for (const header of ['Bearer one', 'Bearer two', 'bearer one', 'BEARER   two ']) {
      assert.equal(tokens.accepts(header), true, header)
    }
    for (const header of [
      undefined,
      '',
      'one',
      'Bearer',
      'Bearer ',
      'Bearer on',
      'Bearer onee',
      'Basic one',
      'Bearer one two',
      'Bearer ONE',
    ]) {
      assert.equal(tokens.accepts(header), false, header)
    }
  })

  it('accepts everything when there are none', () => {
    const tokens = new BearerTokens([])
    assert.equal(tokens.required, false)
    assert.equal(tokens.accepts(undefined), true)
  })
})

describe('access with tokens', () => {
  it('is refused without one, everywhere but to the health', async (t) => {
    const server = await testServer(t, withToken)
    for (const path of ['/v1/objects', '/metrics', '/openapi.json', '/nothing']) {
      const answer = await server.get(path)
      refused(
        answer,
        401,
        'UNAUTHENTICATED',
        'a bearer token is required: send the header "Authorization: Bearer <token>"',
      )
      assert.equal(answer.headers.get('www-authenticate'), 'Bearer')
      const wrong = await server.get(path, { headers: { authorization: 'Bearer wrong-token' } })
      refused(wrong, 401, 'UNAUTHENTICATED', 'the Authorization header carries no accepted bearer token')
    }
    assert.equal((await server.get('/v1/objects', { headers: authorization })).status, 200)
    assert.equal((await server.get('/metrics', { headers: authorization })).status, 200)
    refused(await server.get('/nothing', { headers: authorization }), 404, 'NOT_FOUND', /no such path/)
    assert.equal((await server.get('/health/live')).status, 200)
    assert.equal((await server.get('/health/ready')).status, 200)
  })

  it('is refused before a body is read', async (t) => {
    const server = await testServer(t, withToken)
    const text = await exchange(
      server.url,
      'POST /v1/transactions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n',
    )
    assert.equal(parseAnswer(text).status, 401)
    assert.match(parseAnswer(text).head, /^connection: close$/m)
  })

  it('never puts a token into the log, and serves other host names', async (t) => {
    const server = await testServer(t, withToken)
    const token = authorization.authorization
    const raw = await exchange(
      server.url,
      `GET /v1/objects HTTP/1.1\r\nhost: orbit.example\r\norigin: http://page.example\r\nconnection: close\r\nauthorization: ${token}\r\n\r\n`,
    )
    assert.equal(parseAnswer(raw).status, 200)
    await server.get('/v1/objects', { headers: { authorization: 'Bearer some-guess' } })
    const log = JSON.stringify(server.log)
    assert.ok(server.log.length > 2)
    assert.ok(!log.includes('a-token-for-tests') && !log.includes('some-guess'))
  })
})

describe('access without tokens', () => {
  it('is refused under the name of another machine', async (t) => {
    const server = await testServer(t)
    const ask = async (host: string): Promise<number> => {
      const text = await exchange(
        server.url,
        `GET /health/live HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`,
      )
      return parseAnswer(text).status
    }
    for (const host of ['127.0.0.1', 'localhost', 'LOCALHOST:8080', '[::1]', '[::1]:80', '127.9.9.9:1']) {
      assert.equal(await ask(host), 200, host)
    }
    for (const host of [
      'evil.example',
      'evil.example:8080',
      '127.0.0.1.evil.example',
      'localhost.evil.example',
      '10.0.0.1',
      '[::2]',
      '',
    ]) {
      assert.equal(await ask(host), 403, host)
    }
  })

  it('is refused to a page of another origin', async (t) => {
    const server = await testServer(t)
    const from = (origin: string): ReturnType<typeof server.post> =>
      server.post('/v1/objects', { kind: 'collection', name: 'c', input: {} }, { headers: { origin } })
    for (const origin of ['http://evil.example', 'null', 'http://127.0.0.1:1', 'https://127.0.0.1']) {
      refused(await from(origin), 403, 'HOST_NOT_ALLOWED', /set server\.auth_tokens and send a token$/)
    }
    assert.equal((await server.get('/v1/objects')).body.objects.length, 0)
    assert.equal((await from(server.url)).status, 201)
  })

  it('gives every answer the headers that keep browsers out', async (t) => {
    const server = await testServer(t)
    for (const path of ['/v1/objects', '/nothing', '/health/live']) {
      const { headers } = await server.get(path)
      assert.deepEqual(
        [
          'x-content-type-options',
          'content-security-policy',
          'cross-origin-resource-policy',
          'cache-control',
        ].map((name) => headers.get(name)),
        ['nosniff', "default-src 'none'; frame-ancestors 'none'", 'same-origin', 'no-store'],
      )
      assert.equal(headers.get('access-control-allow-origin'), null)
    }
  })
})
