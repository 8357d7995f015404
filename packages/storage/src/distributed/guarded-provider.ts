/**
 * A store as everyone has to see it who shares it with transactions across stores: the same contract, with the keys of
 * those transactions hidden, their decided writes visible, and the keys they have prepared kept from other writers.
 */
import { hasCode, type Env } from '@orbit-ts/base'
import type {
  Capabilities,
  CommitResult,
  Entry,
  Health,
  KeyRange,
  ProviderKind,
  ProviderMetrics,
  ScanOptions,
  Snapshot,
  SnapshotOptions,
  StorageProvider,
  TransactOptions,
  Transaction,
  TransactionOptions,
  WriteBatch,
  WriteOptions,
} from '../provider.js'
import { clusterOf, type StorageCluster } from '../providers/tikv/storage-cluster.js'
import { checkBatch, checkRange, checkScanOptions } from '../transaction/arguments.js'
import { transact } from '../transaction/transact.js'
import { type Guard, type Surroundings } from './guard.js'
import { GuardedTransaction } from './guarded-transaction.js'
import { scanWithoutReserved } from './scan-without-reserved.js'

export class GuardedProvider implements StorageProvider {
  readonly capabilities: Capabilities
  readonly #guard: Guard
  readonly #provider: StorageProvider
  readonly #env: Env

  constructor(guard: Guard, env: Env) {
    const { provider } = guard.participant
    this.#guard = guard
    this.#provider = provider
    this.#env = env
    this.capabilities = { ...provider.capabilities, ...guard.limits }
  }

  get kind(): ProviderKind {
    return this.#provider.kind
  }

  /** What the cluster says that the store is on. */
  get cluster(): StorageCluster | undefined {
    return clusterOf(this.#provider)
  }

  async begin(options: TransactionOptions = {}): Promise<Transaction> {
    return this.#begin(options, false)
  }

  /** The part that a transaction across stores has in this one. */
  async beginBranch(options: TransactionOptions): Promise<GuardedTransaction> {
    return this.#begin(options, true)
  }

  async snapshot(options: SnapshotOptions = {}): Promise<Snapshot> {
    for (;;) {
      const snapshot = await this.#provider.snapshot(options)
      try {
        const surroundings = await this.#guard.survey(snapshot)
        if (surroundings !== undefined) return new GuardedSnapshot(this.#guard, snapshot, surroundings)
      } catch (error) {
        await snapshot.close()
        throw error
      }
      await snapshot.close()
    }
  }

  async transact<T>(work: (tx: Transaction) => Promise<T>, options: TransactOptions = {}): Promise<T> {
    return transact(this.#env, (begun) => this.begin(begun), work, options)
  }

  async write(batch: WriteBatch, options: WriteOptions = {}): Promise<CommitResult> {
    checkBatch(batch)
    for (;;) {
      const tx = await this.#begin(options, false)
      try {
        for (const operation of batch) {
          if (operation.type === 'put') tx.put(operation.key, operation.value)
          else tx.delete(operation.key)
        }
        return await tx.commit()
      } catch (error) {
        await tx.rollback()
        // It waited for whoever was in the way; a blind write itself has no conflicts.
        if (!isPassing(error)) throw error
      }
    }
  }

  health(): Promise<Health> {
    return this.#provider.health()
  }

  metrics(): ProviderMetrics {
    return this.#provider.metrics()
  }

  /** Closes the store itself. */
  close(): Promise<void> {
    return this.#provider.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #begin(options: TransactionOptions, isBranch: boolean): Promise<GuardedTransaction> {
    return new GuardedTransaction(this.#guard, await this.#provider.begin(options), options, isBranch)
  }
}

class GuardedSnapshot implements Snapshot {
  readonly #guard: Guard
  readonly #snapshot: Snapshot
  readonly #surroundings: Surroundings

  constructor(guard: Guard, snapshot: Snapshot, surroundings: Surroundings) {
    this.#guard = guard
    this.#snapshot = snapshot
    this.#surroundings = surroundings
  }

  get version(): bigint {
    return this.#snapshot.version
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    this.#guard.checkKey(key)
    this.#surroundings.closed?.requireOpen([key])
    return this.#snapshot.get(key)
  }

  async getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    this.#guard.checkKeys(keys)
    this.#surroundings.closed?.requireOpen(keys)
    return this.#snapshot.getMany(keys)
  }

  async *scan(range: KeyRange, options: ScanOptions = {}): AsyncGenerator<Entry[]> {
    checkRange(range)
    checkScanOptions(options)
    this.#surroundings.closed?.requireRangeOpen(range)
    yield* scanWithoutReserved(this.#snapshot, range, options)
  }

  close(): Promise<void> {
    return this.#snapshot.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

function isPassing(error: unknown): boolean {
  return hasCode(error, 'TRANSACTION_CONFLICT') || hasCode(error, 'TRANSACTION_DEADLOCK')
}
