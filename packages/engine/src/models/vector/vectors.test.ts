import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { withVectors } from './vectors-database.test.data.js'
import { vectors } from './vectors.js'

const movies = vectors('movies', {
  dimension: 2,
  metadata: { title: 'string', year: 'integer?', genres: 'string[]?' },
})
const vouched = vectors<{ readonly title: string; readonly year: number }>('vouched', { dimension: 2 })
const free = vectors('free', { dimension: 2, metric: 'l2' })

describe('vectors', () => {
  it('gives plain JSON', () => {
    assert.deepEqual(JSON.parse(JSON.stringify(free)), {
      kind: 'vectors',
      name: 'free',
      input: { dimension: 2, metric: 'l2' },
    })
  })

  it('gives metadata its type, read and written, found and filtered', () =>
    withVectors([movies, vouched, free], async (db) => {
      await db.vectors(movies).insert({ id: 'a', vector: [1, 0], metadata: { title: 'Alien', year: 1979 } })
      await db.vectors(vouched).insert({ id: 'a', vector: [1, 0], metadata: { title: 'Alien', year: 1979 } })
      await db.vectors(free).insert({ id: 'a', vector: [1, 0] })

      const movie = await db.vectors(movies).get('a')
      const title: string | undefined = movie?.metadata.title
      const year: number | undefined = movie?.metadata.year
      assert.deepEqual([title, year], ['Alien', 1979])

      const [hit] = await db.vectors(vouched).search({ vector: [1, 0], where: { year: { gt: 1978 } } })
      const found: number | undefined = hit?.metadata.year
      assert.equal(found, 1979)

      for await (const chunk of db.vectors(movies).scan({ select: ['title'] })) {
        const titles: string[] = chunk.map(({ metadata }) => metadata.title)
        assert.deepEqual(titles, ['Alien'])
      }
    }))

  it('lets the compiler refuse what the declaration does', () =>
    withVectors([movies, free], async (db) => {
      const session = db.vectors(movies)
      // @ts-expect-error -- the title is missing
      await assert.rejects(session.insert({ id: 'a', vector: [1, 0], metadata: { year: 1979 } }))
      // @ts-expect-error -- metadata is needed
      await assert.rejects(session.insert({ id: 'a', vector: [1, 0] }))
      // @ts-expect-error -- a title is text
      await assert.rejects(session.insert({ id: 'a', vector: [1, 0], metadata: { title: 7 } }))
      // @ts-expect-error -- there is no such field
      await assert.rejects(session.search({ vector: [1, 0], where: { yeer: 1979 } }))
      // @ts-expect-error -- a vector is needed
      await assert.rejects(session.search({ k: 3 }))
      // @ts-expect-error -- the dimension is missing
      const { input } = vectors('bad', { metric: 'l2' })
      assert.equal(input.metric, 'l2')
    }))
})
