import {
  NULL_DATUM,
  NULL_LAST_DATUM,
  encodeIndexValue,
  decodeIndexValue,
  relationalKeys,
  type Datum,
  type Handle,
  type IndexBounds,
  type Entry,
  type KeyRange,
} from '@orbit-ts/storage'
import { assert, defined } from '@orbit-ts/base'
import type { IndexDefinition, SqlExpression } from '../schema/table-definition.js'
import { parseColumnType, type ColumnType } from '../types/column-type.js'
import { keyDatum } from '../types/format-value.js'
import { columnsIn, rowPredicate } from './row-check.js'
import type { RowExpressionCompiler } from './row-expressions.js'
import type { LayoutColumn, TableLayout, TableRow } from './table-layout.js'

/** One part of an index's keys: a column, or an expression over columns. */
export interface IndexKey {
  readonly type: ColumnType
  readonly column: LayoutColumn | undefined
  readonly expression: SqlExpression | undefined
  readonly descending: boolean
  /** Nulls are where the largest values are. */
  readonly nullsLarge: boolean
}

/** What an index has for one row. */
export interface IndexEntry {
  readonly key: Uint8Array
  readonly value: Uint8Array
  /** No other row may have the same key. */
  readonly unique: boolean
}

/** An index of a table, ready to make, find and read entries. */
export class IndexLayout {
  readonly id: number
  readonly name: string
  /** Its columns; those of an index with expressions are not to be taken for its keys. */
  readonly columns: readonly LayoutColumn[]
  readonly keys: readonly IndexKey[]
  readonly descending: readonly boolean[]
  /** No two entries are of equal values at any time; of a deferrable constraint that is checked later instead. */
  readonly unique: boolean
  readonly deferrable: 'immediate' | 'deferred' | undefined
  readonly nullsNotDistinct: boolean
  /** It has the entries of all rows: queries and foreign keys may use it. */
  readonly isReady: boolean
  /** The condition of a partial index. */
  readonly where: IndexDefinition['where']
  /** As `where`, in SQL. */
  readonly predicate: SqlExpression | undefined
  readonly definition: IndexDefinition
  readonly #tableId: number
  #includes: ((datums: readonly Datum[]) => boolean) | undefined
  /** By key: how its datum is computed; undefined where it is a column, or not known yet. */
  #computed: readonly (((datums: readonly Datum[]) => Datum) | undefined)[] = []
  /** Positions of all columns that decide about an entry. */
  #positions: readonly number[]
  #isCompiled: boolean

  constructor(
    table: Pick<TableLayout, 'id' | 'types' | 'byName' | 'what'>,
    definition: IndexDefinition,
    columnOf: (id: number) => LayoutColumn,
    isReady: boolean,
  ) {
    const { id, name, unique, nullsNotDistinct, where, predicate } = definition
    this.definition = definition
    this.id = id
    this.name = name
    this.deferrable = definition.constraint?.deferrable
    this.unique = unique && this.deferrable === undefined
    this.nullsNotDistinct = nullsNotDistinct
    this.where = where
    this.predicate = predicate
    this.isReady = isReady
    this.keys = definition.columns.map((key) => indexKey(key, columnOf))
    this.columns = this.keys.flatMap(({ column }) => column ?? [])
    this.descending = definition.columns.map(({ descending }) => descending)
    this.#tableId = table.id
    this.#includes = where && rowPredicate(table, where)
    const condition = where === undefined ? [] : columnsIn(table, where)
    this.#positions = [...this.columns, ...condition].map(({ position }) => position)
    this.#isCompiled = !this.hasExpressions
  }

  /** True when SQL has to be compiled before entries can be made. */
  get hasExpressions(): boolean {
    return this.predicate !== undefined || this.keys.some(({ expression }) => expression !== undefined)
  }

  /** True when it has the entries of all rows that queries of the typed API can ask for. */
  get isForFilters(): boolean {
    return this.isReady && !this.hasExpressions
  }

  /** Makes the expressions ready; the layout sees to it before anything is written. */
  compile(table: TableLayout, compiler: RowExpressionCompiler): void {
    if (this.#isCompiled) return
    const positions = [...this.#positions]
    this.#computed = this.keys.map(({ expression, type }) => {
      if (expression === undefined) return undefined
      const compiled = compiler.compile(table, expression.sql, type)
      positions.push(...compiled.positions)
      return compiled.evaluate
    })
    if (this.predicate !== undefined) {
      const { evaluate, positions: read } = compiler.compile(table, this.predicate.sql, 'condition')
      positions.push(...read)
      this.#includes = (datums) => {
        const datum = evaluate(datums)
        return datum.kind === 'int' && datum.value === 1
      }
    }
    this.#positions = positions
    this.#isCompiled = true
  }

  /** Undefined when the row is not in the index. */
  entry({ handle, datums }: TableRow): IndexEntry | undefined {
    assert(this.#isCompiled, 'the expressions of the index are compiled')
    if (this.#includes !== undefined && !this.#includes(datums)) return undefined
    const values = this.keyDatums(datums)
    const unique = this.unique && (this.nullsNotDistinct || values.every(({ kind }) => kind !== 'null'))
    return {
      key: relationalKeys.index(this.#tableId, this.id, values, unique ? undefined : handle, this.descending),
      value: encodeIndexValue(handle, !unique),
      unique,
    }
  }

  /** What the key of a row's entry is made of. */
  keyDatums(datums: readonly Datum[]): Datum[] {
    return this.keys.map(({ type }, i) => this.placed(keyDatum(type, this.valueAt(i, datums)), i))
  }

  /** What a row has of one of the keys, as it is stored in rows. */
  valueAt(key: number, datums: readonly Datum[]): Datum {
    const column = this.keys[key]?.column
    const datum = column === undefined ? this.#computed[key]?.(datums) : datums[column.position]
    return datum ?? NULL_DATUM
  }

  /** A null at the end where the key has its nulls; any other datum as it is. */
  placed(datum: Datum, key: number): Datum {
    return datum.kind === 'null' && this.keys[key]?.nullsLarge === true ? NULL_LAST_DATUM : datum
  }

  /** The key of the entry of a unique index with these values, none of which is null unless nulls are not distinct. */
  uniqueKey(values: readonly Datum[]): Uint8Array {
    const placed = values.map((value, i) => this.placed(value, i))
    return relationalKeys.index(this.#tableId, this.id, placed, undefined, this.descending)
  }

  /** False when two rows of one handle surely have the same entry. */
  isAffected(before: readonly Datum[], after: readonly Datum[]): boolean {
    return this.#positions.some((position) => before[position] !== after[position])
  }

  /** The keys of those entries of a unique index that a row excludes others from. */
  claimOf(datums: readonly Datum[]): Uint8Array | undefined {
    return this.unique ? this.#identityOf(datums) : undefined
  }

  /** As `claimOf`, of a constraint that is checked after the row has been written. */
  laterClaimOf(datums: readonly Datum[]): Uint8Array | undefined {
    return this.deferrable === undefined ? undefined : this.#identityOf(datums)
  }

  #identityOf(datums: readonly Datum[]): Uint8Array | undefined {
    if (this.#includes !== undefined && !this.#includes(datums)) return undefined
    const values = this.keyDatums(datums)
    if (!this.nullsNotDistinct && values.some(({ kind }) => kind === 'null')) return undefined
    return relationalKeys.index(this.#tableId, this.id, values, undefined, this.descending)
  }

  handleOf({ key, value }: Entry): Handle {
    return decodeIndexValue(value) ?? defined(this.parse(key).handle, 'the handle of an index entry')
  }

  /** The values in an entry's key, by index column. */
  parse(key: Uint8Array): { readonly datums: readonly Datum[]; readonly handle: Handle | undefined } {
    return relationalKeys.parseIndex(key, this.keys.length)
  }

  /** All entries, or those within bounds on the leading columns. */
  range(bounds: IndexBounds = {}): KeyRange {
    const { equal = [], lower, upper } = bounds
    const isOpen = lower !== undefined && upper === undefined
    return relationalKeys.indexEntries(this.#tableId, this.id, {
      ...bounds,
      equal: equal.map((datum, i) => this.placed(datum, i)),
      // Nulls that lie after all values are no larger than a bound.
      ...(isOpen && this.keys[equal.length]?.nullsLarge === true
        ? { upper: { datum: NULL_LAST_DATUM, inclusive: false } }
        : {}),
      descending: this.descending,
    })
  }
}

function indexKey(
  { column: id, descending, nullsLarge, expression }: IndexDefinition['columns'][number],
  columnOf: (id: number) => LayoutColumn,
): IndexKey {
  const column = expression === undefined ? columnOf(id) : undefined
  return {
    column,
    expression,
    type: column?.type ?? parseColumnType(defined(expression, 'the expression').type),
    descending,
    nullsLarge: nullsLarge === true,
  }
}
