/** Databases with clients of their own, as in processes of their own, on one TiKV cluster whose regions split. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { TestEnv, hasCode } from '@orbit-ts/base'
import type { IsolationLevel } from '@orbit-ts/storage'
import { TestCluster, keepSplitting } from '@orbit-ts/tikv/testing'
import { openDatabase, type Database } from '../../../database.js'
import { checkIndex } from '../vectors-database.test.data.js'
import { vectors, type VectorSchema } from '../vectors.js'
import { checkSearches } from './kept-vectors.test.data.js'

const plain = vectors('v', { dimension: 3, metric: 'l2' })
const indexed = vectors('v', { dimension: 3, metric: 'l2', index: { kind: 'partitioned' } })
const LEVELS: readonly IsolationLevel[] = ['snapshot', 'serializable', 'read-committed']
const WRITES = 40
const SEARCHES = 30

describe('vectors kept by databases on one TiKV cluster', () => {
  let cluster: TestCluster
  let splitting: { cancel(): void }
  let namespaces = 0
  before(async () => {
    cluster = await TestCluster.start({ transport: 'sockets', stores: 3 })
    splitting = keepSplitting(cluster)
  })
  after(async () => {
    splitting.cancel()
    await cluster.close()
  })

  async function withDatabases(
    schema: VectorSchema,
    work: (one: Database, other: Database) => Promise<void>,
  ): Promise<void> {
    const namespace = `test-${++namespaces}`
    const open = (): Promise<Database> =>
      openDatabase({
        storage: { kind: 'tikv', pdEndpoints: [...cluster.pdEndpoints], namespace },
        schema: [schema],
      })
    await using one = await open()
    await using other = await open()
    await work(one, other)
  }

  for (const [what, schema, builds] of [
    ['without an index', plain, 0],
    ['while an index is built', indexed, 12],
  ] as const) {
    it(`are what the store has, with writers on both, ${what}`, () =>
      withDatabases(schema, async (one, other) => {
        const { random } = new TestEnv({ seed: 11 })
        const below = (end: number): number => Math.floor(random.float() * end)
        const anyVector = (): number[] => [below(9), below(9), below(9)]
        await one
          .vectors('v')
          .insertMany(Array.from({ length: 300 }, (_, i) => ({ id: `v${i}`, vector: anyVector() })))
        const writer = async (db: Database): Promise<void> => {
          for (let i = 0; i < WRITES; i++) {
            const id = `v${below(320)}`
            const write =
              random.float() < 0.3
                ? db.vectors('v').delete(id)
                : db.vectors('v').upsert({ id, vector: anyVector() })
            await unlessConflict(write)
          }
        }
        const builder = async (db: Database): Promise<void> => {
          for (let i = 0; i < builds; i++)
            await unlessConflict(db.vectors('v').buildIndex({ moveMax: 40, partitions: 8 }))
        }
        const searcher = async (db: Database, isolation: IsolationLevel): Promise<void> => {
          for (let i = 0; i < SEARCHES; i++) {
            await using tx = await db.begin({ isolation })
            if (isolation === 'read-committed') await tx.storage.refresh()
            await checkSearches(db, tx, 'v', [
              { vector: anyVector(), exact: true },
              { vector: anyVector(), probes: 3 },
            ])
          }
        }
        await Promise.all(
          [one, other].flatMap((db) => [
            writer(db),
            builder(db),
            ...LEVELS.map((level) => searcher(db, level)),
          ]),
        )
        for (const db of [one, other]) {
          await checkIndex(db, 'v')
          await using tx = await db.begin()
          await checkSearches(db, tx, 'v', [{ vector: [4, 4, 4], k: 1000 }])
          assert.ok(db.caches.metrics().vectors.hits > 0)
        }
      }))
  }

  it('protect a serializable transaction from what another database writes', () =>
    withDatabases(plain, async (one, other) => {
      await one.apply([vectors('w', { dimension: 3, metric: 'l2' })])
      await one.vectors('v').upsert({ id: 'a', vector: [1, 2, 3] })
      await one.vectors('v').search({ vector: [1, 2, 3] })
      const tx = await one.begin({ isolation: 'serializable' })
      const { hits } = one.caches.metrics().vectors
      assert.equal((await tx.vectors('v').search({ vector: [1, 2, 3] })).length, 1)
      assert.equal(one.caches.metrics().vectors.hits, hits + 1)
      await tx.vectors('w').upsert({ id: 'b', vector: [1, 2, 3] })
      await other.vectors('v').upsert({ id: 'c', vector: [1, 2, 3] })
      await assert.rejects(tx.commit(), (error) => hasCode(error, 'TRANSACTION_CONFLICT'))
      assert.equal((await one.vectors('v').search({ vector: [1, 2, 3] })).length, 2)
    }))
})

async function unlessConflict(work: Promise<unknown>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!hasCode(error, 'TRANSACTION_CONFLICT')) throw error
  })
}
