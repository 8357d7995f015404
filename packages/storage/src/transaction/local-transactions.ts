/**
 * A local engine as a `StorageProvider`: snapshot isolation and serializability, optimistic and pessimistic, with
 * locks, deadlock detection, timeouts and group commit. Written once for every local engine.
 *
 * Parts: `StoreState` (engine, history, snapshots), `LocalTransaction`, `GroupCommit` (validation and durability),
 * `LockTable`. See each for its invariants.
 */
import { OrbitError, systemEnv, type Env, type Timer } from '@orbit-ts/base'
import type {
  Capabilities,
  CommitResult,
  Durability,
  Health,
  ProviderMetrics,
  Snapshot,
  SnapshotOptions,
  StorageProvider,
  TransactOptions,
  Transaction,
  TransactionOptions,
  WriteBatch,
  WriteOptions,
} from '../provider.js'
import {
  checkBatch,
  checkChoice,
  checkTransactionOptions,
  checkWriteOptions,
  throwIfAborted,
} from './arguments.js'
import { GroupCommit } from './group-commit.js'
import type { LocalEngine } from './local-engine.js'
import { LocalSnapshot } from './local-snapshot.js'
import { LocalTransaction, timedOut } from './local-transaction.js'
import { VERSION_KEY, decodeVersion } from './version-key.js'
import { StoreState } from './store-state.js'
import { transact } from './transact.js'

export interface LocalTransactionsOptions {
  readonly env?: Env
  /** Of commits that do not name one. Default `sync` on an engine that outlives the process, else `os`. */
  readonly durability?: Durability
  /** Default lifetime of a transaction, milliseconds. Default 30 000. */
  readonly transactionTimeoutMs?: number
  /** How long a lock is waited for by default, milliseconds. Default 10 000. */
  readonly lockWaitMs?: number
  /** Bytes of old versions kept for running snapshots. Default 256 MiB. */
  readonly historySizeMaxBytes?: number
  /** Bytes of keys and values one transaction may write. Default 256 MiB. */
  readonly transactionSizeMaxBytes?: number
  /** Keys and ranges that one serializable transaction may read. Default 1 000 000. */
  readonly transactionReadsMax?: number
}

const MIB = 1024 * 1024

export class LocalTransactions implements StorageProvider {
  readonly kind: string
  readonly capabilities: Capabilities
  readonly #env: Env
  readonly #state: StoreState
  readonly #commits: GroupCommit
  readonly #options: Required<Omit<LocalTransactionsOptions, 'env'>>
  readonly #active = new Set<LocalTransaction>()
  readonly #snapshots = new Set<LocalSnapshot>()
  #sweep: { readonly timer: Timer; readonly dueMs: number } | undefined
  #nextId = 1
  #closing: Promise<void> | undefined

  private constructor(engine: LocalEngine, options: LocalTransactionsOptions, lastSeq: number) {
    this.kind = engine.kind
    this.#env = options.env ?? systemEnv
    this.#options = {
      durability: options.durability ?? (engine.persistent ? 'sync' : 'os'),
      transactionTimeoutMs: options.transactionTimeoutMs ?? 30_000,
      lockWaitMs: options.lockWaitMs ?? 10_000,
      historySizeMaxBytes: options.historySizeMaxBytes ?? 256 * MIB,
      transactionSizeMaxBytes: options.transactionSizeMaxBytes ?? 256 * MIB,
      transactionReadsMax: options.transactionReadsMax ?? 1_000_000,
    }
    this.capabilities = capabilitiesOf(engine, this.#options.transactionSizeMaxBytes)
    this.#state = new StoreState(engine, this.#env, this.#options.historySizeMaxBytes, lastSeq)
    this.#commits = new GroupCommit(this.#state)
  }

  /** Takes over an open engine; closing the provider closes it. */
  static async open(engine: LocalEngine, options: LocalTransactionsOptions = {}): Promise<LocalTransactions> {
    checkChoice('durability', options.durability, ['sync', 'os'])
    const stored = await engine.get(VERSION_KEY)
    const lastSeq = stored === undefined ? 0 : decodeVersion(stored)
    return new LocalTransactions(engine, options, lastSeq)
  }

  // Asynchronous by contract: a remote store fetches a timestamp here.

  async begin(options: TransactionOptions = {}): Promise<Transaction> {
    const turn = this.#state.turns.spend(1)
    if (turn !== undefined) await turn
    return this.#begin(options)
  }

  async snapshot(options: SnapshotOptions = {}): Promise<Snapshot> {
    const turn = this.#state.turns.spend(1)
    if (turn !== undefined) await turn
    this.#checkOpen()
    throwIfAborted(options.signal)
    const seq = await this.#state.openSnapshot()
    if (this.#state.failure !== undefined) {
      this.#state.closeSnapshot(seq)
      throw this.#state.failure
    }
    const snapshot = new LocalSnapshot(this.#state, seq, () => this.#snapshots.delete(snapshot))
    this.#snapshots.add(snapshot)
    return snapshot
  }

  transact<T>(work: (tx: Transaction) => Promise<T>, options: TransactOptions = {}): Promise<T> {
    return transact(this.#env, (each) => this.begin(each), work, options)
  }

  async write(batch: WriteBatch, options: WriteOptions = {}): Promise<CommitResult> {
    checkWriteOptions(options)
    checkBatch(batch)
    const tx = this.#begin({ ...options, isolation: 'read-committed' })
    try {
      tx.writeAll(batch)
    } catch (error) {
      await tx.rollback()
      throw error
    }
    return tx.commit()
  }

  async health(): Promise<Health> {
    const startedMs = this.#env.clock.monotonicMs()
    const latencyMs = (): number => this.#env.clock.monotonicMs() - startedMs
    const { failure } = this.#state
    if (failure !== undefined) return { status: 'unhealthy', reason: failure.reason, latencyMs: 0 }
    try {
      await this.#state.engine.get(VERSION_KEY)
    } catch (error) {
      return {
        status: 'unhealthy',
        reason: OrbitError.from(error, 'STORAGE_IO').reason,
        latencyMs: latencyMs(),
      }
    }
    const warning = this.#state.engine.engine.warning?.()
    if (warning !== undefined) return { status: 'degraded', reason: warning, latencyMs: latencyMs() }
    return { status: 'healthy', latencyMs: latencyMs() }
  }

  metrics(): ProviderMetrics {
    const { counters, history, engine } = this.#state
    return {
      readOperations: counters.readOperations,
      writeOperations: counters.writeOperations,
      deleteOperations: counters.deleteOperations,
      readLatencyMs: counters.readLatencyMs,
      writeLatencyMs: counters.writeLatencyMs,
      errorCount: counters.errorCount,
      transactionsActive: this.#active.size,
      transactionsCommitted: counters.transactionsCommitted,
      transactionsRolledBack: counters.transactionsRolledBack,
      conflicts: counters.conflicts,
      deadlocks: counters.deadlocks,
      commitGroups: counters.commitGroups,
      historyBytes: history.bytes,
      historyBytesMax: history.bytesMax,
      engine: this.#closing === undefined ? engine.engine.stats() : {},
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #begin(options: TransactionOptions): LocalTransaction {
    this.#checkOpen()
    checkTransactionOptions(options)
    throwIfAborted(options.signal)
    const { capabilities } = this
    const isolation = options.isolation ?? 'snapshot'
    const durability = options.durability ?? this.#options.durability
    if (options.durability !== undefined && !capabilities.durability.includes(durability)) {
      throw new OrbitError(
        'STORAGE_UNSUPPORTED',
        `durability "${durability}": ${this.kind} keeps nothing beyond this process`,
        { field: 'durability' },
      )
    }
    const tx = new LocalTransaction(
      this.#state,
      this.#commits,
      {
        id: `t${this.#nextId++}`,
        label: options.label,
        isolation,
        mode: options.mode ?? 'optimistic',
        sync: durability === 'sync',
        lockWaitMs: options.lockWaitMs ?? this.#options.lockWaitMs,
        timeoutMs: options.timeoutMs ?? this.#options.transactionTimeoutMs,
        sizeMaxBytes: this.#options.transactionSizeMaxBytes,
        readsMax: this.#options.transactionReadsMax,
        signal: options.signal,
      },
      (ended) => this.#active.delete(ended),
    )
    this.#active.add(tx)
    this.#scheduleSweep(tx.deadlineMs)
    return tx
  }

  async #close(): Promise<void> {
    const closed = new OrbitError('STORAGE_CLOSED', 'the store is closed')
    this.#sweep?.timer.cancel()
    for (const tx of [...this.#active]) tx.expire(closed)
    await this.#commits.idle()
    for (const snapshot of [...this.#snapshots]) await snapshot.close()
    this.#state.close()
    await this.#state.engine.drain()
    await this.#state.engine.engine.close()
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw new OrbitError('STORAGE_CLOSED', 'the store is closed')
    if (this.#state.failure !== undefined) throw this.#state.failure
  }

  /** One timer for all: it wakes at the earliest deadline, not once per transaction. */
  #scheduleSweep(dueMs: number): void {
    if (dueMs === Infinity || (this.#sweep !== undefined && this.#sweep.dueMs <= dueMs)) return
    this.#sweep?.timer.cancel()
    const delayMs = Math.max(0, dueMs - this.#env.clock.monotonicMs())
    this.#sweep = { dueMs, timer: this.#env.timers.set(() => this.#expireOverdue(), delayMs) }
  }

  #expireOverdue(): void {
    this.#sweep = undefined
    const nowMs = this.#env.clock.monotonicMs()
    let nextMs = Infinity
    for (const tx of [...this.#active]) {
      if (tx.deadlineMs <= nowMs) tx.expire(timedOut(tx.id, tx.timeoutMs))
      else nextMs = Math.min(nextMs, tx.deadlineMs)
    }
    this.#scheduleSweep(nextMs)
  }
}

function capabilitiesOf(engine: LocalEngine, transactionSizeMaxBytes: number): Capabilities {
  return {
    isolationLevels: ['read-committed', 'snapshot', 'serializable'],
    modes: ['optimistic', 'pessimistic'],
    durability: engine.persistent ? ['sync', 'os'] : [],
    snapshots: true,
    distributed: false,
    watch: false,
    ttl: false,
    keySizeMaxBytes: engine.limits.keySizeMaxBytes,
    valueSizeMaxBytes: engine.limits.valueSizeMaxBytes,
    transactionSizeMaxBytes,
  }
}
