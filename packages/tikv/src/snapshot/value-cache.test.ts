import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { utf8 } from '@orbit-ts/base'
import { ValueCache } from './value-cache.js'

describe('ValueCache', () => {
  it('tells a key without a value from one that was not read', () => {
    const cache = new ValueCache(1000)
    cache.set(utf8('a'), undefined)
    assert.deepEqual(cache.get(utf8('a'), true), { found: undefined })
    assert.equal(cache.get(utf8('b'), false), undefined)
  })

  it('does not know the commit timestamp of what was read without', () => {
    const cache = new ValueCache(1000)
    cache.set(utf8('a'), { value: utf8('1'), commitTs: 0n })
    assert.equal(cache.get(utf8('a'), true), undefined)
    assert.equal(cache.get(utf8('a'), false)?.found?.commitTs, 0n)
    cache.set(utf8('a'), { value: utf8('1'), commitTs: 5n })
    assert.equal(cache.get(utf8('a'), true)?.found?.commitTs, 5n)
  })

  it('drops the oldest when the memory is used up, and keeps nothing that is larger than all of it', () => {
    const cache = new ValueCache(250)
    for (const key of ['a', 'b', 'c']) cache.set(utf8(key), { value: utf8('1'), commitTs: 0n })
    assert.equal(cache.get(utf8('a'), false), undefined)
    assert.ok(cache.get(utf8('b'), false) !== undefined && cache.get(utf8('c'), false) !== undefined)
    cache.set(utf8('d'), { value: new Uint8Array(1000), commitTs: 0n })
    assert.equal(cache.get(utf8('d'), false), undefined)
    assert.ok(cache.bytes <= 250)
  })

  it('does not keep the message that a small value came in', () => {
    const cache = new ValueCache(1000)
    const message = new Uint8Array(100_000).fill(7)
    cache.set(utf8('a'), { value: message.subarray(10, 20), commitTs: 0n })
    const value = cache.get(utf8('a'), false)?.found?.value
    assert.deepEqual(value, new Uint8Array(10).fill(7))
    assert.equal(value?.buffer.byteLength, 10)
  })

  it('copies the small values of one message into one piece of memory', () => {
    const cache = new ValueCache(1000)
    const message = new Uint8Array(100_000).map((_, at) => at)
    const whole = new Uint8Array(5).fill(9)
    cache.setAll(
      ['a', 'b', 'c', 'd'].map((key) => utf8(key)),
      [
        { value: message.subarray(1, 4), commitTs: 7n },
        undefined,
        { value: whole, commitTs: 8n },
        { value: message.subarray(7, 9), commitTs: 9n },
      ],
    )
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((key) => cache.get(utf8(key), true)?.found)
    assert.deepEqual(a, { value: Uint8Array.of(1, 2, 3), commitTs: 7n })
    assert.equal(b, undefined)
    assert.equal(c?.value, whole)
    assert.deepEqual(d, { value: Uint8Array.of(7, 8), commitTs: 9n })
    assert.equal(a?.value.buffer, d?.value.buffer)
    assert.equal(a?.value.buffer.byteLength, 5)
  })

  it('keeps nothing without memory', () => {
    const cache = new ValueCache(0)
    cache.setAll([utf8('a')], [{ value: utf8('1'), commitTs: 0n }])
    assert.equal(cache.get(utf8('a'), false), undefined)
  })
})
