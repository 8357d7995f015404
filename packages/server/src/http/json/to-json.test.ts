import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { toJson } from './to-json.js'

describe('toJson', () => {
  it('gives JSON values back as they are, without a copy', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        assert.equal(toJson(value), value)
      }),
    )
  })

  it('writes what JSON does not have', () => {
    const value = {
      big: 2n ** 63n,
      bytes: Buffer.from([0, 255]),
      none: new Uint8Array(0),
      at: new Date(0),
      vector: Float32Array.of(0.5, -1),
      numbers: [Number.NaN, Infinity, -Infinity, -0],
    }
    assert.deepEqual(JSON.parse(JSON.stringify(toJson(value))), {
      big: '9223372036854775808',
      bytes: '\\x00ff',
      none: '\\x',
      at: '1970-01-01T00:00:00.000Z',
      vector: [0.5, -1],
      numbers: ['NaN', 'Infinity', '-Infinity', 0],
    })
    assert.equal(value.big, 2n ** 63n)
  })

  it('keeps what is beside, at any depth, and a key that is called __proto__', () => {
    const inner = JSON.parse('{"__proto__": 1, "kept": {"a": []}}') as Record<string, unknown>
    const outer = { list: [1, { ...inner, n: 1n }] }
    assert.equal(JSON.stringify(toJson(outer)), '{"list":[1,{"__proto__":1,"kept":{"a":[]},"n":"1"}]}')
    const poisoned = Object.defineProperty({ a: 1 }, '__proto__', {
      value: 7n,
      enumerable: true,
      configurable: true,
    })
    assert.equal(JSON.stringify(toJson(poisoned)), '{"a":1,"__proto__":"7"}')
  })
})
