import type { Env } from '@orbit-ts/base'
import type { Entry, KeyRange, Transaction } from '@orbit-ts/storage'
import type { CatalogContents } from '../catalog/catalog.js'
import type { CatalogObject, ObjectKind } from '../catalog/catalog-object.js'
import type { Indexed } from '../catalog/index-status.js'
import type { SequenceRequest } from './relational/write/sequences.js'

/**
 * A data model, as the catalog and the transaction see it. The five models are five values of this type.
 *
 * `Input` is the definition as users write it (plain JSON, names only). `Definition` is the stored form: the input
 * completed with defaults and with an integer id for everything that keys mention (columns, indexes, labels…). Ids
 * within an object start at 1 and are never used again, so a stored definition keeps the next free one.
 */
export interface Model<Input, Definition> {
  readonly kind: ObjectKind
  /**
   * Checks and completes a new definition.
   * @throws SCHEMA_INVALID naming the object, the field, the value and what is accepted.
   */
  define(name: string, input: Input): Definition
  /**
   * The stored definition brought to what `input` declares, with the ids of what stays kept; undefined when they agree
   * already.
   * @throws SCHEMA_MISMATCH when the change would lose or reinterpret stored data.
   */
  evolve(object: CatalogObject<Definition>, input: Input): Definition | undefined
  /** Checks a new object against others (a foreign key against its table) in the transaction that creates it. */
  afterCreate?(context: ModelContext, object: CatalogObject<Definition>): Promise<void>
  /** Checks the data against a changed definition and brings it there, in the changing transaction. */
  afterChange?(
    context: ModelContext,
    before: CatalogObject<Definition>,
    after: CatalogObject<Definition>,
  ): Promise<void>
  /** Refuses to drop an object that others need. */
  beforeDrop?(context: ModelContext, object: CatalogObject<Definition>): Promise<void>
  /** All keys of an object's data. */
  dataRanges(id: number, definition: Definition): KeyRange[]
  /** Data that a changed definition has no more use for; it is removed after the commit. Entries of `builds` are not named. */
  obsoleteRanges?(before: CatalogObject<Definition>, after: CatalogObject<Definition>): KeyRange[]
  /** How indexes are filled that are added to an object with data. */
  readonly builds?: IndexBuilds<Definition & Indexed>
}

/**
 * Indexes over stored records. Between the transaction that adds one and the one that has it ready writers keep it
 * (see `deletableEntries`) and queries do without it.
 */
export interface IndexBuilds<Definition extends Indexed> {
  /** The ids of all indexes. */
  ids(definition: Definition): readonly number[]
  /** The definition as it would be without some indexes. */
  without(definition: Definition, ids: ReadonlySet<number>): Definition
  /** For messages: `index "title"`. */
  nameOf(definition: Definition, id: number): string
  /** The keys of everything an index has stored. */
  entries(object: CatalogObject<Definition>, id: number): KeyRange
  /** What has to be read to fill an index, in key order. */
  source(object: CatalogObject<Definition>, id: number): KeyRange
  /**
   * Adds the entries of some of these records. Those that are there already stay.
   * @throws UNIQUE_VIOLATION, LIMIT_EXCEEDED, TYPE_MISMATCH, KEY_TOO_LARGE when a record cannot be in the index.
   */
  add(
    context: ModelContext,
    object: CatalogObject<Definition>,
    id: number,
    records: readonly Entry[],
  ): Promise<void>
}

/** What a model's code gets to work with inside one transaction. */
export interface ModelContext {
  readonly storage: Transaction
  readonly env: Env
  /** Stands for the database: what a model remembers beside all transactions is kept by it. */
  readonly database: object
  /** The time of this transaction, milliseconds since the epoch: the same for all that it writes. */
  readonly nowMs: number
  /** The object of that kind and name as this transaction sees it. @throws OBJECT_NOT_FOUND with the nearest name. */
  object<Definition>(model: Model<never, Definition>, name: string): Promise<CatalogObject<Definition>>
  /**
   * As `object`, for writing its data: the definition is protected until the commit, so that a change of it (a new
   * index, a drop) and this transaction cannot miss one another.
   */
  objectForWrite<Definition>(
    model: Model<never, Definition>,
    name: string,
  ): Promise<CatalogObject<Definition>>
  /** All objects of a kind as this transaction sees them. */
  objects<Definition>(model: Model<never, Definition>): Promise<CatalogObject<Definition>[]>
  /**
   * What `derive`, one and the same function at all times, makes of all tables as this transaction sees them. Kept until
   * a definition changes, so it costs one read.
   */
  ofAllTables<Definition, T>(
    model: Model<never, Definition> & { readonly kind: 'table' },
    derive: (tables: readonly CatalogObject<Definition>[]) => T,
  ): Promise<T>
  /** As `ofAllTables`, of the whole catalog. */
  ofCatalog<T>(derive: (contents: CatalogContents) => T): Promise<T>
  /** Stands for what is known of definitions: another object once they may have changed. What is worked out of them is kept by it. */
  readonly definitions: object
  /**
   * To be called before remembered definitions are relied on after a lock was waited for, under `read-committed`: forgets
   * them where others have changed the catalog meanwhile. Undefined: nothing can have changed.
   */
  renewDefinitions(): Promise<void> | undefined
  /** Runs once, right before the storage transaction commits; throwing rolls everything back. */
  beforeCommit(check: () => Promise<void>): void
  /**
   * Says what to throw instead when the storage refuses `key` at commit with KEY_EXISTS (a unique index, a primary
   * key): the model knows the names.
   */
  explainExisting(key: Uint8Array, error: () => Error): void
  /**
   * Takes consecutive numbers of the sequence kept under `key`: outside of this transaction, so that transactions that
   * take numbers do not conflict. See `Sequences`.
   */
  takeNumbers(key: Uint8Array, request: SequenceRequest): Promise<bigint>
  /** Sets the number that a sequence gives out next, with this transaction: others wait for its end. */
  setNumbers(key: Uint8Array, next: bigint): Promise<void>
  /** The number that this process will give out next without asking the store; undefined when it has none. */
  nextNumber(key: Uint8Array): bigint | undefined
}
