import type { Accumulator, AggregateFunction } from '../functions/function.js'
import type { Numeric } from '../numeric/numeric.js'
import type { ScalarContext } from '../scalar-context.js'
import type { Value } from '../value.js'
import { aggregate } from './define-aggregate.js'
import { NumericSum } from './numeric-sum.js'

class NumericTotal implements Accumulator {
  readonly sizeBytes = 64
  readonly #sum = new NumericSum()
  readonly #isAverage: boolean

  constructor(isAverage: boolean) {
    this.#isAverage = isAverage
  }

  add(_: ScalarContext, args: readonly Value[]): void {
    this.#sum.change(args[0] as Numeric, 1)
  }

  remove(_: ScalarContext, args: readonly Value[]): void {
    this.#sum.change(args[0] as Numeric, -1)
  }

  merge(other: NumericTotal): void {
    this.#sum.merge(other.#sum)
  }

  result(): Value {
    if (this.#sum.count === 0) return null
    return this.#isAverage ? this.#sum.average : this.#sum.total
  }
}

export const numericAggregates: readonly AggregateFunction[] = [
  aggregate('2114 sum(numeric) numeric', {
    bind: () => (): Accumulator => new NumericTotal(false),
    isInvertible: true,
  }),
  aggregate('2103 avg(numeric) numeric', {
    bind: () => (): Accumulator => new NumericTotal(true),
    isInvertible: true,
  }),
]
