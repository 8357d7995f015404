/**
 * Several stores at once: which of them holds an actor's state or a table, chosen by a strategy when it is first used,
 * and moved on request while it is in use.
 *
 * Invariants:
 * 1. An assignment is durable before its object is used, and every use checks it in the store itself, in its own
 *    transaction (see `residence.ts`): an assignment that is out of date, in this process or another, reads and writes
 *    nothing in the wrong store.
 * 2. The assignments, the migrations and the log of transactions across stores are in one store.
 * 3. Assigned objects are used only through managers over the same stores.
 */
import { delay, OrbitError, silentLogger, systemEnv, toHex, type Env, type Logger } from '@orbit-ts/base'
import {
  DistributedTransactionCoordinator,
  type DistributedTransactionOptions,
  type DistributedTransactOptions,
} from '../distributed/distributed-transaction-coordinator.js'
import type { DistributedTransaction } from '../distributed/distributed-transaction.js'
import type { StepListener } from '../distributed/transaction-state.js'
import type { Health, StorageProvider, Transaction } from '../provider.js'
import type { ProviderRegistry } from '../providers/provider-registry.js'
import { checkNumber } from '../transaction/arguments.js'
import { AssignmentCache } from './assignment-cache.js'
import { ManagedTransaction } from './managed-transaction.js'
import { ObjectMigration, type MigrationLimits, type MigrationProgress } from './object-migration.js'
import { ObjectView } from './object-view.js'
import {
  decodeAssignment,
  decodeMigration,
  encodeRecord,
  managerKeys,
  readResidence,
  type Assignment,
  type MigrationRecord,
} from './residence.js'
import {
  requireFitStrategy,
  requireStore,
  selectStore,
  type ObjectContext,
  type ProviderSelectionStrategy,
} from './selection-strategy.js'
import { objectId, objectName, type StoredObject } from './stored-object.js'

/** What a manager needs of a `ProviderRegistry`. */
export type StoreRegistry = Pick<ProviderRegistry, 'names' | 'get' | 'nameFor' | 'health'>

export interface StorageManagerConfig {
  /** How objects without a store get one. Default: `Default` with the registry's store for data. */
  readonly strategy?: ProviderSelectionStrategy
  /**
   * The store of the assignments and of the log of transactions across stores: always the same one, and one of the
   * most durable. Default: the registry's store for data.
   */
  readonly assignments?: string
  /**
   * Whether tables may be assigned. False where they are those of a database, which has all of its tables in one store:
   * whoever assigned one would take its rows away from it. Default true.
   */
  readonly tables?: boolean
  /** Entries that a migration copies at once. Default 256. */
  readonly batchEntriesMax?: number
  /** Bytes of keys and values that a migration copies at once; one entry may be larger. Default 1 MiB. */
  readonly batchSizeMaxBytes?: number
  /** How often a migration copies changes before it pauses the object for the rest. Default 20. */
  readonly catchUpRoundsMax?: number
  /** How long a transaction waits for an object that is paused, milliseconds. Default 10 000. */
  readonly pauseWaitMs?: number
  /** Assignments kept in memory. Default 10 000. */
  readonly cachedAssignmentsMax?: number
  /** Go on with migrations that an earlier process left. Default true. */
  readonly resumeMigrations?: boolean
  /** See the coordinator's option. */
  readonly timeoutMs?: number
  /** See the coordinator's option. */
  readonly recoveryIntervalMs?: number
  readonly env?: Env
  readonly logger?: Logger
  readonly onStep?: StepListener
}

export interface MigrateOptions {
  /** Stops between two batches with `ABORTED`; the migration goes on when it is resumed. */
  readonly signal?: AbortSignal
  /** After each batch; the next one waits for it. */
  readonly onProgress?: (progress: MigrationProgress) => void | Promise<void>
}

/** Counters since the manager was opened. */
export interface StorageManagerMetrics {
  readonly assignmentsMade: number
  readonly migrationsActive: number
  readonly migrationsCompleted: number
  readonly migrationsFailed: number
  readonly entriesCopied: number
  readonly bytesCopied: number
  readonly changesCopied: number
}

const PAUSE_POLL_MS = 5

export class StorageManager implements AsyncDisposable {
  readonly #registry: StoreRegistry
  readonly #coordinator: DistributedTransactionCoordinator
  readonly #strategy: ProviderSelectionStrategy
  readonly #assignmentStore: string
  readonly #hasTables: boolean
  readonly #limits: MigrationLimits
  readonly #pauseWaitMs: number
  readonly #env: Env
  readonly #logger: Logger
  readonly #cache: AssignmentCache
  readonly #counters = { made: 0, active: 0, completed: 0, failed: 0, entries: 0, bytes: 0, changes: 0 }
  readonly #closing = new AbortController()
  readonly #migrating = new Map<string, Promise<MigrationProgress>>()

  private constructor(
    registry: StoreRegistry,
    config: StorageManagerConfig,
    coordinator: DistributedTransactionCoordinator,
  ) {
    this.#registry = registry
    this.#coordinator = coordinator
    this.#strategy = config.strategy ?? { kind: 'Default', store: registry.nameFor('data') }
    this.#assignmentStore = config.assignments ?? registry.nameFor('data')
    this.#hasTables = config.tables !== false
    this.#limits = {
      batchEntriesMax: config.batchEntriesMax ?? 256,
      batchSizeMaxBytes: config.batchSizeMaxBytes ?? 1024 * 1024,
      catchUpRoundsMax: config.catchUpRoundsMax ?? 20,
    }
    this.#pauseWaitMs = config.pauseWaitMs ?? 10_000
    this.#env = config.env ?? systemEnv
    this.#logger = config.logger ?? silentLogger
    this.#cache = new AssignmentCache(config.cachedAssignmentsMax ?? 10_000)
  }

  /**
   * Over all stores of the registry, which stays the caller's to close.
   * @throws INVALID_ARGUMENT: a name that is no store, a limit out of range; and as
   *   `DistributedTransactionCoordinator.open`
   */
  static async open(registry: StoreRegistry, config: StorageManagerConfig = {}): Promise<StorageManager> {
    checkNumber('batchEntriesMax', config.batchEntriesMax, 1, true)
    checkNumber('batchSizeMaxBytes', config.batchSizeMaxBytes, 1, true)
    checkNumber('catchUpRoundsMax', config.catchUpRoundsMax, 1, true)
    checkNumber('pauseWaitMs', config.pauseWaitMs, 0, false)
    checkNumber('cachedAssignmentsMax', config.cachedAssignmentsMax, 1, true)
    const assignments = config.assignments ?? registry.nameFor('data')
    requireStore(assignments, registry.names, 'assignments')
    if (config.strategy !== undefined) requireFitStrategy(config.strategy, registry.names)
    const { timeoutMs, recoveryIntervalMs, env, logger, onStep } = config
    const coordinator = await DistributedTransactionCoordinator.open({
      stores: Object.fromEntries(registry.names.map((name) => [name, registry.get(name)])),
      log: assignments,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(recoveryIntervalMs === undefined ? {} : { recoveryIntervalMs }),
      ...(env === undefined ? {} : { env }),
      ...(logger === undefined ? {} : { logger }),
      ...(onStep === undefined ? {} : { onStep }),
    })
    const manager = new StorageManager(registry, config, coordinator)
    if (config.resumeMigrations !== false) void manager.#resumeInBackground()
    return manager
  }

  /** For transactions over whole stores instead of objects. */
  get coordinator(): DistributedTransactionCoordinator {
    return this.#coordinator
  }

  /** The name of the store an object is assigned to; undefined when it has none yet. */
  async assignmentOf(object: StoredObject): Promise<string | undefined> {
    return (await this.#readAssignment(object))?.store
  }

  /** All assignments, in no particular order. */
  async *assignments(): AsyncGenerator<Assignment> {
    await using tx = await this.#assignments().begin()
    for await (const chunk of tx.scan(managerKeys.assignments)) {
      for (const { value } of chunk) yield decodeAssignment(value)
    }
  }

  /**
   * Gives an object its store before it is first used, whatever the strategy says. Harmless when it has this one.
   * @throws INVALID_ARGUMENT (no such store), PRECONDITION_FAILED: it has another one; `migrate` it;
   *   STORAGE_UNSUPPORTED: a table, where `tables` is false (as all that takes objects)
   */
  async assign(object: StoredObject, store: string): Promise<void> {
    requireStore(store, this.#registry.names, 'store')
    this.#requireManaged(object)
    const found = await this.#assignUnlessAssigned(object, store)
    if (found === store) return
    throw new OrbitError(
      'PRECONDITION_FAILED',
      `${objectName(object)} is in store "${found}" already; migrate it to "${store}"`,
      { store: found },
    )
  }

  /** The store of an object, chosen by the strategy when it has none yet. */
  async locate(object: StoredObject, context: ObjectContext = {}): Promise<string> {
    this.#requireManaged(object)
    const id = objectId(object)
    const known = this.#cache.get(id)
    if (known !== undefined) return known
    const found = await this.#readAssignment(object)
    const store = found?.store ?? (await this.#assignUnlessAssigned(object, this.#select(object, context)))
    this.#cache.set(id, store)
    return store
  }

  /** @throws as `DistributedTransactionCoordinator.begin` */
  async begin(options: DistributedTransactionOptions = {}): Promise<ManagedTransaction> {
    return this.#managed(await this.#coordinator.begin(options))
  }

  /** Runs `work` in a transaction over objects and commits it; runs it again as the coordinator does. */
  transact<T>(
    work: (tx: ManagedTransaction) => Promise<T>,
    options: DistributedTransactOptions = {},
  ): Promise<T> {
    return this.#coordinator.transact((tx) => work(this.#managed(tx)), options)
  }

  /**
   * Moves an object to another store while it is in use, and returns when its old place is clean. Its users are paused
   * only for the last batch of changes. After a failure it is usable where it was; call `migrate` again, or open a
   * manager, to go on.
   * @throws INVALID_ARGUMENT: no such store
   * @throws PRECONDITION_FAILED: it is moving somewhere else
   * @throws ABORTED: by the signal or because the manager closes; otherwise what the stores throw
   */
  async migrate(object: StoredObject, to: string, options: MigrateOptions = {}): Promise<MigrationProgress> {
    requireStore(to, this.#registry.names, 'to')
    const from = await this.locate(object)
    const record = await this.#startMigration(object, from, to)
    if (record === undefined) return { step: 'cleaned', entriesCopied: 0, bytesCopied: 0, changesCopied: 0 }
    if (record.to !== to) {
      throw new OrbitError(
        'PRECONDITION_FAILED',
        `${objectName(object)} is moving to store "${record.to}"; wait for that`,
        { to: record.to },
      )
    }
    return this.#run(record, options)
  }

  /** The migrations that are not finished, of any process. */
  async migrations(): Promise<MigrationRecord[]> {
    await using tx = await this.#assignments().begin()
    const records: MigrationRecord[] = []
    for await (const chunk of tx.scan(managerKeys.migrations)) {
      records.push(...chunk.map(({ value }) => decodeMigration(value)))
    }
    return records
  }

  /** Goes on with all of them, one after the other, and returns how many were finished. Throws the first failure. */
  async resumeMigrations(): Promise<number> {
    const records = await this.migrations()
    for (const record of records) await this.#run(record, {})
    return records.length
  }

  health(): Promise<Readonly<Record<string, Health>>> {
    return this.#registry.health()
  }

  metrics(): StorageManagerMetrics {
    const { made, active, completed, failed, entries, bytes, changes } = this.#counters
    return {
      assignmentsMade: made,
      migrationsActive: active,
      migrationsCompleted: completed,
      migrationsFailed: failed,
      entriesCopied: entries,
      bytesCopied: bytes,
      changesCopied: changes,
    }
  }

  /** Stops migrations between two batches, rolls back what is active, and leaves the stores open. */
  async close(): Promise<void> {
    this.#closing.abort(new OrbitError('STORAGE_CLOSED', 'the storage manager was closed'))
    await Promise.allSettled(this.#migrating.values())
    await this.#coordinator.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #requireManaged(object: StoredObject): void {
    if (this.#hasTables || object.kind !== 'table') return
    throw new OrbitError(
      'STORAGE_UNSUPPORTED',
      `${objectName(object)} belongs to a database, which has all of its tables in one store; move the whole database with "orbit export --all" and "orbit import --all"`,
      { table: object.id },
    )
  }

  #managed(tx: DistributedTransaction): ManagedTransaction {
    return new ManagedTransaction(tx, (object, context) => this.#open(tx, object, context))
  }

  /** Finds the object in its store, and keeps it from moving until the transaction ends. */
  async #open(
    tx: DistributedTransaction,
    object: StoredObject,
    context: ObjectContext,
  ): Promise<Transaction> {
    const id = objectId(object)
    const store = await this.locate(object, context)
    const branch = await tx.on(store)
    await branch.lock([managerKeys.residence(id)], { mode: 'shared' })
    const residence = await readResidence(branch, id)
    switch (residence?.state) {
      case 'here':
        return new ObjectView(branch, object, undefined)
      case undefined:
        branch.insert(managerKeys.residence(id), encodeRecord({ state: 'here' }))
        return new ObjectView(branch, object, undefined)
      case 'leaving':
        if (!residence.paused) return new ObjectView(branch, object, tx.id)
        // Nothing may be held meanwhile: it could be what the move waits for.
        await tx.rollback()
        await this.#untilUsable(store, object)
        throw movedMeanwhile(object)
      case 'arriving':
      case 'moved':
        this.#cache.delete(id)
        throw movedMeanwhile(object)
    }
  }

  /** @throws LOCK_TIMEOUT */
  async #untilUsable(store: string, object: StoredObject): Promise<void> {
    const deadlineMs = this.#env.clock.monotonicMs() + this.#pauseWaitMs
    for (;;) {
      await delay(this.#env, PAUSE_POLL_MS, this.#closing.signal)
      await using tx = await this.#coordinator.store(store).begin()
      const residence = await readResidence(tx, objectId(object))
      if (residence?.state !== 'leaving' || !residence.paused) return
      if (this.#env.clock.monotonicMs() < deadlineMs) continue
      throw new OrbitError(
        'LOCK_TIMEOUT',
        `${objectName(object)} is being moved to store "${residence.to}", which takes longer than ${this.#pauseWaitMs} ms; if the process that moved it has died, resume its migrations`,
        { migration: residence.migration },
      )
    }
  }

  #select(object: StoredObject, context: ObjectContext): string {
    const { store, reason } = selectStore(this.#strategy, object, context)
    requireStore(store, this.#registry.names, 'the store that the strategy chose')
    this.#logger.debug({ object: objectName(object), store, reason }, 'a store was chosen')
    return store
  }

  async #readAssignment(object: StoredObject): Promise<Assignment | undefined> {
    await using tx = await this.#assignments().begin()
    const bytes = await tx.get(managerKeys.assignment(objectId(object)))
    return bytes === undefined ? undefined : decodeAssignment(bytes)
  }

  /** The store it has then: `store`, or the one it had. */
  async #assignUnlessAssigned(object: StoredObject, store: string): Promise<string> {
    const key = managerKeys.assignment(objectId(object))
    return this.#assignments().transact(async (tx) => {
      const bytes = await tx.get(key)
      if (bytes !== undefined) return decodeAssignment(bytes).store
      tx.put(key, encodeRecord({ object, store }))
      this.#counters.made++
      return store
    })
  }

  /** The migration under way of this object, or a new one; undefined when it is where it should go. */
  #startMigration(object: StoredObject, from: string, to: string): Promise<MigrationRecord | undefined> {
    const id = objectId(object)
    return this.#assignments().transact(async (tx) => {
      const [migration, assignment] = await tx.getMany([
        managerKeys.migration(id),
        managerKeys.assignment(id),
      ])
      if (migration !== undefined) return decodeMigration(migration)
      const at = assignment === undefined ? from : decodeAssignment(assignment).store
      if (at === to) return undefined
      const record = { id: toHex(this.#env.random.bytes(16)), object, from: at, to }
      tx.put(managerKeys.migration(id), encodeRecord(record))
      return record
    })
  }

  /** Once at a time for each object in this process; others may run the same one. */
  #run(record: MigrationRecord, options: MigrateOptions): Promise<MigrationProgress> {
    const running = this.#migrating.get(record.id)
    if (running !== undefined) return running
    const run = this.#runOnce(record, options).finally(() => this.#migrating.delete(record.id))
    this.#migrating.set(record.id, run)
    return run
  }

  async #runOnce(
    record: MigrationRecord,
    { signal, onProgress }: MigrateOptions,
  ): Promise<MigrationProgress> {
    this.#counters.active++
    let last: MigrationProgress | undefined
    const count = async (progress: MigrationProgress): Promise<void> => {
      this.#counters.entries += progress.entriesCopied - (last?.entriesCopied ?? 0)
      this.#counters.bytes += progress.bytesCopied - (last?.bytesCopied ?? 0)
      this.#counters.changes += progress.changesCopied - (last?.changesCopied ?? 0)
      last = progress
      if (progress.step === 'moved') this.#cache.delete(objectId(record.object))
      await onProgress?.(progress)
    }
    const closing = this.#closing.signal
    try {
      const migration = new ObjectMigration(record, {
        coordinator: this.#coordinator,
        assignments: this.#assignmentStore,
        limits: this.#limits,
        signal: signal === undefined ? closing : AbortSignal.any([closing, signal]),
        onProgress: count,
      })
      const progress = await migration.run()
      this.#counters.completed++
      return progress
    } catch (error) {
      this.#counters.failed++
      throw error
    } finally {
      this.#counters.active--
    }
  }

  async #resumeInBackground(): Promise<void> {
    try {
      await this.resumeMigrations()
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#logger.warn({ err: error }, 'a migration could not go on')
    }
  }

  #assignments(): StorageProvider {
    return this.#coordinator.store(this.#assignmentStore)
  }
}

function movedMeanwhile(object: StoredObject): OrbitError {
  return new OrbitError(
    'TRANSACTION_CONFLICT',
    `${objectName(object)} has moved to another store meanwhile; run the transaction again`,
    { reason: 'object-moved' },
  )
}
