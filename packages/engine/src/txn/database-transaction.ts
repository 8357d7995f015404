/**
 * One transaction over all models.
 *
 * Invariants:
 * 1. Everything goes through the one storage transaction: all models commit together or not at all.
 * 2. An object's definition is read once per transaction, in its snapshot; whoever writes the object's data has it
 *    protected (Catalog, invariant 2). Under `read-committed` what was read holds for one version of the catalog:
 *    another one that a statement begins with, or meets after a lock, makes the transaction read anew.
 * 3. Checks registered with `beforeCommit` run in order, once, before the storage commit; they may register more.
 */
import { OrbitError, equalBytes, hasCode, toBinaryString, type Env, type ErrorCode } from '@orbit-ts/base'
import type { CommitResult, Savepoint, Transaction } from '@orbit-ts/storage'
import { versionText, type Catalog, type CatalogContents } from '../catalog/catalog.js'
import type { CatalogObject, ObjectKind } from '../catalog/catalog-object.js'
import type { Model, ModelContext } from '../models/model.js'
import { CollectionSession } from '../models/document/collection-session.js'
import type { CollectionSchema } from '../models/document/collection.js'
import { GraphSession } from '../models/graph/graph-session.js'
import type { GraphSchema } from '../models/graph/graph.js'
import { TableSession } from '../models/relational/table-session.js'
import type { TableSchema } from '../models/relational/table.js'
import {
  encodeNext,
  takeInside,
  type SequenceRequest,
  type Sequences,
} from '../models/relational/write/sequences.js'
import { SeriesSession } from '../models/timeseries/series-session.js'
import type { SeriesSchema } from '../models/timeseries/series.js'
import { VectorSession } from '../models/vector/vector-session.js'
import type { VectorSchema } from '../models/vector/vectors.js'

/** Errors of the storage layer whose `details.key` is a key in hexadecimal. */
const NAMES_STORAGE_KEY: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'TRANSACTION_CONFLICT',
  'KEY_EXISTS',
  'LOCK_TIMEOUT',
  'LOCK_NOT_AVAILABLE',
])

/** How the storage layer itself begins to say it. */
const NAMED_IN_HEX = /^key [0-9a-f]+…?: /

/** Of a catalog in which nothing was ever defined. */
const NO_VERSION = new Uint8Array()

export class TransactionContext implements ModelContext {
  readonly storage: Transaction
  readonly env: Env
  readonly nowMs: number
  readonly #catalog: Catalog
  readonly #sequences: Sequences | undefined
  /** The kinds of the objects whose data was written. */
  readonly #writtenKinds = new Set<ObjectKind>()
  readonly #onCommit: ((kinds: ReadonlySet<ObjectKind>) => void) | undefined
  readonly #objects = new Map<string, Promise<CatalogObject>>()
  readonly #protected = new Map<string, Promise<CatalogObject>>()
  /** The versions of protected definitions, by the ids of their objects. */
  readonly #held = new Map<number, number>()
  #definitions: object = {}
  /** Of the catalog, when the definitions were read; undefined while nobody has asked. */
  #version: Uint8Array | undefined
  /** The snapshot of which that is known. */
  #versionOf = 0
  readonly #checks: (() => Promise<void>)[] = []
  readonly #explanations = new Map<string, () => Error>()

  /**
   * @param sequences numbers given out apart from this transaction; left out, they are taken inside of it.
   * @param onCommit told of the kinds of objects that were written, once they are committed
   */
  constructor(
    storage: Transaction,
    catalog: Catalog,
    env: Env,
    sequences?: Sequences,
    onCommit?: (kinds: ReadonlySet<ObjectKind>) => void,
  ) {
    this.storage = storage
    this.#onCommit = onCommit
    this.env = env
    this.nowMs = env.clock.nowMs()
    this.#catalog = catalog
    this.#sequences = sequences
  }

  takeNumbers(key: Uint8Array, request: SequenceRequest): Promise<bigint> {
    if (this.#sequences === undefined || request.isOwn === true) return takeInside(this.storage, key, request)
    return this.#sequences.take(key, request)
  }

  async setNumbers(key: Uint8Array, next: bigint): Promise<void> {
    await this.storage.lock([key])
    this.storage.put(key, encodeNext(next))
    this.#sequences?.forget(key)
  }

  nextNumber(key: Uint8Array): bigint | undefined {
    return this.#sequences?.peek(key)
  }

  object<Definition>(model: Model<never, Definition>, name: string): Promise<CatalogObject<Definition>> {
    return this.#remember(this.#objects, model, name, () =>
      this.#catalog.require(this.storage, model.kind, name),
    )
  }

  objectForWrite<Definition>(
    model: Model<never, Definition>,
    name: string,
  ): Promise<CatalogObject<Definition>> {
    this.#writtenKinds.add(model.kind)
    return this.#remember(this.#protected, model, name, async () => {
      await this.#catalog.protect(this.storage, model.kind, name)
      // What was read before the protection may be out of date.
      if (this.storage.isolation === 'read-committed') this.#objects.delete(memoryId(model.kind, name))
      const object = await this.object(model, name)
      this.#held.set(object.id, object.version)
      return object
    })
  }

  /** The object as it is stored now, whatever was read of it before. */
  currentObject({ kind, name }: Pick<CatalogObject, 'kind' | 'name'>): Promise<CatalogObject | undefined> {
    return this.#catalog.find(this.storage, kind, name)
  }

  /** Whether this version of a definition is protected: nobody changes it before the transaction ends. */
  isHeld({ id, version }: Pick<CatalogObject, 'id' | 'version'>): boolean {
    return this.#held.get(id) === version
  }

  get definitions(): object {
    return this.#definitions
  }

  get database(): object {
    return this.#catalog
  }

  /** The version of the catalog, read now: see `CatalogContents`. */
  async catalogVersion(): Promise<string> {
    const version = await this.#catalog.version(this.storage)
    this.#noteVersion(version)
    return versionText(version)
  }

  renewDefinitions(): Promise<void> | undefined {
    if (this.#version === undefined || this.#versionOf === this.storage.snapshotCount) return undefined
    return this.catalogVersion().then(() => undefined)
  }

  async objects<Definition>(model: Model<never, Definition>): Promise<CatalogObject<Definition>[]> {
    // The kind says which model wrote the definitions.
    return (await this.#catalog.list(this.storage, model.kind)) as CatalogObject<Definition>[]
  }

  ofAllTables<Definition, T>(
    _model: Model<never, Definition> & { readonly kind: 'table' },
    derive: (tables: readonly CatalogObject<Definition>[]) => T,
  ): Promise<T> {
    // The kind says which model wrote the definitions.
    return this.#catalog.ofAllTables(
      this.storage,
      derive as (tables: readonly CatalogObject[]) => T,
      this.#noteVersion,
    )
  }

  ofCatalog<T>(derive: (contents: CatalogContents) => T): Promise<T> {
    return this.#catalog.ofCatalog(this.storage, derive, this.#noteVersion)
  }

  /** For whoever changes definitions. */
  get catalog(): Catalog {
    return this.#catalog
  }

  beforeCommit(check: () => Promise<void>): void {
    this.#checks.push(check)
  }

  explainExisting(key: Uint8Array, error: () => Error): void {
    this.#explanations.set(toBinaryString(key), error)
  }

  async runChecks(): Promise<void> {
    for (let check = this.#checks.shift(); check !== undefined; check = this.#checks.shift()) await check()
  }

  /** Runs what waits for the commit, and commits. */
  async commit(): Promise<CommitResult> {
    await this.runChecks()
    const result = await this.storage.commit()
    this.#onCommit?.(this.#writtenKinds)
    return result
  }

  /** What the storage says of a key, said of the object and record that the key belongs to. */
  explain(error: unknown): unknown {
    if (!(error instanceof OrbitError) || !NAMES_STORAGE_KEY.has(error.code)) return error
    const hex = error.details['key']
    if (typeof hex !== 'string') return error
    const key = Buffer.from(hex, 'hex')
    if (hasCode(error, 'KEY_EXISTS')) {
      const known = this.#explanations.get(toBinaryString(key))?.()
      if (known !== undefined) return known
    }
    const formattedKey = this.#catalog.format(key)
    return new OrbitError(
      error.code,
      `${formattedKey}: ${error.reason.replace(NAMED_IN_HEX, '')}`,
      { ...error.details, formattedKey },
      { cause: error },
    )
  }

  /** Forgets the definitions read so far: this transaction has changed the catalog itself. */
  forgetObjects(): void {
    this.#objects.clear()
    this.#protected.clear()
    this.#held.clear()
    this.#definitions = {}
  }

  /** Definitions of another version of the catalog are forgotten; protected ones are what they were. */
  readonly #noteVersion = (version: Uint8Array = NO_VERSION): void => {
    this.#versionOf = this.storage.snapshotCount
    if (this.#version !== undefined && equalBytes(this.#version, version)) return
    const isFirst = this.#version === undefined
    this.#version = version
    if (isFirst && this.#objects.size === 0) return
    this.#objects.clear()
    this.#definitions = {}
  }

  #remember<Definition>(
    memory: Map<string, Promise<CatalogObject>>,
    model: Model<never, Definition>,
    name: string,
    load: () => Promise<CatalogObject>,
  ): Promise<CatalogObject<Definition>> {
    const id = memoryId(model.kind, name)
    let known = memory.get(id)
    if (known === undefined) {
      known = load()
      memory.set(id, known)
      // A failure is not remembered: the object may be created later in the same transaction.
      known.catch(() => memory.delete(id))
    }
    // The kind says which model wrote the definition.
    return known as Promise<CatalogObject<Definition>>
  }
}

/** What `Database.transaction` hands to its closure: the five models, and the storage transaction below them. */
export class DatabaseTransaction {
  readonly #context: TransactionContext

  constructor(context: TransactionContext) {
    this.#context = context
  }

  /** The storage transaction: whatever is written through it commits together with the models' writes. */
  get storage(): Transaction {
    return this.#context.storage
  }

  /** Milliseconds since the epoch; the same for everything this transaction writes. */
  get nowMs(): number {
    return this.#context.nowMs
  }

  table<Row, Insert, Key>(table: TableSchema<Row, Insert, Key>): TableSession<Row, Insert, Key>
  table(name: string): TableSession
  table(table: string | { readonly name: string }): unknown {
    return new TableSession(this.#context, nameOf(table))
  }

  collection<T extends object>(collection: CollectionSchema<T>): CollectionSession<T>
  collection(name: string): CollectionSession
  collection(collection: string | { readonly name: string }): unknown {
    return new CollectionSession(this.#context, nameOf(collection))
  }

  graph<Nodes, Edges>(graph: GraphSchema<Nodes, Edges>): GraphSession<Nodes, Edges>
  graph(name: string): GraphSession
  graph(graph: string | { readonly name: string }): unknown {
    return new GraphSession(this.#context, nameOf(graph))
  }

  vectors<Metadata>(vectors: VectorSchema<Metadata>): VectorSession<Metadata>
  vectors(name: string): VectorSession
  vectors(vectors: string | { readonly name: string }): unknown {
    return new VectorSession(this.#context, nameOf(vectors))
  }

  series<Tags, Fields>(series: SeriesSchema<Tags, Fields>): SeriesSession<Tags, Fields>
  series(name: string): SeriesSession
  series(series: string | { readonly name: string }): unknown {
    return new SeriesSession(this.#context, nameOf(series))
  }

  savepoint(): Savepoint {
    return this.storage.savepoint()
  }

  /** Undoes every write of every model since the savepoint. */
  rollbackTo(savepoint: Savepoint): void {
    this.storage.rollbackTo(savepoint)
  }

  /** Checks what was deferred, then commits. `Database.transaction` calls it; call it only after `Database.begin`. */
  async commit(): Promise<CommitResult> {
    try {
      return await this.#context.commit()
    } catch (error) {
      await this.storage.rollback()
      throw this.#context.explain(error)
    }
  }

  rollback(): Promise<void> {
    return this.storage.rollback()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.rollback()
  }
}

const memoryId = (kind: ObjectKind, name: string): string => `${kind} ${name}`

/** Of an object that is given by its declaration or its name. */
export function nameOf(object: string | { readonly name: string }): string {
  return typeof object === 'string' ? object : object.name
}
