/**
 * The path with the fewest edges: breadth first from both ends, one level of the smaller frontier at a time, until
 * they meet.
 *
 * Invariants:
 * 1. Each side has visited all nodes within its depth, each with the edge that leads back to its end. Those that do not
 *    fit are in `#rejected`, which both sides pass by.
 * 2. Before a level no node that fits is visited by both sides, so the first that is found by one and known to the
 *    other lies on a shortest path.
 */
import type { EdgeIdentity } from '@orbit-ts/storage'
import type { Hop, Selection } from './adjacency.js'
import { AdjacencyReader } from './adjacency-reader.js'
import type { EdgeDirection } from './graph-queries.js'
import { readNodes } from './node-reads.js'
import type { OpenGraph } from './open-graph.js'
import type { FoundPath, PathSearch } from './path-search.js'
import { decodeEdge } from './record-payload.js'
import { tooManyVisited } from './traversal.js'

const BACKWARDS: Readonly<Record<EdgeDirection, EdgeDirection>> = { out: 'in', in: 'out', both: 'both' }
/** Nodes that are read at once. */
const BATCH_SIZE = 256

interface Link {
  /** One edge nearer to the side's end. */
  readonly near: string
  readonly edge: Required<EdgeIdentity>
}

interface Side {
  readonly reader: AdjacencyReader
  readonly visited: Map<string, Link | undefined>
  frontier: readonly string[]
  depth: number
}

export async function searchFewestEdges(
  graph: OpenGraph,
  search: PathSearch,
): Promise<FoundPath | undefined> {
  const bidirectional = new BidirectionalSearch(graph, search)
  try {
    return await bidirectional.run()
  } finally {
    await bidirectional.close()
  }
}

class BidirectionalSearch {
  readonly #graph: OpenGraph
  readonly #search: PathSearch
  readonly #forward: Side
  readonly #backward: Side
  /** Nodes that were found and do not fit. */
  readonly #rejected = new Set<string>()

  constructor(graph: OpenGraph, search: PathSearch) {
    this.#graph = graph
    this.#search = search
    const { from, to, selection } = search
    this.#forward = this.#side(from, selection)
    this.#backward = this.#side(to, { ...selection, direction: BACKWARDS[selection.direction] })
  }

  async run(): Promise<FoundPath | undefined> {
    const forward = this.#forward
    const backward = this.#backward
    while (forward.depth + backward.depth < this.#search.maxDepth) {
      const isForward = forward.frontier.length <= backward.frontier.length
      const [side, other] = isForward ? [forward, backward] : [backward, forward]
      if (side.frontier.length === 0) return undefined
      const meeting = await this.#advance(side, other)
      if (meeting !== undefined) return this.#pathThrough(meeting)
    }
    return undefined
  }

  async close(): Promise<void> {
    await this.#forward.reader.close()
    await this.#backward.reader.close()
  }

  #side(end: string, selection: Selection): Side {
    const keysOnly = this.#search.rules.edgeFits === undefined
    return {
      reader: new AdjacencyReader(this.#graph, selection, { keysOnly }),
      visited: new Map([[end, undefined]]),
      frontier: [end],
      depth: 0,
    }
  }

  /** Visits one more level; the node where the sides meet, if they do. */
  async #advance(side: Side, other: Side): Promise<string | undefined> {
    const next: string[] = []
    let batch: string[] = []
    for await (const { node, hops } of side.reader.readAll(side.frontier, (id) => id)) {
      for (const hop of hops) {
        if (side.visited.has(hop.far) || this.#rejected.has(hop.far) || !this.#edgeFits(hop)) continue
        this.#visit(side, other, node, hop)
        if (other.visited.has(hop.far)) return hop.far
        batch.push(hop.far)
      }
      if (batch.length < BATCH_SIZE) continue
      next.push(...(await this.#fitting(batch)))
      batch = []
    }
    next.push(...(await this.#fitting(batch)))
    side.frontier = next
    side.depth++
    return undefined
  }

  #visit(side: Side, other: Side, near: string, hop: Hop): void {
    const { visitedMax } = this.#search
    if (side.visited.size + other.visited.size >= visitedMax) throw tooManyVisited(this.#graph, visitedMax)
    side.visited.set(hop.far, { near, edge: hop.edge })
  }

  #edgeFits(hop: Hop): boolean {
    const { edgeFits } = this.#search.rules
    return edgeFits === undefined || edgeFits(decodeEdge(this.#graph, hop.edge, hop.value))
  }

  /** Those of the nodes just visited that fit; neither side goes near the others again. */
  async #fitting(ids: readonly string[]): Promise<readonly string[]> {
    const { nodeFits } = this.#search.rules
    if (nodeFits === undefined || ids.length === 0) return ids
    const nodes = await readNodes(this.#graph, ids)
    return ids.filter((id, i) => {
      const stored = nodes[i]
      if (stored !== undefined && nodeFits(stored.node)) return true
      this.#rejected.add(id)
      return false
    })
  }

  #pathThrough(meeting: string): FoundPath {
    const { nodes, edges } = wayBack(this.#forward, meeting)
    nodes.reverse()
    edges.reverse()
    const onward = wayBack(this.#backward, meeting)
    return {
      nodes: [...nodes, ...onward.nodes.slice(1)],
      edges: [...edges, ...onward.edges],
      cost: edges.length + onward.edges.length,
    }
  }
}

/** From the node to the side's end. */
function wayBack(side: Side, from: string): { nodes: string[]; edges: Required<EdgeIdentity>[] } {
  const nodes = [from]
  const edges: Required<EdgeIdentity>[] = []
  for (let link = side.visited.get(from); link !== undefined; link = side.visited.get(link.near)) {
    nodes.push(link.near)
    edges.push(link.edge)
  }
  return { nodes, edges }
}
