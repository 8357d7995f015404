import { OrbitError } from '@orbit-ts/base'
import { describe } from '../../filter/filter-tree.js'
import { parsePath, type Path } from '../../filter/path.js'
import { searchFewestEdges } from './bidirectional-search.js'
import { outKey } from './edge-writes.js'
import type { GraphEdge, GraphNode } from './graph-records.js'
import { checkFields } from './node-input.js'
import { readNodes, requireNode } from './node-reads.js'
import type { OpenGraph } from './open-graph.js'
import type { FoundPath, PathSearch } from './path-search.js'
import { checkId } from './record-ids.js'
import { decodeEdge } from './record-payload.js'
import { VISITED_MAX, checkCount, checkSelection, checkWalkFilter } from './walk-options.js'
import { searchLeastWeight } from './weighted-search.js'

export interface ShortestPathRecords {
  readonly nodes: GraphNode[]
  readonly edges: GraphEdge[]
  readonly cost: number
}

const FIELDS = ['direction', 'types', 'maxDepth', 'weight', 'where', 'visitedMax']

/** @throws see `GraphSession.shortestPath` */
export async function shortestPath(
  graph: OpenGraph,
  fromId: unknown,
  toId: unknown,
  given: unknown,
): Promise<ShortestPathRecords | undefined> {
  const from = checkId(graph, fromId, 'from')
  const to = checkId(graph, toId, 'to')
  const options = checkFields(graph, given, 'options', FIELDS)
  const weight = checkWeight(graph, options['weight'])
  const search: PathSearch = {
    from,
    to,
    selection: checkSelection(graph, options, 'out'),
    rules: checkWalkFilter(graph, options['where']),
    maxDepth: checkCount(graph, options, 'maxDepth', Infinity),
    visitedMax: checkCount(graph, options, 'visitedMax', VISITED_MAX, { min: 1 }),
  }
  const start = await requireNode(graph, from)
  if (from === to) return { nodes: [start.node], edges: [], cost: 0 }
  await requireNode(graph, to)
  const found =
    weight === undefined
      ? await searchFewestEdges(graph, search)
      : await searchLeastWeight(graph, search, weight)
  return found === undefined ? undefined : readPath(graph, found)
}

function checkWeight(graph: OpenGraph, given: unknown): Path | undefined {
  if (given === undefined) return undefined
  if (typeof given !== 'string') {
    throw graph.error('INVALID_ARGUMENT', `weight is ${describe(given)}; it must name a property`, {
      field: 'weight',
    })
  }
  try {
    return parsePath(given)
  } catch (error) {
    throw graph.error('INVALID_ARGUMENT', `weight: ${OrbitError.from(error).reason}`, { field: 'weight' })
  }
}

async function readPath(
  graph: OpenGraph,
  { nodes: ids, edges: identities, cost }: FoundPath,
): Promise<ShortestPathRecords> {
  const keys = identities.map((edge) => outKey(graph, edge))
  const [stored, values] = await Promise.all([readNodes(graph, ids), graph.storage.getMany(keys)])
  const nodes = stored.map((found, i) => found?.node ?? gone(graph, ids[i]))
  const edges = identities.map((identity, i) =>
    decodeEdge(graph, identity, values[i] ?? gone(graph, ids[i]), keys[i]),
  )
  return { nodes, edges, cost }
}

/** Only under `read-committed` can others change what one call reads twice. */
function gone(graph: OpenGraph, id: string | undefined): never {
  throw graph.error(
    'TRANSACTION_CONFLICT',
    `a path through node ${JSON.stringify(id)} changed while it was read`,
    {
      node: id,
    },
  )
}
