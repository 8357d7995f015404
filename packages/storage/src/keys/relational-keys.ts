/**
 * Rows and indexes of tables, in TiDB's layout (`pkg/tablecodec`), so that TiKV's coprocessor can read them:
 *
 *     t{tableId}_r{handle}                              row
 *     t{tableId}_i{indexId}{datums}                     entry of a unique index without null among its values
 *     t{tableId}_i{indexId}{datums}{handle}             any other entry
 *
 * Ids are order-preserving 64-bit integers. An integer handle is eight bytes after `_r` and a flagged datum in an
 * index entry; any other handle is the same bytes in both.
 */
import type { KeyRange } from '../provider.js'
import { ByteReader } from './byte-reader.js'
import type { ByteWriter } from './byte-writer.js'
import { DATUM_FLAG, type Datum, readDatum, readDatums, writeDatums } from './datum.js'
import { type Handle, readHandleDatums } from './handle.js'
import { type IndexBounds, indexRange, prefixRange, rangeWithin } from './key-range.js'
import { beginKey } from './key-parts.js'
import { KEY_SPACE } from './key-space.js'
import { readInt64, writeInt64 } from './memcomparable.js'

const SEPARATOR = 0x5f // _
const RECORD = 0x72 // r
const INDEX = 0x69 // i
const PREFIX_SIZE = 11
/** The byte of the model and the id. */
const TABLE_SIZE = 9
const INT_HANDLE_SIZE = 8

export type RelationalKey =
  | { readonly model: 'relational'; readonly kind: 'row'; readonly tableId: number; readonly handle: Handle }
  /** `datums` ends with the handle's values when the entry has them: only the schema tells how many columns there are. */
  | {
      readonly model: 'relational'
      readonly kind: 'index'
      readonly tableId: number
      readonly indexId: number
      readonly datums: readonly Datum[]
    }

export interface RelationalIndexEntry {
  readonly tableId: number
  readonly indexId: number
  readonly datums: readonly Datum[]
  /** Undefined for an entry of a unique index without nulls: its value holds the handle. */
  readonly handle: Handle | undefined
}

function beginTable(tableId: number, kind: number): ByteWriter {
  const writer = beginKey(KEY_SPACE.table)
  writeInt64(writer, tableId, 'tableId')
  writer.byte(SEPARATOR)
  writer.byte(kind)
  return writer
}

function beginIndex(tableId: number, indexId: number): ByteWriter {
  const writer = beginTable(tableId, INDEX)
  writeInt64(writer, indexId, 'indexId')
  return writer
}

export const relationalKeys = {
  row(tableId: number, handle: Handle): Uint8Array {
    const writer = beginTable(tableId, RECORD)
    if (handle instanceof Uint8Array) writer.bytes(handle)
    else writeInt64(writer, handle, 'handle')
    return writer.toBytes()
  },

  /**
   * An entry of an index. Leave `handle` out for a unique index none of whose values is null; give it in every other
   * case, as SQL lets nulls be equal to nothing.
   */
  index(
    tableId: number,
    indexId: number,
    datums: readonly Datum[],
    handle?: Handle,
    descending?: readonly boolean[],
  ): Uint8Array {
    const writer = beginIndex(tableId, indexId)
    writeDatums(writer, datums, descending)
    if (handle instanceof Uint8Array) writer.bytes(handle)
    else if (handle !== undefined) {
      writer.byte(DATUM_FLAG.int)
      writeInt64(writer, handle, 'handle')
    }
    return writer.toBytes()
  },

  /** Takes an index entry apart, given how many columns the index has. */
  parseIndex(key: Uint8Array, columnCount: number): RelationalIndexEntry {
    const reader = new ByteReader(key, 'key')
    const tableId = readTableId(reader, INDEX)
    const indexId = readId(reader)
    const datums: Datum[] = []
    for (let i = 0; i < columnCount; i++) datums.push(readDatum(reader))
    return { tableId, indexId, datums, handle: readIndexHandle(reader) }
  },

  /** The table that a key belongs to; undefined when it is none of a table. */
  tableOf(key: Uint8Array): number | undefined {
    if (key[0] !== KEY_SPACE.table || key.byteLength < TABLE_SIZE) return undefined
    const reader = new ByteReader(key, 'key')
    reader.byte()
    const id = readInt64(reader)
    return typeof id === 'number' ? id : undefined
  },

  /** The handle of a row key, which must be one. */
  rowHandle(key: Uint8Array): Handle {
    const reader = new ByteReader(key, 'key')
    readTableId(reader, RECORD)
    return readRowHandle(reader)
  },

  /** Rows and indexes of a table. */
  table(tableId: number): KeyRange {
    const writer = beginKey(KEY_SPACE.table)
    writeInt64(writer, tableId, 'tableId')
    return prefixRange(writer.toBytes())
  },

  rows(tableId: number): KeyRange {
    return prefixRange(beginTable(tableId, RECORD).toBytes())
  },

  /** Rows whose handle is at least `from` and less than `to`. A bound left out is open. */
  rowsBetween(tableId: number, from?: Handle, to?: Handle): KeyRange {
    const start = from === undefined ? undefined : relationalKeys.row(tableId, from)
    const end = to === undefined ? undefined : relationalKeys.row(tableId, to)
    return rangeWithin(beginTable(tableId, RECORD).toBytes(), start, end)
  },

  /** Rows whose primary key begins with, or is bounded by, these values; for primary keys that are not one integer. */
  rowsWithin(tableId: number, bounds: IndexBounds): KeyRange {
    return indexRange(beginTable(tableId, RECORD).toBytes(), bounds)
  },

  /** All indexes of a table. */
  indexes(tableId: number): KeyRange {
    return prefixRange(beginTable(tableId, INDEX).toBytes())
  },

  /** Entries of one index, all or within bounds. */
  indexEntries(tableId: number, indexId: number, bounds?: IndexBounds): KeyRange {
    return indexRange(beginIndex(tableId, indexId).toBytes(), bounds)
  },
}

/** @throws STORAGE_CORRUPT */
export function parseRelationalKey(reader: ByteReader): RelationalKey {
  const at = reader.position
  const kind = reader.buffer[at + PREFIX_SIZE - 1]
  if (kind === RECORD) {
    return {
      model: 'relational',
      kind: 'row',
      tableId: readTableId(reader, RECORD),
      handle: readRowHandle(reader),
    }
  }
  const tableId = readTableId(reader, INDEX)
  return {
    model: 'relational',
    kind: 'index',
    tableId,
    indexId: readId(reader),
    datums: readEntryDatums(reader),
  }
}

/** All values of an entry. No entry ends in a null (one with nulls has a handle), so zeros at the end are its padding. */
function readEntryDatums(reader: ByteReader): Datum[] {
  const datums = readDatums(reader)
  while (datums.at(-1)?.kind === 'null') datums.pop()
  return datums
}

function readTableId(reader: ByteReader, kind: number): number {
  if (reader.byte() !== KEY_SPACE.table) reader.fail('not a key of a table')
  const tableId = readId(reader)
  if (reader.byte() !== SEPARATOR || reader.byte() !== kind) {
    reader.fail(`not a key of ${kind === RECORD ? 'a row' : 'an index'}`)
  }
  return tableId
}

function readId(reader: ByteReader): number {
  const id = readInt64(reader)
  return typeof id === 'number' ? id : reader.fail(`${id} is no id`)
}

function readRowHandle(reader: ByteReader): Handle {
  return reader.remaining === INT_HANDLE_SIZE ? readInt64(reader) : checkedHandle(reader)
}

function readIndexHandle(reader: ByteReader): Handle | undefined {
  if (reader.remaining === 0) return undefined
  if (reader.remaining === INT_HANDLE_SIZE + 1 && reader.peek() === DATUM_FLAG.int) {
    reader.take(1)
    return readInt64(reader)
  }
  return checkedHandle(reader)
}

/** The rest as a handle, once it has proved to be one. */
function checkedHandle(reader: ByteReader): Uint8Array {
  const start = reader.position
  readHandleDatums(reader)
  return reader.buffer.subarray(start, reader.end)
}
