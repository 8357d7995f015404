import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compareBytes, toHex } from '@orbit-ts/base'
import fc from 'fast-check'
import { encodeMemcomparable, leastKeyFrom } from './memcomparable.js'

const bytes = fc.uint8Array({ maxLength: 40 })

describe('memcomparable keys', () => {
  it('are groups of eight with a marker', () => {
    const vectors: [number[], string][] = [
      [[], '0000000000000000f7'],
      [[1, 2, 3], '0102030000000000fa'],
      [[1, 2, 3, 4, 5, 6, 7, 8], '0102030405060708ff0000000000000000f7'],
      [[1, 2, 3, 4, 5, 6, 7, 8, 9], '0102030405060708ff0900000000000000f8'],
    ]
    for (const [key, hex] of vectors) assert.equal(toHex(encodeMemcomparable(Uint8Array.from(key))), hex)
  })

  it('decode to what they were', () => {
    fc.assert(fc.property(bytes, (key) => assert.deepEqual(leastKeyFrom(encodeMemcomparable(key)), key)))
  })

  it('keep the order, whatever follows them', () => {
    fc.assert(
      fc.property(bytes, bytes, bytes, (a, b, tail) => {
        const order = compareBytes(a, b)
        if (order === 0) return
        const [x, y] = [a, b].map((key) => Buffer.concat([encodeMemcomparable(key), tail]))
        assert.equal(Math.sign(compareBytes(x ?? tail, y ?? tail)), Math.sign(order))
      }),
    )
  })

  it('are bounded by the least key at or above any bytes', () => {
    const vectors: [string, number[]][] = [
      ['', []],
      ['0102030000000000fa', [1, 2, 3]],
      ['0102030405060708ff0000000000000000f7', [1, 2, 3, 4, 5, 6, 7, 8]],
      // A version behind the key, a key that was never encoded, zeros.
      ['0102030000000000faffff', [1, 2, 3, 0]],
      ['010203', [1, 2, 3]],
      ['0102030405060708ff', [1, 2, 3, 4, 5, 6, 7, 8]],
      ['0100000000000000f7', [1]],
      ['0100', [1]],
    ]
    for (const [hex, key] of vectors) assert.deepEqual([...leastKeyFrom(Buffer.from(hex, 'hex'))], key, hex)
  })

  it('lie on the same side of that key as their encodings of the bytes', () => {
    const near = fc.oneof(
      bytes,
      fc
        .array(fc.constantFrom(0, 1, 0xf6, 0xf7, 0xf8, 0xfe, 0xff), { maxLength: 20 })
        .map((of) => Uint8Array.from(of)),
    )
    const cut = fc
      .tuple(near, fc.nat(30), near)
      .map(([key, at, tail]) => Uint8Array.from([...encodeMemcomparable(key).subarray(0, at), ...tail]))
    fc.assert(
      fc.property(fc.oneof(near, cut), near, (bound, key) => {
        const isAbove = compareBytes(encodeMemcomparable(key), bound) >= 0
        assert.equal(compareBytes(key, leastKeyFrom(bound)) >= 0, isAbove)
      }),
      { numRuns: 3000 },
    )
  })
})
