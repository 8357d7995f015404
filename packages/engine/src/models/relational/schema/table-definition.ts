import type { Indexed } from '../../../catalog/index-status.js'
import type { EnumLabel } from '../types/column-type.js'
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
  /** The id that keys of its data have, once they were written anew. Left out: the object's own. */
  readonly storage?: number
}

/** The id in the keys of a table's rows and entries. */
export function storageId(id: number, { storage }: Pick<TableDefinition, 'storage'>): number {
  return storage ?? id
}

export interface ColumnDefinition {
  readonly id: number
  readonly name: string
  /** The canonical name, as `formatColumnType` gives it. */
  readonly type: string
  readonly notNull: boolean
  readonly default?: DefaultInput | SqlDefault
  readonly identity?: IdentityDefinition
  /** Computed from the other columns whenever the row is written. */
  readonly generated?: SqlExpression
  /** `atttypmod` as it was declared in SQL. Left out: what the type says. */
  readonly modifier?: number
  /** The labels of an enum, as they are now: a change of the type changes them here too. */
  readonly labels?: readonly EnumLabel[]
  /** Left out: `C`. */
  readonly collation?: string
  /** What its domain demands, as it is now: a change of the domain changes it here too. */
  readonly domain?: DomainDefinition
  /** What rows written before the column was added have in it. Left out: null. */
  readonly absent?: { readonly value: JsonLiteral }
}

export interface DomainDefinition {
  /** Of the catalog object. */
  readonly id: number
  /** As messages call it. */
  readonly name: string
  readonly notNull?: true
  /** Conditions over `value`. */
  readonly checks: readonly (SqlExpression & { readonly name: string })[]
  /** Of columns that have none of their own. */
  readonly default?: SqlExpression
}

/** A literal of the column's type in the JSON form that `parseLiteral` reads. */
export type JsonLiteral = unknown

/** An expression over the table's columns as it was written in SQL. */
export interface SqlExpression {
  readonly sql: string
}

export interface SqlDefault extends SqlExpression {
  /** The numbers of this sequence, and nothing else: `nextval('t_id_seq')`. */
  readonly sequence?: SequenceReference
}

/** A sequence that is an object of its own, with what it takes to get numbers of it. */
export interface SequenceReference {
  readonly id: number
  readonly start: number
  readonly increment: number
}

export interface IdentityDefinition {
  readonly start: number
  readonly increment: number
  /** The numbers come from this sequence, an object of its own. */
  readonly sequence?: number
  /** Inserts may not give other numbers, unless they say so. */
  readonly always?: true
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
  /** As `where`, in SQL. */
  readonly predicate?: SqlExpression
  /** Made by a constraint of SQL, which goes with it. Left out: by itself. */
  readonly constraint?: ConstraintKind
  /** What SQL calls its access method, where that is not `btree`. */
  readonly method?: string
  /** It has no entries, and is there for SQL's catalogs only. */
  readonly isVirtual?: true
  /** Ids of columns that SQL has it include. They are not stored in it. */
  readonly include?: readonly number[]
  /** `foreign-key`: made because no declared index begins with the columns of a foreign key; goes with it. */
  readonly origin: 'declared' | 'foreign-key'
}

export interface ConstraintKind {
  /** `primary`: of a table whose rows have a hidden row id all the same. */
  readonly kind: 'unique' | 'primary'
  readonly deferrable?: 'immediate' | 'deferred'
}

export interface IndexColumnDefinition {
  /** 0 where `expression` is set. */
  readonly column: number
  readonly descending: boolean
  /** Nulls are at the end where larger values are, as is PostgreSQL's rule. Left out: where smaller ones are. */
  readonly nullsLarge?: true
  readonly expression?: SqlExpression & { readonly type: string }
}

export type CheckDefinition =
  | { readonly name: string; readonly where: JsonFilter }
  | {
      readonly name: string
      readonly expression: SqlExpression
      /** Rows that were there before have not been checked. */
      readonly notValid?: true
      /** Not handed on to tables made after this one. */
      readonly noInherit?: true
    }

export interface ForeignKeyDefinition {
  readonly name: string
  readonly columns: readonly number[]
  /** The table by name, which others cannot change while it is referred to, and its columns by name. */
  readonly references: { readonly table: string; readonly columns: readonly string[] }
  readonly onDelete: ForeignKeyAction
  readonly onUpdate: ForeignKeyAction
  /** Which of `columns` a deletion sets null or to their defaults. Left out: all of them. */
  readonly onDeleteColumns?: readonly number[]
  /** Checked when the transaction commits, unless it says otherwise. */
  readonly deferred: boolean
  /** A transaction may say when it is checked. Left out: it may when `deferred` is set. */
  readonly deferrable?: true
  /** A key with some nulls is refused (MATCH FULL). */
  readonly matchFull?: true
  readonly notValid?: true
}
