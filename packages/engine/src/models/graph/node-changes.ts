/** Changing and deleting nodes. */
import { graphKeys } from '@orbit-ts/storage'
import { readHops, type Hop } from './adjacency.js'
import { endReason, outKey, removeEdges, type RemovedEdge } from './edge-writes.js'
import type { GraphNode } from './graph-records.js'
import type { RecordType } from './graph-types.js'
import { IndexChanges } from './index-changes.js'
import { indexedNode } from './indexed-record.js'
import { takeGuard, writeGuard } from './node-guard.js'
import { checkFields, checkLabels } from './node-input.js'
import { readNodes, requireNode } from './node-reads.js'
import { deleteLabels, nodeKey, putLabels } from './node-writes.js'
import type { OpenGraph } from './open-graph.js'
import { checkId } from './record-ids.js'
import { NodeName, nodeName } from './record-names.js'
import { decodeEdge, encodeNode } from './record-payload.js'
import { checkProperties, checkReplace, mergeProperties } from './record-properties.js'

/** Edges that are counted for a message. */
const COUNT_MAX = 1000

/** @throws see `GraphSession.updateNode` */
export async function updateNode(graph: OpenGraph, nodeId: unknown, update: unknown): Promise<GraphNode> {
  const id = checkId(graph, nodeId, 'id')
  const name = new NodeName(id)
  const given = checkFields(graph, update, 'update', ['properties', 'replace', 'addLabels', 'removeLabels'])
  const replace = checkReplace(graph, given['replace'])
  const added = checkLabels(graph, given['addLabels'], 'update.addLabels')
  const removed = checkLabels(graph, given['removeLabels'], 'update.removeLabels')
  if (graph.isReadCommitted) await graph.storage.lock([nodeKey(graph, id)])
  const { node: before, createdAtMs } = await requireNode(graph, id)
  const oldLabels = checkLabels(graph, before.labels, 'labels')
  const labels = changeLabels(graph, id, oldLabels, added, removed)
  const lost = without(oldLabels, labels)
  const guards = await checkLostLabels(graph, id, lost, labels)

  const written = { name, types: labels }
  const properties = replace
    ? checkProperties(graph, written, given['properties'])
    : mergeProperties(graph, written, before.properties, given['properties'])
  const indexes = new IndexChanges(graph)
  indexes.add(
    indexedNode(graph, id),
    { types: oldLabels, properties: before.properties },
    { types: labels, properties },
  )
  await indexes.check()
  const value = encodeNode(graph, name, labels, properties, createdAtMs)
  graph.storage.put(nodeKey(graph, id), value)
  if (guards) writeGuard(graph, id)
  deleteLabels(graph, id, lost)
  putLabels(graph, id, without(labels, oldLabels))
  indexes.write()
  return { id, labels: labels.map(({ name }) => name), properties }
}

/** @throws NODE_HAS_EDGES */
export async function deleteNode(graph: OpenGraph, nodeId: unknown, options: unknown): Promise<boolean> {
  const id = checkId(graph, nodeId, 'id')
  const { detach = false } = checkFields(graph, options, 'options', ['detach'])
  if (typeof detach !== 'boolean') {
    throw graph.error('INVALID_ARGUMENT', 'options.detach is neither true nor false', {
      field: 'options.detach',
    })
  }
  if (graph.isReadCommitted) await graph.storage.lock([nodeKey(graph, id)])
  await takeGuard(graph, id)
  const [stored] = await readNodes(graph, [id])
  if (stored === undefined) return false
  if (!detach) await refuseEdges(graph, id)
  const edges = detach ? await edgesToRemove(graph, id) : []
  const labels = checkLabels(graph, stored.node.labels, 'labels')
  const indexes = new IndexChanges(graph)
  indexes.add(indexedNode(graph, id), { types: labels, properties: stored.node.properties }, undefined)
  await indexes.check()
  graph.storage.delete(nodeKey(graph, id))
  writeGuard(graph, id)
  deleteLabels(graph, id, labels)
  await removeEdges(graph, edges)
  indexes.write()
  return true
}

function changeLabels(
  graph: OpenGraph,
  id: string,
  before: readonly RecordType[],
  added: readonly RecordType[],
  removed: readonly RecordType[],
): RecordType[] {
  const both = added.find((label) => has(removed, label))
  if (both !== undefined) {
    throw graph.error('INVALID_ARGUMENT', `update both adds and removes label ${JSON.stringify(both.name)}`, {
      label: both.name,
    })
  }
  const labels = [...without(before, removed), ...without(added, before)]
  if (labels.length > 0 || graph.types.isOpen) return labels
  throw graph.error(
    'INVALID_ARGUMENT',
    `update takes the last label from ${nodeName(id)}; a node has at least one`,
    {
      node: id,
    },
  )
}

function without(labels: readonly RecordType[], others: readonly RecordType[]): RecordType[] {
  return labels.filter((label) => !has(others, label))
}

function has(labels: readonly RecordType[], label: RecordType): boolean {
  return labels.some(({ id }) => id === label.id)
}

/**
 * Refuses to take labels that an edge of the node needs. True when some type of edge asks for one of them, so that the
 * guard must be written.
 */
async function checkLostLabels(
  graph: OpenGraph,
  id: string,
  lost: readonly RecordType[],
  left: readonly RecordType[],
): Promise<boolean> {
  const leftNames = left.map(({ name }) => name)
  let isGuarded = false
  for (const type of lost.length === 0 ? [] : graph.types.types) {
    for (const end of ['from', 'to'] as const) {
      const accepted = type[end]
      if (accepted === undefined || !lost.some(({ name }) => accepted.includes(name))) continue
      if (leftNames.some((name) => accepted.includes(name))) continue
      if (!isGuarded) await takeGuard(graph, id)
      isGuarded = true
      const range = graphKeys.neighbours(graph.id, id, end === 'from' ? 'out' : 'in', type.id)
      for await (const [first] of graph.storage.scan(range, { keysOnly: true, limit: 1 })) {
        if (first === undefined) continue
        throw graph.error(
          'CHECK_VIOLATION',
          `${nodeName(id)} has ${type.name} edges: ${endReason(type.name, end, accepted, id, leftNames)} after the update`,
          { node: id, type: type.name },
        )
      }
    }
  }
  return isGuarded
}

async function refuseEdges(graph: OpenGraph, id: string): Promise<void> {
  let count = 0
  const options = { keysOnly: true, limit: COUNT_MAX + 1 }
  for await (const hops of readHops(graph, id, ALL_EDGES, options)) {
    count += hops.length
    if (count > COUNT_MAX) break
  }
  if (count === 0) return
  const shown = count > COUNT_MAX ? `more than ${COUNT_MAX} edges` : count === 1 ? '1 edge' : `${count} edges`
  throw graph.error(
    'NODE_HAS_EDGES',
    `${nodeName(id)} has ${shown}; delete them first, or pass detach: true to delete them with it`,
    { node: id, edges: Math.min(count, COUNT_MAX), more: count > COUNT_MAX },
  )
}

const ALL_EDGES = { direction: 'both', typeIds: undefined } as const

async function edgesToRemove(graph: OpenGraph, id: string): Promise<RemovedEdge[]> {
  const hops: Hop[] = []
  for await (const chunk of readHops(graph, id, ALL_EDGES)) hops.push(...chunk)
  const stored = graph.isReadCommitted ? await lockAndRead(graph, hops) : hops
  return stored.map(({ edge, value }) => ({ identity: edge, edge: decodeEdge(graph, edge, value) }))
}

/** The edges as they are once nobody else can change them any more. */
async function lockAndRead(graph: OpenGraph, hops: readonly Hop[]): Promise<Hop[]> {
  const keys = hops.map(({ edge }) => outKey(graph, edge))
  if (keys.length > 0) await graph.storage.lock(keys)
  const values = await graph.storage.getMany(keys)
  return hops.flatMap((hop, i) => {
    const value = values[i]
    return value === undefined ? [] : [{ ...hop, value }]
  })
}
