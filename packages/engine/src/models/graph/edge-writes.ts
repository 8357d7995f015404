/** Adding, changing and deleting edges. */
import { toBinaryString } from '@orbit-ts/base'
import { graphKeys, type EdgeIdentity } from '@orbit-ts/storage'
import { checkEdge, checkEdgeKey, edgeRecord, type CheckedEdge, type NamedEdge } from './edge-input.js'
import type { GraphEdge, GraphNode } from './graph-records.js'
import { IndexChanges } from './index-changes.js'
import { indexedEdge } from './indexed-record.js'
import { shareGuards } from './node-guard.js'
import { checkFields } from './node-input.js'
import { nodeKey } from './node-writes.js'
import type { OpenGraph } from './open-graph.js'
import { IdSource } from './record-ids.js'
import { nodeName } from './record-names.js'
import { decodeEdge, decodeNode, encodeEdge } from './record-payload.js'
import { checkProperties, checkReplace, mergeProperties } from './record-properties.js'

/** @throws see `GraphSession.addEdges` */
export async function addEdges(graph: OpenGraph, given: readonly unknown[]): Promise<GraphEdge[]> {
  const ids = new IdSource(graph.context)
  const edges = given.map((each, i) =>
    checkEdge(graph, each, given.length === 1 ? 'edge' : `edges[${i}]`, ids),
  )
  refuseTwins(graph, edges)
  await checkStored(graph, edges)
  const indexes = new IndexChanges(graph)
  const writes = edges.map((edge) => {
    const record = edgeRecord(edge, edge.properties)
    const state = { types: [edge.type], properties: edge.properties }
    indexes.add(indexedEdge(graph, record, edge.identity), undefined, state)
    return { edge, record, value: encodeEdge(graph, edge.name, edge.type, edge.properties) }
  })
  await indexes.check()
  for (const { edge, value } of writes) insertEdge(graph, edge, value)
  indexes.write()
  return writes.map(({ record }) => record)
}

/** @throws see `GraphSession.updateEdge` */
export async function updateEdge(graph: OpenGraph, key: unknown, update: unknown): Promise<GraphEdge> {
  const named = checkEdgeKey(graph, key, 'edge')
  const given = checkFields(graph, update, 'update', ['properties', 'replace'])
  const replace = checkReplace(graph, given['replace'])
  const before = await readForUpdate(graph, named)
  if (before === undefined)
    throw graph.error('RECORD_NOT_FOUND', `${named.name.what} does not exist`, named.name.details)
  const types = [named.type]
  const written = { name: named.name, types }
  const properties = replace
    ? checkProperties(graph, written, given['properties'])
    : mergeProperties(graph, written, before.properties, given['properties'])
  const indexes = new IndexChanges(graph)
  const indexed = indexedEdge(graph, before, named.identity)
  indexes.add(indexed, { types, properties: before.properties }, { types, properties })
  await indexes.check()
  const value = encodeEdge(graph, named.name, named.type, properties)
  graph.storage.put(outKey(graph, named.identity), value)
  graph.storage.put(inKey(graph, named.identity), value)
  indexes.write()
  return edgeRecord(named, properties)
}

/** False when there is no such edge. */
export async function deleteEdge(graph: OpenGraph, key: unknown): Promise<boolean> {
  const named = checkEdgeKey(graph, key, 'edge')
  const edge = await readForUpdate(graph, named)
  if (edge === undefined) return false
  await removeEdges(graph, [{ identity: named.identity, edge }])
  return true
}

export interface RemovedEdge {
  readonly identity: Required<EdgeIdentity>
  readonly edge: GraphEdge
}

/** Deletes edges with their index entries. */
export async function removeEdges(graph: OpenGraph, edges: readonly RemovedEdge[]): Promise<void> {
  const indexes = new IndexChanges(graph)
  for (const { identity, edge } of edges) {
    graph.storage.delete(outKey(graph, identity))
    graph.storage.delete(inKey(graph, identity))
    const type = graph.types.declaredType(identity.typeId)
    if (type === undefined || type.indexes.length === 0) continue
    const state = { types: [type], properties: edge.properties }
    indexes.add(indexedEdge(graph, edge, identity), state, undefined)
  }
  await indexes.check()
  indexes.write()
}

export function outKey(graph: OpenGraph, edge: EdgeIdentity): Uint8Array {
  return graphKeys.edge(graph.id, edge, 'out')
}

function inKey(graph: OpenGraph, edge: EdgeIdentity): Uint8Array {
  return graphKeys.edge(graph.id, edge, 'in')
}

/** Under `read-committed` nothing at commit would find that someone else changed the edge, so it is locked first. */
async function readForUpdate(graph: OpenGraph, { identity }: NamedEdge): Promise<GraphEdge | undefined> {
  const key = outKey(graph, identity)
  if (graph.isReadCommitted) await graph.storage.lock([key])
  const value = await graph.storage.get(key)
  return value === undefined ? undefined : decodeEdge(graph, identity, value, key)
}

function insertEdge(graph: OpenGraph, edge: CheckedEdge, value: Uint8Array): void {
  const key = outKey(graph, edge.identity)
  graph.storage.insert(key, value)
  graph.storage.put(inKey(graph, edge.identity), value)
  if (!edge.isGenerated) graph.context.explainExisting(key, () => exists(graph, edge))
}

function refuseTwins(graph: OpenGraph, edges: readonly CheckedEdge[]): void {
  const seen = new Set<string>()
  for (const edge of edges) {
    if (edge.isGenerated) continue
    const id = toBinaryString(outKey(graph, edge.identity))
    if (seen.has(id))
      throw graph.error('RECORD_EXISTS', `${edge.name.what} is given twice`, edge.name.details)
    seen.add(id)
  }
}

/** Checks the ends, which are protected until the transaction ends, and that the edges are new. */
async function checkStored(graph: OpenGraph, edges: readonly CheckedEdge[]): Promise<void> {
  const nodeIds = [...new Set(edges.flatMap(({ identity }) => [identity.fromId, identity.toId]))]
  await shareGuards(graph, nodeIds)
  const named = edges.filter(({ isGenerated }) => !isGenerated)
  const keys = [
    ...nodeIds.map((id) => nodeKey(graph, id)),
    ...named.map(({ identity }) => outKey(graph, identity)),
  ]
  const found = await graph.storage.getMany(keys)
  const ends = new Ends(graph, new Map(nodeIds.map((id, i) => [id, found[i]])))
  for (const edge of edges) {
    ends.check(edge, 'from', edge.identity.fromId)
    ends.check(edge, 'to', edge.identity.toId)
  }
  named.forEach((edge, i) => {
    if (found[nodeIds.length + i] !== undefined) throw exists(graph, edge)
  })
}

/** The nodes that edges are to join, as they are stored. */
class Ends {
  readonly #graph: OpenGraph
  readonly #values: ReadonlyMap<string, Uint8Array | undefined>
  readonly #nodes = new Map<string, GraphNode>()

  constructor(graph: OpenGraph, values: ReadonlyMap<string, Uint8Array | undefined>) {
    this.#graph = graph
    this.#values = values
  }

  /** @throws DANGLING_EDGE, CHECK_VIOLATION */
  check({ type, name }: NamedEdge, end: 'from' | 'to', id: string): void {
    const value = this.#values.get(id)
    if (value === undefined) {
      throw this.#graph.error('DANGLING_EDGE', `${name.what}: ${nodeName(id)} does not exist; add it first`, {
        ...name.details,
        node: id,
      })
    }
    const accepted = type[end]
    if (accepted === undefined) return
    const { labels } = this.#node(id, value)
    if (labels.some((label) => accepted.includes(label))) return
    throw this.#graph.error(
      'CHECK_VIOLATION',
      `${name.what}: ${endReason(type.name, end, accepted, id, labels)}`,
      {
        ...name.details,
        node: id,
        labels,
      },
    )
  }

  #node(id: string, value: Uint8Array): GraphNode {
    let node = this.#nodes.get(id)
    if (node === undefined) {
      node = decodeNode(this.#graph, id, value).node
      this.#nodes.set(id, node)
    }
    return node
  }
}

export function endReason(
  type: string,
  end: 'from' | 'to',
  accepted: readonly string[],
  id: string,
  labels: readonly string[],
): string {
  const verb = end === 'from' ? 'leave' : 'reach'
  return `${type} edges ${verb} nodes labelled ${accepted.join(' or ')} only; ${nodeName(id)} has ${labels.join(', ') || 'no label'}`
}

function exists(graph: OpenGraph, edge: NamedEdge): Error {
  return graph.error('RECORD_EXISTS', `${edge.name.what} exists already`, edge.name.details)
}
