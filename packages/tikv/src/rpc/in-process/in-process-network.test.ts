import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hasCode, TestEnv } from '@orbit-ts/base'
import { GrpcStatus } from '../grpc-status.js'
import { statusOf } from '../rpc-error.js'
import { collect, textMethods, textService, type TextService } from '../rpc-fixture.fake.js'
import type { Channel } from '../transport.js'
import { InProcessNetwork } from './in-process-network.js'
import { matchesLink, type LinkMessage, type MessageVerdict } from './link-hook.js'

const ADDRESS = 'store-1:20160'
const soon = { timeoutMs: 1000 }

interface Setup {
  readonly env: TestEnv
  readonly network: InProcessNetwork
  readonly service: TextService
  readonly channel: Channel
}

function setUp(options: { passObjects?: boolean } = {}): Setup {
  const env = new TestEnv()
  const network = new InProcessNetwork({ env, ...options })
  const service = textService()
  network.register(ADDRESS, service)
  return { env, network, service, channel: network.transport('c1').open(ADDRESS) }
}

/** A stream that notes what happens to it. */
function shout(channel: Channel): { log: string[]; send: (text: string) => boolean } {
  const log: string[] = []
  const duplex = channel.duplex(
    textMethods.shout,
    { onMessage: (text) => log.push(text), onEnd: (error) => log.push(`end ${statusOf(error)}`) },
    {},
  )
  return { log, send: (text) => duplex.send(text) }
}

const onResponse =
  (index: number, verdict: MessageVerdict) =>
  (message: LinkMessage): MessageVerdict | undefined =>
    message.direction === 'response' && message.index === index ? verdict : undefined

describe('InProcessNetwork', () => {
  it('refuses an address that is taken, and lets it go', () => {
    const { network, service } = setUp()
    assert.throws(
      () => network.register(ADDRESS, service),
      (error) => hasCode(error, 'INVALID_ARGUMENT'),
    )
    network.unregister(ADDRESS)
    network.register(ADDRESS, service)
  })

  it('passes the names of both ends, the path and the metadata to hooks', async () => {
    const { network, channel } = setUp()
    const seen: unknown[] = []
    network.addHook({
      onCall: (call) => void seen.push(call),
      onMessage: ({ direction, index, sizeBytes }) => void seen.push([direction, index, sizeBytes]),
    })
    await channel.unary(textMethods.echo, 'abc', { ...soon, metadata: { who: 'x' } })
    assert.deepEqual(seen, [
      ['request', 0, 3],
      { from: 'c1', to: ADDRESS, path: textMethods.echo.path, metadata: { who: 'x' } },
      ['response', 0, 4],
    ])
  })

  it('refuses connections on the links that a hook names, until it is taken away', async () => {
    const { env, network, channel } = setUp()
    const remove = network.addHook({
      onCall: (call) => (matchesLink({ from: 'c1', to: ADDRESS }, call) ? 'refuse' : undefined),
    })
    await assert.rejects(channel.unary(textMethods.echo, 'x', soon), /refused/)
    const other = network.transport('c2').open(ADDRESS)
    assert.equal(await other.unary(textMethods.echo, 'x', soon), 'x')
    remove()
    assert.equal(channel.state, 'failed')
    await env.advance(121)
    assert.equal(await channel.unary(textMethods.echo, 'x', soon), 'x')
  })

  it('hangs calls to their deadline', async () => {
    const { env, network, service, channel } = setUp()
    network.addHook({ onCall: () => 'hang' })
    const failed = assert.rejects(channel.unary(textMethods.echo, 'x', soon), (error) =>
      hasCode(error, 'RPC_TIMEOUT'),
    )
    await env.advance(1000)
    await failed
    assert.deepEqual(service.log, [])
    assert.equal(network.callCount, 0)
    assert.equal(env.pendingTimers, 0)
  })

  it('loses a request: it is not applied, and the caller waits in vain', async () => {
    const { env, network, service, channel } = setUp()
    network.addHook({ onMessage: ({ direction }) => (direction === 'request' ? 'drop' : undefined) })
    const failed = assert.rejects(channel.unary(textMethods.echo, 'x', soon), /within 1000 ms/)
    await env.advance(1000)
    await failed
    assert.deepEqual(service.log, [])
  })

  it('loses an answer after the call was applied', async () => {
    const { network, service, channel } = setUp()
    const remove = network.addHook({ onMessage: onResponse(0, 'cut') })
    await assert.rejects(
      channel.unary(textMethods.echo, 'x', soon),
      (error) => statusOf(error) === GrpcStatus.UNAVAILABLE,
    )
    assert.deepEqual(service.log, ['echo x'])
    remove()
    assert.equal(await channel.unary(textMethods.echo, 'y', soon), 'y')
  })

  it('cuts a stream after so many messages, and delivers those before', async () => {
    const { env, network, channel } = setUp()
    network.addHook({ onMessage: onResponse(2, 'cut') })
    const { log, send } = shout(channel)
    for (const text of ['a', 'b', 'c', 'd']) send(text)
    await env.advance(0)
    assert.deepEqual(log, ['A', 'B', `end ${GrpcStatus.UNAVAILABLE}`])
    assert.equal(send('e'), false)
    const stream = channel.serverStream(textMethods.count, '10', soon)
    const seen: string[] = []
    await assert.rejects(async () => {
      for await (const text of stream) seen.push(text)
    }, /lost/)
    assert.deepEqual(seen, ['0', '1'])
  })

  it('delays messages without changing their order', async () => {
    const { env, network, channel } = setUp()
    network.addHook({ onMessage: onResponse(1, { delayMs: 50 }) })
    const { log, send } = shout(channel)
    for (const text of ['a', 'b', 'c']) send(text)
    await env.advance(49)
    assert.deepEqual(log, ['A'])
    await env.advance(1)
    assert.deepEqual(log, ['A', 'B', 'C'])
  })

  it('applies a duplicated unary call twice and answers it once', async () => {
    const { network, service, channel } = setUp()
    network.addHook({ onMessage: () => 'duplicate' })
    assert.equal(await channel.unary(textMethods.echo, 'x', soon), 'x')
    assert.deepEqual(service.log, ['echo x', 'echo x'])
  })

  it('delivers a duplicated message of a stream twice', async () => {
    const { env, network, channel } = setUp()
    network.addHook({ onMessage: onResponse(0, 'duplicate') })
    const { log, send } = shout(channel)
    send('a')
    send('b')
    await env.advance(0)
    assert.deepEqual(log, ['A', 'A', 'B'])
  })

  it('breaks the calls to a server that goes, and aborts its handlers', async () => {
    const { env, network, service, channel } = setUp()
    const failed = assert.rejects(channel.unary(textMethods.echo, 'hang', soon), /lost/)
    const { log } = shout(channel)
    await env.advance(0)
    network.unregister(ADDRESS)
    await failed
    await env.advance(0)
    assert.deepEqual(service.log, ['echo hang', 'shout over', 'echo aborted'])
    assert.deepEqual(log, [`end ${GrpcStatus.UNAVAILABLE}`])
    await assert.rejects(channel.unary(textMethods.echo, 'x', soon), /refused/)
  })

  it('keeps a server from running ahead of a caller that does not read', async () => {
    const { env, network, channel } = setUp()
    let sent = 0
    network.addHook({ onMessage: ({ direction }) => void (sent += direction === 'response' ? 1 : 0) })
    const stream = channel.serverStream(textMethods.count, '1e9', { timeoutMs: 1e6 })
    for await (const text of stream) {
      if (text === '0') await env.advance(10)
      if (text === '5') break
    }
    assert.ok(sent < 200, `${sent} messages were sent`)
  })

  it('hands objects over as they are when told so, and encodes them otherwise', async () => {
    const message = { nested: { value: 1n } }
    const method = {
      ...textMethods.echo,
      encodeRequest: () => Buffer.from('encoded'),
      decodeRequest: (bytes: Uint8Array): unknown => `${Buffer.from(bytes).toString()} request`,
      encodeResponse: (response: unknown) => Buffer.from(String(response)),
      decodeResponse: (bytes: Uint8Array): unknown => `${Buffer.from(bytes).toString()} response`,
    }
    for (const passObjects of [true, false]) {
      const { network, channel } = setUp({ passObjects })
      const handlers = new Map([
        [method.path, { kind: 'unary' as const, method, handle: async (request: unknown) => request }],
      ])
      network.unregister(ADDRESS)
      network.register(ADDRESS, { handlers })
      const answer = await channel.unary(method, message, soon)
      if (passObjects) assert.equal(answer, message)
      else assert.equal(answer, 'encoded request response')
    }
  })

  it('does the same twice under the same seed', async () => {
    const run = async (): Promise<string[]> => {
      const { env, network, channel } = setUp()
      const log: string[] = []
      network.addHook({
        onMessage: ({ direction }) => {
          const draw = env.random.float()
          if (direction === 'response' && draw < 0.1) return 'cut'
          return { delayMs: Math.floor(draw * 20) }
        },
      })
      const callers = Array.from({ length: 20 }, async (_, i) => {
        for (let n = 0; n < 5; n++) {
          const text = `${i}.${n}`
          const answer = await channel
            .unary(textMethods.echo, text, soon)
            .catch((error: unknown) => statusOf(error))
          log.push(`${env.clock.monotonicMs()} ${text} ${answer}`)
        }
      })
      callers.push(collect(channel.serverStream(textMethods.count, '0', soon)).then(() => undefined))
      await env.advance(1000)
      await Promise.all(callers)
      return log
    }
    const first = await run()
    assert.equal(first.length, 100)
    assert.deepEqual(await run(), first)
  })
})
