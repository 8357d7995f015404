import assert from 'node:assert/strict'
import { createServer as createHttp2Server, constants, type ServerHttp2Stream } from 'node:http2'
import { connect, createServer, type AddressInfo, type Server, type ServerOpts, type Socket } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { hasCode, systemEnv, TestEnv, type Env } from '@orbit-ts/base'
import fc from 'fast-check'
import { GrpcStatus } from '../grpc-status.js'
import { collect, http2Config, textMethods, textService, until } from '../rpc-fixture.fake.js'
import { statusOf } from '../rpc-error.js'
import { GrpcServer } from '../server/grpc-server.js'
import { Http2Transport, type Http2TransportConfig } from './http2-transport.js'

const soon = { timeoutMs: 30_000 }

function open(t: TestContext, more: Partial<Http2TransportConfig> = {}, env?: Env): Http2Transport {
  const transport = new Http2Transport({ config: { ...http2Config, ...more }, env })
  t.after(() => transport.close())
  return transport
}

/** A TCP server on loopback that is closed, with its sockets, after the test. */
async function listenTcp(
  t: TestContext,
  onSocket: (socket: Socket) => void,
  options: ServerOpts = {},
): Promise<string> {
  const sockets = new Set<Socket>()
  const server: Server = createServer(options, (socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    onSocket(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Passes bytes on until told to swallow them. */
async function listenProxy(t: TestContext, target: string): Promise<{ address: string; freeze: () => void }> {
  let frozen = false
  const port = Number(target.split(':')[1])
  const address = await listenTcp(t, (near) => {
    const far = connect(port, '127.0.0.1')
    far.on('error', () => near.destroy())
    near.on('data', (chunk) => frozen || far.write(chunk))
    far.on('data', (chunk) => frozen || near.write(chunk))
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
  })
  return { address, freeze: () => (frozen = true) }
}

/** An HTTP/2 server that answers as it is told to. */
async function listenHttp2(t: TestContext, onStream: (stream: ServerHttp2Stream) => void): Promise<string> {
  const server = createHttp2Server()
  server.on('stream', (stream) => {
    stream.on('error', () => undefined)
    onStream(stream)
  })
  server.on('session', (session) => {
    session.on('error', () => undefined)
    t.after(() => session.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => void server.close())
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function failure(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => assert.fail('the call succeeded'),
    (error: unknown) => error,
  )
}

describe('Http2Transport', () => {
  it('[S28] gives a connection up when pings are not answered, and dials another', async (t) => {
    const service = textService()
    const server = await GrpcServer.listen({ service })
    t.after(() => server.close())
    const proxy = await listenProxy(t, server.address)
    const env = new TestEnv()
    const channel = open(t, {}, env).open(proxy.address)
    await channel.unary(textMethods.echo, 'warm', soon)
    const startMs = env.clock.monotonicMs()
    const failed = failure(channel.unary(textMethods.echo, 'hang', { timeoutMs: 60_000 }))
    await until(() => service.log.includes('echo hang'))
    proxy.freeze()
    await env.advance(12_999)
    assert.equal(channel.state, 'ready')
    await env.advance(1)
    const error = await failed
    assert.ok(hasCode(error, 'RPC_FAILED'))
    assert.equal(error.details['status'], GrpcStatus.UNAVAILABLE)
    assert.match(error.message, /a keepalive ping was not answered within 3000 ms/)
    assert.equal(env.clock.monotonicMs() - startMs, 13_000)
    assert.equal(channel.state, 'idle')
  })

  it('keeps a silent connection whose pings are answered', async (t) => {
    const server = await GrpcServer.listen({ service: textService() })
    t.after(() => server.close())
    const env = new TestEnv()
    const channel = open(t, {}, env).open(server.address)
    await channel.unary(textMethods.echo, 'warm', soon)
    for (let i = 0; i < 5; i++) {
      const timers = env.pendingTimers
      await env.advance(10_000)
      // The ping is on its way; its answer sets the next timer instead of that for its loss.
      for (let turn = 0; turn < 200; turn++) await systemEnv.timers.nextTurn()
      assert.equal(env.pendingTimers, timers)
    }
    assert.equal(channel.state, 'ready')
    assert.equal(server.connectionCount, 1)
  })

  it('fails a dial to a server that accepts and says nothing, at the dial timeout', async (t) => {
    const address = await listenTcp(t, () => undefined)
    const env = new TestEnv()
    const channel = open(t, {}, env).open(address)
    const failed = failure(channel.unary(textMethods.echo, 'x', soon))
    assert.equal(channel.state, 'connecting')
    await env.advance(5000)
    const error = await failed
    assert.equal(statusOf(error), GrpcStatus.UNAVAILABLE)
    assert.match(String(error), /cannot connect within 5000 ms/)
    assert.equal(channel.state, 'failed')
  })

  it('fails a dial to what does not speak HTTP/2, whatever it says', async (t) => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (garbage) => {
        const address = await listenTcp(t, (socket) => socket.end(garbage))
        const transport = open(t)
        const error = await failure(transport.open(address).unary(textMethods.echo, 'x', soon))
        assert.equal(statusOf(error), GrpcStatus.UNAVAILABLE, String(error))
        await transport.close()
      }),
      { numRuns: 30 },
    )
  })

  it('takes new calls to a new connection after GOAWAY and lets the others end', async (t) => {
    const service = textService()
    const server = await GrpcServer.listen({ service })
    t.after(() => server.close())
    const channel = open(t).open(server.address)
    const seen: string[] = []
    const ended = new Promise((onEnd) => {
      const duplex = channel.duplex(
        textMethods.shout,
        {
          onMessage: (text) => {
            seen.push(text)
            if (text === 'B') duplex.end()
            else void afterGoaway(() => duplex.send('b'))
          },
          onEnd,
        },
        {},
      )
      duplex.send('a')
    })
    const afterGoaway = async (then: () => void): Promise<void> => {
      server.drain()
      await until(() => channel.state === 'idle')
      assert.equal(await channel.unary(textMethods.echo, 'new', soon), 'new')
      then()
    }
    assert.equal(await ended, undefined)
    assert.deepEqual(seen, ['A', 'B'])
  })

  it('fails calls with UNAVAILABLE when the server ends the connection for a reason, and dials again', async (t) => {
    let asked = 0
    const address = await listenHttp2(t, (stream) => {
      asked += 1
      if (asked === 1) {
        stream.session?.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM, 0, Buffer.from('too_many_pings'))
      } else {
        const status = { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '10' }
        stream.respond(status, { endStream: true })
      }
    })
    const channel = open(t).open(address)
    const first = await failure(channel.unary(textMethods.echo, 'x', soon))
    assert.equal(statusOf(first), GrpcStatus.UNAVAILABLE, String(first))
    const second = await failure(channel.unary(textMethods.echo, 'x', soon))
    assert.equal(statusOf(second), GrpcStatus.ABORTED, String(second))
  })

  it('reads no faster than the loop, within its window', async (t) => {
    const service = textService()
    const server = await GrpcServer.listen({ service })
    t.after(() => server.close())
    const channel = open(t, { grpcInitialWindowSize: 65_535 }).open(server.address)
    let read = 0
    for await (const text of channel.serverStream(textMethods.count, '1e9', soon)) {
      assert.equal(text, String(read++))
      if (read === 100) for (let turn = 0; turn < 100; turn++) await systemEnv.timers.nextTurn()
      if (read === 20_000) break
    }
    await until(() => service.log.includes('count over'))
  })

  it('ends a call to a server that never opens its window, and gives the connection back to others', async (t) => {
    const seen: ServerHttp2Stream[] = []
    const address = await listenHttp2(t, (stream) => {
      seen.push(stream)
      if (seen.length === 1) stream.pause()
      else {
        stream.resume()
        stream.respond({ 'content-type': 'application/grpc', 'grpc-status': '0' }, { endStream: true })
      }
    })
    const env = new TestEnv()
    const channel = open(t, {}, env).open(address)
    const stuck = failure(channel.unary(textMethods.echo, 'x'.repeat(1_000_000), { timeoutMs: 1000 }))
    await until(() => seen.length === 1)
    await env.advance(1000)
    assert.ok(hasCode(await stuck, 'RPC_TIMEOUT'))
    await until(() => seen[0]?.closed === true)
    const other = await failure(channel.unary(textMethods.echo, 'y'.repeat(200_000), soon))
    assert.equal(statusOf(other), GrpcStatus.INTERNAL, 'answered, though without a message')
    assert.equal(seen.length, 2)
  })

  it('compresses both ways when configured', async (t) => {
    const server = await GrpcServer.listen({ service: textService(), encoding: 'gzip' })
    t.after(() => server.close())
    const channel = open(t, { grpcCompression: 'gzip' }).open(server.address)
    const text = 'compressible '.repeat(100_000)
    assert.equal((await channel.unary(textMethods.echo, text, soon)) === text, true)
    assert.equal(await channel.unary(textMethods.echo, 'short', soon), 'short')
    assert.equal((await collect(channel.serverStream(textMethods.count, '500', soon))).length, 500)
  })

  it('maps resets of the server', async (t) => {
    const codes = [
      [constants.NGHTTP2_REFUSED_STREAM, GrpcStatus.UNAVAILABLE],
      [constants.NGHTTP2_CANCEL, GrpcStatus.CANCELLED],
      [constants.NGHTTP2_ENHANCE_YOUR_CALM, GrpcStatus.RESOURCE_EXHAUSTED],
      [constants.NGHTTP2_INTERNAL_ERROR, GrpcStatus.INTERNAL],
      [constants.NGHTTP2_NO_ERROR, GrpcStatus.INTERNAL],
    ] as const
    let code: number = 0
    const address = await listenHttp2(t, (stream) => stream.close(code))
    const channel = open(t).open(address)
    for (const [reset, status] of codes) {
      code = reset
      const error = await failure(channel.unary(textMethods.echo, 'x', soon))
      assert.equal(statusOf(error), status, String(error))
    }
  })

  it('refuses answers that are not gRPC', async (t) => {
    const frame = Buffer.from([0, 0, 0, 0, 1, 65])
    const answers: readonly [(stream: ServerHttp2Stream) => void, GrpcStatus, RegExp][] = [
      [
        (stream) => {
          stream.respond({ ':status': 503, 'content-type': 'text/html' })
          stream.end('<h1>later</h1>')
        },
        GrpcStatus.UNAVAILABLE,
        /HTTP status 503/,
      ],
      [
        (stream) => {
          stream.respond({ ':status': 200, 'content-type': 'text/plain' })
          stream.end('hello')
        },
        GrpcStatus.UNKNOWN,
        /content type text\/plain/,
      ],
      [
        (stream) => {
          stream.respond({ ':status': 200, 'content-type': 'application/grpc' })
          stream.end(frame)
        },
        GrpcStatus.INTERNAL,
        /without a status/,
      ],
      [
        (stream) => {
          stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-encoding': 'snappy' })
          stream.end(frame)
        },
        GrpcStatus.UNIMPLEMENTED,
        /snappy/,
      ],
      [
        (stream) => {
          stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
          stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
          stream.end(frame.subarray(0, 4))
        },
        GrpcStatus.INTERNAL,
        /inside a message/,
      ],
      [
        (stream) => {
          stream.respond({ ':status': 200, 'content-type': 'application/grpc' })
          stream.write(Buffer.from([7, 0, 0, 0, 1, 65]))
        },
        GrpcStatus.INTERNAL,
        /message flag 7/,
      ],
      [
        (stream) =>
          stream.respond(
            { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '0' },
            { endStream: true },
          ),
        GrpcStatus.INTERNAL,
        /without an answer/,
      ],
    ]
    let answer: (stream: ServerHttp2Stream) => void = () => undefined
    const address = await listenHttp2(t, (stream) => answer(stream))
    const channel = open(t).open(address)
    for (const [how, status, message] of answers) {
      answer = how
      const error = await failure(channel.unary(textMethods.echo, 'x', soon))
      assert.equal(statusOf(error), status, String(error))
      assert.match(String(error), message)
    }
  })

  it('says what is wrong with an address', async (t) => {
    assert.throws(
      () => open(t).open('nonsense'),
      (error) => hasCode(error, 'INVALID_ARGUMENT'),
    )
  })

  it('leaves no socket and no timer behind', async (t) => {
    const env = new TestEnv()
    const server = await GrpcServer.listen({ service: textService() })
    t.after(() => server.close())
    const transport = open(t, {}, env)
    const channels = [transport.open(server.address), transport.open(server.address)]
    await Promise.all(channels.map((channel) => channel.unary(textMethods.echo, 'x', soon)))
    channels[0]?.close()
    const hanging = failure(transport.open('127.0.0.1:1').unary(textMethods.echo, 'x', soon))
    await transport.close()
    await hanging
    assert.equal(env.pendingTimers, 0)
    await server.close()
    const sockets = (): string[] => process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP'))
    // What other tests closed may take another turn; a leak never goes.
    await until(() => sockets().length === 0)
  })

  it('[S28] outlives a server that ends the session and leaves the connection open', async (t) => {
    // Settings, their acknowledgement, and GOAWAY without an error.
    const hello = Buffer.from(
      '000000040000000000' + '000000040100000000' + '0000080700000000000000000000000000',
      'hex',
    )
    let ended = false
    const address = await listenTcp(
      t,
      (socket) => {
        socket.write(hello)
        socket.on('end', () => (ended = true)).resume()
      },
      { allowHalfOpen: true },
    )
    const env = new TestEnv()
    const transport = open(t, {}, env)
    const error = await failure(transport.open(address).unary(textMethods.echo, 'x', soon))
    assert.equal(statusOf(error), GrpcStatus.UNAVAILABLE)
    await until(() => ended)
    await env.advance(http2Config.grpcKeepaliveTime + http2Config.grpcKeepaliveTimeout)
    assert.equal(env.pendingTimers, 0)
    await transport.close()
  })
})
