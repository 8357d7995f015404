import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { OrbitError, TestEnv } from '@orbit-ts/base'
import { LockWaitClock } from './lock-wait.js'

const ANSWER_WITHIN_MS = 1000

describe('LockWaitClock', () => {
  it('counts down, and then asks the servers not to wait', async () => {
    const env = new TestEnv()
    const wait = new LockWaitClock(env, 100)
    assert.equal(wait.requestTimeout(ANSWER_WITHIN_MS), 100n)
    await env.advance(60)
    assert.equal(wait.requestTimeout(ANSWER_WITHIN_MS), 40n)
    wait.requireTimeLeft('k')
    await env.advance(40)
    assert.equal(wait.requestTimeout(ANSWER_WITHIN_MS), -1n)
    assert.throws(() => wait.requireTimeLeft('k'), failsWith('LOCK_TIMEOUT'))
  })

  it('asks for half of the deadline of a request at most', () => {
    const wait = new LockWaitClock(new TestEnv(), 60_000)
    assert.equal(wait.requestTimeout(ANSWER_WITHIN_MS), 500n)
    assert.equal(wait.requestTimeout(1), 1n)
  })

  it('nowait and a wait of 0 do not wait, always has no end', async () => {
    const env = new TestEnv()
    assert.equal(new LockWaitClock(env, 'nowait').requestTimeout(ANSWER_WITHIN_MS), -1n)
    assert.throws(
      () => new LockWaitClock(env, 'nowait').requireTimeLeft('k'),
      failsWith('LOCK_NOT_AVAILABLE'),
    )
    assert.equal(new LockWaitClock(env, 0).requestTimeout(ANSWER_WITHIN_MS), -1n)
    assert.throws(() => new LockWaitClock(env, 0).requireTimeLeft('k'), failsWith('LOCK_TIMEOUT'))
    const always = new LockWaitClock(env, 'always')
    await env.advance(1_000_000)
    assert.equal(always.requestTimeout(ANSWER_WITHIN_MS), 500n)
    always.requireTimeLeft('k')
  })
})

function failsWith(code: string): (error: unknown) => boolean {
  return (error) => error instanceof OrbitError && error.code === code
}
