import { OrbitError, didYouMean, systemEnv, type Env } from '@orbit-ts/base'
import {
  openProvider,
  type Health,
  type ProviderMetrics,
  type ProviderOptions,
  type StorageProvider,
  type TransactionOptions,
  type TransactOptions,
} from '@orbit-ts/storage'
import { Catalog, checkName } from './catalog/catalog.js'
import { OBJECT_KINDS, type CatalogObject, type ObjectKind } from './catalog/catalog-object.js'
import { CollectionSession } from './models/document/collection-session.js'
import type { CollectionSchema } from './models/document/collection.js'
import { GraphSession } from './models/graph/graph-session.js'
import type { GraphSchema } from './models/graph/graph.js'
import type { Model } from './models/model.js'
import { MODELS } from './models/models.js'
import { TableSession } from './models/relational/table-session.js'
import type { TableSchema } from './models/relational/table.js'
import { Sequences } from './models/relational/write/sequences.js'
import { SeriesSession } from './models/timeseries/series-session.js'
import type { SeriesSchema } from './models/timeseries/series.js'
import { VectorSession } from './models/vector/vector-session.js'
import type { VectorSchema } from './models/vector/vectors.js'
import { autoCommit, type AutoCommit } from './txn/auto-commit.js'
import { DatabaseTransaction, TransactionContext } from './txn/database-transaction.js'

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
}

export interface SchemaChanges {
  readonly created: readonly string[]
  readonly changed: readonly string[]
  readonly unchanged: readonly string[]
}

/**
 * Opens a database: its storage, its catalog, and the objects of `schema`.
 * @throws STORAGE_LOCKED, STORAGE_CORRUPT, SCHEMA_INVALID, SCHEMA_MISMATCH
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const env = options.env ?? systemEnv
  const opened = isProvider(options.storage) ? undefined : await openProvider(options.storage, { env })
  const provider = opened ?? (options.storage as StorageProvider)
  try {
    const database = new Database(provider, { env, ownsProvider: opened !== undefined })
    await database.resumePurge()
    if (options.schema !== undefined) await database.apply(options.schema)
    return database
  } catch (error) {
    await opened?.close()
    throw error
  }
}

/** Five data models over one store. Safe to use from any number of concurrent callers. */
export class Database implements AsyncDisposable {
  readonly storage: StorageProvider
  readonly env: Env
  readonly #catalog = new Catalog()
  readonly #sequences: Sequences
  readonly #ownsProvider: boolean

  constructor(storage: StorageProvider, options: { readonly env: Env; readonly ownsProvider: boolean }) {
    this.storage = storage
    this.#sequences = new Sequences(storage)
    this.env = options.env
    this.#ownsProvider = options.ownsProvider
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
    return new DatabaseTransaction(
      new TransactionContext(await this.storage.begin(options), this.#catalog, this.env, this.#sequences),
    )
  }

  /** Creates what is missing and brings the rest to its definition, all in one transaction. Nothing is ever dropped. */
  apply(schemas: readonly ObjectSchema[]): Promise<SchemaChanges> {
    return this.#inContext(async (context) => {
      for (const { kind, name } of schemas) checkName(modelOf(kind).kind, name)
      await this.#catalog.reserve(context.storage, schemas)
      const changes = { created: [] as string[], changed: [] as string[], unchanged: [] as string[] }
      for (const { kind, name, input } of schemas) {
        const before = await this.#catalog.find(context.storage, kind, name)
        if (before === undefined) {
          await this.#catalog.create(context, modelOf(kind), name, input)
          changes.created.push(name)
        } else {
          const after = await this.#catalog.change(context, modelOf(kind), name, input)
          ;(after === before || after.version === before.version ? changes.unchanged : changes.changed).push(
            name,
          )
        }
        context.forgetObjects()
      }
      return changes
    })
  }

  /** @throws OBJECT_EXISTS, SCHEMA_INVALID */
  create(schema: ObjectSchema): Promise<CatalogObject> {
    return this.#inContext((context) =>
      this.#catalog.create(context, modelOf(schema.kind), schema.name, schema.input),
    )
  }

  /** @throws OBJECT_NOT_FOUND, SCHEMA_MISMATCH */
  change(schema: ObjectSchema): Promise<CatalogObject> {
    return this.#inContext((context) =>
      this.#catalog.change(context, modelOf(schema.kind), schema.name, schema.input),
    )
  }

  /** Drops the object and removes its data. @throws OBJECT_NOT_FOUND, or what the model says when others need it. */
  async drop(kind: ObjectKind, name: string): Promise<void> {
    await this.#inContext((context) => this.#catalog.drop(context, modelOf(kind), name))
    await this.#catalog.purge(this.storage)
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

  series<Tags, Fields>(series: SeriesSchema<Tags, Fields>): AutoCommit<SeriesSession<Tags, Fields>>
  series(name: string): AutoCommit<SeriesSession>
  series(series: string | { readonly name: string }): unknown {
    return this.#autoCommit(SeriesSession.prototype, (tx) => tx.series(nameOf(series)))
  }

  health(): Promise<Health> {
    return this.storage.health()
  }

  metrics(): ProviderMetrics {
    return this.storage.metrics()
  }

  /** Finishes the removal of objects that were dropped before a crash. */
  async resumePurge(): Promise<void> {
    await this.#catalog.purge(this.storage)
  }

  /** Closes the storage too, unless the caller opened it. */
  async close(): Promise<void> {
    if (this.#ownsProvider) await this.storage.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #inContext<T>(
    work: (context: TransactionContext) => Promise<T>,
    options: TransactOptions = {},
  ): Promise<T> {
    return this.storage.transact(async (storage) => {
      const context = new TransactionContext(storage, this.#catalog, this.env, this.#sequences)
      try {
        const result = await work(context)
        await context.runChecks()
        await storage.commit()
        return result
      } catch (error) {
        throw context.explain(error)
      }
    }, options)
  }

  #autoCommit<Session extends object>(
    methods: Session,
    open: (tx: DatabaseTransaction) => Session,
  ): AutoCommit<Session> {
    return autoCommit<Session>(
      methods,
      (work) => this.transaction((tx) => work(open(tx))),
      async () => {
        // A loop takes its own time: it ends with its reader, or when the versions it needs are given up.
        const tx = await this.begin({ timeoutMs: Infinity })
        return { session: open(tx), end: () => tx.rollback() }
      },
    )
  }
}

/** The model of a kind. Its definitions are checked by the model itself, so their type is unknown here. */
function modelOf(kind: ObjectKind): Model<unknown, unknown> {
  if (!OBJECT_KINDS.includes(kind)) {
    throw new OrbitError(
      'INVALID_ARGUMENT',
      `kind: ${JSON.stringify(kind) ?? typeof kind} is not one of ${OBJECT_KINDS.join(', ')}${didYouMean(kind, OBJECT_KINDS)}`,
      { field: 'kind' },
    )
  }
  return MODELS[kind]
}

function isProvider(storage: StorageProvider | ProviderOptions): storage is StorageProvider {
  return 'begin' in storage && typeof storage.begin === 'function'
}

function nameOf(object: string | { readonly name: string }): string {
  return typeof object === 'string' ? object : object.name
}
