/** 400 vectors in 20 groups that lie apart, with an index and without one. */
import assert from 'node:assert/strict'
import type { Database } from '../../database.js'
import { clusteredVectors } from './vectors-database.test.data.js'
import { vectors } from './vectors.js'

export const plain = vectors('v', { dimension: 8, metric: 'l2' })
export const indexed = vectors('v', { dimension: 8, metric: 'l2', index: { kind: 'partitioned' } })
export const given = clusteredVectors(400, { dimension: 8, clusters: 20, spread: 0.2, seed: 3 })
export const named = given.map((vector, i) => ({ id: `v${i}`, vector, metadata: { n: i, tens: i % 10 } }))
export const PARTITIONS = 40

export async function load(db: Database): Promise<void> {
  await db.vectors(indexed).upsertMany(named)
}

export async function sameAsExact(db: Database, probes: number): Promise<void> {
  for (const vector of clusteredVectors(10, { dimension: 8, clusters: 5, spread: 1, seed: 9 })) {
    const exact = await db.vectors('v').search({ vector, exact: true })
    assert.deepEqual(await db.vectors('v').search({ vector, probes }), exact)
  }
}
