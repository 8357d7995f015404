import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { delay, TestEnv } from '@orbit-ts/base'
import { BackgroundLoop } from './background-loop.js'

const setup = (run: (env: TestEnv) => unknown) => {
  const env = new TestEnv({ startMs: 0 })
  const startedMs: number[] = []
  const loop = new BackgroundLoop({
    env,
    intervalMs: 10,
    run: () => {
      startedMs.push(env.clock.nowMs())
      return run(env)
    },
  })
  return { env, loop, startedMs }
}

describe('BackgroundLoop', () => {
  it('runs an interval after it last ended', async () => {
    const { env, loop, startedMs } = setup((env) => delay(env, 5))
    loop.start()
    await env.advance(42)
    assert.deepEqual(startedMs, [10, 25, 40])
    const closing = loop.close()
    await env.advance(5)
    await closing
    assert.equal(env.pendingTimers, 0)
  })

  it('runs at once when triggered, and once more when triggered during a run', async () => {
    const { env, loop, startedMs } = setup((env) => delay(env, 5))
    loop.start()
    await env.advance(2)
    loop.trigger()
    await env.advance(2)
    loop.trigger()
    loop.trigger()
    await env.advance(20)
    assert.deepEqual(startedMs, [2, 7, 22])
  })

  it('ends when told so, and by an error', async () => {
    for (const run of [() => true, () => Promise.reject(new Error('x'))]) {
      const { env, loop, startedMs } = setup(run)
      loop.start()
      await env.advance(100)
      assert.deepEqual(startedMs, [10])
      assert.equal(loop.closed, true)
      loop.trigger()
      await env.advance(100)
      assert.equal(startedMs.length, 1)
      assert.equal(env.pendingTimers, 0)
    }
  })
})
