import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareBytes } from '@orbit-ts/base'
import { NULL_DATUM, encodeDatums, indexRange, type Datum, type IndexBounds } from '@orbit-ts/storage'
import fc from 'fast-check'
import type { BoundValue } from '../../../filter/analyze-filter.js'
import { compareValues } from '../../../filter/compare-values.js'
import { parseColumnType, type ColumnType } from '../types/column-type.js'
import { comparable, keyDatum } from '../types/format-value.js'
import { parseValue } from '../types/parse-value.js'
import { VALUES } from '../types/values.test.data.js'
import { filterValue } from './filter-value.js'
import { indexBound, pointDatum } from './index-bound.js'

const digits = fc
  .tuple(fc.integer({ min: -200_000, max: 200_000 }), fc.integer({ min: 0, max: 99_999 }))
  .map(([a, b]) => `${a}.${b}`)

/** Literals to compare with, also such as the column cannot hold. */
const LITERALS: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  ...VALUES,
  int2: fc.oneof(
    fc.integer({ min: -40_000, max: 40_000 }),
    fc.double(),
    fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
  ),
  int4: fc.oneof(fc.integer(), fc.double()),
  int8: fc.oneof(
    fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }),
    fc.double(),
    fc.constantFrom(Infinity, -Infinity),
  ),
  'numeric(8,3)': fc.oneof(
    digits,
    fc.double().map(String),
    fc.constantFrom('NaN', 'Infinity', '-Infinity', '99999.9995', '-0.0004'),
  ),
  'varchar(20)': fc.string({ unit: 'binary-ascii', maxLength: 30 }).filter((text) => !text.includes('\0')),
  'char(12)': fc.string({ unit: 'grapheme-ascii', maxLength: 14 }),
}

const TYPES = Object.keys(VALUES)
  .map((name) => ({ name, type: parseColumnType(name) }))
  .filter(({ type }) => type.array !== true && type.base !== 'json')

function isWithin(type: ColumnType, stored: Datum, bounds: IndexBounds, descending: boolean): boolean {
  const { start, end } = indexRange(Uint8Array.of(7), { ...bounds, descending: [descending] })
  const key = Buffer.concat([Uint8Array.of(7), encodeDatums([keyDatum(type, stored)], [descending])])
  return (
    (start === undefined || compareBytes(key, start) >= 0) &&
    (end === undefined || compareBytes(key, end) < 0)
  )
}

test('a bound lets through exactly the stored values that compare so', () => {
  for (const { name, type } of TYPES) {
    const values = VALUES[name] ?? fc.constant(null)
    fc.assert(
      fc.property(
        values,
        LITERALS[name] ?? values,
        fc.boolean(),
        fc.boolean(),
        fc.boolean(),
        (value, given, isLower, inclusive, descending) => {
          const stored = parseValue(type, value)
          assert(stored.kind !== 'mismatch')
          const literal = filterValue(type, given, 'test') as BoundValue
          const edge = indexBound(type, { value: literal, inclusive }, isLower ? 'lower' : 'upper')
          const order = compareValues(comparable(type, stored), literal) * (isLower ? 1 : -1)
          const expected = order > 0 || (inclusive && order === 0)
          const actual =
            edge !== 'none' && isWithin(type, stored, isLower ? { lower: edge } : { upper: edge }, descending)
          assert.equal(actual, expected, name)
          assert.equal(
            edge !== 'none' &&
              isWithin(type, NULL_DATUM, isLower ? { lower: edge } : { upper: edge }, descending),
            false,
          )
        },
      ),
      { numRuns: 400 },
    )
  }
})

test('a point is where exactly the equal values are', () => {
  for (const { name, type } of TYPES) {
    const values = VALUES[name] ?? fc.constant(null)
    fc.assert(
      fc.property(values, fc.oneof(values, LITERALS[name] ?? values), (value, given) => {
        const stored = parseValue(type, value)
        assert(stored.kind !== 'mismatch')
        for (const some of [given, value]) {
          const literal = filterValue(type, some, 'test') as BoundValue
          const point = pointDatum(type, literal)
          const isEqual: boolean = compareValues(comparable(type, stored), literal) === 0
          const isFound: boolean =
            point !== undefined &&
            compareBytes(encodeDatums([point]), encodeDatums([keyDatum(type, stored)])) === 0
          assert.equal(isFound, isEqual, name)
        }
      }),
      { numRuns: 200 },
    )
  }
})
