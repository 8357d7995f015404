/** Records of documents, nodes, edges, points and the like: a header and a MessagePack payload. */
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { Packr, RESERVE_START_SPACE, Unpackr } from 'msgpackr'
import type { RecordValue } from './json-value.js'
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

export interface RecordOptions {
  /** Adds a CRC32C, which is verified when the record is read. Default false: the engine below has its own. */
  readonly checksum?: boolean
  /** Compresses payloads over this size, bytes, when that makes them smaller. Default: none. */
  readonly compressOverBytes?: number
}

export interface DecodedRecord {
  readonly header: RecordHeader
  readonly value: RecordValue
}

/** Bytes before the compressed payload: its size when it is not compressed. */
const PLAIN_SIZE_BYTES = 4
/** The packer hands out slices of one buffer; a small slice must not keep a large one alive. */
const SLAB_KEPT_MAX = 64 * 1024

// Plain maps of any size, no records of its own and no `toJSON`: the bytes depend on nothing but the value.
const packer = new Packr({ useRecords: false, useToJSON: false, variableMapSize: true })
const unpacker = new Unpackr({
  useRecords: false,
  mapsAsObjects: true,
  int64AsType: 'bigint',
  copyBuffers: true,
})

/** MessagePack, after `reserved` free bytes. */
export function packPayload(value: RecordValue, reserved = 0): Buffer {
  const packed = packer.pack(value, RESERVE_START_SPACE + reserved)
  const wasteful = packed.buffer.byteLength > SLAB_KEPT_MAX && packed.length * 2 < packed.buffer.byteLength
  return wasteful ? Buffer.from(packed) : packed
}

/** @throws whatever the unpacker throws; callers name the record. */
export function unpackPayload(buffer: Buffer, start: number, end: number): RecordValue {
  // A plain view: the unpacker then gives plain `Uint8Array`s, and marks no buffer that belongs to others.
  return unpacker.unpack(new Uint8Array(buffer.buffer, buffer.byteOffset + start, end - start)) as RecordValue
}

/**
 * The record of a value. The value must be one that `toRecordValue` or `toJsonValue` has let through: only such values
 * are read back exactly.
 */
export function encodeRecord(
  value: RecordValue,
  header: RecordHeader,
  options: RecordOptions = {},
): Uint8Array {
  const { checksum = false, compressOverBytes = Number.POSITIVE_INFINITY } = options
  const start = headerSize(header)
  const packed = packPayload(value, start)
  if (packed.length - start > compressOverBytes) {
    const compressed = compress(packed, start, header, checksum)
    if (compressed !== undefined) return compressed
  }
  const record = checksum ? Buffer.concat([packed, Buffer.allocUnsafe(trailerSize(true))]) : packed
  sealRecord(record, header, 0, checksum)
  return record
}

/** Undefined when it would not be smaller. */
function compress(
  packed: Buffer,
  start: number,
  header: RecordHeader,
  checksum: boolean,
): Buffer | undefined {
  const body = deflateRawSync(packed.subarray(start))
  const bodyAt = start + PLAIN_SIZE_BYTES
  if (bodyAt + body.length >= packed.length) return undefined
  const record = Buffer.allocUnsafe(bodyAt + body.length + trailerSize(checksum))
  record.writeUInt32LE(packed.length - start, start)
  body.copy(record, bodyAt)
  sealRecord(record, header, RECORD_FLAG.compressed, checksum)
  return record
}

/**
 * @param key the record's key, for error messages.
 * @throws RECORD_VERSION_UNSUPPORTED, STORAGE_CORRUPT
 */
export function decodeRecord(bytes: Uint8Array, key?: Uint8Array): DecodedRecord {
  const record = openRecord(bytes, key)
  if ((record.flags & RECORD_FLAG.vector) !== 0)
    throw damaged(bytes, key, 'it holds a vector where none belongs')
  return { header: record.header, value: readPayload(record, bytes, key) }
}

function readPayload(record: OpenedRecord, bytes: Uint8Array, key: Uint8Array | undefined): RecordValue {
  try {
    if ((record.flags & RECORD_FLAG.compressed) === 0)
      return unpackPayload(record.buffer, record.start, record.end)
    const plain = decompress(record)
    return unpackPayload(plain, 0, plain.length)
  } catch (error) {
    throw damaged(bytes, key, 'its payload cannot be read', error)
  }
}

function decompress({ buffer, start, end }: OpenedRecord): Buffer {
  const size = buffer.readUInt32LE(start)
  const plain = inflateRawSync(buffer.subarray(start + PLAIN_SIZE_BYTES, end), {
    maxOutputLength: Math.max(size, 1),
  })
  if (plain.length !== size) throw new RangeError(`${plain.length} bytes where ${size} were announced`)
  return plain
}
