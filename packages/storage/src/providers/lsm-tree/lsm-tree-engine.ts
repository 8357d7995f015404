/**
 * LevelDB as a local engine.
 *
 * Invariants:
 * 1. LevelDB writes without syncing; `LogSync` then syncs its logs. LevelDB alone would sync the newest log only, and
 *    a crash of the machine could lose earlier commits but keep later ones.
 * 2. After a write that failed nothing more is written: LevelDB would append to a log with a torn record in it, and
 *    what follows such a record is lost at the next open. `STORAGE_FULL` alone leaves the log as it was; LevelDB itself
 *    then refuses every write until it is opened again.
 * 3. `close` leaves everything in table files, so that after it the files' sizes and checksums say whether something
 *    is missing. It records them in the directory's marker; after a failed write it records nothing.
 */
import { OrbitError } from '@orbit-ts/base'
import type {
  EngineCursor,
  EngineScanOptions,
  EngineWrite,
  LocalEngine,
  MaybePromise,
} from '../../transaction/local-engine.js'
import type { DataDirectory } from '../directory/data-directory.js'
import { syncDirectory } from '../directory/durable-file.js'
import { collectFileFacts } from '../directory/file-facts.js'
import type { LogSync } from '../rocksdb/log-sync.js'
import type { SyncedPosition } from '../rocksdb/synced-position.js'
import { levelError } from './level-error.js'
import { LsmTreeCursor, type Level } from './lsm-tree-cursor.js'

/** Up to here reads on this thread, which take a microsecond each from memory, beat a trip to another one. */
const SYNC_READS_MAX = 256

const SMALL_ENTRY_MAX_BYTES = 512

/** A key that sorts behind nearly all others. */
const FAR_KEY = new Uint8Array(64).fill(0xff)

export interface LsmTreeParts {
  readonly level: Level
  readonly directory: DataDirectory
  readonly logSync: LogSync
  readonly position: SyncedPosition
  /** What `stats` shows of the configuration. */
  readonly settings: Record<string, number>
}

export class LsmTreeEngine implements LocalEngine {
  readonly kind = 'lsm-tree'
  readonly limits = { keySizeMaxBytes: 65_536, valueSizeMaxBytes: 268_435_456 }
  readonly persistent = true
  readonly #level: Level
  readonly #directory: DataDirectory
  readonly #logSync: LogSync
  readonly #position: SyncedPosition
  readonly #settings: Record<string, number>
  #closing: Promise<void> | undefined
  #failure: OrbitError | undefined
  #full: OrbitError | undefined

  constructor({ level, directory, logSync, position, settings }: LsmTreeParts) {
    this.#level = level
    this.#directory = directory
    this.#logSync = logSync
    this.#position = position
    this.#settings = settings
  }

  get(key: Uint8Array): Uint8Array | undefined {
    this.#requireOpen()
    try {
      return this.#level.getSync(key)
    } catch (error) {
      throw this.#readError(error)
    }
  }

  getMany(keys: readonly Uint8Array[]): MaybePromise<(Uint8Array | undefined)[]> {
    this.#requireOpen()
    if (keys.length > SYNC_READS_MAX) return this.#getManyAsync(keys)
    try {
      return keys.map((key) => this.#level.getSync(key))
    } catch (error) {
      throw this.#readError(error)
    }
  }

  cursor(range: { start?: Uint8Array; end?: Uint8Array }, options: EngineScanOptions): EngineCursor {
    this.#requireOpen()
    return new LsmTreeCursor(this.#level, range, options)
  }

  async write(batch: readonly EngineWrite[], { sync }: { sync: boolean }): Promise<void> {
    this.#requireOpen()
    if (this.#failure !== undefined) throw this.#failure
    try {
      await this.#writeBatch(batch)
    } catch (error) {
      throw this.#fail(error)
    }
    if (!sync) {
      this.#logSync.skip()
      return
    }
    try {
      await this.#logSync.sync()
    } catch (error) {
      // Whatever the reason, the batch is there: no `STORAGE_FULL`, which would say that it is not.
      throw this.#fail(new Error(`the log could not be synced: ${reasonOf(error)}`, { cause: error }))
    }
  }

  #writeBatch(batch: readonly EngineWrite[]): Promise<void> {
    if (batch.length === 0 || !isOfSmallEntries(batch)) return this.#level.batch(batch.map(toOperation))
    const chained = this.#level.batch()
    for (const { key, value } of batch) {
      if (value === undefined) chained.del(key)
      else chained.put(key, value)
    }
    return chained.write()
  }

  stats(): Record<string, number> {
    const stats: Record<string, number> = { ...this.#settings, log_syncs: this.#logSync.syncs }
    if (this.#closing !== undefined) return stats
    for (let level = 0; level < 7; level++) {
      stats[`files_level_${level}`] = Number(this.#level.getProperty(`leveldb.num-files-at-level${level}`))
    }
    stats['memory_bytes'] = Number(this.#level.getProperty('leveldb.approximate-memory-usage'))
    return stats
  }

  warning(): string | undefined {
    return (this.#failure ?? this.#full)?.reason
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const whole = this.#failure === undefined && this.#full === undefined
    try {
      // Compacting any range first writes the write buffer to a table file.
      if (whole) await this.#level.compactRange(FAR_KEY, FAR_KEY)
      await this.#level.close()
      await syncDirectory(this.#directory.enginePath)
      if (whole) {
        const files = await collectFileFacts(this.#directory.enginePath, factDepth)
        await this.#directory.markClean({ files })
      }
    } catch (error) {
      throw levelError(error, 'closing', this.#directory.path)
    } finally {
      this.#logSync.close()
      this.#position.close()
      await this.#directory.close()
    }
  }

  #fail(error: unknown): OrbitError {
    const failure = levelError(error, 'writing to', this.#level.location)
    if (failure.code === 'STORAGE_FULL') return (this.#full = failure)
    this.#failure = new OrbitError(
      'STORAGE_CLOSED',
      `the lsm-tree store takes no more writes because one failed (${failure.reason}); close it and open it again`,
      { path: this.#directory.path },
      { cause: failure },
    )
    try {
      this.#logSync.abandonPosition()
    } catch {
      // The file keeps an older position, which promises less.
    }
    return failure
  }

  async #getManyAsync(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    try {
      return await this.#level.getMany([...keys])
    } catch (error) {
      throw this.#readError(error)
    }
  }

  #requireOpen(): void {
    if (this.#closing !== undefined) throw new OrbitError('STORAGE_CLOSED', 'the lsm-tree store was closed')
  }

  #readError(error: unknown): OrbitError {
    return levelError(error, 'reading', this.#level.location)
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Table files carry their own checksums, which are compared block by block. */
function factDepth(name: string): 'ignore' | 'size' | 'content' {
  if (/\.(ldb|sst)$/.test(name)) return 'size'
  return /^(CURRENT|MANIFEST-\d+|\d+\.log)$/.test(name) ? 'content' : 'ignore'
}

/**
 * For these a chained batch takes a quarter less time. Its native memory is freed by the garbage collector, which does
 * not see it and comes the later the larger the entries are.
 */
function isOfSmallEntries(batch: readonly EngineWrite[]): boolean {
  let sizeBytes = 0
  for (const { key, value } of batch) sizeBytes += key.byteLength + (value?.byteLength ?? 0)
  return sizeBytes <= batch.length * SMALL_ENTRY_MAX_BYTES
}

type Operation =
  | { readonly type: 'put'; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly type: 'del'; readonly key: Uint8Array }

function toOperation({ key, value }: EngineWrite): Operation {
  return value === undefined ? { type: 'del', key } : { type: 'put', key, value }
}
