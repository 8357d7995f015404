import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasCode } from '@orbit-ts/base'
import { compileSelect, selectFields } from './select-fields.js'

const RECORD = {
  id: 'm1',
  title: 'Heat',
  address: { city: 'Oslo', zip: '0150', geo: { lat: 59.9, lon: 10.7 } },
  cast: [{ name: 'A', age: 1 }, { name: 'B' }, 'C', {}],
  tags: ['x', 'y', 'z'],
  none: null,
  'a.b': 1,
}

test('fields and paths', () => {
  assert.deepEqual(selectFields(RECORD, ['id', 'title']), { id: 'm1', title: 'Heat' })
  assert.deepEqual(selectFields(RECORD, ['address.city', 'address.geo.lat']), {
    address: { city: 'Oslo', geo: { lat: 59.9 } },
  })
  assert.deepEqual(selectFields(RECORD, ['cast.name']), { cast: [{ name: 'A' }, { name: 'B' }, {}] })
  assert.deepEqual(selectFields(RECORD, ['tags.1', 'tags.7']), { tags: ['y'] })
  assert.deepEqual(selectFields(RECORD, ['cast.0', 'cast.name']), {
    cast: [RECORD.cast[0], { name: 'B' }, {}],
  })
  assert.deepEqual(selectFields(RECORD, ['address', 'address.city']), { address: RECORD.address })
  assert.deepEqual(selectFields(RECORD, ['none', 'missing', 'title.x']), { none: null })
  assert.deepEqual(selectFields(RECORD, ['a\\.b']), { 'a.b': 1 })
})

test('__proto__ is a field like others', () => {
  const record = JSON.parse('{"__proto__":{"x":1,"y":2},"z":3}') as object
  const picked = compileSelect(['__proto__.x'])(record)
  assert.equal(Object.getPrototypeOf(picked), Object.prototype)
  assert.deepEqual(Object.keys(picked), ['__proto__'])
  assert.equal(JSON.stringify(picked), '{"__proto__":{"x":1}}')
  assert.deepEqual(selectFields({}, ['constructor', '__proto__']), {})
})

test('malformed paths are refused', () => {
  assert.throws(
    () => compileSelect(['a..b']),
    (error) => hasCode(error, 'INVALID_ARGUMENT'),
  )
})
