import { didYouMean } from '@orbit-ts/base'
import type {
  CatalogObject,
  CollectionDefinition,
  Database,
  GraphDefinition,
  ObjectKind,
  SeriesDefinition,
  TableDefinition,
  VectorsDefinition,
} from '@orbit-ts/engine'
import { usageError } from '../terminal/report-error.js'
import { DocumentRecords } from './document-records.js'
import { EdgeRecords, NodeRecords } from './graph-records.js'
import { PointRecords } from './point-records.js'
import { TARGET_KINDS, type RecordTarget, type TargetKind } from './record-target.js'
import { TableRecords } from './table-records.js'
import { VectorRecords } from './vector-records.js'

/** Other words for a kind of records. */
const WORDS: Readonly<Record<string, TargetKind>> = {
  tables: 'table',
  rows: 'table',
  collections: 'collection',
  documents: 'collection',
  node: 'nodes',
  edge: 'edges',
  vector: 'vectors',
  points: 'series',
}

/** The kind that a word of the command line names. @throws INVALID_ARGUMENT with the nearest one */
export function parseTargetKind(word: string): TargetKind {
  const kind = WORDS[word] ?? TARGET_KINDS.find((known) => known === word)
  if (kind !== undefined) return kind
  const hint =
    word === 'graph'
      ? '; a graph has nodes and edges'
      : didYouMean(word, [...TARGET_KINDS, ...Object.keys(WORDS)])
  throw usageError('<model>', `"${word}" is not one of ${TARGET_KINDS.join(', ')}${hint}`)
}

/** The kind of object that holds such records. */
export function objectKindOf(kind: TargetKind): ObjectKind {
  return kind === 'nodes' || kind === 'edges' ? 'graph' : kind
}

/** The target in a database of this process. @throws OBJECT_NOT_FOUND with the nearest name */
export async function findTarget(database: Database, kind: TargetKind, name: string): Promise<RecordTarget> {
  return targetOf(kind, await database.describe(objectKindOf(kind), name))
}

/** The kind says which model wrote the definition. */
export function targetOf(kind: TargetKind, object: CatalogObject): RecordTarget {
  switch (kind) {
    case 'table':
      return new TableRecords(object as CatalogObject<TableDefinition>)
    case 'collection':
      return new DocumentRecords(object as CatalogObject<CollectionDefinition>)
    case 'nodes':
      return new NodeRecords(object as CatalogObject<GraphDefinition>)
    case 'edges':
      return new EdgeRecords(object as CatalogObject<GraphDefinition>)
    case 'vectors':
      return new VectorRecords(object as CatalogObject<VectorsDefinition>)
    case 'series':
      return new PointRecords(object as CatalogObject<SeriesDefinition>)
  }
}
