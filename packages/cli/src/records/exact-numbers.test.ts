import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { keepExactNumbers } from './exact-numbers.js'

describe('keepExactNumbers', () => {
  it('puts numbers that JavaScript would round into quotes', () => {
    assert.equal(keepExactNumbers('[9007199254740993]'), '["9007199254740993"]')
    assert.equal(keepExactNumbers('[23697357055936810]'), '["23697357055936810"]')
    assert.equal(
      keepExactNumbers('{"a":-1234567890123456789.5,"b":2}'),
      '{"a":"-1234567890123456789.5","b":2}',
    )
    assert.equal(keepExactNumbers('[0.1234567890123456789]'), '["0.1234567890123456789"]')
  })

  it('leaves alone what is exact, and what is text', () => {
    for (const json of [
      '[9007199254740991, 0.1, 1e300, 1234567890.1234567]',
      '{"9007199254740993":"9007199254740993 \\" 9007199254740993"}',
      '[0.1000000000000000]',
    ]) {
      assert.equal(keepExactNumbers(json), undefined, json)
    }
  })

  it('takes long texts', () => {
    const text = JSON.stringify('x"'.repeat(5_000_000))
    assert.equal(keepExactNumbers(`[${text},9007199254740993]`), `[${text},"9007199254740993"]`)
  })

  it('keeps the digits of every 64-bit integer, and every text', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        fc.array(fc.string()),
        (integer, other) => {
          const json = `{"integer":${integer},"other":${JSON.stringify(other)}}`
          const kept = JSON.parse(keepExactNumbers(json) ?? json) as {
            integer: number | string
            other: unknown
          }
          assert.equal(BigInt(kept.integer), integer)
          assert.deepEqual(kept.other, JSON.parse(JSON.stringify(other)))
        },
      ),
    )
  })
})
