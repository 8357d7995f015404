/**
 * Traversal of a graph from some nodes, breadth or depth first.
 *
 * Invariants:
 * 1. Paths are returned in the order in which a plain, recursive search in the same order of edges meets them.
 * 2. No more than `frontierMax` steps wait to be followed, and no more than `visitedMax` nodes are remembered; what is
 *    returned is not kept.
 */
import type { Hop, Selection } from './adjacency.js'
import type { GraphEdge, GraphNode } from './graph-records.js'
import { checkFields } from './node-input.js'
import { readNodes } from './node-reads.js'
import type { OpenGraph } from './open-graph.js'
import { checkId } from './record-ids.js'
import { nodeName } from './record-names.js'
import {
  DEPTH_MAX,
  FRONTIER_MAX,
  VISITED_MAX,
  checkCount,
  checkOneOf,
  checkSelection,
  checkWalkFilter,
  type WalkRules,
} from './walk-options.js'
import { Walk, firstStep, hasEdge, pathTo, type Step } from './walk.js'

interface Traversal {
  readonly starts: readonly string[]
  readonly selection: Selection
  readonly rules: WalkRules
  readonly minDepth: number
  readonly maxDepth: number
  readonly uniqueness: 'node' | 'edge' | 'none'
  readonly order: 'breadth' | 'depth'
  readonly limit: number
  readonly frontierMax: number
  readonly visitedMax: number
  readonly chunkSize: number
}

export interface PathRecords {
  readonly nodes: GraphNode[]
  readonly edges: GraphEdge[]
}

/** @throws see `GraphSession.traverse` */
export async function* traverse(graph: OpenGraph, given: unknown): AsyncGenerator<PathRecords[]> {
  const traversal = checkTraversal(graph, given)
  const { limit, chunkSize, minDepth, order } = traversal
  if (limit === 0) return
  const starts = await readStarts(graph, traversal)
  const walk = new Walk(graph, traversal.selection, traversal.rules)
  const search = new Search(graph, traversal, walk)
  const found = order === 'breadth' ? search.breadthFirst(starts) : search.depthFirst(starts)
  let chunk: PathRecords[] = []
  let count = 0
  try {
    for await (const steps of found) {
      for (const step of steps) {
        if (step.depth < minDepth) continue
        chunk.push(pathTo(step))
        count++
        if (chunk.length >= chunkSize || count >= limit) {
          yield chunk
          chunk = []
        }
        if (count >= limit) return
      }
    }
    if (chunk.length > 0) yield chunk
  } finally {
    await walk.close()
  }
}

class Search {
  readonly #graph: OpenGraph
  readonly #traversal: Traversal
  readonly #walk: Walk
  readonly #visited = new Set<string>()

  constructor(graph: OpenGraph, traversal: Traversal, walk: Walk) {
    this.#graph = graph
    this.#traversal = traversal
    this.#walk = walk
  }

  /** Level by level. A node counts as visited once it is found. */
  async *breadthFirst(starts: readonly Step[]): AsyncGenerator<Step[]> {
    const { uniqueness, maxDepth } = this.#traversal
    const isNodeUnique = uniqueness === 'node'
    let frontier = isNodeUnique ? starts.filter(({ node }) => this.#visit(node.id)) : [...starts]
    yield frontier
    for (let depth = 1; depth <= maxDepth && frontier.length > 0; depth++) {
      const next: Step[] = []
      const admits = (from: Step, hop: Hop): boolean =>
        isNodeUnique ? this.#visit(hop.far) : this.#mayRepeat(from, hop)
      for await (const steps of this.#walk.expand(frontier, admits)) {
        if (depth < maxDepth) this.#push(next, steps)
        yield steps
      }
      frontier = next
    }
  }

  /** Each path to its end. A node counts as visited once its turn has come. */
  async *depthFirst(starts: readonly Step[]): AsyncGenerator<Step[]> {
    const { uniqueness, maxDepth } = this.#traversal
    const isNodeUnique = uniqueness === 'node'
    const stack: Step[] = []
    this.#push(stack, starts.toReversed())
    for (let step = stack.pop(); step !== undefined; step = stack.pop()) {
      if (isNodeUnique && !this.#visit(step.node.id)) continue
      yield [step]
      if (step.depth >= maxDepth) continue
      const admits = (from: Step, hop: Hop): boolean =>
        isNodeUnique ? !this.#visited.has(hop.far) : this.#mayRepeat(from, hop)
      const following: Step[] = []
      for await (const steps of this.#walk.expand([step], admits)) this.#push(following, steps, stack.length)
      this.#push(stack, following.reverse())
    }
  }

  #mayRepeat(from: Step, hop: Hop): boolean {
    return this.#traversal.uniqueness === 'none' || !hasEdge(from, hop.edge)
  }

  /** False when the node was visited before. */
  #visit(id: string): boolean {
    if (this.#visited.has(id)) return false
    const { visitedMax } = this.#traversal
    if (this.#visited.size >= visitedMax) throw tooManyVisited(this.#graph, visitedMax)
    this.#visited.add(id)
    return true
  }

  /** `besides`: steps that wait elsewhere. */
  #push(waiting: Step[], steps: readonly Step[], besides = 0): void {
    const { frontierMax } = this.#traversal
    if (waiting.length + steps.length + besides > frontierMax) {
      throw this.#graph.error(
        'LIMIT_EXCEEDED',
        `the traversal has more than frontierMax = ${frontierMax} paths to follow at one time; narrow it by types, where or maxDepth, or raise frontierMax`,
        { field: 'frontierMax', limit: frontierMax },
      )
    }
    for (const step of steps) waiting.push(step)
  }
}

export function tooManyVisited(graph: OpenGraph, visitedMax: number): Error {
  return graph.error(
    'LIMIT_EXCEEDED',
    `more than visitedMax = ${visitedMax} nodes would be visited; narrow the search by types, where or depth, or raise visitedMax`,
    { field: 'visitedMax', limit: visitedMax },
  )
}

async function readStarts(graph: OpenGraph, { starts }: Traversal): Promise<Step[]> {
  const found = await readNodes(graph, starts)
  return starts.map((id, i) => {
    const stored = found[i]
    if (stored !== undefined) return firstStep(stored.node)
    throw graph.error('RECORD_NOT_FOUND', `start: ${nodeName(id)} does not exist`, { node: id })
  })
}

const FIELDS = [
  'start',
  'direction',
  'types',
  'minDepth',
  'maxDepth',
  'uniqueness',
  'order',
  'where',
  'limit',
  'frontierMax',
  'visitedMax',
  'chunkSize',
]

function checkTraversal(graph: OpenGraph, given: unknown): Traversal {
  const options = checkFields(graph, given, 'options', FIELDS)
  const start = options['start']
  const starts = Array.isArray(start)
    ? start.map((id, i) => checkId(graph, id, `start[${i}]`))
    : [checkId(graph, start, 'start')]
  const minDepth = checkCount(graph, options, 'minDepth', 1, { max: DEPTH_MAX })
  return {
    starts,
    selection: checkSelection(graph, options, 'out'),
    rules: checkWalkFilter(graph, options['where']),
    minDepth,
    maxDepth: checkCount(graph, options, 'maxDepth', Math.max(minDepth, 1), {
      min: minDepth,
      max: DEPTH_MAX,
    }),
    uniqueness: checkOneOf(graph, options, 'uniqueness', ['node', 'edge', 'none'], 'node'),
    order: checkOneOf(graph, options, 'order', ['breadth', 'depth'], 'breadth'),
    limit: checkCount(graph, options, 'limit', Infinity),
    frontierMax: checkCount(graph, options, 'frontierMax', FRONTIER_MAX, { min: 1 }),
    visitedMax: checkCount(graph, options, 'visitedMax', VISITED_MAX, { min: 1 }),
    chunkSize: checkCount(graph, options, 'chunkSize', 256, { min: 1, max: 10_000 }),
  }
}
