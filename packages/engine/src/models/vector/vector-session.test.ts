import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { vectorKeys } from '@orbit-ts/storage'
import type { Database } from '../../database.js'
import type { StoredVector } from './vector-records.js'
import { checkIndex, contents, countKeys, refuses, withVectors } from './vectors-database.test.data.js'
import { vectors } from './vectors.js'

const movies = vectors('movies', {
  dimension: 3,
  metric: 'cosine',
  metadata: { title: 'string', year: 'integer?', genres: 'string[]?' },
})
const points = vectors('points', { dimension: 2, metric: 'l2' })
const weights = vectors('weights', { dimension: 2, metric: 'dot' })
const indexed = vectors('indexed', { dimension: 2, metric: 'l2', index: { kind: 'partitioned' } })
const schema = [movies, points, weights, indexed]

const alien = { id: 'alien', vector: [1, 0, 0], metadata: { title: 'Alien', year: 1979, genres: ['horror'] } }
const brazil = { id: 'brazil', vector: [1, 1, 0], metadata: { title: 'Brazil', year: 1985 } }
const clue = { id: 'clue', vector: [0, 0, -2], metadata: { title: 'Clue' } }

async function all<T>(chunks: AsyncIterable<T[]>): Promise<T[]> {
  const found: T[] = []
  for await (const chunk of chunks) {
    assert.ok(chunk.length > 0)
    found.push(...chunk)
  }
  return found
}

/** Runs `work`, which must fail, in a transaction that commits all the same; the collection is as it was. */
async function changesNothing(db: Database, name: string, work: () => Promise<void>): Promise<void> {
  const before = await contents(db, name)
  await work()
  assert.deepEqual(await contents(db, name), before)
}

describe('vectors by id', () => {
  it('come back as they were written, rounded to 32-bit floats', () =>
    withVectors(schema, async (db) => {
      const session = db.vectors(movies)
      await session.insertMany([alien, brazil])
      await session.upsert({
        id: 'clue',
        vector: Float32Array.of(0.1, 0.2, 0.3),
        metadata: { title: 'Clue' },
      })
      assert.deepEqual(await session.get('alien'), { ...alien, vector: Float32Array.of(1, 0, 0) })
      assert.deepEqual(await session.getMany(['clue', 'none', 'brazil', 'clue']), [
        { id: 'clue', vector: Float32Array.of(0.1, 0.2, 0.3), metadata: { title: 'Clue' } },
        undefined,
        { ...brazil, vector: Float32Array.of(1, 1, 0) },
        { id: 'clue', vector: Float32Array.of(0.1, 0.2, 0.3), metadata: { title: 'Clue' } },
      ])
      assert.equal(await session.get('none'), undefined)
      assert.deepEqual(await session.getMany([]), [])
      assert.equal(await session.count(), 3)
    }))

  it('are the copies of nobody: neither what was given nor what is got is what is stored', () =>
    withVectors(schema, async (db) => {
      const given = Float32Array.of(1, 2)
      await db.transaction(async (tx) => {
        await tx.vectors(points).insert({ id: 'a', vector: given })
        given[0] = 9
        const got = await tx.vectors(points).get('a')
        got?.vector.fill(7)
        assert.deepEqual((await tx.vectors(points).get('a'))?.vector, Float32Array.of(1, 2))
      })
      const hit = (await db.vectors(points).search({ vector: [1, 2], includeVectors: true }))[0]
      hit?.vector?.fill(7)
      assert.deepEqual((await db.vectors(points).get('a'))?.vector, Float32Array.of(1, 2))
    }))

  it('are replaced by upsert, metadata and all; of several with one id the last counts', () =>
    withVectors(schema, async (db) => {
      const session = db.vectors(movies)
      await session.insert(alien)
      await session.upsert({ id: 'alien', vector: [0, 1, 0], metadata: { title: 'Aliens' } })
      assert.deepEqual(await session.get('alien'), {
        id: 'alien',
        vector: Float32Array.of(0, 1, 0),
        metadata: { title: 'Aliens' },
      })
      await session.upsertMany([
        { id: 'x', vector: [1, 0, 0], metadata: { title: 'first' } },
        { id: 'y', vector: [1, 0, 0], metadata: { title: 'y' } },
        { id: 'x', vector: [0, 0, 1], metadata: { title: 'second' } },
      ])
      assert.deepEqual((await session.get('x'))?.metadata, { title: 'second' })
      assert.deepEqual((await session.get('x'))?.vector, Float32Array.of(0, 0, 1))
      assert.equal(await session.count(), 3)
    }))

  it('are refused by insert when the id is there, stored or in the same call, and then none is added', () =>
    withVectors(schema, async (db) => {
      const session = db.vectors(movies)
      await session.insert(alien)
      await changesNothing(db, 'movies', async () => {
        await refuses(
          session.insertMany([brazil, alien]),
          'RECORD_EXISTS',
          /"movies": vector "alien" exists already/,
        )
        await refuses(
          session.insertMany([brazil, clue, brazil]),
          'RECORD_EXISTS',
          /vector "brazil" is given twice/,
        )
      })
    }))

  it('are refused at commit, in the same words, when another writer was faster', () =>
    withVectors(schema, async (db) => {
      // Under snapshot isolation it is a conflict, and the next attempt finds the vector there.
      const tx = await db.begin({ isolation: 'read-committed' })
      await tx.vectors(points).insert({ id: 'a', vector: [1, 1] })
      const { id } = await db.describe('vectors', 'points')
      await db.storage.write([{ type: 'put', key: vectorKeys.record(id, 'a'), value: new Uint8Array(1) }])
      await refuses(tx.commit(), 'RECORD_EXISTS', /vector collection "points": vector "a" exists already/)
    }))

  it('are in one place when calls of one transaction are not awaited one by one', () =>
    withVectors(schema, async (db) => {
      const session = db.vectors(indexed)
      await session.insertMany(Array.from({ length: 20 }, (_, i) => ({ id: `v${i}`, vector: [i, 0] })))
      await session.buildIndex({ partitions: 10 })
      await db.transaction(async (tx) => {
        const one = tx.vectors(indexed)
        const other = tx.vectors(indexed)
        await Promise.all([
          one.upsert({ id: 'v0', vector: [5, 0] }),
          other.upsert({ id: 'v0', vector: [15, 0] }),
          other.delete('v7'),
          one.upsert({ id: 'v7', vector: [9, 0] }),
          refuses(one.insert({ id: 'v7', vector: [2, 0] }), 'RECORD_EXISTS', /"v7"/),
          one.buildIndex({ partitions: 4 }),
        ])
      })
      assert.equal((await checkIndex(db, 'indexed')).size, 20)
      assert.deepEqual((await session.get('v0'))?.vector, Float32Array.of(15, 0))
      assert.deepEqual((await session.get('v7'))?.vector, Float32Array.of(9, 0))
    }))

  it('are deleted once', () =>
    withVectors(schema, async (db) => {
      const session = db.vectors(movies)
      await session.insertMany([alien, brazil, clue])
      assert.equal(await session.delete('alien'), true)
      assert.equal(await session.delete('alien'), false)
      assert.equal(await session.deleteMany(['alien', 'clue', 'none', 'clue']), 1)
      assert.equal(await session.deleteMany([]), 0)
      assert.deepEqual(
        (await all(session.scan())).map(({ id }) => id),
        ['brazil'],
      )
      await session.insert(alien)
      assert.equal(await session.count(), 2)
    }))

  it('may be any text', () =>
    withVectors(schema, async (db) => {
      const ids = ['a:b', 'ä', '\u0000', ' ', '𝕏', '\uffff', 'x'.repeat(512), 'é'.repeat(256)]
      const session = db.vectors(indexed)
      await session.insertMany(ids.map((id, i) => ({ id, vector: [i, 0] })))
      const found = await session.search({ vector: [0, 0], k: 100 })
      assert.deepEqual(
        found.map(({ id }) => id),
        ids,
      )
      assert.deepEqual(
        (await all(session.scan())).map(({ id }) => id),
        ids.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
      )
    }))
})

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

describe('metadata', () => {
  const refused: readonly [
    string,
    unknown,
    'INVALID_ARGUMENT' | 'TYPE_MISMATCH' | 'NOT_NULL_VIOLATION',
    RegExp,
  ][] = [
    [
      'a missing field',
      { year: 1979 },
      'NOT_NULL_VIOLATION',
      /vector "m": metadata field "title" is missing/,
    ],
    ['null for a required field', { title: null }, 'NOT_NULL_VIOLATION', /metadata field "title" is missing/],
    [
      'another type',
      { title: 'x', year: 1979.5 },
      'TYPE_MISMATCH',
      /metadata field "year" is 1979\.5; .* declares it as integer/,
    ],
    [
      'another element',
      { title: 'x', genres: ['a', 1] },
      'TYPE_MISMATCH',
      /metadata field "genres" is an array of 2/,
    ],
    [
      'an unknown field',
      { title: 'x', yeer: 1 },
      'INVALID_ARGUMENT',
      /metadata field "yeer" is not declared; did you mean "year"/,
    ],
    ['an array', ['x'], 'INVALID_ARGUMENT', /metadata is an array of 1; it must be an object/],
    [
      'a date',
      { title: 'x', year: new Date(0) },
      'INVALID_ARGUMENT',
      /"movies": vector "m": metadata: year is an object of class Date/,
    ],
    ['NaN', { title: 'x', year: NaN }, 'INVALID_ARGUMENT', /metadata: year is NaN/],
  ]
  for (const [what, metadata, code, pattern] of refused) {
    it(`is refused with ${what}`, () =>
      withVectors(schema, async (db) => {
        await changesNothing(db, 'movies', async () => {
          const given = { id: 'm', vector: [1, 2, 3], metadata } as never
          await refuses(db.vectors('movies').upsert(given), code, pattern)
        })
      }))
  }

  it('is any JSON where no fields are declared', () =>
    withVectors(schema, async (db) => {
      const metadata = { a: null, b: [1, 'x', { c: false }], 'd.e': { f: 1e300 }, ü: '𝕏' }
      await db.vectors(points).insert({ id: 'a', vector: [1, 2], metadata })
      await db.vectors(points).insert({ id: 'b', vector: [1, 2] })
      assert.deepEqual((await db.vectors(points).get('a'))?.metadata, metadata)
      assert.deepEqual((await db.vectors(points).get('b'))?.metadata, {})
      let deep: unknown = 1
      for (let i = 0; i < 101; i++) deep = [deep]
      await refuses(
        db.vectors('points').insert({ id: 'c', vector: [1, 2], metadata: { deep } }),
        'LIMIT_EXCEEDED',
        /vector "c".*nested deeper than 100 levels/,
      )
    }))

  it('leaves out declared fields that are null', () =>
    withVectors(schema, async (db) => {
      await db.vectors(movies).insert({ id: 'a', vector: [1, 2, 3], metadata: { title: 't', year: null } })
      assert.deepEqual((await db.vectors(movies).get('a'))?.metadata, { title: 't' })
    }))
})

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

describe('scan and count', () => {
  const many = Array.from({ length: 700 }, (_, i) => ({
    id: String(i).padStart(4, '0'),
    vector: [i, -i],
    metadata: { n: i, group: i % 7, ...(i % 2 === 0 ? { deep: { x: -i - 1 } } : {}) },
  }))
  const ids = (chunks: AsyncIterable<StoredVector[]>): Promise<string[]> =>
    all(chunks).then((found) => found.map(({ id }) => id))

  it('read everything in order of id, in chunks', () =>
    withVectors(schema, async (db) => {
      await db.vectors(points).insertMany(many.toReversed())
      const found = await all(db.vectors(points).scan())
      assert.deepEqual(
        found,
        many.map((each) => ({ ...each, vector: Float32Array.from(each.vector) })),
      )
      assert.equal(await db.vectors(points).count(), 700)
    }))

  it('filter, skip, stop, sort and select', () =>
    withVectors(schema, async (db) => {
      const session = db.vectors('points')
      await session.insertMany(many)
      assert.equal(await session.count({ group: 3 }), 100)
      assert.equal(await session.count({ 'deep.x': { lt: -600 } }), 50)
      assert.deepEqual(await ids(session.scan({ where: { group: 3 }, offset: 98 })), ['0689', '0696'])
      assert.deepEqual(await ids(session.scan({ offset: 300, limit: 2 })), ['0300', '0301'])
      assert.deepEqual(await ids(session.scan({ limit: 0 })), [])
      assert.deepEqual(await ids(session.scan({ offset: 700 })), [])
      assert.deepEqual(await ids(session.scan({ where: { n: { gte: 698 } } })), ['0698', '0699'])
      assert.deepEqual(
        await ids(
          session.scan({ orderBy: [{ field: 'group', direction: 'desc' }, 'n'], limit: 3, offset: 1 }),
        ),
        ['0013', '0020', '0027'],
      )
      assert.deepEqual(await all(session.scan({ orderBy: 'deep.x', limit: 1, select: ['deep.x', 'n'] })), [
        { id: '0698', vector: Float32Array.of(698, -698), metadata: { deep: { x: -699 }, n: 698 } },
      ])
      assert.equal((await ids(session.scan({ orderBy: 'n' }))).length, 700)
    }))

  it('end without reading on when the loop is left', () =>
    withVectors(schema, async (db) => {
      await db.vectors(points).insertMany(many)
      for await (const chunk of db.vectors(points).scan()) {
        assert.ok(chunk.length < 700)
        break
      }
      assert.equal(db.metrics().transactionsActive, 0)
    }))

  it('refuse what they do not understand', () =>
    withVectors(schema, async (db) => {
      const session = db.vectors('movies')
      await refuses(session.count({ yeer: 1 }), 'INVALID_ARGUMENT', /"movies": where\.yeer/)
      await refuses(ids(session.scan({ where: { yeer: 1 } })), 'INVALID_ARGUMENT', /"movies": where\.yeer/)
      await refuses(
        ids(session.scan({ orderBy: 'yeer' })),
        'INVALID_ARGUMENT',
        /orderBy names an unknown field "yeer"/,
      )
      await refuses(ids(session.scan({ limit: -1 })), 'INVALID_ARGUMENT', /limit is -1/)
      await refuses(session.getMany('abc' as never), 'INVALID_ARGUMENT', /ids is "abc"; it must be an array/)
      await refuses(session.deleteMany([1] as never), 'INVALID_ARGUMENT', /id is 1/)
      await refuses(session.get(''), 'INVALID_ARGUMENT', /id is ""/)
      await refuses(
        session.insertMany(alien as never),
        'INVALID_ARGUMENT',
        /vectors is an object; it must be an array/,
      )
    }))
})

describe('a collection of vectors', () => {
  it('that does not exist is named, and so is the nearest one', () =>
    withVectors(schema, async (db) => {
      const session = db.vectors('moveis')
      for (const call of [
        session.get('a'),
        session.count(),
        session.search({ vector: [1] }),
        session.delete('a'),
      ]) {
        await refuses(
          call,
          'OBJECT_NOT_FOUND',
          /vector collection "moveis" does not exist; did you mean "movies"/,
        )
      }
    }))

  it('is gone with all its keys when it is dropped', () =>
    withVectors(schema, async (db) => {
      await db.vectors(indexed).insertMany([
        { id: 'a', vector: [1, 2] },
        { id: 'b', vector: [2, 1] },
      ])
      await db.vectors(indexed).buildIndex()
      const { id } = await db.describe('vectors', 'indexed')
      await db.drop('vectors', 'indexed')
      assert.equal(await countKeys(db, vectorKeys.collection(id)), 0)
    }))
})
