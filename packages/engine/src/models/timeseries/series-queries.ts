import { OrbitError } from '@orbit-ts/base'
import type { CatalogObject } from '../../catalog/catalog-object.js'
import { compileFilter } from '../../filter/compile-filter.js'
import type { Filter } from '../../filter/filter.js'
import { checkFilter, describe } from '../../filter/filter-tree.js'
import { PointChecker } from './points.js'
import type { AnyFields, AnyTags } from './series.js'
import type { SeriesDefinition } from './series-input.js'
import type { PointRange } from './series-reader.js'

export interface RangeQuery<Tags = AnyTags, Fields = AnyFields> {
  /** For each named tag one value or several. Default: every series. */
  readonly tags?: { readonly [Tag in keyof Tags]?: Tags[Tag] | readonly Tags[Tag][] }
  /** First moment, milliseconds since the epoch or a Date. Default: the first point. */
  readonly from?: number | Date
  /** First moment after. Default: after the last point. */
  readonly to?: number | Date
  /** On the fields of a point. */
  readonly where?: Filter<Fields>
  readonly limit?: number
  /** The latest first. Default false. */
  readonly reverse?: boolean
}

export interface SeriesFacts<Tags = AnyTags> {
  readonly tags: Tags
  /** Timestamps of the first and the last point; undefined when there is none. */
  readonly first?: number
  readonly last?: number
}

/** Points that `range` returns when no limit is given; more is LIMIT_EXCEEDED, so that `scan` is used. */
export const RANGE_POINTS_MAX = 100_000

type SeriesObject = CatalogObject<SeriesDefinition>

/** @throws INVALID_ARGUMENT unless it is an object. */
export function checkObject({ name }: SeriesObject, value: unknown, field: string): void {
  if (typeof value === 'object' && value !== null) return
  throw new OrbitError(
    'INVALID_ARGUMENT',
    `time series "${name}": ${field} is ${describe(value)}; it must be an object`,
    { model: 'series', object: name, field },
  )
}

/** @throws INVALID_ARGUMENT */
export function rangeOf(
  object: SeriesObject,
  nowMs: number,
  query: { readonly from?: number | Date; readonly to?: number | Date; readonly reverse?: boolean },
): PointRange {
  const checker = new PointChecker(object, nowMs)
  return {
    from: query.from === undefined ? undefined : checker.timestamp(query.from, 'from'),
    to: query.to === undefined ? undefined : checker.timestamp(query.to, 'to'),
    reverse: query.reverse === true,
  }
}

/** Infinity when none is given. @throws INVALID_ARGUMENT */
export function limitOf({ name }: SeriesObject, limit: unknown): number {
  if (limit === undefined) return Infinity
  if (Number.isInteger(limit) && (limit as number) >= 0) return limit as number
  throw new OrbitError(
    'INVALID_ARGUMENT',
    `time series "${name}": limit: ${describe(limit)} is no whole number, 0 or more`,
    { field: 'limit' },
  )
}

/** What the fields of a point must fulfil; undefined when anything goes. @throws INVALID_ARGUMENT */
export function predicateOf(
  { name, definition }: SeriesObject,
  where: object | undefined,
): ((fields: unknown) => boolean) | undefined {
  if (where === undefined) return undefined
  checkFilter(where, {
    what: `time series "${name}"`,
    fields: definition.fields.map((field) => field.name),
  })
  return compileFilter(where)
}
