import { EMPTY_BYTES, OrbitError } from '@orbit-ts/base'
import type { ClientCore } from '../core/client-core.js'
import type { LockInfo, MvccInfo } from '../gen/kvrpcpb.js'
import { requireKey, requireKeys, requireRange } from '../input/require-input.js'
import type { KeyRange } from '../key-range.js'
import type { GcBarrier, GcState, RegionInfo, ServiceSafePoint } from '../pd/pd-client.js'
import { callByKey, forEachPart } from '../region/by-region.js'
import type { RegionRequest, RegionResponse } from '../region/region-request.js'
import { BackoffBudgets } from '../retry/backoff-kind.js'
import type { KvMethod } from '../rpc/method.js'
import { tikvMethods } from '../rpc/methods.js'
import { physicalMs, type Timestamp } from '../timestamp.js'
import type { LockResolver } from '../txn/lock/lock-resolver.js'
import { resolveLockRange, scanLocks } from '../txn/lock/resolve-lock-range.js'
import type { TxnSafePoint } from '../txn/lock/safe-point.js'
import type {
  AdminCallOptions,
  BarrierOptions,
  DeleteRangeOptions,
  FlashbackOptions,
  GcResult,
  LockWait,
  MvccOfStartTs,
  RangeCallOptions,
  RegionOfKeyOptions,
  StoreState,
} from './admin-options.js'
import { runRangeTask } from './range-task.js'
import { splitRegions, type SplitOptions, type SplitResult } from './split-regions.js'
import { callEveryStore, refusedByStore, storeContext } from './store-calls.js'
import { StoreSafeTs } from './store-safe-ts.js'
import { storeFacts, type StoreFacts } from './store-facts.js'
import { storeStates } from './store-states.js'

const CONCURRENCY = 8
const REGIONS_PER_PAGE = 1024
const CONCURRENCY_MAX = 128
const MEDIUM_TIMEOUT_MS = 60_000
const DESTROY_TIMEOUT_MS = 5 * 60_000
const EVERYTHING: KeyRange = { start: EMPTY_BYTES, end: EMPTY_BYTES }

export interface AdminClientParts {
  readonly core: ClientCore
  readonly resolver: LockResolver
  readonly safePoint: Pick<TxnSafePoint, 'advanceTo'>
}

/** What an answer to an administrative request carries besides a region error. */
interface TextResponse extends RegionResponse {
  readonly error: string
}

/**
 * Work on the cluster rather than on keys: garbage collection, regions, locks and versions as the servers have them. Its
 * keys are those of transactions.
 *
 * Errors of all: `INVALID_ARGUMENT`, `REGION_UNAVAILABLE`, `STORE_UNAVAILABLE`, `STORE_REFUSED`, `SERVER_BUSY`,
 * `PD_UNAVAILABLE`, `PD_REFUSED`, `ABORTED`, `CLIENT_CLOSED`.
 */
export class AdminClient {
  readonly #core: ClientCore
  readonly #resolver: LockResolver
  readonly #safePoint: Pick<TxnSafePoint, 'advanceTo'>
  readonly #safeTs: StoreSafeTs

  constructor({ core, resolver, safePoint }: AdminClientParts) {
    this.#core = core
    this.#resolver = resolver
    this.#safePoint = safePoint
    this.#safeTs = new StoreSafeTs(core)
  }

  /** Cuts regions before each of the keys, and has PD spread them over the stores when asked to. */
  async splitRegions(keys: readonly Uint8Array[], options: SplitOptions = {}): Promise<SplitResult> {
    requireKeys(keys)
    return splitRegions(this.#core, keys, false, options)
  }

  /**
   * Deletes every version of every key of the range, at once and for every reader. Frees no space by itself.
   * Transactions that use the keys meanwhile may see part of it.
   */
  async deleteRange(range: KeyRange, options: DeleteRangeOptions = {}): Promise<void> {
    const notifyOnly = options.notifyOnly === true
    await this.#forEachPart(range, options, tikvMethods.kvDeleteRange, ({ start, end }) => ({
      context: undefined,
      startKey: start,
      endKey: end,
      notifyOnly,
    }))
  }

  /**
   * Removes a range from the files of every store, past replication and locks: nobody may use the keys again. Asks every
   * store, and fails when one of them fails; it may be repeated. Needs both bounds, but for API V2.
   * @throws `STORE_REFUSED`; its details list the stores that failed
   */
  async unsafeDestroyRange(range: KeyRange, options: AdminCallOptions = {}): Promise<void> {
    if (!isRange(range)) return
    if (this.#core.codec.keyspaceId === undefined && (range.start.length === 0 || range.end.length === 0)) {
      throw new OrbitError(
        'INVALID_ARGUMENT',
        'range: unsafeDestroyRange needs both of its bounds; the servers refuse one that is open',
        { field: 'range' },
      )
    }
    const { answers, failures } = await callEveryStore(
      this.#core,
      tikvMethods.unsafeDestroyRange,
      { context: storeContext(this.#core), startKey: range.start, endKey: range.end },
      { timeoutMs: DESTROY_TIMEOUT_MS, signal: options.signal },
    )
    const failed = [
      ...failures.map(({ store, error }) => ({ store: String(store.id), reason: error.message })),
      ...answers.flatMap(({ store, response: { error } }) =>
        error === '' ? [] : [{ store: String(store.id), reason: error }],
      ),
    ]
    const [first] = failed
    if (first === undefined) return
    if (options.signal?.aborted === true)
      throw new OrbitError('ABORTED', 'unsafeDestroyRange was aborted', {}, { cause: options.signal.reason })
    throw new OrbitError(
      'STORE_REFUSED',
      `unsafeDestroyRange failed on ${failed.length} of ${failures.length + answers.length} stores, the first of them store ${first.store}: ${first.reason}; repeat it`,
      { failures: failed },
    )
  }

  /** The locks of transactions that started at or before `maxTs`, in key order; `limit` at most. */
  async *scanLocks(
    maxTs: Timestamp,
    range: KeyRange = EVERYTHING,
    limit: number = Number.POSITIVE_INFINITY,
    options: AdminCallOptions & { readonly pageSize?: number | undefined } = {},
  ): AsyncGenerator<LockInfo, void, void> {
    if (!(limit >= 0)) throw invalid('limit', limit, 'is not a number of at least 0')
    if (!isRange(range) || limit === 0) return
    let given = 0
    for await (const { locks } of scanLocks(this.#core, range, maxTs, options)) {
      for (const lock of locks) {
        yield lock
        given += 1
        if (given >= limit) return
      }
    }
  }

  /**
   * Ends every transaction that started at or before `maxTs` and left a lock in the range, expired or not, and cleans the
   * locks. Gives the number of locks found.
   */
  async resolveLocks(
    maxTs: Timestamp,
    range: KeyRange = EVERYTHING,
    options: RangeCallOptions = {},
  ): Promise<number> {
    let found = 0
    await runRangeTask({
      core: this.#core,
      range,
      concurrency: concurrencyOf(options),
      signal: options.signal,
      run: async (part, signal) => {
        found += await resolveLockRange(this.#core, this.#resolver, part, maxTs, { signal })
      },
    })
    return found
  }

  /**
   * Collects garbage up to `safePoint`, or as far as barriers let it: forbids older transactions, ends those that left
   * locks, and lets the servers drop versions that nobody can read any more.
   * @throws also `PD_REFUSED` when the safe point is behind the one in effect
   */
  async gc(safePoint: Timestamp, options: RangeCallOptions = {}): Promise<GcResult> {
    concurrencyOf(options)
    const { pd } = this.#core
    const now = await pd.getTimestamp({ signal: options.signal })
    if (safePoint <= 0n || safePoint > now) {
      throw invalid('safePoint', safePoint, `is not between 1 and the present, ${now}`)
    }
    const advanced = await pd.gc.advanceTxnSafePoint(safePoint, { signal: options.signal })
    const reached = advanced.new < safePoint ? advanced.new : safePoint
    if (reached < safePoint) {
      const { logger } = this.#core
      logger.info(
        { safePoint: String(safePoint), reached: String(reached), blocker: advanced.blocker },
        'the safe point is held back',
      )
    }
    this.#safePoint.advanceTo(reached)
    const resolvedLocks = await this.resolveLocks(reached, EVERYTHING, options)
    const { new: gcSafePoint } = await pd.gc.advanceGcSafePoint(reached, { signal: options.signal })
    this.#core.telemetry.safePoint.set(physicalMs(gcSafePoint), { kind: 'gc' })
    return { txnSafePoint: reached, gcSafePoint, blocker: advanced.blocker, resolvedLocks }
  }

  /** The safe points in effect and what holds them back, in this keyspace and in all of them. */
  gcState(options: AdminCallOptions = {}): Promise<GcState> {
    return this.#core.pd.gc.getState({ ...options, globalBarriers: true })
  }

  /**
   * Keeps versions that reads at `timestamp` need, for `ttlMs`. Setting it again moves it.
   * @throws `PD_REFUSED` or `SNAPSHOT_TOO_OLD` when the safe point has passed the timestamp
   */
  setBarrier(
    id: string,
    timestamp: Timestamp,
    ttlMs: number,
    { global = false, ...options }: BarrierOptions = {},
  ): Promise<GcBarrier> {
    requireId(id)
    if (!(ttlMs > 0) || !Number.isFinite(ttlMs)) {
      throw invalid('ttlMs', ttlMs, 'is not a finite number above 0; use deleteBarrier() to remove a barrier')
    }
    const { gc } = this.#core.pd
    return global
      ? gc.setGlobalBarrier(id, timestamp, ttlMs, options)
      : gc.setBarrier(id, timestamp, ttlMs, options)
  }

  /** Undefined when there was none, or an older PD does not tell. */
  deleteBarrier(
    id: string,
    { global = false, ...options }: BarrierOptions = {},
  ): Promise<GcBarrier | undefined> {
    const { gc } = this.#core.pd
    return global ? gc.deleteGlobalBarrier(id, options) : gc.deleteBarrier(id, options)
  }

  /**
   * The older way to hold garbage collection back, which every PD has: for `ttlSeconds`, or no longer when that is 0.
   * Gives the smallest of all; one above `timestamp` means that it came too late, and was not taken.
   */
  updateServiceSafePoint(
    id: string,
    timestamp: Timestamp,
    ttlSeconds: number,
    options: AdminCallOptions = {},
  ): Promise<ServiceSafePoint> {
    requireId(id)
    return this.#core.pd.gc.updateServiceSafePoint(id, ttlSeconds, timestamp, options)
  }

  /** The region of a key as PD knows it now; of the first of `members` that answers, when they are named. */
  region(key: Uint8Array, { members, ...options }: RegionOfKeyOptions = {}): Promise<RegionInfo | undefined> {
    const { pd } = this.#core
    return members === undefined ? pd.getRegion(key, options) : pd.getRegionFromMember(key, members, options)
  }

  /**
   * The regions of a range as PD knows them now, in key order, in chunks of `pageSize` at most (default 1024). While
   * regions change some of them may be missing, or come twice, in parts.
   */
  async *regions(
    range: KeyRange = EVERYTHING,
    { pageSize = REGIONS_PER_PAGE, ...options }: AdminCallOptions & { readonly pageSize?: number } = {},
  ): AsyncGenerator<readonly RegionInfo[], void, void> {
    if (!Number.isInteger(pageSize) || pageSize < 1)
      throw invalid('pageSize', pageSize, 'is no whole number, 1 or more')
    let rest: KeyRange = range
    while (isRange(rest)) {
      const page = await this.#core.pd.scanRegions(rest, pageSize, options)
      const last = page.at(-1)
      if (last === undefined) return
      yield page
      if (last.region.endKey.length === 0) return
      rest = { start: last.region.endKey, end: range.end }
    }
  }

  /** Takes the places of the first `limit` regions of a range into the client's cache. Gives how many there are. */
  async loadRegions(range: KeyRange, limit: number, options: AdminCallOptions = {}): Promise<number> {
    if (!Number.isInteger(limit) || limit < 1) throw invalid('limit', limit, 'is no whole number, 1 or more')
    if (!isRange(range)) return 0
    const backoffer = this.#core.backoffer(BackoffBudgets.get, options.signal)
    return (await this.#core.regions.splitRange(backoffer, range, limit)).length
  }

  /** How many regions of the range are in the client's cache. Asks nobody: for estimates. */
  cachedRegions(range: KeyRange): number {
    requireRange(range)
    return this.#core.regions.countCached(range)
  }

  /** Every TiKV server that is not removed, with the figures of its latest heartbeat. */
  storeFacts(options: AdminCallOptions = {}): Promise<readonly StoreFacts[]> {
    return storeFacts(this.#core, options)
  }

  /** The timestamp up to which every store answers stale reads, at most 2 s old. 0: none. */
  minSafeTs(): Promise<Timestamp> {
    return this.#safeTs.minimum()
  }

  /** The same for each store. */
  storeSafeTs(): Promise<ReadonlyMap<bigint, Timestamp>> {
    return this.#safeTs.byStore()
  }

  /** Every TiKV server that is not removed, and whether it serves; one that does not answer costs `storeLivenessTimeout`. */
  storeStates(options: AdminCallOptions = {}): Promise<readonly StoreState[]> {
    return storeStates(this.#core, options)
  }

  /** All versions and the lock of a key, for debugging. */
  async mvccByKey(key: Uint8Array, options: AdminCallOptions = {}): Promise<MvccInfo | undefined> {
    requireKey(key)
    const { response } = await callByKey({
      regions: this.#core.regions,
      sender: this.#core.sender,
      backoffer: this.#core.backoffer(BackoffBudgets.get, options.signal),
      key,
      method: tikvMethods.mvccGetByKey,
      request: { context: undefined, key },
      options: { timeoutMs: this.#core.config.requestTimeout },
    })
    if (response.error !== '') throw refusedByStore('MvccGetByKey', response.error)
    return response.info
  }

  /**
   * A key that the transaction committed or rolled back, and its versions, for debugging; of many keys, any. Searches
   * region by region.
   */
  async mvccByStartTs(
    startTs: Timestamp,
    range: KeyRange = EVERYTHING,
    options: RangeCallOptions = {},
  ): Promise<MvccOfStartTs | undefined> {
    let found: MvccOfStartTs | undefined
    await this.#forEachPart(
      range,
      options,
      tikvMethods.mvccGetByStartTs,
      () => (found === undefined ? { context: undefined, startTs } : undefined),
      ({ key, info }) => {
        if (info !== undefined && key.length > 0) found ??= { key, info }
      },
    )
    return found
  }

  /** Which transactions wait for which, over all stores that answer. */
  async lockWaits(options: AdminCallOptions = {}): Promise<readonly LockWait[]> {
    const { answers } = await callEveryStore(
      this.#core,
      tikvMethods.getLockWaitInfo,
      { context: storeContext(this.#core) },
      { timeoutMs: this.#core.config.requestTimeout, signal: options.signal },
    )
    return answers.flatMap(({ store, response }) => {
      if (response.error !== '') throw refusedByStore('GetLockWaitInfo', response.error)
      return response.entries.map(({ txn, waitForTxn, key, waitTime }) => ({
        storeId: store.id,
        startTs: txn,
        waitsForStartTs: waitForTxn,
        key,
        waitMs: Number(waitTime),
      }))
    })
  }

  /** First half of a flashback: from now on the range refuses reads and writes with `FLASHBACK_IN_PROGRESS`. */
  async prepareFlashback(range: KeyRange, options: FlashbackOptions): Promise<void> {
    const { version, startTs } = options
    await this.#forEachPart(range, options, tikvMethods.kvPrepareFlashbackToVersion, ({ start, end }) => ({
      context: undefined,
      startKey: start,
      endKey: end,
      startTs,
      version,
    }))
  }

  /** Second half: writes what the keys were at `version`, at `commitTs`, and opens the range again. */
  async flashback(
    range: KeyRange,
    options: FlashbackOptions & { readonly commitTs: Timestamp },
  ): Promise<void> {
    const { version, startTs, commitTs } = options
    await this.#forEachPart(range, options, tikvMethods.kvFlashbackToVersion, ({ start, end }) => ({
      context: undefined,
      startKey: start,
      endKey: end,
      startTs,
      commitTs,
      version,
    }))
  }

  /** Sends to every region of the range; a request that is undefined is not sent. */
  async #forEachPart<Request extends RegionRequest, Response extends TextResponse>(
    range: KeyRange,
    options: RangeCallOptions,
    method: KvMethod<Request, Response>,
    requestFor: (part: KeyRange) => Request | undefined,
    onAnswer: (response: Response) => void = () => undefined,
  ): Promise<void> {
    const concurrency = concurrencyOf(options)
    if (!isRange(range)) return
    await forEachPart({
      regions: this.#core.regions,
      backoffer: this.#core.backoffer(BackoffBudgets.deleteRange, options.signal),
      range,
      concurrency,
      work: async (part, backoffer) => {
        const request = requestFor(part.range)
        if (request === undefined) return undefined
        const sendOptions = { timeoutMs: MEDIUM_TIMEOUT_MS }
        const outcome = await this.#core.sender.send(backoffer, part.region, method, request, sendOptions)
        if (outcome.regionError !== undefined) return outcome.regionError
        if (outcome.response.error !== '') throw refusedByStore(method.name, outcome.response.error)
        onAnswer(outcome.response)
        return undefined
      },
    })
  }
}

function concurrencyOf({ concurrency = CONCURRENCY }: RangeCallOptions): number {
  if (Number.isInteger(concurrency) && concurrency >= 1 && concurrency <= CONCURRENCY_MAX) return concurrency
  throw invalid('concurrency', concurrency, `is not between 1 and ${CONCURRENCY_MAX}`)
}

/** False for a range without keys. @throws INVALID_ARGUMENT for one that is none */
function isRange(range: KeyRange): boolean {
  requireRange(range)
  return range.end.length === 0 || Buffer.compare(range.start, range.end) < 0
}

function requireId(id: string): void {
  if (id === '') throw invalid('id', '""', 'is empty; give the barrier a name')
}

const invalid = (field: string, value: unknown, why: string): OrbitError =>
  new OrbitError('INVALID_ARGUMENT', `${field}: ${String(value)} ${why}`, { field, value: String(value) })
