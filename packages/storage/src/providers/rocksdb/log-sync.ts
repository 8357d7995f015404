/**
 * Makes what RocksDB wrote to its write-ahead logs durable. The bindings are asked to write without `sync`: one cannot
 * do otherwise, and the other would stop the event loop for as long as the disk takes.
 *
 * Invariants:
 * 1. RocksDB hands every record to the operating system before its write returns, and a sync through any descriptor of
 *    a file covers all that was written to it. So after `sync` everything written before is on stable storage.
 * 2. Only writes of the engine append to logs, one at a time, each to the newest log. So when the log that was synced
 *    last has grown, it is still the newest; when it has not, or when writes went by without a sync, the folder is
 *    listed and every newer log is synced too.
 * 3. A log that is gone was flushed to table files, which RocksDB syncs itself.
 * 4. The folder is synced once for each new log, before anything in that log counts as durable.
 */
import { closeSync, fdatasync, fstatSync, openSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { OrbitError } from '@orbit-ts/base'
import { syncDirectory } from '../directory/durable-file.js'
import { fileError, fileErrorCode } from '../directory/file-error.js'
import { currentManifest, logName, logNumber, manifestName } from './rocks-files.js'
import type { SyncedPosition } from './synced-position.js'

const datasync = promisify(fdatasync)

class OpenFile {
  readonly number: number
  readonly fd: number
  /** Synced up to here. */
  syncedBytes = 0

  /** For writing, because Windows syncs nothing through a read-only handle. */
  constructor(path: string, number: number) {
    this.number = number
    this.fd = openSync(path, 'r+')
  }

  sizeBytes(): number {
    return fstatSync(this.fd).size
  }

  async sync(): Promise<void> {
    const sizeBytes = this.sizeBytes()
    await datasync(this.fd)
    this.syncedBytes = sizeBytes
  }
}

export class LogSync {
  readonly #path: string
  readonly #position: SyncedPosition
  readonly #manifest: OpenFile
  #log: OpenFile
  #listNext = true
  #positionAbandoned = false
  #syncs = 0

  private constructor(path: string, position: SyncedPosition, manifest: OpenFile, log: OpenFile) {
    this.#path = path
    this.#position = position
    this.#manifest = manifest
    this.#log = log
  }

  /** Call it when RocksDB has just been opened in `path`; everything it has recovered is durable when this resolves. */
  static async start(path: string, position: SyncedPosition): Promise<LogSync> {
    const manifest = await currentManifest(path)
    const newest = newestLogs(path, 0).at(-1)
    if (typeof manifest !== 'number' || newest === undefined) {
      throw new OrbitError(
        'STORAGE_CORRUPT',
        `RocksDB opened ${path} without a manifest or a write-ahead log`,
        { file: path },
      )
    }
    const manifestFile = new OpenFile(join(path, manifestName(manifest)), manifest)
    const logFile = new OpenFile(join(path, logName(newest)), newest)
    const started = new LogSync(path, position, manifestFile, logFile)
    try {
      await started.sync()
    } catch (error) {
      started.close()
      throw fileError(error, 'syncing', path)
    }
    return started
  }

  /** How many times the disk was asked. */
  get syncs(): number {
    return this.#syncs
  }

  /** A write went to a log and is not to be synced now. */
  skip(): void {
    this.#listNext = true
  }

  /** A write failed half-way: nothing can be promised about the logs any more until the store is opened again. */
  abandonPosition(): void {
    this.#listNext = true
    this.#positionAbandoned = true
    this.#position.clear()
  }

  /** Resolves when every write that has returned is on stable storage. */
  async sync(): Promise<void> {
    if (this.#listNext || this.#log.sizeBytes() <= this.#log.syncedBytes) await this.#syncNewerLogs()
    else await this.#log.sync()
    this.#syncs++
    if (this.#positionAbandoned) return
    if (this.#manifest.sizeBytes() !== this.#manifest.syncedBytes) await this.#manifest.sync()
    this.#position.set({
      logNumber: this.#log.number,
      logBytes: this.#log.syncedBytes,
      manifestNumber: this.#manifest.number,
      manifestBytes: this.#manifest.syncedBytes,
    })
  }

  async #syncNewerLogs(): Promise<void> {
    const newer = newestLogs(this.#path, this.#log.number + 1)
    await this.#log.sync()
    await syncDirectory(this.#path)
    for (const number of newer) {
      const file = openIfThere(join(this.#path, logName(number)), number)
      if (file === undefined) continue
      closeSync(this.#log.fd)
      this.#log = file
      await file.sync()
    }
    this.#listNext = false
  }

  close(): void {
    closeSync(this.#log.fd)
    closeSync(this.#manifest.fd)
  }
}

/** Numbers of the logs from `first` on, ascending. */
function newestLogs(path: string, first: number): number[] {
  const numbers = readdirSync(path).flatMap((name) => logNumber(name) ?? [])
  return numbers.filter((number) => number >= first).sort((a, b) => a - b)
}

function openIfThere(path: string, number: number): OpenFile | undefined {
  try {
    return new OpenFile(path, number)
  } catch (error) {
    if (fileErrorCode(error) === 'ENOENT') return undefined
    throw error
  }
}
