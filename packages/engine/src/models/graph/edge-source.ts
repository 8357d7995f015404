import { toBinaryString } from '@orbit-ts/base'
import { graphKeys, parseKey } from '@orbit-ts/storage'
import { edgeOfKey } from './adjacency.js'
import { countKeys } from './count-keys.js'
import { outKey } from './edge-writes.js'
import type { GraphEdge } from './graph-records.js'
import type { EdgeType } from './graph-types.js'
import type { OpenGraph } from './open-graph.js'
import type { IndexPlan } from './query-plan.js'
import { decodeEdge } from './record-payload.js'
import type { ReadOptions, RecordSource } from './record-source.js'
import { knownEdgeProperties } from './walk-options.js'

/** The edges of a type, or all. */
export class EdgeSource implements RecordSource<GraphEdge> {
  readonly what: string
  readonly indexes: EdgeType['indexes']
  readonly fields: ReadonlySet<string> | undefined
  readonly plan: RecordSource<GraphEdge>['plan']
  readonly #graph: OpenGraph
  readonly #type: EdgeType | undefined

  constructor(graph: OpenGraph, type: EdgeType | undefined) {
    this.what = `graph "${graph.name}": edges`
    this.indexes = type?.indexes ?? []
    this.fields = knownEdgeProperties(graph, type)
    this.plan = {
      graph: graph.name,
      reads: 'edges',
      access: 'all',
      ...(type === undefined ? {} : { type: type.name }),
    }
    this.#graph = graph
    this.#type = type
  }

  async *scan(options: ReadOptions): AsyncGenerator<GraphEdge[]> {
    for await (const entries of this.#graph.storage.scan(graphKeys.edges(this.#graph.id), options)) {
      const edges = entries.flatMap(({ key, value }) => this.#decode(key, value))
      if (edges.length > 0) yield edges
    }
  }

  async *scanIndex(
    { index, ranges, isReverse }: IndexPlan,
    options: ReadOptions,
  ): AsyncGenerator<GraphEdge[]> {
    // Only arrays put an edge into an index more than once.
    const seen = index.fields.every(({ isScalar }) => isScalar) ? undefined : new Set<string>()
    for (const bounds of ranges) {
      const range = graphKeys.edgeIndexEntries(this.#graph.id, index.id, bounds)
      for await (const entries of this.#graph.storage.scan(range, { ...options, reverse: isReverse })) {
        const all = entries.map(({ key, value }) => this.#outKeyOf(key, value))
        const keys = seen === undefined ? all : fresh(all, seen)
        const values = await this.#graph.storage.getMany(keys)
        yield keys.flatMap((key, i) => this.#decode(key, values[i]))
      }
    }
  }

  count(): Promise<number> {
    const type = this.#type
    const counts =
      type === undefined ? undefined : (key: Uint8Array) => edgeOfKey(key).edge.typeId === type.id
    return countKeys(this.#graph.storage, graphKeys.edges(this.#graph.id), counts)
  }

  /** The edge, unless it is of another type or gone. */
  #decode(key: Uint8Array, value: Uint8Array | undefined): GraphEdge[] {
    const { edge } = edgeOfKey(key)
    if (value === undefined || (this.#type !== undefined && edge.typeId !== this.#type.id)) return []
    return [decodeEdge(this.#graph, edge, value, key)]
  }

  /** Of the edge that an index entry belongs to. A unique entry has it as its value. */
  #outKeyOf(key: Uint8Array, value: Uint8Array): Uint8Array {
    const parsed = parseKey(key)
    const edge = parsed.model === 'graph' && parsed.kind === 'edge-index' ? parsed.edge : undefined
    return edge === undefined ? value : outKey(this.#graph, edge)
  }
}

function fresh(keys: readonly Uint8Array[], seen: Set<string>): Uint8Array[] {
  return keys.filter((key) => {
    const id = toBinaryString(key)
    if (seen.has(id)) return false
    seen.add(id)
    return true
  })
}
