/**
 * What every record of the models without rows begins and ends with:
 *
 *     version, 1 | flags, 1 | schema version, 2 | created and updated, 6 + 6, if flagged | payload | CRC32C, 4, in version 2
 *
 * All numbers are little-endian; times are milliseconds since 1970. The header takes a multiple of four bytes, so that
 * a payload of floats is aligned when the record is. The CRC32C is of everything before it.
 */
import { crc32c } from '@node-rs/crc32'
import { OrbitError, asBuffer, toHex } from '@orbit-ts/base'
import { formatKey } from '@orbit-ts/storage'

/**
 * Whether there is a checksum is said by the version, not by a flag: a wrong byte among the flags is then found by the
 * checksum, and a wrong version by the payload, which would be four bytes too long or too short.
 */
const RECORD_VERSION = { plain: 1, checked: 2 } as const
export const RECORD_FLAG = { compressed: 1, timestamps: 2, vector: 4 } as const
const FLAGS_KNOWN = 7

const FIXED_SIZE = 4
const TIMESTAMPS_SIZE = 12
const CHECKSUM_SIZE = 4
const SCHEMA_VERSION_MAX = 0xffff
const TIMESTAMP_MAX = 2 ** 48 - 1

export interface RecordHeader {
  /** Of the definition under which the record was written, 0 to 65 535. */
  readonly schemaVersion: number
  /** Milliseconds since 1970; given together with `updatedAtMs` or not at all. */
  readonly createdAtMs?: number
  readonly updatedAtMs?: number
}

/** A record taken apart: its payload is at `start` to `end` of `buffer`. */
export interface OpenedRecord {
  readonly header: RecordHeader
  readonly flags: number
  readonly buffer: Buffer
  readonly start: number
  readonly end: number
}

export function headerSize(header: RecordHeader): number {
  return header.createdAtMs === undefined && header.updatedAtMs === undefined
    ? FIXED_SIZE
    : FIXED_SIZE + TIMESTAMPS_SIZE
}

/** How many bytes stand after the payload. */
export function trailerSize(checksum: boolean): number {
  return checksum ? CHECKSUM_SIZE : 0
}

/** Writes the header to the beginning of `record`, whose payload is in place, and the checksum, if any, to its end. */
export function sealRecord(record: Buffer, header: RecordHeader, flags: number, checksum: boolean): void {
  const { schemaVersion, createdAtMs, updatedAtMs } = header
  const timed = headerSize(header) > FIXED_SIZE
  record[0] = checksum ? RECORD_VERSION.checked : RECORD_VERSION.plain
  record[1] = flags | (timed ? RECORD_FLAG.timestamps : 0)
  record.writeUInt16LE(checkRange('schemaVersion', schemaVersion, SCHEMA_VERSION_MAX), 2)
  if (timed) {
    record.writeUIntLE(checkRange('createdAtMs', createdAtMs, TIMESTAMP_MAX), FIXED_SIZE, 6)
    record.writeUIntLE(checkRange('updatedAtMs', updatedAtMs, TIMESTAMP_MAX), FIXED_SIZE + 6, 6)
  }
  if (checksum) {
    const end = record.length - CHECKSUM_SIZE
    record.writeUInt32LE(crc32c(record.subarray(0, end)), end)
  }
}

/**
 * Checks header and checksum.
 * @param key the record's key, for error messages.
 * @throws RECORD_VERSION_UNSUPPORTED, STORAGE_CORRUPT
 */
export function openRecord(bytes: Uint8Array, key?: Uint8Array): OpenedRecord {
  const buffer = asBuffer(bytes)
  if (buffer.length < FIXED_SIZE) throw damaged(buffer, key, `${buffer.length} bytes are no record`)
  // There are at least four bytes.
  const flags = buffer[1] as number
  const checked = buffer[0] === RECORD_VERSION.checked
  if (!checked && buffer[0] !== RECORD_VERSION.plain)
    throw unsupported(buffer, key, `record format ${buffer[0]}`)
  if ((flags & ~FLAGS_KNOWN) !== 0) throw unsupported(buffer, key, `record flags ${flags}`)
  const timed = (flags & RECORD_FLAG.timestamps) !== 0
  const start = timed ? FIXED_SIZE + TIMESTAMPS_SIZE : FIXED_SIZE
  const end = buffer.length - trailerSize(checked)
  if (start > end) throw damaged(buffer, key, 'its header is cut short')
  if (checked && crc32c(buffer.subarray(0, end)) !== buffer.readUInt32LE(end)) {
    throw damaged(buffer, key, 'its checksum does not hold')
  }
  const schemaVersion = buffer.readUInt16LE(2)
  const header = timed
    ? {
        schemaVersion,
        createdAtMs: buffer.readUIntLE(FIXED_SIZE, 6),
        updatedAtMs: buffer.readUIntLE(FIXED_SIZE + 6, 6),
      }
    : { schemaVersion }
  return { header, flags, buffer, start, end }
}

export function damaged(
  record: Uint8Array,
  key: Uint8Array | undefined,
  reason: string,
  cause?: unknown,
): OrbitError {
  const name = nameOf(record, key)
  return new OrbitError(
    'STORAGE_CORRUPT',
    `record ${name} is damaged: ${reason}`,
    { record: name },
    { cause },
  )
}

function unsupported(record: Uint8Array, key: Uint8Array | undefined, what: string): OrbitError {
  const name = nameOf(record, key)
  return new OrbitError(
    'RECORD_VERSION_UNSUPPORTED',
    `record ${name} has ${what}; this release knows formats ${RECORD_VERSION.plain} and ${RECORD_VERSION.checked} with flags up to ${FLAGS_KNOWN}`,
    { record: name },
  )
}

function nameOf(record: Uint8Array, key: Uint8Array | undefined): string {
  return key === undefined ? toHex(record, 32) : formatKey(key)
}

function checkRange(field: string, value: number | undefined, max: number): number {
  if (value !== undefined && Number.isInteger(value) && value >= 0 && value <= max) return value
  throw new OrbitError(
    'INVALID_ARGUMENT',
    `${field} is ${String(value)}; it must be an integer from 0 to ${max}`,
    { field },
  )
}
