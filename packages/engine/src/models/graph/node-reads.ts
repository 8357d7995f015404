import type { OpenGraph } from './open-graph.js'
import { nodeKey } from './node-writes.js'
import { decodeNode, type StoredNode } from './record-payload.js'

/** For each id the node or undefined, in one read. */
export async function readNodes(
  graph: OpenGraph,
  ids: readonly string[],
): Promise<(StoredNode | undefined)[]> {
  const keys = ids.map((id) => nodeKey(graph, id))
  const values = await graph.storage.getMany(keys)
  return ids.map((id, i) => {
    const value = values[i]
    return value === undefined ? undefined : decodeNode(graph, id, value, keys[i])
  })
}

/** @throws RECORD_NOT_FOUND */
export async function requireNode(graph: OpenGraph, id: string): Promise<StoredNode> {
  const [node] = await readNodes(graph, [id])
  if (node !== undefined) return node
  throw graph.error('RECORD_NOT_FOUND', `node ${JSON.stringify(id)} does not exist`, { node: id })
}
