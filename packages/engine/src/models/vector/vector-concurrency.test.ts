/** Writers and builders of an index at work at the same time; the rules are those of `index/index-state.ts`. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { TestEnv, hasCode } from '@orbit-ts/base'
import type { Database } from '../../database.js'
import type { DatabaseTransaction } from '../../txn/database-transaction.js'
import {
  buildFully,
  checkIndex,
  clusteredVectors,
  refuses,
  withVectors,
} from './vectors-database.test.data.js'
import { vectors } from './vectors.js'

const plain = vectors('v', { dimension: 4, metric: 'l2' })
const indexed = vectors('v', { dimension: 4, metric: 'l2', index: { kind: 'partitioned' } })
const given = clusteredVectors(60, { dimension: 4, clusters: 6, spread: 0.1, seed: 4 })
const named = given.map((vector, i) => ({ id: `v${i}`, vector }))
const elsewhere = [50, 50, 50, 50]

/** The index is in order, and every vector is found through it. */
async function checkFound(db: Database, count: number): Promise<void> {
  await checkIndex(db, 'v')
  for (const search of [{ probes: 1000 }, { exact: true }]) {
    const hits = await db.vectors('v').search({ vector: [0, 0, 0, 0], k: 10_000, ...search })
    assert.equal(new Set(hits.map(({ id }) => id)).size, count)
    assert.equal(hits.length, count)
  }
}

function conflicts(tx: DatabaseTransaction): Promise<void> {
  return refuses(tx.commit(), 'TRANSACTION_CONFLICT', /TRANSACTION_CONFLICT/)
}

type Work = (tx: DatabaseTransaction) => Promise<unknown>
const update: Work = (tx) => tx.vectors('v').upsert({ id: 'v7', vector: elsewhere })
const remove: Work = (tx) => tx.vectors('v').delete('v7')
const add: Work = (tx) => tx.vectors('v').insert({ id: 'new', vector: elsewhere })
const build: Work = (tx) => tx.vectors('v').buildIndex({ moveMax: 1000 })

/** With this one `v7` is among those that a build begun again has yet to move. */
const SEED = 2

/** What the collection is when the two begin. */
const beginnings: readonly [string, (db: Database) => Promise<unknown>][] = [
  ['not built', async () => undefined],
  ['built', (db) => buildFully(db, 'v')],
  ['half built', (db) => db.vectors('v').buildIndex({ moveMax: 30 })],
  [
    'built, and half built again',
    async (db) => {
      await buildFully(db, 'v')
      await db.vectors('v').buildIndex({ partitions: 3, moveMax: 30 })
    },
  ],
  [
    'declared for vectors that were there',
    async (db) => {
      await db.apply([plain])
      await db.apply([indexed])
    },
  ],
]

describe('a write while the index is built', () => {
  for (const [beginning, prepare] of beginnings) {
    for (const [what, write, count, mustConflict] of [
      ['an update', update, 60, true],
      ['a delete', remove, 59, true],
      ['an insert', add, 61, false],
    ] as const) {
      for (const first of ['write', 'build'] as const) {
        it(`loses nothing: ${what}, ${beginning}, the ${first} commits first`, () =>
          withVectors(
            [indexed],
            async (db) => {
              await db.vectors(indexed).insertMany(named)
              await prepare(db)
              const [writer, builder] = [await db.begin(), await db.begin()]
              // Both have read what there was before either of them wrote.
              await writer.vectors('v').indexStatistics()
              await builder.vectors('v').indexStatistics()
              await write(writer)
              await build(builder)
              const [one, other, again] =
                first === 'write' ? [writer, builder, build] : [builder, writer, write]
              await one.commit()
              const failed = await other.commit().then(
                () => false,
                (error: unknown) => hasCode(error, 'TRANSACTION_CONFLICT') || assert.fail(String(error)),
              )
              if (mustConflict) assert.equal(failed, true)
              if (failed) await db.transaction(again)
              await checkFound(db, count)
              await buildFully(db, 'v')
              await checkFound(db, count)
              const hits = await db.vectors('v').search({ vector: elsewhere, k: 1 })
              assert.equal(hits[0]?.distance === 0, write !== remove)
            },
            SEED,
          ))
      }
    }
  }

  it('into a partition that is being given up conflicts with the build that gives it up', () =>
    withVectors([indexed], async (db) => {
      await db.vectors(indexed).insertMany(named)
      await buildFully(db, 'v')
      const writer = await db.begin()
      await add(writer)
      await buildFully(db, 'v')
      await conflicts(writer)

      const late = await db.begin()
      const builder = await db.begin()
      await builder.vectors('v').indexStatistics()
      await add(late)
      await build(builder)
      await late.commit()
      await conflicts(builder)
      await checkFound(db, 61)
    }))

  it('does not conflict with the search for new centres alone', () =>
    withVectors([indexed], async (db) => {
      await db.vectors(indexed).insertMany(named)
      await buildFully(db, 'v')
      const builder = await db.begin()
      const writer = await db.begin()
      await add(writer)
      await builder.vectors('v').buildIndex({ moveMax: 1 })
      await builder.commit()
      await writer.commit()
      await checkFound(db, 61)
      await buildFully(db, 'v')
      await checkFound(db, 61)
    }))

  it('that knew of no index conflicts with the declaration of one', () =>
    withVectors([plain], async (db) => {
      await db.vectors(plain).insertMany(named)
      const writer = await db.begin()
      await add(writer)
      await db.apply([indexed])
      await conflicts(writer)
      await buildFully(db, 'v')
      await checkFound(db, 60)
    }))
})

describe('two builds at a time', () => {
  for (const [beginning, prepare] of beginnings) {
    it(`do not both commit: ${beginning}`, () =>
      withVectors([indexed], async (db) => {
        await db.vectors(indexed).insertMany(named)
        await prepare(db)
        const [one, other] = [await db.begin(), await db.begin()]
        await one.vectors('v').buildIndex({ moveMax: 40, partitions: 5 })
        await other.vectors('v').buildIndex({ moveMax: 40, partitions: 4 })
        await one.commit()
        await conflicts(other)
        await checkFound(db, 60)
        await buildFully(db, 'v')
        await checkFound(db, 60)
      }))
  }
})

describe('two writes of one vector', () => {
  it('conflict, and the index has the one that was committed', () =>
    withVectors([indexed], async (db) => {
      await db.vectors(indexed).insertMany(named)
      await buildFully(db, 'v')
      for (const [first, second, count] of [
        [update, remove, 60],
        [remove, update, 59],
        [add, add, 60],
      ] as const) {
        const [one, other] = [await db.begin(), await db.begin()]
        await first(one)
        await second(other)
        await one.commit()
        await conflicts(other)
        await checkFound(db, count)
      }
    }))

  it('under read-committed wait for one another, and the index has the later one', () =>
    withVectors([indexed], async (db) => {
      await db.vectors(indexed).insertMany(named)
      for (const prepare of [async () => undefined, () => buildFully(db, 'v')]) {
        await prepare()
        const [one, other] = [
          await db.begin({ isolation: 'read-committed' }),
          await db.begin({ isolation: 'read-committed' }),
        ]
        await one.vectors('v').upsert({ id: 'v7', vector: elsewhere })
        const waiting = other.vectors('v').upsert({ id: 'v7', vector: given[0] ?? [] })
        await one.commit()
        await waiting
        await other.commit()
        await checkFound(db, 60)
        assert.deepEqual((await db.vectors('v').get('v7'))?.vector, given[0])
      }
    }))

  it('one under read-committed and one under snapshot do not spoil the index', () =>
    withVectors([indexed], async (db) => {
      await db.vectors(indexed).insertMany(named)
      await buildFully(db, 'v')
      const loose = await db.begin({ isolation: 'read-committed' })
      const strict = await db.begin()
      await strict.vectors('v').indexStatistics()
      await loose.vectors('v').upsert({ id: 'v7', vector: elsewhere })
      const waiting = strict.vectors('v').upsert({ id: 'v7', vector: given[0] ?? [] })
      await loose.commit()
      await waiting.then(
        () => conflicts(strict),
        () => strict.rollback(),
      )
      await checkFound(db, 60)
      assert.deepEqual((await db.vectors('v').get('v7'))?.vector, Float32Array.from(elsewhere))
    }))
})

describe('a search while the index is built', () => {
  it('sees one state of it from beginning to end', () =>
    withVectors([indexed], async (db) => {
      await db.vectors(indexed).insertMany(named)
      await buildFully(db, 'v')
      const reader = await db.begin()
      const before = await reader.vectors('v').search({ vector: elsewhere, k: 100, probes: 1000 })
      await db.vectors('v').deleteMany(['v1', 'v2'])
      await db.vectors('v').buildIndex({ partitions: 3 })
      await buildFully(db, 'v')
      assert.deepEqual(await reader.vectors('v').search({ vector: elsewhere, k: 100, probes: 1000 }), before)
      assert.deepEqual(await reader.vectors('v').search({ vector: elsewhere, k: 100, exact: true }), before)
      await reader.rollback()
    }))
})

describe('many writers, builders and searchers', () => {
  for (const seed of [1, 2, 3]) {
    it(`lose no vector (seed ${seed})`, () =>
      withVectors(
        [indexed],
        async (db) => {
          // Nobody touches these, so every search must find them all. Those that go on until the others have ended let
          // the event loop turn, as a store in memory never has to.
          await db.vectors(indexed).insertMany(named)
          const end = new AbortController()
          const expected = new Map<string, number[]>()
          const writer = async (own: number): Promise<void> => {
            const { random } = new TestEnv({ seed: seed * 100 + own })
            for (let i = 0; i < 60; i++) {
              const id = `w${own}-${Math.floor(random.float() * 10)}`
              if (random.float() < 0.3) {
                await db.vectors('v').delete(id)
                expected.delete(id)
              } else {
                const vector = Array.from({ length: 4 }, () => Math.round(random.float() * 10))
                await db.vectors('v').upsert({ id, vector })
                expected.set(id, vector)
              }
            }
          }
          const builder = async (): Promise<void> => {
            while (!end.signal.aborted) {
              await db.env.timers.nextTurn()
              await db
                .vectors('v')
                .buildIndex({ moveMax: 17 })
                .catch((error: unknown) => {
                  if (!hasCode(error, 'TRANSACTION_CONFLICT')) throw error
                })
            }
          }
          const searcher = async (): Promise<void> => {
            while (!end.signal.aborted) {
              await db.env.timers.nextTurn()
              const hits = await db.vectors('v').search({ vector: [0, 0, 0, 0], k: 10_000, probes: 1000 })
              const ids = hits.map(({ id }) => id)
              assert.equal(new Set(ids).size, ids.length)
              assert.equal(ids.filter((id) => id.startsWith('v')).length, named.length)
            }
          }
          const others = [builder(), builder(), searcher()]
          await Promise.all([0, 1, 2, 3].map(writer)).finally(() => end.abort())
          await Promise.all(others)
          await checkFound(db, named.length + expected.size)
          for (const [id, vector] of expected) {
            assert.deepEqual((await db.vectors('v').get(id))?.vector, Float32Array.from(vector))
          }
          await buildFully(db, 'v')
          await checkFound(db, named.length + expected.size)
        },
        seed,
      ))
  }
})
