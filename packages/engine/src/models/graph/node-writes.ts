/** Adding, changing and deleting nodes. */
import { EMPTY_BYTES } from '@orbit-ts/base'
import { graphKeys } from '@orbit-ts/storage'
import type { GraphNode } from './graph-records.js'
import type { RecordType } from './graph-types.js'
import { IndexChanges } from './index-changes.js'
import { indexedNode } from './indexed-record.js'
import { checkNode, type CheckedNode } from './node-input.js'
import type { OpenGraph } from './open-graph.js'
import { IdSource } from './record-ids.js'
import { NodeName, nodeName } from './record-names.js'
import { encodeNode } from './record-payload.js'

/** @throws see `GraphSession.addNodes` */
export async function addNodes(graph: OpenGraph, given: readonly unknown[]): Promise<GraphNode[]> {
  const ids = new IdSource(graph.context)
  const nodes = given.map((each, i) =>
    checkNode(graph, each, given.length === 1 ? 'node' : `nodes[${i}]`, ids),
  )
  await refuseExisting(graph, nodes)
  const indexes = new IndexChanges(graph)
  for (const node of nodes) {
    indexes.add(indexedNode(graph, node.id), undefined, { types: node.labels, properties: node.properties })
  }
  await indexes.check()
  const records = nodes.map((node) => ({ node, key: nodeKey(graph, node.id), value: encoded(graph, node) }))
  for (const { node, key, value } of records) {
    graph.storage.insert(key, value)
    graph.context.explainExisting(key, () => exists(graph, node.id))
    putLabels(graph, node.id, node.labels)
  }
  indexes.write()
  return nodes.map(({ id, labels, properties }) => ({
    id,
    labels: labels.map(({ name }) => name),
    properties,
  }))
}

export function nodeKey(graph: OpenGraph, id: string): Uint8Array {
  return graphKeys.node(graph.id, id)
}

export function putLabels(graph: OpenGraph, id: string, labels: readonly RecordType[]): void {
  for (const label of labels) graph.storage.put(graphKeys.label(graph.id, label.id, id), EMPTY_BYTES)
}

export function deleteLabels(graph: OpenGraph, id: string, labels: readonly RecordType[]): void {
  for (const label of labels) graph.storage.delete(graphKeys.label(graph.id, label.id, id))
}

function encoded(graph: OpenGraph, { id, labels, properties }: CheckedNode): Uint8Array {
  return encodeNode(graph, new NodeName(id), labels, properties, graph.context.nowMs)
}

async function refuseExisting(graph: OpenGraph, nodes: readonly CheckedNode[]): Promise<void> {
  const ids = nodes.filter(({ isGenerated }) => !isGenerated).map(({ id }) => id)
  const seen = new Set<string>()
  for (const id of ids) {
    if (seen.has(id)) throw graph.error('RECORD_EXISTS', `${nodeName(id)} is given twice`, { node: id })
    seen.add(id)
  }
  const found = await graph.storage.getMany(ids.map((id) => nodeKey(graph, id)))
  ids.forEach((id, i) => {
    if (found[i] !== undefined) throw exists(graph, id)
  })
}

function exists(graph: OpenGraph, id: string): Error {
  return graph.error('RECORD_EXISTS', `${nodeName(id)} exists already`, { node: id })
}
