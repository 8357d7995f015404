import type { Filter } from '../../filter/filter.js'
import type { Column } from './schema/column.js'
import { filterToJson } from './schema/json-literal.js'
import type {
  CheckInput,
  ForeignKeyInput,
  IndexColumnInput,
  IndexInput,
  ReferenceOptions,
  TableInput,
} from './schema/table-input.js'

/** A table's declaration: a plain value to hand to `openDatabase`, and the types of its rows for the compiler. */
export interface TableSchema<Row = Record<string, unknown>, Insert = Record<string, unknown>, Key = unknown> {
  readonly kind: 'table'
  readonly name: string
  readonly input: TableInput
  /** Never set: carries types. */
  readonly types?: { readonly row: Row; readonly insert: Insert; readonly key: Key }
}

/** What a row of the table holds. */
export type RowOf<Table> = Table extends TableSchema<infer Row, infer _Insert, infer _Key> ? Row : never
/** What an insert takes: columns that may be null or have a default can be left out. */
export type InsertOf<Table> = Table extends TableSchema<infer _Row, infer Insert, infer _Key> ? Insert : never
/** What names a row: the value of a primary key of one column, an object for several, `never` without one. */
export type KeyOf<Table> = Table extends TableSchema<infer _Row, infer _Insert, infer Key> ? Key : never

type Columns = Readonly<Record<string, Column>>
type TypesOf<C> = C extends Column<infer T> ? T : never
type Simplify<T> = { [K in keyof T]: T[K] } & {}

type ColumnKeys<C extends Columns> = {
  [K in keyof C & string]: TypesOf<C[K]>['primaryKey'] extends true ? K : never
}[keyof C & string]
type KeyNames<C extends Columns, P extends string> = [P] extends [never] ? ColumnKeys<C> : P
type NotNull<C extends Columns, P extends string, K extends keyof C> =
  K extends KeyNames<C, P> ? true : TypesOf<C[K]>['notNull']
type Optional<C extends Columns, P extends string> = {
  [K in keyof C & string]: TypesOf<C[K]>['hasDefault'] extends true
    ? K
    : NotNull<C, P, K> extends true
      ? never
      : K
}[keyof C & string]
type InputOf<C extends Columns, P extends string, K extends keyof C> =
  TypesOf<C[K]>['input'] | (NotNull<C, P, K> extends true ? never : null)

export type ColumnsRow<C extends Columns, P extends string> = Simplify<{
  [K in keyof C & string]: TypesOf<C[K]>['value'] | (NotNull<C, P, K> extends true ? never : null)
}>
export type ColumnsInsert<C extends Columns, P extends string> = Simplify<
  { [K in Exclude<keyof C & string, Optional<C, P>>]: InputOf<C, P, K> } & {
    [K in Optional<C, P>]?: InputOf<C, P, K> | undefined
  }
>
type IsUnion<T, U = T> = T extends unknown ? ([U] extends [T] ? false : true) : never
type KeyOfNames<C extends Columns, Names extends string> = [Names] extends [never]
  ? never
  : IsUnion<Names> extends true
    ? Simplify<{ [K in Names]: TypesOf<C[K]>['input'] }>
    : TypesOf<C[Names]>['input']
export type ColumnsKey<C extends Columns, P extends string> = KeyOfNames<C, KeyNames<C, P>>

/** Filters take what inserts take. */
export type FilterRow<Row, Insert> = {
  [K in keyof Row & string]: Row[K] | Exclude<K extends keyof Insert ? Insert[K] : never, undefined>
}
export type TableFilter<Row, Insert> = Filter<FilterRow<Row, Insert>>

/** What concerns several columns of a table. */
export interface TableOptions<Name extends string, Row, Insert, P extends string> {
  /** For a primary key of several columns, in key order. */
  readonly primaryKey?: readonly P[]
  readonly indexes?: readonly (Omit<IndexInput, 'columns' | 'where'> & {
    readonly columns: readonly (Name | (IndexColumnInput & { readonly column: Name }))[]
    readonly where?: TableFilter<Row, Insert>
  })[]
  readonly checks?: readonly (Omit<CheckInput, 'where'> & { readonly where: TableFilter<Row, Insert> })[]
  readonly foreignKeys?: readonly (ReferenceOptions & {
    readonly name?: string
    readonly columns: readonly Name[]
    readonly references: {
      readonly table: string | { readonly name: string }
      readonly columns?: readonly string[]
    }
  })[]
}

/**
 * Declares a table: `table('airports', { iata: text().primaryKey(), visits: int4().notNull().default(0) })`.
 * Nothing is checked here; `openDatabase` and `Database.apply` do.
 */
export function table<C extends Columns, const P extends keyof C & string = never>(
  name: string,
  columns: C,
  options: TableOptions<keyof C & string, ColumnsRow<C, P>, ColumnsInsert<C, P>, P> = {},
): TableSchema<ColumnsRow<C, P>, ColumnsInsert<C, P>, ColumnsKey<C, P>> {
  const { primaryKey, indexes, checks, foreignKeys } = options
  return {
    kind: 'table',
    name,
    input: {
      columns: Object.fromEntries(Object.entries(columns).map(([column, { input }]) => [column, input])),
      ...(primaryKey === undefined ? {} : { primaryKey }),
      ...(indexes === undefined ? {} : { indexes: indexes.map(indexInput) }),
      ...(checks === undefined
        ? {}
        : { checks: checks.map((check) => ({ ...check, where: filterToJson(check.where) })) }),
      ...(foreignKeys === undefined ? {} : { foreignKeys: foreignKeys.map(foreignKeyInput) }),
    },
  }
}

function indexInput({
  where,
  ...index
}: Omit<IndexInput, 'where'> & { readonly where?: object }): IndexInput {
  return where === undefined ? index : { ...index, where: filterToJson(where) }
}

function foreignKeyInput({
  references,
  ...rest
}: Omit<ForeignKeyInput, 'references'> & {
  readonly references: {
    readonly table: string | { readonly name: string }
    readonly columns?: readonly string[]
  }
}): ForeignKeyInput {
  const { table: target, columns } = references
  const name = typeof target === 'string' ? target : target.name
  return { ...rest, references: columns === undefined ? { table: name } : { table: name, columns } }
}
