import { readHops } from './adjacency.js'
import type { NamedEdge } from './edge-input.js'
import { outKey } from './edge-writes.js'
import type { GraphEdge } from './graph-records.js'
import { checkFields } from './node-input.js'
import type { OpenGraph } from './open-graph.js'
import { checkId } from './record-ids.js'
import { decodeEdge } from './record-payload.js'
import { checkCount, checkSelection, edgeFits } from './walk-options.js'

const COUNT_CHUNK_SIZE = 4096
const CHUNK_SIZE = 256

/** For each key the edge or undefined, in one read. */
export async function readEdges(
  graph: OpenGraph,
  edges: readonly NamedEdge[],
): Promise<(GraphEdge | undefined)[]> {
  const keys = edges.map(({ identity }) => outKey(graph, identity))
  const values = await graph.storage.getMany(keys)
  return edges.map(({ identity }, i) => {
    const value = values[i]
    return value === undefined ? undefined : decodeEdge(graph, identity, value, keys[i])
  })
}

/** @throws see `GraphSession.edges` */
export async function edgesOf(graph: OpenGraph, nodeId: unknown, given: unknown): Promise<GraphEdge[]> {
  const id = checkId(graph, nodeId, 'nodeId')
  const options = checkFields(graph, given, 'options', ['direction', 'types', 'where', 'limit'])
  const selection = checkSelection(graph, options, 'both')
  const limit = checkCount(graph, options, 'limit', Infinity)
  const fits = edgeFits(graph, options['where'], 'where')
  const found: GraphEdge[] = []
  const chunkSize = Math.max(1, Math.min(CHUNK_SIZE, limit))
  for await (const hops of readHops(graph, id, selection, { chunkSize })) {
    for (const { edge, value } of hops) {
      if (found.length >= limit) return found
      const record = decodeEdge(graph, edge, value)
      if (fits === undefined || fits(record)) found.push(record)
    }
  }
  return found
}

/** @throws see `GraphSession.degree` */
export async function degreeOf(graph: OpenGraph, nodeId: unknown, given: unknown): Promise<number> {
  const id = checkId(graph, nodeId, 'nodeId')
  const options = checkFields(graph, given, 'options', ['direction', 'types'])
  const selection = checkSelection(graph, options, 'both')
  let count = 0
  const reads = { keysOnly: true, chunkSize: COUNT_CHUNK_SIZE }
  for await (const hops of readHops(graph, id, selection, reads)) count += hops.length
  return count
}
