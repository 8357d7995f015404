/** Checks nodes that are to be added. */
import { didYouMean } from '@orbit-ts/base'
import { describe, isPlainObject } from '../../filter/filter-tree.js'
import type { RecordType } from './graph-types.js'
import type { OpenGraph } from './open-graph.js'
import type { Properties } from '../property/property-types.js'
import { checkId, type IdSource } from './record-ids.js'
import { NodeName } from './record-names.js'
import { checkProperties } from './record-properties.js'

/** Labels of one node. */
export const LABELS_MAX = 64

export interface CheckedNode {
  readonly id: string
  readonly labels: readonly RecordType[]
  readonly properties: Properties
  /** The id was made up, so that no other node can have it. */
  readonly isGenerated: boolean
}

export function checkNode(graph: OpenGraph, given: unknown, where: string, ids: IdSource): CheckedNode {
  const input = checkFields(graph, given, where, ['id', 'labels', 'properties'])
  const isGenerated = input['id'] === undefined
  const id = isGenerated ? ids.next() : checkId(graph, input['id'], `${where}.id`)
  const name = new NodeName(id)
  const labels = checkLabels(graph, input['labels'], `${where}.labels`)
  if (labels.length === 0 && !graph.types.isOpen) {
    throw graph.error('INVALID_ARGUMENT', `${where}.labels is empty; a node has at least one label`, {
      field: `${where}.labels`,
    })
  }
  const properties = checkProperties(graph, { name, types: labels }, input['properties'])
  return { id, labels, properties, isGenerated }
}

/** One label or several, distinct and known to the graph. */
export function checkLabels(graph: OpenGraph, given: unknown, where: string): RecordType[] {
  const names: readonly unknown[] = Array.isArray(given) ? given : given === undefined ? [] : [given]
  if (names.length > LABELS_MAX) {
    throw graph.error('LIMIT_EXCEEDED', `${where} are ${names.length}; the limit is ${LABELS_MAX}`, {
      field: 'labels',
      limit: LABELS_MAX,
    })
  }
  return [...new Set(names)].map((name) => graph.label(name, where))
}

/** The input as an object that has no other fields than these. */
export function checkFields(
  graph: OpenGraph,
  given: unknown,
  where: string,
  fields: readonly string[],
): Readonly<Record<string, unknown>> {
  if (!isPlainObject(given)) {
    throw graph.error('INVALID_ARGUMENT', `${where} is ${describe(given)}; it must be an object`, {
      field: where,
    })
  }
  for (const field of Object.keys(given)) {
    if (fields.includes(field)) continue
    throw graph.error(
      'INVALID_ARGUMENT',
      `${where}.${field} is not known${didYouMean(field, fields)}; accepted are ${fields.join(', ')}`,
      { field: `${where}.${field}` },
    )
  }
  return given
}

export function checkArray(graph: OpenGraph, given: unknown, where: string): readonly unknown[] {
  if (Array.isArray(given)) return given
  throw graph.error('INVALID_ARGUMENT', `${where} is ${describe(given)}; it must be an array`, {
    field: where,
  })
}
