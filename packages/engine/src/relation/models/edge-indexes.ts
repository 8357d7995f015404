/** Edges by the nodes that they join, and by their type. */
import { compareBytes } from '@orbit-ts/base'
import { graphKeys, type Direction, type Entry, type KeyRange } from '@orbit-ts/storage'
import { edgeOfKey } from '../../models/graph/adjacency.js'
import { EdgeSource } from '../../models/graph/edge-source.js'
import type { GraphDefinition } from '../../models/graph/graph-definition.js'
import { graphModel } from '../../models/graph/graph-model.js'
import type { GraphEdge } from '../../models/graph/graph-records.js'
import { GraphTypes } from '../../models/graph/graph-types.js'
import { OpenGraph } from '../../models/graph/open-graph.js'
import { decodeEdge } from '../../models/graph/record-payload.js'
import type { ModelContext } from '../../models/model.js'
import { readRanges } from '../read-ranges.js'
import type { IndexRange } from '../relation.js'
import { boundedIds, isId } from './id-texts.js'
import { columnIndex, type ModelIndex } from './model-index.js'
import { isInTextRange, onlyText, textRange, type TextRange } from './text-range.js'

/** Of the columns of edges. */
const TYPE = 0
const SOURCE = 1
const TARGET = 2
const ID = 3
const COLUMN_COUNT = 5
/** Edges that are read at once. */
const CHUNK_SIZE = 1024

export function edgeIndexes(name: string, definition: GraphDefinition): ModelIndex<GraphEdge>[] {
  const open = async (models: ModelContext): Promise<OpenGraph> =>
    new OpenGraph(models, await models.object(graphModel, name))
  return [
    adjacencyIndex('source', 'out', open),
    adjacencyIndex('target', 'in', open),
    ...(hasLists(definition) ? [typeIndex(open)] : []),
  ]
}

/** Near node, type, far node, id, as edges are stored under both of their nodes. Types are in an order of their own. */
function adjacencyIndex(
  name: string,
  direction: Direction,
  open: (models: ModelContext) => Promise<OpenGraph>,
): ModelIndex<GraphEdge> {
  const [near, far] = direction === 'out' ? [SOURCE, TARGET] : [TARGET, SOURCE]
  const keys = [{ key: near }, { key: TYPE, isUnordered: true as const }, { key: far }, { key: ID }]
  return {
    index: columnIndex(name, keys, COLUMN_COUNT, true),
    async *read({ models }, ranges, { isReverse, limit, signal }) {
      const graph = await open(models)
      const slices = ranges.flatMap((range) => slicesOf(graph, direction, range))
      if (isReverse) slices.reverse()
      const options = { signal, reverse: isReverse, limit }
      const plain = slices.every(({ accepts }) => accepts === undefined)
      for (const some of plain ? [slices] : slices.map((slice) => [slice])) {
        const accepts = some[0]?.accepts
        for await (const entries of readRanges(
          graph.storage,
          some.map(({ range }) => range),
          options,
        )) {
          const edges = entries.map((entry) => edgeOf(graph, entry))
          yield accepts === undefined ? edges : edges.filter(accepts)
        }
      }
    },
  }
}

function edgeOf(graph: OpenGraph, { key, value }: Entry): GraphEdge {
  return decodeEdge(graph, edgeOfKey(key).edge, value, key)
}

interface Slice {
  readonly range: KeyRange
  /** Left out: all of it belongs to the range of the index. */
  readonly accepts?: (edge: GraphEdge) => boolean
}

function slicesOf(graph: OpenGraph, direction: Direction, range: IndexRange): Slice[] {
  const [near, type, far, id] = [0, 1, 2, 3].map((position) => textRange(range, position))
  if (near === undefined || type === undefined || far === undefined || id === undefined) return []
  const node = onlyText(near)
  if (node === undefined)
    return between(graphKeys.edges(graph.id, direction), near, (text) =>
      graphKeys.neighbours(graph.id, text, direction),
    )
  if (!isId(node)) return []
  const own = graphKeys.neighbours(graph.id, node, direction)
  if (isOpen(type)) return [{ range: own }]
  const typeName = onlyText(type)
  if (typeName === undefined) return [{ range: own, accepts: (edge) => isInTextRange(edge.type, type) }]
  const typeId = graph.types.type(typeName)?.id
  if (typeId === undefined) return []
  const other = onlyText(far)
  if (other === undefined)
    return between(graphKeys.neighbours(graph.id, node, direction, typeId), far, (text) =>
      graphKeys.neighbours(graph.id, node, direction, typeId, text),
    )
  if (!isId(other)) return []
  const pair = graphKeys.neighbours(graph.id, node, direction, typeId, other)
  return [isOpen(id) ? { range: pair } : { range: pair, accepts: (edge) => isInTextRange(edge.id, id) }]
}

const isOpen = ({ from, to }: TextRange): boolean => from === undefined && to === undefined

/** The part of a range in which the texts that follow its start are within bounds. */
function between(whole: KeyRange, texts: TextRange, rangeOf: (text: string) => KeyRange): Slice[] {
  const { from, to } = boundedIds(texts)
  const start = from === undefined ? whole.start : rangeOf(from).start
  const end = to === undefined ? whole.end : rangeOf(to).start
  if (start !== undefined && end !== undefined && compareBytes(start, end) >= 0) return []
  return [{ range: { ...(start && { start }), ...(end && { end }) } }]
}

/** Whether some type has an index that lists its edges, so that those of others need not be read. */
function hasLists(definition: GraphDefinition): boolean {
  return [...GraphTypes.of(definition).types].some(({ indexes }) =>
    indexes.some(({ isReady, fields }) => isReady && fields.every(({ isScalar }) => isScalar)),
  )
}

function typeIndex(open: (models: ModelContext) => Promise<OpenGraph>): ModelIndex<GraphEdge> {
  return {
    index: columnIndex('type', [{ key: TYPE, isUnordered: true }], COLUMN_COUNT),
    async *read({ models }, ranges, { signal }) {
      const graph = await open(models)
      const wanted = ranges.map((range) => textRange(range, 0)).filter((range) => range !== undefined)
      const names = wanted.map(onlyText)
      const options = { signal, chunkSize: CHUNK_SIZE }
      if (names.includes(undefined)) {
        const isWanted = ({ type }: GraphEdge): boolean => wanted.some((range) => isInTextRange(type, range))
        for await (const edges of new EdgeSource(graph, undefined).scan(options)) yield edges.filter(isWanted)
        return
      }
      for (const name of names) {
        const type = name === undefined ? undefined : graph.types.type(name)
        if (type !== undefined) yield* new EdgeSource(graph, type).scan(options)
      }
    },
  }
}
