import { defined } from '@orbit-ts/base'
import {
  NULL_DATUM,
  handleDatums,
  relationalKeys,
  type Datum,
  type Handle,
  type KeyRange,
  type ScanOptions,
  type Transaction,
} from '@orbit-ts/storage'
import { COLUMN_NULL, RowView } from '../../../record/row-view.js'
import type { IndexLayout } from '../layout/index-layout.js'
import type { LayoutColumn, TableLayout, TableRow } from '../layout/table-layout.js'

export interface ReadOptions {
  /** Columns to decode; the others are null in the rows that come. Default: all. */
  readonly columns?: readonly LayoutColumn[]
}

export interface ScanRowsOptions
  extends ReadOptions, Pick<ScanOptions, 'reverse' | 'limit' | 'chunkSize' | 'signal'> {}

/** Reads rows by handle, by range of keys and through indexes, chunk by chunk. */
export class TableReader {
  readonly #storage: Pick<Transaction, 'get' | 'getMany' | 'scan'>
  readonly #table: TableLayout

  constructor(storage: Pick<Transaction, 'get' | 'getMany' | 'scan'>, table: TableLayout) {
    this.#storage = storage
    this.#table = table
  }

  /** One row or undefined for each handle. */
  async getMany(handles: readonly Handle[], options: ReadOptions = {}): Promise<(TableRow | undefined)[]> {
    const keys = handles.map((handle) => this.#table.rowKey(handle))
    const [only] = keys
    const values =
      keys.length === 1 && only !== undefined
        ? [await this.#storage.get(only)]
        : await this.#storage.getMany(keys)
    const decode = rowDecoder(this.#table, options.columns)
    return handles.map((handle, i) => {
      const value = values[i]
      return value === undefined ? undefined : decode(handle, value, keys[i])
    })
  }

  /** The rows of single entries of a unique index, in the order of `keys`; those that are there. */
  async getIndexed(
    index: IndexLayout,
    keys: readonly Uint8Array[],
    options: ReadOptions = {},
  ): Promise<TableRow[]> {
    const values = await this.#storage.getMany(keys)
    const handles = keys.flatMap((key, i) => {
      const value = values[i]
      return value === undefined ? [] : [index.handleOf({ key, value })]
    })
    const rows = await this.getMany(handles, options)
    return rows.filter((row) => row !== undefined)
  }

  /** The rows whose keys are in the range, in key order. */
  async *scanRows(
    range: KeyRange,
    { columns, ...options }: ScanRowsOptions = {},
  ): AsyncGenerator<TableRow[]> {
    const decode = rowDecoder(this.#table, columns)
    for await (const chunk of this.#storage.scan(range, options)) {
      yield chunk.map(({ key, value }) => decode(relationalKeys.rowHandle(key), value, key))
    }
  }

  /** The rows of the entries in the range, in index order. Entries whose row has gone since are left out. */
  async *scanIndex(
    index: IndexLayout,
    range: KeyRange,
    { columns, ...options }: ScanRowsOptions = {},
  ): AsyncGenerator<TableRow[]> {
    for await (const chunk of this.#storage.scan(range, options)) {
      const handles = chunk.map((entry) => index.handleOf(entry))
      const rows = await this.getMany(handles, columns === undefined ? {} : { columns })
      yield rows.filter((row) => row !== undefined)
    }
  }

  /** What the entries themselves hold: the index's columns and the primary key. */
  async *scanEntries(
    index: IndexLayout,
    range: KeyRange,
    { columns: _, ...options }: ScanRowsOptions = {},
  ): AsyncGenerator<TableRow[]> {
    const empty = new Array<Datum>(this.#table.columns.length).fill(NULL_DATUM)
    for await (const chunk of this.#storage.scan(range, options)) {
      yield chunk.map((entry) => {
        const handle = index.handleOf(entry)
        const datums = [...empty]
        this.#fillFromKey(datums, handle)
        const values = index.parse(entry.key).datums
        index.columns.forEach(({ position }, i) => (datums[position] = values[i] ?? NULL_DATUM))
        return { handle, datums }
      })
    }
  }

  #fillFromKey(datums: Datum[], handle: Handle): void {
    if (this.#table.primaryKey === undefined) return
    const values = handleDatums(handle)
    this.#table.primaryKey.forEach(({ position }, i) => (datums[position] = values[i] ?? NULL_DATUM))
  }
}

/** @param key for error messages. */
type RowDecoder = (handle: Handle, value: Uint8Array, key?: Uint8Array) => TableRow

const WHOLE = new WeakMap<TableLayout, RowDecoder>()

/** Decodes some columns of stored rows, or all. */
export function rowDecoder(table: TableLayout, columns?: readonly LayoutColumn[]): RowDecoder {
  if (columns !== undefined) return makeDecoder(table, columns)
  const decoder = WHOLE.get(table) ?? makeDecoder(table, table.columns)
  WHOLE.set(table, decoder)
  return decoder
}

function makeDecoder(table: TableLayout, columns: readonly LayoutColumn[]): RowDecoder {
  // Values stand in order of column ids, so that each is found right after the one before.
  const wanted = columns.toSorted((a, b) => a.id - b.id)
  const keyed = (table.primaryKey ?? [])
    .map((column, i) => ({ column, i }))
    .filter(({ column }) => columns.includes(column))
  const count = table.columns.length
  return (handle, value, key) => {
    const view = new RowView(value, key)
    const datums = new Array<Datum>(count).fill(NULL_DATUM)
    const inKey = keyed.length === 0 ? [] : handleDatums(handle)
    for (const { column, i } of keyed) datums[column.position] = defined(inKey[i], 'a value of the key')
    let hint = 0
    for (const { id, kind, position, absent } of wanted) {
      const index = view.findNear(id, hint)
      if (index >= 0) {
        datums[position] = view.datumAt(index, kind)
        hint = index + 1
      } else if (index !== COLUMN_NULL && absent !== NULL_DATUM) {
        // A column that came after the row; one of the key never does.
        datums[position] = absent
      }
    }
    return { handle, datums }
  }
}
