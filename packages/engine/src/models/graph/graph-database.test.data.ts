/** What the tests of graphs have in common: databases, and the audit of all that a graph has stored. */
import assert from 'node:assert/strict'
import { systemEnv, toBinaryString, TestEnv } from '@orbit-ts/base'
import { graphKeys, parseKey } from '@orbit-ts/storage'
import { openDatabase, type Database, type ObjectSchema } from '../../database.js'
import { TransactionContext } from '../../txn/database-transaction.js'
import { Catalog } from '../../catalog/catalog.js'
import { edgeOfKey } from './adjacency.js'
import { graphModel } from './graph-model.js'
import type { GraphEdge, GraphNode } from './graph-records.js'
import { indexedEdge, indexedNode } from './indexed-record.js'
import { checkLabels } from './node-input.js'
import { OpenGraph } from './open-graph.js'
import { recordEntries, type IndexedRecord, type IndexedState } from './record-entries.js'
import { decodeEdge, decodeNode } from './record-payload.js'
import { openStore } from '../store.test.data.js'

export { collect, refuses } from '../store.test.data.js'

export async function withDatabase(
  schema: readonly ObjectSchema[],
  work: (db: Database) => Promise<void>,
): Promise<void> {
  const storage = await openStore()
  try {
    await work(await openDatabase({ storage, schema, env: new TestEnv() }))
  } finally {
    await storage.close()
  }
}

export interface StoredGraph {
  readonly nodes: Map<string, GraphNode>
  readonly edges: GraphEdge[]
}

/**
 * Reads every key of the graph and asserts that they fit together: each edge under both of its ends, which exist; each
 * label and index entry that the records call for, and not one more. Returns what is stored.
 */
export async function audit(db: Database, name: string): Promise<StoredGraph> {
  const storage = await db.storage.begin()
  const context = new TransactionContext(storage, new Catalog(), systemEnv)
  const graph = new OpenGraph(context, await context.object(graphModel, name))
  const nodes = new Map<string, GraphNode>()
  const edges: GraphEdge[] = []
  const found = new Set<string>()
  const expected = new Set<string>()
  const backwards = new Map<string, string>()
  for await (const entries of storage.scan(graphKeys.graph(graph.id))) {
    for (const { key, value } of entries) {
      found.add(entryText(key, value))
      const parsed = parseKey(key)
      assert(parsed.model === 'graph')
      if (parsed.kind === 'node') nodes.set(parsed.nodeId, decodeNode(graph, parsed.nodeId, value).node)
      if (parsed.kind !== 'edge') continue
      if (parsed.direction === 'in') backwards.set(toBinaryString(key), toBinaryString(value))
      else edges.push(decodeEdge(graph, parsed.edge, value))
    }
  }
  const expect = (record: IndexedRecord, state: IndexedState): void => {
    for (const { key, value } of recordEntries(graph, record, state).values())
      expected.add(entryText(key, value))
  }
  for (const node of nodes.values()) {
    const labels = checkLabels(graph, node.labels, node.id)
    for (const { id } of labels)
      expected.add(entryText(graphKeys.label(graph.id, id, node.id), new Uint8Array()))
    expect(indexedNode(graph, node.id), { types: labels, properties: node.properties })
  }
  for await (const entries of storage.scan(graphKeys.edges(graph.id))) {
    for (const { key, value } of entries) {
      const { edge } = edgeOfKey(key)
      assert(nodes.has(edge.fromId) && nodes.has(edge.toId), `an edge dangles: ${JSON.stringify(edge)}`)
      const reversed = toBinaryString(graphKeys.edge(graph.id, edge, 'in'))
      assert.equal(backwards.get(reversed), toBinaryString(value), 'an edge is the same under both ends')
      backwards.delete(reversed)
      const type = graph.types.declaredType(edge.typeId)
      const record = decodeEdge(graph, edge, value)
      if (type !== undefined)
        expect(indexedEdge(graph, record, edge), { types: [type], properties: record.properties })
    }
  }
  assert.equal(backwards.size, 0, 'no edge is stored under its end alone')
  const others = [...found].filter((entry) => !isRecord(entry))
  assert.deepEqual(others.sort(), [...expected].sort())
  await storage.rollback()
  return { nodes, edges }
}

function entryText(key: Uint8Array, value: Uint8Array): string {
  return `${Buffer.from(key).toString('hex')} ${Buffer.from(value).toString('hex')}`
}

function isRecord(entry: string): boolean {
  const parsed = parseKey(Buffer.from(entry.slice(0, entry.indexOf(' ')), 'hex'))
  return parsed.model === 'graph' && (parsed.kind === 'node' || parsed.kind === 'edge')
}
