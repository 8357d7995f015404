import { defined, EMPTY_BYTES, type OrbitError } from '@orbit-ts/base'
import type { ClientCore } from '../core/client-core.js'
import { CommandPri, Context, IsolationLevel, type KeyError, type LockInfo } from '../gen/kvrpcpb.js'
import type {
  RegionRequest,
  RegionResponse,
  RegionVersion,
  SendOptions,
  SendOutcome,
} from '../region/region-request.js'
import { BackoffKinds } from '../retry/backoff-kind.js'
import type { Backoffer } from '../retry/backoffer.js'
import type { KvMethod } from '../rpc/method.js'
import { inSpan } from '../telemetry/in-span.js'
import type { Timestamp } from '../timestamp.js'
import { errorOfKeyError, locksOf, writeConflict } from '../txn/key-errors.js'
import type { LockResolver } from '../txn/lock/lock-resolver.js'
import type { VisibilityCheck } from '../txn/lock/safe-point.js'
import { LockMemory } from './lock-memory.js'
import type { SnapshotOptions } from './snapshot-options.js'

export interface RegionReaderParts {
  readonly core: ClientCore
  readonly resolver: LockResolver
  readonly safePoint: VisibilityCheck
}

/** How the attempts of one read differ from each other. */
export class ReadAttempts {
  #count = 0
  #metLock = false

  /** Counts an attempt; true for the first, which may have a deadline of its own. */
  next(): boolean {
    this.#count += 1
    return this.#count === 1
  }

  get metLock(): boolean {
    return this.#metLock
  }

  meetLock(): void {
    this.#metLock = true
  }
}

export interface SettleOptions {
  /** Cleans only the keys of the locks. Default false. */
  readonly lite?: boolean
  /** Passes locks that need not be waited for, instead of waiting until they are gone. Default true. */
  readonly forRead?: boolean
  /** Passing is not enough: a value that is read from a lock has no commit timestamp. Default false. */
  readonly cleanInLine?: boolean
}

/** One snapshot's requests to regions, and what it does about the locks they meet. */
export class RegionReader {
  readonly core: ClientCore
  readonly readTs: Timestamp
  readonly options: SnapshotOptions
  readonly #parts: RegionReaderParts
  readonly #locks: LockMemory
  /** The context of every request of the snapshot, but for the locks. */
  readonly #base: Context

  constructor(parts: RegionReaderParts, readTs: Timestamp, options: SnapshotOptions) {
    this.core = parts.core
    this.readTs = readTs
    this.options = options
    this.#parts = parts
    this.#locks = new LockMemory(options.ignoreLocksOf)
    this.#base = isPlain(options) ? PLAIN_CONTEXT : baseContext(options)
  }

  /** @throws SNAPSHOT_TOO_OLD, PD_UNAVAILABLE when garbage collection may have touched what was read. */
  async checkVisible(): Promise<void> {
    const { safePoint } = this.#parts
    if (safePoint.firstAsk !== undefined) await safePoint.firstAsk
    safePoint.checkVisible(this.readTs)
  }

  async locate(backoffer: Backoffer, key: Uint8Array): Promise<RegionVersion> {
    return this.core.regions.cached(key) ?? this.core.regions.locate(backoffer, key)
  }

  /** Sends once, with what was learnt about locks. */
  async send<Request extends RegionRequest, Response extends RegionResponse>(
    backoffer: Backoffer,
    region: RegionVersion,
    method: KvMethod<Request, Response>,
    request: Request,
    attempts: ReadAttempts,
  ): Promise<SendOutcome<Response>> {
    // After a lock, a stale replica would show it for a while longer than it is there.
    const leaderOnly = attempts.metLock && this.options.staleRead === true
    const options = this.#sendOptions(attempts.next(), leaderOnly)
    request.context = this.#context(options.timeoutMs, leaderOnly)
    return this.core.sender.send(backoffer, region, method, request, options)
  }

  /**
   * The locks behind a key error.
   * @throws what any other key error says; TRANSACTION_CONFLICT for a lock when the snapshot's options say so.
   */
  locksOf(error: KeyError): readonly LockInfo[] {
    const locks = locksOf(error)
    const [lock] = locks
    const { formatKey } = this.core.telemetry
    if (lock === undefined) throw errorOfKeyError(error, formatKey)
    if (this.options.failOnLock !== true) return locks
    const blocking = locks.find((each) => !this.#mayPass(each))
    if (blocking === undefined) return locks
    throw this.#lockConflict(blocking)
  }

  /** From now on the locks of this transaction are not seen. False when a server was told so before. */
  ignoreLocksOf(startTs: Timestamp): boolean {
    if (this.#locks.has(startTs)) return false
    this.#locks.ignore(startTs)
    return true
  }

  /**
   * Resolves the locks and, where one blocks, waits as long as it may take to go.
   * @throws TRANSACTION_CONFLICT instead of waiting, with `failOnLock`
   */
  async settleLocks(
    backoffer: Backoffer,
    locks: readonly LockInfo[],
    { lite = false, forRead = true, cleanInLine = false }: SettleOptions = {},
  ): Promise<void> {
    const metAgain = locks.every(({ lockVersion }) => this.#locks.has(lockVersion))
    const giveWay = this.options.failOnLock === true
    const { waitMs, ignorable, readable } = await this.#parts.resolver.resolve(backoffer, {
      locks,
      callerStartTs: this.readTs,
      forRead: forRead || giveWay,
      lite,
      cleanInLine,
      giveUpEarly: giveWay,
      details: this.options.details,
    })
    for (const startTs of ignorable) this.#locks.ignore(startTs)
    for (const startTs of readable) this.#locks.readThrough(startTs)
    if (giveWay && waitMs > 0) throw this.#lockConflict(defined(locks[0], 'a lock'))
    // A server that stops a reader at locks it was told to pass is asked again with pauses.
    if (waitMs > 0) await backoffer.backoff(BackoffKinds.txnLockFast, 'a key is locked', waitMs)
    else if (metAgain) await backoffer.backoff(BackoffKinds.txnLockFast, 'a key is locked still')
  }

  /** Runs one read in a span of its own, and notes what it slept. */
  async measured<T>(operation: string, backoffer: Backoffer, read: () => Promise<T>): Promise<T> {
    try {
      return await inSpan(this.core.telemetry.tracer, `tikv.${operation}`, {}, read)
    } finally {
      this.#recordSleeps(backoffer)
    }
  }

  /** An async commit is decided by its servers, whatever its primary is told. */
  #mayPass({ lockVersion, useAsyncCommit }: LockInfo): boolean {
    const { passLocksAfter } = this.options
    return passLocksAfter !== undefined && lockVersion > passLocksAfter && !useAsyncCommit
  }

  #lockConflict(lock: LockInfo): OrbitError {
    return writeConflict(
      {
        startTs: this.readTs,
        conflictTs: lock.lockVersion,
        conflictCommitTs: 0n,
        key: lock.key,
        primary: lock.primaryLock,
        reason: 'unknown',
      },
      this.core.telemetry.formatKey,
    )
  }

  #recordSleeps(backoffer: Backoffer): void {
    const { details } = this.options
    if (details === undefined) return
    for (const [kind, { attempts, sleptMs }] of backoffer.sleeps) {
      const known = details.sleeps.get(kind) ?? { attempts: 0, sleptMs: 0 }
      details.sleeps.set(kind, { attempts: known.attempts + attempts, sleptMs: known.sleptMs + sleptMs })
    }
  }

  #sendOptions(first: boolean, leaderOnly: boolean): SendOptions {
    const { readTimeoutMs, replicaRead, staleRead, labels, storeIds, interceptors, details } = this.options
    const timeoutMs = first && readTimeoutMs !== undefined ? readTimeoutMs : this.core.config.requestTimeout
    return leaderOnly
      ? { timeoutMs, interceptors, details }
      : { timeoutMs, replicaRead, staleRead, labels, storeIds, interceptors, details }
  }

  #context(timeoutMs: number, leaderOnly: boolean): Context {
    return {
      ...this.#base,
      maxExecutionDurationMs: BigInt(Math.ceil(timeoutMs)),
      resolvedLocks: this.#locks.ignorable,
      committedLocks: this.#locks.readable,
      busyThresholdMs: leaderOnly ? 0 : this.#base.busyThresholdMs,
    }
  }
}

const ISOLATIONS = {
  snapshot: IsolationLevel.SI,
  'read-committed': IsolationLevel.RC,
  'read-committed-check-ts': IsolationLevel.RCCheckTS,
} as const

const PRIORITIES = { low: CommandPri.Low, normal: CommandPri.Normal, high: CommandPri.High } as const

function baseContext(options: SnapshotOptions): Context {
  return Context.fromPartial({
    priority: PRIORITIES[options.priority ?? 'normal'],
    isolationLevel: ISOLATIONS[options.isolation ?? 'snapshot'],
    notFillCache: options.notFillCache ?? false,
    taskId: options.taskId ?? 0n,
    resourceGroupTag: options.resourceGroupTag ?? EMPTY_BYTES,
    requestSource: options.requestSource ?? '',
    traceId: options.traceId ?? EMPTY_BYTES,
    busyThresholdMs: options.busyThresholdMs ?? 0,
    ...(options.resourceGroup === undefined
      ? {}
      : { resourceControlContext: { resourceGroupName: options.resourceGroup } }),
  })
}

/** Without any of the options that the context tells the servers. */
function isPlain(options: SnapshotOptions): boolean {
  const { priority, isolation, notFillCache, taskId, resourceGroupTag, resourceGroup } = options
  return (
    priority === undefined &&
    isolation === undefined &&
    notFillCache === undefined &&
    taskId === undefined &&
    resourceGroupTag === undefined &&
    resourceGroup === undefined &&
    options.requestSource === undefined &&
    options.traceId === undefined &&
    options.busyThresholdMs === undefined
  )
}

const PLAIN_CONTEXT = baseContext({})
