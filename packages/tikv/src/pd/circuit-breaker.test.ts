import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hasCode, TestEnv } from '@orbit-ts/base'
import { CircuitBreaker } from './circuit-breaker.js'

const FAILED = new Error('failed')
const isFailure = (error: unknown): boolean => error === FAILED
const succeed = (): Promise<string> => Promise.resolve('done')
const fail = (): Promise<string> => Promise.reject(FAILED)

async function run(breaker: CircuitBreaker, call: () => Promise<string>, times: number): Promise<void> {
  for (let i = 0; i < times; i++) await breaker.run(call, isFailure).catch(() => undefined)
}

/** A breaker that just opened. */
async function opened(env: TestEnv): Promise<CircuitBreaker> {
  const breaker = new CircuitBreaker(env, 50)
  await run(breaker, succeed, 150)
  await run(breaker, fail, 150)
  await env.advance(30_000)
  await assert.rejects(breaker.run(succeed, isFailure), (error) => hasCode(error, 'PD_UNAVAILABLE'))
  assert.equal(breaker.state, 'open')
  return breaker
}

/** Calls whose outcomes the test decides. */
function pendingCall(): { call: () => Promise<string>; resolve: () => void; reject: () => void } {
  let resolve = (): void => undefined
  let reject = (): void => undefined
  const promise = new Promise<string>((onDone, onFailed) => {
    resolve = () => onDone('done')
    reject = () => onFailed(FAILED)
  })
  return { call: () => promise, resolve, reject }
}

describe('CircuitBreaker', () => {
  it('lets everything pass when it is turned off', async () => {
    const env = new TestEnv()
    const breaker = new CircuitBreaker(env, 0)
    await run(breaker, fail, 1000)
    await env.advance(60_000)
    assert.equal(await breaker.run(succeed, isFailure), 'done')
    assert.equal(breaker.state, 'closed')
  })

  it('opens after a window with enough calls and failures, and not before', async () => {
    const env = new TestEnv()
    const breaker = new CircuitBreaker(env, 50)
    await run(breaker, fail, 299)
    await env.advance(30_000)
    assert.equal(await breaker.run(succeed, isFailure), 'done', 'fewer than 10 calls a second')
    await run(breaker, fail, 149)
    await run(breaker, succeed, 150)
    await env.advance(30_000)
    assert.equal(await breaker.run(succeed, isFailure), 'done', 'fewer failures than half')
    await opened(env)
  })

  it('refuses without a call while it is open, and tries again after 10 s', async () => {
    const env = new TestEnv()
    const breaker = await opened(env)
    await env.advance(9999)
    await assert.rejects(
      breaker.run(() => assert.fail('called'), isFailure),
      (error) => hasCode(error, 'PD_UNAVAILABLE'),
    )
    await env.advance(1)
    assert.equal(await breaker.run(succeed, isFailure), 'done')
    assert.equal(breaker.state, 'half-open')
  })

  it('closes when ten trials have succeeded, not when ten have begun', async () => {
    const env = new TestEnv()
    const breaker = await opened(env)
    await env.advance(10_000)
    const trials = Array.from({ length: 10 }, pendingCall)
    const running = trials.map(({ call }) => breaker.run(call, isFailure).catch(() => 'failed'))
    await assert.rejects(breaker.run(succeed, isFailure), (error) => hasCode(error, 'PD_UNAVAILABLE'))
    for (const { resolve } of trials.slice(1)) resolve()
    await Promise.all(running.slice(1))
    assert.equal(breaker.state, 'half-open')
    trials[0]?.resolve()
    await running[0]
    assert.equal(breaker.state, 'closed')
  })

  it('opens again with the first trial that fails', async () => {
    const env = new TestEnv()
    const breaker = await opened(env)
    await env.advance(10_000)
    await run(breaker, succeed, 9)
    await run(breaker, fail, 1)
    assert.equal(breaker.state, 'open')
  })

  it('does not count what began before the trials', async () => {
    const env = new TestEnv()
    const breaker = new CircuitBreaker(env, 50)
    const slow = [pendingCall(), pendingCall()]
    const running = slow.map(({ call }) => breaker.run(call, isFailure).catch(() => 'failed'))
    await run(breaker, fail, 300)
    await env.advance(30_000)
    await run(breaker, succeed, 1)
    await env.advance(10_000)
    await run(breaker, succeed, 9)
    slow[0]?.resolve()
    slow[1]?.reject()
    await Promise.all(running)
    assert.equal(breaker.state, 'half-open')
    await run(breaker, succeed, 1)
    assert.equal(breaker.state, 'closed')
  })
})
