import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { distance } from '../vectors-database.test.data.js'
import { METRICS, type Metric } from '../vectors-input.js'
import { ChunkRanks, chunkRows } from './chunk-ranks.js'
import { DISTANCES, queryComponents } from './distance.js'
import { VectorRows } from './vector-rows.js'

const float = fc.float({ min: -1000, max: 1000, noNaN: true })

function sample(
  dimension: number,
  count: number,
): fc.Arbitrary<{ query: Float32Array; rows: Float32Array[] }> {
  const vector = fc
    .array(float, { minLength: dimension, maxLength: dimension })
    .map((components) => Float32Array.from(components))
    .filter((components) => components.some((x) => Math.abs(x) > 1e-3))
  return fc.record({ query: vector, rows: fc.array(vector, { minLength: count, maxLength: count }) })
}

const samples = fc
  .tuple(fc.integer({ min: 1, max: 19 }), fc.integer({ min: 1, max: 13 }))
  .chain(([dimension, count]) => sample(dimension, count))

function ranksOf(metric: Metric, query: Float32Array, rows: readonly Float32Array[]): number[] {
  return ranksOfStored(
    metric,
    query,
    rows.map((row) => new Uint8Array(row.buffer, row.byteOffset, row.byteLength)),
  )
}

function ranksOfStored(metric: Metric, query: Float32Array, stored: readonly Uint8Array[]): number[] {
  const entries = stored.map((value) => ({ key: new Uint8Array(), value }))
  const rows = VectorRows.ofPostings(entries, 0, query.length, () => assert.fail('damaged'))
  const ranks = new ChunkRanks(metric, queryComponents(metric, query))
  return [...ranks.of(rows).subarray(0, rows.count)]
}

describe('distances of rows', () => {
  for (const metric of METRICS) {
    it(`are what the metric ${metric} says`, () => {
      fc.assert(
        fc.property(samples, ({ query, rows }) => {
          const found = ranksOf(metric, query, rows).map(DISTANCES[metric].distanceOf)
          rows.forEach((row, i) => {
            const expected = distance(metric, query, row)
            const tolerance = 1e-12 * Math.max(1, Math.abs(expected), metric === 'dot' ? 1e7 : 1e3)
            assert.ok(Math.abs((found[i] ?? NaN) - expected) <= tolerance, `${found[i]} and ${expected}`)
          })
        }),
      )
    })

    it(`are the same bit by bit wherever a row stands and however its bytes are aligned: ${metric}`, () => {
      fc.assert(
        fc.property(samples, fc.integer({ min: 0, max: 7 }), ({ query, rows }, shift) => {
          const together = ranksOf(metric, query, rows)
          const alone = rows.map((row) => ranksOf(metric, query, [row])[0])
          assert.deepEqual(together, alone)
          const stored = rows.map((row) => {
            const bytes = new Uint8Array(row.byteLength + shift).subarray(shift)
            bytes.set(new Uint8Array(row.buffer))
            return bytes
          })
          assert.deepEqual(ranksOfStored(metric, query, stored), together)
        }),
      )
    })
  }

  it('of a vector to itself is 0, and to its opposite 2, by cosine', () => {
    const query = Float32Array.of(0.1, 0.2, -0.3, 0.7, 1e-3)
    const [same, opposite, longer] = ranksOf('cosine', query, [
      query,
      query.map((x) => -x),
      query.map((x) => x * 3),
    ])
      .map(DISTANCES.cosine.distanceOf)
      .map((found) => Math.round(found * 1e7) / 1e7)
    assert.deepEqual([same, opposite, longer], [0, 2, 0])
  })

  it('never is a negative zero', () => {
    const zero = new Float32Array(3)
    assert.deepEqual(ranksOf('dot', zero, [zero]), [0])
    assert.equal(DISTANCES.dot.scoreOf(0), 0)
  })

  it('turn into scores that grow as distances fall', () => {
    assert.deepEqual([0, 0.5, 2].map(DISTANCES.cosine.scoreOf), [1, 0.5, -1])
    assert.deepEqual([0, 1, 3].map(DISTANCES.l2.scoreOf), [1, 0.5, 0.25])
    assert.deepEqual([-6, 5].map(DISTANCES.dot.scoreOf), [6, -5])
  })

  it('are computed for about a megabyte of components at a time', () => {
    assert.deepEqual([1, 128, 768, 65_535].map(chunkRows), [1024, 1024, 341, 8])
  })
})
