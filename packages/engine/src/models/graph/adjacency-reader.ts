/**
 * Reads the edges of many nodes, one after the other, while the reads for those that come next are already under way:
 * a frontier costs a few round trips, not one per node.
 *
 * Invariants:
 * 1. At most {@link AHEAD_MAX} reads are begun and not yet taken, each with one chunk in memory.
 * 2. `close` ends every read that was begun, whatever happened before.
 */
import { readHops, type Hop, type HopOptions, type Selection } from './adjacency.js'
import type { OpenGraph } from './open-graph.js'

const AHEAD_MAX = 64

interface Begun {
  readonly hops: AsyncGenerator<Hop[]>
  readonly first: Promise<IteratorResult<Hop[], unknown>>
}

export class AdjacencyReader {
  readonly #graph: OpenGraph
  readonly #selection: Selection
  readonly #options: HopOptions
  readonly #begun = new Map<string, Begun>()

  constructor(graph: OpenGraph, selection: Selection, options: HopOptions = {}) {
    this.#graph = graph
    this.#selection = selection
    this.#options = options
  }

  /** Each node's edges in chunks, in the order of `nodes`. */
  async *readAll<T>(
    nodes: readonly T[],
    idOf: (node: T) => string,
  ): AsyncGenerator<{ node: T; hops: Hop[] }> {
    let ahead = 0
    for (const [i, node] of nodes.entries()) {
      if (ahead <= i) {
        ahead = Math.min(i + AHEAD_MAX, nodes.length)
        this.begin(nodes.slice(i, ahead).map(idOf))
      }
      for await (const hops of this.read(idOf(node))) yield { node, hops }
    }
  }

  /** Begins reads for nodes that will be asked for soon, as far as there is room. */
  begin(nodeIds: readonly string[]): void {
    for (const id of nodeIds) {
      if (this.#begun.size >= AHEAD_MAX) return
      if (!this.#begun.has(id)) this.#begun.set(id, this.#begin(id))
    }
  }

  get hasRoom(): boolean {
    return this.#begun.size < AHEAD_MAX / 2
  }

  /** The node's edges in chunks. */
  async *read(nodeId: string): AsyncGenerator<Hop[]> {
    const { hops, first } = this.#begun.get(nodeId) ?? this.#begin(nodeId)
    this.#begun.delete(nodeId)
    try {
      for (let next = await first; next.done !== true; next = await hops.next()) yield next.value
    } finally {
      await hops.return(undefined)
    }
  }

  async close(): Promise<void> {
    const begun = [...this.#begun.values()]
    this.#begun.clear()
    for (const { hops, first } of begun) {
      await first.catch(() => undefined)
      await hops.return(undefined)
    }
  }

  #begin(nodeId: string): Begun {
    const hops = readHops(this.#graph, nodeId, this.#selection, this.#options)
    const first = hops.next()
    // Whoever takes the read gets the error; if nobody does, it does not matter any more.
    first.catch(() => undefined)
    return { hops, first }
  }
}
