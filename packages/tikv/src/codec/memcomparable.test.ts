import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compareBytes, hasCode, toHex } from '@orbit-ts/base'
import fc from 'fast-check'
import { decodeMemcomparable, encodeMemcomparable } from './memcomparable.js'

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
    fc.assert(
      fc.property(bytes, (key) => assert.deepEqual(decodeMemcomparable(encodeMemcomparable(key)), key)),
    )
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

  it('are refused when damaged', () => {
    for (const hex of [
      '',
      '00',
      '0000000000000000ff',
      '0000000000000000f6',
      '0100000000000000f7',
      '01020304050607f0ff',
    ]) {
      assert.throws(
        () => decodeMemcomparable(Buffer.from(hex, 'hex')),
        (error) => hasCode(error, 'PROTOCOL_VIOLATION'),
      )
    }
  })
})
