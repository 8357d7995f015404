import type { DatabaseTransaction, Filter } from '@orbit-ts/engine'
import type { CellCodec } from './cell-codec.js'

/** What records are of. Nodes and edges are two kinds of records of one graph. */
export const TARGET_KINDS = ['table', 'collection', 'nodes', 'edges', 'vectors', 'series'] as const
export type TargetKind = (typeof TARGET_KINDS)[number]

export type JsonRecord = Readonly<Record<string, unknown>>

/** A column of a CSV file: where its values are in a record, and how they are written. */
export interface RecordColumn {
  readonly header: string
  /** From the record inwards: `['properties', 'name']`. */
  readonly path: readonly string[]
  readonly codec: CellCodec
}

/** Which records to read. */
export interface RecordQuery {
  readonly where?: Filter
  /** Of nodes. */
  readonly label?: string
  /** Of edges. */
  readonly type?: string
}

/** Records of one object of the catalog, as files have them. Records are plain objects; see each model's file. */
export interface RecordTarget {
  readonly kind: TargetKind
  /** For people: `table "airports"`. */
  readonly what: string
  readonly objectId: number
  /** An empty cell is null; otherwise it is left out of the record. */
  readonly emptyIsNull: boolean
  /** @throws INVALID_ARGUMENT when a CSV file may have no such column, naming the nearest one */
  column(header: string): RecordColumn
  /**
   * Brings a record as JSON has it to what `store` takes.
   * @param exact the record with each number that JavaScript would round as text; undefined when there is none
   * @throws TYPE_MISMATCH
   */
  fromJson(record: JsonRecord, exact: JsonRecord | undefined): unknown
  /** The operation of the HTTP API that does what `store` does. */
  operation(records: readonly unknown[]): { readonly op: string; readonly args: object }
  /** Stores all of them or, when it throws, none. */
  store(tx: DatabaseTransaction, records: readonly unknown[]): Promise<unknown>
  /** Chunks of records. */
  scan(tx: DatabaseTransaction, query: RecordQuery): AsyncIterable<readonly object[]>
  /** The columns of a CSV file with these records. May read them all. @throws LIMIT_EXCEEDED */
  columns(tx: DatabaseTransaction, query: RecordQuery): Promise<RecordColumn[]>
}
