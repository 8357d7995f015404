import type { Indexed } from '../../catalog/index-status.js'

/** A collection as users declare it, and as the catalog keeps it. Both are plain JSON. */

export interface CollectionInput {
  /** Default: none; documents are found by id, or by looking at all. */
  readonly indexes?: readonly IndexInput[]
  /** What documents must look like. Default: any JSON object. */
  readonly schema?: DocumentSchema
  /** Largest document, bytes as stored. Default 16 MiB. */
  readonly documentSizeMaxBytes?: number
}

/** One path, or several in the order in which they sort. */
export type IndexInput = IndexOptions &
  (
    | { readonly path: string; readonly paths?: never }
    | { readonly path?: never; readonly paths: readonly string[] }
  )

interface IndexOptions {
  /** Default: the paths, joined by commas. */
  readonly name?: string
  /**
   * No two documents have the same values. Documents in which one of them is null or missing never clash; arrays and
   * objects are refused, unless the index is `multi`. Default false.
   */
  readonly unique?: boolean
  /** One entry for each element where a path leads to an array, or through one. Default false. */
  readonly multi?: boolean
  /** Leave out documents in which all values are null or missing. Default false. */
  readonly sparse?: boolean
}

export const JSON_TYPES = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'] as const

export type JsonType = (typeof JSON_TYPES)[number]

export interface DocumentSchema {
  /** By field or path. */
  readonly fields?: Readonly<Record<string, FieldSchema>>
  /** May documents have top-level fields that `fields` does not name? Default true. */
  readonly additionalFields?: boolean
}

export interface FieldSchema {
  /** Default: any. */
  readonly type?: JsonType | readonly JsonType[]
  /** The field must be there; null counts only if `type` says so. Default false. */
  readonly required?: boolean
}

export interface IndexDefinition {
  readonly id: number
  readonly name: string
  readonly paths: readonly string[]
  readonly unique: boolean
  readonly multi: boolean
  readonly sparse: boolean
}

export interface CollectionDefinition extends Indexed {
  readonly indexes: readonly IndexDefinition[]
  readonly nextIndexId: number
  readonly schema: DocumentSchema | null
  readonly documentSizeMaxBytes: number
}
