import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { alien, brazil, clue, indexed, movies, points, schema, weights } from './sample-vectors.test.data.js'
import { refuses, withVectors } from './vectors-database.test.data.js'

describe('search', () => {
  const grid = [
    { id: 'b', vector: [3, 4], metadata: { even: true, n: 1 } },
    { id: 'a', vector: [0, 1], metadata: { even: false, n: 2 } },
    { id: 'd', vector: [-3, 4], metadata: { even: true, n: 3 } },
    { id: 'c', vector: [0, 0], metadata: { even: false, n: 4 } },
  ]

  for (const collection of [points, indexed]) {
    it(`finds the nearest by Euclidean distance, equal ones by id: ${collection.name}`, () =>
      withVectors(schema, async (db) => {
        const session = db.vectors(collection)
        await session.insertMany(grid)
        assert.deepEqual(await session.search({ vector: [0, 0], k: 3 }), [
          { id: 'c', distance: 0, score: 1, metadata: { even: false, n: 4 } },
          { id: 'a', distance: 1, score: 0.5, metadata: { even: false, n: 2 } },
          { id: 'b', distance: 5, score: 1 / 6, metadata: { even: true, n: 1 } },
        ])
        assert.deepEqual(
          (await session.search({ vector: Float32Array.of(0, 0), where: { even: true } })).map(
            ({ id }) => id,
          ),
          ['b', 'd'],
        )
        assert.deepEqual(await session.search({ vector: [0, 0], where: { n: { gt: 4 } } }), [])
        assert.deepEqual(await session.search({ vector: [0, 0], k: 1, includeVectors: true }), [
          { id: 'c', distance: 0, score: 1, metadata: { even: false, n: 4 }, vector: Float32Array.of(0, 0) },
        ])
      }))
  }

  it('finds the nearest by angle, whatever the lengths', () =>
    withVectors(schema, async (db) => {
      await db.vectors(movies).insertMany([alien, brazil, clue])
      const found = await db.vectors(movies).search({ vector: [5, 0, 0] })
      assert.deepEqual(
        found.map(({ id, distance, score }) => [id, Math.round(distance * 1e6), Math.round(score * 1e6)]),
        [
          ['alien', 0, 1e6],
          ['brazil', Math.round((1 - Math.SQRT1_2) * 1e6), Math.round(Math.SQRT1_2 * 1e6)],
          ['clue', 1e6, 0],
        ],
      )
    }))

  it('finds the greatest inner products', () =>
    withVectors(schema, async (db) => {
      await db.vectors(weights).insertMany(grid)
      const found = await db.vectors(weights).search({ vector: [1, 2], k: 2 })
      assert.deepEqual(
        found.map(({ id, distance, score }) => [id, distance, score]),
        [
          ['b', -11, 11],
          ['d', -5, 5],
        ],
      )
    }))

  it('finds nothing in an empty collection', () =>
    withVectors(schema, async (db) => {
      for (const collection of [points, indexed]) {
        assert.deepEqual(await db.vectors(collection).search({ vector: [1, 1] }), [])
      }
    }))

  it('sees what its own transaction wrote, and undid', () =>
    withVectors(schema, async (db) => {
      await db.vectors(indexed).insertMany(grid)
      const ids = await db.transaction(async (tx) => {
        const session = tx.vectors(indexed)
        await session.upsert({ id: 'a', vector: [50, 50] })
        await session.insert({ id: 'new', vector: [0, 2] })
        await session.delete('c')
        const before = (await session.search({ vector: [0, 0] })).map(({ id }) => id)
        const savepoint = tx.savepoint()
        await session.deleteMany(['new', 'b', 'd'])
        assert.deepEqual(
          (await session.search({ vector: [0, 0] })).map(({ id }) => id),
          ['a'],
        )
        tx.rollbackTo(savepoint)
        assert.deepEqual(
          (await session.search({ vector: [0, 0] })).map(({ id }) => id),
          before,
        )
        return before
      })
      assert.deepEqual(ids, ['new', 'b', 'd', 'a'])
    }))

  it('does not see what others have not committed', () =>
    withVectors(schema, async (db) => {
      await using tx = await db.begin()
      await tx.vectors(points).insert({ id: 'a', vector: [1, 1] })
      assert.deepEqual(await db.vectors(points).search({ vector: [1, 1] }), [])
      assert.equal((await tx.vectors(points).search({ vector: [1, 1] })).length, 1)
    }))

  const refused: readonly [string, unknown, 'INVALID_ARGUMENT' | 'DIMENSION_MISMATCH', RegExp][] = [
    ['no object', undefined, 'INVALID_ARGUMENT', /search is undefined/],
    ['no vector', {}, 'INVALID_ARGUMENT', /query: vector is undefined/],
    [
      'another dimension',
      { vector: [1] },
      'DIMENSION_MISMATCH',
      /"movies": query has 1 components; .* dimension is 3/,
    ],
    ['NaN', { vector: [1, NaN, 1] }, 'INVALID_ARGUMENT', /query: component 1 is NaN/],
    ['zeros', { vector: [0, 0, 0] }, 'INVALID_ARGUMENT', /query is all zeros/],
    [
      'k 0',
      { vector: [1, 1, 1], k: 0 },
      'INVALID_ARGUMENT',
      /k is 0; it must be a whole number from 1 to 10000/,
    ],
    ['k too large', { vector: [1, 1, 1], k: 10_001 }, 'INVALID_ARGUMENT', /k is 10001/],
    ['k null', { vector: [1, 1, 1], k: null }, 'INVALID_ARGUMENT', /k is null/],
    ['probes 0', { vector: [1, 1, 1], probes: 0 }, 'INVALID_ARGUMENT', /probes is 0/],
    [
      'exact as text',
      { vector: [1, 1, 1], exact: 'yes' },
      'INVALID_ARGUMENT',
      /exact is "yes"; it must be true or false/,
    ],
    [
      'an unknown part',
      { vector: [1, 1, 1], limit: 3 },
      'INVALID_ARGUMENT',
      /search\.limit is not part of a search/,
    ],
    [
      'an unknown field',
      { vector: [1, 1, 1], where: { yeer: 1 } },
      'INVALID_ARGUMENT',
      /"movies": where\.yeer .*did you mean "year"/,
    ],
    [
      'a bad filter',
      { vector: [1, 1, 1], where: [] },
      'INVALID_ARGUMENT',
      /"movies": where is an array of 0/,
    ],
  ]
  for (const [what, search, code, pattern] of refused) {
    it(`is refused with ${what}, and so is its explanation`, () =>
      withVectors(schema, async (db) => {
        const session = db.vectors('movies')
        await refuses(session.search(search as { vector: number[] }), code, pattern)
        await refuses(session.explain(search as { vector: number[] }), code, pattern)
      }))
  }

  it('explains itself', () =>
    withVectors(schema, async (db) => {
      assert.deepEqual(await db.vectors(movies).explain({ vector: [1, 0, 0], where: { year: 1979 } }), {
        collection: 'movies',
        method: 'exact',
        reason: 'the collection has no index',
        metric: 'cosine',
        k: 10,
        filter: { year: 1979 },
      })
    }))
})
