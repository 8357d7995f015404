import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { hasCode, OrbitError, systemEnv, TestEnv, type Env } from '@orbit-ts/base'
import { GrpcStatus } from './grpc-status.js'
import {
  collect,
  textMethods,
  textService,
  until,
  WIRES,
  type TextService,
  type Wire,
} from './rpc-fixture.fake.js'
import { statusOf } from './rpc-error.js'
import type { Channel } from './transport.js'

const soon = { timeoutMs: 30_000 }

function failsWith(code: string, status: number | undefined, message: RegExp) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof OrbitError, String(error))
    assert.equal(error.code, code)
    assert.equal(error.details['status'], status)
    assert.match(error.message, message)
    return true
  }
}

for (const [name, open] of WIRES) {
  const start = async (
    t: TestContext,
    env?: Env,
  ): Promise<{ wire: Wire; channel: Channel; service: TextService }> => {
    const service = textService()
    const wire = await open(service, env)
    t.after(() => wire.close())
    return { wire, service, channel: wire.transport.open(wire.address) }
  }

  describe(`a channel ${name}`, () => {
    it('answers a unary call, with metadata', async (t) => {
      const { channel } = await start(t)
      assert.equal(channel.state, 'idle')
      const answer = await channel.unary(textMethods.echo, 'hello ', { ...soon, metadata: { who: 'me' } })
      assert.equal(answer, 'hello me')
      assert.equal(channel.state, 'ready')
    })

    it('carries an empty message', async (t) => {
      const { channel } = await start(t)
      assert.equal(await channel.unary(textMethods.echo, '', soon), '')
    })

    it('tells status and message of a refusal, in any script', async (t) => {
      const { channel, wire } = await start(t)
      const call = channel.unary(textMethods.echo, 'refuse:9:größer als 100 % 数', soon)
      await assert.rejects(
        call,
        failsWith('RPC_FAILED', GrpcStatus.FAILED_PRECONDITION, /größer als 100 % 数$/),
      )
      const failed = channel.unary(textMethods.echo, 'fail', soon)
      await assert.rejects(failed, failsWith('RPC_FAILED', GrpcStatus.INTERNAL, /not what was planned$/))
      const missing = channel.unary(textMethods.missing, '', soon)
      await assert.rejects(missing, (error) => {
        assert.ok(hasCode(error, 'RPC_FAILED'))
        assert.deepEqual(error.details, {
          status: GrpcStatus.UNIMPLEMENTED,
          statusName: 'UNIMPLEMENTED',
          address: wire.address,
        })
        return true
      })
    })

    it('iterates a stream of answers to its end', async (t) => {
      const { channel } = await start(t)
      const seen = await collect(channel.serverStream(textMethods.count, '1000', soon))
      assert.deepEqual(
        seen,
        Array.from({ length: 1000 }, (_, i) => String(i)),
      )
      assert.deepEqual(await collect(channel.serverStream(textMethods.count, '0', soon)), [])
    })

    it('cancels the call of a loop that is left', async (t) => {
      const { channel, service } = await start(t)
      for await (const text of channel.serverStream(textMethods.count, '1e9', soon)) {
        if (text === '3') break
      }
      await until(() => service.log.includes('count over'))
    })

    it('keeps the order for a loop that is slow', async (t) => {
      const { channel } = await start(t)
      let read = 0
      for await (const text of channel.serverStream(textMethods.count, '5000', soon)) {
        assert.equal(text, String(read++))
        if (read % 50 === 0) await systemEnv.timers.nextTurn()
      }
      assert.equal(read, 5000)
    })

    it('sends both ways, in order, until the caller ends', async (t) => {
      const { channel, service } = await start(t)
      const seen: string[] = []
      const ended = new Promise<Error | undefined>((onEnd) => {
        const duplex = channel.duplex(
          textMethods.shout,
          {
            onMessage: (text) => {
              seen.push(text)
              if (seen.length === 3) duplex.end()
            },
            onEnd,
          },
          {},
        )
        for (const text of ['a', 'b', 'c']) assert.equal(duplex.send(text), true)
      })
      assert.equal(await ended, undefined)
      assert.deepEqual(seen, ['A', 'B', 'C'])
      assert.deepEqual(service.log, ['shout over'])
    })

    it('ends a duplex stream with the refusal of the server, or with UNAVAILABLE when it breaks', async (t) => {
      const { channel } = await start(t)
      const end = async (text: string): Promise<Error | undefined> => {
        const seen: string[] = []
        return new Promise((resolve) => {
          const duplex = channel.duplex(
            textMethods.shout,
            {
              onMessage: (answer) => {
                seen.push(answer)
                duplex.send(text)
              },
              onEnd: (error) => {
                assert.deepEqual(seen, ['FIRST'])
                assert.equal(duplex.send('late'), false)
                resolve(error)
              },
            },
            {},
          )
          duplex.send('first')
        })
      }
      const refused = await end('refuse')
      assert.equal(statusOf(refused), GrpcStatus.ABORTED)
      assert.match(String(refused), /enough$/)
      assert.equal(statusOf(await end('destroy')), GrpcStatus.UNAVAILABLE)
    })

    it('tells a cancelled stream ABORTED, once, and its server the end', async (t) => {
      const { channel, service } = await start(t)
      const ends: unknown[] = []
      await new Promise<void>((resolve) => {
        const duplex = channel.duplex(
          textMethods.shout,
          {
            onMessage: () => {
              duplex.cancel()
              duplex.cancel()
              resolve()
            },
            onEnd: (error) => ends.push(error),
          },
          {},
        )
        duplex.send('x')
      })
      await until(() => service.log.includes('shout over'))
      assert.equal(ends.length, 1)
      assert.ok(hasCode(ends[0], 'ABORTED'))
    })

    it('ends a call at its deadline and tells the server', async (t) => {
      const env = new TestEnv()
      const { channel, service } = await start(t, env)
      await channel.unary(textMethods.echo, 'warm', soon)
      const call = channel.unary(textMethods.echo, 'hang', { timeoutMs: 250 })
      const failed = assert.rejects(
        call,
        failsWith('RPC_TIMEOUT', GrpcStatus.DEADLINE_EXCEEDED, /Echo was not answered within 250 ms/),
      )
      await until(() => service.log.includes('echo hang'))
      await env.advance(249)
      assert.equal(service.log.includes('echo aborted'), false)
      await env.advance(1)
      await failed
      await until(() => service.log.includes('echo aborted'))
    })

    it('[S26] rejects an aborted call at once and keeps the connection', async (t) => {
      const { channel, service } = await start(t)
      const controller = new AbortController()
      const call = channel.unary(textMethods.echo, 'hang', { ...soon, signal: controller.signal })
      const failed = assert.rejects(call, (error) => {
        assert.ok(hasCode(error, 'ABORTED'))
        assert.equal(error.cause, 'changed my mind')
        return true
      })
      await until(() => service.log.includes('echo hang'))
      controller.abort('changed my mind')
      await failed
      await until(() => service.log.includes('echo aborted'))
      assert.equal(channel.state, 'ready')
      assert.equal(await channel.unary(textMethods.echo, 'still here', soon), 'still here')
      await assert.rejects(
        channel.unary(textMethods.echo, 'x', { ...soon, signal: controller.signal }),
        (error) => hasCode(error, 'ABORTED'),
      )
    })

    it('fails pending calls when the connection breaks, and dials again for the next', async (t) => {
      const { channel, service, wire } = await start(t)
      const call = channel.unary(textMethods.echo, 'hang', soon)
      const failed = assert.rejects(call, failsWith('RPC_FAILED', GrpcStatus.UNAVAILABLE, /lost/))
      await until(() => service.log.includes('echo hang'))
      wire.drop()
      await failed
      await until(() => service.log.includes('echo aborted'))
      assert.equal(await channel.unary(textMethods.echo, 'again', soon), 'again')
    })

    it('fails pending and later calls when it is closed', async (t) => {
      const { channel, service, wire } = await start(t)
      const call = channel.unary(textMethods.echo, 'hang', soon)
      const failed = assert.rejects(call, failsWith('RPC_FAILED', GrpcStatus.UNAVAILABLE, /closed/))
      await until(() => service.log.includes('echo hang'))
      channel.close()
      await failed
      assert.equal(channel.state, 'closed')
      await assert.rejects(channel.unary(textMethods.echo, 'x', soon), (error) =>
        hasCode(error, 'CLIENT_CLOSED'),
      )
      const other = wire.transport.open(wire.address)
      const pending = assert.rejects(other.unary(textMethods.echo, 'hang', soon), (error) =>
        hasCode(error, 'CLIENT_CLOSED'),
      )
      await wire.transport.close()
      await pending
    })

    it('fails a request that cannot be encoded, alone', async (t) => {
      const { channel } = await start(t)
      const broken = {
        ...textMethods.echo,
        encodeRequest: () => {
          throw new TypeError('no such field')
        },
      }
      await assert.rejects(channel.unary(broken, 'x', soon), (error) => {
        assert.ok(hasCode(error, 'INVALID_ARGUMENT'))
        assert.match(error.message, /Echo cannot be encoded: no such field/)
        return true
      })
      assert.equal(await channel.unary(textMethods.echo, 'fine', soon), 'fine')
    })

    it('fails an answer that cannot be decoded, alone', async (t) => {
      const { channel } = await start(t)
      const broken = {
        ...textMethods.echo,
        decodeResponse: () => {
          throw new TypeError('bad wire type')
        },
      }
      const call = channel.unary(broken, 'x', soon)
      await assert.rejects(call, failsWith('RPC_FAILED', GrpcStatus.INTERNAL, /cannot be decoded/))
      assert.equal(await channel.unary(textMethods.echo, 'fine', soon), 'fine')
    })

    it('refuses fast while it waits after a refused connection, then dials again', async (t) => {
      const env = new TestEnv()
      const { wire } = await start(t, env)
      // Port 1 of loopback, and a name that nobody registered.
      const channel = wire.transport.open('127.0.0.1:1')
      const refused = failsWith('RPC_FAILED', GrpcStatus.UNAVAILABLE, /refused/i)
      await assert.rejects(channel.unary(textMethods.echo, 'x', soon), refused)
      assert.equal(channel.state, 'failed')
      await assert.rejects(channel.unary(textMethods.echo, 'x', soon), refused)
      await env.advance(121)
      assert.equal(channel.state, 'idle')
      await assert.rejects(channel.unary(textMethods.echo, 'x', soon), refused)
      await env.advance(127)
      assert.equal(channel.state, 'failed', 'the second wait is 160 ms, varied by 20 %')
      await env.advance(66)
      assert.equal(channel.state, 'idle')
    })

    it('[S27] carries 32 MiB', async (t) => {
      const { channel } = await start(t)
      const text = 'x'.repeat(32 * 1024 * 1024)
      const answer = await channel.unary(textMethods.echo, text, { timeoutMs: 60_000 })
      assert.equal(answer === text, true)
    })
  })
}
