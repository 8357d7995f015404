import type { SeriesInput, FieldType } from './series-input.js'

declare const TYPES: unique symbol

/**
 * A time-series collection's declaration, with the types of its tags and fields. The types exist for the compiler
 * only; the value is plain JSON.
 */
export interface SeriesSchema<Tags = AnyTags, Fields = AnyFields> {
  readonly kind: 'series'
  readonly name: string
  readonly input: SeriesInput
  readonly [TYPES]?: { readonly tags: Tags; readonly fields: Fields }
}

export type AnyTags = Readonly<Record<string, string>>
export type AnyFields = Readonly<Record<string, unknown>>

interface JsTypes {
  readonly float: number
  readonly int: number
  readonly int64: bigint
  readonly text: string
  readonly bool: boolean
  readonly json: unknown
}

type TagsOf<Input extends SeriesInput> = Input extends {
  readonly tags: readonly (infer Tag extends string)[]
}
  ? { readonly [T in Tag]: string }
  : AnyTags

type FieldsOf<Input extends SeriesInput> = {
  readonly [F in keyof Input['fields']]?: Input['fields'][F] extends FieldType
    ? JsTypes[Input['fields'][F]]
    : unknown
}

/**
 * Declares a collection of time series: one series for each combination of tags.
 *
 *     const weather = series('weather', {
 *       tags: ['station'],
 *       fields: { temperature: 'float', pressure: 'float' },
 *       retention: '365d',
 *       rollups: [{ granularity: '1h' }, { granularity: '1d', retention: '3650d' }],
 *     })
 *
 * The declaration is checked when the database is opened with it or the collection is created: SCHEMA_INVALID.
 */
export function series<const Input extends SeriesInput>(
  name: string,
  input: Input,
): SeriesSchema<TagsOf<Input>, FieldsOf<Input>> {
  return { kind: 'series', name, input }
}
