/**
 * What keeps edges from dangling when transactions run side by side.
 *
 * Each node has a guard: a key that never has a value. Whoever adds an edge shares the guards of both ends; whoever
 * deletes a node, or takes a label from it that its edges need, writes its guard. The two cannot both commit unless
 * the later one began after the earlier had committed, and then it sees what the other did.
 *
 * It is not the node's own key, so that changing a node's properties and adding edges to it do not conflict.
 */
import { graphKeys } from '@orbit-ts/storage'
import type { OpenGraph } from './open-graph.js'

/** No label has the id 0. */
const NO_LABEL = 0

export function guardKey(graph: OpenGraph, nodeId: string): Uint8Array {
  return graphKeys.label(graph.id, NO_LABEL, nodeId)
}

/** For adding edges: before the nodes are read, because under `read-committed` it waits for who deletes them. */
export function shareGuards(graph: OpenGraph, nodeIds: readonly string[]): Promise<void> {
  return graph.storage.lock(
    nodeIds.map((id) => guardKey(graph, id)),
    { mode: 'shared' },
  )
}

/**
 * For deleting a node or its labels, before its edges are read. Under `read-committed` there is no check at commit
 * that could find the conflict, so edges that are being added are waited for.
 */
export async function takeGuard(graph: OpenGraph, nodeId: string): Promise<void> {
  if (graph.isReadCommitted) await graph.storage.lock([guardKey(graph, nodeId)])
}

/** Part of the deletion itself: what those who share the guard conflict with. */
export function writeGuard(graph: OpenGraph, nodeId: string): void {
  graph.storage.delete(guardKey(graph, nodeId))
}
