/** Keys as text for people: errors, `inspect`, logs. Not for parsing: the text of a name or an id may hold colons. */
import { toHex } from '@orbit-ts/base'
import type { ActorAddress, ActorKey } from './actor-keys.js'
import type { CatalogKey } from './catalog-keys.js'
import type { Datum } from './datum.js'
import type { DocumentKey } from './document-keys.js'
import type { EdgeIdentity, GraphKey } from './graph-keys.js'
import { type Handle, handleDatums } from './handle.js'
import { type ParsedKey, parseKey } from './parse-key.js'
import type { RelationalKey } from './relational-keys.js'
import type { TimeSeriesKey } from './time-series-keys.js'
import type { VectorKey } from './vector-keys.js'

export type NamedKind =
  'table' | 'collection' | 'graph' | 'index' | 'label' | 'edge-type' | 'series' | 'object'

/** The name of an object, or undefined when it has none; the id is shown instead. `ownerId`: its table, collection or graph. */
export type NameResolver = (kind: NamedKind, id: number, ownerId?: number) => string | undefined

export interface FormatKeyOptions {
  readonly resolve?: NameResolver
  /** Longer texts are cut and end in `…`. Default 256 characters. */
  readonly lengthMax?: number
}

const LENGTH_MAX_DEFAULT = 256

/**
 * The key in words: `rel:table:users:row:7`, `vec:collection:3:id:abc`, `grp:edge:social:ann:FOLLOWS:bob`,
 * `ts:series:metrics/12:time:1700000000000:seq:0`. A key that is none of Orbit's is shown as `hex:…`. Never throws.
 */
export function formatKey(key: Uint8Array, options: FormatKeyOptions = {}): string {
  const lengthMax = options.lengthMax ?? LENGTH_MAX_DEFAULT
  const text = describe(key, safely(options.resolve), lengthMax)
  return text.length > lengthMax ? `${text.slice(0, lengthMax)}…` : text
}

function describe(key: Uint8Array, name: Namer, lengthMax: number): string {
  try {
    return formatParsed(parseKey(key), name)
  } catch {
    return `hex:${toHex(key, lengthMax)}`
  }
}

type Namer = (kind: NamedKind, id: number, ownerId?: number) => string

/** A resolver that fails must not hide the key. */
function safely(resolve: NameResolver | undefined): Namer {
  return (kind, id, ownerId) => {
    try {
      const found = resolve?.(kind, id, ownerId)
      return found === undefined ? String(id) : quote(found)
    } catch {
      return String(id)
    }
  }
}

function formatParsed(key: ParsedKey, name: Namer): string {
  switch (key.model) {
    case 'relational':
      return formatRelational(key, name)
    case 'document':
      return formatDocument(key, name)
    case 'graph':
      return formatGraph(key, name)
    case 'vector':
      return formatVector(key, name)
    case 'timeseries':
      return formatTimeSeries(key, name)
    case 'actor':
      return formatActor(key)
    case 'catalog':
      return formatCatalog(key, name)
    case 'internal':
      return `sys:${quote(key.name)}`
  }
}

function formatRelational(key: RelationalKey, name: Namer): string {
  const table = name('table', key.tableId)
  if (key.kind === 'row') return `rel:table:${table}:row:${formatHandle(key.handle)}`
  return `rel:index:${table}:${name('index', key.indexId, key.tableId)}:${formatDatums(key.datums)}`
}

function formatHandle(handle: Handle): string {
  return formatDatums(handleDatums(handle))
}

function formatDocument(key: DocumentKey, name: Namer): string {
  const collection = name('collection', key.collectionId)
  if (key.kind === 'record') return `doc:collection:${collection}:id:${quote(key.id)}`
  const index = name('index', key.indexId, key.collectionId)
  return `doc:index:${collection}:${index}:${formatDatums(key.datums)}${idSuffix(key.id)}`
}

function formatGraph(key: GraphKey, name: Namer): string {
  const graph = name('graph', key.graphId)
  switch (key.kind) {
    case 'node':
      return `grp:node:${graph}:${quote(key.nodeId)}`
    case 'label':
      return `grp:label:${graph}:${name('label', key.labelId, key.graphId)}:${quote(key.nodeId)}`
    case 'edge':
      if (key.direction === 'out') return `grp:edge:${graph}:${formatEdge(key.edge, key.graphId, name)}`
      return formatIncoming(key.edge, key.graphId, name)
    case 'node-index':
    case 'edge-index': {
      const index = name('index', key.indexId, key.graphId)
      const record =
        key.kind === 'node-index'
          ? idSuffix(key.nodeId)
          : key.edge && `:edge:${formatEdge(key.edge, key.graphId, name)}`
      return `grp:index:${graph}:${index}:${formatDatums(key.datums)}${record ?? ''}`
    }
  }
}

function formatEdge(edge: Required<EdgeIdentity>, graphId: number, name: Namer): string {
  const type = name('edge-type', edge.typeId, graphId)
  return `${quote(edge.fromId)}:${type}:${quote(edge.toId)}${discriminatorSuffix(edge)}`
}

function formatIncoming(edge: Required<EdgeIdentity>, graphId: number, name: Namer): string {
  const type = name('edge-type', edge.typeId, graphId)
  const graph = name('graph', graphId)
  return `grp:adj:${graph}:${quote(edge.toId)}:in:${type}:${quote(edge.fromId)}${discriminatorSuffix(edge)}`
}

function discriminatorSuffix(edge: Required<EdgeIdentity>): string {
  return edge.discriminator === '' ? '' : `:${quote(edge.discriminator)}`
}

function formatVector(key: VectorKey, name: Namer): string {
  const collection = name('collection', key.collectionId)
  if (key.kind === 'record') return `vec:collection:${collection}:id:${quote(key.id)}`
  if (key.kind === 'lane') return `vec:changes:${collection}:lane:${quote(key.lane)}`
  const prefix = `vec:index:${collection}:${name('index', key.indexId, key.collectionId)}`
  switch (key.kind) {
    case 'centroid':
      return `${prefix}:bucket:${key.partitionId}`
    case 'posting':
      return `${prefix}:bucket:${key.partitionId}:id:${quote(key.id)}`
    case 'assignment':
      return `${prefix}:assignment:id:${quote(key.id)}`
    case 'index':
      return `${prefix}:${formatDatums(key.datums)}${idSuffix(key.id)}`
  }
}

function formatTimeSeries(key: TimeSeriesKey, name: Namer): string {
  const collection = name('collection', key.collectionId)
  if (key.kind === 'exact-tags') return `ts:tags:${collection}:${quote(key.tags)}`
  const series = `${collection}/${name('series', key.seriesId, key.collectionId)}`
  switch (key.kind) {
    case 'series':
      return `ts:series:${series}`
    case 'tag':
      return `ts:tag:${collection}:${quote(key.tag)}:${quote(key.value)}:series:${series}`
    case 'point':
      return `ts:series:${series}:time:${key.timestamp}:seq:${key.sequence}`
    case 'rollup':
      return `ts:index:${series}:${key.granularity}:bucket:${key.bucket}`
    case 'guard':
      return `ts:series:${series}:guard:${key.number}`
  }
}

function formatActor(key: ActorKey): string {
  switch (key.kind) {
    case 'directory':
    case 'epoch':
      return `act:${key.kind}:${formatAddress(key.address)}`
    case 'by-node':
      return `act:node:${quote(key.nodeId)}:holds:${formatAddress(key.address)}`
    case 'by-expiry':
      return `act:expiry:${key.expiresAtMs}:${formatAddress(key.address)}`
    case 'node':
      return `act:node:${quote(key.nodeId)}`
    case 'node-by-expiry':
      return `act:expiry:${key.expiresAtMs}:node:${quote(key.nodeId)}`
    case 'state':
      return `act:state:${formatAddress(key.address)}${key.slot === '' ? '' : `:${quote(key.slot)}`}`
  }
}

function formatAddress(address: ActorAddress): string {
  return `${quote(address.type)}:${quote(address.key)}`
}

function formatCatalog(key: CatalogKey, name: Namer): string {
  switch (key.kind) {
    case 'name': {
      const owner = key.parentId === 0 ? '' : `${name('object', key.parentId)}/`
      return `cat:name:${quote(key.objectKind)}:${owner}${quote(key.name)}`
    }
    case 'object':
      return `cat:object:${name('object', key.id)}`
    case 'sequence':
      return `cat:sequence:${quote(key.name)}`
    case 'statistics':
      return `cat:statistics:${name('object', key.id)}:${quote(key.name)}`
  }
}

function idSuffix(id: string | undefined): string {
  return id === undefined ? '' : `:id:${quote(id)}`
}

function formatDatums(datums: readonly Datum[]): string {
  return datums.map(formatDatum).join(',')
}

/** A value of a key: text where the bytes are printable UTF-8, else hex. */
export function formatDatum(datum: Datum): string {
  switch (datum.kind) {
    case 'bytes':
      return formatBytes(datum.value)
    case 'text':
      return quote(datum.value)
    case 'null':
    case 'min':
    case 'max':
      return datum.kind.toUpperCase()
    case 'duration':
      return `${datum.value}ns`
    default:
      return String(datum.value)
  }
}

function formatBytes(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  return /[\p{C}\ufffd]/u.test(text) ? `0x${toHex(bytes)}` : quote(text)
}

/** As it is when nothing in it could mislead, otherwise as a JSON string. */
function quote(text: string): string {
  return text === '' || /[\s"\p{C}:,/]/u.test(text) ? JSON.stringify(text) : text
}
