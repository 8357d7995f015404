/**
 * The catalog, and the storage layer's own facts:
 *
 *     c n {kind}.{parentId}{name}       object by kind, owner and name: its id
 *     c o {id}                          object by id: its definition
 *     c s {name}                        sequence: the last id given out
 *     c t {id}{name}                    statistics of an object
 *     _ {name}                          internal fact
 *
 * A full stop marks text that ends in 00 01. Top-level objects have parent 0.
 */
import type { KeyRange } from '../provider.js'
import type { ByteReader } from './byte-reader.js'
import type { ByteWriter } from './byte-writer.js'
import { beginKey } from './key-parts.js'
import { prefixRange } from './key-range.js'
import { KEY_SPACE } from './key-space.js'
import { readTerminatedText, readUvarint, writeTerminatedText, writeUvarint } from './memcomparable.js'

const NAME = 0x6e // n
const OBJECT = 0x6f // o
const SEQUENCE = 0x73 // s
const STATISTICS = 0x74 // t

export type CatalogKey =
  | {
      readonly model: 'catalog'
      readonly kind: 'name'
      readonly objectKind: string
      readonly parentId: number
      readonly name: string
    }
  | { readonly model: 'catalog'; readonly kind: 'object'; readonly id: number }
  | { readonly model: 'catalog'; readonly kind: 'sequence'; readonly name: string }
  | { readonly model: 'catalog'; readonly kind: 'statistics'; readonly id: number; readonly name: string }

export type InternalKey = { readonly model: 'internal'; readonly kind: 'fact'; readonly name: string }

function begin(kind: number): ByteWriter {
  const writer = beginKey(KEY_SPACE.catalog)
  writer.byte(kind)
  return writer
}

function beginName(objectKind?: string, parentId?: number): ByteWriter {
  const writer = begin(NAME)
  if (objectKind !== undefined) writeTerminatedText(writer, objectKind)
  if (parentId !== undefined) writeUvarint(writer, parentId, 'parentId')
  return writer
}

function beginWithId(kind: number, id: number): ByteWriter {
  const writer = begin(kind)
  writeUvarint(writer, id)
  return writer
}

function withText(writer: ByteWriter, text: string): Uint8Array {
  writer.text(text)
  return writer.toBytes()
}

export const catalogKeys = {
  /** @param parentId the object that owns the name, for example a table for its indexes. Default 0: none. */
  name(objectKind: string, name: string, parentId = 0): Uint8Array {
    return withText(beginName(objectKind, parentId), name)
  },

  object(id: number): Uint8Array {
    return beginWithId(OBJECT, id).toBytes()
  },

  sequence(name: string): Uint8Array {
    return withText(begin(SEQUENCE), name)
  },

  statistics(id: number, name: string): Uint8Array {
    return withText(beginWithId(STATISTICS, id), name)
  },

  /** The names of all objects, of one kind, or of one kind and owner. */
  names(objectKind?: string, parentId?: number): KeyRange {
    return prefixRange(beginName(objectKind, objectKind === undefined ? undefined : parentId).toBytes())
  },

  objects(): KeyRange {
    return prefixRange(begin(OBJECT).toBytes())
  },

  sequences(): KeyRange {
    return prefixRange(begin(SEQUENCE).toBytes())
  },

  /** The statistics of all objects, or of one. */
  allStatistics(id?: number): KeyRange {
    return prefixRange((id === undefined ? begin(STATISTICS) : beginWithId(STATISTICS, id)).toBytes())
  },

  /** The whole catalog. */
  all(): KeyRange {
    return prefixRange(beginKey(KEY_SPACE.catalog).toBytes())
  },
}

export const internalKeys = {
  fact(name: string): Uint8Array {
    return withText(beginKey(KEY_SPACE.internal), name)
  },

  all(): KeyRange {
    return prefixRange(beginKey(KEY_SPACE.internal).toBytes())
  },
}

/** @throws STORAGE_CORRUPT */
export function parseCatalogKey(reader: ByteReader): CatalogKey {
  reader.byte()
  const kind = reader.byte()
  switch (kind) {
    case NAME: {
      const objectKind = readTerminatedText(reader)
      const parentId = readUvarint(reader)
      return { model: 'catalog', kind: 'name', objectKind, parentId, name: reader.restText() }
    }
    case OBJECT: {
      const id = readUvarint(reader)
      reader.finish()
      return { model: 'catalog', kind: 'object', id }
    }
    case SEQUENCE:
      return { model: 'catalog', kind: 'sequence', name: reader.restText() }
    case STATISTICS:
      return { model: 'catalog', kind: 'statistics', id: readUvarint(reader), name: reader.restText() }
    default:
      return reader.fail(`${kind} is no kind of catalog key`)
  }
}

export function parseInternalKey(reader: ByteReader): InternalKey {
  reader.byte()
  return { model: 'internal', kind: 'fact', name: reader.restText() }
}
