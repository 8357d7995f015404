import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { TestEnv } from '@orbit-ts/base'
import { composeTimestamp, physicalMs } from '../timestamp.js'
import { LowResolutionClock } from './low-resolution-clock.js'

describe('LowResolutionClock', () => {
  it('fetches once for all who ask, and again when the last one is too old', async () => {
    const env = new TestEnv()
    let fetched = 0
    const clock = new LowResolutionClock(env, 2000, () => Promise.resolve(BigInt(++fetched)))
    assert.deepEqual(await Promise.all([clock.now(), clock.now(), clock.now()]), [1n, 1n, 1n])
    await env.advance(1999)
    assert.equal(await clock.now(), 1n)
    await env.advance(1)
    assert.equal(await clock.now(), 2n)
  })

  it('tells all who asked that it failed, and asks anew the next time', async () => {
    const env = new TestEnv()
    let fetched = 0
    const clock = new LowResolutionClock(env, 2000, () => {
      fetched += 1
      return fetched === 1 ? Promise.reject(new Error('no PD')) : Promise.resolve(5n)
    })
    const [first, second] = await Promise.allSettled([clock.now(), clock.now()])
    assert.deepEqual([first.status, second.status, fetched], ['rejected', 'rejected', 1])
    assert.equal(await clock.now(), 5n)
  })

  it('never goes back, whatever it is told', async () => {
    const env = new TestEnv()
    const clock = new LowResolutionClock(env, 2000, () => Promise.resolve(4n))
    clock.observe(9n)
    clock.observe(3n)
    assert.equal(await clock.now(), 9n)
    await env.advance(2000)
    assert.equal(await clock.now(), 9n, 'what was fetched late is older')
  })

  it('reckons with the time since the last fetch', async () => {
    const env = new TestEnv()
    const clock = new LowResolutionClock(env, 2000, () => Promise.resolve(composeTimestamp(100_000, 7)))
    assert.equal(physicalMs(await clock.ago(30_000)), 70_000)
    await env.advance(500)
    assert.equal(await clock.ago(30_000), composeTimestamp(70_500, 0))
  })
})
