import type { Properties, PropertiesOf } from '../property/property-types.js'
import type { VectorsInput } from './vectors-input.js'

declare const TYPES: unique symbol

/**
 * The declaration of a collection of vectors, with the type of their metadata. The type exists for the compiler only;
 * the value is plain JSON.
 */
export interface VectorSchema<Metadata = Properties> {
  readonly kind: 'vectors'
  readonly name: string
  readonly input: VectorsInput
  readonly [TYPES]?: Metadata
}

/** The metadata that `Input` declares. */
export type MetadataOf<Input extends VectorsInput> = Input extends { readonly metadata: infer Types }
  ? PropertiesOf<Types>
  : Properties

/**
 * Declares a collection of vectors.
 *
 *     const movieVectors = vectors('movie_vectors', {
 *       dimension: 16,
 *       metric: 'cosine',
 *       index: { kind: 'partitioned' },
 *       metadata: { title: 'string', year: 'integer?' },
 *     })
 *
 * The declaration is checked when the database is opened with it or the collection is created: SCHEMA_INVALID.
 */
export function vectors<const Input extends VectorsInput>(
  name: string,
  input: Input,
): VectorSchema<MetadataOf<Input>>
/** As above, for metadata of a type that the program vouches for: `vectors<{ title: string }>('movie_vectors', …)`. */
export function vectors<Metadata extends object>(name: string, input: VectorsInput): VectorSchema<Metadata>
export function vectors(name: string, input: VectorsInput): VectorSchema<unknown> {
  return { kind: 'vectors', name, input }
}
