import { timeSeriesKeys, type KeyRange } from '@orbit-ts/storage'
import type { StepBudget } from '../../txn/step-budget.js'
import { deletePoints } from './delete-points.js'
import { endOfBucket } from './downsample.js'
import type { OpenSeries } from './open-series.js'
import { retentionCutoff } from './retention.js'
import { GUARDS } from './series-guards.js'
import type { RollupDefinition } from './series-input.js'
import type { SeriesRecord } from './series-record.js'

/** What a step has done of a series. */
interface Pruned {
  readonly removed: number
  readonly isDone: boolean
}

/** Removes what is too old of one series, and what is left of dropped rollups. */
export async function pruneSeries(
  series: OpenSeries,
  found: SeriesRecord,
  budget: StepBudget,
  removeMax: number,
): Promise<Pruned> {
  const { object, registry } = series
  let [removed, isDone] = [0, true]
  if (await isAnyOld(series, found)) {
    // Without rollups there are no marks, and points may come in while others are removed.
    const hasMarks = object.definition.rollups.length > 0
    const record = hasMarks ? await registry.exclude(found) : found
    const old = await pruneOld(series, record, budget, removeMax)
    if (hasMarks) budget.spend(GUARDS)
    if (old.record !== record) registry.store(old.record)
    removed = old.removed
    isDone = old.isDone
  }
  if (!isDone) return { removed, isDone }
  const limit = atLeastOne(Math.min(budget.left, removeMax - removed))
  const dropped = await pruneDropped(series, found, limit)
  budget.spend(dropped)
  return { removed: removed + dropped, isDone: dropped < limit }
}

/** Whether there are points or buckets to be removed, or buckets to be completed before that. */
async function isAnyOld(series: OpenSeries, record: SeriesRecord): Promise<boolean> {
  const { context, object, rollups } = series
  const cutoff = retentionCutoff(object.definition, context.nowMs)
  if (cutoff !== undefined) {
    if (!rollups.isComplete(record, cutoff)) return true
    if (await hasAny(series, timeSeriesKeys.points(object.id, record.id, undefined, cutoff))) return true
  }
  for (const rollup of object.definition.rollups) {
    const end = keptFrom(series, rollup)
    if (end === undefined) continue
    if (await hasAny(series, timeSeriesKeys.rollups(object.id, record.id, rollup.id, undefined, end)))
      return true
  }
  return false
}

async function hasAny({ context }: OpenSeries, range: KeyRange): Promise<boolean> {
  for await (const _ of context.storage.scan(range, { keysOnly: true, limit: 1 })) return true
  return false
}

/** The caller holds the guards of the series, where it has marks. */
async function pruneOld(
  series: OpenSeries,
  record: SeriesRecord,
  budget: StepBudget,
  removeMax: number,
): Promise<Pruned & { readonly record: SeriesRecord }> {
  const { context, object, rollups } = series
  const cutoff = retentionCutoff(object.definition, context.nowMs)
  let after = record
  let removed = 0
  if (cutoff !== undefined) {
    const completed = await rollups.complete(record, cutoff, budget)
    after = completed.record
    if (!completed.isDone) return { removed, isDone: false, record: after }
    const limit = atLeastOne(Math.min(budget.left, removeMax))
    const gone = await deletePoints(series, record, { from: undefined, to: cutoff, reverse: false }, limit)
    if (gone !== undefined && object.definition.rollups.length > 0) after = { ...after, prunedTo: cutoff }
    removed = gone?.count ?? 0
    budget.spend(removed)
    if (removed >= limit) return { removed, isDone: false, record: after }
  }
  const buckets = await pruneBuckets(series, after, atLeastOne(Math.min(budget.left, removeMax - removed)))
  budget.spend(buckets.removed)
  return { ...buckets, removed: removed + buckets.removed }
}

/** Removes buckets past their rollup's retention, up to `limit`. */
async function pruneBuckets(
  series: OpenSeries,
  record: SeriesRecord,
  limit: number,
): Promise<Pruned & { readonly record: SeriesRecord }> {
  const { object, rollups } = series
  let removed = 0
  let after = record
  for (const rollup of object.definition.rollups) {
    const before = keptFrom(series, rollup)
    if (before === undefined || removed >= limit) continue
    const count = await rollups.delete(record, rollup.id, before, limit - removed)
    if (count > 0) after = { ...after, rolledUpFrom: { ...after.rolledUpFrom, [rollup.id]: before } }
    removed += count
  }
  return { removed, isDone: removed < limit, record: after }
}

/** Removes up to `limit` buckets of rollups that are no more; returns how many went. */
async function pruneDropped(
  { object, rollups }: OpenSeries,
  record: SeriesRecord,
  limit: number,
): Promise<number> {
  let removed = 0
  for (const id of object.definition.droppedRollups) {
    if (removed < limit) removed += await rollups.delete(record, id, undefined, limit - removed)
  }
  return removed
}

/** The start of the first bucket that a rollup keeps; undefined where it keeps all. */
function keptFrom(
  { context }: OpenSeries,
  { granularityMs, retentionMs }: RollupDefinition,
): number | undefined {
  return retentionMs === null ? undefined : endOfBucket(context.nowMs - retentionMs, granularityMs)
}

/** A step gets on, however little is left of its budget. */
function atLeastOne(limit: number): number {
  return Math.max(1, limit)
}
