import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compareText, compareValues, sortsNatively, valuesEqual } from './compare-values.js'

const ASCENDING: readonly unknown[] = [
  '',
  'A',
  'a',
  'aa',
  '\ud7ff',
  '\ue000',
  '\uffff',
  '😀',
  -Infinity,
  -(2n ** 70n),
  -1.5,
  -1n,
  0,
  0.5,
  1n,
  2 ** 53,
  2n ** 53n + 1n,
  1e300,
  Infinity,
  NaN,
  false,
  true,
  new Uint8Array([]),
  new Uint8Array([0]),
  new Uint8Array([0xff]),
  new Date(-1),
  new Date(0),
  [],
  [1],
  [1, 2],
  [2],
  [null],
  {},
  { a: 1 },
  { a: 1, b: 0 },
  { a: 2 },
  { b: 0 },
  null,
]

test('the order of all kinds of values', () => {
  for (const [i, a] of ASCENDING.entries()) {
    for (const [j, b] of ASCENDING.entries()) {
      assert.equal(Math.sign(compareValues(a, b)), Math.sign(i - j), `${i} and ${j}`)
    }
  }
})

test('equal values', () => {
  assert.ok(valuesEqual(5, 5n))
  assert.ok(valuesEqual(0, -0))
  assert.ok(valuesEqual(NaN, NaN))
  assert.ok(valuesEqual(null, undefined))
  assert.ok(valuesEqual({ a: 1, b: [2n] }, { b: [2], a: 1, c: undefined }))
  assert.ok(valuesEqual(new Date(5), new Date(5)))
  assert.ok(valuesEqual(Buffer.from([1]), new Uint8Array([1])))
  assert.ok(!valuesEqual(2 ** 53, 2n ** 53n + 1n))
  assert.ok(!valuesEqual('5', 5))
  assert.ok(!valuesEqual(1, true))
})

const text = fc.string({ unit: 'binary', maxLength: 6 })

test('texts compare as their UTF-8 bytes', () => {
  fc.assert(
    fc.property(text, text, text, (prefix, x, y) => {
      const [a, b] = [prefix + x, prefix + y]
      assert.equal(Math.sign(compareText(a, b)), Buffer.compare(Buffer.from(a), Buffer.from(b)))
    }),
    { numRuns: 1000 },
  )
})

test('sortsNatively tells when `<` gives the same order', () => {
  assert.ok(sortsNatively('Zürich'))
  assert.ok(!sortsNatively('😀'))
  fc.assert(
    fc.property(text, text, (a, b) => {
      if (sortsNatively(a)) assert.equal(Math.sign(compareText(b, a)), b < a ? -1 : b > a ? 1 : 0)
    }),
    { numRuns: 1000 },
  )
})

const anyValue = fc.anything({
  values: [fc.constantFrom(...ASCENDING), fc.double(), fc.bigInt(), text],
  maxDepth: 2,
})

test('the order is total', () => {
  fc.assert(
    fc.property(anyValue, anyValue, anyValue, (a, b, c) => {
      assert.equal(compareValues(a, a), 0)
      assert.equal(Math.sign(compareValues(a, b)), -Math.sign(compareValues(b, a)) + 0)
      const [x, y, z] = [a, b, c].sort(compareValues)
      assert.ok(compareValues(x, y) <= 0 && compareValues(y, z) <= 0 && compareValues(x, z) <= 0)
    }),
    { numRuns: 1000 },
  )
})
