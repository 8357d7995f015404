import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { TestEnv } from '@orbit-ts/base'
import { bootIdentity, isSameBoot } from './boot-identity.js'

describe('boot identity', () => {
  it('stays the same while the machine runs', () => {
    const env = new TestEnv()
    assert.equal(isSameBoot(bootIdentity(env), bootIdentity(env)), true)
    assert.ok(bootIdentity(env).length <= 64)
  })

  it('compares ids exactly and start times with some tolerance', () => {
    assert.equal(isSameBoot('id a', 'id a'), true)
    assert.equal(isSameBoot('id a', 'id b'), false)
    assert.equal(isSameBoot('at 1000000', 'at 1009999'), true)
    assert.equal(isSameBoot('at 1009999', 'at 1000000'), true)
    assert.equal(isSameBoot('at 1000000', 'at 1010000'), false)
    assert.equal(isSameBoot('id 1000000', 'at 1000000'), false)
  })
})
