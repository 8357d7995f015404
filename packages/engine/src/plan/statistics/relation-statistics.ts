import type { Value } from '../../scalar/value.js'

/** What is known of a relation's data, from ANALYZE or an estimate. */
export interface RelationStatistics {
  readonly rowCount: number
  /** By ordinal; undefined where nothing is known. */
  readonly columns: readonly (ColumnStatistics | undefined)[]
}

export interface ColumnStatistics {
  /** Share of nulls, 0 to 1. */
  readonly nullFraction: number
  /** Different values, nulls left out. */
  readonly distinctCount: number
  /** Mean size of a value, bytes. */
  readonly averageBytes: number
  /** The most frequent values, most frequent first, each with its share of all rows. */
  readonly mostCommon: readonly { readonly value: Value; readonly fraction: number }[]
  /** Bounds of buckets that hold equally many of the other values, in order; empty: unknown. */
  readonly histogram: readonly Value[]
}
