import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasCode } from '@orbit-ts/base'
import fc from 'fast-check'
import { Reached, formatPath, parsePath, pathOf, readPath, readSingle } from './path.js'

const keysOf = (text: string): string[] => parsePath(text).steps.map(({ key }) => key)

test('a dot separates steps, a backslash makes it part of a name', () => {
  assert.deepEqual(keysOf('address.city'), ['address', 'city'])
  assert.deepEqual(keysOf('US Gross'), ['US Gross'])
  assert.deepEqual(keysOf('a\\.b.c'), ['a.b', 'c'])
  assert.deepEqual(keysOf('a\\\\.b'), ['a\\', 'b'])
  assert.deepEqual(keysOf('\\$and'), ['$and'])
})

test('malformed paths are refused', () => {
  for (const text of ['', '.', 'a.', '.a', 'a..b', 'a\\', 'a\\b', Array(101).fill('a').join('.')]) {
    assert.throws(
      () => parsePath(text),
      (error) => hasCode(error, 'INVALID_ARGUMENT'),
      text,
    )
  }
})

test('formatPath is taken apart into the same names', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 5 }), (keys) => {
      const text = formatPath(keys)
      assert.deepEqual(keysOf(text), keys)
      assert.equal(parsePath(text).text, text)
    }),
  )
})

const read = (record: unknown, text: string): unknown => {
  const found = readPath(record, parsePath(text).steps)
  return found instanceof Reached ? { reached: found.values } : found
}

test('values are read through objects and arrays', () => {
  const record = {
    a: { b: 1 },
    list: [{ x: 1 }, { x: null }, {}, 5, [{ x: 2 }]],
    'a.b': 'literal',
    empty: [],
    bytes: new Uint8Array([7]),
  }
  assert.equal(read(record, 'a.b'), 1)
  assert.equal(read(record, 'a\\.b'), 'literal')
  assert.equal(read(record, 'a.c'), undefined)
  assert.equal(read(record, 'a.b.c'), undefined)
  assert.deepEqual(read(record, 'list.x'), { reached: [1, null, 2] })
  assert.equal(read(record, 'list.0.x'), 1)
  assert.equal(read(record, 'list.9.x'), undefined)
  assert.deepEqual(read(record, 'empty.x'), { reached: [] })
  assert.equal(read(record, 'bytes.0'), undefined)
  assert.equal(read(record, 'bytes.length'), undefined)
})

test('inherited names are no fields, own ones are', () => {
  assert.equal(read({}, 'constructor'), undefined)
  assert.equal(read({}, '__proto__'), undefined)
  assert.equal(read({}, '__proto__.constructor'), undefined)
  assert.equal(read(JSON.parse('{"__proto__":{"x":1}}'), '__proto__.x'), 1)
  assert.equal(read({ toString: 5 }, 'toString'), 5)
})

test('readSingle stops at an array that it would have to go through', () => {
  const list = [{ x: 1 }, { x: 2 }]
  assert.equal(readSingle({ list }, parsePath('list.x').steps), list)
  assert.equal(readSingle({ list }, parsePath('list.1.x').steps), 2)
  assert.equal(readSingle({ list }, parsePath('list').steps), list)
  assert.equal(readSingle({ a: { b: 3 } }, pathOf(['a', 'b']).steps), 3)
})
