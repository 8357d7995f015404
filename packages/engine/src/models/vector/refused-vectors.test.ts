import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { alien, all, brazil, changesNothing, points, schema, weights } from './sample-vectors.test.data.js'
import { refuses, withVectors } from './vectors-database.test.data.js'

describe('vectors that cannot be stored', () => {
  const cases: readonly [string, unknown, 'INVALID_ARGUMENT' | 'DIMENSION_MISMATCH', RegExp][] = [
    [
      'too few components',
      { id: 'bad', vector: [1, 2] },
      'DIMENSION_MISMATCH',
      /"movies": vector "bad" has 2 components; the collection's dimension is 3/,
    ],
    ['too many', { id: 'bad', vector: new Float32Array(4) }, 'DIMENSION_MISMATCH', /has 4 components/],
    ['none', { id: 'bad', vector: [] }, 'DIMENSION_MISMATCH', /has 0 components/],
    ['NaN', { id: 'bad', vector: [1, NaN, 0] }, 'INVALID_ARGUMENT', /vector "bad": component 1 is NaN/],
    [
      'infinity',
      { id: 'bad', vector: Float32Array.of(1, 0, -Infinity) },
      'INVALID_ARGUMENT',
      /component 2 is -Infinity/,
    ],
    [
      'beyond floats',
      { id: 'bad', vector: [1e39, 0, 0] },
      'INVALID_ARGUMENT',
      /component 0 is 1e\+39; .*32-bit floats/,
    ],
    ['text inside', { id: 'bad', vector: [1, '2', 3] }, 'INVALID_ARGUMENT', /component 1 is "2"/],
    [
      'a hole',
      {
        id: 'bad',
        vector: Object.assign(new Array<number>(3), { 0: 1, 2: 1 }),
      },
      'INVALID_ARGUMENT',
      /component 1 is undefined/,
    ],
    ['a bigint', { id: 'bad', vector: [1, 2n, 3] }, 'INVALID_ARGUMENT', /component 1 is 2/],
    [
      'zeros',
      { id: 'bad', vector: [0, -0, 0] },
      'INVALID_ARGUMENT',
      /vector "bad" is all zeros and so has no direction/,
    ],
    [
      'almost zeros',
      { id: 'bad', vector: [1e-60, 0, 0] },
      'INVALID_ARGUMENT',
      /is all zeros once rounded to 32-bit floats/,
    ],
    [
      'no vector',
      { id: 'bad' },
      'INVALID_ARGUMENT',
      /vector is undefined; it must be an array of numbers or a Float32Array/,
    ],
    [
      'doubles',
      { id: 'bad', vector: Float64Array.of(1, 2, 3) },
      'INVALID_ARGUMENT',
      /vector is a Float64Array/,
    ],
    ['no id', { vector: [1, 2, 3] }, 'INVALID_ARGUMENT', /id is undefined; an id is 1 to 512 bytes/],
    ['an empty id', { id: '', vector: [1, 2, 3] }, 'INVALID_ARGUMENT', /id is ""/],
    ['a number as id', { id: 7, vector: [1, 2, 3] }, 'INVALID_ARGUMENT', /id is 7/],
    ['an id too long', { id: 'é'.repeat(257), vector: [1, 2, 3] }, 'INVALID_ARGUMENT', /id has 514 bytes/],
    ['half a character', { id: 'a\ud800', vector: [1, 2, 3] }, 'INVALID_ARGUMENT', /has a lone surrogate/],
    [
      'an unknown part',
      { id: 'bad', vectr: [1] },
      'INVALID_ARGUMENT',
      /"vectr" is no part of a vector.*did you mean "vector"/,
    ],
    ['no object', [1, 2, 3], 'INVALID_ARGUMENT', /an array of 3 is no vector to write/],
  ]
  for (const [what, bad, code, pattern] of cases) {
    it(`are refused, and the good ones with them: ${what}`, () =>
      withVectors(schema, async (db) => {
        const session = db.vectors('movies')
        await session.insert(alien)
        await changesNothing(db, 'movies', async () => {
          const given = [brazil, bad] as never
          await refuses(session.insertMany(given), code, pattern)
          await refuses(session.upsertMany(given), code, pattern)
        })
      }))
  }

  it('name the collection, the vector and both dimensions in their details', () =>
    withVectors(schema, async (db) => {
      await assert.rejects(db.vectors(points).upsert({ id: 'p', vector: [1, 2, 3] }), (error) => {
        assert.deepEqual(Reflect.get(error as object, 'details'), {
          model: 'vectors',
          object: 'points',
          id: 'p',
          field: 'vector',
          expected: 2,
          actual: 3,
        })
        return true
      })
    }))

  it('leave what the same transaction wrote before', () =>
    withVectors(schema, async (db) => {
      await db.transaction(async (tx) => {
        const session = tx.vectors(points)
        await session.insert({ id: 'a', vector: [1, 1] })
        await refuses(
          session.upsertMany([
            { id: 'b', vector: [1, 1] },
            { id: 'c', vector: [1] },
          ]),
          'DIMENSION_MISMATCH',
          /"c"/,
        )
      })
      assert.deepEqual(
        (await all(db.vectors(points).scan())).map(({ id }) => id),
        ['a'],
      )
    }))

  it('may be zero where distances are not angles', () =>
    withVectors(schema, async (db) => {
      await db.vectors(points).insert({ id: 'zero', vector: [0, 0] })
      await db.vectors(weights).insert({ id: 'zero', vector: [0, 0] })
      assert.deepEqual(await db.vectors(points).search({ vector: [0, 0] }), [
        { id: 'zero', distance: 0, score: 1, metadata: {} },
      ])
      assert.deepEqual(await db.vectors(weights).search({ vector: [0, 0] }), [
        { id: 'zero', distance: 0, score: 0, metadata: {} },
      ])
    }))
})
