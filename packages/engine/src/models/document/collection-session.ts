import { checkFilter } from '../../filter/filter-tree.js'
import { checkQuery, type CheckedQuery } from '../../filter/check-query.js'
import type { Filter, Query } from '../../filter/filter.js'
import type { ModelContext } from '../model.js'
import type {
  Document,
  JsonDocument,
  MergePatch,
  NewDocument,
  PatchOperation,
  StoredDocument,
  UpsertResult,
  WriteOptions,
  WriteResult,
} from './collection.js'
import { collectionModel } from './collection-model.js'
import { checkIds, checkWriteOptions } from './document-arguments.js'
import {
  deleteMatching,
  deleteOne,
  insertAll,
  mergeMatching,
  mergeOne,
  patchOne,
  replaceOne,
  upsertOne,
} from './document-writes.js'
import { explainPlan, type QueryExplanation } from './explain-plan.js'
import { OpenCollection } from './open-collection.js'
import { readMany } from './read-documents.js'
import { collectQuery, countMatches, runQuery } from './run-query.js'
import { queueWrite } from '../../txn/write-queue.js'

export type DocumentQuery<T extends object = JsonDocument> = Query<Document<T>>

type Selecting = { readonly select: readonly string[] }

/**
 * The documents of one collection in one transaction.
 *
 * Every method fails with OBJECT_NOT_FOUND when there is no such collection. A method that fails changes nothing.
 */
export class CollectionSession<T extends object = JsonDocument> {
  readonly #context: ModelContext
  readonly #name: string

  constructor(context: ModelContext, name: string) {
    this.#context = context
    this.#name = name
  }

  /**
   * Stores a new document.
   * @throws RECORD_EXISTS, UNIQUE_VIOLATION, INVALID_ARGUMENT (not JSON, a bad id), TYPE_MISMATCH and
   * NOT_NULL_VIOLATION (the collection's schema), LIMIT_EXCEEDED (size, depth, a value too long for an index)
   */
  async insert(document: NewDocument<T>): Promise<WriteResult> {
    const results = await this.insertMany([document])
    // One document, one result.
    return results[0] as WriteResult
  }

  /** Stores new documents, all or none; results in their order. @throws as `insert` */
  insertMany(documents: readonly NewDocument<T>[]): Promise<WriteResult[]> {
    return this.#write((collection) => insertAll(collection, documents))
  }

  /** The document, or undefined. */
  async get(id: string): Promise<Document<T> | undefined> {
    return (await this.getWithRevision(id))?.document
  }

  /** For each id its document or undefined. */
  async getMany(ids: readonly string[]): Promise<(Document<T> | undefined)[]> {
    const collection = await this.#open()
    checkIds(collection, ids)
    const found = await readMany(collection, ids)
    return found.map((read) => read && this.#typed(read.document))
  }

  /** The document with its revision and times, or undefined. */
  async getWithRevision(id: string): Promise<StoredDocument<T> | undefined> {
    const collection = await this.#open()
    checkIds(collection, [id])
    const [read] = await readMany(collection, [id])
    return read && { ...read, document: this.#typed(read.document) }
  }

  /**
   * Puts another document in place of the one with this id.
   * @throws RECORD_NOT_FOUND, PRECONDITION_FAILED, as `insert`
   */
  replace(id: string, document: NewDocument<T>, options: WriteOptions = {}): Promise<WriteResult> {
    return this.#writeOne(id, options, (collection) => replaceOne(collection, id, document, options))
  }

  /** Replaces the document with the same id, or inserts it. @throws as `insert` and `replace` */
  upsert(document: NewDocument<T>, options: WriteOptions = {}): Promise<UpsertResult> {
    return this.#write((collection) => {
      checkWriteOptions(collection, options)
      return upsertOne(collection, document, options)
    })
  }

  /**
   * Changes a document by a merge patch (RFC 7386), and returns it as it then is.
   * @throws as `replace`
   */
  async merge(id: string, patch: MergePatch<T>, options: WriteOptions = {}): Promise<StoredDocument<T>> {
    const read = await this.#writeOne(id, options, (collection) => mergeOne(collection, id, patch, options))
    return { ...read, document: this.#typed(read.document) }
  }

  /**
   * Changes a document by a JSON patch (RFC 6902), all operations or none, and returns it as it then is.
   * @throws PRECONDITION_FAILED when a `test` fails, INVALID_ARGUMENT when a path leads nowhere, as `replace`
   */
  async patch(
    id: string,
    operations: readonly PatchOperation[],
    options: WriteOptions = {},
  ): Promise<StoredDocument<T>> {
    const read = await this.#writeOne(id, options, (collection) =>
      patchOne(collection, id, operations, options),
    )
    return { ...read, document: this.#typed(read.document) }
  }

  /** True when there was such a document. @throws PRECONDITION_FAILED */
  delete(id: string, options: WriteOptions = {}): Promise<boolean> {
    return this.#writeOne(id, options, (collection) => deleteOne(collection, id, options))
  }

  /** Deletes what matches, and returns how many. `{}` matches every document. */
  deleteWhere(where: Filter<Document<T>>): Promise<number> {
    return this.#write((collection) => deleteMatching(collection, this.#filter(collection, where)))
  }

  /** Merges a patch (RFC 7386) into what matches, and returns how many. @throws as `merge` */
  updateWhere(where: Filter<Document<T>>, patch: MergePatch<T>): Promise<number> {
    return this.#write((collection) => mergeMatching(collection, this.#filter(collection, where), patch))
  }

  /**
   * What matches, in the order asked for; without `orderBy` in an order that depends on the indexes. Arrays and
   * objects sort after all scalars, undistinguished.
   * @throws INVALID_ARGUMENT (the query), LIMIT_EXCEEDED when more than 100 000 documents would have to be sorted
   */
  find(query: DocumentQuery<T> & Selecting): Promise<Partial<Document<T>>[]>
  find(query?: DocumentQuery<T>): Promise<Document<T>[]>
  async find(query?: DocumentQuery<T>): Promise<Document<T>[]> {
    const collection = await this.#open()
    const found: unknown = await collectQuery(collection, this.#query(collection, query))
    // The documents of this collection are of its type.
    return found as Document<T>[]
  }

  /** The first document that matches. @throws as `find` */
  findOne(query: DocumentQuery<T> & Selecting): Promise<Partial<Document<T>> | undefined>
  findOne(query?: DocumentQuery<T>): Promise<Document<T> | undefined>
  async findOne(query?: DocumentQuery<T>): Promise<Document<T> | undefined> {
    const collection = await this.#open()
    const checked = this.#query(collection, query)
    const found = await collectQuery(collection, { ...checked, limit: Math.min(1, checked.limit) })
    return found[0] && this.#typed(found[0])
  }

  /** As `find`, in chunks as they are read. */
  scan(query: DocumentQuery<T> & Selecting): AsyncIterable<Partial<Document<T>>[]>
  scan(query?: DocumentQuery<T>): AsyncIterable<Document<T>[]>
  async *scan(query?: DocumentQuery<T>): AsyncGenerator<Document<T>[]> {
    const collection = await this.#open()
    for await (const chunk of runQuery(collection, this.#query(collection, query))) {
      const documents: unknown = chunk
      yield documents as Document<T>[]
    }
  }

  /** How many documents match. Default: all. @throws INVALID_ARGUMENT */
  async count(where?: Filter<Document<T>>): Promise<number> {
    const collection = await this.#open()
    return countMatches(collection, where === undefined ? {} : this.#filter(collection, where))
  }

  /** How a query would be answered. @throws INVALID_ARGUMENT */
  async explain(query?: DocumentQuery<T>): Promise<QueryExplanation> {
    const collection = await this.#open()
    return explainPlan(collection, this.#query(collection, query))
  }

  async #open(): Promise<OpenCollection> {
    return new OpenCollection(this.#context, await this.#context.object(collectionModel, this.#name))
  }

  #write<Result>(write: (collection: OpenCollection) => Promise<Result>): Promise<Result> {
    return queueWrite(this.#context, async () =>
      write(
        new OpenCollection(this.#context, await this.#context.objectForWrite(collectionModel, this.#name)),
      ),
    )
  }

  #writeOne<Result>(
    id: string,
    options: WriteOptions,
    write: (collection: OpenCollection) => Promise<Result>,
  ): Promise<Result> {
    return this.#write((collection) => {
      checkIds(collection, [id])
      checkWriteOptions(collection, options)
      return write(collection)
    })
  }

  #query(collection: OpenCollection, query: unknown): CheckedQuery {
    return checkQuery(query as Query | undefined, { what: collection.what })
  }

  #filter(collection: OpenCollection, where: unknown): Filter {
    checkFilter(where, { what: collection.what })
    return where as Filter
  }

  /** The documents of this collection are of its type. */
  #typed(document: unknown): Document<T> {
    return document as Document<T>
  }
}
