import type { Accumulator, AggregateFunction } from '../functions/function.js'
import type { ScalarContext } from '../scalar-context.js'
import { addIntervals, divideInterval, subtractIntervals } from '../temporal/interval-arithmetic.js'
import { Interval } from '../temporal/interval.js'
import type { Value } from '../value.js'
import { aggregate } from './define-aggregate.js'

const ZERO = new Interval(0, 0, 0)

class IntervalTotal implements Accumulator {
  readonly sizeBytes = 0
  readonly #isAverage: boolean
  #count = 0
  #sum = ZERO

  constructor(isAverage: boolean) {
    this.#isAverage = isAverage
  }

  add(_: ScalarContext, args: readonly Value[]): void {
    this.#count++
    this.#sum = addIntervals(this.#sum, args[0] as Interval)
  }

  remove(_: ScalarContext, args: readonly Value[]): void {
    this.#count--
    this.#sum = subtractIntervals(this.#sum, args[0] as Interval)
  }

  merge(other: IntervalTotal): void {
    this.#count += other.#count
    this.#sum = addIntervals(this.#sum, other.#sum)
  }

  result(): Value {
    if (this.#count === 0) return null
    return this.#isAverage ? divideInterval(this.#sum, this.#count) : this.#sum
  }
}

export const intervalAggregates: readonly AggregateFunction[] = [
  aggregate('2113 sum(interval) interval', {
    bind: () => (): Accumulator => new IntervalTotal(false),
    isInvertible: true,
  }),
  aggregate('2106 avg(interval) interval', {
    bind: () => (): Accumulator => new IntervalTotal(true),
    isInvertible: true,
  }),
]
