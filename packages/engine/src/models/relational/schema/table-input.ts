import type { Filter } from '../../../filter/filter.js'

/** A value as JSON has it. 64-bit integers, dates and bytes are text: `"9007199254740993"`, `"2024-05-01"`, `"\\x00ff"`. */
export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue }

/** A filter whose literals are JSON values. */
export type JsonFilter = Filter

/** A table as users declare it: plain JSON, names only. `table()` makes one from typed columns. */
export interface TableInput {
  readonly columns: Readonly<Record<string, ColumnInput>>
  /** Columns of the primary key, in key order. Default: the columns marked `primaryKey`, else a hidden row id. */
  readonly primaryKey?: readonly string[]
  readonly indexes?: readonly IndexInput[]
  readonly checks?: readonly CheckInput[]
  readonly foreignKeys?: readonly ForeignKeyInput[]
}

export interface ColumnInput {
  /** PostgreSQL's name of the type: `int4`, `varchar(20)`, `numeric(10,2)`, `timestamptz(3)`, `text[]`… */
  readonly type: string
  /** Default false. Columns of the primary key are never null. */
  readonly notNull?: boolean
  readonly default?: DefaultInput
  /** Numbers given out in order where an insert leaves the column out. Integer columns only; implies `notNull`. */
  readonly identity?: true | IdentityInput
  /** The column is the primary key. */
  readonly primaryKey?: boolean
  /** A unique index over this column alone. */
  readonly unique?: boolean
  /** A foreign key of this column alone. */
  readonly references?: ReferenceInput
  /** What the column was called in the stored definition. */
  readonly renamedFrom?: string
}

/** A literal, or what is computed for each row: `now` (the transaction's time), `uuid` (a random UUID, version 4). */
export type DefaultInput = { readonly value: JsonValue } | { readonly function: DefaultFunction }

export const DEFAULT_FUNCTIONS = ['now', 'uuid'] as const
export type DefaultFunction = (typeof DEFAULT_FUNCTIONS)[number]

export interface IdentityInput {
  /** The first number. Default 1. */
  readonly start?: number
  /** Default 1. May be negative. */
  readonly increment?: number
}

export interface IndexInput {
  /** Default: made of the table's and the columns' names. */
  readonly name?: string
  readonly columns: readonly (string | IndexColumnInput)[]
  /** Default false. */
  readonly unique?: boolean
  /** Only rows that match are in the index: a unique index with it is unique among them. */
  readonly where?: JsonFilter
  /** For a unique index: nulls are equal to each other. Default false, as in SQL. */
  readonly nullsNotDistinct?: boolean
}

export interface IndexColumnInput {
  readonly column: string
  /** Default `asc`. */
  readonly direction?: 'asc' | 'desc'
}

export interface CheckInput {
  /** Default: made of the table's name. */
  readonly name?: string
  /** Must not be false; unknown (a null was compared) passes, as in SQL. */
  readonly where: JsonFilter
}

export const FOREIGN_KEY_ACTIONS = ['no action', 'restrict', 'cascade', 'set null', 'set default'] as const
/** What happens to rows that refer to a row which goes, or whose key changes. */
export type ForeignKeyAction = (typeof FOREIGN_KEY_ACTIONS)[number]

export interface ReferenceOptions {
  /** Default `no action`: refused at the end of the statement. `restrict` refuses even when a later step would mend it. */
  readonly onDelete?: ForeignKeyAction
  readonly onUpdate?: ForeignKeyAction
  /** Checked when the transaction commits (deferrable initially deferred) instead of at the statement. Default false. */
  readonly deferred?: boolean
}

export interface ReferenceInput extends ReferenceOptions {
  readonly table: string
  /** Default: the primary key of that table. */
  readonly column?: string
  readonly name?: string
}

export interface ForeignKeyInput extends ReferenceOptions {
  /** Default: made of the table's and the columns' names. */
  readonly name?: string
  readonly columns: readonly string[]
  readonly references: {
    readonly table: string
    /** A primary key or the columns of a unique index. Default: the primary key of that table. */
    readonly columns?: readonly string[]
  }
}
