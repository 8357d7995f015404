import { OrbitError, configFromCode, didYouMean, systemEnv, type Env } from '@orbit-ts/base'
import {
  clusterOf,
  openProvider,
  type Health,
  type ProviderMetrics,
  type ProviderOptions,
  type StorageProvider,
  type Transaction,
  type TransactionOptions,
  type TransactOptions,
} from '@orbit-ts/storage'
import { cacheSettings, type CacheSettingsInput } from './cache/cache-settings.js'
import { TiKVCacheManager, type WarmedCaches } from './cache/tikv-cache-manager.js'
import { Catalog, STEP_RECORDS_MAX, checkName, type CatalogContents, type Change } from './catalog/catalog.js'
import { OBJECT_KINDS, type CatalogObject, type ObjectKind } from './catalog/catalog-object.js'
import type { Indexed } from './catalog/index-status.js'
import { checkFormat } from './catalog/store-format.js'
import { Tasks } from './catalog/tasks.js'
import { describe } from './filter/filter-tree.js'
import { CollectionSession } from './models/document/collection-session.js'
import type { CollectionSchema } from './models/document/collection.js'
import { GraphSession } from './models/graph/graph-session.js'
import type { GraphSchema } from './models/graph/graph.js'
import type { Model } from './models/model.js'
import { MODELS } from './models/models.js'
import { provideRowExpressions } from './models/relational/layout/row-expressions.js'
import { TableSession } from './models/relational/table-session.js'
import type { TableSchema } from './models/relational/table.js'
import { Sequences } from './models/relational/write/sequences.js'
import { SeriesSession } from './models/timeseries/series-session.js'
import { applyRetentionInSteps, rollUpInSteps } from './models/timeseries/series-upkeep.js'
import type { SeriesSchema } from './models/timeseries/series.js'
import type { BuildIndexOptions, IndexBuild } from './models/vector/vector-queries.js'
import { VectorSession } from './models/vector/vector-session.js'
import type { VectorSchema } from './models/vector/vectors.js'
import { autoCommit, type AutoCommit } from './txn/auto-commit.js'
import { DatabaseTransaction, TransactionContext, nameOf } from './txn/database-transaction.js'
import { Stepper, type InTransaction } from './txn/stepper.js'

/** A definition made by `table`, `collection`, `graph`, `vectors` or `series`. */
export interface ObjectSchema {
  readonly kind: ObjectKind
  readonly name: string
  readonly input: unknown
}

export interface DatabaseOptions {
  /** An open provider, which the caller closes, or what to open: `{ kind: 'rocksdb', dataDir: './data' }`. */
  readonly storage: StorageProvider | ProviderOptions
  /** Objects that must exist: created, or brought to this definition, before `openDatabase` returns. */
  readonly schema?: readonly ObjectSchema[]
  readonly env?: Env
  /**
   * Records that one transaction of work over a whole object handles at most: the building of an index, the removal of
   * data, the rolling up of series. A change of a definition that needs no more is done at once. Default 5 000.
   */
  readonly stepRecordsMax?: number
  /** What is kept in memory beside the store. Default: definitions and statistics, no results of queries. */
  readonly cache?: CacheSettingsInput
}

export interface SchemaChanges {
  readonly created: readonly string[]
  readonly changed: readonly string[]
  readonly unchanged: readonly string[]
}

interface Applied {
  readonly changes: SchemaChanges
  readonly objects: readonly Change[]
}

/**
 * Opens a database: its storage, its catalog, and the objects of `schema`. Indexes over much data that `schema` adds,
 * and whatever an earlier process left undone, are seen to in the background: `Database.resume` waits for it.
 * @throws STORAGE_LOCKED, STORAGE_CORRUPT, SCHEMA_INVALID, SCHEMA_MISMATCH
 * @throws RECORD_VERSION_UNSUPPORTED: a newer release has written the store
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const env = options.env ?? systemEnv
  const opened = isProvider(options.storage) ? undefined : await openProvider(options.storage, { env })
  const provider = opened ?? (options.storage as StorageProvider)
  try {
    const { schema, stepRecordsMax, cache } = options
    const database = new Database(provider, {
      env,
      ownsProvider: opened !== undefined,
      ...(stepRecordsMax === undefined ? {} : { stepRecordsMax }),
      ...(cache === undefined ? {} : { cache }),
    })
    await checkFormat(provider)
    if (schema !== undefined) await database.apply(schema, { wait: false })
    await database.resumeInBackground()
    return database
  } catch (error) {
    await opened?.close()
    throw error
  }
}

// SQL is loaded when the first table needs it.
provideRowExpressions(async (context) => {
  const { tableCompiler } = await import('./lang/sql/ddl/row-expressions.js')
  return tableCompiler(context)
})

/** Five data models over one store. Safe to use from any number of concurrent callers. */
export class Database implements AsyncDisposable {
  readonly storage: StorageProvider
  readonly env: Env
  /** What is kept in memory of the store. */
  readonly caches: TiKVCacheManager
  readonly #catalog: Catalog
  readonly #sequences: Sequences
  readonly #ownsProvider: boolean
  readonly #stepper: Stepper
  readonly #tasks: Tasks
  readonly #closing = new AbortController()
  #crossModelTransactions = 0

  constructor(
    storage: StorageProvider,
    options: {
      readonly env: Env
      readonly ownsProvider: boolean
      readonly stepRecordsMax?: number
      readonly cache?: CacheSettingsInput
    },
  ) {
    const stepRecordsMax = checkStepRecords(options.stepRecordsMax ?? STEP_RECORDS_MAX)
    this.storage = storage
    this.#sequences = new Sequences(storage)
    this.env = options.env
    this.caches = new TiKVCacheManager({
      clock: options.env.clock,
      random: options.env.random,
      settings: configFromCode(cacheSettings, options.cache ?? {}),
      storeMetrics: () => storage.metrics(),
    })
    this.#catalog = new Catalog(stepRecordsMax, this.caches)
    this.#ownsProvider = options.ownsProvider
    const inTransaction: InTransaction = (work, options) => this.#inContext(work, options)
    this.#stepper = new Stepper(inTransaction, stepRecordsMax)
    this.#tasks = new Tasks({
      catalog: this.#catalog,
      stepper: this.#stepper,
      inTransaction,
      modelOf,
      signal: this.#closing.signal,
    })
  }

  /**
   * Runs `work` in one transaction over all models and commits it. After a conflict, a deadlock or a change of schema
   * the whole closure runs again, up to `attemptsMax` times (default 10): keep side effects out of it.
   */
  transaction<T>(work: (tx: DatabaseTransaction) => Promise<T>, options: TransactOptions = {}): Promise<T> {
    return this.#inContext((context) => work(new DatabaseTransaction(context)), options)
  }

  /** A transaction that the caller commits or rolls back; nothing is retried. */
  async begin(options: TransactionOptions = {}): Promise<DatabaseTransaction> {
    return new DatabaseTransaction(await this.beginContext(options))
  }

  /** As `begin`, with what the models themselves work with: for query languages. */
  async beginContext(options: TransactionOptions = {}): Promise<TransactionContext> {
    return this.#context(await this.storage.begin(options))
  }

  /**
   * Creates what is missing and brings the rest to its definition, all in one transaction. Nothing is ever dropped.
   *
   * New indexes over more than `stepRecordsMax` records are built after it, in steps, while others read and write; until
   * then queries do without them. A record that cannot be in such an index leaves it `invalid` in the definition, and
   * the rest of the change in place.
   * @param options `wait: false` returns without waiting for that; `resume` does. Default true.
   * @throws SCHEMA_INVALID, SCHEMA_MISMATCH; UNIQUE_VIOLATION and other errors of records that cannot be in a new index
   */
  async apply(
    schemas: readonly ObjectSchema[],
    options: { readonly wait?: boolean } = {},
  ): Promise<SchemaChanges> {
    for (const { kind, name } of schemas) checkName(modelOf(kind).kind, name)
    const { changes, objects } =
      (await this.#inContext((context) => this.#applied(context, schemas))) ??
      (await this.#inContext((context) => this.#apply(context, schemas)))
    if (options.wait !== false) await this.#tasks.afterChanges(objects)
    return changes
  }

  /** @throws OBJECT_EXISTS, SCHEMA_INVALID */
  create(schema: ObjectSchema): Promise<CatalogObject> {
    return this.#inContext((context) =>
      this.#catalog.create(context, modelOf(schema.kind), schema.name, schema.input),
    )
  }

  /** As `apply`, for one object that is there. @throws OBJECT_NOT_FOUND, and as `apply` */
  async change({ kind, name, input }: ObjectSchema): Promise<CatalogObject> {
    const change = await this.#inContext((context) => this.#change(context, kind, name, input))
    await this.#tasks.afterChanges([change])
    return this.describe(kind, name)
  }

  /**
   * Sees to what changes of definitions have left to be done, once the caller's transaction that made them has committed.
   * @throws as `apply` with `wait`
   */
  afterChanges(changes: readonly Change[]): Promise<void> {
    return this.#tasks.afterChanges(changes)
  }

  /** Drops the object and removes its data. @throws OBJECT_NOT_FOUND, or what the model says when others need it. */
  async drop(kind: ObjectKind, name: string): Promise<void> {
    const id = await this.#inContext((context) => this.#catalog.drop(context, modelOf(kind), name))
    await this.#tasks.afterDrop(id)
  }

  /**
   * Finishes what a crash or `wait: false` has left to be done: the removal of dropped data, the building of indexes.
   * One round at a time; called meanwhile it gives the round that is running. Work of another process on the same store
   * may be shared with it.
   * @throws the first error of a task that cannot go on, once the others have ended; ABORTED when the database closes
   */
  resume(): Promise<void> {
    return this.#tasks.runAll()
  }

  /** Begins `resume` when there is something to do. What it fails of is met again by the next one. */
  async resumeInBackground(): Promise<void> {
    if (await this.#tasks.isAnyPending()) this.resume().catch(() => undefined)
  }

  /**
   * Builds the index of a collection of vectors to its end, in steps of a transaction each, and goes on with a build
   * that is under way. See `VectorSession.buildIndex`.
   * @throws ABORTED when the signal was given or the database closes; what was built stays
   */
  async buildIndex<Metadata>(
    vectors: VectorSchema<Metadata> | string,
    { signal, ...options }: BuildIndexOptions & { readonly signal?: AbortSignal } = {},
  ): Promise<IndexBuild> {
    const whole = { done: false, trained: false, partitions: 0, moved: 0 }
    await this.#stepper.run(
      (context, recordsMax) =>
        new VectorSession(context, nameOf(vectors)).buildIndex({
          ...options,
          moveMax: options.moveMax === undefined ? recordsMax : Math.min(options.moveMax, recordsMax),
        }),
      ({ done, trained, partitions, moved }) => {
        whole.done = done
        whole.trained ||= trained
        whole.partitions = partitions
        whole.moved += moved
        return !done
      },
      signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal]),
    )
    return whole
  }

  objects(kind?: ObjectKind): Promise<CatalogObject[]> {
    return this.#inContext((context) => this.#catalog.list(context.storage, kind))
  }

  /** @throws OBJECT_NOT_FOUND */
  describe(kind: ObjectKind, name: string): Promise<CatalogObject> {
    return this.#inContext((context) => this.#catalog.require(context.storage, modelOf(kind).kind, name))
  }

  /** A key of this store in words. */
  formatKey(key: Uint8Array): string {
    return this.#catalog.format(key)
  }

  table<Row, Insert, Key>(table: TableSchema<Row, Insert, Key>): AutoCommit<TableSession<Row, Insert, Key>>
  table(name: string): AutoCommit<TableSession>
  table(table: string | { readonly name: string }): unknown {
    return this.#autoCommit(TableSession.prototype, (tx) => tx.table(nameOf(table)))
  }

  collection<T extends object>(collection: CollectionSchema<T>): AutoCommit<CollectionSession<T>>
  collection(name: string): AutoCommit<CollectionSession>
  collection(collection: string | { readonly name: string }): unknown {
    return this.#autoCommit(CollectionSession.prototype, (tx) => tx.collection(nameOf(collection)))
  }

  graph<Nodes, Edges>(graph: GraphSchema<Nodes, Edges>): AutoCommit<GraphSession<Nodes, Edges>>
  graph(name: string): AutoCommit<GraphSession>
  graph(graph: string | { readonly name: string }): unknown {
    return this.#autoCommit(GraphSession.prototype, (tx) => tx.graph(nameOf(graph)))
  }

  vectors<Metadata>(vectors: VectorSchema<Metadata>): AutoCommit<VectorSession<Metadata>>
  vectors(name: string): AutoCommit<VectorSession>
  vectors(vectors: string | { readonly name: string }): unknown {
    return this.#autoCommit(VectorSession.prototype, (tx) => tx.vectors(nameOf(vectors)))
  }

  /** `rollUp` and `applyRetention` take as many transactions as they need. */
  series<Tags, Fields>(series: SeriesSchema<Tags, Fields>): AutoCommit<SeriesSession<Tags, Fields>>
  series(name: string): AutoCommit<SeriesSession>
  series(series: string | { readonly name: string }): unknown {
    const name = nameOf(series)
    return this.#autoCommit(SeriesSession.prototype, (tx) => tx.series(name), {
      rollUp: (options) => rollUpInSteps(this.#stepper, name, this.#closing.signal, options),
      applyRetention: (options) => applyRetentionInSteps(this.#stepper, name, this.#closing.signal, options),
    })
  }

  health(): Promise<Health> {
    return this.storage.health()
  }

  metrics(): ProviderMetrics {
    return this.storage.metrics()
  }

  /**
   * Reads all definitions and statistics into memory and, where the store has regions, where the first of them are: so
   * that the first statements need not.
   * @param options `regionsMax`: of the places of regions. Default 1000.
   */
  async warmUp({ regionsMax = 1000 }: { readonly regionsMax?: number } = {}): Promise<WarmedCaches> {
    const contents = await this.#inContext((context) => context.ofCatalog(countContents))
    const regions = await clusterOf(this.storage)?.loadRegions(regionsMax)
    return { ...contents, regions: regions ?? 0 }
  }

  /** Transactions committed since it was opened that wrote to objects of more than one kind. */
  get crossModelTransactions(): number {
    return this.#crossModelTransactions
  }

  /** Ends work in the background after its step. Closes the storage too, unless the caller opened it. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#tasks.ended()
    if (this.#ownsProvider) await this.storage.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #context(storage: Transaction): TransactionContext {
    return new TransactionContext(
      this.caches.watch(storage),
      this.#catalog,
      this.env,
      this.#sequences,
      this.#onCommit,
    )
  }

  readonly #onCommit = (kinds: ReadonlySet<ObjectKind>): void => {
    if (kinds.size > 1) this.#crossModelTransactions++
  }

  #inContext<T>(
    work: (context: TransactionContext) => Promise<T>,
    options: TransactOptions = {},
  ): Promise<T> {
    return this.storage.transact(async (storage) => {
      const context = this.#context(storage)
      try {
        const result = await work(context)
        await context.commit()
        return result
      } catch (error) {
        throw context.explain(error)
      }
    }, options)
  }

  /**
   * What `apply` says where there is nothing to do. Found out without locks: a server that starts again waits neither for
   * those who write nor for locks that one which was killed has left.
   */
  async #applied(
    context: TransactionContext,
    schemas: readonly ObjectSchema[],
  ): Promise<Applied | undefined> {
    const objects: Change[] = []
    for (const schema of schemas) {
      const object = await this.#catalog.findAsDeclared(context.storage, modelOf(schema.kind), schema)
      if (object === undefined) return undefined
      objects.push({ before: object, after: object })
    }
    return { changes: { created: [], changed: [], unchanged: schemas.map(({ name }) => name) }, objects }
  }

  async #apply(context: TransactionContext, schemas: readonly ObjectSchema[]): Promise<Applied> {
    await this.#catalog.reserve(context.storage, schemas)
    const changes = { created: [] as string[], changed: [] as string[], unchanged: [] as string[] }
    const objects: Change[] = []
    for (const { kind, name, input } of schemas) {
      if ((await this.#catalog.find(context.storage, kind, name)) === undefined) {
        await this.#catalog.create(context, modelOf(kind), name, input)
        changes.created.push(name)
      } else {
        const change = await this.#change(context, kind, name, input)
        const isSame = change.after.version === change.before.version
        ;(isSame ? changes.unchanged : changes.changed).push(name)
        objects.push(change)
      }
      context.forgetObjects()
    }
    return { changes, objects }
  }

  async #change(
    context: TransactionContext,
    kind: ObjectKind,
    name: string,
    input: unknown,
  ): Promise<Change> {
    return this.#catalog.change(context, modelOf(kind), name, input)
  }

  #autoCommit<Session extends object>(
    methods: Session,
    open: (tx: DatabaseTransaction) => Session,
    inSteps: Partial<Session> = {},
  ): AutoCommit<Session> {
    return autoCommit<Session>(
      methods,
      (work) => this.transaction((tx) => work(open(tx))),
      async () => {
        // A loop takes its own time: it ends with its reader, or when the versions it needs are given up.
        const tx = await this.begin({ timeoutMs: Infinity })
        return { session: open(tx), end: () => tx.rollback() }
      },
      inSteps,
    )
  }
}

/** One and the same function, so that reading all again while nothing has changed costs nothing. */
function countContents({ objects, statistics }: CatalogContents): Omit<WarmedCaches, 'regions'> {
  return { definitions: objects.length, statistics: statistics.size }
}

/** The model of a kind. Its definitions are checked by the model itself, so their type is unknown here. */
function modelOf(kind: ObjectKind): Model<unknown, Indexed> {
  if (!OBJECT_KINDS.includes(kind)) {
    throw new OrbitError(
      'INVALID_ARGUMENT',
      `kind: ${describe(kind)} is not one of ${OBJECT_KINDS.join(', ')}${didYouMean(kind, OBJECT_KINDS)}`,
      { field: 'kind' },
    )
  }
  const model: Model<unknown, unknown> = MODELS[kind]
  // Definitions without indexes have no status of any.
  return model as Model<unknown, Indexed>
}

function checkStepRecords(given: number): number {
  if (Number.isSafeInteger(given) && given >= 1) return given
  throw new OrbitError(
    'INVALID_ARGUMENT',
    `stepRecordsMax: ${describe(given)} is no whole number, 1 or more`,
    {
      field: 'stepRecordsMax',
    },
  )
}

function isProvider(storage: StorageProvider | ProviderOptions): storage is StorageProvider {
  return 'begin' in storage && typeof storage.begin === 'function'
}
