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
  /**
   * Aggregates (count, sum, min, max, first, last) of every numeric field, kept for complete buckets. With a
   * `retention`, each granularity is a multiple of the next finer one: buckets then end where removed points do.
   */
  readonly rollups?: readonly RollupInput[]
}

export interface FieldDefinition {
  readonly id: number
  readonly name: string
  readonly type: FieldType
}

export interface RollupDefinition {
  /** Keys of its buckets carry it: a rollup that is dropped and declared again is another one. */
  readonly id: number
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
  readonly nextRollupId: number
  /** Ids of rollups that are no more; `applyRetention` removes what is left of them. */
  readonly droppedRollups: readonly number[]
}

export function isNumeric(type: FieldType): boolean {
  return type === 'float' || type === 'int' || type === 'int64'
}
