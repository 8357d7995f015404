import { fromUtf8 } from '@orbit-ts/base'
import { graphKeys, parseKey, type Entry, type KeyRange } from '@orbit-ts/storage'
import type { GraphNode } from './graph-records.js'
import type { RecordType } from './graph-types.js'
import { readNodes } from './node-reads.js'
import type { OpenGraph } from './open-graph.js'
import type { IndexPlan } from './query-plan.js'
import { countKeys } from './count-keys.js'
import { decodeNode } from './record-payload.js'
import { isFirst, type ReadOptions, type RecordSource } from './record-source.js'
import { knownNodeProperties } from './walk-options.js'

/** The nodes with a label, or all. */
export class NodeSource implements RecordSource<GraphNode> {
  readonly what: string
  readonly indexes: RecordType['indexes']
  readonly fields: ReadonlySet<string> | undefined
  readonly plan: RecordSource<GraphNode>['plan']
  readonly #graph: OpenGraph
  readonly #label: RecordType | undefined

  constructor(graph: OpenGraph, label: RecordType | undefined) {
    this.what = `graph "${graph.name}": nodes`
    this.indexes = label?.indexes.filter(({ isReady }) => isReady) ?? []
    this.fields = knownNodeProperties(graph)
    this.plan = {
      graph: graph.name,
      reads: 'nodes',
      ...(label === undefined ? { access: 'all' } : { access: 'label', label: label.name }),
    }
    this.#graph = graph
    this.#label = label
  }

  async *scan(options: ReadOptions): AsyncGenerator<GraphNode[]> {
    if (this.#label !== undefined) {
      yield* this.#byIds(this.#allKeys(), { ...options, keysOnly: true }, undefined)
      return
    }
    for await (const entries of this.#graph.storage.scan(this.#allKeys(), options)) {
      yield entries.map(({ key, value }) => decodeNode(this.#graph, nodeIdOf(key, value), value, key).node)
    }
  }

  async *scanIndex(
    { index, ranges, isReverse }: IndexPlan,
    options: ReadOptions,
  ): AsyncGenerator<GraphNode[]> {
    // Only arrays put a node into an index more than once.
    const seen = index.fields.every(({ isScalar }) => isScalar) ? undefined : new Set<string>()
    for (const bounds of ranges) {
      const range = graphKeys.nodeIndexEntries(this.#graph.id, index.id, bounds)
      yield* this.#byIds(range, { ...options, reverse: isReverse }, seen)
    }
  }

  count(): Promise<number> {
    return countKeys(this.#graph.storage, this.#allKeys())
  }

  #allKeys(): KeyRange {
    const { id } = this.#graph
    return this.#label === undefined ? graphKeys.nodes(id) : graphKeys.nodesWithLabel(id, this.#label.id)
  }

  async *#byIds(
    range: KeyRange,
    options: ReadOptions & { readonly keysOnly?: boolean; readonly reverse?: boolean },
    seen: Set<string> | undefined,
  ): AsyncGenerator<GraphNode[]> {
    for await (const entries of this.#graph.storage.scan(range, options)) {
      const ids = entries.map(({ key, value }: Entry) => nodeIdOf(key, value))
      const nodes = await readNodes(
        this.#graph,
        seen === undefined ? ids : ids.filter((id) => isFirst(seen, id)),
      )
      yield nodes.flatMap((stored) =>
        stored !== undefined && this.#hasLabel(stored.node) ? [stored.node] : [],
      )
    }
  }

  /** Under `read-committed` the node may have changed since the entry was read. */
  #hasLabel(node: GraphNode): boolean {
    return this.#label === undefined || node.labels.includes(this.#label.name)
  }
}

/** The node of a node's key, of a label's entry or of an index's. A unique entry has it in its value. */
export function nodeIdOf(key: Uint8Array, value: Uint8Array): string {
  const parsed = parseKey(key)
  return ('nodeId' in parsed ? parsed.nodeId : undefined) ?? fromUtf8(value)
}
