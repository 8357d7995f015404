import type { CatalogObject, DatabaseTransaction, NewVector, VectorsDefinition } from '@orbit-ts/engine'
import { jsonCell, textCell } from './cell-codec.js'
import { PropertyColumns } from './property-columns.js'
import type { JsonRecord, RecordColumn, RecordQuery, RecordTarget } from './record-target.js'

/** Vectors of a collection: `{ "id": "movie-1", "vector": [0.25, -1, …], "metadata": { "title": "Alien" } }`. */
export class VectorRecords implements RecordTarget {
  readonly kind = 'vectors'
  readonly what: string
  readonly objectId: number
  readonly emptyIsNull = false
  readonly #name: string
  readonly #columns: PropertyColumns

  constructor({ name, id, definition }: CatalogObject<VectorsDefinition>) {
    this.#name = name
    this.what = `vector collection "${name}"`
    this.objectId = id
    this.#columns = new PropertyColumns('metadata', { id: textCell, vector: jsonCell }, [definition.metadata])
  }

  column(header: string): RecordColumn {
    return this.#columns.column(header)
  }

  fromJson(record: JsonRecord): unknown {
    return record
  }

  operation(records: readonly unknown[]): { readonly op: string; readonly args: object } {
    return { op: 'insert', args: { vectors: records } }
  }

  store(tx: DatabaseTransaction, records: readonly unknown[]): Promise<unknown> {
    return tx.vectors(this.#name).insertMany(records as readonly NewVector[])
  }

  scan(tx: DatabaseTransaction, { where }: RecordQuery): AsyncIterable<readonly object[]> {
    return tx.vectors(this.#name).scan(where === undefined ? {} : { where })
  }

  async columns(tx: DatabaseTransaction, query: RecordQuery): Promise<RecordColumn[]> {
    return this.#columns.columns(this.#columns.isOpen ? await this.#columns.found(this.scan(tx, query)) : [])
  }
}
