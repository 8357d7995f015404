import { EMPTY_BYTES, type Env, type Timer } from '@orbit-ts/base'
import type { WaitForEntry } from '../../gen/deadlock.js'
import * as kv from '../../gen/kvrpcpb.js'
import type { Timestamp } from '../../timestamp.js'
import { gc } from './actions/gc.js'
import {
  batchRollbackCommand,
  cleanupCommand,
  commitCommand,
  fatesOf,
  isRolledBackBy,
  pessimisticRollbackCommand,
  resolveFoundCommand,
  resolveKeysCommand,
} from './commands/end-commands.js'
import { flushCommand } from './commands/flush-command.js'
import {
  forcesLock,
  pessimisticLockCommand,
  refusedLock,
  resumeLock,
  type LockAttempt,
} from './commands/pessimistic-lock-command.js'
import { prewriteCommand, refusedPrewrite } from './commands/prewrite-command.js'
import {
  batchGetCommand,
  bufferBatchGetCommand,
  getCommand,
  scanCommand,
  scanLockCommand,
} from './commands/read-commands.js'
import {
  checkSecondaryLocksCommand,
  checkTxnStatusCommand,
  heartBeatCommand,
} from './commands/status-commands.js'
import { ConcurrencyManager } from './concurrency-manager.js'
import { Latches } from './latches.js'
import { locksIn } from './locks-in.js'
import { LockWaiting, type LockWaitLimits } from './lock-waiting.js'
import { MvccData } from './mvcc-data.js'
import { isRefusal, MvccError, toKeyError } from './mvcc-error.js'
import { mvccInfo } from './mvcc-info.js'
import { MvccReader } from './mvcc-reader.js'
import type { Bounds, MvccState, WriteCommand } from './mvcc-state.js'
import { MvccTxn } from './mvcc-txn.js'
import { lockInfo } from './records.js'
import { TxnStatusCache } from './txn-status-cache.js'

const RESOLVE_BATCH = 256

export interface MvccStoreOptions {
  readonly env: Env
  readonly lockWait?: Partial<LockWaitLimits>
}

/** What a call needs from outside the data. */
export interface CallOptions {
  /** How long the result is on its way to the disk; locks of async commit are in memory meanwhile. Default 0. */
  readonly applyDelayMs?: number
  /** Called before a waiting request is taken up again; throws when the store may no longer write the key. */
  readonly revalidate?: () => void
}

interface Settlement {
  readonly resolve: (response: kv.PessimisticLockResponse) => void
  readonly reject: (error: unknown) => void
}

/**
 * The transactional data of a cluster and the commands on it, by TiKV's rules. It knows nothing of regions but the
 * bounds it is given.
 *
 * Invariants:
 * 1. A command reads and decides at one moment; its writes are applied together; nobody else writes its keys in between
 *    (latches).
 * 2. A refused command changes nothing. Refusals of a whole command come back in its response, as TiKV answers them.
 * 3. Waiters are told of released and of new locks in the moment these are applied.
 */
export class MvccStore {
  readonly #env: Env
  readonly #state: MvccState
  readonly #latches = new Latches()
  readonly #waiting: LockWaiting
  readonly #delays = new Set<Timer>()

  constructor(options: MvccStoreOptions) {
    this.#env = options.env
    this.#state = {
      clock: options.env.clock,
      data: new MvccData(),
      concurrency: new ConcurrencyManager(),
      statusCache: new TxnStatusCache(options.env.clock),
    }
    const limits = { timeoutMs: 1000, wakeUpDelayMs: 20, ...options.lockWait }
    this.#waiting = new LockWaiting(options.env, limits, (key) => this.#latches.isHeld(key))
  }

  get state(): MvccState {
    return this.#state
  }

  /** Requests that wait for a lock now. */
  get waiting(): number {
    return this.#waiting.waiting
  }

  get(request: kv.GetRequest): kv.GetResponse {
    return getCommand(this.#state, request)
  }

  batchGet(request: kv.BatchGetRequest): kv.BatchGetResponse {
    return batchGetCommand(this.#state, request)
  }

  scan(request: kv.ScanRequest, bounds: Bounds): kv.ScanResponse {
    return scanCommand(this.#state, request, bounds)
  }

  /** What a pipelined transaction has flushed. */
  bufferBatchGet(request: kv.BufferBatchGetRequest): kv.BufferBatchGetResponse {
    return bufferBatchGetCommand(this.#state, request)
  }

  scanLock(request: kv.ScanLockRequest, bounds: Bounds): kv.ScanLockResponse {
    return scanLockCommand(this.#state, request, bounds)
  }

  prewrite(request: kv.PrewriteRequest, options?: CallOptions): Promise<kv.PrewriteResponse> {
    const keys = request.mutations.map(({ key }) => key)
    const command = (txn: MvccTxn): kv.PrewriteResponse => prewriteCommand(this.#state, txn, request)
    return this.#write(keys, request.startVersion, command, refusedPrewrite, options)
  }

  flush(request: kv.FlushRequest, options?: CallOptions): Promise<kv.FlushResponse> {
    const keys = request.mutations.map(({ key }) => key)
    const command = (txn: MvccTxn): kv.FlushResponse => flushCommand(this.#state, txn, request)
    const refused = (error: MvccError): kv.FlushResponse =>
      kv.FlushResponse.create({ errors: [toKeyError(error.refusal)] })
    return this.#write(keys, request.startTs, command, refused, options)
  }

  commit(request: kv.CommitRequest, options?: CallOptions): Promise<kv.CommitResponse> {
    const command = (txn: MvccTxn): kv.CommitResponse => commitCommand(this.#state, txn, request)
    const refused = (error: MvccError): kv.CommitResponse =>
      kv.CommitResponse.create({ error: toKeyError(error.refusal) })
    return this.#write(request.keys, request.startVersion, command, refused, options)
  }

  batchRollback(request: kv.BatchRollbackRequest, options?: CallOptions): Promise<kv.BatchRollbackResponse> {
    const command = (txn: MvccTxn): kv.BatchRollbackResponse =>
      batchRollbackCommand(this.#state, txn, request)
    const refused = (error: MvccError): kv.BatchRollbackResponse =>
      kv.BatchRollbackResponse.create({ error: toKeyError(error.refusal) })
    return this.#write(request.keys, request.startVersion, command, refused, options)
  }

  cleanup(request: kv.CleanupRequest, options?: CallOptions): Promise<kv.CleanupResponse> {
    const command = (txn: MvccTxn): kv.CleanupResponse => cleanupCommand(this.#state, txn, request)
    const refused = (error: MvccError): kv.CleanupResponse =>
      kv.CleanupResponse.create({ error: toKeyError(error.refusal) })
    return this.#write([request.key], request.startVersion, command, refused, options)
  }

  checkTxnStatus(
    request: kv.CheckTxnStatusRequest,
    options?: CallOptions,
  ): Promise<kv.CheckTxnStatusResponse> {
    const command = (txn: MvccTxn): kv.CheckTxnStatusResponse =>
      checkTxnStatusCommand(this.#state, txn, request)
    const refused = (error: MvccError): kv.CheckTxnStatusResponse =>
      kv.CheckTxnStatusResponse.create({ error: toKeyError(error.refusal) })
    return this.#write([request.primaryKey], request.lockTs, command, refused, options)
  }

  txnHeartBeat(request: kv.TxnHeartBeatRequest, options?: CallOptions): Promise<kv.TxnHeartBeatResponse> {
    const command = (txn: MvccTxn): kv.TxnHeartBeatResponse => heartBeatCommand(this.#state, txn, request)
    const refused = (error: MvccError): kv.TxnHeartBeatResponse =>
      kv.TxnHeartBeatResponse.create({ error: toKeyError(error.refusal) })
    return this.#write([request.primaryLock], request.startVersion, command, refused, options)
  }

  checkSecondaryLocks(
    request: kv.CheckSecondaryLocksRequest,
    options?: CallOptions,
  ): Promise<kv.CheckSecondaryLocksResponse> {
    const command = (txn: MvccTxn): kv.CheckSecondaryLocksResponse =>
      checkSecondaryLocksCommand(this.#state, txn, request)
    const refused = (error: MvccError): kv.CheckSecondaryLocksResponse =>
      kv.CheckSecondaryLocksResponse.create({ error: toKeyError(error.refusal) })
    return this.#write(request.keys, request.startVersion, command, refused, options)
  }

  /** Without keys: every pessimistic lock of the transaction within `bounds`. */
  async pessimisticRollback(
    request: kv.PessimisticRollbackRequest,
    bounds: Bounds,
    options?: CallOptions,
  ): Promise<kv.PessimisticRollbackResponse> {
    const found = (): Uint8Array[] =>
      locksIn(this.#state.data, bounds, (lock) => isRolledBackBy(lock, request), 0).map(([key]) => key)
    const keys = request.keys.length > 0 ? request.keys : found()
    const command = (txn: MvccTxn): kv.PessimisticRollbackResponse =>
      pessimisticRollbackCommand(this.#state, txn, request, keys)
    const refused = (error: MvccError): kv.PessimisticRollbackResponse =>
      kv.PessimisticRollbackResponse.create({ errors: [toKeyError(error.refusal)] })
    return this.#write(keys, request.startVersion, command, refused, options)
  }

  /** Without keys: every lock within `bounds` of the transactions that the request knows the fate of. */
  async resolveLock(
    request: kv.ResolveLockRequest,
    bounds: Bounds,
    options?: CallOptions,
  ): Promise<kv.ResolveLockResponse> {
    const refused = (error: MvccError): kv.ResolveLockResponse =>
      kv.ResolveLockResponse.create({ error: toKeyError(error.refusal) })
    if (request.keys.length > 0) {
      const command = (txn: MvccTxn): kv.ResolveLockResponse => resolveKeysCommand(this.#state, txn, request)
      return this.#write(request.keys, request.startVersion, command, refused, options)
    }
    const fates = fatesOf(request)
    let from = bounds.start
    for (;;) {
      const range = { start: from, end: bounds.end }
      const found = locksIn(this.#state.data, range, (lock) => fates.has(lock.startTs), RESOLVE_BATCH)
      const last = found.at(-1)
      if (last === undefined) return kv.ResolveLockResponse.create()
      const keys = found.map(([key]) => key)
      const command = (txn: MvccTxn): kv.ResolveLockResponse =>
        resolveFoundCommand(this.#state, txn, fates, found)
      const response = await this.#write(keys, 0n, command, refused, options)
      if (response.error !== undefined || found.length < RESOLVE_BATCH) return response
      from = nextKey(last[0])
    }
  }

  /** Waits for locks of others as long as the request allows. */
  pessimisticLock(
    request: kv.PessimisticLockRequest,
    options?: CallOptions,
  ): Promise<kv.PessimisticLockResponse> {
    return new Promise((resolve, reject) => {
      const keys = request.mutations.map(({ key }) => key)
      const settle = (attempt: LockAttempt): void => {
        if (attempt.kind === 'locked') resolve(attempt.response)
        else this.#block(request, attempt, options, { resolve, reject })
      }
      const command = (txn: MvccTxn): LockAttempt => pessimisticLockCommand(this.#state, txn, request)
      const refused = (error: MvccError): LockAttempt => ({
        kind: 'locked',
        response: refusedLock(request, error),
      })
      // Settled within the latches: a lock released in between would never wake the request.
      this.#write(keys, request.startVersion, command, refused, options, settle).catch(reject)
    })
  }

  broadcastTxnStatus(request: kv.BroadcastTxnStatusRequest): kv.BroadcastTxnStatusResponse {
    for (const status of request.txnStatus) this.#state.statusCache.note(status.startTs, status)
    return kv.BroadcastTxnStatusResponse.create()
  }

  lockWaits(): WaitForEntry[] {
    return this.#waiting.entries()
  }

  mvccByKey(key: Uint8Array): kv.MvccInfo {
    return mvccInfo(this.#state.data, key)
  }

  /** The first key within `bounds` that the transaction has a write record on. */
  mvccByStartTs(startTs: Timestamp, bounds: Bounds): { key: Uint8Array; info: kv.MvccInfo } | undefined {
    for (const [key, records] of this.#state.data.ascending(bounds.start, endOf(bounds))) {
      const found = records.writes.some((write) => write.startTs === startTs)
      if (found) return { key, info: mvccInfo(this.#state.data, key) }
    }
    return undefined
  }

  /** Removes every record of the range, readers or not. */
  deleteRange(start: Uint8Array, end: Uint8Array): void {
    this.#state.data.destroyRange(start, end.length === 0 ? undefined : end)
  }

  /** Removes versions that nobody can read at `safePoint` or later. Locks must have been resolved before. */
  collectGarbage(safePoint: Timestamp, bounds: Bounds = { start: EMPTY_BYTES, end: EMPTY_BYTES }): void {
    for (const [key] of [...this.#state.data.ascending(bounds.start, endOf(bounds))]) {
      const txn = new MvccTxn(0n, this.#state.concurrency)
      gc(txn, new MvccReader(this.#state.data, 0n), key, safePoint)
      this.#state.data.apply(txn.modifications)
    }
  }

  /** Every lock of the range, oldest key first; for tests and diagnostics. */
  locks(bounds: Bounds = { start: EMPTY_BYTES, end: EMPTY_BYTES }): kv.LockInfo[] {
    return locksIn(this.#state.data, bounds, () => true, 0).map(([key, lock]) => lockInfo(key, lock))
  }

  /** Waits and delayed writes are given up: their calls are never settled. */
  close(): void {
    this.#waiting.close()
    for (const timer of this.#delays) timer.cancel()
    this.#delays.clear()
  }

  #block(
    request: kv.PessimisticLockRequest,
    blocked: Extract<LockAttempt, { kind: 'blocked' }>,
    options: CallOptions | undefined,
    { resolve, reject }: Settlement,
  ): void {
    const { key, shouldNotExist, lock } = blocked
    const refuse = (error: MvccError): void => resolve(refusedLock(request, error))
    if (request.waitTimeout < 0n) {
      refuse(new MvccError({ kind: 'KeyIsLocked', lock }))
      return
    }
    const attempt = (): kv.LockInfo | undefined => {
      try {
        options?.revalidate?.()
        resolve(this.#resume(request, key, shouldNotExist))
      } catch (error) {
        if (isRefusal(error, 'KeyIsLocked')) return error.refusal.lock
        if (error instanceof MvccError) refuse(error)
        else reject(error)
      }
      return undefined
    }
    this.#waiting.wait({
      key,
      startTs: request.startVersion,
      primary: request.primaryLock,
      lock,
      timeoutMs: request.waitTimeout,
      isFirstLock: request.isFirstLock,
      resumable: forcesLock(request),
      resourceGroupTag: request.context?.resourceGroupTag ?? EMPTY_BYTES,
      resume: attempt,
      refuse,
    })
  }

  #resume(
    request: kv.PessimisticLockRequest,
    key: Uint8Array,
    shouldNotExist: boolean,
  ): kv.PessimisticLockResponse {
    const txn = new MvccTxn(request.startVersion, this.#state.concurrency)
    const response = resumeLock(this.#state, txn, request, key, shouldNotExist)
    this.#apply(txn)
    return response
  }

  /** Runs a writing command; `settle` sees its answer in the moment it is applied. */
  async #write<Response>(
    keys: readonly Uint8Array[],
    startTs: Timestamp,
    command: WriteCommand<Response>,
    refused: (error: MvccError) => Response,
    options?: CallOptions,
    settle?: (response: Response) => void,
  ): Promise<Response> {
    const release = await this.#latches.acquire(keys)
    const txn = new MvccTxn(startTs, this.#state.concurrency)
    try {
      const response = command(txn)
      const delayMs = options?.applyDelayMs ?? 0
      if (delayMs > 0) await this.#delay(delayMs)
      this.#apply(txn)
      settle?.(response)
      return response
    } catch (error) {
      txn.clear()
      if (!(error instanceof MvccError)) throw error
      const response = refused(error)
      settle?.(response)
      return response
    } finally {
      release()
    }
  }

  #apply(txn: MvccTxn): void {
    this.#state.data.apply(txn.modifications)
    txn.releaseGuards()
    this.#waiting.onAcquired(txn.acquired)
    this.#waiting.onReleased(txn.released)
  }

  #delay(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#env.timers.set(() => {
        this.#delays.delete(timer)
        resolve()
      }, ms)
      this.#delays.add(timer)
    })
  }
}

function endOf(bounds: Bounds): Uint8Array | undefined {
  return bounds.end.length === 0 ? undefined : bounds.end
}

function nextKey(key: Uint8Array): Uint8Array {
  const next = new Uint8Array(key.length + 1)
  next.set(key)
  return next
}
