import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compareBytes, concatBytes, equalBytes } from '@orbit-ts/base'
import fc from 'fast-check'
import { encodeMemcomparable } from '../codec/memcomparable.js'
import { contains, decodeBound, encodeBound } from './encoded-key.js'

const key = fc.oneof(
  fc.uint8Array({ maxLength: 20 }),
  fc.array(fc.constantFrom(0, 1, 0x7a, 0xff), { maxLength: 20 }).map((bytes) => new Uint8Array(bytes)),
)

/** An encoding, one that was cut short, or one with bytes that do not belong there. */
const cutOrAny = fc.oneof(
  fc.tuple(key, fc.nat(30)).map(([bytes, length]) => encodeMemcomparable(bytes).slice(0, length)),
  fc.tuple(key, key).map(([bytes, more]) => concatBytes(encodeMemcomparable(bytes), more)),
  fc
    .array(fc.constantFrom(0, 1, 0x7a, 0xf6, 0xf7, 0xfe, 0xff), { maxLength: 20 })
    .map((bytes) => new Uint8Array(bytes)),
)

describe('bounds of regions as keys', () => {
  it('come back from their encoding', () => {
    fc.assert(fc.property(key, (bytes) => assert.ok(equalBytes(decodeBound(encodeBound(bytes)), bytes))))
  })

  it('order user keys as the encoded keys are ordered, also when a region is cut within an encoding', () => {
    fc.assert(
      fc.property(cutOrAny, key, (bound, bytes) => {
        const inside = compareBytes(encodeMemcomparable(bytes), bound) >= 0
        assert.equal(compareBytes(bytes, decodeBound(bound)) >= 0, inside)
      }),
      { numRuns: 5000 },
    )
  })

  it('contain their start, and their end only inclusively', () => {
    const bounds = { start: new Uint8Array([1]), end: new Uint8Array([3]) }
    const inside = [0, 1, 2, 3, 4].map((byte) => contains(bounds, new Uint8Array([byte])))
    assert.deepEqual(inside, [false, true, true, false, false])
    assert.equal(contains(bounds, bounds.end, true), true)
    assert.equal(contains({ start: bounds.start, end: new Uint8Array(0) }, new Uint8Array([255])), true)
  })
})
