import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compareValues, RANK, rankOf } from '../../filter/compare-values.js'
import { compareIndexed, datumOf, entryKey } from './index-values.js'

const value = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom<unknown>(
    0,
    -0,
    1,
    -1,
    1e300,
    5e-324,
    '',
    '\u0000',
    '\uffff',
    '😀',
    true,
    false,
    null,
    undefined,
    [],
    {},
  ),
)

test('keys sort as values compare', () => {
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 2, maxLength: 2 }),
      fc.array(value, { minLength: 2, maxLength: 2 }),
      (a, b) => {
        const keys = [a, b].map((values) => entryKey(1, 1, values.map(datumOf)))
        const expected = compareIndexed(a[0], b[0]) || compareIndexed(a[1], b[1])
        assert.equal(Buffer.compare(keys[0] ?? Buffer.of(), keys[1] ?? Buffer.of()), Math.sign(expected))
      },
    ),
    { numRuns: 3000 },
  )
})

test('the order is that of values, but for arrays and objects, which are one', () => {
  fc.assert(
    fc.property(value, value, (a, b) => {
      const isComposite = (one: unknown): boolean => rankOf(one) === RANK.array || rankOf(one) === RANK.object
      if (isComposite(a) && isComposite(b)) assert.equal(compareIndexed(a, b), 0)
      else assert.equal(Math.sign(compareIndexed(a, b)), Math.sign(compareValues(a, b)))
    }),
  )
})
