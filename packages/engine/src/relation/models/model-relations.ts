/** Collections, graphs, vector collections and series as relations. */
import type { CatalogObject } from '../../catalog/catalog-object.js'
import { CollectionSession } from '../../models/document/collection-session.js'
import type { Document } from '../../models/document/collection.js'
import { GraphSession } from '../../models/graph/graph-session.js'
import type { GraphEdge, GraphNode } from '../../models/graph/graph-records.js'
import type { Point } from '../../models/timeseries/points.js'
import type { FieldType, SeriesDefinition } from '../../models/timeseries/series-input.js'
import { SeriesSession } from '../../models/timeseries/series-session.js'
import type { StoredVector } from '../../models/vector/vector-records.js'
import { VectorSession } from '../../models/vector/vector-session.js'
import type { VectorsDefinition } from '../../models/vector/vectors-definition.js'
import { SqlArray } from '../../scalar/array/sql-array.js'
import { int64, type Value } from '../../scalar/value.js'
import type { Relation } from '../relation.js'
import { collectionEdits } from './collection-edits.js'
import { edgeEdits, nodeEdits } from './graph-edits.js'
import { jsonbValue } from './json-value.js'
import { ModelRelation, type ModelColumn } from './model-relation.js'
import { seriesEdits } from './series-edits.js'
import { vectorEdits } from './vector-edits.js'

type Place = { readonly oid: number; readonly schema: string; readonly name: string }

/** `id`, `document`: the whole document, its id included. */
export function collectionRelation({ name }: CatalogObject, place: Place): Relation {
  const columns: ModelColumn<Document>[] = [
    { name: 'id', type: 'text', isNotNull: true, hasDefault: true, value: ({ id }) => id },
    { name: 'document', type: 'jsonb', isNotNull: true, value: jsonbValue },
  ]
  return new ModelRelation({ ...place, kind: 'collection', edits: collectionEdits(name) }, columns, {
    scan: ({ models }) => new CollectionSession(models, name).scan(),
    get: ({ models }, ids) => new CollectionSession(models, name).getMany(ids),
  })
}

/** `id`, `labels`, `properties`. */
export function nodesRelation({ name }: CatalogObject, place: Place): Relation {
  return new ModelRelation({ ...place, kind: 'nodes', edits: nodeEdits(name) }, NODE_COLUMNS, {
    scan: ({ models }) => new GraphSession(models, name).scanNodes(),
    get: ({ models }, ids) => new GraphSession(models, name).getNodes(ids),
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
export function edgesRelation({ name }: CatalogObject, place: Place): Relation {
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
  return new ModelRelation({ ...place, kind: 'edges', edits: edgeEdits(name) }, columns, {
    scan: ({ models }) => new GraphSession(models, name).scanEdges(),
  })
}

/** `id`, `embedding`, `metadata`. */
export function vectorsRelation({ name, definition }: CatalogObject, place: Place): Relation {
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
  return new ModelRelation({ ...place, kind: 'vectors', edits: vectorEdits(name) }, columns, {
    scan: ({ models }) => new VectorSession(models, name).scan(),
    get: ({ models }, ids) => new VectorSession(models, name).getMany(ids),
  })
}

type AnyPoint = Point<Record<string, string>, Record<string, unknown>>

const FIELD_TYPES: Readonly<Record<FieldType, string>> = {
  float: 'float8',
  int: 'int8',
  int64: 'int8',
  text: 'text',
  bool: 'bool',
  json: 'jsonb',
}

/** `time`, `sequence`, one column for each tag and each field. */
export function seriesRelation({ name, definition }: CatalogObject, place: Place): Relation {
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
    { ...place, kind: 'series', edits: seriesEdits(name, declared) },
    columns,
    {
      scan: ({ models }) =>
        new SeriesSession<Record<string, string>, Record<string, unknown>>(models, name).scan(),
    },
  )
}

function fieldValue(type: FieldType, value: unknown): Value {
  if (value === undefined || value === null) return null
  if (type === 'json') return jsonbValue(value)
  // The series has checked that it is of its type.
  return typeof value === 'bigint' ? int64(value) : (value as Value)
}
