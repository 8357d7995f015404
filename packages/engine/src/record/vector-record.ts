/**
 * Records of vectors. Their payload is the number of components, 4 bytes, the components as 32-bit floats, both
 * little-endian as every platform of Node is, and the attributes as MessagePack, if there are any.
 */
import type { RecordValue } from './json-value.js'
import { packPayload, unpackPayload } from './record-codec.js'
import {
  RECORD_FLAG,
  type OpenedRecord,
  type RecordHeader,
  damaged,
  headerSize,
  openRecord,
  sealRecord,
  trailerSize,
} from './record-header.js'

export interface VectorRecord {
  readonly header: RecordHeader
  /** A view of the stored bytes where they are aligned, otherwise a copy: to be read only. */
  readonly vector: Float32Array
  readonly attributes: RecordValue | undefined
}

const COUNT_SIZE = 4
const FLOAT_SIZE = 4

/** @param attributes checked by `toRecordValue` or `toJsonValue`; undefined for none. */
export function encodeVectorRecord(
  vector: Float32Array,
  attributes: RecordValue | undefined,
  header: RecordHeader,
  options: { readonly checksum?: boolean } = {},
): Uint8Array {
  const checksum = options.checksum === true
  const packed = attributes === undefined ? undefined : packPayload(attributes)
  const start = headerSize(header)
  const floatsAt = start + COUNT_SIZE
  const attributesAt = floatsAt + vector.byteLength
  const record = Buffer.allocUnsafe(attributesAt + (packed?.length ?? 0) + trailerSize(checksum))
  record.writeUInt32LE(vector.length, start)
  record.set(new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength), floatsAt)
  if (packed !== undefined) record.set(packed, attributesAt)
  sealRecord(record, header, RECORD_FLAG.vector, checksum)
  return record
}

/**
 * @param key the record's key, for error messages.
 * @throws RECORD_VERSION_UNSUPPORTED, STORAGE_CORRUPT
 */
export function decodeVectorRecord(bytes: Uint8Array, key?: Uint8Array): VectorRecord {
  const record = openVector(bytes, key)
  const attributesAt = floatsEnd(record)
  return {
    header: record.header,
    vector: floats(record),
    attributes: attributesAt === record.end ? undefined : readAttributes(record, attributesAt, bytes, key),
  }
}

/** The vector alone, without looking at its attributes. */
export function decodeVector(bytes: Uint8Array, key?: Uint8Array): Float32Array {
  return floats(openVector(bytes, key))
}

/** Where in a record its components and attributes are. */
export interface VectorPlace {
  readonly buffer: Buffer
  /** How many components there are. */
  readonly count: number
  /** Where they start. */
  readonly start: number
  /** Where they end, and the attributes start. */
  readonly attributesAt: number
  readonly end: number
}

/** As `decodeVectorRecord`, without taking the record apart. */
export function locateVector(bytes: Uint8Array, key?: Uint8Array): VectorPlace {
  const record = openVector(bytes, key)
  const { buffer, start, end } = record
  return {
    buffer,
    count: buffer.readUInt32LE(start),
    start: start + COUNT_SIZE,
    attributesAt: floatsEnd(record),
    end,
  }
}

/**
 * Attributes by themselves, as `locateVector` has found them.
 * @param keyOf the record's key, for error messages.
 * @throws STORAGE_CORRUPT
 */
export function decodeAttributes(
  buffer: Buffer,
  start: number,
  end: number,
  keyOf: () => Uint8Array,
): RecordValue {
  try {
    return unpackPayload(buffer, start, end)
  } catch (error) {
    throw damaged(buffer.subarray(start, end), keyOf(), 'its attributes cannot be read', error)
  }
}

function openVector(bytes: Uint8Array, key: Uint8Array | undefined): OpenedRecord {
  const record = openRecord(bytes, key)
  if ((record.flags & RECORD_FLAG.vector) === 0) throw damaged(bytes, key, 'it holds no vector')
  if (record.start + COUNT_SIZE > record.end || floatsEnd(record) > record.end) {
    throw damaged(bytes, key, 'its vector is cut short')
  }
  return record
}

function floatsEnd({ buffer, start }: OpenedRecord): number {
  return start + COUNT_SIZE + buffer.readUInt32LE(start) * FLOAT_SIZE
}

function floats({ buffer, start }: OpenedRecord): Float32Array {
  const count = buffer.readUInt32LE(start)
  const at = buffer.byteOffset + start + COUNT_SIZE
  if (at % FLOAT_SIZE === 0) return new Float32Array(buffer.buffer, at, count)
  return new Float32Array(buffer.buffer.slice(at, at + count * FLOAT_SIZE))
}

function readAttributes(
  record: OpenedRecord,
  at: number,
  bytes: Uint8Array,
  key: Uint8Array | undefined,
): RecordValue {
  try {
    return unpackPayload(record.buffer, at, record.end)
  } catch (error) {
    throw damaged(bytes, key, 'its attributes cannot be read', error)
  }
}
