import { OrbitError } from '@orbit-ts/base'
import { timeSeriesKeys } from '@orbit-ts/storage'
import { queueWrite } from '../../txn/write-queue.js'
import type { ModelContext } from '../model.js'
import { appendPoints } from './append-points.js'
import { deleteRange } from './delete-points.js'
import { Downsampler, checkDownsample, type Bucket, type DownsampleQuery } from './downsample.js'
import { openSeries, type OpenSeries } from './open-series.js'
import type { Point, PointInput } from './points.js'
import { fittingRollups, sampleSeries } from './sample-series.js'
import type { AnyFields, AnyTags } from './series.js'
import {
  RANGE_POINTS_MAX,
  checkObject,
  limitOf,
  predicateOf,
  rangeOf,
  type RangeQuery,
  type SeriesFacts,
} from './series-queries.js'
import type { SeriesReader } from './series-reader.js'
import type { SeriesIdentity } from './series-record.js'
import type { TagFilter } from './series-registry.js'
import { applyRetention, rollUp, type RetentionOptions, type RollUpOptions } from './series-upkeep.js'

/** One collection of time series in one transaction. */
export class SeriesSession<Tags = AnyTags, Fields = AnyFields> {
  readonly #context: ModelContext
  readonly #name: string

  constructor(context: ModelContext, name: string) {
    this.#context = context
    this.#name = name
  }

  /** @throws as `appendMany` */
  async append(point: PointInput<Tags, Fields>): Promise<Point<Tags, Fields>> {
    const [stored] = await this.appendMany([point])
    if (stored === undefined) throw new OrbitError('INTERNAL', 'an appended point without a result')
    return stored
  }

  /**
   * Appends points in any order of time; series that are new are created. Points of one series and timestamp are kept
   * apart by their sequence.
   * @throws INVALID_ARGUMENT, TYPE_MISMATCH naming the point and the field; nothing is appended
   */
  appendMany(points: readonly PointInput<Tags, Fields>[]): Promise<Point<Tags, Fields>[]> {
    return queueWrite(this.#context, async () => {
      const stored: object[] = await appendPoints(await this.#open('write', points), points)
      return stored as Point<Tags, Fields>[]
    })
  }

  /** Points in the order of time. @throws LIMIT_EXCEEDED without `limit` above {@link RANGE_POINTS_MAX} points */
  async range(query: RangeQuery<Tags, Fields> = {}): Promise<Point<Tags, Fields>[]> {
    const found: Point<Tags, Fields>[] = []
    for await (const chunk of this.scan(query)) {
      found.push(...chunk)
      if (query.limit === undefined && found.length > RANGE_POINTS_MAX) {
        throw new OrbitError(
          'LIMIT_EXCEEDED',
          `time series "${this.#name}": more than ${RANGE_POINTS_MAX} points; give a limit, or use scan`,
          { pointsMax: RANGE_POINTS_MAX },
        )
      }
    }
    return found
  }

  /** As `range`, in chunks and without end. */
  async *scan(query: RangeQuery<Tags, Fields> = {}): AsyncGenerator<Point<Tags, Fields>[]> {
    const { object, reader, registry } = await this.#open('read', query)
    const range = rangeOf(object, this.#context.nowMs, query)
    const limit = limitOf(object, query.limit)
    const matches = predicateOf(object, query.where)
    const records = await registry.locate(query.tags as TagFilter | undefined)
    let remaining = limit
    // With a filter the store cannot count for us.
    const points = reader.merged(records, range, matches === undefined ? limit : Infinity)
    for await (const chunk of points) {
      const kept = matches === undefined ? chunk : chunk.filter((point) => matches(point.fields))
      const piece = kept.length > remaining ? kept.slice(0, remaining) : kept
      remaining -= piece.length
      if (piece.length > 0) yield piece as object[] as Point<Tags, Fields>[]
      if (remaining === 0) return
    }
  }

  /** The last point of each series. */
  async latest(query: Pick<RangeQuery<Tags, Fields>, 'tags'> = {}): Promise<Point<Tags, Fields>[]> {
    const { reader, registry } = await this.#open('read', query)
    const records = await registry.locate(query.tags as TagFilter | undefined)
    const points = await Promise.all(records.map((record) => firstPoint(reader, record, true)))
    return points.filter((point) => point !== undefined) as object[] as Point<Tags, Fields>[]
  }

  /**
   * Aggregates over buckets of time. Where a rollup fits (its granularity divides the bucket, the bounds lie on its
   * buckets), its complete buckets are read in place of the points: of several the coarsest that still has them.
   */
  async downsample(query: DownsampleQuery): Promise<Bucket[]> {
    const { object, reader, registry, rollups } = await this.#open('read', query)
    const checked = checkDownsample(this.#name, object.definition, query)
    const { from = -Infinity, to = Infinity } = rangeOf(object, this.#context.nowMs, query)
    const fitting = fittingRollups(object.definition, checked)
    const sampler = new Downsampler(checked)
    const names = new Map(object.definition.fields.map((field) => [field.id, field.name]))
    for (const record of await registry.find(query.tags)) {
      await sampleSeries({ record, reader, rollups, sampler, names }, fitting, from, to)
    }
    return sampler.buckets()
  }

  /** The series of the collection, with the times of their first and last points. */
  async list(query: Pick<RangeQuery<Tags, Fields>, 'tags'> = {}): Promise<SeriesFacts<Tags>[]> {
    const { reader, registry } = await this.#open('read', query)
    const records = await registry.find(query.tags as TagFilter | undefined)
    const facts = records.map(async (record) => {
      const first = await firstPoint(reader, record, false)
      const last = await firstPoint(reader, record, true)
      const tags = reader.tagsOf(record)
      return first === undefined || last === undefined
        ? { tags }
        : { tags, first: first.timestamp, last: last.timestamp }
    })
    return (await Promise.all(facts)) as object[] as SeriesFacts<Tags>[]
  }

  /** How many points match. */
  async count(query: Omit<RangeQuery<Tags, Fields>, 'limit' | 'reverse'> = {}): Promise<number> {
    const { object, reader, registry } = await this.#open('read', query)
    const range = rangeOf(object, this.#context.nowMs, query)
    const matches = predicateOf(object, query.where)
    let count = 0
    for (const record of await registry.locate(query.tags as TagFilter | undefined)) {
      if (matches === undefined) {
        const keys = timeSeriesKeys.points(object.id, record.id, range.from, range.to)
        for await (const chunk of this.#context.storage.scan(keys, { keysOnly: true })) count += chunk.length
      } else {
        for await (const chunk of reader.one(record, range))
          count += chunk.filter((point) => matches(point.fields)).length
      }
    }
    return count
  }

  /**
   * Deletes points, up to 50 000 in one call: call again until it returns 0. Rollups follow.
   * @returns how many points went
   */
  deleteRange(query: Omit<RangeQuery<Tags, Fields>, 'limit' | 'reverse' | 'where'> = {}): Promise<number> {
    return queueWrite(this.#context, async () =>
      deleteRange(await this.#open('write', query), query as { readonly tags?: TagFilter }),
    )
  }

  /**
   * Completes the buckets of every rollup that end at or before `until` (default: the transaction's time). For small
   * collections: it is one transaction, while `rollUp` of `Database.series` takes as many as it needs.
   * @returns how many series moved on
   */
  rollUp(options: RollUpOptions = {}): Promise<number> {
    return queueWrite(this.#context, async () => rollUp(await this.#open('write', options), options))
  }

  /**
   * Deletes points and buckets older than their retention, up to 50 000 in one call: call again until it returns 0.
   * Rollups are completed first and keep what they know of deleted points, for as long as their own retention says.
   * In a transaction for small collections only, as `rollUp`.
   */
  applyRetention(options: RetentionOptions = {}): Promise<number> {
    return queueWrite(this.#context, async () => applyRetention(await this.#open('write', options), options))
  }

  async #open(purpose: 'read' | 'write', query: unknown): Promise<OpenSeries> {
    const series = await openSeries(this.#context, this.#name, purpose)
    checkObject(series.object, query, 'query')
    return series
  }
}

async function firstPoint(
  reader: SeriesReader,
  record: SeriesIdentity,
  reverse: boolean,
): Promise<Point | undefined> {
  for await (const [point] of reader.one(record, { from: undefined, to: undefined, reverse }, 1)) return point
  return undefined
}
