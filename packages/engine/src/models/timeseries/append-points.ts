/**
 * Appending points.
 *
 * Invariants:
 * 1. A point is put under a sequence at which the transaction has seen none. Two that have seen the same write one key
 *    in common, so one of them conflicts: both begin with the first sequence, or follow the same last point. Under
 *    `read-committed`, where nothing conflicts, the keys are locked before they are looked at.
 * 2. Who follows other points shares the first sequence: they do not go meanwhile, which would let points that come later
 *    begin before it.
 * 3. Points that lie in complete buckets have these computed again (`Rollups`, invariant 2).
 */
import { OrbitError } from '@orbit-ts/base'
import { parseKey, timeSeriesKeys } from '@orbit-ts/storage'
import type { AppendTarget } from './exact-series.js'
import type { OpenSeries } from './open-series.js'
import { encodePoint } from './point-codec.js'
import { PointChecker, type CheckedPoint, type Point, type PointInput } from './points.js'
import { exactName, type SeriesRecord } from './series-record.js'

/** Points of one series and timestamp, in the order of the call. */
type Moment = readonly CheckedPoint[]

/** By timestamp. */
type Moments = ReadonlyMap<number, Moment>

/** @throws as `SeriesSession.appendMany` */
export async function appendPoints(series: OpenSeries, points: unknown): Promise<Point[]> {
  const { context, object, reader, registry, rollups } = series
  if (!Array.isArray(points))
    throw new OrbitError('INVALID_ARGUMENT', `time series "${object.name}": points: a list is expected`)
  const checker = new PointChecker(object, context.nowMs)
  const checked = points.map((point: PointInput<object, object>, index) => checker.check(point, index))
  const names = new Map(checked.map((point) => [point, exactName(point.tagValues)]))
  const groups = momentsOf(checked, names)
  const targets = await registry.forAppend(
    new Map([...groups].map(([name, moments]) => [name, (id: number) => placesOf(object.id, id, moments)])),
  )
  const targetOf = (name: string | undefined): AppendTarget => {
    const target = targets.get(name ?? '')
    if (target === undefined) throw new OrbitError('INTERNAL', 'a series was not created')
    return target
  }
  const recordOf = (point: CheckedPoint): SeriesRecord => targetOf(names.get(point)).record
  checked.forEach((point, index) => checker.checkKept(point, recordOf(point).prunedTo, index))
  const sequences = new Map<CheckedPoint, number>()
  for (const [name, moments] of groups) await takePlaces(series, targetOf(name), moments, sequences)
  const late = new Map<SeriesRecord, { from: number; to: number }>()
  const stored = checked.map((point) => {
    const record = recordOf(point)
    const { timestamp, values } = point
    const sequence = sequences.get(point) ?? 0
    context.storage.put(
      timeSeriesKeys.point(object.id, record.id, timestamp, sequence),
      encodePoint(object.definition.fields, values),
    )
    noteLate(late, record, timestamp)
    return { timestamp, sequence, tags: reader.tagsOf(record), fields: values }
  })
  for (const [record, { from, to }] of late)
    await rollups.recompute(await registry.forRecompute(record), from, to + 1)
  return stored
}

/** By the names of series. */
function momentsOf(
  points: readonly CheckedPoint[],
  names: ReadonlyMap<CheckedPoint, string>,
): Map<string, Moments> {
  const groups = new Map<string, Map<number, CheckedPoint[]>>()
  for (const point of points) {
    const name = names.get(point) ?? ''
    const moments = groups.get(name) ?? new Map<number, CheckedPoint[]>()
    groups.set(name, moments)
    const moment = moments.get(point.timestamp)
    if (moment === undefined) moments.set(point.timestamp, [point])
    else moment.push(point)
  }
  return groups
}

/** Of every moment as many sequences as it has points, from the first one on. */
function placesOf(collectionId: number, seriesId: number, moments: Moments): Uint8Array[] {
  return [...moments].flatMap(([timestamp, moment]) =>
    moment.map((_, sequence) => timeSeriesKeys.point(collectionId, seriesId, timestamp, sequence)),
  )
}

/** Gives each point a sequence: its own place where all of its moment are free, otherwise after the last point there. */
async function takePlaces(
  series: OpenSeries,
  { record, isTaken }: AppendTarget,
  moments: Moments,
  sequences: Map<CheckedPoint, number>,
): Promise<void> {
  let at = 0
  for (const [timestamp, moment] of moments) {
    const isFree = !isTaken.slice(at, at + moment.length).includes(true)
    at += moment.length
    const first = isFree ? 0 : await firstFree(series, record, timestamp, moment.length)
    moment.forEach((point, index) => sequences.set(point, first + index))
  }
}

/** The first of `count` sequences after the last point of a moment. */
async function firstFree(
  series: OpenSeries,
  record: SeriesRecord,
  timestamp: number,
  count: number,
): Promise<number> {
  const { context, object } = series
  await context.storage.lock([timeSeriesKeys.point(object.id, record.id, timestamp)], { mode: 'shared' })
  for (;;) {
    const first = (await lastSequence(series, record, timestamp)) + 1
    if (context.storage.isolation !== 'read-committed') return first
    const keys = Array.from({ length: count }, (_, index) =>
      timeSeriesKeys.point(object.id, record.id, timestamp, first + index),
    )
    await context.storage.lock(keys)
    if ((await context.storage.getMany(keys)).every((value) => value === undefined)) return first
  }
}

/** -1 where there is none any more. */
async function lastSequence(
  { context, object }: OpenSeries,
  record: SeriesRecord,
  timestamp: number,
): Promise<number> {
  const range = timeSeriesKeys.points(object.id, record.id, timestamp, timestamp + 1)
  for await (const [entry] of context.storage.scan(range, { reverse: true, limit: 1, keysOnly: true })) {
    const parsed = entry === undefined ? undefined : parseKey(entry.key)
    if (parsed?.model === 'timeseries' && parsed.kind === 'point') return parsed.sequence
  }
  return -1
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
