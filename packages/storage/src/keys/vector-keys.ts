/**
 * Vector collections. A partitioned index keeps the centre of each partition, the members of each partition next to
 * each other, and for each vector the partition it is in:
 *
 *     v{collectionId} r {id}                                vector
 *     v{collectionId} c {indexId}{partitionId}              centroid
 *     v{collectionId} p {indexId}{partitionId}{id}          posting
 *     v{collectionId} a {indexId}{id}                       partition that a vector is assigned to
 *     v{collectionId} i {indexId}{datums}[0f {id}]          attribute index
 *     v{collectionId} l {lane}                              latest changes of those who write by that lane
 */
import type { KeyRange } from '../provider.js'
import type { ByteReader } from './byte-reader.js'
import type { ByteWriter } from './byte-writer.js'
import { type Datum, writeDatums } from './datum.js'
import { beginKey, readIndexDatums } from './key-parts.js'
import { type IndexBounds, indexRange, prefixRange } from './key-range.js'
import { ENTRY_ID_MARK, KEY_SPACE } from './key-space.js'
import { readUvarint, writeUvarint } from './memcomparable.js'

const RECORD = 0x72 // r
const CENTROID = 0x63 // c
const POSTING = 0x70 // p
const ASSIGNMENT = 0x61 // a
const INDEX = 0x69 // i
const LANE = 0x6c // l

interface VectorKeyBase {
  readonly model: 'vector'
  readonly collectionId: number
}

export type VectorKey =
  | (VectorKeyBase & { readonly kind: 'record'; readonly id: string })
  | (VectorKeyBase & { readonly kind: 'lane'; readonly lane: string })
  | (VectorKeyBase & { readonly kind: 'centroid'; readonly indexId: number; readonly partitionId: number })
  | (VectorKeyBase & {
      readonly kind: 'posting'
      readonly indexId: number
      readonly partitionId: number
      readonly id: string
    })
  | (VectorKeyBase & { readonly kind: 'assignment'; readonly indexId: number; readonly id: string })
  | (VectorKeyBase & {
      readonly kind: 'index'
      readonly indexId: number
      readonly datums: readonly Datum[]
      readonly id: string | undefined
    })

function begin(collectionId: number, kind: number, indexId?: number, partitionId?: number): ByteWriter {
  const writer = beginKey(KEY_SPACE.vector, collectionId, 'collectionId')
  writer.byte(kind)
  if (indexId !== undefined) writeUvarint(writer, indexId, 'indexId')
  if (partitionId !== undefined) writeUvarint(writer, partitionId, 'partitionId')
  return writer
}

function withText(writer: ByteWriter, id: string): Uint8Array {
  writer.text(id)
  return writer.toBytes()
}

export const vectorKeys = {
  record(collectionId: number, id: string): Uint8Array {
    return withText(begin(collectionId, RECORD), id)
  },

  centroid(collectionId: number, indexId: number, partitionId: number): Uint8Array {
    return begin(collectionId, CENTROID, indexId, partitionId).toBytes()
  },

  posting(collectionId: number, indexId: number, partitionId: number, id: string): Uint8Array {
    return withText(begin(collectionId, POSTING, indexId, partitionId), id)
  },

  assignment(collectionId: number, indexId: number, id: string): Uint8Array {
    return withText(begin(collectionId, ASSIGNMENT, indexId), id)
  },

  /** An entry of an attribute index. Leave `id` out for a unique index. */
  index(
    collectionId: number,
    indexId: number,
    datums: readonly Datum[],
    id?: string,
    descending?: readonly boolean[],
  ): Uint8Array {
    const writer = begin(collectionId, INDEX, indexId)
    writeDatums(writer, datums, descending)
    if (id === undefined) return writer.toBytes()
    writer.byte(ENTRY_ID_MARK)
    return withText(writer, id)
  },

  /** What says which vectors were changed. The lane with the empty name is the collection's own. */
  lane(collectionId: number, lane: string): Uint8Array {
    return withText(begin(collectionId, LANE), lane)
  },

  /** Everything of a collection. */
  collection(collectionId: number): KeyRange {
    return prefixRange(beginKey(KEY_SPACE.vector, collectionId, 'collectionId').toBytes())
  },

  records(collectionId: number): KeyRange {
    return prefixRange(begin(collectionId, RECORD).toBytes())
  },

  lanes(collectionId: number): KeyRange {
    return prefixRange(begin(collectionId, LANE).toBytes())
  },

  centroids(collectionId: number, indexId: number): KeyRange {
    return prefixRange(begin(collectionId, CENTROID, indexId).toBytes())
  },

  /** The postings of one partition, or of a whole index. */
  postings(collectionId: number, indexId: number, partitionId?: number): KeyRange {
    return prefixRange(begin(collectionId, POSTING, indexId, partitionId).toBytes())
  },

  assignments(collectionId: number, indexId: number): KeyRange {
    return prefixRange(begin(collectionId, ASSIGNMENT, indexId).toBytes())
  },

  indexEntries(collectionId: number, indexId: number, bounds?: IndexBounds): KeyRange {
    return indexRange(begin(collectionId, INDEX, indexId).toBytes(), bounds)
  },
}

/** @throws STORAGE_CORRUPT */
export function parseVectorKey(reader: ByteReader): VectorKey {
  reader.byte()
  const collectionId = readUvarint(reader)
  const kind = reader.byte()
  if (kind === RECORD) return { model: 'vector', collectionId, kind: 'record', id: reader.restText() }
  if (kind === LANE) return { model: 'vector', collectionId, kind: 'lane', lane: reader.restText() }
  const indexId = readUvarint(reader)
  switch (kind) {
    case CENTROID: {
      const partitionId = readUvarint(reader)
      reader.finish()
      return { model: 'vector', collectionId, kind: 'centroid', indexId, partitionId }
    }
    case POSTING:
      return {
        model: 'vector',
        collectionId,
        kind: 'posting',
        indexId,
        partitionId: readUvarint(reader),
        id: reader.restText(),
      }
    case ASSIGNMENT:
      return { model: 'vector', collectionId, kind: 'assignment', indexId, id: reader.restText() }
    case INDEX: {
      const { datums, hasId } = readIndexDatums(reader)
      return {
        model: 'vector',
        collectionId,
        kind: 'index',
        indexId,
        datums,
        id: hasId ? reader.restText() : undefined,
      }
    }
    default:
      return reader.fail(`${kind} is no kind of vector key`)
  }
}
