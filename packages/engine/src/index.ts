// The database.
export {
  openDatabase,
  Database,
  type DatabaseOptions,
  type ObjectSchema,
  type SchemaChanges,
} from './database.js'
export { cacheSettings, type CacheSettings, type CacheSettingsInput } from './cache/cache-settings.js'
export {
  TiKVCacheManager,
  type CacheMetrics,
  type RegionCacheMetrics,
  type WarmedCaches,
} from './cache/tikv-cache-manager.js'
export type { LruCacheMetrics } from './cache/lru-cache.js'
export type { QueryResultCacheMetrics } from './cache/query-result-cache.js'
export { DatabaseTransaction } from './txn/database-transaction.js'
export type { AutoCommit } from './txn/auto-commit.js'
export { KIND_NAMES, OBJECT_KINDS, type CatalogObject, type ObjectKind } from './catalog/catalog-object.js'
export type { IndexFailure, IndexStatus, Indexed } from './catalog/index-status.js'
export { storedValue } from './models/stored-value.js'

// Filters and queries, the same for every model.
export type { Condition, Filter, OrderBy, Query } from './filter/filter.js'

// Relational.
export { table, type InsertOf, type KeyOf, type RowOf, type TableSchema } from './models/relational/table.js'
export {
  bool,
  bytea,
  char,
  date,
  float4,
  float8,
  int2,
  int4,
  int8,
  json,
  jsonb,
  numeric,
  text,
  time,
  timestamp,
  timestamptz,
  uuid,
  varchar,
} from './models/relational/schema/column-types.js'
export { now, randomUuid } from './models/relational/schema/column.js'
export type { TableInput } from './models/relational/schema/table-input.js'
export type { TableDefinition } from './models/relational/schema/table-definition.js'
export type { TableChanges, TablePlan, TableQuery, TableSession } from './models/relational/table-session.js'

// Documents.
export {
  collection,
  type CollectionSchema,
  type Document,
  type JsonDocument,
  type MergePatch,
  type NewDocument,
  type PatchOperation,
  type StoredDocument,
  type UpsertResult,
  type WriteResult,
} from './models/document/collection.js'
export type { CollectionDefinition, CollectionInput } from './models/document/collection-input.js'
export type { CollectionSession } from './models/document/collection-session.js'

// Graphs.
export { graph, type AnyTypes, type EdgesOf, type GraphSchema, type NodesOf } from './models/graph/graph.js'
export type { Properties, PropertyType, PropertyTypes } from './models/property/property-types.js'
export type { EdgeTypeInput, GraphInput, NodeTypeInput } from './models/graph/graph-input.js'
export type { GraphDefinition } from './models/graph/graph-definition.js'
export type {
  AnyEdge,
  AnyNode,
  EdgeInput,
  EdgeKey,
  EdgeUpdate,
  GraphEdge,
  GraphNode,
  GraphPath,
  NodeInput,
  NodeUpdate,
  ShortestPath,
} from './models/graph/graph-records.js'
export type {
  AdjacencyOptions,
  EdgeDirection,
  EdgeQuery,
  EdgesOptions,
  GraphPlan,
  NeighborsOptions,
  NodeQuery,
  ScanEdgesOptions,
  ScanNodesOptions,
  ShortestPathOptions,
  TraverseOptions,
  WalkFilter,
} from './models/graph/graph-queries.js'
export type { GraphSession } from './models/graph/graph-session.js'

// Vectors.
export { vectors, type VectorSchema } from './models/vector/vectors.js'
export type { VectorsInput } from './models/vector/vectors-input.js'
export type { VectorsDefinition } from './models/vector/vectors-definition.js'
export type { NewVector, StoredVector, VectorHit, VectorValues } from './models/vector/vector-records.js'
export type {
  BuildIndexOptions,
  IndexBuild,
  IndexStatistics,
  PartitionStatistics,
  VectorPlan,
  VectorQuery,
  VectorSearch,
} from './models/vector/vector-queries.js'
export type { VectorSession } from './models/vector/vector-session.js'

// Time series.
export { series, type SeriesSchema } from './models/timeseries/series.js'
export type {
  FieldType,
  RollupInput,
  SeriesDefinition,
  SeriesInput,
} from './models/timeseries/series-input.js'
export type { Aggregate } from './models/timeseries/accumulator.js'
export type { Bucket, DownsampleQuery } from './models/timeseries/downsample.js'
export type { Point, PointInput } from './models/timeseries/points.js'
export type { RangeQuery, SeriesFacts } from './models/timeseries/series-queries.js'
export type { SeriesSession } from './models/timeseries/series-session.js'
export type { RetentionOptions, RollUpOptions } from './models/timeseries/series-upkeep.js'
