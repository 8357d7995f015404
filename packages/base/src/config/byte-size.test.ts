import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { hasCode } from '../errors/orbit-error.js'
import { byteSize, parseByteSize } from './byte-size.js'
import type { ParseContext } from './field.js'

const inFile: ParseContext = { text: false, native: false, env: {}, readTextFile: () => '' }

describe('byteSize', () => {
  const field = byteSize({ minBytes: 1024, maxBytes: 4 * 1024 ** 3, default: '64MiB' })
  const parse = (raw: unknown): unknown => {
    const parsed = field.leaf.parse(raw, inFile)
    return parsed.ok ? parsed.value : parsed.message
  }

  it('takes bytes, and text with a unit in any case', () => {
    for (const [raw, bytes] of [
      [2048, 2048],
      ['2048', 2048],
      ['1GB', 1_000_000_000],
      ['1 gib', 1_073_741_824],
      ['1.5KiB', 1536],
      ['2mb', 2_000_000],
    ] as const)
      assert.equal(parse(raw), bytes)
  })

  it('refuses what is out of range or no size', () => {
    const refusal = 'must be a number of bytes or text such as "64MiB" or "1GB", 1KiB to 4GiB'
    for (const raw of [1023, '1023', '5GiB', -1, 2048.5, Number.NaN, 'MiB', '5 parsec', '', true, null])
      assert.equal(parse(raw), refusal)
  })

  it('refuses a default that is no size', () => {
    assert.throws(
      () => byteSize({ default: 'large' }),
      (error) => hasCode(error, 'INVALID_ARGUMENT'),
    )
  })

  it('reads back what it writes', () => {
    const unlimited = byteSize({})
    assert.equal(unlimited.leaf.format(64 * 1024 ** 2), '"64MiB"')
    assert.equal(unlimited.leaf.format(1_000_000_000), '"1GB"')
    assert.equal(unlimited.leaf.format(7), '7')
    fc.assert(
      fc.property(fc.maxSafeNat(), (bytes) => {
        const written: unknown = JSON.parse(unlimited.leaf.format(bytes))
        assert.deepEqual(unlimited.leaf.parse(written, inFile), { ok: true, value: bytes })
      }),
    )
  })
})

it('parseByteSize gives undefined for other text', () => {
  assert.equal(parseByteSize('3KB'), 3000)
  assert.equal(parseByteSize('3XB'), undefined)
  assert.equal(parseByteSize('99999999TiB'), undefined)
})
