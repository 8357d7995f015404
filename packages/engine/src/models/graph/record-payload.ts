/** Nodes and edges as stored values. */
import type { EdgeIdentity } from '@orbit-ts/storage'
import { decodeRecord, encodeRecord } from '../../record/record-codec.js'
import type { RecordHeader } from '../../record/record-header.js'
import type { GraphEdge, GraphNode } from './graph-records.js'
import type { EdgeType, RecordType } from './graph-types.js'
import { isOpenId } from './open-id.js'
import type { OpenGraph } from './open-graph.js'
import type { Properties } from '../property/property-types.js'
import type { RecordName } from './record-names.js'

/** Bytes of one stored node or edge. */
export const RECORD_SIZE_MAX = 16 * 1024 * 1024
const SCHEMA_VERSION_MAX = 0xffff

/** Labels go by id, so that records are small, or by name when nothing else tells it. */
type NodePayload = readonly [labels: readonly (number | string)[], properties: Properties]

/** An edge's type is in its key; the name follows when nothing else tells it. */
type EdgePayload = readonly [properties: Properties] | readonly [properties: Properties, type: string]

export interface StoredNode {
  readonly node: GraphNode
  readonly createdAtMs: number
}

/** @throws LIMIT_EXCEEDED when it takes more than {@link RECORD_SIZE_MAX} bytes. */
export function encodeNode(
  graph: OpenGraph,
  name: RecordName,
  labels: readonly RecordType[],
  properties: Properties,
  createdAtMs: number,
): Uint8Array {
  const payload: NodePayload = [labels.map(({ id, name }) => (isOpenId(id) ? name : id)), properties]
  const updatedAtMs = graph.context.nowMs
  return checkSize(graph, name, encodeRecord(payload, { ...headerOf(graph), createdAtMs, updatedAtMs }))
}

/** As `encodeNode`. An edge is stored twice, so it goes without the times that a node has. */
export function encodeEdge(
  graph: OpenGraph,
  name: RecordName,
  type: EdgeType,
  properties: Properties,
): Uint8Array {
  const payload: EdgePayload = isOpenId(type.id) ? [properties, type.name] : [properties]
  return checkSize(graph, name, encodeRecord(payload, headerOf(graph)))
}

/** @throws STORAGE_CORRUPT, RECORD_VERSION_UNSUPPORTED */
export function decodeNode(graph: OpenGraph, id: string, bytes: Uint8Array, key?: Uint8Array): StoredNode {
  const { header, value } = decodeRecord(bytes, key)
  // `encodeNode` wrote it.
  const [labels, properties] = value as NodePayload
  const names = labels.map((label) => (typeof label === 'string' ? label : labelName(graph, label)))
  return { node: { id, labels: names, properties }, createdAtMs: header.createdAtMs ?? 0 }
}

/** @throws STORAGE_CORRUPT, RECORD_VERSION_UNSUPPORTED */
export function decodeEdge(
  graph: OpenGraph,
  edge: Required<EdgeIdentity>,
  bytes: Uint8Array,
  key?: Uint8Array,
): GraphEdge {
  // `encodeEdge` wrote it.
  const [properties, type] = decodeRecord(bytes, key).value as EdgePayload
  return {
    type: graph.types.declaredType(edge.typeId)?.name ?? type ?? String(edge.typeId),
    from: edge.fromId,
    to: edge.toId,
    id: edge.discriminator,
    properties,
  }
}

function labelName(graph: OpenGraph, id: number): string {
  return graph.types.declaredLabel(id)?.name ?? String(id)
}

function headerOf(graph: OpenGraph): RecordHeader {
  return { schemaVersion: Math.min(graph.version, SCHEMA_VERSION_MAX) }
}

function checkSize(graph: OpenGraph, name: RecordName, bytes: Uint8Array): Uint8Array {
  if (bytes.byteLength <= RECORD_SIZE_MAX) return bytes
  throw graph.error(
    'LIMIT_EXCEEDED',
    `${name.what} takes ${bytes.byteLength} bytes; the limit is ${RECORD_SIZE_MAX}`,
    { ...name.details, limit: RECORD_SIZE_MAX },
  )
}
