/** Shares of rows by what is known of one column. Everything is between 0 and 1, null rows counted as not matching. */
import type { Comparison } from '../../scalar/functions/function.js'
import type { DataType } from '../../scalar/data-type.js'
import type { Value } from '../../scalar/value.js'
import type { ColumnStatistics } from './relation-statistics.js'
import { compareValues, shareBetween } from './scale.js'

/** What PostgreSQL assumes where nothing is known. */
export const DEFAULTS = {
  equal: 0.005,
  inequality: 1 / 3,
  range: 0.005,
  match: 0.005,
  null: 0.005,
  distinct: 200,
  condition: 1 / 3,
} as const

/** Share of rows with this value. */
export function shareEqual(statistics: ColumnStatistics, value: Value, type: DataType): number {
  for (const { value: common, fraction } of statistics.mostCommon) {
    if (compareValues(common, value, type) === 0) return fraction
  }
  return shareOfRareValue(statistics)
}

/** Share of rows with a value that nothing is known of. */
export function shareEqualUnknown(statistics: ColumnStatistics): number {
  return clamp((1 - statistics.nullFraction) / Math.max(1, statistics.distinctCount))
}

/** Share of rows with a value `<`, `<=`, `>` or `>=` the given one; undefined where it cannot be told. */
export function shareCompared(
  statistics: ColumnStatistics,
  comparison: Comparison,
  value: Value,
  type: DataType,
): number | undefined {
  const { histogram, mostCommon, nullFraction } = statistics
  if (value === null) return 0
  if (histogram.length < 2 && mostCommon.length === 0) return undefined
  const common = commonShare(statistics, comparison, value, type)
  const rest = clamp(1 - nullFraction - sumOfCommon(statistics))
  if (histogram.length < 2) return clamp(common + (sumOfCommon(statistics) > 0.9 ? rest / 2 : rest / 3))
  const below = shareBelow(histogram, value, type)
  if (below === undefined) return undefined
  const isBelow = comparison === 'lt' || comparison === 'le'
  return clamp(common + rest * (isBelow ? below : 1 - below))
}

function commonShare(
  { mostCommon }: ColumnStatistics,
  comparison: Comparison,
  value: Value,
  type: DataType,
): number {
  let share = 0
  for (const { value: common, fraction } of mostCommon) {
    const order = compareValues(common, value, type)
    if (order !== undefined && holds(comparison, order)) share += fraction
  }
  return share
}

export function holds(comparison: Comparison, order: number): boolean {
  switch (comparison) {
    case 'eq':
      return order === 0
    case 'ne':
      return order !== 0
    case 'lt':
      return order < 0
    case 'le':
      return order <= 0
    case 'gt':
      return order > 0
    case 'ge':
      return order >= 0
  }
}

/** Share of the histogram's rows below a value. */
function shareBelow(histogram: readonly Value[], value: Value, type: DataType): number | undefined {
  let low = 0
  let high = histogram.length
  while (low < high) {
    const middle = (low + high) >> 1
    const order = compareValues(histogram[middle] ?? null, value, type)
    if (order === undefined) return undefined
    if (order < 0) low = middle + 1
    else high = middle
  }
  if (low === 0) return 0
  if (low === histogram.length) return 1
  const within = shareBetween(value, histogram[low - 1] ?? null, histogram[low] ?? null)
  return (low - 1 + within) / (histogram.length - 1)
}

function shareOfRareValue(statistics: ColumnStatistics): number {
  const { mostCommon, distinctCount, nullFraction } = statistics
  const rare = Math.max(1, distinctCount - mostCommon.length)
  const rest = clamp(1 - nullFraction - sumOfCommon(statistics))
  const least = mostCommon.at(-1)?.fraction ?? 1
  return Math.min(rest / rare, least)
}

function sumOfCommon({ mostCommon }: ColumnStatistics): number {
  let sum = 0
  for (const { fraction } of mostCommon) sum += fraction
  return sum
}

export function clamp(share: number): number {
  return Number.isNaN(share) ? 0.5 : Math.min(1, Math.max(0, share))
}
