import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OrbitError } from '@orbit-ts/base'
import type { CollectionInput } from './collection-input.js'
import { DOCUMENT_SIZE_DEFAULT_BYTES, INDEXES_MAX, defineCollection } from './define-collection.js'

test('definitions are completed', () => {
  assert.deepEqual(defineCollection('movies', {}), {
    indexes: [],
    nextIndexId: 1,
    schema: null,
    documentSizeMaxBytes: DOCUMENT_SIZE_DEFAULT_BYTES,
  })
  assert.deepEqual(
    defineCollection('movies', {
      indexes: [
        { path: 'Title' },
        { paths: ['director.name', 'Year'], unique: true, sparse: true },
        { name: 'genre', path: 'genres', multi: true },
      ],
      schema: {
        fields: { Title: { type: ['string', 'number'] }, Year: { type: 'integer', required: true } },
      },
      documentSizeMaxBytes: 1000,
    }),
    {
      indexes: [
        { id: 1, name: 'Title', paths: ['Title'], unique: false, multi: false, sparse: false },
        {
          id: 2,
          name: 'director.name,Year',
          paths: ['director.name', 'Year'],
          unique: true,
          multi: false,
          sparse: true,
        },
        { id: 3, name: 'genre', paths: ['genres'], unique: false, multi: true, sparse: false },
      ],
      nextIndexId: 4,
      schema: {
        fields: {
          Title: { type: ['string', 'number'], required: false },
          Year: { type: ['integer'], required: true },
        },
        additionalFields: true,
      },
      documentSizeMaxBytes: 1000,
    },
  )
})

test('an index that stays keeps its id, whatever its place; a changed one gets a new id', () => {
  const before = defineCollection('movies', { indexes: [{ path: 'a' }, { path: 'b' }, { path: 'c' }] })
  const after = defineCollection(
    'movies',
    { indexes: [{ path: 'c' }, { path: 'b', unique: true }, { path: 'd' }] },
    before,
  )
  assert.deepEqual(
    after.indexes.map(({ id, name }) => [name, id]),
    [
      ['c', 3],
      ['b', 4],
      ['d', 5],
    ],
  )
  assert.equal(after.nextIndexId, 6)
})

test('what is wrong is named', () => {
  const cases: readonly [unknown, string][] = [
    [null, 'input is null; it must be an object'],
    [{ index: [] }, 'input.index is unknown; did you mean "indexes"?'],
    [{ indexes: {} }, 'indexes is an object; it must be an array'],
    [{ indexes: ['Title'] }, 'indexes[0] is "Title"; it must be an object'],
    [{ indexes: [{}] }, 'indexes[0] has no path'],
    [{ indexes: [{ path: 'a', paths: ['b'] }] }, 'indexes[0] has both path and paths; give one of them'],
    [{ indexes: [{ path: 'a', uniqe: true }] }, 'indexes[0].uniqe is unknown; did you mean "unique"?'],
    [{ indexes: [{ path: 'a', unique: 'yes' }] }, 'indexes[0].unique is "yes"; it must be true or false'],
    [{ indexes: [{ path: 5 }] }, 'indexes[0].path is 5; it must be a path such as "address.city"'],
    [{ indexes: [{ path: 'a..b' }] }, 'indexes[0].path path "a..b" has an empty step'],
    [{ indexes: [{ paths: [] }] }, 'indexes[0].paths is an array of 0; it must be an array of 1 to 8 paths'],
    [{ indexes: [{ paths: ['a', 'a'] }] }, 'indexes[0].paths names "a" twice'],
    [
      { indexes: [{ path: 'a' }, { path: 'a' }] },
      'indexes[1] has the name "a", which another index has already',
    ],
    [{ indexes: [{ path: 'a', name: '' }] }, 'indexes[0].name is ""; it must be 1 to 128 characters'],
    [{ indexes: [{ path: 'a', name: 'x\u0000' }] }, 'indexes[0].name is "x\\u0000"'],
    [{ indexes: [{ path: 'a'.repeat(129) }] }, 'indexes[0].name is "aaa'],
    [
      { indexes: Array.from({ length: INDEXES_MAX + 1 }, (_, i) => ({ path: `p${i}` })) },
      `indexes has ${INDEXES_MAX + 1} entries; at most ${INDEXES_MAX}`,
    ],
    [{ documentSizeMaxBytes: 0 }, 'documentSizeMaxBytes is 0; it must be 1 to 67108864'],
    [{ schema: [] }, 'schema is an array of 0; it must be an object'],
    [{ schema: { field: {} } }, 'schema.field is unknown; did you mean "fields"?'],
    [
      { schema: { fields: { a: { typ: 'string' } } } },
      'schema.fields.a.typ is unknown; did you mean "type"?',
    ],
    [
      { schema: { fields: { a: { type: 'text' } } } },
      'schema.fields.a.type is "text"; it must be one of string, number',
    ],
    [{ schema: { fields: { a: { type: [] } } } }, 'schema.fields.a.type names no type'],
    [{ schema: { fields: { 'a.': {} } } }, 'schema.fields.a. path "a." has an empty step'],
    [{ schema: { additionalFields: 1 } }, 'schema.additionalFields is 1; it must be true or false'],
  ]
  for (const [input, expected] of cases) {
    assert.throws(
      () => defineCollection('movies', input as CollectionInput),
      (error) => {
        assert(error instanceof OrbitError)
        assert.equal(error.code, 'SCHEMA_INVALID')
        assert(error.reason.startsWith(`collection "movies": ${expected}`), error.reason)
        return true
      },
    )
  }
})
