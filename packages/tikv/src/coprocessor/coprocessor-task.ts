import { OrbitError } from '@orbit-ts/base'
import type { ClientCore } from '../core/client-core.js'
import { Request, type Response } from '../gen/coprocessor.js'
import { CommandPri, IsolationLevel, type Context, type LockInfo } from '../gen/kvrpcpb.js'
import type { KeyRange } from '../key-range.js'
import type { RegionVersion, SendOptions, SendOutcome } from '../region/region-request.js'
import { BackoffBudgets, BackoffKinds } from '../retry/backoff-kind.js'
import type { Backoffer } from '../retry/backoffer.js'
import { tikvMethods } from '../rpc/methods.js'
import type { LockMemory } from '../snapshot/lock-memory.js'
import type { LockResolver } from '../txn/lock/lock-resolver.js'
import type { CoprocessorCache } from './coprocessor-cache.js'
import type { CoprocessorOptions, CoprocessorRequest, CoprocessorResponse } from './coprocessor-options.js'
import { remainingRanges } from './key-ranges.js'

const TIMEOUT_MS = 60_000
/** Ranges in one request. */
const RANGES_PER_TASK = 500

export interface CoprocessorTask {
  readonly region: RegionVersion
  readonly ranges: readonly KeyRange[]
  /** Rows of the next page; 0 without paging. */
  readonly pageSize: number
  readonly pageIndex: number
}

export interface TaskScope {
  readonly core: ClientCore
  readonly resolver: LockResolver
  readonly cache: CoprocessorCache
  /** What the requests of one call have learnt of locks. */
  readonly locks: LockMemory
  readonly request: CoprocessorRequest
  readonly options: CoprocessorOptions
  /** 0 without paging. */
  readonly firstPageSize: number
  readonly pageSizeMax: number
  /** What the answer of a page is to have at most, about. */
  readonly pageBytes: number
}

/** The ranges by region, in the order in which they are to be read, so many ranges a task at most. */
export async function tasksOf(
  scope: Pick<TaskScope, 'core' | 'request'>,
  backoffer: Backoffer,
  ranges: readonly KeyRange[],
  pageSize: number,
): Promise<CoprocessorTask[]> {
  const parts = await scope.core.regions.splitRanges(backoffer, ranges)
  const tasks = parts.flatMap(({ region, ranges: own }) =>
    Array.from({ length: Math.ceil(own.length / RANGES_PER_TASK) }, (_, at) => ({
      region,
      ranges: own.slice(at * RANGES_PER_TASK, (at + 1) * RANGES_PER_TASK),
      pageSize,
      pageIndex: 0,
    })),
  )
  return scope.request.descending === true ? tasks.reverse() : tasks
}

/**
 * Runs one task and what becomes of it: pages that follow, and the tasks of the regions that its own was split into. Each
 * of them has a budget of its own for waiting.
 */
export class TaskRun {
  readonly #scope: TaskScope
  readonly #signal: AbortSignal
  /** Next ones first. */
  #todo: CoprocessorTask[]
  #backoffer: Backoffer
  #metLock = false

  constructor(scope: TaskScope, task: CoprocessorTask, signal: AbortSignal) {
    this.#scope = scope
    this.#signal = signal
    this.#todo = [task]
    this.#backoffer = this.#newBackoffer()
  }

  async *responses(): AsyncGenerator<CoprocessorResponse, void, void> {
    for (let task = this.#todo.shift(); task !== undefined; task = this.#todo.shift()) {
      if (this.#scope.options.streaming === true) yield* this.#stream(task)
      else yield* this.#page(task)
    }
  }

  async *#page(task: CoprocessorTask): AsyncGenerator<CoprocessorResponse, void, void> {
    const { core, cache, request, options } = this.#scope
    const message = this.#message(task)
    const key = options.cache === false ? undefined : cache.keyOf(message)
    const known = key === undefined ? undefined : cache.get(key, task.region.id, request.startTs)
    if (key !== undefined) {
      message.isCacheEnabled = true
      message.cacheIfMatchVersion = known?.dataVersion ?? 0n
    }
    const outcome = await core.sender.send(
      this.#backoffer,
      task.region,
      tikvMethods.coprocessor,
      message,
      this.#sendOptions(),
    )
    if (!(await this.#settle(task, outcome))) return
    // A region error has been settled.
    const response = outcome.response as Response
    const answer = this.#answerOf(response, task, key, known)
    yield answer
    this.#backoffer = this.#newBackoffer()
    if (task.pageSize > 0 && answer.range !== undefined) this.#goOn(task, answer.range, answer.data.length)
  }

  /** The rest of a task whose page covered `range`, with so many bytes in its answer. */
  #goOn(task: CoprocessorTask, range: KeyRange, bytes: number): void {
    const ranges = remainingRanges(task.ranges, range, this.#scope.request.descending === true)
    if (ranges.length === 0) return
    if (sameRanges(ranges, task.ranges)) {
      throw new OrbitError(
        'PROTOCOL_VIOLATION',
        'Coprocessor: a page covered none of the ranges it was asked for',
      )
    }
    const pageSize = this.#nextPageSize(task.pageSize, bytes)
    this.#todo.unshift({ region: task.region, ranges, pageSize, pageIndex: task.pageIndex + 1 })
  }

  #nextPageSize(size: number, bytes: number): number {
    const { pageSizeMax, pageBytes } = this.#scope
    if (bytes > pageBytes) return Math.max(1, Math.floor(size / 2))
    return bytes * 2 > pageBytes ? size : Math.min(size * 2, pageSizeMax)
  }

  async *#stream(task: CoprocessorTask): AsyncGenerator<CoprocessorResponse, void, void> {
    const { core } = this.#scope
    let rest = task
    const message = this.#message(task)
    const outcomes = core.sender.stream(
      this.#backoffer,
      task.region,
      tikvMethods.coprocessorStream,
      message,
      this.#sendOptions(),
    )
    for await (const outcome of outcomes) {
      if (!(await this.#settle(rest, outcome))) return
      const response = outcome.response as Response
      yield this.#answerOf(response, rest, undefined, undefined)
      const { range } = response
      if (range === undefined) continue
      rest = { ...rest, ranges: remainingRanges(rest.ranges, range, this.#scope.request.descending === true) }
    }
  }

  /** True for an answer with data; otherwise the task is to be done again, in pieces where its region changed. */
  async #settle(task: CoprocessorTask, outcome: SendOutcome<Response>): Promise<boolean> {
    if (outcome.regionError !== undefined) {
      await this.#scope.core.regions.backoffForRegionError(this.#backoffer, outcome.regionError)
      const tasks = await tasksOf(this.#scope, this.#backoffer, task.ranges, task.pageSize)
      this.#todo.unshift(...tasks)
      return false
    }
    const { locked, otherError } = outcome.response
    if (locked !== undefined) {
      await this.#resolve(locked)
      this.#todo.unshift(task)
      return false
    }
    if (otherError !== '') {
      throw new OrbitError('STORE_REFUSED', `Coprocessor was refused by the server: ${otherError}`, {
        method: 'Coprocessor',
        message: otherError,
        regionId: String(task.region.id),
      })
    }
    return true
  }

  async #resolve(lock: LockInfo): Promise<void> {
    const { resolver, locks, request, options } = this.#scope
    this.#metLock = true
    const metAgain = locks.has(lock.lockVersion)
    const { waitMs, ignorable, readable } = await resolver.resolve(this.#backoffer, {
      locks: [lock],
      callerStartTs: request.startTs,
      forRead: true,
      details: options.details,
    })
    for (const startTs of ignorable) locks.ignore(startTs)
    for (const startTs of readable) locks.readThrough(startTs)
    if (waitMs > 0) await this.#backoffer.backoff(BackoffKinds.txnLockFast, 'a key is locked', waitMs)
    else if (metAgain) await this.#backoffer.backoff(BackoffKinds.txnLockFast, 'a key is locked still')
  }

  #answerOf(
    response: Response,
    task: CoprocessorTask,
    key: string | undefined,
    known: ReturnType<CoprocessorCache['get']>,
  ): CoprocessorResponse {
    const { cache, core, request } = this.#scope
    const facts = { regionId: task.region.id, ranges: task.ranges, server: response.execDetailsV2 }
    if (response.isCacheHit) {
      if (known === undefined) {
        throw new OrbitError(
          'PROTOCOL_VIOLATION',
          'Coprocessor: a server confirmed an answer that the client has not got',
        )
      }
      core.telemetry.coprocessorCache.add(1, { result: 'hit' })
      return { ...facts, data: known.data, range: known.range, cached: true }
    }
    const range =
      response.range === undefined ? undefined : { start: response.range.start, end: response.range.end }
    if (key !== undefined) {
      core.telemetry.coprocessorCache.add(1, { result: known === undefined ? 'miss' : 'stale' })
      if (response.canBeCached) {
        const { regionId } = facts
        const { data, cacheLastVersion: dataVersion } = response
        const answer = { dataVersion, regionId, startTs: request.startTs, data, range }
        cache.offer(key, answer, { processMs: processMsOf(response), pageIndex: task.pageIndex })
      }
    }
    return { ...facts, data: response.data, range, cached: false }
  }

  #message(task: CoprocessorTask): Request {
    const { request, options, locks } = this.#scope
    return Request.fromPartial({
      context: {
        isolationLevel: options.isolation === 'read-committed' ? IsolationLevel.RC : IsolationLevel.SI,
        priority: PRIORITIES[options.priority ?? 'normal'],
        notFillCache: options.notFillCache ?? false,
        resourceGroupTag: options.resourceGroupTag ?? new Uint8Array(0),
        requestSource: options.requestSource ?? '',
        busyThresholdMs: options.busyThresholdMs ?? 0,
        resolvedLocks: locks.ignorable,
        committedLocks: locks.readable,
      } satisfies Partial<Context>,
      tp: request.tp ?? 103n,
      data: request.data,
      ranges: task.ranges.map(({ start, end }) => ({ start, end })),
      startTs: request.startTs,
      schemaVer: request.schemaVersion ?? 0n,
      pagingSize: BigInt(task.pageSize),
    })
  }

  #sendOptions(): SendOptions {
    const { options } = this.#scope
    const { interceptors, details } = options
    const timeoutMs = options.timeoutMs ?? TIMEOUT_MS
    // After a lock, a stale replica would show it for a while longer than it is there.
    if (this.#metLock && options.staleRead === true) return { timeoutMs, interceptors, details }
    const { replicaRead, staleRead, labels, storeIds, leaderOnly, busyThresholdMs } = options
    return {
      timeoutMs,
      interceptors,
      details,
      replicaRead,
      staleRead,
      labels,
      storeIds,
      leaderOnly,
      busyThresholdMs,
    }
  }

  #newBackoffer(): Backoffer {
    return this.#scope.core.backoffer(BackoffBudgets.coprocessor, this.#signal)
  }
}

const PRIORITIES = { low: CommandPri.Low, normal: CommandPri.Normal, high: CommandPri.High } as const

function processMsOf({ execDetailsV2, execDetails }: Response): number {
  const exact = execDetailsV2?.timeDetailV2
  if (exact !== undefined) return Number(exact.processWallTimeNs) / 1e6
  const time = execDetailsV2?.timeDetail ?? execDetails?.timeDetail
  return Number(time?.processWallTimeMs ?? 0n)
}

function sameRanges(a: readonly KeyRange[], b: readonly KeyRange[]): boolean {
  const [first, old] = [a[0], b[0]]
  const [last, oldLast] = [a.at(-1), b.at(-1)]
  return (
    a.length === b.length &&
    Buffer.compare(first?.start ?? new Uint8Array(0), old?.start ?? new Uint8Array(0)) === 0 &&
    Buffer.compare(last?.end ?? new Uint8Array(0), oldLast?.end ?? new Uint8Array(0)) === 0
  )
}
