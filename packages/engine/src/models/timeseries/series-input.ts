/** `float` and `int` are numbers, `int64` a bigint, `json` any JSON value. */
export type FieldType = 'float' | 'int' | 'int64' | 'text' | 'bool' | 'json'

export const FIELD_TYPES: readonly FieldType[] = ['float', 'int', 'int64', 'text', 'bool', 'json']

export interface RollupInput {
  /** Width of a bucket: milliseconds, or text such as `1h`. Buckets begin at multiples of it since the epoch. */
  readonly granularity: number | string
  /** How long the buckets are kept. Default: for ever. */
  readonly retention?: number | string
}

/** A collection of series as users declare it. */
export interface SeriesInput {
  /** Names of the tags that every point has. Default: none, so the collection is one series. */
  readonly tags?: readonly string[]
  readonly fields: Readonly<Record<string, FieldType>>
  /** How long points are kept: milliseconds, or text such as `90d`. Default: for ever. */
  readonly retention?: number | string
  /** Aggregates (count, sum, min, max, first, last) of every numeric field, kept for complete buckets. */
  readonly rollups?: readonly RollupInput[]
}

export interface FieldDefinition {
  readonly id: number
  readonly name: string
  readonly type: FieldType
}

export interface RollupDefinition {
  readonly granularityMs: number
  readonly retentionMs: number | null
}

/** The stored form of a {@link SeriesInput}. */
export interface SeriesDefinition {
  readonly tags: readonly string[]
  readonly fields: readonly FieldDefinition[]
  readonly nextFieldId: number
  readonly retentionMs: number | null
  /** By granularity, ascending. */
  readonly rollups: readonly RollupDefinition[]
}

export function isNumeric(type: FieldType): boolean {
  return type === 'float' || type === 'int' || type === 'int64'
}
