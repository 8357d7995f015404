import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { TestEnv } from '@orbit-ts/base'
import { clusteredVectors, distance } from '../vectors-database.test.data.js'
import { findCentroids, type Sample } from './find-centroids.js'

function sampleOf(vectors: readonly Float32Array[], metric: Sample['metric']): Sample {
  const dimension = vectors[0]?.length ?? 0
  return { metric, dimension, rows: Float32Array.from(vectors.flatMap((vector) => [...vector])) }
}

function unit(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector)
  return vector.map((x) => x / length)
}

describe('findCentroids', () => {
  it('finds the middle of groups that lie apart', async () => {
    const middles = [100, 200, 300, 400].map((x) => Float32Array.of(x, -x))
    const vectors = middles.flatMap(([x = 0, y = 0]) =>
      [-1, 1].flatMap((d) => [Float32Array.of(x + d, y), Float32Array.of(x, y + d)]),
    )
    const found = await findCentroids(sampleOf(vectors, 'l2'), 4, new TestEnv())
    const rows = Array.from({ length: found.count }, (_, i) => [...found.row(i)])
    assert.deepEqual(
      rows.sort(([a = 0], [b = 0]) => a - b),
      middles.map((middle) => [...middle]),
    )
  })

  it('finds directions of length 1 by cosine', async () => {
    const vectors = [
      [1, 0.01],
      [1, -0.01],
      [0.01, 1],
      [-0.01, 1],
    ].map((components) => unit(Float32Array.from(components)))
    const found = await findCentroids(sampleOf(vectors, 'cosine'), 2, new TestEnv())
    const rows = [found.row(0), found.row(1)].sort(([a = 0], [b = 0]) => b - a)
    assert.deepEqual(
      rows.map((row) => [...row].map((x) => Math.round(x * 1e6))),
      [
        [1e6, 0],
        [0, 1e6],
      ],
    )
  })

  it('finds as many as there are different vectors, when more are wanted', async () => {
    const same = Array.from({ length: 50 }, () => Float32Array.of(1, 2, 3))
    assert.equal((await findCentroids(sampleOf(same, 'l2'), 10, new TestEnv())).count, 1)
    const two = [...same, Float32Array.of(3, 2, 1)]
    assert.equal((await findCentroids(sampleOf(two, 'l2'), 10, new TestEnv())).count, 2)
  })

  it('gives the same for the same random numbers', async () => {
    const vectors = clusteredVectors(300, { dimension: 4, clusters: 9, spread: 0.3, seed: 5 })
    const find = async (seed: number): Promise<Float32Array> =>
      (await findCentroids(sampleOf(vectors, 'l2'), 20, new TestEnv({ seed }))).rows
    assert.deepEqual(await find(3), await find(3))
    assert.notDeepEqual(await find(3), await find(4))
  })

  for (const metric of ['cosine', 'l2', 'dot'] as const) {
    it(`finds many in two levels: a centre in each of 100 groups, ${metric}`, async () => {
      const groups = 100
      const options = { dimension: 16, clusters: groups, spread: 0.01, seed: 11 }
      const vectors = clusteredVectors(3000, options).map((vector) =>
        metric === 'cosine' ? unit(vector) : vector,
      )
      const found = await findCentroids(sampleOf(vectors, metric), 150, new TestEnv())
      assert.equal(found.count, 150)
      const used = new Map<number, Set<number>>()
      for (const [i, vector] of vectors.entries()) {
        const centre = found.nearest(Float64Array.from(vector))
        used.set(centre, (used.get(centre) ?? new Set()).add(i % groups))
      }
      const alone = [...used.values()].filter((members) => members.size === 1)
      assert.ok(alone.length >= 90, `${alone.length} of ${found.count} centres have one group to themselves`)
    })
  }
})

describe('Centroids', () => {
  it('know the nearest as distances do, and rank all', async () => {
    for (const metric of ['cosine', 'l2'] as const) {
      const vectors = clusteredVectors(200, { dimension: 5, clusters: 20, spread: 1, seed: 2 }).map(unit)
      const found = await findCentroids(sampleOf(vectors, metric), 12, new TestEnv())
      for (const vector of vectors) {
        const query = Float64Array.from(vector)
        const distances = Array.from({ length: found.count }, (_, i) =>
          distance(metric, vector, found.row(i)),
        )
        const ranked = found.ranked(query)
        assert.deepEqual(
          [...ranked].sort((a, b) => a - b),
          [...distances.keys()],
        )
        assert.equal(ranked[0], found.nearest(query))
        ranked.slice(1).forEach((centre, i) => {
          const before = distances[ranked[i] ?? -1] ?? NaN
          assert.ok((distances[centre] ?? NaN) >= before - 1e-6)
        })
      }
    }
  })

  it('have a digest that tells them, their place and their metric apart', async () => {
    const sample = sampleOf(clusteredVectors(20, { dimension: 3, clusters: 4, spread: 1, seed: 1 }), 'l2')
    const found = await findCentroids(sample, 4, new TestEnv())
    const again = await findCentroids(sample, 4, new TestEnv())
    const other = await findCentroids({ ...sample, metric: 'dot' }, 4, new TestEnv())
    assert.equal(found.digest(1), again.digest(1))
    assert.notEqual(found.digest(1), found.digest(2))
    assert.notEqual(found.digest(1), other.digest(1))
  })
})
