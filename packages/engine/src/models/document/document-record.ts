import { toJsonValue } from '../../record/json-value.js'
import { decodeRecord, encodeRecord } from '../../record/record-codec.js'
import type { JsonDocument } from './collection.js'
import type { OpenCollection } from './open-collection.js'

type Payload = readonly [revision: number, document: JsonDocument]

/** A document as it was read, with what its record says besides. */
export interface ReadDocument {
  readonly document: JsonDocument
  readonly revision: number
  readonly createdAtMs: number
  readonly updatedAtMs: number
}

const SCHEMA_VERSION_MAX = 0xffff

/**
 * A document that may be stored: JSON, with this id, of the collection's shape.
 * @throws INVALID_ARGUMENT, LIMIT_EXCEEDED (depth), TYPE_MISMATCH, NOT_NULL_VIOLATION
 */
export function checkDocument(collection: OpenCollection, id: string, given: unknown): JsonDocument {
  const json = toJsonValue(given, `${collection.what}: document "${id}"`)
  // What is not an array, checked before, is a JSON object.
  const document = withId(id, json as JsonDocument)
  const problem = collection.shape(document)
  if (problem === undefined) return document
  const { code, field, reason } = problem
  throw collection.error(code, `document "${id}": ${field} ${reason}`, { id, field })
}

function withId(id: string, document: JsonDocument): JsonDocument {
  return document['id'] === id ? document : { id, ...document }
}

/** @throws LIMIT_EXCEEDED when the record is larger than the collection allows. */
export function encodeDocument(collection: OpenCollection, id: string, read: ReadDocument): Uint8Array {
  const { document, revision, createdAtMs, updatedAtMs } = read
  const payload: Payload = [revision, document]
  const schemaVersion = Math.min(collection.version, SCHEMA_VERSION_MAX)
  const record = encodeRecord(payload, { schemaVersion, createdAtMs, updatedAtMs })
  const limit = collection.documentSizeMaxBytes
  if (record.length <= limit) return record
  throw collection.error(
    'LIMIT_EXCEEDED',
    `document "${id}" takes ${record.length} bytes; at most ${limit} are accepted (documentSizeMaxBytes)`,
    { id, sizeBytes: record.length, limit },
  )
}

/**
 * @param key the record's, for error messages.
 * @throws STORAGE_CORRUPT, RECORD_VERSION_UNSUPPORTED
 */
export function decodeDocument(record: Uint8Array, key: Uint8Array | undefined): ReadDocument {
  const { header, value } = decodeRecord(record, key)
  // `encodeDocument` wrote it.
  const [revision, document] = value as Payload
  return { document, revision, createdAtMs: header.createdAtMs ?? 0, updatedAtMs: header.updatedAtMs ?? 0 }
}
