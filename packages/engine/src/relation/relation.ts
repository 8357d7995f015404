/**
 * What plans read and change: a table, a view of the catalog, a collection, a graph's nodes, a vector collection, a
 * series. A relation stands for one definition of it: when the definition changes, it is another relation.
 */
import type { DataType } from '../scalar/data-type.js'
import type { ScalarContext } from '../scalar/scalar-context.js'
import type { Int64, Row, Value } from '../scalar/value.js'
import type { ColumnId, Expression } from '../plan/expression.js'
import type { RelationStatistics } from '../plan/statistics/relation-statistics.js'
import type { CatalogObject } from '../catalog/catalog-object.js'
import type { ModelContext } from '../models/model.js'
import type { StoredRows } from './stored-rows.js'

export interface Relation {
  /** `pg_class.oid`. */
  readonly oid: number
  readonly schema: string
  readonly name: string
  readonly kind: 'table' | 'catalog' | 'collection' | 'nodes' | 'edges' | 'vectors' | 'series'
  /** By ordinal, from 0. */
  readonly columns: readonly RelationColumn[]
  /** How rows can be reached other than by reading all. The primary key is the first where there is one. */
  readonly indexes: readonly RelationIndex[]
  /**
   * Further indexes that such conditions may use: those whose keys can be written in many ways, of which these are some.
   * Once given, one is found by `madeIndex`.
   * @param ordinalOf of a column that the conditions refer to; undefined where it is not one of this relation.
   */
  indexesFor?(
    conditions: readonly Expression[],
    ordinalOf: (column: ColumnId) => number | undefined,
  ): readonly RelationIndex[]
  /** What `indexesFor` has given under this name. */
  madeIndex?(name: string): RelationIndex | undefined
  /** Undefined until ANALYZE or an estimate gave some. */
  readonly statistics: RelationStatistics | undefined
  /** Reads rows in non-empty batches, each row with the values of `request.columns` in that order. */
  scan(context: RelationContext, request: ScanRequest): AsyncIterable<Row[]>
  /** The rows of a request for points, all at once, its limit left aside. Undefined: they are scanned like others. */
  readPoints?(context: RelationContext, request: ScanRequest): Promise<Row[]>
  /** What the store can compute over the rows; undefined: it does not know them. */
  readonly stored?: StoredRows
  /** What changes rows; undefined: read-only. */
  readonly writer?: RelationWriter
}

export interface RelationColumn {
  readonly name: string
  readonly type: DataType
  readonly isNotNull: boolean
  /** ALWAYS and BY DEFAULT identities, and columns computed from others: what inserts may say of them. */
  readonly generated?: 'identity always' | 'identity by default' | 'stored'
  readonly hasDefault: boolean
  /** Left out of `SELECT *`. */
  readonly isHidden?: boolean
}

export interface RelationIndex {
  readonly name: string
  /** What it is called where that is not its name: several may stand for one stored index. */
  readonly shownAs?: string
  /** Rows themselves are stored in its order, or are as cheap to read in it. */
  readonly isPrimary: boolean
  /** No two rows have the same values, those with a null in them left aside unless `nullsNotDistinct`. */
  readonly isUnique: boolean
  readonly nullsNotDistinct: boolean
  /** Its values are unique when the statement, or the transaction, ends; `isUnique` is not set. */
  readonly isDeferrable?: true
  /** Ranges give rows besides those that they are about, and in no order: conditions are checked again. */
  readonly isLossy?: true
  readonly keys: readonly {
    /** The column's ordinal, or an expression over columns whose ids are ordinals. */
    readonly key: number | Expression
    readonly isDescending: boolean
    readonly nullsFirst: boolean
    /** Ranges over it can be read, but what is in them does not come in its order. */
    readonly isUnordered?: true
  }[]
  /** Only rows for which it is true are in the index: an expression over columns whose ids are ordinals. */
  readonly predicate?: Expression
  /** Ordinals of the columns whose values an index-only read gives exactly. */
  readonly covers: readonly number[]
}

export interface ScanRequest {
  /** Ordinals; `ROW_ID_ORDINAL` for the row's identity. */
  readonly columns: readonly number[]
  readonly access: AccessPath
  /** From the end to the start of the access path's order. Default false. */
  readonly isReverse?: boolean
  /** No more rows than this are wanted. */
  readonly limit?: number
}

export type AccessPath =
  | { readonly kind: 'all' }
  /** The rows with these identities that are still there, as they are now. */
  | { readonly kind: 'rows'; readonly ids: readonly RowId[] }
  /** Whole keys of a unique index (or of the primary key), in this order; none of the values is null. */
  | { readonly kind: 'points'; readonly index: string; readonly keys: readonly (readonly Value[])[] }
  /** Ranges of an index, disjoint and in its order. `indexOnly`: `columns` are all covered. */
  | {
      readonly kind: 'ranges'
      readonly index: string
      readonly ranges: readonly IndexRange[]
      readonly indexOnly: boolean
    }

/** Entries whose first values equal `prefix` (null is equal to null here) and whose next value is within the bounds. */
export interface IndexRange {
  readonly prefix: readonly Value[]
  readonly lower?: { readonly value: Value; readonly isInclusive: boolean }
  readonly upper?: { readonly value: Value; readonly isInclusive: boolean }
  /** Entries with a null at the bounded value are left out; without bounds: left out only if this is set. */
  readonly notNull?: boolean
}

/** The transaction and the session in which a statement runs. */
export interface RelationContext {
  readonly models: ModelContext
  readonly scalar: ScalarContext
  readonly signal: AbortSignal
  /**
   * Whether an object's definition is still the one that the running statement was planned with: where a lock has been
   * waited for, the statement goes on with what others have committed meanwhile. Undefined: nothing can have changed.
   * Left out: whoever runs the statement sees to it.
   */
  isAsPlanned?(object: CatalogObject): Promise<boolean> | undefined
  /** Told of the last number that a default took of a sequence, by its `pg_class.oid`: for `currval` and `lastval`. */
  noteSequence?(sequence: number, last: Int64): void
}

/** Identifies a stored row for changing it: what `ROW_ID_ORDINAL` gives. Opaque above the relation. */
export type RowId = Value

/**
 * Changes rows with everything that follows from it: defaults, generated columns, constraints, foreign keys. One
 * writer works for one statement.
 */
export interface RelationWriter {
  /** A primitive that is the same for the same row. */
  idKey(id: RowId): string | number | bigint
  begin(context: RelationContext): Promise<RelationWrite>
}

/** A value of a column to be written; undefined: its default. */
export type WriteRow = readonly (Value | undefined)[]

export interface RelationWrite {
  /** Inserts complete rows (by ordinal); gives them back as stored. @throws not_null_violation, unique_violation, … */
  insert(rows: readonly WriteRow[]): Promise<Row[]>
  /**
   * As `insert`, but rows whose key exists are given back as conflicts instead.
   * @param index the unique index that decides; undefined: any.
   */
  insertUnlessExists(
    rows: readonly WriteRow[],
    index: string | undefined,
  ): Promise<
    readonly (
      { readonly inserted: Row } | { readonly existing: RowId; readonly row: Row; readonly wanted: Row }
    )[]
  >
  /**
   * New values by ordinal; undefined where a column keeps its value. Gives the rows back as stored, by ordinal; those
   * that are gone are left out. Locks rows that were not locked before.
   * @throws serialization_failure when another transaction has changed a row since it was read and it was not locked.
   */
  update(
    changes: readonly { readonly id: RowId; readonly values: readonly (Value | undefined)[] }[],
  ): Promise<Row[]>
  /** Gives the rows back as they were, by ordinal. Otherwise as `update`. */
  delete(ids: readonly RowId[]): Promise<Row[]>
  /** Fresh values of these columns' defaults, for so many rows: what SET column = DEFAULT asks for. */
  defaults?(ordinals: readonly number[], rowCount: number): Promise<Row[]>
  /** Locks rows until the transaction ends. @returns false for rows that are gone or, with `skip`, held by others. */
  lock(
    ids: readonly RowId[],
    strength: 'update' | 'share',
    wait: 'block' | 'nowait' | 'skip',
  ): Promise<boolean[]>
  /**
   * Of a row that `lock` gave true for: whether it is not what it was when `id` was read, so that conditions have to be
   * looked at again (`access: rows` gives it as it is, with an id that is up to date).
   */
  hasChanged(id: RowId): boolean
  /** Checks what waits for the end of the statement, carries out what foreign keys ask for. */
  finish(): Promise<void>
}

/** @returns undefined where the relation has none of this name */
export function indexNamed(relation: Relation, name: string): RelationIndex | undefined {
  return relation.indexes.find((index) => index.name === name) ?? relation.madeIndex?.(name)
}
