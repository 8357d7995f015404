/** Checks what the methods that follow edges have in common. */
import { didYouMean } from '@orbit-ts/base'
import { compileFilter, type Predicate } from '../../filter/compile-filter.js'
import { checkFilter, describe } from '../../filter/filter-tree.js'
import type { Filter } from '../../filter/filter.js'
import type { Selection } from './adjacency.js'
import type { EdgeDirection } from './graph-queries.js'
import type { GraphEdge, GraphNode } from './graph-records.js'
import type { RecordType } from './graph-types.js'
import { checkFields, checkLabels } from './node-input.js'
import type { OpenGraph } from './open-graph.js'

export const DEPTH_MAX = 1000
export const VISITED_MAX = 1_000_000
export const FRONTIER_MAX = 100_000

const DIRECTIONS: readonly EdgeDirection[] = ['out', 'in', 'both']

type Options = Readonly<Record<string, unknown>>

export function checkSelection(
  graph: OpenGraph,
  options: Options,
  defaultDirection: EdgeDirection,
): Selection {
  return {
    direction: checkOneOf(graph, options, 'direction', DIRECTIONS, defaultDirection),
    typeIds: checkTypes(graph, options['types']),
  }
}

function checkTypes(graph: OpenGraph, given: unknown): number[] | undefined {
  if (given === undefined) return undefined
  const names: readonly unknown[] = Array.isArray(given) ? given : [given]
  const ids = new Set(names.map((name) => graph.type(name, 'types').id))
  return [...ids].sort((a, b) => a - b)
}

export function checkOneOf<T extends string>(
  graph: OpenGraph,
  options: Options,
  field: string,
  accepted: readonly T[],
  otherwise: T,
): T {
  const given = options[field]
  if (given === undefined) return otherwise
  const found = accepted.find((each) => each === given)
  if (found !== undefined) return found
  const hint = typeof given === 'string' ? didYouMean(given, accepted) : ''
  throw graph.error(
    'INVALID_ARGUMENT',
    `${field} is ${describe(given)}; it must be one of ${accepted.join(', ')}${hint}`,
    { field },
  )
}

/** A whole number from `min` to `max`. Infinity passes where `max` is Infinity. */
export function checkCount(
  graph: OpenGraph,
  options: Options,
  field: string,
  otherwise: number,
  { min = 0, max = Infinity }: { readonly min?: number; readonly max?: number } = {},
): number {
  const given = options[field]
  if (given === undefined) return otherwise
  const isCount = Number.isSafeInteger(given) || (given === Infinity && max === Infinity)
  if (typeof given === 'number' && isCount && given >= min && given <= max) return given
  const accepted = max === Infinity ? `from ${min} on` : `from ${min} to ${max}`
  throw graph.error(
    'INVALID_ARGUMENT',
    `${field} is ${describe(given)}; it must be a whole number ${accepted}`,
    {
      field,
    },
  )
}

/** Undefined when everything fits. */
export type Fits<R> = ((record: R) => boolean) | undefined

/** Which nodes and edges a walk may use. */
export interface WalkRules {
  readonly nodeFits: Fits<GraphNode>
  readonly edgeFits: Fits<GraphEdge>
}

export function checkWalkFilter(graph: OpenGraph, given: unknown): WalkRules {
  if (given === undefined) return { nodeFits: undefined, edgeFits: undefined }
  const filter = checkFields(graph, given, 'where', ['labels', 'nodes', 'edges'])
  const labels =
    filter['labels'] === undefined ? undefined : checkLabels(graph, filter['labels'], 'where.labels')
  return {
    nodeFits: nodeFits(graph, filter['nodes'], labels, 'where.nodes'),
    edgeFits: edgeFits(graph, filter['edges'], 'where.edges'),
  }
}

export function nodeFits(
  graph: OpenGraph,
  where: unknown,
  labels: readonly RecordType[] | undefined,
  field: string,
): Fits<GraphNode> {
  const predicate = checkedFilter(graph, where, field, knownNodeProperties(graph))
  const names = labels?.map(({ name }) => name)
  if (predicate === undefined && names === undefined) return undefined
  return (node) =>
    (names === undefined || node.labels.some((label) => names.includes(label))) &&
    (predicate === undefined || predicate(node.properties))
}

export function edgeFits(graph: OpenGraph, where: unknown, field: string): Fits<GraphEdge> {
  const predicate = checkedFilter(graph, where, field, knownEdgeProperties(graph))
  return predicate === undefined ? undefined : (edge) => predicate(edge.properties)
}

function checkedFilter(
  graph: OpenGraph,
  where: unknown,
  field: string,
  fields: ReadonlySet<string> | undefined,
): Predicate | undefined {
  if (where === undefined) return undefined
  const what = `graph "${graph.name}": ${field}`
  // What is no filter is refused here.
  const filter = where as Filter
  checkFilter(filter, fields === undefined ? { what } : { what, fields })
  return Object.keys(filter).length === 0 ? undefined : compileFilter(filter)
}

/** All properties that nodes may have; undefined when any may be there. */
export function knownNodeProperties(graph: OpenGraph): ReadonlySet<string> | undefined {
  return graph.types.isOpen ? undefined : propertiesOf(graph.types.labels)
}

/** All properties that edges, or those of one type, may have; undefined when any may be there. */
export function knownEdgeProperties(graph: OpenGraph, type?: RecordType): ReadonlySet<string> | undefined {
  if (type !== undefined) return propertiesOf([type])
  return graph.types.isOpen ? undefined : propertiesOf(graph.types.types)
}

function propertiesOf(types: Iterable<RecordType>): ReadonlySet<string> | undefined {
  const names = new Set<string>()
  for (const { rules } of types) {
    if (rules === undefined) return undefined
    for (const name of rules.keys()) names.add(name)
  }
  return names
}
