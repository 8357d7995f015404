import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { utf8 } from '@orbit-ts/base'
import fc from 'fast-check'
import { JSON_DEPTH_MAX, parseJson } from './parse-json.js'

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)

describe('parseJson', () => {
  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const text = JSON.stringify(value)
        fc.pre(!text.includes('__proto__'))
        assert.deepEqual(parseJson(utf8(text)), JSON.parse(text))
      }),
    )
  })

  it('accepts a byte-order mark', () => {
    assert.deepEqual(parseJson(utf8('\ufeff{"a":1}')), { a: 1 })
  })

  it('refuses what is not UTF-8, not JSON, or nothing', () => {
    const refusal = (bytes: Uint8Array, reason: RegExp | string): void =>
      assert.throws(() => parseJson(bytes), { code: 'INVALID_ARGUMENT', reason })
    refusal(Uint8Array.of(0x22, 0xff, 0x22), 'the request body is not valid UTF-8')
    refusal(Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22), 'the request body is not valid UTF-8')
    refusal(utf8('{"a":'), /^the request body is not JSON: /)
    refusal(utf8('{"a":NaN}'), /^the request body is not JSON: /)
    refusal(new Uint8Array(0), 'the request body is empty; it must be JSON')
  })

  it('refuses what is nested too deep, however deep', () => {
    assert.deepEqual(JSON.stringify(parseJson(utf8(nested(JSON_DEPTH_MAX)))), nested(JSON_DEPTH_MAX))
    for (const depth of [JSON_DEPTH_MAX + 1, 1_000_000]) {
      assert.throws(() => parseJson(utf8(nested(depth))), {
        code: 'INVALID_ARGUMENT',
        reason: `the request body is nested deeper than ${JSON_DEPTH_MAX} levels`,
      })
    }
  })

  it('refuses a key that could be taken for a prototype, however it is written', () => {
    for (const text of ['{"__proto__":{}}', '[{"a":{"\\u005f_proto__":1}}]']) {
      assert.throws(() => parseJson(utf8(text)), { code: 'INVALID_ARGUMENT', reason: /"__proto__"/ })
    }
  })
})
