import { open, rename, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { EngineEntry } from '../../../transaction/local-engine.js'
import { syncDirectory } from '../../directory/durable-file.js'
import type { BackupCompression } from '../options.js'
import { ENTRY_HEAD_BYTES, END_BYTES, encodeFrameHead, encodeHeader } from './backup-format.js'
import { chunkCodec, type ChunkCodec } from './chunk-codec.js'

/** What a chunk holds before compression, unless a single entry is larger. */
const CHUNK_BYTES = 1 << 20

/** Where a backup is while it is written. One that a crash left behind is overwritten by the next. */
export function temporaryPath(path: string): string {
  return `${path}.tmp`
}

/**
 * Writes `entries` beside `path` and puts the file in its place only when all of it is on stable storage: whatever
 * happens on the way, `path` holds a whole backup, the old or the new one. Memory: a few chunks.
 * @returns the size of the file, bytes
 */
export async function writeBackup(
  path: string,
  entries: Iterable<EngineEntry>,
  compression: BackupCompression,
): Promise<number> {
  const codec = await chunkCodec(compression)
  const file = await open(temporaryPath(path), 'w', 0o600)
  let bytes: number
  try {
    bytes = await writeContents(file, entries, compression, codec)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporaryPath(path), path)
  await syncDirectory(dirname(path))
  return bytes
}

async function writeContents(
  file: FileHandle,
  entries: Iterable<EngineEntry>,
  compression: BackupCompression,
  codec: ChunkCodec,
): Promise<number> {
  const header = encodeHeader(compression)
  await file.writev([header])
  let bytes = header.byteLength
  let crc = header.readUInt32LE(16)
  let entryCount = 0
  const writeFrame = async (rawBytes: number, stored: Uint8Array): Promise<void> => {
    const head = encodeFrameHead(rawBytes, stored, crc)
    crc = head.readUInt32LE(8)
    bytes += head.byteLength + stored.byteLength
    await file.writev([head, stored])
  }
  for (const chunk of chunksOf(entries)) {
    const raw = encodeEntries(chunk)
    entryCount += chunk.entries.length
    await writeFrame(raw.byteLength, await codec.encode(raw))
  }
  const end = Buffer.alloc(END_BYTES)
  end.writeBigUInt64LE(BigInt(entryCount), 0)
  await writeFrame(0, end)
  return bytes
}

interface Chunk {
  readonly entries: EngineEntry[]
  bytes: number
}

function* chunksOf(entries: Iterable<EngineEntry>): Iterable<Chunk> {
  let chunk: Chunk = { entries: [], bytes: 0 }
  for (const entry of entries) {
    const size = ENTRY_HEAD_BYTES + entry.key.byteLength + entry.value.byteLength
    if (chunk.bytes > 0 && chunk.bytes + size > CHUNK_BYTES) {
      yield chunk
      chunk = { entries: [], bytes: 0 }
    }
    chunk.entries.push(entry)
    chunk.bytes += size
  }
  if (chunk.bytes > 0) yield chunk
}

function encodeEntries(chunk: Chunk): Buffer {
  const raw = Buffer.allocUnsafeSlow(chunk.bytes)
  let at = 0
  for (const { key, value } of chunk.entries) {
    raw.writeUInt32LE(key.byteLength, at)
    raw.writeUInt32LE(value.byteLength, at + 4)
    raw.set(key, at + ENTRY_HEAD_BYTES)
    raw.set(value, at + ENTRY_HEAD_BYTES + key.byteLength)
    at += ENTRY_HEAD_BYTES + key.byteLength + value.byteLength
  }
  return raw
}
