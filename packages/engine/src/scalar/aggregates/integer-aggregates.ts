import type { Accumulator, AggregateFunction } from '../functions/function.js'
import { checkInt8 } from '../functions/arithmetic/integer-range.js'
import { divideNumeric } from '../numeric/arithmetic.js'
import { Numeric } from '../numeric/numeric.js'
import type { ScalarContext } from '../scalar-context.js'
import type { Int64, Value } from '../value.js'
import { aggregate } from './define-aggregate.js'

/** Sum and count of integers; as a number as long as it is a safe one. */
abstract class IntegerSum implements Accumulator {
  readonly sizeBytes = 0
  #small = 0
  #large = 0n
  protected count = 0

  add(_: ScalarContext, args: readonly Value[]): void {
    this.count++
    this.#change(args[0] as Int64, 1)
  }

  remove(_: ScalarContext, args: readonly Value[]): void {
    this.count--
    this.#change(args[0] as Int64, -1)
  }

  merge(other: IntegerSum): void {
    this.count += other.count
    this.#large += other.#large + BigInt(other.#small)
  }

  abstract result(): Value

  protected get sum(): bigint {
    return this.#large + BigInt(this.#small)
  }

  #change(value: Int64, sign: 1 | -1): void {
    if (typeof value === 'number') {
      const sum = this.#small + sign * value
      if (Number.isSafeInteger(sum)) {
        this.#small = sum
        return
      }
    }
    this.#large += BigInt(value) * BigInt(sign)
  }
}

class BigintSum extends IntegerSum {
  result(): Value {
    return this.count === 0 ? null : checkInt8(this.sum)
  }
}

class NumericSum extends IntegerSum {
  result(): Value {
    return this.count === 0 ? null : new Numeric(this.sum, 0)
  }
}

class IntegerAverage extends IntegerSum {
  result(): Value {
    if (this.count === 0) return null
    return divideNumeric(new Numeric(this.sum, 0), new Numeric(BigInt(this.count), 0))
  }
}

const bigintSum = { bind: () => (): Accumulator => new BigintSum(), isInvertible: true }
const average = { bind: () => (): Accumulator => new IntegerAverage(), isInvertible: true }

/** Sums are exact on the way: only a result out of range is an error. */
export const integerAggregates: readonly AggregateFunction[] = [
  aggregate('2109 sum(int2) int8', bigintSum),
  aggregate('2108 sum(int4) int8', bigintSum),
  aggregate('2107 sum(int8) numeric', {
    bind: () => (): Accumulator => new NumericSum(),
    isInvertible: true,
  }),
  aggregate('2102 avg(int2) numeric', average),
  aggregate('2101 avg(int4) numeric', average),
  aggregate('2100 avg(int8) numeric', average),
]
