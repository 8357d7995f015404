import { open, truncate, type FileHandle } from 'node:fs/promises'
import { crc32c } from '@node-rs/crc32'
import { OrbitError, hasCode } from '@orbit-ts/base'
import { fileError } from '../directory/file-error.js'

/**
 * The layout of RocksDB's write-ahead logs and manifests (`db/log_format.h`): blocks of 32 KiB, each a sequence of
 * records of checksum (4), length (2), type (1) and payload; a rest of fewer than 7 bytes in a block is filled up.
 */
const BLOCK_BYTES = 32 * 1024
const HEADER_BYTES = 7
/** Types of recycled logs have the log's number behind the header. */
const RECYCLABLE = new Set([5, 6, 7, 8, 11])
const LOG_NUMBER_BYTES = 4

const BLOCKS_PER_READ = 32

export interface LogFileCheck {
  /** Bytes from the start that must be whole. */
  readonly sizeBytes: number
  /** Whether a record must end exactly there; otherwise one that reaches beyond is left out. */
  readonly exact: boolean
}

/**
 * Checks every record of a log file up to a size. RocksDB itself takes a damaged record at the end of a log for the
 * trace of a crash and goes on without it; this tells the two apart where it is known how much was durable.
 * @throws STORAGE_CORRUPT (details.file, details.offset)
 */
export async function verifyLogFile(path: string, check: LogFileCheck): Promise<void> {
  const buffer = Buffer.allocUnsafe(BLOCK_BYTES * BLOCKS_PER_READ)
  await withFile(path, async (handle) => {
    for (let from = 0; from < check.sizeBytes; from += buffer.byteLength) {
      const wanted = Math.min(buffer.byteLength, check.sizeBytes - from)
      const { bytesRead } = await handle.read(buffer, 0, wanted, from)
      if (bytesRead < wanted) throw damaged(path, from + bytesRead, 'ends too early')
      for (let at = 0; at < wanted; at += BLOCK_BYTES) {
        verifyBlock(buffer.subarray(at, Math.min(at + BLOCK_BYTES, wanted)), path, from + at, check.exact)
      }
    }
  })
}

/**
 * Cuts a log file off where its first damaged record is, if that has a type of recycled logs. No file of ours has such
 * records, so it is in the torn end that a crash has left; RocksDB drops any other torn end, but reads this one for ever.
 * @param durableBytes bytes that are known to be whole; they stay
 */
export async function cutUnreadableEnd(path: string, durableBytes: number): Promise<void> {
  const at = await firstDamage(path)
  if (at === undefined || at < durableBytes || !RECYCLABLE.has(await typeOfRecord(path, at))) return
  await truncate(path, at).catch((error: unknown) => {
    throw fileError(error, 'cutting off', path)
  })
}

async function firstDamage(path: string): Promise<number | undefined> {
  const sizeBytes = await withFile(path, async (handle) => (await handle.stat()).size)
  try {
    await verifyLogFile(path, { sizeBytes, exact: true })
    return undefined
  } catch (error) {
    const offset = hasCode(error, 'STORAGE_CORRUPT') ? error.details['offset'] : undefined
    if (typeof offset === 'number') return offset
    throw error
  }
}

/** 0 when the header itself is cut off. */
async function typeOfRecord(path: string, at: number): Promise<number> {
  const header = Buffer.alloc(HEADER_BYTES)
  await withFile(path, (handle) => handle.read(header, 0, HEADER_BYTES, at))
  return header.readUInt8(6)
}

async function withFile<T>(path: string, work: (handle: FileHandle) => Promise<T>): Promise<T> {
  const handle = await open(path, 'r').catch((error: unknown) => {
    throw fileError(error, 'opening', path)
  })
  try {
    return await work(handle)
  } catch (error) {
    throw fileError(error, 'reading', path)
  } finally {
    await handle.close()
  }
}

/** `block` is shorter than a block only at the size up to which the file is checked. */
function verifyBlock(block: Buffer, path: string, offset: number, exact: boolean): void {
  let at = 0
  while (BLOCK_BYTES - at >= HEADER_BYTES && at < block.byteLength) {
    const end = at + HEADER_BYTES <= block.byteLength ? at + recordBytes(block, at) : block.byteLength + 1
    if (end > block.byteLength) {
      if (exact || end > BLOCK_BYTES) throw damaged(path, offset + at, 'is cut off inside a record')
      return
    }
    if (mask(crc32c(block.subarray(at + 6, end))) !== block.readUInt32LE(at)) {
      throw damaged(path, offset + at, 'has a record with a wrong checksum')
    }
    at = end
  }
}

function recordBytes(block: Buffer, at: number): number {
  const type = block.readUInt8(at + 6)
  return HEADER_BYTES + (RECYCLABLE.has(type) ? LOG_NUMBER_BYTES : 0) + block.readUInt16LE(at + 4)
}

/** Stored checksums are masked, so that a checksum over data that holds checksums stays good. */
function mask(sum: number): number {
  return (((sum >>> 15) | (sum << 17)) + 0xa282ead8) >>> 0
}

function damaged(path: string, offset: number, how: string): OrbitError {
  return new OrbitError(
    'STORAGE_CORRUPT',
    `${path} ${how} at byte ${offset}, before the end of what was acknowledged; restore the whole data directory from a backup`,
    { file: path, offset },
  )
}
