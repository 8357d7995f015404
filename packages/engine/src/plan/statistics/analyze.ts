/** What ANALYZE finds out about a relation from a sample of its rows. */
import type { DataType } from '../../scalar/data-type.js'
import type { Row, Value } from '../../scalar/value.js'
import { valueBytes } from './value-bytes.js'
import type { ColumnStatistics, RelationStatistics } from './relation-statistics.js'
import { compareValues } from './scale.js'

/** Most frequent values, and buckets of the histogram: PostgreSQL's `default_statistics_target`. */
export const STATISTICS_TARGET = 100

/**
 * @param types of the columns, by ordinal
 * @param rows a sample of whole rows, by ordinal
 * @param rowCount how many rows the relation has altogether
 */
export function analyzeRows(
  types: readonly DataType[],
  rows: readonly Row[],
  rowCount: number,
  target: number = STATISTICS_TARGET,
): RelationStatistics {
  const columns = types.map((type, ordinal) => {
    const values = rows.map((row): Value => row[ordinal] ?? null)
    return analyzeColumn(type, values, rowCount, target)
  })
  return { rowCount, columns }
}

interface Run {
  readonly value: Value
  readonly count: number
}

function analyzeColumn(
  type: DataType,
  values: readonly Value[],
  rowCount: number,
  target: number,
): ColumnStatistics | undefined {
  const present = values.filter((value) => value !== null)
  if (values.length === 0) return undefined
  const nullFraction = (values.length - present.length) / values.length
  const averageBytes = mean(present.map(valueBytes))
  if (type.scalar.compare === undefined) {
    const distinctCount = present.length * (rowCount / values.length)
    return { nullFraction, distinctCount, averageBytes, mostCommon: [], histogram: [] }
  }
  const sorted = present.slice().sort((a, b) => compareValues(a, b, type) ?? 0)
  const runs = runsOf(sorted, type)
  const distinctCount = estimateDistinct(runs, values.length, nullFraction, rowCount)
  const common = mostCommonOf(runs, present.length, values.length, distinctCount, target)
  const mostCommon = common.map(({ value, count }) => ({ value, fraction: count / values.length }))
  const isCommon = new Set(common)
  const rest = runs.filter((run) => !isCommon.has(run))
  return { nullFraction, distinctCount, averageBytes, mostCommon, histogram: histogramOf(rest, target) }
}

function runsOf(sorted: readonly Value[], type: DataType): Run[] {
  const runs: Run[] = []
  let start = 0
  for (let at = 1; at <= sorted.length; at++) {
    const first = sorted[start] ?? null
    if (at < sorted.length && compareValues(first, sorted[at] ?? null, type) === 0) continue
    runs.push({ value: first, count: at - start })
    start = at
  }
  return runs
}

/** Different values in all rows, from those of the sample: the estimator of Haas and Stokes that PostgreSQL uses. */
function estimateDistinct(
  runs: readonly Run[],
  sampleCount: number,
  nullFraction: number,
  rowCount: number,
): number {
  const once = runs.filter((run) => run.count === 1).length
  const found = runs.length
  const sampled = sampleCount * (1 - nullFraction)
  const all = rowCount * (1 - nullFraction)
  // All of it was read, or everything that there is comes several times.
  if (sampleCount >= rowCount || once === 0) return found
  // Nothing comes twice: as many values as rows.
  if (once === found) return Math.max(found, Math.round(all))
  const estimate = (sampled * found) / (sampled - once + (once * sampled) / Math.max(1, all))
  return Math.round(Math.min(Math.max(estimate, found), all))
}

/** Values that come clearly more often than others do on average. */
function mostCommonOf(
  runs: readonly Run[],
  presentCount: number,
  sampleCount: number,
  distinctCount: number,
  target: number,
): Run[] {
  const byCount = runs
    .filter((run) => run.count > 1 || runs.length <= target)
    .sort((a, b) => b.count - a.count)
  // So few that all of them can be listed.
  if (runs.length <= target && distinctCount <= runs.length) return byCount
  const average = presentCount / Math.max(1, distinctCount)
  const least = Math.max(2, Math.min(average * 1.25, sampleCount / target))
  return byCount.filter((run) => run.count >= least).slice(0, target)
}

/** Bounds of buckets with equally many rows; empty where fewer than two values are left. */
function histogramOf(runs: readonly Run[], target: number): Value[] {
  if (runs.length < 2) return []
  const total = runs.reduce((sum, run) => sum + run.count, 0)
  const buckets = Math.min(target, runs.length - 1, total - 1)
  const bounds: Value[] = []
  let run = 0
  let passed = 0
  for (let bucket = 0; bucket <= buckets; bucket++) {
    const position = Math.floor((bucket * (total - 1)) / buckets)
    for (;;) {
      const current = runs[run]
      if (current === undefined || passed + current.count > position) break
      passed += current.count
      run++
    }
    bounds.push(runs[run]?.value ?? null)
  }
  return bounds
}

function mean(numbers: readonly number[]): number {
  let sum = 0
  for (const number of numbers) sum += number
  return numbers.length === 0 ? 0 : sum / numbers.length
}
