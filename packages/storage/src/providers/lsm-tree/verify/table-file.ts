import { readFile } from 'node:fs/promises'
import { fileErrorCode } from '../../directory/file-error.js'
import { ByteReader } from './byte-reader.js'
import { corruptFile } from '../../directory/corrupt-file.js'
import { maskedCrc } from './masked-crc.js'
import { uncompressSnappy } from './snappy.js'

const FOOTER_BYTES = 48
const TRAILER_BYTES = 5
const MAGIC = 0xdb4775248b80fb57n
const SNAPPY = 1

interface BlockHandle {
  readonly offset: number
  readonly size: number
}

/**
 * Compares every block of a table file with its checksum.
 * @param sizeBytes as the manifest states it
 * @throws STORAGE_CORRUPT
 */
export async function verifyTableFile(path: string, sizeBytes: number): Promise<void> {
  let file: Buffer
  try {
    file = await readFile(path)
  } catch (error) {
    if (fileErrorCode(error) === 'ENOENT') throw corruptFile(path, 'is missing')
    throw error
  }
  if (file.byteLength !== sizeBytes) {
    throw corruptFile(path, `has ${file.byteLength} bytes instead of ${sizeBytes}`)
  }
  try {
    verifyBlocks(file)
  } catch (error) {
    if (error instanceof RangeError) throw corruptFile(path, `is damaged: ${error.message}`, error)
    throw error
  }
}

/** Blocks lie one after the other from the start to the footer, so that no byte is left out. */
function verifyBlocks(file: Buffer): void {
  if (file.byteLength < FOOTER_BYTES) throw new RangeError('it is too short')
  const footer = file.subarray(file.byteLength - FOOTER_BYTES)
  if (footer.readBigUInt64LE(FOOTER_BYTES - 8) !== MAGIC) throw new RangeError('its footer is damaged')
  const reader = new ByteReader(footer)
  const meta = handleFrom(reader)
  const index = handleFrom(reader)
  const data = handlesIn(blockContents(file, index))
  const filters = handlesIn(blockContents(file, meta))
  let end = 0
  for (const handle of [...data, ...filters, meta, index]) {
    if (handle.offset !== end) throw new RangeError(`its index is wrong at byte ${end}`)
    requireIntact(file, handle)
    end = handle.offset + handle.size + TRAILER_BYTES
  }
  if (end !== file.byteLength - FOOTER_BYTES) throw new RangeError(`its index is wrong at byte ${end}`)
}

function handleFrom(reader: ByteReader): BlockHandle {
  return { offset: reader.varint(), size: reader.varint() }
}

function requireIntact(file: Buffer, { offset, size }: BlockHandle): void {
  const end = offset + size
  if (end + TRAILER_BYTES > file.byteLength) throw new RangeError('a block lies outside the file')
  if (maskedCrc(file.subarray(offset, end + 1)) !== file.readUInt32LE(end + 1)) {
    throw new RangeError(`the block at byte ${offset} does not match its checksum`)
  }
}

function blockContents(file: Buffer, handle: BlockHandle): Buffer {
  requireIntact(file, handle)
  const end = handle.offset + handle.size
  const bytes = file.subarray(handle.offset, end)
  return file.readUInt8(end) === SNAPPY ? uncompressSnappy(bytes) : bytes
}

/** The values of an index block: keys share prefixes with the one before, and restart points follow the entries. */
function handlesIn(block: Buffer): BlockHandle[] {
  const restarts = block.readUInt32LE(block.byteLength - 4)
  const reader = new ByteReader(block.subarray(0, block.byteLength - 4 - 4 * restarts))
  const handles: BlockHandle[] = []
  while (!reader.done) {
    reader.varint()
    const keyBytes = reader.varint()
    const valueBytes = reader.varint()
    reader.take(keyBytes)
    handles.push(handleFrom(new ByteReader(reader.take(valueBytes))))
  }
  return handles
}
