import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import {
  Client,
  credentials,
  Metadata,
  Server,
  ServerCredentials,
  status,
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceError,
} from '@grpc/grpc-js'
import { hasCode } from '@orbit-ts/base'
import { GrpcStatus } from './grpc-status.js'
import { Http2Transport, type Http2TransportConfig } from './http2/http2-transport.js'
import { collect, http2Config, textMethod, textMethods, textService, until } from './rpc-fixture.fake.js'
import { statusOf } from './rpc-error.js'
import { GrpcServer, type GrpcServerOptions } from './server/grpc-server.js'
import { TEST_PEMS } from './test-pems.fake.js'
import type { Channel } from './transport.js'

/** The same calls between our code and an implementation of gRPC that is not ours, in both directions. */

const soon = { timeoutMs: 60_000 }
const BIG = 'x'.repeat(32 * 1024 * 1024)
const UNLIMITED = { 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 }

const toBytes = (text: string): Buffer => Buffer.from(text)
const toText = (bytes: Buffer): string => bytes.toString()

const isTheirStatus = (code: number): code is status => code in status

/** A refusal as grpc-js wants it. */
function refusal(code: number, details: string): ServiceError {
  assert.ok(isTheirStatus(code))
  return Object.assign(new Error(details), { code, details, metadata: new Metadata() })
}

const fields = {
  requestSerialize: toBytes,
  requestDeserialize: toText,
  responseSerialize: toBytes,
  responseDeserialize: toText,
}
const stream = { ...fields, requestStream: false, responseStream: false }

/** The calls that a server leaves without an answer: how many it heard of, and those not cancelled yet. */
interface Hanging {
  heard: number
  readonly live: Set<object>
}

function hang(hanging: Hanging, call: ServerUnaryCall<string, string>): void {
  hanging.heard += 1
  if (call.cancelled) return
  hanging.live.add(call)
  call.on('cancelled', () => hanging.live.delete(call))
}

/** What it does is what `textService` does. */
async function serveTheirs(t: TestContext, secure = false): Promise<{ address: string; hanging: Hanging }> {
  const hanging: Hanging = { heard: 0, live: new Set() }
  const server = new Server(UNLIMITED)
  server.addService(
    {
      echo: { ...stream, path: textMethods.echo.path },
      count: { ...stream, path: textMethods.count.path, responseStream: true },
      shout: { ...stream, path: textMethods.shout.path, requestStream: true, responseStream: true },
    },
    {
      echo: (call: ServerUnaryCall<string, string>, reply: sendUnaryData<string>) => {
        const [command, code, message] = call.request.split(':')
        if (command === 'refuse') reply(refusal(Number(code), message ?? ''))
        else if (command === 'hang') hang(hanging, call)
        else reply(null, call.request + call.metadata.get('who').join())
      },
      count: (call: ServerWritableStream<string, string>) => {
        for (let i = 0; i < Number(call.request); i++) call.write(String(i))
        call.end()
      },
      shout: (call: ServerDuplexStream<string, string>) => {
        call.on('data', (text: string) => {
          if (text === 'refuse') call.emit('error', refusal(GrpcStatus.ABORTED, 'enough'))
          else call.write(text.toUpperCase())
        })
        call.on('end', () => call.end())
      },
    },
  )
  const { server: pems } = TEST_PEMS
  const pair = { cert_chain: Buffer.from(pems.cert), private_key: Buffer.from(pems.key) }
  const theirs = secure ? ServerCredentials.createSsl(null, [pair]) : ServerCredentials.createInsecure()
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', theirs, (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  )
  t.after(() => server.forceShutdown())
  return { address: `127.0.0.1:${port}`, hanging }
}

async function ourChannel(
  t: TestContext,
  more: Partial<Http2TransportConfig> = {},
): Promise<{ channel: Channel; hanging: Hanging }> {
  const { address, hanging } = await serveTheirs(t, more.tls !== undefined)
  const transport = new Http2Transport({ config: { ...http2Config, ...more } })
  t.after(() => transport.close())
  return { channel: transport.open(address), hanging }
}

describe('our client with the server of grpc-js', () => {
  it('calls, with metadata, in every script', async (t) => {
    const { channel } = await ourChannel(t)
    const answer = await channel.unary(textMethods.echo, 'größe 数 ', { ...soon, metadata: { who: 'me' } })
    assert.equal(answer, 'größe 数 me')
  })

  it('reads statuses and messages', async (t) => {
    const { channel } = await ourChannel(t)
    for (const status of Object.values(GrpcStatus).filter((code) => code !== 0)) {
      const call = channel.unary(textMethods.echo, `refuse:${status}:größer als 100 %`, soon)
      await assert.rejects(call, (error) => {
        assert.ok(error instanceof Error)
        assert.equal(statusOf(error), status)
        assert.match(error.message, /größer als 100 %$/)
        return hasCode(error, status === GrpcStatus.DEADLINE_EXCEEDED ? 'RPC_TIMEOUT' : 'RPC_FAILED')
      })
    }
    await assert.rejects(
      channel.unary(textMethods.missing, 'x', soon),
      (error) => statusOf(error) === GrpcStatus.UNIMPLEMENTED,
    )
  })

  it('iterates streams', async (t) => {
    const { channel } = await ourChannel(t)
    const seen = await collect(channel.serverStream(textMethods.count, '3000', soon))
    assert.deepEqual(
      seen,
      Array.from({ length: 3000 }, (_, i) => String(i)),
    )
  })

  it('speaks both ways, to the end and to a refusal', async (t) => {
    const { channel } = await ourChannel(t)
    const run = (last: string | undefined): Promise<[string[], Error | undefined]> =>
      new Promise((resolve) => {
        const seen: string[] = []
        const duplex = channel.duplex(
          textMethods.shout,
          {
            onMessage: (text) => {
              seen.push(text)
              if (seen.length < 1000) return
              if (last === undefined) duplex.end()
              else duplex.send(last)
            },
            onEnd: (error) => resolve([seen, error]),
          },
          {},
        )
        for (let i = 0; i < 1000; i++) duplex.send(`m${i}`)
      })
    const expected = Array.from({ length: 1000 }, (_, i) => `M${i}`)
    assert.deepEqual(await run(undefined), [expected, undefined])
    const [seen, error] = await run('refuse')
    assert.deepEqual(seen, expected)
    assert.equal(statusOf(error), GrpcStatus.ABORTED)
  })

  it('ends calls at their deadline and by their signal; the server hears of both', async (t) => {
    const { channel, hanging } = await ourChannel(t)
    // On a slow machine a deadline may pass before the server has heard of the call.
    for (let attempt = 0; hanging.heard === 0 && attempt < 50; attempt++) {
      await assert.rejects(channel.unary(textMethods.echo, 'hang', { timeoutMs: 200 }), (error) =>
        hasCode(error, 'RPC_TIMEOUT'),
      )
    }
    await until(() => hanging.heard > 0 && hanging.live.size === 0)
    const { heard } = hanging
    const controller = new AbortController()
    const call = channel.unary(textMethods.echo, 'hang', { ...soon, signal: controller.signal })
    const failed = assert.rejects(call, (error) => hasCode(error, 'ABORTED'))
    await until(() => hanging.heard > heard && hanging.live.size === 1)
    controller.abort()
    await failed
    await until(() => hanging.live.size === 0)
  })

  it('[S27] carries 32 MiB both ways', async (t) => {
    const { channel } = await ourChannel(t)
    assert.equal((await channel.unary(textMethods.echo, BIG, soon)) === BIG, true)
  })

  it('compresses requests', async (t) => {
    const { channel } = await ourChannel(t, { grpcCompression: 'gzip' })
    const text = 'compressible '.repeat(10_000)
    assert.equal((await channel.unary(textMethods.echo, text, soon)) === text, true)
  })

  it('uses TLS', async (t) => {
    const { channel } = await ourChannel(t, { tls: { verifyCn: ['tikv-server'], ca: TEST_PEMS.ca } })
    assert.equal(await channel.unary(textMethods.echo, 'safe', soon), 'safe')
  })
})

async function theirClient(
  t: TestContext,
  options: Partial<GrpcServerOptions> = {},
): Promise<{ client: Client; log: string[] }> {
  const service = textService()
  const server = await GrpcServer.listen({ service, ...options })
  const secure = options.tls !== undefined
  const theirs = secure ? credentials.createSsl(Buffer.from(TEST_PEMS.ca)) : credentials.createInsecure()
  const client = new Client(`localhost:${server.port}`, theirs, UNLIMITED)
  t.after(async () => {
    client.close()
    await server.close()
  })
  return { client, log: service.log }
}

function ask(
  client: Client,
  text: string,
  who?: string,
  timeoutMs = 60_000,
  path = textMethods.echo.path,
): Promise<string> {
  const metadata = new Metadata()
  if (who !== undefined) metadata.set('who', who)
  const deadline = new Date(Date.now() + timeoutMs)
  return new Promise((resolve, reject) =>
    client.makeUnaryRequest(path, toBytes, toText, text, metadata, { deadline }, (error, answer) =>
      error === null ? resolve(answer ?? '') : reject(error),
    ),
  )
}

const hasStatus = (status: number, details?: string) => (error: unknown) =>
  error instanceof Error &&
  'code' in error &&
  error.code === status &&
  (details === undefined || ('details' in error && error.details === details))

describe('the client of grpc-js with our server', () => {
  it('calls, with metadata, in every script', async (t) => {
    const { client } = await theirClient(t)
    assert.equal(await ask(client, 'größe 数 ', 'me'), 'größe 数 me')
    assert.equal(await ask(client, ''), '')
  })

  it('reads statuses and messages', async (t) => {
    const { client } = await theirClient(t)
    for (const status of Object.values(GrpcStatus).filter((code) => code !== 0)) {
      const call = ask(client, `refuse:${status}:größer als 100 %`)
      await assert.rejects(call, hasStatus(status, 'größer als 100 %'))
    }
    await assert.rejects(ask(client, 'fail'), hasStatus(GrpcStatus.INTERNAL, 'not what was planned'))
    const missing = ask(client, 'x', undefined, 60_000, '/test.Text/Missing')
    await assert.rejects(missing, hasStatus(GrpcStatus.UNIMPLEMENTED))
  })

  it('iterates streams', async (t) => {
    const { client } = await theirClient(t)
    const method = textMethod(textMethods.count.path, 'serverStream')
    const call = client.makeServerStreamRequest(method.path, toBytes, toText, '3000')
    assert.deepEqual(
      await collect<string>(call),
      Array.from({ length: 3000 }, (_, i) => String(i)),
    )
  })

  it('speaks both ways, to the end, to a refusal and to a break', async (t) => {
    const { client } = await theirClient(t)
    const run = (last: string | undefined): Promise<[string[], unknown]> =>
      new Promise((resolve) => {
        const seen: string[] = []
        const call = client.makeBidiStreamRequest(textMethods.shout.path, toBytes, toText)
        call.on('data', (text: string) => {
          seen.push(text)
          if (seen.length < 1000) return
          if (last === undefined) call.end()
          else call.write(last)
        })
        call.on('error', (error) => resolve([seen, error]))
        call.on('end', () => last === undefined && resolve([seen, undefined]))
        for (let i = 0; i < 1000; i++) call.write(`m${i}`)
      })
    const expected = Array.from({ length: 1000 }, (_, i) => `M${i}`)
    assert.deepEqual(await run(undefined), [expected, undefined])
    const [seen, error] = await run('refuse')
    assert.deepEqual(seen, expected)
    assert.ok(hasStatus(GrpcStatus.ABORTED, 'enough')(error))
    assert.ok(hasStatus(GrpcStatus.UNAVAILABLE)((await run('destroy'))[1]))
  })

  it('ends calls at their deadline; our handler is aborted', async (t) => {
    const { client, log } = await theirClient(t)
    // On a slow machine a deadline may pass before the server has heard of the call.
    for (let attempt = 0; !log.includes('echo hang') && attempt < 50; attempt++)
      await assert.rejects(ask(client, 'hang', undefined, 200), hasStatus(GrpcStatus.DEADLINE_EXCEEDED))
    await until(() => log.includes('echo aborted'))
  })

  it('[S27] carries 32 MiB both ways', async (t) => {
    const { client } = await theirClient(t)
    assert.equal((await ask(client, BIG)) === BIG, true)
  })

  it('reads compressed answers', async (t) => {
    const { client } = await theirClient(t, { encoding: 'gzip' })
    const text = 'compressible '.repeat(10_000)
    assert.equal((await ask(client, text)) === text, true)
  })

  it('uses TLS', async (t) => {
    const { client } = await theirClient(t, { tls: TEST_PEMS.server })
    assert.equal(await ask(client, 'safe'), 'safe')
  })
})
