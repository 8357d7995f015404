import { OrbitError } from '@orbit-ts/base'
import { parseKey, timeSeriesKeys } from '@orbit-ts/storage'
import type { CatalogObject } from '../../catalog/catalog-object.js'
import { compileFilter } from '../../filter/compile-filter.js'
import type { Filter } from '../../filter/filter.js'
import { checkFilter } from '../../filter/filter-tree.js'
import { queueWrite } from '../../txn/write-queue.js'
import type { ModelContext } from '../model.js'
import {
  Downsampler,
  checkDownsample,
  endOfBucket,
  type Bucket,
  type CheckedDownsample,
  type DownsampleQuery,
} from './downsample.js'
import { encodePoint } from './point-codec.js'
import { PointChecker, type CheckedPoint, type Point, type PointInput } from './points.js'
import { Rollups } from './rollup.js'
import { retentionCutoff } from './retention.js'
import type { AnyFields, AnyTags } from './series.js'
import { isNumeric, type RollupDefinition, type SeriesDefinition } from './series-input.js'
import { seriesModel } from './series-model.js'
import { SeriesReader, type PointRange } from './series-reader.js'
import { SeriesRegistry, exactName, type SeriesRecord, type TagFilter } from './series-registry.js'

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
/** Points or buckets that one call of `applyRetention` or `deleteRange` removes. */
const REMOVE_MAX = 50_000

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
    return queueWrite(this.#context, () => this.#appendMany(points))
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
    const { object, reader, registry } = await this.#open('read')
    const range = this.#rangeOf(object, query)
    const limit = this.#limitOf(query.limit)
    const matches = this.#predicate(object, query.where)
    const records = await registry.find(query.tags as TagFilter | undefined)
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
    const { reader, registry } = await this.#open('read')
    const records = await registry.find(query.tags as TagFilter | undefined)
    const points = await Promise.all(records.map((record) => firstPoint(reader, record, true)))
    return points.filter((point) => point !== undefined) as object[] as Point<Tags, Fields>[]
  }

  /**
   * Aggregates over buckets of time. Where a rollup fits (its granularity divides the bucket, the bounds lie on its
   * buckets), its complete buckets are read in place of the points: of several the coarsest that still has them.
   */
  async downsample(query: DownsampleQuery): Promise<Bucket[]> {
    const { object, reader, registry, rollups } = await this.#open('read')
    const checked = checkDownsample(this.#name, object.definition, query)
    const { from = -Infinity, to = Infinity } = this.#rangeOf(object, query)
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
    const { reader, registry } = await this.#open('read')
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
    const { object, reader, registry } = await this.#open('read')
    const range = this.#rangeOf(object, query)
    const matches = this.#predicate(object, query.where)
    let count = 0
    for (const record of await registry.find(query.tags as TagFilter | undefined)) {
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
    return queueWrite(this.#context, () => this.#deleteRange(query))
  }

  /**
   * Completes the buckets of every rollup that end at or before `until` (default: the transaction's time).
   * @returns how many series moved on
   */
  rollUp(options: { readonly until?: number | Date; readonly tags?: TagFilter } = {}): Promise<number> {
    return queueWrite(this.#context, () => this.#rollUp(options))
  }

  /**
   * Deletes points and buckets older than their retention, up to 50 000 in one call: call again until it returns 0.
   * Rollups are completed first and keep what they know of deleted points, for as long as their own retention says.
   */
  applyRetention(): Promise<number> {
    return queueWrite(this.#context, () => this.#applyRetention())
  }

  async #appendMany(points: readonly PointInput<Tags, Fields>[]): Promise<Point<Tags, Fields>[]> {
    const { object, reader, registry, rollups } = await this.#open('write')
    if (!Array.isArray(points))
      throw new OrbitError('INVALID_ARGUMENT', `time series "${this.#name}": points: a list is expected`)
    const checker = new PointChecker(object, this.#context.nowMs)
    const checked = points.map((point: PointInput<object, object>, index) => checker.check(point, index))
    const series = await registry.forAppend(checked.map((point) => point.tagValues))
    const recordOf = ({ tagValues }: CheckedPoint): SeriesRecord => {
      const record = series.get(exactName(tagValues))
      if (record === undefined) throw new OrbitError('INTERNAL', 'a series was not created')
      return record
    }
    checked.forEach((point, index) => checker.checkKept(point, recordOf(point).prunedTo, index))
    const sequences = await this.#freeSequences(object, checked, recordOf)
    const late = new Map<SeriesRecord, { from: number; to: number }>()
    const stored = checked.map((point, index) => {
      const record = recordOf(point)
      const sequence = sequences[index] ?? 0
      this.#context.storage.put(
        timeSeriesKeys.point(object.id, record.id, point.timestamp, sequence),
        encodePoint(object.definition.fields, point.values),
      )
      noteLate(late, record, point.timestamp)
      return { timestamp: point.timestamp, sequence, tags: reader.tagsOf(record), fields: point.values }
    })
    for (const [record, { from, to }] of late) await rollups.recompute(record, from, to + 1)
    return stored as object[] as Point<Tags, Fields>[]
  }

  async #deleteRange(query: Omit<RangeQuery<Tags, Fields>, 'limit' | 'reverse' | 'where'>): Promise<number> {
    const { object, registry, rollups } = await this.#open('write')
    const range = this.#rangeOf(object, query)
    let removed = 0
    for (const record of await registry.find(query.tags as TagFilter | undefined)) {
      const gone = await this.#deletePoints(object, record, range, REMOVE_MAX - removed)
      if (gone === undefined) continue
      removed += gone.count
      await this.#protect(object, record)
      await rollups.recompute(record, gone.first, gone.last + 1)
      if (removed >= REMOVE_MAX) break
    }
    return removed
  }

  async #rollUp(options: { readonly until?: number | Date; readonly tags?: TagFilter }): Promise<number> {
    const { object, registry, rollups } = await this.#open('write')
    if (object.definition.rollups.length === 0) return 0
    const until = new PointChecker(object, this.#context.nowMs).timestamp(
      options.until ?? this.#context.nowMs,
      'until',
    )
    let moved = 0
    for (const record of await registry.find(options.tags)) {
      const completed = await rollups.complete(record, until)
      if (completed === undefined) continue
      registry.store(completed)
      moved++
    }
    return moved
  }

  async #applyRetention(): Promise<number> {
    const { object, registry, rollups } = await this.#open('write')
    const cutoff = retentionCutoff(object.definition, this.#context.nowMs)
    let removed = 0
    for (const record of await registry.find()) {
      if (removed >= REMOVE_MAX) break
      let after = record
      if (cutoff !== undefined) {
        after = (await rollups.complete(record, cutoff)) ?? record
        const range = { from: undefined, to: cutoff, reverse: false }
        const gone = await this.#deletePoints(object, record, range, REMOVE_MAX - removed)
        if (gone !== undefined && object.definition.rollups.length > 0) after = { ...after, prunedTo: cutoff }
        removed += gone?.count ?? 0
      }
      const kept = await this.#removeBuckets(object, rollups, after, REMOVE_MAX - removed)
      removed += kept.removed
      if (kept.record !== record) registry.store(kept.record)
    }
    return removed
  }

  /** Removes buckets past their rollup's retention and those of dropped rollups, up to `limit`. */
  async #removeBuckets(
    object: CatalogObject<SeriesDefinition>,
    rollups: Rollups,
    record: SeriesRecord,
    limit: number,
  ): Promise<{ removed: number; record: SeriesRecord }> {
    const { definition } = object
    let removed = 0
    let after = record
    for (const { id, granularityMs, retentionMs } of definition.rollups) {
      if (retentionMs === null || removed >= limit) continue
      const before = endOfBucket(this.#context.nowMs - retentionMs, granularityMs)
      const count = await rollups.delete(record, id, before, limit - removed)
      if (count > 0) after = { ...after, rolledUpFrom: { ...after.rolledUpFrom, [id]: before } }
      removed += count
    }
    for (const id of definition.droppedRollups) {
      if (removed < limit) removed += await rollups.delete(record, id, undefined, limit - removed)
    }
    return { removed, record: after }
  }

  async #open(purpose: 'read' | 'write'): Promise<{
    object: CatalogObject<SeriesDefinition>
    reader: SeriesReader
    registry: SeriesRegistry
    rollups: Rollups
  }> {
    const object =
      purpose === 'write'
        ? await this.#context.objectForWrite(seriesModel, this.#name)
        : await this.#context.object(seriesModel, this.#name)
    const reader = new SeriesReader(this.#context, object)
    return {
      object,
      reader,
      registry: new SeriesRegistry(this.#context, object),
      rollups: new Rollups(this.#context, object, reader),
    }
  }

  /** For each point the next sequence that is free at its timestamp, also among the points before it in the call. */
  async #freeSequences(
    object: CatalogObject<SeriesDefinition>,
    points: readonly CheckedPoint[],
    recordOf: (point: CheckedPoint) => SeriesRecord,
  ): Promise<number[]> {
    const { storage } = this.#context
    const ids = points.map((point) => `${recordOf(point).id} ${point.timestamp}`)
    const firstKeys = new Map(
      points.map((point, index) => [
        ids[index] ?? '',
        timeSeriesKeys.point(object.id, recordOf(point).id, point.timestamp),
      ]),
    )
    const taken = await storage.getMany([...firstKeys.values()])
    const next = new Map<string, number>()
    let at = 0
    for (const id of firstKeys.keys()) if (taken[at++] !== undefined) next.set(id, -1)
    for (const [index, point] of points.entries()) {
      const id = ids[index] ?? ''
      if (next.get(id) !== -1) continue
      // Rare: some point has this timestamp already, so the last one has to be looked up.
      const range = timeSeriesKeys.points(object.id, recordOf(point).id, point.timestamp, point.timestamp + 1)
      for await (const [entry] of storage.scan(range, { reverse: true, limit: 1, keysOnly: true })) {
        const parsed = entry === undefined ? undefined : parseKey(entry.key)
        if (parsed?.model === 'timeseries' && parsed.kind === 'point') next.set(id, parsed.sequence + 1)
      }
    }
    return ids.map((id) => {
      const sequence = next.get(id) ?? 0
      next.set(id, sequence + 1)
      return sequence
    })
  }

  async #deletePoints(
    object: CatalogObject<SeriesDefinition>,
    record: SeriesRecord,
    { from, to }: PointRange,
    limit: number,
  ): Promise<{ count: number; first: number; last: number } | undefined> {
    const { storage } = this.#context
    let gone: { count: number; first: number; last: number } | undefined
    for await (const chunk of storage.scan(timeSeriesKeys.points(object.id, record.id, from, to), {
      keysOnly: true,
      limit,
    })) {
      for (const { key } of chunk) {
        storage.delete(key)
        const parsed = parseKey(key)
        const timestamp =
          parsed.model === 'timeseries' && parsed.kind === 'point' ? Number(parsed.timestamp) : 0
        gone = { count: (gone?.count ?? 0) + 1, first: gone?.first ?? timestamp, last: timestamp }
      }
    }
    if (gone === undefined || gone.count < limit) return gone
    // The rest of the last timestamp goes too: sequences are taken from the first one on, and must find all or none.
    const rest = { from: gone.last, to: gone.last + 1, reverse: false }
    const more = await this.#deletePoints(object, record, rest, Infinity)
    return { ...gone, count: gone.count + (more?.count ?? 0) }
  }

  /** The marks of the series must not move while buckets before them are computed again. */
  #protect(object: CatalogObject<SeriesDefinition>, record: SeriesRecord): Promise<void> {
    return this.#context.storage.lock([timeSeriesKeys.series(object.id, record.id)], { mode: 'shared' })
  }

  #rangeOf(
    object: CatalogObject<SeriesDefinition>,
    query: { readonly from?: number | Date; readonly to?: number | Date; readonly reverse?: boolean },
  ): PointRange {
    const checker = new PointChecker(object, this.#context.nowMs)
    return {
      from: query.from === undefined ? undefined : checker.timestamp(query.from, 'from'),
      to: query.to === undefined ? undefined : checker.timestamp(query.to, 'to'),
      reverse: query.reverse === true,
    }
  }

  #limitOf(limit: unknown): number {
    if (limit === undefined) return Infinity
    if (Number.isInteger(limit) && (limit as number) >= 0) return limit as number
    throw new OrbitError(
      'INVALID_ARGUMENT',
      `time series "${this.#name}": limit: ${JSON.stringify(limit) ?? typeof limit} is no whole number, 0 or more`,
      { field: 'limit' },
    )
  }

  #predicate(
    object: CatalogObject<SeriesDefinition>,
    where: Filter<Fields> | undefined,
  ): ((fields: unknown) => boolean) | undefined {
    if (where === undefined) return undefined
    checkFilter(where, {
      what: `time series "${this.#name}"`,
      fields: object.definition.fields.map((field) => field.name),
    })
    return compileFilter(where)
  }
}

/** Remembers the span of points that lie in buckets which are complete already. */
function noteLate(
  late: Map<SeriesRecord, { from: number; to: number }>,
  record: SeriesRecord,
  timestamp: number,
): void {
  if (!Object.values(record.rolledUpTo).some((mark) => timestamp < mark)) return
  const span = late.get(record)
  if (span === undefined) {
    late.set(record, { from: timestamp, to: timestamp })
    return
  }
  span.from = Math.min(span.from, timestamp)
  span.to = Math.max(span.to, timestamp)
}

async function firstPoint(
  reader: SeriesReader,
  record: SeriesRecord,
  reverse: boolean,
): Promise<Point | undefined> {
  for await (const [point] of reader.one(record, { from: undefined, to: undefined, reverse }, 1)) return point
  return undefined
}

/** The rollups whose buckets make up the query's, the coarsest first. */
function fittingRollups(
  definition: SeriesDefinition,
  { bucketMs, aggregates }: CheckedDownsample,
): RollupDefinition[] {
  const numeric = aggregates.every(([field]) =>
    definition.fields.some((candidate) => candidate.name === field && isNumeric(candidate.type)),
  )
  return numeric
    ? definition.rollups.filter(({ granularityMs }) => bucketMs % granularityMs === 0).reverse()
    : []
}

interface Sampling {
  readonly record: SeriesRecord
  readonly reader: SeriesReader
  readonly rollups: Rollups
  readonly sampler: Downsampler
  /** Of fields, by id. */
  readonly names: ReadonlyMap<number, string>
}

/** Samples `[from, to)` of one series from the first rollup where that is complete, else from the next ones, else from points. */
async function sampleSeries(
  sampling: Sampling,
  candidates: readonly RollupDefinition[],
  from: number,
  to: number,
): Promise<void> {
  if (from >= to) return
  const { record, reader, rollups, sampler, names } = sampling
  const [rollup, ...others] = candidates
  const range = { from: finite(from), to: finite(to) }
  if (rollup === undefined) {
    for await (const chunk of reader.one(record, { ...range, reverse: false }))
      for (const point of chunk) sampler.addPoint(point)
    return
  }
  const complete = rollups.completeStretch(record, rollup)
  const start = Math.max(complete.from, from)
  const end = Math.min(complete.to, to)
  const aligned = [start, end].every((ms) => !Number.isFinite(ms) || ms % rollup.granularityMs === 0)
  if (start >= end || !aligned) return sampleSeries(sampling, others, from, to)
  await sampleSeries(sampling, others, from, start)
  const tags = reader.tagsOf(record)
  for await (const chunk of rollups.read(record, rollup, finite(start), finite(end))) {
    for (const { timestamp, fields } of chunk) {
      for (const [id, summary] of fields)
        sampler.accumulator(timestamp, tags, names.get(id) ?? '')?.merge(summary)
    }
  }
  await sampleSeries(sampling, others, end, to)
}

const finite = (bound: number): number | undefined => (Number.isFinite(bound) ? bound : undefined)
