import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  asBuffer,
  compareBytes,
  concatBytes,
  EMPTY_BYTES,
  equalBytes,
  fromBinaryString,
  fromUtf8,
  toBinaryString,
  toHex,
  utf8,
} from './bytes.js'

const bytes = fc.uint8Array({ maxLength: 12 })
const of = (...values: number[]): Uint8Array => Uint8Array.from(values)

describe('compareBytes', () => {
  it('orders as unsigned bytes, a prefix first', () => {
    const sorted = [EMPTY_BYTES, of(0), of(0, 0), of(0, 255), of(1), of(127), of(128), of(255), of(255, 0)]
    const shuffled = [...sorted].reverse().sort(compareBytes)
    assert.deepEqual(shuffled, sorted)
  })

  it('agrees with comparing the binary strings, and with equality', () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        const [x, y] = [toBinaryString(a), toBinaryString(b)]
        assert.equal(Math.sign(compareBytes(a, b)), x < y ? -1 : x > y ? 1 : 0)
        assert.equal(equalBytes(a, b), x === y)
      }),
    )
  })
})

describe('conversions', () => {
  it('binary strings give the bytes back', () => {
    fc.assert(fc.property(bytes, (a) => assert.ok(equalBytes(fromBinaryString(toBinaryString(a)), a))))
  })

  it('utf8 gives the text back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => assert.equal(fromUtf8(utf8(text)), text)),
    )
  })

  it('concatBytes joins, and copies nothing when there is one part', () => {
    fc.assert(
      fc.property(fc.array(bytes), (parts) => {
        assert.equal(toHex(concatBytes(...parts)), parts.map((part) => toHex(part)).join(''))
      }),
    )
    const only = of(1, 2)
    assert.equal(concatBytes(only), only)
  })

  it('asBuffer is a view on the same memory, also of a part', () => {
    const whole = of(1, 2, 3, 4)
    const part = whole.subarray(1, 3)
    const buffer = asBuffer(part)
    assert.deepEqual([...buffer], [2, 3])
    whole[1] = 9
    assert.equal(buffer[0], 9)
    assert.equal(asBuffer(buffer), buffer)
  })

  it('toHex cuts and says so', () => {
    assert.equal(toHex(of(0, 171, 255)), '00abff')
    assert.equal(toHex(of(0, 171, 255), 3), '00abff')
    assert.equal(toHex(of(0, 171, 255), 2), '00ab…')
    assert.equal(toHex(EMPTY_BYTES), '')
  })
})
