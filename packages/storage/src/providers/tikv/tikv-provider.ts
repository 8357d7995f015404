/**
 * A TiKV cluster as a `StorageProvider`, natively on the transactions of its client.
 *
 * Invariants:
 * 1. Every transaction and snapshot that is open is in the provider's lists, and ends at the latest when it closes.
 * 2. The provider owns the client it was opened with, and closes it last.
 */
import { OrbitError, type Timer } from '@orbit-ts/base'
import { composeTimestamp, physicalMs } from '@orbit-ts/tikv'
import type {
  Capabilities,
  CommitResult,
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
} from '../../provider.js'
import {
  checkBatch,
  checkTransactionOptions,
  checkWriteOptions,
  throwIfAborted,
} from '../../transaction/arguments.js'
import { transact } from '../../transaction/transact.js'
import type { StorageCluster } from './storage-cluster.js'
import { probeHealth } from './probe-health.js'
import { TikvSnapshot } from './tikv-snapshot.js'
import { TikvStorageCluster } from './tikv-storage-cluster.js'
import type { TikvStore } from './tikv-store.js'
import { TikvTransaction } from './tikv-transaction.js'

export interface TikvProviderOptions {
  /** Default lifetime of a transaction, milliseconds. */
  readonly transactionTimeoutMs: number
  /** How long a lock is waited for by default, milliseconds. */
  readonly lockWaitMs: number
  /** How often the safe point is moved, and how far behind the present it is then, milliseconds. 0: never. */
  readonly gcIntervalMs: number
}

export class TikvProvider implements StorageProvider {
  readonly kind = 'tikv'
  readonly capabilities: Capabilities
  /** What the cluster says of itself. */
  readonly cluster: StorageCluster
  readonly #store: TikvStore
  readonly #options: TikvProviderOptions
  readonly #active = new Set<TikvTransaction>()
  readonly #snapshots = new Set<TikvSnapshot>()
  #nextId = 1
  #gcTimer: Timer | undefined
  #gcRuns = 0
  #gcFailures = 0
  #closing: Promise<void> | undefined

  constructor(store: TikvStore, options: TikvProviderOptions) {
    this.#store = store
    this.#options = options
    this.cluster = new TikvStorageCluster(store)
    this.capabilities = {
      isolationLevels: ['read-committed', 'snapshot', 'serializable'],
      modes: ['optimistic', 'pessimistic'],
      durability: ['sync'],
      snapshots: true,
      distributed: true,
      watch: false,
      ttl: false,
      pushdown: store.keys.isPlain,
      ...store.limits,
      transactionSizeMaxBytes: store.sizeMaxBytes,
    }
    this.#scheduleGc()
  }

  // Asynchronous by contract: the timestamp is fetched when the transaction first needs it.

  async begin(options: TransactionOptions = {}): Promise<Transaction> {
    return this.#begin(options)
  }

  async snapshot(options: SnapshotOptions = {}): Promise<Snapshot> {
    this.#checkOpen()
    const { signal } = options
    throwIfAborted(signal)
    try {
      const view = await this.#store.client.txn.snapshot(undefined, { signal })
      this.#checkOpen()
      const snapshot = new TikvSnapshot(this.#store, view, (closed) => this.#snapshots.delete(closed))
      this.#snapshots.add(snapshot)
      return snapshot
    } catch (error) {
      throw this.#store.failure(error)
    }
  }

  transact<T>(work: (tx: Transaction) => Promise<T>, options: TransactOptions = {}): Promise<T> {
    return transact(this.#store.env, (each) => this.begin(each), work, options)
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
    if (this.#closing !== undefined)
      return { status: 'unhealthy', reason: 'the store is closed', latencyMs: 0 }
    return probeHealth(this.#store)
  }

  metrics(): ProviderMetrics {
    const { counters } = this.#store
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
      // Old versions are the servers' affair.
      historyBytes: 0,
      historyBytesMax: 0,
      engine: this.#closing === undefined ? this.#facts() : {},
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #begin(options: TransactionOptions): TikvTransaction {
    this.#checkOpen()
    checkTransactionOptions(options)
    throwIfAborted(options.signal)
    if (options.durability === 'os') {
      throw new OrbitError(
        'STORAGE_UNSUPPORTED',
        'durability "os": TiKV acknowledges what a majority has on stable storage; leave durability out',
        { field: 'durability' },
      )
    }
    const tx = new TikvTransaction(
      this.#store,
      {
        id: `t${this.#nextId++}`,
        label: options.label,
        isolation: options.isolation ?? 'snapshot',
        mode: options.mode ?? 'optimistic',
        lockWaitMs: options.lockWaitMs ?? this.#options.lockWaitMs,
        timeoutMs: options.timeoutMs ?? this.#options.transactionTimeoutMs,
        signal: options.signal,
      },
      (ended) => this.#active.delete(ended),
    )
    this.#active.add(tx)
    return tx
  }

  async #close(): Promise<void> {
    this.#gcTimer?.cancel()
    const closed = new OrbitError('STORAGE_CLOSED', 'the store is closed')
    const ending = [...this.#active]
    for (const tx of ending) tx.expire(closed)
    await Promise.all(ending.map((tx) => tx.settled))
    for (const snapshot of [...this.#snapshots]) await snapshot.close()
    await this.#store.leases.close()
    await this.#store.client.settle()
    await this.#store.client.close()
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw new OrbitError('STORAGE_CLOSED', 'the store is closed')
  }

  #facts(): Record<string, number> {
    const { leases, announcements, hits, misses } = this.#store.leases.counts
    const { client, pushRefusals } = this.#store
    const { regions, connections, backgroundTasks, resolvingLocks } = client.diagnostics()
    const pushed = client.coprocessor.dagCounts
    return {
      cached_regions: regions.transaction?.regionCount ?? 0,
      cached_region_bytes: regions.transaction?.sizeBytes ?? 0,
      region_cache_hits: regions.transaction?.hits ?? 0,
      region_cache_misses: regions.transaction?.misses ?? 0,
      stores_connected: connections.length,
      background_tasks: backgroundTasks,
      resolving_locks: resolvingLocks,
      leases,
      lease_announcements: announcements,
      lease_hits: hits,
      lease_misses: misses,
      pushed_scans: pushed.scans,
      pushed_rows: pushed.rows,
      pushed_bytes: pushed.bytes,
      push_refusals_serializable: pushRefusals.serializable,
      push_refusals_own_writes: pushRefusals.ownWrites,
      push_refusals_plan: pushRefusals.plan,
      push_refusals_store: pushed.refusals,
      gc_runs: this.#gcRuns,
      gc_failures: this.#gcFailures,
    }
  }

  /** Several servers on one cluster do no harm to one another: the safe point only ever moves forward. */
  #scheduleGc(): void {
    const { gcIntervalMs } = this.#options
    if (gcIntervalMs === 0) return
    this.#gcTimer = this.#store.env.timers.set(() => void this.#collect(), gcIntervalMs)
  }

  async #collect(): Promise<void> {
    const { client } = this.#store
    try {
      const now = await client.txn.currentTimestamp()
      await client.admin.gc(composeTimestamp(physicalMs(now) - this.#options.gcIntervalMs, 0))
      this.#gcRuns++
    } catch {
      // Another server was faster, or the cluster is out of reach: the next turn tries again.
      this.#gcFailures++
    }
    if (this.#closing === undefined) this.#scheduleGc()
  }
}
