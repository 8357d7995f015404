import assert from 'node:assert/strict'
import { connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2'
import { connect } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { hasCode } from '@orbit-ts/base'
import fc from 'fast-check'
import { GrpcStatus } from '../grpc-status.js'
import { Http2Transport } from '../http2/http2-transport.js'
import { http2Config, textMethods, textService, until, type TextService } from '../rpc-fixture.fake.js'
import { statusOf } from '../rpc-error.js'
import type { Channel } from '../transport.js'
import { GrpcServer, type GrpcServerOptions } from './grpc-server.js'

const soon = { timeoutMs: 30_000 }

async function start(
  t: TestContext,
  options: Partial<GrpcServerOptions> = {},
): Promise<{ server: GrpcServer; service: TextService; channel: Channel }> {
  const service = textService()
  const server = await GrpcServer.listen({ service, ...options })
  const transport = new Http2Transport({ config: http2Config })
  t.after(async () => {
    await transport.close()
    await server.close()
  })
  return { server, service, channel: transport.open(server.address) }
}

const GRPC = { ':method': 'POST', ':path': textMethods.echo.path, 'content-type': 'application/grpc' }

/** Sends what is given on one stream of a connection of its own; gives headers and trailers in one. */
async function ask(
  address: string,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
): Promise<IncomingHttpHeaders> {
  const session = connectHttp2(`http://${address}`)
  try {
    return await new Promise((resolve, reject) => {
      const stream = session.request(headers)
      let all: IncomingHttpHeaders = {}
      stream.on('response', (received) => (all = { ...all, ...received }))
      stream.on('trailers', (received: IncomingHttpHeaders) => (all = { ...all, ...received }))
      stream.on('error', reject)
      stream.on('close', () => resolve(all))
      stream.resume()
      stream.end(body)
    })
  } finally {
    session.destroy()
  }
}

describe('GrpcServer', () => {
  it('listens on loopback, on a port that is free, and says when it cannot', async (t) => {
    const { server } = await start(t)
    assert.equal(server.host, '127.0.0.1')
    assert.equal(server.address, `127.0.0.1:${server.port}`)
    await assert.rejects(
      GrpcServer.listen({ service: textService(), port: server.port }),
      (error) => hasCode(error, 'RPC_FAILED') && /cannot listen on 127\.0\.0\.1/.test(error.message),
    )
  })

  it('answers what is wrong with a call by a status', async (t) => {
    const { server } = await start(t)
    const frame = Buffer.from([0, 0, 0, 0, 1, 65])
    const cases: readonly [Record<string, string>, Uint8Array, GrpcStatus][] = [
      [{ ...GRPC, ':path': '/none' }, frame, GrpcStatus.UNIMPLEMENTED],
      [{ ...GRPC, 'content-type': 'text/plain' }, frame, GrpcStatus.INTERNAL],
      [{ ...GRPC, 'grpc-timeout': 'soon' }, frame, GrpcStatus.INTERNAL],
      [{ ...GRPC, 'grpc-encoding': 'snappy' }, frame, GrpcStatus.UNIMPLEMENTED],
      [GRPC, Buffer.alloc(0), GrpcStatus.INTERNAL],
      [GRPC, frame.subarray(0, 3), GrpcStatus.INTERNAL],
      [GRPC, Buffer.from([9, 0, 0, 0, 1, 65]), GrpcStatus.INTERNAL],
      [GRPC, Buffer.from([1, 0, 0, 0, 1, 65]), GrpcStatus.INTERNAL],
      [GRPC, Buffer.concat([Buffer.from([0, 0, 0, 0, 4]), Buffer.from('hang'), frame]), GrpcStatus.INTERNAL],
    ]
    for (const [headers, body, status] of cases) {
      const answer = await ask(server.address, headers, body)
      assert.equal(answer['grpc-status'], String(status), JSON.stringify([headers, answer]))
    }
    assert.equal((await ask(server.address, GRPC, frame))['grpc-status'], '0')
  })

  it('ends a call at the deadline that it was told, and aborts the handler', async (t) => {
    const { server, service } = await start(t)
    const body = Buffer.concat([Buffer.from([0, 0, 0, 0, 4]), Buffer.from('hang')])
    const answer = await ask(server.address, { ...GRPC, 'grpc-timeout': '5m' }, body)
    assert.equal(answer['grpc-status'], String(GrpcStatus.DEADLINE_EXCEEDED))
    await until(() => service.log.includes('echo aborted'))
  })

  it('refuses messages over its limit and serves on', async (t) => {
    const { channel } = await start(t, { messageBytesMax: 1000 })
    await assert.rejects(
      channel.unary(textMethods.echo, 'x'.repeat(1001), soon),
      (error) => statusOf(error) === GrpcStatus.RESOURCE_EXHAUSTED,
    )
    const text = 'x'.repeat(1000)
    assert.equal(await channel.unary(textMethods.echo, text, soon), text)
  })

  it('survives whatever bytes arrive on a connection, and serves the others on', async (t) => {
    const { server, channel } = await start(t)
    const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.uint8Array({ maxLength: 300 }), async (greet, garbage) => {
        const socket = connect(server.port, '127.0.0.1')
        socket.on('error', () => undefined)
        socket.resume()
        const closed = new Promise((resolve) => socket.on('close', resolve))
        socket.end(Buffer.concat([greet ? preface : Buffer.alloc(0), garbage]))
        socket.setTimeout(1000, () => socket.destroy())
        await closed
        assert.equal(await channel.unary(textMethods.echo, 'fine', soon), 'fine')
      }),
      { numRuns: 40 },
    )
  })

  it('aborts the handlers of a connection that is lost', async (t) => {
    const { server, service, channel } = await start(t)
    const failed = assert.rejects(
      channel.unary(textMethods.echo, 'hang', soon),
      (error) => statusOf(error) === GrpcStatus.UNAVAILABLE,
    )
    await until(() => service.log.includes('echo hang'))
    server.dropConnections()
    await failed
    await until(() => service.log.includes('echo aborted'))
  })

  it('closes with calls under way, and twice', async (t) => {
    const { server, service, channel } = await start(t)
    const failed = assert.rejects(channel.unary(textMethods.echo, 'hang', soon))
    await until(() => service.log.includes('echo hang'))
    await Promise.all([server.close(), server.close()])
    await failed
    assert.equal(server.connectionCount, 0)
  })
})
