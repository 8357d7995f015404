import {
  NULL_DATUM,
  encodeIndexValue,
  decodeIndexValue,
  relationalKeys,
  type Datum,
  type Handle,
  type IndexBounds,
  type Entry,
  type KeyRange,
} from '@orbit-ts/storage'
import { defined } from '@orbit-ts/base'
import type { IndexDefinition } from '../schema/table-definition.js'
import { keyDatum } from '../types/format-value.js'
import { columnsIn, rowPredicate } from './row-check.js'
import type { LayoutColumn, TableLayout, TableRow } from './table-layout.js'

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
  readonly columns: readonly LayoutColumn[]
  readonly descending: readonly boolean[]
  readonly unique: boolean
  readonly nullsNotDistinct: boolean
  /** It has the entries of all rows: queries and foreign keys may use it. */
  readonly isReady: boolean
  /** The condition of a partial index. */
  readonly where: IndexDefinition['where']
  readonly #tableId: number
  readonly #includes: ((datums: readonly Datum[]) => boolean) | undefined
  /** Positions of all columns that decide about an entry. */
  readonly #positions: readonly number[]

  constructor(
    table: Pick<TableLayout, 'id' | 'types' | 'byName' | 'what'>,
    definition: IndexDefinition,
    columns: readonly LayoutColumn[],
    isReady: boolean,
  ) {
    const { id, name, unique, nullsNotDistinct, where } = definition
    this.id = id
    this.name = name
    this.unique = unique
    this.nullsNotDistinct = nullsNotDistinct
    this.where = where
    this.isReady = isReady
    this.columns = columns
    this.descending = definition.columns.map(({ descending }) => descending)
    this.#tableId = table.id
    this.#includes = where && rowPredicate(table, where)
    const condition = where === undefined ? [] : columnsIn(table, where)
    this.#positions = [...columns, ...condition].map(({ position }) => position)
  }

  /** Undefined when the row is not in the index. */
  entry({ handle, datums }: TableRow): IndexEntry | undefined {
    if (this.#includes !== undefined && !this.#includes(datums)) return undefined
    const values = this.columns.map(({ position, type }) => keyDatum(type, datums[position] ?? NULL_DATUM))
    const unique = this.unique && (this.nullsNotDistinct || values.every(({ kind }) => kind !== 'null'))
    return {
      key: relationalKeys.index(this.#tableId, this.id, values, unique ? undefined : handle, this.descending),
      value: encodeIndexValue(handle, !unique),
      unique,
    }
  }

  /** The key of the entry of a unique index with these values, none of which is null. */
  uniqueKey(values: readonly Datum[]): Uint8Array {
    return relationalKeys.index(this.#tableId, this.id, values, undefined, this.descending)
  }

  /** False when two rows of one handle surely have the same entry. */
  isAffected(before: readonly Datum[], after: readonly Datum[]): boolean {
    return this.#positions.some((position) => before[position] !== after[position])
  }

  handleOf({ key, value }: Entry): Handle {
    return decodeIndexValue(value) ?? defined(this.parse(key).handle, 'the handle of an index entry')
  }

  /** The values in an entry's key, by index column. */
  parse(key: Uint8Array): { readonly datums: readonly Datum[]; readonly handle: Handle | undefined } {
    return relationalKeys.parseIndex(key, this.columns.length)
  }

  /** All entries, or those within bounds on the leading columns. */
  range(bounds: IndexBounds = {}): KeyRange {
    return relationalKeys.indexEntries(this.#tableId, this.id, { ...bounds, descending: this.descending })
  }
}
