import type { ModelContext } from '../model.js'
import type { FilterRow, TableFilter } from './schema/table.js'
import type { Query } from '../../filter/filter.js'

/** What to read: `where`, `orderBy`, `limit`, `offset`, and the columns to `select` (default: all). */
export interface TableQuery<Row, Insert, Selected extends keyof Row & string = keyof Row & string> extends Omit<
  Query<FilterRow<Row, Insert>>,
  'select'
> {
  readonly select?: readonly Selected[]
}

/** New values for some columns; `undefined` leaves a column as it is. */
export type TableChanges<Insert> = { readonly [K in keyof Insert]?: Insert[K] | undefined }

/** How a query is answered: plain JSON. */
export interface TablePlan {
  readonly table: string
  readonly access: 'key' | 'key range' | 'table scan' | 'index' | 'empty'
}

/**
 * The rows of one table within a transaction. Every method checks all it is given before it changes anything, and
 * changes nothing when it throws.
 *
 * A `key` is the value of a primary key of one column, or an object with the values of a primary key of several.
 * Methods that take one throw INVALID_ARGUMENT on a table without primary key.
 */
export class TableSession<
  Row = Record<string, unknown>,
  Insert = Record<string, unknown>,
  Key = unknown,
> {
  readonly #context: ModelContext
  readonly name: string

  constructor(context: ModelContext, name: string) {
    this.#context = context
    this.name = name
  }

  /**
   * Inserts a row and returns it as stored, defaults included.
   * @throws RECORD_EXISTS (primary key), UNIQUE_VIOLATION, NOT_NULL_VIOLATION, CHECK_VIOLATION, FOREIGN_KEY_VIOLATION,
   *   TYPE_MISMATCH, INVALID_ARGUMENT (an unknown column)
   */
  insert(row: Insert): Promise<Row>
  /** As `insert`, for all or none. */
  insertMany(rows: readonly Insert[]): Promise<Row[]>
  /** Inserts the row, or changes the given columns of the row that has its primary key. */
  upsert(row: Insert): Promise<Row>
  upsertMany(rows: readonly Insert[]): Promise<Row[]>
  get(key: Key): Promise<Row | undefined>
  /** One row or undefined for each key, in the order of `keys`. */
  getMany(keys: readonly Key[]): Promise<(Row | undefined)[]>
  /** Changes columns of a row and returns it. @throws RECORD_NOT_FOUND, and what `insert` throws. */
  update(key: Key, changes: TableChanges<Insert>): Promise<Row>
  /** Changes all rows that match; returns how many. `{}` matches all. */
  updateWhere(where: TableFilter<Row, Insert>, changes: TableChanges<Insert>): Promise<number>
  /** True when there was such a row. @throws FOREIGN_KEY_VIOLATION when rows refer to it and may not. */
  delete(key: Key): Promise<boolean>
  /** Deletes all rows that match; returns how many. */
  deleteWhere(where: TableFilter<Row, Insert>): Promise<number>
  find<S extends keyof Row & string = keyof Row & string>(query?: TableQuery<Row, Insert, S>): Promise<Pick<Row, S>[]>
  findOne<S extends keyof Row & string = keyof Row & string>(
    query?: TableQuery<Row, Insert, S>,
  ): Promise<Pick<Row, S> | undefined>
  /** Chunks of rows, so that any number of them can be read in bounded memory. */
  scan<S extends keyof Row & string = keyof Row & string>(query?: TableQuery<Row, Insert, S>): AsyncIterable<Pick<Row, S>[]>
  count(where?: TableFilter<Row, Insert>): Promise<number>
  /** Says how `find` would answer the query: which index and range, and what is left to filter and to sort. */
  explain(query?: TableQuery<Row, Insert>): Promise<TablePlan>
}
