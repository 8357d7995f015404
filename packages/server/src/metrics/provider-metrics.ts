import type { Metrics, Sample } from '@orbit-ts/base'
import type { ProviderMetrics, ProviderRegistry } from '@orbit-ts/storage'

/** One figure of every provider; its name goes behind `orbit_provider_`. */
interface Figure {
  readonly name: string
  readonly kind: 'counter' | 'gauge'
  readonly help: string
  readonly read: (metrics: ProviderMetrics) => number
}

const counter = (name: string, help: string, read: Figure['read']): Figure => ({
  name,
  kind: 'counter',
  help,
  read,
})
const gauge = (name: string, help: string, read: Figure['read']): Figure => ({
  name,
  kind: 'gauge',
  help,
  read,
})

/** Seconds for each operation; 0 before the first. */
const average = (totalMs: number, operations: number): number =>
  operations === 0 ? 0 : totalMs / 1000 / operations

const FIGURES: readonly Figure[] = [
  counter('read_operations_total', 'Keys and entries read.', (m) => m.readOperations),
  counter('write_operations_total', 'Keys written.', (m) => m.writeOperations),
  counter('delete_operations_total', 'Keys deleted.', (m) => m.deleteOperations),
  counter('read_latency_seconds_total', 'Time spent in reads.', (m) => m.readLatencyMs / 1000),
  counter(
    'write_latency_seconds_total',
    'Time spent in writes, deletes included.',
    (m) => m.writeLatencyMs / 1000,
  ),
  gauge('read_latency_avg_seconds', 'Mean time of a read since the start.', (m) =>
    average(m.readLatencyMs, m.readOperations),
  ),
  gauge('write_latency_avg_seconds', 'Mean time of a write or delete since the start.', (m) =>
    average(m.writeLatencyMs, m.writeOperations + m.deleteOperations),
  ),
  counter('error_count_total', 'Operations that the engine failed.', (m) => m.errorCount),
  gauge('transactions_active', 'Transactions that are open.', (m) => m.transactionsActive),
  counter('transactions_committed_total', 'Transactions committed.', (m) => m.transactionsCommitted),
  counter('transactions_rolled_back_total', 'Transactions rolled back.', (m) => m.transactionsRolledBack),
  counter('conflicts_total', 'Transactions that gave way to a conflicting one.', (m) => m.conflicts),
  counter('deadlocks_total', 'Deadlocks found.', (m) => m.deadlocks),
  counter(
    'commit_groups_total',
    'Batches handed to the engine; committed transactions share them.',
    (m) => m.commitGroups,
  ),
  gauge('history_bytes', 'Memory for old versions that running snapshots need.', (m) => m.historyBytes),
  gauge('history_bytes_max', 'The limit of history_bytes.', (m) => m.historyBytesMax),
]

const LABELS = ['provider', 'kind'] as const

/**
 * Reports the metrics of every provider at each scrape, and the facts of its engine (cache hits, file sizes…) as
 * `orbit_provider_engine`. Returns a function that ends it.
 */
export function observeProviders(metrics: Metrics, registry: ProviderRegistry): () => void {
  const ends = FIGURES.map(({ name, kind, help, read }) => {
    const metric = metrics[kind]({ name: `orbit_provider_${name}`, help, labels: LABELS })
    return metric.collect(() => samplesOf(registry, read))
  })
  const engine = metrics.gauge({
    name: 'orbit_provider_engine',
    help: "Facts of a provider's engine, by name.",
    labels: [...LABELS, 'fact'],
  })
  ends.push(engine.collect(() => registry.names.flatMap((provider) => engineSamples(registry, provider))))
  return () => {
    for (const end of ends) end()
  }
}

function samplesOf(registry: ProviderRegistry, read: Figure['read']): Sample<(typeof LABELS)[number]>[] {
  return registry.names.map((provider) => {
    const { kind, metrics } = labelled(registry, provider)
    return { value: read(metrics), labels: { provider, kind } }
  })
}

function engineSamples(registry: ProviderRegistry, provider: string): Sample<'provider' | 'kind' | 'fact'>[] {
  const { kind, metrics } = labelled(registry, provider)
  return Object.entries(metrics.engine).map(([fact, value]) => ({ value, labels: { provider, kind, fact } }))
}

function labelled(registry: ProviderRegistry, provider: string): { kind: string; metrics: ProviderMetrics } {
  const storage = registry.get(provider)
  return { kind: storage.kind, metrics: storage.metrics() }
}
