/** Adding, changing and deleting edges. */
import { toBinaryString } from '@orbit-ts/base'
import { graphKeys, type EdgeIdentity } from '@orbit-ts/storage'
import { atomically } from './atomically.js'
import { checkEdge, edgeRecord, type CheckedEdge, type NamedEdge } from './edge-input.js'
import type { GraphEdge, GraphNode } from './graph-records.js'
import { IndexChanges } from './index-changes.js'
import { indexedEdge } from './indexed-record.js'
import { shareGuards } from './node-guard.js'
import { nodeKey } from './node-writes.js'
import type { OpenGraph } from './open-graph.js'
import { nodeName } from './record-names.js'
import { decodeEdge, decodeNode, encodeEdge } from './record-payload.js'
import { mergeProperties, checkProperties } from './record-properties.js'

/** @throws see `GraphSession.addEdges` */
export async function addEdges(graph: OpenGraph, given: readonly unknown[]): Promise<GraphEdge[]> {
  const edges = given.map((each, i) => checkEdge(graph, each, given.length === 1 ? 'edge' : `edges[${i}]`))
  refuseTwins(graph, edges)
  await checkStored(graph, edges)
  const indexes = new IndexChanges(graph)
  const records = edges.map((edge) => edgeRecord(edge, edge.properties))
  edges.forEach((edge, i) => {
    const record = indexedEdge(graph, records[i] ?? edgeRecord(edge, {}), edge.identity)
    indexes.add(record, undefined, { types: [edge.type], properties: edge.properties })
  })
  await indexes.check()
  const values = edges.map((edge) => encodeEdge(graph, edge.what, edge.type, edge.properties))
  atomically(graph.storage, () => {
    edges.forEach((edge, i) => insertEdge(graph, edge, values[i] ?? new Uint8Array()))
    indexes.write()
  })
  return records
}
