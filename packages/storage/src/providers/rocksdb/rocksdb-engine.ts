/**
 * RocksDB as a local engine.
 *
 * Invariants:
 * 1. A batch is acknowledged with `sync` only after `LogSync` has made the log durable.
 * 2. When a write or a sync fails in a way that leaves the outcome open, no further write is accepted: what RocksDB
 *    holds in memory may not be on disk. `STORAGE_FULL` from a write means that nothing of the batch was applied.
 * 3. The clean shutdown is recorded only when every write and the closing itself succeeded.
 * 4. The binding is not called after `close` has begun, except by `close`.
 */
import { OrbitError } from '@orbit-ts/base'
import type {
  EngineCursor,
  EngineEntry,
  EngineLimits,
  EngineScanOptions,
  EngineWrite,
  LocalEngine,
  MaybePromise,
} from '../../transaction/local-engine.js'
import type { DataDirectory } from '../directory/data-directory.js'
import { syncDirectory } from '../directory/durable-file.js'
import { collectFileFacts } from '../directory/file-facts.js'
import type { LogSync } from './log-sync.js'
import type { BindingName, RocksBinding } from './rocks-binding.js'
import { rocksError } from './rocks-error.js'
import { factDepth } from './rocks-files.js'
import type { SyncedPosition } from './synced-position.js'

export interface RocksdbEngineParts {
  readonly directory: DataDirectory
  readonly bindingName: BindingName
  readonly binding: RocksBinding
  readonly logSync: LogSync
  readonly position: SyncedPosition
}

/** Facts by name, from RocksDB's properties. */
const PROPERTIES: readonly (readonly [string, string])[] = [
  ['block_cache_bytes', 'rocksdb.block-cache-usage'],
  ['block_cache_bytes_max', 'rocksdb.block-cache-capacity'],
  ['write_buffers_bytes', 'rocksdb.cur-size-all-mem-tables'],
  ['table_readers_bytes', 'rocksdb.estimate-table-readers-mem'],
  ['keys_estimate', 'rocksdb.estimate-num-keys'],
  ['table_files_bytes', 'rocksdb.live-sst-files-size'],
  ['compaction_pending_bytes', 'rocksdb.estimate-pending-compaction-bytes'],
  ['compactions_running', 'rocksdb.num-running-compactions'],
  ['flushes_running', 'rocksdb.num-running-flushes'],
  ['background_errors', 'rocksdb.background-errors'],
]

export class RocksdbEngine implements LocalEngine {
  readonly kind = 'rocksdb'
  readonly persistent = true
  readonly limits: EngineLimits = { keySizeMaxBytes: 64 * 1024, valueSizeMaxBytes: 64 * 1024 * 1024 }
  /** The native library in use. */
  readonly bindingName: BindingName
  readonly #parts: RocksdbEngineParts
  readonly #binding: RocksBinding
  readonly #cursors = new Set<RocksdbCursor>()
  #writing: Promise<void> | undefined
  #failure: OrbitError | undefined
  #closing: Promise<void> | undefined

  constructor(parts: RocksdbEngineParts) {
    this.#parts = parts
    this.#binding = parts.binding
    this.bindingName = parts.bindingName
  }

  get(key: Uint8Array): MaybePromise<Uint8Array | undefined> {
    this.#requireOpen()
    return attempt(() => this.#binding.get(key), 'reading a key')
  }

  getMany(keys: readonly Uint8Array[]): MaybePromise<(Uint8Array | undefined)[]> {
    this.#requireOpen()
    return attempt(() => this.#binding.getMany(keys), 'reading keys')
  }

  cursor(range: { start?: Uint8Array; end?: Uint8Array }, options: EngineScanOptions): EngineCursor {
    this.#requireOpen()
    return isEmpty(range) ? EMPTY_CURSOR : this.#opened(this.#binding.cursor(range, options))
  }

  valueCursor(
    range: { start?: Uint8Array; end?: Uint8Array },
    options: { readonly reverse: boolean },
  ): EngineCursor | undefined {
    this.#requireOpen()
    if (isEmpty(range)) return EMPTY_CURSOR
    const cursor = this.#binding.valueCursor?.(range, options)
    return cursor && this.#opened(cursor)
  }

  #opened(inner: EngineCursor): EngineCursor {
    const cursor = new RocksdbCursor(inner, (gone) => this.#cursors.delete(gone))
    this.#cursors.add(cursor)
    return cursor
  }

  write(batch: readonly EngineWrite[], { sync }: { sync: boolean }): MaybePromise<void> {
    this.#requireOpen()
    if (this.#failure !== undefined) throw this.#failure
    if (batch.length === 0) return
    let written: MaybePromise<void>
    try {
      written = this.#binding.write(batch)
    } catch (error) {
      throw this.#writeFailed(error)
    }
    if (written instanceof Promise || sync) return this.#finish(written, sync)
    this.#parts.logSync.skip()
  }

  #finish(written: MaybePromise<void>, sync: boolean): Promise<void> {
    const finished = this.#afterWrite(written, sync)
    const settled = finished
      .catch(() => undefined)
      .finally(() => {
        if (this.#writing === settled) this.#writing = undefined
      })
    this.#writing = settled
    return finished
  }

  async #afterWrite(written: MaybePromise<void>, sync: boolean): Promise<void> {
    try {
      await written
    } catch (error) {
      throw this.#writeFailed(error)
    }
    if (!sync) {
      this.#parts.logSync.skip()
      return
    }
    try {
      await this.#parts.logSync.sync()
    } catch (error) {
      throw this.#fail(
        new OrbitError(
          'STORAGE_IO',
          `a batch was written but could not be made durable: ${error instanceof Error ? error.message : String(error)}`,
          {},
          { cause: error },
        ),
      )
    }
  }

  /** RocksDB applies nothing of a batch that it could not log, and refuses or recovers by itself from then on. */
  #writeFailed(cause: unknown): OrbitError {
    const error = rocksError(cause, 'writing a batch')
    try {
      this.#parts.logSync.abandonPosition()
    } catch (second) {
      return this.#fail(OrbitError.from(second, 'STORAGE_IO'))
    }
    return error.code === 'STORAGE_FULL' ? error : this.#fail(error)
  }

  #fail(error: OrbitError): OrbitError {
    this.#failure ??= new OrbitError(
      'STORAGE_CLOSED',
      `the store failed and must be opened again: ${error.reason}`,
      {},
      { cause: error },
    )
    return error
  }

  stats(): Record<string, number> {
    this.#requireOpen()
    const facts: Record<string, number> = {
      log_syncs: this.#parts.logSync.syncs,
      open_cursors: this.#cursors.size,
    }
    for (const [name, property] of PROPERTIES) {
      const value = this.#binding.property(property)
      if (value !== undefined) facts[name] = value
    }
    return facts
  }

  close(): Promise<void> {
    this.#closing ??= this.#shutDown()
    return this.#closing
  }

  async #shutDown(): Promise<void> {
    const { directory, logSync, position } = this.#parts
    try {
      for (const cursor of [...this.#cursors]) await cursor.close()
      await this.#writing
      await attempt(() => this.#binding.close(), 'closing the store')
      if (this.#failure === undefined) await this.#recordShutdown()
    } finally {
      logSync.close()
      position.close()
      await directory.close()
    }
  }

  async #recordShutdown(): Promise<void> {
    const { directory } = this.#parts
    await syncDirectory(directory.enginePath)
    const files = await collectFileFacts(directory.enginePath, factDepth)
    await directory.markClean({ files, binding: this.bindingName })
  }

  #requireOpen(): void {
    if (this.#closing !== undefined) throw new OrbitError('STORAGE_CLOSED', 'the store is closed')
  }
}

function isEmpty({ start, end }: { start?: Uint8Array; end?: Uint8Array }): boolean {
  if (end === undefined) return false
  return end.byteLength === 0 || (start !== undefined && Buffer.compare(start, end) >= 0)
}

/** Runs a call of the binding with its errors mapped; synchronous answers stay synchronous. */
function attempt<T>(call: () => MaybePromise<T>, doing: string): MaybePromise<T> {
  try {
    const result = call()
    if (!(result instanceof Promise)) return result
    return result.catch((error: unknown) => {
      throw rocksError(error, doing)
    })
  } catch (error) {
    throw rocksError(error, doing)
  }
}

const EMPTY_CURSOR: EngineCursor = { next: () => [], close: () => undefined }

class RocksdbCursor implements EngineCursor {
  readonly #inner: EngineCursor
  readonly #onClose: (cursor: RocksdbCursor) => void
  #closed: MaybePromise<void> | false = false

  constructor(inner: EngineCursor, onClose: (cursor: RocksdbCursor) => void) {
    this.#inner = inner
    this.#onClose = onClose
  }

  next(count: number): MaybePromise<EngineEntry[]> {
    if (this.#closed !== false) throw new OrbitError('STORAGE_CLOSED', 'the scan or its store was closed')
    return attempt(() => this.#inner.next(count), 'scanning')
  }

  close(): MaybePromise<void> {
    if (this.#closed === false) {
      this.#onClose(this)
      this.#closed = attempt(() => this.#inner.close(), 'ending a scan')
    }
    return this.#closed
  }
}
