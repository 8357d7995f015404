import assert from 'node:assert/strict'
import { runInNewContext } from 'node:vm'
import { describe, it } from 'node:test'
import { OrbitError } from '@orbit-ts/base'
import {
  requireBytes,
  requireChoice,
  requireKey,
  requireKeys,
  requireNumber,
  requireRange,
  requireSignal,
  requireUint64,
} from './require-input.js'

const bytes = new Uint8Array([1])

function refuses(work: () => void, message: RegExp): void {
  assert.throws(work, (error: unknown) => {
    assert.ok(error instanceof OrbitError)
    assert.equal(error.code, 'INVALID_ARGUMENT')
    assert.match(error.message, message)
    assert.doesNotMatch(error.message, /secret/)
    return true
  })
}

describe('input', () => {
  it('that is no bytes is refused without being shown', () => {
    for (const wrong of [
      undefined,
      null,
      'secret',
      5,
      ['secret'],
      {},
      new Uint16Array(2),
      new ArrayBuffer(2),
    ]) {
      refuses(() => requireBytes('value', wrong), /value is .*; give a Uint8Array/)
      refuses(() => requireKey(wrong), /key is /)
      refuses(() => requireKeys([bytes, wrong]), /key is /)
      refuses(() => requireRange({ start: bytes, end: wrong }), /range\.end is /)
    }
    refuses(() => requireKey(new Uint8Array()), /empty/)
    refuses(() => requireKeys('secret'), /keys is string; give an array/)
    refuses(() => requireRange(null), /range is null/)
  })

  it('of another realm is bytes too', () => {
    const foreign: unknown = runInNewContext('new Uint8Array([1])')
    assert.equal(foreign instanceof Uint8Array, false)
    requireKey(foreign)
    requireKey(Buffer.from('k'))
  })

  it('out of its bounds is refused with them', () => {
    for (const wrong of [NaN, -1, '5', 5n, null])
      refuses(() => requireNumber('timeoutMs', wrong, 0, 10), /0 to 10/)
    refuses(() => requireNumber('timeoutMs', Infinity, 0, 10), /Infinity; give a number from 0 to 10/)
    requireNumber('timeoutMs', Infinity, 0)
    requireNumber('timeoutMs', undefined, 1)
    for (const wrong of [-1n, 1n << 64n, 5, null])
      refuses(() => requireUint64('taskId', wrong), /bigint from 0/)
    requireUint64('taskId', (1n << 64n) - 1n)
    refuses(() => requireChoice('replicaRead', 'folower', ['leader', 'follower']), /did you mean "follower"/)
    refuses(() => requireSignal({}), /AbortSignal/)
    requireSignal(AbortSignal.abort())
  })
})
