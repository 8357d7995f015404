/**
 * What a local engine brings: an ordered durable map of the latest values. Versions, isolation, locks, group commit,
 * limits and timeouts are added once, by `LocalTransactions`.
 *
 * Invariants of an engine:
 * 1. `write` is atomic: after a crash all of it is there or none. With `sync` it is on stable storage when it resolves.
 * 2. At most one `write` is under way at a time (the layer above sees to it). Reads may come at any time, also during
 *    a write, and see each written key either before or after it.
 * 3. A read that the engine can answer from memory quickly returns a value, not a promise: a promise costs more than
 *    the read itself.
 * 4. Bytes that are returned stay valid and unchanged for ever (they are copies, or memory that is never reused).
 */
export type MaybePromise<T> = T | Promise<T>

export interface EngineScanOptions {
  readonly reverse: boolean
  readonly keysOnly: boolean
}

/** A forward or backward walk over a range. */
export interface EngineCursor {
  /** Up to `count` further entries; fewer (also none) only at the end of the range. */
  next(count: number): MaybePromise<EngineEntry[]>
  close(): MaybePromise<void>
}

export interface EngineEntry {
  readonly key: Uint8Array
  readonly value: Uint8Array
}

/** A put, or a delete where `value` is undefined. Keys are distinct within one batch. */
export interface EngineWrite {
  readonly key: Uint8Array
  readonly value: Uint8Array | undefined
}

export interface EngineLimits {
  readonly keySizeMaxBytes: number
  readonly valueSizeMaxBytes: number
}

export interface LocalEngine {
  readonly kind: string
  readonly limits: EngineLimits
  /** True when data outlives the process. */
  readonly persistent: boolean
  get(key: Uint8Array): MaybePromise<Uint8Array | undefined>
  getMany(keys: readonly Uint8Array[]): MaybePromise<(Uint8Array | undefined)[]>
  cursor(range: { start?: Uint8Array; end?: Uint8Array }, options: EngineScanOptions): EngineCursor
  /**
   * As `cursor`, with the keys left out (empty), where that saves work. All that such a cursor gives is of one state of
   * the engine: one that it had while the first `next` ran. Undefined: the engine has none.
   */
  valueCursor?(
    range: { start?: Uint8Array; end?: Uint8Array },
    options: { readonly reverse: boolean },
  ): EngineCursor | undefined
  write(batch: readonly EngineWrite[], options: { sync: boolean }): MaybePromise<void>
  /** Facts for metrics, by snake_case name, for example `block_cache_bytes`. Cheap. */
  stats(): Record<string, number>
  /** What is wrong although work goes on, for example a backup that fails; undefined when nothing is. */
  warning?(): string | undefined
  /** Makes everything durable and frees the directory. Called once, after the last operation has ended. */
  close(): Promise<void>
}
