/**
 * Transactions over several stores, atomic and durable, by two-phase commit with presumed abort.
 *
 * How a transaction commits: its record goes to the decision log (a part of one of the stores); each store it wrote or
 * locked something in makes that durable as intents, without showing it; the log decides; the stores apply it. Whoever
 * meets an intent later asks the log, so nothing depends on the process that began it.
 *
 * What it gives:
 * - Atomicity and durability over all stores, through crashes at any step, as strong as the weakest store's.
 * - In each store snapshot isolation (or read committed): lost updates and dirty reads do not happen, conflicts are
 *   found in each store. What a transaction locked stays locked until the outcome.
 * - Once `commit` has resolved, everyone who begins to read through `store(…)` sees it, also in stores that could not
 *   be reached then.
 * What it does not give: one snapshot over all stores. While a transaction is being applied, a reader of two stores may
 * see it in one and not yet in the other. `serializable` is therefore refused across stores. Locks that wait for each
 * other in different stores are not found as a deadlock; they end with `LOCK_TIMEOUT`.
 *
 * Invariants:
 * 1. Every access to the stores goes through `store(…)` or a transaction of a coordinator with the same log.
 * 2. A store whose process died is not used before its coordinator was opened again.
 */
import {
  delay,
  didYouMean,
  hasCode,
  OrbitError,
  silentLogger,
  systemEnv,
  toHex,
  type Env,
  type Logger,
} from '@orbit-ts/base'
import type { StorageProvider, TransactionMode, TransactionOptions } from '../provider.js'
import { checkChoice, checkNumber } from '../transaction/arguments.js'
import { namingOutage } from '../transaction/outage.js'
import { isRetried } from '../transaction/transact.js'
import { DecisionLog } from './decision-log.js'
import { DistributedTransaction } from './distributed-transaction.js'
import { Guard } from './guard.js'
import { GuardedProvider } from './guarded-provider.js'
import { PREPARED_ELSEWHERE } from './guarded-transaction.js'
import { OutcomeResolver } from './outcome-resolver.js'
import { Participant } from './participant.js'
import { recover, type RecoveryReport } from './recover.js'
import { requireFitStores } from './require-fit-stores.js'
import type { StepListener, TransactionState } from './transaction-state.js'

export interface DistributedTransactionCoordinatorOptions {
  /** The stores that transactions may span, by name. They stay the caller's to close. */
  readonly stores: Readonly<Record<string, StorageProvider>>
  /**
   * The name of the store that holds the decision log. Always the same one for the same stores: what is prepared for
   * one log is never decided by another.
   */
  readonly log: string
  /** How long a transaction may live, and stay prepared without a decision, milliseconds. Default 30 000. */
  readonly timeoutMs?: number
  /** How often unfinished transactions are looked for, milliseconds. Default 5 000; 0: only by `recover`. */
  readonly recoveryIntervalMs?: number
  /** Default: this process's. */
  readonly env?: Env
  /** Default: none. */
  readonly logger?: Logger
  readonly onStep?: StepListener
}

export interface DistributedTransactionOptions {
  /** In each store. Default `snapshot`; `serializable` is refused. */
  readonly isolation?: 'read-committed' | 'snapshot'
  readonly mode?: TransactionMode
  /** Default: the coordinator's. */
  readonly timeoutMs?: number
  readonly lockWaitMs?: number
  readonly signal?: AbortSignal
  readonly label?: string
}

export interface DistributedTransactOptions extends DistributedTransactionOptions {
  /** How often the closure may run in all. Default 10. */
  readonly attemptsMax?: number
}

/** Counters since the coordinator was opened. */
export interface DistributedMetrics {
  readonly transactionsActive: number
  readonly transactionsCommitted: number
  readonly transactionsAborted: number
  /** Committed with stores that could not be reached, or left without a known outcome: for recovery to finish. */
  readonly transactionsLeft: number
  readonly recoveryRuns: number
  readonly recoveryErrors: number
}

const BACKOFF_MAX_MS = 100
/** How long what was aborted is cleaned up before that is left to go on behind the caller's back, and to recovery. */
const CLEAN_UP_MS = 2000

export class DistributedTransactionCoordinator implements AsyncDisposable {
  readonly #env: Env
  readonly #logger: Logger
  readonly #timeoutMs: number
  readonly #intervalMs: number
  readonly #onStep: StepListener | undefined
  readonly #resolver: OutcomeResolver
  readonly #participants = new Map<string, Participant>()
  readonly #guarded = new Map<string, GuardedProvider>()
  readonly #live = new Map<string, DistributedTransaction>()
  readonly #counters = { committed: 0, aborted: 0, left: 0, recoveryRuns: 0, recoveryErrors: 0 }
  #timer: { cancel(): void } | undefined
  #recovering: Promise<RecoveryReport> | undefined
  #closed = false

  private constructor(options: DistributedTransactionCoordinatorOptions, log: DecisionLog) {
    this.#env = options.env ?? systemEnv
    this.#logger = options.logger ?? silentLogger
    this.#timeoutMs = options.timeoutMs ?? 30_000
    this.#intervalMs = options.recoveryIntervalMs ?? 5_000
    this.#onStep = options.onStep
    this.#resolver = new OutcomeResolver(log, this.#env)
    for (const [name, provider] of Object.entries(options.stores)) {
      const participant = new Participant(name, provider)
      this.#participants.set(name, participant)
      this.#guarded.set(name, new GuardedProvider(new Guard(participant, this.#resolver), this.#env))
    }
  }

  /**
   * Opens the log, making it when the store has none, and finishes what an earlier process left. Stores other than the
   * log's may be out of reach: what they hold is finished when they are back.
   * @throws INVALID_ARGUMENT: no stores, no store of the log's name, or a log less durable than the stores
   * @throws STORAGE_UNSUPPORTED: a store without snapshot isolation or without locks
   * @throws STORAGE_UNAVAILABLE and the like: the log's store cannot be read
   */
  static async open(
    options: DistributedTransactionCoordinatorOptions,
  ): Promise<DistributedTransactionCoordinator> {
    checkNumber('timeoutMs', options.timeoutMs, 1, false)
    checkNumber('recoveryIntervalMs', options.recoveryIntervalMs, 0, false)
    const logStore = requireFitStores(options)
    const log = await DecisionLog.open(logStore, options.env ?? systemEnv)
    const coordinator = new DistributedTransactionCoordinator(options, log)
    await coordinator.recover()
    coordinator.#schedule()
    return coordinator
  }

  /** The names of the stores. */
  get stores(): readonly string[] {
    return [...this.#participants.keys()]
  }

  /**
   * A store as everyone has to use it who shares it with these transactions: the whole storage contract. Keys may be
   * shorter by 15 bytes and values smaller by 18 than the store itself takes. Closing it closes the store.
   *
   * Its transactions heed what is prepared: writing a prepared key waits for the outcome and then fails with
   * `TRANSACTION_CONFLICT`; reading it shows the value before, until the transaction is committed. A transaction that
   * has written something before its first read may conflict when a commit across stores comes in between.
   * @throws INVALID_ARGUMENT when there is no store of this name
   */
  store(name: string): StorageProvider {
    return this.#guardedStore(name)
  }

  /** @throws STORAGE_UNSUPPORTED: `serializable`; STORAGE_CLOSED */
  async begin(options: DistributedTransactionOptions = {}): Promise<DistributedTransaction> {
    this.#requireOpen()
    const asked: string | undefined = options.isolation
    if (asked === 'serializable') {
      throw new OrbitError(
        'STORAGE_UNSUPPORTED',
        'isolation: serializable is not offered across stores, which have no common snapshot; use it in one store, or lock what you read',
        { field: 'isolation' },
      )
    }
    checkChoice('isolation', asked, ['read-committed', 'snapshot'])
    const timeoutMs = options.timeoutMs ?? this.#timeoutMs
    checkNumber('timeoutMs', timeoutMs, 1, false)
    const id = toHex(this.#env.random.bytes(16))
    const tx = new DistributedTransaction({
      id,
      timeoutMs,
      log: this.#resolver.log,
      beginBranch: (store) => this.#beginBranch(store, { ...options, timeoutMs }),
      participant: (store) => this.#participant(store),
      patiently: (cleanUp) => this.#patiently(cleanUp),
      onStep: (step) => this.#onStep?.(id, step),
      onEnd: (state) => this.#ended(id, state),
    })
    this.#live.set(id, tx)
    return tx
  }

  /**
   * Runs `work` in a transaction and commits it. Runs the whole again after the errors after which
   * `StorageProvider.transact` does, once whoever was in the way has finished.
   * @throws STORAGE_UNAVAILABLE: a store cannot be reached, also when that went on until a deadline
   */
  async transact<T>(
    work: (tx: DistributedTransaction) => Promise<T>,
    options: DistributedTransactOptions = {},
  ): Promise<T> {
    const { attemptsMax = 10, ...rest } = options
    checkNumber('attemptsMax', attemptsMax, 1, true)
    return namingOutage(options.signal, async (failed) => {
      for (let attempt = 1; ; attempt++) {
        const tx = await this.begin(rest)
        try {
          const result = await work(tx)
          if (tx.state === 'Active' || tx.state === 'Prepared') await tx.commit()
          return result
        } catch (error) {
          await tx.rollback()
          if (tx.state !== 'Aborted' || !isRetried(error) || attempt >= attemptsMax) throw error
          failed(error)
          await this.#beforeNextAttempt(error, attempt, options)
        }
      }
    })
  }

  /** The transactions of this coordinator that have not ended. */
  transactions(): readonly {
    readonly id: string
    readonly state: TransactionState
    readonly stores: readonly string[]
  }[] {
    return [...this.#live.values()].map(({ id, state, stores }) => ({ id, state, stores }))
  }

  /**
   * Finishes what can be finished now of all transactions that were left: applies the decided ones, aborts those whose
   * process is gone. Harmless at any time, from any number of processes. It also runs by itself.
   * @throws what reading the log's store throws; stores that cannot be reached are in the report instead
   */
  recover(): Promise<RecoveryReport> {
    this.#recovering ??= this.#recover().finally(() => {
      this.#recovering = undefined
    })
    return this.#recovering
  }

  metrics(): DistributedMetrics {
    const { committed, aborted, left, recoveryRuns, recoveryErrors } = this.#counters
    return {
      transactionsActive: this.#live.size,
      transactionsCommitted: committed,
      transactionsAborted: aborted,
      transactionsLeft: left,
      recoveryRuns,
      recoveryErrors,
    }
  }

  /** Rolls back what is still active and leaves the stores open. Harmless when called again. */
  async close(): Promise<void> {
    this.#closed = true
    this.#timer?.cancel()
    await Promise.allSettled([this.#recovering, ...[...this.#live.values()].map((tx) => tx.abandon())])
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #patiently(cleanUp: Promise<unknown>): Promise<void> {
    const done = new AbortController()
    const tooLong = delay(this.#env, CLEAN_UP_MS, done.signal).catch(() => undefined)
    try {
      await Promise.race([cleanUp, tooLong])
    } finally {
      done.abort()
    }
  }

  async #recover(): Promise<RecoveryReport> {
    this.#counters.recoveryRuns++
    return recover({
      resolver: this.#resolver,
      participants: this.#participants,
      isLive: (id) => this.#live.has(id),
    })
  }

  #schedule(): void {
    if (this.#intervalMs === 0 || this.#closed) return
    this.#timer = this.#env.timers.set(() => void this.#recoverInBackground(), this.#intervalMs)
  }

  async #recoverInBackground(): Promise<void> {
    try {
      const { unreachable } = await this.recover()
      const stores = Object.keys(unreachable)
      if (stores.length > 0)
        this.#logger.warn({ stores }, 'stores with unfinished transactions are out of reach')
    } catch (error) {
      this.#counters.recoveryErrors++
      this.#logger.warn({ err: error }, 'unfinished transactions across stores could not be looked for')
    }
    this.#schedule()
  }

  async #beforeNextAttempt(
    error: unknown,
    attempt: number,
    { signal, lockWaitMs = 10_000 }: DistributedTransactOptions,
  ): Promise<void> {
    if (hasCode(error, 'TRANSACTION_CONFLICT') && error.details['reason'] === PREPARED_ELSEWHERE) {
      const { store, id } = error.details
      if (typeof store === 'string' && typeof id === 'string') {
        await this.#resolver.wait(this.#participant(store), new Set([id]), lockWaitMs, signal)
      }
    }
    const ceilingMs = Math.min(BACKOFF_MAX_MS, 2 ** (attempt - 1))
    await delay(this.#env, ceilingMs * (0.5 + this.#env.random.float() / 2), signal)
  }

  #beginBranch(store: string, options: TransactionOptions): ReturnType<GuardedProvider['beginBranch']> {
    const [durability] = this.#participant(store).provider.capabilities.durability
    return this.#guardedStore(store).beginBranch(
      durability === undefined ? options : { ...options, durability },
    )
  }

  #ended(id: string, state: TransactionState): void {
    this.#live.delete(id)
    if (state === 'Committed') this.#counters.committed++
    else if (state === 'Aborted') this.#counters.aborted++
    else this.#counters.left++
  }

  #participant(name: string): Participant {
    const participant = this.#participants.get(name)
    if (participant === undefined) throw this.#unknownStore(name)
    return participant
  }

  #guardedStore(name: string): GuardedProvider {
    const store = this.#guarded.get(name)
    if (store === undefined) throw this.#unknownStore(name)
    return store
  }

  #unknownStore(name: string): OrbitError {
    return new OrbitError(
      'INVALID_ARGUMENT',
      `"${name}" is no store of this coordinator; there are ${this.stores.join(', ')}${didYouMean(name, this.stores)}`,
      { name },
    )
  }

  #requireOpen(): void {
    if (this.#closed) throw new OrbitError('STORAGE_CLOSED', 'the coordinator was closed')
  }
}
