/** Nodes by a label: what `'Airport' = ANY (labels)` and `labels @> '{Airport}'` ask for. */
import { graphModel } from '../../models/graph/graph-model.js'
import type { GraphDefinition } from '../../models/graph/graph-definition.js'
import type { GraphNode } from '../../models/graph/graph-records.js'
import { GraphSession } from '../../models/graph/graph-session.js'
import { NodeSource } from '../../models/graph/node-source.js'
import { OpenGraph } from '../../models/graph/open-graph.js'
import type { ColumnId, Expression } from '../../plan/expression.js'
import { conjunctsOf, disjunctsOf } from '../../plan/expressions/conditions.js'
import { SqlArray } from '../../scalar/array/sql-array.js'
import type { IndexRange, RelationContext } from '../relation.js'
import type { ModelIndex } from './model-index.js'

/** Nodes that are read at once. */
const CHUNK_SIZE = 1024

/** One index for each way to ask for a declared label: its key is whether a node has it. */
export function labelIndexes(
  name: string,
  { labels }: GraphDefinition,
  ordinal: number,
): (
  conditions: readonly Expression[],
  ordinalOf: (column: ColumnId) => number | undefined,
) => ModelIndex<GraphNode>[] {
  const declared = new Set(labels.map((label) => label.name))
  return (conditions, ordinalOf) =>
    conditions
      .flatMap(conjunctsOf)
      .flatMap(disjunctsOf)
      .flatMap(conjunctsOf)
      .flatMap((condition) => {
        const asked = askedLabel(condition, (column) => ordinalOf(column) === ordinal)
        if (asked === undefined || !declared.has(asked.label)) return []
        return [labelIndex(name, asked.label, condition.kind, asked.overOrdinal(ordinal))]
      })
}

interface AskedLabel {
  readonly label: string
  /** The condition with the column's ordinal in place of its id. */
  readonly overOrdinal: (ordinal: number) => Expression
}

function askedLabel(condition: Expression, isLabels: (column: ColumnId) => boolean): AskedLabel | undefined {
  const isColumn = (side: Expression | undefined): boolean => side?.kind === 'column' && isLabels(side.column)
  if (condition.kind === 'quantified') {
    const { quantifier, operator, left, right } = condition
    if (quantifier !== 'any' || operator.comparison !== 'eq' || left.kind !== 'constant') return undefined
    if (!isColumn(right) || right.kind !== 'column' || typeof left.value !== 'string') return undefined
    return {
      label: left.value,
      overOrdinal: (ordinal) => ({ ...condition, right: { ...right, column: ordinal } }),
    }
  }
  if (condition.kind !== 'call' || condition.operator?.name !== '@>') return undefined
  const [left, right] = condition.args
  if (left?.kind !== 'column' || !isColumn(left) || right?.kind !== 'constant') return undefined
  if (!(right.value instanceof SqlArray)) return undefined
  const [label, ...others] = right.value.elements
  if (typeof label !== 'string' || others.length > 0) return undefined
  return {
    label,
    overOrdinal: (ordinal) => ({ ...condition, args: [{ ...left, column: ordinal }, right] }),
  }
}

function labelIndex(
  name: string,
  label: string,
  way: Expression['kind'],
  key: Expression,
): ModelIndex<GraphNode> {
  return {
    index: {
      name: `labels ${way} ${label}`,
      shownAs: 'labels',
      isPrimary: false,
      isUnique: false,
      nullsNotDistinct: false,
      isLossy: true,
      keys: [{ key, isDescending: false, nullsFirst: false }],
      covers: [],
    },
    read: (context, ranges) => readNodes(context, name, label, ranges),
  }
}

async function* readNodes(
  { models, signal }: RelationContext,
  name: string,
  label: string,
  ranges: readonly IndexRange[],
): AsyncGenerator<readonly GraphNode[]> {
  const graph = new OpenGraph(models, await models.object(graphModel, name))
  const type = graph.types.label(label)
  const isAsked = ranges.every(({ prefix }) => prefix[0] === true)
  if (isAsked && type !== undefined)
    yield* new NodeSource(graph, type).scan({ chunkSize: CHUNK_SIZE, signal })
  else yield* new GraphSession(models, name).scanNodes()
}
