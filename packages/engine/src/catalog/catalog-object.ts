/** What the catalog holds: one object per table, collection, graph, vector collection or series. */
export const OBJECT_KINDS = ['table', 'collection', 'graph', 'vectors', 'series'] as const

export type ObjectKind = (typeof OBJECT_KINDS)[number]

export function isObjectKind(kind: string): kind is ObjectKind {
  return OBJECT_KINDS.some((known) => known === kind)
}

export interface CatalogObject<Definition = unknown> {
  readonly kind: ObjectKind
  readonly name: string
  /** Unique over all kinds, never used again. Keys of data carry it instead of the name. */
  readonly id: number
  /** Counts the changes of the definition, from 1. */
  readonly version: number
  readonly definition: Definition
}

/** What the catalog keeps beside objects: plain JSON under a kind that is none of theirs, and a name. */
export interface CatalogRecord<Value = unknown> {
  readonly kind: string
  readonly name: string
  /** Unique over all objects and records, never used again. */
  readonly id: number
  readonly value: Value
}

export const KIND_NAMES: Readonly<Record<ObjectKind, string>> = {
  table: 'table',
  collection: 'collection',
  graph: 'graph',
  vectors: 'vector collection',
  series: 'time series',
}
