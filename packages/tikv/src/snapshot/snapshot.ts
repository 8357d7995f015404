/**
 * Reads of the versions at one timestamp.
 *
 * Invariants:
 * 1. The same key gives the same answer at every read, whatever locks and regions do meanwhile (isolation `snapshot`).
 * 2. What was learnt about locks is sent with every later request: a lock that may be passed once is passed always.
 * 3. No answer is given that garbage collection may have touched.
 * 4. At the largest timestamp (the latest version of one key) nothing is cached.
 *
 * Equivalent in client-go: `txnkv/txnsnapshot`.
 */
import { OrbitError } from '@orbit-ts/base'
import type { ClientCore } from '../core/client-core.js'
import { requireKey, requireKeys, requireRange } from '../input/require-input.js'
import type { KeyRange } from '../key-range.js'
import { BackoffBudgets } from '../retry/backoff-kind.js'
import { MAX_TIMESTAMP, type Timestamp } from '../timestamp.js'
import type { LockResolver } from '../txn/lock/lock-resolver.js'
import type { VisibilityCheck } from '../txn/lock/safe-point.js'
import { batchGet } from './batch-get.js'
import { pointGet } from './point-get.js'
import { RegionReader } from './region-reader.js'
import { requireSnapshotOptions } from './require-snapshot-options.js'
import { scanPages } from './scan-pages.js'
import type {
  KeyValue,
  ReadOptions,
  ScanOptions,
  SnapshotOptions,
  VersionedValue,
} from './snapshot-options.js'
import { ValueCache, type CachedValue } from './value-cache.js'

export interface SnapshotParts {
  readonly core: ClientCore
  readonly resolver: LockResolver
  readonly safePoint: VisibilityCheck
}

const CACHE_BYTES_DEFAULT = 16 * 1024 * 1024

/** The state of the keys at one timestamp. */
export class Snapshot {
  /** What is read: versions committed at or before it. */
  readonly readTs: Timestamp
  readonly #parts: SnapshotParts
  readonly #reader: RegionReader
  readonly #cache: ValueCache

  /** @throws INVALID_ARGUMENT for a timestamp that PD can never have given, and for options that are wrong */
  constructor(parts: SnapshotParts, readTs: Timestamp, options: SnapshotOptions = {}) {
    requireReadable(readTs)
    requireSnapshotOptions(options)
    this.readTs = readTs
    this.#parts = parts
    this.#reader = new RegionReader(parts, readTs, options)
    const cached = readTs !== MAX_TIMESTAMP && (options.isolation ?? 'snapshot') === 'snapshot'
    this.#cache = new ValueCache(cached ? (options.cacheBytesMax ?? CACHE_BYTES_DEFAULT) : 0)
  }

  /**
   * The value of the key, which may be empty; undefined when it has none.
   * @throws INVALID_ARGUMENT (empty key), LOCK_TIMEOUT, SNAPSHOT_TOO_OLD, TRANSACTION_CONFLICT (see the options),
   * REGION_UNAVAILABLE, STORE_UNAVAILABLE, SERVER_BUSY, PD_UNAVAILABLE, ABORTED
   */
  async get(key: Uint8Array, options: ReadOptions = {}): Promise<Uint8Array | undefined> {
    return (await this.#get(key, false, options))?.value
  }

  /** As `get`, with the time at which the value was committed. */
  async getVersioned(key: Uint8Array, options: ReadOptions = {}): Promise<VersionedValue | undefined> {
    const found = await this.#get(key, true, options)
    return found === undefined ? undefined : this.#versioned(key, found)
  }

  /** The values in the order of the keys. The keys need no order and may repeat. Errors: those of `get`. */
  async batchGet(
    keys: readonly Uint8Array[],
    options: ReadOptions = {},
  ): Promise<(Uint8Array | undefined)[]> {
    const found = await this.#batchGet(keys, false, options)
    return found.map((entry) => entry?.value)
  }

  /** As `batchGet`, with the times at which the values were committed. */
  async batchGetVersioned(
    keys: readonly Uint8Array[],
    options: ReadOptions = {},
  ): Promise<(VersionedValue | undefined)[]> {
    const found = await this.#batchGet(keys, true, options)
    return found.map((entry, at) =>
      entry === undefined ? undefined : this.#versioned(keys[at] ?? new Uint8Array(), entry),
    )
  }

  /**
   * The rows of the range in key order, or from its end, in chunks of at most one request's rows; no chunk is empty.
   * Each step of the loop has a retry budget of its own. Errors: those of `get`.
   */
  async *scan(range: KeyRange, options: ScanOptions = {}): AsyncGenerator<KeyValue[], void, undefined> {
    requireRange(range)
    yield* scanPages(this.#reader, range, options)
  }

  /**
   * What this transaction itself has flushed to the servers under these keys: a value, an empty one for a delete,
   * undefined where it flushed nothing. For pipelined transactions.
   */
  async flushedValues(
    keys: readonly Uint8Array[],
    options: ReadOptions = {},
  ): Promise<(Uint8Array | undefined)[]> {
    requireKeys(keys)
    const backoffer = this.#parts.core.backoffer(BackoffBudgets.batchGet, options.signal)
    return this.#reader.measured('flushed_values', backoffer, async () => {
      const found = await batchGet(this.#reader, backoffer, keys, 'flushed')
      return found.map((entry) => entry?.value)
    })
  }

  async #get(key: Uint8Array, needCommitTs: boolean, { signal }: ReadOptions): Promise<CachedValue> {
    requireKey(key)
    const cached = this.#cache.get(key, needCommitTs)
    if (cached !== undefined) return cached.found
    const backoffer = this.#parts.core.backoffer(BackoffBudgets.get, signal)
    return this.#reader.measured('get', backoffer, async () => {
      const found = await pointGet(this.#reader, backoffer, key, needCommitTs)
      await this.#reader.checkVisible()
      this.#cache.set(key, found)
      return found
    })
  }

  async #batchGet(
    keys: readonly Uint8Array[],
    needCommitTs: boolean,
    { signal }: ReadOptions,
  ): Promise<CachedValue[]> {
    requireKeys(keys)
    const values: CachedValue[] = []
    const missing: Uint8Array[] = []
    const missingAt: number[] = []
    for (let at = 0; at < keys.length; at++) {
      const key = keys[at] as Uint8Array
      const cached = this.#cache.get(key, needCommitTs)
      values.push(cached?.found)
      if (cached !== undefined) continue
      missing.push(key)
      missingAt.push(at)
    }
    if (missing.length === 0) return values
    const backoffer = this.#parts.core.backoffer(BackoffBudgets.batchGet, signal)
    const read = await this.#reader.measured('batch_get', backoffer, () =>
      batchGet(this.#reader, backoffer, missing, needCommitTs ? 'versioned' : 'values'),
    )
    await this.#reader.checkVisible()
    this.#cache.setAll(missing, read)
    if (missing.length === keys.length) return read
    for (const [index, at] of missingAt.entries()) values[at] = read[index]
    return values
  }

  #versioned(
    key: Uint8Array,
    { value, commitTs }: { value: Uint8Array; commitTs: Timestamp },
  ): VersionedValue {
    if (commitTs > 0n) return { value, commitTs }
    throw new OrbitError(
      'PROTOCOL_VIOLATION',
      `no commit timestamp came with the value of key ${this.#parts.core.telemetry.formatKey(key)}; the server may be too old to give it`,
    )
  }
}

const TIMESTAMPS_END = 1n << 63n

/** @throws INVALID_ARGUMENT for a timestamp that PD can never have given. */
export function requireReadable(readTs: Timestamp): void {
  const isBigint = typeof readTs === 'bigint'
  if (isBigint && (readTs === MAX_TIMESTAMP || (readTs >= 0n && readTs < TIMESTAMPS_END))) return
  const shown = isBigint ? String(readTs) : `a ${typeof readTs}`
  throw new OrbitError('INVALID_ARGUMENT', `readTs is ${shown}; give a timestamp of PD, or MAX_TIMESTAMP`, {
    field: 'readTs',
  })
}
