import { OrbitError, didYouMean, parseDuration } from '@orbit-ts/base'
import { describe } from '../../filter/filter-tree.js'
import { AGGREGATES, Accumulator, type Aggregate } from './accumulator.js'
import type { Point } from './points.js'
import { isNumeric, type SeriesDefinition } from './series-input.js'

export interface DownsampleQuery {
  /** Which series; default all. */
  readonly tags?: Readonly<Record<string, string | readonly string[]>>
  /** First moment, milliseconds since the epoch or a Date. Default: the first point. */
  readonly from?: number | Date
  /** First moment after. Default: after the last point. */
  readonly to?: number | Date
  /** Width of a bucket: milliseconds, or text such as `1h`. Buckets begin at multiples of it since the epoch. */
  readonly bucket: number | string
  /** By field, what to compute of it. Only `count` is possible for fields that are not numeric. */
  readonly aggregates: Readonly<Record<string, readonly Aggregate[]>>
  /** Tags that keep series apart. Default: none, so all series fall into the same buckets. */
  readonly groupBy?: readonly string[]
}

export interface Bucket {
  /** Start of the bucket, milliseconds since the epoch. */
  readonly timestamp: number
  /** The tags of `groupBy`. */
  readonly tags: Readonly<Record<string, string>>
  /** By field and aggregate; null where the bucket has no value of the field. Empty buckets are left out. */
  readonly values: Readonly<Record<string, Readonly<Partial<Record<Aggregate, number | null>>>>>
}

export interface CheckedDownsample {
  readonly bucketMs: number
  readonly aggregates: readonly (readonly [field: string, aggregates: readonly Aggregate[]])[]
  readonly groupBy: readonly string[]
}

/** Buckets that one query may return. */
export const BUCKETS_MAX = 1_000_000

/** @throws INVALID_ARGUMENT naming the part, its value and what is accepted */
export function checkDownsample(
  name: string,
  definition: SeriesDefinition,
  query: DownsampleQuery,
): CheckedDownsample {
  const fail = (field: string, reason: string): never => {
    throw new OrbitError('INVALID_ARGUMENT', `time series "${name}": ${field}: ${reason}`, { field })
  }
  const bucketMs = typeof query.bucket === 'string' ? parseDuration(query.bucket) : query.bucket
  if (!Number.isSafeInteger(bucketMs) || bucketMs === undefined || bucketMs < 1) {
    return fail(
      'bucket',
      `${describe(query.bucket)} is no duration; write milliseconds, or text such as "1h"`,
    )
  }
  // Every bucket goes through these lists, and naming something twice adds nothing.
  if (query.groupBy !== undefined && !Array.isArray(query.groupBy))
    fail('groupBy', 'a list of tags is expected')
  const groupBy: readonly string[] = [...new Set<string>(query.groupBy)]
  const unknownTag = groupBy.find((tag) => !definition.tags.includes(tag))
  if (unknownTag !== undefined)
    fail('groupBy', `${describe(unknownTag)} is no tag${hint(unknownTag, definition.tags)}`)
  if (
    typeof query.aggregates !== 'object' ||
    query.aggregates === null ||
    Object.keys(query.aggregates).length === 0
  ) {
    return fail('aggregates', 'an object of fields and lists of aggregates is expected')
  }
  const aggregates = Object.entries(query.aggregates).map(([field, wanted]) => {
    const known = definition.fields.find((candidate) => candidate.name === field)
    if (known === undefined) {
      const names = definition.fields.map((candidate) => candidate.name)
      return fail(`aggregates.${field}`, `is no field${didYouMean(field, names)}`)
    }
    if (!Array.isArray(wanted) || wanted.length === 0)
      return fail(`aggregates.${field}`, 'a list of aggregates is expected')
    for (const aggregate of wanted as readonly Aggregate[]) {
      if (!AGGREGATES.includes(aggregate)) {
        fail(
          `aggregates.${field}`,
          `${describe(aggregate)} is not one of ${AGGREGATES.join(', ')}${hint(aggregate, AGGREGATES)}`,
        )
      }
      if (aggregate !== 'count' && !isNumeric(known.type))
        fail(`aggregates.${field}`, `${aggregate} needs a number; the field is ${known.type}`)
    }
    return [field, [...new Set(wanted)]] as const
  })
  return { bucketMs, aggregates, groupBy }
}

function hint(given: unknown, known: readonly string[]): string {
  return typeof given === 'string' ? didYouMean(given, known) : ''
}

/** The start of the bucket that a moment falls into, also before 1970. */
export function bucketOf(timestamp: number, bucketMs: number): number {
  return Math.floor(timestamp / bucketMs) * bucketMs
}

/** The first moment at or after one that begins a bucket. */
export function endOfBucket(timestamp: number, bucketMs: number): number {
  return Math.ceil(timestamp / bucketMs) * bucketMs
}

/** A field's value as aggregates count it: a number, or 0 for one that can only be counted. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') return Number(value)
  return value === undefined ? undefined : 0
}

interface Group {
  readonly timestamp: number
  readonly tags: Readonly<Record<string, string>>
  readonly fields: ReadonlyMap<string, Accumulator>
}

/** Collects points and summaries into buckets: those of one series in the order of time. */
export class Downsampler {
  readonly #query: CheckedDownsample
  readonly #groups = new Map<string, Group>()
  #memory: { readonly start: number; readonly tags: object; readonly group: Group } | undefined

  constructor(query: CheckedDownsample) {
    this.#query = query
  }

  addPoint(point: Point): void {
    const group = this.#groupOf(point.timestamp, point.tags)
    for (const [field, accumulator] of group.fields) {
      const value = numberOf(point.fields[field])
      if (value !== undefined) accumulator.add(value, point.timestamp)
    }
  }

  /** The accumulator of a field for a summary of part of a bucket. */
  accumulator(
    timestamp: number,
    tags: Readonly<Record<string, string>>,
    field: string,
  ): Accumulator | undefined {
    return this.#groupOf(timestamp, tags).fields.get(field)
  }

  /** By group, then by time. */
  buckets(): Bucket[] {
    const found = [...this.#groups.entries()].filter(([, group]) =>
      [...group.fields.values()].some(({ count }) => count > 0),
    )
    found.sort(([a, first], [b, second]) => first.timestamp - second.timestamp || (a < b ? -1 : 1))
    return found.map(([, { timestamp, tags, fields }]) => ({
      timestamp,
      tags,
      values: Object.fromEntries(
        this.#query.aggregates.map(([field, wanted]) => [
          field,
          Object.fromEntries(
            wanted.map((aggregate) => [aggregate, fields.get(field)?.result(aggregate) ?? null]),
          ),
        ]),
      ),
    }))
  }

  #groupOf(timestamp: number, tags: Readonly<Record<string, string>>): Group {
    const start = bucketOf(timestamp, this.#query.bucketMs)
    // Points come in runs of one series and bucket, whose tags are one object.
    const memory = this.#memory
    if (memory?.start === start && memory.tags === tags) return memory.group
    const kept = Object.fromEntries(this.#query.groupBy.map((tag) => [tag, tags[tag] ?? '']))
    const id = `${start} ${JSON.stringify(kept)}`
    let group = this.#groups.get(id)
    if (group === undefined) {
      if (this.#groups.size >= BUCKETS_MAX) {
        throw new OrbitError(
          'LIMIT_EXCEEDED',
          `more than ${BUCKETS_MAX} buckets; use wider ones or a shorter time`,
          { bucketsMax: BUCKETS_MAX },
        )
      }
      group = {
        timestamp: start,
        tags: kept,
        fields: new Map(this.#query.aggregates.map(([field]) => [field, new Accumulator()])),
      }
      this.#groups.set(id, group)
    }
    this.#memory = { start, tags, group }
    return group
  }
}
