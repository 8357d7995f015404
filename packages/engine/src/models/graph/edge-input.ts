/** Checks edges that are to be added or named. */
import type { EdgeIdentity } from '@orbit-ts/storage'
import type { GraphEdge } from './graph-records.js'
import type { EdgeType } from './graph-types.js'
import { checkFields } from './node-input.js'
import type { OpenGraph } from './open-graph.js'
import type { Properties } from '../property/property-types.js'
import { checkId, type IdSource } from './record-ids.js'
import { EdgeName, type RecordName } from './record-names.js'
import { checkProperties } from './record-properties.js'

export interface NamedEdge {
  readonly type: EdgeType
  readonly identity: Required<EdgeIdentity>
  readonly name: RecordName
}

export interface CheckedEdge extends NamedEdge {
  readonly properties: Properties
  /** The id was made up, so that no other edge can have it. */
  readonly isGenerated: boolean
}

const KEY_FIELDS = ['type', 'from', 'to', 'id']

export function checkEdge(graph: OpenGraph, given: unknown, where: string, ids: IdSource): CheckedEdge {
  const input = checkFields(graph, given, where, [...KEY_FIELDS, 'properties'])
  const type = graph.type(input['type'], `${where}.type`)
  const isGenerated = !type.isUnique && input['id'] === undefined
  const id = isGenerated ? ids.next() : idOf(graph, type, input['id'], where)
  const edge = nameEdge(graph, type, input, id, where)
  const properties = checkProperties(graph, { name: edge.name, types: [type] }, input['properties'])
  return { ...edge, properties, isGenerated }
}

/** What a key names. An edge as it was read is a key too. @throws INVALID_ARGUMENT */
export function checkEdgeKey(graph: OpenGraph, given: unknown, where: string): NamedEdge {
  const input = checkFields(graph, given, where, [...KEY_FIELDS, 'properties'])
  const type = graph.type(input['type'], `${where}.type`)
  if (!type.isUnique && input['id'] === undefined) {
    throw graph.error(
      'INVALID_ARGUMENT',
      `${where}.id is missing; there may be several edges ${type.name} from one node to another, so give the id`,
      { field: `${where}.id` },
    )
  }
  // Empty where the type was unique when the edge was added.
  const id = input['id'] === '' ? '' : idOf(graph, type, input['id'], where)
  return nameEdge(graph, type, input, id, where)
}

function nameEdge(
  graph: OpenGraph,
  type: EdgeType,
  input: Readonly<Record<string, unknown>>,
  id: string,
  where: string,
): NamedEdge {
  const fromId = checkId(graph, input['from'], `${where}.from`)
  const toId = checkId(graph, input['to'], `${where}.to`)
  const key = { type: type.name, from: fromId, to: toId, id }
  return {
    type,
    identity: { fromId, typeId: type.id, toId, discriminator: id },
    name: new EdgeName(key),
  }
}

function idOf(graph: OpenGraph, type: EdgeType, id: unknown, where: string): string {
  if (!type.isUnique) return checkId(graph, id, `${where}.id`)
  if (id === undefined || id === '') return ''
  throw graph.error(
    'INVALID_ARGUMENT',
    `${where}.id: edge type ${type.name} is unique, so its edges have no id; leave it out`,
    { field: `${where}.id` },
  )
}

export function edgeRecord({ type, identity }: NamedEdge, properties: Properties): GraphEdge {
  return { type: type.name, from: identity.fromId, to: identity.toId, id: identity.discriminator, properties }
}
