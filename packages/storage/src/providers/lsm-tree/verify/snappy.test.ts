import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { uncompressSnappy } from './snappy.js'

const text = (compressed: number[]): string => uncompressSnappy(Buffer.from(compressed)).toString('latin1')
const letters = (word: string): number[] => [...Buffer.from(word, 'latin1')]

describe('uncompressSnappy', () => {
  it('restores literals', () => {
    assert.equal(text([0]), '')
    assert.equal(text([5, 4 << 2, ...letters('orbit')]), 'orbit')
    const long = 'x'.repeat(300)
    assert.equal(text([0xac, 0x02, 61 << 2, 299 & 0xff, 299 >> 8, ...letters(long)]), long)
  })

  it('restores copies, also such that overlap what they write', () => {
    assert.equal(text([8, 3 << 2, ...letters('abcd'), 0x01, 4]), 'abcdabcd')
    assert.equal(text([9, 0 << 2, ...letters('z'), (7 << 2) | 2, 1, 0]), 'zzzzzzzzz')
    assert.equal(text([6, 2 << 2, ...letters('abc'), (2 << 2) | 3, 3, 0, 0, 0]), 'abcabc')
    assert.equal(text([5, 0, ...letters('a'), 0x01, 1]), 'aaaaa')
  })

  it('takes far offsets', () => {
    const far = 'abcd' + 'x'.repeat(1000)
    const compressed = [
      0xf0,
      0x07,
      61 << 2,
      1003 & 0xff,
      1003 >> 8,
      ...letters(far),
      (3 << 2) | 2,
      1004 & 0xff,
      1004 >> 8,
    ]
    assert.equal(text(compressed), `${far}abcd`)
  })

  it('refuses what is no compressed text', () => {
    for (const compressed of [
      [],
      [5],
      [5, 4 << 2, ...letters('orb')],
      [4, 4 << 2, ...letters('orbit')],
      [6, 4 << 2, ...letters('orbit')],
      [8, 3 << 2, ...letters('abcd'), 0x01, 5],
      [8, 3 << 2, ...letters('abcd'), 0x01, 0],
      [6, 3 << 2, ...letters('abcd'), 0x01, 4],
    ]) {
      assert.throws(() => uncompressSnappy(Buffer.from(compressed)), RangeError, compressed.join(' '))
    }
  })

  it('ends on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        // The length in front says how much memory is taken.
        const compressed = Buffer.concat([Buffer.of(40), bytes])
        try {
          assert.equal(uncompressSnappy(compressed).byteLength, 40)
        } catch (error) {
          assert.ok(error instanceof RangeError)
        }
      }),
    )
  })
})
