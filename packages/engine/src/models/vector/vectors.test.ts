import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { holds, type FirstOf, type HasUnknownField, type IsRefused } from '../../type-assertions.test.data.js'
import { withVectors } from './vectors-database.test.data.js'
import type { VectorsInput } from './vectors-input.js'
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
      type Insert = FirstOf<typeof session.insert>
      type Search = FirstOf<typeof session.search>
      holds<
        [
          IsRefused<{ id: string; vector: number[]; metadata: { year: number } }, Insert>,
          IsRefused<{ id: string; vector: number[] }, Insert>,
          IsRefused<{ id: string; vector: number[]; metadata: { title: number } }, Insert>,
          HasUnknownField<{ yeer: number }, Search['where']>,
          IsRefused<{ k: number }, Search>,
          IsRefused<{ metric: 'l2' }, VectorsInput>,
        ]
      >()
      const given: readonly unknown[] = [
        { id: 'a', vector: [1, 0], metadata: { year: 1979 } },
        { id: 'a', vector: [1, 0] },
        { id: 'a', vector: [1, 0], metadata: { title: 7 } },
      ]
      for (const each of given) await assert.rejects(session.insert(each as Insert))
      for (const each of [{ vector: [1, 0], where: { yeer: 1979 } }, { k: 3 }])
        await assert.rejects(session.search(each as Search))
    }))
})
