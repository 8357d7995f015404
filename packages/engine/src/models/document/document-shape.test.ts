import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DocumentSchema } from './collection-input.js'
import type { JsonDocument } from './collection.js'
import { compileShape } from './document-shape.js'

const SCHEMA: DocumentSchema = {
  fields: {
    title: { type: 'string', required: true },
    year: { type: 'integer' },
    rating: { type: ['number', 'null'], required: true },
    'cast.name': { type: 'string', required: true },
    any: {},
    some: { required: true },
  },
  additionalFields: false,
}
const GOOD: JsonDocument = {
  id: 'a',
  title: 'Heat',
  rating: 8.3,
  cast: [{ name: 'A' }, { name: 'B' }],
  some: [],
}

function problem(changes: JsonDocument): string | undefined {
  const found = compileShape(SCHEMA)({ ...GOOD, ...changes })
  return found && `${found.code}: ${found.field} ${found.reason}`
}

test('documents that fit', () => {
  assert.equal(compileShape(null)({ anything: [1] }), undefined)
  for (const changes of [
    {},
    { year: 1995 },
    { year: null },
    { rating: null },
    { any: { x: 1 } },
    { cast: { name: 'A' } },
  ]) {
    assert.equal(problem(changes), undefined, JSON.stringify(changes))
  }
})

test('documents that do not', () => {
  assert.equal(problem({ title: 5 }), 'TYPE_MISMATCH: title is 5; it must be string')
  assert.equal(problem({ title: null }), 'NOT_NULL_VIOLATION: title is null')
  assert.equal(problem({ year: 1.5 }), 'TYPE_MISMATCH: year is 1.5; it must be integer')
  assert.equal(problem({ rating: 'x' }), 'TYPE_MISMATCH: rating is "x"; it must be number or null')
  assert.equal(problem({ cast: [] }), 'NOT_NULL_VIOLATION: cast.name is missing')
  assert.equal(
    problem({ cast: [{ name: 'A' }, { name: 1 }] }),
    'TYPE_MISMATCH: cast.name is 1; it must be string',
  )
  assert.equal(problem({ some: null }), 'NOT_NULL_VIOLATION: some is null')
  assert.equal(problem({ titel: 'x' }), 'TYPE_MISMATCH: titel is not in the schema; did you mean "title"?')
})

test('every type', () => {
  const values: readonly [string, JsonDocument[string]][] = [
    ['string', ''],
    ['number', 0.5],
    ['boolean', false],
    ['object', {}],
    ['array', []],
  ]
  for (const [name] of values) {
    for (const [type, value] of values) {
      const found = compileShape({ fields: { a: { type: name as 'string' } } })({ a: value })
      assert.equal(found === undefined, name === type, `${name} and ${type}`)
    }
  }
})
