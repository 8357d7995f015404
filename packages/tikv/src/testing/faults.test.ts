import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hasCode } from '@orbit-ts/base'
import { Faults } from './faults.js'

describe('Faults', () => {
  it('refuse a method that TiKV does not have, and name the nearest', () => {
    const faults = new Faults()
    const wrong = (): unknown => faults.add({ method: ['KvGet', 'KvPrewrit'] }, { kind: 'delay', ms: 1 })
    assert.throws(wrong, (error) => {
      assert.ok(hasCode(error, 'INVALID_ARGUMENT') && error instanceof Error)
      assert.match(error.message, /"KvPrewrit" is no method of TiKV; did you mean "KvPrewrite"\?/)
      return true
    })
    assert.throws(
      () => faults.callsOf('kvget'),
      (error) => hasCode(error, 'INVALID_ARGUMENT'),
    )
    assert.equal(faults.add({ method: 'KvGet' }, { kind: 'delay', ms: 1 }).hits, 0)
  })
})
