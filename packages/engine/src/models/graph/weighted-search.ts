/**
 * The path with the least sum of weights (Dijkstra).
 *
 * Invariants:
 * 1. Nodes are settled in order of cost, then of depth. Without `maxDepth` each is settled once; with it also again
 *    when it is reached over fewer edges than before, since only then something beyond may come into reach.
 * 2. The reads for nodes that are to be settled soon are under way before their turn.
 */
import type { EdgeIdentity } from '@orbit-ts/storage'
import { describe } from '../../filter/filter-tree.js'
import { readSingle, type Path } from '../../filter/path.js'
import type { Hop } from './adjacency.js'
import { AdjacencyReader } from './adjacency-reader.js'
import type { GraphEdge } from './graph-records.js'
import { MinHeap } from './min-heap.js'
import { readNodes } from './node-reads.js'
import type { OpenGraph } from './open-graph.js'
import type { FoundPath, PathSearch } from './path-search.js'
import { edgeDetails, edgeName } from './record-names.js'
import { decodeEdge } from './record-payload.js'
import { tooManyVisited } from './traversal.js'

interface Reached {
  readonly id: string
  readonly cost: number
  readonly depth: number
  readonly before: Reached | undefined
  readonly edge: Required<EdgeIdentity> | undefined
}

/** Nodes whose reads are begun ahead. */
const SOON = 32

export async function searchLeastWeight(
  graph: OpenGraph,
  search: PathSearch,
  weight: Path,
): Promise<FoundPath | undefined> {
  const reader = new AdjacencyReader(graph, search.selection)
  try {
    return await new WeightedSearch(graph, search, weight, reader).run()
  } finally {
    await reader.close()
  }
}

class WeightedSearch {
  readonly #graph: OpenGraph
  readonly #search: PathSearch
  readonly #weight: Path
  readonly #reader: AdjacencyReader
  readonly #queue = new MinHeap<Reached>(
    (a, b) => a.cost < b.cost || (a.cost === b.cost && a.depth < b.depth),
  )
  /** The least depth at which each node was settled. */
  readonly #settled = new Map<string, number>()
  /** The cheapest way to each node that was met so far. */
  readonly #best = new Map<string, Reached>()
  /** Whether the nodes met so far fit. */
  readonly #fits = new Map<string, boolean>()

  constructor(graph: OpenGraph, search: PathSearch, weight: Path, reader: AdjacencyReader) {
    this.#graph = graph
    this.#search = search
    this.#weight = weight
    this.#reader = reader
    this.#fits.set(search.to, true)
  }

  async run(): Promise<FoundPath | undefined> {
    const { from, to, maxDepth } = this.#search
    this.#meet({ id: from, cost: 0, depth: 0, before: undefined, edge: undefined })
    for (let at = this.#queue.pop(); at !== undefined; at = this.#queue.pop()) {
      if (at.id === to) return pathTo(at)
      if (this.#isDominated(at.id, at.depth)) continue
      this.#settled.set(at.id, at.depth)
      if (at.depth >= maxDepth) continue
      if (this.#reader.hasRoom) this.#reader.begin(this.#soonSettled())
      for await (const hops of this.#reader.read(at.id)) await this.#relax(at, hops)
    }
    return undefined
  }

  #isDominated(id: string, depth: number): boolean {
    const settled = this.#settled.get(id)
    return settled !== undefined && (settled <= depth || this.#search.maxDepth === Infinity)
  }

  #soonSettled(): string[] {
    const { to, maxDepth } = this.#search
    const soon = this.#queue
      .soon(SOON)
      .filter(({ id, depth }) => depth < maxDepth && id !== to && !this.#settled.has(id))
    return soon.map(({ id }) => id)
  }

  async #relax(at: Reached, hops: readonly Hop[]): Promise<void> {
    const { edgeFits } = this.#search.rules
    const depth = at.depth + 1
    const further: Reached[] = []
    for (const { edge, far, value } of hops) {
      if (this.#isDominated(far, depth)) continue
      const record = decodeEdge(this.#graph, edge, value)
      if (edgeFits !== undefined && !edgeFits(record)) continue
      further.push({ id: far, cost: at.cost + this.#weightOf(record), depth, before: at, edge })
    }
    await this.#readFits(further.map(({ id }) => id))
    for (const reached of further) if (this.#fits.get(reached.id) !== false) this.#meet(reached)
  }

  /** Queues it unless a way that is no longer and no dearer is known. */
  #meet(reached: Reached): void {
    const { maxDepth, visitedMax } = this.#search
    const best = this.#best.get(reached.id)
    if (best !== undefined && best.cost <= reached.cost) {
      if (best.depth <= reached.depth || maxDepth === Infinity) return
    } else {
      if (best === undefined && this.#best.size >= visitedMax) throw tooManyVisited(this.#graph, visitedMax)
      this.#best.set(reached.id, reached)
    }
    this.#queue.push(reached)
  }

  /** @throws TYPE_MISMATCH, INVALID_ARGUMENT */
  #weightOf(edge: GraphEdge): number {
    const weight = readSingle(edge.properties, this.#weight.steps)
    if (typeof weight === 'number' && weight >= 0) return weight
    const field = this.#weight.text
    const shown = weight === undefined ? 'missing' : describe(weight)
    throw this.#graph.error(
      typeof weight === 'number' ? 'INVALID_ARGUMENT' : 'TYPE_MISMATCH',
      `${edgeName(edge)}: weight "${field}" is ${shown}; a weight is a number from 0 on`,
      { ...edgeDetails(edge), field },
    )
  }

  async #readFits(ids: readonly string[]): Promise<void> {
    const { nodeFits } = this.#search.rules
    if (nodeFits === undefined) return
    const unknown = [...new Set(ids)].filter((id) => !this.#fits.has(id))
    if (unknown.length === 0) return
    const nodes = await readNodes(this.#graph, unknown)
    unknown.forEach((id, i) => {
      const stored = nodes[i]
      this.#fits.set(id, stored !== undefined && nodeFits(stored.node))
    })
  }
}

function pathTo(end: Reached): FoundPath {
  const nodes: string[] = []
  const edges: Required<EdgeIdentity>[] = []
  for (let at: Reached | undefined = end; at !== undefined; at = at.before) {
    nodes.push(at.id)
    if (at.edge !== undefined) edges.push(at.edge)
  }
  return { nodes: nodes.reverse(), edges: edges.reverse(), cost: end.cost }
}
