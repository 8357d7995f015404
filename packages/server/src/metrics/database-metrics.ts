import type { Metrics, Sample } from '@orbit-ts/base'
import type { CacheMetrics, Database } from '@orbit-ts/engine'

/** What the caches have in common; some figures not every one of them has. */
interface CacheFigures {
  readonly entries: number
  readonly sizeBytes: number
  readonly hits: number
  readonly misses: number
  readonly sizeMaxBytes?: number
  readonly evictions?: number
  readonly invalidations?: number
  readonly refusals?: number
}

type CacheName = 'region' | 'schema' | 'statistics' | 'vectors' | 'query_result'

/** One figure of every cache that has it; its name goes behind `orbit_cache_`. */
interface Figure {
  readonly name: string
  readonly kind: 'counter' | 'gauge'
  readonly help: string
  readonly read: (figures: CacheFigures) => number | undefined
}

const FIGURES: readonly Figure[] = [
  { name: 'entries', kind: 'gauge', help: 'What a cache holds.', read: (c) => c.entries },
  { name: 'size_bytes', kind: 'gauge', help: 'Roughly what it takes.', read: (c) => c.sizeBytes },
  { name: 'size_max_bytes', kind: 'gauge', help: 'The limit of size_bytes.', read: (c) => c.sizeMaxBytes },
  { name: 'hits_total', kind: 'counter', help: 'Look-ups that were answered.', read: (c) => c.hits },
  { name: 'misses_total', kind: 'counter', help: 'Look-ups that were not.', read: (c) => c.misses },
  {
    name: 'evictions_total',
    kind: 'counter',
    help: 'Entries that made room for others.',
    read: (c) => c.evictions,
  },
  {
    name: 'invalidations_total',
    kind: 'counter',
    help: 'Entries that were no longer right, or no longer fresh.',
    read: (c) => c.invalidations,
  },
  {
    name: 'refusals_total',
    kind: 'counter',
    help: 'Results of queries that were too large, or written to while they were read.',
    read: (c) => c.refusals,
  },
]

/** Reports the caches of a database and what only it counts, at each scrape. Returns a function that ends it. */
export function observeDatabase(metrics: Metrics, database: Database): () => void {
  const ends = FIGURES.map(({ name, kind, help, read }) =>
    metrics[kind]({ name: `orbit_cache_${name}`, help, labels: ['cache'] }).collect(() =>
      cachesOf(database.caches.metrics()).flatMap(([cache, figures]): Sample<'cache'>[] => {
        const value = read(figures)
        return value === undefined ? [] : [{ value, labels: { cache } }]
      }),
    ),
  )
  ends.push(
    metrics
      .gauge({
        name: 'orbit_cache_hit_ratio',
        help: 'Which part of all look-ups was answered since the start, of each cache and of all; none before the first.',
        labels: ['cache'],
      })
      .collect(() => hitRatios(database.caches.metrics())),
    metrics
      .counter({
        name: 'orbit_cross_model_transactions_total',
        help: 'Transactions committed that wrote to objects of more than one kind.',
      })
      .collect(() => database.crossModelTransactions),
  )
  return () => {
    for (const end of ends) end()
  }
}

function cachesOf({
  region,
  schema,
  statistics,
  vectors,
  queryResult,
}: CacheMetrics): [CacheName, CacheFigures][] {
  return [
    ...(region === undefined ? [] : [['region', region] as [CacheName, CacheFigures]]),
    ['schema', schema],
    ['statistics', statistics],
    ['vectors', vectors],
    ...(queryResult === undefined ? [] : [['query_result', queryResult] as [CacheName, CacheFigures]]),
  ]
}

function hitRatios(caches: CacheMetrics): Sample<'cache'>[] {
  const each = cachesOf(caches).flatMap(([cache, { hits, misses }]): Sample<'cache'>[] =>
    hits + misses === 0 ? [] : [{ value: hits / (hits + misses), labels: { cache } }],
  )
  return each.length === 0 ? [] : [...each, { value: caches.hitRatio, labels: { cache: 'all' } }]
}
