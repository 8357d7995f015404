/** Objects of the models that have indexes over stored records, alike for the tests of index builds. */
import { systemEnv } from '@orbit-ts/base'
import { LocalTransactions, openMemoryEngine, type StorageProvider } from '@orbit-ts/storage'
import type { Database, ObjectSchema } from '../database.js'
import { audit as auditCollection } from '../models/document/collection-database.test.data.js'
import { collection } from '../models/document/collection.js'
import { audit as auditGraph } from '../models/graph/graph-database.test.data.js'
import { graph } from '../models/graph/graph.js'
import { audit as auditTable } from '../models/relational/table-database.test.data.js'
import { int4, text } from '../models/relational/schema/column-types.js'
import { table } from '../models/relational/table.js'
import type { DatabaseTransaction } from '../txn/database-transaction.js'

export type IndexKind = 'none' | 'plain' | 'unique'

/** Records `r0`, `r1`… with one value each, over which there is an index called `by_v`. */
export interface IndexedObject {
  readonly title: string
  schema(index: IndexKind): ObjectSchema
  /** What records need to be there. */
  prepare?(db: Database): Promise<void>
  insert(
    tx: DatabaseTransaction,
    records: readonly { readonly n: number; readonly v: string }[],
  ): Promise<void>
  update(tx: DatabaseTransaction, n: number, v: string): Promise<void>
  remove(tx: DatabaseTransaction, n: number): Promise<void>
  /** The numbers of the records with a value, and whether the index was used to find them. */
  find(db: Database, v: string): Promise<{ readonly found: number[]; readonly usesIndex: boolean }>
  /** Asserts that the stored entries are those that the records call for. */
  audit(db: Database): Promise<unknown>
}

/** Many bytes beside the indexed value, so that few records fill a transaction. */
const PADDING = 'x'.repeat(100)
const id = (n: number): string => `r${n}`
const numberOf = (name: unknown): number => Number(String(name).slice(1))

const documents: IndexedObject = {
  title: 'collection',
  schema: (index) =>
    collection('records', {
      indexes: index === 'none' ? [] : [{ name: 'by_v', path: 'v', unique: index === 'unique' }],
    }),
  async insert(tx, records) {
    await tx.collection('records').insertMany(records.map(({ n, v }) => ({ id: id(n), v, padding: PADDING })))
  },
  async update(tx, n, v) {
    await tx.collection('records').merge(id(n), { v })
  },
  async remove(tx, n) {
    await tx.collection('records').delete(id(n))
  },
  async find(db, v) {
    const records = db.collection('records')
    const found = await records.find({ where: { v } })
    const { index } = await records.explain({ where: { v } })
    return { found: found.map((record) => numberOf(record.id)), usesIndex: index === 'by_v' }
  },
  audit: (db) => auditCollection(db, 'records'),
}

const tables: IndexedObject = {
  title: 'table',
  schema: (index) =>
    table(
      'records',
      { n: int4().primaryKey(), v: text(), padding: text() },
      { indexes: index === 'none' ? [] : [{ name: 'by_v', columns: ['v'], unique: index === 'unique' }] },
    ),
  async insert(tx, records) {
    await tx.table('records').insertMany(records.map((record) => ({ ...record, padding: PADDING })))
  },
  async update(tx, n, v) {
    await tx.table('records').update(n, { v })
  },
  async remove(tx, n) {
    await tx.table('records').delete(n)
  },
  async find(db, v) {
    const records = db.table('records')
    const found = await records.find({ where: { v } })
    const { index } = await records.explain({ where: { v } })
    return { found: found.map(({ n }) => Number(n)), usesIndex: index === 'by_v' }
  },
  audit: (db) => auditTable(db, 'records'),
}

const graphIndexes = (index: IndexKind): { name: string; fields: string[]; unique: boolean }[] =>
  index === 'none' ? [] : [{ name: 'by_v', fields: ['v'], unique: index === 'unique' }]

const nodes: IndexedObject = {
  title: 'nodes of a graph',
  schema: (index) => graph('records', { nodes: { Record: { indexes: graphIndexes(index) }, Other: {} } }),
  async insert(tx, records) {
    await tx
      .graph('records')
      .addNodes(
        records.map(({ n, v }) => ({ id: id(n), labels: ['Record'], properties: { v, padding: PADDING } })),
      )
  },
  async update(tx, n, v) {
    await tx.graph('records').updateNode(id(n), { properties: { v } })
  },
  async remove(tx, n) {
    await tx.graph('records').deleteNode(id(n))
  },
  async find(db, v) {
    const query = { label: 'Record', where: { v } }
    const found = await db.graph('records').findNodes(query)
    const { index } = await db.graph('records').explainNodes(query)
    return { found: found.map((node) => numberOf(node.id)), usesIndex: index === 'by_v' }
  },
  audit: (db) => auditGraph(db, 'records'),
}

const edges: IndexedObject = {
  title: 'edges of a graph',
  schema: (index) =>
    graph('records', {
      nodes: { Node: {} },
      edges: { RECORD: { indexes: graphIndexes(index) }, OTHER: {} },
    }),
  async prepare(db) {
    await db.transaction(async (tx) => {
      await tx.graph('records').addNodes([
        { id: 'a', labels: ['Node'] },
        { id: 'b', labels: ['Node'] },
      ])
      await tx.graph('records').addEdge({ type: 'OTHER', from: 'a', to: 'b', properties: { v: 'other' } })
    })
  },
  async insert(tx, records) {
    await tx
      .graph('records')
      .addEdges(records.map(({ n, v }) => ({ ...edgeKey(n), properties: { v, padding: PADDING } })))
  },
  async update(tx, n, v) {
    await tx.graph('records').updateEdge(edgeKey(n), { properties: { v } })
  },
  async remove(tx, n) {
    await tx.graph('records').deleteEdge(edgeKey(n))
  },
  async find(db, v) {
    const query = { type: 'RECORD', where: { v } }
    const found = await db.graph('records').findEdges(query)
    const { index } = await db.graph('records').explainEdges(query)
    return { found: found.map((edge) => numberOf(edge.id)), usesIndex: index === 'by_v' }
  },
  audit: (db) => auditGraph(db, 'records'),
}

const edgeKey = (n: number): { type: string; from: string; to: string; id: string } => ({
  type: 'RECORD',
  from: 'a',
  to: 'b',
  id: id(n),
})

export const INDEXED_OBJECTS: readonly IndexedObject[] = [documents, tables, nodes, edges]

/** A store in memory whose transactions may write as much. It lives by the real clock, so that pauses pass. */
export async function openSmall(transactionSizeMaxBytes: number): Promise<StorageProvider> {
  return LocalTransactions.open(await openMemoryEngine({}, { env: systemEnv }), { transactionSizeMaxBytes })
}
