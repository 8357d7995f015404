import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'

/** What a set of operations took; times in milliseconds. */
export interface LatencySummary {
  readonly count: number
  readonly averageMs: number
  readonly p50Ms: number
  readonly p90Ms: number
  readonly p95Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
  readonly maxMs: number
}

const NANOS_PER_MS = 1_000_000

/**
 * Durations in an HDR histogram: every single one is counted, to three significant digits, in constant memory. So a
 * percentile is that of all operations, not of a sample or of averages.
 */
export class Latencies {
  readonly #histogram: RecordableHistogram = createHistogram({ figures: 3 })

  record(durationMs: number): void {
    this.#histogram.record(Math.max(1, Math.round(durationMs * NANOS_PER_MS)))
  }

  /** Undefined when nothing was recorded. */
  summary(): LatencySummary | undefined {
    const { count, mean, max } = this.#histogram
    if (count === 0) return undefined
    const at = (percent: number): number => this.#histogram.percentile(percent) / NANOS_PER_MS
    return {
      count,
      averageMs: mean / NANOS_PER_MS,
      p50Ms: at(50),
      p90Ms: at(90),
      p95Ms: at(95),
      p99Ms: at(99),
      p999Ms: at(99.9),
      maxMs: max / NANOS_PER_MS,
    }
  }
}
