import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { hasCode } from '@orbit-ts/base'
import { openProvider, type ProviderOptions } from '@orbit-ts/storage'
import { TestCluster } from '@orbit-ts/tikv/testing'
import { openDatabase } from '../database.js'
import { collection } from '../models/document/collection.js'
import { graph } from '../models/graph/graph.js'
import { int4, text } from '../models/relational/schema/column-types.js'
import { table } from '../models/relational/table.js'
import type { DatabaseTransaction } from './database-transaction.js'

const parents = table('parents', { id: int4().primaryKey(), code: text().unique() })
const children = table(
  'children',
  { id: int4().primaryKey(), parent: int4().references(parents, 'id'), note: text() },
  { indexes: [{ columns: ['note'] }] },
)
const items = collection('items', { indexes: [{ path: 'a', unique: true }] })
const friends = graph('friends', {
  nodes: { Person: { properties: { name: 'string' }, indexes: ['name'] } },
  edges: { KNOWS: { from: 'Person', to: 'Person' } },
})

/** What one transaction does to records of its own, of objects that all of them use. */
const WORKS: Readonly<Record<string, (tx: DatabaseTransaction, at: number) => Promise<unknown>>> = {
  'a table': async (tx, at) => {
    await tx.table(parents).get(at)
    await tx.table(parents).upsert({ id: at, code: `c${at}` })
    await tx.table(parents).update(at, { code: `d${at}` })
  },
  'a table that refers to another': async (tx, at) => {
    await tx.table(parents).insert({ id: 1000 + at, code: `p${at}` })
    await tx.table(children).insert({ id: at, parent: 1000 + at, note: 'x' })
  },
  'a collection': async (tx, at) => {
    await tx.collection(items).insert({ id: `i${at}`, a: at })
    await tx.collection(items).get(`i${at}`)
  },
  'a graph': async (tx, at) => {
    const node = (id: string) => ({ id, labels: ['Person'], properties: { name: 'N' } }) as const
    await tx.graph(friends).addNodes([node(`a${at}`), node(`b${at}`)])
    await tx.graph(friends).addEdges([{ type: 'KNOWS', from: `a${at}`, to: `b${at}`, properties: {} }])
  },
}

const STORES: Readonly<Record<string, (cluster: TestCluster) => ProviderOptions>> = {
  memory: () => ({ kind: 'memory' }),
  TiKV: (cluster) => ({ kind: 'tikv', pdEndpoints: [...cluster.pdEndpoints] }),
}

for (const [store, optionsOf] of Object.entries(STORES)) {
  describe(`pessimistic transactions on ${store}`, () => {
    for (const [object, work] of Object.entries(WORKS)) {
      test(`do not wait for each other because they use ${object} both`, async () => {
        await using cluster = await TestCluster.start({ transport: 'sockets', stores: 1 })
        await using storage = await openProvider(optionsOf(cluster))
        const db = await openDatabase({ storage, schema: [parents, children, items, friends] })
        let at = 1
        for (const isolation of ['read-committed', 'snapshot', 'serializable'] as const) {
          const options = { mode: 'pessimistic', isolation, lockWaitMs: 2000 } as const
          const [first, second] = [await db.begin(options), await db.begin(options)]
          await work(first, at++)
          await work(second, at++)
          await second.commit()
          await first.commit()
        }
        await db.close()
      })
    }

    test('wait for each other where they read the same record', async () => {
      await using cluster = await TestCluster.start({ transport: 'sockets', stores: 1 })
      await using storage = await openProvider(optionsOf(cluster))
      const db = await openDatabase({ storage, schema: [parents] })
      const [first, second] = [
        await db.begin({ mode: 'pessimistic' }),
        await db.begin({ mode: 'pessimistic', lockWaitMs: 1 }),
      ]
      await first.table(parents).get(1)
      await assert.rejects(second.table(parents).get(1), (error) => hasCode(error, 'LOCK_TIMEOUT'))
      await first.rollback()
      await second.rollback()
      await db.close()
    })
  })
}
