/**
 * One step further from a set of paths: their nodes' edges, filtered, and the nodes at the other ends. What breadth-
 * and depth-first traversal share.
 */
import type { EdgeIdentity } from '@orbit-ts/storage'
import { isSameEdge, type Hop, type Selection } from './adjacency.js'
import { AdjacencyReader } from './adjacency-reader.js'
import type { GraphEdge, GraphNode } from './graph-records.js'
import { readNodes } from './node-reads.js'
import type { OpenGraph } from './open-graph.js'
import { decodeEdge } from './record-payload.js'
import type { WalkRules } from './walk-options.js'

/** The last node of a path; `before` leads back to the start. */
export interface Step {
  readonly node: GraphNode
  readonly depth: number
  readonly before: Step | undefined
  readonly edge: GraphEdge | undefined
  /** Of the edge. */
  readonly identity: Required<EdgeIdentity> | undefined
}

interface Candidate {
  readonly from: Step
  readonly edge: GraphEdge
  readonly hop: Hop
}

/** Nodes that are read at once. */
const BATCH_SIZE = 256

export class Walk {
  readonly #graph: OpenGraph
  readonly #rules: WalkRules
  readonly #adjacency: AdjacencyReader

  constructor(graph: OpenGraph, selection: Selection, rules: WalkRules) {
    this.#graph = graph
    this.#rules = rules
    this.#adjacency = new AdjacencyReader(graph, selection)
  }

  /**
   * The steps that follow, in chunks: in the order of `steps`, then of each node's edges. `admits` is asked once for
   * each edge that fits, in that order, whether to take it.
   */
  async *expand(steps: readonly Step[], admits: (from: Step, hop: Hop) => boolean): AsyncGenerator<Step[]> {
    let batch: Candidate[] = []
    for await (const { node: from, hops } of this.#adjacency.readAll(steps, ({ node }) => node.id)) {
      for (const hop of hops) {
        const edge = this.#take(from, hop, admits)
        if (edge !== undefined) batch.push({ from, edge, hop })
      }
      if (batch.length < BATCH_SIZE) continue
      yield await this.#arrive(batch)
      batch = []
    }
    if (batch.length > 0) yield await this.#arrive(batch)
  }

  close(): Promise<void> {
    return this.#adjacency.close()
  }

  #take(from: Step, hop: Hop, admits: (from: Step, hop: Hop) => boolean): GraphEdge | undefined {
    const { edgeFits } = this.#rules
    // Without a filter an edge that is not admitted need not be decoded.
    if (edgeFits === undefined && !admits(from, hop)) return undefined
    const edge = decodeEdge(this.#graph, hop.edge, hop.value)
    return edgeFits === undefined || (edgeFits(edge) && admits(from, hop)) ? edge : undefined
  }

  async #arrive(batch: readonly Candidate[]): Promise<Step[]> {
    const ids = [...new Set(batch.map(({ hop }) => hop.far))]
    const found = await readNodes(this.#graph, ids)
    const { nodeFits } = this.#rules
    const nodes = new Map<string, GraphNode>()
    for (const stored of found) {
      if (stored !== undefined && (nodeFits === undefined || nodeFits(stored.node))) {
        nodes.set(stored.node.id, stored.node)
      }
    }
    return batch.flatMap(({ from, edge, hop }) => {
      const node = nodes.get(hop.far)
      return node === undefined
        ? []
        : [{ node, depth: from.depth + 1, before: from, edge, identity: hop.edge }]
    })
  }
}

export function firstStep(node: GraphNode): Step {
  return { node, depth: 0, before: undefined, edge: undefined, identity: undefined }
}

/** True when the path that ends in `step` has the edge. */
export function hasEdge(step: Step, edge: Required<EdgeIdentity>): boolean {
  for (let at: Step | undefined = step; at !== undefined; at = at.before) {
    if (at.identity !== undefined && isSameEdge(at.identity, edge)) return true
  }
  return false
}

/** The path that ends in `step`. */
export function pathTo(step: Step): { nodes: GraphNode[]; edges: GraphEdge[] } {
  const nodes: GraphNode[] = []
  const edges: GraphEdge[] = []
  for (let at: Step | undefined = step; at !== undefined; at = at.before) {
    nodes.push(at.node)
    if (at.edge !== undefined) edges.push(at.edge)
  }
  return { nodes: nodes.reverse(), edges: edges.reverse() }
}
