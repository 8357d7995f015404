import type { JsonValue } from '../../record/json-value.js'
import type { CollectionInput } from './collection-input.js'

declare const TYPE: unique symbol

/**
 * A collection's declaration, with the type of its documents. The type exists for the compiler only; the value is
 * plain JSON.
 */
export interface CollectionSchema<T extends object = JsonDocument> {
  readonly kind: 'collection'
  readonly name: string
  readonly input: CollectionInput
  readonly [TYPE]?: T
}

/** A document whose fields no type describes. */
export interface JsonDocument {
  readonly [field: string]: JsonValue
}

/** A document as it is stored: every one has an id. */
export type Document<T extends object = JsonDocument> = T & { readonly id: string }

/** A document as it is given: without an id it gets a UUID of version 7. */
export type NewDocument<T extends object = JsonDocument> = T extends unknown
  ? { readonly [K in keyof T as K extends 'id' ? never : K]: T[K] } & { readonly id?: string }
  : never

/** A document with what is known of it besides. */
export interface StoredDocument<T extends object = JsonDocument> {
  readonly document: Document<T>
  /** Counts the writes of this document, from 1. One that is deleted and inserted again begins anew. */
  readonly revision: number
  /** Milliseconds since the epoch. */
  readonly createdAtMs: number
  readonly updatedAtMs: number
}

/** What `insert` and `replace` did. */
export interface WriteResult {
  readonly id: string
  readonly revision: number
}

/** What `upsert` did. */
export interface UpsertResult extends WriteResult {
  readonly created: boolean
}

/** Conditions of a single write. */
export interface WriteOptions {
  /** Write only if this is the document's revision. @throws PRECONDITION_FAILED */
  readonly ifRevision?: number
}

/** RFC 7386: fields to set; null removes one; objects are merged, arrays replaced. */
export type MergePatch<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: MergePatch<Exclude<T[K], undefined>> | null }
    : T

/** RFC 6902: one step of a JSON patch. `path` and `from` are JSON pointers, such as `/cast/0/name` or `/cast/-`. */
export type PatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move' | 'copy'; readonly from: string; readonly path: string }

/**
 * Declares a collection of JSON documents.
 *
 *     const movies = collection<Movie>('movies', {
 *       indexes: [{ path: 'title' }, { paths: ['director.name', 'year'] }, { path: 'genres', multi: true }],
 *     })
 *
 * The declaration is checked when the database is opened with it or the collection is created: SCHEMA_INVALID.
 */
export function collection<T extends object = JsonDocument>(
  name: string,
  input: CollectionInput = {},
): CollectionSchema<T> {
  return { kind: 'collection', name, input }
}
