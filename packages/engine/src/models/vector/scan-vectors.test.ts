import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { alien, all, points, schema } from './sample-vectors.test.data.js'
import type { StoredVector } from './vector-records.js'
import { refuses, withVectors } from './vectors-database.test.data.js'

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
