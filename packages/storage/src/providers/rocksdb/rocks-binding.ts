import type {
  EngineCursor,
  EngineScanOptions,
  EngineWrite,
  MaybePromise,
} from '../../transaction/local-engine.js'

export type BindingName = 'nxtedition' | 'holepunch'

/** What RocksDB is to run with; every value has been accepted by {@link BindingKind.refuses}. */
export interface RocksSettings {
  /** The folder of RocksDB's own files. */
  readonly path: string
  /** Whether to make a new database; otherwise a missing one is an error. */
  readonly create: boolean
  readonly compression: 'none' | 'zstd'
  readonly blockCacheMb: number
  readonly writeBufferMb: number
  readonly maxBackgroundJobs: number
  readonly bloomBitsPerKey: number
}

/** The settings that the bindings differ in. */
export type BindingSettings = Omit<RocksSettings, 'path' | 'create'>

/** One npm package that brings RocksDB. */
export interface BindingKind {
  readonly name: BindingName
  readonly packageName: string
  /** MiB, when `block_cache_mb` is not given. */
  readonly defaultBlockCacheMb: number
  /** Which setting it cannot honour, and why; undefined when it honours all. */
  refuses(settings: BindingSettings): { readonly field: string; readonly reason: string } | undefined
  /** Loads the native code. Throws what went wrong. */
  load(): RocksLibrary
}

export interface RocksLibrary {
  open(settings: RocksSettings): Promise<RocksBinding>
}

/**
 * An open RocksDB database, as little of it as the engine needs. Errors are those of the package; `rocksError` maps
 * them.
 *
 * Invariants of an implementation:
 * 1. When `write` has ended, the batch is in the write-ahead log file, handed to the operating system in one piece
 *    behind everything written before; nothing of it waits in the process. Whether it is on stable storage is the
 *    caller's business.
 * 2. Returned bytes are copies, or memory that belongs to them alone.
 */
export interface RocksBinding {
  get(key: Uint8Array): MaybePromise<Uint8Array | undefined>
  getMany(keys: readonly Uint8Array[]): MaybePromise<(Uint8Array | undefined)[]>
  /** `range` is not empty: `end`, when given, is greater than `start` and than the empty key. */
  cursor(range: { start?: Uint8Array; end?: Uint8Array }, options: EngineScanOptions): EngineCursor
  /** As `LocalEngine.valueCursor`, of such a range. */
  valueCursor?(
    range: { start?: Uint8Array; end?: Uint8Array },
    options: { readonly reverse: boolean },
  ): EngineCursor
  write(batch: readonly EngineWrite[]): MaybePromise<void>
  /** A numeric property such as `rocksdb.block-cache-usage`; undefined when it is not known (yet). */
  property(name: string): number | undefined
  /** Ends background work, makes everything durable and frees the files. */
  close(): Promise<void>
}
