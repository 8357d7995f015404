/** Ranges put together, ranges cut by each other, and sums of money. */
import { intersections } from '../functions/ranges/range-functions.js'
import type { Accumulator, AggregateFunction } from '../functions/function.js'
import type { RangeAlgebra } from '../ranges/range-algebra.js'
import { MultirangeValue, RangeValue } from '../ranges/range-value.js'
import type { ScalarContext } from '../scalar-context.js'
import { algebraOf } from '../types/range-types.js'
import { int64, type Int64, type Value } from '../value.js'
import { aggregate } from './define-aggregate.js'

const RANGE_BYTES = 100

class RangeUnion implements Accumulator {
  readonly #algebra: RangeAlgebra
  readonly #ranges: RangeValue[] = []
  #isNull = true

  constructor(algebra: RangeAlgebra) {
    this.#algebra = algebra
  }

  get sizeBytes(): number {
    return this.#ranges.length * RANGE_BYTES
  }

  add(_: ScalarContext, [value]: readonly Value[]): void {
    this.#isNull = false
    if (value instanceof MultirangeValue) this.#ranges.push(...value.ranges)
    else if (value instanceof RangeValue) this.#ranges.push(value)
  }

  result(): Value {
    return this.#isNull ? null : this.#algebra.multirange(this.#ranges)
  }
}

class RangeIntersection implements Accumulator {
  readonly sizeBytes = 0
  readonly #algebra: RangeAlgebra
  #left: RangeValue | MultirangeValue | null = null

  constructor(algebra: RangeAlgebra) {
    this.#algebra = algebra
  }

  add(_: ScalarContext, [value]: readonly Value[]): void {
    const left = this.#left
    if (value instanceof RangeValue)
      this.#left = left instanceof RangeValue ? this.#algebra.intersection(left, value) : value
    else if (value instanceof MultirangeValue)
      this.#left =
        left instanceof MultirangeValue
          ? this.#algebra.multirange(intersections(this.#algebra, left.ranges, value.ranges))
          : value
  }

  result(): Value {
    return this.#left
  }
}

class MoneySum implements Accumulator {
  readonly sizeBytes = 0
  #total = 0n
  #count = 0

  add(_: ScalarContext, [value]: readonly Value[]): void {
    this.#total += BigInt(value as Int64)
    this.#count++
  }

  remove(_: ScalarContext, [value]: readonly Value[]): void {
    this.#total -= BigInt(value as Int64)
    this.#count--
  }

  merge(other: MoneySum): void {
    this.#total += other.#total
    this.#count += other.#count
  }

  result(): Value {
    return this.#count === 0 ? null : int64(BigInt.asIntN(64, this.#total))
  }
}

const union: Pick<AggregateFunction, 'bind'> = {
  bind: (types) => {
    const algebra = algebraOf(types[0]?.scalar)
    return () => new RangeUnion(algebra)
  },
}
const intersection: Pick<AggregateFunction, 'bind'> = {
  bind: (types) => {
    const algebra = algebraOf(types[0]?.scalar)
    return () => new RangeIntersection(algebra)
  },
}

export const rangeAggregates: readonly AggregateFunction[] = [
  aggregate('4301 range_agg(anyrange) anymultirange', union),
  aggregate('6227 range_agg(anymultirange) anymultirange', union),
  aggregate('4450 range_intersect_agg(anyrange) anyrange', intersection),
  aggregate('4389 range_intersect_agg(anymultirange) anymultirange', intersection),
  aggregate('2112 sum(money) money', { bind: () => () => new MoneySum(), isInvertible: true }),
]
