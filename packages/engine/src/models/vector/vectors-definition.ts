import type { PropertyTypes } from '../property/property-types.js'
import type { Metric } from './vectors-input.js'

/** A collection of vectors as the catalog stores it: plain JSON. */
export interface VectorsDefinition {
  readonly dimension: number
  readonly metric: Metric
  /** Left out: any metadata. */
  readonly metadata?: PropertyTypes
  readonly index?: PartitionedIndexDefinition
  /** Ids of indexes are never used again. */
  readonly nextIndexId: number
}

export interface PartitionedIndexDefinition {
  readonly id: number
  readonly kind: 'partitioned'
  readonly partitions: number | 'auto'
  readonly probes: number | 'auto'
}
