/**
 * An aggregate over frames that move forward. How it gets from one frame to the next depends on what its accumulators
 * can do; only those that can neither take rows back nor be merged go through each frame anew.
 */
import { workMeter } from '../../../scalar/work-meter.js'
import type { Accumulator } from '../../../scalar/functions/function.js'
import type { Value } from '../../../scalar/value.js'
import type { Account } from '../../rows/account.js'
import type { Run } from '../../run.js'
import type { Frame } from './frame-tracker.js'
import type { PartitionRows } from './partition-rows.js'
import { SegmentTree } from './segment-tree.js'
import { SlidingMerge } from './sliding-merge.js'
import type { CallShape, CallWork } from './window-shape.js'

/** Of work, for what is added to a frame. */
const UNITS_PER_ROW = 0.25

export type AggregateWork = Extract<CallWork, { kind: 'aggregate' }>

/** The rows of one call, as its accumulators take them. */
export class CallRows {
  readonly #partition: PartitionRows
  readonly #call: number
  readonly #shape: CallShape
  readonly #work: AggregateWork
  readonly run: Run

  constructor(partition: PartitionRows, call: number, shape: CallShape, work: AggregateWork, run: Run) {
    this.#partition = partition
    this.#call = call
    this.#shape = shape
    this.#work = work
    this.run = run
  }

  get size(): number {
    return this.#partition.size
  }

  create(): Accumulator {
    return this.#work.create()
  }

  add(accumulator: Accumulator, position: number): void {
    const args = this.#arguments(position)
    workMeter.work(UNITS_PER_ROW)
    if (args !== undefined) accumulator.add(this.run.scalar, args)
  }

  remove(accumulator: Accumulator, position: number): void {
    const args = this.#arguments(position)
    if (args !== undefined) accumulator.remove?.(this.run.scalar, args)
  }

  /** Undefined when the row does not count. */
  #arguments(position: number): Value[] | undefined {
    if (!this.#partition.passes(this.#call, position)) return undefined
    const args = this.#shape.args.map((_arg, index) => this.#partition.argument(this.#call, index, position))
    return this.#work.isStrict && args.includes(null) ? undefined : args
  }
}

export interface FrameAggregate {
  /** To be called before the first row of a partition. */
  reset(): void
  /** @param parts what of the frame is not excluded, in order; each has its first and last position. */
  result(frame: Readonly<Frame>, parts: readonly Readonly<Frame>[] | undefined): Value
}

export function frameAggregate(
  rows: CallRows,
  shape: CallShape,
  work: AggregateWork,
  account: Account,
): FrameAggregate {
  const { exclude, start } = shape.call.frame
  if (exclude !== 'no others')
    return work.canMerge ? new TreeAggregate(rows, account) : new AnewAggregate(rows)
  const isGrowing = start.kind === 'unbounded'
  if (isGrowing || work.isInvertible) return new SlidingAggregate(rows)
  return work.canMerge ? new SlidingMerge(rows, account) : new AnewAggregate(rows)
}

/** Adds what comes into the frame, takes back what leaves it. */
class SlidingAggregate implements FrameAggregate {
  readonly #rows: CallRows
  #accumulator: Accumulator
  /** What the accumulator has: from `#first` to before `#end`. */
  #first = 0
  #end = 0
  #result: Value | undefined

  constructor(rows: CallRows) {
    this.#rows = rows
    this.#accumulator = rows.create()
  }

  reset(): void {
    this.#beginAt(0)
  }

  result(frame: Readonly<Frame>): Value {
    const { first, last } = frame
    if (first >= this.#end && this.#end > this.#first) this.#beginAt(first)
    if (this.#end === this.#first) this.#first = this.#end = Math.max(first, this.#first)
    for (; this.#first < first; this.#first++) this.#change('remove', this.#first)
    for (; this.#end <= last; this.#end++) this.#change('add', this.#end)
    this.#result ??= this.#accumulator.result(this.#rows.run.scalar)
    return this.#result
  }

  #change(what: 'add' | 'remove', position: number): void {
    this.#rows[what](this.#accumulator, position)
    this.#result = undefined
  }

  #beginAt(position: number): void {
    this.#accumulator = this.#rows.create()
    this.#first = position
    this.#end = position
    this.#result = undefined
  }
}

/** Goes on with a frame that begins where the last one did and reaches no less far; goes through any other anew. */
class AnewAggregate implements FrameAggregate {
  readonly #rows: CallRows
  #accumulator: Accumulator
  /** What the accumulator has: from `#first` to before `#end`. */
  #first = 0
  #end = 0
  #result: Value | undefined

  constructor(rows: CallRows) {
    this.#rows = rows
    this.#accumulator = rows.create()
  }

  reset(): void {
    this.#beginAt(0)
  }

  result(frame: Readonly<Frame>, parts: readonly Readonly<Frame>[] | undefined): Value {
    if (parts !== undefined) {
      this.#beginAt(frame.first)
      for (const { first, last } of parts) this.#addUpTo(first, last)
    } else {
      const isLonger = frame.first === this.#first && frame.last + 1 >= this.#end
      if (!isLonger) this.#beginAt(frame.first)
      this.#addUpTo(this.#end, frame.last)
    }
    this.#result ??= this.#accumulator.result(this.#rows.run.scalar)
    return this.#result
  }

  #addUpTo(from: number, last: number): void {
    for (let position = from; position <= last; position++) {
      this.#rows.add(this.#accumulator, position)
      this.#result = undefined
    }
    this.#end = Math.max(last + 1, this.#first)
  }

  #beginAt(position: number): void {
    this.#accumulator = this.#rows.create()
    this.#first = position
    this.#end = position
    this.#result = undefined
  }
}

/** Puts each frame together from parts that are aggregated already. */
class TreeAggregate implements FrameAggregate {
  readonly #rows: CallRows
  readonly #account: Account
  #tree: SegmentTree | undefined

  constructor(rows: CallRows, account: Account) {
    this.#rows = rows
    this.#account = account
  }

  reset(): void {
    this.#tree = undefined
  }

  result(frame: Readonly<Frame>, parts: readonly Readonly<Frame>[] | undefined): Value {
    this.#tree ??= new SegmentTree(this.#rows, this.#account)
    const accumulator = this.#rows.create()
    for (const { first, last } of parts ?? [frame]) this.#tree.mergeInto(accumulator, first, last)
    return accumulator.result(this.#rows.run.scalar)
  }
}
