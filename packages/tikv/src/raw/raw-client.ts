import { SpanStatusCode } from '@opentelemetry/api'
import { splitRegions, type SplitOptions, type SplitResult } from '../admin/split-regions.js'
import type { ClientCore } from '../core/client-core.js'
import type { KeyRange } from '../key-range.js'
import {
  ChecksumAlgorithm,
  type KvPair,
  type RawChecksumRequest,
  type RawChecksumResponse,
} from '../gen/kvrpcpb.js'
import { callByKey, forEachBatch, forEachPart, type Again, type RegionBatch } from '../region/by-region.js'
import { runBounded } from '../region/run-bounded.js'
import type { RegionRequest, RegionResponse, SendOptions } from '../region/region-request.js'
import { BackoffBudgets } from '../retry/backoff-kind.js'
import type { Backoffer } from '../retry/backoffer.js'
import type { KvMethod } from '../rpc/method.js'
import { tikvMethods } from '../rpc/methods.js'
import { RawChecks } from './raw-check.js'
import { rawError, requirePairs, undeterminedWrite, writeOutcomeUnknown } from './raw-errors.js'
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
/** Of calls whose work grows with what is stored. */
const LONG_TIMEOUT_MS = 60_000

/** Whether the answer of some part of an operation was lost on its way. */
interface Answers {
  lost: boolean
}

interface RawSettings {
  readonly columnFamily: string
  readonly atomic: boolean
}

/** What a raw response may carry besides its answer. */
interface RawResponse extends RegionResponse {
  readonly error: string
}

/**
 * Raw keys: no transactions, no versions, one round trip a call. Do not use them on keys that transactions use.
 *
 * Keys are 1 to `keyBytesMax` bytes. A missing key is undefined, an empty value an empty array. Calls over many keys
 * are not atomic: when one fails, others may have been done. Values may be views into the message that brought them:
 * copy a small one that is kept for long.
 *
 * Errors: `INVALID_ARGUMENT`, `KEY_TOO_LARGE`, `VALUE_TOO_LARGE`, `API_VERSION_MISMATCH`, `REGION_UNAVAILABLE`,
 * `STORE_UNAVAILABLE`, `STORE_REFUSED`, `SERVER_BUSY`, `PD_UNAVAILABLE`, `RAFT_ENTRY_TOO_LARGE`, `STORAGE_FULL`, `ABORTED`,
 * `CLIENT_CLOSED`; and for writes whose answer was lost `COMMIT_UNDETERMINED`.
 */
export class RawClient {
  protected readonly core: ClientCore
  protected readonly checks: RawChecks
  protected readonly settings: RawSettings

  constructor(core: ClientCore, settings: RawSettings = { columnFamily: '', atomic: false }) {
    this.core = core
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

  async get(key: Uint8Array, options: RawCallOptions = {}): Promise<Uint8Array | undefined> {
    this.checks.key(key)
    return this.timed('get', options, async (backoffer) => {
      const request = { context: undefined, key, cf: this.settings.columnFamily }
      const answer = await this.one(tikvMethods.rawGet, key, request, backoffer, options)
      return answer.notFound ? undefined : answer.value
    })
  }

  /** In the order of `keys`. */
  async batchGet(
    keys: readonly Uint8Array[],
    options: RawCallOptions = {},
  ): Promise<(Uint8Array | undefined)[]> {
    for (const key of keys) this.checks.key(key)
    return this.timed('batch_get', options, async (backoffer) => {
      const found = new Map<string, Uint8Array>()
      await this.#batches(keys, keyItself, backoffer, { itemsMax: BATCH_KEYS }, (batch, own) =>
        this.#sendBatch(
          tikvMethods.rawBatchGet,
          batch,
          { context: undefined, keys: [...batch.items], cf: this.settings.columnFamily },
          own,
          options,
          { lost: false },
          ({ pairs }) => {
            requirePairs(tikvMethods.rawBatchGet.name, pairs)
            for (const pair of pairs) found.set(mapKey(pair.key), pair.value)
          },
        ),
      )
      return keys.map((key) => found.get(mapKey(key)))
    })
  }

  async put(key: Uint8Array, value: Uint8Array, options: RawPutOptions = {}): Promise<void> {
    this.checks.entry(key, value)
    const ttl = this.checks.ttl(options.ttlSeconds)
    const { columnFamily: cf, atomic: forCas } = this.settings
    await this.write('put', options, (backoffer) =>
      this.one(
        tikvMethods.rawPut,
        key,
        { context: undefined, key, value, cf, ttl, forCas },
        backoffer,
        options,
      ),
    )
  }

  async batchPut(entries: readonly RawPut[], options: RawPutOptions = {}): Promise<void> {
    for (const { key, value } of entries) this.checks.entry(key, value)
    const fallback = this.checks.ttl(options.ttlSeconds)
    const items = entries.map(({ key, value, ttlSeconds }) => ({
      key,
      value,
      ttl: ttlSeconds === undefined ? fallback : this.checks.ttl(ttlSeconds),
    }))
    const { columnFamily: cf, atomic: forCas } = this.settings
    await this.write('batch_put', options, (backoffer, answers) =>
      this.#batches(
        items,
        ({ key }) => key,
        backoffer,
        { bytesMax: BATCH_BYTES, sizeOf: entrySize },
        (batch, own) => {
          const pairs: KvPair[] = batch.items.map(({ key, value }) => ({
            key,
            value,
            error: undefined,
            commitTs: 0n,
          }))
          const request = {
            context: undefined,
            pairs,
            cf,
            ttl: 0n,
            forCas,
            ttls: batch.items.map(({ ttl }) => ttl),
          }
          return this.#sendBatch(tikvMethods.rawBatchPut, batch, request, own, options, answers)
        },
      ),
    )
  }

  async delete(key: Uint8Array, options: RawCallOptions = {}): Promise<void> {
    this.checks.key(key)
    const { columnFamily: cf, atomic: forCas } = this.settings
    await this.write('delete', options, (backoffer) =>
      this.one(tikvMethods.rawDelete, key, { context: undefined, key, cf, forCas }, backoffer, options),
    )
  }

  async batchDelete(keys: readonly Uint8Array[], options: RawCallOptions = {}): Promise<void> {
    for (const key of keys) this.checks.key(key)
    const { columnFamily: cf, atomic: forCas } = this.settings
    await this.write('batch_delete', options, (backoffer, answers) =>
      this.#batches(keys, keyItself, backoffer, { itemsMax: BATCH_KEYS }, (batch, own) =>
        this.#sendBatch(
          tikvMethods.rawBatchDelete,
          batch,
          { context: undefined, keys: [...batch.items], cf, forCas },
          own,
          options,
          answers,
        ),
      ),
    )
  }

  /** Deletes every key of the range. */
  async deleteRange(range: KeyRange, options: RawCallOptions = {}): Promise<void> {
    if (!this.checks.range(range)) return
    await this.write('delete_range', options, (backoffer, answers) =>
      this.#parts(range, backoffer, answers, ({ start, end }) => ({
        method: tikvMethods.rawDeleteRange,
        request: { context: undefined, startKey: start, endKey: end, cf: this.settings.columnFamily },
        options,
        onAnswer: () => undefined,
      })),
    )
  }

  /** At most `limit` (up to 10 240) entries of the range, in key order; in falling order with `reverse`. */
  async scan(range: KeyRange, limit: number, options: RawScanOptions = {}): Promise<RawEntry[]> {
    this.checks.limit(limit)
    if (!this.checks.range(range)) return []
    return this.timed('scan', options, (backoffer) => this.#scan(range, limit, backoffer, options))
  }

  /** Every entry of the range, in arrays as the servers give them. Bounded memory, however long the range is. */
  async *entries(range: KeyRange, options: RawScanOptions = {}): AsyncGenerator<RawEntry[], void> {
    if (!this.checks.range(range)) return
    const scan = new RawScan(this.core, this.settings.columnFamily, range, options)
    while (!scan.done) {
      const page = await this.timed('scan', options, (backoffer) => scan.page(ENTRIES_PER_PAGE, backoffer))
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
    const wanted = ranges.map((range) => this.checks.range(range))
    return this.timed('batch_scan', options, async (backoffer) => {
      const results: RawEntry[][] = ranges.map(() => [])
      await runBounded({
        tasks: [...ranges.entries()].filter(([index]) => wanted[index] === true),
        concurrency: this.core.config.committerConcurrency,
        signal: options.signal,
        run: async ([index, range], { signal }) => {
          results[index] = await this.#scan(range, eachLimit, backoffer.fork(signal), options)
        },
      })
      return results
    })
  }

  /**
   * Seconds the key has left: undefined without the key, Infinity when it stays for ever. Needs API V1TTL or V2.
   */
  async getTtl(key: Uint8Array, options: RawCallOptions = {}): Promise<number | undefined> {
    this.checks.key(key)
    return this.timed('get_ttl', options, async (backoffer) => {
      const request = { context: undefined, key, cf: this.settings.columnFamily }
      const answer = await this.one(tikvMethods.rawGetKeyTTL, key, request, backoffer, options)
      if (answer.notFound) return undefined
      return answer.ttl === 0n ? Number.POSITIVE_INFINITY : Number(answer.ttl)
    })
  }

  /**
   * Cuts regions before these keys, so that a load that is to come spreads over the servers.
   * @throws as the other methods; `STORE_REFUSED`
   */
  splitRegions(keys: readonly Uint8Array[], options: SplitOptions = {}): Promise<SplitResult> {
    for (const key of keys) this.checks.key(key)
    return splitRegions(this.core, keys, true, options)
  }

  /** Of keys and values as they are stored: with API V2 the keyspace's prefix counts. */
  async checksum(range: KeyRange, options: RawCallOptions = {}): Promise<RawChecksum> {
    const total = { crc64Xor: 0n, totalKvs: 0n, totalBytes: 0n }
    if (!this.checks.range(range)) return total
    return this.timed('checksum', options, async (backoffer) => {
      const answers: Answers = { lost: false }
      await this.#parts<RawChecksumRequest, RawChecksumResponse>(
        range,
        backoffer,
        answers,
        ({ start, end }) => ({
          method: tikvMethods.rawChecksum,
          request: {
            context: undefined,
            algorithm: ChecksumAlgorithm.Crc64_Xor,
            ranges: [{ startKey: start, endKey: end }],
          },
          options,
          onAnswer: ({ checksum, totalKvs, totalBytes }) => {
            total.crc64Xor ^= checksum
            total.totalKvs += totalKvs
            total.totalBytes += totalBytes
          },
        }),
      )
      return total
    })
  }

  protected async one<Request extends RegionRequest, Response extends RawResponse>(
    method: KvMethod<Request, Response>,
    key: Uint8Array,
    request: Request,
    backoffer: Backoffer,
    options: RawCallOptions,
  ): Promise<Response> {
    const { response } = await callByKey({
      regions: this.core.regions,
      sender: this.core.sender,
      backoffer,
      key,
      method,
      request,
      options: this.sendOptions(method, options),
    })
    if (response.error !== '') throw rawError(method.name, response.error)
    return response
  }

  protected async write(
    command: string,
    options: RawCallOptions,
    work: (backoffer: Backoffer, answers: Answers) => Promise<unknown>,
  ): Promise<void> {
    const answers: Answers = { lost: false }
    await this.timed(command, options, async (backoffer) => {
      try {
        await work(backoffer, answers)
      } catch (error) {
        throw undeterminedWrite(`raw ${command}`, error, answers.lost)
      }
    })
  }

  protected async timed<T>(
    command: string,
    options: RawCallOptions,
    work: (backoffer: Backoffer) => Promise<T>,
  ): Promise<T> {
    const { env, telemetry } = this.core
    const startMs = env.clock.monotonicMs()
    const span = telemetry.tracer.startSpan(`tikv.raw.${command}`)
    try {
      return await work(this.core.backoffer(BackoffBudgets.raw, options.signal))
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR })
      throw error
    } finally {
      telemetry.rawSeconds.observe((env.clock.monotonicMs() - startMs) / 1000, { command })
      span.end()
    }
  }

  protected sendOptions(method: { readonly writes: boolean }, options: RawCallOptions): SendOptions {
    const { requestTimeout, writeTimeout } = this.core.config
    return {
      timeoutMs: method.writes ? writeTimeout : requestTimeout,
      details: options.details,
      interceptors: options.interceptors,
    }
  }

  #batches<Item>(
    items: readonly Item[],
    keyOf: (item: Item) => Uint8Array,
    backoffer: Backoffer,
    limits: { bytesMax?: number; itemsMax?: number; sizeOf?: (item: Item) => number },
    work: (batch: RegionBatch<Item>, backoffer: Backoffer) => Promise<Again<Item> | undefined>,
  ): Promise<void> {
    return forEachBatch({
      regions: this.core.regions,
      backoffer,
      items,
      keyOf,
      sizeOf: limits.sizeOf ?? (() => 0),
      batchBytesMax: limits.bytesMax,
      batchItemsMax: limits.itemsMax,
      concurrency: this.core.config.committerConcurrency,
      cancelOnError: false,
      work,
    })
  }

  async #sendBatch<Item, Request extends RegionRequest, Response extends RegionResponse>(
    method: KvMethod<Request, Response>,
    batch: RegionBatch<Item>,
    request: Request,
    backoffer: Backoffer,
    options: RawCallOptions,
    answers: Answers,
    onAnswer: (response: Response) => void = () => undefined,
  ): Promise<Again<Item> | undefined> {
    const sendOptions = { ...this.sendOptions(method, options), retry: batch.attempt > 0 }
    const outcome = await this.core.sender.send(backoffer, batch.region, method, request, sendOptions)
    if (outcome.transportFailed) answers.lost = true
    if (outcome.regionError !== undefined) return { items: batch.items, regionError: outcome.regionError }
    const error = textErrorOf(outcome.response)
    if (error !== '') throw rawError(method.name, error)
    onAnswer(outcome.response)
    return undefined
  }

  #parts<Request extends RegionRequest, Response extends RawResponse>(
    range: KeyRange,
    backoffer: Backoffer,
    answers: Answers,
    callFor: (part: KeyRange) => PartCall<Request, Response>,
  ): Promise<void> {
    return forEachPart({
      regions: this.core.regions,
      backoffer,
      range,
      concurrency: this.core.config.committerConcurrency,
      work: async (part, own) => {
        const { method, request, options, onAnswer } = callFor(part.range)
        const outcome = await this.core.sender.send(own, part.region, method, request, {
          ...this.sendOptions(method, options),
          timeoutMs: LONG_TIMEOUT_MS,
        })
        if (outcome.transportFailed) answers.lost = true
        if (outcome.regionError !== undefined) return outcome.regionError
        if (outcome.response.error !== '') throw rawError(method.name, outcome.response.error)
        onAnswer(outcome.response)
        return undefined
      },
    })
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
    const ttl = this.checks.ttl(options.ttlSeconds)
    return this.#swap(key, value, options.expected, ttl, false, options)
  }

  /** Deletes the key if it has the expected value. */
  async compareAndDelete(
    key: Uint8Array,
    expected: Uint8Array,
    options: RawCallOptions = {},
  ): Promise<CompareAndSwapResult> {
    this.checks.entry(key, expected)
    return this.#swap(key, new Uint8Array(0), expected, 0n, true, options)
  }

  async #swap(
    key: Uint8Array,
    value: Uint8Array,
    expected: Uint8Array | undefined,
    ttl: bigint,
    remove: boolean,
    options: RawCallOptions,
  ): Promise<CompareAndSwapResult> {
    const request = {
      context: undefined,
      key,
      value,
      previousNotExist: expected === undefined,
      previousValue: expected ?? new Uint8Array(0),
      cf: this.settings.columnFamily,
      ttl,
      delete: remove,
    }
    return this.timed('compare_and_swap', options, async (backoffer) => {
      try {
        const { response, transportFailed } = await callByKey({
          regions: this.core.regions,
          sender: this.core.sender,
          backoffer,
          key,
          method: tikvMethods.rawCompareAndSwap,
          request,
          options: this.sendOptions(tikvMethods.rawCompareAndSwap, options),
        })
        if (response.error !== '') throw rawError('RawCompareAndSwap', response.error)
        if (!response.succeed && transportFailed) throw writeOutcomeUnknown('raw compare_and_swap', undefined)
        return {
          swapped: response.succeed,
          previous: response.previousNotExist ? undefined : response.previousValue,
        }
      } catch (error) {
        throw undeterminedWrite('raw compare_and_swap', error, false)
      }
    })
  }
}

interface PartCall<Request, Response> {
  readonly method: KvMethod<Request, Response>
  readonly request: Request
  readonly options: RawCallOptions
  readonly onAnswer: (response: Response) => void
}

const keyItself = (key: Uint8Array): Uint8Array => key
const entrySize = ({ key, value }: RawEntry): number => key.length + value.length

/** Keys as strings of one character a byte, which a `Map` can find. */
const mapKey = (key: Uint8Array): string =>
  Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1')

/** Not every raw response has the field. */
function textErrorOf(response: RegionResponse): string {
  return 'error' in response && typeof response.error === 'string' ? response.error : ''
}
