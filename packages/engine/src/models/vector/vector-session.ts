import type { Filter } from '../../filter/filter.js'
import { queueWrite } from '../../txn/write-queue.js'
import type { ModelContext } from '../model.js'
import { VectorCache } from './cache/vector-cache.js'
import { buildIndex } from './index/build-index.js'
import { checkBuild } from './index/check-build.js'
import { indexStatistics } from './index/index-statistics.js'
import { OpenVectors } from './open-vectors.js'
import { countVectors, getVectors, scanVectors } from './read-vectors.js'
import { checkSearch } from './search/check-search.js'
import { searchExactly } from './search/exact-search.js'
import { searchPartitions } from './search/partitioned-search.js'
import { describePlan, planSearch } from './search/plan-search.js'
import type {
  BuildIndexOptions,
  IndexBuild,
  IndexStatistics,
  VectorPlan,
  VectorQuery,
  VectorSearch,
} from './vector-queries.js'
import { vectorModel } from './vector-model.js'
import type { NewVector, StoredVector, VectorHit } from './vector-records.js'
import type { PartitionedIndexDefinition } from './vectors-definition.js'
import { deleteVectors, insertVectors, upsertVectors } from './write-vectors.js'

/**
 * One collection of vectors within one transaction, whose own uncommitted writes every method sees.
 *
 * Everything is checked before anything is written; a call that fails changes nothing. Errors of every method:
 * OBJECT_NOT_FOUND when the collection does not exist, INVALID_ARGUMENT for an argument of the wrong shape, an unknown
 * field of the metadata (the nearest one is in the message), a component that is no finite number, and a vector of
 * zeros where the metric is `cosine`; DIMENSION_MISMATCH for a vector of another dimension than the collection's.
 */
export class VectorSession<Metadata = Record<string, unknown>> {
  readonly name: string
  readonly #context: ModelContext

  constructor(context: ModelContext, name: string) {
    this.#context = context
    this.name = name
  }

  /** Writes the vector and its metadata in place of what the id has. @throws as `upsertMany` */
  upsert(vector: NewVector<Metadata>): Promise<void> {
    return this.upsertMany([vector])
  }

  /**
   * As `upsert`, for all or none. Of several with one id the last counts. Null is as good as absent for a declared
   * field of the metadata, and is not stored.
   * @throws TYPE_MISMATCH for metadata of another type than declared, NOT_NULL_VIOLATION for a required field that is
   * missing, LIMIT_EXCEEDED for metadata that is nested too deep.
   */
  async upsertMany(vectors: readonly NewVector<Metadata>[]): Promise<void> {
    await this.#write((collection) => upsertVectors(collection, vectors))
  }

  /** Adds the vector. @throws as `insertMany` */
  insert(vector: NewVector<Metadata>): Promise<void> {
    return this.insertMany([vector])
  }

  /** As `insert`, for all or none. @throws RECORD_EXISTS when an id is there or given twice; and as `upsertMany`. */
  async insertMany(vectors: readonly NewVector<Metadata>[]): Promise<void> {
    await this.#write((collection) => insertVectors(collection, vectors))
  }

  /** The vector, or undefined. */
  async get(id: string): Promise<StoredVector<Metadata> | undefined> {
    return (await this.getMany([id]))[0]
  }

  /** For each id the vector or undefined, in the order of `ids`. */
  async getMany(ids: readonly string[]): Promise<(StoredVector<Metadata> | undefined)[]> {
    const found = await getVectors(await this.#open(), ids)
    return found as (StoredVector<Metadata> | undefined)[]
  }

  /** True when there was such a vector. */
  async delete(id: string): Promise<boolean> {
    return (await this.deleteMany([id])) === 1
  }

  /** Returns how many there were. */
  async deleteMany(ids: readonly string[]): Promise<number> {
    return this.#write((collection) => deleteVectors(collection, ids))
  }

  /** How many vectors there are, or have such metadata. Reads the whole collection, without a filter only its keys. */
  async count(where?: Filter<Metadata>): Promise<number> {
    return countVectors(await this.#open(), where)
  }

  /**
   * Chunks of vectors, in order of id (as UTF-8) unless the query says otherwise. Reads the whole collection.
   * @throws LIMIT_EXCEEDED when more than 100 000 vectors would have to be sorted in memory.
   */
  async *scan<S extends keyof Metadata & string = keyof Metadata & string>(
    query: VectorQuery<Metadata, S> = {},
  ): AsyncIterable<StoredVector<Pick<Metadata, S>>[]> {
    for await (const chunk of scanVectors(await this.#open(), query)) {
      yield chunk as StoredVector<Pick<Metadata, S>>[]
    }
  }

  /**
   * The `k` vectors nearest to the one given, nearest first; of equally near ones those whose id sorts first. Fewer
   * only when there are fewer, or fewer that fit `where`.
   *
   * Without an index, with `exact`, and until `buildIndex` has found centres, every vector is compared and the result
   * is exact. Otherwise the partitions are read one after the other, the most promising first: as many as `probes`
   * says, or with `auto` until 24 in a row had nothing nearer than what was found; on clustered data that finds at
   * least 95 of 100 of the nearest ten. In either case until there are `k`, or no partitions left; and when so few
   * vectors fit `where` that reading everything is faster, everything is read.
   *
   * Under the isolation level `read-committed` a search may miss vectors that a build moves at the same time.
   */
  async search(search: VectorSearch<Metadata>): Promise<VectorHit<Metadata>[]> {
    const collection = await this.#open()
    const checked = checkSearch(collection, search)
    const moment = await VectorCache.momentOf(collection)
    const plan = await planSearch(collection, checked, moment)
    const hits =
      plan.method === 'exact'
        ? await searchExactly(collection, plan.search, moment)
        : await searchPartitions(collection, plan, moment)
    return hits as VectorHit<Metadata>[]
  }

  /** How `search` would answer. */
  async explain(search: VectorSearch<Metadata>): Promise<VectorPlan> {
    const collection = await this.#open()
    return describePlan(collection, await planSearch(collection, checkSearch(collection, search), undefined))
  }

  /**
   * Finds centres for the vectors there are and puts every vector into the partition of the nearest one. Large
   * collections take several calls, each in a transaction of its own: `Database.buildIndex` makes them.
   *
   * Meanwhile the collection is searched and written as usual. A call when a build is under way goes on with it;
   * `partitions` and `sampleMax` then have no effect. A call when none is begins one, however good the index is.
   * @throws INVALID_ARGUMENT when the collection has no index, and under the isolation level `read-committed`.
   */
  async buildIndex(options: BuildIndexOptions = {}): Promise<IndexBuild> {
    return this.#write((collection) =>
      buildIndex(collection, requireIndex(collection), checkBuild(collection, options)),
    )
  }

  /**
   * How full the partitions are, and whether building the index would help. Reads a small record of every vector.
   * @throws INVALID_ARGUMENT when the collection has no index.
   */
  async indexStatistics(): Promise<IndexStatistics> {
    const collection = await this.#open()
    return indexStatistics(collection, requireIndex(collection))
  }

  async #open(): Promise<OpenVectors> {
    return new OpenVectors(this.#context, await this.#context.object(vectorModel, this.name))
  }

  #write<T>(work: (collection: OpenVectors) => Promise<T>): Promise<T> {
    return queueWrite(this.#context, async () =>
      work(new OpenVectors(this.#context, await this.#context.objectForWrite(vectorModel, this.name))),
    )
  }
}

function requireIndex(collection: OpenVectors): PartitionedIndexDefinition {
  const { index } = collection.definition
  if (index !== undefined) return index
  throw collection.error(
    'INVALID_ARGUMENT',
    'it has no index; declare index: { kind: "partitioned" } and bring the database to that declaration',
    { field: 'index' },
  )
}
