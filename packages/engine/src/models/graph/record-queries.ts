/** Queries and scans as they are given, taken apart into what is read and how. */
import type { Query } from '../../filter/filter.js'
import { EdgeSource } from './edge-source.js'
import { scanRecords } from './find-records.js'
import type { GraphEdge, GraphNode } from './graph-records.js'
import { checkFields } from './node-input.js'
import { NodeSource } from './node-source.js'
import type { OpenGraph } from './open-graph.js'
import type { ReadOptions } from './record-source.js'
import { checkCount } from './walk-options.js'

const QUERY_FIELDS = ['where', 'orderBy', 'limit', 'offset', 'select']
const SCAN_FIELDS = ['where', 'limit', 'chunkSize', 'signal']

/** The rest of the query is checked where it is run. */
interface SourceQuery<Source> {
  readonly source: Source
  readonly query: Query
}

export function nodeQuery(graph: OpenGraph, given: unknown): SourceQuery<NodeSource> {
  const { label, ...query } = checkFields(graph, given, 'query', ['label', ...QUERY_FIELDS])
  return { source: nodeSource(graph, label), query }
}

export function edgeQuery(graph: OpenGraph, given: unknown): SourceQuery<EdgeSource> {
  const { type, ...query } = checkFields(graph, given, 'query', ['type', ...QUERY_FIELDS])
  return { source: edgeSource(graph, type), query }
}

export function scanNodes(graph: OpenGraph, given: unknown): AsyncGenerator<GraphNode[]> {
  const { label, ...options } = checkFields(graph, given, 'options', ['label', ...SCAN_FIELDS])
  return scanRecords(nodeSource(graph, label), scanQuery(options), scanOptions(graph, options))
}

export function scanEdges(graph: OpenGraph, given: unknown): AsyncGenerator<GraphEdge[]> {
  const { type, ...options } = checkFields(graph, given, 'options', ['type', ...SCAN_FIELDS])
  return scanRecords(edgeSource(graph, type), scanQuery(options), scanOptions(graph, options))
}

function nodeSource(graph: OpenGraph, label: unknown): NodeSource {
  return new NodeSource(graph, label === undefined ? undefined : graph.label(label, 'label'))
}

function edgeSource(graph: OpenGraph, type: unknown): EdgeSource {
  return new EdgeSource(graph, type === undefined ? undefined : graph.type(type, 'type'))
}

type Options = Readonly<Record<string, unknown>>

function scanQuery({ where, limit }: Options): Query {
  return { ...(where === undefined ? {} : { where }), ...(limit === undefined ? {} : { limit }) } as Query
}

function scanOptions(graph: OpenGraph, options: Options): ReadOptions {
  const chunkSize = checkCount(graph, options, 'chunkSize', 256, { min: 1, max: 10_000 })
  const { signal } = options
  if (signal === undefined) return { chunkSize }
  if (signal instanceof AbortSignal) return { chunkSize, signal }
  throw graph.error('INVALID_ARGUMENT', 'signal is no AbortSignal', { field: 'signal' })
}
