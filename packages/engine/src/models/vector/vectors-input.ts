import type { PropertyTypes } from '../property/property-types.js'

/** How near two vectors are: by angle, by Euclidean distance, or by inner product. */
export const METRICS = ['cosine', 'l2', 'dot'] as const
export type Metric = (typeof METRICS)[number]

/** A collection of vectors as users declare it: plain JSON. */
export interface VectorsInput {
  /** Components of every vector, 1 to 65 535. */
  readonly dimension: number
  /** Default `cosine`. */
  readonly metric?: Metric
  /** Default: none; every search reads the whole collection. */
  readonly index?: PartitionedIndexInput
  /** The fields of the metadata; others are refused. Default: any JSON object. */
  readonly metadata?: PropertyTypes
}

/**
 * Vectors grouped around centres (an inverted file): a search reads only the groups nearest to what it looks for.
 * Until `buildIndex` has found centres all vectors are in one group, which every search reads.
 */
export interface PartitionedIndexInput {
  readonly kind: 'partitioned'
  /** How many groups `buildIndex` makes, 1 to 65 535. Default `auto`: about the square root of the number of vectors. */
  readonly partitions?: number | 'auto'
  /** How many groups a search reads. Default `auto`; see `VectorSession.search`. */
  readonly probes?: number | 'auto'
}
