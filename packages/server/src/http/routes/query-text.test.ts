import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Type } from 'typebox'
import { queryArgs } from '../operations/argument-types.js'
import { fromPathText } from './path-text.js'
import { fromQuery } from './query-text.js'

describe('fromQuery', () => {
  const schema = Type.Object({ ...queryArgs, text: Type.String(), flag: Type.Boolean(), any: Type.Unknown() })

  it('reads each argument in the form it is written in', () => {
    const query = {
      where: '{"a":1}',
      orderBy: 'name',
      limit: '10',
      offset: '2.5',
      select: 'a,b',
      text: '[x',
      flag: 'false',
      any: '"y"',
    }
    assert.deepEqual(fromQuery(schema, query), {
      where: { a: 1 },
      orderBy: 'name',
      limit: 10,
      offset: 2.5,
      select: ['a', 'b'],
      text: '[x',
      flag: false,
      any: 'y',
    })
    assert.deepEqual(fromQuery(schema, { orderBy: '["a"]', select: '["a,b"]' }), {
      orderBy: ['a'],
      select: ['a,b'],
    })
  })

  it('gives every JSON value back that is written as JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value)
        assert.deepEqual(fromQuery(schema, { any: text }), { any: JSON.parse(text) })
      }),
    )
  })

  it('refuses what it does not know or cannot read', () => {
    const refusal = (query: Record<string, unknown>, reason: string | RegExp): void =>
      assert.throws(() => fromQuery(schema, query), { code: 'INVALID_ARGUMENT', reason })
    refusal({ wher: '{}' }, 'wher is no parameter of this path; did you mean "where"?')
    refusal({ __proto__x: '1' }, /^__proto__x is no parameter of this path; there are where, /)
    refusal({ constructor: '1' }, /^constructor is no parameter of this path/)
    refusal({ limit: ['1', '2'] }, 'limit is given more than once')
    for (const text of ['', ' 1', '0x10', 'NaN', 'Infinity', '1e999', '1_0']) {
      refusal({ limit: text }, `limit must be a number, not ${JSON.stringify(text)}`)
    }
    refusal({ flag: 'TRUE' }, 'flag must be true or false')
    refusal({ orderBy: '[x' }, /^orderBy must be JSON: /)
    refusal({ select: '[1' }, /^select must be JSON: /)
    assert.throws(() => fromQuery(Type.Object({}), { a: '1' }), { reason: 'a is no parameter of this path' })
  })
})

describe('fromPathText', () => {
  it('is the text itself, or a JSON string, so that every text can be written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        assert.equal(fromPathText(JSON.stringify(text), 'id', false), text)
        fc.pre(!text.startsWith('"'))
        assert.equal(fromPathText(text, 'id', false), text)
      }),
    )
  })

  it('is a JSON object only where a key may have several columns', () => {
    assert.deepEqual(fromPathText('{"a":1}', 'key', true), { a: 1 })
    assert.equal(fromPathText('{"a":1}', 'id', false), '{"a":1}')
    assert.throws(() => fromPathText('{a', 'key', true), { code: 'INVALID_ARGUMENT' })
    assert.throws(() => fromPathText('"a', 'id', false), { code: 'INVALID_ARGUMENT' })
  })
})
