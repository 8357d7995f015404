import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { vectorKeys } from '@orbit-ts/storage'
import {
  alien,
  all,
  brazil,
  changesNothing,
  clue,
  indexed,
  movies,
  points,
  schema,
} from './sample-vectors.test.data.js'
import { checkIndex, countKeys, refuses, withVectors } from './vectors-database.test.data.js'
import { vectors } from './vectors.js'

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

describe('vectors of the largest dimension', () => {
  it('are stored, indexed and found', () => {
    const large = vectors('large', { dimension: 65_535, metric: 'cosine', index: { kind: 'partitioned' } })
    return withVectors([large], async (db) => {
      const vectorOf = (n: number): Float32Array => new Float32Array(65_535).fill(1).fill(-1, 0, n * 10_000)
      await db.vectors(large).insertMany([0, 1, 2, 3].map((n) => ({ id: `v${n}`, vector: vectorOf(n) })))
      assert.equal((await db.vectors(large).buildIndex({ partitions: 2 })).done, true)
      const hits = await db.vectors(large).search({ vector: vectorOf(3), k: 4, includeVectors: true })
      assert.deepEqual(
        hits.map(({ id }) => id),
        ['v3', 'v2', 'v1', 'v0'],
      )
      assert.deepEqual(hits[3]?.vector, vectorOf(0))
    })
  })
})
