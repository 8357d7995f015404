import { delay, OrbitError } from '@orbit-ts/base'
import {
  requireChoice,
  requireNumber,
  requireOptionsObject,
  requireSignal,
  requireUint64,
} from '../input/require-input.js'
import type { PdCallOptions } from '../pd/pd-client.js'
import { requireReadOptions } from '../snapshot/require-snapshot-options.js'
import { Snapshot, type SnapshotParts } from '../snapshot/snapshot.js'
import type { SnapshotOptions } from '../snapshot/snapshot-options.js'
import { MAX_TIMESTAMP, physicalMs, type Timestamp } from '../timestamp.js'
import { Transaction } from './transaction.js'
import type { TransactionOptions } from './transaction-options.js'
import { UnfinishedTransactions } from './unfinished-transactions.js'

/** Of `run`: those of each transaction, and how often and how soon the work runs again. */
export interface RunOptions extends TransactionOptions {
  /** How often the work may run in all. Default 10. */
  readonly attemptsMax?: number | undefined
  /** Pause before the second attempt, milliseconds; doubles, with jitter, up to `backoffMaxMs`. Default 2. */
  readonly backoffMs?: number | undefined
  /** Default 500. */
  readonly backoffMaxMs?: number | undefined
}

/** Transactions and snapshots of one client: `client.txn`. */
export class TransactionClient {
  readonly #parts: SnapshotParts
  readonly #unfinished: UnfinishedTransactions

  constructor(parts: SnapshotParts) {
    this.#parts = parts
    this.#unfinished = new UnfinishedTransactions(parts.core.logger)
  }

  /**
   * Begins a transaction. Commit it or roll it back in every case; `await using` rolls back what was not committed.
   * @throws INVALID_ARGUMENT, SNAPSHOT_TOO_OLD (for the given `startTs`), PD_UNAVAILABLE, CLIENT_CLOSED, ABORTED
   */
  async begin(options: TransactionOptions = {}): Promise<Transaction> {
    requireOptions(options)
    const { core, safePoint } = this.#parts
    const { signal } = options
    requireNotAborted(signal)
    const startTs = options.startTs ?? (await core.pd.getTimestamp({ signal }))
    requireNotAborted(signal)
    if (options.startTs !== undefined && options.refuseFuture === true)
      await core.pd.validateReadTimestamp(startTs, { signal })
    safePoint.checkVisible(startTs)
    const ageMs = options.startTs === undefined ? 0 : await this.#ageOf(startTs, signal)
    return new Transaction(this.#parts, startTs, options, this.#unfinished, ageMs)
  }

  /**
   * Runs `work` in a transaction and commits it. Runs it again, in a new one, after an error that says that nothing was
   * changed (`retry: 'safe'`: conflicts, deadlocks, lost locks, servers out of reach); never after an undetermined
   * commit. So `work` must do nothing besides that cannot be done twice. It may end the transaction itself.
   * @throws what `work` throws, and as `begin` and `Transaction.commit`
   */
  async run<T>(work: (transaction: Transaction) => Promise<T>, options: RunOptions = {}): Promise<T> {
    const { attemptsMax = 10, signal } = options
    requireNumber('attemptsMax', attemptsMax, 1)
    requireNumber('backoffMs', options.backoffMs, 0)
    requireNumber('backoffMaxMs', options.backoffMaxMs, 0)
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#runOnce(work, options)
      } catch (error) {
        if (attempt >= attemptsMax || !mayRunAgain(error) || signal?.aborted === true) throw error
        await this.#pause(attempt, options)
      }
    }
  }

  /** Reads at a timestamp of PD; by default at a fresh one. @throws as `begin` */
  async snapshot(timestamp?: Timestamp, options: SnapshotOptions & PdCallOptions = {}): Promise<Snapshot> {
    const readTs = timestamp ?? (await this.currentTimestamp(options))
    const snapshot = new Snapshot(this.#parts, readTs, options)
    if (timestamp !== undefined && options.refuseFuture === true) {
      const { signal, timeoutMs } = options
      await this.#parts.core.pd.validateReadTimestamp(timestamp, { signal, timeoutMs })
    }
    this.#parts.safePoint.checkVisible(readTs)
    return snapshot
  }

  /** A fresh timestamp, larger than that of every transaction that has committed before the call. */
  async currentTimestamp(options: PdCallOptions = {}): Promise<Timestamp> {
    const { signal, timeoutMs } = options
    requireSignal(signal)
    requireNumber('timeoutMs', timeoutMs, 0)
    return this.#parts.core.pd.getTimestamp({ signal, timeoutMs })
  }

  /** About what `currentTimestamp` gave `agoMs` ago, without asking PD each time: for stale reads. */
  async staleTimestamp(agoMs: number, options: PdCallOptions = {}): Promise<Timestamp> {
    requireNumber('agoMs', agoMs ?? NaN, 0, Number.MAX_SAFE_INTEGER)
    requireNumber('timeoutMs', options.timeoutMs, 0)
    return this.#parts.core.pd.staleTimestamp(agoMs, options)
  }

  async #runOnce<T>(work: (transaction: Transaction) => Promise<T>, options: TransactionOptions): Promise<T> {
    const transaction = await this.begin(options)
    try {
      const result = await work(transaction)
      if (transaction.state === 'active' || transaction.state === 'timed-out') await transaction.commit()
      return result
    } finally {
      await transaction.rollback()
    }
  }

  /** Locks are counted from the start timestamp: those of an old one have to live longer. */
  async #ageOf(startTs: Timestamp, signal: AbortSignal | undefined): Promise<number> {
    const now = await this.#parts.core.pd.lowResolutionTimestamp({ signal })
    return Math.max(0, physicalMs(now) - physicalMs(startTs))
  }

  #pause(attempt: number, options: RunOptions): Promise<void> {
    const { backoffMs = 2, backoffMaxMs = 500, signal } = options
    const { env } = this.#parts.core
    const fullMs = Math.min(backoffMaxMs, backoffMs * 2 ** Math.min(attempt - 1, 30))
    return delay(env, fullMs * (0.5 + env.random.float() / 2), signal)
  }
}

function mayRunAgain(error: unknown): boolean {
  return error instanceof OrbitError && error.retry === 'safe' && error.code !== 'ABORTED'
}

function requireNotAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return
  throw new OrbitError(
    'ABORTED',
    'the signal was aborted before the transaction began',
    {},
    { cause: signal.reason },
  )
}

const CHOICES = {
  mode: ['optimistic', 'pessimistic'],
  isolation: ['snapshot', 'serializable', 'read-committed'],
  assertions: ['off', 'fast', 'strict'],
  priority: ['low', 'normal', 'high'],
  diskFull: ['not-allowed', 'allowed-on-almost-full', 'allowed-on-already-full'],
} as const satisfies Partial<Record<keyof TransactionOptions, readonly string[]>>

function requireOptions(options: TransactionOptions): void {
  requireOptionsObject(options)
  for (const [name, choices] of Object.entries(CHOICES)) {
    requireChoice(name, options[name as keyof typeof CHOICES], choices)
  }
  requireReadOptions(options)
  requireSignal(options.signal)
  requireUint64('startTs', options.startTs)
  requireUint64('txnSource', options.txnSource)
  requireNumber('readSetBytesMax', options.readSetBytesMax, 0)
  requireNumber('timeoutMs', options.timeoutMs, 1)
  requireUint64('commitWait.untilTs', options.commitWait?.untilTs)
  requireNumber('commitWait.timeoutMs', options.commitWait?.timeoutMs, 0)
  if (options.startTs !== undefined && (options.startTs <= 0n || options.startTs >= MAX_TIMESTAMP)) {
    throw invalid('startTs', `startTs is ${options.startTs}; give a timestamp of PD`)
  }
  if (typeof options.lockWait === 'number') requireNumber('lockWait', options.lockWait, 0)
  else requireChoice('lockWait', options.lockWait, ['always', 'nowait'])
  if (options.pipelined === undefined || options.pipelined === false) return
  if (options.mode === 'pessimistic')
    throw invalid('pipelined', 'a pipelined transaction is optimistic; leave mode out')
  if ((options.isolation ?? 'snapshot') === 'snapshot') return
  throw invalid('pipelined', 'a pipelined transaction has isolation "snapshot"; leave isolation out')
}

function invalid(field: string, reason: string): OrbitError {
  return new OrbitError('INVALID_ARGUMENT', reason, { field })
}
