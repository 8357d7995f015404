import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compareBytes, concatBytes, EMPTY_BYTES, toHex, utf8 } from '@orbit-ts/base'
import fc from 'fast-check'
import { TikvKeys } from './tikv-keys.js'

const someKey = fc
  .array(fc.constantFrom(0, 1, 2, 0x3a, 0x61, 0xff), { maxLength: 5 })
  .map((bytes) => Uint8Array.from(bytes))
const someNamespace = fc.constantFrom(undefined, 'a', 'ab', 'a.b')

describe('TikvKeys', () => {
  test('keeps the order, gives every key back, and is never empty', () => {
    fc.assert(
      fc.property(someNamespace, someKey, someKey, (namespace, a, b) => {
        const keys = new TikvKeys(namespace)
        const [left, right] = [keys.encode(a), keys.encode(b)]
        assert.equal(Math.sign(compareBytes(left, right)), Math.sign(compareBytes(a, b)))
        assert.equal(toHex(keys.decode(left)), toHex(a))
        assert.ok(left.byteLength > 0 && left.byteLength <= a.byteLength + keys.overheadBytes)
      }),
    )
  })

  test('ranges hold the keys inside, never a mark', () => {
    fc.assert(
      fc.property(someNamespace, someKey, someKey, someKey, (namespace, start, end, key) => {
        const keys = new TikvKeys(namespace)
        const holds = (range: { start: Uint8Array; end: Uint8Array }, encoded: Uint8Array): boolean =>
          compareBytes(range.start, encoded) <= 0 &&
          (range.end.byteLength === 0 || compareBytes(encoded, range.end) < 0)
        const inside = compareBytes(start, key) <= 0 && compareBytes(key, end) < 0
        assert.equal(holds(keys.range({ start, end }), keys.encode(key)), inside)
        assert.ok(holds(keys.range({}), keys.encode(key)))
        assert.ok(!holds(keys.range({}), keys.mark(key)))
        assert.ok(keys.has(keys.encode(key)))
        assert.ok(!keys.has(keys.mark(key)))
      }),
    )
  })

  test('bounds of regions part the keys as they part the encoded ones', () => {
    const bound = fc.oneof(
      someKey,
      fc
        .tuple(fc.constantFrom('', 'a:', 'a.b:', 'ab:', 'a', 'b'), someKey)
        .map(([prefix, key]) => concatBytes(utf8(prefix), key)),
    )
    fc.assert(
      fc.property(someNamespace, bound, someKey, (namespace, encoded, key) => {
        const keys = new TikvKeys(namespace)
        const isBehind = compareBytes(keys.encode(key), encoded) >= 0
        const { end: last } = keys.range({})
        if (last.byteLength === 0 || compareBytes(encoded, last) < 0)
          assert.equal(compareBytes(key, keys.decodeStart(encoded)) >= 0, isBehind)
        const end = keys.decodeEnd(encoded)
        if (encoded.byteLength === 0) assert.deepEqual(end, EMPTY_BYTES)
        else if (end === undefined) assert.ok(isBehind)
        else assert.equal(end.byteLength > 0 && compareBytes(key, end) >= 0, isBehind)
      }),
    )
  })

  test('no namespace holds the keys of another one', () => {
    const [one, other] = [new TikvKeys('a'), new TikvKeys('ab')]
    assert.ok(!one.has(other.encode(utf8('key'))))
    assert.ok(!other.has(one.encode(utf8('b:key'))))
  })

  test('without a namespace a key is what it was', () => {
    const key = utf8('t1_r2')
    assert.equal(new TikvKeys(undefined).encode(key), key)
  })
})
