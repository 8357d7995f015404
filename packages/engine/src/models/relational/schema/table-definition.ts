import type { Indexed } from '../../../catalog/index-status.js'
import type { DefaultInput, ForeignKeyAction, JsonFilter } from './table-input.js'

/**
 * A table as the catalog stores it: plain JSON. Columns are named by id everywhere but in filters, whose fields are
 * names (a rename rewrites them). Ids of columns and indexes start at 1 and are never used again.
 */
export interface TableDefinition extends Indexed {
  readonly columns: readonly ColumnDefinition[]
  /** Left out: rows have a hidden row id. */
  readonly primaryKey?: PrimaryKeyDefinition
  readonly indexes: readonly IndexDefinition[]
  readonly checks: readonly CheckDefinition[]
  readonly foreignKeys: readonly ForeignKeyDefinition[]
  readonly nextColumnId: number
  readonly nextIndexId: number
}

export interface ColumnDefinition {
  readonly id: number
  readonly name: string
  /** The canonical name, as `formatColumnType` gives it. */
  readonly type: string
  readonly notNull: boolean
  readonly default?: DefaultInput
  readonly identity?: IdentityDefinition
  /** What rows written before the column was added have in it. Left out: null. */
  readonly absent?: { readonly value: JsonLiteral }
}

/** A literal of the column's type in the JSON form that `parseLiteral` reads. */
export type JsonLiteral = unknown

export interface IdentityDefinition {
  readonly start: number
  readonly increment: number
}

export interface PrimaryKeyDefinition {
  readonly name: string
  readonly columns: readonly number[]
}

export interface IndexDefinition {
  readonly id: number
  readonly name: string
  readonly columns: readonly IndexColumnDefinition[]
  readonly unique: boolean
  readonly nullsNotDistinct: boolean
  readonly where?: JsonFilter
  /** `foreign-key`: made because no declared index begins with the columns of a foreign key; goes with it. */
  readonly origin: 'declared' | 'foreign-key'
}

export interface IndexColumnDefinition {
  readonly column: number
  readonly descending: boolean
}

export interface CheckDefinition {
  readonly name: string
  readonly where: JsonFilter
}

export interface ForeignKeyDefinition {
  readonly name: string
  readonly columns: readonly number[]
  /** The table by name, which others cannot change while it is referred to, and its columns by name. */
  readonly references: { readonly table: string; readonly columns: readonly string[] }
  readonly onDelete: ForeignKeyAction
  readonly onUpdate: ForeignKeyAction
  readonly deferred: boolean
}
