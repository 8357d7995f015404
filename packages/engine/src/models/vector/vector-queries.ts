import type { Filter, Query } from '../../filter/filter.js'
import type { Metric } from './vectors-input.js'
import type { VectorValues } from './vector-records.js'

/** Which vectors to read: conditions, order and selection are on the metadata. */
export interface VectorQuery<
  Metadata = Record<string, unknown>,
  Selected extends keyof Metadata & string = keyof Metadata & string,
> extends Omit<Query<Metadata>, 'select'> {
  /** Fields of the metadata to return. Default: all. */
  readonly select?: readonly Selected[]
}

export interface VectorSearch<Metadata = Record<string, unknown>> {
  readonly vector: VectorValues
  /** How many to find, 1 to 10 000. Default 10. */
  readonly k?: number
  /** Only vectors with such metadata. */
  readonly where?: Filter<Metadata>
  /** Read everything instead of the nearest partitions. Default false. */
  readonly exact?: boolean
  /** Partitions to read, 1 to 65 535. Default: what the index declares, which is `auto` unless it says otherwise. */
  readonly probes?: number
  /** Return the vectors too. Default false. */
  readonly includeVectors?: boolean
}

/** How a search is answered: plain JSON. */
export interface VectorPlan {
  readonly collection: string
  /** `exact`: every vector is compared. `partitioned`: those of the nearest partitions, and those not yet in one. */
  readonly method: 'exact' | 'partitioned'
  /** Why. */
  readonly reason: string
  readonly metric: Metric
  readonly k: number
  /** Partitions there are, in all generations; left out when the search is exact. */
  readonly partitions?: number
  /** How many of them are read; `auto`: until a number of them in a row has nothing nearer. */
  readonly probes?: number | 'auto'
  /** What is checked on the metadata; left out when nothing is. */
  readonly filter?: unknown
}

export interface BuildIndexOptions {
  /** How many partitions to make, 1 to 65 535. Default: what the index declares, which is `auto` unless it says otherwise. */
  readonly partitions?: number | 'auto'
  /** Vectors from which the centres are found, at most. Default 65 536. */
  readonly sampleMax?: number
  /** Vectors put into partitions by this call, at most. Default: as many as one transaction does well. */
  readonly moveMax?: number
}

/** What one call of `buildIndex` did. */
export interface IndexBuild {
  /** False: call again, in another transaction, to go on. */
  readonly done: boolean
  /** This call has found new centres. */
  readonly trained: boolean
  /** Partitions of the newest centres. */
  readonly partitions: number
  /** Vectors that this call has put into their partition. */
  readonly moved: number
}

/** The state of a partitioned index: plain JSON. */
export interface IndexStatistics {
  readonly kind: 'partitioned'
  /**
   * - `empty`: no centres; every search reads every vector.
   * - `incomplete`: the index was added to existing vectors and does not have them all; searches do without it.
   * - `building`: vectors are being put into new partitions; searches use old and new ones.
   * - `ready`
   */
  readonly state: 'empty' | 'incomplete' | 'building' | 'ready'
  /** Vectors in the index. */
  readonly vectors: number
  /** Vectors in no partition, which every search reads. */
  readonly unassigned: number
  /** Vectors in each partition, by number of partition. */
  readonly partitions: readonly PartitionStatistics[]
  /** Vectors in the collection when the centres were found; left out without centres. */
  readonly trainedOn?: number
  /** What to do with `buildIndex`, and why; left out when there is nothing to do. */
  readonly advice?: string
}

export interface PartitionStatistics {
  readonly partition: number
  readonly vectors: number
}
