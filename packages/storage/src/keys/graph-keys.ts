/**
 * Nodes and edges of graphs. An edge is stored under both its ends, so that either direction, also of one type, is
 * one range:
 *
 *     g{graphId} n {nodeId}                                                   node
 *     g{graphId} l {labelId}{nodeId}                                          nodes by label
 *     g{graphId} p {indexId}{datums}[0f {nodeId}]                             node property index
 *     g{graphId} o {fromId}.{typeId}{toId}.{discriminator}                    edge, under its start
 *     g{graphId} i {toId}.{typeId}{fromId}.{discriminator}                    the same edge, under its end
 *     g{graphId} q {indexId}{datums}[0f {fromId}.{typeId}{toId}.{discriminator}]   edge property index
 *
 * A full stop marks text that ends in 00 01. The discriminator tells edges of one type between the same nodes apart;
 * it is empty where there is only one.
 */
import type { KeyRange } from '../provider.js'
import type { ByteReader } from './byte-reader.js'
import type { ByteWriter } from './byte-writer.js'
import { type Datum, writeDatums } from './datum.js'
import { beginKey, readIndexDatums } from './key-parts.js'
import { type IndexBounds, indexRange, prefixRange } from './key-range.js'
import { ENTRY_ID_MARK, KEY_SPACE } from './key-space.js'
import { readTerminatedText, readUvarint, writeTerminatedText, writeUvarint } from './memcomparable.js'

const NODE = 0x6e // n
const LABEL = 0x6c // l
const NODE_INDEX = 0x70 // p
const OUT = 0x6f // o
const IN = 0x69 // i
const EDGE_INDEX = 0x71 // q

export type Direction = 'out' | 'in'

/** What identifies an edge in its graph. */
export interface EdgeIdentity {
  readonly fromId: string
  readonly typeId: number
  readonly toId: string
  /** Default: empty. */
  readonly discriminator?: string
}

export type GraphKey =
  | { readonly model: 'graph'; readonly kind: 'node'; readonly graphId: number; readonly nodeId: string }
  | {
      readonly model: 'graph'
      readonly kind: 'label'
      readonly graphId: number
      readonly labelId: number
      readonly nodeId: string
    }
  | {
      readonly model: 'graph'
      readonly kind: 'node-index'
      readonly graphId: number
      readonly indexId: number
      readonly datums: readonly Datum[]
      readonly nodeId: string | undefined
    }
  | {
      readonly model: 'graph'
      readonly kind: 'edge'
      readonly graphId: number
      readonly direction: Direction
      readonly edge: Required<EdgeIdentity>
    }
  | {
      readonly model: 'graph'
      readonly kind: 'edge-index'
      readonly graphId: number
      readonly indexId: number
      readonly datums: readonly Datum[]
      readonly edge: Required<EdgeIdentity> | undefined
    }

function begin(graphId: number, kind: number): ByteWriter {
  const writer = beginKey(KEY_SPACE.graph, graphId, 'graphId')
  writer.byte(kind)
  return writer
}

function beginWithId(graphId: number, kind: number, id: number, field: string): ByteWriter {
  const writer = begin(graphId, kind)
  writeUvarint(writer, id, field)
  return writer
}

function writeEdge(writer: ByteWriter, near: string, typeId: number, far: string, discriminator = ''): void {
  writeTerminatedText(writer, near)
  writeUvarint(writer, typeId, 'typeId')
  writeTerminatedText(writer, far)
  writer.text(discriminator)
}

export const graphKeys = {
  node(graphId: number, nodeId: string): Uint8Array {
    const writer = begin(graphId, NODE)
    writer.text(nodeId)
    return writer.toBytes()
  },

  label(graphId: number, labelId: number, nodeId: string): Uint8Array {
    const writer = beginWithId(graphId, LABEL, labelId, 'labelId')
    writer.text(nodeId)
    return writer.toBytes()
  },

  /** An entry of a node property index. Leave `nodeId` out for a unique index. */
  nodeIndex(
    graphId: number,
    indexId: number,
    datums: readonly Datum[],
    nodeId?: string,
    descending?: readonly boolean[],
  ): Uint8Array {
    const writer = beginWithId(graphId, NODE_INDEX, indexId, 'indexId')
    writeDatums(writer, datums, descending)
    if (nodeId !== undefined) {
      writer.byte(ENTRY_ID_MARK)
      writer.text(nodeId)
    }
    return writer.toBytes()
  },

  /** The edge's key under its start (`out`) or its end (`in`). */
  edge(graphId: number, edge: EdgeIdentity, direction: Direction): Uint8Array {
    const out = direction === 'out'
    const writer = begin(graphId, out ? OUT : IN)
    const [near, far] = out ? [edge.fromId, edge.toId] : [edge.toId, edge.fromId]
    writeEdge(writer, near, edge.typeId, far, edge.discriminator)
    return writer.toBytes()
  },

  /** An entry of an edge property index. Leave `edge` out for a unique index. */
  edgeIndex(
    graphId: number,
    indexId: number,
    datums: readonly Datum[],
    edge?: EdgeIdentity,
    descending?: readonly boolean[],
  ): Uint8Array {
    const writer = beginWithId(graphId, EDGE_INDEX, indexId, 'indexId')
    writeDatums(writer, datums, descending)
    if (edge !== undefined) {
      writer.byte(ENTRY_ID_MARK)
      writeEdge(writer, edge.fromId, edge.typeId, edge.toId, edge.discriminator)
    }
    return writer.toBytes()
  },

  /** Everything of a graph. */
  graph(graphId: number): KeyRange {
    return prefixRange(beginKey(KEY_SPACE.graph, graphId, 'graphId').toBytes())
  },

  nodes(graphId: number): KeyRange {
    return prefixRange(begin(graphId, NODE).toBytes())
  },

  nodesWithLabel(graphId: number, labelId: number): KeyRange {
    return prefixRange(beginWithId(graphId, LABEL, labelId, 'labelId').toBytes())
  },

  nodeIndexEntries(graphId: number, indexId: number, bounds?: IndexBounds): KeyRange {
    return indexRange(beginWithId(graphId, NODE_INDEX, indexId, 'indexId').toBytes(), bounds)
  },

  /** Every edge of a graph once, in order of start, or with `in` of end. */
  edges(graphId: number, direction: Direction = 'out'): KeyRange {
    return prefixRange(begin(graphId, direction === 'out' ? OUT : IN).toBytes())
  },

  /** The edges that leave (`out`) or reach (`in`) a node, all or of one type, or of one type to one node. */
  neighbours(
    graphId: number,
    nodeId: string,
    direction: Direction,
    typeId?: number,
    otherId?: string,
  ): KeyRange {
    const writer = begin(graphId, direction === 'out' ? OUT : IN)
    writeTerminatedText(writer, nodeId)
    if (typeId !== undefined) writeUvarint(writer, typeId, 'typeId')
    if (typeId !== undefined && otherId !== undefined) writeTerminatedText(writer, otherId)
    return prefixRange(writer.toBytes())
  },

  edgeIndexEntries(graphId: number, indexId: number, bounds?: IndexBounds): KeyRange {
    return indexRange(beginWithId(graphId, EDGE_INDEX, indexId, 'indexId').toBytes(), bounds)
  },
}

/** @throws STORAGE_CORRUPT */
export function parseGraphKey(reader: ByteReader): GraphKey {
  reader.byte()
  const graphId = readUvarint(reader)
  const kind = reader.byte()
  switch (kind) {
    case NODE:
      return { model: 'graph', kind: 'node', graphId, nodeId: reader.restText() }
    case LABEL:
      return {
        model: 'graph',
        kind: 'label',
        graphId,
        labelId: readUvarint(reader),
        nodeId: reader.restText(),
      }
    case OUT:
      return { model: 'graph', kind: 'edge', graphId, direction: 'out', edge: readEdge(reader, true) }
    case IN:
      return { model: 'graph', kind: 'edge', graphId, direction: 'in', edge: readEdge(reader, false) }
    case NODE_INDEX: {
      const indexId = readUvarint(reader)
      const { datums, hasId } = readIndexDatums(reader)
      const nodeId = hasId ? reader.restText() : undefined
      return { model: 'graph', kind: 'node-index', graphId, indexId, datums, nodeId }
    }
    case EDGE_INDEX: {
      const indexId = readUvarint(reader)
      const { datums, hasId } = readIndexDatums(reader)
      const edge = hasId ? readEdge(reader, true) : undefined
      return { model: 'graph', kind: 'edge-index', graphId, indexId, datums, edge }
    }
    default:
      return reader.fail(`${kind} is no kind of graph key`)
  }
}

function readEdge(reader: ByteReader, out: boolean): Required<EdgeIdentity> {
  const near = readTerminatedText(reader)
  const typeId = readUvarint(reader)
  const far = readTerminatedText(reader)
  const discriminator = reader.restText()
  return out
    ? { fromId: near, typeId, toId: far, discriminator }
    : { fromId: far, typeId, toId: near, discriminator }
}
