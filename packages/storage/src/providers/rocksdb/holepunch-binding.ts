/**
 * RocksDB through `rocksdb-native`: every call goes through the thread pool.
 *
 * Invariants:
 * 1. The package writes batches without `sync` and has no option for it. As `manual_wal_flush` is off, RocksDB flushes
 *    its log writer to the operating system after each record, so the log file holds the batch when the write ends.
 * 2. No call is made after `close`.
 */
import { createRequire } from 'node:module'
import type { EngineCursor, EngineScanOptions, EngineWrite } from '../../transaction/local-engine.js'
import { HolepunchCursor, type EntryStream } from './holepunch-cursor.js'
import type {
  BindingKind,
  BindingSettings,
  RocksBinding,
  RocksLibrary,
  RocksSettings,
} from './rocks-binding.js'

interface ReadBatch {
  get(key: Uint8Array): Promise<Uint8Array | null>
  tryFlush(): void
}

interface WriteBatch {
  tryPut(key: Uint8Array, value: Uint8Array): void
  tryDelete(key: Uint8Array): void
  flush(): Promise<void>
}

interface BatchOptions {
  readonly capacity: number
  readonly autoDestroy: boolean
}

/** The part of the package that is used. */
export interface HolepunchDatabase {
  ready(): Promise<void>
  close(): Promise<void>
  flush(): Promise<void>
  get(key: Uint8Array): Promise<Uint8Array | null>
  read(options: BatchOptions): ReadBatch
  write(options: BatchOptions): WriteBatch
  iterator(
    range: Readonly<Record<string, Uint8Array>>,
    options: Readonly<Record<string, unknown>>,
  ): EntryStream
  getProperty(name: string): Promise<string | number | bigint | null | undefined>
}

interface HolepunchPackage {
  new (path: string, options: Readonly<Record<string, unknown>>): HolepunchDatabase
  readonly BloomFilterPolicy: new (bitsPerKey: number) => object
}

/** RocksDB's own default, which the package cannot change. */
const FIXED_BLOCK_CACHE_MB = 32

export const holepunch: BindingKind = {
  name: 'holepunch',
  packageName: 'rocksdb-native',
  defaultBlockCacheMb: FIXED_BLOCK_CACHE_MB,

  refuses({ blockCacheMb, compression }: BindingSettings) {
    if (compression !== 'none')
      return { field: 'compression', reason: 'it was built without any; use "none"' }
    if (blockCacheMb !== 0 && blockCacheMb !== FIXED_BLOCK_CACHE_MB) {
      return {
        field: 'block_cache_mb',
        reason: `it has a fixed cache of ${FIXED_BLOCK_CACHE_MB}, or none with 0`,
      }
    }
    return undefined
  },

  load(): RocksLibrary {
    const loaded: unknown = createRequire(import.meta.url)('rocksdb-native')
    if (!isHolepunch(loaded)) throw new Error('the installed version lacks functions that are needed')
    return { open: (settings) => openHolepunch(loaded, settings) }
  },
}

function isHolepunch(loaded: unknown): loaded is HolepunchPackage {
  return (
    typeof loaded === 'function' &&
    'BloomFilterPolicy' in loaded &&
    typeof loaded.BloomFilterPolicy === 'function'
  )
}

async function openHolepunch(library: HolepunchPackage, settings: RocksSettings): Promise<RocksBinding> {
  const database = new library(settings.path, {
    createIfMissing: settings.create,
    maxBackgroundJobs: settings.maxBackgroundJobs,
    writeBufferSize: settings.writeBufferMb * 1024 * 1024,
    blockCache: settings.blockCacheMb !== 0,
    filterPolicy:
      settings.bloomBitsPerKey === 0 ? null : new library.BloomFilterPolicy(settings.bloomBitsPerKey),
    tableCacheIndexAndFilterBlocks: settings.blockCacheMb !== 0,
    // Pinned blocks stay beyond the cache's limit.
    topLevelIndexPinningTier: 0,
    partitionPinningTier: 0,
    unpartitionedPinningTier: 0,
  })
  await database.ready()
  return new HolepunchBinding(database)
}

class HolepunchBinding implements RocksBinding {
  readonly #database: HolepunchDatabase
  readonly #properties = new Map<string, number>()
  readonly #refreshing = new Set<Promise<void>>()

  constructor(database: HolepunchDatabase) {
    this.#database = database
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    return (await this.#database.get(key)) ?? undefined
  }

  async getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    if (keys.length === 0) return []
    const batch = this.#database.read({ capacity: keys.length, autoDestroy: true })
    const values = keys.map((key) => batch.get(key))
    batch.tryFlush()
    const found = await Promise.all(values)
    return found.map((value) => value ?? undefined)
  }

  cursor(range: { start?: Uint8Array; end?: Uint8Array }, options: EngineScanOptions): EngineCursor {
    return new HolepunchCursor(this.#database, range, options)
  }

  async write(batch: readonly EngineWrite[]): Promise<void> {
    if (batch.length === 0) return
    const native = this.#database.write({ capacity: batch.length, autoDestroy: true })
    for (const { key, value } of batch) {
      if (value === undefined) native.tryDelete(key)
      else native.tryPut(key, value)
    }
    await native.flush()
  }

  /** The package answers later, so this is what it answered to the call before; the first call has no answer. */
  property(name: string): number | undefined {
    const refresh = this.#refresh(name).finally(() => this.#refreshing.delete(refresh))
    this.#refreshing.add(refresh)
    return this.#properties.get(name)
  }

  async #refresh(name: string): Promise<void> {
    try {
      const value = Number(await this.#database.getProperty(name))
      if (Number.isFinite(value)) this.#properties.set(name, value)
    } catch {
      // A fact for metrics that could not be had; an error of the store shows itself where data is read or written.
      this.#properties.delete(name)
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#refreshing)
    try {
      await this.#database.flush()
    } finally {
      await this.#database.close()
    }
  }
}
