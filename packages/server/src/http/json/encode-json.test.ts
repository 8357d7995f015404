import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hasCode } from '@orbit-ts/base'
import fc from 'fast-check'
import { encodeJson } from './encode-json.js'

const MIB = 1024 * 1024

const tooLarge = (error: unknown): boolean => hasCode(error, 'LIMIT_EXCEEDED')

describe('encodeJson', () => {
  it('accepts exactly what fits', () => {
    assert.equal(encodeJson('x'.repeat(MIB - 2), 1).length, MIB)
    assert.throws(() => encodeJson('x'.repeat(MIB - 1), 1), tooLarge)
    const items = Array<number>(MIB / 2 - 2).fill(1)
    assert.equal(encodeJson([...items, 22], 1).length, MIB)
    assert.throws(() => encodeJson([...items, 333], 1), tooLarge)
    assert.throws(() => encodeJson('é'.repeat(MIB / 2), 1), tooLarge)
  })

  it('gives the text of everything that is small', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        assert.equal(encodeJson(value, 1), JSON.stringify(value))
      }),
    )
    assert.equal(encodeJson({ a: undefined, b: 1 }, 1), '{"b":1}')
  })

  it('refuses what would be larger than any string without making it', () => {
    let value: unknown = 'x'
    for (let level = 0; level < 60; level++) value = level % 2 === 0 ? [value, value] : { a: value, b: value }
    assert.throws(() => encodeJson(value, 1), tooLarge)
    assert.throws(() => encodeJson(Array<string>(10_000).fill('y'.repeat(100_000)), 64), tooLarge)
  })
})
