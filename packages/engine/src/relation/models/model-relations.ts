/** Collections, graphs, vector collections and series as relations. */
import type { CatalogObject } from '../../catalog/catalog-object.js'
import { CollectionSession } from '../../models/document/collection-session.js'
import type { CollectionDefinition } from '../../models/document/collection-input.js'
import type { Document } from '../../models/document/collection.js'
import { GraphSession } from '../../models/graph/graph-session.js'
import type { GraphDefinition } from '../../models/graph/graph-definition.js'
import type { GraphEdge, GraphNode } from '../../models/graph/graph-records.js'
import type { FieldType, SeriesDefinition } from '../../models/timeseries/series-input.js'
import { SeriesSession } from '../../models/timeseries/series-session.js'
import type { StoredVector } from '../../models/vector/vector-records.js'
import { VectorSession } from '../../models/vector/vector-session.js'
import type { VectorsDefinition } from '../../models/vector/vectors-definition.js'
import { SqlArray } from '../../scalar/array/sql-array.js'
import { int64, type Value } from '../../scalar/value.js'
import type { Relation } from '../relation.js'
import { collectionEdits } from './collection-edits.js'
import { documentIndexes } from './document-indexes.js'
import { edgeIndexes } from './edge-indexes.js'
import { edgeEdits, nodeEdits } from './graph-edits.js'
import { jsonbValue } from './json-value.js'
import { labelIndexes } from './label-indexes.js'
import { ModelRelation, type ModelColumn, type ModelRelationFacts } from './model-relation.js'
import { documentIdIndex, nodeIdIndex, vectorIdIndex } from './record-ids.js'
import { seriesEdits } from './series-edits.js'
import { seriesIndexes, type AnyPoint } from './series-indexes.js'
import { vectorEdits } from './vector-edits.js'

type Place = Pick<ModelRelationFacts<unknown>, 'oid' | 'schema' | 'name' | 'statistics'>

/** Ordinals of columns. */
const DOCUMENT = 1
const LABELS = 1

/** `id`, `document`: the whole document, its id included. */
export function collectionRelation(object: CatalogObject, place: Place): Relation {
  const { name, definition } = object
  const columns: ModelColumn<Document>[] = [
    { name: 'id', type: 'text', isNotNull: true, hasDefault: true, value: ({ id }) => id },
    { name: 'document', type: 'jsonb', isNotNull: true, value: jsonbValue },
  ]
  return new ModelRelation({ ...place, object, kind: 'collection', edits: collectionEdits(name) }, columns, {
    scan: ({ models }) => new CollectionSession(models, name).scan(),
    indexes: [documentIdIndex(name, columns.length)],
    indexesFor: documentIndexes(name, definition as CollectionDefinition, DOCUMENT),
  })
}

/** `id`, `labels`, `properties`. */
export function nodesRelation(object: CatalogObject, place: Place): Relation {
  const { name, definition } = object
  return new ModelRelation({ ...place, object, kind: 'nodes', edits: nodeEdits(name) }, NODE_COLUMNS, {
    scan: ({ models }) => new GraphSession(models, name).scanNodes(),
    indexes: [nodeIdIndex(name, NODE_COLUMNS.length)],
    indexesFor: labelIndexes(name, definition as GraphDefinition, LABELS),
  })
}

export const NODE_COLUMNS: readonly ModelColumn<GraphNode>[] = [
  { name: 'id', type: 'text', isNotNull: true, hasDefault: true, value: ({ id }) => id },
  { name: 'labels', type: '_text', isNotNull: true, value: ({ labels }) => new SqlArray(labels) },
  {
    name: 'properties',
    type: 'jsonb',
    isNotNull: true,
    hasDefault: true,
    value: ({ properties }) => jsonbValue(properties),
  },
]

/** `type`, `source`, `target`, `id`, `properties`. */
export function edgesRelation(object: CatalogObject, place: Place): Relation {
  const { name, definition } = object
  const columns: ModelColumn<GraphEdge>[] = [
    { name: 'type', type: 'text', isNotNull: true, value: ({ type }) => type },
    { name: 'source', type: 'text', isNotNull: true, value: ({ from }) => from },
    { name: 'target', type: 'text', isNotNull: true, value: ({ to }) => to },
    { name: 'id', type: 'text', isNotNull: true, hasDefault: true, value: ({ id }) => id },
    {
      name: 'properties',
      type: 'jsonb',
      isNotNull: true,
      hasDefault: true,
      value: ({ properties }) => jsonbValue(properties),
    },
  ]
  return new ModelRelation({ ...place, object, kind: 'edges', edits: edgeEdits(name) }, columns, {
    scan: ({ models }) => new GraphSession(models, name).scanEdges(),
    indexes: edgeIndexes(name, definition as GraphDefinition),
  })
}

/** `id`, `embedding`, `metadata`. */
export function vectorsRelation(object: CatalogObject, place: Place): Relation {
  const { name, definition } = object
  const { dimension } = definition as VectorsDefinition
  const columns: ModelColumn<StoredVector>[] = [
    { name: 'id', type: 'text', isNotNull: true, value: ({ id }) => id },
    {
      name: 'embedding',
      type: 'vector',
      modifier: dimension,
      isNotNull: true,
      value: ({ vector }) => vector,
    },
    {
      name: 'metadata',
      type: 'jsonb',
      isNotNull: true,
      hasDefault: true,
      value: ({ metadata }) => jsonbValue(metadata),
    },
  ]
  return new ModelRelation({ ...place, object, kind: 'vectors', edits: vectorEdits(name) }, columns, {
    scan: ({ models }) => new VectorSession(models, name).scan(),
    indexes: [vectorIdIndex(name, columns.length)],
  })
}

const FIELD_TYPES: Readonly<Record<FieldType, string>> = {
  float: 'float8',
  int: 'int8',
  int64: 'int8',
  text: 'text',
  bool: 'bool',
  json: 'jsonb',
}

/** `time`, `sequence`, one column for each tag and each field. */
export function seriesRelation(object: CatalogObject, place: Place): Relation {
  const { name, definition } = object
  const declared = definition as SeriesDefinition
  const { tags, fields } = declared
  const columns: ModelColumn<AnyPoint>[] = [
    {
      name: 'time',
      type: 'timestamptz',
      isNotNull: true,
      hasDefault: true,
      value: ({ timestamp }) => timestamp * 1000,
    },
    { name: 'sequence', type: 'int8', isNotNull: true, hasDefault: true, value: ({ sequence }) => sequence },
    ...tags.map((tag): ModelColumn<AnyPoint> => ({
      name: tag,
      type: 'text',
      value: (point) => point.tags[tag] ?? null,
    })),
    ...fields.map((field): ModelColumn<AnyPoint> => ({
      name: field.name,
      type: FIELD_TYPES[field.type],
      value: (point) => fieldValue(field.type, point.fields[field.name]),
    })),
  ]
  return new ModelRelation<AnyPoint>(
    { ...place, object, kind: 'series', edits: seriesEdits(name, declared) },
    columns,
    {
      scan: ({ models }) =>
        new SeriesSession<Record<string, string>, Record<string, unknown>>(models, name).scan(),
      indexes: seriesIndexes(name, declared),
    },
  )
}

function fieldValue(type: FieldType, value: unknown): Value {
  if (value === undefined || value === null) return null
  if (type === 'json') return jsonbValue(value)
  // The series has checked that it is of its type.
  return typeof value === 'bigint' ? int64(value) : (value as Value)
}
