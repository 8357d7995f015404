import type { PropertiesInput } from '../property/property-types.js'

/** Components; stored as 32-bit floats. */
export type VectorValues = readonly number[] | Float32Array

/** `metadata` may be left out when no field of it is required. */
type WithMetadata<M> = string extends keyof M
  ? { readonly metadata?: M }
  : object extends M
    ? { readonly metadata?: PropertiesInput<M> }
    : { readonly metadata: PropertiesInput<M> }

/** A vector to write. */
export type NewVector<Metadata = Record<string, unknown>> = {
  /** 1 to 512 bytes of UTF-8. */
  readonly id: string
  readonly vector: VectorValues
} & WithMetadata<Metadata>

/** A vector as it is stored. */
export interface StoredVector<Metadata = Record<string, unknown>> {
  readonly id: string
  /** Rounded to 32-bit floats, otherwise as it was written. */
  readonly vector: Float32Array
  /** Empty when there is none. */
  readonly metadata: Metadata
}

/** A vector found by a search. */
export interface VectorHit<Metadata = Record<string, unknown>> {
  readonly id: string
  /**
   * Smaller is nearer. `cosine`: 1 minus the cosine of the angle, 0 to 2. `l2`: the Euclidean distance. `dot`: the
   * inner product with its sign reversed.
   */
  readonly distance: number
  /**
   * Greater is nearer. `cosine`: the cosine of the angle, -1 to 1. `l2`: 1 / (1 + distance), 0 to 1. `dot`: the inner
   * product.
   */
  readonly score: number
  readonly metadata: Metadata
  /** With `includeVectors` only. */
  readonly vector?: Float32Array
}
