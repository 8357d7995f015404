import { OrbitError } from '@orbit-ts/base'
import type { ClientCore } from '../core/client-core.js'
import {
  requireBytes,
  requireNumber,
  requireOptionsObject,
  requireRange,
  requireUint64,
} from '../input/require-input.js'
import { BackoffBudgets } from '../retry/backoff-kind.js'
import type { KeyRange } from '../key-range.js'
import { LockMemory } from '../snapshot/lock-memory.js'
import type { Timestamp } from '../timestamp.js'
import type { LockResolver } from '../txn/lock/lock-resolver.js'
import { CoprocessorCache, type CoprocessorCacheOptions } from './coprocessor-cache.js'
import type {
  CoprocessorOptions,
  CoprocessorRequest,
  CoprocessorResponse,
  PagingOptions,
} from './coprocessor-options.js'
import { TaskRun, tasksOf, type TaskScope } from './coprocessor-task.js'
import { DagCounter, type DagCounts } from './dag/dag-counter.js'
import type { DagPlan, DagRow, DagScanOptions } from './dag/dag-plan.js'
import { dagScan } from './dag/dag-scan.js'
import { mergeLanes } from './merge-lanes.js'

const CONCURRENCY = 15
const CONCURRENCY_MAX = 1024
const PAGE_SIZE_MIN = 128
const PAGE_SIZE_MAX = 50_000
const PAGE_BYTES = 4 * 1024 * 1024
const TIMEOUT_MAX_MS = 2 ** 32 - 1

export interface CoprocessorClientParts {
  readonly core: ClientCore
  readonly resolver: LockResolver
  /** Default: `coprocessorCacheMb` of the configuration. */
  readonly cache?: CoprocessorCacheOptions | undefined
}

/**
 * Runs a request at the servers over ranges of transactional keys, region by region. What the request says and what the
 * answers mean is between the caller and the servers.
 *
 * Keep one for a client: its cache serves all calls.
 */
export class CoprocessorClient {
  /** Answers that may be used again, once the server has confirmed them. */
  readonly cache: CoprocessorCache
  readonly #core: ClientCore
  readonly #resolver: LockResolver
  readonly #counter: DagCounter

  constructor({ core, resolver, cache }: CoprocessorClientParts) {
    this.#core = core
    this.#resolver = resolver
    this.#counter = new DagCounter(core.telemetry)
    this.cache = new CoprocessorCache(
      cache ?? { capacityBytes: core.config.coprocessorCacheMb * 1024 * 1024 },
    )
  }

  /** What `dagScan` has done since the client was opened. */
  get dagCounts(): DagCounts {
    return this.#counter.counts
  }

  /**
   * The answers of all regions. They are read ahead by no more than two for each region under way; leaving the loop ends
   * what is under way.
   * @throws `INVALID_ARGUMENT`, `STORE_REFUSED` (the server's `other_error`), `LOCK_TIMEOUT`, `REGION_UNAVAILABLE`,
   *   `STORE_UNAVAILABLE`, `SERVER_BUSY`, `PD_UNAVAILABLE`, `PROTOCOL_VIOLATION`, `ABORTED`, `CLIENT_CLOSED`
   */
  async *send(
    request: CoprocessorRequest,
    options: CoprocessorOptions = {},
  ): AsyncGenerator<CoprocessorResponse, void, void> {
    const concurrency = wholeNumber('concurrency', options.concurrency ?? CONCURRENCY, 1, CONCURRENCY_MAX)
    requireRequest(request)
    requireNumber('timeoutMs', options.timeoutMs, 1, TIMEOUT_MAX_MS)
    const scope: TaskScope = {
      core: this.#core,
      resolver: this.#resolver,
      cache: this.cache,
      locks: new LockMemory(),
      request,
      options,
      ...pageSizes(options),
    }
    const backoffer = this.#core.backoffer(BackoffBudgets.coprocessor, options.signal)
    const tasks = await tasksOf(scope, backoffer, request.ranges, scope.firstPageSize)
    const lanes = tasks.map((task) => (signal: AbortSignal) => new TaskRun(scope, task, signal).responses())
    yield* mergeLanes(lanes, { concurrency, ordered: options.ordered === true, signal: options.signal })
  }

  /**
   * Runs a plan over ranges of keys as they were at `startTs`, and gives what it puts out in batches of rows. With
   * `ordered` the rows come in the order of their keys (`plan.descending`: from the last one), otherwise as regions
   * answer. Read ahead and ended as with `send`. Partial results of `aggregate` and `topN` are the caller's to put
   * together; see `DagPlan`.
   * @param ranges in key order, without overlaps, within what the plan scans: rows of the table, entries of the index
   * @throws as `send`; `INVALID_ARGUMENT` also for a plan that makes no sense, `STORE_REFUSED` also for one that failed
   *   on some row, see `dagErrorNumber`
   */
  dagScan(
    startTs: Timestamp,
    plan: DagPlan,
    ranges: readonly KeyRange[],
    options: DagScanOptions = {},
  ): AsyncGenerator<DagRow[], void, void> {
    const scan = { startTs, plan, ranges, options, counter: this.#counter }
    return dagScan((request, others) => this.send(request, others), scan)
  }
}

function pageSizes({
  paging,
  streaming,
}: CoprocessorOptions): Pick<TaskScope, 'firstPageSize' | 'pageSizeMax' | 'pageBytes'> {
  if (paging === undefined || paging === false || streaming === true)
    return { firstPageSize: 0, pageSizeMax: 0, pageBytes: 0 }
  const {
    minSize = PAGE_SIZE_MIN,
    maxSize = PAGE_SIZE_MAX,
    targetBytes = PAGE_BYTES,
  }: PagingOptions = paging === true ? {} : paging
  const firstPageSize = wholeNumber('paging.minSize', minSize, 1, 2 ** 31)
  return {
    firstPageSize,
    pageSizeMax: wholeNumber('paging.maxSize', maxSize, firstPageSize, 2 ** 31),
    pageBytes: wholeNumber('paging.targetBytes', targetBytes, 1, 2 ** 31),
  }
}

function requireRequest(request: CoprocessorRequest): void {
  requireOptionsObject(request)
  requireBytes('data', request.data)
  requireUint64('startTs', request.startTs)
  for (const range of request.ranges) requireRange(range)
  requireSorted(request)
}

/** Servers answer unsorted or overlapping ranges with rows twice, or not at all. */
function requireSorted({ ranges }: CoprocessorRequest): void {
  for (const [index, { start, end }] of ranges.entries()) {
    const next = ranges[index + 1]
    const isEmpty = end.length > 0 && Buffer.compare(start, end) >= 0
    const overlaps = next !== undefined && (end.length === 0 || Buffer.compare(end, next.start) > 0)
    if (!isEmpty && !overlaps) continue
    const why = isEmpty
      ? 'has no keys: its end is not after its start'
      : 'overlaps the next one, or they are not in key order'
    throw new OrbitError('INVALID_ARGUMENT', `ranges: range ${index} ${why}`, { field: 'ranges', index })
  }
}

function wholeNumber(field: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value
  throw new OrbitError(
    'INVALID_ARGUMENT',
    `${field}: ${value} is not a whole number between ${min} and ${max}`,
    {
      field,
      value,
    },
  )
}
