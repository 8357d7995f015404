import { EMPTY_BYTES, toBinaryString } from '@orbit-ts/base'
import { splitRegions, type SplitOptions, type SplitResult } from '../admin/split-regions.js'
import type { ClientCore } from '../core/client-core.js'
import { ChecksumAlgorithm, KvPair } from '../gen/kvrpcpb.js'
import type { KeyRange } from '../key-range.js'
import { runBounded } from '../region/run-bounded.js'
import type { Backoffer } from '../retry/backoffer.js'
import { tikvMethods } from '../rpc/methods.js'
import { RawCalls } from './raw-calls.js'
import { RawChecks } from './raw-check.js'
import { requirePairs, writeOutcomeUnknown } from './raw-errors.js'
import {
  RAW_SCAN_LIMIT,
  type CompareAndSwapOptions,
  type CompareAndSwapResult,
  type RawCallOptions,
  type RawChecksum,
  type RawEntry,
  type RawPut,
  type RawPutOptions,
  type RawScanOptions,
} from './raw-options.js'
import { RawScan } from './raw-scan.js'

const BATCH_BYTES = 16 * 1024
const BATCH_KEYS = 512
const ENTRIES_PER_PAGE = 1024

interface RawSettings {
  readonly columnFamily: string
  readonly atomic: boolean
}

/**
 * Raw keys: no transactions, no versions, one round trip a call. Do not use them on keys that transactions use.
 *
 * Keys are 1 to `keyBytesMax` bytes. A missing key is undefined, an empty value an empty array. Calls over many keys
 * are not atomic: when one fails, others may have been done. Values may be views into the message that brought them:
 * copy a small one that is kept for long.
 *
 * Errors: `INVALID_ARGUMENT`, `KEY_TOO_LARGE`, `VALUE_TOO_LARGE`, `API_VERSION_MISMATCH`, `REGION_UNAVAILABLE`,
 * `STORE_UNAVAILABLE`, `STORE_REFUSED`, `SERVER_BUSY`, `PD_UNAVAILABLE`, `RAFT_ENTRY_TOO_LARGE`, `STORAGE_FULL`,
 * `ABORTED`, `CLIENT_CLOSED`; and for writes whose answer was lost, or which were aborted on their way,
 * `COMMIT_UNDETERMINED`.
 */
export class RawClient {
  protected readonly core: ClientCore
  protected readonly calls: RawCalls
  protected readonly checks: RawChecks
  protected readonly settings: RawSettings

  constructor(core: ClientCore, settings: RawSettings = { columnFamily: '', atomic: false }) {
    this.core = core
    this.calls = new RawCalls(core)
    this.checks = new RawChecks(core)
    this.settings = settings
  }

  /**
   * The same keys in another column family: `default`, `lock` or `write`. Not with API V2.
   * @throws `INVALID_ARGUMENT`, `API_VERSION_MISMATCH`
   */
  withColumnFamily(columnFamily: string): RawClient {
    this.checks.columnFamily(columnFamily)
    return new RawClient(this.core, { ...this.settings, columnFamily })
  }

  /**
   * A client whose writes may run beside `compareAndSwap`. TiKV keeps such writes of a key in order, at a price; all
   * writers of keys that are swapped must use it.
   */
  atomic(): AtomicRawClient {
    return new AtomicRawClient(this.core, { ...this.settings, atomic: true })
  }

  /** The value, which may be empty; undefined when the key is missing. */
  async get(key: Uint8Array, options: RawCallOptions = {}): Promise<Uint8Array | undefined> {
    this.checks.key(key)
    return this.calls.run('get', options, async (command) => {
      const request = { context: undefined, key, cf: this.settings.columnFamily }
      const { response } = await this.calls.toKey(command, tikvMethods.rawGet, key, request)
      return response.notFound ? undefined : response.value
    })
  }

  /** In the order of `keys`. */
  async batchGet(
    keys: readonly Uint8Array[],
    options: RawCallOptions = {},
  ): Promise<(Uint8Array | undefined)[]> {
    for (const key of keys) this.checks.key(key)
    const found = new Map<string, Uint8Array>()
    await this.calls.run('batch_get', options, (command) =>
      this.calls.inBatches(
        command,
        tikvMethods.rawBatchGet,
        { items: keys, keyOf: keyItself, batchItemsMax: BATCH_KEYS },
        (items) => ({ context: undefined, keys: [...items], cf: this.settings.columnFamily }),
        ({ pairs }) => {
          requirePairs(tikvMethods.rawBatchGet.name, pairs)
          for (const { key, value } of pairs) found.set(toBinaryString(key), value)
        },
      ),
    )
    return keys.map((key) => found.get(toBinaryString(key)))
  }

  /** Puts a value, in place of the one that is there. */
  async put(key: Uint8Array, value: Uint8Array, options: RawPutOptions = {}): Promise<void> {
    this.checks.entry(key, value)
    const ttl = this.checks.ttl(options.ttlSeconds)
    const { columnFamily: cf, atomic: forCas } = this.settings
    await this.calls.write('put', options, (command) =>
      this.calls.toKey(command, tikvMethods.rawPut, key, { context: undefined, key, value, cf, ttl, forCas }),
    )
  }

  /** As `put` for many keys, several regions at once. */
  async batchPut(entries: readonly RawPut[], options: RawPutOptions = {}): Promise<void> {
    for (const { key, value } of entries) this.checks.entry(key, value)
    const fallback = this.checks.ttl(options.ttlSeconds)
    const items = entries.map(({ key, value, ttlSeconds }) => ({
      key,
      value,
      ttl: ttlSeconds === undefined ? fallback : this.checks.ttl(ttlSeconds),
    }))
    const { columnFamily: cf, atomic: forCas } = this.settings
    await this.calls.write('batch_put', options, (command) =>
      this.calls.inBatches(
        command,
        tikvMethods.rawBatchPut,
        {
          items,
          keyOf: ({ key }) => key,
          sizeOf: ({ key, value }) => key.length + value.length,
          batchBytesMax: BATCH_BYTES,
        },
        (batch) => ({
          context: undefined,
          pairs: batch.map(({ key, value }) => KvPair.create({ key, value })),
          cf,
          ttl: 0n,
          forCas,
          ttls: batch.map(({ ttl }) => ttl),
        }),
      ),
    )
  }

  /** Removes a key; one that is missing is no error. */
  async delete(key: Uint8Array, options: RawCallOptions = {}): Promise<void> {
    this.checks.key(key)
    const { columnFamily: cf, atomic: forCas } = this.settings
    await this.calls.write('delete', options, (command) =>
      this.calls.toKey(command, tikvMethods.rawDelete, key, { context: undefined, key, cf, forCas }),
    )
  }

  /** As `delete` for many keys, several regions at once. */
  async batchDelete(keys: readonly Uint8Array[], options: RawCallOptions = {}): Promise<void> {
    for (const key of keys) this.checks.key(key)
    const { columnFamily: cf, atomic: forCas } = this.settings
    await this.calls.write('batch_delete', options, (command) =>
      this.calls.inBatches(
        command,
        tikvMethods.rawBatchDelete,
        { items: keys, keyOf: keyItself, batchItemsMax: BATCH_KEYS },
        (items) => ({ context: undefined, keys: [...items], cf, forCas }),
      ),
    )
  }

  /** Deletes every key of the range. */
  async deleteRange(range: KeyRange, options: RawCallOptions = {}): Promise<void> {
    if (!this.checks.range(range)) return
    const { columnFamily: cf } = this.settings
    await this.calls.write('delete_range', options, (command) =>
      this.calls.overRange(command, tikvMethods.rawDeleteRange, range, ({ start, end }) => ({
        context: undefined,
        startKey: start,
        endKey: end,
        cf,
      })),
    )
  }

  /** At most `limit` (up to 10 240) entries of the range, in key order; in falling order with `reverse`. */
  async scan(range: KeyRange, limit: number, options: RawScanOptions = {}): Promise<RawEntry[]> {
    this.checks.limit(limit)
    if (!this.checks.range(range)) return []
    return this.calls.run('scan', options, ({ backoffer }) => this.#scan(range, limit, backoffer, options))
  }

  /** Every entry of the range, in arrays as the servers give them. Bounded memory, however long the range is. */
  async *entries(range: KeyRange, options: RawScanOptions = {}): AsyncGenerator<RawEntry[], void> {
    if (!this.checks.range(range)) return
    const scan = new RawScan(this.core, this.settings.columnFamily, range, options)
    while (!scan.done) {
      const page = await this.calls.run('scan', options, ({ backoffer }) =>
        scan.page(ENTRIES_PER_PAGE, backoffer),
      )
      if (page.length > 0) yield page
    }
  }

  /** For each range its first `eachLimit` entries, in the order of the ranges. */
  async batchScan(
    ranges: readonly KeyRange[],
    eachLimit: number,
    options: RawScanOptions = {},
  ): Promise<RawEntry[][]> {
    this.checks.limit(eachLimit)
    const wanted = [...ranges.entries()].filter(([, range]) => this.checks.range(range))
    const results: RawEntry[][] = ranges.map(() => [])
    await this.calls.run('batch_scan', options, ({ backoffer }) =>
      runBounded({
        tasks: wanted,
        concurrency: this.core.config.committerConcurrency,
        signal: options.signal,
        run: async ([index, range], { signal }) => {
          results[index] = await this.#scan(range, eachLimit, backoffer.fork(signal), options)
        },
      }),
    )
    return results
  }

  /**
   * Seconds the key has left: undefined without the key, Infinity when it stays for ever. Needs API V1TTL or V2.
   */
  async getTtl(key: Uint8Array, options: RawCallOptions = {}): Promise<number | undefined> {
    this.checks.key(key)
    return this.calls.run('get_ttl', options, async (command) => {
      const request = { context: undefined, key, cf: this.settings.columnFamily }
      const { response } = await this.calls.toKey(command, tikvMethods.rawGetKeyTTL, key, request)
      if (response.notFound) return undefined
      return response.ttl === 0n ? Number.POSITIVE_INFINITY : Number(response.ttl)
    })
  }

  /** Of keys and values as they are stored: with API V2 the keyspace's prefix counts. */
  async checksum(range: KeyRange, options: RawCallOptions = {}): Promise<RawChecksum> {
    const total = { crc64Xor: 0n, totalKvs: 0n, totalBytes: 0n }
    if (!this.checks.range(range)) return total
    await this.calls.run('checksum', options, (command) =>
      this.calls.overRange(
        command,
        tikvMethods.rawChecksum,
        range,
        ({ start, end }) => ({
          context: undefined,
          algorithm: ChecksumAlgorithm.Crc64_Xor,
          ranges: [{ startKey: start, endKey: end }],
        }),
        ({ checksum, totalKvs, totalBytes }) => {
          total.crc64Xor ^= checksum
          total.totalKvs += totalKvs
          total.totalBytes += totalBytes
        },
      ),
    )
    return total
  }

  /** Cuts regions before these keys, so that a load that is to come spreads over the servers. */
  async splitRegions(keys: readonly Uint8Array[], options: SplitOptions = {}): Promise<SplitResult> {
    for (const key of keys) this.checks.key(key)
    return splitRegions(this.core, keys, true, options)
  }

  async #scan(
    range: KeyRange,
    limit: number,
    backoffer: Backoffer,
    options: RawScanOptions,
  ): Promise<RawEntry[]> {
    const scan = new RawScan(this.core, this.settings.columnFamily, range, options)
    const found: RawEntry[] = []
    while (!scan.done && found.length < limit) {
      for (const entry of await scan.page(Math.min(limit - found.length, RAW_SCAN_LIMIT), backoffer))
        found.push(entry)
    }
    return found
  }
}

/** Writes that may run beside compare-and-swap, and compare-and-swap itself. See {@link RawClient.atomic}. */
export class AtomicRawClient extends RawClient {
  override withColumnFamily(columnFamily: string): AtomicRawClient {
    this.checks.columnFamily(columnFamily)
    return new AtomicRawClient(this.core, { ...this.settings, columnFamily })
  }

  override atomic(): this {
    return this
  }

  /**
   * Puts `value` if the key has the expected value, or is missing where `expected` is undefined.
   * @throws `COMMIT_UNDETERMINED` also when an answer was lost and the next attempt found another value: it may be that
   *   the first one had put it.
   */
  async compareAndSwap(
    key: Uint8Array,
    value: Uint8Array,
    options: CompareAndSwapOptions,
  ): Promise<CompareAndSwapResult> {
    this.checks.entry(key, value)
    if (options.expected !== undefined) this.checks.entry(key, options.expected)
    const ttl = this.checks.ttl(options.ttlSeconds)
    return this.#swap({ key, value, expected: options.expected, ttl, remove: false }, options)
  }

  /** Deletes the key if it has the expected value. */
  async compareAndDelete(
    key: Uint8Array,
    expected: Uint8Array,
    options: RawCallOptions = {},
  ): Promise<CompareAndSwapResult> {
    this.checks.entry(key, expected)
    return this.#swap({ key, value: EMPTY_BYTES, expected, ttl: 0n, remove: true }, options)
  }

  #swap({ key, value, expected, ttl, remove }: Swap, options: RawCallOptions): Promise<CompareAndSwapResult> {
    const request = {
      context: undefined,
      key,
      value,
      previousNotExist: expected === undefined,
      previousValue: expected ?? EMPTY_BYTES,
      cf: this.settings.columnFamily,
      ttl,
      delete: remove,
    }
    return this.calls.write('compare_and_swap', options, async (command) => {
      const { response, transportFailed } = await this.calls.toKey(
        command,
        tikvMethods.rawCompareAndSwap,
        key,
        request,
      )
      if (!response.succeed && transportFailed) throw writeOutcomeUnknown('raw compare_and_swap', undefined)
      return {
        swapped: response.succeed,
        previous: response.previousNotExist ? undefined : response.previousValue,
      }
    })
  }
}

interface Swap {
  readonly key: Uint8Array
  readonly value: Uint8Array
  readonly expected: Uint8Array | undefined
  readonly ttl: bigint
  readonly remove: boolean
}

const keyItself = (key: Uint8Array): Uint8Array => key
