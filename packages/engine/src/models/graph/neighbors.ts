import { AdjacencyReader } from './adjacency-reader.js'
import type { GraphNode } from './graph-records.js'
import { checkFields } from './node-input.js'
import { readNodes } from './node-reads.js'
import type { OpenGraph } from './open-graph.js'
import { checkId } from './record-ids.js'
import { tooManyVisited } from './traversal.js'
import { DEPTH_MAX, VISITED_MAX, checkCount, checkSelection, nodeFits } from './walk-options.js'

const FIELDS = ['direction', 'types', 'depth', 'where', 'label', 'limit', 'visitedMax']
/** Nodes that are read at once. */
const BATCH_SIZE = 256

/** @throws see `GraphSession.neighbors` */
export async function neighbors(graph: OpenGraph, nodeId: unknown, given: unknown): Promise<GraphNode[]> {
  const start = checkId(graph, nodeId, 'nodeId')
  const options = checkFields(graph, given, 'options', FIELDS)
  const selection = checkSelection(graph, options, 'both')
  const depth = checkCount(graph, options, 'depth', 1, { min: 1, max: DEPTH_MAX })
  const limit = checkCount(graph, options, 'limit', Infinity)
  const visitedMax = checkCount(graph, options, 'visitedMax', VISITED_MAX, { min: 1 })
  const label = options['label'] === undefined ? undefined : [graph.label(options['label'], 'label')]
  const fits = nodeFits(graph, options['where'], label, 'where')
  const found: GraphNode[] = []
  const reader = new AdjacencyReader(graph, selection, { keysOnly: true })
  try {
    for await (const ids of reachable(graph, reader, start, depth, visitedMax)) {
      if (found.length >= limit) break
      for (const stored of await readNodes(graph, ids)) {
        if (stored !== undefined && (fits === undefined || fits(stored.node))) found.push(stored.node)
      }
    }
  } finally {
    await reader.close()
  }
  return found.length > limit ? found.slice(0, limit) : found
}

/** The ids of the nodes within `depth` edges, nearest first, without the start. */
async function* reachable(
  graph: OpenGraph,
  reader: AdjacencyReader,
  start: string,
  depth: number,
  visitedMax: number,
): AsyncGenerator<string[]> {
  const visited = new Set([start])
  let frontier = [start]
  for (let level = 1; level <= depth && frontier.length > 0; level++) {
    const next: string[] = []
    let batch: string[] = []
    for await (const { hops } of reader.readAll(frontier, (id) => id)) {
      for (const { far } of hops) {
        if (visited.has(far)) continue
        if (visited.size >= visitedMax) throw tooManyVisited(graph, visitedMax)
        visited.add(far)
        batch.push(far)
        if (level < depth) next.push(far)
      }
      if (batch.length < BATCH_SIZE) continue
      yield batch
      batch = []
    }
    if (batch.length > 0) yield batch
    frontier = next
  }
}
