/**
 * RocksDB through `@nxtedition/rocksdb`, called below its abstract-level layer: reads, batches and iterators are
 * synchronous calls, which cost a fraction of a thread-pool hop.
 *
 * Invariants:
 * 1. No call is made after `close`: the native code does not check.
 * 2. Batches are written without `sync`; the log reaches the operating system before the call returns, because
 *    `manual_wal_flush` is off and RocksDB then flushes its log writer after each record.
 * 3. The package has no asynchronous write: when RocksDB slows writes down because compaction is behind, the event loop
 *    waits with it.
 * 4. One native batch is reused for all writes: there is only one write at a time.
 */
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import type { EngineCursor, EngineScanOptions, EngineWrite } from '../../transaction/local-engine.js'
import { NxteditionCursor } from './nxtedition-cursor.js'
import { missingCpuFeatures } from './cpu-features.js'
import type {
  BindingKind,
  BindingSettings,
  RocksBinding,
  RocksLibrary,
  RocksSettings,
} from './rocks-binding.js'

type Callback = (error: Error | null) => void

/** A handle of the native code. */
export type NativeHandle = object

/** The part of the package's native functions that is used. */
export interface NxteditionFunctions {
  db_init(path: string): NativeHandle
  db_open(db: NativeHandle, options: Readonly<Record<string, unknown>>, callback: Callback): void
  db_close(db: NativeHandle, callback: Callback): void
  /** `null` where the answer would have grown too large. */
  db_get_many_sync(
    db: NativeHandle,
    keys: readonly Uint8Array[],
    options: undefined,
  ): (Uint8Array | null | undefined)[]
  db_get_property(db: NativeHandle, name: string): string
  batch_init(): NativeHandle
  batch_put(batch: NativeHandle, key: Uint8Array, value: Uint8Array, options: undefined): void
  batch_del(batch: NativeHandle, key: Uint8Array, options: undefined): void
  batch_clear(batch: NativeHandle): void
  batch_write(db: NativeHandle, batch: NativeHandle, options: undefined): void
  iterator_init(db: NativeHandle, options: Readonly<Record<string, unknown>>): NativeHandle
  /** `rows` holds key, value, key, value, …, undefined what was left out; `finished` says that the end was seen. */
  iterator_nextv_sync(
    iterator: NativeHandle,
    count: number,
  ): { rows: (Uint8Array | undefined)[]; finished: boolean }
  iterator_close(iterator: NativeHandle): void
}

const FUNCTION_NAMES: readonly (keyof NxteditionFunctions)[] = [
  'db_init',
  'db_open',
  'db_close',
  'db_get_many_sync',
  'db_get_property',
  'batch_init',
  'batch_put',
  'batch_del',
  'batch_clear',
  'batch_write',
  'iterator_init',
  'iterator_nextv_sync',
  'iterator_close',
]

/** The binding takes the cache size as 32 bits. */
const BLOCK_CACHE_MAX_MB = 4095

/** RocksDB's own size, which the binding leaves in place unless it is told to tune for levels. */
const FIXED_WRITE_BUFFER_MB = 64

export const nxtedition: BindingKind = {
  name: 'nxtedition',
  packageName: '@nxtedition/rocksdb',
  defaultBlockCacheMb: 256,

  refuses({ blockCacheMb, writeBufferMb, compression }: BindingSettings) {
    if (blockCacheMb > BLOCK_CACHE_MAX_MB) {
      return { field: 'block_cache_mb', reason: `it takes at most ${BLOCK_CACHE_MAX_MB}` }
    }
    if (writeBufferMb !== FIXED_WRITE_BUFFER_MB && compression !== 'zstd') {
      return {
        field: 'write_buffer_mb',
        reason: `it has a fixed ${FIXED_WRITE_BUFFER_MB} unless compression is "zstd"`,
      }
    }
    return undefined
  },

  load(): RocksLibrary {
    const missing = missingCpuFeatures()
    if (missing.length > 0)
      throw new Error(`its code needs CPU features that are not here: ${missing.join(', ')}`)
    const loaded: unknown = createRequire(import.meta.url)('@nxtedition/rocksdb/binding.js')
    if (!isNxtedition(loaded)) throw new Error('the installed version lacks functions that are needed')
    return { open: (settings) => openNxtedition(loaded, settings) }
  },
}

function isNxtedition(loaded: unknown): loaded is NxteditionFunctions {
  if (typeof loaded !== 'object' || loaded === null) return false
  const functions = new Map(Object.entries(loaded))
  return FUNCTION_NAMES.every((name) => typeof functions.get(name) === 'function')
}

async function openNxtedition(native: NxteditionFunctions, settings: RocksSettings): Promise<RocksBinding> {
  const db = native.db_init(settings.path)
  await promisify((callback: Callback) => native.db_open(db, openOptions(settings), callback))()
  return new NxteditionBinding(native, db)
}

/** In the binding's own words. Logs stay uncompressed: the other binding could not read them. */
function openOptions(settings: RocksSettings): Readonly<Record<string, unknown>> {
  const mebibyte = 1024 * 1024
  const tuned = settings.writeBufferMb !== FIXED_WRITE_BUFFER_MB
  return {
    createIfMissing: settings.create,
    compression: settings.compression === 'zstd',
    walCompression: false,
    cacheSize: settings.blockCacheMb * mebibyte,
    // Otherwise the memory for indexes and filters would grow with the data, beyond the cache.
    cacheIndexAndFilterBlocks: settings.blockCacheMb > 0,
    parallelism: settings.maxBackgroundJobs,
    filterPolicy:
      settings.bloomBitsPerKey === 0 ? 'nullptr' : `bloomfilter:${settings.bloomBitsPerKey}:false`,
    // The binding makes each buffer a quarter of the budget.
    ...(tuned ? { compaction: 'level', memtableMemoryBudget: settings.writeBufferMb * 4 * mebibyte } : {}),
  }
}

/**
 * For bytes of length zero the native code sees a null pointer, and an assertion of RocksDB ends the process. This has
 * memory behind it.
 */
const NO_BYTES: Uint8Array = Buffer.allocUnsafeSlow(1).subarray(0, 0)

const solid = (bytes: Uint8Array): Uint8Array => (bytes.byteLength === 0 ? NO_BYTES : bytes)

/** A native batch keeps its memory when cleared; beyond this it is given up instead. */
const BATCH_KEPT_MAX_BYTES = 1024 * 1024

class NxteditionBinding implements RocksBinding {
  readonly #native: NxteditionFunctions
  readonly #db: NativeHandle
  #batch: NativeHandle

  constructor(native: NxteditionFunctions, db: NativeHandle) {
    this.#native = native
    this.#db = db
    this.#batch = native.batch_init()
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#native.db_get_many_sync(this.#db, [solid(key)], undefined)[0] ?? undefined
  }

  getMany(keys: readonly Uint8Array[]): (Uint8Array | undefined)[] {
    if (keys.length === 0) return []
    const values = this.#native.db_get_many_sync(this.#db, keys.map(solid), undefined)
    return values.map((value, i) => {
      const key = keys[i]
      return value === null && key !== undefined ? this.get(key) : (value ?? undefined)
    })
  }

  cursor(range: { start?: Uint8Array; end?: Uint8Array }, options: EngineScanOptions): EngineCursor {
    const leftOut = options.keysOnly ? 'values' : undefined
    return new NxteditionCursor(this.#native, this.#db, range, options.reverse, leftOut)
  }

  valueCursor(
    range: { start?: Uint8Array; end?: Uint8Array },
    options: { readonly reverse: boolean },
  ): EngineCursor {
    return new NxteditionCursor(this.#native, this.#db, range, options.reverse, 'keys')
  }

  write(batch: readonly EngineWrite[]): void {
    const native = this.#native
    let sizeBytes = 0
    try {
      for (const { key, value } of batch) {
        sizeBytes += key.byteLength + (value?.byteLength ?? 0)
        if (value === undefined) native.batch_del(this.#batch, solid(key), undefined)
        else native.batch_put(this.#batch, solid(key), solid(value), undefined)
      }
      native.batch_write(this.#db, this.#batch, undefined)
    } finally {
      native.batch_clear(this.#batch)
      if (sizeBytes > BATCH_KEPT_MAX_BYTES) this.#batch = native.batch_init()
    }
  }

  property(name: string): number | undefined {
    const text = this.#native.db_get_property(this.#db, name)
    return text === '' ? undefined : Number(text)
  }

  async close(): Promise<void> {
    await promisify((callback: Callback) => this.#native.db_close(this.#db, callback))()
  }
}
