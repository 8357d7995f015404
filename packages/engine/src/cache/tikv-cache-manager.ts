/**
 * What a database keeps in memory of its store: definitions, statistics, vectors, results of queries; and a view over the places
 * of regions that the store's own client keeps.
 *
 * Definitions and statistics are compared with the stored bytes, or the catalog's version, in each transaction that
 * uses them, so they are never out of date. For vectors see `VectorCache`, for results
 * `QueryResultCache`.
 */
import type { Clock, Random } from '@orbit-ts/base'
import type { CommitResult, ProviderMetrics, Transaction } from '@orbit-ts/storage'
import type { CatalogObject } from '../catalog/catalog-object.js'
import { VectorCache } from '../models/vector/cache/vector-cache.js'
import type { Row } from '../scalar/value.js'
import type { CacheSettings } from './cache-settings.js'
import { LruCache, type LruCacheMetrics } from './lru-cache.js'
import { noteWrites, type NotedWrites } from './note-writes.js'
import { QueryResultCache, type QueryResultCacheMetrics } from './query-result-cache.js'

/** Something parsed, with the bytes that it was parsed from. */
export interface Parsed<T> {
  readonly bytes: Uint8Array
  readonly value: T
}

/** Rows of a query, in the batches they were read in. */
export interface CachedRows {
  readonly batches: readonly Row[][]
  readonly rowCount: number
}

/** The places of regions, as the store's client counts them. */
export interface RegionCacheMetrics {
  readonly entries: number
  readonly sizeBytes: number
  readonly hits: number
  readonly misses: number
}

export interface CacheMetrics {
  /** Undefined for a store without regions. */
  readonly region: RegionCacheMetrics | undefined
  readonly schema: LruCacheMetrics
  readonly statistics: LruCacheMetrics
  readonly vectors: LruCacheMetrics
  /** Undefined where results are not kept. */
  readonly queryResult: QueryResultCacheMetrics | undefined
  /** Of all look-ups in all caches, which part was answered: 0 to 1. 0 before the first. */
  readonly hitRatio: number
}

/** What warming up has brought into memory. */
export interface WarmedCaches {
  readonly definitions: number
  readonly statistics: number
  readonly regions: number
}

export interface TiKVCacheManagerOptions {
  readonly clock: Clock
  readonly random: Random
  readonly settings: CacheSettings
  /** The figures of the store. */
  readonly storeMetrics: () => ProviderMetrics
}

export class TiKVCacheManager {
  /** Definitions, by their keys. */
  readonly schemas: LruCache<Parsed<CatalogObject>>
  /** What ANALYZE found, by its keys. */
  readonly statistics: LruCache<Parsed<unknown>>
  /** What searches for the nearest have read. */
  readonly vectors: VectorCache
  /** Undefined unless they are to be kept. */
  readonly queryResults: QueryResultCache<CachedRows> | undefined
  readonly #storeMetrics: () => ProviderMetrics

  constructor({ clock, random, settings, storeMetrics }: TiKVCacheManagerOptions) {
    const { sizeBytes, queryResults, queryResultTtlMs, queryResultSizeMaxBytes } = settings
    const [schemaBytes, statisticsBytes] = [Math.floor(sizeBytes / 4), Math.floor(sizeBytes / 8)]
    this.schemas = new LruCache(schemaBytes)
    this.statistics = new LruCache(statisticsBytes)
    const restBytes = sizeBytes - schemaBytes - statisticsBytes
    const resultBytes = queryResults ? Math.floor(restBytes / 2) : 0
    this.vectors = new VectorCache(restBytes - resultBytes, { random })
    this.#storeMetrics = storeMetrics
    if (!queryResults) return
    this.queryResults = new QueryResultCache({
      clock,
      ttlMs: queryResultTtlMs,
      sizeMaxBytes: resultBytes,
      resultSizeMaxBytes: queryResultSizeMaxBytes,
    })
  }

  /** The transaction, which has just begun, as whoever writes is to use it: so that its commit invalidates what it changes. */
  watch(transaction: Transaction): Transaction {
    const results = this.queryResults
    const watched =
      results === undefined
        ? transaction
        : noteWrites(transaction, (writes, commit) => commitNoted(results, writes, commit))
    this.vectors.watch(watched)
    return watched
  }

  metrics(): CacheMetrics {
    const region = regionMetrics(this.#storeMetrics())
    const [schema, statistics] = [this.schemas.metrics(), this.statistics.metrics()]
    const vectors = this.vectors.metrics()
    const queryResult = this.queryResults?.metrics()
    let [hits, lookUps] = [0, 0]
    for (const each of [region, schema, statistics, vectors, queryResult]) {
      hits += each?.hits ?? 0
      lookUps += (each?.hits ?? 0) + (each?.misses ?? 0)
    }
    return { region, schema, statistics, vectors, queryResult, hitRatio: lookUps === 0 ? 0 : hits / lookUps }
  }
}

async function commitNoted(
  results: QueryResultCache<CachedRows>,
  { tables, hasDefinitions }: NotedWrites,
  commit: () => Promise<CommitResult>,
): Promise<CommitResult> {
  if (tables.size === 0 && !hasDefinitions) return commit()
  const result = await results.commit(tables, commit)
  if (hasDefinitions) results.invalidateAll()
  return result
}

function regionMetrics({ engine }: ProviderMetrics): RegionCacheMetrics | undefined {
  const entries = engine['cached_regions']
  if (entries === undefined) return undefined
  return {
    entries,
    sizeBytes: engine['cached_region_bytes'] ?? 0,
    hits: engine['region_cache_hits'] ?? 0,
    misses: engine['region_cache_misses'] ?? 0,
  }
}
