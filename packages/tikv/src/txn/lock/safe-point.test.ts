import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hasCode, OrbitError, silentLogger, TestEnv } from '@orbit-ts/base'
import { composeTimestamp, MAX_TIMESTAMP } from '../../timestamp.js'
import { TxnSafePoint } from './safe-point.js'

class Bench {
  readonly env = new TestEnv({ startMs: 1_000_000 })
  readonly askedAt: number[] = []
  readonly #closing = new AbortController()
  safePoint = composeTimestamp(500_000, 0)
  fails = false
  readonly cache = new TxnSafePoint({
    env: this.env,
    logger: silentLogger,
    gc: {
      getState: () => {
        this.askedAt.push(this.env.clock.nowMs() - 1_000_000)
        return this.fails
          ? Promise.reject(new OrbitError('PD_UNAVAILABLE', 'down'))
          : Promise.resolve({ txnSafePoint: this.safePoint, gcSafePoint: 0n, barriers: [] })
      },
    },
    intervalMs: 10_000,
    signal: this.#closing.signal,
  })

  close(): void {
    this.#closing.abort()
  }
}

const code = (code: Parameters<typeof hasCode>[1]) => (error: unknown) => hasCode(error, code)

describe('transaction safe point', () => {
  it('[S65] refuses reads that began before it, and only those', async () => {
    const bench = new Bench()
    await bench.cache.start()
    assert.throws(() => bench.cache.checkVisible(bench.safePoint - 1n), code('SNAPSHOT_TOO_OLD'))
    bench.cache.checkVisible(bench.safePoint)
    bench.cache.checkVisible(MAX_TIMESTAMP)
    bench.close()
  })

  it('is asked for every 10 s, after a failure every second, and not after the end', async () => {
    const bench = new Bench()
    await bench.cache.start()
    await bench.env.advance(19_999)
    bench.fails = true
    await bench.env.advance(2001)
    bench.fails = false
    await bench.env.advance(11_500)
    assert.deepEqual(bench.askedAt, [0, 10_000, 20_000, 21_000, 22_000, 23_000, 33_000])
    bench.close()
    assert.equal(bench.env.pendingTimers, 0)
    await bench.env.advance(60_000)
    assert.equal(bench.askedAt.length, 7)
  })

  it('refuses all reads but the latest when it is older than 90 s', async () => {
    const bench = new Bench()
    await bench.cache.start()
    bench.fails = true
    await bench.env.advance(90_000)
    bench.cache.checkVisible(bench.safePoint)
    await bench.env.advance(1)
    assert.throws(() => bench.cache.checkVisible(bench.safePoint), code('PD_UNAVAILABLE'))
    bench.cache.checkVisible(MAX_TIMESTAMP)
    bench.fails = false
    await bench.env.advance(1000)
    bench.cache.checkVisible(bench.safePoint)
    bench.close()
  })

  it('lets reads wait for the first answer', async () => {
    const bench = new Bench()
    const before = bench.cache.firstAsk
    const started = bench.cache.start()
    const asking = bench.cache.firstAsk
    assert.deepEqual([before, asking instanceof Promise], [undefined, true])
    await asking
    assert.equal(bench.cache.value, bench.safePoint)
    await started
    assert.equal(bench.cache.firstAsk, undefined)
    bench.close()
  })

  it('starts when PD is down, and never goes back', async () => {
    const bench = new Bench()
    bench.fails = true
    await bench.cache.start()
    assert.equal(bench.cache.value, 0n)
    bench.cache.checkVisible(1n)
    bench.fails = false
    await bench.env.advance(1000)
    assert.equal(bench.cache.value, bench.safePoint)
    bench.cache.advanceTo(bench.safePoint + 5n)
    await bench.env.advance(10_000)
    assert.equal(bench.cache.value, bench.safePoint + 5n)
    bench.close()
  })
})
