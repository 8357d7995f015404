/** Nodes and edges, as their index entries need them. */
import { fromUtf8, utf8 } from '@orbit-ts/base'
import { graphKeys, parseKey, type EdgeIdentity } from '@orbit-ts/storage'
import type { EdgeKey } from './graph-records.js'
import type { OpenGraph } from './open-graph.js'
import type { IndexedRecord } from './record-entries.js'
import { EdgeName, NodeName, edgeName, nodeName } from './record-names.js'

export function indexedNode(graph: OpenGraph, id: string): IndexedRecord {
  return {
    name: new NodeName(id),
    reference: utf8(id),
    entryKey: (indexId, datums, withIdentity) =>
      graphKeys.nodeIndex(graph.id, indexId, datums, withIdentity ? id : undefined),
    nameOf: (reference) => nodeName(fromUtf8(reference)),
  }
}

/** A unique entry of an edge holds the edge's key under its start. */
export function indexedEdge(graph: OpenGraph, key: EdgeKey, identity: EdgeIdentity): IndexedRecord {
  return {
    name: new EdgeName(key),
    reference: graphKeys.edge(graph.id, identity, 'out'),
    entryKey: (indexId, datums, withIdentity) =>
      graphKeys.edgeIndex(graph.id, indexId, datums, withIdentity ? identity : undefined),
    nameOf: (reference) => {
      const parsed = parseKey(reference)
      if (parsed.model !== 'graph' || parsed.kind !== 'edge') return 'another edge'
      const { fromId, toId, discriminator } = parsed.edge
      // Both are edges of the indexed type.
      return edgeName({ type: key.type, from: fromId, to: toId, id: discriminator })
    },
  }
}
