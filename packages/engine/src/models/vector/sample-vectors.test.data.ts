/** Collections of every metric, and what the tests of their sessions do with them. */
import assert from 'node:assert/strict'
import type { Database } from '../../database.js'
import { contents } from './vectors-database.test.data.js'
import { vectors } from './vectors.js'

export const movies = vectors('movies', {
  dimension: 3,
  metric: 'cosine',
  metadata: { title: 'string', year: 'integer?', genres: 'string[]?' },
})
export const points = vectors('points', { dimension: 2, metric: 'l2' })
export const weights = vectors('weights', { dimension: 2, metric: 'dot' })
export const indexed = vectors('indexed', { dimension: 2, metric: 'l2', index: { kind: 'partitioned' } })
export const schema = [movies, points, weights, indexed]

export const alien = {
  id: 'alien',
  vector: [1, 0, 0],
  metadata: { title: 'Alien', year: 1979, genres: ['horror'] },
}
export const brazil = { id: 'brazil', vector: [1, 1, 0], metadata: { title: 'Brazil', year: 1985 } }
export const clue = { id: 'clue', vector: [0, 0, -2], metadata: { title: 'Clue' } }

export async function all<T>(chunks: AsyncIterable<T[]>): Promise<T[]> {
  const found: T[] = []
  for await (const chunk of chunks) {
    assert.ok(chunk.length > 0)
    found.push(...chunk)
  }
  return found
}

/** Runs `work`, which must fail, in a transaction that commits all the same; the collection is as it was. */
export async function changesNothing(db: Database, name: string, work: () => Promise<void>): Promise<void> {
  const before = await contents(db, name)
  await work()
  assert.deepEqual(await contents(db, name), before)
}
