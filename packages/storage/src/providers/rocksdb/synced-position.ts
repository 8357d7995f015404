/**
 * How far the store is known to be on stable storage: the newest write-ahead log and the manifest, each with a size.
 * It lets an opening after a crash tell a torn end, which was never acknowledged, from lost or damaged data.
 *
 * Invariants:
 * 1. A position is written only after both files were synced up to it, so it never promises too much, whichever of
 *    its own writes a power failure keeps.
 * 2. It is itself not synced: after a crash of the process alone it is exact; after a crash of the machine it may be
 *    an older one, which promises less.
 * 3. While it says nothing (all zero), nothing is promised: RocksDB is being opened, or a write has failed.
 */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { crc32c } from '@node-rs/crc32'
import { fileError, fileErrorCode } from '../directory/file-error.js'

export interface Position {
  readonly logNumber: number
  readonly logBytes: number
  readonly manifestNumber: number
  readonly manifestBytes: number
}

const RECORD_BYTES = 36

export class SyncedPosition {
  readonly #path: string
  readonly #fd: number
  readonly #record = Buffer.alloc(RECORD_BYTES)

  private constructor(path: string, fd: number) {
    this.#path = path
    this.#fd = fd
  }

  /** The position that was written last; undefined when there is none or it promises nothing. */
  static read(path: string): Position | undefined {
    let record: Buffer
    try {
      record = readFileSync(path)
    } catch (error) {
      if (fileErrorCode(error) === 'ENOENT') return undefined
      throw fileError(error, 'reading', path)
    }
    if (record.byteLength !== RECORD_BYTES || crc32c(record.subarray(0, 32)) !== record.readUInt32LE(32))
      return undefined
    const [logNumber = 0, logBytes = 0, manifestNumber = 0, manifestBytes = 0] = [0, 8, 16, 24].map((at) =>
      Number(record.readBigUInt64LE(at)),
    )
    return { logNumber, logBytes, manifestNumber, manifestBytes }
  }

  /** Opens the file for writing; it promises nothing until the first `set`. */
  static create(path: string): SyncedPosition {
    try {
      const position = new SyncedPosition(path, openSync(path, 'w'))
      position.clear()
      return position
    } catch (error) {
      throw fileError(error, 'writing', path)
    }
  }

  set(position: Position): void {
    this.#record.writeBigUInt64LE(BigInt(position.logNumber), 0)
    this.#record.writeBigUInt64LE(BigInt(position.logBytes), 8)
    this.#record.writeBigUInt64LE(BigInt(position.manifestNumber), 16)
    this.#record.writeBigUInt64LE(BigInt(position.manifestBytes), 24)
    this.#record.writeUInt32LE(crc32c(this.#record.subarray(0, 32)), 32)
    this.#write()
  }

  clear(): void {
    this.#record.fill(0)
    this.#write()
  }

  close(): void {
    closeSync(this.#fd)
  }

  #write(): void {
    try {
      writeSync(this.#fd, this.#record, 0, RECORD_BYTES, 0)
    } catch (error) {
      throw fileError(error, 'writing', this.#path)
    }
  }
}
