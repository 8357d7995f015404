/**
 * The layout of a backup file. All numbers are unsigned and little-endian.
 *
 *     header   "OrbitMem"  version u32  compression u32  crc u32
 *     frame    rawBytes u32  storedBytes u32  crc u32  stored bytes…       (any number)
 *     end      0 u32         8 u32            crc u32  entryCount u64      (nothing follows)
 *     entry    keyBytes u32  valueBytes u32  key…  value…                  (in the raw bytes of frames, in key order)
 *
 * Each crc is the CRC32C of the two numbers before it and the stored bytes, continued from the crc before: a frame that
 * is altered, missing, doubled or out of place does not match.
 */
import { crc32c } from '@node-rs/crc32'
import type { BackupCompression } from '../options.js'

export const BACKUP_MAGIC = 'OrbitMem'
export const BACKUP_VERSION = 1
export const HEADER_BYTES = 20
export const FRAME_HEAD_BYTES = 12
export const END_BYTES = 8
export const ENTRY_HEAD_BYTES = 8

/** Indexes are stored in files: only append. */
export const COMPRESSIONS: readonly BackupCompression[] = ['none', 'gzip', 'lz4', 'zstd']

export interface FrameHead {
  readonly rawBytes: number
  readonly storedBytes: number
  readonly crc: number
}

export function encodeHeader(compression: BackupCompression): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  header.write(BACKUP_MAGIC, 0, 'latin1')
  header.writeUInt32LE(BACKUP_VERSION, 8)
  header.writeUInt32LE(COMPRESSIONS.indexOf(compression), 12)
  header.writeUInt32LE(headerCrc(header), 16)
  return header
}

export function headerCrc(header: Buffer): number {
  return crc32c(header.subarray(0, 16))
}

export function encodeFrameHead(rawBytes: number, stored: Uint8Array, previousCrc: number): Buffer {
  const head = Buffer.alloc(FRAME_HEAD_BYTES)
  head.writeUInt32LE(rawBytes, 0)
  head.writeUInt32LE(stored.byteLength, 4)
  head.writeUInt32LE(frameCrc(head, stored, previousCrc), 8)
  return head
}

export function decodeFrameHead(head: Buffer): FrameHead {
  return { rawBytes: head.readUInt32LE(0), storedBytes: head.readUInt32LE(4), crc: head.readUInt32LE(8) }
}

export function frameCrc(head: Buffer, stored: Uint8Array, previousCrc: number): number {
  return crc32c(stored, crc32c(head.subarray(0, 8), previousCrc))
}
