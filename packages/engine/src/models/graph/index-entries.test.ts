import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsePath } from '../../filter/path.js'
import type { PropertyIndex } from './graph-types.js'
import { INDEX_ENTRIES_MAX, indexedValues } from './index-entries.js'
import type { Properties } from '../property/property-types.js'

function indexOn(...fields: string[]): PropertyIndex {
  return {
    id: 1,
    name: 'i',
    isUnique: false,
    isReady: true,
    fields: fields.map((field) => ({ path: parsePath(field), isScalar: false, isRequired: false })),
  }
}

function texts(properties: Properties, ...fields: string[]): string[] | undefined {
  return indexedValues(indexOn(...fields), properties)?.map(({ datums, isComparable }) => {
    const values = datums.map((datum) =>
      'value' in datum ? `${datum.kind} ${String(datum.value)}` : datum.kind,
    )
    return `${values.join(', ')}${isComparable ? '' : ' (not comparable)'}`
  })
}

test('scalars are entries of their kind, arrays one for each distinct element', () => {
  assert.deepEqual(texts({ a: 'x' }, 'a'), ['text x'])
  assert.deepEqual(texts({ a: 1.5 }, 'a'), ['float 1.5'])
  assert.deepEqual(texts({ a: true }, 'a'), ['int 1'])
  assert.deepEqual(texts({ a: [1, 'x', 1, false, '1'] }, 'a'), ['float 1', 'text x', 'int 0', 'text 1'])
  assert.deepEqual(texts({ a: [0, -0] }, 'a'), ['float 0'])
  assert.deepEqual(texts({ a: { b: 2 } }, 'a.b'), ['float 2'])
  assert.deepEqual(texts({ a: [{ b: 1 }, { c: 1 }, { b: [2, 3] }, { b: null }] }, 'a.b'), [
    'float 1',
    'float 2',
    'float 3',
  ])
})

test('what does not sort is one entry, and what is not there another; neither is compared', () => {
  assert.deepEqual(texts({}, 'a'), ['null (not comparable)'])
  assert.deepEqual(texts({ a: [] }, 'a'), ['uint 0 (not comparable)'])
  assert.deepEqual(texts({ a: {} }, 'a'), ['uint 0 (not comparable)'])
  assert.deepEqual(texts({ a: [{}, [1], null, 'x', {}] }, 'a'), ['uint 0 (not comparable)', 'text x'])
  assert.deepEqual(texts({ a: [{ c: 1 }] }, 'a.b'), ['null (not comparable)'])
  assert.deepEqual(texts({ a: 'x' }, 'a', 'b'), ['text x, null (not comparable)'])
})

test('several arrays make every combination, up to a limit', () => {
  assert.deepEqual(texts({ a: [1, 2], b: ['x', 'y'] }, 'a', 'b'), [
    'float 1, text x',
    'float 1, text y',
    'float 2, text x',
    'float 2, text y',
  ])
  const many = (count: number): number[] => Array.from({ length: count }, (_, i) => i)
  assert.equal(texts({ a: many(INDEX_ENTRIES_MAX) }, 'a')?.length, INDEX_ENTRIES_MAX)
  assert.equal(texts({ a: many(INDEX_ENTRIES_MAX + 1) }, 'a'), undefined)
  assert.equal(texts({ a: many(40), b: many(26) }, 'a', 'b'), undefined)
  // It is distinct entries that count.
  assert.equal(texts({ a: Array.from({ length: 5000 }, () => ({})) }, 'a')?.length, 1)
})
