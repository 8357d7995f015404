import { open, type FileHandle } from 'node:fs/promises'
import { OrbitError } from '@orbit-ts/base'
import type { EngineEntry } from '../../../transaction/local-engine.js'
import { fileErrorCode } from '../../directory/file-error.js'
import type { BackupCompression } from '../options.js'
import {
  BACKUP_MAGIC,
  BACKUP_VERSION,
  COMPRESSIONS,
  END_BYTES,
  ENTRY_HEAD_BYTES,
  FRAME_HEAD_BYTES,
  HEADER_BYTES,
  decodeFrameHead,
  frameCrc,
  headerCrc,
} from './backup-format.js'
import { chunkCodec } from './chunk-codec.js'

/**
 * Hands every entry of the backup at `path` to `take`, in key order. Memory: a few chunks.
 * @returns false when there is no such file
 * @throws STORAGE_CORRUPT: the file is cut off, altered or no backup; entries before the damage were handed out
 * @throws RECORD_VERSION_UNSUPPORTED: a newer release wrote it
 * @throws STORAGE_UNSUPPORTED: it is compressed with what this Node.js does not have
 */
export async function readBackup(path: string, take: (entry: EngineEntry) => void): Promise<boolean> {
  const file = await openIfPresent(path)
  if (file === undefined) return false
  try {
    await new BackupReader(path, file).read(take)
  } finally {
    await file.close()
  }
  return true
}

async function openIfPresent(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r')
  } catch (error) {
    if (fileErrorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

class BackupReader {
  readonly #path: string
  readonly #file: FileHandle
  #position = 0
  #size = 0

  constructor(path: string, file: FileHandle) {
    this.#path = path
    this.#file = file
  }

  async read(take: (entry: EngineEntry) => void): Promise<void> {
    this.#size = (await this.#file.stat()).size
    const { compression, crc: headerCrcRead } = await this.#header()
    const codec = await chunkCodec(compression)
    let crc = headerCrcRead
    let entryCount = 0n
    for (;;) {
      const at = this.#position
      const head = await this.#take(FRAME_HEAD_BYTES, 'a frame')
      const { rawBytes, storedBytes, crc: expected } = decodeFrameHead(head)
      const stored = await this.#take(storedBytes, 'a frame')
      if (frameCrc(head, stored, crc) !== expected)
        throw this.#corrupt(`the frame at byte ${at} does not match its checksum`)
      crc = expected
      if (rawBytes === 0) {
        this.#requireEnd(stored, entryCount)
        return
      }
      const raw = await codec.decode(stored, rawBytes).catch((error: unknown) => {
        throw this.#corrupt(`the frame at byte ${at} cannot be decompressed`, error)
      })
      if (raw.byteLength !== rawBytes)
        throw this.#corrupt(`the frame at byte ${at} does not have its stated length`)
      entryCount += this.#entries(raw, at, take)
    }
  }

  async #header(): Promise<{ compression: BackupCompression; crc: number }> {
    const header = await this.#take(HEADER_BYTES, 'the header')
    if (header.toString('latin1', 0, 8) !== BACKUP_MAGIC)
      throw this.#corrupt('it does not begin as a backup does')
    if (headerCrc(header) !== header.readUInt32LE(16))
      throw this.#corrupt('its header does not match its checksum')
    const version = header.readUInt32LE(8)
    const compression = COMPRESSIONS[header.readUInt32LE(12)]
    if (version !== BACKUP_VERSION || compression === undefined) {
      throw new OrbitError(
        'RECORD_VERSION_UNSUPPORTED',
        `the backup ${this.#path} has format version ${version}, this release knows ${BACKUP_VERSION}; open it with the newer release that wrote it`,
        { file: this.#path, format: version, formatMax: BACKUP_VERSION },
      )
    }
    return { compression, crc: header.readUInt32LE(16) }
  }

  /** Entries are windows of `raw`, which nothing else uses. */
  #entries(raw: Uint8Array, frameAt: number, take: (entry: EngineEntry) => void): bigint {
    const view = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)
    let at = 0
    let count = 0n
    while (at < view.byteLength) {
      if (at + ENTRY_HEAD_BYTES > view.byteLength)
        throw this.#corrupt(`the frame at byte ${frameAt} ends inside an entry`)
      const keyEnd = at + ENTRY_HEAD_BYTES + view.readUInt32LE(at)
      const valueEnd = keyEnd + view.readUInt32LE(at + 4)
      if (valueEnd > view.byteLength) throw this.#corrupt(`the frame at byte ${frameAt} ends inside an entry`)
      take({ key: copy(view, at + ENTRY_HEAD_BYTES, keyEnd), value: copy(view, keyEnd, valueEnd) })
      at = valueEnd
      count += 1n
    }
    return count
  }

  #requireEnd(stored: Buffer, entryCount: bigint): void {
    if (stored.byteLength !== END_BYTES || stored.readBigUInt64LE(0) !== entryCount) {
      throw this.#corrupt(`it holds ${entryCount} entries, which is not the number it states`)
    }
    if (this.#position !== this.#size) throw this.#corrupt('something follows its end')
  }

  async #take(bytes: number, what: string): Promise<Buffer> {
    if (this.#position + bytes > this.#size)
      throw this.#corrupt(`it is cut off inside ${what}, at byte ${this.#size}`)
    const buffer = Buffer.allocUnsafeSlow(bytes)
    let done = 0
    while (done < bytes) {
      const { bytesRead } = await this.#file.read(buffer, done, bytes - done, this.#position + done)
      if (bytesRead === 0) throw this.#corrupt(`it is cut off inside ${what}`)
      done += bytesRead
    }
    this.#position += bytes
    return buffer
  }

  #corrupt(reason: string, cause?: unknown): OrbitError {
    return new OrbitError(
      'STORAGE_CORRUPT',
      `the backup ${this.#path} is damaged: ${reason}. It is left as it is: restore it from a copy, or move it away to start empty`,
      { file: this.#path },
      { cause },
    )
  }
}

/** A copy, so that one small value does not keep its whole chunk in memory. */
function copy(bytes: Buffer, start: number, end: number): Uint8Array {
  const target = Buffer.allocUnsafe(end - start)
  bytes.copy(target, 0, start, end)
  return target
}
