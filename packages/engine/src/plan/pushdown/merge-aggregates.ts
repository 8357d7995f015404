/** Aggregates over what the store has made of parts of the rows, with the answers of those over the rows themselves. */
import { checkInt8 } from '../../scalar/functions/arithmetic/integer-range.js'
import type { Accumulator, AggregateFunction } from '../../scalar/functions/function.js'
import { divideNumeric } from '../../scalar/numeric/arithmetic.js'
import { Numeric } from '../../scalar/numeric/numeric.js'
import type { ScalarContext } from '../../scalar/scalar-context.js'
import { int64, type Int64, type Value } from '../../scalar/value.js'

/** Of counts. */
export function mergedCount(call: AggregateFunction): AggregateFunction {
  return merged(call, () => new CountSum())
}

/** Of sums and the numbers of values in them. */
export function mergedSum(call: AggregateFunction, result: SumResult): AggregateFunction {
  return merged(call, () => new TotalSum(result))
}

/** What comes of the sum of all and their number, neither of which is nothing. */
type SumResult = (sum: Numeric, count: bigint) => Value

export const sumAsInt8: SumResult = ({ digits }) => checkInt8(digits)
export const sumAsNumeric: SumResult = (sum) => sum
export const averageOf: SumResult = (sum, count) => divideNumeric(sum, new Numeric(count, 0))

function merged(call: AggregateFunction, create: () => Accumulator): AggregateFunction {
  const { name, oid, result, empty } = call
  return {
    kind: 'aggregate',
    name,
    oid,
    result,
    empty,
    parameters: [],
    isStrict: true,
    isInvertible: false,
    bind: () => create,
  }
}

class CountSum implements Accumulator {
  readonly sizeBytes = 0
  #sum = 0n

  add(_: ScalarContext, [count]: readonly Value[]): void {
    this.#sum += BigInt(count as Int64)
  }

  result(): Value {
    return int64(this.#sum)
  }
}

class TotalSum implements Accumulator {
  readonly sizeBytes = 0
  readonly #resultOf: SumResult
  #digits = 0n
  #scale = 0
  #count = 0n

  constructor(resultOf: SumResult) {
    this.#resultOf = resultOf
  }

  /** Sums of one column are of one scale. */
  add(_: ScalarContext, [sum, count]: readonly Value[]): void {
    const { digits, scale } = sum as Numeric
    this.#digits += digits
    this.#scale = scale
    this.#count += BigInt(count as Int64)
  }

  result(): Value {
    return this.#count === 0n ? null : this.#resultOf(new Numeric(this.#digits, this.#scale), this.#count)
  }
}
