import { OrbitError, didYouMean } from '@orbit-ts/base'
import type { CatalogObject, DatabaseTransaction, TableDefinition } from '@orbit-ts/engine'
import { columnCell, jsonCell, textCell, type CellCodec } from './cell-codec.js'
import type { JsonRecord, RecordColumn, RecordQuery, RecordTarget } from './record-target.js'

type Row = Record<string, unknown>

/** Rows of a table: `{ "iata": "SEA", "latitude": 47.45 }`. */
export class TableRecords implements RecordTarget {
  readonly kind = 'table'
  readonly what: string
  readonly objectId: number
  readonly emptyIsNull = true
  readonly #name: string
  /** Types by column. */
  readonly #types: ReadonlyMap<string, string>
  /** Columns that hold more digits than a JavaScript number. */
  readonly #exact: readonly string[]

  constructor({ name, id, definition }: CatalogObject<TableDefinition>) {
    this.#name = name
    this.what = `table "${name}"`
    this.objectId = id
    this.#types = new Map(definition.columns.map((column) => [column.name, column.type]))
    this.#exact = [...this.#types]
      .filter(([, type]) => /^(?:int8|numeric)/.test(type))
      .map(([column]) => column)
  }

  column(header: string): RecordColumn {
    const type = this.#types.get(header)
    if (type !== undefined) return { header, path: [header], codec: codecOf(type) }
    const names = [...this.#types.keys()]
    throw new OrbitError(
      'INVALID_ARGUMENT',
      `${this.what} has no column ${JSON.stringify(header)}${didYouMean(header, names) || `; it has ${names.join(', ')}`}`,
      { column: header },
    )
  }

  fromJson(record: JsonRecord, exact: JsonRecord | undefined): unknown {
    if (exact === undefined) return record
    const kept = this.#exact.filter((column) => Object.hasOwn(exact, column))
    return { ...record, ...Object.fromEntries(kept.map((column) => [column, exact[column]])) }
  }

  operation(records: readonly unknown[]): { readonly op: string; readonly args: object } {
    return { op: 'insert', args: { rows: records } }
  }

  store(tx: DatabaseTransaction, records: readonly unknown[]): Promise<unknown> {
    return tx.table(this.#name).insertMany(records as readonly Row[])
  }

  scan(tx: DatabaseTransaction, { where }: RecordQuery): AsyncIterable<readonly object[]> {
    const query = where === undefined ? {} : { where }
    return tx.table(this.#name).scan(query)
  }

  async columns(): Promise<RecordColumn[]> {
    return [...this.#types.keys()].map((name) => this.column(name))
  }
}

function codecOf(type: string): CellCodec {
  if (/\[\]$|^jsonb?$/.test(type)) return jsonCell
  return /^(?:text|varchar|char)/.test(type) ? textCell : columnCell
}
