import { type ActorKey, parseActorKey } from './actor-keys.js'
import { ByteReader } from './byte-reader.js'
import { type CatalogKey, type InternalKey, parseCatalogKey, parseInternalKey } from './catalog-keys.js'
import { type DocumentKey, parseDocumentKey } from './document-keys.js'
import { type GraphKey, parseGraphKey } from './graph-keys.js'
import { KEY_SPACE } from './key-space.js'
import { type RelationalKey, parseRelationalKey } from './relational-keys.js'
import { type TimeSeriesKey, parseTimeSeriesKey } from './time-series-keys.js'
import { type VectorKey, parseVectorKey } from './vector-keys.js'

/** A key taken apart: `model` and `kind` say what it is of. */
export type ParsedKey =
  RelationalKey | DocumentKey | GraphKey | VectorKey | TimeSeriesKey | ActorKey | CatalogKey | InternalKey

/**
 * Takes any key of Orbit apart.
 * @throws STORAGE_CORRUPT when it is none.
 */
export function parseKey(key: Uint8Array): ParsedKey {
  const reader = new ByteReader(key, 'key')
  switch (reader.peek()) {
    case KEY_SPACE.table:
      return parseRelationalKey(reader)
    case KEY_SPACE.document:
      return parseDocumentKey(reader)
    case KEY_SPACE.graph:
      return parseGraphKey(reader)
    case KEY_SPACE.vector:
      return parseVectorKey(reader)
    case KEY_SPACE.timeSeries:
      return parseTimeSeriesKey(reader)
    case KEY_SPACE.actor:
      return parseActorKey(reader)
    case KEY_SPACE.catalog:
      return parseCatalogKey(reader)
    case KEY_SPACE.internal:
      return parseInternalKey(reader)
    default:
      return reader.fail('it begins with the byte of no model')
  }
}
