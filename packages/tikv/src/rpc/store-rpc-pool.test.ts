import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { delay, hasCode, Metrics, TestEnv, type Env } from '@orbit-ts/base'
import fc from 'fast-check'
import { createTelemetry } from '../telemetry/telemetry.js'
import type { BatchItem } from './batch-message.js'
import { Context } from '../gen/kvrpcpb.js'
import { GrpcStatus } from './grpc-status.js'
import { InProcessNetwork } from './in-process/in-process-network.js'
import { healthMethods, tikvMethods } from './methods.js'
import { statusOf } from './rpc-error.js'
import {
  batchService,
  echoItem,
  pooledRpc,
  poolConfig,
  rawGetAnswer,
  rawGetRequest,
  until,
  WIRES,
  type BatchCall,
  type BatchService,
  type Wire,
} from './rpc-fixture.fake.js'
import { RpcRefusal } from './service.js'
import type { PooledStoreRpc, PooledStoreRpcOptions } from './store-rpc-pool.js'

const soon = { timeoutMs: 30_000 }
const { rawGet } = tikvMethods

interface Setup {
  readonly wire: Wire
  readonly rpc: PooledStoreRpc
  readonly service: BatchService
  get(key: string, more?: { timeoutMs?: number; signal?: AbortSignal; forwardTo?: string }): Promise<string>
}

interface SetupOptions extends Partial<PooledStoreRpcOptions> {
  readonly onBatch?: (call: BatchCall, items: readonly BatchItem[]) => void
  readonly env?: Env
}

for (const [name, open] of WIRES) {
  const setUp = async (t: TestContext, { onBatch, ...options }: SetupOptions = {}): Promise<Setup> => {
    const service = batchService(onBatch)
    const wire = await open(service, options.env)
    const rpc = pooledRpc(wire, options)
    t.after(async () => {
      await rpc.close()
      await wire.close()
    })
    const get: Setup['get'] = async (key, more) => {
      const response = await rpc.call(wire.address, rawGet, rawGetRequest(key), { ...soon, ...more })
      return Buffer.from(response.value).toString()
    }
    return { wire, rpc, service, get }
  }
  const one = { ...poolConfig, grpcConnectionCount: 1 }

  describe(`PooledStoreRpc ${name}`, () => {
    it('[S23] sends 200 gets of one tick in two messages and matches answers by id', async (t) => {
      const { service, get } = await setUp(t, {
        // Backwards and in pieces.
        onBatch: (call, items) => {
          const answers = items.map(echoItem).reverse()
          for (let from = 0; from < answers.length; from += 7) call.answer(answers.slice(from, from + 7))
        },
      })
      const keys = Array.from({ length: 200 }, (_, i) => `key-${i}`)
      assert.deepEqual(await Promise.all(keys.map((key) => get(key))), keys)
      assert.deepEqual(
        service.messages.map(({ items }) => items.length),
        [128, 72],
      )
      const ids = service.messages.flatMap(({ items }) => items.map(({ id }) => id))
      assert.equal(new Set(ids).size, 200)
      await Promise.all(keys.map((key) => get(key)))
      const later = service.messages.slice(2).flatMap(({ items }) => items.map(({ id }) => id))
      assert.ok(later.every((id) => !ids.includes(id)))
    })

    it('[S27] carries an answer of 32 MiB in a batch', async (t) => {
      const value = 'x'.repeat(32 * 1024 * 1024)
      const payload = rawGetAnswer(Buffer.from(value))
      const { get } = await setUp(t, {
        onBatch: (call, items) => call.answer(items.map((item) => ({ ...item, payload }))),
      })
      assert.equal((await get('big')) === value, true)
    })

    it('batches the calls that promises of one turn make', async (t) => {
      const { service, get } = await setUp(t)
      await Promise.all(
        Array.from({ length: 50 }, async (_, i) => {
          for (let hop = 0; hop < i; hop++) await Promise.resolve()
          await get(String(i))
        }),
      )
      assert.equal(service.messages.length, 1)
    })

    it('[S24] fails every entry of a stream that is reset, and sends again on a new one', async (t) => {
      const { service, get } = await setUp(t, {
        config: one,
        onBatch: (call, items) => {
          if (service.streams.length === 1 && items.length === 10) call.stream.destroy()
          else call.answer(items.map(echoItem))
        },
      })
      const keys = Array.from({ length: 10 }, (_, i) => `key-${i}`)
      const results = await Promise.allSettled(keys.map((key) => get(key)))
      for (const result of results) {
        assert.equal(result.status, 'rejected')
        assert.ok(hasCode(result.reason, 'RPC_FAILED'))
        assert.equal(result.reason.details['status'], GrpcStatus.UNAVAILABLE)
      }
      assert.deepEqual(await Promise.all(keys.map((key) => get(key))), keys)
      assert.equal(service.streams.length, 2)
      assert.equal(service.messages.length, 2, 'nothing is sent again by itself')
    })

    it('[S25] drops the late answer of an aborted call, and answers the others', async (t) => {
      let late: BatchItem[] = []
      const { service, get } = await setUp(t, {
        config: one,
        onBatch: (call, items) => {
          if (late.length === 0) late = items.map(echoItem)
          else call.answer([...late, ...items.map(echoItem)])
        },
      })
      const controller = new AbortController()
      const aborted = assert.rejects(get('late', { signal: controller.signal }), (error) => {
        assert.ok(hasCode(error, 'ABORTED'))
        assert.equal(error.cause, 'no more')
        return true
      })
      await until(() => late.length === 1)
      controller.abort('no more')
      await aborted
      assert.deepEqual(await Promise.all([get('a'), get('b')]), ['a', 'b'])
      assert.equal(service.streams.length, 1)
    })

    it('[S26] rejects at once when aborted before and while queued, sending nothing', async (t) => {
      const { service, rpc, get } = await setUp(t)
      const gone = AbortSignal.abort('before')
      await assert.rejects(get('x', { signal: gone }), (error) => hasCode(error, 'ABORTED'))
      const controller = new AbortController()
      const queued = assert.rejects(get('x', { signal: controller.signal }), (error) =>
        hasCode(error, 'ABORTED'),
      )
      controller.abort()
      await queued
      assert.equal(await get('y'), 'y')
      assert.deepEqual(
        service.messages.map(({ items }) => items.length),
        [1],
      )
      assert.equal(
        rpc.describe().every(({ queued: waiting }) => waiting === 0),
        true,
      )
    })

    it('ends each call at its own deadline, with one timer', async (t) => {
      const env = new TestEnv()
      const { get, service } = await setUp(t, { env, config: one, onBatch: () => undefined })
      const ended: string[] = []
      const timers = env.pendingTimers
      const calls = [300, 100, 200, 100].map(async (timeoutMs, i) => {
        await assert.rejects(get(String(i), { timeoutMs }), (error) => {
          ended.push(`${timeoutMs} ${hasCode(error, 'RPC_TIMEOUT')} ${statusOf(error)}`)
          return true
        })
      })
      assert.equal(env.pendingTimers - timers, 2, 'that of the deadlines and that of idle pools')
      await until(() => service.messages.length === 1)
      await env.advance(99)
      assert.deepEqual(ended, [])
      await env.advance(1)
      assert.deepEqual(ended, ['100 true 4', '100 true 4'])
      await env.advance(200)
      await Promise.all(calls)
      assert.deepEqual(ended.slice(2), ['200 true 4', '300 true 4'])
    })

    it('spreads batches over its connections in turn', async (t) => {
      const { service, rpc, get, wire } = await setUp(t)
      for (let i = 0; i < 8; i++) await get(String(i))
      const index = service.messages.map(({ call }) => call.metadata['tikv-batch-conn-index'])
      assert.deepEqual(index, ['0', '1', '2', '3', '0', '1', '2', '3'])
      const [store] = rpc.describe()
      assert.equal(store?.address, wire.address)
      assert.deepEqual(
        store?.connections.map(({ state, pendingCalls }) => [state, pendingCalls]),
        Array(4).fill(['ready', 0]),
      )
    })

    it('fails a command that is answered wrongly, alone', async (t) => {
      const { get } = await setUp(t, {
        onBatch: (call, items) =>
          call.answer(
            items.map((item, i) => {
              if (i === 0) return { ...item, batchCase: 'rawPut' }
              return i === 1 ? { ...item, payload: Buffer.from([0xff, 0xff]) } : echoItem(item)
            }),
          ),
      })
      const results = await Promise.allSettled(['a', 'b', 'c'].map((key) => get(key)))
      assert.deepEqual(
        results.map((result) => (result.status === 'fulfilled' ? result.value : statusOf(result.reason))),
        [GrpcStatus.INTERNAL, GrpcStatus.INTERNAL, 'c'],
      )
    })

    it('keeps a stream of its own for each forwarded host, and forwards unary calls', async (t) => {
      const { service, rpc, get, wire } = await setUp(t, { config: one })
      const unary: (string | undefined)[] = []
      service.handlers.set(rawGet.path, {
        kind: 'unary',
        method: rawGet,
        handle: async (_, { metadata }) => {
          unary.push(metadata['tikv-forwarded-host'])
          return rawGet.decodeResponse(rawGetAnswer(Buffer.from('unary')))
        },
      })
      assert.deepEqual(
        await Promise.all([get('a'), get('b', { forwardTo: 's2:1' }), get('c', { forwardTo: 's3:1' })]),
        ['a', 'b', 'c'],
      )
      const hosts = service.streams.map(({ metadata }) => metadata['tikv-forwarded-host'])
      assert.deepEqual(hosts, [undefined, 's2:1', 's3:1'])
      const options = { ...soon, batch: false, forwardTo: 's2:1' }
      const answer = await rpc.call(wire.address, rawGet, rawGetRequest('x'), options)
      assert.equal(Buffer.from(answer.value).toString(), 'unary')
      assert.deepEqual(unary, ['s2:1'])
    })

    it('passes on what a store says of its health', async (t) => {
      const seen: unknown[] = []
      const { get, wire } = await setUp(t, {
        onHealthFeedback: (address, feedback) => seen.push([address, feedback.slowScore]),
        onBatch: (call, items) =>
          call.answer(items.map(echoItem), {
            healthFeedback: { storeId: 1n, feedbackSeqNo: 1n, slowScore: 80 },
          }),
      })
      await get('x')
      assert.deepEqual(seen, [[wire.address, 80]])
    })

    it('refuses more calls than it may have under way, and takes them again later', async (t) => {
      const { get } = await setUp(t, { config: { ...poolConfig, storeConcurrencyMax: 2 } })
      const first = [get('a'), get('b')]
      await assert.rejects(get('c'), (error) => {
        assert.ok(hasCode(error, 'SERVER_BUSY'))
        assert.equal(error.details['limit'], 2)
        return true
      })
      assert.deepEqual(await Promise.all(first), ['a', 'b'])
      assert.equal(await get('c'), 'c')
    })

    it('drops the connections of an address and dials anew', async (t) => {
      const { get, rpc, service, wire } = await setUp(t, {
        config: one,
        onBatch: (call, items) => {
          if (service.streams.length > 1) call.answer(items.map(echoItem))
        },
      })
      const failed = assert.rejects(get('x'), (error) => statusOf(error) === GrpcStatus.UNAVAILABLE)
      await until(() => service.messages.length === 1)
      rpc.closeAddress(wire.address)
      rpc.closeAddress('unknown:1')
      await failed
      assert.deepEqual(rpc.describe(), [])
      assert.equal(await get('y'), 'y')
    })

    it('keeps connections that were opened after the call that wants them dropped', async (t) => {
      const env = new TestEnv()
      const { get, rpc, wire } = await setUp(t, { env, config: one })
      await env.advance(10)
      assert.equal(await get('x'), 'x')
      rpc.closeAddress(wire.address, env.clock.monotonicMs() - 1)
      assert.equal(rpc.describe().length, 1)
      rpc.closeAddress(wire.address, env.clock.monotonicMs())
      assert.deepEqual(rpc.describe(), [])
    })

    it('closes connections that nobody has used for a while', async (t) => {
      const env = new TestEnv()
      const { get, rpc } = await setUp(t, { env, config: { ...one, idleTimeout: 1000 } })
      await get('x')
      await env.advance(999)
      assert.equal(rpc.describe().length, 1)
      await env.advance(501)
      assert.deepEqual(rpc.describe(), [])
      assert.equal(await get('y'), 'y')
    })

    it('probes by gRPC health, once for concurrent callers', async (t) => {
      const { rpc, service, wire } = await setUp(t)
      let asked = 0
      let status = 1
      service.handlers.set(healthMethods.check.path, {
        kind: 'unary',
        method: healthMethods.check,
        handle: async () => {
          asked += 1
          if (status < 0) throw new RpcRefusal(GrpcStatus.UNIMPLEMENTED, 'no health here')
          return { status }
        },
      })
      const probe = (): Promise<string> => rpc.probe(wire.address, 1000)
      assert.deepEqual(await Promise.all([probe(), probe(), probe()]), Array(3).fill('reachable'))
      assert.equal(asked, 1)
      status = 2
      assert.equal(await probe(), 'unreachable')
      status = 0
      assert.equal(await probe(), 'unknown')
      status = -1
      assert.equal(await probe(), 'unknown')
      assert.equal(await rpc.probe('127.0.0.1:1', 1000), 'unreachable')
      assert.equal(asked, 4)
    })

    it('runs interceptors outermost first; they may answer, change and fail calls', async (t) => {
      const log: string[] = []
      const { get, service } = await setUp(t, {
        interceptors: [
          async (call, next) => {
            log.push(`outer ${call.method} ${call.timeoutMs}`)
            const answer = await next()
            log.push('outer done')
            return answer
          },
          async (call, next) => {
            log.push('inner')
            const request = call.request as { key: Uint8Array }
            if (Buffer.from(request.key).toString() === 'no') throw new Error('not allowed')
            if (Buffer.from(request.key).toString() === 'known')
              return rawGet.decodeResponse(rawGetAnswer(Buffer.from('cached')))
            request.key = Buffer.from('changed')
            return next()
          },
        ],
      })
      assert.equal(await get('x'), 'changed')
      assert.deepEqual(log, ['outer RawGet 30000', 'inner', 'outer done'])
      assert.equal(await get('known'), 'cached')
      await assert.rejects(get('no'), /not allowed/)
      assert.equal(service.messages.length, 1)
    })

    it('sends one of several identical ResolveLocks of a region, not those of keys', async (t) => {
      const { rpc, service, wire } = await setUp(t, {
        onBatch: (call, items) =>
          call.answer(
            items.map((item) => ({
              ...item,
              payload: tikvMethods.kvResolveLock.encodeResponse({
                regionError: undefined,
                error: undefined,
                execDetailsV2: undefined,
              }),
            })),
          ),
      })
      const request = {
        context: undefined,
        startVersion: 7n,
        commitVersion: 0n,
        txnInfos: [],
        keys: [] as Uint8Array[],
        isAsync: false,
        isTxnFile: false,
      }
      const resolve = (more: object, signal?: AbortSignal): Promise<unknown> =>
        rpc.call(wire.address, tikvMethods.kvResolveLock, { ...request, ...more }, { ...soon, signal })
      const controller = new AbortController()
      const left = assert.rejects(resolve({}, controller.signal), (error) => hasCode(error, 'ABORTED'))
      const others = [resolve({}), resolve({}), resolve({ startVersion: 8n })]
      const keyed = [resolve({ keys: [Buffer.from('a')] }), resolve({ keys: [Buffer.from('a')] })]
      const traced = [1, 2].map((id) => resolve({ context: Context.create({ traceId: Uint8Array.of(id) }) }))
      controller.abort()
      await Promise.all([left, ...others, ...keyed, ...traced])
      assert.deepEqual(
        service.messages.map(({ items }) => items.length),
        [5],
      )
      await resolve({})
      assert.equal(service.messages.length, 2)
    })

    it('measures calls, errors, batches and connections', async (t) => {
      const metrics = new Metrics()
      const { get, rpc, wire } = await setUp(t, {
        telemetry: createTelemetry(metrics, () => ''),
        config: one,
      })
      await Promise.all(['a', 'b', 'c'].map((key) => get(key)))
      await assert.rejects(
        rpc.call(
          wire.address,
          tikvMethods.rawChecksum,
          { context: undefined, algorithm: 0, ranges: [] },
          soon,
        ),
      )
      const text = await metrics.render()
      const { address } = wire
      for (const line of [
        `orbit_tikv_request_seconds_count{method="RawGet",store="${address}"} 3`,
        `orbit_tikv_rpc_errors_total{method="RawChecksum",status="UNIMPLEMENTED"} 1`,
        `orbit_tikv_batch_requests_sum 3`,
        `orbit_tikv_batch_requests_count 1`,
        `orbit_tikv_connections{store="${address}",state="ready"} 1`,
        `orbit_tikv_pending_calls{store="${address}"} 0`,
      ]) {
        assert.ok(text.includes(line), `${line}\nis not in\n${text}`)
      }
      await rpc.close()
      assert.equal((await metrics.render()).includes(`orbit_tikv_connections{store`), false)
    })

    it('fails what is pending when it closes, and leaves no timer', async (t) => {
      const env = new TestEnv()
      const { get, rpc, service, wire } = await setUp(t, { env, onBatch: () => undefined })
      const pending = assert.rejects(get('x'), (error) => hasCode(error, 'CLIENT_CLOSED'))
      await until(() => service.messages.length === 1)
      const queued = assert.rejects(get('y'), (error) => hasCode(error, 'CLIENT_CLOSED'))
      await rpc.close()
      await rpc.close()
      await Promise.all([pending, queued])
      await assert.rejects(get('z'), (error) => hasCode(error, 'CLIENT_CLOSED'))
      await wire.transport.close()
      assert.equal(env.pendingTimers, 0)
    })
  })
}

describe('PooledStoreRpc on an overloaded or failing store', () => {
  const ADDRESS = 'store-1:20160'
  const setUp = (
    config: Partial<typeof poolConfig>,
    onBatch?: (call: BatchCall, items: readonly BatchItem[]) => void,
  ): {
    env: TestEnv
    network: InProcessNetwork
    service: BatchService
    get: (key: string) => Promise<string>
  } => {
    const env = new TestEnv()
    const network = new InProcessNetwork({ env })
    const service = batchService(onBatch)
    network.register(ADDRESS, service)
    const options = { env, config: { ...poolConfig, grpcConnectionCount: 1, ...config } }
    const rpc = pooledRpc({ transport: network.transport() }, options)
    const get = async (key: string): Promise<string> => {
      const response = await rpc.call(ADDRESS, rawGet, rawGetRequest(key), soon)
      return Buffer.from(response.value).toString()
    }
    return { env, network, service, get }
  }

  it('waits for more requests only when the server reports overload, and no longer than told', async () => {
    const { env, service, get } = setUp({ batchWait: 10 }, (call, items) =>
      call.answer(items.map(echoItem), { transportLayerLoad: 201n }),
    )
    await get('first')
    const lonely = get('second')
    await env.advance(9)
    assert.equal(service.messages.length, 1)
    await env.advance(1)
    assert.equal(await lonely, 'second')
    const calls = [get('a')]
    await env.advance(1)
    for (let i = 0; i < 8; i++) calls.push(get(String(i)))
    await Promise.all(calls)
    assert.deepEqual(
      service.messages.map(({ items }) => items.length),
      [1, 1, 9],
    )
  })

  it('gives every call its own answer or an error, whatever the network does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const env = new TestEnv({ seed })
        const network = new InProcessNetwork({ env })
        network.register(
          ADDRESS,
          batchService((call, items) => call.answer(items.map(echoItem))),
        )
        network.addHook({
          onCall: () => (env.random.float() < 0.1 ? 'refuse' : undefined),
          onMessage: () => {
            const draw = env.random.float()
            if (draw < 0.05) return 'cut'
            if (draw < 0.1) return 'drop'
            if (draw < 0.2) return 'duplicate'
            return { delayMs: Math.floor(draw * 20) }
          },
        })
        const transport = network.transport()
        const rpc = pooledRpc({ transport }, { env })
        const outcomes = { answered: 0, failed: 0, aborted: 0, overdue: 0 }
        const caller = async (name: number): Promise<void> => {
          for (let n = 0; n < 20; n++) {
            const key = `${name}.${n}`
            const controller = new AbortController()
            if (env.random.float() < 0.1) env.timers.set(() => controller.abort(), env.random.float() * 20)
            const options = { timeoutMs: 200, signal: controller.signal }
            try {
              const { value } = await rpc.call(ADDRESS, rawGet, rawGetRequest(key), options)
              assert.equal(Buffer.from(value).toString(), key)
              outcomes.answered += 1
            } catch (error) {
              if (hasCode(error, 'ABORTED')) outcomes.aborted += 1
              else if (hasCode(error, 'RPC_TIMEOUT')) outcomes.overdue += 1
              else if (hasCode(error, 'RPC_FAILED')) outcomes.failed += 1
              else throw error
              await delay(env, 20)
            }
          }
        }
        const callers = Promise.all(Array.from({ length: 10 }, (_, name) => caller(name)))
        await env.advance(60_000)
        await callers
        assert.equal(outcomes.answered + outcomes.failed + outcomes.aborted + outcomes.overdue, 200)
        assert.ok(outcomes.answered > 0)
        const pending = rpc.describe().flatMap(({ connections }) => connections.map((c) => c.pendingCalls))
        assert.deepEqual(new Set(pending), new Set([0]))
        await rpc.close()
        await transport.close()
        assert.equal(env.pendingTimers, 0)
        assert.equal(network.callCount, 0)
      }),
      { numRuns: 15 },
    )
  })

  it('waits before it opens a stream again that never brought an answer', async () => {
    let healthy = false
    const { env, service, get } = setUp({}, (call, items) => {
      if (healthy) call.answer(items.map(echoItem))
      else call.stream.destroy()
    })
    await assert.rejects(get('a'))
    await assert.rejects(get('b'))
    assert.equal(service.streams.length, 2)
    await assert.rejects(get('c'))
    assert.equal(service.streams.length, 2, 'the third call fails at once')
    healthy = true
    await env.advance(100)
    assert.equal(await get('d'), 'd')
  })

  it('passes by a connection whose stream fails, until it may be tried again', async () => {
    let healthy = false
    const onConnection = ({ metadata }: BatchCall): string | undefined => metadata['tikv-batch-conn-index']
    const { env, service, get } = setUp({ grpcConnectionCount: 2 }, (call, items) => {
      if (healthy || onConnection(call) === '1') call.answer(items.map(echoItem))
      else call.stream.destroy()
    })
    const inTurn = async (count: number): Promise<(string | undefined)[]> => {
      const before = service.messages.length
      for (let i = 0; i < count; i++) await get('x').catch(() => undefined)
      return service.messages.slice(before).map(({ call }) => onConnection(call))
    }
    // The first failure costs no wait.
    assert.deepEqual(await inTurn(4), ['0', '1', '0', '1'])
    assert.deepEqual(await inTurn(4), ['1', '1', '1', '1'])
    healthy = true
    await env.advance(100)
    assert.deepEqual(await inTurn(2), ['0', '1'])
  })

  it('fails fast with the last failure when no connection is usable', async () => {
    const { env, network, service, get } = setUp({ grpcConnectionCount: 2 })
    network.unregister(ADDRESS)
    const refused = (error: unknown): boolean => statusOf(error) === GrpcStatus.UNAVAILABLE
    for (let i = 0; i < 3; i++) await assert.rejects(get('x'), refused)
    network.register(ADDRESS, service)
    await assert.rejects(get('x'), refused)
    await env.advance(3000)
    assert.equal(await get('x'), 'x')
  })
})
