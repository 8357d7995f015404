import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { testScalarContext } from '../scalar-context.test.data.js'
import { int2vector, int4Array, numericArray, oidvector, textArray } from '../types/system-types.js'
import { binaryOf, checkFacts, outcome } from '../types/text-facts.test.data.js'
import { arrayFacts } from './array-facts.test.data.js'
import { SqlArray } from './sql-array.js'

const context = testScalarContext()
const ints = (text: string): SqlArray => int4Array.parse(text, -1, context) as SqlArray

describe('arrays', () => {
  it('are read and written as PostgreSQL does', () => {
    checkFacts(arrayFacts)
  })

  it('come back from their text and their bytes, whatever they hold', () => {
    const elements = fc.array(fc.option(fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0'))))
    fc.assert(
      fc.property(elements, (values) => {
        const array = new SqlArray(values)
        const text = textArray.format(array, context)
        assert.deepEqual(textArray.parse(text, -1, context), array)
        const bytes = Buffer.from(binaryOf(textArray, array, context), 'hex')
        assert.deepEqual(textArray.decode(bytes, -1, context), array)
      }),
    )
  })

  it('are ordered by elements, null last, then by their number and dimensions', () => {
    const order = ['{}', '{1}', '[2:2]={1}', '{1,2}', '{{1,2}}', '{1,NULL}', '{2}', '{NULL}']
    const sorted = order.toReversed().sort((a, b) => int4Array.compare?.(ints(a), ints(b), undefined) ?? 0)
    assert.deepEqual(sorted, order)
  })

  it('have keys that are equal for equal arrays only', () => {
    const key = (text: string): unknown => int4Array.hashKey?.(ints(text))
    assert.equal(key('{1,2}'), key(' { 1, 2 } '))
    assert.notEqual(key('{1,2}'), key('{12}'))
    assert.notEqual(key('{1,2}'), key('{{1,2}}'))
    assert.notEqual(key('{1,2}'), key('[0:1]={1,2}'))
    const numerics = (text: string): unknown => numericArray.hashKey?.(numericArray.parse(text, -1, context))
    assert.equal(numerics('{1.0,2.50}'), numerics('{1,2.5}'))
  })

  it('refuse bytes of another element type, and sizes that are not there', () => {
    const decode = (hex: string): string =>
      outcome(() => int4Array.format(int4Array.decode(Buffer.from(hex, 'hex'), -1, context), context))
    assert.equal(
      decode('000000010000000000000019000000010000000100000001' + '61'),
      'ERR 42804 binary data has array element type 25 instead of expected 23 (integer)',
    )
    assert.match(decode('0000000100000000000000177fffffff00000001'), /^ERR 22P03 /)
    assert.match(decode('0000000700000000000000177fffffff00000001'), /^ERR 54000 /)
    assert.match(decode('0000'), /^ERR 08P01 /)
  })

  it('count vectors of the catalog from zero', () => {
    const value = int2vector.parse('1 2', -1, context) as SqlArray
    assert.deepEqual(value.dimensions, [{ length: 2, lower: 0 }])
    assert.equal(
      binaryOf(int2vector, value, context),
      '0000000100000000000000150000000200000000000000020001000000020002',
    )
    assert.equal(oidvector.format(oidvector.parse(' 7  8', -1, context), context), '7 8')
  })
})
