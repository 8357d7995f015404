/**
 * Windows whose calls only look back: numbers of rows, and aggregates from the first row of the partition on. Only the
 * group of peers that the last row belongs to is kept, on disk where it is large.
 */
import type { Accumulator } from '../../../scalar/functions/function.js'
import type { Row, Value } from '../../../scalar/value.js'
import { RowBuffer } from '../../rows/row-buffer.js'
import type { Batches, Operator, Run } from '../../run.js'
import type { CallShape, WindowShape } from './window-shape.js'

/** `pg_proc.oid`. */
const ROW_NUMBER = 3100
const RANK = 3101
const DENSE_RANK = 3102

export function isRunning(shape: WindowShape): boolean {
  return shape.calls.every(looksBack)
}

function looksBack({ call, work }: CallShape): boolean {
  if (work.kind === 'window') return [ROW_NUMBER, RANK, DENSE_RANK].includes(call.function.oid)
  const { start, end, exclude } = call.frame
  return start.kind === 'unbounded' && end.kind === 'current' && exclude === 'no others'
}

export function runningWindow(shape: WindowShape): Operator {
  return async function* running(run) {
    const account = run.account(shape.plan)
    /** Rows of the last group so far; it may go on with the next batch. */
    const open = new RowBuffer(account, shape.sizeOf)
    const state = new RunningState(shape, run)
    let last: Row | undefined
    try {
      for await (const batch of shape.input(run)) {
        let at = 0
        if (last !== undefined) {
          at = state.endOfGroup(batch, 0, last)
          state.addGroup(batch, 0, at)
          await open.append(batch.slice(0, at))
          if (at < batch.length) {
            yield* state.resultsOf(open)
            state.passTo(last, batch[at] as Row)
          }
        }
        let ready: Row[] = []
        while (at < batch.length) {
          const row = batch[at] as Row
          const end = state.endOfGroup(batch, at + 1, row)
          state.addGroup(batch, at, end)
          if (end === batch.length) {
            await open.append(batch.slice(at))
            at = end
            break
          }
          state.beginResults()
          for (let from = at; from < end;) {
            if (run.isDue) {
              await run.spend(1)
              if (ready.length > 0) yield ready
              ready = []
            }
            from = state.addResults(batch, from, end, ready)
          }
          state.passTo(row, batch[end] as Row)
          at = end
        }
        last = batch.at(-1)
        const turn = run.spend(batch.length)
        if (turn !== undefined) await turn
        if (ready.length > 0) yield ready
      }
      yield* state.resultsOf(open)
    } finally {
      open.clear()
      account.close()
    }
  }
}

class RunningState {
  readonly #shape: WindowShape
  readonly #run: Run
  readonly #calls: readonly RunningCall[]
  /** Rows of the partition that have been put out. */
  #position = 0
  /** Groups of the partition, the present one included, and where that begins, from 1. */
  #groups = 0
  #groupFirst = 1

  constructor(shape: WindowShape, run: Run) {
    this.#shape = shape
    this.#run = run
    this.#calls = shape.calls.map((call) => new RunningCall(call, run))
  }

  /** The first of the rows from a position on that does not belong to the group of `row`. */
  endOfGroup(batch: readonly Row[], from: number, row: Row): number {
    const { comparePartitions, comparePeers } = this.#shape
    let at = from
    for (; at < batch.length; at++) {
      const other = batch[at] as Row
      if (comparePeers(row, other) !== 0 || comparePartitions(row, other) !== 0) break
    }
    return at
  }

  /** The next row begins another group, and perhaps another partition. */
  passTo(row: Row, next: Row): void {
    if (this.#shape.comparePartitions(row, next) === 0) return
    this.#position = 0
    this.#groups = 0
    for (const call of this.#calls) call.reset()
  }

  addGroup(batch: readonly Row[], from: number, to: number): void {
    for (const call of this.#calls) call.addGroup(batch, from, to)
  }

  beginResults(): void {
    this.#groups++
    this.#groupFirst = this.#position + 1
  }

  /** Stops where others are to have a turn, after one row at least. Gives the position of the next. */
  addResults(batch: readonly Row[], from: number, to: number, into: Row[]): number {
    const { width } = this.#shape
    let at = from
    while (at < to && (at === from || !this.#run.isDue)) {
      const row = batch[at++] as Row
      this.#position++
      const output = row.slice(0, width)
      for (const call of this.#calls) {
        output.push(call.result(row, this.#position, this.#groupFirst, this.#groups))
      }
      into.push(output)
    }
    return at
  }

  /** The rows of a group that was kept, which is empty afterwards. */
  async *resultsOf(group: RowBuffer): Batches {
    if (group.rowCount === 0) return
    this.beginResults()
    const cursor = group.cursor()
    for (let batch = await cursor.next(); batch !== undefined; batch = await cursor.next()) {
      for (let at = 0; at < batch.length;) {
        const rows: Row[] = []
        at = this.addResults(batch, at, batch.length, rows)
        const turn = this.#run.spend(rows.length)
        if (turn !== undefined) await turn
        yield rows
      }
    }
    group.clear()
  }
}

class RunningCall {
  readonly #shape: CallShape
  readonly #run: Run
  readonly #isByRow: boolean
  #accumulator: Accumulator | undefined
  #result: Value | undefined

  constructor(shape: CallShape, run: Run) {
    this.#shape = shape
    this.#run = run
    this.#isByRow = shape.call.frame.unit === 'rows'
    this.reset()
  }

  reset(): void {
    const { work } = this.#shape
    this.#accumulator = work.kind === 'aggregate' ? work.create() : undefined
    this.#result = undefined
  }

  /** Peers have the same frame, unless it goes by rows. */
  addGroup(batch: readonly Row[], from: number, to: number): void {
    if (this.#isByRow || this.#accumulator === undefined) return
    for (let at = from; at < to; at++) this.#add(batch[at] as Row)
  }

  result(row: Row, position: number, first: number, group: number): Value {
    if (this.#accumulator === undefined) {
      const { oid } = this.#shape.call.function
      return oid === ROW_NUMBER ? position : oid === RANK ? first : group
    }
    if (this.#isByRow) this.#add(row)
    this.#result ??= this.#accumulator.result(this.#run.scalar)
    return this.#result
  }

  #add(row: Row): void {
    const { args, filter, work } = this.#shape
    if (work.kind !== 'aggregate' || this.#accumulator === undefined) return
    if (filter !== undefined && filter(row, this.#run) !== true) return
    const values = args.map((arg) => ('constant' in arg ? arg.constant : arg.evaluate(row, this.#run)))
    if (work.isStrict && values.includes(null)) return
    this.#accumulator.add(this.#run.scalar, values)
    this.#result = undefined
  }
}
