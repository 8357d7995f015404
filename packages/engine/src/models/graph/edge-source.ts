import { toBinaryString } from '@orbit-ts/base'
import { graphKeys, parseKey } from '@orbit-ts/storage'
import { edgeOfKey } from './adjacency.js'
import { countKeys } from './count-keys.js'
import { outKey } from './edge-writes.js'
import type { GraphEdge } from './graph-records.js'
import type { EdgeType, PropertyIndex } from './graph-types.js'
import type { OpenGraph } from './open-graph.js'
import type { IndexPlan } from './query-plan.js'
import { decodeEdge } from './record-payload.js'
import { isFirst, type ReadOptions, type RecordSource } from './record-source.js'
import { knownEdgeProperties } from './walk-options.js'

/** The edges of a type, or all. */
export class EdgeSource implements RecordSource<GraphEdge> {
  readonly what: string
  readonly indexes: EdgeType['indexes']
  readonly fields: ReadonlySet<string> | undefined
  readonly plan: RecordSource<GraphEdge>['plan']
  readonly #graph: OpenGraph
  readonly #type: EdgeType | undefined
  /** Has each edge of the type once. */
  readonly #list: PropertyIndex | undefined

  constructor(graph: OpenGraph, type: EdgeType | undefined) {
    this.what = `graph "${graph.name}": edges`
    const ready = type?.indexes.filter(({ isReady }) => isReady) ?? []
    this.indexes = ready.filter(({ fields }) => fields.length > 0)
    this.#list = type === undefined || isOnlyType(graph) ? undefined : listOf(ready)
    this.fields = knownEdgeProperties(graph, type)
    this.plan = {
      graph: graph.name,
      reads: 'edges',
      ...(this.#list === undefined ? { access: 'all' } : { access: 'type', index: this.#list.name }),
      ...(type === undefined ? {} : { type: type.name }),
      ...(type === undefined || this.#list !== undefined || isOnlyType(graph)
        ? {}
        : { advice: `reads edges of every type; an index { fields: [] } of ${type.name} lists its own` }),
    }
    this.#graph = graph
    this.#type = type
  }

  async *scan(options: ReadOptions): AsyncGenerator<GraphEdge[]> {
    if (this.#list !== undefined) {
      yield* this.scanIndex({ index: this.#list, ranges: [{}], isReverse: false }, options)
      return
    }
    for await (const entries of this.#graph.storage.scan(graphKeys.edges(this.#graph.id), options)) {
      const edges = entries.flatMap(({ key, value }) => this.#decode(key, value))
      if (edges.length > 0) yield edges
    }
  }

  async *scanIndex(
    { index, ranges, isReverse }: Pick<IndexPlan, 'index' | 'ranges' | 'isReverse'>,
    options: ReadOptions,
  ): AsyncGenerator<GraphEdge[]> {
    // Only arrays put an edge into an index more than once.
    const seen = index.fields.every(({ isScalar }) => isScalar) ? undefined : new Set<string>()
    for (const bounds of ranges) {
      const range = graphKeys.edgeIndexEntries(this.#graph.id, index.id, bounds)
      for await (const entries of this.#graph.storage.scan(range, { ...options, reverse: isReverse })) {
        const all = entries.map(({ key, value }) => this.#outKeyOf(key, value))
        const keys = seen === undefined ? all : all.filter((key) => isFirst(seen, toBinaryString(key)))
        const values = await this.#graph.storage.getMany(keys)
        yield keys.flatMap((key, i) => this.#decode(key, values[i]))
      }
    }
  }

  count(): Promise<number> {
    const { storage, id } = this.#graph
    if (this.#list !== undefined) return countKeys(storage, graphKeys.edgeIndexEntries(id, this.#list.id))
    const type = this.#type
    const counts =
      type === undefined ? undefined : (key: Uint8Array) => edgeOfKey(key).edge.typeId === type.id
    return countKeys(storage, graphKeys.edges(id), counts)
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

/** The index with the shortest entries of those that have each edge once: only arrays put one in more often. */
function listOf(indexes: readonly PropertyIndex[]): PropertyIndex | undefined {
  return indexes
    .filter(({ fields }) => fields.every(({ isScalar }) => isScalar))
    .toSorted((a, b) => a.fields.length - b.fields.length)[0]
}

/** Then every edge is of the type, and reading them all in a row is the fastest. */
function isOnlyType({ types }: OpenGraph): boolean {
  return !types.isOpen && [...types.types].length === 1
}
