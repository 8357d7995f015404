/**
 * Rolling up and retention: all series in one transaction, or in steps of one each.
 *
 * Invariants:
 * 1. A step takes series in order of id and stops where its budget is spent, in the middle of a series if need be: at
 *    the beginning of a bucket, or between two timestamps.
 * 2. What a step has done is in the records of its series (`rolledUpTo`, `prunedTo`) and in the mark of the retention,
 *    written with it. So work that was cut off goes on there, and a step that is repeated does nothing twice.
 * 3. The marks of a series are changed, and the buckets and removed points that go with them, only while all of its
 *    guards are held (`SeriesGuards`); they are locked for series that have something to be done, and no others.
 * 4. A step that conflicted begins anew with the locks that it came to, before it reads anything: so it does not conflict
 *    there again, however fast points are appended.
 */
import { OrbitError } from '@orbit-ts/base'
import { timeSeriesKeys } from '@orbit-ts/storage'
import { isPlainObject } from '../../filter/filter-tree.js'
import { StepBudget } from '../../txn/step-budget.js'
import { refuseAborted, type Stepper } from '../../txn/stepper.js'
import { REMOVE_MAX } from './delete-points.js'
import { LastLocks } from './last-locks.js'
import type { OpenSeries } from './open-series.js'
import { PointChecker } from './points.js'
import { pruneSeries } from './prune-series.js'
import { checkObject } from './series-queries.js'
import { GUARDS } from './series-guards.js'
import { COUNTER_ID } from './series-record.js'
import type { TagFilter } from './series-registry.js'

export interface RollUpOptions extends RetentionOptions {
  /** Buckets that end at or before this moment are completed. Default: now. */
  readonly until?: number | Date
  /** Which series. Default: all. */
  readonly tags?: TagFilter
}

export interface RetentionOptions {
  /** Ends the call between two series or steps, with ABORTED. What the steps have done stays done. */
  readonly signal?: AbortSignal
}

/** What a step has done. */
interface Step {
  /** Series that were completed, or points and buckets that were removed. */
  readonly count: number
  /** The last series that needs nothing more; undefined when all were seen. */
  readonly after: number | undefined
}

/** @returns how many series moved on */
export async function rollUp(series: OpenSeries, options: RollUpOptions): Promise<number> {
  return (await rollUpStep(series, options, COUNTER_ID, new StepBudget())).count
}

/** @returns how many points and buckets went */
export async function applyRetention(series: OpenSeries, options: RetentionOptions): Promise<number> {
  return (await retentionStep(series, options, COUNTER_ID, new StepBudget(), REMOVE_MAX)).count
}

export async function rollUpInSteps(
  stepper: Stepper,
  name: string,
  closing: AbortSignal,
  options: RollUpOptions = {},
): Promise<number> {
  let moved = 0
  let after: number | undefined = COUNTER_ID
  const locks = new LastLocks()
  const from = (): number => after ?? COUNTER_ID
  await stepper.run(
    (context, recordsMax) =>
      locks.inStep(context, name, (series) =>
        rollUpStep(series, options, from(), new StepBudget(recordsMax)),
      ),
    (step) => {
      locks.forget()
      moved += step.count
      after = step.after
      return after !== undefined
    },
    eitherSignal(options, closing),
  )
  return moved
}

/** Goes on where the last call, of whichever process, has stopped. */
export async function applyRetentionInSteps(
  stepper: Stepper,
  name: string,
  closing: AbortSignal,
  options: RetentionOptions = {},
): Promise<number> {
  let removed = 0
  const locks = new LastLocks()
  await stepper.run(
    (context, recordsMax) =>
      locks.inStep(context, name, async (series) => {
        const mark = await readMark(series)
        const step = await retentionStep(
          series,
          options,
          mark,
          new StepBudget(recordsMax),
          REMOVE_MAX - removed,
        )
        if (step.after !== mark) writeMark(series, step.after)
        return step
      }),
    (step) => {
      locks.forget()
      removed += step.count
      return step.after !== undefined && removed < REMOVE_MAX
    },
    eitherSignal(options, closing),
  )
  return removed
}

async function rollUpStep(
  { context, object, registry, rollups }: OpenSeries,
  options: RollUpOptions,
  from: number,
  budget: StepBudget,
): Promise<Step> {
  checkOptions(object, options)
  const { until, tags, signal } = options
  const end = new PointChecker(object, context.nowMs).timestamp(until ?? context.nowMs, 'until')
  let [count, after] = [0, from]
  if (object.definition.rollups.length === 0) return { count, after: undefined }
  for await (const records of registry.after(from, tags)) {
    for (const record of records) {
      refuseAborted(signal)
      if (budget.isSpent) return { count, after }
      if (!rollups.isComplete(record, end)) {
        const before = await registry.exclude(record)
        const completed = await rollups.complete(before, end, budget)
        budget.spend(GUARDS)
        if (completed.record !== before) registry.store(completed.record)
        if (!completed.isDone) return { count, after }
        if (completed.record !== before) count++
      }
      budget.spend(1)
      after = record.id
    }
  }
  return { count, after: undefined }
}

async function retentionStep(
  series: OpenSeries,
  options: RetentionOptions,
  from: number,
  budget: StepBudget,
  removeMax: number,
): Promise<Step> {
  checkOptions(series.object, options)
  const { signal } = options
  let [count, after] = [0, from]
  for await (const records of series.registry.after(from)) {
    for (const record of records) {
      refuseAborted(signal)
      if (budget.isSpent || count >= removeMax) return { count, after }
      const pruned = await pruneSeries(series, record, budget, removeMax - count)
      budget.spend(1)
      count += pruned.removed
      if (!pruned.isDone) return { count, after }
      after = record.id
    }
  }
  return { count, after: undefined }
}

function checkOptions(object: OpenSeries['object'], options: RetentionOptions): void {
  checkObject(object, options, 'options')
  if (options.signal === undefined || options.signal instanceof AbortSignal) return
  throw new OrbitError('INVALID_ARGUMENT', `time series "${object.name}": signal is no AbortSignal`, {
    field: 'signal',
  })
}

/** What is no signal is left for the first step to refuse. */
function eitherSignal(options: unknown, closing: AbortSignal): AbortSignal {
  const signal: unknown = isPlainObject(options) ? options['signal'] : undefined
  return signal instanceof AbortSignal ? AbortSignal.any([signal, closing]) : closing
}

/** The last series that the retention is done with, kept under the id that no series has. */
function markKey({ object }: OpenSeries): Uint8Array {
  return timeSeriesKeys.rollup(object.id, COUNTER_ID, 0, 0)
}

async function readMark(series: OpenSeries): Promise<number> {
  const stored = await series.context.storage.get(markKey(series))
  return stored === undefined ? COUNTER_ID : Number(Buffer.from(stored).toString())
}

function writeMark(series: OpenSeries, after: number | undefined): void {
  const { storage } = series.context
  if (after === undefined) storage.delete(markKey(series))
  else storage.put(markKey(series), Buffer.from(String(after)))
}
