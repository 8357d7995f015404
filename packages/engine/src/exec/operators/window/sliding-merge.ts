import type { Accumulator } from '../../../scalar/functions/function.js'
import type { Value } from '../../../scalar/value.js'
import type { Account } from '../../rows/account.js'
import type { CallRows, FrameAggregate } from './frame-aggregate.js'
import type { Frame } from './frame-tracker.js'

const ACCUMULATOR_BYTES = 100

/**
 * A frame in two halves, for accumulators that can be merged but take nothing back (`min`, sums of floats).
 *
 * Invariants:
 * 1. `#front[i]` has the rows from `#frontFirst + i` to before `#middle`; `#back` has those from `#middle` to before `#end`.
 * 2. When the frame has left the front behind, what is in the back becomes the front. So each row is added twice and
 *    merged once, at most.
 */
export class SlidingMerge implements FrameAggregate {
  readonly #rows: CallRows
  readonly #account: Account
  #front: Accumulator[] = []
  #frontFirst = 0
  #middle = 0
  #end = 0
  #back: Accumulator

  constructor(rows: CallRows, account: Account) {
    this.#rows = rows
    this.#account = account
    this.#back = rows.create()
  }

  reset(): void {
    this.#beginAt(0)
  }

  result(frame: Readonly<Frame>): Value {
    const { first, last } = frame
    if (first >= this.#end) this.#beginAt(Math.max(first, this.#end))
    for (; this.#end <= last; this.#end++) this.#rows.add(this.#back, this.#end)
    if (first >= this.#middle && first < this.#end && first > this.#frontFirst) this.#turnOver(first)
    const result = this.#rows.create()
    const front = this.#front[first - this.#frontFirst]
    if (front !== undefined) result.merge?.(front)
    if (last >= first) result.merge?.(this.#back)
    return result.result(this.#rows.run.scalar)
  }

  #turnOver(first: number): void {
    const front: Accumulator[] = new Array<Accumulator>(this.#end - first)
    let next: Accumulator | undefined
    for (let position = this.#end - 1; position >= first; position--) {
      const accumulator = this.#rows.create()
      this.#rows.add(accumulator, position)
      if (next !== undefined) accumulator.merge?.(next)
      front[position - first] = accumulator
      next = accumulator
    }
    this.#keep(front)
    this.#frontFirst = first
    this.#middle = this.#end
    this.#back = this.#rows.create()
  }

  #beginAt(position: number): void {
    this.#keep([])
    this.#frontFirst = position
    this.#middle = position
    this.#end = position
    this.#back = this.#rows.create()
  }

  #keep(front: Accumulator[]): void {
    this.#account.shrink(this.#front.length * ACCUMULATOR_BYTES)
    this.#front = front
    this.#account.grow(front.length * ACCUMULATOR_BYTES)
  }
}
