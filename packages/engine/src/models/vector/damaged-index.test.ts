import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hasCode } from '@orbit-ts/base'
import { vectorKeys } from '@orbit-ts/storage'
import { openDatabase, type Database } from '../../database.js'
import { encodeRecord } from '../../record/record-codec.js'
import { encodeVectorRecord } from '../../record/vector-record.js'
import { decodeAssignment, encodeAssignment } from './index/assignment.js'
import { clusteredVectors, refuses, withVectors } from './vectors-database.test.data.js'
import { vectors } from './vectors.js'

const schema = vectors('v', { dimension: 4, metric: 'l2', index: { kind: 'partitioned', partitions: 3 } })
const INDEX = 1
const query = { vector: [0, 0, 0, 0], probes: 3 }

async function withIndex(
  seed: number,
  work: (
    db: Database,
    id: number,
    damage: (key: Uint8Array, value?: Uint8Array) => Promise<unknown>,
  ) => Promise<void>,
): Promise<void> {
  await withVectors([schema], async (db) => {
    const { id } = await db.describe('vectors', 'v')
    const given = clusteredVectors(30, { dimension: 4, clusters: 3, spread: 0.1, seed })
    await db.vectors(schema).insertMany(given.map((vector, i) => ({ id: `v${i}`, vector })))
    await db.vectors(schema).buildIndex()
    await work(db, id, (key, value) =>
      db.storage.write([value === undefined ? { type: 'delete', key } : { type: 'put', key, value }]),
    )
  })
}

/** The partition of a vector. */
async function partitionOf(db: Database, id: number, vector: string): Promise<number> {
  await using tx = await db.storage.begin()
  return decodeAssignment((await tx.get(vectorKeys.assignment(id, INDEX, vector))) ?? assert.fail())
}

describe('a damaged index of vectors', () => {
  // Another seed each time: centres that were read before need not be read again.
  it('is noticed when a centre is missing', () =>
    withIndex(101, async (db, id, damage) => {
      await damage(vectorKeys.centroid(id, INDEX, 2))
      // The build itself has loaded the centres, so that this process does not miss it.
      assert.equal((await db.vectors(schema).search(query)).length, 10)
      await damage(
        vectorKeys.centroid(id, INDEX, 0),
        encodeRecord(stateOf('another digest'), { schemaVersion: 0 }),
      )
      // One that has not kept the state of the index from before.
      const another = await openDatabase({ storage: db.storage })
      await refuses(
        another.vectors(schema).search(query),
        'STORAGE_CORRUPT',
        /"v": its index is damaged: 2 of 3 centres are there/,
      )
      await refuses(
        db.vectors(schema).upsert({ id: 'a', vector: [1, 2, 3, 4] }),
        'STORAGE_CORRUPT',
        /2 of 3 centres/,
      )
    }))

  it('is noticed when a centre is another one', () =>
    withIndex(102, async (db, id, damage) => {
      await damage(
        vectorKeys.centroid(id, INDEX, 0),
        encodeRecord(stateOf('yet another'), { schemaVersion: 0 }),
      )
      await refuses(
        db.vectors(schema).search(query),
        'STORAGE_CORRUPT',
        /centres are not those of its training/,
      )
      const centre = encodeVectorRecord(Float32Array.of(1, 2, 3), undefined, { schemaVersion: 1 })
      await damage(vectorKeys.centroid(id, INDEX, 1), centre)
      await refuses(db.vectors(schema).search(query), 'STORAGE_CORRUPT', /a centre has 3 components/)
    }))

  it('is noticed when it has what is not there, or in another size', () =>
    withIndex(103, async (db, id, damage) => {
      const partition = await partitionOf(db, id, 'v7')
      await damage(vectorKeys.record(id, 'v7'))
      await refuses(
        db.vectors(schema).search({ ...query, k: 30 }),
        'STORAGE_CORRUPT',
        /"v": its index has vector "v7", which is not there/,
      )
      await damage(vectorKeys.posting(id, INDEX, partition, 'v7'), new Uint8Array(15))
      // One that has not kept the partition from before.
      const another = await openDatabase({ storage: db.storage })
      await refuses(
        another.vectors(schema).search(query),
        'STORAGE_CORRUPT',
        /partition \d has a vector of 15 bytes/,
      )
      await damage(vectorKeys.assignment(id, INDEX, 'v7'), new Uint8Array(3))
      await refuses(db.vectors(schema).delete('v7'), 'STORAGE_CORRUPT', /000000 is no number of a partition/)
    }))

  it('is refused when a later release has written it', () =>
    withIndex(104, async (db, id, damage) => {
      const later = { ...stateOf('x'), format: 2 }
      await damage(vectorKeys.centroid(id, INDEX, 0), encodeRecord(later, { schemaVersion: 0 }))
      const session = db.vectors(schema)
      const calls: Promise<unknown>[] = [
        session.search(query),
        session.buildIndex(),
        session.delete('v1'),
        session.indexStatistics(),
      ]
      const message = /vector index 1 of collection \d+ has format 2; this release knows 1/
      await Promise.all(calls.map((call) => refuses(call, 'RECORD_VERSION_UNSUPPORTED', message)))
      assert.equal((await session.search({ ...query, exact: true })).length, 10)
    }))

  it('does not keep a vector from being read by its id, nor an exact search from finding it', () =>
    withIndex(105, async (db, id, damage) => {
      await damage(vectorKeys.posting(id, INDEX, await partitionOf(db, id, 'v7'), 'v7'), new Uint8Array(1))
      assert.equal((await db.vectors(schema).get('v7'))?.id, 'v7')
      assert.equal((await db.vectors(schema).search({ ...query, k: 30, exact: true })).length, 30)
    }))
})

describe('an assignment', () => {
  it('is the number of a partition', () => {
    for (const partition of [0, 1, 65_536, 2 ** 32 - 1]) {
      assert.equal(decodeAssignment(encodeAssignment(partition)), partition)
    }
    assert.throws(
      () => decodeAssignment(new Uint8Array(5)),
      (error) => hasCode(error, 'STORAGE_CORRUPT'),
    )
  })
})

function stateOf(digest: string): {
  readonly format: number
  readonly generations: readonly { readonly [field: string]: string | number }[]
  readonly unassigned: boolean
  readonly nextPartition: number
  readonly building: boolean
} {
  return {
    format: 1,
    generations: [{ digest, firstPartition: 1, partitions: 3, trainedOn: 30 }],
    unassigned: false,
    nextPartition: 4,
    building: false,
  }
}
