/** Takes nodes and edges that are stored already into a property index that is being built. */
import { defined } from '@orbit-ts/base'
import { graphKeys, type Entry } from '@orbit-ts/storage'
import type { IndexBuilds } from '../model.js'
import { edgeOfKey } from './adjacency.js'
import type { GraphDefinition, IndexDefinition, RecordTypeDefinition } from './graph-definition.js'
import type { RecordType } from './graph-types.js'
import { IndexChanges } from './index-changes.js'
import { indexedEdge, indexedNode } from './indexed-record.js'
import { readNodes } from './node-reads.js'
import { nodeIdOf } from './node-source.js'
import { OpenGraph } from './open-graph.js'
import { decodeEdge } from './record-payload.js'

export const graphBuilds: IndexBuilds<GraphDefinition> = {
  ids: ({ labels, types }) => [...labels, ...types].flatMap(({ indexes }) => indexes.map(({ id }) => id)),
  without: (definition, ids) => ({
    ...definition,
    labels: definition.labels.map((label) => withoutIndexes(label, ids)),
    types: definition.types.map((type) => withoutIndexes(type, ids)),
  }),
  nameOf: (definition, id) => {
    const { owner, index } = find(definition, id)
    return `index "${index.name}" of ${owner.name}`
  },
  entries: ({ id: graphId, definition }, id) =>
    find(definition, id).isOfNodes
      ? graphKeys.nodeIndexEntries(graphId, id)
      : graphKeys.edgeIndexEntries(graphId, id),
  source: ({ id: graphId, definition }, id) => {
    const { isOfNodes, owner } = find(definition, id)
    return isOfNodes ? graphKeys.nodesWithLabel(graphId, owner.id) : graphKeys.edges(graphId)
  },
  async add(context, object, id, records) {
    const graph = new OpenGraph(context, object)
    const { isOfNodes, owner } = find(object.definition, id)
    const declared = isOfNodes ? graph.types.declaredLabel(owner.id) : graph.types.declaredType(owner.id)
    const whole = defined(declared, 'the owner of the index')
    const type = { ...whole, indexes: whole.indexes.filter((index) => index.id === id) }
    const changes = new IndexChanges(graph)
    if (isOfNodes) await addNodes(graph, changes, type, records)
    else addEdges(graph, changes, type, records)
    await changes.check()
    changes.write()
  },
}

async function addNodes(
  graph: OpenGraph,
  changes: IndexChanges,
  label: RecordType,
  entries: readonly Entry[],
): Promise<void> {
  const nodes = await readNodes(
    graph,
    entries.map(({ key, value }) => nodeIdOf(key, value)),
  )
  for (const stored of nodes) {
    if (stored === undefined) continue
    const { id, properties } = stored.node
    changes.add(indexedNode(graph, id), undefined, { types: [label], properties })
  }
}

function addEdges(
  graph: OpenGraph,
  changes: IndexChanges,
  type: RecordType,
  entries: readonly Entry[],
): void {
  for (const { key, value } of entries) {
    const identity = edgeOfKey(key).edge
    if (identity.typeId !== type.id) continue
    const edge = decodeEdge(graph, identity, value, key)
    changes.add(indexedEdge(graph, edge, identity), undefined, { types: [type], properties: edge.properties })
  }
}

function withoutIndexes<T extends RecordTypeDefinition>(type: T, ids: ReadonlySet<number>): T {
  return { ...type, indexes: type.indexes.filter(({ id }) => !ids.has(id)) }
}

interface Found {
  readonly isOfNodes: boolean
  readonly owner: RecordTypeDefinition
  readonly index: IndexDefinition
}

function find({ labels, types }: GraphDefinition, id: number): Found {
  for (const owner of [...labels, ...types]) {
    const index = owner.indexes.find((candidate) => candidate.id === id)
    if (index !== undefined) return { isOfNodes: labels.includes(owner), owner, index }
  }
  return defined<Found>(undefined, `index ${id}`)
}
