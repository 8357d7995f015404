import type { Accumulator, AggregateFunction } from '../functions/function.js'
import type { Value } from '../value.js'
import { aggregate } from './define-aggregate.js'

class CountAccumulator implements Accumulator {
  readonly sizeBytes = 0
  #count = 0

  add(): void {
    this.#count++
  }

  remove(): void {
    this.#count--
  }

  merge(other: CountAccumulator): void {
    this.#count += other.#count
  }

  result(): Value {
    return this.#count
  }
}

const bind = () => (): Accumulator => new CountAccumulator()

export const countAggregates: readonly AggregateFunction[] = [
  aggregate('2803 count() int8', { bind, isInvertible: true, empty: 0 }),
  aggregate('2147 count(any) int8', { bind, isInvertible: true, empty: 0 }),
  aggregate('2818 regr_count(float8,float8) int8', { bind, empty: 0 }),
]
