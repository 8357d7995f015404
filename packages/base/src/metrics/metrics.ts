import { collectDefaultMetrics, Counter as PromCounter, Gauge as PromGauge, Registry } from 'prom-client'
import { OrbitError } from '../errors/orbit-error.js'
import { BucketedHistogram } from './bucketed-histogram.js'

type MetricName = `orbit_${string}`
type Labels<L extends string> = Readonly<Record<L, string>>

/** The labels, for a metric that has some. */
type LabelArguments<L extends string> = [L] extends [never] ? [] : [labels: Labels<L>]

export interface MetricOptions<L extends string> {
  readonly name: MetricName
  /** One sentence, with the unit. */
  readonly help: string
  readonly labels?: readonly L[]
}

export interface HistogramOptions<L extends string> extends MetricOptions<L> {
  /** Upper bounds; default {@link SECONDS_BUCKETS}. */
  readonly buckets?: readonly number[]
}

export interface Counter<L extends string = never> {
  add(amount: number, ...labels: LabelArguments<L>): void
  /** As `Gauge.collect`, for totals that are counted elsewhere. What was added is lost: use one or the other. */
  collect(read: () => number | readonly Sample<L>[]): () => void
}

export interface Sample<L extends string> {
  readonly value: number
  readonly labels: Labels<L>
}

export interface Gauge<L extends string = never> {
  set(value: number, ...labels: LabelArguments<L>): void
  /**
   * Has `read` called at every scrape, so that the figure costs nothing in between. Returns a function that ends it.
   * When `read` throws, its samples are left out and `orbit_metrics_collect_errors_total` counts it.
   */
  collect(read: () => number | readonly Sample<L>[]): () => void
}

export interface Histogram<L extends string = never> {
  observe(value: number, ...labels: LabelArguments<L>): void
}

/** For latencies in seconds, from a memory read to a stalled disk. */
export const SECONDS_BUCKETS: readonly number[] = [
  0.000_01, 0.000_1, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
]

const NO_LABELS = {}

type Kind = 'counter' | 'gauge' | 'histogram'

type Readers<L extends string> = Set<() => number | readonly Sample<L>[]>

function addReader<L extends string>(
  metric: { reset(): void },
  readers: Readers<L>,
  read: () => number | readonly Sample<L>[],
): () => void {
  readers.add(read)
  return () => {
    readers.delete(read)
    if (readers.size === 0) metric.reset()
  }
}

interface Registered {
  readonly kind: Kind
  readonly labels: string
  readonly metric: unknown
}

/**
 * A set of metrics with its own registry. Asking twice for a metric gives the same one, so that several providers can
 * report into it; asking for it with another kind or other labels is `INVALID_ARGUMENT`.
 */
export class Metrics {
  readonly #registry = new Registry()
  readonly #known = new Map<string, Registered>()
  readonly #collectErrors: Counter

  constructor() {
    this.#collectErrors = this.counter({
      name: 'orbit_metrics_collect_errors_total',
      help: 'Readings that failed while metrics were scraped.',
    })
  }

  /** The content type of {@link render}. */
  get contentType(): string {
    return this.#registry.contentType
  }

  counter<const L extends string = never>(options: MetricOptions<L>): Counter<L> {
    return this.#once('counter', options, (): Counter<L> => {
      const readers: Readers<L> = new Set()
      const metric: PromCounter = new PromCounter({
        ...this.#configuration(options),
        collect: (): void => this.#runReaders(metric, readers, (value, labels) => metric.inc(labels, value)),
      })
      return {
        add: (amount, ...[labels]) => metric.inc(labels ?? {}, amount),
        collect: (read) => addReader(metric, readers, read),
      }
    })
  }

  gauge<const L extends string = never>(options: MetricOptions<L>): Gauge<L> {
    return this.#once('gauge', options, () => this.#createGauge(options))
  }

  histogram<const L extends string = never>(options: HistogramOptions<L>): Histogram<L> {
    return this.#once('histogram', options, (): Histogram<L> => {
      const buckets = [...(options.buckets ?? SECONDS_BUCKETS)]
      const metric = new BucketedHistogram({ ...this.#configuration(options), buckets })
      return { observe: (value, ...[labels]) => metric.add(value, labels ?? NO_LABELS) }
    })
  }

  /** Adds memory, CPU, event-loop and garbage-collection figures of this process, as `orbit_process_…` and `orbit_nodejs_…`. */
  addProcessMetrics(): void {
    collectDefaultMetrics({ register: this.#registry, prefix: 'orbit_' })
  }

  /** Everything in Prometheus' text format. */
  render(): Promise<string> {
    return this.#registry.metrics()
  }

  #createGauge<L extends string>(options: MetricOptions<L>): Gauge<L> {
    const readers: Readers<L> = new Set()
    const metric: PromGauge = new PromGauge({
      ...this.#configuration(options),
      collect: (): void => this.#runReaders(metric, readers, (value, labels) => metric.set(labels, value)),
    })
    return {
      set: (value, ...[labels]) => metric.set(labels ?? {}, value),
      collect: (read) => addReader(metric, readers, read),
    }
  }

  /** Starts from nothing each time: what no reader reports any more must not stay. */
  #runReaders<L extends string>(
    metric: { reset(): void },
    readers: Readers<L>,
    put: (value: number, labels: Partial<Record<string, string>>) => void,
  ): void {
    if (readers.size > 0) metric.reset()
    for (const read of readers) {
      try {
        const found = read()
        if (typeof found === 'number') put(found, {})
        else for (const sample of found) put(sample.value, { ...sample.labels })
      } catch {
        this.#collectErrors.add(1)
      }
    }
  }

  #configuration(options: MetricOptions<string>): {
    name: string
    help: string
    labelNames: string[]
    registers: Registry[]
  } {
    const { name, help, labels = [] } = options
    return { name, help, labelNames: [...labels], registers: [this.#registry] }
  }

  #once<T>(kind: Kind, options: MetricOptions<string>, create: () => T): T {
    const { name } = options
    const labels = (options.labels ?? []).join(',')
    const known = this.#known.get(name)
    if (known === undefined) {
      if (!/^orbit_[a-z0-9_]+$/.test(name)) {
        throw new OrbitError(
          'INVALID_ARGUMENT',
          `the metric "${name}" must begin with orbit_ and have only a-z, 0-9 and _`,
        )
      }
      const metric = create()
      this.#known.set(name, { kind, labels, metric })
      return metric
    }
    if (known.kind !== kind || known.labels !== labels) {
      const is = `${known.kind} with the labels "${known.labels}"`
      throw new OrbitError(
        'INVALID_ARGUMENT',
        `the metric ${name} is a ${is}, not a ${kind} with "${labels}"`,
        { name },
      )
    }
    return known.metric as T
  }
}
