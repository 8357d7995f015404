import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { getEventListeners } from 'node:events'
import { defined, hasCode, Metrics, silentLogger, TestEnv } from '@orbit-ts/base'
import { TsoResponse, type TsoRequest } from '../gen/pdpb.js'
import { GrpcStatus } from '../rpc/grpc-status.js'
import { rpcError } from '../rpc/rpc-error.js'
import type { Channel, Duplex, DuplexHandlers } from '../rpc/transport.js'
import { createTelemetry } from '../telemetry/telemetry.js'
import { composeTimestamp } from '../timestamp.js'
import { TimestampBatcher, type TimestampBatcherOptions } from './timestamp-batcher.js'

const LEADER = { url: 'http://pd:2379', address: 'pd:2379', secure: false }
const PHYSICAL_MS = 1_000_000

/** A stream as PD would see it, answered by hand. */
class FakeStream implements Duplex<unknown> {
  readonly counts: number[] = []
  readonly bufferedBytes = 0
  cancelled = false
  readonly handlers: DuplexHandlers<TsoResponse>
  readonly #bench: Bench

  constructor(bench: Bench, handlers: DuplexHandlers<TsoResponse>) {
    this.#bench = bench
    this.handlers = handlers
  }

  send(request: unknown): boolean {
    const { count } = request as TsoRequest
    return this.counts.push(count) > 0
  }

  end(): void {
    assert.fail('never ended in order')
  }

  cancel(): void {
    this.cancelled = true
  }

  /** Grants the oldest request what it asked for, or `count`. */
  answer(count = defined(this.counts[0], 'a request')): void {
    this.counts.shift()
    this.#bench.logical += count
    const timestamp = { physical: BigInt(PHYSICAL_MS), logical: BigInt(this.#bench.logical), suffixBits: 0 }
    this.handlers.onMessage(TsoResponse.create({ count, timestamp }))
  }

  fail(status: GrpcStatus, reason = 'broken'): void {
    this.handlers.onEnd(rpcError(status, reason, LEADER.address))
  }
}

class Bench {
  readonly env = new TestEnv()
  readonly streams: FakeStream[] = []
  readonly batcher: TimestampBatcher
  leader: typeof LEADER | undefined = LEADER
  logical = 0
  opensFail = false
  refreshes = 0

  constructor(config: Partial<TimestampBatcherOptions['config']> = {}) {
    const refuse = (): never => assert.fail('only streams are opened')
    const channel: Channel = {
      address: LEADER.address,
      state: 'ready',
      unary: refuse,
      serverStream: refuse,
      duplex: (_method, handlers) =>
        this.#open({
          onMessage: (response) => handlers.onMessage(response as never),
          onEnd: (error) => handlers.onEnd(error),
        }),
      close: refuse,
    }
    const currentLeader = (): typeof LEADER | undefined => this.leader
    this.batcher = new TimestampBatcher({
      env: this.env,
      logger: silentLogger,
      telemetry: createTelemetry(new Metrics(), () => ''),
      caller: {
        header: () => ({ clusterId: 7n, senderId: 0n, callerId: '', callerComponent: '' }),
        leaderTarget: () => this.leader && { endpoint: this.leader, metadata: undefined },
      },
      members: {
        get leader() {
          return currentLeader()
        },
        channel: () => channel,
        refresh: async () => void (this.refreshes += 1),
      },
      config: { pdServerTimeout: 3000, tsoMaxWait: 0, tsoConcurrency: 1, tsoPendingMax: 1000, ...config },
    })
  }

  get stream(): FakeStream {
    return defined(this.streams.at(-1), 'a stream')
  }

  #open(handlers: DuplexHandlers<TsoResponse>): FakeStream {
    if (this.opensFail) throw new Error('no room for a stream')
    const stream = new FakeStream(this, handlers)
    this.streams.push(stream)
    return stream
  }

  /** Calls made now and sent. */
  async ask(count: number, timeoutMs?: number, signal?: AbortSignal): Promise<Promise<bigint>[]> {
    const asked = Array.from({ length: count }, () => this.batcher.get(timeoutMs, signal))
    for (const one of asked) one.catch(() => undefined)
    await this.env.advance(0)
    return asked
  }
}

const at = (logical: number): bigint => composeTimestamp(BigInt(PHYSICAL_MS), BigInt(logical))
const code = (name: Parameters<typeof hasCode>[1]) => (error: unknown) => hasCode(error, name)

async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending')
  return (await Promise.race([promise, Promise.resolve(pending)])) === pending
}

describe('TimestampBatcher', () => {
  it('[S02] gives timestamps in the order of the calls, the last one being what PD named', async () => {
    const bench = new Bench()
    const asked = await bench.ask(3)
    assert.deepEqual(bench.stream.counts, [3])
    bench.stream.answer()
    assert.deepEqual(await Promise.all(asked), [at(1), at(2), at(3)])
  })

  it('sends one request at a time, and all who came meanwhile with the next', async () => {
    const bench = new Bench()
    const first = await bench.ask(1)
    const second = [...(await bench.ask(2)), ...(await bench.ask(3))]
    assert.deepEqual(bench.stream.counts, [1])
    bench.stream.answer()
    assert.deepEqual(bench.stream.counts, [5])
    bench.stream.answer()
    assert.deepEqual(await Promise.all([...first, ...second]), [1, 2, 3, 4, 5, 6].map(at))
  })

  it('matches answers to several requests in flight by their order, over several streams', async () => {
    const bench = new Bench({ tsoConcurrency: 2 })
    const first = await bench.ask(1)
    const second = await bench.ask(2)
    const third = await bench.ask(1)
    const fourth = await bench.ask(3)
    void (await bench.ask(1))
    const [one, other] = bench.streams
    assert.equal(bench.streams.length, 2)
    // Twice the concurrency is in flight, the last one waits.
    assert.deepEqual(
      [one?.counts, other?.counts],
      [
        [1, 1],
        [2, 3],
      ],
    )
    other?.answer()
    one?.answer()
    one?.answer()
    other?.answer()
    assert.deepEqual(await Promise.all(second), [1, 2].map(at))
    assert.deepEqual(await Promise.all([...first, ...third]), [3, 4].map(at))
    assert.deepEqual(await Promise.all(fourth), [5, 6, 7].map(at))
  })

  it('spreads requests over the time that PD takes to answer', async () => {
    const bench = new Bench({ tsoConcurrency: 2 })
    void (await bench.ask(1))
    await bench.env.advance(10)
    bench.stream.answer()
    void (await bench.ask(1))
    void (await bench.ask(1))
    void (await bench.ask(1))
    assert.deepEqual(
      bench.streams.map(({ counts }) => counts),
      [[1]],
    )
    await bench.env.advance(4)
    assert.equal(bench.streams.length, 1)
    await bench.env.advance(1)
    assert.deepEqual(
      bench.streams.map(({ counts }) => counts),
      [[1], [2]],
    )
  })

  it('[S09] goes on with its other streams when one breaks, and asks again for those of that one', async () => {
    const bench = new Bench({ tsoConcurrency: 2 })
    const lost = await bench.ask(1)
    const kept = await bench.ask(1)
    bench.streams[0]?.fail(GrpcStatus.UNAVAILABLE)
    bench.streams[1]?.answer()
    assert.deepEqual(await Promise.all(kept), [at(1)])
    await bench.env.advance(100)
    bench.streams[1]?.answer()
    assert.deepEqual(await Promise.all(lost), [at(2)])
    assert.ok(bench.streams.every(({ cancelled }) => !cancelled))
  })

  it('[S04] takes a smaller timestamp from another stream, but none that was given when it asked', async () => {
    const bench = new Bench({ tsoConcurrency: 2 })
    const slow = await bench.ask(1)
    const fast = await bench.ask(1)
    bench.logical = 5
    bench.streams[1]?.answer()
    assert.deepEqual(await Promise.all(fast), [at(6)])
    bench.logical = 1
    const late = await bench.ask(1)
    bench.streams[0]?.answer()
    assert.deepEqual(await Promise.all(slow), [at(2)])
    bench.streams[1]?.answer()
    await assert.rejects(Promise.all(late), code('TSO_FALLBACK'))
  })

  it('waits for more callers no longer than configured, and not once there are enough', async () => {
    const bench = new Bench({ tsoMaxWait: 5 })
    void (await bench.ask(3))
    assert.equal(bench.streams.length, 0)
    await bench.env.advance(5)
    assert.deepEqual(bench.stream.counts, [3])
    bench.stream.answer()
    void (await bench.ask(3))
    void (await bench.ask(6))
    assert.deepEqual(bench.stream.counts, [9])
  })

  it('[S06] keeps the deadline of a caller that gives less time than those before it', async () => {
    const bench = new Bench()
    const [patient] = await bench.ask(1)
    const [hasty] = await bench.ask(1, 100)
    await bench.env.advance(100)
    await assert.rejects(defined(hasty, 'a call'), code('PD_UNAVAILABLE'))
    assert.ok(await isPending(defined(patient, 'a call')))
    bench.stream.answer()
    assert.equal(await patient, at(1))
  })

  it('keeps the stream when one caller has no more patience', async () => {
    const bench = new Bench()
    const [hasty] = await bench.ask(1, 100)
    const [patient] = await bench.ask(1)
    await bench.env.advance(100)
    await assert.rejects(defined(hasty, 'a call'), code('PD_UNAVAILABLE'))
    bench.stream.answer()
    bench.stream.answer()
    assert.equal(await patient, at(2))
    assert.equal(bench.streams.length, 1)
  })

  it('gives up a stream that hangs although its callers have gone', async () => {
    const bench = new Bench()
    const abort = new AbortController()
    const gone = await bench.ask(1, undefined, abort.signal)
    await bench.env.advance(1000)
    abort.abort(new Error('enough'))
    await assert.rejects(Promise.all(gone), code('ABORTED'))
    const [next] = await bench.ask(1)
    await bench.env.advance(2100)
    assert.equal(bench.streams.length, 2)
    assert.ok(bench.streams[0]?.cancelled)
    bench.stream.answer()
    assert.equal(await next, at(1))
    const abandoned = await bench.ask(1, 1)
    await bench.env.advance(10_000)
    await assert.rejects(Promise.all(abandoned), code('PD_UNAVAILABLE'))
    const [last] = await bench.ask(1)
    await bench.env.advance(100)
    assert.equal(bench.streams.length, 3)
    bench.stream.answer()
    assert.equal(await last, at(2))
  })

  it('notices a hanging stream early, however long its callers would wait', async () => {
    const bench = new Bench()
    const [patient] = await bench.ask(1, 60_000)
    await bench.env.advance(3100)
    assert.equal(bench.streams.length, 2)
    bench.stream.answer()
    assert.equal(await patient, at(1))
  })

  it('[S09] asks again for those of a broken stream, before those who came later', async () => {
    for (const status of [GrpcStatus.UNAVAILABLE, GrpcStatus.INTERNAL, GrpcStatus.UNKNOWN]) {
      const bench = new Bench()
      const first = await bench.ask(2)
      const second = await bench.ask(1)
      bench.stream.fail(status)
      await bench.env.advance(100)
      assert.equal(bench.refreshes, 1)
      assert.deepEqual(bench.stream.counts, [3])
      bench.stream.answer()
      assert.deepEqual(await Promise.all([...first, ...second]), [1, 2, 3].map(at))
    }
  })

  it('[S05] tells at once what no other stream would change', async () => {
    const bench = new Bench()
    const waiting = [...(await bench.ask(1)), ...(await bench.ask(1))]
    bench.stream.fail(GrpcStatus.FAILED_PRECONDITION, 'mismatch cluster id, need 8 but got 7')
    for (const one of waiting) await assert.rejects(one, code('PD_CLUSTER_MISMATCH'))
    const [refused] = await bench.ask(1)
    await bench.env.advance(100)
    bench.stream.fail(GrpcStatus.UNIMPLEMENTED)
    await assert.rejects(defined(refused, 'a call'), code('PD_REFUSED'))
  })

  it('says at the deadline why the stream broke last', async () => {
    const bench = new Bench()
    const [waiting] = await bench.ask(1)
    bench.stream.fail(GrpcStatus.UNKNOWN, 'timestamp in memory is not initialized')
    bench.leader = undefined
    await bench.env.advance(3000)
    await assert.rejects(defined(waiting, 'a call'), (error) => {
      assert.ok(hasCode(error, 'PD_UNAVAILABLE'))
      assert.match(error.message, /within 3000 ms.*leader: none known.*no leader/)
      return true
    })
  })

  it('leaves a stream on which PD answers what was not asked for', async () => {
    const bench = new Bench()
    const [first] = await bench.ask(1)
    bench.stream.answer()
    assert.equal(await first, at(1))
    bench.stream.answer(1)
    assert.ok(bench.streams[0]?.cancelled)
    const [second] = await bench.ask(2)
    await bench.env.advance(100)
    bench.stream.answer(1)
    await bench.env.advance(100)
    assert.equal(bench.streams.length, 3)
    // What a stream says after it was left is not listened to.
    bench.streams[1]?.handlers.onEnd(undefined)
    bench.stream.answer()
    assert.equal(await second, at(4))
  })

  it('[S04] fails all when timestamps go back, and goes on when they are ahead again', async () => {
    const bench = new Bench()
    const before = await bench.ask(5)
    bench.stream.answer()
    await Promise.all(before)
    const waiting = [...(await bench.ask(1)), ...(await bench.ask(1))]
    bench.logical = 3
    bench.stream.answer()
    for (const one of waiting) await assert.rejects(one, code('TSO_FALLBACK'))
    bench.logical = 10
    const [after] = await bench.ask(1)
    bench.stream.answer()
    assert.equal(await after, at(11))
  })

  it('[S09] survives a transport that cannot open a stream', async () => {
    const bench = new Bench()
    bench.opensFail = true
    const [waiting] = await bench.ask(1)
    await bench.env.advance(1000)
    bench.opensFail = false
    await bench.env.advance(100)
    bench.stream.answer()
    assert.equal(await waiting, at(1))
  })

  it('counts only those who wait against the limit', async () => {
    const bench = new Bench({ tsoPendingMax: 2 })
    const abort = new AbortController()
    void (await bench.ask(2, undefined, abort.signal))
    await assert.rejects(bench.batcher.get(undefined, undefined), code('SERVER_BUSY'))
    abort.abort()
    assert.equal(bench.batcher.pending, 0)
    void (await bench.ask(2))
    assert.equal(bench.batcher.pending, 2)
    await assert.rejects(bench.batcher.get(undefined, undefined), code('SERVER_BUSY'))
    await assert.rejects(bench.batcher.get(undefined, AbortSignal.abort()), code('ABORTED'))
  })

  it('takes the deadlines of very many callers', async () => {
    const bench = new Bench({ tsoPendingMax: 300_000 })
    const many = await bench.ask(300_000, 5000)
    await bench.env.advance(4000)
    await bench.env.advance(1000)
    for (const result of await Promise.allSettled(many)) assert.equal(result.status, 'rejected')
    assert.equal(bench.batcher.pending, 0)
  })

  it('leaves nothing behind: no timer when all are answered, no listener, nothing after it is closed', async () => {
    const bench = new Bench()
    const abort = new AbortController()
    const answered = await bench.ask(2, undefined, abort.signal)
    assert.equal(getEventListeners(abort.signal, 'abort').length, 2)
    bench.stream.answer()
    await Promise.all(answered)
    assert.equal(getEventListeners(abort.signal, 'abort').length, 0)
    assert.equal(bench.env.pendingTimers, 0)
    const waiting = [...(await bench.ask(1, undefined, abort.signal)), ...(await bench.ask(1))]
    bench.batcher.close()
    for (const one of waiting) await assert.rejects(one, code('CLIENT_CLOSED'))
    assert.equal(getEventListeners(abort.signal, 'abort').length, 0)
    assert.equal(bench.env.pendingTimers, 0)
    assert.ok(bench.stream.cancelled)
    await assert.rejects(bench.batcher.get(undefined, undefined), code('CLIENT_CLOSED'))
  })

  it('opens no stream while it pauses after a failure, nor after it is closed', async () => {
    const bench = new Bench()
    void (await bench.ask(1))
    bench.stream.fail(GrpcStatus.UNAVAILABLE)
    void (await bench.ask(1))
    assert.equal(bench.streams.length, 1)
    bench.batcher.close()
    await bench.env.advance(1000)
    assert.equal(bench.streams.length, 1)
    assert.equal(bench.env.pendingTimers, 0)
  })
})
