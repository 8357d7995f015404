import { OrbitError } from '@orbit-ts/base'
import { parseKey, timeSeriesKeys } from '@orbit-ts/storage'
import type { OpenSeries } from './open-series.js'
import { encodePoint } from './point-codec.js'
import { PointChecker, type CheckedPoint, type Point, type PointInput } from './points.js'
import { exactName, type SeriesRecord } from './series-registry.js'

/** @throws as `SeriesSession.appendMany` */
export async function appendPoints(series: OpenSeries, points: unknown): Promise<Point[]> {
  const { context, object, reader, registry, rollups } = series
  if (!Array.isArray(points))
    throw new OrbitError('INVALID_ARGUMENT', `time series "${object.name}": points: a list is expected`)
  const checker = new PointChecker(object, context.nowMs)
  const checked = points.map((point: PointInput<object, object>, index) => checker.check(point, index))
  const records = await registry.forAppend(checked.map((point) => point.tagValues))
  const recordOf = ({ tagValues }: CheckedPoint): SeriesRecord => {
    const record = records.get(exactName(tagValues))
    if (record === undefined) throw new OrbitError('INTERNAL', 'a series was not created')
    return record
  }
  checked.forEach((point, index) => checker.checkKept(point, recordOf(point).prunedTo, index))
  const sequences = await freeSequences(series, checked, recordOf)
  const late = new Map<SeriesRecord, { from: number; to: number }>()
  const stored = checked.map((point, index) => {
    const record = recordOf(point)
    const sequence = sequences[index] ?? 0
    context.storage.put(
      timeSeriesKeys.point(object.id, record.id, point.timestamp, sequence),
      encodePoint(object.definition.fields, point.values),
    )
    noteLate(late, record, point.timestamp)
    return { timestamp: point.timestamp, sequence, tags: reader.tagsOf(record), fields: point.values }
  })
  for (const [record, { from, to }] of late) await rollups.recompute(record, from, to + 1)
  return stored
}

/** For each point the next sequence that is free at its timestamp, also among the points before it in the call. */
async function freeSequences(
  { context, object }: OpenSeries,
  points: readonly CheckedPoint[],
  recordOf: (point: CheckedPoint) => SeriesRecord,
): Promise<number[]> {
  const { storage } = context
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
