import type {
  CatalogObject,
  CollectionDefinition,
  DatabaseTransaction,
  JsonDocument,
  NewDocument,
} from '@orbit-ts/engine'
import { textCell, untypedCell } from './cell-codec.js'
import { collectNames } from './property-columns.js'
import type { JsonRecord, RecordColumn, RecordQuery, RecordTarget } from './record-target.js'

/** Documents of a collection: `{ "id": "movie-1", "Title": "Alien", "cast": ["…"] }`. */
export class DocumentRecords implements RecordTarget {
  readonly kind = 'collection'
  readonly what: string
  readonly objectId: number
  readonly emptyIsNull = false
  readonly #name: string

  constructor({ name, id }: CatalogObject<CollectionDefinition>) {
    this.#name = name
    this.what = `document collection "${name}"`
    this.objectId = id
  }

  column(header: string): RecordColumn {
    return { header, path: [header], codec: header === 'id' ? textCell : untypedCell }
  }

  fromJson(record: JsonRecord): unknown {
    return record
  }

  operation(records: readonly unknown[]): { readonly op: string; readonly args: object } {
    return { op: 'insert', args: { documents: records } }
  }

  store(tx: DatabaseTransaction, records: readonly unknown[]): Promise<unknown> {
    return tx.collection(this.#name).insertMany(records as readonly NewDocument<JsonDocument>[])
  }

  scan(tx: DatabaseTransaction, { where }: RecordQuery): AsyncIterable<readonly object[]> {
    return tx.collection(this.#name).scan(where === undefined ? {} : { where })
  }

  /** Documents need not be alike, so all of them are read. */
  async columns(tx: DatabaseTransaction, query: RecordQuery): Promise<RecordColumn[]> {
    const names = new Set(['id'])
    for await (const chunk of this.scan(tx, query))
      for (const document of chunk) collectNames(names, document)
    return [...names].map((name) => this.column(name))
  }
}
