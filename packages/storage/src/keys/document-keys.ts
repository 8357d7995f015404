/**
 * Documents and their indexes:
 *
 *     d{collectionId} r {id}                              document
 *     d{collectionId} i {indexId}{datums}                 entry of a unique index; its value names the document
 *     d{collectionId} i {indexId}{datums} 0f {id}         entry of any other index
 */
import type { KeyRange } from '../provider.js'
import type { ByteReader } from './byte-reader.js'
import type { ByteWriter } from './byte-writer.js'
import { type Datum, writeDatums } from './datum.js'
import { beginKey, readIndexDatums } from './key-parts.js'
import { type IndexBounds, indexRange, prefixRange, rangeWithin } from './key-range.js'
import { ENTRY_ID_MARK, KEY_SPACE } from './key-space.js'
import { readUvarint, writeUvarint } from './memcomparable.js'

const RECORD = 0x72 // r
const INDEX = 0x69 // i

export type DocumentKey =
  | {
      readonly model: 'document'
      readonly kind: 'record'
      readonly collectionId: number
      readonly id: string
    }
  | {
      readonly model: 'document'
      readonly kind: 'index'
      readonly collectionId: number
      readonly indexId: number
      readonly datums: readonly Datum[]
      /** Undefined for an entry of a unique index. */
      readonly id: string | undefined
    }

function begin(collectionId: number, kind: number): ByteWriter {
  const writer = beginKey(KEY_SPACE.document, collectionId, 'collectionId')
  writer.byte(kind)
  return writer
}

function beginIndex(collectionId: number, indexId: number): ByteWriter {
  const writer = begin(collectionId, INDEX)
  writeUvarint(writer, indexId, 'indexId')
  return writer
}

export const documentKeys = {
  record(collectionId: number, id: string): Uint8Array {
    const writer = begin(collectionId, RECORD)
    writer.text(id)
    return writer.toBytes()
  },

  /** An entry of an index. Leave `id` out for a unique index. */
  index(
    collectionId: number,
    indexId: number,
    datums: readonly Datum[],
    id?: string,
    descending?: readonly boolean[],
  ): Uint8Array {
    const writer = beginIndex(collectionId, indexId)
    writeDatums(writer, datums, descending)
    if (id !== undefined) {
      writer.byte(ENTRY_ID_MARK)
      writer.text(id)
    }
    return writer.toBytes()
  },

  /** Documents and indexes of a collection. */
  collection(collectionId: number): KeyRange {
    return prefixRange(beginKey(KEY_SPACE.document, collectionId, 'collectionId').toBytes())
  },

  /** The documents of a collection in order of id (as UTF-8), from `from` on, up to and without `to`. */
  records(collectionId: number, from?: string, to?: string): KeyRange {
    const start = from === undefined ? undefined : documentKeys.record(collectionId, from)
    const end = to === undefined ? undefined : documentKeys.record(collectionId, to)
    return rangeWithin(begin(collectionId, RECORD).toBytes(), start, end)
  },

  indexEntries(collectionId: number, indexId: number, bounds?: IndexBounds): KeyRange {
    return indexRange(beginIndex(collectionId, indexId).toBytes(), bounds)
  },
}

/** @throws STORAGE_CORRUPT */
export function parseDocumentKey(reader: ByteReader): DocumentKey {
  reader.byte()
  const collectionId = readUvarint(reader)
  const kind = reader.byte()
  if (kind === RECORD) return { model: 'document', kind: 'record', collectionId, id: reader.restText() }
  if (kind !== INDEX) return reader.fail(`${kind} is no kind of document key`)
  const indexId = readUvarint(reader)
  const { datums, hasId } = readIndexDatums(reader)
  const id = hasId ? reader.restText() : undefined
  return { model: 'document', kind: 'index', collectionId, indexId, datums, id }
}
