/** Table functions of the schema `orbit`: what other models answer. Their oids begin at 95 000. */
import { GraphSession } from '../../models/graph/graph-session.js'
import type { GraphNode } from '../../models/graph/graph-records.js'
import { VectorSession } from '../../models/vector/vector-session.js'
import { OrbitError } from '@orbit-ts/base'
import { unsupported } from '../../scalar/condition.js'
import type { TableFunction } from '../../scalar/functions/function.js'
import { type Row, type Value, plainText } from '../../scalar/value.js'
import type { RelationContext } from '../relation.js'
import { jsonbValue } from './json-value.js'
import { typeOf, type ModelColumn } from './model-relation.js'
import { NODE_COLUMNS } from './model-relations.js'

interface Definition {
  readonly oid: number
  readonly name: string
  /** Name and `typname` of each. */
  readonly parameters: readonly (readonly [name: string, type: string])[]
  readonly defaults?: readonly Value[]
  readonly columns: readonly (readonly [name: string, type: string])[]
  readonly load: (context: RelationContext, args: readonly Value[]) => Promise<Row[]>
}

function tableFunction({ oid, name, parameters, defaults, columns, load }: Definition): TableFunction {
  return {
    kind: 'table',
    oid,
    name,
    parameters: parameters.map(([, type]) => typeOf(type).scalar),
    parameterNames: parameters.map(([parameter]) => parameter),
    ...(defaults === undefined ? {} : { defaults }),
    result: typeOf('record').scalar,
    isStrict: true,
    volatility: 'stable',
    columns: () => columns.map(([column, type]) => ({ name: column, type: typeOf(type) })),
    rows: () => {
      throw unsupported(`${name} in this place`)
    },
    load,
  }
}

const nodeColumns = NODE_COLUMNS.map(({ name, type }) => [name, type] as const)
const nodeRow = (node: GraphNode): Row => NODE_COLUMNS.map(({ value }: ModelColumn<GraphNode>) => value(node))

const DIRECTIONS = ['out', 'in', 'both'] as const

function directionOf(value: Value): (typeof DIRECTIONS)[number] {
  const found = DIRECTIONS.find((direction) => direction === value)
  if (found !== undefined) return found
  throw new OrbitError(
    'INVALID_ARGUMENT',
    `direction: ${plainText(value)} is not one of ${DIRECTIONS.join(', ')}`,
    {
      sqlState: '22023',
    },
  )
}

/** `orbit.graph_neighbors(graph, node, depth => 1, direction => 'both')` */
const graphNeighbors = tableFunction({
  oid: 95_000,
  name: 'graph_neighbors',
  parameters: [
    ['graph', 'text'],
    ['node', 'text'],
    ['depth', 'int4'],
    ['direction', 'text'],
  ],
  defaults: [1, 'both'],
  columns: nodeColumns,
  load: async ({ models }, [graph, node, depth, direction]) => {
    const session = new GraphSession(models, plainText(graph))
    const found = await session.neighbors(plainText(node), {
      depth: Number(depth),
      direction: directionOf(direction ?? null),
    })
    return found.map(nodeRow)
  },
})

/** `orbit.graph_shortest_path(graph, source, target)`: its nodes in order, with their step from 0. */
const graphShortestPath = tableFunction({
  oid: 95_001,
  name: 'graph_shortest_path',
  parameters: [
    ['graph', 'text'],
    ['source', 'text'],
    ['target', 'text'],
  ],
  columns: [['step', 'int4'], ...nodeColumns],
  load: async ({ models }, [graph, source, target]) => {
    const path = await new GraphSession(models, plainText(graph)).shortestPath(
      plainText(source),
      plainText(target),
    )
    return (path?.nodes ?? []).map((node, step) => [step, ...nodeRow(node)])
  },
})

/** `orbit.vector_search(collection, vector, k => 10)`: nearest first. */
const vectorSearch = tableFunction({
  oid: 95_002,
  name: 'vector_search',
  parameters: [
    ['collection', 'text'],
    ['vector', 'vector'],
    ['k', 'int4'],
  ],
  defaults: [10],
  columns: [
    ['id', 'text'],
    ['distance', 'float8'],
    ['score', 'float8'],
    ['metadata', 'jsonb'],
  ],
  load: async ({ models }, [collection, vector, k]) => {
    if (!(vector instanceof Float32Array)) return []
    const hits = await new VectorSession(models, plainText(collection)).search({ vector, k: Number(k) })
    return hits.map(({ id, distance, score, metadata }) => [id, distance, score, jsonbValue(metadata)])
  },
})

export const orbitFunctions: readonly TableFunction[] = [graphNeighbors, graphShortestPath, vectorSearch]
