import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareBytes } from '@orbit-ts/base'
import { encodeDatums, type Datum } from '@orbit-ts/storage'
import fc from 'fast-check'
import { compareValues } from '../../../filter/compare-values.js'
import { parseColumnType, type ColumnType } from './column-type.js'
import { comparable, formatValue, keyDatum, storedKind } from './format-value.js'
import { parseValue } from './parse-value.js'
import { VALUES } from './values.test.data.js'

function parsed(type: ColumnType, value: unknown): Datum {
  const datum = parseValue(type, value)
  assert.notEqual(datum.kind, 'mismatch')
  return datum as Datum
}

test('the value of a row is taken back as the same value', () => {
  for (const [name, values] of Object.entries(VALUES)) {
    const type = parseColumnType(name)
    fc.assert(
      fc.property(values, (value) => {
        const datum = parsed(type, value)
        assert.deepEqual(parsed(type, formatValue(type, datum)), datum)
      }),
    )
  }
})

test('a datum is of the kind that rows store', () => {
  for (const [name, values] of Object.entries(VALUES)) {
    const type = parseColumnType(name)
    fc.assert(fc.property(values, (value) => assert.equal(parsed(type, value).kind, storedKind(type))))
  }
})

test('keys sort as the comparable values do, and are equal when those are', () => {
  for (const [name, values] of Object.entries(VALUES)) {
    const type = parseColumnType(name)
    if (type.array === true || type.base === 'json') continue
    fc.assert(
      fc.property(values, values, (a, b) => {
        const [x, y] = [parsed(type, a), parsed(type, b)]
        const byKey = compareBytes(encodeDatums([keyDatum(type, x)]), encodeDatums([keyDatum(type, y)]))
        assert.equal(
          Math.sign(byKey),
          Math.sign(compareValues(comparable(type, x), comparable(type, y))),
          name,
        )
      }),
      { numRuns: 300 },
    )
  }
})

test('numeric values of different scale are one key', () => {
  const type = parseColumnType('numeric')
  assert.deepEqual(keyDatum(type, parsed(type, '1.5')), keyDatum(type, parsed(type, '1.500')))
  assert.equal(formatValue(type, parsed(type, '1.500')), '1.500')
})
