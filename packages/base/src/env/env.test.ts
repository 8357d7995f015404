import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hasCode } from '../errors/orbit-error.js'
import { delay } from './env.js'
import { systemEnv } from './system-env.js'
import { TestEnv } from './test-env.js'

describe('delay', () => {
  it('resolves when its time has come, not before', async () => {
    const env = new TestEnv()
    let done = false
    const waiting = delay(env, 100).then(() => (done = true))
    await env.advance(99)
    assert.equal(done, false)
    await env.advance(1)
    assert.equal(done, true)
    await waiting
  })

  it('rejects with ABORTED, the reason of its signal as cause, and leaves no timer behind', async () => {
    const env = new TestEnv()
    const controller = new AbortController()
    const waiting = delay(env, 100, controller.signal)
    const reason = new Error('enough')
    controller.abort(reason)
    const aborted = (error: unknown): boolean => hasCode(error, 'ABORTED') && error.cause === reason
    await assert.rejects(waiting, aborted)
    assert.equal(env.pendingTimers, 0)
    await assert.rejects(delay(env, 100, controller.signal), aborted)
    assert.equal(env.pendingTimers, 0)
  })

  it('takes its listener off the signal once it has resolved', async () => {
    const env = new TestEnv()
    const controller = new AbortController()
    const waiting = delay(env, 5, controller.signal)
    await env.advance(5)
    await waiting
    controller.abort(new Error('late'))
    await waiting
  })
})

describe('TestEnv', () => {
  it('fires timers by due time, then in the order they were set', async () => {
    const env = new TestEnv({ startMs: 0 })
    const fired: string[] = []
    const note = (name: string) => () => fired.push(`${name}@${env.clock.nowMs()}`)
    env.timers.set(note('b'), 20)
    env.timers.set(note('a'), 10)
    env.timers.set(note('c'), 20)
    env.timers.set(note('later'), 31)
    await env.advance(30)
    assert.deepEqual(fired, ['a@10', 'b@20', 'c@20'])
    assert.equal(env.clock.nowMs(), 30)
    assert.equal(env.pendingTimers, 1)
  })

  it('fires timers that timers set, when they fall due on the way', async () => {
    const env = new TestEnv({ startMs: 0 })
    const fired: number[] = []
    const again = (): void => {
      fired.push(env.clock.monotonicMs())
      env.timers.set(again, 10)
    }
    env.timers.set(again, 10)
    await env.advance(35)
    assert.deepEqual(fired, [10, 20, 30])
  })

  it('does not fire a cancelled timer', async () => {
    const env = new TestEnv()
    const timer = env.timers.set(() => assert.fail('fired'), 1)
    timer.cancel()
    timer.cancel()
    await env.advance(10)
    assert.equal(env.pendingTimers, 0)
  })

  it('draws the same numbers from the same seed, and others from another', () => {
    const draw = (seed: number): number[] => {
      const { random } = new TestEnv({ seed })
      return Array.from({ length: 5 }, () => random.float())
    }
    assert.deepEqual(draw(7), draw(7))
    assert.notDeepEqual(draw(7), draw(8))
    assert.ok(draw(7).every((value) => value >= 0 && value < 1))
    assert.equal(new TestEnv().random.bytes(9).byteLength, 9)
  })
})

describe('systemEnv', () => {
  it('has a clock, timers and random bytes', async () => {
    const startMs = systemEnv.clock.monotonicMs()
    await systemEnv.timers.nextTurn()
    await delay(systemEnv, 1)
    assert.ok(systemEnv.clock.monotonicMs() > startMs)
    assert.equal(new Date(systemEnv.clock.nowMs()).getUTCFullYear() >= 2024, true)
    assert.equal(systemEnv.random.bytes(16).byteLength, 16)
    assert.notDeepEqual(systemEnv.random.bytes(16), systemEnv.random.bytes(16))
    const value = systemEnv.random.float()
    assert.ok(value >= 0 && value < 1)
  })

  it('does not fire a cancelled timer', async () => {
    systemEnv.timers.set(() => assert.fail('fired'), 0).cancel()
    await delay(systemEnv, 5)
  })

  it('does not fire a timer early that is set beyond what the runtime can hold', async () => {
    const timers = [2 ** 31, 2 ** 40, Infinity].map((ms) =>
      systemEnv.timers.set(() => assert.fail('fired'), ms),
    )
    await delay(systemEnv, 5)
    for (const timer of timers) timer.cancel()
  })
})
