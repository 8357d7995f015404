import { OrbitError, toBinaryString } from '@orbit-ts/base'
import type { Datum, Handle } from '@orbit-ts/storage'
import { describe, isPlainObject } from '../../filter/filter-tree.js'
import type { Query } from '../../filter/filter.js'
import type { ModelContext } from '../model.js'
import type { TableLayout, TableRow } from './layout/table-layout.js'
import { Tables } from './layout/tables.js'
import { compileQuery, type CompiledQuery } from './read/compile-query.js'
import { explainQuery, type TablePlan } from './read/explain-query.js'
import { rowShape } from './read/row-shape.js'
import { countRows, matches, runQuery } from './read/run-query.js'
import { TableReader } from './read/table-reader.js'
import type { FilterRow, TableFilter } from './table.js'
import { tableModel } from './table-model.js'
import { completeRows } from './write/complete-rows.js'
import { parseGiven, parseKey, type GivenRow } from './write/parse-rows.js'
import type { RowChange } from './write/row-store.js'
import { runStatement } from './write/statement.js'
import { show } from './write/violations.js'

/** What to read: `where`, `orderBy`, `limit`, `offset`, and the columns to `select` (default: all). */
export interface TableQuery<
  Row,
  Insert,
  Selected extends keyof Row & string = keyof Row & string,
> extends Omit<Query<FilterRow<Row, Insert>>, 'select'> {
  readonly select?: readonly Selected[]
}

/** New values for some columns; `undefined` leaves a column as it is. */
export type TableChanges<Insert> = { readonly [K in keyof Insert]?: Insert[K] | undefined }

type Names<Row> = keyof Row & string

/**
 * The rows of one table within a transaction. Every method checks all it is given before it changes anything, and
 * changes nothing when it throws.
 *
 * A `key` is the value of a primary key of one column, or an object with the values of a primary key of several.
 * Methods that take one throw INVALID_ARGUMENT on a table without primary key.
 *
 * Errors of every method: OBJECT_NOT_FOUND when there is no such table, INVALID_ARGUMENT for an unknown column or an
 * argument of the wrong shape, TYPE_MISMATCH for a value that its column cannot hold or be compared with.
 */
export class TableSession<Row = Record<string, unknown>, Insert = Record<string, unknown>, Key = unknown> {
  readonly #name: string
  readonly #context: ModelContext
  readonly #tables: Tables

  constructor(context: ModelContext, name: string) {
    this.#name = name
    this.#context = context
    this.#tables = new Tables(context, tableModel)
  }

  /**
   * Inserts a row and returns it as stored, defaults included.
   * @throws RECORD_EXISTS (primary key), UNIQUE_VIOLATION, NOT_NULL_VIOLATION, CHECK_VIOLATION, FOREIGN_KEY_VIOLATION
   */
  async insert(row: Insert): Promise<Row> {
    const [inserted] = await this.insertMany([row])
    // One row was given.
    return inserted as Row
  }

  /** As `insert`, for all or none. */
  async insertMany(rows: readonly Insert[]): Promise<Row[]> {
    const table = await this.#tables.forWrite(this.#name)
    const given = this.#parseAll(table, rows)
    const inserted = await runStatement(this.#tables, async (statement) =>
      statement.insert(table, await completeRows(this.#context, table, given)),
    )
    return this.#shape(table, inserted)
  }

  /**
   * Inserts the row or, where one with its primary key exists, changes the columns that are given.
   * @throws what `insert` throws; INVALID_ARGUMENT on a table without primary key.
   */
  async upsert(row: Insert): Promise<Row> {
    const [stored] = await this.upsertMany([row])
    // One row was given.
    return stored as Row
  }

  /** As `upsert`, for all or none. Two rows with one key are refused: which should win? */
  async upsertMany(rows: readonly Insert[]): Promise<Row[]> {
    const table = await this.#tables.forWrite(this.#name)
    const given = this.#parseAll(table, rows)
    const stored = await runStatement(this.#tables, async (statement) => {
      const keys = this.#upsertKeys(table, given)
      const existing = await this.#readForWrite(
        table,
        keys.filter((key) => key !== undefined),
      )
      const before = keys.map((key) => (key === undefined ? undefined : existing.get(handleId(key))))
      const fresh = given.filter((_, i) => before[i] === undefined)
      const changes = given.flatMap((row, i): RowChange[] => {
        const found = before[i]
        return found === undefined ? [] : [{ before: found, after: merged(found, row) }]
      })
      const changed = await statement.update(table, changes)
      const inserted = await statement.insert(table, await completeRows(this.#context, table, fresh))
      return before
        .map((row) => (row === undefined ? inserted.shift() : changed.shift()))
        .filter((row) => row !== undefined)
    })
    return this.#shape(table, stored)
  }

  async get(key: Key): Promise<Row | undefined> {
    const [row] = await this.getMany([key])
    return row
  }

  /** One row or undefined for each key, in the order of `keys`. */
  async getMany(keys: readonly Key[]): Promise<(Row | undefined)[]> {
    const table = await this.#tables.get(this.#name)
    const handles = requireArray(table, 'keys', keys).map((key) => table.handleOf(parseKey(table, key)))
    const rows = await new TableReader(this.#context.storage, table).getMany(handles)
    const shape = rowShape(table)
    return rows.map((row) => (row === undefined ? undefined : (shape(row) as Row)))
  }

  /** Changes columns of a row and returns it. @throws RECORD_NOT_FOUND, and what `insert` throws. */
  async update(key: Key, changes: TableChanges<Insert>): Promise<Row> {
    const table = await this.#tables.forWrite(this.#name)
    const given = parseGiven(table, changes, 'the change')
    const wanted = parseKey(table, key)
    const handle = table.handleOf(wanted)
    const updated = await runStatement(this.#tables, async (statement) => {
      const before = (await this.#readForWrite(table, [handle])).get(handleId(handle))
      if (before === undefined) throw notFound(table, wanted)
      return statement.update(table, [{ before, after: merged(before, given) }])
    })
    // One row was changed.
    return this.#shape(table, updated)[0] as Row
  }

  /** Changes all rows that match; returns how many. `{}` matches all. @throws what `insert` throws. */
  async updateWhere(where: TableFilter<Row, Insert>, changes: TableChanges<Insert>): Promise<number> {
    const table = await this.#tables.forWrite(this.#name)
    const given = parseGiven(table, changes, 'the change')
    const query = this.#compile(table, { where: requireFilter(table, where) })
    return runStatement(this.#tables, async (statement) => {
      const rows = await this.#matchingForWrite(query)
      await statement.update(
        table,
        rows.map((before) => ({ before, after: merged(before, given) })),
      )
      return rows.length
    })
  }

  /** True when there was such a row. @throws FOREIGN_KEY_VIOLATION when rows that refer to it forbid it. */
  async delete(key: Key): Promise<boolean> {
    const table = await this.#tables.forWrite(this.#name)
    const handle = table.handleOf(parseKey(table, key))
    return runStatement(this.#tables, async (statement) => {
      const row = (await this.#readForWrite(table, [handle])).get(handleId(handle))
      if (row === undefined) return false
      await statement.delete(table, [row])
      return true
    })
  }

  /** Deletes all rows that match; returns how many. `{}` matches all. @throws FOREIGN_KEY_VIOLATION */
  async deleteWhere(where: TableFilter<Row, Insert>): Promise<number> {
    const table = await this.#tables.forWrite(this.#name)
    const query = this.#compile(table, { where: requireFilter(table, where) })
    return runStatement(this.#tables, async (statement) => {
      const rows = await this.#matchingForWrite(query)
      await statement.delete(table, rows)
      return rows.length
    })
  }

  /**
   * The rows that a query asks for.
   * @throws LIMIT_EXCEEDED when more rows than fit would have to be sorted in memory: an index may give their order.
   */
  async find<S extends Names<Row> = Names<Row>>(
    query: TableQuery<Row, Insert, S> = {},
  ): Promise<Pick<Row, S>[]> {
    const rows: Pick<Row, S>[] = []
    for await (const chunk of this.scan(query)) rows.push(...chunk)
    return rows
  }

  async findOne<S extends Names<Row> = Names<Row>>(
    query: TableQuery<Row, Insert, S> = {},
  ): Promise<Pick<Row, S> | undefined> {
    const given: unknown = query
    const isLimited = isPlainObject(given) && typeof given['limit'] === 'number'
    // What is no query, or no number of rows, is left for `find` to refuse.
    const isOdd = !isPlainObject(given) || (given['limit'] !== undefined && !isLimited)
    const [row] = await this.find(isOdd ? query : { ...query, limit: Math.min(query.limit ?? 1, 1) })
    return row
  }

  /**
   * As `find`, in non-empty chunks, so that any number of rows can be read in bounded memory. Rows that the same
   * transaction changes while the loop runs may be seen before or after the change.
   */
  async *scan<S extends Names<Row> = Names<Row>>(
    query: TableQuery<Row, Insert, S> = {},
  ): AsyncGenerator<Pick<Row, S>[]> {
    const table = await this.#tables.get(this.#name)
    const compiled = this.#compile(table, query)
    const shape = rowShape(table, compiled.selected, compiled.query.select)
    for await (const rows of runQuery(this.#context.storage, compiled)) {
      yield rows.map((row) => shape(row) as Pick<Row, S>)
    }
  }

  async count(where?: TableFilter<Row, Insert>): Promise<number> {
    const table = await this.#tables.get(this.#name)
    const query = this.#compile(table, where === undefined ? {} : { where: requireFilter(table, where) })
    return countRows(this.#context.storage, { ...query, selected: [] })
  }

  /** Says how `find` would answer the query: which index and range, and what is left to filter and to sort. */
  async explain(query: TableQuery<Row, Insert> = {}): Promise<TablePlan> {
    return explainQuery(this.#compile(await this.#tables.get(this.#name), query))
  }

  #compile(table: TableLayout, query: object): CompiledQuery {
    return compileQuery(table, query, this.#context.storage.isolation)
  }

  #parseAll(table: TableLayout, rows: readonly unknown[]): GivenRow[] {
    return requireArray(table, 'rows', rows).map((row, i) =>
      parseGiven(table, row, rows.length === 1 ? 'the row' : `row ${i}`),
    )
  }

  #shape(table: TableLayout, rows: readonly TableRow[]): Row[] {
    const shape = rowShape(table)
    return rows.map((row) => shape(row) as Row)
  }

  /** The handles of the rows; undefined where a default decides the key, so that the row must be new. */
  #upsertKeys(table: TableLayout, rows: readonly GivenRow[]): (Handle | undefined)[] {
    const { primaryKey } = table
    if (primaryKey === undefined) {
      throw new OrbitError(
        'INVALID_ARGUMENT',
        `${table.what} has no primary key to find rows by; insert instead`,
        { ...table.details },
      )
    }
    const seen = new Set<string>()
    return rows.map((row) => {
      const isGiven = primaryKey.every(
        ({ position }) => row[position] !== undefined && row[position].kind !== 'null',
      )
      if (!isGiven) return undefined
      // Only the columns of the key are looked at.
      const handle = table.handleOf(row as Datum[])
      if (seen.has(handleId(handle))) {
        throw new OrbitError(
          'INVALID_ARGUMENT',
          `${table.what}: two rows to upsert have the primary key ${show(primaryKey, row)}`,
          {
            ...table.details,
          },
        )
      }
      seen.add(handleId(handle))
      return handle
    })
  }

  /** Rows that are about to be changed, by the id of their handle. */
  async #readForWrite(table: TableLayout, handles: readonly Handle[]): Promise<Map<string, TableRow>> {
    const { storage } = this.#context
    // Without a snapshot nothing else would notice a change between this read and the write.
    if (storage.isolation === 'read-committed' && handles.length > 0)
      await storage.lock(handles.map((handle) => table.rowKey(handle)))
    const rows = await new TableReader(storage, table).getMany(handles)
    return new Map(rows.flatMap((row) => (row === undefined ? [] : [[handleId(row.handle), row]])))
  }

  async #matchingForWrite(query: CompiledQuery): Promise<TableRow[]> {
    const { storage } = this.#context
    const rows: TableRow[] = []
    for await (const chunk of runQuery(storage, query)) rows.push(...chunk)
    if (query.hasSnapshot) return rows
    const locked = await this.#readForWrite(
      query.table,
      rows.map(({ handle }) => handle),
    )
    return [...locked.values()].filter(matches(query))
  }
}

/** The row with the values that were given. */
function merged({ datums }: TableRow, given: GivenRow): Datum[] {
  return datums.map((datum, position) => given[position] ?? datum)
}

function handleId(handle: Handle): string {
  return handle instanceof Uint8Array ? toBinaryString(handle) : String(handle)
}

function requireArray<T>(table: TableLayout, what: string, value: readonly T[]): readonly T[] {
  const isArray: boolean = Array.isArray(value)
  if (isArray) return value
  throw new OrbitError(
    'INVALID_ARGUMENT',
    `${table.what}: ${what} is ${describe(value)}; it must be an array`,
    { ...table.details },
  )
}

/** To match all rows must be said, not forgotten. */
function requireFilter(table: TableLayout, where: unknown): object {
  if (isPlainObject(where)) return where
  throw new OrbitError(
    'INVALID_ARGUMENT',
    `${table.what}: where is ${describe(where)}; pass a filter, {} for all rows`,
    { ...table.details },
  )
}

function notFound(table: TableLayout, key: readonly Datum[]): OrbitError {
  const columns = table.primaryKey ?? []
  return new OrbitError('RECORD_NOT_FOUND', `${table.what} has no row with ${show(columns, key)}`, {
    ...table.details,
  })
}

export type { TablePlan } from './read/explain-query.js'
