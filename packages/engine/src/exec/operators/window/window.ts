/**
 * Window functions over rows that come in the order of their partitions. Where all calls only look back, rows go through
 * group by group; otherwise a partition is read to its end first: its rows may go to disk, what the calls look at may not.
 */
import type { Window } from '../../../plan/physical-plan.js'
import type { Row, Value } from '../../../scalar/value.js'
import type { Compiler } from '../../compile/compiler.js'
import type { Account } from '../../rows/account.js'
import { splitRows } from '../../rows/split-rows.js'
import type { Batches, Operator, Run } from '../../run.js'
import { CallRows, frameAggregate } from './frame-aggregate.js'
import { frameOffsets } from './frame-offsets.js'
import { FrameTracker, type Place } from './frame-tracker.js'
import { PartitionRows } from './partition-rows.js'
import { PartitionView } from './partition-view.js'
import { isRunning, runningWindow } from './running-window.js'
import { compileWindowShape, type WindowShape } from './window-shape.js'

export function compileWindow(plan: Window, compiler: Compiler): Operator {
  const shape = compileWindowShape(plan, compiler)
  if (isRunning(shape)) return runningWindow(shape)
  return async function* window(run) {
    const rowAccount = run.account(plan)
    const account = run.account(plan)
    const workAccount = run.account(plan)
    const partition = new PartitionRows(shape, rowAccount, account, run)
    let last: Row | undefined
    try {
      const calls = await openCalls(shape, partition, workAccount, run)
      for await (const batch of shape.input(run)) {
        for (const rows of splitRows(batch, shape.comparePartitions)) {
          const [first] = rows
          if (last !== undefined && first !== undefined && shape.comparePartitions(last, first) !== 0) {
            yield* results(shape, partition, calls, run)
          }
          last = rows.at(-1)
          await partition.add(rows)
        }
      }
      yield* results(shape, partition, calls, run)
    } finally {
      partition.clear()
      for (const each of [rowAccount, account, workAccount]) each.close()
    }
  }
}

interface OpenCalls {
  /** The row that all calls work on. */
  readonly place: Place
  readonly calls: readonly { reset(): void; result(): Value }[]
}

async function openCalls(
  shape: WindowShape,
  partition: PartitionRows,
  account: Account,
  run: Run,
): Promise<OpenCalls> {
  const place: Place = { position: 0, group: 0 }
  const calls: { reset(): void; result(): Value }[] = []
  for (const [index, call] of shape.calls.entries()) {
    const offsets = await frameOffsets(call, run)
    const tracker = new FrameTracker(call, offsets, partition, shape.orderKey, run.scalar)
    const view = new PartitionView(partition, index, tracker, call.call.frame.exclude, place)
    const { work } = call
    if (work.kind === 'window') {
      calls.push({ reset: () => tracker.reset(), result: () => work.evaluate(run.scalar, view) })
      continue
    }
    const aggregate = frameAggregate(new CallRows(partition, index, call, work, run), call, work, account)
    calls.push({
      reset: () => {
        tracker.reset()
        aggregate.reset()
      },
      result: () => aggregate.result(view.frame, view.parts()),
    })
  }
  return { place, calls }
}

/** The rows of the partition with the values of all calls; the partition is empty afterwards. */
async function* results(
  shape: WindowShape,
  partition: PartitionRows,
  { place, calls }: OpenCalls,
  run: Run,
): Batches {
  place.position = 0
  place.group = 0
  for (const call of calls) call.reset()
  const cursor = partition.rows.cursor()
  for (let batch = await cursor.next(); batch !== undefined; batch = await cursor.next()) {
    let rows: Row[] = []
    for (const row of batch) {
      if (run.isDue) {
        await run.spend(1)
        if (rows.length > 0) yield rows
        rows = []
      }
      if (place.position >= partition.groupStart(place.group + 1)) place.group++
      const output = row.length === shape.width ? row.slice() : row.slice(0, shape.width)
      for (const call of calls) output.push(call.result())
      rows.push(output)
      place.position++
    }
    const turn = run.spend(rows.length * (1 + calls.length))
    if (turn !== undefined) await turn
    if (rows.length > 0) yield rows
  }
  for (const call of calls) call.reset()
  partition.clear()
}
