import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SqlArray } from '../array/sql-array.js'
import { RecordValue } from '../record-value.js'
import { testScalarContext } from '../scalar-context.test.data.js'
import { makeArrayType } from './array-type.js'
import { makeEnumType } from './enum-type.js'
import { makeCompositeType } from './record-types.js'
import { int4, int4Array, json, numeric, record, text, vector } from './system-types.js'
import { binaryOf, outcome } from './text-facts.test.data.js'

const context = testScalarContext()
const mood = makeEnumType({ oid: 16_384, name: 'mood', labels: ['sad', 'ok', 'happy'] })
const field = (name: string, scalar: typeof int4): RecordValue['fields'][number] => ({
  name,
  type: { scalar, modifier: -1 },
})
const thing = makeCompositeType({
  oid: 16_390,
  name: 'thing',
  fields: [field('a', int4), field('b', text), field('c', numeric)],
})

describe('enums', () => {
  it('take their labels only, in their order', () => {
    assert.equal(mood.parse('ok', -1, context), 'ok')
    assert.equal(
      outcome(() => mood.parse('OK', -1, context)),
      'ERR 22P02 invalid input value for enum mood: "OK"',
    )
    const labels = ['happy', 'ok', 'sad']
    assert.deepEqual(
      labels.toSorted((a, b) => mood.compare?.(a, b, undefined) ?? 0),
      ['sad', 'ok', 'happy'],
    )
    assert.equal(binaryOf(mood, 'ok', context), Buffer.from('ok').toString('hex'))
    assert.equal(mood.decode(Buffer.from('sad'), -1, context), 'sad')
  })

  it('have arrays', () => {
    const moods = makeArrayType(mood, { oid: 16_385 })
    assert.deepEqual([moods.name, moods.displayName, moods.category], ['_mood', 'mood[]', 'A'])
    assert.deepEqual(moods.parse('{ok,sad}', -1, context), new SqlArray(['ok', 'sad']))
  })
})

describe('records', () => {
  const rows: readonly (readonly [input: string, output: string])[] = [
    ['(1,2,3)', '(1,2,3)'],
    ['(,,)', '(,,)'],
    ['(1,"a ""b\\" c",)', '(1,"a ""b"" c",)'],
    [' ( 1 , b , 2 ) ', '(1," b ",2)'],
    ['(1,"a"b,2)', '(1,ab,2)'],
    ['(1,a\\,b,3)', '(1,"a,b",3)'],
    ['(1,"",3)', '(1,"",3)'],
  ]
  const refused: readonly (readonly [input: string, detail: string])[] = [
    ['(1,2)', 'Too few columns.'],
    ['(1,2,3,4)', 'Too many columns.'],
    ['1,2', 'Missing left parenthesis.'],
    ['(1,2,3)x', 'Junk after right parenthesis.'],
    ['(1,2,3', 'Unexpected end of input.'],
  ]

  it('are read and written as PostgreSQL does', () => {
    for (const [input, output] of rows) {
      assert.equal(thing.format(thing.parse(input, -1, context), context), output)
    }
    for (const [input, detail] of refused) {
      assert.equal(
        outcome(() => thing.format(thing.parse(input, -1, context), context)),
        `ERR 22P02 malformed record literal: "${input}" D:${detail}`,
      )
    }
    const values = [1, 'a b', '', null, 'x"y', 'p\\q', '(z', new SqlArray([1, 2])]
    const fields = values.map((value, index) =>
      field(`f${index + 1}`, value instanceof SqlArray ? int4Array : index === 0 ? int4 : text),
    )
    assert.equal(
      record.format(new RecordValue(fields, values), context),
      '(1,"a b","",,"x""y","p\\\\q","(z","{1,2}")',
    )
  })

  it('have the bytes that PostgreSQL gives them', () => {
    const fields = [field('f1', int4), field('f2', text), field('f3', int4)]
    const value = new RecordValue(fields, [1, 'a', null])
    const bytes = '0000000300000017000000040000000100000019000000016100000017ffffffff'
    assert.equal(binaryOf(record, value, context), bytes)
    const type = makeCompositeType({ oid: 16_391, name: 'other', fields })
    assert.deepEqual(type.decode(Buffer.from(bytes, 'hex'), -1, context), value)
    assert.match(
      outcome(() => thing.decode(Buffer.from(bytes, 'hex'), -1, context)),
      /^ERR 42804 binary data has type 23 instead of expected 1700 \(numeric\) in record column 3/,
    )
    assert.match(
      outcome(() => record.parse('(1)', -1, context)),
      /^ERR 0A000 input of anonymous composite types is not implemented/,
    )
  })

  it('are compared field by field, null last', () => {
    const pair = (a: number | null, b: string | null): RecordValue =>
      new RecordValue([field('a', int4), field('b', text)], [a, b])
    const order = [pair(1, 'a'), pair(1, 'b'), pair(1, null), pair(2, 'a'), pair(null, 'a')]
    assert.deepEqual(
      order.toReversed().sort((a, b) => record.compare?.(a, b, undefined) ?? 0),
      order,
    )
    assert.equal(record.hashKey?.(pair(1, null)), record.hashKey?.(pair(1, null)))
    assert.notEqual(record.hashKey?.(pair(1, null)), record.hashKey?.(pair(null, '1')))
    const compare = (a: RecordValue, b: RecordValue): string =>
      outcome(() => record.compare?.(a, b, undefined))
    const numbers = new RecordValue([field('a', int4), field('b', int4)], [1, 2])
    assert.equal(
      compare(numbers, pair(1, 'a')),
      'ERR 42804 cannot compare dissimilar column types integer and text at record column 2',
    )
    const documents = new RecordValue([field('a', json)], ['{}'])
    assert.equal(
      compare(documents, documents),
      'ERR 42883 could not identify a comparison function for type json',
    )
  })
})

describe('vectors', () => {
  const read = (input: string, modifier = -1): string =>
    outcome(() => vector.format(vector.parse(input, modifier, context), context))

  it('are read and written as pgvector does', () => {
    assert.equal(read(' [1, 2.5,-3e1 ] '), '[1,2.5,-30]')
    assert.equal(read('[0.1]'), '[0.1]')
    assert.equal(read('[1,2]', 3), 'ERR 22000 expected 3 dimensions, not 2')
    assert.equal(read('[]'), 'ERR 22000 vector must have at least 1 dimension')
    assert.equal(read('[1,NaN]'), 'ERR 22000 NaN not allowed in vector')
    assert.equal(read('[1,inf]'), 'ERR 22000 infinite value not allowed in vector')
    assert.equal(read('[1,,2]'), 'ERR 22P02 invalid input syntax for type vector: "[1,,2]"')
    assert.equal(read('1,2'), 'ERR 22P02 invalid input syntax for type vector: "1,2"')
    assert.equal(read('[1e39]'), 'ERR 22003 "1e39" is out of range for type vector')
  })

  it('have a count, two unused bytes and single-precision numbers as bytes', () => {
    const value = Float32Array.of(1, -2)
    assert.equal(binaryOf(vector, value, context), '000200003f800000c0000000')
    assert.deepEqual(vector.decode(Buffer.from('000200003f800000c0000000', 'hex'), -1, context), value)
    assert.match(
      outcome(() => vector.decode(Buffer.from('000300003f800000c0000000', 'hex'), -1, context)),
      /^ERR 22P03 /,
    )
    assert.equal(vector.hashKey?.(Float32Array.of(-0)), vector.hashKey?.(Float32Array.of(0)))
    assert.ok((vector.compare?.(Float32Array.of(1, 2), Float32Array.of(1), undefined) ?? 0) > 0)
  })
})
